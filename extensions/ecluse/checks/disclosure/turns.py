"""Few persons told in the short forms of reports: four of the deceased, 3/4, a masked value, once, 3M/41F.

Decides from the words of one sentence. Worked example: "missing for 4 of the deceased", "two-year survival: 3/4", "s
vaut 4" beside what is masked, "heterochromia was noted once", "3M/41F", "quelques patients (quatre)" and "from 3 to 412
patients per centre" each tell of few. "3/4 of the dose", "blood pressure was recorded twice", a ratio of "3:1" and "2
to 4 controls per case" tell of nobody.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Passage
from ecluse.rules.finding import Finding

from .explained import thing_before, thing_follows
from .few import small
from .idioms import idiom, of_each
from .lists import CITING
from .numerals import SMALL
from .people import ILLNESS, PERSON
from .sentences import around, first_of_each, is_row, sentences
from .words import Measure, measure_of

_N = rf"(?P<n>{SMALL})"
_OF_THE = re.compile(
    rf"(?<![\w.,/%-])(?<!% ){_N} (?:(?:of|among) (?:the |our |these )|des |parmi les |d'entre les )"
    r"(?:deceased|dead|bereaved|injured|wounded|sick|ill|infected|(?:un)?exposed|(?:un)?vaccinated"
    r"|hospitali[sz]ed|(?:un)?treated"
    r"|drowned|pregnant|homeless|survivors?|victims|admitted|affected|contaminated|immuni[sz]ed|transplanted|intubated"
    r"|ventilated|(?:non-?)?responders|decedee?s|defunte?s|blessee?s|infectee?s|exposee?s|vaccinee?s|hospitalisee?s"
    r"|traitee?s|noyee?s|contaminee?s|victimes|survivante?s|intubee?s|ventilee?s|greffee?s|operee?s"
    r"|admise?s)\b(?! (?:group|arm|area))"
)
_OUTCOME = (
    r"(?:surviv\w*|survie|mortalit\w*|letalit\w*|fatalit\w*|deces|deaths?|died|alive|respon[ds]\w*|repon\w*"
    r"|relaps\w*|rechut\w*"
    r"|recurren\w*|recidiv\w*|cured?|gueri\w*|remission\w*|positi\w*|carriers?|porteu\w+|penetrance|infected"
    r"|attack rate)"
)
_OF_FEW = re.compile(
    rf"\b{_OUTCOME}[^.;\d/]{{0,40}}?(?:\d{{1,3}}(?:[.,]\d)? ?%[^.;\d/]{{0,40}}?)?[:=(,] ?(?P<a>\d) ?/"
    rf" ?(?P<b>\d{{1,2}})(?![\d.,/]*\d| (?:of|des|de|mm|cm|mg))"
)
_OF_WHOM = re.compile(
    rf"\b{PERSON}\b[^.;\d/]{{0,40}}?\((?P<a>\d)/(?P<b>\d{{1,2}})\)"
    rf"|\b{PERSON}\b[^.;\d%]{{0,30}}\((?P<c>\d{{1,5}}) (?:vs\.?|versus|contre|against) (?P<d>\d{{1,5}})\)"
)
_AVERAGED = re.compile(
    r"\b(?:means?|medians?|mediane|moyen\w*|average|scores?|days?|jours?|years?|ans|months?|mois|rates?|taux)\b"
)
_EVENT = re.compile(
    r"\b(?:one|a single|une? seule?|un|une) (?:[a-z]+ ){0,2}?(?:adverse event|evenement indesirable"
    r"|serious event|complication|sae|adverse reaction)\b"
    r"(?: \([^()]{1,40}\)| of [a-z ]{3,30}?)? (?:was|occurred|is|est|a ete|survenue?)\b(?! defin)"
)
_BEFORE_REASON = re.compile(r"(?<![\w.,])(?P<n>\d{1,6}) \([a-z][a-z -]{2,40}\)(?=,|;|\.| and | et |$)")
_EARLIER = re.compile(
    r"\b(?:previous|earlier|former|interim|precedent\w*|ancien\w*|versions?|releases?|released|published"
    r"|publie\w*|reports?"
    r"|rapports?|bilans?|tables?|tableaux?|updates?)\b"
)
_SIZE = re.compile(
    r"(?<![\d.,/])(?<!version )(?<!tables )(?<!table )(?<!tableau )(?<!report )(?<!figure )(\d{1,3}(?:,\d{3})+|\d{2,6})"
    r"(?![\d.,/]*\d| ?%| (?:euros?|pages?|weeks?|semaines?|variables|rows|columns|sites|centres|hospitals))"
)
_COUNTED = re.compile(
    rf"\b(?:{PERSON}|totals?|cells?|cellules?|counts?|effectifs?|n|numbers?|nombres?|sample|cohorte?)\b"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SUPPORT = re.compile(rf"\bsupport\b[^.;\d]{{0,40}}?(?:is|was|of|est|[:=]) ?{_N}(?= ?(?:[.;,)]|$))")
_SCORED = re.compile(
    r"\b(?:grades?|stages?|stades?|nyha|asa|scores?|scale|echelle|acuity|acuite|dose|step|etape|ratio"
    r"|class\w*|points?)\b"
)
_MASKING = re.compile(
    r"\b(?:mask\w*|suppress\w*|hidden|cachee?s?|masque\w*|notee?s?|shown as|replaced by|remplace\w*|asterisk|secret)\b"
)
_STANDS = re.compile(
    rf"\b(?:vaut|valent|equals?|stands for|represente|correspond a|(?:value|valeur|one|cell|cellule|count"
    rf"|effectif|figure|chiffre)"
    rf"[^.;:]{{0,40}}?(?:is|est|was|etait|[:=])) ?{_N}(?= ?(?:[.;,:)]|$|(?:{PERSON})\b))"
)
_RULE = re.compile(
    r"\b(?:threshold|seuil|minimum|base|multiples?|round\w*|arrondi\w*|fewer|less|below|under|moins"
    r"|inferieur\w*)\b[^.;]{0,20}$"
)
_TIMES = re.compile(
    r"\b(?:noted|observed|seen|found|occurred|happened|born|diagnosed|survenu\w*|observe\w*|note\w*"
    r"|constate\w*|rencontre\w*"
    r"|diagnostique\w*|reported) (?:only |just |exactly )?(?:once|twice|thrice|(?:une|deux"
    r"|trois) (?:seule )?fois|[1-9] (?:times|fois))\b"
    r"(?= ?(?:[.;,)]|$)| (?:in (?:the |our |this )?(?:cohort|sample|study|series|registry|arm|group|region)"
    r"|during|among|chez|dans (?:la|notre)|au cours))"
)
_REPEATED = re.compile(
    r"\b(?:measure\w*|mesure\w*|each|every|chaque|blind\w*|double|readers?|lecteurs?|per|par|visits?|pressure"
    r"|pression|weighed|code\w*)\b"
)
_SEXES = re.compile(
    r"(?<![\w.,])(?P<n>\d{1,6}) ?(?P<s>[fhm]) ?(?:/|,|;|&|\+|and|et|-) ?(?P<m>\d{1,6}) ?(?P<t>[fhm])\b"
    r"|[♂♀] ?[:=]? ?(?P<n2>\d{1,6})\b[^.;\d]{0,6}[♂♀] ?[:=]? ?(?P<m2>\d{1,6})\b"
    r"|\b(?:m ?: ?f|f ?: ?m|h ?: ?f|f ?: ?h|males? ?: ?females?)\)? ?(?:=|:|was|is|of"
    r"|\() ?(?P<n3>\d{1,6}) ?[:/] ?(?P<m3>\d{1,6})(?![.,]?\d)"
)
_SEX_NAMES = frozenset(
    {
        "f",
        "m",
        "h",
        "male",
        "female",
        "males",
        "females",
        "men",
        "women",
        "hommes",
        "femmes",
        "homme",
        "femme",
        "filles",
        "garcons",
        "boys",
        "girls",
    }
)
_ENTRY = re.compile(r"(?:[^:]*: ?)?(?P<name>[a-z][a-z0-9' -]{0,24}?)(?: ?[:=,] ?| )(?P<n>\d{1,6})")
_IN_ALL = re.compile(
    rf"\b{PERSON} ?[,(] ?(?:soit )?{_N} (?:in all|in total|altogether|en tout|au total)\b"
    rf"|\b(?:a few|quelques|several|some|plusieurs|very few"
    rf"|certain\w*) (?:[a-z]+ )?{PERSON} ?[(,] ?(?P<m>{SMALL}) ?[),]"
)
_SOME = (
    "in all",
    "in total",
    "altogether",
    "en tout",
    "au total",
    "few",
    "quelques",
    "several",
    "some",
    "plusieurs",
    "certain",
)
"""One of them stands in every sentence that `_IN_ALL` looks for."""
_SPREAD = re.compile(
    rf"\b(?:between|entre|from|de|ranged?|ranging|varie\w*|allant) (?:from |between |entre "
    rf"|de )?(?P<n>\d{{1,2}}) (?:and|et|to|a|-|–) (?P<m>\d{{1,6}}) (?:[a-z]+ )?(?P<who>{PERSON})\b"
    rf"|\b(?:number|nombre|numbers|size|taille|recruitment|recrutement"
    rf"|inclusions?)\b[^.;\d]{{0,50}}\b(?:ranged?|ranging|varie\w*|varied|allant|allait) (?:from |between "
    rf"|entre |de )?(?P<n2>\d{{1,2}}) (?:and|et|to|a|-|–) (?P<m2>\d{{1,6}})(?![\d.,]*\d| ?%)"
)
_BY_UNIT = re.compile(
    rf"\b(?:{PERSON}|cent(?:er|re)s?|sites?|clusters?|hospitals?|hopita\w+|wards?|services?|etablissements?"
    rf"|communes?|groups?|arms?|cells?)\b"
)
_REASONS = re.compile(
    r"\b(?:exclu\w*|reasons?|motifs?|withdr\w*|missing|manquant\w*|drop-?outs?|lost|perdus|refus\w*|inelig\w*"
    r"|non[- ]inclus\w*|protocol deviations?|abandons?|causes?)\b[^:]{0,50}: "
)
_BRACKETED = re.compile(r"(?<=[a-z)]) \((?:n ?= ?)?(?P<n>\d{1,6})\)(?=,|;|:|\.| and | et |$)")
_MISSING_FOR = re.compile(
    rf"\b(?:na|nan|nas|dm|missing|manquant\w*|valeurs manquantes|donnees manquantes)\b ?[:=] ?{_N} (?:for"
    rf"|pour|in|dans|on|sur|en) "
)
_ILL = re.compile(
    rf"\b(?P<what>{ILLNESS}|hiv|vih|hcv|vhc|hbv|vhb|aids|sida|copd|bpco|stroke|avc|tuberculos[ei]s?|measles"
    rf"|rougeole|tetan(?:us|os))(?: [a-z-]+){{0,2}} ?[:=] ?{_N}(?= ?(?:[;,.)]|$))"
)
_INDEX = re.compile(r"\b(?:charlson|elixhauser|cha2ds2\w*|sofa|saps|weights?|poids|coded?|codes|index|indice)\b")
"""Weights that an index gives to illnesses."""
_NAMED_ILL = re.compile(rf"\b(?:{ILLNESS}|hiv|vih|hcv|vhc|hbv|vhb)\b")
_LONGEST_LIST = 200
"""Letters of a sentence that may be a list and nothing else."""


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage's sentences, the first of each kind in each line."""
    return first_of_each(passage, lambda line: _of_line(line, minimum))


