"""Equations inside one table: margins down, margins across, margins along one of several labels.

Decides which sums of a table an attacker may use. Worked example: the long table `region, sex, n` with rows
(Nord, F), (Nord, M), (Nord, Total), (Total, F) … is a cube: each row with a total along one label is the sum of the
rows that agree with it in all other labels.
"""

from collections.abc import Iterator

import numpy as np

from . import margins
from .ledger import CellKey, Ledger, Rank
from .reading import Grid
from .words import Measure, is_margin, plain

LONGEST = 2000
"""Rows of a table beyond which sums without labels are not sought."""
_NAMED = 6
"""Parts of a sum that its name lists."""


def tie_all(ledger: Ledger) -> dict[int, list[str]]:
    """Add every table's own equations; per grid, the labelled totals that nothing adds up to."""
    orphans: dict[int, list[str]] = {}
    for number, grid in enumerate(ledger.grids):
        if not (grid.is_count & grid.hidden).any():
            continue
        loose = [*_down(ledger, number, grid), *_across(ledger, number, grid)]
        if loose:
            orphans[number] = loose
    return orphans


def _down(ledger: Ledger, number: int, grid: Grid) -> Iterator[str]:
    """Rows that are sums of rows."""
    columns = grid.counts
    low, high, known = grid.low[:, columns], grid.high[:, columns], grid.is_count[:, columns]
    if _is_cube(grid):
        yield from _cube(ledger, number, grid)
        return
    flags = np.array([any(is_margin(part) for part in label) for label in grid.labels], dtype=np.bool_)
    data = margins.lines(low, high, known, flags)
    if len(grid.labels) > LONGEST:
        data = margins.lines(low[flags], high[flags], known[flags], flags[flags])
    found, orphans = margins.find(data)
    for total in found:
        for k in total.along:
            column = columns[k]
            _sum(ledger, (number, total.target, column), [(number, m, column) for m in total.members], total.labelled)
    for row in orphans:
        if grid.hidden[:, columns].any() and (grid.is_count[row, columns] & ~grid.hidden[row, columns]).any():
            yield grid.label(row)


def _across(ledger: Ledger, number: int, grid: Grid) -> Iterator[str]:
    """Columns that are sums of columns."""
    columns = grid.counts
    if len(columns) < 2:  # noqa: PLR2004 - one column is the sum of none
        return
    flags = np.array([_is_total(grid, c, columns) for c in columns], dtype=np.bool_)
    transposed = margins.lines(grid.low[:, columns].T, grid.high[:, columns].T, grid.is_count[:, columns].T, flags)
    found, _ = margins.find(transposed)
    for total in found:
        target = columns[total.target]
        for row in total.along:
            members = [(number, row, columns[m]) for m in total.members]
            _sum(ledger, (number, row, target), members, total.labelled)
    yield from ()


def _is_total(grid: Grid, column: int, columns: list[int]) -> bool:
    """A heading that names a total; `n` beside unnamed categories is their total too."""
    heading = grid.columns[column]
    if is_margin(heading) or any(is_margin(part) for part in heading.split(" / ")):
        return True
    others = [c for c in columns if c != column]
    return plain(heading) in ("n", "effectif", "effectifs", "count") and all(
        grid.measures[c] is Measure.UNKNOWN for c in others
    )


def _is_cube(grid: Grid) -> bool:
    """Whether rows have several labels of which some are totals along one of them only."""
    labels = grid.labels
    if not labels or len(labels[0]) < 2 or len(set(labels)) != len(labels):  # noqa: PLR2004
        return False
    return any(any(map(is_margin, label)) and not all(map(is_margin, filter(None, label))) for label in labels)


def _cube(ledger: Ledger, number: int, grid: Grid) -> Iterator[str]:
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
                yield from _cube_sum(ledger, number, grid, tops[0], members)


def _cube_sum(ledger: Ledger, number: int, grid: Grid, top: int, members: list[int]) -> Iterator[str]:
    for column in grid.counts:
        cells = [top, *members]
        if not grid.is_count[cells, column].all():
            continue
        low, high = grid.low[members, column].sum(), grid.high[members, column].sum()
        if low <= grid.high[top, column] and high >= grid.low[top, column]:
            _sum(ledger, (number, top, column), [(number, m, column) for m in members], labelled=True)
        elif not grid.hidden[top, column]:
            yield grid.label(top)


def _sum(ledger: Ledger, target: CellKey, members: list[CellKey], labelled: bool) -> None:
    if all(ledger.shown(key) for key in (target, *members)):
        return
    ledger.add(
        (target, *members),
        (-1.0, *([1.0] * len(members))),
        0.0,
        0.0,
        name=_equation(ledger, target, members),
        rank=Rank.LABELLED if labelled else Rank.FOUND,
    )


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
