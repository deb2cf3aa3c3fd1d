"""Shapes of identifiers in running text, each with the proof that it asks for.

Decides which character runs are identifiers: by checksum where there is a strong one, by checksum and context where
the checksum alone accepts too much (Luhn accepts one run of digits in ten), by context alone where there is none.

Worked example: `269054958815780` has the right key and a real month and département: a NIR. The same digits after
`0.` are a printed float: the figures of a long table give hundreds of "valid" keys otherwise.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import phonenumbers
from stdnum import iban, luhn
from stdnum.fr import nir

from . import disguised
from .hit import Hit

_NOT_BEFORE = r"(?<![\w.,+\-])"
"""Not inside a word, not after a decimal mark or a sign."""
_NOT_AFTER = r"(?!\w)(?![.,]\d)"
_DIGIT = re.compile(r"\d")
_GAP = "[ .\u00a0\u202f-]?"

NIR = re.compile(
    rf"{_NOT_BEFORE}(?P<sex>[1-478])(?P<gap>{_GAP})(?P<year>\d\d)(?P=gap)(?P<month>\d\d)(?P=gap)"
    rf"(?P<place>\d\d|2[AB])(?P=gap)(?P<commune>\d{{3}})(?P=gap)(?P<order>\d{{3}})(?:[ /.\u00a0-]{{0,3}}(?P<key>\d\d))?"
    rf"{_NOT_AFTER}",
    re.IGNORECASE,
)
_IBAN = re.compile(rf"{_NOT_BEFORE}[A-Z]{{2}}\d\d(?:[  ]?[A-Z0-9]{{4}}){{2,7}}(?:[  ]?[A-Z0-9]{{1,3}})?{_NOT_AFTER}")
_PHONE = re.compile(
    rf"{_NOT_BEFORE}(?:(?:\+|00)33[  .-]?(?:\(0\)[  ]?)?|0)[1-9](?P<gap>[  .\-/]?)\d\d(?:(?P=gap)\d\d){{3}}{_NOT_AFTER}"
)
_ABROAD = re.compile(r"(?<![\w.,])\+(?!33)[1-9]\d{0,2}[  .-]?(?:\(?\d{1,4}\)?[  .-]?){2,5}\d{2,4}" + _NOT_AFTER)
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24}(?![\w@-])")
_ROLE = re.compile(
    r"(?:support|help(?:-?desk)?|contact|info|assistance|no-?reply|admin|dpo|secretariat|hotline|service|webmaster"
    r"|[eé]quipe|team|[eé]tude|study|trial|essai|registre|registry|cohorte?|projet|project|recherche|research|unit[eé]?"
    r"|biostat\w{0,9}|stat(?:s|istics|istiques)?|data|accueil|bureau|office|redaction|editor(?:ial)?|comit[eé]|committee)"
    r"(?:[-._]\w{1,20})?@",
    re.IGNORECASE,
)
"""Mailboxes of a desk, not of a person."""
_DESK = re.compile(
    r"\b(?:assistance|support|help[ -]?desk|service desk|hotline|plateforme|platform|standard|secr[ée]tariat)\b"
    r"[^\n]{0,40}$",
    re.IGNORECASE,
)
_MOBILE = re.compile(r"^(?:(?:\+|00)33\D{0,5}|0)[67]")
_STREET = re.compile(
    r"(?<![\w.,])\d{1,4}(?:[  ]?(?:bis|ter|quater|[A-D]))?,?[  ]"
    r"(?:(?:rue|avenue|av\.|boulevard|bd\.?|bld|pl\.|chemin|impasse|allée|allee|lotissement|faubourg|hameau)"
    r"[  ](?:(?:de|du|des|la|le|les|l'|d'|saint|sainte|st|ste)[  ]?){0,3}[A-ZÉÈÀÂÎÔa-zéèàâîô][\w'’-]{2,}"
    r"|(?:place|route|quai|cours|square|résidence|residence|passage|villa)"
    r"[  ](?:(?:de|du|des|la|le|les|l'|d'|saint|sainte|st|ste)[  ]?){0,3}(?-i:[A-ZÉÈÀÂÎÔ])[\w'’-]{2,})",
    re.IGNORECASE,
)
"""Words that mean other things as well, as in `below 18, residence abroad`, name a street only before a name."""
_DIGITS_11 = re.compile(rf"{_NOT_BEFORE}[18]\d{{10}}{_NOT_AFTER}")
_NINE = re.compile(rf"{_NOT_BEFORE}(?:\d\d|2[AB])[  ]?\d{{6,7}}[  ]?\d?{_NOT_AFTER}")
_SIRET = re.compile(rf"{_NOT_BEFORE}\d{{3}}(?P<gap>[  ]?)\d{{3}}(?P=gap)\d{{3}}(?:[  ]?\d{{5}})?{_NOT_AFTER}")
_RECORD = re.compile(
    r"(?<![^\W_])(?:IPPs?|IEPs?|NIPs?|NDAs?|INS-?C|(?:n(?:°|o|um(?:é|e)ro)\.?[ \xa0]?(?:de[ \xa0])?|id[ \xa0_-]?)"
    r"(?:dossier|patient(?:e|s)?|s[ée]jour|venue|s[ée]curit[ée] sociale|assur[ée]|b[ée]n[ée]ficiaire)"
    r"|patient(?:e|_ids?|[ \xa0](?:ids?|n°|no|num(?:é|e)ro|number|#))"
    r"|(?:subject|person|record|medical[ \xa0]record)[ \xa0_]?(?:ids?|n°|no\.?|number|#)"
    r"|MRNs?|BEN_NIR_PSA|BEN_NIR_ANO|NIR_ANO_17)"
    r"(?:\[\d{1,6}\])?[\"'\])]{0,3}[ \xa0]{0,2}(?:==?|!=|[:#/n°]|est|is)?[ \xa0\"'\[({]{0,4}"
    r"(?P<id>(?=[A-Z0-9_-]*\d{3})[A-Z0-9][A-Z0-9_-]{4,39})(?![\w@])",
    re.IGNORECASE,
)
_ITS_NUMBER = r"(?:no\.?|n°|nr\.?|nu\.?|numbers?|num[ée]ro|id|#)"
_ONES_OWN = re.compile(
    r"(?<![^\W_])(?:(?:passe?ports?|(?:national |id(?:entity)? )(?:id(?:entity)? )?(?:card|number)|CNI"
    r"|titre de s[ée]jour|carte (?:nationale )?d['’]identit[ée]|permis de (?:conduire|s[ée]jour)"
    rf"|driv(?:ing|er'?s) licen[cs]e|carte vitale|social security|SSN|NHS|health card)(?:[ \xa0]?{_ITS_NUMBER})?"
    r"|(?:accession|specimen|sample|exam|examination|imaging study|biopsy|admission|examen|prescription|ordonnance)"
    rf"[ \xa0]?{_ITS_NUMBER}"
    r"|(?:n°|num[ée]ro)[ \xa0](?:d['’]|de[ \xa0])(?:examen|pr[ée]l[èe]vement|analyse|admission|ordonnance|passeport))"
    r"[ \xa0]?(?:[:=#]|is|est)?[ \xa0]{0,2}"
    r"(?P<id>(?=[A-Z0-9/-]*\d[ A-Z0-9/-]{0,3}\d[ A-Z0-9/-]{0,3}\d)[A-Z0-9]{2,}(?:[-/ ]?[A-Z0-9]{2,}){0,4})(?![\w@])",
    re.IGNORECASE,
)
"""Papers and samples that are one person's own."""
_OF_PAPERS = 4
"""Digits that a number of a paper or a sample has at the least, less one."""
_ARCHIVE = re.compile(
    r"(?:GSE|GSM|GPL|PRJ|SR[APRSX]|ER[APRSX]|DR[APRSX]|SAM|E-|EGA|NM_|NC_|NP_|NG_|MT|MN|OK|PDB|phs|PXD|HG|NCT|\d{1,2}\.\d)",
    re.IGNORECASE,
)
"""Archives of data have accession numbers, too."""
_DAY = (
    r"(?:\d{1,2}[/. -]\d{1,2}[/. -](?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d"
    r"|\d{1,2}(?:er)?[ \xa0][a-zéûôA-Z]{3,9}\.?[ \xa0](?:19|20)\d\d)"
)
_LIFE = re.compile(
    r"(?:\bn[ée]+e?(?:\(e\))?[ \xa0]le|\bDDN\b|date[ \xa0_]de[ \xa0_]naissance|date_naissance"
    r"|birth_?date|dateofbirth|death_?date|date_?deces|\bborn(?:[ \xa0]on)?"
    r"|date[ \xa0_]of[ \xa0_]birth|\bD\.?O\.?B\.?\b|d[ée]c[ée]d[ée]+e?(?:\(e\))?[ \xa0]le|\bdied[ \xa0]on"
    r"|date[ \xa0_]d[eu'][ \xa0_]?d[ée]c[èe]s|date[ \xa0_]of[ \xa0_]death"
    r"|hospitalis[ée]+e?(?:\(e\))?[ \xa0](?:le|du|depuis[ \xa0]le)"
    r"|hospitalis[ée]+e?(?:\(e\))?[ \xa0](?:[àa]|au|aux)[ \xa0][^\W\d][\w'-]{1,30}[ \xa0]le"
    r"|admis(?:e|\(e\))?[ \xa0](?:[^.;\n\d]{2,40}[ \xa0])?le|(?:was|is)[ \xa0](?:admitted|transferred|discharged)"
    r"[ \xa0](?:[^.;\n\d]{2,40}[ \xa0])?on|admitted[ \xa0]on|discharged[ \xa0]on|op[ée]r[ée]+e?(?:\(e\))?[ \xa0]le"
    r"|vue?[ \xa0]en[ \xa0]consultation[ \xa0]le|sorti(?:e|\(e\))?[ \xa0]le)"
    rf"[\"']?[ \xa0]{{0,2}}[:=]?[ \xa0\"']{{0,2}}(?P<day>{_DAY})",
    re.IGNORECASE,
)
_HEX = re.compile(r"(?<![\w./:@+-])(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{16,64}(?![\w/+=-])")
_BASE32 = re.compile(
    r"(?<![\w./:@+-])(?:(?=[A-Z2-7]*[2-7])(?=[A-Z2-7]*[A-Z])[A-Z2-7]{16,52}|(?=[a-z]*[2-7])(?=[2-7]*[a-z])[a-z2-7]{26})"
    r"(?![\w/+=-])"
)


