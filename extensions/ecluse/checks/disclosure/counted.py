"""Which cells of a column count persons, and what each says of its count.

Decides by what the heading says, what the row's label says, and what the values of the column are, in this order of
weight. Worked example: below `n` the cells 120 and `<11` are counts, the second hidden and at most 10, a blank one
hidden and anything; below `âge moyen` 61 is none; below a heading without a meaning, 120, 98 and 143 are.
"""

import math
import re

import numpy as np
from numpy.typing import NDArray

from ecluse.checks.facts import Cell, Compound, Interval, Masked, Text, Value

from . import periods
from .cells import in_words, split, whole
from .grid import Grid
from .words import Measure, is_margin, plain

_STATISTICS = frozenset(
    {Measure.MEAN, Measure.SPREAD, Measure.EXTREME, Measure.PERCENTILE, Measure.PERCENT, Measure.MODEL, Measure.DOF}
)
_ROW_STATISTICS = frozenset({Measure.MEAN, Measure.SPREAD, Measure.EXTREME, Measure.PERCENTILE, Measure.DOF})
_YEARS = (1900, 2100)
_OF_PERSONS = re.compile(r"(?:n|nb|no\.?|number)?[ _]?(?:missing|manquante?s?|nmiss|miss|na)|n|nb|effectifs?|n obs")
"""Headings of numbers of persons, whatever figure of them the row describes."""
_SHORT = 16
"""Letters of a word that stands for a number that is withheld."""


def read_column(grid: Grid, column: int, unnamed: NDArray[np.bool_]) -> None:
    """Read the counts of one column. `unnamed` are the rows without a word of their own that says what they hold."""
    by_words = grid.measures[column]
    cells = {int(r): grid.table.cells[r][column] for r in np.flatnonzero(~grid.exact[:, column])}
    if by_words is Measure.COUNT:
        cells = {r: in_words(cell) for r, cell in cells.items()}
        for r, cell in cells.items():
            if isinstance(cell, Value):
                grid.number[r, column] = cell.number
    by_values = _looks_like_counts(grid, column)
    grid.sure[column] = by_words is Measure.COUNT
    simple = _simple(grid, column, unnamed)
    if _names_count(by_words, Measure.UNKNOWN, by_values):
        number = grid.number[:, column]
        counts = simple & np.isfinite(number) & (number >= 0) & (np.floor(number) == number)
        counts &= ~np.isfinite(grid.share[:, column])  # the cell is no percentage
        grid.is_count[counts, column] = True
        grid.low[counts, column] = grid.high[counts, column] = number[counts]
    for r in np.flatnonzero(~simple).tolist():
        cell = cells.get(r) or grid.table.cells[r][column]
        if _counted(grid, r, column, cell, by_values):
            _set_count(grid, r, column, cell)
    if not grid.is_count[:, column].any():
        return
    for r, cell in cells.items():
        # A blank hides a count only where its column has counts and its row is no row of something else.
        hides = isinstance(cell, Masked) or (isinstance(cell, Text) and (_says_nothing(cell) and not _empty(grid, r)))
        if hides and not grid.is_count[r, column] and grid.row_measures[r] not in _STATISTICS:
            _set_count(grid, r, column, cell)


