"""Small counts behind a label: leaves of a JSON or YAML, and prints such as `n_events = 5`.

Decides by the label's own words and by those of the groups that it stands in. Worked example: `cox / n_events = 5`
counts persons and is refused; below `excluded`, the leaf `no_consent: 3` counts some of them; `n_jobs = 4`,
`min_events = 10` and `events_per_variable = 8` are settings.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Facts, Source, TextNumber, Value
from ecluse.rules.finding import Finding, Severity

from .explained import thing_follows
from .words import Measure, measure_of, plain


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


PERSONS = _set(
    "patient patients cas case cases event events evenement evenements death deaths deces decede decedes dead"
    " died sujet sujets subject subjects individu individus individuals personne personnes person persons"
    " people participant participants sejour sejours stay stays admission admissions hospitalisation"
    " hospitalisations malade malades beneficiaire beneficiaires assures femmes hommes women men enfants"
    " children support nobs effectif effectifs exposed exposes controls temoins excluded exclus included"
    " inclus enrolled refused refus withdrawn survivors survivants censored consommants utilisateurs users"
    " carriers relapses readmissions transplants positive positives negative negatives responders alive dead cured"
    " recovered completers dropouts missing lost unknown successes failures respondents positifs negatifs vivants"
    " gueris repondeurs manquants deceased readmitted transferred vaccinated infected hospitalised hospitalized"
    " discharged diagnosed operated pregnant hospitalises vaccines infectes operes traites greffes"
)
BARE = _set("n nobs support effectif effectifs count nb")
_FILL = _set(
    "n nb number nombre of de des du d the no total count observed num in with avec sans without test train training"
)
_PARTS = _set("train training test testing validation val obs observations total analysed analyzed")
"""Of which a model's file says how many persons there were."""
_MATRIX = _set("tp fp fn tn vp vn")
"""Cells of a confusion matrix."""
_LEFT_OUT = _set(
    "missing excluded exclus dropped lost manquant manquants perdus unknown inconnu inconnus withdrawn refus"
)
SETTING = _set(
    "per par min max minimum maximum threshold seuil rate ratio taux pct percent share id ids code codes col"
    " column weight class label mean median sd std p hr or rr time mois months days jours years type index"
    " level levels bins"
)
_LABEL = re.compile(r"(?P<path>[^=:\n]{1,200}?)\s?(?:[=:]|->|→)\s*$")
_LINE = re.compile(
    r"^(?P<indent>[ \t]*)(?:- )?['\"]?(?P<key>[^\W\d][\w .'/-]{0,40}?)['\"]?:(?:\s+(?P<number>\d{1,9}))?\s*$"
)
_PART = re.compile(r"(?:cluster|latent class|trajectory|topic) [#]?\d{1,2}(?: size)?", re.IGNORECASE)
"""`Cluster 3: 2`: how many are in it."""
_LEAST_GROUP = re.compile(r"\bMin\. (?:group|cluster) size:\s{1,40}(\d{1,6})\b(?![.,]\d)")
"""statsmodels' line on the smallest centre of a model."""
_TREE_LINES = 20_000


def find(facts: Facts, minimum: int) -> Iterator[Finding]:
    """Findings on labelled numbers."""
    for number in facts.numbers:
        whole = 1 <= number.number < minimum and float(number.number).is_integer()
        labelled = whole and number.before.rstrip().endswith(("=", ":", "->", "→"))
        plain_value = labelled and isinstance(number.value, Value) and not number.value.unit
        found = _LABEL.search(number.before) if plain_value else None
        if found and not re.match(r"\s*(?:[%/]|[.,]\d)", number.after):
            *groups, leaf = found["path"].split(" / ")
            last = leaf.split(";")[-1].split(",")[-1]
            severity = Severity.REVIEW if _PART.fullmatch(last.strip()) else _weight(last, groups)
            severity = None if thing_follows(plain(number.after)) and not _PART.fullmatch(last.strip()) else severity
            if severity is not None:
                yield _finding(f"{leaf.strip()[-80:]} = {number.number:g}", severity, number)
    for passage in facts.passages:
        for smallest in _LEAST_GROUP.finditer(passage.text):
            if 1 <= int(smallest[1]) < minimum:
                yield _finding(" ".join(smallest[0].split()), Severity.REFUSE, where=passage.where)
        if passage.source in (Source.PROSE, Source.OUTPUT):
            for groups, leaf, count in _tree(passage.text):
                if groups and 1 <= count < minimum and (severity := _weight(leaf, groups)) is not None:
                    said = f"{' / '.join((*groups, leaf))}: {count}"
                    yield _finding(said, severity, where=passage.where)


def _weight(leaf: str, groups: list[str]) -> Severity | None:
    tokens = _tokens(leaf)
    if not tokens or tokens & SETTING:
        return None
    if tokens <= _MATRIX or (tokens & BARE and tokens & _PARTS and tokens <= BARE | _PARTS | _FILL):
        return Severity.REVIEW
    if tokens <= BARE or (tokens - _FILL and tokens - _FILL <= PERSONS):
        return Severity.REFUSE if groups or tokens & PERSONS else None
    if tokens & PERSONS and measure_of(leaf) is Measure.COUNT:
        return Severity.REVIEW
    if tokens & _LEFT_OUT and measure_of(leaf) in (Measure.UNKNOWN, Measure.CODE, Measure.AGE):
        return Severity.REVIEW
    parents = _tokens(groups[-1]) if groups else frozenset()
    unknown = measure_of(leaf) in (Measure.UNKNOWN, Measure.CODE)
    return Severity.REVIEW if unknown and parents & PERSONS and not parents & SETTING else None


def _tokens(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+", plain(text)))


def _tree(text: str) -> Iterator[tuple[list[str], str, int]]:
    """Leaves with a whole number in text that is indented as YAML is: the groups around, the key, the number."""
    groups: list[tuple[int, str]] = []
    for line in text.splitlines()[:_TREE_LINES]:
        found = _LINE.match(line) if len(line) <= 120 else None  # a longer line is no key
        if found is None:
            groups = groups if line.strip() else []
            continue
        depth = len(found["indent"])
        groups = [(d, key) for d, key in groups if d < depth]
        if found["number"]:
            yield [key for _, key in groups], found["key"], int(found["number"])
        else:
            groups.append((depth, found["key"]))


def _finding(said: str, severity: Severity, number: TextNumber | None = None, where: str = "") -> Finding:
    return Finding(
        rule="small-count",
        severity=severity,
        where=number.where if number else where,
        message=f"A small number of persons: {said!r}.",
        fix="Write 'fewer than' the minimum count, merge groups, or leave the number out.",
        **({"place": number.place} if number else {}),
    )
