"""Counts that percentages give back.

Decides which percentages belong to which counts, and what they say of hidden ones. Worked example: Nord `<11` and
3.2 %, Sud 60 and 48.0 %, Est 61 and 48.8 %: the shown pairs agree on a base of 125 persons, so Nord has 3.15 to
3.25 % of 125, which only 4 fits.

No base has to be printed: the shown pairs alone narrow it. A column of percentages is believed to belong to a column
of counts if all shown pairs agree, at least two of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .ledger import Ledger, Rank
from .reading import Grid, group_sizes, margin_rows
from .words import Measure, is_margin

Floats = NDArray[np.float64]
PAIRS = 2


@dataclass(frozen=True, slots=True)
class Percents:
    """Percentages beside the rows of a column of counts: value and half unit, in %, NaN where there is none."""

    value: Floats
    slack: Floats
    source: str


def tie_all(ledger: Ledger) -> None:
    """Add what percentages say of hidden counts, table by table."""
    for number, grid in enumerate(ledger.grids):
        if (grid.is_count & grid.hidden).any():
            _tie_down(ledger, number, grid)
            _tie_across(ledger, number, grid)
            _tie_along_rows(ledger, number, grid)


def percents_of(grid: Grid, column: int) -> Iterator[Percents]:
    """Percentages that may belong to a column of counts: in its own cells, and in other columns."""
    if np.isfinite(grid.share[:, column]).any():
        yield Percents(grid.share[:, column], grid.slack[:, column], grid.columns[column])
    for other in range(len(grid.columns)):
        if other == column or other in grid.dimensions or grid.is_count[:, other].any():
            continue
        found = column_percents(grid, other)
        if found is not None:
            yield found


def column_percents(grid: Grid, column: int) -> Percents | None:
    """A column of percentages, or of shares of one, in %."""
    value, slack = grid.share[:, column].copy(), grid.slack[:, column].copy()
    if grid.measures[column] is Measure.PERCENT:
        plain_numbers = np.isnan(value) & np.isfinite(grid.number[:, column])
        value[plain_numbers] = grid.number[plain_numbers, column]
        slack[plain_numbers] = 0.5 * 10.0 ** -grid.decimals[plain_numbers, column].astype(np.float64)
        finite = value[plain_numbers]
        if len(finite) and finite.max() <= 1 and (finite % 1 != 0).any():
            value[plain_numbers] *= 100
            slack[plain_numbers] *= 100
    return Percents(value, slack, grid.columns[column]) if np.isfinite(value).any() else None


def base_interval(counts: Floats, percents: Percents, rows: NDArray[np.bool_]) -> tuple[float, float] | None:
    """The base that all shown pairs agree on, as an interval; none if they do not agree."""
    value, slack, n = percents.value[rows], percents.slack[rows], counts[rows]
    least = 100 * n / (value + slack)
    with np.errstate(divide="ignore"):
        most = np.where(value > slack, 100 * n / np.maximum(value - slack, 1e-12), np.inf)
    low, high = float(least.max()), float(most.min())
    return (low, high) if low <= high + 1e-9 else None


def _tie_down(ledger: Ledger, number: int, grid: Grid) -> None:
    """One base for a whole column: percentages of the column's total."""
    sizes = group_sizes(grid)
    for column in grid.counts:
        hidden = grid.is_count[:, column] & grid.hidden[:, column]
        if not hidden.any():
            continue
        for percents in percents_of(grid, column):
            have = np.isfinite(percents.value)
            pairs = have & grid.is_count[:, column] & ~hidden & (grid.low[:, column] > 0)
            if pairs.any():
                base = base_interval(grid.low[:, column], percents, pairs)
                distinct = len(np.unique(grid.low[pairs, column]))
                whole = _adds_up(percents, _parts(grid))
                if base is None or not (distinct >= PAIRS or whole or _near_total(base, sizes.get(column))):
                    continue
            elif column in sizes:
                base = (float(sizes[column]), float(sizes[column]))
            else:
                continue
            for row in np.flatnonzero(hidden & have):
                _bound(ledger, number, int(row), column, percents, base)


