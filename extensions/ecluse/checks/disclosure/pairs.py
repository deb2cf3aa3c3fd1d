"""Names and numbers side by side on one line that a program printed, and leaves of one JSON object.

Decides what such a line tells of a group together. Worked example: "class 2: precision 0.61 recall 0.75 support 8" has
eight in a class; "arm: drug n: 212 responders: 206" leaves six without a response, and so do the leaves
`drug / n = 212` and `drug / responders = 206`. "trial 7 depth 6 rounds 300" counts nobody.
"""

import re
from collections.abc import Iterable, Iterator

from ecluse.checks.facts import Facts, Passage, Source, TextNumber, Value
from ecluse.rules.finding import Finding

from .explained import thing_follows
from .labelled import BARE, PERSONS, SETTING
from .people import CLINICAL
from .sentences import finding
from .words import Measure, measure_of, plain

_PAIR = re.compile(r"(?P<key>[a-z][a-z_]{0,24}) ?[:=]? ?(?P<value>\d{1,9}(?:[.,]\d{1,8})?)(?= |[,;|)\]}]|$)")
_LEAF = re.compile(r"(?P<groups>[^=:\n]{1,160}) / (?P<leaf>[^=:/\n]{1,40}?)\s?=\s*$")
_HEAD = re.compile(r"(?:[^:=\d]|\d ?[x×] ?\d){3,60}?[:=] ")
_ENTRY = re.compile(r"(?P<key>[a-z0-9][a-z0-9 '_-]{0,24}?) ?[:=] ?(?P<value>\d{1,6})(?![.,]?\d)(?=[ ,;.]|$)")
_FIRST = re.compile(r"\d{1,6}(?= ?[;,] ?[a-z])")
_NAMED = re.compile(r"(?P<key>[a-z][a-z0-9 '_-]{0,24}) (?P<value>\d{1,6})")
_CONTINGENCY = re.compile(r"\b(?:value_?counts?|2 ?[x×] ?2|two[- ]by[- ]two|contingency|crosstab|cross-tabulation)\b")
_BY = re.compile(
    r"(?:sexe?|gender|genre|outcome|issue|stage|stade|ethnicit\w*|nationalit\w*|centre|center|site|ward)s? ?[:=]"
)
"""What persons are counted by, as `sex: F=212, M=4`."""
LONGEST = 400
LEAST = 3
"""Pairs of a line without signs that make it one of a program."""
_WHOLE = BARE | {
    "total",
    "size",
    "patients",
    "subjects",
    "participants",
    "randomised",
    "randomized",
    "included",
    "enrolled",
}


_SHARE = re.compile(
    r"(?:.*_)?(?:shares?|prop(?:ortion)?s?|prevalences?|fractions?|pct|percent(?:age)?s?|pourcentages?|taux"
    r"|rates?|parts?)(?:_.*)?"
)
_NO_SHARE = re.compile(
    r"learn|drop|sampl|decay|test|train|alpha|missing_rate_max|threshold|split|valid|error|hazard|odds|discount"
)
_SIZE = re.compile(r"(?:n|nb|total|size|count|nobs|effectif|n_?(?:patients?|subjects?|persons?|total|obs))")
_SURE_SLACK = 0.75
"""Persons by which a share's last digit may be off."""


def _shares(facts: Facts, minimum: int) -> Iterator[Finding]:
    """A share of a JSON object beside the number of its persons: `share 0.013` of `n 230` are three."""
    sizes: dict[str, float] = {}
    shares: list[tuple[str, str, TextNumber]] = []
    for number in facts.numbers:
        path, ends, _ = number.before.rpartition(" = ")
        parent, _, leaf = path.rpartition(" / ")
        key = plain(leaf).strip().replace(" ", "_")
        if ends and not number.after and _SIZE.fullmatch(key):
            sizes[parent] = number.number
        elif ends and not number.after and _SHARE.fullmatch(key) and not _NO_SHARE.search(key):
            shares.append((parent, key, number))
    for parent, key, number in shares:
        size, value = sizes.get(parent), number.value
        if size is None or not isinstance(value, Value) or not 0 < value.number < 100:
            continue
        percent = value.number > 1 or "pct" in key or "percent" in key or "pourcent" in key
        scale = 100.0 if percent or value.unit == "%" else 1.0
        slack = 0.5 * 10.0**-value.decimals * size / scale
        people = value.number * size / scale
        few = min(people, size - people)
        if (
            slack < _SURE_SLACK
            and few >= 1 - slack
            and few + slack < minimum
            and abs(few - round(few)) <= slack + 1e-9
            and few > slack
        ):
            said = f"{key!r} {value.text} of {size:.0f} are {round(few)} persons."
            yield finding(Passage("", where=number.where, place=number.place), "percent-of-few", said)


