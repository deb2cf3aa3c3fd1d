"""Counts that a second table gives by subtraction.

Decides when two tables, each safe alone, differ by few persons. Worked example: last month's release counts 20,000
patients in 60 cells, today's has 60 patients more; every cell has more than eleven, but 36 of the 60 differences are
1 to 10, and each says something about the newcomers.

Tables are compared cell by cell under common labels (`links.cell_name`), or place by place where one is the other's
translation. They must be closer than chance to speak of
nested groups: the same table for another year has differences of 1 to 10 as well, and they single out nobody.
"""

import math
import re
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ecluse.rules.finding import Finding, Severity

from .grid import Grid
from .ledger import CellKey
from .links import Name, label_names, sums
from .recover import values_needed
from .rounding import Blur

PROOF_BITS, RELEASED_BITS = 5.5, 5.0
"""How much nearer than chance two tables are, in bits, to be nested; one that was released under the same labels needs
less proof than one of the same request, where years and sites stand side by side."""
TRANSLATED_BITS, LEAST_TRANSLATED = 7.0, 2
"""Proof that two tables which share no label are one in two languages, and cells from which it is asked."""
SHOWN = 10
"""Findings per pair of tables."""
MOST = 30
"""Findings per file."""
LARGEST = 2000
"""Counts of a table beyond which no sums of it are compared."""
NEIGHBOURS = 40
"""Tables of the same request that a table is compared with; earlier releases are all compared."""

Shown = dict[Name, tuple[float, CellKey]]
Pairs = NDArray[np.float64]
"""Counts of the same cells in two tables, shape (cells, 2)."""


def find(grids: list[Grid], minimum: int) -> Iterator[tuple[str, Finding]]:
    """Findings with the path that each is about. Grids with a `request` are earlier releases."""
    orders: dict[tuple[Name, ...], int] = {}
    tables = [_Named(number, grid, orders) for number, grid in enumerate(grids)]
    given: dict[str, int] = {}
    for number, grid in enumerate(grids):
        if grid.request:
            continue
        before = [o for o, earlier in enumerate(grids) if earlier.request]
        for other in [*before, *range(max(0, number - NEIGHBOURS), number)]:
            for finding in _between(grids, tables[number], tables[other], minimum):
                given[grid.path] = given.get(grid.path, 0) + 1
                if given[grid.path] <= MOST:
                    yield grid.path, finding


def _between(grids: list[Grid], mine: "_Named", theirs: "_Named", minimum: int) -> Iterator[Finding]:
    """Findings on one table from another one."""
    if not mine.may_meet(theirs):
        yield from _translated(grids, mine, theirs, minimum)
        return
    if mine.order == theirs.order:
        pairs = np.stack([mine.counts, theirs.counts], axis=1)
        yield from _told(grids, mine.shown, theirs.shown, list(mine.shown), pairs, minimum)
        return
    yield from _compare(grids, mine.shown, theirs.shown, minimum)
    yield from _compare(grids, mine.summed(theirs.shown), theirs.shown, minimum)
    yield from _compare(grids, mine.shown, theirs.summed(mine.shown), minimum)


