"""Jupyter notebooks, rebuilt from an allow-list of keys and MIME types.

Nothing is stripped: what is not named here is not in the rebuilt notebook.

Kept: Markdown and code cells; of outputs streams, errors, `text/plain`, `text/latex`, `text/markdown`, PNG and JPEG
(decoded, encoded anew as PNG) and the tables of `text/html` (written anew); charts of Plotly, Vega-Lite and Bokeh as
picture, table and specification where their data are of groups (`ecluse.checks.charts`). Dropped: metadata at all three
levels, attachments, raw cells, widgets, `application/json`, JavaScript, SVG, other interactive plots, cell ids and
execution counts (numbered anew).

Worked example: an output with `text/html` and `text/plain` of one dataframe gives one table and one frame sign; the
rebuilt output has a plain `<table>` and the same text.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from ecluse.checks import charts, pictures
from ecluse.checks.facts import Facts, Place, Source
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Finding, Severity

from . import Rebuilt, Unreadable, markup, raster
from .aligned import answer
from .clean import clean
from .delimited import decode
from .layout import read_text
from .merging import merge
from .numbers import find_numbers
from .plain import clean_markdown, code_facts
from .trees import parse_json

NAME = "notebook"
_LANGUAGES = {"python": ("python3", "Python 3"), "r": ("ir", "R"), "julia": ("julia", "Julia"), "sql": ("sql", "SQL")}
_CELLS = 5000
_PICTURES = ("image/png", "image/jpeg")
_CHART = re.compile(r"application/vnd\.(?:plotly\.v1|vegalite\.v\d[\d.]*)\+json")
_BOKEH = ("application/vnd.bokehjs_exec.v0+json", "application/vnd.bokehjs_load.v0+json")
_CHARTED = {"text/html", "application/javascript", *_BOKEH}
_TEXTS = ("text/plain", "text/latex", "text/markdown")


@dataclass(slots=True)
class Output:
    """One output: its canonical JSON and the facts in it."""

    json: dict[str, Any]
    facts: Facts


@dataclass(slots=True)
class Document:
    """Canonical cells with their facts, the language, and what was left out with its place."""

    language: str = "python"
    cells: list[dict[str, Any]] = field(default_factory=list)
    facts: list[Facts] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)


def sniff(head: bytes, name: str) -> bool:
    """A JSON object that has cells; or the name, for one whose cells begin late."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"{") and (
        b'"cell_type"' in head or b'"nbformat"' in head or name.lower().endswith(".ipynb")
    )


def read(data: bytes, limits: Limits, name: str = "") -> Document:  # noqa: ARG001 - one interface
    """The canonical cells. Raises `Unreadable`."""
    book = parse_json(decode(data), limits)
    if not isinstance(book, dict) or book.get("nbformat") != 4 or not isinstance(book.get("cells"), list):
        raise Unreadable("file-malformed", "Not a notebook of format 4.", "Open it in JupyterLab and save it again.")
    if len(book["cells"]) > _CELLS:
        raise Unreadable("too-many-cells", f"The notebook has more than {_CELLS} cells.", "Split the notebook.")
    document = Document(language=_language(book))
    reader = _Reader(document, limits)
    for number, cell in enumerate(book["cells"]):
        reader.cell(number, cell)
    if any(k for k in _object(book.get("metadata")) if k not in ("kernelspec", "language_info")):
        reader.note("", Place(), "metadata of the notebook")
    return document


