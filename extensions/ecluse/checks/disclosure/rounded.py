"""A rounded version of a table of counts, where that loses less than masking a second cell.

Decides to which base the counts that stay are rounded. Worked example: Nord 4, Sud 20, Est 60, Total 84. Masking needs
Sud as a second mask and loses its 20 persons; with Nord `<11` and the rest rounded to 5 (20, 60, 85) Nord lies in 1 to
9, and the table is wrong by one person in all.

What is lost is how far the shown counts are from the true ones, totals times ten as for masks. Tables with percentages
or means are not rounded: those would undo it, or be wrong beside the counts. What is proposed has passed the auditor.
"""

import math
import time
from dataclasses import dataclass, replace

import numpy as np

from ecluse.checks.facts import Cell, Compound, Interval, Table, Value
from ecluse.rules.policy import OutputRules

from . import counts, figures, recover
from .grid import Grid
from .protect import FIGURES, cost
from .reading import read

BASES = (5, 10)


@dataclass(frozen=True, slots=True)
class Rounded:
    """A table whose shown counts are multiples of `base`, and how many persons it is wrong by."""

    table: Table
    base: int
    loss: float

    def sentence(self, minimum: int) -> str:
        """What to do, for people."""
        return (
            f"Or write '<{minimum}' for counts of 1 to {minimum - 1}, round all others to the nearest {self.base}, and "
            f"say 'counts rounded to {self.base}' in the file: that loses less."
        )


def rounded(table: Table, minimum: int, most: float, seconds: float) -> Rounded | None:
    """A rounded version that passes and loses less than `most`, or none that `seconds` of computing find."""
    grid = read(table)
    beside = [m for c, m in enumerate(grid.measures) if c not in grid.dimensions and m in FIGURES]
    if beside or grid.base > 1 or np.isfinite(grid.share).any() or _mixed(table):
        return None
    deadline = time.process_time() + seconds
    for base in BASES:
        made, loss = _version(grid, base, minimum)
        left = deadline - time.process_time()
        if loss >= most or left <= 0:
            continue
        again = read(made, bases=frozenset({base}))
        rules = OutputRules(minimum_count=minimum)
        objections = [*counts.find(again, minimum, lambda _: ""), *figures.find(again, rules)]
        audit = recover.audit([again], minimum, seconds=left)
        if again.base == base and audit is not None and audit.holds and not objections:
            return Rounded(made, base, loss)
    return None


def _mixed(table: Table) -> bool:
    return any(isinstance(cell, Compound) for row in table.cells for cell in row)


def _version(grid: Grid, base: int, minimum: int) -> tuple[Table, float]:
    """The table with its counts rounded, and what that loses."""
    few: Cell = Interval(-math.inf, float(minimum), f"<{minimum}", low_open=True, high_open=True)
    small = grid.small(minimum) | (grid.is_count & grid.bounded & (grid.low >= 1) & (grid.high < minimum))
    cells = [list(row) for row in grid.table.cells]
    loss = 0.0
    for row, column in np.argwhere(grid.is_count & (small | ~grid.hidden)):
        at = int(row), int(column)
        true = float(grid.low[at])
        if small[at]:
            cells[at[0]][at[1]] = few
            continue
        shown = math.floor(true / base + 0.5) * base
        cells[at[0]][at[1]] = Value(float(shown), str(shown))
        loss += abs(shown - true) * (cost(grid, *at) / true if true else 1.0)
    return replace(grid.table, cells=tuple(map(tuple, cells))), loss
