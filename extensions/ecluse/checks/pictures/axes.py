"""Ticks of axes among the numbers of a picture.

Decides by position: numbers in one column or row whose values grow in step with their places, on a plain or a
logarithmic scale. Worked example: 0, 5, 10 at equal distances are ticks; so are 0 and 5 where two panels side by side
have the same two at the same distance; 153, 98, 45, 12, 3 under a survival curve are not: they are persons at risk.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = re.compile(r"[-−]?\d+(?:[.,]\d+)?(?:\s?[%kM])?")
_POWER = re.compile(r"10\W?.{0,2}")
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Item:
    """A line of text in a picture, how sure its reading is (0 to 100), and its box in pixels."""

    text: str
    sure: float
    top: int
    left: int
    bottom: int
    right: int
    turned: bool = False

    @property
    def number(self) -> float | None:
        """The number, where the text is one."""
        if not _NUMBER.fullmatch(self.text):
            return None
        return float(self.text.rstrip(" %kM").replace(",", ".").replace("−", "-"))

    @property
    def size(self) -> int:
        """Height of the letters' box."""
        return self.right - self.left if self.turned else self.bottom - self.top


def ticks(items: tuple[Item, ...]) -> frozenset[int]:
    """Positions of the items that are ticks of an axis."""
    found: set[int] = set()
    pairs: list[tuple[str, str, int, tuple[int, int]]] = []
    for across in (True, False):
        for line in _lines(items, across=across):
            found |= _powers(items, line)
            for run in _runs(items, line, across=across):
                if len(run) >= _LEAST:
                    found.update(run, _half_read(items, line, run, across=across))
                elif len(run) == 2:  # a pair
                    step = round(abs(_at(items[run[1]], across=across) - _at(items[run[0]], across=across)))
                    pairs.append((items[run[0]].text, items[run[1]].text, step, (run[0], run[1])))
    for first, second in itertools.combinations(pairs, 2):
        same = first[:2] == second[:2] and abs(first[2] - second[2]) <= 3  # pixels of rounding
        if same and not set(first[3]) & set(second[3]):
            found.update(first[3], second[3])
    return frozenset(found)


