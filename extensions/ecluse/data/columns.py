"""Columns as plain arrays: narrow, so that less is moved; with their nulls apart; and back in the types of the source.

A column is two arrays or more: values (for text: lengths, then bytes), and where the source may have nulls one that
tells them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ecluse.rules.extract import Action

from .chunks import MOST_DISTINCT, Chunk, Pages, distinct, lengthened, narrow, packed
from .spill import Arrays
from .values import coarsen

_FIXED = (pa.float32(), pa.float64(), pa.date32(), pa.timestamp("us"))
LARGEST = 1 << 31
PROBE = 1 << 8
"""Values that tell most often that not all are whole."""
_NARROW = (np.dtype(np.int8), np.dtype(np.int16), np.dtype(np.int32))


def is_plain(kind: pa.DataType) -> bool:
    """Whether columns of this type can be carried outside the engine as they are."""
    return _is_text(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind) or kind in _FIXED


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


@dataclass(frozen=True)
class Column:
    """A granted column: how it is written, and whether the source may have nulls in it."""

    name: str
    kind: pa.DataType
    action: Action
    nullable: bool

    @property
    def text(self) -> bool:
        """Whether its values are text."""
        return _is_text(self.kind)

    @property
    def written(self) -> pa.DataType:
        """The type to write."""
        return pa.string() if self.text else self.kind

    @property
    def arrays(self) -> int:
        """How many arrays it is."""
        return 1 + self.text + self.nullable

    def flatten(
        self, found: pa.ChunkedArray, lines: NDArray[np.intp], shifts: NDArray[np.int16] | None, ends: list[int]
    ) -> Iterator[Arrays]:
        """The values of some lines, cut at `ends`.

        Raises:
            ArrowInvalid: if text is no UTF-8, or if there are nulls in a column that has none.
        """
        if found.null_count and not self.nullable:
            raise pa.ArrowInvalid(f"nulls in {self.name}, of which the file says that it has none")
        if not ends:
            return
        bounds = list(zip([0, *ends], ends, strict=False))
        null = [found.is_null().combine_chunks().to_numpy(zero_copy_only=False).take(lines)] if self.nullable else []
        if self.text:
            texts = pc.take(_texts(found), pa.array(lines), boundscheck=False).cast(pa.string())
            starts = np.frombuffer(texts.buffers()[1], np.int32, len(texts) + 1, texts.offset * 4)
            data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
            lengths = np.diff(starts)
            for a, b in bounds:
                yield [lengths[a:b], data[starts[a] : starts[b]], *(n[a:b] for n in null)]
            return
        values = _whole(_narrow(found).take(lines))
        if self.action is not Action.KEEP:
            moved = shifts if self.action is Action.SHIFT else None
            values = _narrowed(coarsen(values.astype(np.int32), self.action, moved))
        for a, b in bounds:
            yield [values[a:b], *(n[a:b] for n in null)]

    def unflatten(self, arrays: Arrays) -> "Values":
        """A part's arrays, all its lines."""
        null = arrays[-1] if self.nullable and arrays[-1].any() else None
        if not self.text:
            values = arrays[0]
            if null is not None:
                values[null] = 0
            return Values(self, _whole(values), null, None)
        offsets = np.zeros(len(arrays[0]) + 1, np.int64)
        np.cumsum(arrays[0], out=offsets[1:])
        buffers = [_valid(null), pa.py_buffer(offsets), pa.py_buffer(arrays[1])]
        encoded = pa.Array.from_buffers(pa.large_string(), len(arrays[0]), buffers).dictionary_encode()
        order = pc.sort_indices(encoded.dictionary)
        rank = np.empty(len(order), np.int32)
        rank[order.to_numpy()] = np.arange(len(order), dtype=np.int32)
        # Where all are null there is no text: any place will do, for it is left out.
        rank = rank if len(rank) else np.zeros(1, np.int32)
        codes = rank.take(pc.fill_null(encoded.indices, 0).to_numpy())
        codes[null if null is not None else slice(0)] = 0
        return Values(self, codes, null, encoded.dictionary.take(order).cast(pa.string()))


