"""Numbers of persons that a spread and an error of the same mean give back.

Decides where a standard deviation stands beside the ends of a confidence interval, or beside a standard error: n is
(2 · 1.96 · sd / width)², or (sd / se)². Worked example: an SD of 5.0 beside an interval from 10.6 to 19.4 is that of
five persons; beside one from 14.8 to 15.2, of 2,400. Of few persons the interval is wider than 1.96 says, so that what
is worked out is the least that there can be.
"""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ecluse.rules.finding import Finding

from .grid import Grid
from .quotients import ROUND, doubtful
from .words import Measure, plain

Floats = NDArray[np.float64]
_LOWER = re.compile(r"\b(?:lower|low|lcl|inf|lo|binf|borne inf\w*)\b(?! quart)|\b2[.,]5 ?%")
_UPPER = re.compile(r"\b(?:upper|high|up|ucl|sup|hi|bsup|borne sup\w*)\b(?! quart)|\b97[.,]5 ?%")
_ERROR = re.compile(r"\b(?:s\.?e\.?m?|stderr|std\.? ?err\w*|standard errors?|erreurs?[- ](?:standard|type))\b")
_DEVIATION = re.compile(r"\b(?:sd|std|stdev|s\.d\.|standard deviations?|ecarts?[- ]?types?|et)\b")
_NORMAL = 2 * 1.96


def find(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Findings on the rows of one table; none where a count of persons stands beside them already."""
    spreads = _named(grid, _DEVIATION)
    if len(spreads) != 1 or any(grid.sure):
        return
    deviation = grid.number[:, spreads[0]]
    lower, upper, errors = (_named(grid, pattern) for pattern in (_LOWER, _UPPER, _ERROR))
    widths: Floats | None = None
    if len(lower) == len(upper) == 1 and not any(grid.measures[c] is Measure.EXTREME for c in (*lower, *upper)):
        widths = (grid.number[:, upper[0]] - grid.number[:, lower[0]]) / _NORMAL
    elif len(errors) == 1:
        widths = grid.number[:, errors[0]]
    if widths is None:
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        people = (deviation / np.where(widths > 0, widths, np.nan)) ** 2
    for row in np.flatnonzero((people >= 1.5) & (people < minimum - 0.5))[:3]:
        said = f"{grid.name(int(row), spreads[0])!r} beside its error is that of about {people[row]:.0f} persons."
        yield doubtful(grid, int(row), spreads[0], "small-count", said, ROUND)


def _named(grid: Grid, pattern: re.Pattern[str]) -> list[int]:
    return [
        c
        for c, heading in enumerate(grid.columns)
        if c not in grid.dimensions and pattern.search(plain(heading).replace("_", " "))
    ]
