"""Parquet: read under bounds, written anew with plain types and no metadata.

Kept: rows of plain columns. Dropped: key-value metadata, pandas' schema, dictionaries with categories that no row uses,
statistics of the old pages. Nested and binary columns are refused.

Worked example: a frame of 3 rows with a categorical of 1000 categories is rebuilt with the 3 texts only.
"""

import io
import json
import math
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ecluse.checks.facts import Facts
from ecluse.checks.limits import Limits

from . import Rebuilt, Unreadable
from .clean import clean_cell, clean_line
from .delimited import check_size, facts_of
from .grid import table_of

NAME = "parquet"
_FIX = "Save it again with plain columns, or as CSV."


@dataclass(frozen=True, slots=True)
class Document:
    """A table of plain columns."""

    table: Any


def sniff(head: bytes, name: str) -> bool:  # noqa: ARG001 - known by its magic
    """Parquet's magic."""
    return head.startswith(b"PAR1")


def read(data: bytes, limits: Limits, name: str = "") -> Document:  # noqa: ARG001 - one interface
    """The rows. Raises `Unreadable`."""
    try:
        # Words stay in their dictionary: one of a megabyte in each of 5,000 rows would fill the memory.
        words = [f.name for f in pq.read_schema(io.BytesIO(data)) if pa.types.is_string(f.type)]
        file = pq.ParquetFile(io.BytesIO(data), pre_buffer=False, read_dictionary=words)
        meta = file.metadata
        check_size(meta.num_rows, meta.num_columns, meta.num_rows * meta.num_columns, limits)
        _check_bytes(meta, limits)
        table = file.read(use_threads=False)
        _check_words(table, limits)
    except Unreadable:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError, KeyError) as error:
        raise Unreadable("file-malformed", f"The file can't be read ({type(error).__name__}).", _FIX) from None
    names = [clean_line(n)[:200] for n in table.column_names]
    return Document(pa.table([_plain(table.column(i), n) for i, n in enumerate(names)], names=names))


def _check_bytes(meta: Any, limits: Limits) -> None:
    if sum(meta.row_group(g).total_byte_size for g in range(meta.num_row_groups)) > limits.bytes * 8:
        raise Unreadable("archive-bomb", "The file unpacks to far more than it holds.", _FIX)


def _check_words(table: Any, limits: Limits) -> None:
    if sum(_length(column) for column in table.columns) > limits.text * 2:
        raise Unreadable("archive-bomb", "The file unpacks to far more than it holds.", _FIX)


def _length(column: Any) -> int:
    """Characters of all rows of a column of words, without writing them out."""
    chunks = [c for c in column.chunks if pa.types.is_dictionary(c.type) and pa.types.is_string(c.type.value_type)]
    return sum(pc.sum(pc.take(pc.binary_length(c.dictionary), c.indices)).as_py() or 0 for c in chunks)


def _plain(column: Any, name: str) -> Any:
    """One column as a plain Arrow array."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.array([None if v is None else clean_cell(v) for v in column.to_pylist()], pa.string())
    if pa.types.is_integer(kind):
        return column.cast(pa.int64()) if not pa.types.is_uint64(kind) else column.cast(pa.int64(), safe=True)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        # One NaN only: the others' bits carry data.
        values = [None if v is None else math.nan if math.isnan(v) else float(v) for v in column.to_pylist()]
        return pa.array(values, pa.float64(), from_pandas=False)
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return pa.array(column.to_pylist(), pa.bool_())
    if pa.types.is_date(kind):
        return column.cast(pa.date32())
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us"), safe=False)
    raise Unreadable("column-type", f"Column {name!r} has the type {str(kind)[:60]}, which is not released.", _FIX)


def facts(document: Document) -> Facts:
    """One table."""
    columns = [[_shown(v) for v in document.table.column(i).to_pylist()] for i in range(document.table.num_columns)]
    rows = [list(r) for r in zip(*columns, strict=True)]
    table = table_of([list(document.table.column_names), *rows], header_rows=1)
    return facts_of([table]) if table is not None else Facts()


def _shown(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, int | float) else str(value)


def rebuild(document: Document) -> Rebuilt:
    """A fresh Parquet file without metadata."""
    out = io.BytesIO()
    pq.write_table(document.table, out, store_schema=False, compression="zstd", use_dictionary=True)
    return Rebuilt(out.getvalue(), ".parquet")
