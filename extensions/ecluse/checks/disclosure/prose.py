"""Numbers of persons in running text and printed output.

Decides by the words around a number. Worked example: in "3 patients died (n = 3 of 80), p = 0.03, in 2 hospitals"
both threes are refused; the p-value and the hospitals are not counts of persons. "Cells of fewer than 11 patients are
masked" states a rule, not a count.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Facts, Source, TextNumber, Value
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules

from . import lists, relations, sayings
from .explained import thing_follows
from .idioms import OPEN_CLASS, idiom, is_design, of_each
from .people import CLINICAL, OF_CONFIDENCE
from .settings import in_settings, is_round, is_window, part_of, settings_in
from .words import Measure, measure_of, plain

_PERSONS = (
    r"(?:patient(?:e|s|es)?|malades?|personnes?|sujets?|individus?|participants?|femmes?|hommes?|enfants?|assur[ée]s?"
    r"|b[ée]n[ée]ficiaires?|cas|d[ée]c[èe]s|d[ée]c[ée]d[ée]e?s?|deaths?|died|cases?|subjects?|persons?|people|women|men"
    r"|individuals?|excluded|exclue?s?|perdue?s?|lost to|withdrawn|withdrew|smokers|fumeurs"
    r"|adults?|children|infants?|volunteers?|s[ée]jours?|hospitalisations?|admissions?|stays?|events?"
    r"|[ée]v[ée]nements?|observations?|obs|survivors?|survivants?|t[ée]moins|controls"
    r"|pupils|students|[ée]l[èe]ves|[ée]tudiante?s|mothers|m[èe]res|fathers|couples|families|familles|newborns"
    r"|neonates|nouveau-n[ée]s|twins|jumeaux|siblings|relatives|carriers|recipients|receveurs|donors|donneurs"
    r"|beneficiaries|enrollees|members|utilisat(?:eur|rice)s|responders|r[ée]pondeurs|relapses|rechutes|porteurs"
    r"|residents|r[ée]sidente?s|inpatients|outpatients|girls|boys|gar[çc]ons|filles|babies|b[ée]b[ée]s|veterans)"
)
_AFTER = re.compile(
    rf"^\s*(?:\([^()\d]{{1,14}}\)\s)?(?:(?!per |par |pour )[^\W\d]{{3,14}}[- ]){{0,2}}?{_PERSONS}\b"
    rf"(?!\s*(?:per|par|each|chacune?s?|apiece|/|minimum|maximum|au moins"
    rf"|(?:pour|for every|p\.) ?10{{2,5}}\b(?![^.;\d]{{0,40}}\b(?:parmi|among|chez|sur|of)\b[^.;\d]{{0,12}}\d)))",
    re.IGNORECASE,
)
_N_BEFORE = re.compile(
    r"(?<![\w.])(?:n_?\d?|N|nb|effectif|nobs|count|support|No\. [Oo]bservations)\s*[=:]\s*$", re.IGNORECASE
)
_NOUN_BEFORE = re.compile(
    rf"\b(?:(?:nombre|nb|number|no\.?|total)\s+(?:de|d'|des|of)\s*(?:[^\W\d]+\s+){{0,2}}?)?{_PERSONS}"
    r"(?:\s+[^\W\d]{2,14}){0,2}\s*[=:]\s*$",
    re.IGNORECASE,
)
_MARK = re.compile(r"[=:]\s*$")
"""What both of these end in: most numbers follow a word, and are not searched further."""
_BOUND = re.compile(
    r"(?:moins de|au moins|plus de|sup[ée]rieure?s? [àa]|inf[ée]rieure?s? [àa]|jusqu'[àa]|seuil(?: de| [àa])?"
    r"|fewer than|less than|at least|more than|up to|greater than|threshold(?: of)?|minimum(?: of| de)?|min|max"
    r"|maximum(?: of| de)?|step|[ée]tape|page|part|partie|fold|epoch|batch|slide|round|iteration|or more"
    r"|per|par|pour|every|tous les|chaque|grade|stage|stade|phase|class|classe|asa"
    r"|nyha|level|niveau|category|model|mod[èe]le|wave|vague|table|tableau|figure"
    r"|fig\.?|section|top|type|v|version|[<>≤≥]=?)\s*$",
    re.IGNORECASE,
)
_LONGEST_BOUND = 24
_THINGS_AFTER = re.compile(
    r"^\s*(?:[^\W\d]+\s+)?(?:h[ôo]pit|hospital|centre|center|site|fold|cluster|variable|feature|step|iteration|model"
    r"|mod[èe]le"
    r"|group|r[ée]gion|ans\b|an\b|years?|mois|months?|jours?|days?|classes?|s[ée]ries?|fichiers?|files?|rows?|columns?"
    r"|lignes?|colonnes?|%|percent|pour ?cent|mg|ml|kg|€|euros?|sd\b|h\b|s\b|ms\b)",
    re.IGNORECASE,
)
_OF = re.compile(
    r"^\s*\(?(?:/|sur|out of|of|parmi(?: les)?|des|de)\s*(?:the\s+|les\s+)?(\d{1,3}(?:,\d{3})+|\d[\d \xa0\u202f]{0,9})"
    r"(?!\d|[.,]\d|\s*(?:%|ans|mois))"
)
_AMONG = re.compile(
    r"(?:^|[^\d.,])(\d{1,3}(?:,\d{3})+|\d[\d \xa0\u202f]{0,9})\s+(?:[^\W\d]{3,14} ){0,2}?"
    rf"{_PERSONS}\b[^\d]{{0,40}}$",
    re.IGNORECASE,
)
_OF_N = re.compile(r"\b[nN]\s?=\s?(\d{1,3}(?:[ \xa0\u202f,]\d{3})+|\d{1,9})\)[^\d.;()]*$")
"""`in women (n = 214), the rate was 0.9 %`."""
_IN_N = re.compile(r"^\s*[(\[,;]?\s*[nN]\s?=\s?(\d{1,3}(?:[ \xa0\u202f,]\d{3})+|\d{1,9})(?!\d|[.,]\d)")
_AGE_EXTREME = re.compile(
    r"(?:\b(?:min(?:imum|imal)?|max(?:imum|imal)?|oldest|youngest|plus (?:[âa]g[ée]e?|jeune)s?)\b[^\d]{0,24})$",
    re.IGNORECASE,
)
_AGE = re.compile(r"\bage\b|\bans\b|years? old|\byears\b|oldest|youngest|plus (?:agee?|jeune)s?")
_PER_GROUP = re.compile(r"\b(?:obs|observations|patients?|subjects?|sujets?|n) per (?:group|cluster|panel|unit|id)\b")
"""Stata's `Obs per group: min = 11, avg = 19.2, max = 88`: how many persons, not what one of them had."""
_OLD_ENOUGH = re.compile(r"(?:min_?age|age_?min|minimum[ _]age)['\"]?\s*[:=]\s*$", re.IGNORECASE)
_SCHEMA = re.compile(r"\b(?:constraints|schema|properties|validation) / (?:[^/]{1,40} / ){0,2}?(?:min|max)\w* = $")
"""What a schema allows: `schema / fields[1] / constraints / minimum = `."""
_ELIGIBLE = frozenset({12, 15, 16, 18, 20, 21, 25, 30, 35, 40, 45, 50, 55, 60, 65})
"""Ages from which studies take persons in: many have them."""
_LEAF = re.compile(r"(?:samples\s*=\s*|(?:leaf|internal)_count\s*[=:]\s*|(?:value|weights?)\s*[:=]\s*\[[\d., ]*)$")
_SIZES = re.compile(
    r"(?:^|/ )(?:(?:[a-z]{2,20}_)?(?:sizes|counts|effectifs)|size|count|support|n|effectif|n_node_samples"
    r"|cover|(?:par|by|per)_\w{1,30})(?: / [^/]{1,40}|\[\d+\]) = $",
    re.IGNORECASE,
)
"""Sizes of groups in a JSON: `kmeans / sizes / 2 = `."""
_SHARE_AFTER = re.compile(r"^\s?/\s?\d[\d \xa0,]*\s?\(\d{1,2}(?:[.,]\d+)?\s?%")
"""`5/812 (0.6 %)`: the percentage says that both count the same things."""
_LEVELS = re.compile(rf"\bgroups: .{{0,40}}?\b{_PERSONS},\s*$", re.IGNORECASE)
"""`groups:  patient, 5`: as many persons as the model has levels."""
_NODE = re.compile(r"^\s*\d+\) \S.{0,60}?[<>=]\s?\S+ $")
"""rpart's `7) creat>=412.5 4 0 1 (0.000 1.000) *`: the size of the leaf stands first behind the rule."""
_OF_A_TEST = re.compile(r"\b(?:ratio|wald|score|log-?rank|chi\S*)\b[^,;]*$", re.IGNORECASE)
"""`likelihood ratio test= 0.54  on 2 df`: as many terms as are tested."""
_FREEDOM = re.compile(
    r"(?:Df Residuals|residual (?:df|degrees of freedom)|ddl r[ée]sid\w*)\s*[:=]\s*$|\bon\s*$", re.IGNORECASE
)
_FREEDOM_AFTER = re.compile(r"^\s*(?:residual )?(?:degrees of freedom|df\b)", re.IGNORECASE)
_CODED = re.compile(
    r"(?<![\d.,])1\s+(?:men|women|people|children|persons|(?:patients|hommes|femmes|enfants|personnes|sujets"
    r"|males|females))\b",
    re.IGNORECASE,
)
"""`1 men, 2 women`: a code list. Somebody who counts one man writes `1 man`."""


