"""The audit chain: what an event is, how each is tied to the one before, and where a chain is broken.

Worked example: event 7 holds the hash of event 6. Somebody changes the reviewer's name in event 6 and recomputes its
hash; `first_break` answers `Break(7, "does not follow event 6: …")`. Had they not recomputed it, the answer would be
`Break(6, "its hash is not that of its content")`. Taking event 6 out gives `Break(6, "is missing: …")`.
Cutting the end off can only be seen against a head kept elsewhere: `expected`, which release manifests carry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from .canonical import canonical_json, instant_text, sha256
from .names import Instant, ProjectId, Sha256, Strict
from .release import AuditMark

Actor = Annotated[str, StringConstraints(pattern=r"^(?:ecluse:)?[a-z](?:-?[a-z0-9])*$", max_length=47)]
"""A person's id, or a service as `ecluse:airlock`: no person's id holds a colon."""

ActionName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(?:[.-][a-z]+)*$", max_length=60)]
"""What happened: `request.submit`, `refused.vote`, `quarantine.tampered`, `workspace-started`."""

GENESIS = "0" * 64
"""`previous` of the first event."""


class Event(Strict):
    """One event. `subject` is what it is about: a request's id, a release's, a server's name."""

    sequence: int = Field(ge=1)
    at: Instant
    actor: Actor
    action: ActionName
    project: ProjectId | None = None
    subject: Annotated[str, Field(max_length=200)] = ""
    detail: dict[str, Any] = Field(default_factory=dict)
    previous: Sha256
    hash: Sha256

    def as_json(self) -> dict[str, Any]:
        """The event as exported, one per line by `ecluse audit export`."""
        return {**_body(self), "hash": self.hash}


@dataclass(frozen=True, slots=True)
class Break:
    """The first place at which a chain is broken."""

    sequence: int
    problem: str

    def __str__(self) -> str:
        return f"audit event {self.sequence}: {self.problem}"


def next_event(
    last: AuditMark | None,
    *,
    at: datetime,
    actor: str,
    action: str,
    project: str | None = None,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Event:
    """The event that follows `last` (None: the first).

    Raises:
        ValidationError: if a value is not what an event may hold.
    """
    draft = Event(
        sequence=last.sequence + 1 if last else 1,
        at=at,
        actor=actor,
        action=action,
        project=project,
        subject=subject,
        detail=dict(detail or {}),
        previous=last.hash if last else GENESIS,
        hash=GENESIS,
    )
    return draft.model_copy(update={"hash": event_hash(draft)})


def event_hash(event: Event) -> str:
    """`SHA-256(previous || canonical JSON of the event without "hash")`, `previous` as its 64 letters."""
    return sha256(event.previous.encode() + canonical_json(_body(event)))


def first_break(records: Iterable[Mapping[str, Any]], expected: Iterable[AuditMark] = ()) -> Break | None:
    """The first broken place of a chain read from its start, or None.

    Args:
        records: events as JSON values, in order. Read one by one: a long chain needs no memory.
        expected: heads known from elsewhere (signed manifests). The chain has to hold each.
    """
    wanted = {mark.sequence: mark.hash for mark in expected}
    last: AuditMark | None = None
    for record in records:
        due = last.sequence + 1 if last else 1
        try:
            event = Event.model_validate(record)
        except ValidationError as error:
            return Break(due, f"can't be read: {error.error_count()} of its values are not an event's")
        problem = _problem(event, last, due) or _against(event, wanted)
        if problem:
            return Break(due if event.sequence != due else event.sequence, problem)
        last = AuditMark(sequence=event.sequence, hash=event.hash)
    end = last.sequence if last else 0
    missing = min((n for n in wanted if n > end), default=None)
    return Break(missing, "is missing: the chain has been cut") if missing is not None else None


def _problem(event: Event, last: AuditMark | None, due: int) -> str | None:
    if event.sequence != due:
        return f"is missing: event {event.sequence} stands in its place"
    if event.previous != (last.hash if last else GENESIS):
        return f"does not follow event {due - 1}: the one or the other was changed"
    if event.hash != event_hash(event):
        return "its hash is not that of its content"
    return None


def _against(event: Event, wanted: Mapping[int, str]) -> str | None:
    if wanted.get(event.sequence, event.hash) != event.hash:
        return "is not the event that a signed manifest names"
    return None


def _body(event: Event) -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "at": instant_text(event.at),
        "actor": event.actor,
        "action": event.action,
        "project": event.project,
        "subject": event.subject,
        "detail": event.detail,
        "previous": event.previous,
    }
