"""How a table names its rows and columns: headings, the columns that label rows, and the labels.

Worked example: in `region, annee, n` the first two label rows, `n` holds counts; blanks below a label repeat it.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ecluse.checks.facts import Cell, Compound, Interval, Masked, Table, Text, Value

from .cells import Numbers, in_words
from .words import Measure, is_margin, is_quantile, measure_of

_PERCENT_LEVEL = re.compile(r"\d{1,2}(?:[.,]\d+)?[ \xa0\u202f]?%")
_ALL = 100.0
"""What the two ends of a confidence interval, `2.5 %` and `97.5 %`, add up to."""
_OF_FITS = (Measure.MODEL, Measure.SPREAD, Measure.DOF)
LEAST_FITTED = 3
"""Columns of estimates, errors and tests that only a model's table has."""
_NAMES_LEVELS = (Measure.CODE, Measure.AGE, Measure.YEAR, Measure.DATE)
LEAST_RISING = 3
"""Numbers that must rise for them to be an index; two rise by chance."""
_HOW_MANY = re.compile(r"(?:n|nb|nombre|number)[ _](?:of |de |d['’])?\w{4,}", re.IGNORECASE)
"""`n_comorbidities` of 0, 1, 2 and so on says how many each of them has."""
LEAST_CROSSED = 3
"""Columns of a crosstab with its totals: a name, a level, and the total."""
_LEVEL = re.compile(r"^0?\.\d+$")


def headings_of(table: Table) -> tuple[str, ...]:
    """The table's headings; where none was recognised, a first row of words (`25%` among them looks like a number)."""
    if table.header or len(table.cells) < 2 or any(table.columns):  # a heading needs a row below
        return table.columns
    first = table.cells[0]
    words = sum(isinstance(cell, Text) and not cell.blank for cell in first)
    ends = [c for c, cell in enumerate(first) if _PERCENT_LEVEL.fullmatch(cell.text.strip())]
    below = [row[c] for row in table.cells[1:] for c in ends]
    if ends and words + len(ends) == len(first) and not any(isinstance(c, Value) and c.unit for c in below):
        return tuple(cell.text.strip() for cell in first)  # `2.5 %` above numbers that are no percentages
    if words == 1 and isinstance(first[0], Text) and levels([cell.text.strip() for cell in first[1:]]):
        return tuple(cell.text.strip() for cell in first)
    if any(
        isinstance(c, Text) and not c.blank and c.text == b.text for c, b in zip(first, table.cells[1], strict=True)
    ):
        return table.columns  # a sentence that is printed for each row: its words are no headings
    # Levels 0 and 1 between the name of a variable and "Total".
    crossed = (
        len(first) >= LEAST_CROSSED and is_margin(first[-1].text) and isinstance(first[0], Text) and not first[0].blank
    )
    return tuple(cell.text.strip() for cell in first) if words * 2 > len(first) or crossed else table.columns


def dimensions_of(table: Table, headings: tuple[str, ...], shown: Numbers) -> list[int]:
    """Columns that label rows: the stub, columns of words, and codes, years and ages that stand before any figure."""
    found = [c for c in range(table.stub) if not (c and _only_masks(table.column(c)))]
    measures = measures_of(headings)
    rows = len(table.cells)
    number = shown.number
    for c in (c for c in range(len(table.columns)) if c not in found):
        cells = [table.cells[r][c] for r in np.flatnonzero(~shown.exact[:, c])]  # what is no plain number
        measure = measures[c]
        words = sum(isinstance(cell, Text) and not cell.blank for cell in cells)
        if measure is Measure.COUNT:
            words -= sum(isinstance(in_words(cell), Value) and isinstance(cell, Text) for cell in cells)
        blanks = sum(isinstance(cell, Text) and cell.blank for cell in cells)
        aged = measure is Measure.AGE  # `65+` below "age" masks no count
        bands = sum(isinstance(cell, Interval) and (aged or _band(cell)) for cell in cells)
        if c == 0 and rows > 1 and all(is_quantile(row[0].text) for row in table.cells):
            found.append(c)
            continue
        if _unnamed_levels(table, headings, c) and len(found) == c:
            found.append(c)  # tableone's second column: F, M, 1-2, 3
            continue
        if not c and rows > 1 and len(table.columns) > 1 and _ends_in_total(cells):
            found.append(c)
            continue
        numbered = (
            measure is Measure.COUNT and c == 0 and _HOW_MANY.match(headings[c]) and Measure.COUNT in measures[1:]
        )
        if (measure is Measure.UNKNOWN or numbered) and len(found) == c < len(table.columns) - 1 and _crossed(table, c):
            found.append(c)
            continue
        if c == 0 and words * 3 >= rows > words > 0 and np.isfinite(number[:, 1:]).any():
            found.append(c)  # levels of a factor, printed as numbers, among the names of other terms
            continue
        coded = measure in (Measure.CODE, Measure.YEAR, Measure.DATE, Measure.AGE) and len(found) == c
        coded = (coded and not _named_already(table, found)) or (c == 0 and _is_index(headings, number))
        # Age bands read as intervals: "0-17", "18-64"; a column of them is no column of masks.
        if (rows and measure is not Measure.COUNT and (words + bands) * 2 > rows) or (
            rows and (words * 2 > rows or (coded and words + blanks + np.isfinite(number[:, c]).sum() == rows))
        ):
            found.append(c)
    return found


