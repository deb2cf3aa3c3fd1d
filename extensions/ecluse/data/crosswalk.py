# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""A linkage's links as one project sees them: its own pseudonyms of both records and a probability, nothing else.

`sources/links/<linkage>.parquet` holds `left_id`, `right_id` and `probability` in ids of the sources. A link is written
if both records are in the tables that the extract has just got: so cohort, period, filters and opt-outs hold for it
without being said twice. Beside it lies `report.json` with the match rates, counts too small to tell left out.
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.rules.dataset import ColumnType
from ecluse.rules.links import PROBABILITY, IdColumn, LinkPlan, SidePlan

from .engine import SPILL, SQL_TYPES, literal, locked_engine, name
from .manifest import ExtractFile, Linked, SourceFile, Written
from .pseudonyms import ProjectKeys, pseudonyms
from .sources import SourceError


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


LINKS = "links"
SEPARATOR = "|"
"""Between the parts of an id that takes several columns."""
REPORT = "report.json"
TABLE = "LINKS"
COMPRESSION = "zstd"
_WANTED = {"left_id": _is_text, "right_id": _is_text, "probability": pa.types.is_floating}


def check_links(sources: Path, plan: LinkPlan) -> SourceFile:
    """The file of links, hashed, after its columns were found right.

    Raises:
        SourceError: if it is missing, or is no file of links.
    """
    path = _links(sources, plan)
    if path.is_symlink() or not path.is_file():
        raise SourceError(f"not linked yet: run `ecluse data link {plan.linkage}`", table=TABLE, file=path)
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError):
        raise SourceError("is not Parquet, or is cut short", table=TABLE, file=path) from None
    for column, right in _WANTED.items():
        if column not in file.schema_arrow.names or not right(file.schema_arrow.field(column).type):
            raise SourceError("the column is missing, or of another type", table=TABLE, column=column, file=path)
    with path.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256")
    report = path.with_suffix(".json")
    if report.is_file():
        digest.update(report.read_bytes())  # the report goes along: a new one makes a new version
    size, rows = path.stat().st_size, file.metadata.num_rows
    return SourceFile(dataset=plan.linkage, table=TABLE, sha256=digest.hexdigest(), size=size, rows=rows)


def write_crosswalk(
    plan: LinkPlan, sources: Path, work: Path, keys: ProjectKeys, minimum_count: int
) -> tuple[ExtractFile, Linked]:
    """Write `<linkage>/LINKS.parquet`, its README and its report below `work`, where the extract's tables lie already.

    Raises:
        SourceError: if an id has not as many parts as the linkage's id has columns.
    """
    folder, links = work / plan.linkage, _links(sources, plan)
    folder.mkdir()
    path = folder / f"{TABLE}.parquet"
    with locked_engine([links.parent], work) as connection:
        scan = f"read_parquet({literal(str(links.resolve()))})"
        _check_parts(connection, plan, scan, links)
        parts = [
            _parts(connection, plan.left, "left_id", keys, scan),
            _parts(connection, plan.right, "right_id", keys, scan),
        ]
        columns = [c.name for side in (plan.left, plan.right) for c in side.columns]
        known = [
            f"SEMI JOIN read_parquet({literal(str((work / s.dataset / f'{s.table}.parquet').resolve()))}) {t} ON "
            + " AND ".join(f"linked.{name(c.name)} = {t}.{name(c.source)}" for c in s.columns)
            for s, t in ((plan.left, "_left"), (plan.right, "_right"))
        ]
        # The full probability would be a mark by which two projects could join their lines.
        chance = f"floor(probability * 100) / 100 AS {PROBABILITY}"
        linked = f"SELECT {', '.join(e for part in parts for e in part)}, {chance} FROM {scan} _t"
        order = [c.name for side in (plan.left, plan.right) for c in side.columns if c.kind] or columns
        # Ordered by what is written, pseudonyms first: the order of the sources would tell whose line is whose.
        by = ", ".join(name(c) for c in dict.fromkeys([*order, *columns]))
        connection.execute(
            f"COPY (SELECT DISTINCT * FROM ({linked}) linked {' '.join(known)} ORDER BY {by}) "
            f"TO {literal(str(path.resolve()))} (FORMAT parquet, COMPRESSION {COMPRESSION})"
        )
    shutil.rmtree(work / SPILL, ignore_errors=True)
    written = Written(path).entry()
    linked_here = Linked(found=pq.ParquetFile(links).metadata.num_rows, written=written.rows)
    report = _report(links.with_suffix(".json"), plan, minimum_count)
    (folder / REPORT).write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    (folder / "README.md").write_text("\n".join(_readme(plan, written, report)) + "\n")
    return written, linked_here


def _links(sources: Path, plan: LinkPlan) -> Path:
    return sources / LINKS / f"{plan.linkage}.parquet"