class _Named:
    """A table with the names of its lines; those of its cells are made when another table may have some of them."""

    def __init__(self, number: int, grid: Grid, orders: dict[tuple[Name, ...], int]) -> None:
        self.number, self.grid = number, grid
        self._orders = orders
        self.rows, self.columns = label_names(grid)
        self.lines = [(names, frozenset().union(*names)) for names in (set(self.rows), set(self.columns.values()))]
        self.words = frozenset().union(*(words for _, words in self.lines))

    def may_meet(self, other: "_Named") -> bool:
        """Whether some cell here may have the name of a cell there: a row and a column of it speak of what is there."""
        return all(
            (Name() in names or not words.isdisjoint(other.words)) and any(name <= other.words for name in names)
            for names, words in self.lines
        )

    @cached_property
    def figures(self) -> list[list[str]]:
        """The figures in each heading and label: a translation keeps them."""
        return [re.findall(r"\d+", text) for text in (*self.grid.columns, *map(" ".join, self.grid.labels))]

    @cached_property
    def shown(self) -> Shown:
        """The shown counts by name; a name that stands twice names nothing."""
        return named(self.number, self.grid, (self.rows, self.columns))

    @cached_property
    def counts(self) -> NDArray[np.float64]:
        """The shown counts alone, in their order."""
        return np.array([count for count, _ in self.shown.values()], dtype=np.float64)

    @cached_property
    def order(self) -> int:
        """A number that tables have in common which show the same cells in the same order."""
        return self._orders.setdefault(tuple(self.shown), len(self._orders))

    def summed(self, wanted: Shown) -> Shown:
        """Sums over one or more labels, as far as the other table has cells of such names and this one none."""
        found: Shown = {}
        if self.grid.is_count.sum() <= LARGEST:
            for view in sums(self.number, self.grid, set(wanted) - set(self.shown)):
                for name, keys in view.cells.items():
                    if not any(self.grid.hidden[row, column] for _, row, column in keys):
                        total = sum(float(self.grid.low[row, column]) for _, row, column in keys)
                        found[name] = (total, keys[0])
        return found


def named(number: int, grid: Grid, names: tuple[list[Name], dict[int, Name]] | None = None) -> Shown:
    """The shown counts of a table by the names of their cells; a name that stands twice names nothing."""
    rows, columns = names or label_names(grid)
    shown = grid.is_count & ~grid.hidden
    found: Shown = {}
    twice: set[Name] = set()
    for column, heading in columns.items():
        for row in np.flatnonzero(shown[:, column]):
            name = rows[row] | heading
            if name in found:
                twice.add(name)
            found[name] = (float(grid.low[row, column]), (number, int(row), column))
    return {name: cell for name, cell in found.items() if name not in twice}


def _compare(grids: list[Grid], mine: Shown, theirs: Shown, minimum: int) -> Iterator[Finding]:
    common = [name for name in mine if name in theirs]
    pairs = np.array([(mine[name][0], theirs[name][0]) for name in common], dtype=np.float64)
    yield from _told(grids, mine, theirs, common, pairs, minimum)


def _told(
    grids: list[Grid], mine: Shown, theirs: Shown, common: list[Name], pairs: Pairs, minimum: int
) -> Iterator[Finding]:
    """Findings on the cells that two tables have in common; `pairs` are their counts."""
    if not common:
        return
    blur = sum(_half(grids, side[common[0]]) for side in (mine, theirs))
    small = np.flatnonzero(_tells(pairs, blur, minimum))
    if not len(small):
        return
    released = bool(grids[theirs[common[0]][1][0]].request)
    if alike(pairs, RELEASED_BITS if released else PROOF_BITS) or _released_again(grids, mine, theirs, pairs):
        for at in small[:SHOWN]:
            yield _finding(grids, mine[common[at]], theirs[common[at]], minimum)


def _released_again(grids: list[Grid], mine: Shown, theirs: Shown, pairs: Pairs) -> bool:
    """Whether a file of the same name with the same cells was released before, and nothing says that it counted others.

    Some of its cells are the very same, which those of another year hardly are.
    """
    one, two = (grids[next(iter(side.values()))[1][0]] for side in (mine, theirs))
    same = int((pairs[:, 0] == pairs[:, 1]).sum())
    return bool(two.request and one.path == two.path and set(mine) == set(theirs) and same * 3 >= len(pairs) > 1)


def _translated(grids: list[Grid], mine: "_Named", theirs: "_Named", minimum: int) -> Iterator[Finding]:
    """The same table in another language: place by place, where no label is shared and the counts are too alike."""
    one, two = mine.grid, theirs.grid
    if one.is_count.shape != two.is_count.shape or one.counts != two.counts or one.base > 1 or two.base > 1:
        return
    both = one.is_count & two.is_count & ~one.hidden & ~two.hidden
    if mine.figures != theirs.figures or both.sum() < LEAST_TRANSLATED or (one.is_count != two.is_count).any():
        return
    pairs = np.stack([one.low[both], two.low[both]], axis=1)
    few = [(int(row), int(column)) for row, column in np.argwhere(both)[_tells(pairs, 0.0, minimum)]]
    if few and alike(pairs, TRANSLATED_BITS):
        for at in few[:SHOWN]:
            shown, other = ((float(grid.low[at]), (n, *at)) for grid, n in ((one, mine.number), (two, theirs.number)))
            yield _finding(grids, shown, other, minimum)


