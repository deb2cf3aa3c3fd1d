# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""Who is who: every source id resolved to its person, and every person given the project's pseudonym.

Makes a table per way of looking an id up, `ids_<n>(n, id, rank, canonical)`, and arrays by `n`: the place of the
person's pseudonym in their order, the shift, whether the person is chosen. Text is looked at once per id, not per
line; only ids pass through Python for their HMAC, while the engine reads on.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ecluse.rules.extract import DatasetPlan, PersonId, TablePlan
from ecluse.rules.policy import Precision

from .engine import name, scan
from .lines import Ints, Lines, number_lines
from .pseudonyms import Digests, ProjectKeys, digests, in_order, shift, spell

CHUNK = 200_000
Key = tuple[str, str | None, bool]


@dataclass
class Ids:
    """One way of looking ids up: the table with id, rank and canonical id by `n`, and arrays by the same `n`.

    `pseudonyms` has the digest of each `place`.
    """

    table: str
    kind: str
    place: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    shift: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    chosen: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    pseudonyms: Digests = field(default_factory=lambda: np.zeros((0, 16), np.uint8))

    @property
    def full(self) -> str:
        """The table for joins, `(n, id, rank, canonical, pseudonym, place, shift, chosen)`, once `tabulate` made it."""
        return f"{self.table}_full"


@dataclass
class Crosswalk:
    """The ids of one dataset: where to look an id up, by (kind, through, ranked), and the lines of each table."""

    ids: dict[Key, Ids] = field(default_factory=dict)
    lines: dict[str, Lines] = field(default_factory=dict)
    """By table, for its subject."""

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
    keep: frozenset[str],
) -> Crosswalk:
    """Resolve every person id that the dataset's tables carry; keep whose each line is for the tables in `keep`."""
    crosswalk = Crosswalk()
    _opted_out(connection, plan, sources, opted_out)
    used: dict[Key, list[tuple[TablePlan, PersonId]]] = {}
    for table in _tables(plan):
        for person in _needed(table):
            used.setdefault((person.kind, person.through, person.rank is not None), []).append((table, person))
    shifted = plan.precision is Precision.SHIFTED
    with ThreadPoolExecutor(1) as beside:
        for number, (key, columns) in enumerate(sorted(used.items(), key=lambda item: str(item[0]))):
            ids = Ids(f"ids_{plan.dataset}_{number}".replace("-", "_"), key[0])
            crosswalk.ids[key] = ids
            known = _register(connection, plan, sources, ids.table, columns[0][1])
            made = beside.submit(_hash, connection.cursor(), ids, keys, 0, known, shifted=shifted)
            for table, person in columns:
                path = sources / f"{table.name}.parquet"
                wanted = person.column == table.subject and table.name in keep
                lines = number_lines(connection, ids.table, path, person, keep=wanted)
                if person.column == table.subject:
                    crosswalk.lines[table.name] = lines
            _settle(connection, ids, keys, made, known, shifted=shifted)
    return crosswalk


def _tables(plan: DatasetPlan) -> Iterator[TablePlan]:
    yield from plan.tables.values()
    yield from plan.support.values()


def _needed(table: TablePlan) -> Iterable[PersonId]:
    """The columns that are written, and the one that says whom a row is about."""
    granted = {c.name for c in table.columns}
    return [p for p in table.persons if p.column in granted or p.column == table.subject]


