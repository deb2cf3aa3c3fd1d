"""Everything that the page of a request shows, gathered from the desk."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from ecluse.rules.outcome import Reason, Refused
from ecluse.rules.request import Action, CheckState, RequestView, State
from ecluse.steps.acting import Who
from ecluse.steps.desk import Airlock

from .preview import Extent, extent
from .views import FileView, Standing, file_views, next_sentence, permit_lines, person_name, step_line, tally

RUNNING = frozenset({State.SUBMITTED, State.CHECKING})


def request_values(url: Callable[..., str], desk: Airlock, who: Who, view: RequestView) -> dict[str, Any]:
    """Everything that the page of a request shows, apart from its history."""
    policies = desk.ports.policies.current()
    standing = _standing(desk, who, view)
    project = policies.projects.get(view.project)
    files = file_views(view.files, _extents(desk, who, view))

    def preview_url(shown: FileView, **where: int) -> str:
        report = shown.file.report
        rebuilt = report.rebuilt.sha256 if report and report.rebuilt else ""
        address = f"{url('preview', request_id=view.id)}?path={quote(shown.file.path, safe='')}&sha256={rebuilt}"
        if "page" in where:
            address += f"&page={where['page'] + 1}"
        if "finding" in where:
            address += f"&finding={where['finding']}#finding-{where['finding']}"
        return address

    people = {view.author, *(c.author for c in view.comments), *(v.reviewer for v in view.votes)}
    return {
        "view": view,
        "standing": standing,
        "steps": step_line(view.state),
        "next": next_sentence(view, standing),
        "running": view.state in RUNNING or view.check.state is CheckState.RUNNING,
        "files": files,
        "tally": tally(view.files),
        "preview_url": preview_url,
        "project": project,
        "permit": permit_lines(policies, project) if project else (),
        "names": {p: person_name(policies, p) for p in people},
    }


def _extents(desk: Airlock, who: Who, view: RequestView) -> dict[str, Extent]:
    """Extent of the preview of each rebuilt file, by hash."""
    found = {}
    for file in view.files:
        if file.report and file.report.rebuilt:
            _, content = desk.rebuilt(who, view.id, file.path)
            found[file.report.rebuilt.sha256] = extent(content, file.report.kind)
    return found


def _standing(desk: Airlock, who: Who, view: RequestView) -> Standing:
    may = desk.may(who, view.id)
    refused = may[Action.VOTE]
    reason = refused.reason if isinstance(refused, Refused) else None
    explained = view.state is State.IN_REVIEW and reason in (Reason.MEMBER_OF_PROJECT, Reason.TRAINING_LAPSED)
    return Standing(
        author=view.author == who.person,
        can_vote=bool(may[Action.VOTE]),
        can_return=bool(may[Action.RETURN]),
        can_comment=bool(may[Action.COMMENT]),
        can_withdraw=bool(may[Action.WITHDRAW]),
        voted=reason is Reason.ALREADY_VOTED,
        reviewers=desk.ports.policies.current().rules.reviewers,
        why_not=refused.message if explained and isinstance(refused, Refused) else "",
    )
