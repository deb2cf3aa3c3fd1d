"""Persons whom a sentence or a line counts without naming them beside the number, and persons told one by one.

Decides from the words of one line. Worked example: "Among the 1,204 patients, three developed a syndrome" counts three
persons though no noun follows; "95.8 % (23/24)" leaves one; "one in 204" of 1,020 patients are five; the line
"Arm A 412 301 155 41 4" ends with four at risk; "a 97-year-old woman living in Ouessant died" tells of one person.
"""

import itertools
import re
from collections.abc import Iterator

from ecluse.checks.facts import Passage, Source
from ecluse.rules.finding import Finding

from .explained import thing_before, thing_follows
from .numerals import SPELT, spelt
from .people import PERSON
from .sentences import around, finding, lines

_N = rf"(?:\d{{1,2}}|{SPELT})"
_VERB = (
    r"(?:(?:had|have|were|was|did|died|developed|required|needed|experienced|presented|received|underwent|reported"
    r"|withdrew|refused|discontinued|relapsed|recovered|survived|suffered|progressed|dropped|left|stopped|showed"
    r"|declined|tested|remained|completed|emigrated|moved)"
    r"|(?:ont|avaient|etaient|sont|furent|presentaient|presentent|souffraient|recevaient|refusaient))"
)
_ELLIPSIS = re.compile(
    rf"(?:^|[,;:(.] ?|\b(?:and|et|whom|dont|but|mais|while|only|seuls?|seules?|seulement|among them"
    rf"|parmi eux|parmi elles) )(?P<n>{_N}) (?:also |later |subsequently |then |ensuite |deja |already )?{_VERB}\b"
)
_COUNTED = re.compile(rf"(?<![\w.,])(?:\d{{1,3}}(?:[ ,]?\d{{3}})*|{SPELT}) (?P<what>(?:[^\W\d][\w'-]* ?){{1,3}})")
"""What a number stands before: the last of them is what a bare number goes on counting."""
_WITH_SHARE = re.compile(r"(?<![\d.,/<>=≥≤] )(?<![\d.,/-])(?P<n>[1-9]|10) ?\((?:\d{1,2}(?:[.,]\d+)?|0[.,]\d+) ?%\)")
"""`serious events occurred in 4 (0.7 %)`."""
_IN_GROUP = re.compile(
    r"(?<![\d.,/])(?P<n>[1-9]|10) (?:in|dans|among|chez) (?:the |les? |la )?(?:[\w-]+ ){0,2}"
    r"(?:arm|group|bras|groupe|cohorte?|controls|temoins|exposed|unexposed|exposes|placebo)\b"
)
_HAPPENING = re.compile(rf"\b(?:{PERSON}|events?|evenements?|died|relapses?|strokes?|infections?)\b")
_AT_RISK_OF = re.compile(r"\b(?:at risk|a risque)\b[^.;]{0,60}?(?<![\d.,])(?P<n>[1-9]|10) ?\([^()\d%]{1,20}\)")
_AGAINST = r"(?:vs\.?|versus|contre|against|compared (?:with|to))"
_VERSUS = re.compile(
    rf"(?<![\d.,/])(?P<n>[1-9]|10) {_AGAINST} \d{{1,6}} (?:[^\W\d]{{2,14}} )?{PERSON}\b"
    rf"|(?<![\d.,/])\d{{1,6}} {_AGAINST} (?P<m>[1-9]|10) (?:[^\W\d]{{2,14}} )?{PERSON}\b"
)
_OCCURRED = re.compile(
    rf"(?<![\w.,/-])(?P<n>{_N}) (?P<what>(?:[^\W\d][\w'-]* ){{1,4}})(?:(?:has |have |had )?occurred"
    r"|(?:were|was|have been|had been) (?:observed|reported|recorded|notified|diagnosed|confirmed)"
    r"|(?:ont|a) ete (?:observe|rapporte|notifie|declare|diagnostique|signale|recense|constate)\w*"
    r"|(?:sont |est )?(?:survenu|apparu)\w*)"
)
_OBSERVED = re.compile(
    rf"\b(?:we (?:observed|recorded|noted|saw)|there were|nous avons (?:observe|recense|note)|on (?:observe|compte"
    rf"|denombre|recense|note)|il y a eu) (?P<n>{_N}) (?P<what>(?:[^\W\d][\w'-]* ?){{1,4}})"
)
"""Events of a name that no list knows: `two pneumothoraces were reported`."""
_THINGS = re.compile(
    r"\b(?:models?|modeles?|anal\w+|groups?|groupes?|scenarios?|regions?|variables?|stud\w+|etudes?|trials?|essais?"
    r"|features?|folds?|steps?|etapes?|methods?|methodes?|tables?|tableaux|figures?|definitions?|visits?"
    r"|visites?|doses?"
    r"|drugs?|medicaments?|codes?|criteri\w+|criteres?|periods?|periodes?|years?|ans|annees?|months?|mois|weeks?"
    r"|semaines?|days?|jours?|hours?|heures?|minutes?|points?|levels?|niveaux?|categor\w+|class\w*|scores?|items?"
    r"|questions?|databases?|bases?|sources?|countr\w+|pays|cent(?:er|re)s?|hospitals?|hopita\w+|limit\w+|reasons?"
    r"|raisons?|differences?|factors?|facteurs?|clusters?|components?|errors?|erreurs?|warnings?|changes?|changements?"
    r"|versions?|files?|fichiers?|physicians?|medecins?|experts?|reviewers?|relecteurs?|authors?|auteurs?|domains?"
    r"|types?|times?|fois|rows?|columns?|lignes?|colonnes?|missing|patterns?|trends?|phases?|peaks?|pics?|waves?"
    r"|vagues?|main|principa\w+|percent|pour|per|of the)\b"
)
_VERBS = re.compile(
    rf"\b(?:{_VERB}|occurred|observed?|reported|there were|have been|had been|a ete|ont ete|survenu|apparu"
    r"|denombre|compte|recense|note|il y a eu|we (?:recorded|noted|saw))"
)
_IN_WORD = re.compile(r"\d (?:in|dans|among|chez) ")
_AGAINST_WORDS = ("vs", "versus", "contre", "against", "compared")
_SHARE_OF = re.compile(
    r"(?<![\d.,])(?P<p>\d{1,3}(?:[.,]\d+)?) ?% ?[(\[,;]\s?(?P<a>\d{1,7}) ?(?:/|of|out of|sur) ?(?P<b>\d[\d, ]{0,9})"
    r"|(?<![\d.,/])(?P<c>\d{1,7}) ?(?:/|of|out of|sur) ?(?P<d>\d[\d, ]{0,9}?) ?[(\[,;:]\s?(?P<q>\d{1,3}(?:[.,]\d+)?) ?%"
)
_ONE_IN = re.compile(r"\b(?:one|1|une?) (?:in|out of|sur) (?P<m>\d{2,6})(?![\d.,/])")
_GROUP = re.compile(rf"(?<![\d.,])(?P<n>\d{{1,3}}(?:[ ,]?\d{{3}})*) (?:[^\W\d]{{2,14}} ){{0,2}}?{PERSON}\b")
_SOMEBODY = re.compile(
    r"\b(?:femme|homme|patiente?|garcon|fille|enfant|woman|man|girl|boy|patient|male|female) "
    r"(?:agee? )?(?:de|d'|of|aged) ?\d{1,3} (?:ans|mois|jours|years)\b"
    r"(?! (?:et|ou|and|or) (?:plus|moins|more|over|under))"
    r"|\b\d{1,3}[- ](?:year|month|day)s?[- ]old (?:[^\W\d]{3,14} ){0,2}?(?:woman|man|girl|boy|patient|male|female|child"
    r"|infant)\b"
)
_HAPPENED = re.compile(
    r"\b(?:decedee?|died|admitted|admise?|hospitalisee?|residant|residing|living|lives|vit|vivant|vivait|lived"
    r"|presented|transferee?|transferred|discharged|sortie?|operee?|traitee?|treated|hospitali[sz]ed|developed)\b"
)
_IMAGINED = re.compile(
    r"predict|predit|risk (?:of|for|is)|risque|reference|example|exemple|estimated|estime|typical|hypothet|profil"
    r"|model|scenario|fictif|fictitious|vignette"
)
_MEASURED = re.compile(
    r"\b(?:ages?|durees?|delais?|sejours?|jours|days|stays?|los|couts?|costs?|euros|poids|weights?|bmi|imc|creatinine"
    r"|values?|valeurs|times?|doses?)\b"
)
_LIST = re.compile(r"(?P<label>[^:=\n]{3,80})[:=] ?\[?(?P<list>\d[\d.]*(?:[,;] ?\d[\d.]*){6,})")
_AT_RISK = re.compile(r"^(?P<label>[^\d\n]{2,40}?)(?P<n>(?:[ :]+\d{1,6}){4,})$")
_MIXED_LABEL = re.compile(r"^(?:months?|mois|years?|annees?|ans|days?|jours?|weeks?|time|temps)\b")
_LEFT = re.compile(
    r"^(?:\S+ )?(?:n(?:umber)? of |nombre de )?"
    r"(?P<what>rows|lignes|stays|sejours|patients|records|subjects|sujets|persons|personnes|n)\b"
    r"[^:=\d]{0,50}[:=] ?(?P<n>\d{1,3}(?:[ ,]\d{3})+|\d{2,9})$"
)
_AFTER_STEP = re.compile(
    r"^(?:\S+ ){0,2}?(?P<what>after|apres|without|sans) [^:=\d]{0,50}[:=] ?(?P<n>\d{1,3}(?:[ ,]\d{3})+|\d{3,9})$"
)
_MANY = 100
_STEPPED = re.compile(r"after|apres|drop|remov|filter|exclu|without|sans|remain|rest|dedup|left|kept|garde")
_QUOTED = re.compile(r"[«\"“](?P<said>[^«»\"“”\n]{60,600})[»\"”]")
_MYSELF = re.compile(
    r"\b(?:j'(?:ai|etais|avais)|je (?:suis|me suis|n'ai)|m'(?:a|ont)|mon|ma|mes|i (?:was|had|went|am|felt|could)|my"
    r"|me)\b"
)
_WHO = re.compile(
    r"\b(?:one|a single|another) (?:[a-z-]+ ){0,2}?[a-z-]+, (?:who|whose|aged|herself|himself)\b"
    r"|\bune? (?:autre )?[a-z-]+, (?:agee?|elle-meme|lui-meme|qui (?:a|avait|est|etait|vit|vivait|travaill\w+))\b"
)
"""`one midwife, who had worked`: a person, whatever her trade."""
FEWEST_LISTED = 8
_REGULAR = 3
"""Different steps that the ticks of an axis or a schedule may have."""


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage's lines, the first of each kind."""
    if passage.source not in (Source.PROSE, Source.OUTPUT, Source.PICTURE):
        return
    told: set[tuple[str, str]] = set()
    before: tuple[str, int] = ("", 0)
    for text in lines(passage):
        step = _step(text)
        same = step[0] == before[0] != "" or (before[0] != "" and step[1] >= _MANY)
        lost = before[1] - step[1] if same and _STEPPED.search(text) else 0
        fewer = [("complement", f"The step before had {lost} more: '{text[:80]}'.")] if 1 <= lost < minimum else []
        before = step
        for rule, message in (*_counted(text, minimum), *_listed(text, minimum), *_verbatim(text), *fewer):
            if (rule, message[:12]) not in told:
                told.add((rule, message[:12]))
                yield finding(passage, rule, message)


