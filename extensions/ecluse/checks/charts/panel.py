"""One panel of a chart as columns of values with their roles, its table, and whether its rows are persons.

Worked example: two traces of bars, women and men by region, are the columns region (x), trace (group) and n (y); their
table has one row per region and the columns `n / women` and `n / men`.
"""

import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from ecluse.checks.facts import Facts, Place, Table
from ecluse.checks.kinds import Unreadable
from ecluse.checks.kinds.clean import clean_line
from ecluse.checks.kinds.grid import table_of
from ecluse.checks.kinds.merging import facts_of_table

Datum: TypeAlias = str | float | int | None
MOST_ROWS, MOST_GROUPS, MOST_COLUMNS = 5000, 30, 40
_FEW_POINTS, _CURVE_POINTS, _NAMED = 6, 30, 110
FIX = "Draw it from numbers of groups (bars of counts, binned means, a curve), or save the figure as PNG."


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `role` is x, y, group, name, value or extra; `key` says that it names the rows."""

    name: str
    role: str
    values: tuple[Datum, ...]
    key: bool = False

    @property
    def numeric(self) -> bool:
        """Whether every value that is there is a number."""
        there = [v for v in self.values if v is not None]
        return bool(there) and all(isinstance(v, int | float) for v in there)


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel. `mark` is bar, line, points, cells or pie; all columns are of one length."""

    mark: str
    columns: tuple[Column, ...]
    title: str = ""
    sideways: bool = False

    def role(self, name: str) -> Column | None:
        """The first column of a role."""
        return next((c for c in self.columns if c.role == name), None)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0].values) if self.columns else 0

    @property
    def keys(self) -> list[tuple[Datum, ...]]:
        """What names each row."""
        named = [c.values for c in self.columns if c.key]
        return list(zip(*named, strict=True)) if named else [()] * self.rows


def datum(value: Any) -> Datum:
    """A leaf of a chart's data. Raises `Unreadable` for what is no leaf."""
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        if value in ("NaN", "Infinity", "-Infinity"):
            return None
        return clean_line(value)[:300]
    raise Unreadable("interactive-plot", "The plot has data of a form that is not read.", FIX)


def refused(what: str) -> Unreadable:
    """The refusal of a chart that carries data of persons."""
    return Unreadable("interactive-plot", what, FIX)


def check(panel: Panel) -> None:
    """Raise `Unreadable` where a panel carries more than it shows of groups."""
    rows = panel.rows
    held = f"{rows * len(panel.columns):,} values"
    if rows > MOST_ROWS or len(panel.columns) > MOST_COLUMNS:
        raise refused(f"The plot has {held} behind it, more than a figure of results.")
    groups = set(zip(*(c.values for c in panel.columns if c.key and c.role in ("group", "name")), strict=True))
    if panel.mark == "line":
        if panel.role("x") is None or panel.role("y") is None:
            raise refused(f"A line of the plot is drawn from data of a form that is not read ({held}).")
        if len(groups) > MOST_GROUPS:
            raise refused(f"The plot draws {len(groups)} curves ({held}), as of one person each.")
        if not all(_curve(points) for points in _by_group(panel)):
            raise refused(f"A line of the plot goes back and forth ({held}): it joins single observations.")
    elif panel.mark == "points":
        _check_points(panel, held)
    elif len(set(panel.keys)) < rows and rows > 1:
        raise refused(
            f"The plot carries {rows} rows for {len(set(panel.keys))} marks ({held}): the reader's browser adds up "
            "what are single observations."
        )


def _by_group(panel: Panel) -> list[list[tuple[Datum, Datum]]]:
    """Points x, y of each group, in their order."""
    x, y = panel.role("x"), panel.role("y")
    if x is None or y is None:
        return []
    others = [c.values for c in panel.columns if c.role == "group"]
    found: dict[tuple[Datum, ...], list[tuple[Datum, Datum]]] = {}
    for number, point in enumerate(zip(x.values, y.values, strict=True)):
        if None not in point:
            found.setdefault(tuple(o[number] for o in others), []).append(point)
    return list(found.values())


def _monotone(values: list[Datum]) -> bool:
    """Whether values only rise or only fall; words do where none comes twice."""
    numbers = [v for v in values if isinstance(v, int | float)]
    if len(numbers) < len(values):
        texts = [str(v) for v in values]
        return len(set(texts)) == len(texts) or texts == sorted(texts)
    return all(b >= a for a, b in pairwise(numbers)) or all(b <= a for a, b in pairwise(numbers))


def _curve(points: list[tuple[Datum, Datum]]) -> bool:
    return _monotone([x for x, _ in points]) or _monotone([y for _, y in points])


def _check_points(panel: Panel, held: str) -> None:
    """Points are of groups where a word names each, or where they are few along an axis."""
    labels = [c for c in panel.columns if c.key and not c.numeric]
    named = list(zip(*(c.values for c in labels), strict=True)) if labels else []
    if named and len(set(named)) == len(named) <= _NAMED and not _coded(labels):
        return
    groups = _by_group(panel)
    if not groups and panel.rows >= _FEW_POINTS:
        raise refused(f"The plot draws {panel.rows} single points ({held}).")
    for points in groups:
        xs = [x for x, _ in points]
        along = _monotone(xs) and len(set(xs)) == len(xs)
        if len(points) >= _FEW_POINTS and not (along and (len(points) <= _CURVE_POINTS or _even(xs))):
            raise refused(f"The plot draws {panel.rows} single points ({held}), as a scatter of persons does.")


def _coded(labels: list[Column]) -> bool:
    """Whether names are codes with long numbers, as persons' are."""
    texts = [str(v) for c in labels if c.role == "name" for v in c.values]
    return sum(bool(re.search(r"\d{4}", t)) for t in texts) * 2 > len(texts) > 0


def _even(xs: list[Datum]) -> bool:
    """Whether numbers lie on an even grid: days, months, classes."""
    steps = [b - a for a, b in pairwise(x for x in xs if isinstance(x, int | float))]
    return len(steps) == len(xs) - 1 and max(steps) - min(steps) <= 1e-6 * abs(max(steps, key=abs))


def grid_of(panel: Panel) -> list[list[str]]:
    """The panel's table as text, its header first: one column per group where rows allow it."""
    return _wide(panel) or [
        [c.name for c in _ordered(panel)],
        *([show(c.values[n]) for c in _ordered(panel)] for n in range(panel.rows)),
    ]


def _ordered(panel: Panel) -> list[Column]:
    return sorted(panel.columns, key=lambda c: not c.key)


def _wide(panel: Panel) -> list[list[str]] | None:
    keys = [c for c in panel.columns if c.key]
    figures = [c for c in panel.columns if not c.key]
    if len(keys) != 2 or len(figures) != 1 or len(set(panel.keys)) != panel.rows:  # rows and columns
        return None
    group = next((c for c in keys if c.role == "group"), keys[1])
    row = keys[0] if keys[1] is group else keys[1]
    heads, names = list(dict.fromkeys(group.values)), list(dict.fromkeys(row.values))
    cells = {(r, g): v for r, g, v in zip(row.values, group.values, figures[0].values, strict=True)}
    titles = [" / ".join(filter(None, (figures[0].name, show(h)))) for h in heads]
    if len(heads) > MOST_COLUMNS:
        return None
    return [[row.name, *titles], *([show(n), *(show(cells.get((n, h))) for h in heads)] for n in names)]


def show(value: Datum) -> str:
    """A value as a cell's text."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # a double's digits
    return "" if value is None else str(value)


def table(panel: Panel, where: str = "", place: Place | None = None) -> Table | None:
    """The panel's table."""
    keys = sum(c.key for c in panel.columns)
    grid = grid_of(panel)
    words = all(not c.numeric for c in panel.columns if c.key)
    stub = (1 if _wide(panel) else keys) if words and keys else None
    return table_of(grid, name=panel.title, where=where, place=place, header_rows=1, stub=stub)


def reference(panel: Panel) -> bool:
    """Whether a panel is the line from 0 to 1 that curves are held against: it says nothing of anybody."""
    numbers = [v for c in panel.columns if c.role in ("x", "y") for v in c.values]
    return panel.mark == "line" and panel.rows == 2 and all(v in (0, 1) for v in numbers)  # two ends


def facts(panel: Panel, where: str = "", place: Place | None = None) -> Facts:
    """The table of a panel with its passages."""
    found = table(panel, where, place)
    return facts_of_table(found) if found is not None else Facts()
