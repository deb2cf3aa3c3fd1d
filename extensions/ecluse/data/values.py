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
    order, keys = order_by(_mixed(place, codes))
    equal = keys[1:] == keys[:-1]
    if equal.any():
        tied = with_neighbours(equal)
        alike = order[tied]
        order[tied] = alike[np.lexsort([*(c[alike] for c in reversed(codes)), keys[tied]])]
    return order, place.take(order)


def order_by(numbers: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """The order of numbers by their upper bits, all that their positions leave free, and these bits in this order.

    Each position is put below its number's upper bits and both are sorted as one: several times as fast as numpy finds
    an order. Overwrites `numbers`.
    """
    width = np.uint64(len(numbers).bit_length())
    below = (np.uint64(1) << width) - np.uint64(1)
    numbers &= ~below
    numbers |= np.arange(len(numbers), dtype=np.uint64)
    numbers.sort()
    order = (numbers & below).view(np.intp)
    numbers >>= width
    return order, numbers


def with_neighbours(equal: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of some values are equal to the one before or after them. `equal`: whether each but the first is to its."""
    found = np.zeros(len(equal) + 1, np.bool_)
    found[1:] = equal
    found[:-1] |= equal
    return found


def _mixed(place: NDArray[np.uint16], codes: list[NDArray[Any]]) -> NDArray[np.uint64]:
    """The place of each line above bits that depend on all its codes; in pieces that stay in the processor's cache."""
    made = np.zeros(len(place), np.uint64)
    above = np.uint64(64 - PLACE_BITS)
    for first in range(0, len(place), PIECE):
        mixed = made[first : first + PIECE]
        for one in codes:
            mixed ^= one[first : first + PIECE].astype(np.int64).view(np.uint64)
            mixed *= _MIX
        mixed ^= mixed >> np.uint64(32)
        mixed *= _MIX
        mixed >>= np.uint64(PLACE_BITS)
        mixed |= place[first : first + PIECE].astype(np.uint64) << above
    return made
