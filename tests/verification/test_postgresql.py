"""The store's cases again, on a PostgreSQL of our own that listens on a Unix socket alone."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ecluse.rules.request import State
from ecluse.steps.audit import audit_problems
from ecluse.store.database import upgrade
from factories import REV, RIA, enclave
from unit.store import test_database as cases

BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path(shutil.which("pg_ctl") or "/nowhere").parent)
AS_OTHER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []

globals().update({name: case for name, case in vars(cases).items() if name.startswith("test_")})


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that belongs to this test: its folder, which holds its socket."""
    folder = Path(tempfile.mkdtemp(prefix="ecluse-pg-"))
    if AS_OTHER:
        shutil.chown(folder, "postgres", "postgres")

    def run(*command: str | Path) -> None:
        subprocess.run([*AS_OTHER, *map(str, command)], check=True, capture_output=True, cwd="/")

    run(BIN / "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust", "--no-sync")
    run(
        *(BIN / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log"),
        *("-o", f"-k {folder} -h '' -c fsync=off", "start"),
    )
    try:
        yield f"host={folder}"
    finally:
        run(BIN / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def empty(server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database of the test's own, without tables."""
    name = f"t{abs(hash(request.node.name))}"
    admin = create_engine(f"postgresql+psycopg://postgres@/postgres?{server}", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"postgresql+psycopg://postgres@/{name}?{server}"
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def url(empty: str) -> str:
    """The same, up to date: the fixture that the cases ask for."""
    upgrade(empty)
    return empty


database = cases.database


def test_a_request_goes_all_the_way(empty: str, tmp_path: Path) -> None:
    with enclave(tmp_path, empty) as lock:
        lock.request_at(State.IN_REVIEW)
        for who in (REV, RIA):
            lock.desk.vote(who, "alpha-1", approve=True, content=lock.get("alpha-1").content)
        assert lock.get("alpha-1").state is State.RELEASED
        assert audit_problems(lock.database) == []


def test_events_can_not_be_cut_off_by_truncating(url: str) -> None:
    engine = create_engine(url)
    with pytest.raises(Exception, match="never changed or removed"), engine.begin() as connection:
        connection.execute(text("TRUNCATE events"))
    engine.dispose()
