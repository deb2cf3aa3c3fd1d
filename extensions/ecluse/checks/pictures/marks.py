"""Marks of a drawing: how many of one size stand alone, and how many above each other.

Decides from size and neighbours. Worked example: 55 dots of 6 pixels with no letter by are a scatter; five rings above
each other at uneven heights are the outliers of a box plot; the dots of a legend stand in equal steps.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .pieces import Ints, Mask

LEAST, TALLEST = 5, 140
"""Pixels that a character is high."""
MARKERS, SOLID = 25, 0.55
_LARGEST_MARK = 30
MOST = 6000
"""Pieces of ink beyond which a picture is a photograph or a cloud of points, and only its tallest pieces are read."""
_STACK, _UNEVEN = 4, 0.5
_SLACK = 1.0
"""Pixels by which marks that are drawn alike differ in place or size."""
_TOUCHING = 2
"""Pixels between letters of a word."""
_LEAST_STACKED = 7  # the holes of letters are smaller


def repeated(boxes: Ints, fill: NDArray[np.float64]) -> int:
    """How many filled pieces of one size stand alone: marks of a line hang on it, letters and points have letters by.

    In a picture of more than `MOST` pieces nobody looks for neighbours: it is a cloud, or a photograph.
    """
    height, width = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    alike = (np.abs(height - width) <= 1) & (height >= LEAST) & (height <= _LARGEST_MARK) & (fill > SOLID)
    if alike.sum() >= MARKERS and len(boxes) <= MOST:
        alike[alike] = ~in_a_word(boxes[alike], boxes[np.maximum(height, width) >= LEAST])
    sizes = np.bincount(height[alike], minlength=_LARGEST_MARK + 2)
    return int((sizes[:-1] + sizes[1:]).max())


def stacked(boxes: Ints) -> int:
    """How many marks of one size stand above each other at uneven heights: the outliers of a box plot, a strip plot.

    The marks of a legend stand in equal steps; those of a line hang on it, beside each other.
    """
    height, width = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    alike = boxes[(np.abs(height - width) <= 1) & (height >= _LEAST_STACKED) & (height <= _LARGEST_MARK)]
    if not _STACK <= len(alike) <= MOST:
        return 0
    alike = alike[~in_a_word(alike, boxes[np.maximum(height, width) >= LEAST])] if len(boxes) <= MOST else alike
    found = 0
    for column in _near(alike, (alike[:, 1] + alike[:, 3]) / 2):
        for marks in _near(column, (column[:, 2] - column[:, 0]).astype(np.float64)):
            tops = np.sort(marks[:, 0])
            apart = np.append(
                True, np.diff(tops) > marks[0, 2] - marks[0, 0] + _TOUCHING
            )  # letters of turned words touch
            steps = np.diff(tops[apart])
            if apart.sum() >= _STACK and float(np.ptp(steps)) > _UNEVEN * float(steps.mean()):
                found += len(marks)
    return found


def _near(boxes: Ints, by: NDArray[np.float64]) -> Iterator[Ints]:
    """Boxes parted where a measure of them, in pixels, goes further from a part's least than drawing makes it."""
    order = np.argsort(by, kind="stable")
    while len(order):
        many = int(np.searchsorted(by[order], by[order[0]] + _SLACK, side="right"))
        yield boxes[order[:many]]
        order = order[many:]


def in_a_word(some: Ints, pieces_of_ink: Ints) -> Mask:
    """Which boxes have a piece of another size close by, in their row or, for turned text, in their column."""
    out = np.zeros(len(some), dtype=np.bool_)
    o = pieces_of_ink.T[:, None, :]
    for start in range(0, len(some), 256):
        top, left, bottom, right = (edge[:, None] for edge in some[start : start + 256].T)
        tall, wide = np.maximum(bottom - top, o[2] - o[0]), np.maximum(right - left, o[3] - o[1])
        differs = (np.abs((bottom - top) - (o[2] - o[0])) > 1) | (np.abs((right - left) - (o[3] - o[1])) > 1)
        down, across = np.maximum(o[0] - bottom, top - o[2]), np.maximum(o[1] - right, left - o[3])
        near = ((down < 0) & (across >= 0) & (2 * across <= tall)) | ((across < 0) & (down >= 0) & (2 * down <= wide))
        out[start : start + 256] = (near & differs & (np.maximum(tall, wide) <= TALLEST)).any(axis=1)
    return out
