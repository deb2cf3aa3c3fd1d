"""The sentences of a passage, and the finding on what one of them says.

Decides where a sentence goes on in the next line. Worked example: "Of the 153 patients who were" and "followed, 150
came back." are one sentence of a text that was wrapped; "n = 153" and "p = 0.03" below each other are two lines.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from ecluse.checks.facts import Passage, Source
from ecluse.rules.finding import Finding, Severity

from .words import plain

SHORTEST, LONGEST = 6, 4000
"""Characters of a line that may say something: longer ones are data."""
_WRAPPED = 55
"""Characters from which a line may have been wrapped."""
_ENDS = re.compile(r"[.:;!?|>)\]]\s*$")
_STARTS = re.compile(r"[(\w«\"']")
_COLUMNS = re.compile(r"\S(?: {2,}|\t)\S")
_OF_COLUMN = re.compile(r"(?<![\d.,])\d[\d,]{0,9} \(\d{1,3}(?:[.,]\d{1,3})? ?%\)(?= [\d(<]|$)")
_CELLS = re.compile(r" ?\| ?|(?<!\\) & ")
_MOST_JOINED = 12
_THOUSANDS = re.compile(r"(?<=\d)(?:\{,\}|\\,|~)(?=\d{3}(?!\d))")
r"""LaTeX's `2{,}292`, `2\,292` and `2~292`."""
_MARKED = re.compile(r"[}\\~]")
_KEPT = 100_000
"""Characters of a text up to which its lines are kept from one rule to the next."""
_FIXES = {
    "extreme": "Give a percentile or a class that many share.",
    "whole-group": "Leave it out, or say in the description why it is so by nature.",
    "person-in-text": "Say it of several persons, in your own words and in classes that many share.",
    "complement": "Leave one of the two figures out, or round both.",
    "percent-of-few": "Leave the percentage out, or round it to 5 %.",
}


def lines(passage: Passage) -> Iterable[str]:
    """The lines of a passage in lower case, without accents, those of one wrapped paragraph together."""
    drawn = passage.source is Source.PICTURE
    return _kept(passage.text, drawn) if len(passage.text) <= _KEPT else _lines(passage.text, drawn)


@lru_cache(maxsize=256)
def _kept(text: str, drawn: bool) -> tuple[str, ...]:
    """The lines of a short text, which each rule asks for."""
    return tuple(_lines(text, drawn))


def _lines(text: str, drawn: bool) -> Iterator[str]:
    for line in text.splitlines() if drawn else joined(text.splitlines()):
        if SHORTEST < len(line) <= LONGEST:
            yield " ".join(printed(plain(line)).replace("’", "'").replace("\\%", "%").split())


def printed(text: str) -> str:
    """A text with the thousands as LaTeX prints them."""
    return _THOUSANDS.sub(lambda found: "," if found[0] == "{,}" else " ", text) if _MARKED.search(text) else text


def joined(texts: list[str]) -> Iterator[str]:
    """Lines, with those that only a margin broke put together again."""
    parts: list[str] = []
    for text in texts:
        line = text.strip()
        long = sum(map(len, parts)) + len(parts) + len(line)
        if parts and _goes_on(parts[-1], line) and len(parts) < _MOST_JOINED and long <= LONGEST:
            parts.append(line)
            continue
        if parts:
            yield " ".join(parts)
        parts = [line]
    if parts:
        yield " ".join(parts)


def _goes_on(above: str, below: str) -> bool:
    """Whether a line is long, of words, unfinished, and the next begins as a sentence does not."""
    if len(above) < _WRAPPED or not below or _ENDS.search(above) or not _STARTS.match(below):
        return False
    if _COLUMNS.search(above) or _COLUMNS.search(below) or below[0].isupper():
        return False
    return sum(c.isalpha() for c in above) * 2 > len(above)


def sentences(line: str) -> list[str]:
    """The sentences of a line: a point behind a figure ends none unless a word in capitals followed it.

    The cells of a row, `| eGFR < 30 | 160 (5.1%) |` or `eGFR & 160 & 141`, are a sentence each.
    """
    if line.count("|") > 1 or line.count(" & ") > 1:
        return [part for cell in _CELLS.split(line) for part in _sentences(cell)]
    return _sentences(line)


def is_row(sentence: str) -> bool:
    """Whether a line is one of a table, of counts with their shares: `ECOG 2 23 (4.5 %) 23 (4.6 %)`.

    Each share is one of its column, not of the count before it nor of what the line is named after.
    """
    return len(_OF_COLUMN.findall(sentence)) > 1


def _sentences(line: str) -> list[str]:
    return re.split(r"(?<=[a-z)\]%\"»][.!?]) |(?<=\d[.!?]) (?=[a-z(\"«]|\d{1,2}[.)] [a-z])", line)


def around(text: str, start: int, end: int, reach: int = 12) -> str:
    """What stands at a place of a line, with a few letters to either side."""
    return text[max(0, start - reach) : end + reach].strip()[:160]


def phrase_before(text: str, at: int) -> str:
    """What stands before a place in the same phrase: neither a figure nor a comma parts them."""
    return re.split(r"[\d,;:(]", text[max(at - 24, 0) : at])[-1]  # a noun and its adjectives


def finding(passage: Passage, rule: str, message: str) -> Finding:
    """What a sentence tells is for the reviewers: words can mislead."""
    return Finding(
        rule=rule,
        severity=Severity.REVIEW,
        where=passage.where,
        message=message[:2000],
        fix=_FIXES.get(rule, "Write 'fewer than' the minimum count, or leave the number out."),
        place=passage.place,
    )


def first_of_each(passage: Passage, of_line: Callable[[str], Iterable[tuple[str, str]]]) -> Iterator[Finding]:
    """Findings on a passage of prose or output from rule and message, the first of each rule in each line."""
    if passage.source not in (Source.PROSE, Source.OUTPUT):
        return
    for line in lines(passage):
        told: set[str] = set()
        for rule, message in of_line(line):
            if rule not in told:
                told.add(rule)
                yield finding(passage, rule, message)


def as_written(passage: Passage, patterns: Iterable[tuple[re.Pattern[str], str]]) -> Iterator[Finding]:
    """One finding for each pattern that is met where capitals still stand, with what it says of the person."""
    if passage.source not in (Source.PROSE, Source.OUTPUT):
        return
    for pattern, message in patterns:
        if named := pattern.search(passage.text):
            said = " ".join(around(passage.text, named.start(), named.end(), 40).split())
            yield finding(passage, "person-in-text", f"{message}: '{said}'.")
