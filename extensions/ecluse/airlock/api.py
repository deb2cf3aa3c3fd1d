"""The API for workspaces, `/services/airlock/api/v1`; see docs/reference/contracts.md.

Who calls is proven by the workspace's own token; what they may do is decided by the steps that each call leads to.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from ecluse.rules.names import Strict
from ecluse.rules.outcome import Reason, Refused, RefusedError
from ecluse.rules.paths import MAX_PATH
from ecluse.rules.request import Description, LongText, RequestId, RequestView, Title
from ecluse.steps.acting import Who
from ecluse.steps.desk import Airlock
from ecluse.steps.ports import TooLargeError
from ecluse.steps.submit import too_large

from .identity import Doors
from .settings import BASE

_DRAIN = 32 * 1024 * 1024
"""How much of a refused file is read and thrown away, so that its sender gets to read the refusal."""


class NewRequest(Strict):
    """Body of `POST /requests`."""

    title: Title = ""
    purpose: LongText = ""


class Changes(Strict):
    """Body of `PATCH /requests/{id}`."""

    title: Title | None = None
    purpose: LongText | None = None


class NewComment(Strict):
    """Body of `POST /requests/{id}/comments`."""

    text: LongText


FilePath = Annotated[str, Query(alias="path", min_length=1, max_length=MAX_PATH)]


router = APIRouter(prefix=f"{BASE}/api/v1")


def _desk(request: Request) -> Airlock:
    desk: Airlock = request.app.state.desk
    return desk


async def _workspace(request: Request) -> Who:
    doors: Doors = request.app.state.doors
    return await doors.workspace(request.headers.get("authorization", ""))


Desk = Annotated[Airlock, Depends(_desk)]
Workspace = Annotated[Who, Depends(_workspace)]


@router.get("/requests")
def list_requests(desk: Desk, who: Workspace) -> dict[str, Any]:
    """The project's requests, newest first."""
    return {"requests": [_json(r) for r in desk.project_requests(who)]}


@router.post("/requests", status_code=201)
def open_request(desk: Desk, who: Workspace, body: NewRequest) -> dict[str, Any]:
    """A new draft."""
    return _json(desk.open(who, body.title, body.purpose))


@router.get("/requests/{request_id}")
def get_request(desk: Desk, who: Workspace, request_id: RequestId) -> dict[str, Any]:
    """One request, with reports."""
    return _json(desk.view(who, request_id))


@router.patch("/requests/{request_id}")
def describe(desk: Desk, who: Workspace, request_id: RequestId, body: Changes) -> dict[str, Any]:
    """Change title or purpose."""
    return _json(desk.describe(who, request_id, body.title, body.purpose))


@router.put("/requests/{request_id}/files")
async def attach(
    desk: Desk,
    who: Workspace,
    request_id: RequestId,
    request: Request,
    path: FilePath,
    what: Annotated[Description, Query()] = "",
    population: Annotated[Description, Query()] = "",
) -> dict[str, Any]:
    """Add or replace a file; the body is its bytes."""
    try:
        view = await _receive(desk, who, request_id, request, path=path, what=what, population=population)
    except RefusedError:
        await _drain(request)
        raise
    return _json(view)


@router.delete("/requests/{request_id}/files")
def detach(desk: Desk, who: Workspace, request_id: RequestId, path: FilePath) -> dict[str, Any]:
    """Take a file out."""
    return _json(desk.detach(who, request_id, path))


@router.post("/requests/{request_id}/check", status_code=202)
def check(desk: Desk, who: Workspace, request_id: RequestId) -> dict[str, Any]:
    """Ask for advice."""
    return _json(desk.advise(who, request_id))


@router.post("/requests/{request_id}/submit", status_code=202)
def submit(desk: Desk, who: Workspace, request_id: RequestId) -> dict[str, Any]:
    """Submit to the deciding check."""
    return _json(desk.submit(who, request_id))


@router.post("/requests/{request_id}/withdraw")
def withdraw(desk: Desk, who: Workspace, request_id: RequestId) -> dict[str, Any]:
    """Take the request back."""
    return _json(desk.withdraw(who, request_id))


@router.post("/requests/{request_id}/comments", status_code=201)
def comment(desk: Desk, who: Workspace, request_id: RequestId, body: NewComment) -> dict[str, Any]:
    """Say something to the reviewers."""
    if not body.text:
        raise RefusedError(Refused(Reason.MISSING_DESCRIPTION, "The comment is empty.", "Fill in `text`."))
    return _json(desk.comment(who, request_id, body.text))


async def _receive(
    desk: Airlock, who: Who, request_id: str, request: Request, *, path: str, what: str, population: str
) -> RequestView:
    """Take a file in: asked before, measured while it comes, asked again when it is there."""
    said = request.headers.get("content-length", "")
    size = int(said) if said.isdigit() else 0
    limit = await run_in_threadpool(desk.may_attach, who, request_id, path, size)
    with desk.incoming(limit) as incoming:
        try:
            async for chunk in request.stream():
                await run_in_threadpool(incoming.write, chunk)
        except TooLargeError as error:
            raise too_large(error.limit) from None
        except ClientDisconnect:
            raise RefusedError(Refused(Reason.BAD_INPUT, "The file came only in part.", "Send it again.")) from None
        return await run_in_threadpool(
            desk.attach, who, request_id, incoming, path=path, what=what, population=population
        )


async def _drain(request: Request) -> None:
    left = _DRAIN
    try:
        async for chunk in request.stream():
            left -= len(chunk)
            if left < 0:
                return
    except (ClientDisconnect, RuntimeError):
        return


def _json(view: RequestView) -> dict[str, Any]:
    return view.model_dump(mode="json")
