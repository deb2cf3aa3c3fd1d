# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""A linkage of the catalogue carried out on the sources: `sources/links/<id>.parquet`, its report and a page beside it.

Run by the data manager. The two sides are joined and cut here, compared by `ecluse.data.link`; the files with the
compared columns lie in a folder of their own that is removed afterwards.
"""

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from ecluse.rules.dataset import ColumnType, Dataset, Table
from ecluse.rules.filters import parse_filter
from ecluse.rules.linkage import Linkage, Side

from .crosswalk import LINKS, SEPARATOR
from .engine import SQL_TYPES, literal, locked_engine, name
from .sources import SourceError, check_table

ID = "_id"


def link_sources(
    linkage: Linkage,
    datasets: Mapping[str, Dataset],
    sources: Path,
    *,
    memory: str = "2GB",
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, object]:
    """Link the two datasets of a linkage; returns the report.

    Raises:
        SourceError: if a source is missing, damaged or not what the catalogue says, or names a record twice.
        LinkError: if the two sides can't be compared.
    """
    from .link import link_files, parse_spec  # it takes a second to load, and few need it

    target = sources / LINKS / f"{linkage.id}.parquet"
    with tempfile.TemporaryDirectory(prefix="ecluse-sides-") as folder:
        work = Path(folder)
        progress(f"{linkage.id}: preparing both sides")
        columns = {
            "left": {c.left for c in linkage.compare} | {g.column for g in linkage.groups if g.side == "left"},
            "right": {c.right for c in linkage.compare} | {g.column for g in linkage.groups if g.side == "right"},
        }
        for key, side in {"left": linkage.left, "right": linkage.right}.items():
            _write_side(side, datasets[side.dataset], sources / side.dataset, work, key, sorted(columns[key]))
        spec = {
            "left": {"id": ID},
            "right": {"id": ID},
            "compare": [{"left": c.left, "right": c.right, "as": c.kind.value} for c in linkage.compare],
            "one_to_one": linkage.one_to_one,
            "target_precision": linkage.target_precision,
            "groups": [{"side": g.side, "column": g.column} for g in linkage.groups],
        }
        parse_spec(spec, linkage.id)
        written = work / "spec.yaml"
        written.write_text(json.dumps(spec))  # every JSON text is YAML
        target.parent.mkdir(parents=True, exist_ok=True)
        return link_files(
            work / "left.parquet",
            work / "right.parquet",
            written,
            target,
            target.with_suffix(".json"),
            memory=memory,
            progress=lambda what: progress(f"{linkage.id}: {what}"),
        )


def _write_side(side: Side, dataset: Dataset, folder: Path, work: Path, key: str, columns: list[str]) -> None:
    """The records of one side with the columns to compare, one line each."""
    for table, needed in _needed(side, dataset, columns).items():
        check_table(folder, dataset, table, needed)
    base = dataset.tables[side.table]
    where = {"_t": _filter(side.rows, base)}
    joins = ""
    for number, joined in enumerate(side.join):
        other, alias = dataset.tables[joined.table], f"_j{number}"
        on = " AND ".join(f"{_same('_t', c, base, other)} = {_same(alias, c, other, base)}" for c in joined.by)
        joins += f" JOIN (SELECT * FROM {_scan(folder, joined.table)}{_filter(joined.rows, other)}) {alias} ON {on}"
    identity = f" || '{SEPARATOR}' || ".join(f"CAST(_t.{name(c)} AS VARCHAR)" for c in side.id)
    made = ", ".join(f"{_column(side, dataset, c)} AS {name(c)}" for c in columns)
    path = work / f"{key}.parquet"
    with locked_engine([folder], work) as connection:
        connection.execute(
            f"COPY (SELECT {ID}, {', '.join(f'any_value({name(c)}) AS {name(c)}' for c in columns)} FROM ("
            f"SELECT {identity} AS {ID}, {made} FROM (SELECT * FROM {_scan(folder, side.table)}{where['_t']}) _t{joins}"
            f") WHERE {ID} IS NOT NULL GROUP BY {ID}) TO {literal(str(path))} (FORMAT parquet)"
        )
        parts = f"len(string_split({ID}, '{SEPARATOR}')) <> {len(side.id)}"
        wrong = connection.execute(f"SELECT count(*) FROM read_parquet({literal(str(path))}) WHERE {parts}").fetchone()
    if wrong and wrong[0]:
        message = f"{wrong[0]} ids hold the sign {SEPARATOR}"
        raise SourceError(message, table=side.table, column=side.id[0], file=folder / f"{side.table}.parquet")


def _needed(side: Side, dataset: Dataset, columns: list[str]) -> dict[str, set[str]]:
    """The columns that each table has to have."""
    read = {c for wanted in columns for c in _read(side, wanted)}
    found: dict[str, set[str]] = {side.table: set(side.id)}
    for joined in side.join:
        found[side.table] |= set(joined.by)
        found[joined.table] = set(joined.by)
    for table in found:
        found[table] |= {c for c in read if _home(side, dataset, c) == table}
    filters = {side.table: side.rows, **{j.table: j.rows for j in side.join}}
    for table, text in filters.items():
        if text:
            found[table] |= parse_filter(text, dataset.tables[table].columns).columns
    return found


def _read(side: Side, column: str) -> list[str]:
    derived = side.derive.get(column)
    return [derived.year, derived.less] if derived else [column]


def _home(side: Side, dataset: Dataset, column: str) -> str:
    """The table that a column is taken from: the side's own first, then the joined ones in their order."""
    tables = (side.table, *(j.table for j in side.join))
    return next(t for t in tables if column in dataset.tables[t].columns)


def _column(side: Side, dataset: Dataset, column: str) -> str:
    derived = side.derive.get(column)
    if derived is not None:
        year, less = (_column(side, dataset, c) for c in (derived.year, derived.less))
        return f"year(CAST({year} AS DATE)) - CAST({less} AS INTEGER)"
    home = _home(side, dataset, column)
    alias = "_t" if home == side.table else f"_j{[j.table for j in side.join].index(home)}"
    return f"{alias}.{name(column)}"


def _same(alias: str, column: str, table: Table, other: Table) -> str:
    """A key that is a number in one table and digits in the other, as one type."""
    mine, theirs = table.columns[column].type, other.columns[column].type
    text = f"{alias}.{name(column)}"
    if mine is theirs:
        return text
    return f"TRY_CAST({text} AS {SQL_TYPES[ColumnType.INTEGER]})"


def _filter(text: str | None, table: Table) -> str:
    return f" WHERE {parse_filter(text, table.columns).sql}" if text else ""


def _scan(folder: Path, table: str) -> str:
    return f"read_parquet({literal(str((folder / f'{table}.parquet').resolve()))})"
