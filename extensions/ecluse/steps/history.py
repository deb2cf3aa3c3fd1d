"""The audit events of a request, without what is still blind to the reader.

Worked example: `rev` votes on `alpha-1`; the event `request.vote` names him and his side. Until `rules.review` shows
his vote to `ria`, her list is without that event, and without a gap that tells of it: positions are not shown.
"""

from ecluse.rules.audit import Event
from ecluse.rules.outcome import require
from ecluse.rules.policy import Policies
from ecluse.rules.request import Action, Request
from ecluse.rules.review import is_visible

from .acting import Who, reachable
from .ports import Ports

_BLIND = frozenset(f"{kind}.{action}" for kind in ("request", "refused") for action in ("vote", "comment", "return"))


def history(ports: Ports, who: Who, request_id: str) -> tuple[Event, ...]:
    """The events about a request that `who` may see, oldest first.

    Raises:
        RefusedError: if they may not know of the request.
    """
    policies = ports.policies.current()
    with ports.database.look() as look:
        request = look.requests.get(request_id)
        events = look.events.about(request_id)
    require(reachable(policies, who, request, request_id))
    return tuple(e for e in events if request is not None and _visible(policies, who, request, e))


def _visible(policies: Policies, who: Who, request: Request, event: Event) -> bool:
    """Refused readings are for auditors alone; what reviewers did follows their votes' round."""
    if event.action == f"refused.{Action.READ}":
        return event.actor == who.person
    if event.action not in _BLIND or event.actor == request.author:
        return True
    return is_visible(policies, who.person, request, _round(event, request), event.actor)


def _round(event: Event, request: Request) -> int:
    """The round of a vote is in its event; anything else counts as of this round, the strictest reading."""
    found = event.detail.get("round")
    return found if isinstance(found, int) else request.round
