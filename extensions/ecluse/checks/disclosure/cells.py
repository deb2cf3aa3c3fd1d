"""The numbers that the cells of a table show: the main one, its decimals, and the percentage beside it.

Worked example: `12 (15,2 %)` is 12 with a share of 15.2; in a column of `120 (10.0)`, `98 (8.2)` the second figures are
percentages where all of them agree on one base; "four" in a column of counts is 4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecluse.checks.facts import Cell, Compound, Interval, Masked, Table, Text, Value

from .numerals import whole as spelt_whole
from .words import heading_n, plain

_SIZES = frozenset({"n", "nb", "effectif", "n total", "total n", "total", "participants", "patients", "no"})
"""Labels of the row that gives the size of each group."""
FULL = 100.0
"""All of a group, in percent."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The main number of each cell, its decimals, and the percentage beside it with its half unit of rounding.

    Arrays have the table's shape; a number or a percentage that is not there is NaN. `exact` marks the cells that are
    one exact number and nothing else.
    """

    number: NDArray[np.float64]
    decimals: NDArray[np.int64]
    share: NDArray[np.float64]
    slack: NDArray[np.float64]
    exact: NDArray[np.bool_]


def numbers_of(table: Table) -> Numbers:
    """What the cells of a table show in numbers."""
    shape = (len(table.cells), len(table.columns))
    number, decimals = np.full(shape, np.nan), np.zeros(shape, dtype=np.int64)
    share, slack = np.full(shape, np.nan), np.zeros(shape)
    exact = np.array([[type(cell) is Value for cell in row] for row in table.cells], dtype=np.bool_).reshape(shape)
    values = [cell for row in table.cells for cell in row if type(cell) is Value]  # as most are
    number[exact], decimals[exact] = [v.number for v in values], [v.decimals for v in values]
    for (r, c), cell in zip(np.argwhere(exact), values, strict=True) if any(v.unit == "%" for v in values) else ():
        if cell.unit == "%":
            share[r, c], slack[r, c] = cell.number, 0.5 * 10.0**-cell.decimals
    for r, c in np.argwhere(~exact):
        cell = table.cells[r][c]
        if isinstance(cell, Compound):
            main, percent = split(cell)
            if isinstance(main, Value):
                number[r, c], decimals[r, c] = main.number, main.decimals
            if percent is not None:
                share[r, c], slack[r, c] = percent.number, 0.5 * 10.0**-percent.decimals
    _pair(table, share, slack, exact)
    return Numbers(number, _padded(table, decimals, exact), share, slack, exact)


def _pair(table: Table, share: NDArray[np.float64], slack: NDArray[np.float64], exact: NDArray[np.bool_]) -> None:
    """Cells such as `120 (10.0)` are a count and its percentage where those of a column agree on one base."""
    for c, heading in enumerate(table.columns):
        found: list[tuple[int, float, float, float, float]] = []
        for r in np.flatnonzero(~exact[:, c]).tolist():
            cell = table.cells[r][c]
            parts = cell.parts if isinstance(cell, Compound) else ()
            if len(parts) != 2 or "(" not in cell.text or np.isfinite(share[r, c]):  # count and share
                continue
            count, percent = parts
            if (
                isinstance(count, Value)
                and isinstance(percent, Value)
                and whole(count.number)
                and percent.number <= FULL
            ):
                half = 0.5 * 10.0**-percent.decimals
                if percent.number > half:
                    ends = 100 * count.number / (percent.number + half), 100 * count.number / (percent.number - half)
                    found.append((r, percent.number, half, *ends))
        base = max((f[3] for f in found), key=lambda low: sum(f[3] <= low <= f[4] for f in found), default=0.0)
        agree = [f for f in found if f[3] <= base <= f[4]]
        known = heading_n(heading) or _size_above(table, c)
        if len(agree) > 2 or (known and any(f[3] <= known <= f[4] for f in agree)):  # two agree by chance
            for r, percent_value, half, *_ in agree:
                share[r, c], slack[r, c] = percent_value, half


def _size_above(table: Table, column: int) -> int:
    """The group's size that a row called `n` gives above the cells of its column; 0 where there is none."""
    for row in table.cells[:3] if column else ():  # it stands at the head
        size = row[column]
        if plain(row[0].text).strip(" .:()") in _SIZES and isinstance(size, Value) and whole(size.number):
            return int(size.number)
    return 0


def _padded(table: Table, decimals: NDArray[np.int64], exact: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Decimals without the zeros that pandas pads a column with: `0.013300` above `0.123000` has four.

    One zero more is a digit that happens to be 0; two say that the number had fewer digits: `4.310000` has two.
    """
    for c in range(len(table.columns)):
        broken = decimals[:, c] > 0
        if not broken.any() or (decimals[broken, c] != 6).any():  # as many as pandas prints
            continue
        texts = {r: table.cells[r][c].text for r in np.flatnonzero(broken & exact[:, c]).tolist()}
        if len(texts) > 1:
            spare = {r: len(t) - len(t.rstrip("0")) for r, t in texts.items()}
            least = min(spare.values())
            for r in range(len(decimals)):
                own = spare.get(r, least)
                decimals[r, c] = max(decimals[r, c] - (own if own > least + 1 else least), 0)
    return decimals


def split(cell: Compound) -> tuple[Value | Interval | Masked | None, Value | None]:
    """The count of a compound cell, and the percentage beside it: `12 (15,2 %)`, `15,2 % (12)`, `<11 (3 %)`."""
    percent = next((p for p in cell.parts if isinstance(p, Value) and p.unit == "%"), None)
    rest = [p for p in cell.parts if p is not percent and getattr(p, "unit", "") != "%"]
    return (rest[0] if rest else None), percent


def in_words(cell: Cell) -> Cell:
    """A count written in words or in look-alike signs, as the number that everybody reads."""
    number = spelt_whole(cell.text) if isinstance(cell, Text) and not cell.blank else None
    return cell if number is None else Value(float(number), cell.text)


def whole(number: float) -> bool:
    """Whether a number can count persons."""
    return number >= 0 and float(number).is_integer()
