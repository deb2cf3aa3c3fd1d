"""Columns of a row group encoded as Parquet keeps them, from values that are known to be few, narrow or sorted.

pyarrow's writer looks every value up in a hash table and does one row group after the other. Here a table says the
place of a narrow value in the dictionary, and threads encode row groups side by side. Such places take one or two whole
bytes: the compression after it makes up for the bits.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from .thrift import Value, binary, i32, struct, varint

PLAIN, RLE, RLE_DICTIONARY = 0, 3, 8
"""Encodings, by their numbers in the format."""
_DATA, _DICTIONARY = 0, 2
"""Kinds of page."""
MOST_DISTINCT = 1 << 16
TABLED = 2
"""Bytes of a value for which there can be a table of all that there may be."""
SAMPLE = 1 << 12
Codes = NDArray[Any]
Nulls = NDArray[np.bool_]


@dataclass(frozen=True)
class Chunk:
    """A column of a row group: its pages one after the other, with a dictionary of so many bytes before them or none.

    `size` is what the pages take before compression, `bounds` the least and the greatest text.
    """

    pages: bytes
    dictionary: int
    size: int
    bounds: tuple[bytes, bytes] | None = None

    @property
    def encodings(self) -> list[int]:
        """The encodings in it."""
        return [PLAIN, RLE, RLE_DICTIONARY] if self.dictionary else [PLAIN, RLE]

    @property
    def statistics(self) -> Value | None:
        """What readers can tell from before they open it."""
        return None if self.bounds is None else struct({5: binary(self.bounds[1]), 6: binary(self.bounds[0])})


@dataclass(frozen=True)
class Pages:
    """Encodes chunks; `codec` compresses them, None leaves them as they are. `null` is None in a column without nulls.

    One page of data for each chunk: a row group has few lines, and one goes into the file whole.
    """

    codec: pa.Codec | None

    def plain(self, values: bytes, rows: int, null: Nulls | None) -> Chunk:
        """A chunk of values as they lie on the disk."""
        page, size = self._data(values, rows, null, PLAIN)
        return Chunk(page, 0, size)

    def coded(self, distinct: bytes, count: int, codes: bytes, rows: int, null: Nulls | None) -> Chunk:
        """A chunk of places, encoded by `packed` or `runs`, in a dictionary of `count` values."""
        content = self._compressed(distinct)
        head = {1: i32(_DICTIONARY), 2: i32(len(distinct)), 3: i32(len(content))}
        page, size = _page({**head, 7: struct({1: i32(count), 2: i32(PLAIN)})}, content, len(distinct))
        data, more = self._data(codes, rows, null, RLE_DICTIONARY)
        return Chunk(page + data, len(page), size + more)

    def _data(self, values: bytes, rows: int, null: Nulls | None, encoding: int) -> tuple[bytes, int]:
        if null is not None:
            there = _packed(np.packbits(~null, bitorder="little").tobytes(), rows)
            values = len(there).to_bytes(4, "little") + there + values
        content = self._compressed(values)
        head = {1: i32(_DATA), 2: i32(len(values)), 3: i32(len(content))}
        kinds = struct({1: i32(rows), 2: i32(encoding), 3: i32(RLE), 4: i32(RLE)})
        return _page({**head, 5: kinds}, content, len(values))

    def _compressed(self, content: bytes) -> bytes:
        return content if self.codec is None else bytes(self.codec.compress(content, asbytes=True))


def _page(head: dict[int, Value | None], content: bytes, size: int) -> tuple[bytes, int]:
    made = struct(head)[1]
    return made + content, len(made) + size


def _packed(content: bytes, values: int) -> bytes:
    """A run of values that lie side by side. They come in groups of eight; more than `values` are not read."""
    return varint((values + 7) // 8 << 1 | 1) + content


def packed(codes: Codes) -> bytes:
    """Codes of one or two bytes for `Pages.coded`."""
    width = codes.dtype.itemsize
    return bytes([8 * width]) + _packed(codes.tobytes() + bytes(width * (-len(codes) % 8)), len(codes))


def runs(lengths: NDArray[np.int64]) -> bytes:
    """Codes for `Pages.coded` where each value of the dictionary stands so many times in a row, from the first on."""
    heads = lengths.astype(np.int64) << 1
    made = np.empty((len(heads), 6), np.uint8)
    kept = np.ones(made.shape, np.bool_)
    for n in range(4):
        rest = heads >> (7 * n)
        made[:, n] = rest & 127 | np.where(rest >> 7, 128, 0)
        kept[:, n] = rest > 0
    made[:, 4:] = np.arange(len(heads), dtype="<u2").view(np.uint8).reshape(-1, 2)
    return bytes([16]) + made[kept].tobytes()


def distinct(values: NDArray[Any]) -> tuple[Codes, NDArray[Any]] | None:
    """The place of each value among the distinct ones; None if these are too many for a dictionary."""
    if values.dtype.itemsize <= TABLED:
        return _looked_up(values)
    bits = values.view(f"i{values.dtype.itemsize}")
    found = pa.array(bits).dictionary_encode()
    if len(found.dictionary) > MOST_DISTINCT:
        return None
    return narrow(found.indices.to_numpy(), len(found.dictionary)), found.dictionary.to_numpy().view(values.dtype)


def narrow(codes: Codes, count: int) -> Codes:
    """Codes below `count` in one byte or two."""
    return codes.astype("u1" if count <= 1 << 8 else "<u2", copy=False)


def _looked_up(values: NDArray[Any]) -> tuple[Codes, NDArray[Any]]:
    """Of values of one or two bytes. A table says the code of each; few lines tell nearly all that there are."""
    bits = values.view(f"u{values.dtype.itemsize}")
    found = np.unique(bits[:: len(bits) // SAMPLE + 1])
    while True:
        table = np.full(1 << 8 * bits.itemsize, len(found), np.min_scalar_type(len(found)))
        table[found] = np.arange(len(found))
        codes = table.take(bits)
        missing = codes == len(found)
        if not missing.any():
            return narrow(codes, len(found)), found.view(values.dtype)
        found = np.concatenate([found, np.unique(bits[missing])])


def lengthened(texts: pa.Array) -> bytes:
    """Texts as they lie on the disk: each after its length."""
    starts = np.frombuffer(texts.buffers()[1], np.int32, len(texts) + 1, texts.offset * 4)
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[starts[0] : starts[-1]]
    lengths = np.diff(starts)
    if len(texts) and (lengths == lengths[0]).all():  # as of pseudonyms
        even = np.empty((len(texts), 4 + lengths[0]), np.uint8)
        even[:, :4] = lengths.astype("<i4").view(np.uint8).reshape(-1, 4)
        even[:, 4:] = data.reshape(-1, lengths[0])
        return even.tobytes()
    made = np.empty(len(data) + 4 * len(texts), np.uint8)
    is_text = np.ones(len(made), np.bool_)
    at = starts[:-1] - starts[0] + 4 * np.arange(len(texts))
    for n in range(4):
        is_text[at + n] = False
    made[is_text] = data
    made[~is_text] = lengths.astype("<i4").view(np.uint8)
    return made.tobytes()
