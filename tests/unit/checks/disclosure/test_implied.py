"""Figures that give a count back together with their neighbours, and their twins that give none."""

import pytest

from ecluse.checks.disclosure import find
from ecluse.checks.facts import Context, Table
from ecluse.checks.kinds.layout import read_text
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules
from unit.checks.disclosure.tables import facts, table


def rules(given: Table) -> set[str]:
    found = find({"a": facts(given)}, OutputRules(), Context())["a"]
    return {f.rule for f in found if f.severity is not Severity.NOTE}


@pytest.mark.parametrize(
    ("leak", "rule"),
    [
        (table("Job Weighted_count Mean_weight", "Nurse 288000 1900", "Diver 5700 1900"), "small-count"),
        (table("Métier Effectif_pondéré Poids_moyen", "A 288000 1900", "B 7600 1900"), "small-count"),
        (table("Centre Cases_2019 Change_(%)", "Lille 388 4", "Sète 50 -94"), "small-count"),
        (table("Centre Cas_2019 Baisse_(%)", "Lille 388 4", "Sète 50 94"), "small-count"),
        (table("Centre n Sex_ratio_(M/F)", "A 412 1.1", "B 41 19.5"), "small-count"),
        (table("Centre n Rapport_hommes/femmes", "A 412 1.1", "B 60 0.05"), "small-count"),
        (table("Hospital Stays Stays_per_patient", "A 4120 1.6", "B 120 40.0"), "small-count"),
        (table("Région Séjours Séjours_par_patient", "A 4120 1.6", "B 33 11.0"), "small-count"),
        (table("Dép Population Habitants_par_cas", "A 2604361 6301", "B 76604 19151"), "small-count"),
        (table("Group Total Odds_of_death", "A 212 0.0144", "B 218 0.1122"), "small-count"),
        (table("Région Patients_(thousands)", "Nord 1.204", "Corse 0.003"), "small-count"),
        (table("Agent log10(n)", "A 3.081", "B 0.301"), "small-count"),
        (table("Agent ln(count)", "A 7.094", "B 1.099"), "small-count"),
        (table("Group Prevalence Standard_error", "A 0.02 0.014", "B 0.31 0.0021"), "percent-of-few"),
        (table("Group Prévalence_(%) Erreur_standard", "A 2.0 1.4", "B 31.2 0.21"), "percent-of-few"),
        (table("Group n Variance_of_death_(0/1)", "A 400 0.0979", "B 120 0.0165"), "small-count"),
        (table("Group n SD_of_death_(0/1)", "A 400 0.3129", "B 120 0.1285"), "small-count"),
        (table("Service Journées DMS_(jours)", "A 8240 5.1", "B 84 28.0"), "small-count"),
        (table("Ward Total_days Mean_LOS_(days)", "A 8240 5.1", "B 84 28.0"), "small-count"),
        (table("Set n Mean", "All 50 8210.0", "Without_the_extreme_value 49 4102.0"), "complement"),
        (table("Population Effectif Coût_moyen", "Ensemble 312 82.1", "Hors_valeurs_extrêmes 309 41.2"), "complement"),
        (table("Grade n Survie_(%)", "I 412 97", "V 15 0"), "whole-group"),
        (table("Grade n HIV_positive_(%)", "I 412 7", "V 15 100"), "whole-group"),
        (table("Cause Cas", "Chute CXII", "Foudre III"), "small-count"),
        (table("Cause Cas", "Chute IIII_IIII_IIII", "Foudre IIII_I"), "small-count"),
        (table("threshold tpr", "0.9 0.1429", "0.8 0.2857", "0.7 0.4286", "0.6 1.0"), "percent-of-few"),
        (table("cost F", "101.2 0.2", "140.9 0.4", "212.4 0.6", "290.7 0.8", "812.5 1.0"), "extreme"),
        (table("Hospital Expected SMR", "A 41.2 1.02", "B 5.0 0.8"), "small-count"),
        (table("Hôpital Décès_attendus SMR", "A 41.2 102", "B 5.0 80"), "small-count"),
        (table("left_out mean", *(f"{n} 61.{n}2" for n in range(1, 7))), "residuals"),
    ],
)
def test_what_a_figure_implies_is_found(leak: Table, rule: str) -> None:
    assert rule in rules(leak)


