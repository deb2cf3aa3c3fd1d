# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""Who is who: every source id resolved to its person, and every person given the project's pseudonym.

The index says which number each line's person has; here every number gets, in arrays: the place of the person's
pseudonym in their order, the shift, whether the person is chosen. Only the one id of each person passes through Python
for its HMAC. Where tables have to be joined, `tabulate` makes tables of the same.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ecluse.rules.extract import DatasetPlan, PersonId, TablePlan
from ecluse.rules.project import Precision

from .engine import name, scan
from .index import Index, Register
from .lines import Ints, Lines
from .pseudonyms import Digests, ProjectKeys, both_in_order, digests, in_order, shift, spell

CHUNK = 200_000
Key = tuple[str, str | None, bool]


@dataclass
class Ids:
    """One way of looking ids up, and arrays by number of the person. `pseudonyms` has the digest of each `place`.

    The register's persons come first, then those of `strangers`: a table `(n, id, rank, canonical)` of the engine.
    """

    table: str
    kind: str
    register: Register
    place: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    shift: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    chosen: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    pseudonyms: Digests = field(default_factory=lambda: np.zeros((0, 16), np.uint8))

    @property
    def strangers(self) -> str:
        """The table of those whom the register doesn't know."""
        return f"{self.table}_strangers"

    @property
    def full(self) -> str:
        """The table for joins, `(n, id, rank, canonical, pseudonym, place, shift, chosen)`, once `tabulate` made it."""
        return f"{self.table}_full"


@dataclass
class Subjects:
    """Whom the lines of one table are about. `others` are its own strangers' numbers among those of all tables."""

    ids: Ids
    lines: Lines
    others: Ints

    def of(self, by_number: NDArray[np.generic]) -> NDArray[np.generic]:
        """An array by number of the person, put in the order of the table's numbers."""
        return np.concatenate([by_number[: self.lines.known], by_number[self.others]])


@dataclass
class Crosswalk:
    """The ids of one dataset: where to look an id up, by (kind, through, ranked), and the subjects of each table."""

    ids: dict[Key, Ids] = field(default_factory=dict)
    subjects: dict[str, Subjects] = field(default_factory=dict)

    def of(self, person: PersonId) -> Ids:
        """The ids that a column's are among."""
        return self.ids[person.kind, person.through, person.rank is not None]

    def table(self, person: PersonId) -> str:
        """The table to join a column with."""
        return self.of(person).full


def build_crosswalk(
    connection: duckdb.DuckDBPyConnection,
    plan: DatasetPlan,
    sources: Path,
    keys: ProjectKeys,
    opted_out: list[str],
    index: Index,
) -> Crosswalk:
    """Resolve every person id that the dataset's tables carry."""
    crosswalk = Crosswalk()
    _opted_out(connection, plan, sources, opted_out)
    used: dict[Key, list[tuple[TablePlan, PersonId]]] = {}
    for table in _tables(plan):
        for person in _needed(table):
            used.setdefault((person.kind, person.through, person.rank is not None), []).append((table, person))
    shifted = plan.precision is Precision.SHIFTED
    for number, (key, columns) in enumerate(sorted(used.items(), key=lambda item: str(item[0]))):
        register = index.register(connection, plan.persons, columns[0][1])
        ids = Ids(f"ids_{plan.dataset}_{number}".replace("-", "_"), key[0], register)
        crosswalk.ids[key] = ids
        # Meanwhile the files of the tables are hashed, and whose their lines are is worked out or found.
        with ThreadPoolExecutor(1) as beside:
            hashing = beside.submit(_hash, _registered(register), ids.kind, keys, shifted=shifted)
            placing = beside.submit(lambda made: in_order(made.result()[0]), hashing)
            found = [index.lines(connection, register, table.name, person) for table, person in columns]
        made, registered = hashing.result(), placing.result()
        others = _number_strangers(connection, ids, found)
        for (table, person), lines, numbers in zip(columns, found, others, strict=True):
            if person.column == table.subject:
                crosswalk.subjects[table.name] = Subjects(ids, lines, numbers)
        more = _hash(_strange(connection, ids), ids.kind, keys, shifted=shifted)
        ids.place, ids.pseudonyms = both_in_order(registered, in_order(more[0]))
        ids.shift = np.concatenate([made[1], more[1]])
        _choose(connection, ids, opted_out=bool(opted_out))
    return crosswalk


def _tables(plan: DatasetPlan) -> Iterator[TablePlan]:
    yield from plan.tables.values()
    yield from plan.support.values()


def _needed(table: TablePlan) -> Iterable[PersonId]:
    """The columns that are written, and the one that says whom a row is about."""
    granted = {c.name for c in table.columns}
    return [p for p in table.persons if p.column in granted or p.column == table.subject]


def _number_strangers(connection: duckdb.DuckDBPyConnection, ids: Ids, found: list[Lines]) -> list[Ints]:
    """Make the table of strangers of all tables; the numbers of each table's own."""
    target, tables = ids.strangers, [lines.strangers for lines in found]
    for number, table in enumerate(tables):
        position = pa.array(np.arange(len(table), dtype=np.int32))
        connection.register(f"strangers_{number}", table.append_column("k", position))
    every = " UNION ".join(f"SELECT id, rank FROM strangers_{n}" for n in range(len(tables)))
    connection.execute(
        f"CREATE TABLE {target} AS SELECT CAST({ids.register.size} + row_number() OVER () - 1 AS INTEGER) AS n, id, "
        f"rank, id || CASE WHEN rank = '' THEN '' ELSE '/' || rank END AS canonical FROM ({every})"
    )
    numbers = []
    for number in range(len(tables)):
        joined = f"SELECT n FROM strangers_{number} JOIN {target} USING (id, rank) ORDER BY k"
        numbers.append(np.asarray(connection.execute(joined).fetchnumpy()["n"], np.int32))
        connection.unregister(f"strangers_{number}")
    return numbers


