"""Counts that a second table gives by subtraction.

Decides when two tables, each safe alone, differ by few persons. Worked example: last month's release counts 20,000
patients in 60 cells, today's has 60 patients more; every cell has more than eleven, but 36 of the 60 differences are
1 to 10, and each says something about the newcomers.

Tables are compared cell by cell under common labels (`links.cell_name`). They must be close enough to speak of nested
groups: counts of unrelated groups differ by about their own size. Closeness is measured in bits, so that one pair of
large counts or several of small ones prove it alike.
"""

import math
from collections.abc import Iterator

from ecluse.rules.finding import Finding, Severity

from .ledger import CellKey
from .links import Name, cell_name
from .reading import Grid

PROOF_BITS = 6.0
SHOWN = 10


def find(grids: list[Grid], minimum: int) -> Iterator[tuple[str, Finding]]:
    """Findings with the path that each is about. Grids with a `request` are earlier releases."""
    shown = [_shown(number, grid) for number, grid in enumerate(grids)]
    for number, grid in enumerate(grids):
        if grid.request:
            continue
        for other, earlier in enumerate(grids):
            if earlier.request or other < number:
                yield from _compare(grids, shown[number], shown[other], minimum)


def _shown(number: int, grid: Grid) -> dict[Name, CellKey]:
    found: dict[Name, CellKey] = {}
    twice: set[Name] = set()
    for column in grid.counts:
        for row in range(len(grid.labels)):
            if grid.is_count[row, column] and not grid.hidden[row, column]:
                name = cell_name(grid, row, column)
                if name in found:
                    twice.add(name)
                found[name] = (number, row, column)
    return {name: key for name, key in found.items() if name not in twice}


def _compare(
    grids: list[Grid], mine: dict[Name, CellKey], theirs: dict[Name, CellKey], minimum: int
) -> Iterator[tuple[str, Finding]]:
    common = [name for name in mine if name in theirs]
    pairs = [(_count(grids, mine[name]), _count(grids, theirs[name])) for name in common]
    if not _nested(pairs):
        return
    found = 0
    for name, (one, other) in zip(common, pairs, strict=True):
        if not 1 <= abs(one - other) < minimum:
            continue
        found += 1
        if found <= SHOWN:
            yield grids[mine[name][0]].path, _finding(grids, mine[name], theirs[name], minimum)


def _count(grids: list[Grid], key: CellKey) -> float:
    number, row, column = key
    return float(grids[number].low[row, column])


def _nested(pairs: list[tuple[float, float]]) -> bool:
    """Whether the counts are those of two groups of which one nearly holds the other."""
    differences = [a - b for a, b in pairs]
    if not any(differences):
        return False
    bits = sum(math.log2((max(a, b) + 1) / (2 * abs(a - b) + 1)) for a, b in pairs)
    one_way = all(d >= 0 for d in differences) or all(d <= 0 for d in differences)
    # Late claims and corrections move counts both ways; then each cell must be close on its own.
    return bits >= PROOF_BITS * (1 if one_way else 2) and bits / len(pairs) >= (1 if one_way else 3)


def _finding(grids: list[Grid], key: CellKey, other: CellKey, minimum: int) -> Finding:
    grid, earlier = grids[key[0]], grids[other[0]]
    _, row, column = key
    one, two = int(_count(grids, key)), int(_count(grids, other))
    released = bool(earlier.request)
    source = f"{earlier.path!r}, released in {earlier.request!r}" if released else f"{earlier.path!r} of this request"
    return Finding(
        rule="differencing",
        severity=Severity.REFUSE if released else Severity.REVIEW,
        where=grid.where(row, column),
        message=f"{grid.name(row, column)!r} is {one} here and {two} in {source} "
        f"({earlier.where(other[1], other[2])}): the difference singles out {abs(one - two)} persons.",
        fix="Keep the earlier figure, or round both to a common base, or wait until every difference is 0 or "
        f"at least {minimum}."
        if released
        else "Show one of the two tables only, or round both to a common base.",
        place=grid.place(row, column),
    )
