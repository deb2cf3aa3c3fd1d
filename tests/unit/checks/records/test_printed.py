"""Rows of one person in running text."""

import pytest

from ecluse.checks.facts import Facts, Passage
from ecluse.checks.records.printed import find


@pytest.mark.parametrize(
    "line",
    [
        "1947-03-18;F;31555;C50.9;2",
        "more1947-03-18;F;31555;C50.9;2",
        "A12\t12/03/1948\tM\tE11.9",
        "x, 1948-03-12, 75012, Femme",
    ],
)
def test_a_row_of_one_person_is_found(line: str) -> None:
    assert [f.rule for f in find(Facts(passages=(Passage(f"Results.\n{line}\n"),)))] == ["person-in-text"]


@pytest.mark.parametrize(
    "line",
    ["2019-03-04;ok;12;7", "2019-03-04;F;412;C", "period, 2019-01-01, 2019-12-31, 75012", "C50.9;F;31555;1204"],
)
def test_rows_of_groups_and_days_pass(line: str) -> None:
    assert list(find(Facts(passages=(Passage(f"Results.\n{line}\n"),)))) == []
