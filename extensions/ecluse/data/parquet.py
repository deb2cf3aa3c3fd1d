"""A Parquet file put together from row groups that were encoded elsewhere."""

from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import pyarrow as pa

from .chunks import Chunk
from .thrift import Value, binary, boolean, i8, i16, i32, i64, listed, struct

MAGIC = b"PAR1"
VERSION = 2
MADE_BY = "ecluse"
CODECS = {"uncompressed": 0, "zstd": 6}
"""Compressions, by their numbers in the format."""
_BOOLEAN, _INT32, _INT64, _FLOAT, _DOUBLE, _BYTES = 0, 1, 2, 4, 5, 6
_REQUIRED, _OPTIONAL = 0, 1
_LONG = 64
_EMPTY = struct({})


@dataclass(frozen=True)
class _Kind:
    """How a type lies on the disk, and by which numbers old and new readers know it."""

    physical: int
    converted: int | None = None
    logical: dict[int, Value | None] | None = None


def _whole(bits: int, converted: int, *, signed: bool) -> _Kind:
    logical = struct({1: i8(bits), 2: boolean(value=signed)})
    return _Kind(_INT64 if bits == _LONG else _INT32, converted, {10: logical})


_KINDS = {
    pa.bool_(): _Kind(_BOOLEAN),
    pa.int8(): _whole(8, 15, signed=True),
    pa.int16(): _whole(16, 16, signed=True),
    pa.int32(): _Kind(_INT32),
    pa.int64(): _Kind(_INT64),
    pa.uint8(): _whole(8, 11, signed=False),
    pa.uint16(): _whole(16, 12, signed=False),
    pa.uint32(): _whole(32, 13, signed=False),
    pa.uint64(): _whole(64, 14, signed=False),
    pa.float32(): _Kind(_FLOAT),
    pa.float64(): _Kind(_DOUBLE),
    pa.date32(): _Kind(_INT32, 6, {6: _EMPTY}),
    # No zone: old readers, who know no such times, would take them as UTC.
    pa.timestamp("us"): _Kind(_INT64, None, {8: struct({1: boolean(value=False), 2: struct({2: _EMPTY})})}),
    pa.string(): _Kind(_BYTES, 0, {1: _EMPTY}),
}


@dataclass(frozen=True)
class Field:
    """A column of the file."""

    name: str
    kind: pa.DataType
    nullable: bool

    @property
    def physical(self) -> int:
        """The number of the type on the disk."""
        return _KINDS[self.kind].physical

    def element(self) -> Value:
        """The column in the footer's schema."""
        kind = _KINDS[self.kind]
        return struct(
            {
                1: i32(kind.physical),
                3: i32(_OPTIONAL if self.nullable else _REQUIRED),
                4: binary(self.name),
                6: None if kind.converted is None else i32(kind.converted),
                10: None if kind.logical is None else struct(kind.logical),
            }
        )


@dataclass
class RowGroups:
    """A file being written. Its lines are in the order of the column `by`; it is whole once the context ends well."""

    path: Path
    fields: list[Field]
    by: int
    compression: str
    _groups: list[Value] = field(default_factory=list)
    _rows: int = 0

    def __enter__(self) -> Self:
        self._file: BinaryIO = self.path.open("xb", buffering=0)
        self._end = 0
        self._write(MAGIC)
        return self

    def _write(self, content: bytes) -> None:
        left = memoryview(content)
        while left:
            left = left[self._file.write(left) :]
        self._end += len(content)

    def add(self, rows: int, chunks: list[Chunk]) -> None:
        """Write a row group: a chunk for each field."""
        begin, columns = self._end, []
        for column, chunk in zip(self.fields, chunks, strict=True):
            columns.append(self._column(column, chunk, rows))
            self._write(chunk.pages)
        size = sum(chunk.size for chunk in chunks)
        order = struct({1: i32(self.by), 2: boolean(value=False), 3: boolean(value=False)})
        self._groups.append(
            struct(
                {
                    1: listed(columns),
                    2: i64(size),
                    3: i64(rows),
                    4: listed([order]),
                    5: i64(begin),
                    6: i64(self._end - begin),
                    7: i16(len(self._groups)) if len(self._groups) < 1 << 15 else None,
                }
            )
        )
        self._rows += rows

    def _column(self, column: Field, chunk: Chunk, rows: int) -> Value:
        described = struct(
            {
                1: i32(column.physical),
                2: listed([i32(one) for one in chunk.encodings]),
                3: listed([binary(column.name)]),
                4: i32(CODECS[self.compression]),
                5: i64(rows),
                6: i64(chunk.size),
                7: i64(len(chunk.pages)),
                9: i64(self._end + chunk.dictionary),
                11: i64(self._end) if chunk.dictionary else None,
                12: chunk.statistics,
            }
        )
        return struct({2: i64(0), 3: described})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if error is None:
                footer = self._footer()
                self._write(footer + len(footer).to_bytes(4, "little") + MAGIC)

    def _footer(self) -> bytes:
        root = struct({4: binary("schema"), 5: i32(len(self.fields))})
        by_type = struct({1: _EMPTY})
        found = {
            1: i32(VERSION),
            2: listed([root, *(column.element() for column in self.fields)]),
            3: i64(self._rows),
            4: listed(self._groups),
            6: binary(MADE_BY),
            7: listed([by_type for _ in self.fields]),
        }
        return struct(found)[1]
