"""Names of persons, by a small lexicon and what stands beside them.

Decides when capitalised words are somebody's name. Worked example: `Mme Lefebvre` and `DUPONT Marie` are;
`hôpital Claude Bernard`, `Kaplan Meier` and `Martin et al.` are not.
"""

import re
import unicodedata
from collections.abc import Iterator

from .hit import Hit
from .lexicon import FIRST, LAST

_DIGIT = re.compile(r"\d")
_CAPITAL = "[A-ZÉÈÊËÀÂÎÏÔÖÛÜÇ]"
_WORD = rf"{_CAPITAL}[\w'’-]*\w"
_TWO_CAPITALS = re.compile(rf"{_CAPITAL}[^A-ZÉÈÊËÀÂÎÏÔÖÛÜÇ]*+{_CAPITAL}")
_TITLED = re.compile(
    rf"\b(?:M\.|Mr\.?|Mme|Mlle|Monsieur|Madame|Mademoiselle|Mrs\.?|Ms\.?)[  ](?P<name>{_WORD}(?:[  ]{_WORD})?)"
)
_SURELY = re.compile(
    rf"(?:Mme|Mlle|Madame|Mademoiselle|Mrs|Ms|Mr)\.?[  ](?!(?:Le |La )?(?:Directrice|Directeur|Pr[ée]sident|Professeur"
    rf"|Docteur|Ministre|Maire|Pr[ée]fet|Juge|Secr[ée]taire|Rapporteur))"
    rf"(?:{_WORD}[  ]{_WORD}|{_WORD}(?:,? (?:aged? |[âa]g[ée]e? de )?\d{{1,3}}\b|[,\s]+(?:n[ée]e?\b|born\b|est |a |was "
    rf"|had |died|who |qui |dont )))"
    rf"|M\.[  ]{_WORD}[  ](?:a |avait |est |n'a |qui |dont )"
)
"""Whoever has a title with two names, or with an age, or does something, is a person, whatever the surname."""
_INITIALED = re.compile(
    rf"\b(?P<name>{_WORD} [A-Z]\.)(?=,? (?:n[ée]e? |born |[âa]g[ée]e? |aged |\d{{1,3}} (?:ans|years)))"
)
_LOWER = re.compile(r"\b(?:mme|mlle|monsieur|madame|mademoiselle|mrs) (?P<name>[^\W\d_]{3,})")
"""Text in lower case, as counts of terms have it."""
_NO_NAME = re.compile(
    r"\b(?:saint|sainte|st|ste|hopital|hospital|chu|clinique|rue|place|lycee|centre|institut|foundation)\b"
)
_INITIALS = re.compile(
    r"\b(?:initiales|initials|patients?|sujets|subjects)\b[^.\n]{0,40}?[: ]"
    r"(?P<all>[A-Z]\.(?:-?[A-Z]\.){1,3}(?:(?:, | et | and )[A-Z]\.(?:-?[A-Z]\.){1,3}){1,20})"
)
"""Two or more persons by their initials."""
_TITLE = re.compile(r"^(?:dr|pr|prof|docteur|m|mr|mme|mlle|mrs|ms)\.?\s+", re.IGNORECASE)
_PARTICLE = r"(?:(?:L[eE]|L[aA]|D[eE]|D[uU]|Van|VAN|Von|VON|E[lL]|Ben|BEN|D[aA]|D[iI])[ -])?"
_WITH_TITLE = re.compile(
    rf"(?:Dr|DR|Pr|Prof|Docteur|Professeur|Doctor|Professor|M|Mr|Mme|Mlle|Mrs|Ms|Monsieur|Madame)\.? "
    rf"(?:[A-Z]\.?[ -]?){{0,3}}{_PARTICLE}{_WORD}(?: {_WORD})?"
)
_PAIR = re.compile(
    rf"(?<![\w.’-])(?<![^\W\d]')(?P<one>{_PARTICLE}{_WORD})(?=[  ,]{{1,2}}(?P<two>{_PARTICLE}{_WORD})(?!\w|['’]\w))"
)
_THANKED = re.compile(
    r"\b(?:thank\w*|grateful|acknowledg\w*|remerci\w*)\b.{0,200}\b(?:Dr|Prof|Pr|Professor|Professeur|Docteur|Doctor)"
    r"\.? ?$",
    re.DOTALL,
)
"""Colleagues, whom a paper thanks by their titles."""
_OUR_PATIENT = re.compile(
    rf"\b(?:our|notre|the|la|le|une?|l'un de nos|her|his) (?:patiente?|malade|participante?|proband)[ \xa0]"
    rf"(?P<name>{_WORD}[ \xa0]{_PARTICLE}{_WORD})\b(?<!Questionnaire)(?<!Assessment)(?<!Index)(?<!Scale)(?<!Score)"
    r"(?<!Outcomes)(?<!Outcome)(?<!Measure)(?<!Survey)(?<!Form)(?<!Group)(?<!Registry)(?<!Portal)(?<!Committee)"
)
_PLACE = re.compile(
    r"(?:h[ôo]pital|h[ôo]pitaux|chu|chr|chru|ch|clinique|institut|centre|universit[ée]|facult[ée]|rue|avenue"
    r"|boulevard|place"
    r"|lyc[ée]e|fondation|prix|loi|score|test|indice|index|m[ée]thode|maladie|syndrome|site|station|saint|sainte"
    r"|copyright"
    r"|©|author|authors|auteurs?|par|by|et al\.?|license|licence)[\s:-]*(?:(?:de|d'|du|of|the|l')[\s]*)?$",
    re.IGNORECASE,
)
_THEN_DAY = re.compile(
    r"[ \xa0,;:(|-]{0,3}(?:[^\W\d]{1,10}[ \xa0]){0,3}"
    r"(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d"
    r"|(?:19|20)\d\d-\d\d-\d\d)(?!\d)"
)
"""A day right behind a name: whose it is needs no other word."""
_CALLED = re.compile(
    r"\b(?:patiente?|malade|subject|sujet|participante?|proband|b[ée]n[ée]ficiaire|assur[ée]e?|victime?)"
    r"[ \xa0]?[:,]?[ \xa0]?$",
    re.IGNORECASE,
)
"""Who stands right behind is called by the name, whatever the surname."""
_TOOK_PART = re.compile(
    r"[,\s(]{1,3}(?:(?:who|qui|whose|dont)\b[^.;\n]{0,30}\b(?:took part|participa\w*"
    r"|(?:was|were|had|is|a|avait) (?:been )?(?:treated|included|enrolled|diagnosed|admitted|operated|inclu\w*|trait\w+"
    r"|op[ée]r\w+|hospitalis\w+|suivie?|particip\w+|t[ée]moign\w+|accept\w+)|suffer\w*|donated|died|son|daughter|fils|fille)"
    r"|(?:an? |une? |our |notre |la |le |the )?(?:first |former |premi[eè]re? |ancien(?:ne)? )?"
    r"(?:patiente?s?|malades?|participante?s?)\b)",
    re.IGNORECASE,
)
"""What only somebody of the study does."""
_PATIENT = re.compile(
    r"patient|n[ée]e?\(?e?\)? le|nom|name|malade|monsieur|madame|subject|sujet|case|cas|ddn", re.IGNORECASE
)