def _of_line(line: str, minimum: int) -> Iterator[tuple[str, str]]:
    masked = _MASKING.search(line) is not None
    for sentence in sentences(line):
        yield from _parts(sentence, minimum)
        yield from _lists(sentence, minimum)
        yield from _by_sex(sentence, minimum)
        yield from _again(sentence, minimum)
        for m in _STANDS.finditer(sentence) if masked else ():
            if small(m["n"], minimum) and not _RULE.search(sentence[: m.start("n")]):
                yield "small-count", f"What was masked is said: '{around(sentence, m.start(), m.end(), 30)}'."


def _parts(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """A few of a group, however the group or the few are called."""
    for m in _OF_THE.finditer(sentence):
        if small(m["n"], minimum) and not idiom(sentence, m.start()):
            yield "small-count", f"A few of a group: '{around(sentence, m.start(), m.end(), 30)}'."
    if not _SCORED.search(sentence):
        yield from _fractions(sentence, minimum)
    yield from _told(sentence, minimum)
    for m in _SPREAD.finditer(sentence):
        least, most = int(m["n"] or m["n2"]), int(m["m"] or m["m2"])
        sized = (m["who"] or _BY_UNIT.search(sentence)) and not thing_follows(sentence[m.end() :])
        if 1 <= least < minimum <= most and sized and not of_each(sentence[: m.start()]):
            yield "small-count", f"The smallest group has {least}: '{around(sentence, m.start(), m.end(), 30)}'."


def _fractions(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """`survival: 3/4`, `patients with Fabry disease (4/8)`, `fewer women than men (7 vs 212)`."""
    for m in _OF_FEW.finditer(sentence) if "/" in sentence else ():
        if 0 <= int(m["a"]) <= int(m["b"]) < minimum and int(m["b"]) > 1:
            yield "small-count", f"{m['a']} of {m['b']}: '{around(sentence, m.start(), m.end(), 20)}'."
    for m in _OF_WHOM.finditer(sentence) if "(" in sentence and not _AVERAGED.search(sentence) else ():
        part, whole = sorted((int(m["a"] or m["c"]), int(m["b"] or m["d"])))
        if 1 < whole < minimum if m["a"] else 1 <= part < minimum <= whole:
            yield "small-count", f"{part} and {whole}: '{around(sentence, m.start(), m.end(), 20)}'."


def _told(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """`one adverse event was`, `a few patients (four)`, `was noted once`."""
    for m in (*_EVENT.finditer(sentence), *_SUPPORT.finditer(sentence)):
        if m.re is _EVENT or small(m["n"], minimum):
            yield "small-count", f"A few: '{around(sentence, m.start(), m.end(), 20)}'."
    for m in _IN_ALL.finditer(sentence) if any(word in sentence for word in _SOME) else ():
        if small(m["n"] or m["m"], minimum):
            yield "small-count", f"A few persons: '{around(sentence, m.start(), m.end(), 20)}'."
    times = _TIMES.search(sentence)
    if times and not _REPEATED.search(sentence) and not thing_before(sentence[: times.start()]):
        yield "small-count", f"What happened to few is told: '{around(sentence, times.start(), times.end(), 40)}'."


def _again(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """One thing counted in an earlier report and in this: `the previous report gave 412 cases; this one has 415`."""
    if not _EARLIER.search(sentence) or len(set(_YEAR.findall(sentence))) > 1 or _AVERAGED.search(sentence):
        return
    numbers = [int(n.replace(",", "")) for n in _SIZE.findall(_YEAR.sub(" ", sentence))]
    if len(numbers) == 2 and 1 <= abs(numbers[0] - numbers[1]) < minimum <= min(numbers) and _COUNTED.search(sentence):
        gap = abs(numbers[0] - numbers[1])
        yield "complement", f"The two numbers of one thing leave {gap} persons: '{sentence[:120]}'."


def _lists(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """Reasons, illnesses and missing values with their numbers."""
    if not any(map(str.isdigit, sentence)) or is_row(sentence):
        return
    for m in _MISSING_FOR.finditer(sentence):
        if small(m["n"], minimum):
            yield "small-count", f"A few are missing: '{around(sentence, m.start(), m.end(), 20)}'."
    head, ill, listed = _REASONS.search(sentence), list(_ILL.finditer(sentence)), _entries(sentence, ";")
    if not (head or ill or listed) or CITING.search(sentence) or _INDEX.search(sentence):
        return
    counts = [int(m["n"]) for p in (_BRACKETED, _BEFORE_REASON) for m in p.finditer(sentence)] if head else []
    if len(counts) > 1 and any(1 <= n < minimum for n in counts):
        yield "small-count", f"A few beside a reason: '{sentence[:100]}'."
    for m in ill:
        if small(m["n"], minimum):
            yield "small-count", f"A few are told: '{around(sentence, m.start(), m.end(), 20)}'."
    if any(_NAMED_ILL.search(name) for name, _ in listed) and _mixed(listed, minimum):
        yield "small-count", f"A few beside a name: '{sentence[:100]}'."


def _by_sex(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """`3M/41F`, `♂ 3, ♀ 41`, `F 412, M 388, unknown 2`."""
    for m in _SEXES.finditer(sentence):
        numbers = [int(m[name]) for name in ("n", "m", "n2", "m2", "n3", "m3") if m[name]]
        few = 1 <= min(numbers) < minimum <= max(numbers) or (not m["n3"] and 1 <= max(numbers) < minimum)
        if few and (m["s"] != m["t"] or not m["s"]):
            yield "small-count", f"A few of one sex: '{around(sentence, m.start(), m.end(), 20)}'."
    listed = _entries(sentence, "[,;/]")
    known = {measure_of(name) for name, _ in listed} <= {Measure.UNKNOWN, Measure.COUNT, Measure.CODE}
    if known and len({name for name, _ in listed} & _SEX_NAMES) > 1 and _mixed(listed, minimum):
        yield "small-count", f"A few of one sex: '{sentence[:80]}'."


def _entries(sentence: str, separator: str) -> list[tuple[str, int]]:
    """Names and numbers of a sentence that holds nothing else, but for a head before a colon."""
    if len(sentence) > _LONGEST_LIST or not sentence.rstrip(".")[-1:].isdecimal():
        return []
    parts = [_ENTRY.fullmatch(part.strip()) for part in re.split(separator, sentence.rstrip("."))]
    found = [(m["name"].strip(), int(m["n"])) for m in parts if m]
    return found if len(found) == len(parts) > 1 else []


def _mixed(listed: list[tuple[str, int]], minimum: int) -> bool:
    """Whether a small number stands beside one that is large enough to count persons."""
    numbers = [n for _, n in listed]
    return any(1 <= n < minimum for n in numbers) and max(numbers) >= minimum