def _verbatim(text: str) -> Iterator[tuple[str, str]]:
    """What one person said of themselves, word by word, and who is told of by a relative clause."""
    who = _WHO.search(text)
    if who:
        yield "person-in-text", f"One person is described: '{around(text, who.start(), who.end(), 40)}'."
    for m in _QUOTED.finditer(text):
        if len(_MYSELF.findall(m["said"])) > 1:
            yield "person-in-text", f"The words of one person are quoted: '{m['said'][:80]}'."


def _step(text: str) -> tuple[str, int]:
    """What a line that ends with its number says is left, by the first word of it: `rows after dropping …: 4117`."""
    found = _LEFT.match(text) or _AFTER_STEP.match(text)
    return (found["what"], int(re.sub(r"\D", "", found["n"]))) if found else ("", 0)


def _counted(text: str, minimum: int) -> Iterator[tuple[str, str]]:
    for sentence in re.split(r"(?<=[^\d\s][.!?]) ", text):
        for m in _bare(sentence):
            told = next(filter(None, m.groups()))
            number = int(told) if told.isdecimal() else spelt(told)
            if number is not None and 1 <= number < minimum:
                yield "small-count", f"A few persons are counted: '{around(sentence, m.start(), m.end())}'."
    yield from _one_in(text, minimum)
    for m in _SHARE_OF.finditer(text) if "%" in text else ():
        if thing_follows(text[m.end() :].lstrip(" )]")) or thing_before(text[max(m.start() - 14, 0) : m.start()]):
            continue
        yield from _share_of(text, m, minimum)
    somebody = _SOMEBODY.search(text) if _HAPPENED.search(text) else None
    if somebody and not _IMAGINED.search(text):
        yield "person-in-text", f"The course of one person is told: '{around(text, somebody.start(), somebody.end())}'."