def _ends_in_total(cells: Sequence[Cell]) -> bool:
    """Whether a column of numbers, blanks and a total at its end names rows: levels of a factor, as Stata prints."""
    filled = [cell for cell in cells if not (isinstance(cell, Text) and cell.blank)]
    named = bool(filled) and isinstance(filled[-1], Text) and is_margin(filled[-1].text)
    return named and all(isinstance(cell, Value) for cell in filled[:-1])


def _crossed(table: Table, column: int) -> bool:
    """Whether a column before figures holds the levels of a factor that pandas prints as numbers.

    The first column counts 0, 1 or 1, 2 and so on. A further one repeats the same levels, 0, 1, 2+, below each label of
    the columns before it, as a second index does; figures do not come again in the same order.
    """
    texts = [cell.text.strip() for cell in table.column(column)]
    if not column:
        return len(texts) > 1 and any(texts == [str(n + first) for n in range(len(texts))] for first in (0, 1))
    groups: dict[tuple[str, ...], list[str]] = {}
    last = [""] * column
    for text, row in zip(texts, table.cells, strict=True):
        last = [row[c].text.strip() or last[c] for c in range(column)]
        groups.setdefault(tuple(last), []).append(text)
    levels_shown = next(iter(groups.values()), [])
    alike = len(groups) > 1 and all(found == levels_shown for found in groups.values())
    return (
        alike
        and len(levels_shown) > 1
        and len(set(levels_shown)) == len(levels_shown)
        and levels_shown[0] in ("0", "1")
    )


def _unnamed_levels(table: Table, headings: tuple[str, ...], column: int) -> bool:
    """Whether a column between labels and figures, all of which have names, has none, and goes on where labels stop.

    Words stand in it, or it is blank beside a variable without levels and filled in every row without a label; or
    estimates stand behind it, as in SAS, where a level of a factor has a column of its own.
    """
    named = all(h.strip() for h in headings[column + 1 :]) and len(headings) > column + LEAST_CROSSED - 1
    if not column or headings[column].strip() or not named:
        return False
    blank = [isinstance(c, Text) and c.blank for c in table.column(column)]
    cells = [c for c, empty in zip(table.column(column), blank, strict=True) if not empty]
    if any(isinstance(c, Masked | Compound) for c in cells):
        return False
    below = [n for n, row in enumerate(table.cells) if not row[column - 1].text.strip()]
    fitted = sum(measure_of(h) in _OF_FITS for h in headings[column + 1 :]) >= LEAST_FITTED
    goes_on = any(blank) and bool(below) and not any(blank[n] for n in below)
    return any(isinstance(c, Text) for c in cells) or goes_on or (fitted and any(blank))