_PLAIN = r"(?:-?\d{1,7}(?:\.\d*+)?|[A-Za-z]{1,2}\d{1,6}|[^\d@|]*+(?:(?<= )\d{1,4})?)"
PLAIN_ROW = re.compile(rf"{_PLAIN}(?: \| {_PLAIN})*+")
"""Cells of a table that are words, numbers of at most seven digits, or short codes: too little for any shape here."""
_COORDINATES = re.compile(
    r"(?<![\d.,])(?P<lat>[45]\d\.\d{4,})\s?[,;/ ]\s?(?P<lon>-?\d\.\d{4,})(?!\d|\.\d)"
    r"|coordinates[^\n]{0,4}\[\s?-?\d{1,3}\.\d{4,}, ?-?\d{1,2}\.\d{4,}"
)
"""A point of metropolitan France; an interval's lower end would stand first."""
_CODED = r"(?:(?=[0-9a-f]*\d)[0-9a-f]{10,64}|(?=[a-z]*[2-7])[a-z2-7]{16,52}|(?=[A-Z]*[2-7])[A-Z2-7]{12,52})"
_LISTED = re.compile(rf"(?:(?P<q>['\"]){_CODED}(?P=q),?\s*){{3,}}")


def scan(text: str) -> Iterator[Hit]:
    """All identifiers in a text that prove themselves there. Linear in the text's length."""
    if not PLAIN_ROW.fullmatch(text) or disguised.SIGNS.search(text):  # most rows of most tables, a tenth of the time
        yield from scan_shapes(text)


