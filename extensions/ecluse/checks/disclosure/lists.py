"""Counts by group that are written without a table: a dictionary, or lines of a name and a number.

Decides whether such a list counts persons. Worked example: `{'Nord': 120, 'Corse': 4}` and the lines "Nord 120",
"Sud 95", "Corse 6" read like counts by region; `{'max_depth': 3, 'n_folds': 10}` are settings, and epochs are numbered.
"""

import itertools
import re
from collections.abc import Iterator, Sequence

from ecluse.checks.facts import Passage
from ecluse.rules.finding import Finding, Severity

from .explained import Counted, Quantity
from .people import CLINICAL
from .sentences import around
from .settings import are_tuned
from .words import Measure, measure_of, plain

_NAME = r"['\"]?[^'\":,{}\n]{1,40}['\"]?"
_ENTRY = re.compile(r"['\"]?([^'\":,{}\n]{1,40})['\"]?\s*:\s*(\d{1,9})\s*(?=[,}])")
_DICTIONARY = re.compile(rf"\{{\s*(?:{_NAME}\s*:\s*\d{{1,9}}\s*,\s*){{1,200}}{_NAME}\s*:\s*\d{{1,9}}\s*\}}")
_TUPLE = re.compile(r"[(\[]\s*['\"]([^'\"\n]{1,40})['\"]\s*,\s*(?:np\.int\d\d\()?(\d{1,9})\)?\s*[)\]]")
"""`('Brest', 212)` in a list."""
_LINE = re.compile(
    r"^[ \t]*(?:(?:[-*+•–>]|\d{1,2}[.)]|\\item(?:\[[^\]]{0,20}\])?)[ \t]+)?"
    r"([^\W\d][^\d\n:=|]{0,39}?)[ \t]*(?:[:=–—\t]|-+>|→|\.{3,}| )[ \t]*(\d{1,9})[ \t]*$"
)
_WORDS, _NUMBER = re.compile(r"[ \t]*([^\W\d][^\d\n]{1,39}?)[ \t]*"), re.compile(r"[ \t]*(\d{1,9})[ \t]*")
"""A name and its number on two lines, as a list of definitions is shown."""
_PART = re.compile(
    r"(?:figures?|tables?|tableaux?|annexes?|appendi\w+|scripts?|auteurs?|authors?|references?|pages?"
    r"|versions?|chapitres?"
    r"|chapters?|sections?|notebooks?|fichiers?|files?|commits?|mots|words|visites?|visits?)"
)
"""Parts of a work, of which a list says how many there are."""
_SLASHED = re.compile(
    r"\((?P<names>[a-z][a-z' -]{1,30}(?: ?/ ?[a-z][a-z' -]{1,30}){2,12})\) ?[:=]? ?(?P<list>\d{1,6}(?: ?/"
    r" ?\d{1,6}){2,12})(?![\d.,/])"
)
_TESTED = re.compile(
    r"\b(?:prop|binom|fisher|chisq|mcnemar|poisson|mantelhaen)\.test\([^\n]{0,200}|\bmatrix\(c\([^\n]{0,200}|"
    r"c\([\d, ]+\) out of c\([\d, ]+\)"
)
_VECTOR = re.compile(r"c\(([\d, ]+)\)")
_NAMED = re.compile(r"([a-z][a-z' -]{1,29}) (\d{1,6})(?!\d|\.\d|%)")
_INCLUSIONS = re.compile(
    r"\b(?:inclusions?|recrutements?|recruitments?|recruited|enrolments?|enrollments?|effectifs?|frequenc(?:y"
    r"|ies)|counts?"
    r"|missing|manquant\w*|unknown|inconnu\w*|exclu\w*"
    r"|referrals?|samples?|respondents?|registered|notifications?|signalements?|(?:by|par|per) (?:cent(?:er|re)|site"
    r"|commune|region|sexe?|age|hospital|hopital|ward|service|country|pays|month|mois|week|semaine|departement))\b"
)
"""What is counted by place or by time is persons, unless something else is named."""
_IN_WORDS = re.compile(
    r"(?P<head>[^:]{3,80}): (?P<list>(?:[a-z][a-z' -]{1,29} \d{1,6}(?!\d|\.\d| ?%)(?:, (?:and |et )?| and | et "
    r"|; )?){3,40})"
)
_CITED = re.compile(r"\b(?:19|20)\d\d ?;|\bdoi\b|\bpmid\b|\bpp?\. ?\d")
"""Volumes and pages of a journal add up by chance."""
_MARKED = re.compile(r"(?<=[a-z)]) ?[–—=] ?(?=\d)| (?:-|\() ?(?:n ?= ?)?(?=\d)")
_SIZED = re.compile(
    r"\b(?:sizes?|tailles?|effectifs?|counts?|numbers?)(?: of| de| were| was| respecti\w+| etaient|:|,)* "
    r"(?P<list>\d{1,7}(?:(?:,|;| /) ?\d{1,7}){0,20},? ?(?:and|et|&) \d{1,7})(?![\d.,]*\d| ?%)"
)
_EXACT = re.compile(
    r"\b(?:(?:exact|true|raw|real|unrounded|original) (?:counts?|numbers?|figures?)"
    r"|effectifs (?:exacts|reels|vrais|bruts)|(?:group|cluster|class|arm|stratum|cell) (?:sizes?|counts?))"
    r"[^:.;\d]{0,24}[:=] ?(?P<list>\d{1,7}(?:[,;] ?\d{1,7}){1,20})(?![\d.,]*\d| ?%)"
)
_GROUPS = re.compile(
    r"\b(?:clusters?|groups?|groupes?|class(?:es)?|profiles?|profils?|strat(?:a|um|es?)|arms?|bras|subtypes?"
    r"|phenotypes?"
    r"|trajector\w+|sous-groupes?|subgroups?|quartiles?|tertiles?)\b"
)
_OF_SETTING = re.compile(r"\b(?:batch|kernel|window|bin|layer|grid|step|block|lag|patch|filter|ticks?)\b")
_BRACKETED = re.compile(
    r"(?P<what>[a-z][a-z' -]{2,40}?) \((?:n ?= ?)?(?P<n>\d{1,6})\)(?=,|;|:|\.| and | et | or | ou | were | was |$)"
)
_CODED = re.compile(r"\b[a-tv-z]\d\d(?:\.?\d{1,2})? ?\((?:n ?= ?)?(?P<n>\d{1,6})\)")
"""Codes of the ICD with their numbers."""
CITING = re.compile(
    r"\bet al\b|\bstud(?:y|ies)\b|\betudes?\b|literature|litterature|\brefs?\b|\bpoints?\b|\bscores?\b|\bweights?\b"
    r"|\bpoids\b|\bitems?\b|\bquestions?\b|\bgrades?\b|\btrials?\b|\bessais\b|\bfigures?\b|\btables?\b"
    r"|\bcodes?\b|\bcoded\b"
)
"""Numbers in brackets may be those of references, and points of a score."""
_LEFT_OUT = re.compile(r"\b(?:missing|manquant\w*|unknown|inconnu\w*|not recorded|non renseign\w*)\b")
"""Of whatever is missing, that many persons have none."""
_OF_PERSONS = re.compile(
    r"\b(?:persons?|patients?|patientes|cas|cases?|people|personnes?|deaths?|deces|subjects?|sujets?"
    r"|individus?|women|men"
    r"|femmes|hommes|children|enfants|stays?|sejours?|events?|evenements?)\b[^{]{0,60}$"
)
_LONGEST_LINE = 2000
LEAST = 3
"""Lines in a row that make a list."""


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on lists with a number of 1 to minimum−1 beside one that is large enough to count persons."""
    dictionaries = (_ENTRY.findall(found[0]) for found in _DICTIONARY.finditer(passage.text))
    tuples = [_TUPLE.findall(line[:4000]) for line in passage.text.splitlines() if "('" in line or "['" in line]
    yield from _all_few(passage, minimum)
    for entries in (*dictionaries, *tuples, *_runs(passage.text), *_tested(passage.text)):
        kinds = {measure_of(name) for name, _ in entries}
        counts = [(name.strip(), int(number)) for name, number in entries]
        few = [(name, count) for name, count in counts if 1 <= count < minimum and not _PART.fullmatch(plain(name))]
        told = are_tuned(name for name, _ in entries)
        known = not told and kinds <= {Measure.UNKNOWN, Measure.COUNT}
        if few and known and max(count for _, count in counts) >= minimum:
            yield Finding(
                rule="small-count",
                severity=Severity.REVIEW,
                where=passage.where,
                message=f"{few[0][1]} beside {few[0][0][:80]!r} reads like a small number of persons.",
                fix=f"Write '<{minimum}', or merge groups.",
                place=passage.place,
            )


def _all_few(passage: Passage, minimum: int) -> Iterator[Finding]:
    """A dictionary of nothing but small counts, behind words that say what they count."""
    for line in passage.text.splitlines():
        found = _DICTIONARY.search(line) if "{" in line and len(line) <= _LONGEST_LINE else None
        if found and _OF_PERSONS.search(plain(line[: found.start()])):
            entries = _ENTRY.findall(found[0])
            known = {measure_of(name) for name, _ in entries} <= {Measure.UNKNOWN, Measure.COUNT, Measure.CODE}
            if known and all(int(n) < minimum for _, n in entries) and any(int(n) for _, n in entries):
                yield Finding(
                    rule="small-count",
                    severity=Severity.REVIEW,
                    where=passage.where,
                    message=f"{entries[0][1]} beside {entries[0][0]!r} reads like a small number of persons.",
                    fix=f"Write '<{minimum}', or merge groups.",
                    place=passage.place,
                )
                return


def _tested(text: str) -> Iterator[list[tuple[str, str]]]:
    """Counts written into a test of R: `prop.test(c(3, 41), c(210, 980))`."""
    for found in _TESTED.finditer(text):
        yield [("vector", n.strip()) for v in _VECTOR.findall(found[0]) for n in v.split(",") if n.strip()]


def _runs(text: str) -> Iterator[list[tuple[str, str]]]:
    """Lines of a name and a number, at least three in a row."""
    run: list[tuple[str, str]] = []
    for line in [*text.splitlines(), ""]:
        found = _LINE.match(line[:80]) if len(line) <= 80 else None  # longer lines are sentences
        if found:
            run.append((found[1], found[2]))
            continue
        if len(run) >= LEAST:
            yield run
        run = []
    yield from _below_names(text)


def _below_names(text: str) -> Iterator[list[tuple[str, str]]]:
    """Lines that are a name and a number in turn, blank ones aside."""
    run: list[tuple[str, str]] = []
    name = ""
    for line in (*filter(str.strip, text.splitlines()), ""):
        words, number = (
            p.fullmatch(line) if len(line) <= 80 else None for p in (_WORDS, _NUMBER)
        )  # a longer one is none
        if words and not name:
            name = words[1]
        elif number and name:
            run.append((name, number[1]))
            name = ""
        else:
            if len(run) >= LEAST:
                yield run
            run, name = [], words[1] if words else ""


def summed(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """Numbers that add up to one before them are its parts, whatever they are called: `25 left (age: 23, moved: 2)`."""
    if _CITED.search(sentence):
        return
    for at, whole in enumerate(found):
        named = whole.counted is Counted.EXPLAINED and whole.phrase
        if whole.value < 2 * minimum or whole.decimals or whole.counted is Counted.SHARE or named:
            continue
        parts = [q for q in found[at + 1 :] if _may_be_part(sentence, q)]
        for many, total in enumerate(itertools.accumulate(q.value for q in parts), 1):
            few = [q for q in parts[:many] if 1 <= q.value < minimum]
            if total == whole.value and many > 1 and few:
                said = around(sentence, few[0].start, few[0].end, 30)
                yield "small-count", f"{few[0].value:.0f} of {whole.value:.0f}, with which its parts add up: '{said}'."
                return


def _may_be_part(sentence: str, q: Quantity) -> bool:
    """Whether a number is whole and nothing but a colon or the one before it explains it."""
    labelled = not q.phrase and sentence[: q.start].rstrip().endswith((":", "=", ",", " and", " et"))
    return not q.decimals and q.counted is not Counted.SHARE and (q.counted is not Counted.EXPLAINED or labelled)


def sized(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """Sizes of groups in a row: `clusters of sizes 1204, 988 and 5`."""
    grouped = _GROUPS.search(sentence) and not _OF_SETTING.search(sentence)
    for m in (*_EXACT.finditer(sentence), *(_SIZED.finditer(sentence) if grouped else ())):
        sizes = [int(n) for n in re.findall(r"\d+", m["list"])]
        if max(sizes) >= 2 * minimum and any(1 <= n < minimum for n in sizes):
            said = around(sentence, m.start(), m.end(), 30)
            yield "small-count", f"A group of {min(n for n in sizes if n)}: '{said}'."
    slashed = _SLASHED.search(sentence) if "/" in sentence else None
    numbers = [int(n) for n in re.findall(r"\d+", slashed["list"])] if slashed else []
    named = slashed is not None and len(numbers) == slashed["names"].count("/") + 1
    if named and CLINICAL.search(sentence) and any(1 <= n < minimum for n in numbers):
        yield "small-count", f"A few beside a name: '{sentence[:100]}'."


def bracketed(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """Names with their numbers in brackets, in a row: `sepsis (61), haemorrhage (14) and drowning (2)`."""
    found = list(_BRACKETED.finditer(sentence))
    few = [m for m in found if 1 <= int(m["n"]) < minimum]
    coded = list(_CODED.finditer(sentence))
    few_coded = [m for m in coded if 1 <= int(m["n"]) < minimum]
    if len(coded) > 1 and few_coded and any(int(m["n"]) >= minimum for m in coded):
        said = around(sentence, few_coded[0].start(), few_coded[0].end(), 30)
        yield "small-count", f"{few_coded[0]['n']} beside a diagnosis: '{said}'."
    counted = len(found) > 1 and few and any(int(m["n"]) >= minimum for m in found)
    if counted and CLINICAL.search(sentence) and not CITING.search(sentence):
        said = around(sentence, few[0].start(), few[0].end(), 30)
        yield "small-count", f"{few[0]['n']} beside {few[0]['what'].strip()!r}: '{said}'."


def enumerated(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """Names and numbers in a row behind a colon: a table in words."""
    sentence = _MARKED.sub(" ", sentence)
    m = _IN_WORDS.search(sentence)
    if m is None:
        return
    entries = [(name.strip(), int(number)) for name, number in _NAMED.findall(m["list"])]
    few = [(name, n) for name, n in entries if 1 <= n < minimum]
    known = {measure_of(name) for name, _ in entries} <= {Measure.COUNT, Measure.UNKNOWN, Measure.DATE}
    known = known or _LEFT_OUT.search(m["head"]) is not None
    head = measure_of(re.split(r" (?:by|par|per) ", m["head"])[0])
    timed = head in (Measure.YEAR, Measure.TIME, Measure.DATE) and any(CLINICAL.search(name) for name, _ in entries)
    told = CLINICAL.search(sentence) or _INCLUSIONS.search(m["head"])
    counting = (head in (Measure.COUNT, Measure.UNKNOWN) and told is not None) or timed
    if few and known and counting and max(n for _, n in entries) >= minimum:
        yield "small-count", f"{few[0][1]} beside {few[0][0]!r}: '{around(sentence, m.start(), m.end())}'."
