# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""A table about persons written in the order of its pseudonyms, without a sort of the whole.

The engine says which lines the permit includes. Slices of the source are read side by side, their values set aside by
part, and a part is the lines of some persons who follow each other in the order of pseudonyms. Then part by part is
sorted and written. The order of lines follows from what is written alone; the source's leaves no trace.

Only plain tables go this way (`applies`); the engine's own sort does the others.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ecluse.rules.dataset import ColumnType
from ecluse.rules.extract import Action, TablePlan

from .columns import TEXTS, Column, is_plain
from .engine import scan
from .footers import footer
from .lines import Ints, read_numbers
from .memory import give_back
from .persons import Subjects
from .pseudonyms import spell
from .spill import Arrays, Spill
from .sql import conditions
from .values import PLACE_BITS, line_order

SLICE = 250_000
PART = 500_000
"""Lines: few enough for a part's columns to be sorted in the processor's cache."""
PART_PERSONS = 1 << PLACE_BITS
MOST_LINES = 3_000_000
WORKERS = 2
LEVEL = 1
"""Of zstd: behind dictionaries, higher ones take more time for a file that is no smaller."""
BEHIND = 8
"""Parts written before they are hashed and sent to the disk."""
BATCH = 1 << 14
"""Lines that the writer of Parquet takes at once."""
Say = Callable[[str], None]
Grew = Callable[[], None]


@dataclass(frozen=True)
class Parts:
    """Which part each place is in, and the place that each part begins with."""

    of: NDArray[np.uint16]
    first: Ints


def applies(table: TablePlan, source: Path) -> bool:
    """Whether a table can be written this way: it names its persons itself, shows no other id, and is plain."""
    granted = {c.name: c for c in table.columns}
    if table.parent is not None or table.subject not in granted:
        return False
    schema = footer(source).schema.to_arrow_schema()
    for column in table.columns:
        if column.name == table.subject:
            continue
        kind = schema.field(column.name).type
        dates = column.action in (Action.MONTH, Action.YEAR, Action.SHIFT) and column.type is ColumnType.DATE
        if not is_plain(kind) or not (column.action is Action.KEEP or (dates and pa.types.is_date32(kind))):
            return False
    return True


def no_nulls(source: Path, column: str | None) -> bool:
    """Whether the file says of each of its row groups that the column has no null."""
    if column is None:
        return True
    metadata = footer(source)
    where = metadata.schema.to_arrow_schema().get_field_index(column)
    groups = [metadata.row_group(g).column(where) for g in range(metadata.num_row_groups)]
    return all(g.is_stats_set and g.statistics.has_null_count and g.statistics.null_count == 0 for g in groups)


def split(subjects: Subjects) -> Parts | None:
    """Parts of about `PART` lines; None if one person has so many that no part could hold them."""
    ids = subjects.ids
    lines = subjects.lines.counts
    chosen = subjects.of(ids.chosen)[: len(lines)]
    place = subjects.of(ids.place)[: len(lines)][chosen]
    counts = np.bincount(place, lines[chosen], len(ids.pseudonyms)).astype(np.int64)
    if len(counts) and counts.max() > MOST_LINES:
        return None
    ends = np.cumsum(counts)
    of, begin = np.zeros(len(counts), np.uint16), 0
    first: list[int] = []
    while begin < len(counts):
        before = ends[begin - 1] if begin else 0
        end = int(np.searchsorted(ends, before + PART, side="right"))
        end = min(max(end, begin + 1), begin + PART_PERSONS)
        of[begin:end] = len(first)
        first.append(begin)
        begin = end
    return Parts(of, np.array(first, np.int32)) if len(first) < np.iinfo(np.uint16).max else None


def included(connection: duckdb.DuckDBPyConnection, sources: Path, table: TablePlan) -> NDArray[np.uint8] | None:
    """A bit for each line of the source: whether the permit includes it; None: all. None of it names a person.

    The engine alone decides what a filter means. One query for the whole table: planning one per slice takes longer
    than the filter itself.
    """
    where = conditions(table)
    if not where:
        return None
    found = np.zeros(footer(sources / f"{table.name}.parquet").num_rows, np.bool_)
    source = scan(sources, table.name, ", file_row_number = true")
    query = f"SELECT file_row_number AS line FROM {source} WHERE {' AND '.join(where)}"
    for batch in connection.execute(query).to_arrow_reader(SLICE):
        found[batch.column(0).to_numpy()] = True
    return np.packbits(found)