_NAMES = re.compile(
    r"\b(?:grades?|stages?|stades?|class(?:e|es)?|types?|phases?|levels?|niveaux?|categor(?:y|ies)) "
    r"(?:\d ?(?:,|or|and|to|ou|et|a|-|–) ?){0,3}$"
)
"""`grade 3 or 4 toxicity` numbers a grade, and counts nobody."""


def _bare(sentence: str) -> Iterator[re.Match[str]]:
    """Numbers that count persons though no noun follows."""
    if "%" in sentence:
        yield from _WITH_SHARE.finditer(sentence)
    if "risk" in sentence or "risque" in sentence:
        yield from _AT_RISK_OF.finditer(sentence)
    if any(word in sentence for word in _AGAINST_WORDS):
        yield from _VERSUS.finditer(sentence)
    if _VERBS.search(sentence):
        yield from (m for m in _ELLIPSIS.finditer(sentence) if _of_persons(sentence[: m.start()]))
        for pattern in (_OCCURRED, _OBSERVED):
            found = (m for m in pattern.finditer(sentence) if not _THINGS.search(m["what"]))
            yield from (m for m in found if not _NAMES.search(sentence[max(m.start() - 40, 0) : m.start()]))
    if _IN_WORD.search(sentence) and _HAPPENING.search(sentence):
        yield from _IN_GROUP.finditer(sentence)


