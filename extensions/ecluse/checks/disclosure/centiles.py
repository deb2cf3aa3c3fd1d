"""Percentiles that stand on few: of n persons, n·p lie beyond the percentile p.

Decides how far out a percentile lies by its name, and, in sentences and in JSON, how many lie beyond it. Worked
example: the 99th percentile of 140 persons has one or two above it; `p1`, `q0.01`, `1st percentile` and `1 %` name the
same level. "The 5th and 95th percentiles among the 1,240 patients" have 62 on each side.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Facts, Passage, TextNumber
from ecluse.rules.finding import Finding

from .explained import Counted, quantities
from .sentences import around, finding, first_of_each, sentences
from .words import plain

_TAIL = re.compile(
    r"(?P<percent>\d{1,3}(?:[.,]\d+)?)\s?%|\b(?:p_?(?P<p>\d{1,2})|q_?(?P<q>\d{2}))\b|\b[pq]_?(?P<level>0?[.,]\d+)\b"
    r"|(?:per)?centiles?[ _]?(?P<of>\d{1,2}(?:[.,]\d+)?)\b"
    r"|\b(?P<nth>\d{1,2}(?:[.,]\d+)?)(?:st|nd|rd|th|er|e|eme)? (?:per)?centile"
    r"|quantiles?[ _]?(?P<part>0?[.,]\d+)"
)
_SAID = re.compile(
    r"\b(?P<a>\d{1,2})(?:th|st|nd|rd|er|e|eme)?(?: (?:and|et|to|-|–) (?:the |le )?(?P<b>\d{1,2})"
    r"(?:th|st|nd|rd|er|e|eme))? (?:per)?centiles?\b|\bp(?P<c>\d{1,2}) ?[=:]"
    r"|\b(?:per)?centiles? (?P<d>\d{1,2})(?: (?:and|et) (?P<e>\d{1,2}))?\b"
)
_N = re.compile(r"\bn ?= ?(\d{1,3}(?:[ ,]\d{3})*|\d{1,7})\b")
_LEVEL = re.compile(r"(?:p|q|pct|perc|percentile|centile|quantile)?_?(?P<level>\d{1,2}(?:[.,]\d+)?|0[.,]\d+) ?%?")
_GROUP = re.compile(r"(?:per)?centiles?|quantiles?")
_SIZE = re.compile(r"n(?:_?(?:obs|patients?|subjects?|persons?|total|rows))?|count|nobs|size|effectif|support|n_?pat")


def find(facts: Facts, minimum: int) -> Iterator[Finding]:
    """Findings on percentiles in sentences and below the keys of a JSON."""
    for passage in facts.passages:
        yield from first_of_each(
            passage, lambda line: (said for s in sentences(line) for said in _of_sentence(s, minimum))
        )
    yield from _of_keys(facts, minimum)


def tail(label: str) -> float:
    """The smaller share on one side of a percentile: 0.5 for a median, 0.05 for `95%`."""
    text = plain(label)
    level = re.search(r"(?:^|[ /])(0?\.\d+)$", text)
    if level:
        return _nearer(float(level[1]))
    found = _TAIL.search(text)
    if found:
        said = found[str(found.lastgroup)]
        share = float(said.replace(",", ".")) / (1 if found.lastgroup in ("level", "part") else 100)
        return _nearer(share)
    return 0.25 if re.search(r"\bq[13]\b|iqr|eiq|quart", text) else 0.5


def _nearer(share: float) -> float:
    """The smaller part of a whole, without the computer's error: of 0.9, 0.1."""
    return round(min(share, 1 - share), 9)


def _of_sentence(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """A percentile of a group whose size stands by."""
    m = _SAID.search(sentence)
    if m is None:
        return
    sizes = [int(re.sub(r"\D", "", n)) for n in _N.findall(sentence)]
    persons = [int(q.value) for q in quantities(sentence) if q.counted is Counted.PERSONS and not q.decimals]
    sizes = sizes or [max(persons)] if sizes or persons else []
    levels = [int(m[g]) / 100 for g in "abcde" if m[g]]
    beyond = min(min(level, 1 - level) for level in levels)
    if sizes and beyond > 0 and beyond * min(sizes) < minimum - 0.5:
        said = around(sentence, m.start(), m.end(), 30)
        yield "percentile", f"Few of {min(sizes)} lie beyond it: '{said}'."


def _of_keys(facts: Facts, minimum: int) -> Iterator[Finding]:
    """Percentiles of a JSON, with the number of persons beside them or around them."""
    sizes: dict[str, float] = {}
    found: list[tuple[str, float, TextNumber]] = []
    for number in facts.numbers:
        path, ends, _ = number.before.rpartition(" = ")
        if not ends or number.after:
            continue
        parent, _, leaf = path.rpartition(" / ")
        key = plain(leaf).strip()
        level = _LEVEL.fullmatch(key)
        named = level is not None and (not key[0].isdigit() or _GROUP.search(plain(parent)) or key.endswith("%"))
        if _SIZE.fullmatch(key.replace(" ", "_")):
            sizes[parent] = number.number
        elif named and level is not None:
            share = float(level["level"].replace(",", "."))
            share = share if share < 1 and "." in level["level"].replace(",", ".") else share / 100
            found.append((parent, _nearer(share), number))
    for parent, beyond, number in found:
        size = next((sizes[p] for p in _around(parent) if p in sizes), None)
        if size is not None and beyond > 0 and beyond * size < minimum - 0.5 and number.number:
            path = number.before.rpartition(" = ")[0]
            said = f"Few of {size:.0f} lie beyond {path[-80:]!r}."
            yield finding(Passage("", where=number.where, place=number.place), "percentile", said)


def _around(path: str) -> Iterator[str]:
    """A path and those around it, the nearest first."""
    parts = path.split(" / ") if path else []
    for end in range(len(parts), -1, -1):
        yield " / ".join(parts[:end])
