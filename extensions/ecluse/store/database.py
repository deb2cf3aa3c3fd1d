"""The control database: opening it, bringing it to the current shape, and its transactions.

SQLite by default (write-ahead log, foreign keys, writers queue at `BEGIN IMMEDIATE`), PostgreSQL in production. One
writer at a time over all processes: the audit chain has one end, so changes are serial whatever they touch.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.engine import make_url

from .events import SqlEvents
from .requests import SqlRequests
from .tables import writers

WRITES = "ecluse_writes"
"""Execution option of a connection that will write; SQLite has to know when the transaction begins."""

_ADVISORY_LOCK = 0xEC1_05E
_WAIT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class SqlTransaction:
    """One transaction's view of requests and events."""

    requests: SqlRequests
    events: SqlEvents


class SqlDatabase:
    """The control database; implements `steps.ports.Database`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def change(self) -> Iterator[SqlTransaction]:
        """A transaction that writes: kept when the block ends, undone when it raises."""
        with self.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            connection.execute(select(writers.c.id).with_for_update())
            yield _transaction(connection)

    @contextmanager
    def look(self) -> Iterator[SqlTransaction]:
        """A transaction that only reads, all of it from one moment."""
        level: dict[str, Any] = {}
        if self.engine.dialect.name == "postgresql":
            level = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(**level) as connection, connection.begin():
            yield _transaction(connection)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_database(url: str) -> SqlDatabase:
    """Open the database at an SQLAlchemy URL. It has to have been brought up to date; see `upgrade`."""
    return SqlDatabase(_engine(url))


def upgrade(url: str) -> None:
    """Bring the database to the current shape, making it if need be. Safe to run by two services at once."""
    from alembic import command
    from alembic.config import Config

    engine = _engine(url)
    folder = Path(__file__).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    try:
        with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def _transaction(connection: Connection) -> SqlTransaction:
    return SqlTransaction(SqlRequests(connection), SqlEvents(connection))


def _engine(url: str) -> Engine:
    address = make_url(url)
    engine = create_engine(address, pool_pre_ping=address.get_backend_name() != "sqlite")
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver would begin transactions on its own, and not before DDL: we begin them ourselves, in `_begin_sqlite`.
    connection.isolation_level = None
    pragmas = (f"busy_timeout={_WAIT_SECONDS * 1000}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")
    # The file is shared between services: a taken-over one could put a hostile schema or page into it.
    for pragma in (*pragmas, "trusted_schema=OFF", "cell_size_check=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can't wait for another writer: SQLite would refuse it. So it
    # takes the write lock at its start.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
