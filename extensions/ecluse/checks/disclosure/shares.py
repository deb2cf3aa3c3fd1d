"""Counts that percentages give back.

Decides which percentages belong to which counts, and what they say of hidden ones. Worked example: Nord `<11` and
3.2 %, Sud 60 and 48.0 %, Est 61 and 48.8 %: the shown pairs agree on a base of 125 persons, so Nord has 3.15 to
3.25 % of 125, which only 4 fits.

No base has to be printed: the shown pairs alone narrow it. A column of percentages is believed to belong to a column
of counts if all shown pairs agree, at least two of them. The base is an unknown of its own: all percentages narrow it
together, and where they add up to 100 it is the sum of the counts.

Percentages beside rounded counts are those of the rounded counts, and then say nothing new, or those of the true ones,
and then they undo the rounding.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .grid import Grid, group_sizes, margin_rows
from .ledger import Ledger, Rank
from .words import Measure, is_margin, rate_base

Floats = NDArray[np.float64]
PAIRS = 2
ROUNDED_PAIRS = 3
"""Pairs of rounded counts and percentages that agree from which the percentages are held to be those of the former."""


@dataclass(frozen=True, slots=True)
class Percents:
    """Percentages beside the rows of a column of counts: value and half unit, in %, NaN where there is none."""

    value: Floats
    slack: Floats
    source: str


def tie_all(ledger: Ledger) -> None:
    """Add what percentages say of hidden counts, table by table."""
    for number, grid in enumerate(ledger.grids):
        if (grid.is_count & grid.hidden).any() or grid.base > 1:
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
    if grid.measures[column] is Measure.PERCENT or _is_support(grid, column):
        plain_numbers = np.isnan(value) & np.isfinite(grid.number[:, column])
        value[plain_numbers] = grid.number[plain_numbers, column]
        slack[plain_numbers] = 0.5 * 10.0 ** -grid.decimals[plain_numbers, column].astype(np.float64)
        finite = value[plain_numbers]
        base = rate_base(grid.columns[column])
        if base != 100:  # a rate per 1,000 or 100,000
            value[plain_numbers] *= 100 / base
            slack[plain_numbers] *= 100 / base
        elif len(finite) and finite.max() <= 1 and (finite % 1 != 0).any():
            value[plain_numbers] *= 100
            slack[plain_numbers] *= 100
    return Percents(value, slack, grid.columns[column]) if np.isfinite(value).any() else None


def _is_support(grid: Grid, column: int) -> bool:
    """Whether a column that is named like counts holds shares: `support` of a rule, from 0 to 1."""
    numbers = grid.number[np.isfinite(grid.number[:, column]), column]
    named = grid.measures[column] is Measure.COUNT and len(numbers) > 1
    return named and bool((numbers >= 0).all() and (numbers <= 1).all() and (numbers % 1 != 0).any())


def base_interval(
    counts: Floats, percents: Percents, rows: NDArray[np.bool_], blur: float = 0.0
) -> tuple[float, float] | None:
    """The base that all shown pairs agree on, as an interval; none if they do not agree. `blur` is half a rounding."""
    value, slack, n = percents.value[rows], percents.slack[rows], counts[rows]
    least = 100 * np.maximum(n - blur, 0) / (value + slack)
    with np.errstate(divide="ignore"):
        most = np.where(value > slack, 100 * (n + blur) / np.maximum(value - slack, 1e-12), np.inf)
    low, high = float(least.max()), float(most.min())
    return (low, high) if low <= high + 1e-9 else None


def _tie_down(ledger: Ledger, number: int, grid: Grid) -> None:
    """One base for a whole column: percentages of the column's total."""
    sizes = group_sizes(grid)
    for column in grid.counts:
        counted = grid.is_count[:, column]
        hidden = counted & grid.hidden[:, column]
        if not hidden.any() and grid.base == 1:
            continue
        for percents in percents_of(grid, column):
            have = np.isfinite(percents.value) & counted
            pairs = have & ~hidden & (grid.low[:, column] > 0)
            distinct = len(np.unique(grid.low[pairs, column]))
            whole = _adds_up(percents, _parts(grid))
            # Percentages that the rounded counts themselves give are theirs, and tell no more than they do.
            base = base_interval(grid.low[:, column], percents, pairs) if pairs.any() else None
            rounded = grid.base > 1 and base is not None and distinct >= ROUNDED_PAIRS
            if grid.base > 1 and not rounded and pairs.any():
                base = base_interval(grid.low[:, column], percents, pairs, grid.base / 2)
            if pairs.any():
                if base is None or not (distinct >= PAIRS or whole or _near_total(base, sizes.get(column))):
                    continue
            elif column in sizes:
                base = (float(sizes[column]), float(sizes[column]))
            elif whole and have.any():
                base = (1.0, np.inf)
            else:
                continue
            blur = grid.base if rounded else 0
            _tie_base(ledger, (number, column), percents, base, whole=not rounded, blur=blur)


