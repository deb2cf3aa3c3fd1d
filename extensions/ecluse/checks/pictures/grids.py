"""A table that is drawn: texts of a picture, or of a page, that stand in rows and columns.

Decides by geometry. Worked example: "Stade", "Hommes", "Femmes" in one row, "I", "84", "91" and "IV", "9", "12" below
them are a table of two columns of counts; the ticks of two panels side by side are none, because no other number stands
in their rows.
"""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .axes import Item

_LEAST_NUMBERS = 3
_FILLED = 0.6
_SURE = 45
_AXIS = 3
"""Ticks beside the table that make the picture one of axes."""
_NUMBER = re.compile(r"[<>≤≥]?\s?[-−]?\d[\d ,.\u202f]*(?:\s?%)?(?:\s?[(\[/].*)?")
_MOST = 600
"""Texts beyond which a picture is not looked at for a table: the work grows with their square."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The cells of a drawn table, row by row, and the positions of its texts among the items."""

    cells: list[list[str]]
    used: frozenset[int]


def drawn(items: Sequence[Item], axis: frozenset[int]) -> Drawn | None:
    """The table among texts of which some are ticks of axes, or none: words must name its rows or its columns."""
    upright = [n for n, i in enumerate(items) if not i.turned and i.sure >= _SURE and re.search(r"[\w*<%]", i.text)]
    rows = [row for row in _rows(items, upright) if _may_be_row(items, row, axis)] if len(upright) <= _MOST else []
    if len(rows) < 2:  # a heading and a row
        return None
    columns = _columns(items, rows)
    grid, used, crowded = _filled(items, rows, columns)
    # Along axes the names of the axes say what is measured: what stands there are labels, no cells.
    if crowded > 1 or len(axis - used) >= _AXIS:
        return None
    numbers = [n for n in used if _NUMBER.fullmatch(items[n].text)]
    cells = sum(len(row) for row in grid)
    if (
        len(columns) < 2  # a label and a number
        or len(grid) < 2  # a heading and a row
        or len(numbers) < _LEAST_NUMBERS
        or len(used) < _FILLED * cells
    ):
        return None
    words = [[bool(cell) and not _NUMBER.fullmatch(cell) for cell in row] for row in grid]
    if all(words[-1][1:]) and not any(words[0]):  # the columns of a heat map are named below it
        grid, words = [grid[-1], *grid[:-1]], [words[-1], *words[:-1]]
    labelled = sum(row[0] for row in words) * 2 > len(words) or sum(words[0]) * 2 > len(words[0])
    return Drawn(grid, frozenset(used)) if labelled else None


def _may_be_row(items: Sequence[Item], row: list[int], axis: frozenset[int]) -> bool:
    """Whether several texts are a row of a table: of words, or with numbers that are not all ticks of axes.

    Ticks of two panels are alike, those of one axis go in equal steps: two numbers that differ are neither.
    """
    numbers = [n for n in row if _NUMBER.fullmatch(items[n].text)]
    apart = len(numbers) == 2 and items[numbers[0]].text != items[numbers[1]].text  # no step yet
    return len(row) > 1 and (not numbers or apart or not axis.issuperset(numbers))


def _rows(items: Sequence[Item], upright: list[int]) -> list[list[int]]:
    """Items whose middles are level, from left to right."""
    rows: list[list[int]] = []
    for n in sorted(upright, key=lambda n: items[n].top + items[n].bottom):
        item = items[n]
        first = items[rows[-1][0]] if rows else None
        if first and abs(item.top + item.bottom - first.top - first.bottom) < min(item.size, first.size):
            rows[-1].append(n)
        else:
            rows.append([n])
    return [sorted(row, key=lambda n: items[n].left) for row in rows]


def _columns(items: Sequence[Item], rows: list[list[int]]) -> list[tuple[int, int]]:
    """Left and right ends of the columns, from the rows with as many texts as most have."""
    usual = max(Counter(map(len, rows)).items(), key=lambda pair: (pair[1] * pair[0], pair[0]))[0]
    full = [[items[n] for n in row] for row in rows if len(row) == usual]
    # A heading stands in the middle above figures that stand to the right: the first of each row are one column.
    ranks = [(min(i.left for i in column), max(i.right for i in column)) for column in zip(*full, strict=True)]
    if all(one[1] < two[0] for one, two in itertools.pairwise(ranks)):
        return ranks
    spans = sorted((item.left, item.right) for row in full for item in row)
    columns: list[tuple[int, int]] = []
    for left, right in spans:
        if columns and left <= columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _filled(
    items: Sequence[Item], rows: list[list[int]], columns: list[tuple[int, int]]
) -> tuple[list[list[str]], set[int], int]:
    """The texts by row and column, and how many share a cell; one that lies over several columns is no cell."""
    grid: list[list[str]] = []
    crowded = 0
    used: set[int] = set()
    for row in rows:
        line = [""] * len(columns)
        for n in row:
            over = [c for c, (a, b) in enumerate(columns) if items[n].left <= b and a <= items[n].right]
            if not over:  # a heading in the middle of a wide cell whose figures stand to the right
                nearest = min(range(len(columns)), key=lambda c: _gap(items[n], columns[c]))
                over = [nearest] if not line[nearest] else []
            if len(over) == 1:
                crowded += bool(line[over[0]])
                line[over[0]] = f"{line[over[0]]} {items[n].text}".strip()
                used.add(n)
        if sum(map(bool, line)) > 1:
            grid.append(line)
    return grid, used, crowded


def _gap(item: Item, column: tuple[int, int]) -> int:
    return max(column[0] - item.right, item.left - column[1])