def _flat(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in flat if not unicodedata.combining(c))


def is_name(text: str) -> bool:
    """Whether a whole cell is a name: `DUPONT`, `Marie`, `Dupont Marie`, `Jean-Pierre MARTIN`."""
    if _DIGIT.search(text):
        return False
    words = [w for w in re.split(r"[\s,'’-]+", _flat(_TITLE.sub("", text.strip()))) if w]
    return 0 < len(words) <= 4 and all(w in FIRST or w in LAST for w in words)


def may_be_name(text: str) -> bool:
    """Whether a cell may be a name whose surname the lexicon lacks: `Kervella Anne`. A column of them proves it."""
    words = text.strip().split()
    if len(words) not in (2, 3) or not all(re.fullmatch(_WORD, w) for w in words):
        return False
    flat = [_flat(w).split("-")[0] for w in words]
    return any(w in FIRST for w in flat) and not _NO_NAME.search(" ".join(flat))


def is_titled(text: str) -> bool:
    """Whether a whole cell is a title and a name, whatever the name: `Dr Abiven`, `Mme L. Tonnerre`."""
    return _WITH_TITLE.fullmatch(text.strip()) is not None


def are_initials(text: str) -> bool:
    """Whether a whole cell is somebody's initials: `M.L.`, `J.-P. D.`."""
    return re.fullmatch(r"(?:[A-Z]\.[ -]?){2,4}", text) is not None


