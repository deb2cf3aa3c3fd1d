"""Ink that is nearly the colour of the paper: what nobody sees and everybody can make visible.

Decides from pixels a few levels off the paper. Worked example: a name written in grey 252 on white is some thousand
pixels of short runs far from anything dark: found. A panel, a grid or a shaded row of a table is even: its runs are
long. The soft edges of dark letters stand beside them, a shadow and a gradient change little by little.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .marks import LEAST
from .pieces import pieces

Grey = NDArray[np.uint8]
_NEAR, _FAR = 12, 24
"""Levels off the paper that nobody sees, and from which ink is seen."""
_BESIDE, _BLOCK = 6, 16
"""Pixels around seen ink in which its soft edges lie, and those in which a JPEG spreads them."""
_EDGE = 2
"""Pixels around light ink, such as a grid's, in which its soft edges lie."""
_LONG = 40
"""Pixels of a run that is no stroke of a letter."""
_RULED = 20
"""Pixels of a run one pixel thick that is none either: letters of such length have thicker strokes."""
_LEAST, _PAPER = 40, 0.3
_GAP = 2
"""Pixels between the strokes of a letter, and between letters."""


def faint(pixels: Grey, *, lossy: bool = False) -> int:
    """How many pixels of nearly invisible strokes a picture (height, width[, channels]) has; 0 for next to none."""
    grey = pixels if pixels.ndim == 2 else np.minimum(np.minimum(pixels[..., 0], pixels[..., 1]), pixels[..., 2])
    counts = Image.fromarray(grey).histogram()
    paper = counts.index(max(counts))
    if counts[paper] < _PAPER * grey.size:
        return 0
    near = [v for v in range(max(paper - _NEAR, 0), min(paper + _NEAR, 255) + 1) if v != paper and counts[v]]
    if sum(counts[v] for v in near) < _LEAST:
        return 0
    off = np.maximum(grey, np.uint8(paper)) - np.minimum(grey, np.uint8(paper))
    seen = _around(off > _FAR, _BLOCK if lossy else _BESIDE) | _around(off > _NEAR, _EDGE)
    some = (off > 0) & (off <= _NEAR) & ~seen
    if np.count_nonzero(some) < _LEAST:
        return 0
    across = np.ascontiguousarray(some.T)
    found = some & ~_ruled(some) & ~np.ascontiguousarray(_ruled(across).T)
    strokes = found & ~_gradient(off)
    words = pieces(_around(strokes, _GAP))
    letters = words.boxes[:, 2] - words.boxes[:, 0] >= LEAST + 2 * _GAP
    total = int(np.count_nonzero(letters[words.at(*np.divmod(np.flatnonzero(strokes), strokes.shape[1]))]))
    return total if total >= _LEAST else 0


def _around(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """The pixels of a mask and those at most `reach` away."""
    wide = mask.copy()
    for axis in (0, 1):
        part = wide.copy()
        for step in range(1, reach + 1):
            ahead, behind = (
                (slice(step, None), slice(None, -step))
                if axis == 0
                else (
                    (slice(None), slice(step, None)),
                    (slice(None), slice(None, -step)),
                )
            )
            wide[ahead] |= part[behind]
            wide[behind] |= part[ahead]
    return wide


def _ruled(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of a mask in long runs along its rows, and in shorter ones that have nothing beside them."""
    thin = mask.copy()
    thin[1:] &= ~mask[:-1]
    thin[:-1] &= ~mask[1:]
    return _long(mask, _LONG) | _long(thin, _RULED)


def _long(mask: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """The pixels of a mask in runs of at least so many along its rows."""
    flat = np.pad(mask, ((0, 0), (1, 1))).astype(np.int8).ravel()
    change = np.flatnonzero(np.diff(flat))
    starts, ends = change[::2] + 1, change[1::2] + 1
    long = (ends - starts) >= least
    marks = np.zeros(flat.size + 1, dtype=np.int8)
    marks[starts[long]] += 1
    marks[ends[long]] -= 1
    inside = np.cumsum(marks[:-1], dtype=np.int8).reshape(mask.shape[0], -1)[:, 1:-1]
    return np.asarray(inside > 0)


def _gradient(off: Grey) -> NDArray[np.bool_]:
    """Pixels that differ by one level at most from each neighbour, as those of a gradient do, not being even."""
    calm = np.ones(off.shape, dtype=np.bool_)
    for axis in (0, 1):
        step = np.abs(np.diff(off.astype(np.int16), axis=axis)) <= 1
        before = (slice(1, None), slice(None)) if axis == 0 else (slice(None), slice(1, None))
        after = (slice(None, -1), slice(None)) if axis == 0 else (slice(None), slice(None, -1))
        calm[before] &= step
        calm[after] &= step
    return calm
