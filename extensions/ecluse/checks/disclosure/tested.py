"""Degrees of freedom of a test that a sentence or a program reports, and rates of a population whose size it gives.

Decides from the words of one line. Worked example: "t(3) = 2.9, p = 0.06" compares five persons; "F(2, 5) = 7.1" and
"t = 2.9, df = 3" leave five and three; "chi2(4)" counts categories and tells of nobody. "1.3 per 100,000 in a region of
230,000 inhabitants" are three persons; in a region of 2.3 million they are 30.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Passage, Source
from ecluse.rules.finding import Finding

from .people import PERSON, is_change
from .sentences import around, finding, lines, sentences

_NUMBER = r"\d{1,4}(?:[.,]\d{1,3})?"
_CALLED = re.compile(
    rf"(?<![\w.])(?P<name>[tr]) ?\((?P<of>{_NUMBER})\) ?[=<>≈]"
    rf"|(?<![\w.])f ?\({_NUMBER} ?[,;] ?(?P<rest>{_NUMBER})\) ?[=<>≈]"
)
"""The second degrees of freedom of an F are those that persons leave."""
_NAMED = re.compile(
    rf"\bt ?= ?-?[\d.,]+ ?[,;(] ?(?:df|ddl|dof|d\.f\.|ν) ?= ?(?P<of>{_NUMBER})(?![\d.])"
    rf"|\bdenom(?:inator)? df ?= ?(?P<rest>{_NUMBER})|\bon \d{{1,3}} and (?P<last>\d{{1,3}}) df\b"
)
_P_VALUE = re.compile(r"\bp ?[=<>≤]|\bp-?val")
_TEST = re.compile(r"\bp ?[=<>≤]|\bp-?val|\b(?:signific\w*|anova|student|welch\w*|tests?|correl\w*)\b")
_FITTED = re.compile(
    rf"(?<![\d.,])(?P<n>\d{{1,3}}) (?:observations?|{PERSON})\b[^.;\d]{{0,40}}?(?P<k>\d{{1,3}}) (?:[a-z]+ )?"
    r"(?:covariates|predictors|parameters|variables|covariables|predicteurs|parametres|regressors"
    r"|coefficients|features)\b"
)
_MODEL = re.compile(r"\b(?:model\w*|fit(?:ted|s)?|regress\w*|ajust\w*|r2|r²)")
_RATE = re.compile(
    r"(?<![\d.,])(?P<rate>\d{1,4}(?:[.,](?P<part>\d{1,3}))?) ?(?:[a-z]{3,12} )?(?:per|pour|for every|p\.|/) ?"
    r"(?P<base>1[ ,.]?000[ ,.]?000|100[ ,.]?000|10[ ,.]?000|1[ ,.]?000|cent mille|mille|(?:a )?thousand|(?:a "
    r"|un )?million)"
    r"(?![\d.,]*\d| (?:person|patient|personnes?)[- ](?:years?|annees?|days))"
)
_WORDS = {"mille": 1e3, "thousand": 1e3, "million": 1e6, "cent mille": 1e5}
_MANY = rf"(?:inhabitants?|habitants?|births?|naissances|deliveries|accouchements|souls|ames|{PERSON})"
_POPULATION = re.compile(
    rf"(?<![\d.,])(?P<n>\d{{1,3}}(?:[ ,]\d{{3}})+|\d{{3,9}}"
    rf"|\d{{1,3}}(?:[.,]\d{{1,2}})?(?= millions?))(?P<m> millions?)?"
    rf" (?:d'|of |de )?(?:[a-z]{{2,12}} ){{0,2}}?{_MANY}\b"
    r"|\bpopulation (?:totale |of about |of |de |d'environ )+(?P<of>\d{1,3}(?:[ ,]\d{3})+|\d{3,9})(?!\d)"
)
_MEAN = re.compile(r"\b(?:per year|par an|annu\w+|yearly|means?|moyen\w*|average|standard\w*)\b")
"""A rate of a year that several years give counts nobody of a single one."""
_SURE = 3.0
"""Persons by which the last digit of a rate may leave their number open."""


def find(passage: Passage, minimum: int, freedom: int) -> Iterator[Finding]:
    """Findings on one passage, the first of each kind in each line."""
    if passage.source not in (Source.PROSE, Source.OUTPUT):
        return
    for line in lines(passage):
        for rule, message in (*_freedom(line, freedom), *_rates(line, minimum)):
            yield finding(passage, rule, message)
            break


def _freedom(line: str, minimum: int) -> Iterator[tuple[str, str]]:
    """Few degrees of freedom behind a t, an F or a correlation."""
    for m in _FITTED.finditer(line):
        if _MODEL.search(line) and 0 < int(m["n"]) - int(m["k"]) - 1 < minimum:
            said = around(line, m.start(), m.end(), 20)
            yield "degrees-of-freedom", f"A model of {m['n']} persons and {m['k']} terms nearly repeats them: '{said}'."
    if "(" not in line and "df" not in line and "ddl" not in line:
        return
    for m in (*_CALLED.finditer(line), *_NAMED.finditer(line)):
        told = next(value for name, value in m.groupdict().items() if name != "name" and value)
        few = float(told.replace(",", "."))
        wanted = _P_VALUE if m.groupdict().get("name") == "r" else _TEST
        if 0 < few < minimum and wanted.search(line):
            said = around(line, m.start(), m.end(), 20)
            yield "degrees-of-freedom", f"A test with {few:g} degrees of freedom rests on few persons: '{said}'."


def _rates(line: str, minimum: int) -> Iterator[tuple[str, str]]:
    """A rate times the population that is named with it."""
    rates = list(_RATE.finditer(line)) if any(word in line for word in ("000", "mille", "thousand", "million")) else []
    populations = [(m.start(), size) for m in _POPULATION.finditer(line) if (size := _size(m))] if rates else []
    at = 0
    for sentence in sentences(line) if populations else ():
        at = line.index(sentence, at)
        end = at + len(sentence)
        near = [size for start, size in populations if at <= start < end] or [s for _, s in populations[:2]]
        for m in (m for m in rates if at <= m.start() < end):
            base = _WORDS.get(m["base"].removeprefix("a ").removeprefix("un ")) or float(re.sub(r"\D", "", m["base"]))
            people = float(m["rate"].replace(",", ".")) * near[0] / base
            slack = 0.5 * 10.0 ** -len(m["part"] or "") * near[0] / base
            told = len(set(near)) == 1 and near[0] > base / 1000 and slack < _SURE and 0.5 <= people < minimum - 0.5
            if told and not _MEAN.search(sentence) and not is_change(line, m.start(), m.end()):
                said = around(line, m.start(), m.end(), 40)
                yield "percent-of-few", f"That rate of {near[0]:.0f} is {people:.0f} persons: '{said}'."


def _size(m: re.Match[str]) -> float:
    """A population's size, unless it is the base of a rate."""
    text = m["n"] or m["of"]
    if m["m"]:
        return float(text.replace(",", ".")) * 1e6
    size = float(re.sub(r"\D", "", text))
    before = m.string[max(m.start() - 8, 0) : m.start()]
    return 0.0 if re.search(r"(?:per|pour|p\.|/) ?$", before) else size
