"""Text, line by line, with numbers."""

from markupsafe import Markup

from .notes import Note, Notes, Window, pages, worst_of
from .render import preview_document

LINES = 1000


def source_document(content: bytes, path: str, notes: Notes, shown: Markup) -> str:
    """A text that is also shown as what it stands for, such as a drawing. Raises ValueError if it is not UTF-8."""
    lines = list(enumerate(_lines(content), 1))
    return preview_document("source.html", path=path, lines=lines, loose=notes.notes, shown=shown)


def text_pages(content: bytes) -> int:
    """Pages of a text. Raises ValueError if it is not UTF-8."""
    return pages(len(_lines(content)), LINES)


def text_document(content: bytes, path: str, notes: Notes, *, page: int, finding: int | None) -> str:
    """A page of the text, each note after its line. Raises ValueError if it is not UTF-8."""
    lines = _lines(content)
    placed = notes.at(lambda p: p.line is not None and p.line < len(lines))
    wanted = notes.number(finding)
    if wanted in placed and wanted is not None:
        page = (wanted.place.line or 0) // LINES
    window = Window.of(len(lines), LINES, page)
    by_line: dict[int, list[Note]] = {}
    for note in placed:
        by_line.setdefault(note.place.line or 0, []).append(note)
    shown = [
        (number + 1, lines[number], by_line.get(number, []), worst_of(by_line.get(number, [])))
        for number in range(window.start, window.stop)
    ]
    return preview_document("text.html", path=path, lines=shown, loose=notes.without(placed), says=window.says("lines"))


def _lines(content: bytes) -> list[str]:
    lines = content.decode("utf-8").replace("\r\n", "\n").split("\n")
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines
