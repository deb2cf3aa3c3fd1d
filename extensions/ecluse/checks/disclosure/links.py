"""The same count in two tables.

Decides when cells of different tables, of one file or several, are one count. Worked example: `a.csv` has region by
sex, `b.csv` regions alone; both say Sud 120 and Est 93, in `a.csv` as sums over sex, and never disagree: then Nord,
hidden in `a.csv`, is the Nord shown in `b.csv`.

Cells are named by the set of their labels without totals and without words that only say "count". Two tables are
believed to speak of the same persons if all shown counts under common names agree and that is too much for chance;
one disagreement, and they are not linked. Where nothing speaks for it and nothing against it, because each hides what
the other shows, they are linked on trial: what follows from that is for the reviewers.
"""

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .grid import Grid
from .ledger import CellKey, Group, Ledger, Rank
from .rounding import Blur
from .words import Measure, is_margin, plain

Name = frozenset[str]
PROOF_BITS = 5.5
"""Agreement that links two tables whose labels agree: one equal count of two digits."""
_GENERIC = frozenset(
    re.split(
        r"\s*\|\s*",
        "n|nb|no|nombre|effectif|effectifs|count|counts|size|total|patients|nb patients|n patients|number|0|freq"
        "|frequency|nombre de patients|number of patients|personnes|persons|individus|sujets|subjects|n (%)|cas|cases",
    )
)
_TOGETHER = re.compile(r"\s*(?:\+|&|,|;|/|\bplus\b|\band\b|\bet\b|\bor\b|\bou\b)\s*")
"""What stands between the names of groups that are counted together."""
_MOST_DIMENSIONS = 5
MOST_SUPPOSED = 60
"""Pairs of tables that are linked on trial."""


@dataclass(frozen=True, slots=True)
class View:
    """Cells of one table, or sums over one or more of its labels, by name."""

    grid: int
    cells: dict[Name, tuple[CellKey, ...]]
    summed: bool


def tie_all(ledger: Ledger) -> None:
    """Link tables that hide something with tables that may show it."""
    hiding = [n for n, g in enumerate(ledger.grids) if (g.is_count & g.hidden).any()]
    if not hiding or len(ledger.grids) < 2:  # one table has no other to be linked with
        return
    plain_views = {n: View(n, _cells(n, g), summed=False) for n, g in enumerate(ledger.grids)}
    bits_of = {
        frozenset((a, b)): _proof(ledger, plain_views[a], plain_views[b])
        for a, b in itertools.combinations(plain_views, 2)
    }
    same = {pair for pair, bits in bits_of.items() if bits >= PROOF_BITS}
    apart = {pair for pair, bits in bits_of.items() if bits < 0}
    supposed: dict[tuple[int, int], list[tuple[View, View]]] = {}
    for number, grid in enumerate(ledger.grids):
        wanted = set().union(*(v.cells for n, v in plain_views.items() if n != number))
        views = [plain_views[number], *sums(number, grid, wanted), *unions(plain_views[number], wanted)]
        for view, (other, target) in itertools.product(views, plain_views.items()):
            if other == number or (not view.summed and other < number):
                continue
            if number in hiding or other in hiding:
                bits = _proof(ledger, view, target)
                if bits >= PROOF_BITS or (bits >= 0 and frozenset((number, other)) in same):
                    _link(ledger, view, target)
                elif bits >= 0 and frozenset((number, other)) not in apart:
                    supposed.setdefault((min(number, other), max(number, other)), []).append((view, target))
    for pairs in list(supposed.values())[:MOST_SUPPOSED]:
        group = ledger.group()
        ledger.trials.append(group)
        for view, target in pairs:
            _link(ledger, view, target, group)


def cell_name(grid: Grid, row: int, column: int) -> Name:
    """The labels of a cell without totals and without words for "count"."""
    return _names(grid.labels[row]) | _names(tuple(_heading_parts(grid, column)))


def label_names(grid: Grid) -> tuple[list[Name], dict[int, Name]]:
    """What each row, and each column of counts, adds to the names of its cells."""
    rows = [_names(label) for label in grid.labels]
    return rows, {column: _names(tuple(_heading_parts(grid, column))) for column in grid.counts}


def _names(parts: tuple[str, ...]) -> Name:
    return frozenset(plain(part) for part in parts if part and not is_margin(part) and plain(part) not in _GENERIC)


def _heading_parts(grid: Grid, column: int) -> list[str]:
    return [part.strip() for part in grid.columns[column].split(" / ")]


