import pytest

from ecluse.checks import records
from ecluse.checks.facts import Context, Facts, Sign, SignKind, Table
from ecluse.rules.finding import Severity
from unit.checks.disclosure.tables import facts, table


def verdict(*tables: Table, signs: tuple[Sign, ...] = ()) -> Severity | None:
    found = records.find(Facts(tables=tables, signs=signs), Context())
    return next((f.severity for f in found), None)


HEAD = table(
    ". horTh age menostat tsize time cens",
    "0 no 70 Post 21 1814 1",
    "1 yes 56 Post 12 2018 1",
    "2 yes 58 Post 35 712 1",
    "3 yes 59 Post 17 1807 1",
    "4 no 73 Post 35 772 0",
    index=True,
)


@pytest.mark.parametrize(
    "rows",
    [
        HEAD,
        table("patient_id n·sejours montant", "900122 3 120.5", "900413 1 80.1", "901552 2 14.2"),
        table("date·naissance sexe region", "1950-02-01 1 Nord", "1961-05-09 2 Sud", "1949-12-12 1 Nord", stub=0),
        table(
            "BEN·NIR·PSA ETE·NAT EXE·SOI·DTD", "a91f3c5d2e1b077 1 2021-03-04", "b91f3c5d2e1b077 3 2021-03-09", stub=0
        ),
    ],
)
def test_rows_of_persons_are_refused(rows: Table) -> None:
    assert verdict(rows) is Severity.REFUSE


@pytest.mark.parametrize("code", ["23uvcvduxutxinhgslay2i3l%02d", "L%02d99496E16CFFC95", "2ABCDEFGHIJKL%d%d"])
def test_codes_of_persons_are_seen_under_a_heading_that_could_count(code: str) -> None:
    codes = [code.replace("%02d", f"{i}").replace("%d%d", f"{i}") for i in (22, 34, 57)]
    assert (
        verdict(table("PATIENT grade size", *(f"{c} 2 {7 + i}" for i, c in enumerate(codes)), stub=0))
        is Severity.REFUSE
    )
    assert verdict(table("patient grade", "120 2", "310 3", "90 1")) is None


def test_numbered_patients_are_rows_of_persons_whatever_is_said_of_them() -> None:
    values = ("71 31.2 152", "44 22.4 118", "63 27.9 141", "58 24.1 127")
    numbered = table("Patient age bmi sbp", *(f"P{n} {v}" for n, v in enumerate(values, 1)))
    assert verdict(numbered) is Severity.REFUSE
    means = table("Patients age bmi sbp", *(f"{n} {v}" for n, v in zip((412, 388, 96, 120), values, strict=True)))
    assert verdict(means) is None


def test_many_rows_of_an_attribute_beside_scattered_numbers_are_of_persons() -> None:
    odd = [(37 * n) % 61 for n in range(50)]
    rows = [f"{20 + n} {88 + n / 7:.2f} {n / 31 - 1:.3f}" for n in odd]
    assert verdict(table("age creatinine shap_age", *rows, stub=0)) is Severity.REVIEW
    curve = [f"{20 + n} {88 + n / 7:.2f} {n / 31 - 1:.3f}" for n in range(50)]
    assert verdict(table("age creatinine shap_age", *curve, stub=0)) is None


def test_positions_of_rows_of_persons() -> None:
    regions = table("region n %", "Nord 120 12.5", "Sud 140 14.1")
    assert records.rows_of_persons(records.forms_of(facts(regions, HEAD, regions))) == {1}


@pytest.mark.parametrize(
    "safe",
    [
        table("region n %", "Nord 120 12.5", "Sud 140 14.1"),
        table(". model AUC F1", "0 rf 0.9 0.8", "1 lr 0.8 0.7", "2 xgb 0.91 0.8", index=True),
        table(". age time", "count 686 686", "mean 53 1124", "std 10 642", "50% 53 1084", index=True),
        table("covariate coef exp(coef) se(coef) p", "age 0.01 1.01 0.005 0.03", "grade 0.3 1.35 0.1 0.004"),
        table(
            "sex age·group n mean·cost", "F 0-17 210 81.2", "F 18+ 411 99.1", "M 0-17 200 79.5", "M 18+ 380 101", stub=2
        ),
        table("year month n", "2020 1 120", "2020 2 140", "2020 3 131", stub=0),
        table("feature importance", "age 0.4", "tsize 0.3", "pnodes 0.2"),
    ],
)
def test_tables_of_groups_pass(safe: Table) -> None:
    assert verdict(safe) is None


def test_a_display_cut_from_many_rows_weighs() -> None:
    rows = table(". x y", "0 1.5 2.5", "1 1.7 2.4", "2 1.9 8.1", index=True)
    cut = Sign(SignKind.SHAPE, rows=120_000, columns=2, table=0)
    assert verdict(rows, signs=(cut,)) is not None
    assert facts(rows).signs == ()


def test_a_matrix_of_variables_with_each_other_shows_no_persons() -> None:
    rows = ("age 1.00 12 7 5", "imc 12 1.00 2 7", "taille 7 2 1.00 2", "poids 5 7 2 1.00")
    assert verdict(table(". . . . .", *rows, ". age imc taille poids")) is None
    assert verdict(table(". . . . .", *rows)) is not None


def test_every_combination_in_order_beside_large_counts_is_a_crosstab() -> None:
    counts = ("F no 364 830 1391", ". yes 255 492 843", "M no 541 1122 1752", ". yes 299 642 971")
    assert verdict(table("sex diabetes G1 G2 G3a", *counts, stub=2)) is None
    persons = ("F no 61 83 139", "F no 55 92 143", "M no 41 112 152", "M yes 99 42 91")
    assert verdict(table("sex diabetes G1 G2 G3a", *persons, stub=2)) is not None


def test_tasks_with_their_days_are_a_plan() -> None:
    rows = (
        "Extraction 2024-01-08 2024-02-02 ingénieur",
        "Analyses 2024-03-04 2024-05-31 ingénieur",
        "Rédaction 2024-06-03 2024-07-12 équipe",
    )
    assert verdict(table("tâche début fin responsable", *rows)) is None
    assert verdict(table("dossier début fin responsable", *rows)) is not None
    assert (
        verdict(table("tâche patient·id début", "A 900122 2024-01-08", "B 900413 2024-03-04", "C 901552 2024-06-03"))
        is not None
    )


def test_one_figure_at_the_levels_of_a_group_shows_no_persons() -> None:
    rows = ("Anxiety 0.353 0.258", "Bipolar 0.322 0.297", "Depression 0.348 0.276", "Psychosis 0.362 0.273")
    assert verdict(table("diagnosis remission_/_CBT remission_/_usual", *rows)) is None
    assert verdict(table("diagnosis weight_/_first age_/_first", *rows)) is not None
