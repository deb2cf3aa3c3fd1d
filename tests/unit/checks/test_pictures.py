"""Text in pictures: found, read, ticks told apart; what can't be read goes to review."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ecluse.checks import pictures
from ecluse.checks.disclosure import curves
from ecluse.checks.facts import Facts, Passage, Series, SeriesKind, Source
from ecluse.checks.kinds import raster
from ecluse.checks.limits import Limits
from ecluse.checks.pictures import (
    axes,
    detail,
    grids,
    lettering,
    regions,
    said,
    strokes,
    tesseract,
)
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules

RULES = OutputRules()


def drawn(*texts: tuple[int, int, str], size: int = 22, ink: int = 0, paper: int = 255) -> np.ndarray:
    image = Image.new("L", (640, 300), paper)
    font = ImageFont.load_default(size)
    for x, y, text in texts:
        ImageDraw.Draw(image).text((x, y), text, fill=ink, font=font)
    return np.asarray(image)


def items(*rows: tuple[str, int, int]) -> tuple[axes.Item, ...]:
    return tuple(axes.Item(t, 95, y - 8, x - 4 * len(t), y + 8, x + 4 * len(t)) for t, x, y in rows)


def labels(values: list[float], *texts: str) -> Facts:
    return Facts(series=(Series(SeriesKind.LABELS, ys=tuple(values), labels=texts),))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Falls (412)\nBurns (3)\nDrowning (96)", "picture-count"),
        ("Assessed: 412\nWithdrew: 4", "picture-count"),
        ("Femmes, n = 212\nHommes, n = 188\nAutre, n = 2", "picture-count"),
        ("Ordered residuals\nTheoretical quantiles", "scatter"),
        ("Distance de Cook", "scatter"),
        ("X\n48.7\nX\nLatitude\nX\nLongitude", "scatter"),
        ("Falls (412)\nBurns (31)\nDrowning (96)", ""),
        ("Model (1)\nModel (2)\nFalls (412)", ""),
        ("Falls (412)\nEpoch: 3\nResidual deviance: 412", ""),
        ("X\nY\nLatitude\nLongitude", ""),
    ],
)
def test_what_the_words_of_a_picture_say(text: str, rule: str) -> None:
    found = said.find(Facts(passages=(Passage(text, Source.PICTURE),)), 11)
    assert {f.rule for f in found} == ({rule} if rule else set())


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 20), (150, 255)])
def test_text_is_read_whatever_its_colours(ink: int, paper: int) -> None:
    found = pictures.read(drawn((30, 40, "Deaths n = 4"), (30, 200, "NIR 184127645108946"), ink=ink, paper=paper))
    assert [i.text for i in found.items] == ["Deaths n = 4", "NIR 184127645108946"]


def test_turned_text_is_read() -> None:
    found = pictures.read(np.rot90(drawn((30, 40, "Number of patients"))).copy())
    assert [(i.text, i.turned) for i in found.items] == [("Number of patients", True)]


@pytest.mark.parametrize("times", [4, 5, 8])
def test_text_of_large_dots_is_read(times: int) -> None:
    dots = drawn((10, 12, "Patients 97"), (10, 60, "Deaths 153"), size=16)[:100, :120] < 128
    large = np.where(dots, 20, 230).astype(np.uint8).repeat(times, axis=0).repeat(times, axis=1)
    assert detail.narrowest(large) == times
    found = pictures.read(large)
    assert [i.text for i in found.items] == ["Patients 97", "Deaths 153"]
    assert abs(found.items[0].top - 14 * times) < 5 * times


def test_a_map_of_flat_squares_costs_no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "words", lambda _: pytest.fail("nothing is to be read"))
    flat = np.random.default_rng(0).integers(0, 255, (20, 30), dtype=np.uint8)
    assert pictures.read(flat.repeat(12, axis=0).repeat(12, axis=1)) == lettering.Lettering()


def test_a_picture_without_text_costs_no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "words", lambda _: pytest.fail("nothing is to be read"))
    plain = np.full((200, 300), 255, dtype=np.uint8)
    plain[50:150, 80:200] = 90
    assert pictures.read(plain) == lettering.Lettering()


def test_text_through_a_grid_line_is_found() -> None:
    plane = drawn((100, 100, "153 patients"))
    plane = plane.copy()
    plane[112, :] = np.minimum(plane[112, :], 200)
    boxes, clean, _ = regions.fragments(plane)
    assert len(boxes) == 1
    assert clean[112, 20] == 255


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((("0", 50, 300), ("5", 50, 200), ("10", 50, 100)), 3),
        ((("2019", 100, 300), ("2020", 200, 300), ("2021", 300, 300)), 3),
        ((("1", 50, 400), ("10", 50, 300), ("100", 50, 200), ("1000", 50, 100)), 4),
        ((("153", 100, 300), ("98", 200, 300), ("43", 300, 300)), 0),
        ((("12", 50, 300), ("45", 150, 140), ("7", 250, 330)), 0),
        ((("0", 40, 300), ("5", 40, 200), ("0", 340, 300), ("5", 340, 200)), 4),
        ((("101", 40, 300), ("10?", 40, 200), ("10°", 40, 100)), 3),
    ],
    ids=["axis", "years", "log", "at risk", "bars", "two panels", "powers"],
)
def test_ticks_grow_in_step_with_their_places(rows: tuple[tuple[str, int, int], ...], expected: int) -> None:
    assert len(axes.ticks(items(*rows))) == expected


@pytest.mark.parametrize(
    ("values", "texts", "expected"),
    [
        ([120, 4], ("|Nombre de patients",), Severity.REFUSE),
        ([112, 70, 4], ("|Survival", "No. at risk"), Severity.REFUSE),
        ([312, 4, 88], ("|True label", "Predicted label"), Severity.REVIEW),
        ([6, 9, 4], ("|Mean stay (days)",), None),
        ([6, 9, 4], ("Prévalence (%)",), None),
        ([312, 4], (), None),
        ([0, 1], ("|Count",), None),
        ([120, 45], ("|Count",), None),
    ],
)
def test_value_labels_are_counts_where_the_axis_says_so(
    values: list[float], texts: tuple[str, ...], expected: Severity | None
) -> None:
    found = pictures.find(labels(values, *texts), RULES)
    assert [f.severity for f in found] == ([expected] if expected else [])


@pytest.mark.parametrize(("name", "value"), [("LIBRARY", "no-such-library.so"), ("SECONDS", -1.0), ("_LANGUAGE", b"-")])
def test_a_missing_or_slow_reader_is_a_review_never_a_pass(
    monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    tesseract._engine.cache_clear()
    monkeypatch.setattr(tesseract, name, value)
    made = raster.rebuild(raster.read(raster.encode(drawn((30, 40, "n = 4"))), Limits()))
    tesseract._engine.cache_clear()
    assert [(f.rule, f.severity) for f in made.notes] == [("picture-unread", Severity.REVIEW)]


def test_a_table_of_another_form_is_an_error() -> None:
    with pytest.raises(tesseract.UnreadError):
        tesseract._parsed("head\n5\t9\t1\t1\t1\t1\t0\t0\t1\t1\tx\tx")


def test_texts_in_rows_and_columns_are_a_table() -> None:
    placed = items(
        ("Stade", 50, 20), ("Hommes", 150, 20), ("Femmes", 250, 20), ("I", 50, 50), ("84", 150, 50), ("91", 250, 50),
        ("IV", 50, 80), ("9", 150, 80), ("12", 250, 80),
    )  # fmt: skip
    found = grids.drawn(placed, frozenset())
    assert found is not None
    assert found.cells == [["Stade", "Hommes", "Femmes"], ["I", "84", "91"], ["IV", "9", "12"]]


def test_ticks_of_two_panels_are_no_table() -> None:
    placed = items(*((t, x, y) for x in (20, 320) for t, y in (("0", 200), ("5", 150), ("10", 100))))
    assert grids.drawn(placed, axes.ticks(placed)) is None


@pytest.mark.parametrize(
    ("name", "top", "found"),
    [("Number of cases", 8, True), ("Count", 8, True), ("Number of cases", 80, False), ("Number of doses", 8, False)],
)
def test_an_axis_of_counts_that_ends_below_the_minimum_is_found(name: str, top: float, found: bool) -> None:
    series = Series(SeriesKind.AXIS, ys=(0.0, top / 2, top), labels=(name,), name="axis")
    assert bool(pictures.find(Facts(series=(series,)), RULES)) is found


def test_letters_between_rules_are_no_parts_of_a_line() -> None:
    lines = np.zeros((60, 200), dtype=np.bool_)
    lines[[10, 30]] = True
    assert strokes.ruled(np.array([[13, 20, 27, 30], [40, 20, 54, 30]]), lines).tolist() == [True, False]


def ruled(*rows: tuple[str, ...], high: int = 22) -> np.ndarray:
    """A table whose rules touch the brackets of its cells."""
    image = Image.new("L", (640, 300), 255)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(22)
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            pen.text((60 + 200 * x, 41 + high * y), text, fill=0, font=font)
    for y in range(len(rows) + 1):
        pen.line((40, 42 + high * y, 40 + 200 * len(rows[0]), 42 + high * y), fill=0, width=2)
    for x in range(len(rows[0]) + 1):
        pen.line((40 + 200 * x, 42, 40 + 200 * x, 42 + high * len(rows)), fill=0, width=2)
    return np.asarray(image)


def test_cells_between_rules_are_read_though_their_letters_touch_them() -> None:
    rows = (("Grade", "Drug"), ("mild", "40 (20%)"), ("worse", "12 (6%)"), ("fatal", "4 (2%)"))
    found = pictures.read(ruled(*rows)).facts()
    assert [c.text for t in found.tables for row in t.cells for c in row][-1:] == ["4 (2%)"]


def test_a_cell_that_cant_be_read_is_a_review_never_a_pass() -> None:
    picture = np.array(ruled(("Grade", "Drug"), ("I", "40 (20%)"), ("II", "")))
    picture[92:104, 300:330:4] = 0  # bars, no letters
    assert "1 cells of a drawn table" in pictures.read(picture).unread


def test_black_letters_over_the_edges_of_colours_are_read() -> None:
    image = Image.new("RGB", (640, 300), "white")
    pen = ImageDraw.Draw(image)
    pen.rectangle((100, 40, 500, 132), fill=(31, 119, 180))
    pen.rectangle((100, 132, 500, 140), fill=(44, 160, 44))
    pen.rectangle((100, 140, 500, 240), fill=(255, 127, 14))
    pen.text((240, 123), "6 (2.1 %)", fill="black", font=ImageFont.load_default(22))
    assert "6 (2.1 %)" in [i.text for i in pictures.read(np.asarray(image)).items]


@pytest.mark.parametrize(
    "text", ["Patient", "Subject ID", "Sujet n°", "Each bar represents one patient", "P204\nP559 -", "PT0012\nPT0417"]
)
def test_a_drawing_with_a_mark_for_each_person_is_found(text: str) -> None:
    facts = Facts(passages=(Passage(f"Months\n{text}\n10", Source.PICTURE),))
    assert [f.rule for f in pictures.find(facts, RULES)] == ["scatter"]


@pytest.mark.parametrize(
    "text", ["Patients", "Patient satisfaction", "Patients at risk", "Cases", "P53 and P450", "Each bar is a region"]
)
def test_a_drawing_of_groups_passes(text: str) -> None:
    assert pictures.find(Facts(passages=(Passage(f"Months\n{text}\n10", Source.PICTURE),)), RULES) == []


def test_counts_by_day_are_counts_and_ticks_are_no_words() -> None:
    assert pictures.find(labels([14, 3, 2, 5], "Suicide attempts by day", "ll", "Mon"), RULES)
    assert pictures.find(labels([14, 3], "Deaths by month"), RULES)
    assert not pictures.find(labels([14, 3, 2, 5], "Mean stay by day", "ll", "Mon"), RULES)
    assert not pictures.find(labels([14, 3, 2, 5], "Deaths per 1,000 days"), RULES)


@pytest.mark.parametrize(("title", "held"), [("Survival (n = 16)", True), ("Survival (n = 512)", False)])
def test_a_drawn_survival_curve_of_few_is_held(title: str, held: bool) -> None:
    facts = Facts(passages=(Passage(title, Source.PICTURE, "text in the picture"),))
    assert [f.rule for f in curves.of_plots(facts, RULES)] == ["survival-steps"] * held


@pytest.mark.parametrize(("text", "tick"), [("6", True), ("60", True), ("7", False), ("90", False)])
def test_a_tick_that_is_read_in_part_is_one(text: str, tick: bool) -> None:
    row = items(*((str(v), 40 * n, 200) for n, v in enumerate((40, 50, 70, 80)) if v < 60))
    row += items(*((str(v), 40 * n, 200) for n, v in ((3, 70), (4, 80))), (text, 80, 200))
    assert (len(row) - 1 in axes.ticks(row)) is tick


def test_a_digit_that_comes_often_is_no_mark() -> None:
    rows = [(20 + 90 * n, 20 + 40 * m, "8.88") for n in range(6) for m in range(6)]
    found, _, _ = regions.fragments(drawn(*rows, size=14))
    assert len(found) == len(rows)
    assert min(f.length for f in found) > 20