def _cells(number: int, grid: Grid) -> dict[Name, tuple[CellKey, ...]]:
    """Cells by name; a name that stands twice names nothing."""
    found: dict[Name, tuple[CellKey, ...]] = {}
    twice: set[Name] = set()
    rows, columns = label_names(grid)
    for column, heading in columns.items():
        for row in np.flatnonzero(grid.is_count[:, column]):
            name = rows[row] | heading
            if name in found:
                twice.add(name)
            found[name] = ((number, int(row), column),)
    return {name: cells for name, cells in found.items() if name not in twice}


def sums(number: int, grid: Grid, wanted: set[Name]) -> Iterator[View]:
    """The table summed over each set of its labels, as far as another table has cells of such names."""
    if not wanted:
        return
    dimensions = len(grid.labels[0]) if grid.labels else 0
    categories = [c for c in grid.counts if grid.measures[c] is Measure.UNKNOWN]
    axes = list(range(dimensions)) + ([-1] if len(categories) > 1 else [])
    if len(axes) > _MOST_DIMENSIONS:
        return
    columns = [c for c in grid.counts if not any(is_margin(p) for p in _heading_parts(grid, c))]
    rows = [r for r, label in enumerate(grid.labels) if not any(is_margin(part) for part in label)]
    for count in range(1, len(axes) + 1):
        for dropped in itertools.combinations(axes, count):
            across = categories if -1 in dropped else columns
            headings = {c: _names(() if -1 in dropped else tuple(_heading_parts(grid, c))) for c in across}
            cells: dict[Name, list[CellKey]] = {}
            for row in rows:
                label = _names(tuple(part for d, part in enumerate(grid.labels[row]) if d not in dropped))
                for column, heading in headings.items():
                    if grid.is_count[row, column] and (name := label | heading) in wanted:
                        cells.setdefault(name, []).append((number, row, column))
            kept = {name: tuple(keys) for name, keys in cells.items() if len(keys) > 1}
            if kept:
                yield View(number, kept, summed=True)


def unions(view: View, wanted: set[Name]) -> Iterator[View]:
    """Cells of one table that another table gives together: its `A + B` is this one's A and B."""
    found: dict[Name, tuple[CellKey, ...]] = {}
    for name in wanted - view.cells.keys():
        for label in name:
            parts = [part for part in _TOGETHER.split(label) if part]
            cells = [view.cells.get(name - {label} | {part}, ()) for part in parts] if len(parts) > 1 else []
            if cells and all(cells):
                found[name] = tuple(key for keys in cells for key in keys)
    if found:
        yield View(view.grid, found, summed=True)


def _proof(ledger: Ledger, view: View, target: View) -> float:
    """Bits by which shown counts of common names agree; −1 where some disagree."""
    bits = 0.0
    seen: set[float] = set()
    for name in view.cells:
        if name not in target.cells:
            continue
        low, high = _range(ledger, view.cells[name])
        other_low, other_high = _range(ledger, target.cells[name])
        if low > other_high + 1e-6 or other_low > high + 1e-6:
            return -1.0
        shown = _shown(ledger, view.cells[name])
        if shown and shown == _shown(ledger, target.cells[name]) and shown not in seen:
            seen.add(shown)
            bits += math.log2(1 + shown / max(high - low, 1))
    return bits


def _link(ledger: Ledger, view: View, target: View, group: Group = 0) -> None:
    """Tie cells of common names. Those of a `group` need a name: two totals of anything have none."""
    for name in (name for name in view.cells if name in target.cells and (name or not group)):
        (key,) = target.cells[name]
        path = ledger.grids[target.grid].path
        mine = " + ".join(ledger.name(k) for k in view.cells[name][:6])
        more = f" + {len(view.cells[name]) - 6} more" if len(view.cells[name]) > 6 else ""
        ledger.add(
            (key, *view.cells[name]),
            (-1.0, *([1.0] * len(view.cells[name]))),
            0.0,
            0.0,
            name=f"{ledger.name(key)} in {path or 'another table'} = {mine}{more}",
            rank=Rank.ASSUMED if group else Rank.LINK,
            group=group,
        )


def _range(ledger: Ledger, keys: tuple[CellKey, ...]) -> tuple[float, float]:
    ends = [ledger.blurred(key, Blur.RANDOM) for key in keys]
    return sum(low for low, _ in ends), sum(high for _, high in ends)


def _shown(ledger: Ledger, keys: tuple[CellKey, ...]) -> float:
    """The sum of cells as shown, rounded or not; 0 where some are hidden."""
    return sum(ledger.interval(key)[0] for key in keys) if all(map(ledger.shown, keys)) else 0.0
