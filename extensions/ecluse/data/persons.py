# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""Who is who: every source id resolved to its person, and every person given the project's pseudonym.

Makes a temporary table per way of looking an id up, `ids_<n>(id, rank, canonical, pseudonym, place, shift, chosen)`,
where `place` is the pseudonym's place in their order. Only the distinct ids pass through Python for their HMAC.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from ecluse.rules.extract import DatasetPlan, PersonId, TablePlan
from ecluse.rules.policy import Precision

from .engine import name
from .pseudonyms import ProjectKeys, pseudonyms, shift

CHUNK = 200_000


@dataclass
class Crosswalk:
    """The temporary tables of one dataset: where to look an id up, by (kind, through, ranked)."""

    ids: dict[tuple[str, str | None, bool], str] = field(default_factory=dict)

    def table(self, person: PersonId) -> str:
        """The table with `id`, `rank` and `who` for this column."""
        return self.ids[person.kind, person.through, person.rank is not None]


def build_crosswalk(
    connection: duckdb.DuckDBPyConnection,
    plan: DatasetPlan,
    scan: Callable[[str], str],
    keys: ProjectKeys,
    opted_out: list[str],
) -> Crosswalk:
    """Resolve every person id that the dataset's tables carry. `scan` gives the SQL of a source table."""
    crosswalk = Crosswalk()
    _opted_out(connection, plan, scan, opted_out)
    used: dict[tuple[str, str | None, bool], list[tuple[str, PersonId]]] = {}
    for table in _tables(plan):
        for person in _needed(table):
            used.setdefault((person.kind, person.through, person.rank is not None), []).append((table.name, person))
    shifted = plan.precision is Precision.SHIFTED
    kinds = sorted({kind for kind, _, _ in used})
    for number, (key, columns) in enumerate(sorted(used.items(), key=str)):
        crosswalk.ids[key] = f"ids_{plan.dataset}_{number}".replace("-", "_")
        _resolve(connection, plan, scan, crosswalk.ids[key], columns)
    for kind in kinds:
        _pseudonymise(
            connection, [t for (k, _, _), t in crosswalk.ids.items() if k == kind], kind, keys, shifted=shifted
        )
    return crosswalk


def _tables(plan: DatasetPlan) -> Iterator[TablePlan]:
    yield from plan.tables.values()
    yield from plan.support.values()


def _needed(table: TablePlan) -> Iterable[PersonId]:
    """The columns that are written, and the one that says whom a row is about."""
    granted = {c.name for c in table.columns}
    return [p for p in table.persons if p.column in granted or p.column == table.subject]


def _resolve(
    connection: duckdb.DuckDBPyConnection,
    plan: DatasetPlan,
    scan: Callable[[str], str],
    target: str,
    columns: list[tuple[str, PersonId]],
) -> None:
    """`target(id, rank, canonical)`: the one id of each person behind the ids of these columns."""
    ids = (
        "SELECT DISTINCT id, rank FROM ("
        + " UNION ALL ".join(
            f"SELECT CAST({name(p.column)} AS VARCHAR) AS id, {_rank(p.rank)} AS rank FROM {scan(table)} "
            f"WHERE {name(p.column)} IS NOT NULL"
            for table, p in columns
        )
        + ")"
    )
    persons, through = plan.persons, columns[0][1].through
    alone = "ids.id || CASE WHEN ids.rank = '' THEN '' ELSE '/' || ids.rank END"
    if persons is None or through is None:
        connection.execute(f"CREATE TEMP TABLE {target} AS SELECT id, rank, {alone} AS canonical FROM ({ids}) ids")
        return
    ranked = columns[0][1].rank is not None
    # An id that leads to two persons can't be resolved: then it stands for itself rather than for either.
    known = (
        f"SELECT CAST({name(through)} AS VARCHAR) AS id, {_rank(persons.rank if ranked else None)} AS rank, "
        f"min(CAST({name(persons.canonical)} AS VARCHAR)) AS canonical FROM {scan(persons.table)} "
        f"WHERE {name(through)} IS NOT NULL AND {name(persons.canonical)} IS NOT NULL GROUP BY ALL "
        f"HAVING min({name(persons.canonical)}) = max({name(persons.canonical)})"
    )
    connection.execute(f"CREATE TEMP TABLE {target} AS {known}")
    # Most ids are in the register: looking for those that are not is far cheaper than finding all distinct ones.
    strangers = " UNION ALL ".join(
        f"SELECT CAST({name(p.column)} AS VARCHAR) AS id, {_rank(p.rank)} AS rank FROM {scan(table)} _s "
        f"WHERE {name(p.column)} IS NOT NULL AND NOT EXISTS (FROM {target} k "
        f"WHERE k.id = CAST(_s.{name(p.column)} AS VARCHAR) AND k.rank = {_rank(p.rank, '_s.')})"
        for table, p in columns
    )
    connection.execute(
        f"INSERT INTO {target} SELECT DISTINCT ids.id, ids.rank, {alone} AS canonical FROM ({strangers}) ids"
    )


