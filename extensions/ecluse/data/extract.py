# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""A plan carried out: sources in, `extracts/<project>/<version>/` out, all of it or nothing."""

import hashlib
import json
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ecluse.rules.dataset import Dataset
from ecluse.rules.extract import Action, DatasetPlan, Plan, TablePlan, plan_extract
from ecluse.rules.extract_words import describe
from ecluse.rules.policy import Policies

from .crosswalk import check_links, write_crosswalk
from .engine import SPILL, literal, locked_engine, scan
from .footers import kept_footers
from .hashes import Hashes
from .index import Index
from .manifest import FORMAT, ExtractFile, Linked, Manifest, SourceFile, Written
from .memory import kept_memory
from .ordered import Ordered, applies, included, no_nulls
from .parts import Parts, split
from .persons import CHUNK, Subjects, build_crosswalk, choose_cohort, tabulate
from .pseudonyms import ProjectKeys, load_keys, pseudonyms
from .readme import readme
from .sources import check_sources, diagnose, read_opt_outs
from .sql import Builder, record_id, record_table
from .versions import MANIFEST, current, publish, workplace

Progress = Callable[[str], None]
COMPRESSION = "zstd"


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
    found = [
        file
        for dataset in plan.datasets
        for file in check_sources(sources / dataset.dataset, dataset, policies.datasets[dataset.dataset])
    ]
    links = [check_links(sources, link) for link in plan.links]
    opted_out = {d.dataset: read_opt_outs(sources / d.dataset) for d in plan.datasets}
    catalogue = [policies.datasets[d.dataset].model_dump(mode="json") for d in plan.datasets]
    home = out / project
    with kept_memory(), kept_footers(), ThreadPoolExecutor(1) as beside:
        # The registers of persons first: their entries in the index are needed before the others'.
        registers = {d.persons.table for d in plan.datasets if d.persons is not None}
        first = sorted(found, key=lambda source: source.table not in registers)
        hashes = Hashes(project_keys.index_key())
        hashing = {source.path: beside.submit(hashes.of, source) for source in first}

        def hashed() -> list[SourceFile]:
            return [*(hashing[source.path].result() for source in found), *links]

        def fingerprint() -> str:
            return _fingerprint(plan, hashed(), project_keys, opted_out, catalogue)

        in_force = current(home)
        if in_force is not None and in_force.fingerprint == fingerprint():
            progress(f"{project}: nothing changed since {in_force.version}")
            return in_force
        with workplace(home) as work:
            in_force = current(home)  # one that was waited for
            if in_force is not None and in_force.fingerprint == fingerprint():
                return in_force
            files: list[ExtractFile] = []
            quarantined: dict[str, int] = {}
            for dataset in plan.datasets:
                at = sources / dataset.dataset
                index = Index(at, work, project_keys.index_key(), lambda p: hashing[p].result().sha256, progress)
                write = _Writing(dataset, at, work, project_keys, index, progress)
                files += write.run(opted_out[dataset.dataset], policies.datasets[dataset.dataset], quarantined)
            linked = _write_links(plan, policies, sources, work, project_keys, files, progress)
            for source in found:
                source.check_unchanged()
            version = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{fingerprint()[:8]}"
            manifest = Manifest(
                project=project,
                version=version,
                made=now,
                fingerprint=fingerprint(),
                epoch=project_keys.epoch,
                plan=tuple(describe(plan)),
                sources=tuple(hashed()),
                files=tuple(files),
                quarantined=quarantined,
                linked=linked,
            )
            (work / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n")
            publish(work, home, version)
    return manifest


def _write_links(
    plan: Plan,
    policies: Policies,
    sources: Path,
    work: Path,
    keys: ProjectKeys,
    files: list[ExtractFile],
    progress: Progress,
) -> dict[str, Linked]:
    """The crosswalks of the linkages that the permit names, added to `files`."""
    linked: dict[str, Linked] = {}
    for link in plan.links:
        progress(f"{keys.project}: {link.linkage}")
        count = policies.minimum_count(keys.project)
        file, linked[link.linkage] = write_crosswalk(link, sources, work, keys, count)
        files.append(file)
    return linked


def _fingerprint(
    plan: Plan, sources: list[SourceFile], keys: ProjectKeys, opted_out: dict[str, list[str]], catalogue: list[Any]
) -> str:
    inputs = {
        "format": FORMAT,
        "plan": asdict(plan),
        "sources": [s.model_dump() for s in sources],
        "keys": keys.fingerprint(),
        "opted out": opted_out,
        "catalogue": catalogue,
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class _Writing:
    """One dataset being written."""

    plan: DatasetPlan
    sources: Path
    work: Path
    keys: ProjectKeys
    index: Index
    progress: Progress

    def run(self, opted_out: list[str], dataset: Dataset, quarantined: dict[str, int]) -> list[ExtractFile]:
        folder = self.work / self.plan.dataset
        folder.mkdir()
        files = []
        try:
            with locked_engine([self.sources], self.work) as connection, ThreadPoolExecutor(1) as beside:
                made = self._prepare(connection, opted_out, beside)
                for table in self.plan.tables.values():
                    self._say(table.name)
                    path = folder / f"{table.name}.parquet"
                    written = Written(path)
                    count = made.write(table, path, written.grew)
                    files.append(written.entry())
                    if count:
                        quarantined[f"{self.plan.dataset}/{table.name}"] = count
        except (duckdb.Error, pa.ArrowException, OSError):
            # The engine's own message can hold values of the source; the diagnosis holds places only.
            found = diagnose(self.sources, self.plan)
            if found is None:
                raise
            raise found from None
        text = readme(dataset, self.plan, {Path(f.path).stem: f.rows for f in files})
        (folder / "README.md").write_text(text)
        shutil.rmtree(self.work / SPILL, ignore_errors=True)
        return files

    def _say(self, what: str) -> None:
        self.progress(f"{self.keys.project}: {self.plan.dataset}: {what}")

    def _prepare(
        self, connection: duckdb.DuckDBPyConnection, opted_out: list[str], beside: ThreadPoolExecutor
    ) -> "_Prepared":
        """Persons, numbers of records, cohort and included parents, as tables of the engine."""
        self._say("persons")
        plain = {
            t.name: beside.submit(included, connection.cursor(), self.sources, t)
            for t in self.plan.tables.values()
            if applies(t, self.sources / f"{t.name}.parquet")
        }
        crosswalk = build_crosswalk(connection, self.plan, self.sources, self.keys, opted_out, self.index)
        builder = Builder(self.plan, lambda table: scan(self.sources, table), crosswalk)
        prepared = _Prepared(connection, builder, self.sources, plain, self._say)
        if prepared.all_plain():
            return prepared
        tabulate(connection, crosswalk)
        self._records(connection)
        if self.plan.cohort is not None:
            self._say("cohort")
            self._parents(connection, builder)
            rows = builder.rows(self.plan.cohort.table, self.plan.cohort.where)
            choose_cohort(connection, crosswalk, f"SELECT DISTINCT _who FROM ({rows})")
        self._parents(connection, builder)
        return prepared

    def _records(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Numbers of claims and stays: the project's own, or two projects could be joined line by line."""
        wanted: dict[str, list[str]] = {}
        for table in self.plan.tables.values():
            for column in table.columns:
                if column.action is Action.RECORD:
                    sql = f"SELECT {record_id('_t', column.name)} AS id FROM {scan(self.sources, table.name)} _t"
                    wanted.setdefault(table.records[column.name], []).append(sql)
        for kind, parts in wanted.items():
            key, target = self.keys.key(kind), record_table(kind)
            connection.execute(
                f"CREATE OR REPLACE TABLE numbers AS SELECT DISTINCT id FROM ({' UNION ALL '.join(parts)}) "
                "WHERE id IS NOT NULL"
            )
            connection.execute(f"CREATE TEMP TABLE {target} (id VARCHAR, pseudonym VARCHAR)")
            for batch in connection.cursor().execute("FROM numbers").to_arrow_reader(CHUNK):
                made = pseudonyms(key, batch.column(0).to_pylist())
                connection.register("made", pa.table({"id": batch.column(0), "pseudonym": made}))
                connection.execute(f"INSERT INTO {target} SELECT * FROM made")
                connection.unregister("made")

    def _parents(self, connection: duckdb.DuckDBPyConnection, builder: Builder) -> None:
        """Keys of the included rows of every parent, uppermost first."""
        every = {**self.plan.tables, **self.plan.support}
        links = {t.parent: t.by for t in every.values() if t.parent is not None}

        def depth(table: str) -> int:
            parent = every[table].parent
            return 0 if parent is None else 1 + depth(parent)

        for table in sorted(links, key=depth):
            sql = builder.included_keys(table, links[table])
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {builder.included(table)} AS {sql}")


@dataclass
class _Prepared:
    """A dataset whose persons are known: its tables can be written."""

    connection: duckdb.DuckDBPyConnection
    builder: Builder
    sources: Path
    plain: dict[str, "Future[NDArray[np.uint8] | None]"]
    """Tables that need no joins, and which of their lines the permit includes."""
    say: Progress
    parts: dict[str, Parts | None] = field(default_factory=dict)

    def all_plain(self) -> bool:
        """Whether no table needs the engine's joins."""
        plan = self.builder.plan
        return plan.cohort is None and not plan.support and all(self._split(t) for t in plan.tables.values())

    def write(self, table: TablePlan, path: Path, grew: Callable[[], None]) -> int:
        """Write one table; the number of rows that can't be placed."""
        parts = self._split(table)
        if parts is None:
            target, sql = literal(str(path.resolve())), self.builder.select(table.name)
            self.connection.execute(f"COPY ({sql}) TO {target} (FORMAT parquet, COMPRESSION {COMPRESSION})")
        else:
            found, subjects = self.plain.pop(table.name).result(), self._subjects(table)
            Ordered(self.sources, table, subjects, found, parts, self.say).write(path, COMPRESSION, grew)
            if table.window is None or no_nulls(self.sources / f"{table.name}.parquet", table.window.care):
                return subjects.lines.nobody
        count = self.connection.execute(self.builder.unplaced(table.name)).fetchone()
        return int(count[0]) if count else 0

    def _subjects(self, table: TablePlan) -> Subjects:
        return self.builder.crosswalk.subjects[table.name]

    def _split(self, table: TablePlan) -> Parts | None:
        if table.name not in self.parts:
            self.parts[table.name] = split(self._subjects(table)) if table.name in self.plain else None
        return self.parts[table.name]
