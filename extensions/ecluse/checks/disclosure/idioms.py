"""Shares and ratios in everyday words, and numbers of things for each person: they count nobody.

Decides for the place of a number in a line. Worked example: in "4 in 10 patients", "one patient in three" and "a ratio
of 1.06 to 1" no number counts persons, nor in "for each case, 4 controls were drawn".
"""

import re

from .numerals import SPELT

_IDIOM = re.compile(
    rf"(?<![\w.,/])(?:(?:\d|{SPELT}|une?|one) (?:in|(?:[^\W\d]+ )?(?:out of|sur))"
    r" (?:[345]|10|20|100|1,?000|three|four|trois|quatre|five|ten|twenty|cinq|dix|vingt|cent|mille)"
    r"|(?:1|une?|one) (?:[^\W\d]+ )?(?:in|out of|sur) (?:[2-9]|1\d|two|three|four|six|seven|eight|nine"
    r"|twelve|deux|trois|quatre|six|sept|huit|neuf|douze))(?![\d.,]*\d)\b(?!-)"
)
OPEN_CLASS = re.compile(
    r" ?(?:ans |years |yrs )?(?:(?:and|or) (?:over|above|older|more|up)\b|(?:et|ou) plus\b|\+|years and over\b)"
)
"""`the oldest class was 85 and over`."""
_EACH = re.compile(
    r"\b(?:each|every|per|chaque|par) (?:[^\W\d]+ )?(?:cases?|cas|patiente?s?|exposed?|subjects?|sujets?"
    r"|persons?|personnes?"
    r"|participante?s?|woman|femmes?|child|enfants?)\b[^.;\d]{0,24}$"
    r"|\b(?:matched|apparie\w*) (?:[^\W\d]+ )?(?:to|with|against|a|avec) $"
    r"|\b(?:each|every|chaque) (?:[^\W\d]+ )?(?:practitioner|physician|nurse|doctor|hospital|cent(?:re|er)|site|ward"
    r"|cluster|practice|medecin|infirmiere?|etablissement|service|unit|team|day|jour|week|semaine"
    r"|month|mois)\b[^.;\d]{0,24}$"
    r"|\b(?:each|every|chaque) (?:[^\W\d]+ )?(?:practitioner|physician|hospital|cent(?:re|er)|site|cluster|practice"
    r"|medecin|etablissement|service|unit|investigator|investigateur)\b[^.;\d]{0,24}\d{1,2} (?:to|a|-|–|or|ou) $"
    r"|\b(?:on average|en moyenne|averag\w+|a mean of|une moyenne de)\b[^.;\d]{0,40}$"
    r"|\b(?:board|committee|comite|conseil|panel|teams?|equipes?|jury|crew|task force"
    r"|groupe de travail) (?:of|de|d') ?$"
    r"|\b(?:relu|valide|verifie|lu|cote|code|annote|extrait|approuve|signe)(?:ee?)?s? (?:[a-z]+ment )?par $"
    r"|\b(?:reviewed|validated|checked|read|proofread|coded|annotated|extracted|approved|signed(?: off)?|rated)"
    r" (?:[a-z]+ly )?by $"
)
_DESIGN = re.compile(
    r" ?(?:max(?:imum|imale?)?|min(?:imum|imale?)?)\.?[ _](?:(?:duration|length) of |duree (?:de |du )?)?"
    r"(?:follow[- ]?up|suivi|observation)\b[^.;\d]{0,16}\d{1,2} (?:years?|ans|months?|mois)\b"
)
_RATIO = re.compile(r"\d (?:to|a|pour|:|contre) $")
_REACH = 40
"""Letters before a number that may belong to it: the work must not grow with the square of a line."""


def of_each(before: str) -> bool:
    """Whether a number says how many of something there are for each person: `for each case, 4 controls`."""
    return _EACH.search(before[-60:]) is not None


def is_design(text: str) -> bool:
    """Whether a text begins with how long persons are followed at most, in whole years or months: that is planned."""
    return _DESIGN.match(text) is not None


def idiom(text: str, start: int) -> bool:
    """Whether a number is a share in everyday words: `4 in 10 patients`, `1 sur 5`, the 1 of `1.06 to 1`."""
    first = max(start - _REACH, 0)
    to_one = re.match(r"1(?![.,]?\d)", text[start : start + 3]) and _RATIO.search(text[first:start])
    return to_one is not None or any(
        m.start() <= start - first < m.end() for m in _IDIOM.finditer(text[first : start + _REACH])
    )
