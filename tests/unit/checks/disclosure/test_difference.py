import numpy as np
import pytest
from scipy.special import chdtr

from ecluse.checks.disclosure import find
from ecluse.checks.disclosure.difference import chi_squared_below
from ecluse.checks.facts import Context, FileFacts, Place, Source, Table
from ecluse.checks.kinds.layout import read_text
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


def review(*files: Table) -> set[str]:
    found = find({f"f{i}.csv": facts(f) for i, f in enumerate(files)}, OutputRules(), Context())
    return {f.rule for fs in found.values() for f in fs if f.severity is not Severity.NOTE}


ALL = table("région n", "Nord 820", "Sud 906", "Est 1310", "Ouest 777")
WOMEN = table("région n", "Nord 420", "Sud 500", "Est 610", "Ouest 377")


def test_three_tables_that_leave_a_few_are_found_and_no_two_of_them() -> None:
    men = table("région n", "Nord 396", "Sud 406", "Est 698", "Ouest 400")
    assert review(ALL, WOMEN, men) == {"remainder"}
    assert review(ALL, WOMEN) == review(ALL, men) == review(WOMEN, men) == set()
    assert review(ALL, WOMEN, table("région n", "Nord 400", "Sud 406", "Est 700", "Ouest 400")) == set()


def test_a_sum_over_a_label_is_compared_with_the_total_elsewhere() -> None:
    sexes = table(". F M", "Nord 420 396", "Sud 500 406", "Est 610 698", "Ouest 377 400")
    assert review(sexes, ALL) == {"differencing"}


def test_a_total_that_exceeds_its_parts_by_few_tells_who_is_missing() -> None:
    assert review(table("sexe n", "F 310", "M 380", "Total 696")) == {"remainder"}
    assert review(table("sexe n", "F 310", "M 380", "Total 690")) == set()
    assert review(table("maladie n", "Diabète 310", "Asthme 380", "Total 990")) == set()


def test_differences_of_rounded_counts_pass_as_the_fix_promises() -> None:
    random = np.random.default_rng(4)
    old = random.multinomial(20_000, np.full(60, 1 / 60))
    new = old + random.multinomial(60, np.full(60, 1 / 60))
    assert verdicts(cells(5 * np.round(new / 5).astype(int)), cells(5 * np.round(old / 5).astype(int))) == set()


def test_the_same_table_in_another_language_is_compared() -> None:
    french = table("Sexe Décès", "Hommes 214", "Femmes 188", "Ensemble 402")
    english = table("Sex Deaths", "Male 212", "Female 188", "All 400")
    assert verdicts(french, english) == {("differencing", Severity.REFUSE)}


def test_another_table_of_the_same_shape_is_none_in_another_language() -> None:
    by_stage = table("Stage Deaths", "I 231", "II 171", "All 402")
    assert verdicts(by_stage, table("Sexe Décès", "Hommes 212", "Femmes 188", "Ensemble 400")) == set()
    assert (
        verdicts(table("Sex Cases_2021", "Male 214", "Female 188"), table("Sexe Cas_2020", "H 212", "F 188")) == set()
    )


@pytest.mark.parametrize(("said", "told"), [(899, {"differencing"}), (896, set()), (1204, set())])
def test_a_number_of_all_in_words_is_held_against_an_earlier_table(said: int, told: set[str]) -> None:
    words = read_text(f"Au total, {said} patients ont été inclus.", "", Place(), Source.PROSE)
    old = FileFacts("old.csv", "csv", "0" * 64, facts(table("service patients", "A 412", "B 388", "C 96")), "demo-1")
    found = find({"report.md": words}, OutputRules(), Context(released=(old,)))["report.md"]
    assert {f.rule for f in found} == told


def test_a_part_and_all_in_two_files_leave_the_rest() -> None:
    women, everybody = table("service femmes", "A 210", "B 190"), table("service ensemble", "A 420", "B 193")
    found = find({"f.csv": facts(women), "e.csv": facts(everybody)}, OutputRules(), Context())
    assert "remainder" in {f.rule for some in found.values() for f in some}


def test_shares_in_one_file_and_their_size_in_another_are_put_together() -> None:
    shares = facts(table("Stage %", "I 61.25", "II 37.50", "III 1.25"))
    said = read_text("The pilot included 80 patients.", "", Place(), Source.PROSE)
    large = read_text("The study included 80,000 patients.", "", Place(), Source.PROSE)
    found = find({"t.xlsx": shares, "report.md": said}, OutputRules(), Context())
    assert {f.rule for f in found["t.xlsx"]} == {"percent-of-few"}
    assert find({"t.xlsx": shares, "report.md": large}, OutputRules(), Context())["t.xlsx"] == []