def _simple(grid: Grid, column: int, unnamed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Most cells: numbers in rows without a word of their own, so that one answer is theirs all."""
    by_words = grid.measures[column]
    if by_words in (Measure.AMOUNT, Measure.TIME) or _counts_missing(grid, column):
        return np.zeros(len(unnamed), dtype=np.bool_)
    simple: NDArray[np.bool_] = grid.exact[:, column] & unnamed
    if by_words is not Measure.COUNT:
        simple[list(grid.references)] = False
    return simple


def _counts_missing(grid: Grid, column: int) -> bool:
    return _OF_PERSONS.fullmatch(plain(grid.columns[column])) is not None


def _counted(grid: Grid, row: int, column: int, cell: Cell, by_values: bool) -> bool:
    """Whether a cell counts persons, by what its heading, its row and its column's values say."""
    by_words = grid.measures[column]
    if by_words is not Measure.COUNT and row in grid.references:
        return False
    # "Total" below a column of costs is the sum of the costs.
    amounts = by_words in (Measure.AMOUNT, Measure.TIME)
    by_row = Measure.UNKNOWN if amounts and any(map(is_margin, grid.labels[row])) else grid.row_measures[row]
    by_row = Measure.COUNT if _counts_missing(grid, column) and _describes(grid.label(row)) else by_row
    number = float(grid.number[row, column])
    paired = isinstance(cell, Compound) and np.isfinite(grid.share[row, column]) and whole(number)
    return paired or _is_count(cell, by_words, by_row, by_values, number)


def _describes(label: str) -> bool:
    """Whether a label names a variable with its statistic, `Age, mean (SD)`, and not a statistic alone."""
    return len(re.findall(r"[^\W\d_]{3,}", label)) > 1


def _says_nothing(cell: Text) -> bool:
    """Whether a cell among counts is left blank, or a short word stands where the number was: `conf.`, `sec. stat.`."""
    return cell.blank or (len(cell.text.strip()) <= _SHORT and not any(c.isdigit() for c in cell.text))


def _empty(grid: Grid, row: int) -> bool:
    """Whether a row holds nothing but its label: the name that pandas prints above an index."""
    cells = (c for n, c in enumerate(grid.table.cells[row]) if n not in grid.dimensions)
    return all(isinstance(c, Text) and c.blank for c in cells) and len(grid.table.columns) - len(grid.dimensions) > 1


def _is_count(cell: Cell, column: Measure, row: Measure, by_values: bool, number: float) -> bool:
    """Whether a cell counts persons, given what its heading, its row label and its column's values say."""
    if isinstance(cell, Compound):
        main, percent = split(cell)
        counted = not isinstance(main, Value) or whole(main.number)
        named = Measure.COUNT in (column, row) and row not in _ROW_STATISTICS  # `3 [1-5]` of "median [IQR]"
        return main is not None and counted and (percent is not None or named)
    return _may_count(cell, number) and _names_count(column, row, by_values)


def _names_count(column: Measure, row: Measure, by_values: bool) -> bool:
    """Whether what a heading, a row label and a column's values say leaves a whole number to be a count."""
    if row in _ROW_STATISTICS:
        return False
    if row is Measure.COUNT:
        return column not in _STATISTICS and column not in (Measure.CODE, Measure.DATE, Measure.YEAR)
    if column is Measure.COUNT:
        return row is not Measure.PERCENT
    # "Weight loss 4 6" is a row of adverse events: where a whole column is of whole numbers, a row's words that could
    # mean something else than a statistic are taken for a category.
    return column is Measure.UNKNOWN and by_values


def _may_count(cell: Cell, number: float) -> bool:
    """Whether a cell's own form allows a count: whole, not negative, no percentage."""
    if isinstance(cell, Interval):
        return cell.unit != "%" and all(whole(end) for end in (cell.low, cell.high) if math.isfinite(end))
    return isinstance(cell, Value) and cell.unit != "%" and whole(number)


def _set_count(grid: Grid, row: int, column: int, cell: Cell) -> None:
    low, high, hidden, bounded = _interval(cell)
    grid.is_count[row, column] = True
    grid.low[row, column], grid.high[row, column] = low, high
    grid.hidden[row, column], grid.bounded[row, column] = hidden, bounded


def _interval(cell: Cell) -> tuple[float, float, bool, bool]:
    """What a cell says of its count: least, most, whether it is hidden, whether the mask itself gives the most."""
    if isinstance(cell, Compound):
        main, _ = split(cell)
        return _interval(main) if main is not None else (0.0, math.inf, True, False)
    if isinstance(cell, Value):
        return cell.number, cell.number, False, False
    if isinstance(cell, Interval):
        low = 0.0 if not math.isfinite(cell.low) else cell.low
        high = cell.high
        low = low + 1 if cell.low_open and math.isfinite(cell.low) else low
        high = high - 1 if cell.high_open and math.isfinite(high) else high
        return max(low, 0.0), max(high, low), True, math.isfinite(high)
    return 0.0, math.inf, True, False


def _looks_like_counts(grid: Grid, column: int) -> bool:
    """Whether values alone make an unnamed column one of counts: whole, not negative, no years, codes or positions."""
    numbers = np.delete(grid.number[:, column], grid.share_rows)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return any(isinstance(row[column], Interval) for row in grid.table.cells)
    alone = len(numbers) > 1 and not grid.columns[column].strip() and bool((numbers == 1).all())
    if alone and (grid.decimals.max(axis=0) > 1).sum() > 1:  # Rhat and its like, printed without their decimals
        return False
    if (numbers < 0).any() or (numbers != np.floor(numbers)).any():
        return False
    if len(numbers) > 1 and ((numbers >= _YEARS[0]) & (numbers <= _YEARS[1])).all() and np.ptp(numbers) < 60:
        return False
    if periods.is_clock(numbers) and periods.in_time([label[0] for label in grid.labels if label]):
        return False
    first = numbers[0] in (0, 1) or (column == 0 and not grid.dimensions)  # k of 2, 3, 4 before what it gives
    running = len(numbers) > 2 and (np.diff(numbers) == 1).all() and first
    codes = len(numbers) > 2 and numbers.min() >= 10_000 and len({len(str(int(n))) for n in numbers}) == 1
    return not running and not (codes and len(np.unique(numbers)) == len(numbers) and not grid.labels[0])
