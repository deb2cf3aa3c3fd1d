"""A plan carried out: sources in, `extracts/<project>/<version>/` out, all of it or nothing."""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.rules.extract import DatasetPlan, Plan, plan_extract
from ecluse.rules.policy import Policies

from .engine import literal, locked_engine, name
from .manifest import ExtractFile, Manifest, SourceFile
from .persons import build_crosswalk
from .pseudonyms import ProjectKeys, load_keys, pseudonym
from .readme import readme
from .sql import Builder, record_id

Progress = Callable[[str], None]
MANIFEST = "manifest.json"
CURRENT = "current"


def extract_project(
    policies: Policies,
    project: str,
    sources: Path,
    out: Path,
    keys: Path,
    now: datetime,
    progress: Progress = lambda _: None,
) -> Manifest:
    """Write the project's extract below `out` and switch `current` to it; if nothing changed, write nothing.

    Raises:
        PlanError: if the permit can't be carried out.
        KeysError: if the root key is missing or readable by others.
        SourceError: if a source is missing, damaged or not what the catalogue says.
    """
    plan = plan_extract(policies, project)
    project_keys = load_keys(keys, project)
    found = [_source(sources, d.dataset, t) for d in plan.datasets for t in _read_tables(d)]
    fingerprint = _fingerprint(plan, found, project_keys)
    home = out / project
    current = _current(home)
    if current is not None and current.fingerprint == fingerprint:
        progress(f"{project}: nothing changed since {current.version}")
        return current
    version = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{fingerprint[:8]}"
    work = out / project / f".{version}.{secrets.token_hex(4)}"
    work.mkdir(parents=True)
    try:
        files: list[ExtractFile] = []
        for dataset in plan.datasets:
            files += _write_dataset(dataset, policies, sources, work, project_keys, progress)
        manifest = Manifest(
            project=project,
            version=version,
            made=now,
            fingerprint=fingerprint,
            epoch=project_keys.epoch,
            plan=(),
            sources=tuple(found),
            files=tuple(files),
        )
        (work / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n")
        _publish(work, home, version)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _read_tables(dataset: DatasetPlan) -> list[str]:
    tables = {*dataset.tables, *dataset.support}
    if dataset.persons:
        tables.add(dataset.persons.table)
    return sorted(tables)


def _source(sources: Path, dataset: str, table: str) -> SourceFile:
    path = sources / dataset / f"{table}.parquet"
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    rows = pq.ParquetFile(path).metadata.num_rows
    return SourceFile(dataset=dataset, table=table, sha256=digest, size=path.stat().st_size, rows=rows)


def _fingerprint(plan: Plan, sources: list[SourceFile], keys: ProjectKeys) -> str:
    inputs = {"plan": asdict(plan), "sources": [s.model_dump() for s in sources], "keys": keys.fingerprint()}
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()


def _current(home: Path) -> Manifest | None:
    try:
        return Manifest.model_validate_json((home / CURRENT / MANIFEST).read_text())
    except (FileNotFoundError, ValueError):
        return None


def _write_dataset(
    plan: DatasetPlan, policies: Policies, sources: Path, work: Path, keys: ProjectKeys, progress: Progress
) -> list[ExtractFile]:
    folder = work / plan.dataset
    folder.mkdir()

    def scan(table: str) -> str:
        return f"read_parquet({literal(str((sources / plan.dataset / table).resolve()) + '.parquet')})"

    files = []
    with locked_engine([sources / plan.dataset], work) as connection:
        connection.execute("CREATE TEMP TABLE opted_out (canonical VARCHAR)")
        progress(f"{keys.project}: {plan.dataset}: persons")
        builder = Builder(plan, scan, build_crosswalk(connection, plan, scan, keys))
        _records(connection, plan, scan, keys)
        _cohort(connection, builder)
        _parents(connection, builder, cohort=True)
        for table in plan.tables:
            progress(f"{keys.project}: {plan.dataset}: {table}")
            files.append(_write_table(connection, builder, table, folder))
    text = readme(policies.datasets[plan.dataset], plan, {Path(f.path).stem: f.rows for f in files})
    (folder / "README.md").write_text(text)
    shutil.rmtree(work / "spill", ignore_errors=True)
    return files


def _records(
    connection: duckdb.DuckDBPyConnection, plan: DatasetPlan, scan: Callable[[str], str], keys: ProjectKeys
) -> None:
    """Numbers of claims and stays: the project's own, or two projects could be joined line by line."""
    wanted: dict[str, list[str]] = {}
    for table in plan.tables.values():
        for column in table.columns:
            if column.name in table.records:
                sql = f"SELECT {record_id('_t', column.name)} AS id FROM {scan(table.name)} _t"
                wanted.setdefault(table.records[column.name], []).append(sql)
    for kind, parts in wanted.items():
        key = keys.key(kind)
        connection.execute(f"CREATE TEMP TABLE record_{kind} (id VARCHAR, pseudonym VARCHAR)")
        ids = connection.execute(f"SELECT DISTINCT id FROM ({' UNION ALL '.join(parts)}) WHERE id IS NOT NULL")
        texts = ids.to_arrow_table().column(0).to_pylist()
        connection.register("made", pa.table({"id": texts, "pseudonym": [pseudonym(key, t) for t in texts]}))
        connection.execute(f"INSERT INTO record_{kind} SELECT * FROM made")
        connection.unregister("made")


def _cohort(connection: duckdb.DuckDBPyConnection, builder: Builder) -> None:
    cohort = builder.plan.cohort
    if cohort is None:
        return
    _parents(connection, builder, cohort=False)
    rows = builder.rows(cohort.table, cohort=False, extra=cohort.where)
    connection.execute(f"CREATE TEMP TABLE {builder.cohort_table} AS SELECT DISTINCT _who FROM ({rows})")


def _parents(connection: duckdb.DuckDBPyConnection, builder: Builder, *, cohort: bool) -> None:
    """Keys of the included rows of every parent, uppermost first."""
    every = {**builder.plan.tables, **builder.plan.support}
    links = {t.parent: t.by for t in every.values() if t.parent is not None}

    def depth(table: str) -> int:
        parent = builder.table(table).parent
        return 0 if parent is None else 1 + depth(parent)

    for table in sorted(links, key=depth):
        sql = builder.included_keys(table, links[table], cohort=cohort)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {builder.included(table)} AS {sql}")


def _write_table(connection: duckdb.DuckDBPyConnection, builder: Builder, table: str, folder: Path) -> ExtractFile:
    path = folder / f"{table}.parquet"
    connection.execute(
        f"COPY ({builder.select(table)}) TO {literal(str(path.resolve()))} (FORMAT parquet, COMPRESSION zstd)"
    )
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    described = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(str(path.resolve()))})").fetchall()
    return ExtractFile(
        path=f"{folder.name}/{path.name}",
        sha256=digest,
        size=path.stat().st_size,
        rows=pq.ParquetFile(path).metadata.num_rows,
        columns={row[0]: row[1] for row in described},
    )


def _publish(work: Path, home: Path, version: str) -> None:
    """Put the finished folder in its place, then point `current` at it; each step is one atomic rename."""
    for path in [*work.rglob("*"), work]:
        path.chmod(0o755 if path.is_dir() else 0o444)
    _sync(work)
    work.rename(home / version)
    link = home / f".{CURRENT}.{secrets.token_hex(4)}"
    link.symlink_to(version)
    link.rename(home / CURRENT)
    _sync(home)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
