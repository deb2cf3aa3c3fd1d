"""What the author of a request may do with it, and who may read it.

Worked example: `ada` submits `alpha-1` with one file that does not say which persons it is about. The answer is
`Refused(MISSING_DESCRIPTION, "'km.csv' does not say which persons it is about.", "Fill in `population`.")`; with the
population filled in it is `ALLOWED`. `ben`, of another project, is told that there is no such request.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from .outcome import ALLOWED, Reason, Refused, Verdict, first_refusal
from .paths import clash, path_in_order
from .people import Role
from .permit import user_can_work
from .policy import OutputRules, Policies
from .project import Tier
from .request import EDITABLE, PERMISSIONS, Action, CheckState, Request, State, project_of


def user_can_create(policies: Policies, person: str, project: str, open_now: int, now: datetime) -> Verdict:
    """Allowed if the person may work in the project and has fewer than `rules.open_requests` open ones in it."""
    limit = policies.rules.open_requests
    too_many = Refused(
        Reason.ALREADY_OPEN,
        f"You have {open_now} open request(s) in this project; at most {limit} at once.",
        "Finish or withdraw the open one first.",
    )
    return first_refusal(user_can_work(policies, person, project, now), ALLOWED if open_now < limit else too_many)


def user_can_edit(policies: Policies, person: str, request: Request, now: datetime) -> Verdict:
    """Allowed for the author, in force, while the request is a draft or was returned."""
    return first_refusal(
        _is_author(person, request),
        user_can_work(policies, person, request.project, now),
        in_states(request, EDITABLE, "changed"),
    )


SENT_WITHIN = timedelta(days=1)
LEAST_SENT = 1024**2
"""What the smallest file counts for: small files fill a disk and a database by their number."""


def user_can_attach(
    policies: Policies, person: str, request: Request, path: str, size: int, now: datetime, sent: Iterable[int] = ()
) -> Verdict:
    """Allowed if the request can be edited, the path can be released, and count and size are within the rules.

    Args:
        policies: those in force.
        person: who asks.
        request: theirs.
        path: of the file within the request.
        size: bytes of the file; 0 while it is not known.
        now: the moment.
        sent: sizes of the files that the person sent within `SENT_WITHIN`, in all requests, replaced ones included.
    """
    return first_refusal(
        user_can_edit(policies, person, request, now),
        path_in_order(path),
        _room_for(policies.rules, request, path, size),
        _within_the_day(policies.rules, [*sent, size]),
    )


def user_can_detach(policies: Policies, person: str, request: Request, path: str, now: datetime) -> Verdict:
    """Allowed if the request can be edited and has such a file."""
    missing = Refused(Reason.UNKNOWN_FILE, f"The request has no file '{path}'.", "Choose one of its files.")
    return first_refusal(user_can_edit(policies, person, request, now), ALLOWED if request.file(path) else missing)


def user_can_advise(policies: Policies, person: str, request: Request, now: datetime) -> Verdict:
    """Allowed if the request can be edited, has files, and no check of it runs."""
    running = Refused(Reason.WRONG_STATE, "A check of this request is already running.", "Wait for its answer.")
    return first_refusal(
        user_can_edit(policies, person, request, now),
        _has_files(request),
        running if request.check.state is CheckState.RUNNING else ALLOWED,
    )


def user_can_submit(policies: Policies, person: str, request: Request, now: datetime) -> Verdict:
    """Allowed if the request can be edited and says what a reviewer needs: title, purpose, each file's story."""
    return first_refusal(
        user_can_edit(policies, person, request, now),
        _has_files(request),
        _described(request.title, "title", "The request has no title."),
        _described(request.purpose, "purpose", "The request does not say what the files are for."),
        *(_described(f.what, "what", f"'{f.path}' does not say what it is.") for f in request.files),
        *(
            _described(f.population, "population", f"'{f.path}' does not say which persons it is about.")
            for f in request.files
        ),
    )


def user_can_withdraw(policies: Policies, person: str, request: Request) -> Verdict:
    """Allowed for the author, a member or not any more, until it is decided: taking back needs no permit."""
    return first_refusal(
        _is_author(person, request),
        _known(policies, person),
        in_states(request, PERMISSIONS[Action.WITHDRAW][1], "withdrawn"),
    )


