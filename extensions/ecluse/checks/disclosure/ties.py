"""Equations inside one table: margins down, margins across, margins along one of several labels.

Decides which sums of a table an attacker may use. Worked example: the long table `region, sex, n` with rows
(Nord, F), (Nord, M), (Nord, Total), (Total, F) … is a cube: each row with a total along one label is the sum of the
rows that agree with it in all other labels.

Totals of a rounded table are either rounded by themselves, or sums of what is shown. Which of the two shows in the
lines without masks: if all of them add up to the last digit, a hidden count is known as its neighbours are, rounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import margins
from .grid import Grid, margin_columns, margin_rows
from .ledger import CellKey, Ledger, Rank
from .words import Measure, is_margin, plain

LONGEST = 2000
"""Rows of a table beyond which sums without labels are not sought."""
ADDITIVE = 3
"""Lines that add up as shown from which a rounded table's totals are held to be sums of what is shown."""
_NAMED = 6
"""Parts of a sum that its name lists."""


@dataclass(frozen=True, slots=True)
class Sum:
    """One cell that is the sum of others. `labelled`: words say so; those of one `trial` above 0 are only supposed."""

    target: CellKey
    members: list[CellKey]
    labelled: bool
    trial: int = 0


def tie_all(ledger: Ledger) -> dict[int, list[str]]:
    """Add every table's own equations; per grid, the labelled totals that nothing adds up to."""
    orphans: dict[int, list[str]] = {}
    for number, grid in enumerate(ledger.grids):
        if not (grid.is_count & grid.hidden).any() and grid.base == 1:
            continue
        sums: list[Sum] = []
        loose = [*_down(sums, number, grid), *_across(sums, number, grid)]
        _tie(ledger, sums, grid)
        if loose:
            orphans[number] = loose
    return orphans


def _down(sums: list[Sum], number: int, grid: Grid) -> Iterator[str]:
    """Rows that are sums of rows."""
    columns = grid.counts
    (low, high), known = _ends(grid, columns), grid.is_count[:, columns]
    if _is_cube(grid):
        yield from _cube(sums, number, grid)
        return
    flags = margin_rows(grid)
    data = margins.lines(low, high, known, flags)
    if len(grid.labels) > LONGEST:
        data = margins.lines(low[flags], high[flags], known[flags], flags[flags])
    found, orphans = margins.find(data)
    if grid.base > 1:
        found += _as_shown(margins.lines(grid.low[:, columns], grid.high[:, columns], known, flags), found)
    trials = [] if found or orphans or grid.base > 1 else margins.supposed(data)
    for trial, total in enumerate((*found, *trials), 1 - len(found)):
        for k in total.along:
            column = columns[k]
            members = [(number, m, column) for m in total.members]
            sums.append(Sum((number, total.target, column), members, total.labelled, max(trial, 0)))
    for row in orphans:
        if grid.hidden[:, columns].any() and (grid.is_count[row, columns] & ~grid.hidden[row, columns]).any():
            yield grid.label(row)


def _across(sums: list[Sum], number: int, grid: Grid) -> Iterator[str]:
    """Columns that are sums of columns."""
    columns = grid.counts
    if len(columns) < 2:  # one column is the sum of none
        return
    named = margin_columns(grid, columns)
    flags = np.array([c in named or _counts_all(grid, c, columns) for c in columns], dtype=np.bool_)
    low, high = _ends(grid, columns)
    transposed = margins.lines(low.T, high.T, grid.is_count[:, columns].T, flags)
    found, _ = margins.find(transposed)
    if grid.base > 1:
        shown = margins.lines(grid.low[:, columns].T, grid.high[:, columns].T, grid.is_count[:, columns].T, flags)
        found += _as_shown(shown, found)
    for total in found:
        target = columns[total.target]
        for row in total.along:
            members = [(number, row, columns[m]) for m in total.members]
            sums.append(Sum((number, row, target), members, total.labelled))
    yield from ()


def _as_shown(data: margins.Lines, known: list[margins.Sum]) -> list[margins.Sum]:
    """Sums that no label names and that rounded counts make as they are shown."""
    targets = {found.target for found in known}
    return [found for found in margins.find(data)[0] if not found.labelled and found.target not in targets]


def _counts_all(grid: Grid, column: int, columns: list[int]) -> bool:
    """Whether a column is `n` beside unnamed categories: their total."""
    others = [c for c in columns if c != column]
    return plain(grid.columns[column]) in ("n", "effectif", "effectifs", "count") and all(
        grid.measures[c] is Measure.UNKNOWN for c in others
    )


