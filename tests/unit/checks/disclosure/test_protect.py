from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecluse.checks.disclosure import find
from ecluse.checks.disclosure.protect import protect
from ecluse.checks.disclosure.reading import read
from ecluse.checks.disclosure.rounded import rounded
from ecluse.checks.facts import Context, Source, Table
from ecluse.checks.kinds.layout import read_text
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules
from unit.checks.disclosure.tables import facts, table


def refused(given: Table) -> list[str]:
    found = find({"a": facts(given)}, OutputRules(), Context())["a"]
    return [f.rule for f in found if f.severity is not Severity.NOTE]


def test_the_smallest_second_cell_is_masked_and_the_total_stays() -> None:
    made = protect(table("région n", "Nord 4", "Sud 20", "Est 60", "Total 84"), 11)
    assert made is not None
    assert made.small == ((0, 1),)
    assert made.others == ((1, 1),)
    assert [row[1].text for row in made.table.cells] == ["<11", "*", "60", "84"]


def test_following_the_fix_makes_the_table_pass() -> None:
    leaky = table(". F M Total", "Nord 4 30 34", "Sud 20 12 32", "Est 40 44 84", "Total 64 86 150")
    (found,) = find({"a": facts(leaky)}, OutputRules(), Context())["a"]
    made = protect(leaky, 11)
    assert made is not None
    assert found.fix.startswith(made.sentence(read(leaky), 11))
    assert refused(made.table) == []


def test_rounding_is_proposed_where_it_loses_less_and_passes_as_it_says() -> None:
    leaky = table("région n", "Nord 4", "Sud 20", "Est 60", "Total 84")
    (found,) = find({"a": facts(leaky)}, OutputRules(), Context())["a"]
    made = rounded(leaky, 11, most=20, seconds=5)
    assert made is not None
    assert (made.base, made.loss) == (5, 10)  # 84 became 85, and a total counts ten times
    assert [row[1].text for row in made.table.cells] == ["<11", "20", "60", "85"]
    assert found.fix.endswith(made.sentence(11))
    said = read_text("Counts rounded to 5.", source=Source.PROSE)
    released = replace(facts(made.table), passages=said.passages, numbers=said.numbers)
    assert find({"a": released}, OutputRules(), Context())["a"] == []
    assert rounded(leaky, 11, most=10, seconds=5) is None


def test_what_would_undo_a_rounding_is_not_rounded() -> None:
    leaky = table("région n % âge_moyen", "Nord 4 3.2 61.2", "Sud 60 48.0 60.1", "Est 61 48.8 59.9")
    assert rounded(leaky, 11, most=1000, seconds=5) is None


def test_percentages_and_means_of_masked_rows_go_too() -> None:
    leaky = table("région n % âge_moyen", "Nord 4 3.2 61.2", "Sud 60 48.0 60.1", "Est 61 48.8 59.9")
    made = protect(leaky, 11)
    assert made is not None
    assert refused(made.table) == []
    # 60 beside 48.0 % and 61 beside 48.8 % leave 125 persons alone, and with them Nord: all percentages go.
    assert [cell.text for cell in made.table.cells[1]] == ["Sud", "60", "*", "60.1"]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(2, 4))
def test_what_is_proposed_passes_the_check(seed: int, rows: int, columns: int) -> None:
    random = np.random.default_rng(seed)
    counts = random.poisson(random.gamma(1.2, 30, size=(rows, columns)))
    lines = [" ".join([f"line{r}", *map(str, counts[r]), str(counts[r].sum())]) for r in range(rows)]
    heading = " ".join([".", *(f"col{c}" for c in range(columns)), "Total"])
    given_ = table(heading, *lines, " ".join(["Total", *map(str, counts.sum(axis=0)), str(counts.sum())]))
    made = protect(given_, 11)
    if made is not None:
        assert set(refused(made.table)) <= {"whole-group"}
        kept = sum(
            a == b
            for old, new in zip(given_.cells, made.table.cells, strict=True)
            for a, b in zip(old, new, strict=True)
        )
        assert kept >= rows  # labels at least; masks are counted below
        assert all(1 <= counts[r, c - 1] < 11 for r, c in made.small if r < rows and c <= columns)


@pytest.mark.parametrize("safe", [table("région n", "Nord 40", "Sud 60", "Total 100")])
def test_a_safe_table_is_left_as_it_is(safe: Table) -> None:
    made = protect(safe, 11)
    assert made is not None
    assert made.table == safe
