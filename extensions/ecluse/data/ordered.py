# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""A table about persons written in the order of its pseudonyms, without a sort of the whole.

The engine says which lines the permit includes. Slices of the source are read side by side, their values set aside by
part, and a part is the lines of some persons who follow each other in the order of pseudonyms. Then parts are sorted
and encoded side by side, and written in their turn. The order of lines follows from what is written alone; the source's
leaves no trace.

Only plain tables go this way (`applies`); the engine's own sort does the others.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ecluse.rules.dataset import ColumnType
from ecluse.rules.extract import Action, TablePlan

from .chunks import Chunk, Pages, lengthened, runs
from .columns import Column, is_plain
from .engine import scan
from .footers import footer
from .memory import give_back
from .parquet import Field, RowGroups
from .parts import Parts
from .persons import Subjects
from .pseudonyms import spell
from .slices import Reader, slices
from .spill import Spill
from .sql import conditions
from .values import line_order

BATCH = 2_000_000
"""Lines that the engine hands over at once: each time it waits for the interpreter, which hashes ids meanwhile."""
WORKERS = 3
"""More than the two cores: while one waits for the interpreter, another computes."""
LEVEL = 1
"""Of zstd: behind dictionaries, higher ones take more time for a file that is no smaller."""
BEHIND = 8
"""Parts written before they are hashed and sent to the disk."""
AHEAD = 2 * WORKERS
"""Parts that are encoded or wait for their turn in the file."""
Say = Callable[[str], None]
Grew = Callable[[], None]


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
    for batch in connection.execute(query).to_arrow_reader(BATCH):
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
        source, read = self.source(), 0
        metadata = footer(source)
        with ThreadPoolExecutor(WORKERS) as pool:
            idle = [Reader(source, columns, self.subjects, self.parts, self.included) for _ in range(WORKERS)]

            def one(part: tuple[range, int, int]) -> int:
                reader = idle.pop()
                try:
                    reader.read(*part, spill)
                finally:
                    idle.append(reader)
                return part[2]

            for rows in pool.map(one, list(slices(metadata))):
                read += rows
                self.say(f"{read:,} of {metadata.num_rows:,} lines read")
        return {name for reader in idle for name in reader.nulls}

    # -- second half: parts to the file ----------------------------------------------------------------------------

    def _write_parts(
        self, spill: Spill, columns: list[Column], nulls: set[str], target: Path, compression: str, grew: Grew
    ) -> None:
        subject = str(self.plan.subject)
        kinds = {c.name: c.written for c in columns} | {subject: pa.string()}
        fields = [Field(c.name, kinds[c.name], c.name in nulls) for c in self.plan.columns]
        by = [f.name for f in fields].index(subject)
        pages = Pages(pa.Codec("zstd", compression_level=LEVEL) if compression == "zstd" else None)

        def encoded(part: int) -> tuple[int, list[Chunk]]:
            return self._encoded(spill, columns, fields, pages, part)

        count, behind_it = len(self.parts.first), []
        with (
            ThreadPoolExecutor(1) as behind,
            RowGroups(target, fields, by, compression) as file,
            ThreadPoolExecutor(WORKERS) as ahead,
        ):
            ready = deque(ahead.submit(encoded, n) for n in range(min(AHEAD, count)))
            for part in range(count):
                rows, chunks = ready.popleft().result()
                if part + AHEAD < count:
                    ready.append(ahead.submit(encoded, part + AHEAD))
                if rows:
                    file.add(rows, chunks)
                    if part % BEHIND == BEHIND - 1:
                        behind_it.append(behind.submit(grew))
                self.say(f"{part + 1} of {count} parts written")
        for one in behind_it:  # what did not reach the disk is said once only
            one.result()

    def _encoded(
        self, spill: Spill, columns: list[Column], fields: list[Field], pages: Pages, part: int
    ) -> tuple[int, list[Chunk]]:
        """A part's number of lines, and its columns in the order of `fields`."""
        arrays = spill.read(part)
        if not arrays:
            return 0, []
        place, arrays = arrays[0], arrays[1:]
        values = []
        for column in columns:
            values.append(column.unflatten(arrays[: column.arrays]))
            arrays = arrays[column.arrays :]
        order, place = line_order(place, [code for v in values for code in v.codes()])
        made = {v.column.name: v for v in values}
        return len(order), [
            made[f.name].chunk(order, f.nullable, pages) if f.name in made else self._subject(place, part, pages)
            for f in fields
        ]

    def _subject(self, place: NDArray[np.uint16], part: int, pages: Pages) -> Chunk:
        """The pseudonyms of a part's lines. Their dictionary has the persons with lines in it and nobody else."""
        new = np.concatenate([[0], np.flatnonzero(place[1:] != place[:-1]) + 1])
        first = int(self.parts.first[part])
        names = spell(self.subjects.ids.pseudonyms[first + place[new].astype(np.int64)])
        lengths = np.diff(new, append=len(place))
        chunk = pages.coded(lengthened(names), len(names), runs(lengths), len(place), None)
        return replace(chunk, bounds=(names[0].as_py().encode(), names[-1].as_py().encode()))
