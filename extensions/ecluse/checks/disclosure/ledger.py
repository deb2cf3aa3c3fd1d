"""All hidden counts of a request as one system of equations.

Decides which constraints an attacker can write down. Worked example: `a.csv` hides Nord beside a total, `b.csv` shows
Sud and Est under the same labels with the same total; the ledger holds one variable for Nord and the equation
"Total 120 = Nord + Sud 60 + Est 56", whose rank says that words, not arithmetic, found it.

Constraints are ranked by how sure they are, so that a misread one can be dropped without dropping the rest. What
hangs together is solved together and apart from all else: a contradiction blinds the check for no other table.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from .grid import Grid
from .intervals import SECONDS, Bounds, Equation, InfeasibleError, System, bounds, propagate
from .rounding import Blur

CellKey = tuple[int, int, int]
"""Grid, row, column."""


class Rank(IntEnum):
    """How sure a constraint is, surest first."""

    LABELLED = 0
    FOUND = 1
    SHARE = 2
    LINK = 3
    ASSUMED = 4


Group = int
"""Ties that are assumed together: all of one group hold, or none. 0 is the group of those that need no assumption."""


@dataclass(frozen=True, slots=True)
class Tie:
    """`low ≤ Σ coefficient × cell ≤ high` over cells; exact ones are filled in when the system is made."""

    cells: tuple[CellKey, ...]
    coefficients: tuple[float, ...]
    low: float
    high: float
    name: str
    rank: Rank
    group: Group = 0


@dataclass(slots=True)
class Ledger:
    """The cells of all tables and what ties them. `extras` are unknowns without a cell, as the base of percentages.

    `trials` are the groups of ties by which two tables are held to speak of the same persons: all may be true at once.
    """

    grids: list[Grid]
    ties: list[Tie] = field(default_factory=list)
    extras: list[tuple[float, float, str]] = field(default_factory=list)
    groups: int = 0
    trials: list[Group] = field(default_factory=list)

    def interval(self, key: CellKey) -> tuple[float, float]:
        """What the cell itself says."""
        grid, row, column = key
        if grid < 0:
            return self.extras[row][0], self.extras[row][1]
        return float(self.grids[grid].low[row, column]), float(self.grids[grid].high[row, column])

    def shown(self, key: CellKey) -> bool:
        """Whether the cell shows its count, rounded or not."""
        grid, row, column = key
        return grid >= 0 and not self.grids[grid].hidden[row, column]

    def exact(self, key: CellKey) -> bool:
        """Whether the cell shows its count to the person."""
        return self.shown(key) and self.grids[key[0]].base == 1

    def blurred(self, key: CellKey, blur: Blur) -> tuple[float, float]:
        """What the cell says when its table's rounding is read as `blur`."""
        low, high = self.interval(key)
        if self.shown(key) and not self.exact(key):
            return blur.interval(low, self.grids[key[0]].base)
        return low, high

    def group(self) -> Group:
        """A fresh group for ties that are only supposed."""
        self.groups += 1
        return self.groups

    def unknown(self, low: float, high: float, name: str) -> CellKey:
        """An unknown count that stands in no cell."""
        self.extras.append((low, high, name))
        return (-1, len(self.extras) - 1, 0)

    def add(
        self, cells: Iterable[CellKey], coefficients: Iterable[float], low: float, high: float, **named: object
    ) -> None:
        """Tie cells together, unless all of them are exact."""
        rank, group = Rank(int(str(named["rank"]))), int(str(named.get("group", 0)))
        tie = Tie(tuple(cells), tuple(coefficients), low, high, str(named["name"]), rank, group)
        if any(not self.exact(key) for key in tie.cells):
            self.ties.append(tie)

    def name(self, key: CellKey) -> str:
        """The cell for people, with its count where it is shown: `Nord/n 120`."""
        grid, row, column = key
        if grid < 0:
            return self.extras[row][2]
        low, _ = self.interval(key)
        label = self.grids[grid].name(row, column)
        about = "about " if self.grids[grid].base > 1 else ""
        return f"{label} ({about}{int(low)})" if self.shown(key) else label

    @property
    def blurs(self) -> tuple[Blur, ...]:
        """How the roundings of the tables may be read, sharpest first."""
        return tuple(Blur) if any(grid.base > 1 for grid in self.grids) else (Blur.NEAREST,)


@dataclass(frozen=True, slots=True)
class Solved:
    """Intervals of the cells that are not exact, and the ties behind them.

    `contradicted` are labelled ties that fit no table; `blur` is how rounding was read, by cell.
    """

    variables: dict[CellKey, int]
    bounds: Bounds
    ties: list[Tie]
    contradicted: list[Tie]
    blur: dict[CellKey, Blur]


Enough = Callable[[CellKey, Blur, float, float], bool]