@pytest.mark.parametrize(
    "safe",
    [
        table("Decile_of_patients Share_of_cost_(%)", *(f"{n} {2 * n}" for n in range(1, 11)), stub=0),
        table("Job Weighted_count Mean_weight", "Nurse 288000 190", "Driver 57000 190"),
        table("Centre Cases_2019 Change_(%)", "Lille 388 4", "Sète 150 -24"),
        table("Centre n Sex_ratio_(M/F)", "A 412 1.1", "B 241 1.5"),
        table("Hospital Stays Stays_per_patient", "A 4120 1.6", "B 1120 4.0"),
        table("Dép Population Habitants_par_cas", "A 2604361 6301", "B 766040 19151"),
        table("Group Total Odds_of_death", "A 2120 0.0144", "B 2180 0.1122"),
        table("Région Patients_(thousands)", "Nord 1.204", "Corse 0.303"),
        table("Agent log10(n)", "A 3.081", "B 1.301"),
        table("Group Prevalence Standard_error", "A 0.21 0.0041", "B 0.31 0.0021"),
        table("Group n Variance_of_death_(0/1)", "A 400 0.0979", "B 1200 0.0475"),
        table("Service Journées DMS_(jours)", "A 8240 5.1", "B 4184 28.0"),
        table("Set n Mean", "All 5000 8210.0", "Without_the_extreme_values 4812 4102.0"),
        table("Grade n Response_rate_(%)", "I 412 97", "V 15 100"),
        table("Grade n Survie_(%)", "I 412 97", "V 215 0"),
        table("Cause Cas", "Chute CXII", "Foudre C"),
        table("threshold tpr", "0.9 0.125", "0.8 0.25", "0.7 0.375", "0.6 1.0"),
        table("threshold tpr", "0.9 0.1612", "0.8 0.2857", "0.7 0.4391", "0.6 1.0"),
        table("bound F", "100 0.2", "200 0.4", "300 0.6", "400 0.8", "500 1.0"),
        table("Hospital Expected SMR", "A 41.2 1.02", "B 35.0 0.8"),
        table("Zone Total_(k€) Premier_(k€) Deuxième_(k€)", "A 5120 210 190", "B 1200 190 170"),
        table("study_left_out mean", *(f"{n} 61.{n}2" for n in range(1, 7))),
    ],
)
def test_large_groups_and_round_steps_pass(safe: Table) -> None:
    assert rules(safe) == set()


@pytest.mark.parametrize("few", ["III", "IIII I", "three", "trois"])
def test_a_table_of_numerals_alone_is_one_of_counts(few: str) -> None:
    found = find(
        {"a": read_text(f"| Cause | Cas |\n| --- | --- |\n| Chute | CXII |\n| Foudre | {few} |\n")},
        OutputRules(),
        Context(),
    )
    assert "small-count" in {f.rule for f in found["a"]}


@pytest.mark.parametrize("prefix", ["##", "#>"])
def test_output_behind_the_prefix_of_knitr_is_read(prefix: str) -> None:
    lines = (" ", "  chute noyade  foudre", "    412     96       {}")
    for few, rule in ((4, {"small-count"}), (97, set())):
        text = "\n".join(f"{prefix}{line}" for line in lines).format(few)
        found = find({"a": read_text(text)}, OutputRules(), Context())["a"]
        assert {f.rule for f in found if f.severity is not Severity.NOTE} == rule


@pytest.mark.parametrize(
    ("leak", "rule"),
    [
        (
            table("from to density n_total", "0 5 0.12 600", "5 10 0.079333 600", "10 15 0.000667 600", stub=0),
            "small-count",
        ),
        (table("Rank Hospital Cost_of_costliest_stay", "1 North 412310", "2 South 398120"), "extreme"),
        (table("test lowest highest", "K 1.9 8.7", "Na 112 171"), "extreme"),
        (table("ages", "71", "43", "88", "19", "64", "55", stub=0), "row-dump"),
        (table("Payer Share_of_cost_(%)", "Largest_patient 41", "Others 59"), "dominance"),
        (table("Zone Total_(k€) Premier_(k€) Deuxième_(k€)", "A 5120 210 190", "B 1200 690 470"), "dominance"),
        (table("Class Sales Top_2_share", "A 88100 21%", "B 40200 93%"), "dominance"),
        (table("Excluded_patient HR", "P001 1.21", "P002 1.24", "P003 1.19"), "residuals"),
    ],
)
def test_classes_ranks_and_single_values_are_seen(leak: Table, rule: str) -> None:
    assert rule in rules(leak)


@pytest.mark.parametrize(
    "safe",
    [
        table("from to density n_total", "0 5 0.12 600", "5 10 0.06 600", "10 15 0.02 600", stub=0),
        table("Highest_diploma n", "None 412", "Degree 388"),
        table("ages", "20", "30", "40", "50", "60", stub=0),
        table("Payer Share_of_cost_(%)", "State 41", "Others 59"),
        table("Excluded_centre HR", "A 1.21", "B 1.24", "C 1.19"),
    ],
)
def test_classes_of_many_and_round_ages_pass(safe: Table) -> None:
    assert rules(safe) == set()