def _one_in(text: str, minimum: int) -> Iterator[tuple[str, str]]:
    """One in 204, where the size of the group stands in the same line."""
    found = list(_ONE_IN.finditer(text))
    groups = [int(re.sub(r"\D", "", m["n"])) for m in _GROUP.finditer(text)] if found else []
    for m in found:
        for size in groups:
            if 1 <= size / int(m["m"]) < minimum <= size:
                yield (
                    "small-count",
                    f"That is {size / int(m['m']):.0f} persons of {size}: '{around(text, m.start(), m.end())}'.",
                )


def _share_of(text: str, m: re.Match[str], minimum: int) -> Iterator[tuple[str, str]]:
    """A percentage and the fraction that gives it, which must agree: otherwise they speak of different things."""
    share, part, whole = (m["p"], m["a"], m["b"]) if m["p"] else (m["q"], m["c"], m["d"])
    decimals = len(re.sub(r"^\d+[.,]?", "", share))
    few, of = int(part), int(re.sub(r"\D", "", whole))
    if of < minimum or few > of or abs(100 * few / of - float(share.replace(",", "."))) > 0.6 * 10.0**-decimals:
        return
    if 1 <= few < minimum:
        yield "small-count", f"{few} of {of} persons: '{around(text, m.start(), m.end())}'."
    elif 1 <= of - few < minimum:
        yield "complement", f"{few} of {of} leave {of - few} persons: '{around(text, m.start(), m.end())}'."


def _of_persons(before: str) -> bool:
    """Whether what was counted last was persons: `Three models were fitted; two were retained` counts models."""
    last = list(_COUNTED.finditer(before))
    if last:
        return re.search(rf"\b{PERSON}\b", last[-1]["what"]) is not None
    return re.search(rf"\b{PERSON}\b", before) is not None


def _listed(text: str, minimum: int) -> Iterator[tuple[str, str]]:
    m = _LIST.search(text) if ":" in text or "=" in text else None
    if m and _MEASURED.search(m["label"]):
        numbers = [float(n.strip(".")) for n in re.split(r"[,;] ?", m["list"]) if re.fullmatch(r"\d+(?:\.\d+)?\.?", n)]
        steps = {round(b - a, 6) for a, b in itertools.pairwise(numbers)}
        if len(numbers) >= FEWEST_LISTED and len(steps) > _REGULAR:
            yield "person-in-text", f"{len(numbers)} values are listed one by one: '{m['label'].strip()}'."
    m = _AT_RISK.match(text)
    if m and not _MIXED_LABEL.match(m["label"].strip()):
        counts = [int(n) for n in re.findall(r"\d+", m["n"])]
        falls = {a - b for a, b in itertools.pairwise(counts)}
        if counts[0] >= minimum and 1 <= counts[-1] < minimum and min(falls) >= 0 and len(falls) > 1:
            yield "small-count", f"The last of the numbers at risk is {counts[-1]}: '{text[:80]}'."
