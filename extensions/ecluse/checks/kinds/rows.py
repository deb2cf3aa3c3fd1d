"""Marks of a drawing that stand in a row: the ticks of an axis, bars on one base line. They are no scatter of persons.

Decides from places alone. Worked example: 36 ticks of a logarithmic axis lie on one line, in steps that come again
with every decade; 36 bars of months begin on one line, in equal steps; the marks of a rug lie on one line in steps that
never come again, and each is a person.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
MOST = 2000
"""Marks beyond which nobody asks how they stand."""
LEAST = 5
"""Marks that make a row; fewer stand in equal steps by chance."""
_NEAR = 0.02
"""Share of the longest step by which steps may differ, for the rounding of coordinates."""
_LONGEST_PERIOD = 12


def strung(line: Sequence[Point]) -> frozenset[Point]:
    """The places of a drawn line that goes on from left to right, as that of a series does; none of others."""
    rises = len(line) > LEAST and all(a[0] < b[0] for a, b in itertools.pairwise(line))
    return frozenset(map(_about, line)) if rises else frozenset()


def _about(point: Point) -> Point:
    return round(point[0], 1), round(point[1], 1)


def loose(points: Sequence[Point | None], on_lines: frozenset[Point] = frozenset()) -> int:
    """How many marks stand in no row, and on no line that is drawn. Where the place of one is not known, all do."""
    known = [point for point in points if point is not None]
    if len(known) < len(points) or len(points) > MOST:
        return len(points)
    in_rows = {n for fixed in (0, 1) for row in _rows(known, fixed) for n in row}
    on = {n for n, point in enumerate(known) if _about(point) in on_lines}
    return len(points) - len(in_rows | on)


def _rows(points: Sequence[Point], fixed: int) -> Iterator[list[int]]:
    """Positions of marks that share one coordinate and go on along the other in steps that come again."""
    lines: defaultdict[float, list[int]] = defaultdict(list)
    for n, point in enumerate(points):
        lines[round(point[fixed], 1)].append(n)
    for line in lines.values():
        places = np.unique(np.array([points[n][1 - fixed] for n in line]).round(3))
        for first, last in itertools.product((0, 1), (0, 1)):  # a frame may begin or end on the line as well
            some = places[first : len(places) - last]
            if len(some) >= LEAST and _regular(some):
                yield [n for n in line if some[0] - 1e-3 <= points[n][1 - fixed] <= some[-1] + 1e-3]
                break


def _regular(places: NDArray[np.float64]) -> bool:
    """Whether the steps between places repeat after one or a few of them, at least twice over."""
    steps = np.diff(places)
    for period in range(1, min(_LONGEST_PERIOD, len(steps) // 2) + 1):
        if (np.abs(steps[period:] - steps[:-period]) <= _NEAR * steps.max() + 1e-3).all():
            return True
    return False
