"""Figures that take persons one at a time: without each of them, up to each of them, in parts of a few.

Decides from the steps of a column. Worked example: thirty means, each without one patient, give the value of each; a
distribution in steps of 1/40 that reaches 1 ends with the largest value; shares of 0.1429, 0.2857 and 0.4286 are
sevenths, those of seven persons. Means without one study each, quartiles and shares in steps of 5 % tell nobody.
"""

import re
from collections.abc import Iterator

import numpy as np

from ecluse.rules.finding import Finding

from .grid import Grid
from .quotients import ROUND, doubtful
from .words import Measure, plain

_LEFT_OUT = re.compile(
    r"\b(?:excluded|omitted|removed|left[- ]out|deleted) (?:patient|subject|case|observation|person|sujet|individu)s?\b"
    r"|\b(?:left[- ]out|omitted|held[- ]out|leave[- ]one[- ]out|loo|jackknife|(?:patient|subject|obs\w*|case|sujet|id)"
    r" (?:removed|excluded|exclue?|retiree?|omis))\b"
)
_NO_PERSON = re.compile(
    r"\b(?:stud(?:y|ies)|etudes?|trials?|cent(?:er|re)s?|sites?|hospitals?|folds?|variables?|features?|groups?"
    r"|regions?)\b"
)
_DISTRIBUTION = re.compile(r"^f(?:\(x\))?$|\b(?:ecdf|cdf|cumul\w*|repartition)\b")
_OF_EACH = re.compile(
    r"(?:ages?|lengths? of stays?|los|durees? (?:de |des )?sejours?|dms|poids|weights?|bmi|imc)(?: ?\(.*\))?"
)
_LARGEST = re.compile(
    r"\b(?:largest|biggest|costliest|most expensive|highest|top|first|plus (?:gros|grande?|chere?)) "
    r"(?:patient|payer|contributor|stay|hospital|firm|cas|case|sejour|contributeur|etablissement)\b"
)
_LEVELS = re.compile(r"(?:per)?centiles?|quantiles?")
_ALLELE = re.compile(
    r"maf|eaf|af|raf|(?:minor |effect |alt )?allele freq(?:uency)?|freq(?:uence)? allelique|freq allele"
)
_LEAST_SHARE = 0.005
"""Frequency of an allele below which it is not let out (Genomics England's rule for bulk lists)."""
LEAST_STEPS = 5
"""Values of a distribution from which it is held to be one."""
LEAST_SHARES = 3
"""Distinct shares that are all parts of the same few."""


