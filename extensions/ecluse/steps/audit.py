"""The audit log: verify it, export it.

Worked example: somebody with the database in hand turns `ria`'s refusal into an approval. The chain still holds, but
the vote is not the one that its event tells of: `audit_problems` says so, with the request and the reviewer.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecluse.rules.audit import first_break
from ecluse.rules.canonical import canonical_json
from ecluse.rules.release import Manifest
from ecluse.rules.request import Action, Request, State

from .ports import Database

_VOTE, _REQUEST = f"request.{Action.VOTE}", "request."


def audit_problems(database: Database) -> list[str]:
    """What is wrong with the audit log, each as a sentence; nothing if the chain holds and tells what is stored.

    The chain is held against the heads that signed manifests name: a chain that was cut off, or written anew from
    some event on, holds in itself but not against those. Then the requests are held against the chain: their state,
    files and votes have to be those of their events.
    """
    with database.look() as look:
        marks = [Manifest.model_validate_json(r.manifest).audit for r in look.requests.releases()]
        told = _Told()
        broken = first_break(told.reading(look.events.records()), marks)
        if broken:
            return [str(broken)]
        return [problem for request in look.requests.in_states(*State) for problem in told.against(request)]


def export_events(database: Database, after: int = 0) -> Iterator[str]:
    """The events as lines of canonical JSON, in order; what `first_break` reads."""
    with database.look() as look:
        for record in look.events.records(after):
            yield canonical_json(record).decode()


class _Told:
    """What the events say of each request, gathered while the chain is read."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[Any, Any]] = {}
        self._votes: dict[str, set[tuple[str, Any, Any]]] = {}

    def reading(self, records: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for record in records:
            detail, subject = record["detail"], record["subject"]
            if record["action"].startswith(_REQUEST) and isinstance(detail, dict):
                self._last[subject] = (detail.get("state"), detail.get("content"))
                if record["action"] == _VOTE:
                    vote = (record["actor"], detail.get("round"), detail.get("approve"))
                    self._votes.setdefault(subject, set()).add(vote)
            yield record

    def against(self, request: Request) -> Iterator[str]:
        state, content = self._last.get(request.id, (None, None))
        if state != request.state:
            yield f"request {request.id} is '{request.state}', its last event says '{state}'"
        elif content != request.content:
            yield f"request {request.id} has other files than its last event says"
        stored = {(v.reviewer, v.round, v.approve) for v in request.votes}
        for reviewer, number, _ in sorted(stored ^ self._votes.get(request.id, set()), key=str):
            yield f"request {request.id}: the vote of '{reviewer}' in round {number} is not that of its event"
