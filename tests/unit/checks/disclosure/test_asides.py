"""Few persons told in passing, and what only looks alike."""

import pytest

from ecluse.checks.disclosure import asides, centiles, pairs, shortened
from ecluse.checks.facts import Facts, Passage
from ecluse.checks.identifiers.names import names_in
from ecluse.checks.identifiers.patterns import scan

MINIMUM = 11


def rules(text: str) -> set[str]:
    passage = Passage(text)
    found = [
        *asides.find(passage, MINIMUM),
        *shortened.find(passage, MINIMUM),
        *centiles.find(Facts(passages=(passage,)), MINIMUM),
        *pairs.find(Facts(passages=(passage,)), MINIMUM),
    ]
    return {f.rule for f in found}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Among the HIV-positive patients (n=14), all had been incarcerated.", "whole-group"),
        ("Parmi les 16 greffés, tous ont rejeté le greffon.", "whole-group"),
        ("Le groupe B comptait 13 femmes, toutes séropositives.", "whole-group"),
        ("Of the 20 exposed workers, none survived.", "whole-group"),
        ("TP=41 FP=3 FN=2 TN=512", "small-count"),
        ("Response was 66.7 % (2/3).", "small-count"),
        ("Fewer than five but more than two patients died.", "small-count"),
        ("Moins de cinq patients mais plus de deux sont décédés.", "small-count"),
        ("3 pts died", "small-count"),
        ("3 pat. décédés", "small-count"),
        ("Nous avons retiré les quatre mineurs.", "small-count"),
        ("2 F, 1 H", "small-count"),
        ("sex: F=212, M=4", "small-count"),
        ("The 99th percentile is 212 days (n=300).", "percentile"),
        ("La durée médiane était de 4 jours (min 1 ; max 212).", "extreme"),
        ("The mean cost fell when the most expensive patient was excluded.", "extreme"),
        ("Sans le patient le plus coûteux, la moyenne est de 4 102 euros.", "extreme"),
        ("The mayor's son was hospitalised twice.", "person-in-text"),
        ("Un interne a contracté la tuberculose.", "person-in-text"),
        ("The triage nurse of the night shift was the source of the outbreak.", "person-in-text"),
        ("The case in Sein was the only one.", "person-in-text"),
        ("The masked cell of Table 2 equals 220 minus 212.", "complement"),
        ("The cohort includes a former minister with Parkinson's disease.", "person-in-text"),
        ("Un ancien maire atteint de la maladie de Charcot y figure.", "person-in-text"),
        ("The cluster concerned a farmer, his wife and their neighbour.", "person-in-text"),
        ("Mean cost was 4,120 euros (max 91,204 euros).", "extreme"),
        ("The index case, a Brazilian student, arrived on a Monday.", "person-in-text"),
        ("one male, two females", "small-count"),
        ("born in March 1948 in Molène, female", "person-in-text"),
    ],
)
def test_asides_are_found(text: str, rule: str) -> None:
    assert rule in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "Among the 412 patients, all had a scan.",
        "Of the 14 included patients, all were followed for a year.",
        "All 37 hospitals took part.",
        "TP=412 FP=88 FN=31 TN=5120",
        "The score was 66.7 % (2/3 of the maximum).",
        "Grade 3 or 4 toxicity occurred in 12 % of the 1,204 patients.",
        "The 99th percentile is 212 days (n=30,000).",
        "The search ran with min 5; max 10 iterations.",
        "grid: depth=3, leaves=12",
        "Children born in March 2019 were followed.",
        "The nurse measured the blood pressure.",
        "The town hall of the mayor was not part of the study.",
        "The number in 2021 minus 2015; 412 minus 188 leaves many.",
        "The minister of health signed the decree; a judge may authorise the access.",
        "Each patient, his wife and their children were invited.",
        "The search took a while (max 500 iterations).",
        "The index case was a confirmed case; 412 males and 388 females took part.",
        "Outliers were excluded in a sensitivity analysis.",
    ],
)
def test_what_looks_alike_passes(text: str) -> None:
    assert rules(text) == set()


@pytest.mark.parametrize(
    "text", ["Mrs Kervella, 54, from Le Conquet", "Mme Quéméner est décédée", "Jean D., né en 1948, opéré"]
)
def test_a_title_or_an_initial_with_a_life_names_a_person(text: str) -> None:
    assert [h.rule for h in names_in(text, prose=True)] == ["name"]


@pytest.mark.parametrize(
    "text", ["Madame, Monsieur, veuillez", "Madame La Directrice est", "Group D., aged 54 years", "Mr Chair"]
)
def test_salutations_and_groups_are_no_names(text: str) -> None:
    assert list(names_in(text, prose=True)) == []


@pytest.mark.parametrize(
    "text",
    [
        "hospital stay id 3004512 excluded",
        "dossier 8004512367 incomplet",
        "séjour n° 20191234",
        "ID 004127 reported pain at visit 3",
        "record_id 4127 has an impossible date",
        "Sample BRS-00412-03 was haemolysed",
    ],
)
def test_numbers_of_stays_are_found(text: str) -> None:
    assert [h.rule for h in scan(text)] == ["patient-number"]


@pytest.mark.parametrize("text", ["ethics approval ID 2021-A00412-39", "Job ID 41273 finished", "sample size was 412"])
def test_numbers_of_studies_and_jobs_pass(text: str) -> None:
    assert [h.rule for h in scan(text)] == []
