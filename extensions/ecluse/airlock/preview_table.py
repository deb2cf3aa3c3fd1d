"""A table of a CSV file, with the cells that findings are about outlined and the notes below their rows."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from .notes import Note, Notes, Window, pages, worst_of
from .render import preview_document

CELLS = 10_000
"""Cells on one page: what a browser lays out at once without a wait."""
SHORT = 40
"""Characters of a cell that stay on one line."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with the notes about it."""

    text: str
    notes: tuple[Note, ...]

    @property
    def classes(self) -> str:
        """Classes of the cell: its outline, and whether it is short enough to stay on one line."""
        worst = worst_of(self.notes)
        return " ".join(filter(None, [f"hit {worst}" if worst else "", "short" if len(self.text) <= SHORT else ""]))


@dataclass(frozen=True, slots=True)
class Row:
    """A row, numbered as people count, with the notes about it or about its cells."""

    number: int
    cells: tuple[Cell, ...]
    notes: tuple[Note, ...]

    @property
    def worst(self) -> str:
        """Severity of the highlight; empty for none."""
        return worst_of(self.notes)


def table_pages(content: bytes, delimiter: str) -> int:
    """Pages of a table. Raises ValueError if it can't be read."""
    rows = _rows(content, delimiter)
    return pages(len(rows) - 1, _page_size(rows))


def table_document(content: bytes, delimiter: str, path: str, notes: Notes, *, page: int, finding: int | None) -> str:
    """A page of the table. Raises ValueError if it can't be read."""
    grid = _rows(content, delimiter)
    header, rows = (grid[0], grid[1:]) if grid else ([], [])
    size = _page_size(grid)
    by_row: dict[int, list[Note]] = {}
    for note in notes.at(lambda p: p.row is not None):
        by_row.setdefault(_row_of(note), []).append(note)
    placed = [n for number, found in by_row.items() if -1 <= number < len(rows) for n in found]
    heading = [*by_row.get(-1, []), *notes.at(lambda p: p.row is None and p.column is not None)]
    heading = [n for n in heading if n.place.column is None or n.place.column < len(header)]
    wanted = notes.number(finding)
    if wanted is not None and wanted in placed:
        page = _row_of(wanted) // size
    window = Window.of(len(rows), size, page)
    return preview_document(
        "table.html",
        path=path,
        header=[Cell(text, _of_column(heading, n)) for n, text in enumerate(header)],
        columns=heading,
        rows=[_row(number, rows[number], by_row.get(number, [])) for number in range(window.start, window.stop)],
        width=max((len(r) for r in grid), default=0) + 2,
        loose=notes.without([*placed, *heading]),
        says=f"{window.says('rows')} {len(header)} columns.",
    )


def _row_of(note: Note) -> int:
    """The row below the first line of the file that a note is about; -1 is that first line.

    A place's `line` is where the rows of its table begin: behind a header of two lines, or in the second table.
    """
    line = 1 if note.place.line is None else note.place.line
    return line + (note.place.row or 0) - 1


def _row(number: int, texts: Sequence[str], notes: Sequence[Note]) -> Row:
    cells = tuple(Cell(text, _of_column(notes, n)) for n, text in enumerate(texts))
    return Row(number + 1, cells, tuple(notes))


def _of_column(notes: Sequence[Note], column: int) -> tuple[Note, ...]:
    return tuple(n for n in notes if n.place.column == column)


def _page_size(rows: Sequence[Sequence[str]]) -> int:
    width = max((len(r) for r in rows), default=1) or 1
    return max(10, CELLS // width)


def _rows(content: bytes, delimiter: str) -> list[list[str]]:
    text = content.decode("utf-8-sig")
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ValueError(f"it is not a table: {error}") from error