def _check_parts(connection: duckdb.DuckDBPyConnection, plan: LinkPlan, scan: str, file: Path) -> None:
    for column, side in (("left_id", plan.left), ("right_id", plan.right)):
        wrong = (
            f"SELECT min(n) FROM (SELECT row_number() OVER () AS n, {column} AS id FROM {scan}) "
            f"WHERE id IS NULL OR len(string_split(id, '{SEPARATOR}')) <> {len(side.columns)}"
        )
        found = connection.execute(wrong).fetchone()
        if found and found[0] is not None:
            message = f"the id has not the {len(side.columns)} parts of the linkage's id"
            raise SourceError(message, table=TABLE, column=column, file=file, row=int(found[0]))


def _parts(
    connection: duckdb.DuckDBPyConnection, side: SidePlan, column: str, keys: ProjectKeys, scan: str
) -> list[str]:
    """SQL of each column of one side; makes the tables of pseudonyms that it looks up."""
    made = []
    for number, part in enumerate(side.columns):
        text = _text(part, f"string_split({column}, '{SEPARATOR}')[{number + 1}]")
        if part.kind is None:
            made.append(f"TRY_CAST({text} AS {SQL_TYPES[part.type]}) AS {name(part.name)}")
            continue
        ids = connection.execute(f"SELECT DISTINCT {text} AS id FROM {scan}").to_arrow_table().column("id")
        target = f"{column}_{number}"
        table = pa.table({"id": ids, "pseudonym": pseudonyms(keys.key(part.kind), ids.to_pylist())})
        connection.register("made", table)
        connection.execute(f"CREATE TEMP TABLE {target} AS SELECT * FROM made")
        connection.unregister("made")
        made.append(f"(SELECT pseudonym FROM {target} WHERE {target}.id = {text}) AS {name(part.name)}")
    return made


def _text(part: IdColumn, text: str) -> str:
    """An id as its pseudonym is made from it: numbers of records are one text with or without zeros in front."""
    if part.person or part.kind is None:
        return text
    return f"CASE WHEN ltrim({text}, '0') = '' THEN {text} ELSE ltrim({text}, '0') END"


def _report(path: Path, plan: LinkPlan, minimum: int) -> dict[str, Any]:
    """The linkage's report for the project. It counts the whole sources, so small counts are left out (null)."""
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    kept = ("pairs", "match_rate_left", "match_rate_right", "expected_precision", "expected_recall", "recall_between")
    report: dict[str, Any] = {"linkage": plan.linkage, **{k: found.get(k) for k in kept}, "match_rates": []}
    for group in found.get("match_rates", []):
        rows = [_hidden(row, minimum) for row in group["groups"]]
        report["match_rates"].append({"side": group["side"], "column": group["column"], "groups": rows})
    return report


def _hidden(row: dict[str, Any], minimum: int) -> dict[str, Any]:
    records, matched = int(row["records"]), int(row["matched"])
    if records < minimum or 0 < matched < minimum or 0 < records - matched < minimum:
        return {"group": row["group"], "records": None, "matched": None, "rate": None}
    return {"group": row["group"], "records": records, "matched": matched, "rate": row["rate"]}


def _readme(plan: LinkPlan, written: ExtractFile, report: dict[str, Any]) -> list[str]:
    def share(key: str) -> str:
        return "not known" if report[key] is None else f"{report[key]:.1%}"

    lines = [
        f"# {plan.title}",
        "",
        f"Links of {plan.left.dataset}.{plan.left.table} with {plan.right.dataset}.{plan.right.table}. {plan.reason}",
        "",
        f"## {TABLE}",
        "",
        f"One line per link of which both records are in this extract. {written.rows} rows in `{TABLE}.parquet`.",
        "",
        "| column | type | what | here |",
        "|---|---|---|---|",
    ]
    for side in (plan.left, plan.right):
        for column in side.columns:
            kept = column.kind is None
            kind, here = (column.type, "") if kept else (ColumnType.STRING, "pseudonym of this project")
            lines.append(f"| `{column.name}` | {kind} | as in {side.dataset}.{side.table} | {here} |")
    what = "chance that the two records belong together"
    lines += [f"| `{PROBABILITY}` | {ColumnType.NUMBER} | {what} | cut to two decimals |", "", "## Pitfalls", ""]
    expected = f"precision {share('expected_precision')}, recall {share('expected_recall')}"
    if report["recall_between"] is not None:
        low, high = report["recall_between"]
        expected += f" (no less than {low:.1%} and no more than {high:.1%})"
    return [
        *lines,
        f"- A link is a probability, not a fact. Expected of the whole linkage: {expected}, estimates of its model.",
        "- A record without a link may have a partner that was not found: say the match rate beside each result.",
        f"- `{REPORT}` has the match rates over the whole sources, by group; counts that tell on persons are null.",
    ]