def measures_of(headings: Sequence[str]) -> list[Measure]:
    """What each heading says. `sex / Female` beside `sex / Male` is a level of a variable, and no code of its own."""
    spans = Counter(heading.partition(" / ")[0] for heading in headings if " / " in heading)
    found = []
    for heading in headings:
        above, _, own = heading.partition(" / ")
        measure = measure_of(heading)
        found.append(measure_of(own) if own and spans[above] > 1 and measure in _NAMES_LEVELS else measure)
    if any(map(_GROUPS.match, headings)):
        found = [Measure.COUNT if _SIZE.fullmatch(h) else m for h, m in zip(headings, found, strict=True)]
    if {"no", "yes"} <= {heading.rpartition(" / ")[2].strip().casefold() for heading in headings}:  # no number of rows
        answered = [heading.rpartition(" / ")[2].strip().casefold() == "no" for heading in headings]
        found = [Measure.UNKNOWN if no else measure for no, measure in zip(answered, found, strict=True)]
    ends = [c for c, heading in enumerate(headings) if _PERCENT_LEVEL.fullmatch(heading.strip())]
    levels_shown = [float(re.sub(r"[ %\xa0\u202f]", "", headings[c]).replace(",", ".")) for c in ends]
    of_estimates = len(ends) == 2 and sum(levels_shown) == _ALL and Measure.MODEL in found  # lower and upper end
    return [Measure.MODEL if of_estimates and c in ends else measure for c, measure in enumerate(found)]


_GROUPS = re.compile(r"(?:groupe?s?|clusters?|class(?:e|es)?|strates?|bras|arms?|segments?|profils?)\b", re.IGNORECASE)
_SIZE = re.compile(r"tailles?(?: (?:du |des )?groupes?)?|sizes?", re.IGNORECASE)
"""Of groups a size is a number of persons; of persons, in French, their height."""


def _is_index(headings: tuple[str, ...], number: NDArray[np.float64]) -> bool:
    """Whether the first column is an index of numbers, as times are: it alone has no name, and its values rise."""
    rises = len(number) >= LEAST_RISING and bool((np.diff(number[:, 0]) > 0).all())
    return rises and not headings[0].strip() and len(headings) > 1 and all(h.strip() for h in headings[1:])


def levels(names: list[str]) -> bool:
    """Whether names are levels of percentiles: 0.25, 0.5, 0.75. The ends of a confidence interval alone are none."""
    found = [float(name) for name in names if _LEVEL.match(name)]
    return len(found) == len(names) > 1 and found != [0.025, 0.975] and found == sorted(set(found))


def _only_masks(cells: tuple[Cell, ...]) -> bool:
    """Whether a column shows masks alone: it hides counts and labels nothing. `<50` and `≥50` are two age classes."""
    masks = [cell for cell in cells if isinstance(cell, Masked) or (isinstance(cell, Interval) and not _band(cell))]
    starred = any(isinstance(cell, Masked) for cell in masks)
    return len(masks) == len(cells) > 0 and (starred or len({cell.text for cell in masks}) < len(masks))


def _band(cell: Interval) -> bool:
    return math.isfinite(cell.high - cell.low)


def _named_already(table: Table, found: list[int]) -> bool:
    """Whether the labels so far tell all rows apart: then a column of ages beside them holds figures."""
    labels = [tuple(row[c].text for c in found) for row in table.cells]
    return bool(found) and len(set(labels)) == len(labels) and not _is_running(table, found[0])


def labels_of(table: Table, dimensions: list[int]) -> list[tuple[str, ...]]:
    """Label of each row along each dimension; blanks below a label repeat it, as in a printed MultiIndex."""
    running = [c for c in dimensions if table.index and len(dimensions) > table.stub and _is_running(table, c)]
    kept = [c for c in dimensions if c not in running]
    out: list[tuple[str, ...]] = []
    last = [""] * len(kept)
    for row in table.cells:
        label = [row[c].text.strip() for c in kept]
        for d in range(len(kept) - 1):  # the innermost label is never left out
            label[d] = label[d] or last[d]
        last = label
        out.append(tuple(label))
    return out


def _is_running(table: Table, column: int) -> bool:
    """Whether a column only numbers the rows."""
    texts = [row[column].text.strip() for row in table.cells]
    if len(texts) < 2 or not all(t.isdecimal() for t in texts):  # one row has no order
        return False
    return all(int(t) == int(texts[0]) + i for i, t in enumerate(texts))