def find(facts: Facts, rules: OutputRules) -> Iterator[Finding]:
    """Findings on numbers in text, and on numbers written as words."""
    settings = settings_in(facts)
    for number in facts.numbers:
        yield from _of_number(number, rules, settings=part_of(number.where, settings) in settings)
    yield from _steps(facts, rules.minimum_count)
    for passage in facts.passages:
        if passage.source in (Source.PROSE, Source.OUTPUT, Source.PICTURE):
            yield from sayings.find(passage, rules.minimum_count)
            yield from relations.find(passage, rules.minimum_count)
            yield from lists.find(passage, rules.minimum_count)


def _of_number(number: TextNumber, rules: OutputRules, *, settings: bool) -> Iterator[Finding]:
    value = number.value
    if not isinstance(value, Value):
        return
    if value.unit == "%":
        yield from _percent(number, value, rules.minimum_count)
        return
    phrase = re.split(r"[,;(|\[{}]|\. ", number.before)[-1]
    planned = is_design(plain(f"{phrase}{value.text}{number.after}")) or (
        _PER_GROUP.search(plain(number.before)) is not None and value.number >= rules.minimum_count
    )
    planned = planned or _SCHEMA.search(number.before) is not None
    chosen = is_round(value.number) or value.number in _ELIGIBLE or is_window(phrase, value.number)
    planned = planned or (settings and chosen)
    extreme = re.search(r"[:=]\s*$", phrase) and measure_of(phrase) is Measure.EXTREME and not planned
    if extreme and value.number not in (0, 1) and not (_OLD_ENOUGH.search(phrase) and value.number in _ELIGIBLE):
        yield _finding(number, "extreme", Severity.REVIEW, f"An extreme may be one person's own: {_quote(number)}.")
        return
    if not float(value.number).is_integer() or (value.decimals and not _LEAF.search(number.before)):
        return
    count = int(value.number)
    if 1 <= count < rules.minimum_count and not (settings and in_settings(number.before)):
        severity, rule = _weight(number)
        if severity is not None:
            yield _finding(number, rule, severity, f"{count} of a group of persons can be read: {_quote(number)}.")
    freedom = _FREEDOM.search(number.before) and (
        re.search(r"esid(?!en[ct])", number.before) is not None or _FREEDOM_AFTER.search(number.after) is not None
    )
    if freedom and count < rules.minimum_dof and not _OF_A_TEST.search(number.before):
        yield Finding(
            rule="degrees-of-freedom",
            severity=Severity.REFUSE,
            where=number.where,
            message=f"A model with {count} residual degrees of freedom nearly repeats its data; "
            f"{rules.minimum_dof} are needed.",
            fix="Use fewer parameters or more persons.",
            place=number.place,
        )
    age = _AGE.search(plain(number.before + " " + number.after[:16])) is not None
    closed = OPEN_CLASS.match(plain("|" + number.after)[1:]) is None
    if age and closed and not planned and _AGE_EXTREME.search(number.before) and count > 1:
        yield _finding(number, "extreme", Severity.REFUSE, f"An extreme age is one person's own: {_quote(number)}.")