def _half_read(items: tuple[Item, ...], line: list[int], run: list[int], *, across: bool) -> set[int]:
    """Numbers of a line at the place of a tick that is missing among many, and read in part: `6` where 60 belongs."""
    values = [items[n].number or 0.0 for n in run]
    places = [_at(items[n], across=across) for n in run]
    step = min((abs(b - a) for a, b in itertools.pairwise(values)), default=0.0)
    if len(run) <= _LEAST or not step:
        return set()
    slope = (values[-1] - values[0]) / (places[-1] - places[0])
    found = set()
    for n in set(line) - set(run):
        there = values[0] + slope * (_at(items[n], across=across) - places[0])
        tick = values[0] + step * round((there - values[0]) / step)
        inside = min(values) < tick < max(values) and tick not in values
        written = f"{tick:g}"
        # What is left of a number stands in the middle of its place, or to one side.
        near = abs(there - tick) <= abs(slope) * max(3.0, items[n].size)
        if inside and near and items[n].text != written and items[n].text in written:
            found.add(n)
    return found


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis: its ticks in order, whether they stand in a row, and the words that name it."""

    ticks: tuple[Item, ...]
    across: bool
    name: str

    @property
    def values(self) -> tuple[float, ...]:
        """What the ticks say."""
        return tuple(tick.number or 0.0 for tick in self.ticks)

    @property
    def places(self) -> tuple[float, ...]:
        """Where the ticks stand along the axis, in pixels."""
        return tuple(_at(tick, across=self.across) for tick in self.ticks)


def scales(items: tuple[Item, ...], axis: frozenset[int]) -> Iterator[Scale]:
    """The axes of a picture that words name: turned ones beside a column of ticks, upright ones below a row."""
    for across in (True, False):
        for line in _lines(items, across=across):
            on = [n for n in line if n in axis and items[n].number is not None]
            if len(on) > _LEAST:  # without those that were read in part
                on = max(_runs(items, on, across=across), key=len, default=on)
            if len(on) < _LEAST:
                continue
            named = _named(items, [items[n] for n in on], across=across)
            if named:
                yield Scale(tuple(items[n] for n in on), across, max(named, key=lambda i: len(i.text)).text)


def _named(items: tuple[Item, ...], on: list[Item], *, across: bool) -> list[Item]:
    """The words that may name an axis: all upright ones below a row of ticks, the nearest turned ones beside a column.

    A scale of colours has its name to the right.
    """
    words = [i for i in items if i.number is None and i.turned is not across]
    if across:
        return [i for i in words if i.top >= max(tick.bottom for tick in on)]
    left, right = min(tick.left for tick in on), max(tick.right for tick in on)
    gaps = [(max(left - i.right, i.left - right), i) for i in words if i.right <= left or i.left >= right]
    nearest = min((gap for gap, _ in gaps), default=0)
    return [i for gap, i in gaps if gap <= nearest + i.size]


def _at(item: Item, *, across: bool) -> float:
    """Place of an item along its line, in pixels."""
    return (item.left + item.right) / 2 if across else (item.top + item.bottom) / 2


def _lines(items: tuple[Item, ...], *, across: bool) -> list[list[int]]:
    """Numbers in one row (or column: aligned left, right or in the middle), in order."""
    numeric = [n for n, i in enumerate(items) if i.number is not None or _POWER.fullmatch(i.text)]
    out: list[list[int]] = []
    edges = ("middle",) if across else ("right", "middle", "left")
    for edge in edges:
        rest = list(numeric)
        while rest:
            first = rest[0]
            line = [n for n in rest if _aligned(items[first], items[n], edge, across=across)]
            rest = [n for n in rest if n not in line]
            if len(line) > 1:
                out.append(sorted(line, key=lambda n: _at(items[n], across=across)))
    return out


def _aligned(first: Item, second: Item, edge: str, *, across: bool) -> bool:
    slack = 0.35 * max(first.size, second.size, 8)
    if across:
        return abs(first.bottom + first.top - second.bottom - second.top) < 2 * slack
    if edge == "middle":
        return abs(first.left + first.right - second.left - second.right) < 2 * slack
    apart: int = first.right - second.right if edge == "right" else first.left - second.left
    return abs(apart) < slack


def _runs(items: tuple[Item, ...], line: list[int], *, across: bool) -> list[list[int]]:
    """Longest runs whose values grow in step with their places; one that was misread is passed over."""
    points = [(n, _at(items[n], across=across), items[n].number) for n in line]
    known = [(n, at, value) for n, at, value in points if value is not None]
    out: list[list[int]] = []
    while len(known) > 1:
        best: list[int] = []
        for (a, b), scale in itertools.product(itertools.combinations(range(len(known)), 2), (False, True)):
            if b - a > 3:  # neighbours, or next but one or two
                continue
            run = _inliers(known, a, b, log=scale, across=across)
            if len(run) > len(best):
                best = run
        if len(best) < 2:  # no pair
            break
        out.append([known[k][0] for k in best])
        known = [p for k, p in enumerate(known) if k not in best]
    return out


def _inliers(known: list[tuple[int, float, float]], a: int, b: int, *, log: bool, across: bool) -> list[int]:
    """Neighbouring points on the line through two of them: each less than two steps from the one before."""
    import math

    values = [p[2] for p in known]
    if log and (min(values) <= 0 or values[a] == values[b]):
        return []
    of = [math.log10(v) if log else v for v in values]
    spread, step = known[b][1] - known[a][1], of[b] - of[a]
    if abs(spread) < 1 or step == 0:
        return []
    slope = step / spread
    if across and slope < 0:  # numbers that fall from left to right are persons at risk, not an axis
        return []
    slack = max(abs(slope) * 3.0, 1e-9)  # three pixels
    on = [k for k in range(len(known)) if abs(of[a] + slope * (known[k][1] - known[a][1]) - of[k]) <= slack]
    if log and len(on) < 4:  # three points lie on some curve easily
        return []
    return on if a in on and b in on else []


def _powers(items: tuple[Item, ...], line: list[int]) -> set[int]:
    """Labels of a logarithmic axis: 10⁰, 10¹, 10² are read as 10, 101, 10? and the like."""
    powers = [n for n in line if _POWER.fullmatch(items[n].text)]
    odd = [n for n in powers if items[n].number not in (10.0, 100.0)]
    return set(powers) if len(powers) >= _LEAST and odd else set()
