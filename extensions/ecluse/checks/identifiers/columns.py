"""Identifiers that only a whole column proves.

Decides by rate: one run of eleven digits that passes Luhn is chance, eight of eight are RPPS numbers. Worked example:
a column headed `matricule` with 30 runs of 13 digits, each with a real month and département, is one of NIRs.
"""

import re
from collections.abc import Callable, Iterator

from ecluse.checks.facts import Facts, Table, Text, Value
from ecluse.rules.finding import Finding, Severity

from .names import are_initials, is_name, is_titled, may_be_name
from .patterns import NIR, is_luhn, plausible_nir

LEAST = 3
RATE = 0.8
SHORTEST = 9
"""Digits of the shortest number that names somebody."""
_HEX = re.compile(r"^(?=.*\d)(?=.*[a-fA-F])[0-9a-fA-F]{10,64}$")
_BASE32 = re.compile(r"^(?=.*[2-7])(?:(?=.*[A-Z])[A-Z2-7]{12,52}|(?=.*[a-z])[a-z2-7]{16,52})=*$")
_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", re.IGNORECASE)
_DIGEST = re.compile(r"sha|commit|digest|md5|hash|checksum|image|revision|version", re.IGNORECASE)
_DAY = re.compile(r"^(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))(?:[ T]00:00.*)?$")
_LIFE = re.compile(
    r"naiss|birth|\bdob\b|\bddn\b|d[ée]c[èe]s|death|\bdcd\b|exe_soi|entr[ée]e|sortie|admission|discharge|hospitalis"
    r"|date_?(?:chir|op|diag|soin|acte|consult|inclusion)|diagnos|surgery|_dt[edf]$",
    re.IGNORECASE,
)
_WHEN = re.compile(r"(?:date|day|jour|when|le)\b", re.IGNORECASE)
_BEFELL = re.compile(
    r"\b(?:death|d[ée]c[èe]s|case|cas|patiente?|suicide|birth|naissance|subject|sujet|relapse|rechute|admission)\b",
    re.IGNORECASE,
)
_OF_STUDY = re.compile(r"inclu|enrol|recruit|recrut|randomi|visit|freeze|gel", re.IGNORECASE)
_COORDINATE = re.compile(r"^(?:lat|lon|lng|long|latitude|longitude|coord\w*|gps\w*|geom\w*)(?:$|[_ .(])", re.IGNORECASE)
_FINE = re.compile(r"-?\d{1,3}[.,]\d{3,}")
_NAMED = re.compile(
    r"(?:nom|pr[ée]nom|nom_?(?:de_?)?(?:famille|naissance|patient)|name|(?:first|last|family|given|sur|patient)_?name)s?",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"(?:pr[ée]noms?|first_?names?|given_?names?|forenames?|last_?names?|sur_?names?|family_?names?"
    r"|nom_(?:de_)?(?:famille|naissance|jeune_fille|usage))(?:_(?:patiente?|malade|assur[ée]e?))?",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"initiales?|initials?|(?:patient|subject|sujet)_?init(?:ial)?(?:e?s)?", re.IGNORECASE)
_LETTERS = re.compile(r"(?:[A-Z]\.?[ -]?){2,4}")
_CAPITAL = re.compile(r"[A-ZÀ-Ý][\wÀ-ÿ'’. -]{1,40}")
_BORN = re.compile(r"naiss|birth|\bdob\b|\bddn\b|d[ée]c[èe]s|death", re.IGNORECASE)
_FINE_DECIMALS = 4
_SOUTH, _NORTH, _WEST, _EAST = 41.0, 51.5, -5.5, 10.0
"""Degrees between which metropolitan France lies."""
_PHONE = re.compile(r"^0?[67]\d{8}$")


def _is_nir(text: str) -> bool:
    found = NIR.fullmatch(text)
    return bool(found and plausible_nir(found))


def _is_rpps(text: str) -> bool:
    return bool(re.fullmatch(r"[18]0?\d{9,10}", text)) and len(text) == 11 and is_luhn(text)


def _is_pseudonym(text: str) -> bool:
    return bool(_HEX.match(text) or _BASE32.match(text) or _UUID.match(text))


_KINDS: tuple[tuple[str, str, Callable[[str], bool], int, Severity], ...] = (
    ("nir", "social security numbers (NIR)", _is_nir, 3, Severity.REFUSE),
    ("professional", "RPPS numbers of professionals", _is_rpps, 5, Severity.REFUSE),
    ("pseudonym", "pseudonyms of persons", _is_pseudonym, 3, Severity.REFUSE),
    ("name", "names of persons", is_name, 3, Severity.REFUSE),
    ("name", "what may be names of persons", may_be_name, 3, Severity.REVIEW),
    ("name", "names of persons with their titles", is_titled, 2, Severity.REFUSE),
    ("name", "initials of persons", are_initials, 3, Severity.REFUSE),
)


def find(facts: Facts) -> Iterator[Finding]:
    """One finding per column that holds identifiers."""
    for table in facts.tables:
        yield from _places(table)
        for number in range(len(table.columns)):
            if _own_names(table, number):
                yield _finding(table, number, "name", "holds persons' names or initials", Severity.REFUSE)
            else:
                yield from _of_column(table, number)