@dataclass(slots=True)
class _Solver:
    """Solves the ties of a ledger, connected part by connected part."""

    ledger: Ledger
    wanted: Callable[[CellKey], bool]
    enough: Enough
    deadline: float
    variables: dict[CellKey, int] = field(default_factory=dict)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    by: list[int] = field(default_factory=list)
    unsure: set[int] = field(default_factory=set)
    ties: list[Tie] = field(default_factory=list)
    contradicted: list[Tie] = field(default_factory=list)
    blur: dict[CellKey, Blur] = field(default_factory=dict)

    def add(self, part: list[Tie]) -> None:
        """Solve one part. The least sure kind of tie is left out until some table fits; at last each that does not."""
        for rank in sorted({tie.rank for tie in part}, reverse=True):
            ties = [tie for tie in part if tie.rank <= rank]
            for blur in self.ledger.blurs:
                # A mask `<11` is first taken to mean 1..10, as where zeros are shown; if no table fits, 0..10.
                for least in (1.0, 0.0):
                    if self._try(ties, blur, least, strict=True):
                        return
        surest = [tie for tie in part if tie.rank is part[0].rank is Rank.LABELLED] or part
        kept = self._consistent(surest)
        self.contradicted += [tie for tie in surest if tie not in kept]
        self._try(kept, self.ledger.blurs[-1], 0.0, strict=False)

    def _consistent(self, part: list[Tie]) -> list[Tie]:
        """The ties without those that single equations prove wrong, worst first."""
        kept = list(part)
        while kept:
            _, system = _system(self.ledger, kept, self.ledger.blurs[-1], 0.0)
            try:
                propagate(system)
            except InfeasibleError as error:
                wrong = system.equations[error.equation or 0].name
                kept = [tie for tie in kept if tie.name != wrong]
                continue
            break
        return kept

    def _try(self, ties: list[Tie], blur: Blur, least: float, *, strict: bool) -> bool:
        variables, system = _system(self.ledger, ties, blur, least)
        keys = list(variables)
        wanted = {v for key, v in variables.items() if self.wanted(key)}
        try:
            found = bounds(
                system,
                strict=strict,
                wanted=wanted,
                enough=lambda v, low, high: self.enough(keys[v], blur, low, high),
                seconds=self.deadline - time.process_time(),
            )
        except InfeasibleError:
            return False
        names = {tie.name: len(self.ties) + n for n, tie in enumerate(ties)}
        start = len(self.low)
        self.variables |= {key: start + v for key, v in variables.items()}
        self.blur |= dict.fromkeys(variables, blur)
        self.low += found.low.tolist()
        self.high += found.high.tolist()
        self.by += [names[system.equations[b].name] if b >= 0 else b for b in found.by.tolist()]
        self.unsure |= {start + v for v in found.unsure & wanted}
        self.ties += ties
        return True

    def solved(self) -> Solved:
        """What was found."""
        made = Bounds(
            np.array(self.low), np.array(self.high), np.array(self.by, dtype=np.int64), frozenset(self.unsure)
        )
        return Solved(self.variables, made, self.ties, self.contradicted, self.blur)


def solve(
    ledger: Ledger,
    wanted: Callable[[CellKey], bool],
    enough: Enough,
    assumed: Collection[Group] = (),
    deadline: float | None = None,
) -> Solved:
    """Interval of every cell that is `wanted` and tied; `enough` says which need no further solving.

    `assumed` are groups of ties that are only supposed; then only what hangs together with them is solved.
    """
    solver = _Solver(ledger, wanted, enough, deadline if deadline is not None else time.process_time() + SECONDS)
    for part in _parts(ledger, [tie for tie in ledger.ties if not tie.group or tie.group in assumed]):
        if not assumed or any(tie.group for tie in part):
            solver.add(part)
    return solver.solved()


def _parts(ledger: Ledger, ties: list[Tie]) -> Iterator[list[Tie]]:
    """Ties that share cells which are not exact, part by part, surest first."""
    parent: dict[CellKey, CellKey] = {}

    def root(at: CellKey) -> CellKey:
        while (up := parent.setdefault(at, at)) != at:
            parent[at] = parent[up]
            at = parent[at]
        return at

    firsts: list[CellKey] = []
    for tie in ties:
        first, *rest = [key for key in tie.cells if not ledger.exact(key)]
        firsts.append(first)
        for key in rest:
            parent[root(key)] = root(first)
    parts: dict[CellKey, list[Tie]] = {}
    for tie, first in zip(ties, firsts, strict=True):
        parts.setdefault(root(first), []).append(tie)
    yield from (sorted(part, key=lambda tie: tie.rank) for part in parts.values())


def _system(ledger: Ledger, ties: list[Tie], blur: Blur, least: float) -> tuple[dict[CellKey, int], System]:
    system = System()
    variables: dict[CellKey, int] = {}
    for tie in ties:
        indices: list[int] = []
        coefficients: list[float] = []
        constant = 0.0
        for key, coefficient in zip(tie.cells, tie.coefficients, strict=True):
            if ledger.exact(key):
                constant += coefficient * ledger.interval(key)[0]
                continue
            if key not in variables:
                low, high = ledger.blurred(key, blur)
                masked = key[0] >= 0 and bool(ledger.grids[key[0]].bounded[key[1], key[2]])
                variables[key] = system.variable(max(low, least) if masked else low, high)
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
