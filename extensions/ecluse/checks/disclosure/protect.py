"""A safe version of a table of counts, with little lost.

Decides which cells to mask so that the table passes its own auditor. Worked example: Nord 4, Sud 20, Est 60, Total 84.
Nord becomes `<11`; the total would give it back, so the smallest other cell, Sud, becomes `*` as well: then Nord lies
in 1..10 and Sud in 14..23, and Est and the total stay.

Greedy: mask what is small, ask the auditor (`recover.audit`) which masks fail, mask the cheapest cell that shares an
equation with each of them, repeat; at the end take back every mask that turned out not to be needed. Cost is the count
lost, and ten times that for totals. Percentages and means beside masked counts are left out, all of the table's where
the rest would give the masked ones back. What is proposed has passed the same check that decides on the request; where
none is found in time, none is proposed.
"""

import time
from dataclasses import dataclass, field, replace

import numpy as np

from ecluse.checks.facts import Cell, Interval, Masked, Table
from ecluse.rules.policy import OutputRules

from . import counts, figures, recover, ties
from .grid import Grid
from .ledger import CellKey, Ledger
from .reading import read
from .words import Measure, is_margin

ROUNDS = 40
MOST_CELLS = 20_000
"""Counts of a table beyond which no version is sought."""
SECONDS = 10.0
"""Longest search for one table."""
MARGIN_COST = 10.0
FIGURES = frozenset({Measure.MEAN, Measure.SPREAD, Measure.PERCENTILE, Measure.AMOUNT, Measure.PERCENT, Measure.RATE})
_SHARES = frozenset({Measure.PERCENT, Measure.RATE})

Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Protected:
    """A table that passes: `small` became `<minimum`, `others` and `figures` became `*`. Positions: (row, column)."""

    table: Table
    small: tuple[Position, ...]
    others: tuple[Position, ...]
    figures: tuple[Position, ...]

    def loss(self, grid: Grid) -> float:
        """Persons that the second masks hide."""
        return sum(cost(grid, *at) for at in self.others)

    def sentence(self, grid: Grid, minimum: int) -> str:
        """What to do, for people, in the names of the original table."""
        parts = [_listed(grid, self.small, f"Write '<{minimum}' for ")]
        parts.append(_listed(grid, self.others, "and '*' for " if self.small else "Write '*' for "))
        parts.append(_listed(grid, self.figures, "; blank "))
        return "".join(part + " " for part in parts if part).strip() + ". By itself the table then passes."


def _listed(grid: Grid, cells: tuple[Position, ...], before: str) -> str:
    names = [repr(grid.name(row, column)) for row, column in cells[:12]]
    more = f" and {len(cells) - 12} more" if len(cells) > 12 else ""  # as many as are still read
    return f"{before}{', '.join(names)}{more}" if cells else ""


def protect(
    table: Table, minimum: int, bases: frozenset[int] = frozenset(), seconds: float = SECONDS
) -> Protected | None:
    """A version of the table that passes, or none where masking alone does not get there in `seconds`.

    `minimum` is the minimum count, `bases` what the file says its counts are rounded to. Only counts of 1..minimum−1
    are changed to `<minimum`; nothing is rounded (`rounded` does that).
    """
    grid = read(table, bases=bases)
    if int(grid.is_count.sum()) > MOST_CELLS:
        return None
    search = _Search(grid, minimum, bases, time.process_time() + seconds)
    # Percentages of the rows that stay may still give the base, and with it what was masked.
    return search.run(frozenset()) or search.run(_SHARES) or search.run(FIGURES)


