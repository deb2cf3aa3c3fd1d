"""Long straight lines of a picture: frames, axes and grids, told from the ink that crosses them.

Decides from length alone. Worked example: the frame of a figure of 1,200 pixels is four lines; the stem of an `l` of 30
pixels is none; a letter on a grid line stays, because its shade is another.
"""

import numpy as np
from numpy.typing import NDArray

from .pieces import Ints, runs

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
SHADE = 24
_SHORTEST = 48
_LEAST_LETTER, _TALLEST_LETTER = 7, 80
_BLOCK = 1 << 20
"""Pixels of lines looked at together: what is derived from them stays small beside the picture."""


def line_pixels(ink: Mask, plane: Grey) -> tuple[Mask, Mask]:
    """Ink of long straight lines without what crosses them in another shade, and where they end."""
    least = max(_SHORTEST, max(ink.shape) // 30)
    lines, ends = np.zeros((2, *ink.shape), dtype=np.bool_)
    packed = np.packbits(ink, axis=1)
    # A run of so many pixels holds whole bytes of ones; most rows and columns have none.
    rows = np.flatnonzero(_in_a_row(np.ascontiguousarray((packed == 255).T.view(np.uint8)), least // 8 - 1).any(axis=0))
    found, tips = _runs(ink[rows], plane[rows], least)
    lines[rows], ends[rows] = found, tips
    columns = np.flatnonzero(np.unpackbits(np.bitwise_or.reduce(_in_a_row(packed, least), axis=0), count=ink.shape[1]))
    found, tips = _runs(np.ascontiguousarray(ink[:, columns].T), np.ascontiguousarray(plane[:, columns].T), least)
    lines[:, columns] |= found.T
    ends[:, columns] |= tips.T
    return lines, ends


def ruled(boxes: Ints, lines: Mask) -> Mask:
    """Which boxes of a character's size stand between two rules, close above and below, as the cells of a table do.

    A curve goes on where a line ends; nothing but text stands in a row that is hardly higher than itself.
    """
    out = np.zeros(len(boxes), dtype=np.bool_)
    for n, (top, left, bottom, right) in enumerate(boxes.tolist()):
        high, wide = bottom - top, right - left
        if _LEAST_LETTER <= high <= _TALLEST_LETTER and wide <= 2 * high:
            near = max(high * 3 // 4, 4)
            above, below = (
                lines[max(top - near, 0) : top + 1, left:right],
                lines[bottom - 1 : bottom + near, left:right],
            )
            out[n] = bool(above.any(axis=0).all() and below.any(axis=0).all())
    return out


def _in_a_row(plane: Grey, size: int) -> Grey:
    """Bits that are set in so many rows below each other, by doubling; fewer rows than `plane` has."""
    out, width = plane, 1
    while width < size and len(out):
        step = min(width, size - width)
        out, width = out[:-step] & out[step:], width + step
    return out


def _runs(mask: Mask, plane: Grey, least: int) -> tuple[Mask, Mask]:
    """Pixels in horizontal runs of at least `least` whose shade is that of the run, and the runs' ends."""
    out, tips = np.zeros((2, *mask.shape), dtype=np.bool_)
    starts, ends = runs(mask)
    long = (ends - starts) >= least
    rows, left = np.divmod(starts[long], mask.shape[1] + 1)
    right = left + (ends - starts)[long]
    length = right - left
    for part in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(np.cumsum(length) // _BLOCK)) + 1):
        run, at = _members(length[part])
        y, x = rows[part][run], left[part][run] + at
        shade = plane[y, x]
        out[y, x] = np.abs(shade.astype(np.int16) - _medians(run, shade, length[part])[run]) <= SHADE
    width = mask.shape[1]
    for offset in (-2, -1, 0):
        tips[rows, np.maximum(left + offset, 0)] = True
        tips[rows, np.minimum(right + offset + 1, width - 1)] = True
    return out, tips


def _members(length: Ints) -> tuple[Ints, Ints]:
    """For each pixel of some runs: its run, and its place there."""
    run = np.repeat(np.arange(len(length)), length)
    return run, np.arange(len(run)) - np.repeat(np.cumsum(length) - length, length)


def _medians(run: Ints, shade: Grey, length: Ints) -> NDArray[np.int16]:
    """The median of each run, cut to a whole number; numpy's own per run takes a hundred times as long."""
    ordered = np.sort(run.astype(np.int32) * 256 + shade)
    first = np.cumsum(length) - length
    low, high = ordered[first + (length - 1) // 2] & 255, ordered[first + length // 2] & 255
    out: NDArray[np.int16] = ((low + high) // 2).astype(np.int16)
    return out
