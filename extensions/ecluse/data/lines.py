# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""Whose is each line: the ids of a source column looked up by its Parquet dictionaries instead of line by line.

A column of ids repeats few values in each row group, and Parquet keeps them once: the lookup then costs as much as
there are distinct ids in each row group. Where a file has no dictionaries, they are made here, and it costs more.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ecluse.rules.extract import PersonId

from .footers import footer

Ints = NDArray[np.int32]
PAIRS, PENDING = 1_000_000, 8_000_000
"""Pairs of ids and ranks, and lines, to look up at once."""
DENSE = 8_000_000
SPAN = 1024
_RANK = "coalesce(CAST(rank AS VARCHAR), '')"


@dataclass(frozen=True)
class Lines:
    """Whose each line of a source is, in files: the number of its person, from 0; -1 where it names nobody.

    From `known` on they are those of this table alone whom no register knows, in the order of `strangers`.
    """

    folder: Path
    known: int
    nobody: int

    def open(self) -> pq.ParquetFile:
        """The numbers, a row group for each of the source's."""
        return pq.ParquetFile(self.folder / "lines.parquet")

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many lines each number has."""
        found = pq.read_table(self.folder / "counts.parquet").column(0)
        return np.asarray(found.to_numpy(), np.int64)

    @cached_property
    def strangers(self) -> pa.Table:
        """`(id, rank)` of those whom no register knows. Each stands for itself."""
        return pq.read_table(self.folder / "strangers.parquet")


def read_numbers(file: pq.ParquetFile, groups: list[int]) -> Ints:
    """The numbers of the lines of some row groups."""
    found = file.read_row_groups(groups, use_threads=False).column(0)
    return np.concatenate([np.zeros(0, np.int32), *(c.to_numpy() for c in found.chunks)])


@dataclass
class _Pairs:
    """Distinct (id, rank) pairs met since the last lookup, with how many lines each has, and the lines themselves."""

    ids: list[pa.Array] = field(default_factory=list)
    ranks: list[pa.Array] = field(default_factory=list)
    counts: list[NDArray[np.int64]] = field(default_factory=list)
    lines: list[Ints] = field(default_factory=list)
    size: int = 0
    rows: int = 0


def number_lines(
    connection: duckdb.DuckDBPyConnection, ids: str, known: int, path: Path, person: PersonId, folder: Path
) -> int:
    """Look every id of a column up in `ids`, SQL of `(n, id, rank)`, and write `Lines`; how many name nobody.

    Those that it lacks get numbers from `known` on.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE known AS SELECT n, id, rank FROM {ids}")
    connection.execute("CREATE OR REPLACE TEMP TABLE strangers (n INTEGER, id VARCHAR, rank VARCHAR)")
    file = pq.ParquetFile(path, metadata=footer(path), read_dictionary=[person.column])
    counts, nobody, pairs = np.zeros(known, np.int64), 0, _Pairs()
    columns = [person.column, *([person.rank] if person.rank else [])]
    schema = pa.schema([pa.field("n", pa.int32(), nullable=False)])
    # Nearby lines often have the same person: compression finds that, and a dictionary would hide it.
    plain = {"compression": "zstd", "compression_level": 1, "use_dictionary": False, "write_statistics": False}
    writer = pq.ParquetWriter(folder / "lines.parquet", schema, **plain)

    def write(numbers: Ints, lines: list[Ints]) -> None:
        for one in lines:
            made = pa.table([pa.array(numbers.take(one, mode="wrap"))], schema=schema)
            writer.write_table(made, row_group_size=max(len(made), 1))

    written = []
    with writer, ThreadPoolExecutor(1) as behind:
        for group, found in enumerate(_read_ahead(file, columns)):
            _add(pairs, _whole(found, person.column), _whole(found, person.rank) if person.rank else None)
            if pairs.size >= PAIRS or pairs.rows >= PENDING or group == file.num_row_groups - 1:
                numbers = _look_up(connection, known, pairs)
                weights = np.concatenate(pairs.counts)
                here = np.bincount(numbers[:-1] + 1, weights=weights, minlength=len(counts) + 1)[1:].astype(np.int64)
                here[: len(counts)] += counts
                counts = here
                nobody += sum(int((lines < 0).sum()) for lines in pairs.lines)
                written.append(behind.submit(write, numbers, pairs.lines))
                pairs = _Pairs()
    for one in written:
        one.result()
    pq.write_table(pa.table({"lines": counts}), folder / "counts.parquet", compression="zstd", compression_level=1)
    strangers = connection.execute("SELECT id, rank FROM strangers ORDER BY n").to_arrow_table()
    pq.write_table(strangers, folder / "strangers.parquet", compression="zstd", compression_level=1)
    for table in ("known", "strangers"):
        connection.execute(f"DROP TABLE {table}")
    return nobody


