"""The cells of a table that is drawn with rules: each is a place of text of its own.

Decides from long dark lines alone. Worked example: four rules across and four down, 25 pixels apart, are nine cells;
a bracket that touches the rule below it is cut off at the rule and read all the same. The frame and the bars of a chart
are none: their rules are as far apart as the chart is high.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from .pieces import runs
from .regions import Fragment, Grey

Ints = NDArray[np.int64]
Rule = tuple[int, int, int, int]
"""First and last pixel of its thickness, where it begins, where it ends."""
_DARK, _INK = 160, 60
_SHORTEST, _SHARE = 40, 0.04
_THICK, _LOWEST, _HIGHEST, _NARROWEST = 4, 10, 90, 12
_LEAST = 4
_MOST, _LINES = 400, 1500
"""Cells of a table, and dark lines of a picture, that are looked at: a dark map has more."""
_LETTER = 6


def cells(grey: Grey) -> tuple[list[Fragment], Grey]:
    """Lines of text in the cells between rules, none where the picture has no such table; the picture without rules."""
    dark = grey < _DARK
    across = _rules(dark)
    if len(across) < 3:  # a heading and a row
        return [], grey
    down = sorted(_rules(dark.T))
    if len(down) < 3 or len(across) * len(down) > _MOST * 4:  # two columns
        return [], grey
    boxes = list(_between(across, down))
    if not _LEAST <= len(boxes) <= _MOST:
        return [], grey
    plain = np.full_like(grey, 255)
    for top, left, bottom, right in boxes:
        plain[max(top - 2, 0) : bottom + 2, max(left - 2, 0) : right + 2] = np.median(grey[top:bottom, left:right])
    for top, left, bottom, right in boxes:
        plain[top:bottom, left:right] = grey[top:bottom, left:right]
    return [line for box in boxes for line in _lines(grey, box)], plain


def _rules(dark: NDArray[np.bool_]) -> list[Rule]:
    """Long thin dark lines across."""
    least = max(_SHORTEST, int(_SHARE * dark.shape[1]))
    full = np.flatnonzero(np.count_nonzero(dark, axis=1) >= least)
    starts, ends = runs(np.ascontiguousarray(dark[full]))
    long = (ends - starts) >= least
    if not 0 < long.sum() <= _LINES:
        return []
    rows, left = np.divmod(starts[long], dark.shape[1] + 1)
    rows = full[rows]
    found: list[Rule] = []
    for row, begin, length in zip(rows.tolist(), left.tolist(), (ends - starts)[long].tolist(), strict=True):
        same = next(
            (
                n
                for n in range(len(found) - 1, max(-1, len(found) - 40), -1)
                if _goes_on(found[n], row, begin, begin + length)
            ),
            None,
        )
        if same is None:
            found.append((row, row, begin, begin + length))
        else:
            top, _, a, b = found[same]
            found[same] = (top, row, min(a, begin), max(b, begin + length))
    return [rule for rule in found if rule[1] - rule[0] < _THICK]


def _goes_on(rule: Rule, row: int, left: int, right: int) -> bool:
    return row - rule[1] <= 1 and left <= rule[3] and rule[2] <= right


def _between(across: list[Rule], down: list[Rule]) -> Iterator[tuple[int, int, int, int]]:
    """Top, left, bottom, right of the rectangles between neighbouring rules."""
    for top in across:
        below = [r for r in across if _LOWEST <= r[0] - top[1] <= _HIGHEST and min(top[3], r[3]) > max(top[2], r[2])]
        if not below:
            continue
        bottom = min(below)
        a, b = max(top[2], bottom[2]), min(top[3], bottom[3])
        walls = [r for r in down if r[2] <= top[1] + 2 and r[3] >= bottom[0] - 1 and a - 3 <= r[0] <= b + 3]
        for left, right in pairwise(walls):
            if right[0] - left[1] >= _NARROWEST:
                yield top[1] + 1, left[1] + 1, bottom[0], right[0]


def _lines(grey: Grey, box: tuple[int, int, int, int]) -> Iterator[Fragment]:
    """The lines of text in a cell."""
    top, left, bottom, right = box
    inside = grey[top:bottom, left:right].astype(np.int16)
    ink = np.abs(inside - int(np.median(inside))) > _INK
    written = np.flatnonzero(ink.any(axis=1))
    for part in np.split(written, np.flatnonzero(np.diff(written) > 2) + 1):  # the dot of an i is nearer
        if len(part) < _LETTER:
            continue
        columns = np.flatnonzero(ink[part[0] : part[-1] + 1].any(axis=0))
        if len(columns) > 1:  # the stroke of a 1
            yield Fragment(
                top + int(part[0]), left + int(columns[0]), top + int(part[-1]) + 1, left + int(columns[-1]) + 1
            )
