"""A code of black and white squares in a picture, such as a QR code: data that no reader of the figure can read.

Decides from the lengths of runs. Worked example: along each line of a QR code of 33 modules of 7 pixels black and
white change some sixteen times, every run is a whole number of modules long, and half of the runs are longer than one;
so it is down the columns. Letters have runs of all lengths, hatching and checks have runs of one; the bars of a bar
code are so across alone, and hold less than a number does.
"""

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
_DARK, _SOFT = 100, 40
_GAP = 24
"""Pixels without a change that part one thing from the next."""
_LEAST_LINES, _LEAST_RUNS, _LEAST_MODULE = 40, 8, 2.0
_WHOLE, _ONES = 0.93, (0.2, 0.8)
_STEP = 3


def squares(grey: Grey) -> int:
    """How many modules a code of squares is across; 0 where there is none."""
    dark = grey < 255 - _DARK
    for top, bottom in _parts(_changes(dark).sum(axis=1)):
        band = dark[top:bottom]
        for left, right in _parts(_changes(np.ascontiguousarray(band.T)).sum(axis=1)):
            part = band[:, left:right]
            high, wide = part.shape
            if min(high, wide) < _LEAST_LINES or not 0.8 < high / wide < 1.25 or _is_soft(grey[top:bottom, left:right]):
                continue
            across, down = _modules(part), _modules(np.ascontiguousarray(part.T))
            if across and down and 0.8 < across / down < 1.25:
                size: float = wide / across
                return round(size)
    return 0


def _changes(plane: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.not_equal(plane[:, 1:], plane[:, :-1])


def _parts(changes: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Where lines change often enough, as intervals parted by gaps."""
    at = np.flatnonzero(changes >= _LEAST_RUNS)
    if not len(at):
        return []
    cuts = np.flatnonzero(np.diff(at) > _GAP)
    starts, ends = np.append(at[0], at[cuts + 1]), np.append(at[cuts], at[-1])
    return [(int(a), int(b) + 2) for a, b in zip(starts, ends, strict=True) if b - a >= _LEAST_LINES][:_GAP]


def _is_soft(part: Grey) -> bool:
    """Whether much is neither black nor white: a photograph, a map of colours."""
    return float(((part > _DARK) & (part < 255 - _SOFT)).mean()) > 0.2


def _modules(part: NDArray[np.bool_]) -> float:
    """Pixels of a module, where the runs along the rows are whole numbers of them; 0 where they are not."""
    runs = np.concatenate([_inner(row) for row in part[::_STEP]])
    if len(runs) < _LEAST_LINES * _LEAST_RUNS // _STEP:
        return 0.0
    often = np.bincount(runs)
    common = np.flatnonzero(often >= max(0.1 * len(runs), often.max() / 4))
    if not len(common):  # runs of all lengths
        return 0.0
    size = float(common[0])
    for _ in range(3):
        size = float(runs.sum() / max(np.maximum(np.round(runs / max(size, 1.0)), 1).sum(), 1))
    if size < _LEAST_MODULE:
        return 0.0
    times = np.round(runs / size)
    whole = (times >= 1) & (np.abs(runs - times * size) <= max(1.0, 0.15 * size))
    lone = float((times == 1).mean())
    return size if whole.mean() >= _WHOLE and _ONES[0] < lone < _ONES[1] else 0.0


def _inner(row: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Lengths of the runs of a row, but for the first and the last."""
    return np.diff(np.flatnonzero(row[1:] != row[:-1]))
