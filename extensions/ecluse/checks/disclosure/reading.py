"""A table as output checkers see it: which cells are counts of persons, and what is known of each.

Decides, for every cell, the kind of figure and, for counts, the interval that the cell itself gives. Worked example:
the columns `n`, `%` and `âge moyen` of a table by region give counts in `n` only; its cell `<11` is hidden, between
1 and 10; a blank there is hidden, from 0 to anything; `12,5` under `âge moyen` is no count at all.

A row label wins over a heading where it names a statistic (the rows `count`, `mean`, `min` of `describe()`), a heading
wins over values, and values decide where words say nothing: whole numbers in a crosstab are counts.
"""

import re

import numpy as np

from ecluse.checks.facts import Table

from . import periods
from .cells import numbers_of
from .counted import read_column
from .explained import thing_before
from .flags import flags, is_person, of_review, of_team
from .grid import Grid
from .rounding import base_of
from .settings import are_tuned
from .stubs import dimensions_of, headings_of, labels_of, levels, measures_of
from .words import Measure, measure_of, plain

_ROW_COUNTS = frozenset({"count", "n", "effectif", "effectifs", "nb", "nombre", "nobs", "n obs", "freq", "unique"})
_WHOLE = 100.0
_DRAWN = re.compile(r"r_?hat|r-hat|n_eff|ess(?:_bulk|_tail)?|bulk_ess|tail_ess|mcse_(?:mean|sd)")
"""Columns that only a sample from a posterior has."""
_REFERENCE = re.compile(r"\b(?:vs\.?|versus|contre)$", re.IGNORECASE)
"""`SEXE 2 vs` and then 1: the level that another is compared with."""
_SCORE = re.compile(
    r"ris[kq]|prob|pr[eé]di|specific|sensib|sensit|\b[ft]pr\b|recall|rappel|threshold|seuil|cut[- _]?(?:off|point)"
    r"|^(?:[a-or-z]|lambda|gamma|theta|delta|rho|eps(?:ilon)?|lr|learning[_ ]rate|dose|time|temps)$"
)
"""Headings of axes from 0 to 1: the rows below are places on a curve, not levels of percentiles. p and q are some."""

_OF_AN_AMOUNT = re.compile(
    r"\b(?:difference|effect|effet|dose|concentration|rate|taux|discount\w*|actualisation|power|puissance|margin|marge"
    r"|prevalence|coverage|couverture|loss|attrition|missing\w*|increase|reduction|baisse|hausse|change)\b"
)
"""Headings above rows of `4 %`, `6 %` that are amounts, not levels of percentiles."""


def read(table: Table, path: str = "", request: str = "", bases: frozenset[int] = frozenset()) -> Grid:
    """Read a table's counts. Every cell is judged; nothing is raised for odd ones, they are just no counts.

    `bases` are those that words of the file name for rounding.
    """
    rows, columns = len(table.cells), len(table.columns)
    shown = numbers_of(table)
    shape = (rows, columns)
    headings = headings_of(table)
    dimensions = dimensions_of(table, headings, shown)
    labels = labels_of(table, dimensions)
    grid = Grid(
        table=table,
        path=path,
        request=request,
        labels=labels,
        columns=headings,
        measures=measures_of(headings),
        row_measures=[_row_measure(label) for label in labels],
        is_count=np.zeros(shape, dtype=np.bool_),
        low=np.full(shape, np.nan),
        high=np.full(shape, np.nan),
        hidden=np.zeros(shape, dtype=np.bool_),
        bounded=np.zeros(shape, dtype=np.bool_),
        number=shown.number,
        decimals=shown.decimals,
        share=shown.share,
        slack=shown.slack,
        exact=shown.exact,
        sure=[False] * columns,
        dimensions=dimensions,
    )
    if levels([headings[c] for c in range(columns) if c not in dimensions]):
        grid.measures = [m if c in dimensions else Measure.PERCENTILE for c, m in enumerate(grid.measures)]
    stub = plain(headings[dimensions[-1]]) if dimensions else ""
    scored = _SCORE.search(stub) is not None
    if labels and len(labels[0]) and not scored and levels([label[-1] for label in labels]):
        grid.row_measures = [Measure.PERCENTILE] * rows
    if any(map(_DRAWN.fullmatch, map(plain, headings))):  # what a chain of draws gives, and how many of them count
        grid.measures = [Measure.MODEL if m in (Measure.PERCENTILE, Measure.COUNT) else m for m in grid.measures]
    grid.share_rows = _share_rows(grid)
    grid.references = frozenset(n for n, label in enumerate(labels) if label and _REFERENCE.search(label[-1]))
    for row in grid.share_rows:
        grid.row_measures[row] = Measure.PERCENT
    described = _dictionary(headings)
    coded = bool(dimensions) and grid.measures[dimensions[-1]] is Measure.CODE
    if coded or _OF_AN_AMOUNT.search(stub):  # Q1 and Q2 of a questionnaire are no quartiles
        grid.row_measures = [Measure.UNKNOWN if m is Measure.PERCENTILE else m for m in grid.row_measures]
    for row in periods.quarters([label[-1] for label in labels if label]):  # nor are those of a year
        grid.row_measures[row] = Measure.UNKNOWN
    for column in periods.quarters(headings):
        grid.measures[column] = Measure.UNKNOWN
    silent = _silent(grid, described=described)
    unnamed = np.array([measure is Measure.UNKNOWN for measure in grid.row_measures], dtype=np.bool_)
    for column in range(columns):
        if column not in silent:
            read_column(grid, column, unnamed)
    grid.base = base_of(grid.low[grid.is_count & ~grid.hidden], bases)
    return grid


