# ruff: noqa: S608 - column names are quoted by `prepare`; the rest is numbers and names made here
"""Both sides in normal form: tables `lhs` and `rhs` with a row number `uid`, the raw `id`, and columns `c0`, `c1` ….

A category's `e0`, `e1` … on the left list the right codes learned to be equivalent.
"""

from pathlib import Path

import duckdb

from ecluse.data.link.columns import BARE_YEAR, FORMS, YEAR
from ecluse.data.link.spec import Kind, LinkError, LinkSpec

MOSTLY = 0.9
SIDES = {"left": "lhs", "right": "rhs"}


def open_engine(folder: Path, memory: str, threads: int) -> duckdb.DuckDBPyConnection:
    """An engine that spills to `folder` rather than growing past `memory`."""
    return duckdb.connect(
        config={
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A string as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def source(path: Path) -> str:
    """SQL that reads a Parquet or CSV file; a CSV's values stay text, so that `01` stays `01`."""
    if not path.is_file():
        raise LinkError(f"{path}: no such file")
    if path.suffix.lower() in {".parquet", ".pq"}:
        return f"read_parquet({literal(str(path))})"
    if path.suffix.lower() in {".csv", ".tsv", ".txt"}:
        return f"read_csv({literal(str(path))}, all_varchar=true, header=true)"
    raise LinkError(f"{path}: not a Parquet or CSV file; its name must end in .parquet, .csv, .tsv or .txt")


def settle(
    engine: duckdb.DuckDBPyConnection, spec: LinkSpec, files: dict[str, Path]
) -> tuple[LinkSpec, set[tuple[str, int]]]:
    """The spec as the data allow it: dates of which one side has the year alone are compared as years.

    Returns it with the sides and columns that are still to be cut down to the year.
    """
    compare, whole = list(spec.compare), set()
    for i, one in enumerate(spec.compare):
        if one.kind is Kind.DATE:
            bare = {side: _bare_years(engine, files[side], getattr(one, side)) for side in SIDES}
            if any(bare.values()):
                compare[i] = one.model_copy(update={"kind": Kind.NUMBER})
                whole |= {(side, i) for side in SIDES if not bare[side]}
    return spec.model_copy(update={"compare": tuple(compare)}), whole


def _bare_years(engine: duckdb.DuckDBPyConnection, path: Path, column: str) -> bool:
    pattern = BARE_YEAR.replace("{{", "{").replace("}}", "}")
    try:
        row = engine.execute(
            f"select avg(regexp_full_match({quoted(column)}::varchar, {literal(pattern)})::integer) from {source(path)}"
        ).fetchone()
    except duckdb.Error:
        return False  # a file or column that can't be read is refused, with its name, when the tables are made
    return bool(row and row[0] is not None and row[0] > MOSTLY)


def prepare(
    engine: duckdb.DuckDBPyConnection, spec: LinkSpec, left: Path, right: Path
) -> tuple[LinkSpec, tuple[int, int]]:
    """Write `lhs` and `rhs`; returns the spec as the data allow it (`settle`) and the numbers of rows.

    Raises:
        LinkError: for a file that can't be read, a column that is missing, an id that is missing or not unique,
            or a column that no value of can be read as its kind.
    """
    spec, whole = settle(engine, spec, {"left": left, "right": right})
    return spec, (_one(engine, spec, "left", left, whole), _one(engine, spec, "right", right, whole))


def _readable(engine: duckdb.DuckDBPyConnection, spec: LinkSpec, side: str, path: Path, read: str) -> None:
    """Refuse a file that has not the columns of the spec, with plain values."""
    if not path.stat().st_size:
        raise LinkError(f"{path}: is empty; it needs a line of column names at least")
    try:
        types = {row[0]: str(row[1]) for row in engine.execute(f"describe select * from {read}").fetchall()}
    except duckdb.Error as error:
        raise LinkError(f"{path}: can't be read as {path.suffix[1:].upper()}: {_reason(error)}") from None
    have = list(types)
    wanted = [
        getattr(spec, side).id,
        *(getattr(c, side) for c in spec.compare),
        *(g.column for g in spec.groups if g.side == side),
    ]
    missing = sorted(set(wanted) - set(have))
    if missing and len(have) == 1 and any(mark in have[0] for mark in ",;|\t"):
        raise LinkError(
            f"{path}: its first line can't be told apart into columns ({have[0]}); use one separator, and as many "
            "fields in each line"
        )
    if missing:
        raise LinkError(
            f"{path}: no column {', '.join(missing)}; it has {', '.join(have)}. Correct `{side}` in the spec."
        )
    for column in wanted:
        if types[column].endswith("]") or types[column].startswith(("STRUCT", "MAP", "UNION", "BLOB")):
            raise LinkError(f"{path}: column {column}: is of type {types[column]}; give one plain value in each row")


def _one(engine: duckdb.DuckDBPyConnection, spec: LinkSpec, side: str, path: Path, whole: set[tuple[str, int]]) -> int:
    table, read = SIDES[side], source(path)
    identity = getattr(spec, side).id
    _readable(engine, spec, side, path, read)
    normal = [YEAR if (side, i) in whole else FORMS[c.kind].normal for i, c in enumerate(spec.compare)]
    columns = [
        f"{form.format(x=quoted(getattr(c, side)))} as c{i}"
        for i, (c, form) in enumerate(zip(spec.compare, normal, strict=True))
    ]
    learned = "[]::varchar[]" if side == "left" else "null::varchar[]"
    columns += [f"{learned} as e{i}" for i, c in enumerate(spec.compare) if c.kind is Kind.CATEGORY]
    groups = [f"{quoted(g.column)} as g{i}" for i, g in enumerate(spec.groups) if g.side == side]
    try:
        engine.execute(
            f"create table {table} as select (row_number() over ())::integer - 1 as uid, "
            f"{quoted(identity)}::varchar as id, {', '.join(columns + groups)} from {read}"
        )
    except duckdb.Error as error:
        raise LinkError(f"{path}: can't be read: {_reason(error)}") from None
    return _checked(engine, spec, side, path)


def _reason(error: duckdb.Error) -> str:
    """The engine's first line, or what it means."""
    text = str(error)
    if "utf-8" in text.lower():
        return "it is not in UTF-8; save it so"
    return text.splitlines()[0]


def _checked(engine: duckdb.DuckDBPyConnection, spec: LinkSpec, side: str, path: Path) -> int:
    table = SIDES[side]
    filled = ", ".join(f"count(c{i})" for i in range(len(spec.compare)))
    row = engine.execute(f"select count(*), count(id), count(distinct id), {filled} from {table}").fetchone()
    assert row is not None  # noqa: S101 # an aggregate without a group has one row
    rows, ids, distinct, counts = row[0], row[1], row[2], row[3:]
    identity = getattr(spec, side).id
    if ids < rows:
        raise LinkError(f"{path}: column {identity}: {rows - ids} rows without an id; give each row one")
    if distinct < rows:
        twice = engine.execute(f"select id from {table} group by id having count(*) > 1 order by id limit 1").fetchone()
        raise LinkError(
            f"{path}: column {identity}: {rows - distinct} rows repeat an id, such as {twice[0] if twice else ''}; "
            "ids must be unique"
        )
    for compare, count in zip(spec.compare, counts, strict=True):
        if rows and not count:
            raise LinkError(
                f"{path}: column {getattr(compare, side)}: no value can be read as {compare.kind}; "
                "correct `as` in the spec, or the file"
            )
    return int(rows)
