"""Plain values outside the engine: coarser days, and an order of lines that follows from the values alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecluse.rules.extract import Action

UNKNOWN_DAY = int(np.datetime64("1600-01-01", "D").astype(np.int64))
"""The SNDS writes this day for 'alive or unknown': it is no date, and is neither shifted nor coarsened."""
SPAN = 1 << 18
PIECE = 1 << 14
PLACE_BITS, LINE_BITS = 16, 22
"""Of a sort key: the person's place and the line's number; the mix of its values has the bits between."""
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


def line_order(place: NDArray[np.uint16], codes: list[NDArray[Any]]) -> NDArray[np.intp]:
    """The order of lines by person's place and, within a person, by a mix of the values; equal lines are alike.

    Two lines of a person that differ and whose mixes are equal are ordered by their values.
    """
    line, both = np.uint64(LINE_BITS), np.uint64(64 - PLACE_BITS)
    key = _mixed(codes, len(place))
    for first in range(0, len(key), PIECE):
        here = key[first : first + PIECE]
        here >>= np.uint64(PLACE_BITS + LINE_BITS)
        here <<= line
        here |= np.arange(first, first + len(here), dtype=np.uint64)
        here |= place[first : first + PIECE].astype(np.uint64) << both
    key.sort()
    order = (key & np.uint64((1 << LINE_BITS) - 1)).astype(np.intp)
    key >>= line
    equal = key[1:] == key[:-1]
    if equal.any():
        tied = np.zeros(len(order), np.bool_)
        tied[1:] = equal
        tied[:-1] |= equal
        alike = order[tied]
        order[tied] = alike[np.lexsort([*(c[alike] for c in reversed(codes)), key[tied]])]
    return order


def _mixed(codes: list[NDArray[Any]], size: int) -> NDArray[np.uint64]:
    """Bits that depend on all codes of a line; in pieces that stay in the processor's cache."""
    made = np.zeros(size, np.uint64)
    for first in range(0, size, PIECE):
        mixed = made[first : first + PIECE]
        for one in codes:
            mixed ^= one[first : first + PIECE].astype(np.int64).view(np.uint64)
            mixed *= _MIX
            mixed ^= mixed >> np.uint64(32)
    return made