def _silent(grid: Grid, *, described: bool) -> frozenset[int]:
    """Columns that count nobody: labels, flags, what a team has, what a dictionary or a list of parameters says."""
    headings, labels, dimensions = grid.columns, grid.labels, grid.dimensions
    every = range(len(headings))
    if of_team(headings, labels, dimensions):
        return frozenset(every)
    if of_review(labels):
        return frozenset(c for c in every if c in dimensions or not is_person(headings[c]))
    told = not any(m is Measure.COUNT for m in grid.row_measures) and are_tuned(label[0] for label in labels if label)
    described = described or (told and dimensions == [0])
    other = {c for c in every if described and grid.measures[c] is not Measure.COUNT}
    other |= {c for c in every[1:] if not headings[c] and _numbers_things(grid.table, c)}
    return frozenset(other | {*dimensions, *flags(headings, labels, dimensions, grid.number)})


def _numbers_things(table: Table, column: int) -> bool:
    """Whether numbers stand behind one word in each row that is no person: `Best is trial`, 2."""
    left = [cell.text.split()[-1:] for cell in table.column(column - 1)]
    return len(left) > 1 and all(word == left[0] for word in left) and bool(left[0]) and thing_before(left[0][0])


def _row_measure(label: tuple[str, ...]) -> Measure:
    """Kind of figure that the row label names, from its innermost part outwards."""
    for part in reversed(label):
        if part.strip().casefold() in _ROW_COUNTS:
            return Measure.COUNT
        measure = measure_of(part)
        if measure is not Measure.UNKNOWN:
            return measure
    return Measure.UNKNOWN


def _share_rows(grid: Grid) -> list[int]:
    """Unnamed rows of broken percentages below rows of whole numbers, as Stata prints them into a crosstab."""
    rest = [c for c in range(len(grid.columns)) if c not in grid.dimensions]
    if not grid.dimensions or len(rest) < 2:  # one share has no other beside it
        return []
    stub = grid.dimensions[-1]
    unnamed = [row for row in range(1, len(grid.labels)) if not grid.table.cells[row][stub].text.strip()]
    found = []
    for row in unnamed:
        values, above = grid.number[row, rest], grid.number[row - 1, rest]
        given = np.isfinite(values)
        shares = bool(given.any() and (grid.decimals[row, rest][given] > 0).all())
        shares = shares and bool((values[given] >= 0).all() and (values[given] <= _WHOLE).all())
        counted = np.isfinite(above).any() and (grid.decimals[row - 1, rest] == 0).all()
        if shares and (counted or row - 1 in found):
            found.append(row)
    return found if len(found) > 1 else []


_OF_A_VARIABLE = re.compile(r"^(?:variables?|champs?|fields?|colonnes?|columns?|nom|name)$")
_FORM = re.compile(r"^(?:d?types?|formats?|class|nature|longueur|length)$")


def _dictionary(headings: tuple[str, ...]) -> bool:
    """Whether a table describes variables: what numbers stand beside their types count nobody."""
    names = [plain(h) for h in headings]
    return any(map(_OF_A_VARIABLE.match, names)) and any(map(_FORM.match, names))
