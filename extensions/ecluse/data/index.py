# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""Whose is each line of a source, worked out once for all projects and kept beside the sources.

That depends on the sources alone. An entry is named by the hashes of the files that it was made from, so another
version of them finds none; it is sealed under a key that comes from the root key, and one whose seal or hashes are not
right is made anew. Where nothing can be written beside the sources, an extract makes what it needs for itself.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.rules.extract import PersonId, PersonsPlan

from .engine import SPILL, literal, name, scan
from .lines import Lines, number_lines

FOLDER = ".persons"
ENTRY = "entry.json"
FORMAT = 1
Say = Callable[[str], None]
Make = Callable[[Path], dict[str, Any]]


@dataclass(frozen=True)
class Register:
    """The persons behind the ids that a register knows by one of its columns. Without a register there are none."""

    size: int = 0
    folder: Path | None = None

    @property
    def ids(self) -> str:
        """SQL of `(n, id, rank)`: each id and the number of its person."""
        if self.folder is None:
            return "(SELECT NULL::INTEGER AS n, NULL::VARCHAR AS id, NULL::VARCHAR AS rank WHERE false)"
        return f"read_parquet({literal(str((self.folder / 'ids.parquet').resolve()))})"

    @property
    def numbered(self) -> str:
        """SQL of `(n, canonical)`, where there is a register."""
        path = literal(str(self.persons.resolve())) if self.persons is not None else "''"
        return f"(SELECT file_row_number AS n, canonical FROM read_parquet({path}, file_row_number = true))"

    @property
    def persons(self) -> Path | None:
        """Parquet of the one id of each person, `canonical`, in the order of their numbers."""
        return self.folder / "persons.parquet" if self.folder is not None else None


