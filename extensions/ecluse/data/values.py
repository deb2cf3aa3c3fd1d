"""Plain values outside the engine: coarser days, and an order of lines that follows from the values alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecluse.rules.extract import Action

UNKNOWN_DAY = int(np.datetime64("1600-01-01", "D").astype(np.int64))
"""The SNDS writes this day for 'alive or unknown': it is no date, and is neither shifted nor coarsened."""
SPAN = 1 << 18
PIECE = 1 << 14
PLACE_BITS = 16
WORD = 16
"""Bits sorted at a time: numpy orders numbers so short by counting, which no comparison of longer ones can match."""
MANY = 100
"""Lines of a person, on average, from which on one word of the mix would leave too many of them tied."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


def coarsen(days: NDArray[np.int32], action: Action, shifts: NDArray[np.int16] | None) -> NDArray[np.int32]:
    """Days since 1970 as the first of their month or year, or moved by so many; unknown days stay."""
    if shifts is not None:
        return np.where(days == UNKNOWN_DAY, days, days + shifts)
    unit = "M" if action is Action.MONTH else "Y"
    if not len(days):
        return days
    low, high = int(days.min()), int(days.max())
    if high - low < SPAN:
        return _truncate(np.arange(low, high + 1), unit).take(days - low)
    return _truncate(days, unit)


def _truncate(days: NDArray[np.integer], unit: str) -> NDArray[np.int32]:
    found = days.astype("datetime64[D]").astype(f"datetime64[{unit}]").astype("datetime64[D]")
    return found.astype(np.int64).astype(np.int32)


def line_order(place: NDArray[np.uint16], codes: list[NDArray[Any]]) -> tuple[NDArray[np.intp], NDArray[np.uint16]]:
    """The order of lines by person's place and, within a person, by a mix of the values; equal lines are alike.

    Then the places in this order.

    Two lines of a person that differ and whose mixes are equal are ordered by their values.
    """
    mix = _mixed(codes, len(place))
    persons = int(place.max()) - int(place.min()) + 1 if len(place) else 0
    words = [place, *(_word(mix, n) for n in range(1 if len(place) < MANY * persons else 64 // WORD))]
    order = sort_words(words[::-1])
    ordered = place.take(order)
    equal = ordered[1:] == ordered[:-1]
    for word in words[1:]:
        key = word.take(order)
        equal &= key[1:] == key[:-1]
    if equal.any():
        tied = with_neighbours(equal)
        alike = order[tied]
        order[tied] = alike[np.lexsort([c[alike] for c in [*reversed(codes), *reversed(words)]])]
    return order, ordered


def sort_words(words: list[NDArray[np.uint16]]) -> NDArray[np.intp]:
    """The order by the last of some words, where these are equal by the one before it, and so on."""
    order = np.argsort(words[0], kind="stable")
    for word in words[1:]:
        order = order.take(np.argsort(word.take(order), kind="stable"))
    return order


def with_neighbours(equal: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of some values are equal to the one before or after them. `equal`: whether each but the first is to its."""
    found = np.zeros(len(equal) + 1, np.bool_)
    found[1:] = equal
    found[:-1] |= equal
    return found


def _word(mix: NDArray[np.uint64], number: int) -> NDArray[np.uint16]:
    """So many bits of a mix, the best mixed ones first."""
    return (mix >> np.uint64(64 - WORD * (number + 1))).astype(np.uint16)


def _mixed(codes: list[NDArray[Any]], size: int) -> NDArray[np.uint64]:
    """Bits that depend on all codes of a line; in pieces that stay in the processor's cache."""
    made = np.zeros(size, np.uint64)
    for first in range(0, size, PIECE):
        mixed = made[first : first + PIECE]
        for one in codes:
            mixed ^= one[first : first + PIECE].astype(np.int64).view(np.uint64)
            mixed *= _MIX
        mixed ^= mixed >> np.uint64(32)
        mixed *= _MIX
    return made