def _is_cube(grid: Grid) -> bool:
    """Whether rows have several labels of which some are totals along one of them only."""
    labels = grid.labels
    if not labels or len(labels[0]) < 2 or len(set(labels)) != len(labels):
        return False
    return any(any(map(is_margin, label)) and not all(map(is_margin, filter(None, label))) for label in labels)


def _cube(sums: list[Sum], number: int, grid: Grid) -> Iterator[str]:
    """Sums along each label of a cube; the names of totals that fit nothing."""
    total = [tuple(is_margin(part) or not part for part in label) for label in grid.labels]
    for dimension in range(len(grid.labels[0])):
        groups: dict[tuple[str, ...], list[int]] = {}
        for row, label in enumerate(grid.labels):
            rest = tuple("" if total[row][d] else part for d, part in enumerate(label) if d != dimension)
            groups.setdefault(rest, []).append(row)
        for rows in groups.values():
            tops = [r for r in rows if total[r][dimension]]
            members = [r for r in rows if not total[r][dimension]]
            if len(tops) == 1 and len(members) > 1:
                yield from _cube_sum(sums, number, grid, tops[0], members)


def _cube_sum(sums: list[Sum], number: int, grid: Grid, top: int, members: list[int]) -> Iterator[str]:
    for column in grid.counts:
        cells = [top, *members]
        if not grid.is_count[cells, column].all():
            continue
        least, most = (ends[:, 0] for ends in _ends(grid, [column]))
        if least[members].sum() <= most[top] and most[members].sum() >= least[top]:
            sums.append(Sum((number, top, column), [(number, m, column) for m in members], labelled=True))
        elif not grid.hidden[top, column]:
            yield grid.label(top)


def _ends(grid: Grid, columns: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the counts of some columns can be, rounding in its widest reading."""
    low, high = grid.low[:, columns], grid.high[:, columns]
    if grid.base == 1:
        return low, high
    blur = np.where(grid.hidden[:, columns], 0, grid.base - 1)
    return np.maximum(low - blur, 0), high + blur


def _tie(ledger: Ledger, sums: list[Sum], grid: Grid) -> None:
    additive = grid.base > 1 and _is_additive(ledger, sums)
    stand_in: dict[CellKey, CellKey] = {}
    groups = {trial: ledger.group() for trial in {found.trial for found in sums} - {0}}
    for found in sums:
        keys = (found.target, *found.members)
        signs = (-1.0, *([1.0] * len(found.members)))
        rank = Rank.ASSUMED if found.trial else Rank.LABELLED if found.labelled else Rank.FOUND
        hidden = [key for key in keys if not ledger.shown(key)]
        if not hidden and (grid.base == 1 or additive):
            continue
        name = _equation(ledger, found.target, found.members)
        if not additive:
            ledger.add(keys, signs, 0.0, 0.0, name=name, rank=rank, group=groups.get(found.trial, 0))
            continue
        for key in hidden:
            if key not in stand_in:
                stand_in[key] = ledger.unknown(0.0, np.inf, f"{ledger.name(key)}, rounded")
                half = grid.base // 2
                ledger.add((key, stand_in[key]), (1.0, -1.0), -half, half, name=name, rank=rank)
        rest = -sum(c * ledger.interval(k)[0] for k, c in zip(keys, signs, strict=True) if ledger.shown(k))
        mine = [(stand_in[k], c) for k, c in zip(keys, signs, strict=True) if not ledger.shown(k)]
        ledger.add([k for k, _ in mine], [c for _, c in mine], rest, rest, name=name, rank=rank)


def _is_additive(ledger: Ledger, sums: list[Sum]) -> bool:
    """Whether all lines that are shown whole add up as they are shown."""
    exact = 0
    for found in sums:
        if all(ledger.shown(key) for key in (found.target, *found.members)):
            if ledger.interval(found.target)[0] != sum(ledger.interval(key)[0] for key in found.members):
                return False
            exact += 1
    return exact >= ADDITIVE


def _equation(ledger: Ledger, target: CellKey, members: list[CellKey]) -> str:
    """`Total/n (24) = Nord/n + Sud/n (20)`; hidden parts first, long ones shortened with their sum."""
    hidden = [key for key in members if not ledger.shown(key)]
    shown = [key for key in members if ledger.shown(key)]
    parts = [ledger.name(key) for key in hidden[:_NAMED]]
    if len(hidden) > _NAMED:
        parts.append(f"{len(hidden) - _NAMED} more hidden cells")
    if len(shown) > _NAMED:
        parts.append(f"{len(shown)} shown cells ({int(sum(ledger.interval(key)[0] for key in shown))})")
    else:
        parts += [ledger.name(key) for key in shown]
    return f"{ledger.name(target)} = {' + '.join(parts)}"
