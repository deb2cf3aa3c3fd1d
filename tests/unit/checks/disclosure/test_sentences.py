"""Numbers of sentences: what explains them, what they give together, and what nothing explains."""

import pytest

from ecluse.checks.disclosure import relations
from ecluse.checks.disclosure.explained import Counted, quantities
from ecluse.checks.disclosure.sentences import joined, sentences
from ecluse.checks.facts import Passage

MINIMUM = 11


def rules(text: str) -> set[str]:
    return {f.rule for f in relations.find(Passage(text), MINIMUM)}


def test_each_number_is_asked_what_it_counts() -> None:
    found = quantities(
        "of 612 participants, four left after visit 3 and two models were refitted; 2.5 % had 7 pneumothoraces"
    )
    assert [(q.value, q.counted) for q in found] == [
        (612, Counted.PERSONS), (4, Counted.UNKNOWN), (3, Counted.EXPLAINED), (2, Counted.EXPLAINED),
        (2.5, Counted.SHARE), (7, Counted.UNKNOWN),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Arm A enrolled 45 patients; 41 of them were responders.", "complement"),
        ("Of the 88 melanomas of the scalp, 83 occurred in men.", "complement"),
        ("Parmi les 93 patients porteurs, quatre-vingt-dix ont accepté le suivi.", "complement"),
        ("The reaction was seen in 0.4 % of the 1,250 exposed patients.", "percent-of-few"),
        ("The rate was 1.3 per 1,000 person-years (5,300 person-years).", "percent-of-few"),
        ("Le taux était de 1,3 pour 1 000 personnes-années (5 300 personnes-années).", "percent-of-few"),
        ("The cohort went from 4,512 to 4,505 patients.", "complement"),
        ("Half a dozen transplanted patients were admitted again.", "small-count"),
        ("Aucune récidive dans le groupe témoin et une seule dans le groupe opéré.", "small-count"),
        ("Four pneumothoraces were treated.", "small-count"),
        ("Neurological sequelae persisted in six.", "small-count"),
        ("A fistula recurred in 5 of the repairs.", "small-count"),
        ("Of the 640 reports, 633 had a known outcome.", "complement"),
        ("Deaths by month: January 14, February 12, March 6, April 19.", "small-count"),
        ("Outcome at one year: alive 188, dead 7, unknown 12.", "small-count"),
        ("Le bras chirurgical compte 84 succès pour 87 opérés.", "complement"),
        ("Three had a fatal pulmonary embolism.", "small-count"),
        ("Les malades ont été suivis dans 12 centres ; 8 ont commencé une dialyse.", "small-count"),
        ("Patients came from 12 centres; 4 died.", "small-count"),
        ("Avec 5 événements pour 48 passages, le risque est faible.", "small-count"),
        ("On recense 2 cas pour 1000 parmi les 3 500 agents vaccinés.", "small-count"),
    ],
)
def test_small_numbers_that_a_sentence_gives_are_found(text: str, rule: str) -> None:
    assert rule in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "For the 612 patients three models were fitted; two were retained.",
        "Outcome assessors were blinded in 7 of 9 included trials.",
        "For each case, 4 controls were drawn.",
        "2 of the 12 subgroups were mislabelled.",
        "Patients came from 12 centres; 8 had a stroke unit.",
        "Avec 5 événements pour 100 passages, la demi-largeur de l'intervalle est de 0,2 point.",
        "It helps with planning of beds, not with decisions about single patients.",
        "There were 5.1 events per 100 person-years, 95 % CI 4.9 to 5.3.",
        "Half of the 1,200 patients were women; 4 in 10 patients lived alone.",
        "Quatre patients sur dix avaient un diabète (n = 5 210).",
        "Two biostatisticians and three cardiologists adjudicated the deaths.",
        "Stage 3 cancer, grade 2 patients, type 2 diabetes",
        "On a retenu les séjours d'au moins 2 nuits, avec 30 jours entre deux séjours.",
        "312 patients received the drug and 308 patients the placebo.",
        "Pages: deaths 3, methods 12, results 14.",
        "Mortality fell by 2 % among the 300 patients.",
    ],
)
def test_explained_numbers_pass(text: str) -> None:
    assert rules(text) == set()


def test_a_wrapped_sentence_is_one() -> None:
    long = "Among the 1,204 women followed until the end of the observation period there"
    assert list(joined([long, "were two deaths.", "n = 153", "p = 0.03"])) == [
        f"{long} were two deaths.",
        "n = 153",
        "p = 0.03",
    ]
    assert rules(f"{long}\nwere in all four pneumothoraces.") == {"small-count"}


def test_a_point_of_a_number_ends_no_sentence() -> None:
    assert sentences("p = 0.03. then 2.5 mg were given. the end") == ["p = 0.03.", "then 2.5 mg were given.", "the end"]


def test_a_line_full_of_numbers_is_read_in_time_that_does_not_grow_with_its_square() -> None:
    assert len(quantities("of 612 patients " + " ".join(f"{n} deaths" for n in range(600)))) == 60
    assert list(joined(["word " * 700, "and on " * 400])) == [("word " * 700).strip(), ("and on " * 400).strip()]
