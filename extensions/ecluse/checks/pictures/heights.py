"""Bars along an axis that counts persons: how many each stands for, as far as the pixels show it.

Decides from what stands on the axis. Worked example: an axis "Number of patients" has its 0 at pixel 400 and its 40 at
pixel 40, so a person is 9 pixels high; a filled column of 18 pixels, with steps to either side, is a bar of two. Where
a person is less than 2 pixels high nobody can read so few, and nothing is said; the slope of an area has no steps.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .axes import Scale

Grey = NDArray[np.uint8]
_READABLE = 2.0
"""Pixels that a person must be high to be counted."""
_SPINE, _INK, _NARROWEST, _STEP = 3, 12, 5, 3
"""Pixels of the axis' own line, levels that ink differs from the ground, pixels of a bar and of the step beside it."""
_LEAST_BARS, _OFF = 3, 1.0


def heights(grey: Grey, scale: Scale) -> tuple[int, ...]:
    """How many persons each bar on an axis stands for, in order; none where it has no bars, or too fine ones."""
    line = np.polyfit(scale.places, scale.values, 1)
    per_person = 1 / abs(float(line[0])) if line[0] else 0.0
    off = np.abs(np.polyval(line, scale.places) - scale.values).max() * per_person
    if per_person < _READABLE or off > _OFF + 1:
        return ()
    zero = -float(line[1]) / float(line[0])
    if scale.across:
        plane = np.ascontiguousarray(grey.T[::-1, : min(t.top for t in scale.ticks)])
        ground = len(plane) - 1 - round(zero)
    else:
        plane, ground = grey[:, max(t.right for t in scale.ticks) :], round(zero)
    found = tuple(round(high / per_person) for high in _bars(plane, ground))
    return found if len(found) >= _LEAST_BARS else ()


def _bars(plane: Grey, ground: int) -> Iterator[int]:
    """Heights in pixels of what stands on a row, is wide and flat, and ends at steps."""
    first = ground - _SPINE
    if first < _STEP or ground > len(plane) or plane.shape[1] < _NARROWEST:
        return
    above = plane[: first + 1][::-1]
    paper = int(np.bincount(above.ravel(), minlength=256).argmax())
    ink = np.abs(above.astype(np.int16) - paper) > _INK
    high = np.where(ink.all(axis=0), len(ink), np.argmin(ink, axis=0))
    edges = np.flatnonzero(np.abs(np.diff(high)) >= _STEP) + 1
    bounds = np.concatenate([[0], edges, [len(high)]])
    for left, right in pairwise(bounds[1:-1].tolist()):  # what touches the margin is no bar
        part = high[left:right]
        flat = part.max() - part.min() <= 1
        if right - left >= _NARROWEST and flat and 0 < part.min() < len(ink):
            yield int(np.median(part)) + _SPINE
