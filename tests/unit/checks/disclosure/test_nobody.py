"""Columns and rows whose whole numbers count nobody, beside twins of them that do."""

import pytest

from ecluse.checks.facts import Facts, Series, SeriesKind, Sign, SignKind, Source
from ecluse.checks.kinds.layout import read_text
from unit.checks.disclosure.tables import grid, rules

MONTHS = [f"2020-{m:02d}" for m in range(1, 13)]


@pytest.mark.parametrize(
    ("column", "safe"),
    [
        ([0] * 5 + [1] * 7, True),
        ([0] * 5 + [1, 2, 3, 4, 5, 6, 7], True),
        ([0] * 5 + [1, 0, 1, 1, 1, 2, 1], False),
        ([3, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1], False),
    ],
)
def test_a_column_that_parts_a_series_in_two_counts_nobody(column: list[int], safe: bool) -> None:
    rows = [f"{month}|{410 + 7 * n}|{value}" for n, (month, value) in enumerate(zip(MONTHS, column, strict=True))]
    found = rules(grid("month|visits|after", *rows))
    assert ("small-count" not in found) is safe


def test_who_reads_pictures_is_not_who_is_counted() -> None:
    assert rules(grid("Item|Images|Readers|Kappa", "Fracture|1200|3|0.86", "Stage|640|2|0.61")) == set()
    assert rules(grid("Item|Images|Deaths|Kappa", "Fracture|1200|3|0.86", "Stage|640|2|0.61")) == {"small-count"}


def test_lists_of_months_in_a_configuration_count_nobody() -> None:
    assert rules(read_text("landmark_months = [3, 6, 12, 24]\n", source=Source.PROSE)) == set()
    assert rules(read_text("deaths_by_region = [3, 6, 12, 24]\n", source=Source.PROSE)) != set()


@pytest.mark.parametrize(
    ("columns", "safe"),
    [("Decile of patients|Share of cost (%)", True), ("Number of patients|Share of cost (%)", False)],
)
def test_tenths_of_patients_are_numbered(columns: str, safe: bool) -> None:
    rows = [f"{n}|{share}" for n, share in enumerate((1, 2, 3, 4, 6, 8, 11, 15, 20, 30), 1)]
    assert (rules(grid(columns, *rows)) == set()) is safe


def test_draws_from_a_posterior_are_no_persons() -> None:
    head = "4 chains, each with iter=2000; thin=1;\n         mean   sd  2.5%   50% 97.5% n_eff Rhat\n"
    rows = "alpha    1.21 0.05  1.11  1.21  1.31  3120    1\nbeta     0.05 0.01  0.03  0.05  0.07  2988    1\n"
    assert rules(read_text(head + rows)) == set()


def test_how_many_clusters_are_tried_is_no_size() -> None:
    rows = ("2|0.31|4120", "3|0.36|2204", "4|0.34|1204")
    assert rules(grid("k|silhouette|largest cluster, n", *rows)) == set()
    assert "small-count" in rules(grid("k|silhouette|smallest cluster, n", *rows[:2], "4|0.34|6"))


def test_only_one_of_the_studies_is_no_person() -> None:
    assert (
        rules(read_text("Only one of the four cohort studies followed patients for 5 years.", source=Source.PROSE))
        == set()
    )
    assert rules(read_text("Only one of the four treated patients died.", source=Source.PROSE)) != set()


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (("smoker|births", "0|29830", "1|6170"), set()),
        (("smoker|deaths", "0|298", "1|4"), {"small-count"}),
        (("deaths|births", "0|29830", "1|6170"), {"small-count"}),
        (
            (
                "age_group|parity|caesarean|vaginal",
                "< 25|0|424|1793",
                "< 25|1|282|1615",
                "25-29|0|995|3968",
                "25-29|1|620|3335",
            ),
            set(),
        ),
        (
            (
                "age_group|parity|caesarean|vaginal",
                "< 25|0|424|1793",
                "< 25|1|2|1615",
                "25-29|0|995|3968",
                "25-29|1|620|3335",
            ),
            {"small-count"},
        ),
        (("age_group|eclampsia|vaginal", "< 25|12|424", "< 25|3|282", "25-29|11|995", "25-29|5|620"), {"small-count"}),
        (("age_group|deaths|vaginal", "< 25|0|424", "< 25|1|282", "25-29|0|995", "25-29|1|620"), {"small-count"}),
    ],
)
def test_levels_that_are_numbers_are_no_counts(rows: tuple[str, ...], found: set[str]) -> None:
    assert rules(grid(*rows)) == found


@pytest.mark.parametrize(
    ("heading", "safe"),
    [
        ("n_unique", True),
        ("Nombre de valeurs distinctes", True),
        ("nunique", True),
        ("unique patients", False),
        ("n", False),
    ],
)
def test_distinct_values_are_no_persons(heading: str, safe: bool) -> None:
    found = rules(grid(f"item|{heading}|rows", "parity|3|36000", "smoker|2|36000", "diagnoses|812|36000"))
    assert ("small-count" not in found) is safe


@pytest.mark.parametrize(
    ("rows", "safe"),
    [
        (("Role|People", "Biostatisticians|2", "Data managers|3", "Clinicians|6"), True),
        (("Fonction|Nombre", "Chef de projet|1", "Ingénieurs d'étude|2", "Médecins|4", "Total|7"), True),
        (("Role|Cases", "Biostatisticians|2", "Data managers|3", "Clinicians|6"), False),
        (("Role|Number", "Nurses|2", "Physicians|3", "Data managers|6"), False),
        (("Occupation|Number", "Epidemiologists|2", "Data managers|3"), False),
    ],
)
def test_a_team_is_not_who_is_studied(rows: tuple[str, ...], safe: bool) -> None:
    assert ("small-count" not in rules(grid(*rows))) is safe


