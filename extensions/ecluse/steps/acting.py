"""Acting on a request: load it, let the rules decide, change it, record it; and record what was refused.

Worked example: `ada` votes on her own request. The rules refuse inside the transaction, which is undone; then
`refused.vote` is recorded with the reason `own-request`, and the refusal goes on to the page.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecluse.rules.author import seen_outside, unknown_request, user_can_read, workspace_can_reach
from ecluse.rules.outcome import Reason, Refused, RefusedError, Verdict, require
from ecluse.rules.policy import Policies
from ecluse.rules.release import AuditMark
from ecluse.rules.request import Action, Check, Request, changed, moved, next_state, project_of

from .ports import Blobs, Ports, TamperedError, Transaction

SYSTEM = "ecluse:airlock"
"""Actor of what the airlock does on its own."""


_ID = re.compile(r"^[a-z](?:-?[a-z0-9]){0,39}$")


@dataclass(frozen=True, slots=True)
class Who:
    """Who asks. `project` is set for a workspace, proven by its token's scope; None for a person at the pages."""

    person: str
    project: str | None = None


@dataclass(slots=True)
class Act:
    """A request in the hands of somebody, within one transaction."""

    change: Transaction
    policies: Policies
    request: Request
    actor: str
    now: datetime

    def save(self, action: Action, request: Request, **detail: Any) -> AuditMark:
        """Write the changed request and its event."""
        self.request = request
        self.change.requests.save(request)
        return self.note(action, **detail)

    def move(self, action: Action, /, *, detail: dict[str, Any] | None = None, **changes: Any) -> AuditMark:
        """Move the request along the table, write it and its event."""
        return self.save(action, moved(self.request, action, self.now, **changes), **(detail or {}))

    def note(self, action: Action, **detail: Any) -> AuditMark:
        """Record an event about the request as it is now."""
        request = self.request
        return self.change.events.append(
            at=self.now,
            actor=self.actor,
            action=f"request.{action}",
            project=request.project,
            subject=request.id,
            detail={"state": request.state.value, "content": request.content, **detail},
        )


@contextmanager
def acting(ports: Ports, who: Who, action: Action, request_id: str, now: datetime) -> Iterator[Act]:
    """A request in `who`'s hands, if they may know of it. Refusals inside the block are recorded and go on.

    Raises:
        RefusedError: by a rule, here or in the block; or because a file in the quarantine was swapped.
    """
    policies = ports.policies.current()
    try:
        with ports.database.change() as change:
            request = change.requests.get(request_id)
            require(reachable(policies, who, request, request_id))
            if request is not None:  # else `reachable` has refused
                yield Act(change, policies, request, who.person, now)
    except RefusedError as error:
        record_refusal(ports, who, action, request_id, error.refused, now)
        raise
    except TamperedError as error:
        raise tampered(ports, who.person, request_id, error, now) from None


def reachable(policies: Policies, who: Who, request: Request | None, request_id: str) -> Verdict:
    """Allowed if `who` may know of the request; one answer for what is not there and what is not theirs."""
    if who.project is not None:
        within = workspace_can_reach(who.project, request_id)
        if isinstance(within, Refused):
            return within
    if request is None:
        return unknown_request(request_id)
    return may_see(policies, who, request)


def may_see(policies: Policies, who: Who, request: Request) -> Verdict:
    """Allowed if `who` may read the request from where they are: at the pages, or in a workspace."""
    verdict = user_can_read(policies, who.person, request)
    if isinstance(verdict, Refused) or who.project is not None:
        return verdict
    return seen_outside(policies, who.person, request)


def record_refusal(ports: Ports, who: Who, action: Action, subject: str, refused: Refused, now: datetime) -> None:
    """Record that an action was refused: who, what, why. In a transaction of its own, as nothing else changed.

    A subject that could be no project's or request's id is a mistyped address: there is nothing to record it about.
    """
    if not _ID.fullmatch(subject):
        return
    project = who.project or project_of(subject)
    known = project if project in ports.policies.current().projects else None
    with ports.database.change() as change:
        change.events.append(
            at=now,
            actor=who.person,
            action=f"refused.{action}",
            project=known,
            subject=subject,
            detail={"reason": refused.reason.value, "message": refused.message},
        )


def tampered(ports: Ports, actor: str, request_id: str, error: TamperedError, now: datetime) -> RefusedError:
    """Refuse the request for good and record why: bytes in the quarantine are not those that were sent or checked.

    A request that is decided already stays as it is; the event is written all the same.
    """
    refused = Refused(
        Reason.TAMPERED,
        "A file of this request was changed in the quarantine. Nothing of it is given out.",
        "Tell an administrator; the audit log names the file. Then open a new request.",
    )
    with ports.database.change() as change:
        request = change.requests.get(request_id)
        detail = {"sha256": error.sha256, "problem": error.problem, "seen_by": actor}
        project = request.project if request else None
        change.events.append(
            at=now, actor=SYSTEM, action="quarantine.tampered", project=project, subject=request_id, detail=detail
        )
        if request is not None and next_state(request.state, Action.TAMPER) is not None:
            Act(change, ports.policies.current(), request, SYSTEM, now).move(Action.TAMPER, check=stopped(request))
        job = request.check.job if request else None
    if job is not None:
        ports.spool.drop(job)
    return RefusedError(refused)


def stopped(request: Request) -> Check:
    """The request's check, with nothing running any more."""
    check = request.check
    return Check() if check.job is not None else check


def verify_files(blobs: Blobs, request: Request) -> dict[str, int]:
    """Read every file of the request, as sent and as rebuilt; sizes of the rebuilt ones by hash.

    Raises:
        TamperedError: if one is not what its name says.
    """
    sizes = {}
    for file in request.files:
        blobs.read(file.sha256)
        if file.report is not None and file.report.rebuilt is not None:
            sizes[file.report.rebuilt.sha256] = len(blobs.read(file.report.rebuilt.sha256))
    return sizes


def without_reports(request: Request) -> dict[str, Any]:
    """Changes that leave the files unchecked."""
    return {"files": tuple(f.model_copy(update={"report": None}) for f in request.files)}


def edited(request: Request, now: datetime, **changes: Any) -> Request:
    """The request after its author changed it: what was returned becomes a draft again."""
    if next_state(request.state, Action.EDIT) is not None:
        return moved(request, Action.EDIT, now, **changes)
    return changed(request, now, **changes)
