"""Small numbers pass only where something explains them: labels, sentences without a noun, bases elsewhere."""

import pytest

from ecluse.checks.disclosure import find
from ecluse.checks.facts import Context, Facts
from ecluse.checks.kinds.layout import read_text
from ecluse.checks.kinds.trees import facts as tree_facts
from ecluse.checks.kinds.trees import read as read_tree
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules
from unit.checks.disclosure.tables import facts, table


def rules(*files: Facts) -> set[str]:
    found = find({f"{n}.txt": file for n, file in enumerate(files)}, OutputRules(), Context())
    return {f.rule for part in found.values() for f in part if f.severity is not Severity.NOTE}


@pytest.mark.parametrize(
    "text",
    [
        "Among the 1,204 patients included, three developed a Stevens-Johnson syndrome.",
        "Sur les 812 patients traités, cinq ont présenté une neutropénie.",
        "Sensitivity was 95.8 % (23/24).",
        "In the cohort of 1,020 patients, one in 204 had a reaction.",
        "Serious adverse events occurred in 4 (0.7 %) and 12 (2.0 %).",
        "Deaths were rare: 14 in the control arm and 3 in the intervention arm.",
        "Two pneumothoraces were reported.",
        "Mortality: 7 vs 19 deaths.",
        "Both patients with Creutzfeldt-Jakob disease died.",
        "Durées de séjour (jours) : 3, 11, 12, 19, 27, 33, 48, 51, 60",
        "Rows before: 4120\nRows after dropping missing sex: 4117",
        "excluded:\n  no_consent: 3\n  under_age: 41",
    ],
)
def test_persons_counted_without_a_noun_are_seen(text: str) -> None:
    assert rules(read_text(text))


@pytest.mark.parametrize(
    "text",
    [
        "Patients with at least 2 stays were eligible. Three models were fitted; two were retained.",
        "Trois scénarios ont été étudiés, deux ont été retenus.",
        "About one in five patients was readmitted.",
        "Three definitions were reported, and four limitations were noted.",
        "Sensitivity was 74.2 % (890/1,200).",
        "Our results agree with two earlier trials [3, 7, 12].",
        "Horizons (jours) : 0, 30, 60, 90, 120, 150, 180, 210, 240",
        "Rows before: 48210\nRows after dropping missing sex: 48012",
        "model:\n  folds: 5\n  min_count: 11",
    ],
)
def test_what_is_explained_passes(text: str) -> None:
    assert rules(read_text(text)) == set()


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ('{"cox": {"n": 412, "n_events": 5}}', True),
        ('{"1": {"precision": 0.4, "support": 6.0}}', True),
        ('{"params": {"n_jobs": 4, "max_depth": 6, "min_events": 10, "events_per_variable": 8}}', False),
    ],
)
def test_labels_say_what_a_number_counts(text: str, *, caught: bool) -> None:
    assert bool(rules(tree_facts(read_tree(text.encode(), Limits())))) is caught


def test_base_in_the_words_beside_a_table() -> None:
    shares = facts(table("issue part_%", "Guéri 97.0", "Décédé 2.5", "Transféré 0.5"))
    assert rules(shares) == set()
    both = Facts(tables=shares.tables, numbers=read_text("Base : 402 patients.").numbers)
    assert rules(both) == {"percent-of-few"}


def test_totals_of_two_tables_tell_the_missing_ones() -> None:
    by_sex = facts(table("sexe patients", "F 602", "H 602"))
    assert rules(by_sex, facts(table("age patients", "18-39 201", "40-64 499", "65+ 501"))) == {"remainder"}
    assert rules(by_sex, facts(table("age patients", "18-39 201", "40-64 400", "65+ 501"))) == set()


def test_part_of_a_group_in_the_next_file() -> None:
    everybody = facts(table("dep patients", "22 1204", "29 3110"))
    assert "remainder" in rules(everybody, facts(table("dep patients_sans_insuline", "22 1201", "29 2870")))


def test_shares_of_a_row_beside_its_size() -> None:
    assert rules(
        facts(table("etat N stable rechute deces", "A 4451 0.926 0.070 0.004", "B 500 0.952 0.044 0.004"))
    ) == {"percent-of-few"}


def test_everybody_of_a_small_group() -> None:
    assert "whole-group" in rules(facts(table("centre residents vih", "Pins 14 14", "Armor 61 12")))


def test_curve_that_falls_by_one_person() -> None:
    steps = ("1.0", "0.9958", "0.9917", "0.9875", "0.9833", "0.9791", "0.975")
    assert "survival-steps" in rules(facts(table("jour survie", *(f"{7 * n} {s}" for n, s in enumerate(steps)))))


def test_share_rows_of_a_crosstab_hide_no_small_count() -> None:
    shown = table("stade F M Total", "I 210 189 399", ". 52.63 47.37 100.00", "IV 38 4 42", ". 90.48 9.52 100.00")
    assert "small-count" in rules(facts(shown))
    assert rules(facts(table("stade F M Total", "I 210 189 399", ". 52.63 47.37 100.00", "IV 38 44 82"))) == set()


def test_what_stands_beside_the_type_of_a_variable_counts_nobody() -> None:
    assert rules(facts(table("variable type position", "age num 4", "sexe num 7", "date date 12"))) == set()


def test_steps_of_a_flow_lose_persons() -> None:
    flow = ("eligible 2310", "after_age_criterion 2306", "after_consent 2180")
    assert rules(facts(table("step patients", *flow))) == {"complement"}
    assert rules(facts(table("step patients", "eligible 2310", "after_age_criterion 2206"))) == set()


def test_percentages_that_leave_few() -> None:
    assert rules(facts(table("groupe n vivants_%", "dialyse 96 93.8", "greffe 840 80.0"))) == {"complement"}


def test_a_group_and_a_part_of_it_in_two_files() -> None:
    everybody = facts(table("region patients", "A 1402", "B 1105", "C 213"))
    assert "remainder" in rules(everybody, facts(table("region men", "A 840", "B 690", "C 207")))
    assert rules(everybody, facts(table("region men", "A 840", "B 690", "C 107"))) == set()


def test_the_level_of_a_comparison_is_no_count() -> None:
    assert rules(facts(table("effect . estimate", "SEXE_2_vs 1 0.812", "AGE_1_vs 2 1.049"))) == set()


def test_questions_are_no_quartiles() -> None:
    assert rules(facts(table("Item yes no N", "Q1 2% 98% 150", "Q2 40% 60% 148"))) >= {"percent-of-few"}
