"""Counts by bands of age, of income, of anything measured, that another table cuts elsewhere.

Decides what two cuts of one measure give together. Worked example: 65-79 and 80+ here, 65-84 and 85+ in an earlier
release, 904 persons from 65 on in both: those of 80+ less those of 85+ are the persons of 80 to 84, whom no table
shows. And 904 from 65 on before, 811 and 88 in two bands today: five have left.

Bands are added up from the top: at each cut stands how many are beyond it. Two tables are held to count the same
persons if they agree at a cut, or are nearer to each other at all cuts than chance, as for `difference`.
"""

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ecluse.rules.finding import Finding, Severity

from .difference import NEIGHBOURS, PROOF_BITS, alike
from .grid import Grid
from .ledger import CellKey
from .links import Name, cell_name
from .words import is_margin, plain

AGREED_BITS = 5.5
"""What an equal count at a cut is worth, as base-2 logarithm, that makes two tables ones of the same persons."""
AGAIN_BITS = 3.0
"""Proof that is enough where a file of the same name was released before: it is likelier than not the same table."""
SHOWN = 5
_UNIT = r"(?: ?(?:ans|years?(?: old)?|y|yrs?|a))?"
_NUMBER = r"(\d{1,6}(?:\.\d{1,3})?)"
_CLOSED = re.compile(rf"(?:age )?{_NUMBER}{_UNIT} ?(?:-|–|—|a|to|\.\.) ?{_NUMBER}{_UNIT}")
_HALF_OPEN = re.compile(rf"\[ ?{_NUMBER} ?[,;-] ?{_NUMBER} ?[\[)]")
_ABOVE = re.compile(
    rf"(?:(?:≥|>=) ?{_NUMBER}{_UNIT}|{_NUMBER}{_UNIT} ?(?:\+|(?:et|ou|and|or) (?:plus|over|more|older|above)){_UNIT})"
)
_BELOW = re.compile(rf"(?:<|moins de|under|below|less than|younger than) ?{_NUMBER}{_UNIT}")


@dataclass(frozen=True, slots=True)
class Tail:
    """How many are beyond each cut of one group, and the cell that begins there."""

    grid: int
    beyond: dict[float, tuple[float, CellKey]]


def find(grids: list[Grid], minimum: int) -> Iterator[tuple[str, Finding]]:
    """Findings with the path that each is about. Grids with a `request` are earlier releases."""
    tails = [_tails(number, grid) for number, grid in enumerate(grids)]
    before = [n for n, grid in enumerate(grids) if grid.request and tails[n]]
    for number, grid in enumerate(grids):
        if grid.request or not tails[number]:
            continue
        for other in [*before, *range(max(0, number - NEIGHBOURS), number)]:
            if grids[other].request or other not in before:
                for name in tails[number].keys() & tails[other].keys():
                    found = _compare(grids, tails[number][name], tails[other][name], minimum)
                    yield from ((grid.path, finding) for finding in itertools.islice(found, SHOWN))


def band(label: str) -> tuple[float, float] | None:
    """From where to where a band of whole numbers goes, its end not included: `65-84` is (65, 85), `85+` has no end."""
    text = plain(label)
    if m := _CLOSED.fullmatch(text):
        low, high = float(m[1]), float(m[2])
        return (low, high + 1) if low < high and low.is_integer() and high.is_integer() else None
    if m := _HALF_OPEN.fullmatch(text):
        return (float(m[1]), float(m[2])) if float(m[1]) < float(m[2]) else None
    if m := _ABOVE.fullmatch(text):
        return float(m[1] or m[2]), math.inf
    if m := _BELOW.fullmatch(text):
        return 0.0, float(m[1])
    return None


