"""The dashes of a slanting straight line: they are of a letter's size, and no letters.

Decides from size and place alone. Worked example: the dashed diagonal of a ROC curve is 45 pieces of one size whose
middles lie on one line in equal steps; letters of one size stand on a level line, in steps as wide as they are.
"""

import numpy as np
from numpy.typing import NDArray

from .pieces import Ints, Mask

LEAST = 10
"""Dashes that make a line."""
_LARGEST = 30
_OFF = 2.0
"""Pixels by which a middle may lie off its line, and a step off the others."""
_MOST_EVEN = 0.8
_UNBROKEN = 0.6
_BESIDE = 1.5
_SIZES, _LINES = 5, 4
_TRIED = 100
"""Points through two of which lines are tried."""


def slanting(boxes: Ints, some: Mask) -> Mask:
    """Which of some boxes (top, left, bottom, right) are dashes of slanting lines: a diagonal, the legs of a funnel."""
    out = np.zeros(len(boxes), dtype=np.bool_)
    size = np.stack([boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]], axis=1)
    small = np.flatnonzero(some & (size.max(axis=1) <= _LARGEST)) if len(boxes) else np.zeros(0, dtype=np.int64)
    sizes, counts = np.unique(size[small], axis=0, return_counts=True)
    for one in sizes[np.argsort(-counts, kind="stable")][:_SIZES]:
        alike = small[(np.abs(size[small] - one) <= 1).all(axis=1)]
        for _ in range(_LINES):
            line = _line(boxes, alike[~out[alike]])
            if not len(line):
                break
            out[line] = True
    return out


def _line(boxes: Ints, alike: Ints) -> Ints:
    """Those of some boxes of one size that lie on one slanting line in equal steps; none where they are few."""
    none = np.zeros(0, dtype=np.int64)
    alike = alike[np.argsort(boxes[alike, 1], kind="stable")]
    x, y = (boxes[alike, 1] + boxes[alike, 3]) / 2, (boxes[alike, 0] + boxes[alike, 2]) / 2
    on = _most_on_a_line(x, y) if len(alike) >= LEAST else none
    if len(on) < LEAST:
        return none
    steps = np.stack([np.diff(x[on]), np.diff(y[on])], axis=1)
    step = np.median(steps, axis=0)
    if np.abs(step).min() <= _OFF:
        return none
    # Where something crosses the line, some dashes are missing.
    times = np.maximum(np.round(steps[:, :1] / step[0]), 1)
    even = (np.abs(steps - times * step) <= _OFF * times).all(axis=1)
    whole = even.mean() >= _MOST_EVEN and (times == 1).mean() >= _UNBROKEN
    # Nothing alike stands beside a line; beside the diagonal of a grid of tiles much does.
    off = np.setdiff1d(np.arange(len(x)), on)
    near = np.hypot(x[on][:, None] - x[off], y[on][:, None] - y[off]) <= _BESIDE * np.hypot(*step)
    return alike[on] if whole and near.any(axis=1).mean() <= 1 - _MOST_EVEN else none


def _most_on_a_line(x: NDArray[np.float64], y: NDArray[np.float64]) -> Ints:
    """Positions of the points on the slanting line through two of them that has the most; of many, some are tried."""
    tried = np.linspace(0, len(x) - 1, min(len(x), _TRIED)).astype(np.int64)
    one, two = (tried[side] for side in np.triu_indices(len(tried), 1))
    dx, dy = x[two] - x[one], y[two] - y[one]
    slant = (np.abs(dx) > _OFF) & (np.abs(dy) > _OFF)
    one, dx, dy = one[slant], dx[slant], dy[slant]
    if not len(one):
        return np.zeros(0, dtype=np.int64)
    off = np.abs(dx[:, None] * (y - y[one][:, None]) - dy[:, None] * (x - x[one][:, None]))
    near = off <= _OFF * np.hypot(dx, dy)[:, None]
    return np.flatnonzero(near[int(near.sum(axis=1).argmax())])