def _registered(register: Register) -> Iterator[pa.Array]:
    """The one id of each person of the register, in the order of their numbers, in pieces."""
    if register.persons is not None:
        for batch in pq.ParquetFile(register.persons).iter_batches(CHUNK):
            yield batch.column(0)


def _strange(connection: duckdb.DuckDBPyConnection, ids: Ids) -> Iterator[pa.Array]:
    """The one id of each stranger, in the order of their numbers, in pieces."""
    reader = connection.cursor().execute(f"SELECT canonical FROM {ids.strangers} ORDER BY n").to_arrow_reader(CHUNK)
    for batch in reader:
        yield batch.column(0)


def _hash(
    canonical: Iterator[pa.Array], kind: str, keys: ProjectKeys, *, shifted: bool
) -> tuple[Digests, NDArray[np.int16]]:
    """Digest and shift of each id."""
    tags, days = [np.zeros((0, 16), np.uint8)], [np.zeros(0, np.int16)]
    for_pseudonyms, for_shifts = keys.key(kind), keys.key(f"shift:{kind}")
    for piece in canonical:
        texts = piece.cast(pa.binary()).to_pylist()
        tags.append(digests(for_pseudonyms, texts))
        days.append(np.array([shift(for_shifts, t) for t in texts] if shifted else np.zeros(len(texts)), np.int16))
    return np.concatenate(tags), np.concatenate(days)


def _choose(connection: duckdb.DuckDBPyConnection, ids: Ids, *, opted_out: bool) -> None:
    """Everybody but those who opted out, by any of their ids."""
    ids.chosen = np.ones(len(ids.place), np.bool_)
    if not opted_out:
        return
    parts = [
        f"SELECT n FROM {ids.register.ids} WHERE id IN (FROM opted_out)",
        f"SELECT n FROM {ids.strangers} WHERE id IN (FROM opted_out) OR canonical IN (FROM opted_out)",
    ]
    if ids.register.persons is not None:
        parts.append(f"SELECT n FROM {ids.register.numbered} WHERE canonical IN (FROM opted_out)")
    gone = connection.execute(" UNION ALL ".join(parts)).fetchnumpy()["n"]
    ids.chosen[np.asarray(gone, np.int64)] = False


def _opted_out(connection: duckdb.DuckDBPyConnection, plan: DatasetPlan, sources: Path, ids: list[str]) -> None:
    """`opted_out(id)`: the ids on the list, and the one id of each person that any of them leads to."""
    connection.register("listed", pa.table({"id": pa.array(ids, pa.string())}))
    connection.execute("CREATE TABLE opted_out AS SELECT id FROM listed")
    connection.unregister("listed")
    persons = plan.persons
    if persons is not None and ids:
        through = {persons.id, persons.canonical, *(p.through for t in _tables(plan) for p in t.persons if p.through)}
        known = " OR ".join(f"CAST({name(c)} AS VARCHAR) IN (SELECT id FROM opted_out)" for c in sorted(through))
        connection.execute(
            f"INSERT INTO opted_out SELECT DISTINCT CAST({name(persons.canonical)} AS VARCHAR) "
            f"FROM {scan(sources, persons.table)} WHERE ({known}) AND {name(persons.canonical)} IS NOT NULL"
        )


def tabulate(connection: duckdb.DuckDBPyConnection, crosswalk: Crosswalk) -> None:
    """Make the tables for joins: for rows that are chosen by other tables' rows."""
    for ids in crosswalk.ids.values():
        made = f"{ids.table}_made"
        connection.execute(
            f"CREATE TABLE {made} (n INTEGER, canonical VARCHAR, pseudonym VARCHAR, place INTEGER, shift INTEGER, "
            "chosen BOOLEAN)"
        )
        first = 0
        for canonical in chain(_registered(ids.register), _strange(connection, ids)):
            part = slice(first, first + len(canonical))
            columns = {
                "n": pa.array(np.arange(part.start, part.stop, dtype=np.int32)),
                "canonical": canonical,
                "pseudonym": spell(ids.pseudonyms[ids.place[part]]),
                "place": pa.array(ids.place[part]),
                "shift": pa.array(ids.shift[part].astype(np.int32)),
                "chosen": pa.array(ids.chosen[part]),
            }
            connection.register("made", pa.table(columns))
            connection.execute(f"INSERT INTO {made} SELECT * FROM made")
            connection.unregister("made")
            first = part.stop
        every = f"SELECT n, id, rank FROM {ids.register.ids} UNION ALL SELECT n, id, rank FROM {ids.strangers}"
        connection.execute(f"CREATE TABLE {ids.full} AS SELECT * FROM ({every}) JOIN {made} USING (n)")
        connection.execute(f"DROP TABLE {made}")


def choose_cohort(connection: duckdb.DuckDBPyConnection, crosswalk: Crosswalk, cohort: str) -> None:
    """Keep as chosen only the persons whose canonical id the SQL `cohort` gives as `_who`."""
    connection.execute(f"CREATE TABLE cohort AS {cohort}")
    for ids in crosswalk.ids.values():
        connection.execute(
            f"UPDATE {ids.full} SET chosen = chosen AND coalesce(canonical IN (SELECT _who FROM cohort), false)"
        )
        found = connection.execute(f"SELECT n FROM {ids.full} WHERE chosen").fetchnumpy()["n"]
        ids.chosen[:] = False
        ids.chosen[np.asarray(found, np.int64)] = True
