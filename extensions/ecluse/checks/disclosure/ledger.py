"""All hidden counts of a request as one system of equations.

Decides which constraints an attacker can write down. Worked example: `a.csv` hides Nord beside a total, `b.csv` shows
Sud and Est under the same labels with the same total; the ledger holds one variable for Nord and the equation
"Total 120 = Nord + Sud 60 + Est 56", whose rank says that words, not arithmetic, found it.

Constraints are ranked by how sure they are, so that a misread one can be dropped without dropping the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from .intervals import Bounds, Equation, InfeasibleError, System, bounds, propagate
from .reading import Grid

CellKey = tuple[int, int, int]
"""Grid, row, column."""


class Rank(IntEnum):
    """How sure a constraint is, surest first."""

    LABELLED = 0
    FOUND = 1
    SHARE = 2
    LINK = 3
    ASSUMED = 4


@dataclass(frozen=True, slots=True)
class Tie:
    """`low ≤ Σ coefficient × cell ≤ high` over cells; shown ones are filled in when the system is made."""

    cells: tuple[CellKey, ...]
    coefficients: tuple[float, ...]
    low: float
    high: float
    name: str
    rank: Rank


@dataclass(slots=True)
class Ledger:
    """The cells of all tables and what ties them."""

    grids: list[Grid]
    ties: list[Tie] = field(default_factory=list)

    def interval(self, key: CellKey) -> tuple[float, float]:
        """What the cell itself says."""
        grid, row, column = key
        return float(self.grids[grid].low[row, column]), float(self.grids[grid].high[row, column])

    def shown(self, key: CellKey) -> bool:
        """Whether the cell shows its count."""
        grid, row, column = key
        return not self.grids[grid].hidden[row, column]

    def add(
        self, cells: Iterable[CellKey], coefficients: Iterable[float], low: float, high: float, **named: object
    ) -> None:
        """Tie cells together, unless all of them are shown."""
        tie = Tie(tuple(cells), tuple(coefficients), low, high, str(named["name"]), Rank(int(str(named["rank"]))))
        if any(not self.shown(key) for key in tie.cells):
            self.ties.append(tie)

    def name(self, key: CellKey) -> str:
        """The cell for people, with its count where it is shown: `Nord/n 120`."""
        grid, row, column = key
        low, _ = self.interval(key)
        label = self.grids[grid].name(row, column)
        return f"{label} ({int(low)})" if self.shown(key) else label


@dataclass(frozen=True, slots=True)
class Solved:
    """Intervals of the hidden cells, and the ties behind them. `dropped` counts ties that contradict the rest."""

    variables: dict[CellKey, int]
    bounds: Bounds
    ties: list[Tie]
    dropped: int


def solve(ledger: Ledger, most: Rank = Rank.LINK) -> Solved:
    """Interval of every hidden cell that some tie of at most rank `most` touches.

    A mask `<11` is first taken to mean 1..10, as where zeros are shown; if no table fits, 0..10. If still none fits,
    the least sure kind of constraint is left out, and so on: a contradiction must not blind the check.
    """
    for rank in sorted((r for r in Rank if r <= most), reverse=True):
        ties = [tie for tie in ledger.ties if tie.rank <= rank]
        for least in (1.0, 0.0):
            variables, system = _system(ledger, ties, least)
            try:
                return Solved(variables, bounds(system), ties, len(ledger.ties) - len(ties))
            except InfeasibleError:
                continue
    return _one_by_one(ledger)


def _one_by_one(ledger: Ledger) -> Solved:
    """Labelled margins alone contradict each other: keep each that fits the ones before it."""
    kept: list[Tie] = []
    for tie in (t for t in ledger.ties if t.rank is Rank.LABELLED):
        try:
            propagate(_system(ledger, [*kept, tie], 0.0)[1])
        except InfeasibleError:
            continue
        kept.append(tie)
    variables, system = _system(ledger, kept, 0.0)
    return Solved(variables, bounds(system, strict=False), kept, len(ledger.ties) - len(kept))


def _system(ledger: Ledger, ties: list[Tie], least: float) -> tuple[dict[CellKey, int], System]:
    system = System()
    variables: dict[CellKey, int] = {}
    for tie in ties:
        indices: list[int] = []
        coefficients: list[float] = []
        constant = 0.0
        for key, coefficient in zip(tie.cells, tie.coefficients, strict=True):
            if ledger.shown(key):
                constant += coefficient * ledger.interval(key)[0]
                continue
            if key not in variables:
                low, high = ledger.interval(key)
                bounded = ledger.grids[key[0]].bounded[key[1], key[2]]
                variables[key] = system.variable(max(low, least) if bounded else low, high)
            indices.append(variables[key])
            coefficients.append(coefficient)
        merged = _merge(indices, coefficients)
        if not merged:
            continue
        system.equations.append(
            Equation(tuple(merged), tuple(merged.values()), tie.low - constant, tie.high - constant, tie.name)
        )
    return variables, system


def _merge(indices: list[int], coefficients: list[float]) -> dict[int, float]:
    """One coefficient per variable: a cell may stand on both sides."""
    out: dict[int, float] = {}
    for index, coefficient in zip(indices, coefficients, strict=True):
        out[index] = out.get(index, 0.0) + coefficient
    return {i: c for i, c in out.items() if not np.isclose(c, 0.0)}
