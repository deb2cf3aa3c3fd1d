"""A table about persons cut into parts: the lines of some who follow each other in the order of pseudonyms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .lines import Ints
from .persons import Subjects
from .values import PLACE_BITS

PART = 500_000
"""Lines: few enough for a part's columns to be sorted in the processor's cache."""
PART_PERSONS = 1 << PLACE_BITS
MOST_LINES = 3_000_000


@dataclass(frozen=True)
class Parts:
    """Which part each line goes to, by the number of its person; the last number is for -1, nobody.

    Who is not chosen is in a part after all others. `local` counts the places of a part from 0, `first` has the place
    that each part begins with.
    """

    of: NDArray[np.unsignedinteger]
    local: NDArray[np.uint16]
    first: Ints


def split(subjects: Subjects) -> Parts | None:
    """Parts of about `PART` lines; None if one person has so many that no part could hold them."""
    ids = subjects.ids
    lines = subjects.lines.counts
    # One more for -1: nobody.
    place = np.append(subjects.of(np.where(ids.chosen, ids.place, np.int32(-1))), np.int32(-1)).astype(np.int32)
    here = place[: len(lines)]
    chosen = here >= 0
    counts = np.bincount(here[chosen], lines[chosen], len(ids.pseudonyms)).astype(np.int64)
    if len(counts) and counts.max() > MOST_LINES:
        return None
    first = _firsts(counts)
    if len(first) >= np.iinfo(np.uint16).max:
        return None
    ends = np.append(first, np.int32(len(counts)))
    of = np.repeat(np.arange(len(ends), dtype=np.min_scalar_type(len(first))), np.append(np.diff(ends), 1))
    local = np.arange(len(of), dtype=np.int32) - ends.take(of)
    return Parts(of.take(place, mode="wrap"), local.astype(np.uint16).take(place, mode="wrap"), first)


def _firsts(counts: NDArray[np.int64]) -> Ints:
    """The place that each part begins with. `counts`: the lines of each place."""
    ends = np.cumsum(counts)
    first: list[int] = []
    begin = 0
    while begin < len(counts):
        first.append(begin)
        before = ends[begin - 1] if begin else 0
        end = int(np.searchsorted(ends, before + PART, side="right"))
        begin = min(max(end, begin + 1), begin + PART_PERSONS)
    return np.array(first, np.int32)