def _register(
    connection: duckdb.DuckDBPyConnection, plan: DatasetPlan, sources: Path, target: str, person: PersonId
) -> int:
    """`target(n, id, rank, canonical)`: the one id of each person behind the ids that the register knows; how many."""
    connection.execute(f"CREATE TABLE {target} (n INTEGER, id VARCHAR, rank VARCHAR, canonical VARCHAR)")
    persons, through = plan.persons, person.through
    if persons is None or through is None:
        return 0
    rank = persons.rank if person.rank is not None else None
    known = (
        f"SELECT CAST({name(through)} AS VARCHAR) AS id, "
        f"{'CAST(NULL AS VARCHAR)' if rank is None else f'CAST({name(rank)} AS VARCHAR)'} AS rank, "
        f"CAST({name(persons.canonical)} AS VARCHAR) AS canonical FROM {scan(sources, persons.table)} "
        f"WHERE {name(through)} IS NOT NULL AND {name(persons.canonical)} IS NOT NULL"
    )
    known = f"SELECT id, coalesce(rank, '') AS rank, canonical FROM ({known})"
    numbered = "INSERT INTO {} SELECT row_number() OVER () - 1, id, rank, canonical FROM ({})"
    connection.execute(numbered.format(target, known))
    hashes = connection.execute(f"SELECT hash(id, rank) AS h FROM {target}").fetchnumpy()["h"]
    hashes = np.sort(np.asarray(hashes, np.uint64))
    if (hashes[1:] == hashes[:-1]).any():  # Else no pair comes twice, and there is nothing to group.
        # An id that leads to two persons can't be resolved: then it stands for itself rather than for either.
        connection.execute(f"DELETE FROM {target}")
        one = f"SELECT id, rank, min(canonical) AS canonical FROM ({known}) GROUP BY ALL"
        connection.execute(numbered.format(target, f"{one} HAVING min(canonical) = max(canonical)"))
    return _size(connection, target)


def _size(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(found[0]) if found else 0


def _hash(
    cursor: duckdb.DuckDBPyConnection, ids: Ids, keys: ProjectKeys, first: int, end: int, *, shifted: bool
) -> tuple[Digests, NDArray[np.int16]]:
    """Digest and shift of the ids with `first` ≤ n < `end`."""
    tags, days = np.zeros((end - first, 16), np.uint8), np.zeros(end - first, np.int16)
    for_pseudonyms, for_shifts = keys.key(ids.kind), keys.key(f"shift:{ids.kind}")
    query = f"SELECT n - {first}, encode(canonical) FROM {ids.table} WHERE n >= {first} AND n < {end}"
    for batch in cursor.execute(query).to_arrow_reader(CHUNK):
        at, texts = batch.column(0).to_numpy(), batch.column(1).to_pylist()
        tags[at] = digests(for_pseudonyms, texts)
        if shifted:
            days[at] = [shift(for_shifts, t) for t in texts]
    return tags, days


def _settle(
    connection: duckdb.DuckDBPyConnection,
    ids: Ids,
    keys: ProjectKeys,
    made: "Future[tuple[Digests, NDArray[np.int16]]]",
    known: int,
    *,
    shifted: bool,
) -> None:
    """Places, shifts and choice, once every id is known."""
    size = _size(connection, ids.table)
    tags, days = made.result()
    if size > known:
        more_tags, more_days = _hash(connection.cursor(), ids, keys, known, size, shifted=shifted)
        tags, days = np.concatenate([tags, more_tags]), np.concatenate([days, more_days])
    ids.place, ids.pseudonyms = in_order(tags)
    ids.shift, ids.chosen = days, np.ones(size, np.bool_)
    gone = connection.execute(
        f"SELECT n FROM {ids.table} WHERE id IN (FROM opted_out) OR canonical IN (FROM opted_out)"
    ).fetchnumpy()["n"]
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
            f"CREATE TABLE {made} (n INTEGER, pseudonym VARCHAR, place INTEGER, shift INTEGER, chosen BOOLEAN)"
        )
        for first in range(0, len(ids.place), CHUNK):
            part = slice(first, first + CHUNK)
            columns = {
                "n": pa.array(np.arange(first, first + len(ids.place[part]), dtype=np.int32)),
                "pseudonym": spell(ids.pseudonyms[ids.place[part]]),
                "place": pa.array(ids.place[part]),
                "shift": pa.array(ids.shift[part].astype(np.int32)),
                "chosen": pa.array(ids.chosen[part]),
            }
            connection.register("made", pa.table(columns))
            connection.execute(f"INSERT INTO {made} SELECT * FROM made")
            connection.unregister("made")
        connection.execute(f"CREATE TABLE {ids.full} AS SELECT * FROM {ids.table} JOIN {made} USING (n)")
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