@dataclass(frozen=True)
class Index:
    """The entries of one dataset. `sha256` gives the hash of a source file, `key` the key of the seals."""

    sources: Path
    work: Path
    key: bytes
    sha256: Callable[[Path], str]
    say: Say

    def register(
        self, connection: duckdb.DuckDBPyConnection, persons: PersonsPlan | None, person: PersonId
    ) -> Register:
        """The persons behind the ids of a column's kind."""
        if persons is None or person.through is None:
            return Register()
        rank = persons.rank if person.rank is not None else None
        ids, canonical, table = person.through, persons.canonical, persons.table
        inputs = {"register": self._hash(table), "columns": [table, ids, rank, canonical]}

        def make(folder: Path) -> dict[str, Any]:
            self.say(f"persons of {table}")
            return {"size": _write_register(connection, scan(self.sources, table), ids, rank, canonical, folder)}

        folder, facts = self._entry(f"{table}-{ids}{'-ranked' if rank else ''}", inputs, make)
        return Register(int(facts["size"]), folder)

    def lines(self, connection: duckdb.DuckDBPyConnection, register: Register, table: str, person: PersonId) -> Lines:
        """The number of the person of each line of a table."""
        known = register.folder.name if register.folder is not None else None
        inputs = {"table": self._hash(table), "register": known, "columns": [person.column, person.rank]}

        def make(folder: Path) -> dict[str, Any]:
            self.say(f"persons of {table}")
            path = self.sources / f"{table}.parquet"
            return {"nobody": number_lines(connection, register.ids, register.size, path, person, folder)}

        folder, facts = self._entry(f"{table}-{person.column}{'-ranked' if person.rank else ''}-lines", inputs, make)
        return Lines(folder, register.size, int(facts["nobody"]))

    def _hash(self, table: str) -> str:
        return self.sha256(self.sources / f"{table}.parquet")

    def _entry(self, title: str, inputs: dict[str, Any], make: Make) -> tuple[Path, dict[str, Any]]:
        """An entry's folder and what it says of itself; made if there is none that is whole."""
        inputs = {"format": FORMAT, **inputs}
        digest = hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()
        home, called = self._home(), f"{title}-{digest[:16]}"
        facts = self._read(home / called)
        if facts is not None:
            return home / called, facts
        with _alone(home):
            facts = self._read(home / called)  # one that was waited for
            if facts is None:
                for old in [*home.glob(f"{title}-{'?' * 16}"), *home.glob(".*")]:
                    shutil.rmtree(old)
                made = home / f".{secrets.token_hex(8)}"
                made.mkdir(mode=0o700)
                facts = make(made)
                files = {p.name: _sha256(p) for p in sorted(made.iterdir())}
                text = json.dumps({"files": files, "facts": facts, "inputs": inputs}, sort_keys=True)
                (made / ENTRY).write_text(f"{self._seal(called, text)}\n{text}\n")
                made.rename(home / called)
        return home / called, facts

    def _read(self, folder: Path) -> dict[str, Any] | None:
        """What an entry says of itself; None if it is not there, not sealed under the key, or not as it was."""
        try:
            seal, text = (folder / ENTRY).read_text().splitlines()
            if not hmac.compare_digest(seal, self._seal(folder.name, text)):
                return None
            entry = json.loads(text)
            if any(_sha256(folder / file) != digest for file, digest in entry["files"].items()):
                return None
        except (OSError, ValueError):
            return None
        return dict(entry["facts"])

    def _seal(self, called: str, text: str) -> str:
        return hmac.digest(self.key, f"{called}\0{text}".encode(), "sha256").hex()

    def _home(self) -> Path:
        home = self.sources / FOLDER
        try:
            home.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            writable = False
        else:
            writable = os.access(home, os.W_OK)
        if not writable:  # for this extract alone, and gone with what else the engine set aside
            home = self.work / SPILL / FOLDER
            home.mkdir(mode=0o700, exist_ok=True)
        return home


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One that makes an entry at a time: so what lies hidden there was left by one that was killed."""
    handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_register(
    connection: duckdb.DuckDBPyConnection, source: str, ids: str, rank: str | None, canonical: str, folder: Path
) -> int:
    """Write ids and persons; how many persons.

    An id that leads to two persons can't be resolved: it is left out, and stands for itself then.
    """
    ranked = "''" if rank is None else f"coalesce(CAST({name(rank)} AS VARCHAR), '')"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE known AS SELECT CAST({name(ids)} AS VARCHAR) AS id, {ranked} AS rank, "
        f"CAST({name(canonical)} AS VARCHAR) AS canonical FROM {source} "
        f"WHERE {name(ids)} IS NOT NULL AND {name(canonical)} IS NOT NULL"
    )
    twice = connection.execute("SELECT count(*) > count(DISTINCT hash(id, rank)) FROM known").fetchone()
    if twice is None or twice[0]:  # Else no id comes twice, and there is nothing to group.
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE known AS SELECT id, rank, min(canonical) AS canonical FROM known "
            "GROUP BY id, rank HAVING min(canonical) = max(canonical)"
        )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE persons AS SELECT CAST(row_number() OVER () - 1 AS INTEGER) AS n, canonical "
        "FROM (SELECT DISTINCT canonical FROM known)"
    )
    size = write(connection, "SELECT canonical FROM persons ORDER BY n", folder / "persons.parquet")
    write(connection, "SELECT n, id, rank FROM known JOIN persons USING (canonical)", folder / "ids.parquet")
    connection.execute("DROP TABLE known")
    connection.execute("DROP TABLE persons")
    return size


def write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Write what a query gives, most of it ids that come once: no dictionary would be shorter. How many rows."""
    rows = 0
    reader = connection.execute(query).to_arrow_reader(200_000)
    plain = {"compression": "zstd", "compression_level": 1, "use_dictionary": False, "write_statistics": False}
    with pq.ParquetWriter(path, reader.schema, **plain) as writer:
        for batch in reader:
            writer.write_table(pa.Table.from_batches([batch]))
            rows += len(batch)
    return rows
