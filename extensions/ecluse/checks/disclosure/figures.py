"""Figures other than counts that give persons away: extremes, percentiles, residuals, figures of few, dominance.

Decides by kind of figure. Worked example: the row `max` of `df.describe()` is the oldest patient's own age: refused.
Its row `50%` over 686 patients stands on 343 on either side: passes. The mean cost beside `n = <11` is a sum over
fewer than eleven persons: refused.

Sources of the thresholds: minimum count on each side of a percentile (ESSnet guidelines, SDAP); residual degrees of
freedom and dominance of the two largest contributors as in ACRO; p-percent rule with p = 10.
"""

import math
import re
from collections.abc import Iterator

import numpy as np

from ecluse.checks.facts import Compound, Interval, Text, Value
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules

from . import contributors
from .centiles import tail
from .contributors import say
from .grid import Grid, group_sizes
from .shares import Percents, base_interval, column_percents
from .words import Measure, plain

SHOWN = 6
_MAGNITUDES = frozenset({Measure.MEAN, Measure.SPREAD, Measure.PERCENTILE, Measure.EXTREME, Measure.AMOUNT})
_OF_PLACES = re.compile(
    r"\b(?:per|par|by) (?:nursing |care |health |general )?(?:homes?|sites?|cent(?:er|re)s?|hospitals?"
    r"|hopit\w+|practices?|cabinets?|wards?|services?|units?|unites?|schools?|ecoles?|clusters?|villages?"
    r"|clinics?|etablissements?|maternites?|pharmac(?:y|ies?)|ehpad|communes?|municipalit\w+|departements?"
    r"|regions?|countr(?:y|ies)|pays|laborator\w+|teams?)\b"
)
"""`Median residents per home`: of homes, not of persons."""
_WIDE = re.compile(r"\s{3,}")
_RESIDUAL_DOF = re.compile(r"(?:d\.?f\.?|ddl|dof|degrees of freedom).*resid|resid.*(?:d\.?f\.?|ddl|dof)")
_BARE_DOF = re.compile(r"df|ddl|dof|den ?df|d\.f\.")
_RUN_MINUTES = re.compile(r"(?:temps|time|runtime|elapsed|wall|cpu|training|calcul)(?:[ _]\w{1,12})?[ _(\[]+min[)\]]?")
_PERSON_TIME = re.compile(
    r"^(?:(?:person|patient)[ -]?(?:years?|days|months)|personnes?[ -]ann(?:ee|ees)|p\.?y\.?|pa|pyrs?|population)$"
)


