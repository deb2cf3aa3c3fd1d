"""How fine a picture is: the narrowest thing in it, and so at which scale all of it is seen.

Decides from edges. Worked example: in a map of flat squares of 8 pixels nothing is narrower than 8, so every fourth
pixel shows each square twice, and a letter, which is four of its strokes high or more, has at least 32 pixels. Drawn
text has soft edges one pixel wide: a picture with any is looked at pixel by pixel.
"""

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
STROKES = 4
"""Strokes and gaps that the lowest letter is high: digits of 3 × 4 dots are the smallest that people tell apart."""
_COARSE, _MOST = 4, 16
_SOME = 16


def narrowest(grey: Grey) -> int:
    """Pixels of the narrowest thing across or down, at most 16; 1 where that is less than 4."""
    some = _gap(grey[::_SOME])
    if some < _COARSE:
        return 1
    least = min(some, _gap(grey), _gap(np.ascontiguousarray(grey.T)), _MOST)
    return least if least >= _COARSE else 1


def _gap(plane: Grey) -> int:
    """The least distance between two edges, the border included, along the rows."""
    edges = np.ones(plane.shape, dtype=np.bool_)
    np.not_equal(plane[:, 1:], plane[:, :-1], out=edges[:, 1:])
    at = np.append(np.flatnonzero(edges), plane.size)  # a row's right border is where the next one begins
    return int(np.diff(at).min(initial=_MOST))
