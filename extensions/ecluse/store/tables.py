"""The tables of the control database, for SQLAlchemy Core. `migrations/` makes them; a test holds the two together."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

from ecluse.rules.canonical import instant_text


class InstantText(TypeDecorator[datetime]):
    """A moment as UTC text to the microsecond: sorts as text, and is the same on every database."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To text."""
        del dialect
        return None if value is None else instant_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """From text."""
        del dialect
        return None if value is None else datetime.fromisoformat(value).astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

requests = Table(
    "requests",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("project", String(30), nullable=False),
    Column("number", Integer, nullable=False),
    Column("author", String(40), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("created", InstantText, nullable=False),
    Column("updated", InstantText, nullable=False),
    Column("round", Integer, nullable=False),
    Column("check_state", String(20), nullable=False, index=True),
    Column("check_deciding", Boolean, nullable=False),
    Column("check_verdict", String(20)),
    Column("check_message", Text, nullable=False),
    Column("check_job", String(64)),
    Column("check_deadline", InstantText),
    Column("check_criteria", Text, nullable=False),
    UniqueConstraint("project", "number"),
)

files = Table(
    "files",
    metadata,
    Column("request", ForeignKey("requests.id"), primary_key=True),
    Column("path", String(200), primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("population", Text, nullable=False),
    Column("report", Text),
)

votes = Table(
    "votes",
    metadata,
    Column("request", ForeignKey("requests.id"), primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("reviewer", String(40), primary_key=True),
    Column("at", InstantText, nullable=False),
    Column("approve", Boolean, nullable=False),
    Column("content", String(64), nullable=False),
)

comments = Table(
    "comments",
    metadata,
    Column("request", ForeignKey("requests.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("round", Integer, nullable=False),
    Column("author", String(40), nullable=False),
    Column("at", InstantText, nullable=False),
    Column("text", Text, nullable=False),
    Column("audience", String(20), nullable=False),
)

releases = Table(
    "releases",
    metadata,
    Column("id", String(42), primary_key=True),
    Column("request", ForeignKey("requests.id"), nullable=False, unique=True),
    Column("at", InstantText, nullable=False),
    Column("manifest", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    # Plain text: who changes it by hand must meet the verification, not a reader that fails.
    Column("at", String(27), nullable=False),
    Column("actor", String(47), nullable=False),
    Column("action", String(60), nullable=False),
    Column("project", String(30)),
    Column("subject", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    # Two events that follow one another's predecessor would be a fork of the chain: the database refuses it.
    Column("previous", String(64), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
    Index("ix_events_subject", "subject", "sequence"),
)

writers = Table("writers", metadata, Column("id", Integer, primary_key=True, autoincrement=False))
"""One row, which every change locks first: one writer at a time, as SQLite has by itself."""

APPEND_ONLY = ("votes", "comments", "releases", "events")
"""Tables whose rows are never changed or removed; triggers hold that."""
