"""From a grid of written cells to a table with a recognised header, labels and structural signs.

Decides where a table's header ends and which leading columns are row labels.

Worked example: `["", "n"], ["Nord", "12"], ["Total", "30"]` has one header row and a stub of one column;
`["0", "Nord", "12"], ["1", "Sud", "18"]` under `["", "région", "n"]` has a running index as its stub.
"""

import re
from dataclasses import replace
from itertools import pairwise

from ecluse.checks.captions import notes
from ecluse.checks.disclosure.words import Measure, is_margin, measure_of
from ecluse.checks.facts import (
    Cell,
    Compound,
    Interval,
    Masked,
    Passage,
    Place,
    Sign,
    SignKind,
    Source,
    Table,
    Text,
    Value,
)

from .numbers import decimal_mark, parse_cell

Grid = list[list[str]]
_SAMPLE = 2000
_HEADER_ROWS = 4
_DOTS = frozenset({"...", "…", "..", "⋮", "⋯"})
_HEADS = _DOTS | {"#"}
"""Signs that a header has, too: of a number, of columns that are left out."""
_RUN = 3
_FIGURES = (Measure.COUNT, Measure.MEAN, Measure.SPREAD, Measure.EXTREME, Measure.PERCENTILE)
_INDEX_NAMES = frozenset({"", "index", "unnamed: 0", "level_0", "idx", "#", "row", "rownames"})


def square(grid: Grid) -> Grid:
    """Every row as long as the longest, without empty rows at the end or empty columns at the right."""
    while grid and not any(c.strip() for c in grid[-1]):
        grid = grid[:-1]
    width = max((max((i + 1 for i, c in enumerate(row) if c.strip()), default=0) for row in grid), default=0)
    return [(row + [""] * width)[:width] for row in grid]


def unfolded(grid: Grid) -> Grid:
    """The pairs of a form below each other: `Df Model: 3 | F-statistic: 96.95` are two; nothing where it is none."""
    width = len(grid[0]) if grid else 0
    names = range(0, width, 2)
    if len(grid) < _RUN or width < 4 or width % 2 or any(len(row) != width for row in grid):  # two pairs
        return []
    if any(sum(row[n].rstrip().endswith(":") for row in grid) * 5 < len(grid) * 4 for n in names):
        return []
    return [row[n : n + 2] for n in names for row in grid if row[n].strip()]


def table_of(
    grid: Grid,
    *,
    name: str = "",
    where: str = "",
    place: Place | None = None,
    header_rows: int | None = None,
    stub: int | None = None,
    index: bool = False,
) -> Table | None:
    """The table that a grid shows, or none where it is empty. `header_rows` and `stub` are guessed unless given."""
    grid = square(grid)
    if not grid or not grid[0]:
        return None
    mark = decimal_mark(c for row in grid[:_SAMPLE] for c in row)
    cells = [tuple(parse_cell(c, mark) for c in row) for row in grid]
    heads = _header_rows(cells) if header_rows is None else min(header_rows, len(cells))
    columns = _labels(grid[:heads], len(grid[0]))
    body = tuple(cells[heads:])
    if heads == 2 and body and stub is None and grid[1][0].strip() and not any(c.strip() for c in grid[1][1:]):
        columns, stub = (grid[1][0].strip(), *columns[1:]), 1  # pandas names the index below the name of the columns
    if heads and not body and heads > 1 and header_rows is None:
        heads, columns, body = 1, _labels(grid[:1], len(grid[0])), tuple(cells[1:])
    if heads and any(c.casefold() in _INDEX_NAMES for c in columns[:1]) and _running([r[0] for r in body]):
        index, stub = True, max(stub or 0, 1)
    return Table(
        columns=columns,
        cells=body,
        name=name,
        where=where,
        place=_first_row(place or Place(), heads),
        stub=_stub(body, columns) if stub is None else min(stub, len(columns)),
        header=heads > 0,
        index=index,
    )


def _first_row(place: Place, heads: int) -> Place:
    """The place of a table: `line` is that of its first row of cells, below the header, for who shows the file."""
    return place if place.line is None else place.model_copy(update={"line": place.line + heads})


def _labels(heads: Grid, width: int) -> tuple[str, ...]:
    """Column labels of one or more header rows; a blank repeats its left neighbour except in the last row."""
    filled: Grid = []
    for number, row in enumerate(heads):
        last = ""
        line = []
        for cell in row:
            if cell.strip() or number == len(heads) - 1:
                last = cell.strip()
            line.append(last if number < len(heads) - 1 else cell.strip())
        filled.append(line)
    return tuple(" / ".join(dict.fromkeys(filter(None, (row[c] for row in filled)))) for c in range(width))


