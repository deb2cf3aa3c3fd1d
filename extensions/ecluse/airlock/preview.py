"""Shows a rebuilt file to reviewers, each finding beside the place that it is about.

Worked example: a CSV of 12 rows with `Finding(rule="small-count", place=Place(row=2, column=1))` becomes a table;
the third row's second cell is outlined, and below that row stands the note `finding-1`. Findings without a place,
or whose place is not in the rebuilt file, stand at the top: none is dropped.

Everything in a file is hostile. The document that comes out has no script, no link, no address to load from, and
is served with `render.preview_headers` into a sandboxed frame. A file that can't be read is not shown at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ecluse.rules.finding import Finding

from .notes import Notes
from .preview_image import drawing, image_document, picture_size
from .preview_notebook import notebook_document, notebook_pages
from .preview_table import table_document, table_pages
from .preview_text import source_document, text_document, text_pages
from .render import clean, preview_document

DELIMITERS = {"csv": ",", "tsv": "\t"}
TEXTS = frozenset({"text", "txt", "markdown", "json", "yaml", "python", "r", "sql", "log", "latex"})

SHORT_LINES, SHORT_PIXELS = 9, 360


class NotShownError(ValueError):
    """The bytes are not what their kind says, so there is nothing that a reviewer could trust to see."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How much room a preview takes: its pages, and whether one screen shows it whole."""

    pages: int = 1
    short: bool = False


def extent(content: bytes, kind: str) -> Extent:
    """The extent of a file's preview; of one that can't be shown, a short page that says so."""
    try:
        if kind == "notebook":
            return Extent(notebook_pages(content))
        if kind == "png":
            return Extent(short=picture_size(content)[1] < SHORT_PIXELS)
        short = content.count(b"\n") < SHORT_LINES
        if kind in DELIMITERS:
            return Extent(table_pages(content, DELIMITERS[kind]), short)
        return Extent(text_pages(content), short) if kind in TEXTS else Extent(short=True)
    except (ValueError, RecursionError):
        return Extent(short=True)


def preview(
    content: bytes, kind: str, path: str, findings: Sequence[Finding] = (), *, page: int = 0, finding: int | None = None
) -> str:
    """The file as a complete HTML document.

    Args:
        content: bytes of the rebuilt file.
        kind: its kind by content, as in `FileReport.kind`.
        path: shown as the document's title.
        findings: of the file's report; the n-th (from 1) gets the anchor `finding-n`.
        page: which page of a long file, from 0; beyond the last shows the last.
        finding: number (from 1) of a finding whose page is wanted instead.
    """
    notes = Notes.of(findings)
    try:
        return _document(content, kind, path, notes, page, finding)
    except (ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        return preview_document("none.html", path=path, notes=notes, kind=kind, reason=reason, size=len(content))


def _document(content: bytes, kind: str, path: str, notes: Notes, page: int, finding: int | None) -> str:
    if kind == "notebook":
        return notebook_document(content, path, notes, page=page, finding=finding)
    if kind in DELIMITERS:
        return table_document(content, DELIMITERS[kind], path, notes, page=page, finding=finding)
    if kind in TEXTS:
        return text_document(content, path, notes, page=page, finding=finding)
    if kind == "png":
        return image_document(content, path, notes)
    if kind == "svg":
        return source_document(content, path, notes, drawing(content))
    if kind == "html":
        return source_document(content, path, notes, clean(content.decode("utf-8")))
    raise NotShownError(f"there is no preview for files of kind '{kind}'")
