"""Requests, their files, votes, comments and releases; the audit events; triggers that keep what is kept for good."""

import sqlalchemy as sa
from alembic import op

from ecluse.store.tables import InstantText

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("votes", "comments", "releases", "events")


def upgrade() -> None:
    """Make the tables, the writers' row and the triggers."""
    _requests()
    _decisions()
    _events()
    op.bulk_insert(
        op.create_table("writers", sa.Column("id", sa.Integer, autoincrement=False, primary_key=True)), [{"id": 1}]
    )
    protect = _protect_postgresql if op.get_bind().dialect.name == "postgresql" else _protect_sqlite
    for table in APPEND_ONLY:
        protect(table)


def _requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("project", sa.String(30), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("author", sa.String(40), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created", InstantText, nullable=False),
        sa.Column("updated", InstantText, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("check_state", sa.String(20), nullable=False),
        sa.Column("check_deciding", sa.Boolean, nullable=False),
        sa.Column("check_verdict", sa.String(20)),
        sa.Column("check_message", sa.Text, nullable=False),
        sa.Column("check_job", sa.String(64)),
        sa.Column("check_deadline", InstantText),
        sa.Column("check_criteria", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("project", "number", name="uq_requests_project"),
    )
    for column in ("author", "state", "check_state"):
        op.create_index(f"ix_requests_{column}", "requests", [column])
    op.create_table(
        "files",
        sa.Column("request", sa.String(40), nullable=False),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("population", sa.Text, nullable=False),
        sa.Column("report", sa.Text),
        sa.PrimaryKeyConstraint("request", "path", name="pk_files"),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_files_request"),
    )
    op.create_index("ix_files_sha256", "files", ["sha256"])


def _decisions() -> None:
    op.create_table(
        "votes",
        sa.Column("request", sa.String(40), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("reviewer", sa.String(40), nullable=False),
        sa.Column("at", InstantText, nullable=False),
        sa.Column("approve", sa.Boolean, nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("request", "round", "reviewer", name="pk_votes"),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_votes_request"),
    )
    op.create_table(
        "comments",
        sa.Column("request", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("author", sa.String(40), nullable=False),
        sa.Column("at", InstantText, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("audience", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("request", "number", name="pk_comments"),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_comments_request"),
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.String(42), nullable=False),
        sa.Column("request", sa.String(40), nullable=False),
        sa.Column("at", InstantText, nullable=False),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
        sa.UniqueConstraint("request", name="uq_releases_request"),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_releases_request"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("sequence", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("actor", sa.String(47), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("project", sa.String(30)),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_events"),
        sa.UniqueConstraint("previous", name="uq_events_previous"),
        sa.UniqueConstraint("hash", name="uq_events_hash"),
    )
    op.create_index("ix_events_subject", "events", ["subject", "sequence"])


def _protect_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or removed'); END"
        )


def _protect_postgresql(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'rows of {table} are never changed or removed'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_kept()"
    )