@dataclass(frozen=True)
class Ordered:
    """One table being written. `included` has a bit for each line of the source; None: all are."""

    sources: Path
    plan: TablePlan
    subjects: Subjects
    included: NDArray[np.uint8] | None
    parts: Parts
    say: Say

    def write(self, target: Path, compression: str, grew: Grew) -> None:
        """Write the Parquet file; calls `grew`, beside the writing, when there is more of it."""
        give_back()
        kinds = footer(self.source()).schema.to_arrow_schema()
        columns = [
            Column(c.name, kinds.field(c.name).type, c.action, not no_nulls(self.source(), c.name))
            for c in self.plan.columns
            if c.name != self.plan.subject
        ]
        with Spill(target.with_suffix(".spill")) as spill:  # in the hidden folder
            nulls = self._set_aside(spill, columns)
            self._write_parts(spill, columns, nulls, target, compression, grew)

    def source(self) -> Path:
        """The source file."""
        return self.sources / f"{self.plan.name}.parquet"

    # -- first half: slices of the source to parts -----------------------------------------------------------------

    def _set_aside(self, spill: Spill, columns: list[Column]) -> set[str]:
        """Read the source; the columns that have nulls in the lines set aside."""
        ids = self.subjects.ids
        # One more for -1: nobody.
        place = np.append(self.subjects.of(np.where(ids.chosen, ids.place, np.int32(-1))), np.int32(-1))
        metadata = footer(self.source())
        slices = list(_slices(metadata))
        read = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            idle = [_Reader(self, columns, place.astype(np.int32), metadata) for _ in range(WORKERS)]

            def one(part: tuple[range, int, int]) -> int:
                reader = idle.pop()
                try:
                    reader.read(*part, spill)
                finally:
                    idle.append(reader)
                return part[2]

            for rows in pool.map(one, slices):
                read += rows
                self.say(f"{read:,} of {metadata.num_rows:,} lines read")
        return {name for reader in idle for name in reader.nulls}

    # -- second half: parts to the file ----------------------------------------------------------------------------

    def _write_parts(
        self, spill: Spill, columns: list[Column], nulls: set[str], target: Path, compression: str, grew: Grew
    ) -> None:
        subject = str(self.plan.subject)
        kinds = {c.name: c.written for c in columns} | {subject: TEXTS}
        schema = pa.schema([pa.field(c.name, kinds[c.name], nullable=c.name in nulls) for c in self.plan.columns])
        writer = pq.ParquetWriter(
            target,
            schema,
            compression="none" if compression == "uncompressed" else compression,
            compression_level=LEVEL if compression == "zstd" else None,
            store_schema=False,
            # Of the other columns every part has about the same least and greatest value: they would help no reader.
            write_statistics=[subject],
            dictionary_pagesize_limit=PART_PERSONS * 64,
            sorting_columns=[pq.SortingColumn(schema.get_field_index(subject))],
            write_batch_size=BATCH,
        )
        count, behind_it = len(self.parts.first), []
        with ThreadPoolExecutor(1) as behind, writer, ThreadPoolExecutor(WORKERS) as ahead:
            ready = [ahead.submit(self._sorted, spill, columns, schema, n) for n in range(min(WORKERS, count))]
            for part in range(count):
                table = ready.pop(0).result()
                if part + WORKERS < count:
                    ready.append(ahead.submit(self._sorted, spill, columns, schema, part + WORKERS))
                if table is not None:
                    writer.write_table(table, row_group_size=len(table))
                    if part % BEHIND == BEHIND - 1:
                        behind_it.append(behind.submit(grew))
                self.say(f"{part + 1} of {count} parts written")
        for one in behind_it:  # what did not reach the disk is said once only
            one.result()

    def _sorted(self, spill: Spill, columns: list[Column], schema: pa.Schema, part: int) -> pa.Table | None:
        arrays = spill.read(part)
        if not arrays:
            return None
        place, arrays = arrays[0], arrays[1:]
        values = []
        for column in columns:
            values.append(column.unflatten(arrays[: column.arrays]))
            arrays = arrays[column.arrays :]
        order = line_order(place, [code for v in values for code in v.codes()])
        place = place.take(order)
        new = np.flatnonzero(np.diff(place, prepend=place[0] ^ 1))
        first = int(self.parts.first[part])
        # The dictionary has the persons with lines in this part and nobody else.
        names = spell(self.subjects.ids.pseudonyms[first + place[new].astype(np.int64)])
        lengths = np.diff(new, append=len(place))
        index = pa.array(np.repeat(np.arange(len(new), dtype=np.int32), lengths))
        made = {v.column.name: v.take(order) for v in values}
        made[str(self.plan.subject)] = pa.DictionaryArray.from_arrays(index, names)
        return pa.table([made[f.name] for f in schema], schema=schema)


