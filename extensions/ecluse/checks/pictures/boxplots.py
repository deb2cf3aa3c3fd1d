"""Outliers of box plots: marks that stand alone above or below a box with a median and whiskers.

Decides from form. Worked example: three level strokes of one length, joined at both ends, are a box with its median; a
stem rises from the middle of the upper one; the two rings above the stem are the values of two persons. A box without
rings passes: its ends are percentiles.
"""

from collections.abc import Iterator

import numpy as np

from .pieces import Ints, Mask, runs

_LEAST_WIDE, _WIDEST = 12, 3
"""Pixels that a box is wide at least, and the part of the picture (one in so many) that it is wide at most."""
_MARK = (4, 30)
_STROKES = 3
_MOST_RUNS = 40_000
"""Level strokes beyond which a picture is a photograph."""


def outliers(ink: Mask, boxes: Ints, areas: Ints) -> Ints:
    """Which marks stand above or below the boxes of a picture. `boxes` are its pieces without long lines."""
    height, width = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    fill = areas / np.maximum(height * width, 1)
    round_ = (width >= _MARK[0]) & (width <= _MARK[1]) & (np.abs(height - width) <= 1) & (fill > 0.25)  # rings
    if not round_.any():
        return np.zeros(0, dtype=np.int64)
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    found = np.zeros(len(boxes), dtype=np.bool_)
    for top, left, bottom, right in _boxes(ink):
        off = (boxes[:, 2] < top - 2) | (boxes[:, 0] > bottom + 2)
        narrow = width < (right - left) * 0.8
        found |= round_ & off & narrow & (np.abs(middle - (left + right) / 2) <= 1.5)  # pixels
    return np.flatnonzero(found)


def _boxes(ink: Mask) -> Iterator[tuple[int, int, int, int]]:
    """Top, left, bottom and right of what has the form of a box with a median and a stem."""
    starts, ends = runs(ink)
    long = (ends - starts >= _LEAST_WIDE) & (ends - starts <= ink.shape[1] // _WIDEST)
    if not _STROKES <= long.sum() <= _MOST_RUNS:
        return
    rows, lefts = np.divmod(starts[long], ink.shape[1] + 1)
    rights = lefts + (ends - starts)[long]
    alike: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for row, left, right in zip(rows.tolist(), lefts.tolist(), rights.tolist(), strict=True):
        alike.setdefault(((left + 1) // 3, (right + 1) // 3), []).append((row, left, right))
    for strokes in alike.values():
        levels = [s for n, s in enumerate(strokes) if not n or s[0] - strokes[n - 1][0] > 1]
        if len(levels) < _STROKES:
            continue
        for first, last in ((levels[n], levels[n + _STROKES - 1]) for n in range(len(levels) - _STROKES + 1)):
            top, left, right, bottom = first[0], first[1], first[2], last[0]
            sides = (
                ink[top:bottom, left : left + 4].any(axis=1).all()
                and ink[top:bottom, right - 4 : right].any(axis=1).all()
            )
            if sides and _stem(ink, (left + right) // 2, top, bottom):
                yield top, left, bottom, right


def _stem(ink: Mask, middle: int, top: int, bottom: int) -> bool:
    """Whether a stroke rises from the middle of a box or hangs from it."""
    about = slice(max(middle - 2, 0), middle + 3)
    above, below = ink[max(top - 5, 0) : top, about], ink[bottom + 4 : bottom + 9, about]
    return any(len(part) and part.any(axis=1).all() and not part.all(axis=1).any() for part in (above, below))