def _tails(number: int, grid: Grid) -> dict[Name, Tail]:
    """For each group that bands part without a gap up to an open one: how many are beyond each cut."""
    if grid.base > 1 or not grid.labels:
        return {}
    spans = [[band(part) for part in label] for label in grid.labels]
    whole = [all(span[d] or is_margin(grid.labels[r][d]) for r, span in enumerate(spans)) for d in range(len(spans[0]))]
    if sum(whole) != 1:
        return {}
    at = whole.index(True)
    groups: dict[Name, dict[tuple[float, float], CellKey]] = {}
    twice: set[Name] = set()
    for column in grid.counts:
        for row in np.flatnonzero(grid.is_count[:, column]):
            span = spans[row][at]
            if span is None:
                continue
            name = cell_name(grid, int(row), column) - {plain(grid.labels[row][at])}
            cells = groups.setdefault(name, {})
            if span in cells:
                twice.add(name)
            cells[span] = (number, int(row), column)
    made = {name: _added(number, grid, cells) for name, cells in groups.items() if name not in twice}
    return {name: tail for name, tail in made.items() if tail}


def _added(number: int, grid: Grid, cells: dict[tuple[float, float], CellKey]) -> Tail | None:
    beyond: dict[float, tuple[float, CellKey]] = {}
    total, start = 0.0, math.inf
    for (low, high), key in sorted(cells.items(), reverse=True):
        if high != start or grid.hidden[key[1], key[2]]:
            break
        total, start = total + float(grid.low[key[1], key[2]]), low
        beyond[low] = (total, key)
    return Tail(number, beyond) if beyond else None


def _compare(grids: list[Grid], mine: Tail, theirs: Tail, minimum: int) -> Iterator[Finding]:
    if mine.beyond.keys() == theirs.beyond.keys():
        return  # cut alike: `difference` compares them
    common = sorted(mine.beyond.keys() & theirs.beyond.keys())
    pairs = [(mine.beyond[cut][0], theirs.beyond[cut][0]) for cut in common]
    if not pairs:
        return
    agreed = any(a == b and math.log2(1 + a) >= AGREED_BITS for a, b in pairs)
    one, two = grids[mine.grid], grids[theirs.grid]
    needed = AGAIN_BITS if two.request and one.path == two.path else PROOF_BITS
    if not agreed and not alike(np.array(pairs), needed):
        return
    for cut, (a, b) in zip(common, pairs, strict=True):
        if 1 <= abs(a - b) < minimum:
            yield _finding(grids, mine, theirs, cut, f"from {cut:g} on", a, b)
    if agreed:
        yield from _between(grids, mine, theirs, minimum)


def _between(grids: list[Grid], mine: Tail, theirs: Tail, minimum: int) -> Iterator[Finding]:
    """Persons between a cut of one table and the next cut of the other."""
    for low, high in itertools.pairwise(sorted(mine.beyond.keys() | theirs.beyond.keys())):
        for one, other in ((mine, theirs), (theirs, mine)):
            crossed = low in one.beyond and high in other.beyond
            if not crossed or low in other.beyond or high in one.beyond:
                continue
            counts = (one.beyond[low][0], other.beyond[high][0])
            if 1 <= counts[0] - counts[1] < minimum:
                at = low if one is mine else high
                yield _finding(grids, mine, theirs, at, f"from {low:g} to below {high:g}", *counts)


def _finding(grids: list[Grid], mine: Tail, theirs: Tail, cut: float, span: str, one: float, two: float) -> Finding:
    grid, other = grids[mine.grid], grids[theirs.grid]
    _, row, column = mine.beyond[cut][1]
    source = f"{other.path!r}, released in {other.request!r}" if other.request else f"{other.path!r} of this request"
    return Finding(
        rule="differencing",
        severity=Severity.REFUSE if other.request else Severity.REVIEW,
        where=grid.where(row, column),
        message=f"With {source}, which cuts its bands elsewhere, {span}: {int(one)} and {int(two)} differ by "
        f"{int(abs(one - two))} persons, whom no table shows.",
        fix="Cut the bands as they were cut before, or merge the bands around this cut, or round both tables alike.",
        place=grid.place(row, column),
    )
