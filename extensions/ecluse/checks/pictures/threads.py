"""How many curves a picture draws side by side: one per person, where there are dozens.

Decides from narrow strips. Worked example: forty patients' values over a year cross each strip of the picture from its
left edge to its right one some thirty times; four groups with their bands do so a dozen times, a page of text never:
its strokes end within a letter. Lines that are level are a grid, lines at even distances are hatching.
"""

import numpy as np
from numpy.typing import NDArray

from .pieces import pieces

_STRIP = 20
"""Pixels across a strip: longer than a letter is wide."""
_STRIPS = 24
_THICK = 6
_STEP = 24
_UNEVEN = 0.25
_SHARE = 0.25
"""Strips in which the curves must be as many."""
FEW = 12
"""Curves at a time that no figure is looked at for."""


def threads(pixels: NDArray[np.uint8]) -> int:
    """Curves that run side by side in a good part of the picture; 0 where they are few."""
    height, width = pixels.shape[:2]
    if width < 3 * _STRIP or height < 3 * _STRIP:
        return 0
    at = np.linspace(0, width - _STRIP, min(_STRIPS, width // _STRIP)).astype(int)
    strips = [_least(pixels[:, left : left + _STRIP]) for left in at]
    paper = int(np.bincount(np.concatenate([strip[::4].ravel() for strip in strips]), minlength=256).argmax())
    found = [_crossing(np.abs(strip.astype(np.int16) - paper) > _STEP) for strip in strips]
    many = sorted(found, reverse=True)[int(_SHARE * len(found))]
    return many if many > FEW else 0


def _least(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The darkest colour of each pixel: yellow is as far from white as blue."""
    if pixels.ndim == 2:  # grey
        return pixels
    return np.minimum(np.minimum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])


def _crossing(ink: NDArray[np.bool_]) -> int:
    """How many thin lines enter a strip at its left and leave it at its right, but for level and even ones."""
    left, right = _runs(ink[:, 0]), _runs(ink[:, -1])
    if min(len(left), len(right)) <= FEW:
        return 0
    level = {a for a, _ in left} & {a for a, _ in right}
    found = pieces(ink)
    through = (found.boxes[:, 1] == 0) & (found.boxes[:, 3] == ink.shape[1])
    counts = []
    for runs, column in ((left, 0), (right, ink.shape[1] - 1)):
        tops = np.array([a for a, b in runs if b - a <= _THICK and a not in level], dtype=np.int64)
        if len(tops) <= FEW:
            return 0
        piece = found.at(tops, np.full(len(tops), column, dtype=np.int64))
        tops = tops[through[piece]]
        gaps = np.diff(tops)
        if len(tops) <= FEW or float(gaps.std()) < _UNEVEN * float(gaps.mean()):
            return 0
        counts.append(len(tops))
    return min(counts)


def _runs(column: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], column, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