def _half(grids: list[Grid], shown: tuple[float, CellKey]) -> float:
    """How far a count may be from what is shown."""
    return Blur.NEAREST.interval(0.0, grids[shown[1][0]].base)[1]


def _tells(pairs: Pairs, blur: float, minimum: int) -> NDArray[np.bool_]:
    """Which two counts, rounded or not, are known to differ by few persons, within fewer values than needed."""
    gap = np.abs(pairs[:, 0] - pairs[:, 1])
    low, high = np.maximum(gap - blur, 0.0), gap + blur
    found: NDArray[np.bool_] = (low >= 1) & (high < minimum) & (high - low + 1 < values_needed(minimum))
    return found


def is_nested(pairs: Pairs) -> bool:
    """Whether the counts are too alike for two groups that share nobody."""
    return alike(pairs, PROOF_BITS)


def alike(pairs: Pairs, bits: float) -> bool:
    """Whether counts of two groups that share nobody are as near to each other with a chance of 2**-bits at most.

    Counts of unrelated groups, even of equal size in expectation, differ by about the root of their sum, so that
    Σ (a − b)² / (a + b) follows χ² with one degree of freedom per cell; nested groups differ by far less. `bits` is
    at least 1: χ² is below its mean in more than half of all cases, and need not be worked out above it.
    """
    together = pairs.sum(axis=1)
    used = together > 0
    cells = int(used.sum())
    distance = float(((pairs[used, 0] - pairs[used, 1]) ** 2 / together[used]).sum())
    return 0 < cells > distance and chi_squared_below(cells, distance) <= 2.0**-bits


def chi_squared_below(cells: int, distance: float) -> float:
    """Chance that χ² with `cells` degrees of freedom is below `distance`.

    Closed form for whole degrees of freedom: Abramowitz and Stegun 26.4.4 and 26.4.5. A library for it alone (SciPy)
    would be the largest part of the checker's image and half of the time that it takes to start.
    """
    half = distance / 2
    if half <= 0:
        return 0.0
    powers = [j / 2 for j in range(cells % 2, cells, 2)]
    terms = [math.exp(p * math.log(half) - half - math.lgamma(p + 1)) for p in powers]
    return max(0.0, 1.0 - math.fsum(terms) - (math.erfc(math.sqrt(half)) if cells % 2 else 0.0))


def _said(grid: Grid, at: tuple[int, int], count: float) -> str:
    """The cell, or the sum that begins with it."""
    return repr(grid.name(*at)) if grid.low[at] == count else f"The sum of {grid.name(*at)!r} and others"


def _finding(grids: list[Grid], mine: tuple[float, CellKey], theirs: tuple[float, CellKey], minimum: int) -> Finding:
    (one, (at, row, column)), (two, other) = mine, theirs
    grid, earlier = grids[at], grids[other[0]]
    released = bool(earlier.request)
    source = f"{earlier.path!r}, released in {earlier.request!r}" if released else f"{earlier.path!r} of this request"
    return Finding(
        rule="differencing",
        severity=Severity.REFUSE if released else Severity.REVIEW,
        where=grid.where(row, column),
        message=f"{_said(grid, (row, column), one)} is {int(one)} here and {int(two)} in {source} "
        f"({earlier.where(other[1], other[2])}): the difference singles out {int(abs(one - two))} persons.",
        fix="Keep the earlier figure, or round both to a common base, or wait until every difference is 0 or "
        f"at least {minimum}."
        if released
        else "Show one of the two tables only, or round both to a common base.",
        place=grid.place(row, column),
    )
