import numpy as np
import pytest
from scipy.special import chdtr

from ecluse.checks.disclosure import find
from ecluse.checks.disclosure.difference import chi_squared_below
from ecluse.checks.facts import Context, FileFacts, Table
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules
from unit.checks.disclosure.tables import facts, table


def verdicts(new: Table, old: Table) -> set[tuple[str, Severity]]:
    released = (FileFacts("old.csv", "csv", "0" * 64, facts(old), "bacthub-3"),)
    found = find({"new.csv": facts(new)}, OutputRules(), Context(released=released))["new.csv"]
    return {(f.rule, f.severity) for f in found if f.severity is not Severity.NOTE}


def cells(counts: np.ndarray) -> Table:
    return table("label n", *(f"c{i} {n}" for i, n in enumerate(counts)))


def test_sixty_newcomers_in_sixty_cells_are_singled_out() -> None:
    random = np.random.default_rng(4)
    old = random.multinomial(20_000, np.full(60, 1 / 60))
    new = old + random.multinomial(60, np.full(60, 1 / 60))
    assert verdicts(cells(new), cells(old)) == {("differencing", Severity.REFUSE)}


def test_both_outputs_are_named() -> None:
    old, new = table("région n", "Nord 118", "Sud 200", "Est 310"), table("région n", "Nord 120", "Sud 206", "Est 310")
    released = (FileFacts("old.csv", "csv", "0" * 64, facts(old), "bacthub-3"),)
    found = find({"new.csv": facts(new)}, OutputRules(), Context(released=released))["new.csv"]
    assert len(found) == 2
    assert all("'old.csv', released in 'bacthub-3'" in f.message for f in found)
    assert [f.place.row for f in found if f.place] == [0, 1]


def test_the_same_release_again_and_another_year_pass() -> None:
    random = np.random.default_rng(5)
    first, second = random.poisson(300, 60), random.poisson(300, 60)
    assert (np.abs(first - second) < 11).any()
    assert verdicts(cells(first), cells(first)) == set()
    assert verdicts(cells(first), cells(second)) == set()


def test_within_a_request_it_is_for_the_reviewers() -> None:
    files = {
        "a.csv": facts(table("région n", "Nord 118", "Sud 206", "Est 310")),
        "b.csv": facts(table("région n", "Nord 120", "Sud 206", "Est 310")),
    }
    found = find(files, OutputRules(), Context())
    assert found["a.csv"] == []
    assert [(f.rule, f.severity) for f in found["b.csv"]] == [("differencing", Severity.REVIEW)]


@pytest.mark.parametrize("cells", [1, 2, 3, 60, 61, 5000])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0, 2.0, 50.0])
def test_chi_squared_is_what_scipy_says(cells: int, share: float) -> None:
    assert chi_squared_below(cells, cells * share) == pytest.approx(float(chdtr(cells, cells * share)), abs=1e-10)