def _language(book: dict[str, Any]) -> str:
    meta = _object(book.get("metadata"))
    found = _object(meta.get("language_info")).get("name") or _object(meta.get("kernelspec")).get("language")
    name = str(found or "python").lower()
    return name if name in _LANGUAGES else "python"


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _joined(value: Any) -> str | None:
    """A multi-line string of the notebook format: a string, or a list of strings. None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return "".join(value)
    return None


@dataclass(slots=True)
class _Reader:
    document: Document
    limits: Limits
    pixels: int = 0
    runs: int = 0
    outputs: int = 0

    def at(self, *, output: bool = False) -> Place:
        """The place, in the rebuilt notebook, of the cell or output that is read now: reviewers see that notebook.

        What people are told (`where`) counts as the author's own notebook does, left-out cells included.
        """
        return Place(cell=len(self.document.cells), output=self.outputs if output else None)

    def note(self, where: str, place: Place, what: str, fix: str = "") -> None:
        """Say what was left out."""
        finding = Finding(
            rule="left-out",
            severity=Severity.NOTE,
            where=where,
            message=f"Left out of the rebuilt notebook: {what}.",
            fix=fix,
            place=place,
        )
        if finding not in self.document.notes:
            self.document.notes.append(finding)

    def cell(self, number: int, cell: Any) -> None:
        """Read one cell."""
        source = _joined(_object(cell).get("source"))
        kind = _object(cell).get("cell_type")
        if source is None or kind not in ("markdown", "code", "raw"):
            raise Unreadable(
                "file-malformed", f"Cell {number + 1} is not a cell.", "Open it in JupyterLab and save it again."
            )
        where, place = f"cell {number + 1}", self.at()
        if cell.get("attachments"):
            self.note(where, place, "pictures attached to the text", "Show the figure as an output of code.")
        if kind == "raw":
            self.note(where, Place(), "a raw cell", "Turn it into a Markdown cell.")
        elif kind == "markdown":
            text = clean_markdown(clean(source))
            self._add({"cell_type": "markdown", "metadata": {}, "source": text})
            self.document.facts.append(read_text(text, where, place, Source.PROSE))
        else:
            self._code(number, cell, clean(source))

    def _add(self, cell: dict[str, Any]) -> None:
        self.document.cells.append({"id": f"cell-{len(self.document.cells) + 1}", **cell})

    def _code(self, number: int, cell: dict[str, Any], source: str) -> None:
        outputs = cell.get("outputs", [])
        if not isinstance(outputs, list):
            raise Unreadable("file-malformed", f"Cell {number + 1} has no list of outputs.", "Run and save it again.")
        self.runs += 1
        count = self.runs if isinstance(cell.get("execution_count"), int) else None
        kept: list[dict[str, Any]] = []
        code = code_facts(source, self.document.language, f"cell {number + 1}", self.at())
        self.document.facts.append(code)
        for position, raw in enumerate(outputs):
            self.outputs = len(kept)
            output = self._output(number, position, _object(raw), count)
            if output is not None:
                kept.append(output.json)
                self.document.facts.append(output.facts)
                said = answer(source, _shown(output.json))
                where = f"cell {number + 1}, output {position + 1}"
                self.document.facts.append(Facts(numbers=tuple(find_numbers(said, where, self.at(output=True)))))
        self._add({"cell_type": "code", "execution_count": count, "metadata": {}, "outputs": kept, "source": source})

    def _output(self, number: int, position: int, raw: dict[str, Any], count: int | None) -> Output | None:
        where = f"cell {number + 1}, output {position + 1}"
        place = self.at(output=True)
        kind = raw.get("output_type")
        if kind == "stream" and (text := _joined(raw.get("text"))) is not None:
            plain = clean(text)
            name = "stderr" if raw.get("name") == "stderr" else "stdout"
            return Output({"name": name, "output_type": "stream", "text": plain}, read_text(plain, where, place))
        if kind == "error":
            return self._error(raw, where, place)
        if kind in ("display_data", "execute_result"):
            return self._display(number, position, raw, count)
        raise Unreadable(
            "file-malformed", f"{where}: unknown type of output.", "Run the cell and save the notebook again."
        )

    def _error(self, raw: dict[str, Any], where: str, place: Place) -> Output:
        name, value = clean(str(raw.get("ename", ""))), clean(str(raw.get("evalue", "")))
        trace = raw.get("traceback")
        lines = [clean(t) for t in trace if isinstance(t, str)] if isinstance(trace, list) else []
        shown = {"ename": name, "evalue": value, "output_type": "error", "traceback": lines}
        return Output(shown, read_text("\n".join([f"{name}: {value}", *lines]), where, place))

    def _display(self, number: int, position: int, raw: dict[str, Any], count: int | None) -> Output | None:  # noqa: C901 - one branch per allowed MIME type
        where, place = f"cell {number + 1}, output {position + 1}", self.at(output=True)
        data, kept, facts = _object(raw.get("data")), {}, []
        tokens: set[str] = set()
        for mime in _PICTURES:
            if (text := _joined(data.get(mime))) is not None and "image/png" not in kept:
                kept["image/png"], lettering = self._picture(text, number, where)
                facts.append(lettering.facts(where, place))
        if (text := _joined(data.get("text/html"))) is not None:
            page = markup.parse(text, self.limits)
            if page.tables:
                page.parts = [p for p in page.parts if not isinstance(p, markup.Picture)]
                kept["text/html"] = markup.render(page)
                facts.append(markup.facts(page, where, place))
                tokens = set(kept["text/html"].replace("<", " <").replace(">", "> ").split())
        for mime in _TEXTS:
            if (text := _joined(data.get(mime))) is not None:
                kept[mime] = clean_markdown(clean(text)) if mime == "text/markdown" else clean(text)
                if not _repeats(kept[mime], tokens):
                    facts.append(read_text(kept[mime], where, place))
        drawn = self._charts(data, kept, where, place)
        if drawn is not None:
            facts.append(drawn)
        for mime in sorted(set(data) - set(kept) - (_CHARTED if drawn is not None else set())):
            if mime != "image/jpeg" or "image/png" not in kept:
                self.note(
                    where,
                    place if kept else self.at(),
                    f"output of type {clean(str(mime))[:60]}",
                    "Show it as text, as a table or as PNG.",
                )
        if not kept:
            return None
        shown: dict[str, Any] = {"data": kept, "metadata": {}, "output_type": raw["output_type"]}
        if raw["output_type"] == "execute_result":
            shown["execution_count"] = count
        return Output(shown, merge(*facts))

    def _charts(self, data: dict[str, Any], kept: dict[str, Any], where: str, place: Place) -> Facts | None:
        """Keep the charts of an output as picture, table and specification; none where their data are of persons."""
        try:
            specs = {m: one for m, v in data.items() if _CHART.fullmatch(str(m)) and (one := charts.chart_of(v))}
            scripts = [t for m in ("text/html", "application/javascript") if (t := _joined(data.get(m)))]
            found = [*specs.values()] or [c for t in scripts if "{" in t for c in charts.chart_in_page(t)]
        except Unreadable as error:
            self.note(where, place if kept else self.at(), f"an interactive plot. {error.message}", error.fix)
            return None
        if not found:
            return None
        for mime, chart in specs.items():
            if chart.canonical is not None:
                kept[mime] = chart.canonical
        kept.setdefault("image/png", charts.as_base64(charts.picture(found)))
        if "text/html" not in kept:
            shown = [p for p in charts.parts(found) if not isinstance(p, markup.Picture)]
            kept["text/html"] = markup.render(markup.Page([*shown]))
        self.document.notes.append(charts.note(found, where, place))
        return merge(*(c.facts(where, place) for c in found))

    def _picture(self, text: str, number: int, where: str) -> tuple[str, pictures.Lettering]:
        """A picture anew, and what is written in it."""
        try:
            data = base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable(
                "file-malformed", f"Cell {number + 1}: a picture is not base64.", "Run the cell and save it again."
            ) from None
        picture = raster.decode(data, self.limits)
        self.pixels += picture.pixels.shape[0] * picture.pixels.shape[1]
        if self.pixels > self.limits.pixels * 4:
            raise Unreadable("picture-too-large", "The notebook's pictures are too large together.", "Use a lower dpi.")
        lettering = pictures.read(picture.pixels)
        rebuilt = raster.rebuild(replace(picture, lettering=lettering))
        place = self.at(output=True)
        self.document.notes += [n.model_copy(update={"where": where, "place": place}) for n in rebuilt.notes]
        return base64.b64encode(rebuilt.data).decode(), lettering


def _shown(output: dict[str, Any]) -> str:
    """The text of an output: what was printed, or the plain form of a result."""
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))


def _repeats(text: str, tokens: set[str]) -> bool:
    """Whether a text says nothing that the table beside it does not: its facts would only come twice."""
    if text.startswith("<") and text.rstrip().endswith(">") and "\n" not in text.strip():
        return not any(c in text for c in ":=") and len(text) < 100  # a bare `<Figure size … with 1 Axes>`
    ignored = {"...", "\\", "[", "]", "x", "rows", "columns]"}
    plain = {t for t in text.split() if t not in ignored and not t.startswith("[")}
    return bool(tokens) and all(t in tokens for t in plain)


def facts(document: Document) -> Facts:
    """Facts of all cells and outputs, in order."""
    return merge(*document.facts)


def rebuild(document: Document) -> Rebuilt:
    """A notebook of format 4.5 with canonical metadata."""
    kernel, title = _LANGUAGES[document.language]
    book = {
        "cells": document.cells,
        "metadata": {
            "kernelspec": {"display_name": title, "language": document.language, "name": kernel},
            "language_info": {"name": document.language},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(book, ensure_ascii=False, indent=1, sort_keys=True)
    return Rebuilt((text + "\n").encode(), ".ipynb", tuple(document.notes))
