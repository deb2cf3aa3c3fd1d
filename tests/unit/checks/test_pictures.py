"""Text in pictures: found, read, ticks told apart; what can't be read goes to review."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ecluse.checks import pictures
from ecluse.checks.facts import Facts, Series, SeriesKind
from ecluse.checks.kinds import raster
from ecluse.checks.limits import Limits
from ecluse.checks.pictures import axes, lettering, regions, tesseract
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


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 20), (150, 255)])
def test_text_is_read_whatever_its_colours(ink: int, paper: int) -> None:
    found = pictures.read(drawn((30, 40, "Deaths n = 4"), (30, 200, "NIR 184127645108946"), ink=ink, paper=paper))
    assert [i.text for i in found.items] == ["Deaths n = 4", "NIR 184127645108946"]


def test_turned_text_is_read() -> None:
    found = pictures.read(np.rot90(drawn((30, 40, "Number of patients"))).copy())
    assert [(i.text, i.turned) for i in found.items] == [("Number of patients", True)]


def test_a_picture_without_text_costs_no_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "words", lambda _: pytest.fail("nothing is to be read"))
    plain = np.full((200, 300), 255, dtype=np.uint8)
    plain[50:150, 80:200] = 90
    assert pictures.read(plain) == lettering.Lettering()


def test_text_through_a_grid_line_is_found() -> None:
    plane = drawn((100, 100, "153 patients"))
    plane = plane.copy()
    plane[112, :] = np.minimum(plane[112, :], 200)
    boxes, clean = regions.fragments(plane)
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
