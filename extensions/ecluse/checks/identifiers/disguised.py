"""Identifiers that no shape of their own gives away: spelt out, bound to a query, on a device, in a tag.

Decides by what stands beside them. Worked example: "marie.durand [at] gmail [dot] com" is an address; in `WHERE ipp =
?` and, on the next line, `('8004512367',)` the second is the patient's number; "pacemaker SN PJN612345S" names whoever
carries it; "DURAND^MARIE" is how DICOM and HL7 write names; thirteen digits that begin as a social security number
does are for the reviewers. "SN 12 of the protocol" and `WHERE annee = ?` name nobody.
"""

import re
from collections.abc import Iterator

from .hit import Hit

_AT = r"(?:[\[({<] ?(?:at|arobase|a|@) ?[\])}>]|(?:arobase|\(at\)))"
_DOT = r"(?:[\[({<] ?(?:dot|point|\.) ?[\])}>]|(?: dot | point ))"
_SPELT_MAIL = re.compile(
    rf"[\w.+-]{{2,40}} ?{_AT} ?[\w-]{{2,30}}(?: ?{_DOT} ?|\.)[a-z]{{2,6}}\b"
    r"|\b[\w.+-]{2,40} (?:at|arobase) (?:gmail|yahoo|hotmail|outlook|orange|free|wanadoo|sfr|laposte|icloud"
    r"|proton\w*|live)"
    rf"(?: ?{_DOT} ?|\.)(?:com|fr|net|org|me)\b",
    re.IGNORECASE,
)
SIGNS = re.compile(
    r"\^|[\[({<] ?(?:at|a|arobase) ?[\])}>]|arobase|\bat (?:gmail|yahoo|hotmail|outlook|orange)", re.IGNORECASE
)
"""One of them stands in every text without a figure that may hide an identifier."""
_BOUND = re.compile(
    r"\b(?:ipp|iep|nip|nda|mrn|nir\w*|ben_\w+|num_?(?:pat\w*|sej\w*|dossier|secu)|(?:patient|person|subject|stay"
    r"|sejour)_?(?:id|no|num\w*))"
    r"['\"`\]]?\s*(?:=|==|in|like)\s*(?:\?|%s|%\(\w{1,20}\)s|:\w{1,20}|\$\d)(?s:.{0,200}?)"
    r"['\"](?P<id>[A-Z]{0,3}\d{5,15})['\"]",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"\b(?:dossier|s[ée]jour|stay|patiente?|encounter|episode|venue|subject|sujet)(?:[ _-]?(?:id|n°|no\.?"
    r"|num[ée]ro|number))?"
    r"[ :=#]{1,3}(?P<id>\d{6,12})\b(?![.,]\d| ?(?:€|euros?|bytes|%))",
    re.IGNORECASE,
)
_SHORT_ID = re.compile(
    r"(?<![\w-])(?<!PM)(?:(?-i:ID)|record[ _]?id|(?:subject|patient|person|participant|sujet)[ _]?id)(?: |: ?"
    r"|=|#| n° ?)(?P<id>\d{4,8})\b(?!-)"
    r"|\b(?:samples?|specimens?|biops(?:y|ie)|tubes?|échantillons?"
    r"|prélèvements?) (?P<code>(?-i:[A-Z]{2,5})-\d{2,8}(?:-\d{1,4})?)\b",
    re.IGNORECASE,
)
_OTHER_ID = re.compile(
    r"(?:study|trial|project|projet|protocol|job|run|task|ethics|commit|ticket|order|cell|clinicaltrials\S*) $",
    re.IGNORECASE,
)
_SERIAL = re.compile(
    r"(?:pace-?makers?|defibrillat\w+|d[ée]fibrillat\w+|stimulat\w+|implants?|proth[èe]ses?|prosthes[ei]s|stents?"
    r"|(?:heart |hip )?valves?"
    r"|(?:insulin )?pumps?|pompes?|devices?|dispositifs?|sondes?|leads?|neurostimul\w+|ICD|cochlear)\b[^.;\n]{0,40}?"
    r"(?:\bS\.?/?N\b|\bserial(?: (?:number|no\.?|n°))?|\bUDI\b|n(?:°|o|um[ée]ro)\.? de s[ée]rie)[ :=#]{0,3}"
    r"(?P<id>(?=[A-Z0-9-]*\d{3})[A-Z0-9][A-Z0-9-]{4,24})\b",
    re.IGNORECASE,
)
_TAGGED = re.compile(r"(?<![\w^])(?P<id>[A-ZÀ-Ý][\w'’ -]{1,30}\^[A-ZÀ-Ý][\w'’-]{1,30}(?:\^[\w'’.-]{0,20}){0,3})")
_BIRTH_TAG = re.compile(
    r"(?:\(0010,0030\)[^\n]{0,12}?|Patient'?s?[ _]?Birth[ _]?Date[^\n\d]{0,12})\[?(?P<id>(?:19|20)\d{6})\b",
    re.IGNORECASE,
)
_THIRTEEN = re.compile(
    r"(?<![\w.,+\-])[12]\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[1-8]\d|9[0-578]|2[AB])\d{3}(?!000)\d{3}(?![\w]|[.,]\d)"
)
_OTHER_NUMBER = re.compile(
    r"bytes|octets|\bns\b|timestamp|epoch|\bEAN|GTIN|ISBN|\bCIP|\bDOI\b|NCT|seed|time|memory|size|hash|ISSN|\bUDI\b",
    re.IGNORECASE,
)


def scan(text: str) -> Iterator[Hit]:
    """Those of a text. Linear in the text's length."""
    lowered = text.lower()
    if "at" in lowered or "arobase" in lowered:
        for m in _SPELT_MAIL.finditer(text):
            yield Hit("email", "an e-mail address that is spelt out", m[0], m.start(), strong=False)
    for pattern, rule, what, word in (
        (_NUMBERED, "patient-number", "the number of a stay or a person", " =:#"),
        (_BOUND, "patient-number", "a patient or stay number of a query", "'\""),
        (_SERIAL, "patient-number", "the serial number of a person's device", "sS°"),
        (_BIRTH_TAG, "exact-date", "a date of birth of an image", "Bb("),
        (_TAGGED, "name", "a person's name", "^"),
    ):
        if any(sign in text for sign in word):
            for m in pattern.finditer(text):
                yield Hit(rule, what, m["id"], m.start("id"))
    for m in _SHORT_ID.finditer(text) if "id" in lowered or "-" in text else ():
        if not _OTHER_ID.search(text[max(m.start() - 30, 0) : m.start()]):
            number = m["id"] or m["code"]
            yield Hit("patient-number", "the number of a record or a sample", number, m.start(), strong=False)
    for m in _THIRTEEN.finditer(text):
        if not _OTHER_NUMBER.search(text[max(m.start() - 40, 0) : m.end() + 16]):
            what = "thirteen digits that may be a social security number without its key"
            yield Hit("nir", what, m[0], m.start(), strong=False)