def find(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Findings on one table, the first few of each kind."""
    for rule in (_left_out, _ends, _parts, _values, _largest, _outermost, _rare):
        yield from list(rule(grid, minimum))[:3]


def _left_out(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Figures without one person each: the difference to that of all is the person's own value."""
    del minimum
    named = [c for c, h in enumerate(grid.columns) if _LEFT_OUT.search(plain(h).replace("_", " "))]
    if not named or any(_NO_PERSON.search(plain(h).replace("_", " ")) for h in grid.columns):
        return
    figures = [
        c for c in range(len(grid.columns)) if c not in named and (grid.decimals[:, c] > 0).sum() >= LEAST_SHARES
    ]
    ids = [cells[named[0]].text.strip() for cells in grid.table.cells]
    if figures and len(set(ids)) == len(ids) and all(any(map(str.isdigit, text)) for text in ids):
        message = f"{grid.columns[figures[0]]!r} without one person in each row gives the value of each."
        yield doubtful(grid, 0, figures[0], "residuals", message, "Leave the rows out; give the figure of all.")


def _ends(grid: Grid, minimum: int) -> Iterator[Finding]:
    """A distribution that reaches 1: the last value is the largest, and each step of 1/n is a person's own."""
    del minimum
    for column in (c for c, h in enumerate(grid.columns) if _DISTRIBUTION.search(plain(h).replace("_", " "))):
        part = grid.number[:, column]
        if (
            len(part) < LEAST_STEPS
            or not np.isfinite(part).all()
            or (np.diff(part) <= 0).any()
            or part[-1] not in (1, 100)
        ):
            continue
        for other in range(len(grid.columns)):
            value = grid.number[:, other]
            measured = (
                other != column and np.isfinite(value).all() and (grid.decimals[:, other] > 0).sum() * 2 > len(value)
            )
            steps = np.diff(value)
            if (
                measured
                and (steps > 0).all()
                and np.ptp(steps) > 1e-6 * np.abs(steps).max()
                and np.ptp(np.diff(part)) < 0.6 * part[0]
            ):
                message = f"{grid.name(len(value) - 1, other)!r} is the largest value; each row is a value of its own."
                yield doubtful(
                    grid, len(value) - 1, other, "extreme", message, "Give quartiles, or the shares below round values."
                )


def _parts(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Shares that are all parts of the same few: 0.1429, 0.2857 and 0.4286 are sevenths."""
    for column, measure in enumerate(grid.measures):
        if (
            column in grid.dimensions
            or measure not in (Measure.PERCENT, Measure.MODEL, Measure.UNKNOWN)
            or grid.is_count[:, column].any()
        ):
            continue
        value = grid.number[:, column]
        value = value[np.isfinite(value)]
        top = 1.0 if len(value) and value.max() <= 1 else 100.0
        half = 0.5 * 10.0 ** -float(grid.decimals[:, column].max(initial=0)) / top
        inner = np.unique(value[(value > 0) & (value < top)]) / top
        if len(inner) < LEAST_SHARES or (value < 0).any() or (value > top).any():
            continue
        for few in range(3, minimum):
            near = np.abs(inner * few - np.round(inner * few)) <= half * few + 1e-9
            plain_steps = np.abs(inner * 40 - np.round(inner * 40)) < 1e-9
            if near.all() and half * few < 0.02 and (~plain_steps).sum() > 1:
                row = int(np.flatnonzero((grid.number[:, column] > 0) & (grid.number[:, column] < top))[0])
                message = (
                    f"All of {grid.columns[column]!r} are parts of {few}: that many persons are told of one by one."
                )
                yield doubtful(grid, row, column, "percent-of-few", message, ROUND)
                break


def _values(grid: Grid, minimum: int) -> Iterator[Finding]:
    """A column of ages or stays and nothing else: one value of each person."""
    del minimum
    if len(grid.columns) != 1 or not _OF_EACH.fullmatch(plain(grid.columns[0]).replace("_", " ")):
        return
    value = grid.number[:, 0]
    steps = np.diff(value)
    if len(value) >= LEAST_STEPS and np.isfinite(value).all() and (steps > 0).any() and (steps < 0).any():
        message = f"{grid.columns[0]!r} holds {len(value)} values, each perhaps one person's own."
        yield doubtful(grid, 0, 0, "row-dump", message, "Give their mean, or classes that many share.")


def _outermost(grid: Grid, minimum: int) -> Iterator[Finding]:
    """The 0th and the 100th percentile: minimum and maximum."""
    del minimum
    for column in (c for c, h in enumerate(grid.columns) if _LEVELS.fullmatch(plain(h).replace("_", " "))):
        level = grid.number[:, column]
        most = 100.0 if np.nanmax(level, initial=0.0) > 1 else 1.0
        others = [c for c in range(len(grid.columns)) if c != column and np.isfinite(grid.number[:, c]).all()]
        rises = len(level) >= LEAST_SHARES and bool((np.diff(level) > 0).all() or (np.diff(level) < 0).all())
        rows = np.flatnonzero((level == 0) | (level == most)) if rises and others else ()
        for row in rows:
            message = f"The percentile {level[row]:g} is the smallest or the largest value: one person's own."
            yield doubtful(grid, int(row), others[0], "extreme", message, "Give the 5th and the 95th percentile.")


def _rare(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Alleles that are rarer than what archives of genomes let out, or that few carry."""
    sizes = [c for c in grid.counts if grid.sure[c]]
    for column in (c for c, h in enumerate(grid.columns) if _ALLELE.fullmatch(plain(h).replace("_", " "))):
        share = grid.number[:, column]
        size = grid.low[:, sizes[0]] if len(sizes) == 1 else np.full(len(share), np.nan)
        few = (share > 0) & ((share < _LEAST_SHARE) | (2 * share * size < minimum))
        for row in np.flatnonzero(few & (share <= 1)):
            message = f"An allele with a frequency of {share[row]:g} is carried by few."
            yield doubtful(grid, int(row), column, "percent-of-few", message, "Leave rare alleles out.")


def _largest(grid: Grid, minimum: int) -> Iterator[Finding]:
    """The share of the one largest contributor."""
    del minimum
    shares = [c for c, measure in enumerate(grid.measures) if measure is Measure.PERCENT and c not in grid.dimensions]
    for row in range(len(grid.labels)) if shares else ():
        if _LARGEST.search(plain(grid.label(row))) and np.isfinite(grid.number[row, shares[0]]):
            message = f"{grid.label(row)!r} gives what one contributor has of the total."
            yield doubtful(grid, row, shares[0], "dominance", message, "Merge it with others.")
