"""Values of single persons that a console printed because somebody asked for them.

Decides from the line that asked and the one below it. Worked example: `> d$age[d$los > 200]` above `[1] 88 19` prints
the ages of two patients, `> which(d$los > 200)` their rows; SAS's `Extreme Observations` lists the smallest and largest
values with their rows; pandas' `At positional index 3, first diff: 59 != 60` shows one row's value.
`> fit$aic` above `[1] 412.1` and `> mean(d$age)` show none.
"""

import re
from collections.abc import Iterator

from ecluse.checks.disclosure.words import plain
from ecluse.checks.facts import Facts, Source
from ecluse.rules.finding import Finding, Severity

_PERSONAL = (
    r"(?:age|ages|sexe?|los|duree\w*|dob|ddn|date\w*|poids|weight|taille|height|imc|bmi|cout\w*|cost\w*|delai\w*|diag\w*"
    r"|commune|cp|id\w*|ipp|nir|creat\w*|hba1c|dose)"
)
_ASKED = r"^[ \t]*(?:>|>>>|In \[\d+\]:|\.)[ \t]?"
_SHOWN = r"[ \t]*\n(?:Out\[\d+\]: ?)?[ \t]*(?:\[1\][ \t]+|array\(|\[)-?\"?\d"
_SUBSET = re.compile(
    rf"{_ASKED}(?:\w{{1,40}}\$\w{{1,40}}\[[^\]\n]{{0,80}}(?:[<>=!]|is\.na|%in%)[^\]\n]{{0,80}}\]"
    rf"|(?:head|tail|sort|rev|unique)\(\w{{1,40}}\$(?:{_PERSONAL})\b[^\n]{{0,40}}"
    rf"|\w{{1,40}}\$(?:{_PERSONAL})(?:\[\d[^\]\n]{{0,20}}\])?"
    rf"|which(?:\.max|\.min)?\((?!names|colnames)[^\n$]{{0,40}}\$[^\n]{{1,80}}"
    rf"|[^\n]{{0,60}}(?:\.{_PERSONAL}\b|\[[\"']{_PERSONAL}[\"']\])[^\n(]{{0,60}}"
    rf"(?:\.tolist\(\)|\.values|\.to_numpy\(\)|\.unique\(\)))"
    rf"{_SHOWN}",
    re.MULTILINE,
)
_EXTREMES = re.compile(
    r"extreme (?:observations|values)\b[^\n]*\n(?:[^\n]*\n){0,8}?[^\n]*\b(?:value|lowest|highest)\b", re.IGNORECASE
)
_DIFFERS = re.compile(r"at positional index \d+, first diff", re.IGNORECASE)
_FORMS = (
    (_SUBSET, "values or rows of single persons, asked for at a console"),
    (_EXTREMES, "the smallest and largest values, each one person's own"),
    (_DIFFERS, "one row's own value"),
)


def find(facts: Facts) -> Iterator[Finding]:
    """The first finding of each form in each passage."""
    for passage in facts.passages:
        if passage.source not in (Source.OUTPUT, Source.PROSE):
            continue
        for pattern, what in _FORMS:
            found = pattern.search(passage.text)
            if found:
                said = " ".join(plain(found[0]).split())[:80]
                yield Finding(
                    rule="person-in-text",
                    severity=Severity.REVIEW,
                    where=passage.where,
                    message=f"The text shows {what} ('{said}').",
                    fix="Take it out and run the file again; a count or a mean of many says what is needed.",
                    place=passage.place,
                )
