"""Marks in rows: ticks and bars are no scatter; rugs, strips and clouds of points are."""

import io
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
import matplotlib.pyplot as plt

from ecluse.checks.facts import SignKind
from ecluse.checks.kinds import pdf, vector
from ecluse.checks.kinds.rows import loose, strung
from ecluse.checks.limits import limits_of
from ecluse.rules.policy import OutputRules

rng = np.random.default_rng(3)
LIMITS = limits_of(OutputRules())


def marks(draw: Callable[[Any], object], kind: str) -> int:
    figure, axes = plt.subplots(figsize=(6, 4))
    draw(axes)
    out = io.BytesIO()
    figure.savefig(out, format=kind)
    plt.close(figure)
    module = {"pdf": pdf, "svg": vector}[kind]
    facts = module.facts(module.read(out.getvalue(), LIMITS))
    return max((sign.rows or 0 for sign in facts.signs if sign.kind is SignKind.MARKERS), default=0)


def logarithmic(axes: Any) -> None:
    axes.plot(np.logspace(-5, 0, 50), np.linspace(0, 1, 50))
    axes.set_xscale("log")


@pytest.mark.parametrize("kind", ["pdf", "svg"])
@pytest.mark.parametrize(
    "draw",
    [
        logarithmic,
        lambda axes: axes.bar(range(48), rng.integers(100, 900, 48)),
        lambda axes: axes.barh(range(40), rng.integers(100, 900, 40)),
    ],
)
def test_ticks_and_bars_are_no_scatter(draw: Callable[[Any], object], kind: str) -> None:
    assert marks(draw, kind) <= 30


@pytest.mark.parametrize("kind", ["pdf", "svg"])
@pytest.mark.parametrize(
    "draw",
    [
        lambda axes: axes.plot(rng.normal(60, 9, 60), np.zeros(60), "|"),
        lambda axes: axes.plot(rng.normal(60, 9, 60), rng.normal(60, 9, 60), "o"),
        lambda axes: axes.plot(rng.integers(0, 3, 60), rng.normal(60, 9, 60), "s"),
        lambda axes: axes.plot(range(60), rng.normal(60, 9, 60), "."),
    ],
)
def test_rugs_and_points_are_counted(draw: Callable[[Any], object], kind: str) -> None:
    assert marks(draw, kind) >= 50


def test_of_marks_whose_place_is_not_known_none_stands_in_a_row() -> None:
    row: list[tuple[float, float] | None] = [(float(x), 0.0) for x in range(40)]
    assert loose(row) == 0
    assert loose([*row, None]) == 41


def test_marks_that_an_svg_moves_are_counted() -> None:
    shifted = "".join(f'<circle cx="{x}" cy="9" r="1" transform="translate(0,{x * x % 97})"/>' for x in range(60))
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="99">{shifted}</svg>'.encode()
    assert vector.read(drawing, LIMITS).marks == 60


SERIES = [(7.0 * n, round(9 * float(np.sin(n * n)), 3)) for n in range(30)]


def test_marks_on_a_drawn_series_are_no_scatter() -> None:
    assert loose(SERIES, strung(SERIES)) == 0
    assert loose([(x, y + 4) for x, y in SERIES], strung(SERIES)) == len(SERIES)


def test_a_line_that_goes_back_and_forth_is_no_series() -> None:
    assert strung([*SERIES[:9], SERIES[3]]) == frozenset()
    assert strung(SERIES[:2]) == frozenset()
