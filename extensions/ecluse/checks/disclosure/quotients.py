"""Counts that means, sums and steps of a table give back.

Decides where a quotient or a difference of two figures is a small number of persons. Worked example: a mean of 0.0133
of a 0/1 variable over 150 persons is 2 of them; a sum of 48,000 beside a mean of 16,000 is one of 3 persons; 133
cumulative cases after 135 are 2 in that week; 2,306 patients "after the age criterion" of 2,310
eligible lost 4; a mean whose standard deviation is missing is the value of one person.
"""

import itertools
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ecluse.checks.facts import Text, Value
from ecluse.rules.finding import Finding, Severity

from .grid import Grid
from .words import Measure, plain

Floats = NDArray[np.float64]
_CUMULATIVE = re.compile(r"cumul|\bcum\b|\bcum[._]|running total")
EVENT = re.compile(
    r"0/1|yes/no|oui/non|\b(?:deaths?|died|dead|deces|decede|mortality|events?|evenement|flag|binary|indicator"
    r"|proportion)\b"
)
_FLOW = re.compile(
    r"\b(?:eligib\w*|screen\w*|assess\w*|after|before|apres|avant|consent\w*|analy[sz]\w*|includ\w*|inclus\w*"
    r"|exclu\w*|randomi\w*"
    r"|complet\w*|follow\w*|suivi\w*|retenu\w*|remain\w*|restant\w*|final\w*|initial\w*|linked|apparie\w*"
    r"|identif\w*|depist\w*)\b"
)
"""Steps of a flow of participants."""
_WITHOUT = re.compile(
    r"\b(?:without|excluding|excl\.?|except|sans|hors|sauf|hormis|trimmed|outliers? (?:removed|excluded))\b"
)
ROUND = "Round the figures to a common base, merge the row with another, or leave one of the two figures out."


_LEAST_STEPS = 2

_OF_TIME = re.compile(r"\b(?:days?|jours?|hours?|heures?|dms|a?los|stays?|sejours?|durees?|durations?)\b")
"""A mean of times, as that of the days of care."""
_SQUARES = re.compile(r"\b(?:sq|squares?|carres?|ss|ms)\b")
"""`Sum Sq` over `Mean Sq` are degrees of freedom."""


def doubtful(grid: Grid, row: int, column: int, rule: str, message: str, fix: str) -> Finding:
    """A finding for the reviewers, at a cell."""
    return Finding(
        rule=rule,
        severity=Severity.REVIEW,
        where=grid.where(row, column),
        message=message,
        fix=fix,
        place=grid.place(row, column),
    )


def bases(grid: Grid) -> Floats | None:
    """The only column that surely counts persons, row by row."""
    certain = [c for c in grid.counts if grid.sure[c]]
    if len(certain) != 1:
        return None
    shown = grid.is_count[:, certain[0]] & ~grid.hidden[:, certain[0]]
    return np.where(shown, grid.low[:, certain[0]], np.nan)


