# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""Whose is each line: the ids of a source column looked up by its Parquet dictionaries instead of line by line.

A column of ids repeats few values in each row group, and Parquet keeps them once: the lookup then costs as much as
there are distinct ids in each row group. Where a file has no dictionaries, they are made here, and it costs more.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ecluse.rules.extract import PersonId

Ints = NDArray[np.int32]
PAIRS = 1_000_000
DENSE = 8_000_000
SPAN = 1024
_RANK = "coalesce(CAST(rank AS VARCHAR), '')"


@dataclass
class Lines:
    """For each line the number of its id in the table of ids (-1: the line names nobody), and how many there are.

    `numbers` is None where only the ids were wanted. `counts` has the lines of each number.
    """

    numbers: Ints | None
    counts: NDArray[np.int64]
    nobody: int


@dataclass
class _Pairs:
    """Distinct (id, rank) pairs met since the last lookup, with how many lines each has."""

    ids: list[pa.Array]
    ranks: list[pa.Array]
    counts: list[NDArray[np.int64]]
    size: int = 0
    first_row: int = 0


def number_lines(connection: duckdb.DuckDBPyConnection, ids: str, path: Path, person: PersonId, *, keep: bool) -> Lines:
    """Look every id of a column up in the table `ids(n, id, rank, canonical)`; those that it lacks are added to it.

    An id that no register knows stands for itself: its `canonical` is the id, with its rank where there is one.
    """
    file = pq.ParquetFile(path, read_dictionary=[person.column])
    lines = Lines(np.empty(file.metadata.num_rows, np.int32) if keep else None, np.zeros(0, np.int64), 0)
    pairs, row = _Pairs([], [], []), 0
    columns = [person.column, *([person.rank] if person.rank else [])]
    for group in range(file.num_row_groups):
        found = file.read_row_group(group, columns=columns, use_threads=False)
        codes = _add(pairs, _whole(found, person.column), _whole(found, person.rank) if person.rank else None)
        if lines.numbers is not None:
            lines.numbers[row : row + len(codes)] = codes
        row += len(codes)
        if pairs.size >= PAIRS:
            pairs = _look_up(connection, ids, pairs, lines, row)
    _look_up(connection, ids, pairs, lines, row)
    return lines


def _whole(table: pa.Table, column: str) -> pa.Array:
    return table.column(column).unify_dictionaries().combine_chunks()


def _add(pairs: _Pairs, ids: pa.Array, ranks: pa.Array | None) -> Ints:
    """The position of each line's pair among `pairs`, to which the new ones are added; -1 without an id."""
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
    pairs.size += len(present)
    return lines


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


def _look_up(connection: duckdb.DuckDBPyConnection, ids: str, pairs: _Pairs, lines: Lines, row: int) -> _Pairs:
    """Put the numbers of the ids in the place of the positions of their pairs, up to line `row`."""
    named = 0
    numbers = np.full(pairs.size + 1, -1, np.int32)  # the last stands for -1: nobody
    if pairs.size:
        table = pa.table(
            {
                "code": pa.array(np.arange(pairs.size, dtype=np.int32)),
                "id": pa.chunked_array(pairs.ids),
                "rank": pa.chunked_array(pairs.ranks),
            }
        )
        _match(connection, ids, table, numbers)
        strangers = table.filter(pa.array(numbers[:-1] < 0))
        if len(strangers):
            connection.register("strangers", strangers)
            connection.execute(
                f"INSERT INTO {ids} SELECT (SELECT count(*) FROM {ids}) + row_number() OVER () - 1, id, rank, "
                f"id || CASE WHEN rank = '' THEN '' ELSE '/' || rank END FROM (SELECT DISTINCT "
                f"CAST(id AS VARCHAR) AS id, {_RANK} AS rank FROM strangers WHERE id IS NOT NULL)"
            )
            connection.unregister("strangers")
            _match(connection, ids, strangers, numbers)
        counts = np.bincount(numbers[:-1] + 1, weights=np.concatenate(pairs.counts))[1:].astype(np.int64)
        grown = np.zeros(max(len(lines.counts), len(counts)), np.int64)
        grown[: len(lines.counts)] += lines.counts
        grown[: len(counts)] += counts
        lines.counts, named = grown, int(counts.sum())
    if lines.numbers is not None:
        here = lines.numbers[pairs.first_row : row]
        here[:] = numbers[here]
    lines.nobody += row - pairs.first_row - named
    return _Pairs([], [], [], first_row=row)


def _match(connection: duckdb.DuckDBPyConnection, ids: str, pairs: pa.Table, numbers: Ints) -> None:
    connection.register("pairs", pairs)
    found = connection.execute(
        f"SELECT code, n FROM (SELECT code, CAST(id AS VARCHAR) AS id, {_RANK} AS rank FROM pairs) p "
        f"JOIN {ids} k ON k.id = p.id AND k.rank = p.rank"
    ).to_arrow_table()
    connection.unregister("pairs")
    numbers[found.column("code").to_numpy()] = found.column("n").to_numpy()
