"""Columns of plain values outside the engine: coarser days, and an order that follows from the values alone."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ecluse.rules.extract import Action

UNKNOWN_DAY = int(np.datetime64("1600-01-01", "D").astype(np.int64))
"""The SNDS writes this day for 'alive or unknown': it is no date, and is neither shifted nor coarsened."""
SPAN = 1 << 18
PIECE = 1 << 14
_MIX = np.uint64(0x9E3779B97F4A7C15)


def is_plain(kind: pa.DataType) -> bool:
    """Whether columns of this type can be carried outside the engine as they are."""
    return _is_text(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind) or kind in _FIXED


_FIXED = (pa.float32(), pa.float64(), pa.date32(), pa.timestamp("us"))


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type that a column of a plain type is written with."""
    return pa.string() if _is_text(kind) else kind


def coarsen(days: pa.Array, action: Action, shifts: NDArray[np.int16] | None) -> pa.Array:
    """Days (date32) as the first of their month or year, or moved by so many; unknown days stay."""
    numbers = pc.fill_null(days, pa.scalar(0, pa.int32()).cast(pa.date32())).view(pa.int32()).to_numpy()
    if shifts is not None:
        moved = np.where(numbers == UNKNOWN_DAY, numbers, numbers + shifts)
    else:
        moved = _first_of(numbers, "M" if action is Action.MONTH else "Y")
    mask = days.is_null().to_numpy(zero_copy_only=False) if days.null_count else None
    return pa.array(moved.astype(np.int32), pa.int32(), mask=mask).view(pa.date32())


def _first_of(days: NDArray[np.int32], unit: str) -> NDArray[np.int32]:
    if not len(days):
        return days
    low, high = int(days.min()), int(days.max())
    if high - low < SPAN:
        return _truncate(np.arange(low, high + 1), unit)[days - low]
    return _truncate(days, unit)


def _truncate(days: NDArray[np.integer], unit: str) -> NDArray[np.int32]:
    found = days.astype("datetime64[D]").astype(f"datetime64[{unit}]").astype("datetime64[D]")
    return found.astype(np.int64).astype(np.int32)


def line_order(place: NDArray[np.int32], columns: list[pa.Array]) -> NDArray[np.int64]:
    """The order of lines by person's place and, within a person, by a mix of the values; equal lines are alike.

    Two lines of a person that differ and whose mixes are equal are ordered by their values.
    """
    codes = [code for column in columns for code in _codes(column)]
    short = _mixed(codes, len(place))
    order = np.argsort(short, kind="stable")
    order = order.take(np.argsort(place.astype(np.uint16).take(order), kind="stable"))
    both = (place.astype(np.uint32) << np.uint32(16) | short).take(order)
    tied = np.zeros(len(order), np.bool_)
    equal = both[1:] == both[:-1]
    tied[1:] = equal
    tied[:-1] |= equal
    if equal.any():
        here = order[tied]
        keys = [c[here] for c in reversed(codes)]
        order[tied] = here[np.lexsort([*keys, both[tied]])]
    return order


def _mixed(codes: list[NDArray[np.unsignedinteger]], size: int) -> NDArray[np.uint16]:
    """Sixteen bits that depend on all codes of a line; in pieces that stay in the processor's cache."""
    short = np.empty(size, np.uint16)
    for first in range(0, size, PIECE):
        here = slice(first, first + PIECE)
        mixed = np.zeros(len(short[here]), np.uint64)
        for one in codes:
            mixed ^= one[here]
            mixed *= _MIX
            mixed ^= mixed >> np.uint64(32)
        mixed >>= np.uint64(8)
        short[here] = mixed.astype(np.uint16)
    return short


def _codes(column: pa.Array) -> list[NDArray[np.unsignedinteger]]:
    """Numbers that are the same for equal values, whatever the order of the lines; nulls have one of their own."""
    if pa.types.is_string(column.type):
        encoded = column.dictionary_encode()
        rank = np.zeros(len(encoded.dictionary) + 1, np.uint64)
        rank[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(1, len(rank))
        return [rank[pc.fill_null(encoded.indices, -1).to_numpy()]]
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    kind = f"u{column.type.bit_width // 8}"
    numbers = np.frombuffer(column.buffers()[1], kind, len(column), column.offset * np.dtype(kind).itemsize)
    if not column.null_count:
        return [numbers]
    empty = column.is_null().to_numpy(zero_copy_only=False)
    return [np.where(empty, numbers.dtype.type(0), numbers), empty.astype(np.uint8)]