def _numeric(cell: Cell) -> bool:
    return isinstance(cell, Value | Compound | Masked | Interval)


def _header_rows(cells: list[tuple[Cell, ...]]) -> int:
    """How many leading rows are labels: rows without an exact number over a body that has some."""
    found = 0
    for row in cells[:_HEADER_ROWS]:
        texts = [c for c in row if isinstance(c, Text)]
        exact = [c for c in row if isinstance(c, Value | Compound)]
        below = cells[found + 1 :]
        titled = found == 1 and _is_title(cells[0])
        named = _index_name(row, cells[:found])
        further = _pivoted(row, below) if exact else _still_header(row, below, titled=titled) or named
        summary = _summary(row)
        if found and not _levels(row, below) and not further and not summary:
            break
        known = _years(row, cells[1:]) or _numbered(row) or _levels(row, below) or summary
        if exact and not known:
            break
        if not exact and not any(c.text.strip() for c in texts) and found == 0 and not any(_numeric(c) for c in row):
            break
        if not exact and any(isinstance(c, Masked) and not (c.text.isalnum() or c.text in _HEADS) for c in row):
            break
        found += 1
    return found if found < len(cells) or (len(cells) == 1 and found == 1) else min(found, 1)


def _is_title(row: tuple[Cell, ...]) -> bool:
    """Whether a row holds nothing but one text at its beginning: the title of a table."""
    return isinstance(row[0], Text) and bool(row[0].text.strip()) and not any(c.text.strip() for c in row[1:])


def _still_header(row: tuple[Cell, ...], below: list[tuple[Cell, ...]], *, titled: bool) -> bool:
    """A further header row: its first cells are blank, or the columns that are texts here are numbers below.

    Below a title one such column is enough: the title was no header.
    """
    if not below:
        return False
    rest = [i for i, c in enumerate(row) if isinstance(c, Text) and c.text.strip()]
    numbers = [i for i in rest if any(_numeric(r[i]) for r in below[:5])]
    if titled and len(rest) == len(row):
        return bool(numbers)
    return len(row) > 1 and bool(rest) and len(numbers) * 2 > len(rest)


def _index_name(row: tuple[Cell, ...], above: list[tuple[Cell, ...]]) -> bool:
    """Pandas' line with the name of the index alone, below headers that leave its column blank."""
    named = bool(row[0].text.strip()) and all(c.text.strip() in _DOTS | {""} for c in row[1:])
    return named and len(row) > 1 and len(above) > 1 and not any(r[0].text.strip() for r in above)


def _summary(row: tuple[Cell, ...]) -> bool:
    """The names of figures, levels of percentiles among them: `count, mean, std, 25%, 50%, 75%`."""
    levels = [c for c in row if isinstance(c, Value)]
    words = [c.text.strip() for c in row if isinstance(c, Text) and c.text.strip()]
    percents = bool(levels) and all(c.unit == "%" for c in levels) and len(levels) < len(row)
    named = sum(measure_of(w) in _FIGURES for w in words)
    return percents and named > 1 and named * 2 > len(words)


def _years(row: tuple[Cell, ...], below: list[tuple[Cell, ...]]) -> bool:
    """A header such as `région, 2019, 2020`: words first, then numbers that grow by one, over other numbers."""
    numbers = [c.number for c in row if isinstance(c, Value)]
    lead = isinstance(row[0], Text)
    steps = {b - a for a, b in pairwise(numbers)}
    calendar = all(1900 <= n <= 2100 and n.is_integer() for n in numbers)  # years
    return lead and bool(below) and len(numbers) > 0 and calendar and (len(numbers) == 1 or steps == {1.0})


def _pivoted(row: tuple[Cell, ...], below: list[tuple[Cell, ...]]) -> bool:
    """A pivot's years below its title: two or more of them, over numbers that are none. One year is a row's own."""
    at = [n for n, c in enumerate(row) if isinstance(c, Value)]
    under = [r[n] for r in below[:5] for n in at]
    figures = [c.number for c in under if isinstance(c, Value)]
    return len(at) > 1 and _years(row, below) and not all(1900 <= n <= 2100 for n in figures)


def _numbered(row: tuple[Cell, ...]) -> bool:
    """Whether a row is the header of a frame without names: blank, then 0, 1, 2, and so on."""
    rest = row[1:]
    blank = isinstance(row[0], Text) and not row[0].text.strip()
    return blank and bool(rest) and all(isinstance(c, Value) and c.number == i for i, c in enumerate(rest))


