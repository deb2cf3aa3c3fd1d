"""Identifiers that the key of a JSON, a YAML or a setting proves.

Decides by the key's own words: what is called a patient's number is one, whatever its form; what is called patients is
a count, unless it is written as no count is. Worked example: `excluded_ipp[0] = 8001234567` and
`excluded_patients[1]: 0051977` are numbers of patients; `patients[0] = 41210` counts some.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Facts, Source
from ecluse.rules.finding import Finding, Place, Severity

_KEY = re.compile(
    r"(?<![^\W_])(?:ipps?|ieps?|nips?|ndas?|nirs?|mrns?"
    r"|(?:patient|subject|person|sujet|participant|dossier|record|stay|sejour|case)_?ids?"
    r"|(?:excluded?|exclus|dropped|removed|deleted|kept|missing|unmatched)_?ids?"
    r"|ids?_?(?:patient|sujet|subject|dossier|sejour)e?s?|num_?(?:patient|dossier|sejour)s?)"
    r"(?:_\w{1,20})?(?:\[\d{1,6}\])? = $",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"(?<![^\W_])(?:patiente?s?|sujets?|subjects?|participante?s?|malades?|persons?|people|individus?|dossiers?|records?|cases?|cas"
    r"|s[ée]jours?|stays?|samples?|excluded|exclus)(?:\[\d{1,6}\]: |[\"']? ?[:=] ?[\[({] ?[\"'])"
    r"(?P<id>0\d{4,}|[A-Z]{1,4}[-_]?\d{4,})(?![\w.])",
    re.IGNORECASE,
)
_LEAST_DIGITS = 5


def find(facts: Facts) -> Iterator[Finding]:
    """The first number of each file that its key calls a person's, and the first that stands in a list of persons."""
    for number in facts.numbers:
        digits = sum(c.isdigit() for c in number.value.text)
        if digits >= _LEAST_DIGITS and float(number.number).is_integer() and _KEY.search(number.before):
            yield _finding(number.before.strip(" ="), number.where, number.place)
            break
    for passage in facts.passages:
        found = _LISTED.search(passage.text) if passage.source in (Source.OUTPUT, Source.PROSE, Source.CODE) else None
        if found:
            yield _finding(found[0][: found.start("id") - found.start()], passage.where, passage.place)
            break


def _finding(key: str, where: str, place: Place) -> Finding:
    return Finding(
        rule="patient-number",
        severity=Severity.REFUSE,
        where=where,
        message=f"Numbers of patients or stays stand below {key.strip()[-60:]!r}.",
        fix="Leave them out; how many there are may be said where they are enough.",
        place=place,
    )