def _rank(column: str | None, alias: str = "") -> str:
    return "''" if column is None else f"coalesce(CAST({alias}{name(column)} AS VARCHAR), '')"


def _opted_out(
    connection: duckdb.DuckDBPyConnection, plan: DatasetPlan, scan: Callable[[str], str], ids: list[str]
) -> None:
    """`opted_out(id)`: the ids on the list, and the one id of each person that any of them leads to."""
    connection.register("listed", pa.table({"id": pa.array(ids, pa.string())}))
    connection.execute("CREATE TEMP TABLE opted_out AS SELECT id FROM listed")
    connection.unregister("listed")
    persons = plan.persons
    if persons is not None and ids:
        through = {persons.id, persons.canonical, *(p.through for t in _tables(plan) for p in t.persons if p.through)}
        known = " OR ".join(f"CAST({name(c)} AS VARCHAR) IN (SELECT id FROM opted_out)" for c in sorted(through))
        connection.execute(
            f"INSERT INTO opted_out SELECT DISTINCT CAST({name(persons.canonical)} AS VARCHAR) "
            f"FROM {scan(persons.table)} WHERE ({known}) AND {name(persons.canonical)} IS NOT NULL"
        )


def choose_cohort(connection: duckdb.DuckDBPyConnection, crosswalk: Crosswalk, cohort: str) -> None:
    """Keep as chosen only the persons whose canonical id the SQL `cohort` gives as `_who`."""
    connection.execute(f"CREATE TEMP TABLE cohort AS {cohort}")
    for table in crosswalk.ids.values():
        connection.execute(
            f"UPDATE {table} SET chosen = chosen AND coalesce(canonical IN (SELECT _who FROM cohort), false)"
        )


def _pseudonymise(
    connection: duckdb.DuckDBPyConnection, tables: list[str], kind: str, keys: ProjectKeys, *, shifted: bool
) -> None:
    """Add pseudonym and shift of the canonical ids to each table."""
    union = " UNION ALL ".join(f"SELECT canonical FROM {t}" for t in tables)
    connection.execute(f"CREATE OR REPLACE TABLE canonical AS SELECT DISTINCT canonical FROM ({union})")
    connection.execute("CREATE OR REPLACE TEMP TABLE who (canonical VARCHAR, pseudonym VARCHAR, shift INTEGER)")
    for_pseudonyms, for_shifts = keys.key(kind), keys.key(f"shift:{kind}")
    cursor = connection.cursor()  # a second statement on the same connection would end the reading of the first
    for batch in cursor.execute("FROM canonical").to_arrow_reader(CHUNK):
        texts = batch.column(0).to_pylist()
        made = pa.table(
            {
                "canonical": batch.column(0),
                "pseudonym": pseudonyms(for_pseudonyms, texts),
                "shift": pa.array([shift(for_shifts, t) for t in texts] if shifted else [0] * len(texts), pa.int32()),
            }
        )
        connection.register("made", made)
        connection.execute("INSERT INTO who SELECT * FROM made")
        connection.unregister("made")
    for table in tables:
        connection.execute(
            f"CREATE TEMP TABLE with_{table} AS SELECT *, dense_rank() OVER (ORDER BY pseudonym)::INTEGER AS place, "
            f"id NOT IN (SELECT id FROM opted_out) "
            f"AND canonical NOT IN (SELECT id FROM opted_out) AS chosen FROM {table} JOIN who USING (canonical)"
        )
        connection.execute(f"DROP TABLE {table}")
        connection.execute(f"ALTER TABLE with_{table} RENAME TO {table}")
