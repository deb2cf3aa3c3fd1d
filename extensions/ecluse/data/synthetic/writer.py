"""Parquet files of sources, written chunk by chunk with the columns and types of the catalogue."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.rules.dataset import ColumnType, Table

ARROW = {
    ColumnType.STRING: pa.string(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.DATE: pa.date32(),
    ColumnType.DATETIME: pa.timestamp("us"),
    ColumnType.YEAR: pa.int16(),
    ColumnType.YEARMONTH: pa.int32(),
    ColumnType.BOOLEAN: pa.bool_(),
}
Columns = Mapping[str, Any]


class TableWriter:
    """One source table. Columns of the catalogue that no chunk fills are null, as most are in the real ones."""

    def __init__(self, folder: Path, name: str, table: Table) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.rows = 0
        self._final = folder / f"{name}.parquet"
        self._partial = folder / f".{name}.partial"
        self._schema = pa.schema([(c, ARROW[column.type]) for c, column in table.columns.items()])
        self._writer = pq.ParquetWriter(self._partial, self._schema, compression="zstd", compression_level=1)

    def write(self, columns: Columns) -> None:
        """Add rows: arrays of one length, by column."""
        unknown = set(columns) - set(self._schema.names)
        if unknown:
            raise ValueError(f"{self._final.stem}: no column {', '.join(sorted(unknown))} in the catalogue")
        rows = len(next(iter(columns.values())))
        empty: dict[pa.DataType, pa.Array] = {}
        arrays = []
        for field in self._schema:
            if field.name in columns:
                arrays.append(to_arrow(columns[field.name], field.type))
            else:
                arrays.append(empty.setdefault(field.type, pa.nulls(rows, field.type)))
        self._writer.write_table(pa.table(arrays, schema=self._schema), row_group_size=max(rows, 1))
        self.rows += rows

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        if error is None:
            self._partial.replace(self._final)
        else:
            self._partial.unlink(missing_ok=True)


def to_arrow(values: Any, kind: pa.DataType) -> pa.Array:
    """An array as the Arrow type. Fixed-width bytes become text; masked values become null."""
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    if mask is not None:
        values = np.ma.getdata(values)
    if isinstance(values, np.ndarray) and values.dtype.kind == "S":
        return pa.array(values, mask=mask).cast(kind)
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return pa.array(values, mask=mask).cast(kind)
    return pa.array(values, type=kind, mask=mask)


def write_arrow(folder: Path, name: str, table: Table, found: pa.Table) -> None:
    """Write an Arrow table with the catalogue's types."""
    folder.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(c, ARROW[column.type]) for c, column in table.columns.items()])
    pq.write_table(found.cast(schema), folder / f"{name}.parquet", compression="zstd")
