"""Labels of periods that hold others: a quarter below its months, a year below its quarters.

Decides from words alone. Worked example: among "janv.", "févr.", "mars" and "T1" the last is the total of the other
three, as surely as if it were called so; "T1" among "T2" and "T3" is no total of anything.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .words import plain

_MONTHS = (
    "jan(?:v|vier|uary)?|fe[bv](?:r|rier|ruary)?|mar(?:s|ch)?|a[pv]r(?:il)?|may|mai|jui?n(?:e)?|jui?l(?:y|let)?|aou?t|aug(?:ust)?"
    "|sept?(?:embre|ember)?|oct(?:obre|ober)?|nov(?:embre|ember)?|dec(?:embre|ember)?"
)
_YEAR = r"(?:19|20)\d\d"
_KINDS = (
    re.compile(rf"(?:{_MONTHS})\.?(?:[ -]?(?:{_YEAR}|\d\d))?|{_YEAR}[-/](?:0[1-9]|1[0-2])"),
    re.compile(
        rf"(?:{_YEAR}[ -]?)?(?:[tq][1-4]|[1-4](?:er|e|eme|st|nd|rd|th)? (?:trimestre|trim\.?|quarter)"
        rf"|(?:trimestre|quarter|trim\.?) [1-4]|(?:first|second|third|fourth) quarter)(?:[ -/]?{_YEAR})?"
    ),
    re.compile(
        rf"(?:{_YEAR}[ -]?)?(?:[sh][12]|[12](?:er|e|eme|st|nd)? (?:semestre|half(?:[ -]year)?)|(?:semestre|half) [12])"
        rf"(?:[ -/]?{_YEAR})?"
    ),
    re.compile(rf"{_YEAR}|(?:full[ -])?year|annee(?: {_YEAR})?|ytd|cumul(?:e)?(?: {_YEAR})?"),
)
"""Months, quarters, halves of a year and years, in lower case without accents."""
_QUARTERS = frozenset({"q1", "q2", "q3", "q4"})
_WEEK_OR_DAY = re.compile(rf"{_YEAR}[ -]?[WwSs]\d\d?|{_YEAR}-\d\d-\d\d|\d\d?/\d\d?/{_YEAR}")
LEAST_RUN = 6
"""Periods that make a series, before which a date may stand in a column of its own."""
LEAST = 2
"""Periods that make another one."""
_LONGEST = 24
"""Characters of such a label."""


def totals(labels: Sequence[str]) -> frozenset[int]:
    """Positions of the labels that are the total of shorter periods beside them."""
    kinds = [_kind(label) for label in labels]
    shorter = [sum(kinds.count(k) for k in range(kind)) for kind in range(len(_KINDS))]
    return frozenset(at for at, kind in enumerate(kinds) if kind > 0 and shorter[kind] >= LEAST)


def quarters(labels: Sequence[str]) -> frozenset[int]:
    """Positions of Q1 to Q4 that are quarters of a year, not quartiles: beside months, or all four of them."""
    named = {n: text for n, label in enumerate(labels) if (text := plain(label).strip(" :*")) in _QUARTERS}
    months = sum(_kind(label) == 0 for label in labels)
    return frozenset(named if months >= LEAST or set(named.values()) >= _QUARTERS else ())


def in_time(labels: Sequence[str]) -> bool:
    """Whether every row is a period of its own: months, quarters, years, weeks, days."""
    named = all(_kind(label) >= 0 or _WEEK_OR_DAY.fullmatch(label.strip()) for label in labels)
    return named and len(labels) == len(set(labels)) >= LEAST_RUN


def is_clock(numbers: NDArray[np.float64]) -> bool:
    """Whether a column of a time series tells what was before a date from what was after it.

    It is 0, then 1 to the end (an intervention), or 0, then 1, 2, 3 and so on (the time since it).
    """
    before = int((np.cumsum(numbers != 0) == 0).sum())
    after = numbers[before:]
    if before < LEAST or len(after) < LEAST_RUN // 2:
        return False
    since = len(after) >= LEAST_RUN and bool((after == np.arange(1, len(after) + 1)).all())
    return since or bool((after == 1).all())


@lru_cache(maxsize=8192)
def _kind(label: str) -> int:
    """0 for a month up to 3 for a year; −1 for what is no period."""
    if len(label) > _LONGEST:
        return -1
    text = plain(label).strip(" :*")
    return next((n for n, kind in enumerate(_KINDS) if kind.fullmatch(text)), -1)
