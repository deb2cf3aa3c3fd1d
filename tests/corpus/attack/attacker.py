"""An attacker who shares no code with the checker: an own reader of CSV files and scipy's mixed-integer solver.

He knows what a reader of the published files knows: which words are regions, sexes and age classes, that every file
counts the same persons, how a file is rounded, and that `<11` means 1 to 10. Unknown are the whole counts of the finest
groups; every printed figure is an equation over them.

Worked example: `région,n` / `Nord,<11` / `Sud,20` / `Total,24` leaves Nord exactly 4.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

WORDS: tuple[tuple[str, ...], ...] = (
    ("Nord", "Sud", "Est", "Ouest", "Centre"),
    ("F", "M"),
    ("18-39", "40-59", "60+"),
)
TOTAL = "Total"
AXES = ("région", "sexe", "classe_age")
MOST = 10
"""The largest count that `<11` stands for."""
PERCENT, MEAN = "pct", "âge_moyen"
Shape = tuple[int, ...]
Weights = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True)
class Printed:
    """One printed count: where, which groups it sums up, the interval that it shows by itself, whether it is masked."""

    file: str
    row: int
    column: int
    weights: Weights
    low: float
    high: float
    masked: bool


@dataclass(frozen=True)
class Fact:
    """`low ≤ weights · groups ≤ high`."""

    weights: Weights
    low: float
    high: float


def rounding_of(text: str) -> int:
    """The base that a file's last line declares: `# arrondi à 5`; 1 if none."""
    found = re.search(r"arrondis? (?:au multiple de|à) (\d+)", text)
    return int(found[1]) if found else 1


def cells(file: str, text: str, shape: Shape) -> Iterator[Printed | Fact]:
    """What a file says. Long files have label columns and `n`, wide ones one label column and words as headings."""
    base = rounding_of(text)
    header, *rows = list(csv.reader(io.StringIO(text)))
    rows = [row for row in rows if len(row) == len(header)]
    labels = [c for c, name in enumerate(header) if name in AXES]
    whole: Weights | None = None
    for r, row in enumerate(rows):
        mine = [row[c] for c in labels]
        for c, name in enumerate(header):
            if c not in labels and name not in (PERCENT, MEAN):
                weights = _weights([*mine, *([] if name == "n" else [name])], shape)
                low, high, masked = _count(row[c], base)
                yield Printed(file, r, c, weights, low, high, masked)
    for row in rows:
        mine = [row[c] for c in labels]
        for c, name in enumerate(header):
            if name == PERCENT and row[c]:
                whole = np.ones(int(np.prod(shape)))
                yield from _percent(_weights(mine, shape), whole, row[c])


def _weights(words: list[str], shape: Shape) -> Weights:
    inside = np.ones(shape)
    for word in words:
        for axis, known in enumerate(WORDS):
            if word in known:
                keep = np.zeros(shape[axis])
                keep[known.index(word)] = 1
                inside = inside * np.expand_dims(keep, [a for a in range(len(shape)) if a != axis])
    return inside.ravel()


def _count(text: str, base: int) -> tuple[float, float, bool]:
    if text == "<11":
        return 1.0, float(MOST), True
    if text in ("*", ""):
        return 0.0, np.inf, True
    value = float(text)
    half = base / 2 if base > 1 else 0.0
    return max(value - half, 0.0), value + half, False


def _percent(part: Weights, whole: Weights, text: str) -> Iterator[Fact]:
    decimals = len(text.partition(".")[2])
    value, half = float(text), 0.5 * 10.0**-decimals
    yield Fact(100 * part - (value - half) * whole, 0.0, np.inf)
    yield Fact(100 * part - (value + half) * whole, -np.inf, 0.0)


def known(files: Mapping[str, str], shape: Shape) -> tuple[list[Printed], list[LinearConstraint]]:
    """Everything that the files say, as the solver takes it."""
    said = [said for file, text in files.items() for said in cells(file, text, shape)]
    matrix = np.array([s.weights for s in said])
    constraint = LinearConstraint(matrix, np.array([s.low for s in said]), np.array([s.high for s in said]))
    return [s for s in said if isinstance(s, Printed)], [constraint]


def interval(weights: Weights, constraints: Sequence[LinearConstraint]) -> tuple[float, float]:
    """Least and most that a sum of groups can be, in whole persons. Infinite where nothing bounds it."""
    size = len(weights)
    ends = []
    for sign in (1.0, -1.0):
        found = milp(
            sign * weights,
            constraints=constraints,
            integrality=np.ones(size),
            bounds=Bounds(np.zeros(size), np.full(size, 1e6)),
        )
        if found.status == 2:
            raise AssertionError("the attacker misread a file")
        ends.append(round(sign * found.fun) if found.status == 0 else sign * np.inf)
    return ends[0], ends[1]


def broken(files: Mapping[str, str], shape: Shape, needed: int, before: Sequence[str] = ()) -> list[str]:
    """Masked cells that are known too well, in words; those that the files of `before` give away alone are no news."""
    printed, constraints = known(files, shape)
    out = []
    for cell in printed:
        if not cell.masked:
            continue
        low, high = interval(cell.weights, constraints)
        if high >= 1e5:
            continue
        own_low = 1.0 if cell.high == MOST else 0.0
        if low <= own_low and high >= cell.high:
            continue
        narrow = high - low + 1 < needed and low <= MOST  # a hidden count that is known to be large harms nobody
        revealed = cell.high == np.inf and high <= MOST
        if (narrow or revealed) and not _old(cell, files, shape, needed, before):
            out.append(f"{cell.file} row {cell.row} column {cell.column}: {low:.0f} to {high:.0f}")
    return out


def _old(cell: Printed, files: Mapping[str, str], shape: Shape, needed: int, before: Sequence[str]) -> bool:
    if cell.file not in before:
        return False
    where = f"{cell.file} row {cell.row} column {cell.column}:"
    return any(w.startswith(where) for w in broken({b: files[b] for b in before}, shape, needed))
