"""Audit events as sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ecluse.rules.audit import Event
from ecluse.rules.policy import Policies

from .views import person_name

SYSTEM_NAME = "The airlock"

_WORDS = {
    "request.create": "opened the request",
    "request.edit": "changed title or purpose",
    "request.attach": "attached {path}",
    "request.detach": "took out {path}",
    "request.submit": "submitted it, round {round}",
    "request.hand-over": "handed the files to the checker",
    "request.clear": "passed it on to the reviewers",
    "request.bounce": "sent it back after the check",
    "request.return": "returned it to its author",
    "request.approve": "gave the vote that approved it",
    "request.refuse": "gave the vote that refused it",
    "request.release": "released it as {release}",
    "request.withdraw": "withdrew it",
    "request.comment": "commented",
    "request.download": "downloaded {release}",
    "request.tamper": "refused it: a stored file was changed",
    "quarantine.tampered": "found a stored file changed",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history. `what` is made of our words and may quote a path."""

    at: datetime
    who: str
    what: str


def lines(policies: Policies, events: Iterable[Event]) -> tuple[Line, ...]:
    """The events in words, in their order."""
    return tuple(Line(e.at, _who(policies, e.actor), _what(e)) for e in events)


def _who(policies: Policies, actor: str) -> str:
    return SYSTEM_NAME if actor.startswith("ecluse:") else person_name(policies, actor)


def _what(event: Event) -> str:
    if event.action == "request.vote":
        return "voted to approve" if event.detail.get("approve") is True else "voted to refuse"
    if event.action == "request.advise":
        return "answered with advice" if event.actor.startswith("ecluse:") else "asked for advice"
    if event.action.startswith("refused."):
        return f"was refused: {event.detail.get('message', event.action)}"
    values = {k: str(event.detail.get(k, "?")) for k in ("path", "round", "release")}
    return _WORDS.get(event.action, event.action).format(**values)
