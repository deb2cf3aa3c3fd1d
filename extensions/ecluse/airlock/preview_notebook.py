"""A notebook through nbconvert, with notes beside their cells and outputs.

nbconvert's own HTML templates load scripts from elsewhere, obey metadata that hides cells (`transient.remove_source`,
tags) and show one form of an output out of several. So the template here is our own: it shows every cell and every
form of every output, or says in the text that it does not.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters import strip_ansi
from nbformat import from_dict
from nbformat.v4.rwbase import rejoin_lines
from nbformat.validator import iter_validate
from traitlets import List

from .marks import mark_cells
from .notes import Note, Notes, Window, pages, worst_of
from .preview_image import is_png
from .render import clean, environment, preview_style, visible

FORMAT = 4
CELLS = 100
_RICHEST = ("text/html", "image/png", "text/markdown", "text/latex", "text/plain")
_DULL = frozenset({"kernelspec", "language_info"})


class ReviewExporter(TemplateExporter):
    """nbconvert with our template alone: no preprocessor, no template folder, no file of the machine."""

    default_preprocessors: Any = List([])
    file_extension = ".html"
    output_mimetype = "text/html"

    def _create_environment(self) -> Environment:
        return _environment()


@cache
def _environment() -> Environment:
    """Our templates with the filters of notebooks; kept, as compiling the template takes longer than filling it."""
    own = environment().overlay()
    own.filters = {**own.filters, "plain": plain, "forms": forms, "worst": worst_of, "json": _json}
    return own


def notebook_pages(content: bytes) -> int:
    """Pages of a notebook. Raises ValueError if it is none."""
    return pages(len(_read(content).cells), CELLS)


def notebook_document(content: bytes, path: str, notes: Notes, *, page: int, finding: int | None) -> str:
    """A page of the notebook. Raises ValueError if it is none."""
    notebook = _read(content)
    placed = notes.at(lambda p: p.cell is not None and p.cell < len(notebook.cells))
    wanted = notes.number(finding)
    if wanted is not None and wanted in placed:
        page = (wanted.place.cell or 0) // CELLS
    window = Window.of(len(notebook.cells), CELLS, page)
    by_cell: dict[int, list[Note]] = {}
    for note in placed:
        by_cell.setdefault(note.place.cell or 0, []).append(note)
    view = {
        "path": path,
        "style": preview_style(),
        "window": window,
        "notes": by_cell,
        "loose": notes.without(placed),
        "says": window.says("cells"),
        "language": str(notebook.metadata.get("language_info", {}).get("name", "python")),
        "metadata": _extra(notebook.metadata),
    }
    settings = {"template_paths": [], "template_file": "preview/notebook.html"}
    exporter = ReviewExporter(**settings)  # type: ignore[no-untyped-call] # nbconvert's constructor has no types
    html, _ = exporter.from_notebook_node(notebook, resources={"view": view})
    return str(html)


def forms(output: Mapping[str, Any], notes: list[Note]) -> list[tuple[str, Markup, str]]:
    """Every form of an output as (type, what to show, source to show on demand), the richest first.

    A bundle can show harmless text and carry a table of patients beside it; all of it would be released.
    """
    data = output["data"]
    order = [*(m for m in _RICHEST if m in data), *sorted(m for m in data if m not in _RICHEST)]
    return [(mime, *_form(mime, data[mime], notes)) for mime in order]


def _form(mime: str, value: Any, notes: list[Note]) -> tuple[Markup, str]:
    if mime == "image/png" and (picture := _picture(value)):
        return Markup('<img alt="Picture in this output" src="data:image/png;base64,{}">').format(picture), ""
    text = value if isinstance(value, str) else _json(value)
    if mime == "text/html":
        return mark_cells(clean(text), notes), text
    return Markup("<pre>{}</pre>").format(plain(text)), ""


def _picture(value: Any) -> str | None:
    try:
        content = b64decode("".join(str(value).split()), validate=True)
    except ValueError:
        return None
    return b64encode(content).decode("ascii") if is_png(content) else None


def plain(text: object) -> Markup:
    """Text of a terminal without its colours, escaped."""
    return visible(strip_ansi(str(text)))


def _read(content: bytes) -> Any:
    document = json.loads(content.decode("utf-8"))
    if not isinstance(document, dict) or document.get("nbformat") != FORMAT:
        raise ValueError(f"it is not a notebook of format {FORMAT}")
    if next(iter_validate(document), None) is not None:
        raise ValueError("it does not follow the format of notebooks")
    json.dumps(document, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no text: UnicodeEncodeError
    return rejoin_lines(from_dict(document))


def _extra(metadata: Mapping[str, Any]) -> str:
    rest = {k: v for k, v in metadata.items() if k not in _DULL}
    return _json(rest) if rest else ""


def _json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)
