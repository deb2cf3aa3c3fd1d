"""A table as output checkers see it: which cells are counts of persons, and what is known of each.

Decides, for every cell, the kind of figure and, for counts, the interval that the cell itself gives. Worked example:
the columns `n`, `%` and `âge moyen` of a table by region give counts in `n` only; its cell `<11` is hidden, between
1 and 10; a blank there is hidden, from 0 to anything; `12,5` under `âge moyen` is no count at all.

A row label wins over a heading where it names a statistic (the rows `count`, `mean`, `min` of `describe()`), a heading
wins over values, and values decide where words say nothing: whole numbers in a crosstab are counts.
"""

import math
import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ecluse.checks.facts import Cell, Compound, Interval, Masked, Table, Text, Value
from ecluse.rules.finding import Place

from . import periods
from .cells import in_words, numbers_of, split, whole
from .explained import thing_before
from .flags import flags, is_person, of_review, of_team
from .rounding import Blur, base_of
from .settings import are_tuned
from .stubs import dimensions_of, headings_of, labels_of, levels, measures_of
from .words import Measure, heading_n, is_margin, measure_of, plain

_STATISTICS = frozenset(
    {Measure.MEAN, Measure.SPREAD, Measure.EXTREME, Measure.PERCENTILE, Measure.PERCENT, Measure.MODEL, Measure.DOF}
)
_ROW_STATISTICS = frozenset({Measure.MEAN, Measure.SPREAD, Measure.EXTREME, Measure.PERCENTILE, Measure.DOF})
_ROW_COUNTS = frozenset({"count", "n", "effectif", "effectifs", "nb", "nombre", "nobs", "n obs", "freq", "unique"})
_YEARS = (1900, 2100)
_WHOLE = 100.0
_DRAWN = re.compile(r"r_?hat|r-hat|n_eff|ess(?:_bulk|_tail)?|bulk_ess|tail_ess|mcse_(?:mean|sd)")
"""Columns that only a sample from a posterior has."""
_OF_PERSONS = re.compile(r"(?:n|nb|no\.?|number)?[ _]?(?:missing|manquante?s?|nmiss|miss|na)|n|nb|effectifs?|n obs")
"""Headings of numbers of persons, whatever figure of them the row describes."""
_SHORT = 16
"""Letters of a word that stands for a number that is withheld."""
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


@dataclass(slots=True)
class Grid:
    """A table with its counts read. Arrays have the table's shape; `low` and `high` are NaN where there is no count.

    `hidden` marks counts that are not shown; `bounded` those whose mask says an upper bound; `share` holds the
    percentage that stands in the same cell, with its half unit of rounding in `slack`. `sure` is false for columns
    that only their values make counts. `base` is what the counts are rounded to, 1 for not at all; `low` and `high` of
    a rounded count are what the cell shows. `share_rows` are unnamed
    rows of the percentages of the row above, `references` those whose label ends before the level compared with.
    """

    table: Table
    path: str
    request: str
    labels: list[tuple[str, ...]]
    columns: tuple[str, ...]
    measures: list[Measure]
    row_measures: list[Measure]
    is_count: NDArray[np.bool_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    hidden: NDArray[np.bool_]
    bounded: NDArray[np.bool_]
    number: NDArray[np.float64]
    decimals: NDArray[np.int64]
    share: NDArray[np.float64]
    slack: NDArray[np.float64]
    exact: NDArray[np.bool_]
    sure: list[bool]
    dimensions: list[int] = field(default_factory=list)
    base: int = 1
    share_rows: list[int] = field(default_factory=list)
    references: frozenset[int] = frozenset()

    @property
    def counts(self) -> list[int]:
        """Columns that hold at least one count."""
        return [int(c) for c in np.flatnonzero(self.is_count.any(axis=0))]

    def small(self, minimum: int) -> NDArray[np.bool_]:
        """Shown counts of 1 to minimum − 1 persons; of rounded ones, those that can stand for nothing else."""
        most = self.low + Blur.NEAREST.interval(0.0, self.base)[1]
        found: NDArray[np.bool_] = self.is_count & ~self.hidden & (self.low >= 1) & (most < minimum)
        return found

    def label(self, row: int) -> str:
        """The row's name for people."""
        return " / ".join(filter(None, self.labels[row])) or f"row {row + 1}"

    def name(self, row: int, column: int) -> str:
        """The cell's name for people: `Nord/Femmes`."""
        heading = self.columns[column]
        return f"{self.label(row)}/{heading}" if heading else self.label(row)

    def where(self, row: int, column: int) -> str:
        """The cell's place for people."""
        heading = self.columns[column]
        parts = [
            self.table.where,
            f"row {self.label(row)[:80]!r}" if any(self.labels[row]) else f"row {row + 1}",
            f"column {heading[:80]!r}" if heading else f"column {column + 1}",
        ]
        return ", ".join(filter(None, parts))[:300]

    def place(self, row: int, column: int) -> Place:
        """The cell's place for programs."""
        return self.table.place_of(row, column)


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
            _read_column(grid, column, unnamed)
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


def _read_column(grid: Grid, column: int, unnamed: NDArray[np.bool_]) -> None:
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


def group_sizes(grid: Grid) -> dict[int, int]:
    """Sizes of groups that headings give, by column: `Arm A (n=120)`."""
    found = {c: heading_n(text) for c, text in enumerate(grid.columns)}
    return {c: n for c, n in found.items() if n is not None}


def margin_rows(grid: Grid) -> NDArray[np.bool_]:
    """Rows of which a label names a total, or a period that holds those of other rows."""
    found = np.array([any(is_margin(part) for part in label) for label in grid.labels], dtype=np.bool_)
    for dimension in range(len(grid.labels[0]) if grid.labels else 0):
        found[list(periods.totals([label[dimension] for label in grid.labels]))] = True
    return found


def margin_columns(grid: Grid, columns: list[int]) -> list[int]:
    """Those of some columns of counts whose heading names a total, or a period that holds those of others."""
    held = periods.totals([grid.columns[c] for c in columns])
    parts = {c: (grid.columns[c], *grid.columns[c].split(" / ")) for c in columns}
    return [c for n, c in enumerate(columns) if n in held or any(map(is_margin, parts[c]))]