def find(facts: Facts, minimum: int) -> Iterator[Finding]:
    """Findings on one file, one per line or object."""
    for passage in facts.passages:
        if passage.source in (Source.PROSE, Source.OUTPUT):
            for line in passage.text.splitlines():
                if 6 < len(line) <= LONGEST and any(map(str.isdigit, line)):  # a pair
                    yield from _of_line(passage, plain(line), minimum)
    yield from _shares(facts, minimum)
    objects: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for number in facts.numbers:
        found = _LEAF.search(number.before)
        if found and float(number.number).is_integer():
            objects.setdefault((number.where, found["groups"]), []).append((found["leaf"], f"{number.number:.0f}"))
    for (where, group), pairs in objects.items():
        for said in _left(pairs, minimum):
            yield finding(Passage("", Source.OUTPUT, where), "complement", f"{group[-80:]}: {said}")


def _of_line(passage: Passage, line: str, minimum: int) -> Iterator[Finding]:
    yield from _headed(passage, line, minimum)
    found = list(_PAIR.finditer(line))
    if len(found) < 2 or 2 * sum(m.end() - m.start() for m in found) < len(line):  # mostly pairs
        return
    pairs = [(m["key"], m["value"]) for m in found]
    for said in _left(pairs, minimum):
        yield finding(passage, "complement", said)
        return
    for key, value in pairs if len(pairs) >= LEAST and any("." in v for _, v in pairs) else ():
        words = _words(key)
        counted = words <= BARE or bool(words & PERSONS)
        if value.isdecimal() and 1 <= int(value) < minimum and counted and not words & SETTING:
            yield finding(passage, "small-count", f"A small number of persons: '{key} {value}'.")
            return


def _headed(passage: Passage, line: str, minimum: int) -> Iterator[Finding]:
    """`cases by ward: A=14 B=9`, `deaths: 2019: 14; 2021: 8`: a table in one line, of persons by its head."""
    head = _HEAD.match(line)
    if head is None:
        return
    if not (
        _BY.match(head[0])
        or CLINICAL.search(head[0])
        or _CONTINGENCY.search(head[0])
        or measure_of(head[0]) is Measure.COUNT
    ):
        return
    entries = [(m["key"].strip(), int(m["value"])) for m in _ENTRY.finditer(line, head.end())]
    if first := _FIRST.match(line, head.end()):
        entries.insert(0, (head[0].strip(" :="), int(first[0])))
    entries = entries or _listed(line[head.end() :])
    few = [(key, n) for key, n in entries if 1 <= n < minimum and not _words(key) & SETTING]
    kinds = {measure_of(key) for key, _ in entries}
    counted = kinds <= {Measure.UNKNOWN, Measure.COUNT, Measure.CODE, Measure.DATE, Measure.YEAR}
    if len(entries) > 1 and few and counted and max(n for _, n in entries) >= minimum:
        yield finding(passage, "small-count", f"{few[0][1]} beside {few[0][0]!r}: '{line[:100]}'.")


def _listed(text: str) -> list[tuple[str, int]]:
    """`A 31, B 12, C 4`: names and numbers, if there is nothing else; names of things count nobody."""
    parts = [_NAMED.fullmatch(part.strip(" .")) for part in re.split("[,;]", text)]
    entries = [(m["key"], int(m["value"])) for m in parts if m]
    return entries if len(entries) == len(parts) and not all(thing_follows(f" {key}") for key, _ in entries) else []


def _left(pairs: Iterable[tuple[str, str]], minimum: int) -> Iterator[str]:
    """What a part leaves of the whole that stands before it."""
    whole = 0
    for key, value in pairs:
        words = _words(key)
        if not value.isdecimal() or not words or words & SETTING:
            continue
        number = int(value)
        if words <= _WHOLE and number >= minimum:
            whole = number
        elif whole and words & PERSONS and 1 <= whole - number < minimum:
            yield f"{number} of {whole} leave {whole - number} persons: '{key} {value}'."
            return


def _words(key: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+", plain(key).replace("_", " ")))