def find(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    """Findings on one table's figures, by kind, the first few of each kind in full."""
    for rule in (_extremes, _percentiles, _of_few, _residuals, _freedom, contributors.find, _percent_of_few):
        found = list(rule(grid, rules))
        yield from found[:SHOWN]
        if len(found) > SHOWN:
            message = f"{len(found) - SHOWN} more of the kind in the same table. {found[0].message}"
            yield found[SHOWN].model_copy(update={"message": message[:2000], "where": grid.table.where})


def _measure(grid: Grid, row: int, column: int) -> Measure:
    """Kind of figure of a cell: a row that names a statistic wins over the heading."""
    by_row = grid.row_measures[row]
    if by_row is Measure.AMOUNT and grid.measures[column] in _MAGNITUDES:  # costs by row, statistics by column
        return grid.measures[column]
    return by_row if by_row in _MAGNITUDES or by_row is Measure.RESIDUAL else grid.measures[column]


def _figures(grid: Grid, *kinds: Measure) -> Iterator[tuple[int, int]]:
    """Cells with a number that is no count, of these kinds."""
    rows = {row for row, measure in enumerate(grid.row_measures) if measure in kinds}
    for column in range(len(grid.columns)):
        if column in grid.dimensions:
            continue
        for row in range(len(grid.table.cells)) if grid.measures[column] in kinds else sorted(rows):
            cell = grid.table.cells[row][column]
            named = isinstance(cell, Value | Interval | Compound) and not grid.is_count[row, column]
            if named and _measure(grid, row, column) in kinds:
                yield row, column


def _extremes(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    del rules
    # "temps_min" of methods is how many minutes they ran: no maximum stands beside it, and no count of persons.
    alone = not any("max" in plain(h) for h in grid.columns) and not grid.counts
    minutes = {c for c, h in enumerate(grid.columns) if alone and _RUN_MINUTES.fullmatch(plain(h))}
    for row, column in _figures(grid, Measure.EXTREME):
        number = grid.number[row, column]
        # The ends of a scale are shared by many: 0 and 1 of an indicator, 0 and 100 of a percentage.
        if column in minutes or number in (0.0, 1.0) or (number == 100 and np.isfinite(grid.share[row, column])):
            continue
        yield say(
            grid,
            row,
            column,
            "extreme",
            Severity.REFUSE,
            f"{grid.name(row, column)!r} ({grid.table.cells[row][column].text}) is usually the value of one person.",
            "Leave minimum and maximum out (`describe()` prints them), or give the 5th and 95th percentiles.",
        )


def _percentiles(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    sizes = group_sizes(grid)
    for row, column in _figures(grid, Measure.PERCENTILE):
        label = grid.label(row) if grid.row_measures[row] is Measure.PERCENTILE else grid.columns[column]
        if _OF_PLACES.search(plain(label)):
            continue
        beyond = tail(label)
        size = _size(grid, row, column, sizes)
        needed = math.ceil(rules.minimum_count / max(beyond, 0.001))
        outer = beyond < 0.1  # deciles and quartiles stand on many in most tables
        if (size is None and not outer) or (size is not None and size >= needed):
            continue
        basis = f"rests on {size} persons" if size is not None else "rests on an unknown number of persons"
        yield say(
            grid,
            row,
            column,
            "percentile",
            Severity.REVIEW,
            f"{grid.name(row, column)!r} {basis}; {needed} are needed for {rules.minimum_count} on each side of it.",
            "Give the number of persons beside it, choose a percentile nearer to the middle, or leave it out.",
        )


def _size(grid: Grid, row: int, column: int, sizes: dict[int, int]) -> int | None:
    """Number of persons behind a figure: a count in its row, a row of counts, or its heading."""
    if column in sizes:
        return sizes[column]
    for c in grid.counts:
        if grid.sure[c] and grid.is_count[row, c] and not grid.hidden[row, c]:
            return int(grid.low[row, c])
    rows = [r for r, m in enumerate(grid.row_measures) if m is Measure.COUNT and grid.is_count[r, column]]
    return int(grid.low[rows[0], column]) if len(rows) == 1 and not grid.hidden[rows[0], column] else None


def _of_few(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    """Magnitudes in rows whose only count is hidden as small: the mask says "fewer", the mean says what of them."""
    sure = [c for c in grid.counts if grid.sure[c]]
    if len(sure) != 1:
        return
    few = grid.hidden[:, sure[0]] & grid.bounded[:, sure[0]] & (grid.high[:, sure[0]] < rules.minimum_count)
    kinds = (Measure.MEAN, Measure.SPREAD, Measure.PERCENTILE, Measure.AMOUNT)
    for row, column in _figures(grid, *kinds) if few.any() else ():
        if few[row]:
            yield say(
                grid,
                row,
                column,
                "figure-of-few",
                Severity.REFUSE,
                f"{grid.name(row, column)!r} describes the few persons whose count is masked.",
                "Mask the whole row's figures together with its count.",
            )


def _residuals(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    del rules
    for column, measure in enumerate(grid.measures):
        numbers = np.isfinite(grid.number[:, column]).sum()
        if measure is Measure.RESIDUAL and numbers > 2 and not _RESIDUAL_DOF.search(plain(grid.columns[column])):
            yield say(
                grid,
                0,
                column,
                "residuals",
                Severity.REFUSE,
                f"{grid.columns[column]!r} holds {int(numbers)} values of single persons.",
                "Leave them out; show a smoothed plot or a summary of the fit.",
            )


def _freedom(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    few = grid.exact & (grid.number >= 0) & (grid.number < rules.minimum_dof)
    few[:, grid.dimensions] = False
    bare = {c for c, heading in enumerate(grid.columns) if _BARE_DOF.fullmatch(plain(heading))}
    for row, column in np.argwhere(few | ~grid.exact).tolist():
        cells = grid.table.cells[row]
        cell = cells[column]
        if not few[row, column] and not cell.text[:1].isdigit():
            continue
        # statsmodels prints two columns of results side by side: "7   BIC:" is one cell of the left one.
        start = re.match(r"(\d+)\s{2,}", cell.text) if isinstance(cell, Text) else None
        freedom = cell.number if isinstance(cell, Value) else float(start[1]) if start else math.inf
        if (column in grid.dimensions and not start) or not 0 <= freedom < rules.minimum_dof:
            continue
        before = cells[column - 1].text if column and isinstance(cells[column - 1], Text) else ""
        said = f"{grid.label(row)} {grid.columns[column]} {before}"
        if column not in bare and said.isascii() and "resid" not in said.lower():
            continue
        # "Df Residuals:   5997   Scale:" is a label of two names, and the cell's is the last.
        label, beside = (_WIDE.split(text)[-1] for text in (grid.label(row), before))
        names = plain(f"{label} {grid.columns[column]} {beside}")
        if _RESIDUAL_DOF.search(names) or (column in bare and _estimated(grid)):
            yield say(
                grid,
                row,
                column,
                "degrees-of-freedom",
                Severity.REFUSE,
                f"A model with {freedom:g} residual degrees of freedom nearly repeats its data; "
                f"{rules.minimum_dof} are needed.",
                "Use fewer parameters or more persons.",
            )


def _estimated(grid: Grid) -> bool:
    """Whether a table gives estimates with their errors: the degrees of freedom beside them are what is left."""
    heads = [plain(h).replace("_", " ") for h in grid.columns]
    errors = any(re.search(r"\b(?:std\.? ?err\w*|s\.?e\.?|erreur\w*)(?:\b|$)", h) for h in heads)
    return errors and any(re.match(r"estim|coef|emmean|beta", h) for h in heads) and not any("chi" in h for h in heads)


def _percent_of_few(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    """Rates whose numerator comes out small: 12.5 % beside n = 80 are 10 persons."""
    sizes = group_sizes(grid)
    certain = [c for c in grid.counts if grid.sure[c]] or (grid.counts if len(grid.counts) == 1 else [])
    for column in range(len(grid.columns)):
        if column in grid.dimensions or grid.is_count[:, column].any():
            continue
        percents = column_percents(grid, column)
        if percents is None:
            continue
        base: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
        if column in sizes:
            base = np.full(len(grid.table.cells), float(sizes[column]))
        elif len(certain) == 1 and not _is_share(grid, certain[0], percents):
            shown = grid.is_count[:, certain[0]] & ~grid.hidden[:, certain[0]]
            base = np.where(shown, grid.low[:, certain[0]], np.nan)
        elif not certain and (time := _person_time(grid)) is not None:
            base = time
        else:
            continue
        yield from numerators(grid, column, percents, base, rules.minimum_count)


def _person_time(grid: Grid) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None:
    """The only column of person-years or of populations, on which rates stand."""
    found = [c for c, h in enumerate(grid.columns) if _PERSON_TIME.search(plain(h).replace("_", " "))]
    return grid.number[:, found[0]] if len(found) == 1 else None


def _is_share(grid: Grid, count: int, percents: Percents) -> bool:
    """Whether percentages are those of the counts themselves in a common total."""
    pairs = np.isfinite(percents.value) & grid.is_count[:, count] & ~grid.hidden[:, count] & (grid.low[:, count] > 0)
    return not pairs.any() or base_interval(grid.low[:, count], percents, pairs) is not None


def numerators(
    grid: Grid, column: int, percents: Percents, base: np.ndarray[tuple[int, ...], np.dtype[np.float64]], minimum: int
) -> Iterator[Finding]:
    """Findings on percentages of a base, one per row, that only a few persons can give; all rows must fit the base."""
    usable = np.isfinite(percents.value) & np.isfinite(base) & (percents.value > 0)
    low = np.ceil((percents.value - percents.slack) * base / 100 - 1e-9)
    high = np.floor((percents.value + percents.slack) * base / 100 + 1e-9)
    if not usable.any() or (high[usable] < low[usable]).any():
        return  # no whole number fits some row: these percentages are of something else
    rest_low, rest_high = base - high, base - low
    left = usable & (rest_low >= 1) & (rest_high < minimum) & (low >= minimum) & (percents.value > 50)  # most
    for row in np.flatnonzero(left):
        yield say(
            grid,
            int(row),
            column,
            "complement",
            Severity.REVIEW,
            f"{percents.value[row]:g} % of {int(base[row])} leave {int(rest_low[row])} to {int(rest_high[row])}"
            f" persons.",
            "Leave the percentage out where what is left stands for few, or round it to 5 %.",
        )
    for row in np.flatnonzero(usable & (high >= 1) & (high < minimum) & (percents.value < 100)):
        least, most = max(int(low[row]), 1), int(high[row])
        people = f"{most}" if least == most else f"{least} to {most}"
        yield say(
            grid,
            int(row),
            column,
            "percent-of-few",
            Severity.REVIEW,
            f"{percents.value[row]:g} % of {int(base[row])} are {people} persons.",
            f"Leave the percentage out where it stands for fewer than {minimum} persons, or round it to 5 %.",
        )
