"""Totals that stand elsewhere: in another table, in a sentence, in a heading.

Decides which totals a reader would take for a table's own. Worked example: sex F `<11`, M 120 in one file, a total of
127 patients in another or in the text: if both count the same persons, F is 7. Nothing proves that they do, so what
follows is for the reviewers.
"""

import math
from collections.abc import Iterator, Sequence

from ecluse.checks.facts import TextNumber, Value

from .grid import Grid
from .ledger import Ledger, Rank
from .links import cell_name
from .prose import is_group_size
from .words import Measure, is_margin

PROOF_BITS = 2.0
"""How much nearer than chance a total must come to the sum of the shown parts."""
MOST = 40
"""Totals that are tried per table."""


def tie_all(ledger: Ledger, numbers: Sequence[tuple[str, TextNumber]]) -> None:
    """Tie tables with hidden counts to totals that nearly fit. `numbers` are those of texts, with their paths."""
    known = [*_in_tables(ledger), *_in_texts(numbers)]
    for number, grid in enumerate(ledger.grids):
        for parts in _wholes(grid):
            if not any(grid.hidden[cell] for cell in parts):
                continue
            low = sum(float(grid.low[cell]) for cell in parts)
            high = sum(float(grid.high[cell]) for cell in parts)
            if not math.isfinite(high):
                continue
            fits = {n: where for source, n, where in known if source != number and max(low, 1) <= n <= high}
            for total, where in list(fits.items())[:MOST]:
                if math.log2(total / (high - low + 1)) >= PROOF_BITS:
                    keys = [(number, r, c) for r, c in parts]
                    name = f"{where} ({int(total)}) = {' + '.join(ledger.name(k) for k in keys[:8])}"
                    ones = [1.0] * len(keys)
                    ledger.add(keys, ones, total, total, name=name, rank=Rank.ASSUMED, group=ledger.group())


def _wholes(grid: Grid) -> Iterator[list[tuple[int, int]]]:
    """Columns, and the whole of a crosstab, without their totals."""
    rows = [r for r, label in enumerate(grid.labels) if not any(map(is_margin, label))]
    columns = [c for c in grid.counts if not is_margin(grid.columns[c])]
    if len(rows) < 2 or len(rows) < len(grid.labels):  # a table with its own total needs no other
        return
    for column in columns:
        if grid.is_count[rows, column].all():
            yield [(r, column) for r in rows]
    crossed = [c for c in columns if grid.measures[c] is Measure.UNKNOWN]
    if len(crossed) > 1 and grid.is_count[rows][:, crossed].all():
        yield [(r, c) for r in rows for c in crossed]


def _in_tables(ledger: Ledger) -> Iterator[tuple[int, float, str]]:
    """Shown totals of tables: cells without a label of their own, and sums of tables that hide nothing."""
    for number, grid in enumerate(ledger.grids):
        for column in grid.counts:
            for row in range(len(grid.labels)):
                if grid.is_count[row, column] and not grid.hidden[row, column] and not cell_name(grid, row, column):
                    yield number, float(grid.low[row, column]), f"{grid.name(row, column)} in {grid.path!r}"
        for parts in _wholes(grid):
            if not any(grid.hidden[cell] for cell in parts):
                total = sum(float(grid.low[cell]) for cell in parts)
                yield number, total, f"the sum of {grid.columns[parts[0][1]]!r} in {grid.path!r}"


def _in_texts(numbers: Sequence[tuple[str, TextNumber]]) -> Iterator[tuple[int, float, str]]:
    for path, number in numbers:
        if isinstance(number.value, Value) and is_group_size(number):
            yield -1, number.value.number, f"{number.value.text} in the text of {path!r}"