def user_can_read(policies: Policies, person: str, request: Request) -> Verdict:
    """Allowed for members of the project, reviewers, controllers of its datasets, and auditors.

    Anybody else learns what they would learn of a request that does not exist.
    """
    who, project = policies.people.get(person), policies.projects.get(request.project)
    if who is None:
        return unknown_request(request.id)
    if project is not None:
        if person in project.members:
            return ALLOWED
        datasets = (policies.datasets.get(name) for name in project.permit)
        if Role.CONTROLLER in who.roles and any(d is not None and d.controller == person for d in datasets):
            return ALLOWED
    return ALLOWED if who.roles & {Role.REVIEWER, Role.AUDITOR} else unknown_request(request.id)


def seen_outside(policies: Policies, person: str, request: Request) -> Verdict:
    """Allowed on the pages, outside the workspace, for all but the members of a sealed project before the release.

    What a member of a sealed project has put into a request was written inside: shown on a page it would have left
    without a review. Inside, the workspace shows it.
    """
    project = policies.projects.get(request.project)
    own = person == request.author or (project is not None and person in project.members)
    if project is None or project.tier is not Tier.SEALED or not own or request.state is State.RELEASED:
        return ALLOWED
    return Refused(
        Reason.INSIDE_ONLY,
        "The project is sealed: until it is released, its members see this request inside their workspace alone.",
        "Open the workspace; the export panel shows the request.",
    )


def user_can_comment_as_author(policies: Policies, person: str, request: Request, now: datetime) -> Verdict:
    """Allowed for the author, in force, while the request is open. Reviewers comment by `rules.review`."""
    return first_refusal(
        _is_author(person, request),
        user_can_work(policies, person, request.project, now),
        in_states(request, PERMISSIONS[Action.COMMENT][1], "commented on"),
    )


def workspace_can_reach(project: str, request_id: str) -> Verdict:
    """Allowed if the request belongs to the project whose workspace asks; the same answer whether it exists or not."""
    if project_of(request_id) == project:
        return ALLOWED
    return Refused(
        Reason.OTHER_PROJECT,
        f"This workspace belongs to project '{project}', the request does not.",
        "Open the workspace of the request's own project.",
    )


def unknown_request(request_id: str) -> Refused:
    """There is no such request, or none that this person may know of."""
    return Refused(Reason.UNKNOWN_REQUEST, f"There is no request '{request_id}' for you.", "Look at the list.")


def in_states(request: Request, states: frozenset[State], done: str) -> Verdict:
    """Allowed if the request is in one of the states."""
    if request.state in states:
        return ALLOWED
    names = ", ".join(f"'{s}'" for s in State if s in states)
    return Refused(
        Reason.WRONG_STATE,
        f"The request is '{request.state}' and can't be {done} now.",
        f"It can be while it is {names}.",
    )


def _is_author(person: str, request: Request) -> Verdict:
    if person == request.author:
        return ALLOWED
    return Refused(Reason.NOT_THE_AUTHOR, "Only its author can do this to a request.", "Ask the author.")


def _known(policies: Policies, person: str) -> Verdict:
    if person in policies.people:
        return ALLOWED
    return Refused(Reason.UNKNOWN_PERSON, f"No person '{person}' is known.", "Ask an administrator.")


def _has_files(request: Request) -> Verdict:
    if request.files:
        return ALLOWED
    return Refused(Reason.NO_FILES, "The request has no files.", "Add at least one file.")


def _described(text: str, field: str, message: str) -> Verdict:
    return ALLOWED if text.strip() else Refused(Reason.MISSING_DESCRIPTION, message, f"Fill in `{field}`.")


def _within_the_day(rules: OutputRules, sizes: Iterable[int]) -> Verdict:
    if sum(max(size, LEAST_SENT) for size in sizes) <= rules.sent_per_day_bytes:
        return ALLOWED
    return Refused(
        Reason.SENT_TOO_MUCH,
        f"You have sent more than {rules.sent_per_day_bytes} bytes within 24 hours.",
        "Send summaries rather than data, or go on tomorrow.",
    )


def _room_for(rules: OutputRules, request: Request, path: str, size: int) -> Verdict:
    if size > rules.max_file_bytes:
        return Refused(
            Reason.FILE_TOO_LARGE,
            f"The file has more than {rules.max_file_bytes} bytes.",
            "Release a summary instead, or split it.",
        )
    if request.file(path) is None and len(request.files) >= rules.max_files:
        return Refused(
            Reason.TOO_MANY_FILES,
            f"A request holds at most {rules.max_files} files.",
            "Submit these first, then open another request.",
        )
    if any(clash(f.path, path) for f in request.files):
        return Refused(
            Reason.BAD_PATH,
            f"'{path}' and another file of the request can't be unpacked beside each other.",
            "Rename one of them.",
        )
    return ALLOWED