def _weight(number: TextNumber) -> tuple[Severity | None, str]:  # noqa: PLR0911 - one rule per line, in order
    """How surely a small whole number counts persons."""
    before, after = number.before, number.after
    if _LEAF.search(before) or (_NODE.match(before) and after.rstrip().endswith("*")):
        return Severity.REFUSE, "tree-leaf"
    if _SIZES.search(before) or _SHARE_AFTER.match(after):
        return Severity.REVIEW, "small-count"
    if (
        _BOUND.search(before.rstrip()[-_LONGEST_BOUND:])
        or _THINGS_AFTER.search(after)
        or _is_code(number)
        or _is_idiom(number)
        or of_each(f"{plain(before)} ")
    ):
        return None, ""
    of = _OF.search(after)
    behind = plain(re.sub(r"^\s*\([^()]{0,20}\)", "", after[of.end() :])) if of else ""
    if of and (thing_follows(behind) or not CLINICAL.search(plain(f"{before} {after}"))):
        return None, ""
    if of and int(re.sub(r"\D", "", of[1])) > number.number:
        follows = _AFTER.search(after[of.end() :]) is not None
        if follows or _N_BEFORE.search(before):
            return Severity.REFUSE, "small-count"
        return (None, "") if after.lstrip()[:1] == "/" or "de" in after[:4] else (Severity.REVIEW, "small-count")
    if any(p.search(before) for p in (_N_BEFORE, _NOUN_BEFORE, _LEVELS)) or _AFTER.search(after):
        return Severity.REFUSE, "small-count"
    return None, ""


