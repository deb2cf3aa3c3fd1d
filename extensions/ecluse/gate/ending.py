"""Ends what the policies no longer allow, if the hub has not: a taken-over hub must not keep a workspace alive.

The hub does this within two seconds, and tells the person why. The gate comes after it, and says nothing to anybody
but the audit chain.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from ecluse.rules.outcome import Reason, Refused
from ecluse.rules.permit import user_can_work
from ecluse.rules.policy import Policies
from ecluse.steps.gate import GateLog
from ecluse.steps.ports import Clock, PolicySource

from .workspaces import ENCLAVE, OVER, PERSON, GatedWorkspaces, workspace_labels

log = logging.getLogger(__name__)

GRACE_SECONDS = 15.0
"""What the hub has to end it by itself: it looks every two seconds, and a workspace gets four to stop."""

SLACK = timedelta(minutes=2)
"""A session counts from when the workspace answered; the engine knows when it was created."""


def why_over(policies: Policies, person: str, project: str, created: datetime, now: datetime) -> Refused | None:
    """Why a workspace that runs may not run, or None."""
    verdict = user_can_work(policies, person, project, now)
    if isinstance(verdict, Refused):
        return verdict
    hours = policies.projects[project].workspace.hours
    if now < created + timedelta(hours=hours) + SLACK:
        return None
    return Refused(Reason.SESSION_OVER, f"The session was over after {hours:g} hours.")


def end(workspaces: GatedWorkspaces, record: GateLog, identity: str, own: tuple[str, str], why: Refused) -> None:
    """End one workspace, of `own` person and project, and record why. A failure is logged, for the next look."""
    try:
        workspaces.end(identity, *own)
        record.ended(*own, why)
    except Exception:
        log.exception("%s/%s could not be ended or that not be recorded; the next look tries again", *own)


class Endings:
    """Looks at what runs, and ends what has been out of order for longer than the hub needs."""

    def __init__(
        self,
        engine: Any,
        enclave: str,
        policies: PolicySource,
        clock: Clock,
        workspaces: GatedWorkspaces,
        log: GateLog,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._enclave = enclave
        self._policies = policies
        self._clock = clock
        self._workspaces = workspaces
        self._log = log
        self._ticks = ticks
        self._since: dict[str, float] = {}

    def look(self) -> None:
        """One look."""
        policies, now, tick = self._policies.current(), self._clock(), self._ticks()
        mine = {"label": [f"{ENCLAVE}={self._enclave}", PERSON]}
        due: dict[str, float] = {}
        found = self._engine.containers(all=True, filters=mine)
        self._workspaces.insides.sweep(found)
        self._workspaces.papers.sweep({c["Names"][0].lstrip("/") for c in found})
        for container in found:
            own = workspace_labels(container["Labels"], self._enclave)
            if own is None or container.get("State") in OVER:
                continue
            identity = container["Id"]
            why = why_over(policies, *own, datetime.fromtimestamp(container["Created"], UTC), now)
            if why is None:
                continue
            due[identity] = self._since.get(identity, tick)
            if tick - due[identity] >= GRACE_SECONDS:
                end(self._workspaces, self._log, identity, own, why)
        self._since = due