def _slices(metadata: pq.FileMetaData) -> Iterator[tuple[range, int, int]]:
    """Row groups of about `SLICE` rows together, with their first row and their number of rows."""
    first, row, rows = 0, 0, 0
    for group in range(metadata.num_row_groups):
        rows += metadata.row_group(group).num_rows
        if rows >= SLICE or group == metadata.num_row_groups - 1:
            yield range(first, group + 1), row, rows
            first, row, rows = group + 1, row + rows, 0


class _Reader:
    """Reads slices of the source; each thread has its own."""

    def __init__(
        self,
        table: Ordered,
        columns: list[Column],
        place: Ints,
        metadata: pq.FileMetaData,
    ) -> None:
        self._table, self._columns, self._place = table, columns, place
        self.nulls: set[str] = set()
        texts = [c.name for c in columns if c.text]
        self._file = pq.ParquetFile(table.source(), metadata=metadata, read_dictionary=texts)
        self._numbers = table.subjects.lines.open()
        ids = table.subjects.ids
        self._shifts = np.zeros(len(ids.pseudonyms), np.int16)
        self._shifts[ids.place] = ids.shift

    def _lines(self, first: int, rows: int) -> NDArray[np.intp]:
        """The included lines of a slice, from 0."""
        included = self._table.included
        if included is None:
            return np.arange(rows)
        skip = first % 8
        bits = np.unpackbits(included[first // 8 : (first + rows + 7) // 8], count=skip + rows)
        return np.flatnonzero(bits[skip:])

    def read(self, groups: range, first: int, rows: int, spill: Spill) -> None:
        """Set a slice's included lines aside, by part."""
        table = self._table
        lines = self._lines(first, rows)
        numbers = read_numbers(self._numbers, list(groups))
        if len(numbers) != rows:
            raise OSError(f"the index of {table.plan.name} has not the lines of the source")
        place = self._place.take(numbers.take(lines), mode="wrap")
        known = place >= 0
        if not known.all():
            lines, place = lines[known], place[known]
        part = table.parts.of.take(place)
        if len(table.parts.first) <= np.iinfo(np.uint8).max:
            part = part.astype(np.uint8)
        order = np.argsort(part, kind="stable")
        place, lines = place.take(order), lines.take(order)
        sizes = np.bincount(part, minlength=len(table.parts.first))
        here = np.flatnonzero(sizes)
        ends = np.cumsum(sizes[here]).tolist()
        local = (place - np.repeat(table.parts.first[here], sizes[here])).astype(np.uint16)
        found = self._file.read_row_groups(list(groups), columns=[c.name for c in self._columns], use_threads=False)
        pieces: list[Arrays] = [[local[a:b]] for a, b in zip([0, *ends], ends, strict=False)]
        for column in self._columns:
            shifts = self._shifts.take(place) if column.action is Action.SHIFT else None
            for piece, arrays in zip(
                pieces, column.flatten(found.column(column.name), lines, shifts, ends), strict=True
            ):
                piece.extend(arrays)
                if column.nullable and arrays[-1].any():
                    self.nulls.add(column.name)
        for number, piece in zip(here.tolist(), pieces, strict=True):
            spill.add(number, piece)