def _parts(grid: Grid) -> NDArray[np.bool_]:
    """Rows that are no totals."""
    return ~margin_rows(grid)


def _adds_up(percents: Percents, rows: NDArray[np.bool_]) -> bool:
    """Whether the percentages are those of one whole."""
    kept = rows & np.isfinite(percents.value)
    return bool(abs(percents.value[kept].sum() - 100) <= percents.slack[kept].sum() + 0.05)


def _tie_along_rows(ledger: Ledger, number: int, grid: Grid) -> None:
    """Percentages within rows, whose base stands nowhere: 87.5 % are 35, so 12.5 % are 5."""
    columns = [c for c in grid.counts if not is_margin(grid.columns[c])]
    for row in range(len(grid.labels)):
        cells = [c for c in columns if grid.is_count[row, c] and np.isfinite(grid.share[row, c])]
        if len(cells) < PAIRS or len(cells) < len(columns):
            continue
        percents = Percents(grid.share[row, cells], grid.slack[row, cells], "")
        shown = ~grid.hidden[row, cells] & (grid.low[row, cells] > 0)
        if shown.all() or not shown.any() or not _adds_up(percents, np.ones(len(cells), dtype=np.bool_)):
            continue
        base = base_interval(grid.low[row, cells], percents, shown)
        for position in np.flatnonzero(~shown) if base else ():
            column = Percents(grid.share[:, cells[position]], grid.slack[:, cells[position]], "")
            _bound(ledger, number, row, cells[position], column, base or (0.0, 0.0))


def _near_total(base: tuple[float, float], size: int | None) -> bool:
    return size is not None and base[0] - 1e-9 <= size <= base[1] + 1e-9


def _bound(ledger: Ledger, number: int, row: int, column: int, percents: Percents, base: tuple[float, float]) -> None:
    value, slack = float(percents.value[row]), float(percents.slack[row])
    low, high = max(value - slack, 0.0) * base[0] / 100, (value + slack) * base[1] / 100
    about = f"{base[0]:.0f}" if round(base[0]) == round(base[1]) else f"{base[0]:.0f} to {base[1]:.0f}"
    key = (number, row, column)
    ledger.add((key,), (1.0,), low, high, name=f"{ledger.name(key)} = {value:g} % of {about}", rank=Rank.SHARE)


def _tie_across(ledger: Ledger, number: int, grid: Grid) -> None:
    """The base stands in another column of the same row: percentages within rows."""
    for column in grid.counts:
        for base in grid.counts:
            if base == column or not (grid.hidden[:, column] | grid.hidden[:, base]).any():
                continue
            for percents in percents_of(grid, column):
                _tie_rows(ledger, number, grid, column, base, percents)


def _tie_rows(ledger: Ledger, number: int, grid: Grid, column: int, base: int, percents: Percents) -> None:
    have = np.isfinite(percents.value) & grid.is_count[:, column] & grid.is_count[:, base]
    shown = have & ~grid.hidden[:, column] & ~grid.hidden[:, base]
    n, total = grid.low[shown, column], grid.low[shown, base]
    if len(np.unique(n[n > 0])) < PAIRS:
        return
    if (np.abs(100 * n - percents.value[shown] * total) > percents.slack[shown] * total + 1e-6).any():
        return
    for row in np.flatnonzero(have & ~shown):
        part, whole = (number, int(row), column), (number, int(row), base)
        value, slack = float(percents.value[row]), float(percents.slack[row])
        name = f"{ledger.name(part)} = {value:g} % of {ledger.name(whole)}"
        ledger.add((part, whole), (100.0, -(value - slack)), 0.0, np.inf, name=name, rank=Rank.SHARE)
        ledger.add((part, whole), (100.0, -(value + slack)), -np.inf, 0.0, name=name, rank=Rank.SHARE)