@pytest.mark.parametrize(
    ("rows", "safe"),
    [
        (("x|y|z", "0.0|0.4|1.5", "0.1|0.9|1.6", "0.2|0.7|1.5"), True),
        (("q|age|los", "0.0|18.4|1.5", "0.1|30.9|1.6", "0.2|40.7|1.5"), False),
        (("|age|los", "0.01|18.4|1.5", "0.1|30.9|1.6", "0.2|40.7|1.5"), False),
        (("|value", "Homes randomised|14", "Median residents per home|79"), True),
        (("|value", "Residents randomised|14", "Median age|79"), False),
    ],
)
def test_places_on_an_axis_and_figures_of_places_are_no_percentiles_of_persons(
    rows: tuple[str, ...], safe: bool
) -> None:
    assert ("percentile" not in rules(grid(*rows))) is safe


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (("|A (n = 412)|B (n = 409)", "eGFR slope, mL/min per year (SE)|-2.86 (0.11)|-3.79 (0.11)"), set()),
        (("|A (n = 412)|B (n = 409)", "eGFR, min|12.86|13.79"), {"extreme"}),
        (("Step|Records", "Identified in PubMed|2412", "Full texts|171", "Included studies|9"), set()),
        (("Step|Records", "Identified|2412", "Eligible patients|171", "Included|9"), {"small-count"}),
        (("Step|Patients", "Identified in PubMed|2412", "Full texts|171", "Included studies|9"), {"small-count"}),
        (("Outcome|Studies|Participants", "Kidney failure|5|21480", "Death|7|26112"), set()),
        (("Outcome|Studies|Participants", "Kidney failure|5|21480", "Death|7|9"), {"small-count"}),
    ],
)
def test_units_and_what_a_review_counts_are_no_persons(rows: tuple[str, ...], found: set[str]) -> None:
    assert rules(grid(*rows)) == found


@pytest.mark.parametrize(
    ("names", "safe"),
    [
        (("log2 fold change of 300 proteins", "-log10 p"), True),
        (("Chromosome", "-log10(p-value)"), True),
        (("Systolic pressure", "Albuminuria"), False),
        (("Systolic pressure", "-log10 p"), False),
    ],
)
def test_marks_over_their_p_value_are_tests(names: tuple[str, ...], safe: bool) -> None:
    axes = tuple(Series(SeriesKind.AXIS, labels=(name,), where="figure") for name in names)
    marks = Sign(SignKind.MARKERS, "figure", rows=81)
    assert (not rules(Facts(series=axes, signs=(marks,)))) is safe


STATA = "    triage |         0          1 |     Total\n-----------+----------------------+----------\n"
STATA += "         1 | {few:>9}      3,204 |     4,016\n           |     20.22      79.78 |    100.00\n"
STATA += "-----------+----------------------+----------\n         2 |    21,480     18,112 |    39,592\n"
STATA += "           |     54.25      45.75 |    100.00\n-----------+----------------------+----------\n"
STATA += "     Total |    22,292     21,316 |    43,608\n           |     51.12      48.88 |    100.00\n"


@pytest.mark.parametrize(("few", "found"), [("812", set()), ("6", {"small-count"})])
def test_levels_that_are_numbers_above_a_total_label_rows(few: str, found: set[str]) -> None:
    assert {r for r in rules(read_text(STATA.format(few=few))) if r == "small-count"} == found


TRIAL = "[I 2024-02-12 10:0{n}:41,902] Trial {n} done with 0.81 and {{'depth': 6}}. Best is {what} {best} with 0.8.\n"


@pytest.mark.parametrize(("what", "safe"), [("trial", True), ("deaths", False)])
def test_numbers_behind_the_name_of_a_thing_count_nobody(what: str, safe: bool) -> None:
    text = "".join(TRIAL.format(n=n, what=what, best=best) for n, best in enumerate((2, 3, 2, 12)))
    assert ("small-count" not in rules(read_text(text))) is safe


@pytest.mark.parametrize(
    ("rows", "safe"),
    [
        (("term|coef|se|p", "post|-0.021|0.009|0.02", "treated|0.104|0.02|0.0", "both|-0.038|0.011|0.001"), True),
        (("percentile|los", "0|1", "50|6", "100|214"), False),
        (("Difference|Power 80 %", "4 %|1888", "6 %|820", "8 %|452"), True),
        (("|Power 80 %", "4 %|1888", "6 %|820", "8 %|452"), False),
        (("Site|Men, n|Women, ASR (World)", "Bladder|361|3", "Colon|1804|17.2"), True),
        (("Site|Men, n|Women, n", "Bladder|361|3", "Colon|1804|17"), False),
        (("Layer (type)|Param #", "dense|1344", "dense_2|9"), True),
        (("Layer (type)|Persons", "dense|1344", "dense_2|9"), False),
        (("site|1|2|3|4", "CHU|88|86|87|84", "Est|76|86|85|84"), True),
        (("site|1|2|3|4", "CHU|88|86|87|84", "Est|76|8|85|84"), False),
    ],
)
def test_levels_rates_and_parameters_are_no_persons(rows: tuple[str, ...], safe: bool) -> None:
    assert (not rules(grid(*rows))) is safe