def _tie_base(
    ledger: Ledger, at: tuple[int, int], percents: Percents, base: tuple[float, float], *, whole: bool, blur: int
) -> None:
    """Tie the counts of a column that are not exact to their percentages of one base."""
    number, column = at
    grid = ledger.grids[number]
    low, high = np.ceil(base[0] - 1e-9), np.floor(base[1] + 1e-9)
    if low > high:
        return  # no whole number of persons: the base is something else
    about = f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}" if np.isfinite(high) else "all"
    unknown = ledger.unknown(low, high, f"the base ({about})")
    rows = np.isfinite(percents.value) & grid.is_count[:, column]
    for row in np.flatnonzero(rows):
        key = (number, int(row), column)
        if ledger.exact(key) or (blur and ledger.shown(key)):
            continue
        value, slack = float(percents.value[row]), float(percents.slack[row])
        half = 100.0 * (blur // 2)
        name = f"{ledger.name(key)} = {value:g} % of {about}"
        ledger.add((key, unknown), (100.0, -max(value - slack, 0.0)), -half, np.inf, name=name, rank=Rank.SHARE)
        ledger.add((key, unknown), (100.0, -(value + slack)), -np.inf, half, name=name, rank=Rank.SHARE)
    parts = [(number, int(row), column) for row in np.flatnonzero(_parts(grid))]
    if whole and len(parts) > 1 and grid.is_count[_parts(grid), column].all():
        signs = (-1.0, *([1.0] * len(parts)))
        name = f"the base ({about}) = the sum of {grid.columns[column]!r}"
        # Where a percentage is left out, nothing proves that the rest is the whole; it usually is.
        proven = _adds_up(percents, _parts(grid))
        rank, group = (Rank.SHARE, 0) if proven else (Rank.ASSUMED, ledger.group())
        ledger.add((unknown, *parts), signs, 0.0, 0.0, name=name, rank=rank, group=group)


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
    gap = np.abs(100 * n - percents.value[shown] * total) - percents.slack[shown] * total
    blur = grid.base / 2 if grid.base > 1 and (gap > 1e-6).any() else 0.0
    if (gap - blur * (100 + percents.value[shown]) > 1e-6).any() or (grid.base > 1 and not blur):
        return
    for row in np.flatnonzero(have if blur else have & ~shown):
        part, whole = (number, int(row), column), (number, int(row), base)
        value, slack = float(percents.value[row]), float(percents.slack[row])
        name = f"{ledger.name(part)} = {value:g} % of {ledger.name(whole)}"
        ledger.add((part, whole), (100.0, -(value - slack)), 0.0, np.inf, name=name, rank=Rank.SHARE)
        ledger.add((part, whole), (100.0, -(value + slack)), -np.inf, 0.0, name=name, rank=Rank.SHARE)
