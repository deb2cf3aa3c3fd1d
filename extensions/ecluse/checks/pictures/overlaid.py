"""Black letters that lie over the edges of colours: the label of a thin wedge, a number within a bubble.

Decides from colour alone: what is darker than any colour around it is ink. Worked example: "6 (2.1 %)" across a green
wedge, its blue and its orange neighbour is cut by two edges in grey, and is whole where only black is seen.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .marks import LEAST, TALLEST
from .pieces import joined, pieces
from .regions import Fragment, Grey

_BLACK, _PALEST = 170, 150
"""What is black in the picture of black alone, and the palest colour that is seen in it at all."""
_SCALE = [min(level, _PALEST) * 255 // _PALEST for level in range(256)]
_MOST, _ALIKE = 60, 3
_FULL = 0.85


def black_of(pixels: NDArray[np.uint8]) -> Grey | None:
    """A coloured picture with all but black as white; none where it has no colour, or is transparent."""
    if pixels.ndim != 3 or pixels.shape[2] == 4 or _coloured(pixels) < LEAST:  # colours, transparency
        return None
    most = np.maximum(np.maximum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    return np.asarray(Image.fromarray(most).point(_SCALE))


def overlaid(black: Grey, known: list[Fragment]) -> list[Fragment]:
    """Lines of black letters outside the known ones."""
    found = pieces(black < _BLACK)
    boxes = found.boxes
    if not len(boxes):
        return []
    high, wide = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    fill = found.areas / (high * wide)
    letter = (high >= LEAST) & (high <= TALLEST) & (wide <= 3 * high) & (fill > 0.1)
    letter &= (fill < _FULL) | (wide * 2 <= high)
    letter &= ~_inside(boxes, known)
    sizes = list(zip(high.tolist(), wide.tolist(), found.areas.tolist(), strict=True))
    often = Counter(sizes)
    letter &= np.array([often[size] for size in sizes]) <= _ALIKE
    kept = boxes[letter]
    return _lines(kept) if 1 <= len(kept) <= _MOST else []


def _lines(boxes: NDArray[np.int64]) -> list[Fragment]:
    """Letters that follow each other, as lines."""
    reach = (0.7 * np.maximum(boxes[:, 2] - boxes[:, 0], 11)).astype(np.int64)
    wider = boxes.copy()
    wider[:, 1] -= reach
    wider[:, 3] += reach
    lines: dict[int, list[int]] = {}
    for group, (a, b, c, d) in zip(joined(wider).tolist(), boxes.tolist(), strict=True):
        box = lines.setdefault(group, [a, b, c, d])
        box[:] = [min(box[0], a), min(box[1], b), max(box[2], c), max(box[3], d)]
    return [Fragment(a, b, c, d) for a, b, c, d in lines.values() if c - a <= TALLEST]


def _coloured(pixels: NDArray[np.uint8]) -> int:
    """How many of a sample of pixels have a colour."""
    red, green, blue = (np.ascontiguousarray(pixels[::6, ::6, n]) for n in range(3))
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return int(np.count_nonzero(most - least > 40))  # more than the fringe of a letter


def _inside(boxes: NDArray[np.int64], known: list[Fragment]) -> NDArray[np.bool_]:
    """Which boxes lie in a known line."""
    out = np.zeros(len(boxes), dtype=np.bool_)
    y, x = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    for f in known:
        out |= (y >= f.top - 1) & (y <= f.bottom + 1) & (x >= f.left - 1) & (x <= f.right + 1)
    return out
