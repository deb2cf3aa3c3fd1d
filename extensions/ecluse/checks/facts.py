"""What a file says, whatever its format: tables, numbers in text, series, passages, code and structural signs.

Decides nothing. Kinds make facts, the rules of `disclosure`, `identifiers` and `records` read them.

Worked example: the CSV `région,n` / `Nord,<11` / `Total,1 234` gives one `Table` with `columns == ("région", "n")`,
`stub == 1`, `rows == ("Nord", "Total")` and the cells
`((Text("Nord"), Interval(-inf, 11, high_open=True, text="<11")), (Text("Total"), Value(1234, "1 234", 0)))`.
`cells` holds every column, the stub's too; `stub` says how many leading columns are row labels.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from ecluse.rules.finding import Place


@dataclass(frozen=True, slots=True)
class Value:
    """A number that can be read exactly. `92,3 %` is `Value(92.3, "92,3 %", 1, "%")`: percentages keep their size."""

    number: float
    text: str
    decimals: int = 0
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """A number known within bounds: `<11`, `≥ 20`, `5-10`, `[0.8; 1.2]`. Open ends are infinite."""

    low: float
    high: float
    text: str
    low_open: bool = False
    high_open: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Masked:
    """A cell that says that its value is withheld: `*`, `x`, `[c]`, `secret`, `—`."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words, a date, a code, or nothing at all. Missing values (`NaN`, `NA`, empty) are texts, for rules to judge."""

    text: str

    @property
    def blank(self) -> bool:
        """Whether the cell shows no value: a blank in a column of counts may be a mask."""
        return self.text.strip().casefold() in BLANKS


@dataclass(frozen=True, slots=True)
class Compound:
    """Several numbers in one cell: `123 (45,6 %)`, `1.20 (0.81–1.77)`. `parts` in order of appearance."""

    parts: tuple["Value | Interval | Masked", ...]
    text: str


Cell: TypeAlias = Value | Interval | Masked | Text | Compound

BLANKS = frozenset({"", "nan", "na", "n/a", "<na>", "none", "null", "nat", "#n/a"})
"""Texts (case folded) that say that nothing is there."""


@dataclass(frozen=True, slots=True)
class Table:
    """A rectangle of cells with labels. Every row of `cells` has `len(columns)` cells.

    `where` says the table's place to people, `place` to programs; `place.line` of the table is the line of its first
    row of cells in the file's own grid where it has one (an Excel sheet, a CSV, a text); rows are counted from there.
    `header` is false where no header was recognised; `columns` are then `""`. Labels of several header rows are
    joined by ` / `. `index` is true where the stub is a dataframe's index.
    """

    columns: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    name: str = ""
    where: str = ""
    place: Place = field(default_factory=Place)
    stub: int = 0
    header: bool = True
    index: bool = False

    @property
    def rows(self) -> tuple[str, ...]:
        """Row labels: the texts of the stub's cells, joined by ` / `."""
        return tuple(self.label_of(row) for row in range(len(self.cells)))

    def label_of(self, row: int) -> str:
        """The label of one row."""
        return " / ".join(filter(None, (c.text for c in self.cells[row][: self.stub])))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, stub included, header not."""
        return len(self.cells), len(self.columns)

    def column(self, number: int) -> tuple[Cell, ...]:
        """The cells of one column, top to bottom."""
        return tuple([row[number] for row in self.cells])

    def place_of(self, row: int, column: int) -> Place:
        """The place of a cell; `row` and `column` count from 0 within `cells`."""
        return self.place.model_copy(update={"row": row, "column": column})

    def where_of(self, row: int, column: int) -> str:
        """The place of a cell for people: `cell 4, output 1, row 'Nord', column 'n'`."""
        label = self.label_of(row)
        parts = [
            self.where,
            f"row {label[:80]!r}" if label else f"row {row + 1}",
            f"column {self.columns[column][:80]!r}" if self.columns[column] else f"column {column + 1}",
        ]
        return ", ".join(p for p in parts if p)[:300]


@dataclass(frozen=True, slots=True)
class TextNumber:
    """A number in running text. `before` and `after` are up to 60 characters on each side, on the same line."""

    value: Value | Interval
    before: str
    after: str
    where: str = ""
    place: Place = field(default_factory=Place)

    @property
    def number(self) -> float:
        """The number, or an interval's upper end."""
        return self.value.number if isinstance(self.value, Value) else self.value.high

    @property
    def context(self) -> str:
        """The number with what stands around it."""
        return f"{self.before}{self.value.text}{self.after}"


