"""What the words of a picture say of its marks: names with few persons, residuals, homes on a map.

Decides from lines of text as they stand in the picture. Worked example: "Falls (412)", "Drowning (96)", "Burns (3)"
beside the wedges of a pie count three burnt; "Ordered residuals" along an axis says that each mark is one person's own
value; three crosses between "Longitude" and "Latitude" are places. "Model (1)" and "Residual deviance: 412" are
neither.
"""

import re
from collections import Counter
from collections.abc import Iterator

from ecluse.checks.disclosure.words import Measure, measure_of, plain
from ecluse.checks.facts import Facts, Passage, SeriesKind, Source
from ecluse.rules.finding import Finding, Severity

_NAMED = re.compile(
    r"(?<![\w(])(?P<name>[^\W\d][^\n()\[\]|:=\d]{1,40}?)[ ]?(?:[(\[] ?(?:n ?[=:] ?)?|[:,]? ?\bn ?[=:] ?|: ?)"
    r"(?P<n>\d{1,3}(?:[ ,]\d{3})+|\d{1,6})(?: ?[)\]]|(?=[ ]*(?:[|(\n]|$)))",
    re.IGNORECASE,
)
_COUNTABLE = (Measure.UNKNOWN, Measure.COUNT, Measure.CODE)
_RESIDUAL = re.compile(
    r"(?:(?:ordered|standardi[sz]ed|studenti[sz]ed|raw|pearson|deviance|martingale|schoenfeld|scaled|sample) )*"
    r"residuals?(?: \(.*\))?|residus?(?: \w+){0,2}"
    r"|(?:theoretical|sample|normal|expected|ordered) quantiles?"
    r"|ordered values?|quantiles? (?:theoriques?|observes?|empiriques?)|cook'?s? ?'?s? distance|distances? de cook"
    r"|leverage|levier"
    r"|fitted values?|valeurs (?:ajustees|predites)"
)
_PLACES = (re.compile(r"lon(?:g(?:itude)?)?(?: ?\(.*\))?"), re.compile(r"lat(?:itude)?(?: ?\(.*\))?"))
_NO_GROUP = re.compile(
    r"\b(?:epochs?|iter\w*|folds?|steps?|seed|fig\w*|tables?|tableau|panel|models?|modele|layers?|depth|pages?|version|lag|df"
    r"|grade|stage|stade|scores?|weeks?|months?|days?|visits?|times?|years?|semaine|mois|jour|annee|auc|points?)\b"
)
_MARK = re.compile(r"[xX+oO@•●×]")
_FEW_PLACES = 3
"""Marks of one shape on a map that are places; elsewhere the dashes of a line are read as letters, too."""


def find(facts: Facts, minimum: int) -> Iterator[Finding]:
    """Findings on the words of a file's pictures, at most one of each kind for each picture."""
    axes = {plain(s.labels[0]) for s in facts.series if s.kind is SeriesKind.AXIS and s.labels}
    for passage in facts.passages:
        if passage.source is Source.PICTURE:
            yield from _counted(passage, minimum)
            yield from _single(passage, axes)


def _counted(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Names with their numbers beside them, of which some are small and some count."""
    found = [(m["name"].strip(), int(re.sub(r"\D", "", m["n"]))) for m in _NAMED.finditer(passage.text)]
    counts = [(name, n) for name, n in found if measure_of(name) in _COUNTABLE and not _NO_GROUP.search(plain(name))]
    few = [(name, n) for name, n in counts if 1 <= n < minimum]
    if few and max(n for _, n in counts) >= minimum:
        yield Finding(
            rule="picture-count",
            severity=Severity.REVIEW,
            where=passage.where,
            message=f"The picture says {few[0][1]} beside {few[0][0][:60]!r}: so few persons can be recognised.",
            fix="Merge what is rare with another part, or leave its number out and see that no total gives it back.",
            place=passage.place,
        )


def _single(passage: Passage, axes: set[str]) -> Iterator[Finding]:
    """Marks that are persons by what the axes say."""
    lines = [plain(line.strip(" |")) for line in passage.text.splitlines()]
    residual = next((line for line in (*lines, *axes) if _RESIDUAL.fullmatch(line)), "")
    marks = max(Counter(line for line in map(str.strip, lines) if _MARK.fullmatch(line)).values(), default=0)
    mapped = all(any(place.fullmatch(line) for line in (*lines, *axes)) for place in _PLACES)
    if residual or (mapped and marks >= _FEW_PLACES):
        what = f"An axis is called {residual!r}" if residual else f"{marks} marks stand apart"
        yield Finding(
            rule="scatter",
            severity=Severity.REVIEW,
            where=passage.where,
            message=f"{what}: each mark is one person's own value or place.",
            fix="Draw a smooth curve, or means of classes that many share.",
            place=passage.place,
        )
