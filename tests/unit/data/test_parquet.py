"""What is put together by hand is Parquet: pyarrow and DuckDB read back what was written."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data.chunks import MOST_DISTINCT, Pages, lengthened, runs
from ecluse.data.columns import Column
from ecluse.data.parquet import Field, RowGroups
from ecluse.data.thrift import binary, i16, i32, listed, struct
from ecluse.rules.extract import Action

ROWS = 1003
SOME = np.random.default_rng(3).integers(-90, 90, ROWS)
WIDE = np.random.default_rng(4).integers(0, 1 << 62, ROWS)
COLUMNS: dict[str, pa.Array] = {
    "bool": pa.array(SOME > 0),
    "int8": pa.array(SOME.astype(np.int8)),
    "int16": pa.array((SOME * 300).astype(np.int16)),
    "int32": pa.array(np.arange(ROWS, dtype=np.int32) * 99_991),
    "int64": pa.array(WIDE),
    "int64, narrow": pa.array(SOME),
    "uint8": pa.array((SOME % 256).astype(np.uint8)),
    "uint16": pa.array((SOME % 65536).astype(np.uint16)),
    "uint32": pa.array((WIDE % (1 << 32)).astype(np.uint32)),
    "uint64": pa.array(WIDE.astype(np.uint64) * np.uint64(3)),
    "float32": pa.array(SOME.astype(np.float32) / 3),
    "double": pa.array(SOME / 100),
    "double, whole": pa.array(SOME.astype(float)),
    "double, odd": pa.array(np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1e300, 5e-324, 2.0]).take(SOME % 8)),
    "double, no number": pa.array(np.where(SOME > 80, np.nan, SOME)),
    "date": pa.array(SOME.astype(np.int32) * 400).cast(pa.date32()),
    "timestamp": pa.array(WIDE % (1 << 50)).cast(pa.timestamp("us")),
    "text": pa.array([["", "é", "abc", "a longer one"][n % 4] for n in SOME]),
    "text, large": pa.array([str(n) for n in SOME], pa.large_string()),
    "text, coded": pa.array([str(n) for n in SOME]).dictionary_encode(),
}


def written(path: Path, columns: list[tuple[pa.Array, bool]], compression: str = "zstd") -> pa.Table:
    """Columns, and whether each has nulls, written in two row groups; read back by pyarrow and found so by DuckDB."""
    pages = Pages(pa.Codec("zstd", compression_level=1) if compression == "zstd" else None)
    made = [Column(f"c{n}", array.type, Action.KEEP, nullable) for n, (array, nullable) in enumerate(columns)]
    fields = [Field(c.name, c.written, c.nullable) for c in made]
    with RowGroups(path, fields, 0, compression) as file:
        for group in (slice(None, 30), slice(30, None)):
            chunks, rows = [], len(columns[0][0][group])
            for column, (array, _) in zip(made, columns, strict=True):
                lines = np.arange(rows)
                arrays = next(column.flatten(pa.chunked_array([array[group]]), lines, None, [rows]))
                chunks.append(column.unflatten(arrays).chunk(lines, column.nullable, pages))
            file.add(rows, chunks)
    found = pq.read_table(path)
    again = duckdb.connect().execute(f"FROM '{path}'").to_arrow_table()
    for name in found.column_names:
        assert same(found.column(name), again.column(name).cast(found.column(name).type)), name
    return found


def same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    """Bit by bit, nulls in the same places."""

    def bits(found: pa.ChunkedArray) -> Any:
        filled = [v for v in found.to_pylist() if v is not None]
        return [np.float64(v).tobytes() for v in filled] if pa.types.is_floating(found.type) else filled

    return one.is_null().equals(other.is_null()) and bool(bits(one) == bits(other))


@pytest.mark.parametrize("compression", ["zstd", "uncompressed"])
@pytest.mark.parametrize("share", [None, 0.0, 0.3, 1.0])
def test_columns_of_every_kind_come_back(tmp_path: Path, compression: str, share: float | None) -> None:
    null = np.random.default_rng(5).random(ROWS) < (share or 0)
    columns = []
    for array in COLUMNS.values():
        masked = pa.array([None if n else v for n, v in zip(null, array.to_pylist(), strict=True)], array.type)
        columns.append((array if share is None else masked, share is not None))
    found = written(tmp_path / "x.parquet", columns, compression)
    for name, (array, nullable), column, field in zip(COLUMNS, columns, found.columns, found.schema, strict=True):
        plain = array.cast(pa.string()) if column.type == pa.string() else array
        assert column.type == plain.type, name
        assert same(column, pa.chunked_array([plain])), name
        assert field.nullable == nullable, name


@pytest.mark.parametrize("count", [1, 256, 257, MOST_DISTINCT, MOST_DISTINCT + 1])
def test_as_many_distinct_values_as_there_are(tmp_path: Path, count: int) -> None:
    places = np.random.default_rng(6).permutation(np.arange(MOST_DISTINCT + 31) % count)
    values = [pa.array(places), pa.array(places / 7), pa.array(places).cast(pa.string())]
    found = written(tmp_path / "x.parquet", [(v, False) for v in values])
    for one, column in zip(values, found.columns, strict=True):
        assert column.combine_chunks().equals(one)


def test_runs_of_any_length(tmp_path: Path) -> None:
    lengths = np.array([1, 63, 64, 8191, 8192, 2, 1_048_576, 1])
    names = pa.array([f"n{n}" for n in range(len(lengths))])
    chunk = Pages(None).coded(lengthened(names), len(names), runs(lengths), int(lengths.sum()), None)
    with RowGroups(tmp_path / "x.parquet", [Field("n", pa.string(), nullable=False)], 0, "uncompressed") as file:
        file.add(int(lengths.sum()), [chunk])
    found = pq.read_table(tmp_path / "x.parquet", read_dictionary=["n"]).column("n").combine_chunks()
    assert np.array_equal(found.indices.to_numpy(), np.arange(len(lengths)).repeat(lengths))
    assert found.dictionary.equals(names)
    counted = duckdb.connect().execute(f"SELECT n, count(*) FROM '{tmp_path}/x.parquet' GROUP BY n").fetchall()
    assert dict(counted) == dict(zip(names.to_pylist(), lengths.tolist(), strict=True))


def test_a_file_without_rows_is_whole_and_one_that_failed_is_none(tmp_path: Path) -> None:
    fields = [Field("n", pa.int64(), nullable=False)]
    with RowGroups(tmp_path / "x.parquet", fields, 0, "zstd"):
        pass
    assert pq.read_table(tmp_path / "x.parquet").num_rows == 0
    assert duckdb.connect().execute(f"FROM '{tmp_path}/x.parquet'").fetchall() == []
    with pytest.raises(KeyError), RowGroups(tmp_path / "y.parquet", fields, 0, "zstd"):
        raise KeyError
    with pytest.raises(pa.ArrowInvalid):
        pq.read_metadata(tmp_path / "y.parquet")


def test_the_protocol_of_the_footer() -> None:
    # By hand from the description of Thrift's compact protocol.
    assert struct({1: i32(-1), 20: i16(300), 21: binary("é"), 22: None}) == (
        12, bytes([0x15, 0x01, 0x04, 0x28, 0xD8, 0x04, 0x18, 0x02, 0xC3, 0xA9, 0x00]),
    )  # fmt: skip
    assert listed([i32(n) for n in range(16)]) == (9, bytes([0xF5, 16, *range(0, 32, 2)]))