_LEVELLED = re.compile(
    r"(?:item|question|age|sexe?|sex|class\w*|score|grade|stad?e?|stage|visite?|likert|row|col|groupe?|group"
    r"|outcome|dead|event)s?\b.*|(?:row|col|tot)(?:umn|al)? ?pct|percent|frequency|expected|",
    re.IGNORECASE,
)


def _levels(row: tuple[Cell, ...], below: list[tuple[Cell, ...]]) -> bool:
    """The header of a crosstab over a coded variable: its name, then 0, 1 or 1, 2, 3, over rows of other numbers.

    Any name will do before a last column of totals, or above pandas' line with the name of the index.
    """
    total = len(row) > 3 and is_margin(row[-1].text)  # a name and two levels
    rest = [c.number if isinstance(c, Value) else -1.0 for c in (row[1:-1] if total else row[1:])]
    indexed = bool(below) and not any(c.text.strip() for c in below[0][1:]) and bool(below[0][0].text.strip())
    name = row[0].text.strip()
    levelled = _LEVELLED.fullmatch(name) is not None or (
        len(row) > 3 and measure_of(name) is Measure.CODE
    )  # two levels
    lead = isinstance(row[0], Text) and (total or indexed or levelled)
    counted = len(rest) > 1 and rest[0] in (0, 1) and all(b - a == 1 for a, b in pairwise(rest))
    numbers = [[c for c in r[1:] if isinstance(c, Value)] for r in below]
    larger = len(below) > 1 and all(c.number > rest[-1] for r in numbers for c in r)
    full = all(
        len(n) == len(r) - 1 or ((total or indexed) and not n) or not r[0].text.strip()  # shares below their counts
        for n, r in zip(numbers, below, strict=True)
    )
    return lead and counted and larger and full


def _running(column: list[Cell]) -> bool:
    """Whether cells count 0, 1, 2 … or 1, 2, 3 … (dots may stand for a part)."""
    numbers = [c.number for c in column if isinstance(c, Value)]
    if len(numbers) < 2 or any(not n.is_integer() for n in numbers):  # one number runs nowhere
        return False
    dots = any(not isinstance(c, Value) and c.text.strip() in _DOTS for c in column)
    steps = [b - a for a, b in pairwise(numbers)]
    return numbers[0] in (0, 1) and sum(s != 1 for s in steps) <= (1 if dots else 0)


def _label_like(cell: Cell) -> bool:
    return isinstance(cell, Text | Interval | Masked)


def _stub(body: tuple[tuple[Cell, ...], ...], columns: tuple[str, ...]) -> int:
    """Leading columns of words or bands, as long as a column with numbers follows."""
    if not body:
        return 0
    width = 0
    for number in range(len(columns) - 1):
        column = [row[number] for row in body]
        words = sum(isinstance(c, Text) and not c.blank for c in column)
        bands = sum(isinstance(c, Interval) for c in column)
        if not all(_label_like(c) for c in column) or words + bands == 0 or (bands and not _bands(column)):
            break
        width = number + 1
    has_numbers = any(isinstance(row[c], Value | Compound) for row in body for c in range(width, len(columns)))
    return width if has_numbers else min(width, 1)


def _bands(column: list[Cell]) -> bool:
    """Intervals that differ from each other and are mostly closed, such as ages: labels and not masked counts."""
    found = [(c.low, c.high) for c in column if isinstance(c, Interval)]
    return (len(found) == 1 and len(column) > 1) or (len(set(found)) * 2 > len(found) and len(set(found)) > 1)


def signs_of(table: Table, number: int, *, frame: bool = False) -> list[Sign]:
    """Structural signs of a table: raw display, running index, rows of dots."""
    found: list[Sign] = []
    rows, columns = table.shape
    base = Sign(SignKind.FRAME, where=table.where, place=table.place, rows=rows, columns=columns, table=number)
    if frame:
        found.append(base)
    first = [row[0] for row in table.cells] if columns else []
    if len(first) >= _RUN and _running(first):
        found.append(replace(base, kind=SignKind.RUNNING_INDEX))
    if any(all(c.text.strip() in _DOTS for c in row) and row for row in table.cells):
        found.append(replace(base, kind=SignKind.TRUNCATED))
    return found


def passages_of(table: Table) -> list[Passage]:
    """The table's words again, one passage per row, for the rules on identifiers; its sentences as prose."""
    head = " | ".join(table.columns)
    found = [Passage(head, Source.LABEL, table.where, table.place)] if head.strip(" |") else []
    for number, row in enumerate(table.cells):
        text = " | ".join(c.text for c in row)
        if text.strip(" |"):
            place = table.place.model_copy(update={"row": number})
            found.append(Passage(text, Source.CELLS, f"{table.where}, row {number + 1}".lstrip(", "), place))
    return [*found, *notes(table)]