def scan_shapes(text: str) -> Iterator[Hit]:
    """The same, shape by shape, for every text."""
    yield from disguised.scan(text)
    if "@" in text:
        yield from (
            Hit("email", "an e-mail address", m[0], m.start(), strong=False)
            for m in _EMAIL.finditer(text)
            if not _ROLE.match(m[0])
        )
    if not _DIGIT.search(text):
        return
    yield from _nirs(text)
    yield from _phones(text)
    for m in _IBAN.finditer(text):
        if iban.is_valid(m[0]):
            yield Hit("iban", "a bank account (IBAN)", m[0], m.start())
    yield from (Hit("address", "a postal address", m[0], m.start(), strong=False) for m in _STREET.finditer(text))
    for m in _RECORD.finditer(text):
        yield Hit("patient-number", "a patient or stay number", m["id"], m.start())
    for m in _ONES_OWN.finditer(text):
        if sum(c.isdigit() for c in m["id"]) > _OF_PAPERS and not _ARCHIVE.match(m["id"]):
            yield Hit("patient-number", "the number of a paper or a sample", m["id"], m.start(), strong=False)
    for m in _LIFE.finditer(text):
        yield Hit("exact-date", "an exact date of one person's life or care", m["day"], m.start())
    yield from _registered(text)
    yield from _coded(text)


def _coded(text: str) -> Iterator[Hit]:
    """Coordinates and pseudonyms."""
    for m in _COORDINATES.finditer(text):
        yield Hit("address", "the place of a home or an event", m[0], m.start(), strong=False)
    for m in _LISTED.finditer(text):
        if not _near(text, m.start(), _DIGEST_WORDS):
            yield Hit("pseudonym", "a list of pseudonyms", m[0], m.start(), strong=False)
    for pattern in (_HEX, _BASE32):
        for m in pattern.finditer(text):
            if _near(text, m.start(), _PERSON_WORDS) and not _near(text, m.start(), _DIGEST_WORDS):
                yield Hit("pseudonym", "a pseudonym", m[0], m.start())


