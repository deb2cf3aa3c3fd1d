"""The audit events, in the same transaction as the change that they tell of."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, insert, select

from ecluse.rules.audit import Event, next_event
from ecluse.rules.canonical import canonical_json, instant_text
from ecluse.rules.release import AuditMark

from .tables import events

if TYPE_CHECKING:
    from ecluse.steps.ports import Clock, Database

_PAGE = 1000


class SqlEvents:
    """The audit events within a transaction; implements `steps.ports.Events`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(
        self,
        *,
        at: datetime,
        actor: str,
        action: str,
        project: str | None = None,
        subject: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> AuditMark:
        """Add the next event of the chain. The writers' lock is held, so nobody else adds one meanwhile."""
        newest = select(events.c.sequence, events.c.hash).order_by(events.c.sequence.desc()).limit(1)
        row = self._connection.execute(newest).one_or_none()
        last = AuditMark(sequence=row.sequence, hash=row.hash) if row else None
        event = next_event(last, at=at, actor=actor, action=action, project=project, subject=subject, detail=detail)
        values = {name: getattr(event, name) for name in Event.model_fields}
        values |= {"at": instant_text(event.at), "detail": canonical_json(event.detail).decode()}
        self._connection.execute(insert(events).values(values))
        return AuditMark(sequence=event.sequence, hash=event.hash)

    def records(self, after: int = 0) -> Iterator[Mapping[str, Any]]:
        """The events as JSON values, a page at a time."""
        while True:
            page = select(events).where(events.c.sequence > after).order_by(events.c.sequence).limit(_PAGE)
            rows = self._connection.execute(page).all()
            yield from (_record(row) for row in rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1].sequence

    def about(self, subject: str) -> list[Event]:
        """The events about one subject, in order."""
        rows = self._connection.execute(select(events).where(events.c.subject == subject).order_by(events.c.sequence))
        return [Event.model_validate(_record(row)) for row in rows]


class DatabaseAuditLog:
    """Events that share no transaction with another change; implements `steps.ports.AuditLog`."""

    def __init__(self, database: "Database", clock: "Clock") -> None:
        self._database = database
        self._clock = clock

    def record(self, actor: str, action: str, project: str | None, subject: str, detail: Mapping[str, Any]) -> None:
        """Append one event, or raise."""
        with self._database.change() as change:
            change.events.append(
                at=self._clock(), actor=actor, action=action, project=project, subject=subject, detail=detail
            )


def _record(row: Row[Any]) -> dict[str, Any]:
    """A stored event as a JSON value. What can't be read is passed on as it is: the verification names it."""
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    try:
        values["detail"] = json.loads(values["detail"])
    except ValueError:
        values["detail"] = None
    return values
