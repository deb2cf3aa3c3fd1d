"""Counts and figures that means and sums give back.

Decides what the mean of all says of a group that is left out. Worked example: 100 patients of mean age 60.0, the Nord
`<11` of 52.0, the Sud `*` of 60.4: 52 n + 60.4 (100 − n) = 6,000 leaves Nord 5. And with the mean of Nord left out but
both counts known, the sum over Nord is the total's sum less that of Sud: a figure over fewer than eleven persons.

A figure of few counts as known if its sum is known within ten percent (the p-percent rule with p = 10).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .grid import Grid
from .ledger import CellKey, Ledger, Rank, Solved, Tie
from .words import Measure

P_SHARE = 0.1
"""Half the width of an estimate, as a share of it, from which it is taken for known."""
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Revealed:
    """A figure of few persons that is left out and can be computed. `equation` says how."""

    cell: CellKey
    equation: str


def tie_all(ledger: Ledger) -> None:
    """For each sum of counts with means beside them, tie the counts by their means."""
    for tie, grid in _sums(ledger):
        for column in _columns(grid, Measure.MEAN):
            rows = [row for _, row, _ in tie.cells]
            if all(np.isfinite(grid.number[row, column]) for row in rows):
                _tie(ledger, tie, grid, column)


def _sums(ledger: Ledger) -> list[tuple[Tie, Grid]]:
    """Sums along the one sure column of counts of a table."""
    found = []
    for tie in ledger.ties:
        number, _, column = tie.cells[0]
        alike = number >= 0 and all(key[0] == number and key[2] == column for key in tie.cells)
        if alike and tie.rank <= Rank.FOUND and tie.coefficients[0] < 0 and tie.low == tie.high == 0:
            grid = ledger.grids[number]
            if [c for c in grid.counts if grid.sure[c]] == [column]:
                found.append((tie, grid))
    return found


def _columns(grid: Grid, *kinds: Measure) -> list[int]:
    return [
        c
        for c, m in enumerate(grid.measures)
        if m in kinds and c not in grid.dimensions and not grid.is_count[:, c].any()
    ]


def _ends(grid: Grid, row: int, column: int) -> tuple[float, float]:
    """What a printed figure stands for, half a unit of its last digit to either side."""
    half = 0.5 * 10.0 ** -float(grid.decimals[row, column])
    value = float(grid.number[row, column])
    return value - half, value + half


def _tie(ledger: Ledger, tie: Tie, grid: Grid, column: int) -> None:
    total, *members = (row for _, row, _ in tie.cells)
    ends = [_ends(grid, row, column) for row in members]
    low, high = _ends(grid, total, column)
    if not min(e[0] for e in ends) <= high or not max(e[1] for e in ends) >= low:
        return  # a mean of all beyond the means of its parts is that of something else
    terms = [
        f"{grid.number[row, column]:g} × {ledger.name(key)}" for row, key in zip(members, tie.cells[1:], strict=True)
    ]
    name = f"{grid.number[total, column]:g} × {ledger.name(tie.cells[0])} = {' + '.join(terms[:_NAMED])}"
    name += f" and {len(terms) - _NAMED} more" if len(terms) > _NAMED else ""
    least, most = [e[0] for e in ends], [e[1] for e in ends]
    ledger.add(tie.cells, (-high, *least), -np.inf, 0.0, name=name, rank=Rank.SHARE)
    ledger.add(tie.cells, (-low, *most), 0.0, np.inf, name=name, rank=Rank.SHARE)


def revealed(ledger: Ledger, solved: Solved, minimum: int) -> Iterator[Revealed]:
    """Figures of few persons that are left out beside a masked count and follow from the total's."""
    for tie, grid in _sums(ledger):
        for column in _columns(grid, Measure.MEAN, Measure.AMOUNT):
            found = _revealed(ledger, solved, tie, column, minimum)
            if found is not None:
                yield found


def _revealed(ledger: Ledger, solved: Solved, tie: Tie, column: int, minimum: int) -> Revealed | None:
    grid = ledger.grids[tie.cells[0][0]]
    total, *members = tie.cells
    shown = [key for key in members if np.isfinite(grid.number[key[1], column])]
    left_out = [key for key in members if key not in shown]
    if not left_out or not np.isfinite(grid.number[total[1], column]):
        return None
    if sum(_count(ledger, solved, key)[1] for key in left_out) >= minimum:
        return None
    weigh = grid.measures[column] is Measure.MEAN
    low, high = _product(ledger, solved, total, column, weigh=weigh)
    for key in shown:
        least, most = _product(ledger, solved, key, column, weigh=weigh)
        low, high = low - most, high - least
    if high - low > 2 * P_SHARE * abs(high + low) / 2 or low + high <= 0:
        return None
    who = " and ".join(ledger.name(key) for key in left_out[:_NAMED])
    parts = " − ".join(_text(grid, key, column, weigh=weigh) for key in (total, *shown)[:_NAMED])
    return Revealed((total[0], left_out[0][1], column), f"the sum over {who} is {parts} = {low:.6g} to {high:.6g}")


def _text(grid: Grid, key: CellKey, column: int, *, weigh: bool) -> str:
    value = f"{grid.number[key[1], column]:g}"
    return f"{grid.table.cells[key[1]][key[2]].text} × {value}" if weigh else value


def _count(ledger: Ledger, solved: Solved, key: CellKey) -> tuple[float, float]:
    if key in solved.variables:
        at = solved.variables[key]
        return float(solved.bounds.low[at]), float(solved.bounds.high[at])
    return ledger.interval(key)


def _product(ledger: Ledger, solved: Solved, key: CellKey, column: int, *, weigh: bool) -> tuple[float, float]:
    """The sum that a row's figure stands for: a mean times its count, or a sum as it is."""
    ends = _ends(ledger.grids[key[0]], key[1], column)
    if not weigh:
        return ends
    counts = _count(ledger, solved, key)
    products = [count * end for count in counts for end in ends]
    return min(products), max(products)
