"""Hidden counts that can be computed.

Decides when a mask does not hide. Worked example: Nord `<11`, Sud 20, Total 24. The finding on Nord says "exactly 4:
Total/n (24) = Nord/n + Sud/n (20)" and how to mend it.

The rule: with a minimum count m, an attacker who uses every equation of the request must be left with at least
(m − 1) // 2 possible values for each hidden cell (5 of 1..10 for m = 11), and no group of hidden cells may be known
to hold 1 to m−1 persons together. A mask that does not itself say "fewer than m" must not turn out to mean it.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecluse.checks.facts import TextNumber
from ecluse.rules.finding import Finding, Severity

from . import links, shares, ties, totals
from .ledger import CellKey, Ledger, Rank, Solved, Tie, solve
from .reading import Grid

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


def audit(
    grids: list[Grid], minimum: int, numbers: Sequence[tuple[str, TextNumber]] = ()
) -> tuple[list[Weak], dict[int, list[str]]]:
    """Cells whose masks fail, and per grid the totals that could not be used because nothing adds up to them.

    A cell that an earlier release hides is given back with the cell of this request that tells it.
    """
    if not any((grid.is_count & grid.hidden).any() for grid in grids):
        return [], {}
    ledger, orphans, solved, weak = _attack(grids, minimum)
    totals.tie_all(ledger, numbers)
    if any(tie.rank is Rank.ASSUMED for tie in ledger.ties):
        supposed = solve(ledger, Rank.ASSUMED)
        for found in (*_groups(ledger, supposed, minimum), *_cells(ledger, supposed, minimum)):
            weak.setdefault(found.cell, replace(found, severity=Severity.REVIEW))
    before = [number for number, grid in enumerate(grids) if grid.request]
    if any(cell[0] in before for cell in weak):
        # What earlier releases gave away by themselves is no fault of this request.
        known = _attack([grids[number] for number in before], minimum)[3]
        for number, row, column in known:
            weak.pop((before[number], row, column), None)
    return sorted(_blamed(ledger, solved, weak.values()), key=lambda w: w.cell), orphans


def _attack(grids: list[Grid], minimum: int) -> tuple[Ledger, dict[int, list[str]], Solved, dict[CellKey, Weak]]:
    ledger = Ledger(grids)
    orphans = ties.tie_all(ledger)
    shares.tie_all(ledger)
    links.tie_all(ledger)
    solved = solve(ledger)
    weak = {w.cell: w for w in _groups(ledger, solved, minimum)}
    weak |= {w.cell: w for w in _cells(ledger, solved, minimum)}
    return ledger, orphans, solved, weak


def _blamed(ledger: Ledger, solved: Solved, weak: Iterable[Weak]) -> Iterator[Weak]:
    """Weak cells at a place of this request: their own, or that of a cell tied to them."""
    for found in weak:
        if not ledger.grids[found.cell[0]].request:
            yield found
            continue
        mine = _nearest(ledger, solved, found.cell)
        if mine is not None:
            yield replace(found, cell=mine, hidden=found.cell)


def _nearest(ledger: Ledger, solved: Solved, cell: CellKey) -> CellKey | None:
    """The first cell of this request that ties lead to from a hidden cell."""
    seen, waiting = {cell}, [cell]
    while waiting:
        at = waiting.pop(0)
        for tie in solved.ties:
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
    weak, orphans = audit(grids, minimum, numbers)
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
    for number, names in orphans.items():
        if not grids[number].request:
            yield grids[number].path, _orphan(grids[number], names)


def _cells(ledger: Ledger, solved: Solved, minimum: int) -> Iterator[Weak]:
    needed = values_needed(minimum)
    for key, variable in solved.variables.items():
        low, high = float(solved.bounds.low[variable]), float(solved.bounds.high[variable])
        own_low, own_high = ledger.interval(key)
        if low <= own_low + 1 and high >= own_high:
            continue  # no better known than the mask itself says (a mask may be taken to start at 1)
        small = low < minimum and high > 0
        if high - low + 1 < needed:
            severity = Severity.REFUSE if small else Severity.REVIEW
        elif high < minimum and not ledger.grids[key[0]].bounded[key[1], key[2]]:
            severity = Severity.REVIEW
        else:
            continue
        yield Weak(key, low, high, _because(solved, variable, key), severity)


def _because(solved: Solved, variable: int, key: CellKey) -> str:
    """The equation that gives the cell away, or that several do together."""
    number = int(solved.bounds.by[variable])
    if number >= 0 and key in solved.ties[number].cells:
        return solved.ties[number].name
    mine = [tie.name for tie in solved.ties if key in tie.cells]
    return "; ".join(mine[:3]) + " together with the other equations of the request"


def _groups(ledger: Ledger, solved: Solved, minimum: int) -> Iterator[Weak]:
    """Sums of several hidden cells that are known and small."""
    for tie in solved.ties:
        hidden = [key for key in tie.cells if not ledger.shown(key)]
        if len(hidden) < 2 or tie.rank is Rank.SHARE or tie.cells[0] in hidden:  # noqa: PLR2004
            continue
        rest = _rest(ledger, tie)
        if 1 <= rest < minimum:
            yield Weak(hidden[0], rest, rest, tie.name, Severity.REFUSE, together=len(hidden))


def _rest(ledger: Ledger, tie: Tie) -> float:
    """What the shown cells of a sum leave for the hidden ones."""
    shown = [(c, ledger.interval(k)[0]) for k, c in zip(tie.cells, tie.coefficients, strict=True) if ledger.shown(k)]
    return tie.low - sum(c * value for c, value in shown)


def _finding(grids: list[Grid], weak: Weak, minimum: int, fix: str) -> Finding:
    number, row, column = weak.cell
    grid = grids[number]
    at, hidden_row, hidden_column = weak.hidden or weak.cell
    cell = repr(grids[at].name(hidden_row, hidden_column))
    if weak.hidden:
        cell += f" of {grids[at].path!r}, released in {grids[at].request!r},"
    if weak.together > 1:
        known = f"{weak.together} hidden cells, among them {cell}, hold {int(weak.low)} persons together"
    elif weak.low == weak.high:
        known = f"the hidden cell {cell} is exactly {int(weak.low)}"
    else:
        most = f"{int(weak.high)}" if math.isfinite(weak.high) else "any number"
        known = f"the hidden cell {cell} lies between {int(weak.low)} and {most}"
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
        fix="Say in the description what the total counts, or leave it out.",
        place=grid.place(row, int(np.flatnonzero(grid.is_count[row])[0]) if grid.is_count[row].any() else 0),
    )
