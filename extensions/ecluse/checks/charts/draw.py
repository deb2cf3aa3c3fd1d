"""Panels drawn as pictures with Pillow: bars, curves, points, cells.

The picture says what the table beside it says; letters without accents are Pillow's own font's limit.

Worked example: three bars of 1204, 952 and 611 on a canvas of 900 by 560 pixels, with ticks at 0, 200, 400 and so on.
"""

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .panel import Column, Datum, Panel, show

_SIZE = (900, 560)
_BOX = (110, 50, 880, 440)
_COLOURS = ("#3465a4", "#cc7a29", "#4e9a06", "#a40000", "#75507b", "#8f5902", "#2e8b8b", "#555753", "#c4a000")
_INK, _LIGHT = "#333333", "#dddddd"
_FONT = ImageFont.load_default(15)
_NAMES = 24
_BARS = ("bar", "pie", "table")


def draw(panel: Panel) -> np.ndarray:
    """Pixels, height × width × 3."""
    image = Image.new("RGB", _SIZE, "white")
    pen = ImageDraw.Draw(image)
    _text(pen, (_SIZE[0] // 2, 12), panel.title, "ma")
    if panel.mark == "cells":
        _cells(pen, panel)
    else:
        _axes(pen, panel)
    return np.asarray(image)


def _plain(text: str, most: int = _NAMES) -> str:
    text = text.translate(str.maketrans("−–—’≥≤", "---'><"))
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return folded if len(folded) <= most else folded[: most - 2] + ".."


def _text(pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, anchor: str, most: int = 90) -> None:
    pen.text(at, _plain(text, most), font=_FONT, fill=_INK, anchor=anchor)


def _figures(panel: Panel) -> Column | None:
    """The column that gives heights: y, or the first numbers."""
    y = panel.role("y")
    if y is not None and y.numeric:
        return y
    return next((c for c in panel.columns if c.numeric and c.role != "x"), None) or next(
        (c for c in panel.columns if c.numeric), None
    )


def _positions(panel: Panel, heights: Column | None) -> tuple[list[float], list[str] | None]:
    """Places along x, and names where they are no numbers."""
    x = panel.role("x")
    if x is None or x is heights:
        named = next((c for c in panel.columns if c.key and c is not heights), None)
        x = named or Column("", "x", tuple(range(panel.rows)))
    if x.numeric and panel.mark != "bar":
        return [float(v) if isinstance(v, int | float) else math.nan for v in x.values], None
    order = list(dict.fromkeys(show(v) for v in x.values))
    place = {v: float(n) for n, v in enumerate(order)}
    return [place[show(v)] for v in x.values], order


def _groups(panel: Panel) -> list[str]:
    group = panel.role("group")
    return [show(v) for v in group.values] if group is not None else [""] * panel.rows


def ticks(low: float, high: float) -> list[float]:
    """Round numbers that cover a range, about six."""
    span = high - low or abs(high) or 1.0
    step = 10.0 ** math.floor(math.log10(span / 5))
    step *= next(f for f in (1, 2, 5, 10) if span / (step * f) <= 6)  # about six ticks
    first = math.floor(low / step)
    return [round(n * step, 10) for n in range(first, math.ceil(high / step - 1e-9) + 1)][:20]


@dataclass(frozen=True, slots=True)
class _Scale:
    """From numbers `low` to `high` onto pixels `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The pixel of a number."""
        return self.start + (value - self.low) / ((self.high - self.low) or 1.0) * (self.end - self.start)


def _upright(panel: Panel) -> Panel:
    """Words along x and numbers up, also where the author has them the other way."""
    x, y = panel.role("x"), panel.role("y")
    if x is None or y is None or y.numeric or not x.numeric:
        return panel
    turned = {"x": "y", "y": "x"}
    columns = tuple(Column(c.name, turned.get(c.role, c.role), c.values, key=c.key) for c in panel.columns)
    return Panel(panel.mark, columns, panel.title)


def _number(value: Datum) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _axes(pen: ImageDraw.ImageDraw, drawn: Panel) -> None:
    panel = _upright(drawn)
    heights = _figures(panel)
    xs, names = _positions(panel, heights)
    ys = [_number(v) for v in heights.values] if heights else [math.nan] * panel.rows
    real = [y for y in ys if not math.isnan(y)] or [0.0]
    base = [0.0] if panel.mark in _BARS else []
    levels = ticks(min(real + base), max(real + base))
    left, top, right, bottom = _BOX
    up = _Scale(levels[0], levels[-1], bottom, top)
    for level in levels:
        pen.line((left, up.at(level), right, up.at(level)), fill=_LIGHT)
        _text(pen, (left - 6, up.at(level)), f"{level:g}", "rm")
    over, places = _across(xs, names)
    _x_ticks(pen, names, [(t, over.at(t)) for t in places])
    pen.rectangle(_BOX, outline=_INK)
    groups = _groups(panel)
    every = list(dict.fromkeys(groups))
    wide = (right - left) / max(1.0, over.high - over.low) * 0.8 / len(every)
    for number, group in enumerate(every):
        there = [(x, y) for x, y, g in zip(xs, ys, groups, strict=True) if g == group and not math.isnan(x + y)]
        points = [(over.at(x) + (number - len(every) / 2) * wide * (panel.mark in _BARS), up.at(y)) for x, y in there]
        _series(pen, panel.mark, points, _COLOURS[number % len(_COLOURS)], (wide, up.at(max(levels[0], 0.0))))
    _legend(pen, every)
    x = panel.role("x")
    _text(pen, ((left + right) / 2, 505), x.name if x else "", "ma")
    if heights is not None:
        _text(pen, (left, top - 6), heights.name, "ls")


def _across(xs: list[float], names: list[str] | None) -> tuple[_Scale, list[float]]:
    """The scale along x and its ticks."""
    if names is not None:
        return _Scale(-0.5, len(names) - 0.5, _BOX[0], _BOX[2]), [float(n) for n in range(len(names))]
    known = [x for x in xs if not math.isnan(x)] or [0.0]
    places = ticks(min(known), max(known))
    return _Scale(places[0], places[-1], _BOX[0], _BOX[2]), places


def _x_ticks(pen: ImageDraw.ImageDraw, names: list[str] | None, places: list[tuple[float, float]]) -> None:
    every = max(1, math.ceil(len(places) / 12))
    room = max(4, int(90 / max(1, min(len(places), 12)) * 1.1))
    for number, (value, at) in enumerate(places):
        if number % every == 0:
            label = names[int(value)] if names is not None else f"{value:g}"
            below = 448 + (18 if (number // every) % 2 and names is not None else 0)
            _text(pen, (at, below), label, "ma", room * 2)


def _series(
    pen: ImageDraw.ImageDraw, mark: str, points: list[tuple[float, float]], colour: str, bar: tuple[float, float]
) -> None:
    """One group. `bar` is the width of a bar and the pixel of zero."""
    width, zero = bar
    if mark in _BARS:
        for x, y in points:
            pen.rectangle((x, min(y, zero), x + max(1.0, width) - 1, max(y, zero)), fill=colour)
    elif mark == "line" and len(points) > 1:
        pen.line(points, fill=colour, width=2)
    else:
        for x, y in points:
            pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour)


def _legend(pen: ImageDraw.ImageDraw, groups: list[str]) -> None:
    if groups == [""]:
        return
    for number, name in enumerate(groups[:8]):
        at = 110 + (number % 4) * 195, 528 + (number // 4) * 17
        pen.rectangle((at[0], at[1], at[0] + 11, at[1] + 11), fill=_COLOURS[number % len(_COLOURS)])
        _text(pen, (at[0] + 17, at[1] - 3), name, "la", 20)


def _cells(pen: ImageDraw.ImageDraw, panel: Panel) -> None:
    """A heat map, or its first two keys against its figures."""
    keys = [c for c in panel.columns if c.key][:2]
    figures = next((c for c in panel.columns if not c.key and c.numeric), None)
    if len(keys) < 2 or figures is None:  # rows and columns
        _axes(pen, Panel("bar", panel.columns, panel.title))
        return
    down, along = sorted(keys, key=lambda c: c.role != "group")
    rows, columns = list(dict.fromkeys(down.values)), list(dict.fromkeys(along.values))
    left, top, right, bottom = _BOX
    wide, tall = (right - left) / len(columns), (bottom - top) / len(rows)
    real = [float(v) for v in figures.values if isinstance(v, int | float)]
    low, span = min(real), (max(real) - min(real)) or 1.0
    for a, b, v in zip(down.values, along.values, figures.values, strict=True):
        if isinstance(v, int | float):
            x, y = left + columns.index(b) * wide, top + rows.index(a) * tall
            shade = 235 - int(180 * (float(v) - low) / span)
            pen.rectangle((x, y, x + wide, y + tall), fill=(shade, shade, 245))
    pen.rectangle(_BOX, outline=_INK)
    _names(pen, rows, lambda n: (left - 6, top + (n + 0.5) * tall), "rm", 12)
    _x_ticks(pen, [show(c) for c in columns], [(float(n), left + (n + 0.5) * wide) for n in range(len(columns))])
    _text(pen, ((left + right) / 2, 505), " / ".join(filter(None, (down.name, along.name, figures.name))), "ma")


def _names(
    pen: ImageDraw.ImageDraw, names: list[Datum], at: Callable[[int], tuple[float, float]], anchor: str, most: int
) -> None:
    every = max(1, math.ceil(len(names) / 25))
    for number, name in enumerate(names):
        if number % every == 0:
            _text(pen, at(number), show(name), anchor, most)