def _of_column(table: Table, number: int) -> Iterator[Finding]:
    heading = table.columns[number]
    cells = table.column(number)
    texts = [c.text.strip() for c in cells if not (isinstance(c, Text) and c.blank)]
    distinct = set(texts)
    if len(distinct) < 2:  # a rate needs more than one
        yield from _of_one(table, number, distinct)
        return
    # Short numbers are none of these, and most columns hold them.
    told = max(map(len, distinct)) >= SHORTEST or any(type(c) is not Value for c in cells)
    for rule, what, test, least, severity in _KINDS if told else ():
        digest = rule == "pseudonym" and _DIGEST.search(heading)
        if len(distinct) >= least and not digest and _mostly(test, distinct):
            yield _finding(table, number, rule, f"holds {len(distinct)} {what}", severity)
            return
    if re.search(r"finess", heading, re.IGNORECASE) and any(re.fullmatch(r"\d{9}|2[AB]\d{7}", t) for t in distinct):
        yield _finding(table, number, "facility", "holds FINESS numbers of hospitals", Severity.REVIEW)
    elif re.search(r"\b(?:rpps|adeli)|pfs_\w*num|prescri\w*_id", heading, re.IGNORECASE):
        yield _finding(table, number, "professional", "holds numbers of professionals", Severity.REFUSE)
    elif re.search(r"t[ée]l[ée]?ph|\btel\b|phone|mobile", heading, re.IGNORECASE) and any(map(_PHONE.match, distinct)):
        yield _finding(table, number, "phone", "holds telephone numbers", Severity.REFUSE)
    elif _COORDINATE.search(heading) and sum(bool(_FINE.fullmatch(t)) for t in distinct) >= RATE * len(distinct):
        yield _finding(table, number, "address", "holds places to within some hundred metres", Severity.REFUSE)
    elif _LIFE.search(heading) and sum(bool(_DAY.match(t)) for t in distinct) >= RATE * len(distinct):
        yield _finding(table, number, "exact-date", "holds exact dates of persons' lives or care", Severity.REFUSE)
    elif _WHEN.match(heading.strip()) and _mostly(_is_day, distinct) and _of_persons(table, number):
        yield _finding(table, number, "exact-date", "holds the exact days of what befell persons", Severity.REVIEW)


def _own_names(table: Table, number: int) -> bool:
    """Whether a heading calls a column one of names of persons, and its cells look like some."""
    heading = table.columns[number].strip().replace(" ", "_")
    initials = _INITIALS.fullmatch(heading)
    named = _GIVEN.fullmatch(heading) or (
        _NAMED.fullmatch(heading) and any(_GIVEN.fullmatch(other.strip().replace(" ", "_")) for other in table.columns)
    )
    if not (initials or named):
        return False
    texts = {c.text.strip() for c in table.column(number) if not (isinstance(c, Text) and c.blank)}
    shape = _LETTERS if initials else _CAPITAL
    return bool(texts) and _mostly(lambda text: shape.fullmatch(text) is not None, texts)


def _of_one(table: Table, number: int, texts: set[str]) -> Iterator[Finding]:
    """The only value of a column that its heading calls a person's name or day of birth."""
    heading = table.columns[number].strip().replace(" ", "_")
    if _NAMED.fullmatch(heading) and any(is_name(t) or may_be_name(t) for t in texts):
        yield _finding(table, number, "name", "holds a person's name", Severity.REFUSE)
    elif _BORN.search(heading) and any(map(_is_day, texts)):
        yield _finding(table, number, "exact-date", "holds a person's day of birth or death", Severity.REFUSE)


def _places(table: Table) -> Iterator[Finding]:
    """Two columns of points of metropolitan France, whatever they are called, to within some metres."""
    columns = range(len(table.columns) if len(table.cells) >= LEAST else 0)
    north = [n for n in columns if _all_fine(table, n, _SOUTH, _NORTH)]
    east = [n for n in columns if _all_fine(table, n, _WEST, _EAST)]
    if north and east and not _COORDINATE.search(table.columns[north[0]]):
        yield _finding(table, north[0], "address", "holds places to within some metres", Severity.REVIEW)


def _all_fine(table: Table, number: int, low: float, high: float) -> bool:
    """Whether a column holds nothing but numbers between two, each with many decimals."""
    cells = (row[number] for row in table.cells)
    return all(isinstance(c, Value) and c.decimals >= _FINE_DECIMALS and low < c.number < high for c in cells)


def _is_day(text: str) -> bool:
    return _DAY.match(text) is not None


def _of_persons(table: Table, number: int) -> bool:
    """Whether most rows name what befalls one person: `first death`, `patient A`. A study's own days are none."""
    said = [" ".join(c.text for n, c in enumerate(row) if n != number and isinstance(c, Text)) for row in table.cells]
    return sum(_BEFELL.search(text) is not None and not _OF_STUDY.search(text) for text in said) * 2 > len(said)


def _mostly(test: Callable[[str], bool], texts: set[str]) -> bool:
    """Whether a test holds for at least `RATE` of the texts; given up as soon as too many have failed it."""
    left = len(texts) - RATE * len(texts)
    for text in texts:
        left -= not test(text)
        if left < 0:
            return False
    return True


def _finding(table: Table, number: int, rule: str, what: str, severity: Severity) -> Finding:
    heading = table.columns[number] or f"column {number + 1}"
    return Finding(
        rule=rule,
        severity=severity,
        where=", ".join(filter(None, [table.where, f"column {heading[:80]!r}"]))[:300],
        message=f"The column {heading[:200]!r} {what}.",
        fix="Leave the column out.",
        place=table.place_of(0, number),
    )
