"""A safe version of a table of counts, with little lost.

Decides which cells to mask so that the table passes its own auditor. Worked example: Nord 4, Sud 20, Est 60, Total 84.
Nord becomes `<11`; the total would give it back, so the smallest other cell, Sud, becomes `*` as well: then Nord lies
in 1..10 and Sud in 14..23, and Est and the total stay.

Greedy: mask what is small, ask the auditor (`recover.audit`) which masks fail, mask the cheapest cell that shares an
equation with each of them, repeat; at the end take back every mask that turned out not to be needed. Cost is the count
lost, and ten times that for totals. What is proposed has passed the same check that decides on the request.
"""

from dataclasses import dataclass, replace

import numpy as np

from ecluse.checks.facts import Cell, Interval, Masked, Table
from ecluse.rules.policy import OutputRules

from . import counts, figures, recover, ties
from .ledger import CellKey, Ledger
from .reading import Grid, read
from .words import Measure, is_margin

ROUNDS = 40
MOST_CELLS = 1500
"""Counts of a table beyond which no version is sought."""
MARGIN_COST = 10.0
_FIGURES = frozenset({Measure.MEAN, Measure.SPREAD, Measure.PERCENTILE, Measure.AMOUNT, Measure.PERCENT, Measure.RATE})

Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Protected:
    """A table that passes: `small` became `<minimum`, `others` and `figures` became `*`. Positions: (row, column)."""

    table: Table
    small: tuple[Position, ...]
    others: tuple[Position, ...]
    figures: tuple[Position, ...]

    def sentence(self, grid: Grid, minimum: int) -> str:
        """What to do, for people, in the names of the original table."""
        parts = [_listed(grid, self.small, f"Write '<{minimum}' for ")]
        parts.append(_listed(grid, self.others, "and '*' for " if self.small else "Write '*' for "))
        parts.append(_listed(grid, self.figures, "; blank "))
        return "".join(part + " " for part in parts if part).strip() + ". By itself the table then passes."


def _listed(grid: Grid, cells: tuple[Position, ...], before: str) -> str:
    names = [repr(grid.name(row, column)) for row, column in cells[:12]]
    more = f" and {len(cells) - 12} more" if len(cells) > 12 else ""  # noqa: PLR2004 - as many as are still read
    return f"{before}{', '.join(names)}{more}" if cells else ""


def protect(table: Table, minimum: int) -> Protected | None:
    """A version of the table that passes, or none where masking alone does not get there.

    `minimum` is the minimum count. Only counts of 1..minimum−1 are changed to `<minimum`; nothing is rounded.
    """
    grid = read(table)
    if int(grid.is_count.sum()) > MOST_CELLS:
        return None
    small = {
        (int(r), int(c))
        for r, c in np.argwhere(grid.is_count & (grid.low >= 1) & (grid.low < minimum) & ~(grid.hidden & ~grid.bounded))
    }
    others: set[Position] = set()
    for _ in range(ROUNDS):
        trial = _build(grid, small, others, minimum)
        audit = recover.audit([trial], minimum)
        weak = audit.weak
        if not weak:
            others = _pruned(grid, small, others, minimum)
            return _finished(grid, small, others, minimum)
        fresh = _next(grid, trial, [w.cell for w in weak], small | others)
        if not fresh:
            return None
        others |= fresh
    return None


def _build(grid: Grid, small: set[Position], others: set[Position], minimum: int) -> Grid:
    return read(_masked(grid, small, others, _figures_of(grid, small), minimum))


def _masked(grid: Grid, small: set[Position], others: set[Position], blanked: set[Position], minimum: int) -> Table:
    few: Cell = Interval(float("-inf"), float(minimum), f"<{minimum}", low_open=True, high_open=True)

    def cell(row: int, column: int, old: Cell) -> Cell:
        if (row, column) in small:
            return few
        return Masked("*") if (row, column) in others or (row, column) in blanked else old

    cells = tuple(tuple(cell(r, c, old) for c, old in enumerate(row)) for r, row in enumerate(grid.table.cells))
    return replace(grid.table, cells=cells)


def _figures_of(grid: Grid, small: set[Position]) -> set[Position]:
    """Percentages and magnitudes of rows whose own count is masked."""
    sure = [c for c in grid.counts if grid.sure[c]]
    rows = {r for r, c in small if len(sure) == 1 and c == sure[0]}
    columns = [c for c, m in enumerate(grid.measures) if m in _FIGURES and c not in grid.dimensions]
    return {(r, c) for r in rows for c in columns if np.isfinite(grid.number[r, c]) and not grid.is_count[r, c]}


def _next(grid: Grid, trial: Grid, weak: list[CellKey], masked: set[Position]) -> set[Position]:
    """For each weak cell the cheapest shown cell that shares an equation with it."""
    ledger = Ledger([trial])
    ties.tie_all(ledger)
    chosen: set[Position] = set()
    for key in weak:
        tied = [tie for tie in ledger.ties if key in tie.cells]
        if any((r, c) in chosen for tie in tied for _, r, c in tie.cells):
            continue  # one more mask in the same equation may do for both
        candidates = {
            (r, c): _cost(grid, r, c)
            for tie in tied
            for _, r, c in tie.cells
            if (r, c) not in masked and ledger.shown((0, r, c)) and grid.low[r, c] > 0
        }
        if candidates:
            chosen.add(min(candidates, key=lambda at: (candidates[at], at)))
    return chosen


def _cost(grid: Grid, row: int, column: int) -> float:
    total = any(is_margin(part) for part in grid.labels[row]) or is_margin(grid.columns[column])
    return float(grid.low[row, column]) * (MARGIN_COST if total else 1.0)


def _pruned(grid: Grid, small: set[Position], others: set[Position], minimum: int) -> set[Position]:
    """Take back masks that are not needed, dearest first."""
    for position in sorted(others, key=lambda at: -_cost(grid, *at))[:ROUNDS]:
        fewer = others - {position}
        if recover.audit([_build(grid, small, fewer, minimum)], minimum).holds:
            others = fewer
    return others


def _finished(grid: Grid, small: set[Position], others: set[Position], minimum: int) -> Protected | None:
    """The proposal, if the other rules have no objection either."""
    blanked = _figures_of(grid, small)
    table = _masked(grid, small, others, blanked, minimum)
    again = read(table)
    rules = OutputRules(minimum_count=minimum)
    objections = [f.rule for f in (*counts.find(again, minimum, lambda _: ""), *figures.find(again, rules))]
    if {"small-count", "figure-of-few", "percent-of-few", "mask-too-narrow"} & set(objections):
        return None
    return Protected(table, tuple(sorted(small)), tuple(sorted(others)), tuple(sorted(blanked)))