def find(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Findings on one table, the first of each kind."""
    for rule in (_means_of_flags, _sums_over_means, _missing_spread, _steps, _flow, _without):
        yield from list(rule(grid, minimum))[:3]


def _without(grid: Grid, minimum: int) -> Iterator[Finding]:
    """A row without some of another row's persons: they are its difference, and so is what figures say of them."""
    named = [row for row in range(len(grid.labels)) if _WITHOUT.search(plain(grid.label(row)))]
    others = [row for row in range(len(grid.labels)) if row not in named]
    for column in (c for c in grid.counts if grid.sure[c]) if len(named) < len(grid.labels) else ():
        shown = grid.is_count[:, column] & ~grid.hidden[:, column]
        for row in (r for r in named if shown[r]):
            gaps = [int(grid.low[other, column] - grid.low[row, column]) for other in others if shown[other]]
            few = [gap for gap in gaps if 1 <= gap < minimum]
            if few and grid.low[row, column] >= minimum:
                message = f"{grid.name(row, column)!r} leaves out {min(few)} persons of another row."
                yield doubtful(grid, row, column, "complement", message, ROUND)


def _flow(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Rows that are the steps of one cohort: what a step loses is a count."""
    named = sum(_FLOW.search(plain(grid.label(row))) is not None for row in range(len(grid.labels)))
    if named < _LEAST_STEPS or named * 2 < len(grid.labels):
        return
    for column in (
        c for c in grid.counts if grid.sure[c] and grid.is_count[:, c].all() and not grid.hidden[:, c].any()
    ):
        counts = [int(n) for n in grid.low[:, column]]
        for row, (one, two) in enumerate(itertools.pairwise(counts), 1):
            if min(np.diff(counts)) < 0 and max(np.diff(counts)) <= 0 and 1 <= one - two < minimum <= two:
                message = f"{grid.name(row, column)!r} is {one - two} persons away from the row before."
                yield doubtful(grid, row, column, "complement", message, ROUND)


def _means_of_flags(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Means of a 0/1 variable: times n they are whole numbers."""
    base = bases(grid)
    if base is None:
        return
    for column, measure in enumerate(grid.measures):
        mean = grid.number[:, column]
        used = np.isfinite(mean) & np.isfinite(base) & (base > 0)
        if measure is not Measure.MEAN or not used.any() or (mean[used] < 0).any() or (mean[used] > 1).any():
            continue
        slack = 0.5 * 10.0 ** -grid.decimals[:, column].astype(np.float64)
        low, high = np.ceil((mean - slack) * base - 1e-9), np.floor((mean + slack) * base + 1e-9)
        telling = bool((2 * slack * base)[used].max() < 0.7) or EVENT.search(plain(grid.columns[column]))
        if not telling or (high[used] < low[used]).any():
            continue
        for row in np.flatnonzero(used & (mean > 0) & (high >= 1) & (high < minimum)):
            message = f"A mean of {mean[row]:g} over {int(base[row])} persons is {int(high[row])} of them."
            yield doubtful(grid, int(row), column, "percent-of-few", message, ROUND)


def _sums_over_means(grid: Grid, minimum: int) -> Iterator[Finding]:
    """A sum divided by its mean is the number of persons."""
    told = [c for c, heading in enumerate(grid.columns) if not _SQUARES.search(plain(heading))]
    sums = [c for c in told if grid.measures[c] in (Measure.AMOUNT, Measure.TIME) and c not in grid.dimensions]
    means = [c for c in told if grid.measures[c] is Measure.MEAN]
    for total in sums:
        for column in means:
            mean, whole = grid.number[:, column], grid.number[:, total]
            slack = 0.5 * 10.0 ** -grid.decimals[:, column].astype(np.float64)
            used = np.isfinite(mean) & np.isfinite(whole) & (mean > slack) & (whole >= mean)
            if used.sum() < 2:  # one row fits by chance
                continue
            low, high = whole[used] / (mean + slack)[used], whole[used] / (mean - slack)[used]
            nearest = np.round(whole[used] / mean[used])
            if ((nearest < low - 0.01) | (nearest > high + 0.01)).any():
                continue
            timed = grid.measures[total] is Measure.TIME
            if timed and not _OF_TIME.search(plain(grid.columns[column])):
                continue
            # Either most rows divide into whole persons, or the counts that are shown say so, or the names do.
            proven = timed or np.median(high - low) <= 0.5 or _agree(grid, np.flatnonzero(used), low, high)
            for row, people, width in zip(np.flatnonzero(used), nearest, high - low, strict=True):
                if proven and width <= 0.5 and 1 <= people < minimum:
                    message = f"{grid.columns[total]!r} divided by {grid.columns[column]!r} is {int(people)} persons."
                    yield doubtful(grid, int(row), column, "small-count", message, ROUND)


def _agree(grid: Grid, rows: NDArray[np.int_], low: Floats, high: Floats) -> bool:
    """Whether the shown counts of one sure column lie within what sums over means allow, at least two of them."""
    base = bases(grid)
    if base is None:
        return False
    shown = np.isfinite(base[rows])
    inside = (base[rows][shown] >= low[shown] - 0.01) & (base[rows][shown] <= high[shown] + 0.01)
    return int(shown.sum()) > 1 and bool(inside.all())


def _missing_spread(grid: Grid, minimum: int) -> Iterator[Finding]:
    """A mean without a standard deviation, where other rows have one: n is 1."""
    del minimum
    means = [c for c, m in enumerate(grid.measures) if m is Measure.MEAN]
    for column, measure in enumerate(grid.measures):
        cells = grid.table.column(column)
        if measure is not Measure.SPREAD or not means or sum(isinstance(c, Value) for c in cells) * 2 < len(cells):
            continue
        for row, cell in enumerate(cells):
            blank = isinstance(cell, Text) and cell.blank
            if blank and any(np.isfinite(grid.number[row, m]) for m in means):
                message = f"{grid.name(row, column)!r} is missing, as it is for a group of one person."
                yield doubtful(
                    grid, row, column, "small-count", message, "Leave the row out, or merge it with another."
                )


def _steps(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Cumulative counts and percentages: the difference to the row above is a count."""
    base = bases(grid)
    for column, heading in enumerate(grid.columns):
        number = grid.number[:, column]
        if not _CUMULATIVE.search(plain(heading)) or not np.isfinite(number).all() or len(number) < 2:
            continue
        step = np.abs(np.diff(number))
        if grid.is_count[:, column].all():
            people, slack = step, np.zeros_like(step)
        elif base is not None and np.isfinite(base).all() and grid.measures[column] is not Measure.COUNT:
            top = 1.0 if number.max() <= 1 else 100.0
            people = step * base[1:] / top
            slack = 10.0 ** -grid.decimals[1:, column].astype(np.float64) * base[1:] / top
        else:
            continue
        for row in np.flatnonzero((people > slack / 2) & (people + slack < minimum)):
            message = f"{grid.name(int(row) + 1, column)!r} is {people[row]:.0f} persons away from the row before."
            yield doubtful(grid, int(row) + 1, column, "small-count", message, ROUND)
