"""Connected pieces of a mask: their boxes, areas, and which piece a pixel belongs to.

Works on runs (Rosenfeld and Pfaltz, 1966, with pointer jumping), so that the cost follows the ink and not the paper;
a library for this alone would be the largest part of the checker's image.

Worked example: an `i` is two pieces, its dot and its stem; two pixels that touch at a corner are one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
_TOGETHER = 200
"""Boxes held against all others together."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of a mask. `boxes` are rows of top, left, bottom, right; runs are given by flat positions, one wider."""

    boxes: Ints
    areas: Ints
    starts: Ints
    ends: Ints
    piece: Ints
    width: int

    def at(self, rows: Ints, columns: Ints) -> Ints:
        """The piece of each pixel, -1 where there is none."""
        flat = rows * (self.width + 1) + columns
        run = np.searchsorted(self.starts, flat, side="right") - 1
        inside = (run >= 0) & (flat < self.ends[run]) if len(self.starts) else np.zeros(len(flat), dtype=np.bool_)
        return np.where(inside, self.piece[run] if len(self.piece) else -1, -1)

    def least(self, plane: NDArray[np.uint8]) -> NDArray[np.int16]:
        """The least value of a picture within each piece."""
        out = np.full(len(self.areas), 255, dtype=np.int16)
        if len(self.starts):
            flat = np.pad(plane, ((0, 0), (0, 1))).ravel()
            bounds = np.stack([self.starts, self.ends], axis=1).ravel()
            np.minimum.at(out, self.piece, np.minimum.reduceat(flat, bounds)[::2].astype(np.int16))
        return out


def runs(mask: Mask) -> tuple[Ints, Ints]:
    """Horizontal runs of a mask as flat positions in rows that are one wider: start, and end exclusive."""
    flat = np.zeros((mask.shape[0], mask.shape[1] + 1), dtype=np.bool_)
    flat[:, :-1] = mask
    plane = flat.ravel()
    edges = np.flatnonzero(plane[1:] != plane[:-1]) + 1
    if plane.size and plane[0]:
        edges = np.concatenate([[0], edges])
    return edges[::2].astype(np.int64), edges[1::2].astype(np.int64)


def pieces(mask: Mask) -> Pieces:
    """The pieces of a mask; pixels that touch at a corner are connected."""
    starts, ends = runs(mask)
    step = mask.shape[1] + 1
    first = np.searchsorted(ends, starts + step, side="left")
    count = np.maximum(np.searchsorted(starts, ends + step, side="right") - first, 0)
    upper = np.repeat(np.arange(len(starts)), count)
    offset = np.arange(len(upper)) - np.repeat(np.cumsum(count) - count, count)
    roots = _roots(len(starts), upper, np.repeat(first, count) + offset)
    kept = np.zeros(len(starts), dtype=np.bool_)
    kept[roots] = True
    kinds, piece = np.flatnonzero(kept), (np.cumsum(kept) - 1)[roots]
    tops, lefts = np.divmod(starts, step)
    rights = lefts + ends - starts
    boxes = np.empty((len(kinds), 4), dtype=np.int64)
    boxes[:, :2], boxes[:, 2:] = np.iinfo(np.int64).max, -1
    for column, values, place in ((0, tops, np.minimum), (1, lefts, np.minimum), (2, tops + 1, np.maximum),
                                  (3, rights, np.maximum)):  # fmt: skip
        place.at(boxes[:, column], piece, values)
    areas = np.bincount(piece, weights=ends - starts, minlength=len(kinds)).astype(np.int64)
    return Pieces(boxes, areas, starts, ends, piece.astype(np.int64), mask.shape[1])


def joined(boxes: Ints) -> Ints:
    """The group of each box (rows of top, left, bottom, right); boxes that touch, at a corner even, are one group."""
    first, second = [], []
    for begin in range(0, len(boxes), _TOGETHER):
        part = boxes[begin : begin + _TOGETHER, None]
        touch = (part[..., :2] <= boxes[:, 2:]).all(axis=2) & (boxes[:, :2] <= part[..., 2:]).all(axis=2)
        one, other = np.nonzero(touch)
        first.append(one + begin)
        second.append(other)
    return _roots(len(boxes), np.concatenate(first), np.concatenate(second)) if len(boxes) else np.zeros(0, np.int64)


def _roots(count: int, first: Ints, second: Ints) -> Ints:
    """The least member of each member's group, where pairs are linked."""
    root = np.arange(count)
    while True:
        a, b = root[first], root[second]
        if (a == b).all():
            return root
        low = np.minimum(a, b)
        np.minimum.at(root, a, low)
        np.minimum.at(root, b, low)
        while (root[root] != root).any():
            root = root[root]
