"""The dashes of a slanting straight line: they are of a letter's size, and no letters.

Decides from size and place alone. Worked example: the dashed diagonal of a ROC curve is 45 pieces of one size whose
middles lie on one line in equal steps; letters of one size stand on a level line, in steps as wide as they are.
"""

import numpy as np

from .pieces import Ints, Mask

LEAST = 10
"""Dashes that make a line."""
_LARGEST = 30
_OFF = 2.0
"""Pixels by which a middle may lie off its line, and a step off the others."""
_MOST_EVEN = 0.8


def slanting(boxes: Ints, some: Mask) -> Mask:
    """Which of some boxes (top, left, bottom, right) are dashes of the slanting line that most of a size lie on."""
    out = np.zeros(len(boxes), dtype=np.bool_)
    size = np.stack([boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]], axis=1)
    small = np.flatnonzero(some & (size.max(axis=1) <= _LARGEST))
    if len(small) < LEAST:
        return out
    sizes, counts = np.unique(size[small], axis=0, return_counts=True)
    near = [int(counts[(np.abs(sizes - one) <= 1).all(axis=1)].sum()) for one in sizes]
    alike = small[(np.abs(size[small] - sizes[int(np.argmax(near))]) <= 1).all(axis=1)]
    alike = alike[np.argsort(boxes[alike, 1], kind="stable")]
    x, y = (boxes[alike, 1] + boxes[alike, 3]) / 2, (boxes[alike, 0] + boxes[alike, 2]) / 2
    dx, dy = np.diff(x), np.diff(y)
    rising = dx > _OFF
    if rising.sum() < LEAST - 1:
        return out
    slope = float(np.median(dy[rising] / dx[rising]))
    level = float(np.median(y - slope * x))
    on = np.flatnonzero(np.abs(y - slope * x - level) <= _OFF)
    steps = np.stack([np.diff(x[on]), np.diff(y[on])], axis=1)
    if len(on) < LEAST or np.abs(np.median(steps, axis=0)).min() <= _OFF:
        return out
    even = (np.abs(steps - np.median(steps, axis=0)) <= _OFF).all(axis=1)
    if even.mean() >= _MOST_EVEN:
        out[alike[on]] = True
    return out
