"""Bands that two tables cut at different places, periods that hold others, and lines that may be totals."""

import pytest

from ecluse.checks.disclosure import find, periods
from ecluse.checks.disclosure.bands import band
from ecluse.checks.facts import Context, FileFacts, Table
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules
from unit.checks.disclosure.tables import facts, table

INF = float("inf")


def verdicts(new: Table, old: Table, name: str = "old.csv") -> set[tuple[str, Severity]]:
    released = (FileFacts(name, "csv", "0" * 64, facts(old), "bacthub-3"),)
    found = find({"new.csv": facts(new)}, OutputRules(), Context(released=released))["new.csv"]
    return {(f.rule, f.severity) for f in found}


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("65-84", (65, 85)), ("65 à 84 ans", (65, 85)), ("[65,80)", (65, 80)), ("85+", (85, INF)),
        ("≥ 85 ans", (85, INF)),
        ("85 ans et plus", (85, INF)), ("moins de 18 ans", (0, 18)), ("<18", (0, 18)), ("Nord", None), ("80-65", None),
    ],
)  # fmt: skip
def test_bands_are_read(label: str, expected: tuple[float, float] | None) -> None:
    assert band(label) == expected


def test_persons_between_two_cuts_are_found() -> None:
    new, old = table("âge n", "65-79 611", "80+ 293"), table("âge n", "65-84 620", "85+ 284")
    assert verdicts(new, old) == {("differencing", Severity.REFUSE)}


def test_persons_who_left_are_found_where_bands_were_split() -> None:
    new, old = table("âge n", "65-84 811", "85+ 88"), table("âge n", "0-64 300", "65+ 904")
    assert ("differencing", Severity.REFUSE) in verdicts(new, old, "new.csv")


def test_other_persons_in_other_bands_pass() -> None:
    assert not verdicts(table("âge n", "65-79 611", "80+ 293"), table("âge n", "65-84 720", "85+ 184"))
    assert not verdicts(table("âge n", "65-79 611", "80+ 293"), table("âge n", "65-84 520", "85+ 284"))


def test_a_quarter_is_the_total_of_its_months() -> None:
    assert periods.totals(("janv.", "févr.", "mars", "T1")) == {3}
    assert periods.totals(("2021-01", "2021-02", "Q1 2021", "2021")) == {2, 3}
    assert periods.totals(("T1", "T2", "T3", "M1")) == frozenset()
    found = find(
        {"a.csv": facts(table("mois n", "janv. 41", "févr. <11", "mars 52", "T1 101"))}, OutputRules(), Context()
    )
    assert {f.rule for f in found["a.csv"]} == {"recoverable-cell"}


def test_a_last_line_that_may_be_a_total_is_for_the_reviewers() -> None:
    found = find({"a.csv": facts(table("zone n", "A 120", "B <11", "C 201", "Fin 326"))}, OutputRules(), Context())
    assert [(f.rule, f.severity) for f in found["a.csv"]] == [("recoverable-cell", Severity.REVIEW)]
    found = find({"a.csv": facts(table("zone n", "A 120", "B <11", "C 201", "D 340"))}, OutputRules(), Context())
    assert not found["a.csv"]
