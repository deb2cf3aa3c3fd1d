"""A table with its counts read: what the rules of this room look at.

Decides nothing: `reading` fills it. Worked example: of the columns `région`, `n`, `%` the first is a dimension, the
second has counts; a cell `<11` of it has `hidden` and `bounded` set, `low` 0 and `high` 10.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ecluse.checks.facts import Table
from ecluse.rules.finding import Place

from . import periods
from .rounding import Blur
from .words import Measure, heading_n, is_margin


@dataclass(slots=True)
class Grid:
    """A table with its counts read. Arrays have the table's shape; `low` and `high` are NaN where there is no count.

    `hidden` marks counts that are not shown; `bounded` those whose mask says an upper bound; `share` holds the
    percentage that stands in the same cell, with its half unit of rounding in `slack`. `sure` is false for columns
    that only their values make counts. `base` is what the counts are rounded to, 1 for not at all; `low` and `high` of
    a rounded count are what the cell shows. `share_rows` are unnamed
    rows of the percentages of the row above, `references` those whose label ends before the level compared with.
    """

    table: Table
    path: str
    request: str
    labels: list[tuple[str, ...]]
    columns: tuple[str, ...]
    measures: list[Measure]
    row_measures: list[Measure]
    is_count: NDArray[np.bool_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    hidden: NDArray[np.bool_]
    bounded: NDArray[np.bool_]
    number: NDArray[np.float64]
    decimals: NDArray[np.int64]
    share: NDArray[np.float64]
    slack: NDArray[np.float64]
    exact: NDArray[np.bool_]
    sure: list[bool]
    dimensions: list[int] = field(default_factory=list)
    base: int = 1
    share_rows: list[int] = field(default_factory=list)
    references: frozenset[int] = frozenset()

    @property
    def counts(self) -> list[int]:
        """Columns that hold at least one count."""
        return [int(c) for c in np.flatnonzero(self.is_count.any(axis=0))]

    def small(self, minimum: int) -> NDArray[np.bool_]:
        """Shown counts of 1 to minimum − 1 persons; of rounded ones, those that can stand for nothing else."""
        most = self.low + Blur.NEAREST.interval(0.0, self.base)[1]
        found: NDArray[np.bool_] = self.is_count & ~self.hidden & (self.low >= 1) & (most < minimum)
        return found

    def label(self, row: int) -> str:
        """The row's name for people."""
        return " / ".join(filter(None, self.labels[row])) or f"row {row + 1}"

    def name(self, row: int, column: int) -> str:
        """The cell's name for people: `Nord/Femmes`."""
        heading = self.columns[column]
        return f"{self.label(row)}/{heading}" if heading else self.label(row)

    def where(self, row: int, column: int) -> str:
        """The cell's place for people."""
        heading = self.columns[column]
        parts = [
            self.table.where,
            f"row {self.label(row)[:80]!r}" if any(self.labels[row]) else f"row {row + 1}",
            f"column {heading[:80]!r}" if heading else f"column {column + 1}",
        ]
        return ", ".join(filter(None, parts))[:300]

    def place(self, row: int, column: int) -> Place:
        """The cell's place for programs."""
        return self.table.place_of(row, column)


def group_sizes(grid: Grid) -> dict[int, int]:
    """Sizes of groups that headings give, by column: `Arm A (n=120)`."""
    found = {c: heading_n(text) for c, text in enumerate(grid.columns)}
    return {c: n for c, n in found.items() if n is not None}


def margin_rows(grid: Grid) -> NDArray[np.bool_]:
    """Rows of which a label names a total, or a period that holds those of other rows."""
    found = np.array([any(is_margin(part) for part in label) for label in grid.labels], dtype=np.bool_)
    for dimension in range(len(grid.labels[0]) if grid.labels else 0):
        found[list(periods.totals([label[dimension] for label in grid.labels]))] = True
    return found


def margin_columns(grid: Grid, columns: list[int]) -> list[int]:
    """Those of some columns of counts whose heading names a total, or a period that holds those of others."""
    held = periods.totals([grid.columns[c] for c in columns])
    parts = {c: (grid.columns[c], *grid.columns[c].split(" / ")) for c in columns}
    return [c for n, c in enumerate(columns) if n in held or any(map(is_margin, parts[c]))]
