"""Hidden counts that can be computed.

Decides when a mask does not hide. Worked example: Nord `<11`, Sud 20, Total 24. The finding on Nord says "exactly 4:
Total/n (24) = Nord/n + Sud/n (20)" and how to mend it.

The rule: with a minimum count m, an attacker who uses every equation of the request must be left with at least
(m − 1) // 2 possible values for each hidden cell (5 of 1..10 for m = 11), and no group of hidden cells may be known
to hold 1 to m−1 persons together. A mask that does not itself say "fewer than m" must not turn out to mean it.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecluse.checks.facts import TextNumber
from ecluse.rules.finding import Finding, Severity

from . import links, means, shares, ties, totals
from .grid import Grid
from .intervals import SECONDS, TOLERANCE
from .ledger import CellKey, Ledger, Rank, Solved, Tie, solve
from .means import Revealed
from .rounding import Blur

SHOWN = 15
"""Findings per table; one more sums up the rest."""


def values_needed(minimum: int) -> int:
    """How many values an attacker must be left with: half of those that the mask `<minimum` allows."""
    return max((minimum - 1) // 2, 2)


@dataclass(frozen=True, slots=True)
class Weak:
    """A hidden cell, or several together, that an attacker can compute too well."""

    cell: CellKey
    low: float
    high: float
    equation: str
    severity: Severity
    together: int = 1
    hidden: CellKey | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """What an attack found. By grid: totals that nothing adds up to (`orphans`), and cells that stayed `unsure`."""

    weak: list[Weak]
    orphans: dict[int, list[str]]
    unsure: dict[int, list[CellKey]]
    few: list[Revealed]

    @property
    def holds(self) -> bool:
        """Whether every mask is proven to hold."""
        return not (self.weak or self.orphans or self.unsure or self.few)


def audit(
    grids: list[Grid], minimum: int, numbers: Sequence[tuple[str, TextNumber]] = (), seconds: float = SECONDS
) -> Audit:
    """Attack the hidden and the rounded cells of all tables, for at most `seconds`.

    A cell that an earlier release hides is given back with the cell of this request that tells it.
    """
    if not any((grid.is_count & grid.hidden).any() or grid.base > 1 for grid in grids):
        return Audit([], {}, {}, [])
    attack = _Attack(grids, minimum, time.process_time() + seconds)
    totals.tie_all(attack.ledger, numbers)
    weak = attack.weak(attack.solved)
    unsure = {key for key, v in attack.solved.variables.items() if v in attack.solved.bounds.unsure}
    trials = attack.ledger.trials
    for groups in [*((g,) for g in range(1, attack.ledger.groups + 1)), *([tuple(trials)] if len(trials) > 1 else [])]:
        supposed = attack.solve(groups)
        unsure |= {key for key, v in supposed.variables.items() if v in supposed.bounds.unsure}
        for found in attack.weak(supposed).values():
            # That a large count stands elsewhere harms nobody, and nothing proves that it is this one.
            if found.low < minimum:
                weak.setdefault(found.cell, replace(found, severity=Severity.REVIEW))
    before = [number for number, grid in enumerate(grids) if grid.request]
    if any(cell[0] in before for cell in weak):
        # What earlier releases gave away by themselves is no fault of this request.
        known = _Attack([grids[number] for number in before], minimum, attack.deadline)
        for number, row, column in known.weak(known.solved):
            weak.pop((before[number], row, column), None)
    by_grid: dict[int, list[CellKey]] = {}
    for key in sorted((unsure | _contradicted(attack)) - set(weak)):
        by_grid.setdefault(key[0], []).append(key)
    revealed = [r for r in means.revealed(attack.ledger, attack.solved, minimum) if not grids[r.cell[0]].request]
    blamed = sorted(_blamed(attack.ledger, weak.values()), key=lambda w: w.cell)
    return Audit(blamed, attack.orphans, by_grid, revealed)


def _contradicted(attack: "_Attack") -> set[CellKey]:
    """Hidden cells of labelled sums that fit no table: nothing is proven of them."""
    ledger = attack.ledger
    cells = {key for tie in attack.solved.contradicted for key in tie.cells}
    return {key for key in cells if key[0] >= 0 and not ledger.shown(key) and key[0] not in attack.orphans}


class _Attack:
    """All equations of some tables, and what they say of each cell that matters."""

    def __init__(self, grids: list[Grid], minimum: int, deadline: float) -> None:
        self.minimum, self.needed, self.deadline = minimum, values_needed(minimum), deadline
        self.ledger = Ledger(grids)
        self.orphans = ties.tie_all(self.ledger)
        means.tie_all(self.ledger)
        shares.tie_all(self.ledger)
        links.tie_all(self.ledger)
        self.solved = self.solve()

    def solve(self, groups: tuple[int, ...] = ()) -> Solved:
        """Solve what needs no assumption, or what hangs together with some."""
        return solve(self.ledger, self.wanted, self.enough, groups, self.deadline)

    def wanted(self, key: CellKey) -> bool:
        """Whether a cell must not be known too well: hidden ones, and small ones that are rounded."""
        if key[0] < 0:
            return False
        return not self.ledger.shown(key) or self.ledger.blurred(key, Blur.RANDOM)[0] < self.minimum

    def enough(self, key: CellKey, blur: Blur, low: float, high: float) -> bool:
        """Whether a cell that is known to lie between two counts is hidden."""
        return self.severity(key, blur, low, high) is None

    def severity(self, key: CellKey, blur: Blur, low: float, high: float) -> Severity | None:
        """How grave it is that a cell is known to lie between two counts."""
        own_low, own_high = self.ledger.blurred(key, blur)
        if low <= own_low + 1 and high >= own_high:
            return None  # no better known than the mask itself says (a mask may be taken to start at 1)
        small = low < self.minimum and high > 0
        shown = self.ledger.shown(key)
        if high - low + 1 < self.needed:
            return Severity.REFUSE if small else None if shown else Severity.REVIEW
        if high < self.minimum <= own_high:
            return Severity.REVIEW
        return None

    def weak(self, solved: Solved) -> dict[CellKey, Weak]:
        """The cells that are known too well."""
        return {w.cell: w for w in (*self._groups(solved), *self._cells(solved))}

    def _cells(self, solved: Solved) -> Iterator[Weak]:
        for key, variable in solved.variables.items():
            low, high = float(solved.bounds.low[variable]), float(solved.bounds.high[variable])
            severity = self.severity(key, solved.blur[key], low, high) if self.wanted(key) else None
            if severity is not None:
                yield Weak(key, low, high, _because(self.ledger, solved, key), severity)

    def _groups(self, solved: Solved) -> Iterator[Weak]:
        """Sums of several hidden cells that are known and small."""
        for tie in solved.ties:
            hidden = [key for key in tie.cells if not self.ledger.shown(key)]
            unusual = tie.rank is Rank.SHARE or tie.low != tie.high or any(key[0] < 0 for key in tie.cells)
            if len(hidden) < 2 or unusual or tie.cells[0] in hidden:
                continue
            low, high = self._rest(tie, solved.blur[hidden[0]])
            if low >= 1 and high < self.minimum and high - low + 1 < self.needed:
                yield Weak(hidden[0], low, high, tie.name, Severity.REFUSE, together=len(hidden))

    def _rest(self, tie: Tie, blur: Blur) -> tuple[float, float]:
        """What the shown cells of a sum leave for the hidden ones."""
        low = high = tie.low
        for key, coefficient in zip(tie.cells, tie.coefficients, strict=True):
            if self.ledger.shown(key):
                ends = sorted(coefficient * end for end in self.ledger.blurred(key, blur))
                low, high = low - ends[1], high - ends[0]
        return low, high


def _blamed(ledger: Ledger, weak: Iterable[Weak]) -> Iterator[Weak]:
    """Weak cells at a place of this request: their own, or that of a cell tied to them."""
    for found in weak:
        if not ledger.grids[found.cell[0]].request:
            yield found
            continue
        mine = _nearest(ledger, found.cell)
        if mine is not None:
            yield replace(found, cell=mine, hidden=found.cell)


def _nearest(ledger: Ledger, cell: CellKey) -> CellKey | None:
    """The first cell of this request that ties lead to from a hidden cell."""
    seen, waiting = {cell}, [cell]
    while waiting:
        at = waiting.pop(0)
        for tie in ledger.ties:
            if at not in tie.cells:
                continue
            for key in tie.cells:
                if not ledger.grids[key[0]].request:
                    return key
                if key not in seen and not ledger.shown(key):
                    seen.add(key)
                    waiting.append(key)
    return None


def findings(
    grids: list[Grid], minimum: int, fixes: Callable[[Grid], str], numbers: Sequence[tuple[str, TextNumber]] = ()
) -> Iterator[tuple[str, Finding]]:
    """Findings with the path that each is about. `fixes` says what mends a table."""
    attack = audit(grids, minimum, numbers)
    weak = attack.weak
    seen: dict[int, int] = {}
    for cell in weak:
        number, row, column = cell.cell
        grid = grids[number]
        seen[number] = seen.get(number, 0) + 1
        if seen[number] <= SHOWN:
            yield grid.path, _finding(grids, cell, minimum, fixes(grid))
        elif seen[number] == SHOWN + 1:
            rest = sum(w.cell[0] == number for w in weak) - SHOWN
            yield (
                grid.path,
                Finding(
                    rule="recoverable-cell",
                    severity=Severity.REFUSE,
                    where=grid.table.where,
                    message=f"{rest} more hidden cells of this table can be computed in the same way.",
                    fix=fixes(grid),
                    place=grid.place(row, column),
                ),
            )
    for found in attack.few:
        yield grids[found.cell[0]].path, _few(grids, found, fixes)
    for number, names in attack.orphans.items():
        if not grids[number].request:
            yield grids[number].path, _orphan(grids[number], names)
    for number, cells in attack.unsure.items():
        if not grids[number].request:
            yield grids[number].path, _unproven(grids[number], cells)


def _because(ledger: Ledger, solved: Solved, key: CellKey) -> str:
    """The equation that gives the cell away, or that several do together."""
    variable = solved.variables[key]
    number = int(solved.bounds.by[variable])
    mine = [tie for tie in solved.ties if key in tie.cells]
    alone = [solved.ties[number]] if number >= 0 and key in solved.ties[number].cells else []
    if alone and _says(ledger, alone[0], key, solved.blur[key]) == (
        solved.bounds.low[variable],
        solved.bounds.high[variable],
    ):
        return alone[0].name
    names = list(dict.fromkeys(tie.name for tie in (*alone, *mine)))
    return "; ".join(names[:4]) + (" together with the other equations of the request" if len(names) != 2 else "")


def _says(ledger: Ledger, tie: Tie, key: CellKey, blur: Blur) -> tuple[float, float]:
    """What one equation says of a cell by what the others show of themselves, within what it shows itself."""
    rest_low = rest_high = 0.0
    mine = 1.0
    for other, coefficient in zip(tie.cells, tie.coefficients, strict=True):
        if other == key:
            mine = coefficient
            continue
        ends = sorted(coefficient * end for end in ledger.blurred(other, blur))
        rest_low, rest_high = rest_low + ends[0], rest_high + ends[1]
    low, high = sorted(((tie.low - rest_high) / mine, (tie.high - rest_low) / mine))
    own_low, own_high = ledger.blurred(key, blur)
    return max(float(np.ceil(low - TOLERANCE)), own_low), min(float(np.floor(high + TOLERANCE)), own_high)


def _finding(grids: list[Grid], weak: Weak, minimum: int, fix: str) -> Finding:
    number, row, column = weak.cell
    grid = grids[number]
    at, hidden_row, hidden_column = weak.hidden or weak.cell
    cell = repr(grids[at].name(hidden_row, hidden_column))
    kind = "hidden" if grids[at].hidden[hidden_row, hidden_column] else "rounded"
    if weak.hidden:
        cell += f" of {grids[at].path!r}, released in {grids[at].request!r},"
    if weak.together > 1:
        together = f"{int(weak.low)}" if weak.low == weak.high else f"{int(weak.low)} to {int(weak.high)}"
        known = f"{weak.together} hidden cells, among them {cell}, hold {together} persons together"
    elif weak.low == weak.high:
        known = f"the {kind} cell {cell} is exactly {int(weak.low)}"
    else:
        most = f"{int(weak.high)}" if math.isfinite(weak.high) else "any number"
        known = f"the {kind} cell {cell} lies between {int(weak.low)} and {most}"
    return Finding(
        rule="recoverable-cell",
        severity=weak.severity,
        where=grid.where(row, column),
        message=f"By subtraction {known}: {weak.equation[:1200]}. "
        f"At least {values_needed(minimum)} values must stay possible.",
        fix=fix,
        place=grid.place(row, column),
    )


def _orphan(grid: Grid, names: list[str]) -> Finding:
    row = next((r for r in range(len(grid.labels)) if grid.label(r) == names[0]), 0)
    return Finding(
        rule="unclear-margin",
        severity=Severity.REVIEW,
        where=grid.where(row, grid.counts[0] if grid.counts else 0),
        message=f"The total {', '.join(map(repr, names[:5]))} is no sum of the rows shown, so it could not be used to "
        "prove that the masked cells stay hidden.",
        fix="Say in the description what the total counts, or leave it out. Below a rounded table write to what it is "
        "rounded: 'counts rounded to 5'.",
        place=grid.place(row, int(np.flatnonzero(grid.is_count[row])[0]) if grid.is_count[row].any() else 0),
    )


def _few(grids: list[Grid], found: Revealed, fixes: Callable[[Grid], str]) -> Finding:
    number, row, column = found.cell
    grid = grids[number]
    return Finding(
        rule="figure-of-few",
        severity=Severity.REFUSE,
        where=grid.where(row, column),
        message=f"The figure that is left out at {grid.name(row, column)!r} can be computed for its few persons: "
        f"{found.equation[:1200]}.",
        fix=f"Leave the total's figure out as well, or round it. {fixes(grid)}"[:2000],
        place=grid.place(row, column),
    )


def _unproven(grid: Grid, cells: list[CellKey]) -> Finding:
    _, row, column = cells[0]
    return Finding(
        rule="not-proven",
        severity=Severity.REVIEW,
        where=grid.where(row, column),
        message=f"It could not be proven that {len(cells)} hidden or rounded cells stay unknown, among them "
        f"{grid.name(row, column)!r}: totals contradict each other, counts are too large, or there are too many.",
        fix="Mend the totals, say below a rounded table to what it is rounded, or send fewer and smaller tables in one "
        "request.",
        place=grid.place(row, column),
    )