class SeriesKind(StrEnum):
    """How a series is drawn."""

    POINTS = "points"
    LINE = "line"
    BARS = "bars"
    HISTOGRAM = "histogram"
    BOX = "box"
    LABELS = "labels"
    """Whole numbers written beside the marks of a picture; `labels` are its texts, a turned one begins with `|`."""
    AXIS = "axis"
    """The ticks of an axis of a picture; `labels` has its name."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Series:
    """Data behind a plot, as far as readable. `xs` and `ys` are numbers where they are numbers, else `labels`."""

    kind: SeriesKind
    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    name: str = ""
    where: str = ""
    place: Place = field(default_factory=Place)


OUTLIERS, THREADS, SQUARES = "above each other", "side by side", "in a code"
"""The `text` of a sign of marks that stand above each other at uneven heights, of one of curves, of one of modules."""


class Source(StrEnum):
    """Where a passage comes from. Axis ticks are not counts, code is not a result."""

    PROSE = "prose"
    OUTPUT = "output"
    CODE = "code"
    CELLS = "cells"
    LABEL = "label"
    PICTURE = "picture"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Passage:
    """Text that a person can read, for identifiers. Tables' texts come again as passages, one per row.

    `place.line` is the passage's first line where lines make sense.
    """

    text: str
    source: Source = Source.PROSE
    where: str = ""
    place: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Code:
    """Source code that stays in the rebuilt file."""

    text: str
    language: str = ""
    where: str = ""
    place: Place = field(default_factory=Place)


class SignKind(StrEnum):
    """Structural signs of person-level data."""

    FRAME = "frame"
    """The raw display of a dataframe (HTML class `dataframe`, or pandas' text layout)."""
    SHAPE = "shape"
    """`N rows × M columns`, or the like: `rows` and `columns` say which."""
    RUNNING_INDEX = "running-index"
    """A stub of 0, 1, 2 … or 1, 2, 3 …: rows without names."""
    TRUNCATED = "truncated"
    """Rows of dots: a display of the first and last rows of something longer."""
    MARKERS = "markers"
    """`rows` repeated marks in a drawing: a scatter of persons."""
    ARRAY = "array"
    """`rows` × `columns` numbers in a model or a binary array."""


@dataclass(frozen=True, slots=True)
class Sign:
    """One structural sign. `table` is the position of the table in `Facts.tables` that it is about."""

    kind: SignKind
    where: str = ""
    place: Place = field(default_factory=Place)
    rows: int | None = None
    columns: int | None = None
    table: int | None = None
    text: str = ""


Signs: TypeAlias = tuple[Sign, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a file says."""

    tables: tuple[Table, ...] = ()
    numbers: tuple[TextNumber, ...] = ()
    passages: tuple[Passage, ...] = ()
    series: tuple[Series, ...] = ()
    code: tuple[Code, ...] = ()
    signs: Signs = ()


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The facts of one file of a request, or of an earlier release (`request` is then that request's id)."""

    path: str
    kind: str
    sha256: str
    facts: Facts
    request: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What a check knows beside the files. All of it is optional; what is absent can't be checked and is said so.

    `released` are the facts of what the project has released before, for differencing; `record_index` the folder of
    the keyed index of the project's extract; `pseudonyms` the extract's own pseudonyms in clear, where known.
    """

    project: str = ""
    released: tuple[FileFacts, ...] = ()
    record_index: Path | None = None
    pseudonyms: frozenset[str] = frozenset()
    today: date | None = None


def values(cell: Cell) -> Iterator[Value]:
    """The exact numbers of a cell: one of a `Value`, several of a `Compound`, none of the others."""
    if isinstance(cell, Value):
        yield cell
    elif isinstance(cell, Compound):
        yield from (part for part in cell.parts if isinstance(part, Value))


__all__ = [
    "BLANKS",
    "Cell",
    "Code",
    "Compound",
    "Context",
    "Facts",
    "FileFacts",
    "Interval",
    "Masked",
    "Passage",
    "Place",
    "Series",
    "SeriesKind",
    "Sign",
    "SignKind",
    "Signs",
    "Source",
    "Table",
    "Text",
    "TextNumber",
    "Value",
    "values",
]
