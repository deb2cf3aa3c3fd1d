"""Numbers as people write them, in French and English."""

import math

import pytest

from ecluse.checks.facts import Compound, Interval, Masked, Text, Value
from ecluse.checks.kinds.numbers import decimal_mark, find_numbers, parse_cell


@pytest.mark.parametrize(
    ("text", "number", "decimals", "unit"),
    [
        ("1 234", 1234, 0, ""),
        ("1\u2019234", 1234, 0, ""),
        ("92,3 %", 92.3, 1, "%"),
        ("92.30%", 92.3, 2, "%"),
        ("12 pour cent", 12, 0, "%"),
        ("1,234", 1234, 0, ""),
        ("1,234.5", 1234.5, 1, ""),
        ("1.234,5", 1234.5, 1, ""),
        ("12,345,678", 12_345_678, 0, ""),
        ("0,123", 0.123, 3, ""),
        ("\u22123", -3, 0, ""),
        (".5", 0.5, 1, ""),
        ("1e-3", 0.001, 3, ""),
        ("0.012***", 0.012, 3, ""),
        ("007", 7, 0, ""),
    ],
)
def test_a_written_number_is_a_value(text: str, number: float, decimals: int, unit: str) -> None:
    cell = parse_cell(text)
    assert isinstance(cell, Value)
    assert cell.number == pytest.approx(number)
    assert (cell.decimals, cell.unit, cell.text) == (decimals, unit, text)


def test_a_lone_comma_follows_the_file() -> None:
    assert parse_cell("1,234", ",") == Value(1.234, "1,234", 3)
    assert decimal_mark(["Nord", "92,3", "7,7"]) == ","
    assert decimal_mark(["1,234", "5,678"]) == "."
    assert decimal_mark(["0.5", "1,234"]) == "."


@pytest.mark.parametrize(
    ("text", "low", "high", "low_open", "high_open"),
    [
        ("<11", -math.inf, 11, True, True),
        ("< 11", -math.inf, 11, True, True),
        ("≤10", -math.inf, 10, True, False),
        ("moins de 11", -math.inf, 11, True, True),
        ("≥ 20", 20, math.inf, False, True),
        (">20", 20, math.inf, True, True),
        ("70+", 70, math.inf, False, True),
        ("1-10", 1, 10, False, False),
        ("1 à 10", 1, 10, False, False),
        ("[0, 10)", 0, 10, False, True),
        ("(0.81\u20131.77)", 0.81, 1.77, True, True),
    ],
)
def test_a_bound_is_an_interval(text: str, low: float, high: float, low_open: bool, high_open: bool) -> None:
    cell = parse_cell(text)
    assert isinstance(cell, Interval)
    assert (cell.low, cell.high, cell.low_open, cell.high_open) == (low, high, low_open, high_open)


@pytest.mark.parametrize("text", ["*", "***", "x", "X", "[c]", "—", "-", "secret", "Masqué", "suppressed"])
def test_a_mask_is_masked(text: str) -> None:
    assert parse_cell(text) == Masked(text)


@pytest.mark.parametrize(
    "text", ["", "NaN", "Nord", "J18.1", "2024-01-05", "05/01/2024", "12:30", "1 85 05 78 006 084 36", "Q1 2020"]
)
def test_words_dates_and_codes_are_texts(text: str) -> None:
    assert isinstance(parse_cell(text), Text)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("12 (45,6 %)", [12, 45.6]), ("12/80", [12, 80]), ("12 / 80 (15%)", [12, 80, 15]), ("3.4 ± 1.2", [3.4, 1.2])],
)
def test_several_numbers_in_a_cell_are_all_read(text: str, numbers: list[float]) -> None:
    cell = parse_cell(text)
    assert isinstance(cell, Compound)
    assert [p.number for p in cell.parts if isinstance(p, Value)] == numbers


def test_an_estimate_with_its_interval_is_both() -> None:
    cell = parse_cell("1.20 [0.81; 1.77]")
    assert isinstance(cell, Compound)
    assert [type(p) for p in cell.parts] == [Value, Interval]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("n = 153 patients", [153]),
        ("n=7: all women", [7]),
        ("12,5 % of 80", [12.5, 80]),
        ("4/80 died", [4, 80]),
        ("N=1 234", [1234]),
        ("on 2024-01-05 at 12:30, 3 left", [3]),
        ("GBSG2, version 3.5.1, CA19-9", []),
        ("it ends with 4.", [4]),
        ("<11 deaths", [11]),
    ],
)
def test_numbers_in_prose_are_found(text: str, numbers: list[float]) -> None:
    assert [n.number for n in find_numbers(text)] == numbers


def test_a_number_knows_its_line_and_context() -> None:
    found = list(find_numbers("first\nwe saw 12 women here"))
    assert found[0].place.line == 1
    assert found[0].context == "we saw 12 women here"
