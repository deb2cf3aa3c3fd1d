"""Small counts among the value labels of pictures, and axes of counts that end below the minimum.

Decides by what the axis says. Worked example: labels 120, 45 and 4 beside a turned "Nombre de patients" are counts, 4
is small: refused. The same labels beside "Mean stay (days)" are no counts. Where nothing says what they are, three
labels or more, as in a confusion matrix, are for the reviewers.
"""

import re
from collections.abc import Iterator

from ecluse.checks.disclosure.people import PERSON
from ecluse.checks.disclosure.words import Measure, measure_of, plain
from ecluse.checks.facts import Facts, Passage, Series, SeriesKind, Source
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules

from . import said

_SILENT = frozenset({Measure.UNKNOWN, Measure.CODE, Measure.YEAR, Measure.DATE})
_FEW, _FEW_NAMED = 3, 2
"""Labels that are looked at where no axis says what they are; fewer are enough where words name what they belong to."""
_AT_RISK = re.compile(r"\b(?:at risk|a risque|nb a risque|exposes)\b")
_PERSONS = re.compile(
    rf"\b(?:number|nombre|nb|no\.?|n|counts?|effectifs?)\b.{{0,24}}\b{PERSON}\b|^(?:counts?|frequency|effectifs?|n"
    rf"|{PERSON})$"
)
_FRACTION = re.compile(r"(?<![\d./])(\d{1,6}) ?/ ?(\d{2,6})(?![\d./]|\s?(?:mm|%))")
_TICKS = re.compile(r"[lIiTtJ!|']{1,4}")
"""Ticks of an axis, read as letters."""
_BY_TIME = re.compile(
    r" (?:by|par|each|chaque) (?:calendar )?(?:hours?|days?|weeks?|months?|quarters?|years?|heures?|jours?"
    r"|semaines?|mois"
    r"|trimestres?|annees?|ans?)\b.*"
)
_ONE_EACH = re.compile(
    r"^(?:individual )?(?:patient|subject|participant|case|sujet|individual|individu|malade|donor|donneur|person"
    r"|personne)"
    r"(?: ?(?:s )?(?:id|ids|no\.?|n°|number|numero|index|rank|rang|#))?$"
    r"|\b(?:each|every|chaque) (?:bar|line|row|column|dot|point|barre|ligne|colonne|trait) "
    r"(?:is|represents?|shows?|stands for|represente|est|correspond a) (?:(?:one|a|an|un|une) )?(?:single )?"
    rf"{PERSON}\b"
)
"""An axis that numbers persons, where `Patients` would count them."""
_CODE = re.compile(r"\b(?:P|PT|Pt|PAT|Pat|S|SUB|SUBJ|ID|Patient )[-_ ]?(\d{3,7})\b")
_PADDED = re.compile(r"\b(?:P|PT|Pt|PAT|Pat|S|SUB|SUBJ|ID|N|C)[-_ ]?(0\d)\b")
"""`S01`, `S02` and so on: numbers with a zero before them."""
_LONG_NUMBER = re.compile(r"(?<![\d.,])(?!\d*0{4}\b)\d{8,12}(?![.,]?\d)")
"""Numbers of eight digits and more that are no ticks."""
_FIX = (
    "Draw the figure without the small numbers: merge classes, or write '<{0}' above such bars and leave such cells "
    "empty, and look whether totals give them back."
)


HEIGHTS = "heights of bars"
"""The name of a series of what the bars of a picture stand for."""


def counts_persons(axis: str) -> bool:
    """Whether an axis counts persons by its name."""
    return _PERSONS.search(plain(axis)) is not None


def find(facts: Facts, rules: OutputRules) -> list[Finding]:
    """Findings on the value labels of a file's pictures, one per picture."""
    found = [f for series in facts.series if series.kind is SeriesKind.LABELS for f in _of(series, rules.minimum_count)]
    low = [f for series in facts.series if series.kind is SeriesKind.AXIS for f in _low(series, rules.minimum_count)]
    parts = [f for p in facts.passages if p.source is Source.PICTURE for f in _parts(p, rules.minimum_count)]
    one_each = [f for p in facts.passages if p.source is Source.PICTURE for f in _each(p)]
    high = [f for series in facts.series if series.name == HEIGHTS for f in _high(series, rules.minimum_count)]
    return [*found, *(low or high)[:1], *parts, *one_each, *said.find(facts, rules.minimum_count)]


