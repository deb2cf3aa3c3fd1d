"""Whole groups, groups counted twice, few of those who are known, one person's story; texts that tell of nobody."""

import pytest

from ecluse.checks.disclosure import groups, stories
from ecluse.checks.facts import Passage

MINIMUM = 11


def rules(text: str) -> set[str]:
    passage = Passage(text)
    return {f.rule for module in (groups, stories) for f in module.find(passage, MINIMUM)}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("412 cases; in the update, 417.", "complement"),
        ("412 cas ; après mise à jour, 417.", "complement"),
        (
            "In the previous report we counted 203 cases; this one adds those confirmed late and counts 207.",
            "complement",
        ),
        ("The registry held 1,204 patients at the end of May and 1,207 at the end of June.", "complement"),
        ("Le registre comptait 512 patients fin mars et 515 fin avril.", "complement"),
        ("We first reported 88 deaths. The corrected number is 91.", "complement"),
        ("Mortality 100 % in the 12 patients with grade V", "whole-group"),
        ("La mortalité était de 100 % chez les 14 patients de grade V.", "whole-group"),
        ("Survival was 0 % among the 13 exposed newborns.", "whole-group"),
        ("5 of the 6 nurses were infected.", "small-count"),
        ("Five of six firefighters on duty tested positive.", "small-count"),
        ("Trois des quatre infirmières ont été contaminées.", "small-count"),
        ("All 4 of the 4 midwives were off duty; 4 of the 4 midwives were vaccinated.", "small-count"),
        ("Of 160 samples, 97.5 % were negative; the remainder were positive.", "complement"),
        ("Sur 80 prélèvements, 2,5 % étaient positifs.", "percent-of-few"),
        ("He died the day after admission.", "person-in-text"),
        ("Elle est décédée trois jours plus tard.", "person-in-text"),
        ("Both brothers carried the mutation; their mother did not.", "person-in-text"),
        ("Sa mère était également porteuse.", "person-in-text"),
        ("No woman other than the index case was infected.", "complement"),
        ("Tous ont guéri sauf le cas index.", "complement"),
        ("Nobody died except the youngest patient.", "complement"),
        ("Merge summary: both 12,310; left_only 4; right_only 1,208", "complement"),
        ("7 unmatched records", "complement"),
    ],
)
def test_groups_and_stories_are_found(text: str, rule: str) -> None:
    assert rule in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "There were 412 cases in 2019 and 417 in 2020.",
        "The update of 2021 added 212 women to the 412 women and 417 men.",
        "The registry held 1,204 patients at the end of May and 1,407 at the end of June.",
        "Follow-up was 100 % in the 12 patients with grade V.",
        "Le taux de réponse était de 100 % chez les 14 patients.",
        "Mortality was 100 % in the 412 patients with grade V.",
        "4 of the 5 nurses measured blood pressure.",
        "5 of the 6 reviewers agreed.",
        "Of 1,600 samples, 97.5 % were negative; the remainder were positive.",
        "Both parents signed the consent form.",
        "A participant may withdraw when he or she wishes.",
        "Each child and its mother were followed for a year.",
        "Children whose mother had a diploma were more often vaccinated.",
        "Elle a été réalisée sur les données du PMSI.",
        "All hospitals except the university hospital took part.",
        "Merge summary: both 12,310; left_only 40; right_only 1,208",
    ],
)
def test_texts_that_tell_of_nobody_pass(text: str) -> None:
    assert rules(text) == set()