def _read_ahead(file: pq.ParquetFile, columns: list[str]) -> Iterator[pa.Table]:
    """Row groups, each read while the one before it is used."""

    def read(group: int) -> pa.Table:
        return file.read_row_group(group, columns=columns, use_threads=False)

    with ThreadPoolExecutor(1) as ahead:
        coming = None
        for group in range(file.num_row_groups):
            found = coming or ahead.submit(read, group)
            coming = ahead.submit(read, group + 1) if group + 1 < file.num_row_groups else None
            yield found.result()


def _whole(table: pa.Table, column: str) -> pa.Array:
    return table.column(column).unify_dictionaries().combine_chunks()


def _add(pairs: _Pairs, ids: pa.Array, ranks: pa.Array | None) -> None:
    """Add a row group: its new pairs, and the position of each line's pair among all of `pairs`; -1 without an id."""
    both, values = _codes(ids)
    rank_values, width = pa.nulls(1, pa.string()), 1
    if ranks is not None:
        rank_codes, rank_values = _codes(ranks)
        rank_values = pa.concat_arrays([rank_values, pa.nulls(1, rank_values.type)])
        width = len(rank_values)
        nulls = both < 0 if ids.null_count else None
        if len(values) * width > DENSE:
            both = both.astype(np.int64)
        both = both * width + (np.where(rank_codes < 0, width - 1, rank_codes) if ranks.null_count else rank_codes)
        if nulls is not None:
            both[nulls] = -1
    if len(values) * width <= DENSE:
        size = len(values) * width
        counts = np.bincount(np.where(both < 0, size, both) if ids.null_count else both, minlength=size + 1)[:size]
        present = np.flatnonzero(counts)
        positions = np.full(size + 1, -1, np.int32)  # the last stands for -1: nobody
        positions[present] = np.arange(pairs.size, pairs.size + len(present), dtype=np.int32)
        lines, counted = positions.take(both, mode="wrap"), counts[present]
    else:
        present, inverse, counted = np.unique(both, return_inverse=True, return_counts=True)
        first = int(len(present) > 0 and present[0] < 0)
        lines = np.where(inverse < first, -1, inverse - first + pairs.size).astype(np.int32)
        present, counted = present[first:], counted[first:]
    pairs.ids.append(values.take(pa.array(present // width)))
    pairs.ranks.append(rank_values.take(pa.array(present % width)))
    pairs.counts.append(counted)
    pairs.lines.append(lines)
    pairs.size += len(present)
    pairs.rows += len(lines)


def _codes(values: pa.Array) -> tuple[Ints, pa.Array]:
    """Positions (-1: null) in an array of values, which may have more than occur."""
    if pa.types.is_integer(values.type) and values.null_count == 0 and len(values):
        numbers = values.to_numpy(zero_copy_only=False)
        low, high = int(numbers.min()), int(numbers.max())
        if high - low < SPAN and high < 2**62:
            codes = (numbers - low).astype(np.int32)
            return codes, pa.array(np.arange(low, high + 1), pa.int64()).cast(values.type)
    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    values.dictionary.validate(full=True)  # ids that are no UTF-8
    codes = pc.fill_null(values.indices, -1) if values.null_count else values.indices
    return codes.to_numpy(), values.dictionary


def _look_up(connection: duckdb.DuckDBPyConnection, known: int, pairs: _Pairs) -> Ints:
    """The numbers of the ids of each pair, and one more that stands for nobody."""
    numbers = np.full(pairs.size + 1, -1, np.int32)
    table = pa.table(
        {
            "code": pa.array(np.arange(pairs.size, dtype=np.int32)),
            "id": pa.chunked_array(pairs.ids),
            "rank": pa.chunked_array(pairs.ranks),
        }
    )
    _match(connection, "known", table, numbers)
    missing = table.filter(pa.array(numbers[:-1] < 0))
    if len(missing):
        connection.register("missing", missing)
        connection.execute(
            f"INSERT INTO strangers SELECT {known} + (SELECT count(*) FROM strangers) + row_number() OVER () - 1, "
            f"id, rank FROM (SELECT DISTINCT CAST(id AS VARCHAR) AS id, {_RANK} AS rank FROM missing "
            "WHERE id IS NOT NULL) ANTI JOIN strangers USING (id, rank)"
        )
        connection.unregister("missing")
        _match(connection, "strangers", missing, numbers)
    return numbers


def _match(connection: duckdb.DuckDBPyConnection, ids: str, pairs: pa.Table, numbers: Ints) -> None:
    connection.register("pairs", pairs)
    found = connection.execute(
        f"SELECT code, n FROM (SELECT code, CAST(id AS VARCHAR) AS id, {_RANK} AS rank FROM pairs) p "
        f"JOIN {ids} k ON k.id = p.id AND k.rank = p.rank"
    ).to_arrow_table()
    connection.unregister("pairs")
    numbers[found.column("code").to_numpy()] = found.column("n").to_numpy()