@dataclass(slots=True)
class _Search:
    """One search for masks that hold."""

    grid: Grid
    minimum: int
    bases: frozenset[int]
    deadline: float
    small: set[Position] = field(default_factory=set)
    blanked: set[Position] = field(default_factory=set)

    def run(self, spread: frozenset[Measure]) -> Protected | None:
        """Mask and ask until the auditor has no objection. `spread`: kinds of figures left out in every row."""
        grid, minimum = self.grid, self.minimum
        masked = grid.is_count & grid.bounded & (grid.low >= 1) & (grid.high < minimum)
        self.small = {(int(r), int(c)) for r, c in np.argwhere(grid.small(minimum) | masked)}
        self.blanked = _figures_of(grid, self.small, spread)
        others: set[Position] = set()
        for _ in range(ROUNDS):
            trial = self.build(others)
            audit = self.audit(trial)
            if audit is None:
                return None
            if audit.holds:
                return self.finished(self.pruned(others))
            fresh = _next(grid, trial, [w.cell for w in audit.weak], self.small | others)
            if not fresh:
                return None
            others |= fresh
        return None

    def audit(self, trial: Grid) -> recover.Audit | None:
        """The auditor's answer, or none when time is up."""
        left = self.deadline - time.process_time()
        return recover.audit([trial], self.minimum, seconds=left) if left > 0 else None

    def build(self, others: set[Position]) -> Grid:
        """The table with these masks."""
        return read(_masked(self.grid, self.small, others, self.blanked, self.minimum), bases=self.bases)

    def pruned(self, others: set[Position]) -> set[Position]:
        """Take back masks that are not needed, dearest first, as long as there is time."""
        for position in sorted(others, key=lambda at: -cost(self.grid, *at))[:ROUNDS]:
            audit = self.audit(self.build(others - {position}))
            if audit is not None and audit.holds:
                others = others - {position}
        return others

    def finished(self, others: set[Position]) -> Protected | None:
        """The proposal, if the other rules have no objection either."""
        table = _masked(self.grid, self.small, others, self.blanked, self.minimum)
        again = read(table, bases=self.bases)
        rules = OutputRules(minimum_count=self.minimum)
        objections = [f.rule for f in (*counts.find(again, self.minimum, lambda _: ""), *figures.find(again, rules))]
        if {"small-count", "figure-of-few", "percent-of-few", "mask-too-narrow"} & set(objections):
            return None
        return Protected(table, tuple(sorted(self.small)), tuple(sorted(others)), tuple(sorted(self.blanked)))


def _masked(grid: Grid, small: set[Position], others: set[Position], blanked: set[Position], minimum: int) -> Table:
    few: Cell = Interval(float("-inf"), float(minimum), f"<{minimum}", low_open=True, high_open=True)

    def cell(row: int, column: int, old: Cell) -> Cell:
        if (row, column) in small:
            return few
        return Masked("*") if (row, column) in others or (row, column) in blanked else old

    cells = tuple(tuple(cell(r, c, old) for c, old in enumerate(row)) for r, row in enumerate(grid.table.cells))
    return replace(grid.table, cells=cells)


def _figures_of(grid: Grid, small: set[Position], spread: frozenset[Measure]) -> set[Position]:
    """Percentages and magnitudes of rows whose own count is masked, and those of the kinds in `spread` of all rows."""
    sure = [c for c in grid.counts if grid.sure[c]]
    rows = {r for r, c in small if len(sure) == 1 and c == sure[0]}
    columns = [c for c, m in enumerate(grid.measures) if m in FIGURES and c not in grid.dimensions]
    there = np.isfinite(grid.number) & ~grid.is_count
    return {
        (r, c)
        for c in columns
        for r in range(len(grid.labels))
        if there[r, c] and (r in rows or grid.measures[c] in spread)
    }


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
            (r, c): cost(grid, r, c)
            for tie in tied
            for _, r, c in tie.cells
            if (r, c) not in masked and ledger.shown((0, r, c)) and grid.low[r, c] > 0
        }
        if candidates:
            chosen.add(min(candidates, key=lambda at: (candidates[at], at)))
    return chosen


def cost(grid: Grid, row: int, column: int) -> float:
    """What is lost with a count: its persons, ten times those of a total."""
    total = any(is_margin(part) for part in grid.labels[row]) or is_margin(grid.columns[column])
    return float(grid.low[row, column]) * (MARGIN_COST if total else 1.0)
