"""Groups that no cell shows and that subtraction gives: what a total has more than its parts.

Decides when a table tells a small count without printing it. Worked example: 300 women, 380 men, 686 in all: six
persons whose sex is missing can be computed as well as if they stood there. And across three tables of the same
regions, everybody 120, women 70, men 45: five in Nord are neither.

That tables speak of a group and its parts is believed where the parts come nearer to the whole than chance, as for
differences; what follows is for the reviewers.
"""

import itertools
from collections.abc import Iterator

import numpy as np

from ecluse.rules.finding import Finding, Severity

from .difference import Shown, is_nested, named
from .grid import Grid, margin_columns, margin_rows

MOST_LEFT = 0.05
"""Share of a total beyond which its parts are those of something else."""
MOST_TABLES = 16
LEAST_COMMON = 3
LARGEST = 2000
"""Counts of a table beyond which it is not held against two others."""
SHOWN = 5


def find(grids: list[Grid], minimum: int) -> Iterator[tuple[str, Finding]]:
    """Findings with the path that each is about. Grids with a `request` are earlier releases."""
    for grid in grids:
        if not grid.request and grid.base == 1:
            for row, column, left in itertools.islice(_left_over(grid, minimum), SHOWN):
                yield grid.path, _finding(grid, row, column, f"its parts add up to {left} less", left)
    yield from _parts_elsewhere(grids, minimum)


def _left_over(grid: Grid, minimum: int) -> Iterator[tuple[int, int, int]]:
    """Labelled totals that exceed the sum of the lines that they stand for by few: row, column, how many."""
    flags = margin_rows(grid)
    columns = grid.counts
    shown = grid.is_count & ~grid.hidden
    for row in np.flatnonzero(flags):
        before = max((int(r) for r in np.flatnonzero(flags[:row])), default=-1)
        members = [r for r in range(before + 1, int(row)) if grid.is_count[r].any()]
        along = [c for c in columns if shown[row, c] and shown[members, c].all()] if len(members) > 1 else []
        left = {c: int(grid.low[row, c] - grid.low[members, c].sum()) for c in along}
        if _is_remainder(left, {c: grid.low[row, c] for c in along}):
            yield from ((int(row), c, n) for c, n in left.items() if 1 <= n < minimum)
    totals = margin_columns(grid, columns)
    members = [c for c in columns if c not in totals]
    if len(totals) == 1 and len(members) > 1:
        rows = [r for r in range(len(grid.labels)) if shown[r, totals[0]] and shown[r, members].all()]
        left = {r: int(grid.low[r, totals[0]] - grid.low[r, members].sum()) for r in rows}
        if _is_remainder(left, {r: grid.low[r, totals[0]] for r in rows}):
            yield from ((r, totals[0], n) for r, n in left.items() if 1 <= n < minimum)


def _is_remainder(left: dict[int, int], totals: dict[int, float]) -> bool:
    """Whether the parts are those of the totals, but for few: never more than them, and never much less."""
    return bool(left) and all(0 <= n <= MOST_LEFT * totals[at] for at, n in left.items())


def _parts_elsewhere(grids: list[Grid], minimum: int) -> Iterator[tuple[str, Finding]]:
    """Tables whose counts are those of two others together, but for few."""
    tables = [(n, _reduced(named(n, g))) for n, g in enumerate(grids) if g.base == 1 and g.is_count.sum() <= LARGEST]
    tables = [(n, shown) for n, shown in tables if len(shown) >= LEAST_COMMON][-MOST_TABLES:]
    for (whole, all_), ((one, first), (two, second)) in itertools.product(tables, itertools.combinations(tables, 2)):
        mine = [n for n in (whole, one, two) if not grids[n].request]
        if whole in (one, two) or not mine:
            continue
        if all_.keys().isdisjoint(first) or all_.keys().isdisjoint(second):
            continue
        common = [name for name in all_ if name in first and name in second]
        pairs = [(all_[name][0], first[name][0] + second[name][0]) for name in common]
        few = [name for name, (a, b) in zip(common, pairs, strict=True) if 1 <= abs(a - b) < minimum]
        if few and len(common) >= LEAST_COMMON and is_nested(np.array(pairs)):
            shown = {whole: all_, one: first, two: second}[mine[-1]]
            for name in few[:SHOWN]:
                _, (at, row, column) = shown[name]
                others = [grids[n] for n in (whole, one, two) if n != at]
                which = " and ".join(
                    f"{g.path!r}" + (f", released in {g.request!r}," if g.request else "") for g in others
                )
                count = int(abs(all_[name][0] - first[name][0] - second[name][0]))
                equation = f"{int(all_[name][0])} − {int(first[name][0])} − {int(second[name][0])}"
                said = f"with {which} it leaves {equation} = {count}"
                yield grids[at].path, _finding(grids[at], row, column, said, count)


def _which(grid: Grid) -> str:
    return f"{grid.path!r}, released in {grid.request!r}," if grid.request else repr(grid.path)


def _reduced(shown: Shown) -> Shown:
    """The cells of a table without what all their names have in common: a table of women and one of men then agree."""
    names = list(shown)
    shared = frozenset.intersection(*names) if len(names) > 1 else frozenset()
    return {name - shared: cell for name, cell in shown.items()}


def _finding(grid: Grid, row: int, column: int, said: str, count: int) -> Finding:
    people = "1 person" if count == 1 else f"{count} persons"
    return Finding(
        rule="remainder",
        severity=Severity.REVIEW,
        where=grid.where(row, column),
        message=f"{grid.name(row, column)!r} is {int(grid.low[row, column])}, and {said}: "
        f"{people} in no cell can be computed by subtraction.",
        fix="Leave the total out, give the total of the parts shown, or merge the missing ones with another group.",
        place=grid.place(row, column),
    )
