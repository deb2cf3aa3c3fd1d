"""What is drawn and is no text: bars, curves, marks, codes of squares, and ink that nobody sees."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ecluse.checks import pictures
from ecluse.checks.facts import SQUARES, Facts, Series, SeriesKind
from ecluse.checks.kinds import raster
from ecluse.checks.pictures import (
    axes,
    boxplots,
    detail,
    faint,
    heights,
    marks,
    pieces,
    squares,
    strokes,
    threads,
    values,
)

from .test_pictures import RULES, drawn


@pytest.mark.parametrize(("rows", "columns", "expected"), [(8, 8, 8), (8, 3, 1), (3, 8, 1), (40, 40, 16), (6, 9, 6)])
def test_the_narrowest_thing_is_found_in_both_directions(rows: int, columns: int, expected: int) -> None:
    flat = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    assert detail.narrowest(flat.repeat(rows, axis=0).repeat(columns, axis=1)) == expected


def test_long_lines_are_found_in_both_directions_with_their_ends() -> None:
    ink = np.zeros((120, 150), dtype=np.bool_)
    ink[10, 20:100] = ink[30:90, 40] = ink[100, 20:60] = True
    lines, ends = strokes.line_pixels(ink, np.where(ink, 0, 255).astype(np.uint8))
    assert lines.sum() == 80 + 60
    assert ends[10, [18, 20, 99, 100]].all()
    assert ends[[28, 90], 40].all()


def test_boxes_that_touch_are_one_group() -> None:
    boxes = np.array([[0, 0, 5, 5], [5, 5, 9, 9], [0, 20, 5, 25], [0, 6, 4, 8]])
    assert pieces.joined(boxes).tolist() == [0, 0, 2, 3]


@pytest.mark.parametrize(("rings", "expected"), [((15, 25), 2), ((), 0)])
def test_rings_above_a_box_are_outliers(rings: tuple[int, ...], expected: int) -> None:
    image = Image.new("L", (300, 200), 255)
    pen = ImageDraw.Draw(image)
    pen.rectangle((130, 90, 170, 150), outline=0)
    pen.line((130, 120, 170, 120), fill=0)
    pen.line((150, 90, 150, 60), fill=0)
    for y in rings:
        pen.ellipse((146, y - 4, 154, y + 4), outline=0)
    ink = np.asarray(image) < 128
    made = pieces.pieces(ink)
    assert len(boxplots.outliers(ink, made.boxes, made.areas)) == expected


@pytest.mark.parametrize(("many", "found"), [(30, True), (6, False)])
def test_curves_side_by_side_are_counted(many: int, found: bool) -> None:
    random = np.random.default_rng(3)
    image = Image.new("RGB", (600, 400), "white")
    for _ in range(many):
        heights = 200 + np.cumsum(random.normal(0, 40, 7))
        ImageDraw.Draw(image).line([(100 * n, int(y)) for n, y in enumerate(heights)], fill=(30, 90, 160), width=1)
    assert (threads.threads(np.asarray(image)) > threads.FEW) is found


def test_hatching_grids_and_text_are_no_curves() -> None:
    image = Image.new("RGB", (600, 400), "white")
    pen = ImageDraw.Draw(image)
    for at in range(-400, 600, 12):
        pen.line((at, 400, at + 400, 0), fill=(0, 0, 0))
    assert threads.threads(np.asarray(image)) == 0
    assert (
        threads.threads(drawn(*((20, y, "the mean was lower in each of the groups " * 2) for y in range(4, 290, 14))))
        == 0
    )


@pytest.mark.parametrize("ink", [252, 246])
def test_ink_nearly_of_the_papers_colour_is_seen(ink: int) -> None:
    page = np.minimum(drawn((30, 40, "Deaths by ward")), drawn((30, 200, "NIR 184127645108946"), ink=ink))
    assert faint.faint(page) > 0
    assert [f.rule for f in raster.rebuild(raster.Document(page)).notes] == ["picture-low-bits"]


def test_a_grid_below_a_pale_panel_is_not_faint() -> None:
    page = np.full((300, 400, 3), 255, np.uint8)
    page[40:260, 40:360] = 245
    page[60:250:36, 40:360] = page[40:260, 60:350:36] = 228  # light ink, and its soft edges
    page[61:250:36, 40:360:3] = page[40:260:3, 61:350:36] = 241
    page[100:180, 100:200] = 245
    page[118, 110:140] = page[130:155, 150] = 240  # a legend's panel lets lines through
    assert faint.faint(page) == 0


def test_edges_panels_and_gradients_are_not_faint() -> None:
    page = drawn((30, 40, "Deaths by ward"))
    page = np.minimum(page, np.where(np.arange(640) % 50 < 2, 248, 255).astype(np.uint8)[None, :])  # a grid
    page[200:260, 100:400] = 247
    page[270:, :] = np.linspace(255, 244, 640).astype(np.uint8)[None, :]
    assert faint.faint(page) == 0


def chart(*counts: int, pixels: int = 9) -> tuple[np.ndarray, axes.Scale]:
    """Bars on an axis whose 0 is at row 280, each person some pixels high."""
    plane = np.full((300, 640), 255, dtype=np.uint8)
    plane[279:282, 60:] = 0
    for at, count in enumerate(counts):
        plane[280 - pixels * count : 280, 100 + 40 * at : 130 + 40 * at] = 120
    values = (0, 10, 20)
    ticks = tuple(axes.Item(str(v), 95, 272 - pixels * v, 20, 288 - pixels * v, 40) for v in values)
    return plane, axes.Scale(ticks, across=False, name="Number of patients")


def test_bars_are_measured_where_a_person_is_high_enough() -> None:
    assert heights.heights(*chart(28, 14, 3, 1)) == (28, 14, 3, 1)
    assert heights.heights(*chart(28, 14, 3, 1, pixels=1)) == ()
    plane, scale = chart(28, 14, 3, 1)
    lying = axes.Scale(
        tuple(replace(t, top=600, bottom=616, left=299 - t.bottom, right=299 - t.top) for t in scale.ticks),
        across=True,
        name=scale.name,
    )
    assert heights.heights(np.ascontiguousarray(plane.T[:, ::-1]), lying) == (28, 14, 3, 1)


def test_the_slope_of_an_area_is_no_bar() -> None:
    plane, scale = chart()
    for x in range(100, 600):
        plane[280 - int(200 * np.exp(-(((x - 300) / 80) ** 2))) : 280, x] = 120
    assert heights.heights(plane, scale) == ()


def test_few_persons_in_bars_are_found() -> None:
    def bars(*counts: float) -> Facts:
        return Facts(series=(Series(SeriesKind.OTHER, ys=counts, labels=("Patients",), name=values.HEIGHTS),))

    assert [f.rule for f in pictures.find(bars(41.0, 12.0, 3.0), RULES)] == ["picture-count"]
    assert not pictures.find(bars(41.0, 12.0, 0.0), RULES)
    assert values.counts_persons("Nombre de patients")
    assert not values.counts_persons("Mean stay (days)")


def code(modules: int, size: int) -> np.ndarray:
    plane = np.full((300, 640), 255, dtype=np.uint8)
    dark = np.random.default_rng(modules).random((modules, modules)) < 0.5
    plane[20 : 20 + modules * size, 40 : 40 + modules * size] = np.where(dark, 0, 255).repeat(size, 0).repeat(size, 1)
    return plane


@pytest.mark.parametrize(("modules", "size"), [(21, 8), (25, 4), (33, 7), (57, 3)])
def test_a_code_of_squares_is_found(modules: int, size: int) -> None:
    assert squares.squares(code(modules, size)) == modules
    said = pictures.read(code(modules, size)).facts()
    assert [s.text for s in said.signs if s.text == SQUARES] == [SQUARES]


def test_letters_checks_and_bars_are_no_code() -> None:
    checks = np.indices((240, 240)).sum(axis=0) // 8 % 2 * 255
    bars = np.repeat(np.random.default_rng(3).integers(0, 2, 60) * 255, 4)[None, :].repeat(240, axis=0)
    page = drawn(*((10, y, "The mean stay was 5.1 days in 412 patients of the cohort") for y in range(5, 290, 24)))
    for plane in (checks.astype(np.uint8), bars.astype(np.uint8), page):
        assert squares.squares(plane) == 0


@pytest.mark.parametrize(
    ("steps", "found"),
    [([0, 132, 264, 396, 528, 660], 0), ([0, 30, 45, 200, 205, 300], 6), ([0, 14, 28, 42, 220, 300], 0)],
)
def test_marks_above_each_other_are_a_box_plots_where_their_steps_are_uneven(steps: list[int], found: int) -> None:
    """However they lie in the grid of pixels: points of numbers at an axis are a pixel wider here and there."""
    tops = np.array(steps) + 40
    boxes = np.stack([tops, 84 - tops % 2, tops + 13, np.full(6, 96)], axis=1)
    assert marks.stacked(boxes) == found