def _each(passage: Passage) -> Iterator[Finding]:
    """A drawing with a mark for each person: an axis that numbers them, or their codes beside the marks."""
    axis = next((line for line in passage.text.splitlines() if _ONE_EACH.search(plain(line.strip(" |")))), "")
    codes = set(_CODE.findall(passage.text)) | set(_LONG_NUMBER.findall(passage.text))
    padded = set(_PADDED.findall(passage.text))
    codes = codes if len(codes) > 1 or len(padded) < _FEW else padded
    if axis or len(codes) > 1:
        what = f"The picture says {axis.strip()[:60]!r}" if axis else f"The picture shows {len(codes)} codes of persons"
        yield Finding(
            rule="scatter",
            severity=Severity.REVIEW,
            where=passage.where,
            message=f"{what}: each of its marks is one person.",
            fix="Draw the distribution: the mean of each group with its band, or classes that many share.",
            place=passage.place,
        )


def _parts(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Fractions such as `3/41` beside the rows of a forest plot: events of persons."""
    pairs = [(int(m[1]), int(m[2])) for m in _FRACTION.finditer(passage.text)]
    few = [(part, whole) for part, whole in pairs if whole >= minimum and 1 <= min(part, whole - part) < minimum]
    if len(pairs) > 1 and few and all(part <= whole for part, whole in pairs):
        yield Finding(
            rule="picture-count",
            severity=Severity.REVIEW,
            where=passage.where,
            message=f"The picture shows {few[0][0]}/{few[0][1]}: "
            f"{min(few[0][0], few[0][1] - few[0][0])} persons can be recognised.",
            fix=_FIX.format(minimum),
            place=passage.place,
        )


def _low(series: Series, minimum: int) -> Iterator[Finding]:
    """An axis that counts persons and ends below the minimum: whatever is drawn along it is a small count."""
    whole = all(float(y).is_integer() for y in series.ys) and min(series.ys) >= 0
    if whole and 1 < max(series.ys) < minimum and _PERSONS.search(plain(series.labels[0])):
        yield Finding(
            rule="picture-count",
            severity=Severity.REVIEW,
            where=series.where,
            message=f"The axis {series.labels[0]!r} ends at {max(series.ys):g}: what it measures can be read.",
            fix=_FIX.format(minimum),
            place=series.place,
        )


def _high(series: Series, minimum: int) -> Iterator[Finding]:
    """Bars that stand for few persons each, where a person is high enough to be counted."""
    few = sorted(int(y) for y in series.ys if 1 <= y < minimum)
    if few:
        yield Finding(
            rule="picture-count",
            severity=Severity.REVIEW,
            where=series.where,
            message=f"{len(few)} bars along {series.labels[0][:60]!r} stand for 1 to {minimum - 1} persons, the lowest "
            f"for {few[0]}: their heights can be read.",
            fix=_FIX.format(minimum),
            place=series.place,
        )


def _of(series: Series, minimum: int) -> Iterator[Finding]:
    small = sorted({int(y) for y in series.ys if 1 <= y < minimum})
    measure = _measure(series)
    if not small or max(series.ys) <= 1 or measure not in (Measure.COUNT, Measure.UNKNOWN):
        return
    if measure is Measure.UNKNOWN and len(series.ys) < (_FEW_NAMED if series.labels else _FEW):
        return
    sure = measure is Measure.COUNT
    shown = ", ".join(map(str, small[:5]))
    yield Finding(
        rule="picture-count",
        severity=Severity.REFUSE if sure else Severity.REVIEW,
        where=series.where,
        message=f"The picture shows the number{'s' if len(small) > 1 else ''} {shown} beside its marks, "
        f"{'as counts of persons' if sure else 'and nothing says that they do not count persons'}: "
        f"1 to {minimum - 1} persons can be recognised.",
        fix=_FIX.format(minimum),
        place=series.place,
    )


def _counted(text: str) -> str:
    """`deaths` of "Deaths by month": what is counted, not when."""
    return _BY_TIME.sub("", plain(text))


def _measure(series: Series) -> Measure:
    """What the labels measure: the turned text beside an axis decides first, then any text of the picture."""
    turned = {measure_of(_counted(t[1:])) for t in series.labels if t.startswith("|")} - _SILENT
    read = [t for t in series.labels if not t.startswith("|") and not _TICKS.fullmatch(t)]
    others = {measure_of(_counted(t)) for t in read} - _SILENT
    if any(_AT_RISK.search(plain(t)) for t in series.labels):
        return Measure.COUNT
    for kinds in (turned, others):
        if Measure.COUNT in kinds:
            return Measure.COUNT if kinds is turned or len(kinds) == 1 else Measure.UNKNOWN
        if kinds:
            return kinds.pop()
    return Measure.UNKNOWN
