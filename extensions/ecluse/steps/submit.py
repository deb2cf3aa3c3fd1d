"""From an idea to a submitted request: open, describe, attach files, submit, withdraw."""

from collections.abc import Iterable
from datetime import datetime

from ecluse.rules.author import (
    SENT_WITHIN,
    user_can_attach,
    user_can_create,
    user_can_detach,
    user_can_edit,
    user_can_submit,
    user_can_withdraw,
)
from ecluse.rules.outcome import Reason, Refused, RefusedError, require
from ecluse.rules.request import FINAL, Action, Check, CheckState, Request, RequestFile

from .acting import Act, Who, acting, edited, record_refusal, stopped, without_reports
from .ports import Incoming, Ports


def open_request(ports: Ports, who: Who, title: str, purpose: str, now: datetime) -> Request:
    """A new draft in the project of the workspace that asks.

    Raises:
        RefusedError: not a member in force, or too many open requests.
    """
    if who.project is None:
        raise ValueError("requests are opened from a workspace, which proves the project")
    policies = ports.policies.current()
    try:
        with ports.database.change() as change:
            mine = [r for r in change.requests.of_project(who.project) if r.author == who.person]
            open_now = sum(r.state not in FINAL for r in mine)
            require(user_can_create(policies, who.person, who.project, open_now, now))
            request = change.requests.add(who.project, who.person, title, purpose, now)
            change.events.append(
                at=now,
                actor=who.person,
                action=f"request.{Action.CREATE}",
                project=who.project,
                subject=request.id,
                detail={"state": request.state.value, "content": request.content},
            )
            return request
    except RefusedError as error:
        record_refusal(ports, who, Action.CREATE, who.project, error.refused, now)
        raise


def describe(ports: Ports, who: Who, request_id: str, title: str | None, purpose: str | None, now: datetime) -> Request:
    """Change the title, the purpose, or both."""
    with acting(ports, who, Action.EDIT, request_id, now) as act:
        require(user_can_edit(act.policies, who.person, act.request, now))
        changes = {k: v for k, v in (("title", title), ("purpose", purpose)) if v is not None}
        act.save(Action.EDIT, edited(act.request, now, **changes), fields=sorted(changes))
        return act.request


def may_attach(ports: Ports, who: Who, request_id: str, path: str, size: int, now: datetime) -> int:
    """Ask before the bytes come, so that nobody fills the quarantine with files that are refused anyway.

    Returns:
        The most bytes that the file may have.
    """
    with acting(ports, who, Action.ATTACH, request_id, now) as act:
        require(user_can_attach(act.policies, who.person, act.request, path, size, now, _sent(act)))
        return act.policies.rules.max_file_bytes


def attach(
    ports: Ports, who: Who, request_id: str, incoming: Incoming, *, path: str, what: str, population: str, now: datetime
) -> Request:
    """Add or replace a file of a draft; its bytes have come in."""
    with acting(ports, who, Action.ATTACH, request_id, now) as act:
        require(user_can_attach(act.policies, who.person, act.request, path, incoming.size, now, _sent(act)))
        sha256, size = incoming.keep()
        file = RequestFile(path=path, sha256=sha256, size=size, what=what, population=population)
        others = (f for f in act.request.files if f.path != path)
        _refiled(ports, act.request)
        act.save(
            Action.ATTACH,
            edited(act.request, now, files=_sorted([*others, file]), check=Check()),
            path=path,
            sha256=sha256,
            size=size,
        )
        return act.request


def detach(ports: Ports, who: Who, request_id: str, path: str, now: datetime) -> Request:
    """Take a file out of a draft."""
    with acting(ports, who, Action.DETACH, request_id, now) as act:
        require(user_can_detach(act.policies, who.person, act.request, path, now))
        others = (f for f in act.request.files if f.path != path)
        _refiled(ports, act.request)
        act.save(Action.DETACH, edited(act.request, now, files=_sorted(others), check=Check()), path=path)
        return act.request


def submit(ports: Ports, who: Who, request_id: str, now: datetime) -> Request:
    """Submit a draft, or again what was returned. The deciding check follows: `steps.check.hand_over`."""
    with acting(ports, who, Action.SUBMIT, request_id, now) as act:
        require(user_can_submit(act.policies, who.person, act.request, now))
        _refiled(ports, act.request)
        act.request = edited(act.request, now, **without_reports(act.request))
        act.move(
            Action.SUBMIT,
            round=act.request.round + 1,
            check=Check(state=CheckState.RUNNING, deciding=True),
            detail={"round": act.request.round + 1},
        )
        return act.request


def withdraw(ports: Ports, who: Who, request_id: str, now: datetime) -> Request:
    """Take a request back, for good."""
    with acting(ports, who, Action.WITHDRAW, request_id, now) as act:
        require(user_can_withdraw(act.policies, who.person, act.request))
        _refiled(ports, act.request)
        act.move(Action.WITHDRAW, check=stopped(act.request))
        return act.request


def too_large(limit: int) -> RefusedError:
    """The refusal of a body that goes on past the limit."""
    return RefusedError(
        Refused(
            Reason.FILE_TOO_LARGE,
            f"The file has more than {limit} bytes.",
            "Release a summary instead, or split it.",
        )
    )


def _sent(act: Act) -> list[int]:
    """Sizes of the files that the actor sent of late, as the events tell."""
    since = act.now - SENT_WITHIN
    of_late = (r.id for r in act.change.requests.of_author(act.actor) if r.updated >= since)
    events = (e for request_id in of_late for e in act.change.events.about(request_id))
    wanted = f"request.{Action.ATTACH}"
    return [int(e.detail["size"]) for e in events if e.action == wanted and e.actor == act.actor and e.at >= since]


def _refiled(ports: Ports, request: Request) -> None:
    """A running check is of files that are no longer those of the request: forget it."""
    if request.check.job is not None:
        ports.spool.drop(request.check.job)


def _sorted(files: Iterable[RequestFile]) -> tuple[RequestFile, ...]:
    return tuple(sorted(files, key=lambda f: f.path))