@dataclass(frozen=True)
class Values:
    """A column of a part: numbers, or places in a sorted dictionary of the part's texts; 0 where null."""

    column: Column
    values: NDArray[Any]
    null: NDArray[np.bool_] | None
    texts: pa.Array | None

    def codes(self) -> Arrays:
        """Numbers that are the same for equal values, whatever the order of the lines and the width of the arrays."""
        values = self.values
        if values.dtype.kind == "f":
            values = values.view(f"i{values.dtype.itemsize}")
        return [values] if self.null is None else [values, self.null]

    def chunk(self, order: NDArray[np.intp], nullable: bool, pages: Pages) -> Chunk:
        """The values in an order, as they are written."""
        rows, values = len(order), self.values
        if self.texts is not None and len(self.texts) <= MOST_DISTINCT:
            values = narrow(values, len(self.texts))
        values = values.take(order)
        null = None
        if self.null is not None:
            null = self.null.take(order)
            values = values[~null]
        elif nullable:
            null = np.zeros(rows, np.bool_)
        if self.texts is not None:
            if not 0 < len(self.texts) <= MOST_DISTINCT:
                return pages.plain(lengthened(self.texts.take(pa.array(values))), rows, null)
            return pages.coded(lengthened(self.texts), len(self.texts), packed(values), rows, null)
        if pa.types.is_boolean(self.column.kind):
            return pages.plain(np.packbits(values.astype(np.bool_), bitorder="little").tobytes(), rows, null)
        stored, found = _on_disk(self.column.kind), distinct(values) if len(values) else None
        if found is None:
            return pages.plain(values.astype(stored).tobytes(), rows, null)
        codes, dictionary = found
        return pages.coded(dictionary.astype(stored).tobytes(), len(dictionary), packed(codes), rows, null)


def _valid(null: NDArray[np.bool_] | None) -> pa.Buffer | None:
    return None if null is None else pa.array(~null).buffers()[1]


def _texts(found: pa.ChunkedArray) -> pa.Array:
    for chunk in found.chunks:  # whose bytes may be no UTF-8
        (chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk).validate(full=True)
    return found.unify_dictionaries().combine_chunks()


def _stored(kind: pa.DataType) -> np.dtype[Any]:
    """How a value of a fixed width lies in memory."""
    if pa.types.is_floating(kind) or pa.types.is_unsigned_integer(kind):
        return np.dtype(f"{'f' if pa.types.is_floating(kind) else 'u'}{kind.bit_width // 8}")
    return np.dtype(f"i{kind.bit_width // 8}")


def _on_disk(kind: pa.DataType) -> np.dtype[Any]:
    """How it lies in Parquet, which has no numbers of less than four bytes."""
    stored = _stored(kind)
    return np.dtype(f"{stored.kind}{max(stored.itemsize, 4)}")


def _whole(values: NDArray[Any]) -> NDArray[Any]:
    """Numbers with a fraction as whole ones, in as few bytes as these need, if all of them are that: bit by bit."""
    if values.dtype.kind != "f" or not len(values):
        return values
    for part in (values[:PROBE], values):
        least, most = part.min(), part.max()
        if not (least > -LARGEST and most < LARGEST):  # nor if any is not a number
            return values
        whole = part.astype(np.int32)
        back = whole.astype(values.dtype)
        if not np.array_equal(back.view(f"i{back.itemsize}"), part.view(f"i{back.itemsize}")):  # -0.0 is not 0
            return values
    return _narrowed(whole)


def _narrow(found: pa.ChunkedArray) -> NDArray[Any]:
    """All values in one array, in as few bytes as they need; anything where null."""
    if pa.types.is_boolean(found.type):
        found = found.cast(pa.int8())
    stored = _stored(found.type)
    chunks = [np.frombuffer(c.buffers()[1], stored, len(c), c.offset * stored.itemsize) for c in found.chunks if len(c)]
    if not chunks:
        return np.empty(0, stored)
    if stored.kind != "i" or stored.itemsize == 1:
        return np.concatenate(chunks)
    low, high = min(c.min() for c in chunks), max(c.max() for c in chunks)
    made = np.empty(len(found), _width(int(low), int(high), stored))
    at = 0
    for chunk in chunks:
        made[at : at + len(chunk)] = chunk
        at += len(chunk)
    return made


def _narrowed(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(_width(int(values.min()), int(values.max()), values.dtype)) if len(values) else values


def _width(low: int, high: int, widest: np.dtype[Any]) -> np.dtype[Any]:
    for kind in _NARROW:
        most = 1 << 8 * kind.itemsize - 1
        if -most <= low and high < most and kind.itemsize < widest.itemsize:
            return kind
    return widest