def _makes_name(first: str, last: str, dated: bool) -> bool:
    """Whether two words are a first name and a surname. A surname in capitals is long; shorter runs are acronyms."""
    capitals = last.isupper() and len(last) > 5  # CHU, HAS, INSEE
    return _flat(first).split("-")[0] in FIRST and (dated or capitals or re.sub(r"[ '’-]", "", _flat(last)) in LAST)


def _is_filed(found: re.Match[str], before: str) -> bool:
    """Whether a name stands as files have it, `DUPONT Marie`: who signs puts the first name first."""
    filed = found["one"].isupper() and len(found["one"]) > 3 and not found["two"].isupper()
    return filed and not re.search(
        r"\b(?:auteure?s?|authors?|by|par|soutenue?|pr[ée]sent[ée]e?)\b", before, re.IGNORECASE
    )


def _beside_words(text: str) -> Iterator[Hit]:
    """Surnames in lower case behind a title, and initials behind a word for patients."""
    for found in _LOWER.finditer(text):
        if found["name"] in LAST:
            yield Hit("name", "a person's name", found["name"], found.start("name"), strong=False)
    for found in _INITIALED.finditer(text):
        if _flat(found["name"].split()[0]).split("-")[0] in FIRST:
            yield Hit("name", "a person's name", found["name"], found.start("name"), strong=False)
    for found in _INITIALS.finditer(text):
        yield Hit("name", "initials of persons", found["all"], found.start("all"), strong=False)


def names_in(text: str, *, prose: bool, named: bool = False, file: bool = False) -> Iterator[Hit]:
    """Names in running text. In prose and code, where authors sign, only names beside a word for a patient count.

    `named`: the text is what a sheet or a group is called; nobody signs there. `file`: it is a file's name, in which
    people sign as they please.
    """
    text = text.replace("_", " ")
    yield from _beside_words(text)
    if not _TWO_CAPITALS.search(text):
        return
    for found in _TITLED.finditer(text):
        words = [_flat(w) for w in re.split(r"[\s-]+", re.sub(r"['’]s?\b", "", found["name"]))]
        if any(w in LAST or w in FIRST for w in words) or _SURELY.match(text, found.start()):
            yield Hit("name", "a person's name", found["name"], found.start("name"), strong=False)
    for found in _OUR_PATIENT.finditer(text):
        yield Hit("name", "a person's name", found["name"], found.start("name"), strong=False)
    for found in _PAIR.finditer(text):
        before = text[max(0, found.start() - 40) : found.start()]
        dated = _THEN_DAY.match(text, found.end("two")) is not None or _CALLED.search(before) is not None
        if not (_makes_name(found["one"], found["two"], dated) or _makes_name(found["two"], found["one"], dated)):
            continue
        if _THANKED.search(text, max(0, found.start() - 240), found.start()) and not _TOOK_PART.match(
            text, found.end("two")
        ):
            continue
        if _PLACE.search(before.rstrip()) or text[found.end("two") : found.end("two") + 8].strip().startswith("et al"):
            continue
        alone = found.start() == 0 and found.end("two") == len(text)
        told = (
            _PATIENT.search(before)
            or _TOOK_PART.match(text, found.end("two"))
            or (not file and _is_filed(found, before))
        )
        if prose and not (dated or told or (named and alone)):
            continue
        yield Hit("name", "a person's name", text[found.start() : found.end("two")], found.start(), strong=False)
