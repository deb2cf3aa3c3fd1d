"""The pages for people, below `/services/airlock/`: queue, request, release, and the forms on them.

Every page and every form asks the desk, which asks the rules; a page offers what `desk.may` allows, and a form that
comes all the same is refused and recorded there.
"""

import base64
import json
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, FastAPI, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from ecluse.rules.finding import FileReport, Rebuilt
from ecluse.rules.outcome import Reason, Refused, RefusedError
from ecluse.rules.people import Role
from ecluse.rules.policy import Policies
from ecluse.rules.request import MAX_TEXT
from ecluse.steps.acting import Who
from ecluse.steps.desk import Airlock
from ecluse.steps.history import history

from .errors import STATUS
from .history import lines
from .identity import Session
from .people import People
from .preview import preview
from .render import preview_document, preview_headers
from .request_page import request_values
from .settings import BASE
from .shell import add_filters, asset, error_page, page, url_maker
from .views import person_name

SAID = {
    "voted": "Your vote is recorded.",
    "returned": "The request is back with its author.",
    "commented": "Your comment is recorded.",
    "withdrawn": "The request is withdrawn.",
}
"""What a page says after a form: by a key, so that no link can put words into our mouth."""

LongText = Annotated[str, Form(max_length=MAX_TEXT)]


def add_pages(app: FastAPI, desk: Airlock, people: People) -> None:
    """Serve the pages, and show refusals as pages."""
    add_filters()
    router = APIRouter(prefix=BASE, default_response_class=HTMLResponse, include_in_schema=False)
    _reading(router, desk, people)
    _files(router, desk, people)
    _acting(router, desk, people)
    _releases(router, desk, people)
    app.include_router(router)
    app.state.error_page = error_page


def _reading(router: APIRouter, desk: Airlock, people: People) -> None:
    @router.get("/", name="page-queue")
    def queue(request: Request, me: Annotated[Session, Depends(people.session)]) -> Response:
        policies = _policies(desk)
        person = policies.people.get(me.person)
        roles = person.roles if person else frozenset()
        return page(
            request,
            "queue.html",
            me,
            policies,
            queue=desk.queue(Who(me.person)),
            reviewer=Role.REVIEWER in roles,
            researcher=Role.RESEARCHER in roles,
            now=desk.clock(),
        )

    @router.get("/requests/{request_id}", name="page-request")
    def one(
        request: Request, request_id: str, me: Annotated[Session, Depends(people.session)], said: str = ""
    ) -> Response:
        who = Who(me.person)
        values = request_values(url_maker(request), desk, who, desk.view(who, request_id))
        events = lines(_policies(desk), history(desk.ports, who, request_id))
        shown = {"said": SAID.get(said, ""), "history": events, "oob": False}
        return page(request, "request.html", me, _policies(desk), **shown, **values)

    @router.get("/requests/{request_id}/check", name="page-check")
    def check(request: Request, request_id: str, me: Annotated[Session, Depends(people.session)]) -> Response:
        """The part of a page that changes while a check runs; the files and the way come with its end."""
        who = Who(me.person)
        values = request_values(url_maker(request), desk, who, desk.view(who, request_id))
        parts = ["check.html"] if values["running"] else ["check.html", "way.html", "files.html"]
        found = [page(request, part, me, _policies(desk), oob=True, **values).body for part in parts]
        return HTMLResponse(b"\n".join(bytes(part) for part in found))


def _files(router: APIRouter, desk: Airlock, people: People) -> None:
    @router.get("/static/{name}", name="page-static")
    def static(name: str) -> Response:
        return asset(name)

    @router.get("/requests/{request_id}/preview", name="page-preview")
    def frame(
        request_id: str,
        path: str,
        sha256: str,
        me: Annotated[Session, Depends(people.session)],
        start: Annotated[int, Query(ge=1, alias="page")] = 1,
        finding: int | None = None,
    ) -> Response:
        """A rebuilt file, for a sandboxed frame. `sha256` is that of the page around it: never other bytes."""
        try:
            report, shown, content = _rebuilt(desk, Who(me.person), request_id, path, sha256)
        except RefusedError as error:  # a page of errors may not be framed: its sentence comes as a preview
            html = preview_document("refused.html", path=path, refused=error.refused)
            return HTMLResponse(html, STATUS.get(error.refused.reason, 403), headers=dict(preview_headers()))
        html = preview(content, report.kind, shown.path, report.findings, page=start - 1, finding=finding)
        return HTMLResponse(html, headers=dict(preview_headers()))