_STEP = re.compile(r"\b(?:avant|apres|before|after|exclu\w*|remain\w*|rest\w*|drop\w*|remov\w*|filter\w*|dedup\w*)\b")


def _steps(facts: Facts, minimum: int) -> Iterator[Finding]:
    """Sizes of one group before and after a step that differ by a few: `before filter: 812`, `after filter: 808`."""
    known: dict[tuple[str, ...], float] = {}
    for number in facts.numbers:
        if not is_group_size(number):
            continue
        stepped = _STEP.search(plain(number.context)) is not None
        before = known.get(_around(number)) if stepped else None
        if before is not None and 1 <= abs(number.number - before) < minimum <= number.number:
            people = int(abs(number.number - before))
            message = f"{_quote(number)}: the step before had {before:.0f}, so that it concerns {people} persons."
            yield _finding(number, "complement", Severity.REVIEW, message)
        known[_around(number)] = number.number


def released(facts: Facts, earlier: Facts, minimum: int) -> Iterator[Finding]:
    """Sizes of one group, in words released before and in words of this request, that differ by a few persons."""
    known = {_around(n): n.number for n in earlier.numbers if is_group_size(n)}
    for number in facts.numbers:
        before = known.get(_around(number)) if is_group_size(number) else None
        if before is not None and 1 <= abs(number.number - before) < minimum:
            people = int(abs(number.number - before))
            message = (
                f"{_quote(number)}: {before:.0f} were released before, the difference singles out {people} persons."
            )
            yield _finding(number, "differencing", Severity.REVIEW, message)


def _around(number: TextNumber) -> tuple[str, ...]:
    """The words beside a number that say of what group it is."""
    before, after = (re.findall(r"[^\W\d]+", plain(text)) for text in (number.before, number.after))
    return (*before[-3:], "…", *after[:1])


def _is_code(number: TextNumber) -> bool:
    """Whether the number is a code of a list such as `1 men, 2 women`: somebody who counts one man writes `1 man`."""
    line = number.context
    first = _CODED.search(line)
    return first is not None and len(re.findall(r"(?<![\d.,])\d\s+[^\W\d]{2,}", line)) > 1


def _is_idiom(number: TextNumber) -> bool:
    """Whether the number is a share in everyday words: `4 in 10 patients`."""
    before, after = plain(number.before[-30:] + "|")[:-1], plain(number.value.text + number.after)
    return idiom(before + after, len(before))


def is_group_size(number: TextNumber) -> bool:
    """Whether a whole number in text says how many persons there are: `n = 153`, `153 patients`."""
    value = number.value
    if not isinstance(value, Value) or value.unit or not float(value.number).is_integer():
        return False
    named = _MARK.search(number.before) and (_N_BEFORE.search(number.before) or _NOUN_BEFORE.search(number.before))
    return bool(named or _AFTER.match(number.after))


def _percent(number: TextNumber, value: Value, minimum: int) -> Iterator[Finding]:
    of = _OF.search(number.after) or _AMONG.search(number.before) or _IN_N.search(number.after)
    of = of or _OF_N.search(number.before)
    if not of or value.number <= 0 or OF_CONFIDENCE.match(plain(number.after)):
        return
    base, slack = int(re.sub(r"\D", "", of[1])), 0.5 * 10.0**-value.decimals
    least, most = (value.number - slack) * base / 100, (value.number + slack) * base / 100
    rest, rest_slack = (100 - value.number) * base / 100, slack * base / 100
    if 1 - rest_slack <= rest and rest + rest_slack < minimum <= base - rest and value.number < 100:
        message = f"{value.text} of {base} leave {rest:.0f} persons: {_quote(number)}."
        yield _finding(number, "complement", Severity.REVIEW, message)
    if least > 0 and most < minimum and int(most) >= 1 and (int(most) >= least or value.decimals == 0):
        people = int(most) if int(most) == -int(-least // 1) else f"up to {int(most)}"
        message = f"{value.text} of {base} are {people} persons: {_quote(number)}."
        yield _finding(number, "percent-of-few", Severity.REVIEW, message)


def _quote(number: TextNumber) -> str:
    return f"'{' '.join(f'{number.before[-30:]}{number.value.text}{number.after[:30]}'.split())}'"


def _finding(number: TextNumber, rule: str, severity: Severity, message: str) -> Finding:
    fixes = {
        "tree-leaf": "Grow the tree with `min_samples_leaf` at least the minimum count, or print it without sizes.",
        "extreme": "Give a percentile or an age class.",
        "percent-of-few": "Leave the percentage out, or round it to 5 %.",
    }
    return Finding(
        rule=rule,
        severity=severity,
        where=number.where,
        message=message[:2000],
        fix=fixes.get(rule, "Write 'fewer than' the minimum count, or leave the number out."),
        place=number.place,
    )
