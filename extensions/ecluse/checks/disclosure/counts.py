"""Counts that are too small to be shown, and masks that say too much.

Decides which visible counts of a table identify few persons. Worked example: under `n`, with a minimum count of 11,
the cell 4 is refused, 0 is noted (nobody is there to be identified, but a whole group may be), 11 passes, `<11`
passes, and `<5` is refused: it tells 1–4 from 5–10, which the rule does not allow.
"""

from collections.abc import Callable, Iterator

import numpy as np

from ecluse.rules.finding import Finding, Severity

from .grid import Grid
from .words import Measure

SHOWN = 20
"""Findings of one rule on one table."""
NAMED = 5
"""Small counts that the one finding on a table names; it says how many more there are."""


def find(grid: Grid, minimum: int, fixes: Callable[[Grid], str]) -> Iterator[Finding]:
    """Findings on visible counts of 1..minimum−1 and on masks narrower than 1..minimum−1. `fixes` mends a table.

    The small counts of a table are one finding, placed at the first of them; those that only their values make counts
    weigh less, and are one of their own.
    """
    places = [(int(r), int(c)) for r, c in np.argwhere(grid.small(minimum))]
    fix = fixes(grid) if places else ""
    certain = {place: is_certain(grid, *place) for place in places}
    for sure in (True, False):
        alike = [place for place in places if certain[place] is sure]
        if alike:
            yield _small(grid, alike, minimum, fix, certain=sure)
    yield from _narrow(grid, minimum)
    yield from _whole_groups(grid, minimum)


def _small(grid: Grid, places: list[tuple[int, int]], minimum: int, fix: str, *, certain: bool) -> Finding:
    cells = [f"{_people(int(grid.low[p]))} of {grid.name(*p)[:150]!r}" for p in places[:NAMED]]
    more = len(places) - len(cells)
    names = ", ".join(cells) + (f" and {more} more" if more else "")
    start = names if len(places) == 1 else f"{len(places)} counts of 1 to {minimum - 1} persons: {names}"
    doubt = "" if certain else " Read as counts because the column holds whole numbers only."
    return Finding(
        rule="small-count",
        severity=Severity.REFUSE if certain else Severity.REVIEW,
        where=grid.where(*places[0]),
        message=f"{start}; fewer than {minimum} can be recognised one by one.{doubt}",
        fix=fix,
        place=grid.place(*places[0]),
    )


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} persons"


def is_certain(grid: Grid, row: int, column: int) -> bool:
    """Whether words or the table's form say that the cell is a count, not its value alone."""
    if grid.sure[column] or grid.row_measures[row] is Measure.COUNT or not np.isnan(grid.share[row, column]):
        return True
    by_value = [c for c in grid.counts if grid.measures[c] is Measure.UNKNOWN]
    return column in by_value and (len(by_value) > 1 or not grid.columns[column].strip(" 0"))


def _narrow(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Masks that say more than "1 to minimum−1"."""
    stated = grid.is_count & grid.bounded & (grid.high < minimum) & ((grid.high < minimum - 1) | (grid.low > 1))
    for row, column in np.argwhere(stated)[:SHOWN]:
        low, high = max(int(grid.low[row, column]), 0), int(grid.high[row, column])
        yield Finding(
            rule="mask-too-narrow",
            severity=Severity.REFUSE,
            where=grid.where(row, column),
            message=f"The mask {grid.table.cells[row][column].text!r} says that {grid.name(row, column)!r} has "
            f"{max(low, 1)} to {high} persons; the rule lets a reader know no more than 1 to {minimum - 1}.",
            fix=f"Write '<{minimum}' instead.",
            place=grid.place(int(row), int(column)),
        )


def _whole_groups(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Rows of a crosstab in which everybody has the same answer (class disclosure)."""
    columns = [c for c in grid.counts if grid.measures[c] is Measure.UNKNOWN]
    if len(columns) < 2:  # one column has no other to be empty
        return
    shown = grid.is_count[:, columns].all(axis=1) & ~grid.hidden[:, columns].any(axis=1)
    positive = grid.low[:, columns] > 0
    full = shown & (positive.sum(axis=1) == 1) & (np.nanmax(np.nan_to_num(grid.low[:, columns]), axis=1) >= minimum)
    for row in np.flatnonzero(full)[:SHOWN]:
        column = columns[int(np.flatnonzero(positive[row])[0])]
        yield Finding(
            rule="whole-group",
            severity=Severity.REVIEW,
            where=grid.where(int(row), column),
            message=f"All {int(grid.low[row, column])} persons of {grid.label(int(row))!r} are in "
            f"{grid.columns[column]!r}: whoever knows that somebody belongs to the row knows the column.",
            fix="Merge the row with another, or say in the description why the other cells are empty by nature.",
            place=grid.place(int(row), column),
        )