_NIR_WORDS = re.compile(
    r"\b(?:NIR|INS|INSEE|NIA|s[ée]cu(?:rit[ée])?(?: sociale)?|n° ?ss|num_?secu|matricule|immatricul\w+)\b",
    re.IGNORECASE,
)
_PERSON_WORDS = re.compile(
    r"patient|b[ée]n[ée]f|\bben_|person|subject|sujet|pseudo|individ|assur[ée]|\bid\b|_id\b|nir", re.IGNORECASE
)
_DIGEST_WORDS = re.compile(r"sha|commit|digest|md5|hash|checksum|image|git|revision|version|uuid", re.IGNORECASE)


def _near(text: str, at: int, words: re.Pattern[str], reach: int = 48) -> bool:
    return bool(words.search(text[max(0, at - reach) : at]))


def _nirs(text: str) -> Iterator[Hit]:
    for m in NIR.finditer(text):
        if not plausible_nir(m):
            continue
        compact = re.sub(r"[^0-9ABab]", "", m[0]).upper()
        if m["key"] is not None:
            # A wrong key beside the word is a slip of the pen, or a way around the key.
            # So is one written in its seven groups, with the zero that no number begins with.
            grouped = m["gap"] == " " and re.search(r" 0\d", m[0]) is not None
            if nir.is_valid(compact) or grouped or (m["gap"] == " " and _near(text, m.start(), _NIR_WORDS)):
                yield Hit("nir", "a social security number (NIR)", m[0], m.start())
        elif m["sex"] in "12" and ((m["gap"] and m["gap"] not in ".-") or _near(text, m.start(), _NIR_WORDS)):
            # Without its key nothing but the grouping or a word beside it proves a NIR.
            yield Hit("nir", "a social security number without its key", m[0], m.start())


def plausible_nir(m: re.Match[str]) -> bool:
    """Whether month, département and commune can be; source: INSEE's structure of the number."""
    month, place = int(m["month"]), m["place"].upper()
    department = place in ("2A", "2B") or 1 <= int(place) <= 99
    return (1 <= month <= 12 or 20 <= month <= 42 or month >= 50) and department and m["order"] != "000"


def _phones(text: str) -> Iterator[Hit]:
    for pattern in (_PHONE, _ABROAD):
        for m in pattern.finditer(text):
            desk = _DESK.search(text, max(0, m.start() - 60), m.start()) and not _MOBILE.match(m[0])
            if not desk and _is_phone(m[0]):
                yield Hit("phone", "a telephone number", m[0], m.start())


def _is_phone(text: str) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, "FR")))
    except phonenumbers.NumberParseException:
        return False


@dataclass(frozen=True, slots=True)
class _Registered:
    """An identifier whose checksum is weak: a word must stand beside it."""

    rule: str
    what: str
    shape: re.Pattern[str]
    word: re.Pattern[str]
    proof: Callable[[str], bool]
    strong: bool


def is_luhn(text: str) -> bool:
    """Luhn's check; 2A and 2B of Corsica count as 19 and 18 would, so they are let through by form."""
    compact = re.sub(r"\W", "", text)
    return not compact.isdigit() or luhn.is_valid(compact)


_REGISTERED = (
    _Registered(
        "professional",
        "a professional's RPPS number",
        _DIGITS_11,
        re.compile(r"\bRPPS\b", re.IGNORECASE),
        is_luhn,
        True,
    ),
    _Registered(
        "professional",
        "a professional's ADELI number",
        _NINE,
        re.compile(r"\bADELI\b", re.IGNORECASE),
        lambda _: True,
        True,
    ),
    _Registered(
        "facility", "a hospital's FINESS number", _NINE, re.compile(r"\bFINESS\b", re.IGNORECASE), is_luhn, False
    ),
    _Registered("company", "a company number", _SIRET, re.compile(r"\bSIRE[NT]\b", re.IGNORECASE), is_luhn, False),
)


def _registered(text: str) -> Iterator[Hit]:
    for kind in _REGISTERED:
        if not kind.word.search(text):
            continue
        for m in kind.shape.finditer(text):
            beside = _near(text, m.start(), kind.word, 12) and kind.rule == "professional"
            if beside or (_near(text, m.start(), kind.word) and kind.proof(m[0])):
                yield Hit(kind.rule, kind.what, m[0], m.start(), kind.strong)