_CHANGED = Refused(Reason.CONTENT_CHANGED, "The file has changed since this page was made.", "Open the request again.")


def _rebuilt(desk: Airlock, who: Who, request_id: str, path: str, sha256: str) -> tuple[FileReport, Rebuilt, bytes]:
    """A file's report and its rebuilt bytes, if those are the ones that a page named."""
    file, content = desk.rebuilt(who, request_id, path)
    report = file.report
    if report is None or report.rebuilt is None or report.rebuilt.sha256 != sha256:
        raise RefusedError(_CHANGED)
    return report, report.rebuilt, content


def _acting(router: APIRouter, desk: Airlock, people: People) -> None:
    @router.post("/requests/{request_id}/vote", name="page-vote")
    def vote(
        request: Request,
        request_id: str,
        who: Annotated[Who, Depends(people.form)],
        approve: Annotated[Literal["yes", "no"], Form()],
        content: Annotated[str, Form(max_length=64)],
        comment: LongText = "",
    ) -> Response:
        desk.vote(who, request_id, approve=approve == "yes", content=content, comment=comment)
        return _back(request, request_id, "voted")

    @router.post("/requests/{request_id}/return", name="page-return")
    def give_back(
        request: Request, request_id: str, who: Annotated[Who, Depends(people.form)], comment: LongText = ""
    ) -> Response:
        desk.return_(who, request_id, comment)
        return _back(request, request_id, "returned")

    @router.post("/requests/{request_id}/comments", name="page-comment")
    def comment(
        request: Request, request_id: str, who: Annotated[Who, Depends(people.form)], text: LongText = ""
    ) -> Response:
        desk.comment(who, request_id, text)
        return _back(request, request_id, "commented")

    @router.post("/requests/{request_id}/withdraw", name="page-withdraw")
    def withdraw(request: Request, request_id: str, who: Annotated[Who, Depends(people.form)]) -> Response:
        desk.withdraw(who, request_id)
        return _back(request, request_id, "withdrawn")


def _releases(router: APIRouter, desk: Airlock, people: People) -> None:
    @router.get("/releases/{release_id}", name="page-release")
    def release(request: Request, release_id: str, me: Annotated[Session, Depends(people.session)]) -> Response:
        found, policies = desk.release(Who(me.person), release_id), _policies(desk)
        manifest = found.manifest
        shown = {
            "manifest": manifest,
            "may_download": found.may_download,
            "names": _names(policies, manifest.author, *(s.reviewer for s in manifest.reviewers)),
            "criteria": json.dumps(manifest.criteria, indent=1, ensure_ascii=False, sort_keys=True),
            "signature": base64.b64encode(found.signature).decode("ascii"),
        }
        return page(request, "release.html", me, policies, **shown)

    @router.get("/releases/{release_id}/download", name="page-download")
    def download(release_id: str, me: Annotated[Session, Depends(people.session)]) -> Response:
        bundle = desk.download(Who(me.person), release_id)
        headers = {"Content-Disposition": f'attachment; filename="{bundle.name}"'}
        return Response(bundle.data, media_type="application/zip", headers=headers)


def _policies(desk: Airlock) -> Policies:
    return desk.ports.policies.current()


def _names(policies: Policies, *people: str) -> dict[str, str]:
    return {p: person_name(policies, p) for p in people}


def _back(request: Request, request_id: str, said: str) -> Response:
    """To the page of the request, so that reloading it sends no form again."""
    return RedirectResponse(f"{url_maker(request)('request', request_id=request_id)}?said={said}", 303)
