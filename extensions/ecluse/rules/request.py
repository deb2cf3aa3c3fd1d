"""The way of a request: its states, who acts in each, and the values it is made of.

Worked example: `ada`, a member of `alpha`, opens a draft, attaches `results/km.csv` ("table", population "686
women") and submits it. The state is `submitted`, then `checking`; both are owned by the system, so `ada` can only
wait or withdraw. The check finds a count of 4: `returned`. Her first change makes it a `draft` again.

`TRANSITIONS`, `OWNERS` and `PERMISSIONS` are the only places where this is said; docs/explanation/review.md draws
its diagram from them. `rules.author` and `rules.review` decide who may act.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from .canonical import canonical_json, sha256
from .finding import CheckVerdict, FileReport
from .names import Instant, PersonId, ProjectId, Sha256, Strict
from .paths import MAX_PATH

RequestId = Annotated[str, StringConstraints(pattern=r"^[a-z](?:-?[a-z0-9])*-[1-9][0-9]{0,8}$", max_length=40)]
"""Project and number: `bacthub-7`."""

ReleaseId = Annotated[str, StringConstraints(pattern=r"^r-[a-z](?:-?[a-z0-9])*-[1-9][0-9]{0,8}$", max_length=42)]
"""A request is released once, so a release is named after it: `r-bacthub-7`."""

MAX_TITLE, MAX_TEXT, MAX_DESCRIPTION = 200, 4000, 1000

_BIDI = r"\u202a-\u202e\u2066-\u2069"
_LINE = rf"^[^\x00-\x1f\x7f{_BIDI}]*$"
_LINES = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f{_BIDI}]*$"

Title = Annotated[str, StringConstraints(max_length=MAX_TITLE, strip_whitespace=True, pattern=_LINE)]
"""One line. Marks that turn the direction of writing are refused: they make a line read as another."""

LongText = Annotated[str, StringConstraints(max_length=MAX_TEXT, strip_whitespace=True, pattern=_LINES)]
"""Several lines, for a purpose or a comment."""

Description = Annotated[str, StringConstraints(max_length=MAX_DESCRIPTION, strip_whitespace=True, pattern=_LINES)]
"""What a file is, or which persons it is about."""


class State(StrEnum):
    """Where a request is on its way."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHECKING = "checking"
    IN_REVIEW = "in-review"
    RETURNED = "returned"
    APPROVED = "approved"
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Owner(StrEnum):
    """Who has to act."""

    AUTHOR = "author"
    SYSTEM = "system"
    REVIEWERS = "reviewers"


OWNERS: dict[State, Owner] = {
    State.DRAFT: Owner.AUTHOR,
    State.SUBMITTED: Owner.SYSTEM,
    State.CHECKING: Owner.SYSTEM,
    State.IN_REVIEW: Owner.REVIEWERS,
    State.RETURNED: Owner.AUTHOR,
    State.APPROVED: Owner.SYSTEM,
    State.RELEASED: Owner.SYSTEM,
    State.REFUSED: Owner.SYSTEM,
    State.WITHDRAWN: Owner.SYSTEM,
}

FINAL = frozenset({State.RELEASED, State.REFUSED, State.WITHDRAWN})
"""States that nothing leaves. A request in any other state is open."""


class Action(StrEnum):
    """What can be done to a request. Audit events are named after these."""

    CREATE = "create"
    EDIT = "edit"
    ATTACH = "attach"
    DETACH = "detach"
    ADVISE = "advise"
    SUBMIT = "submit"
    HAND_OVER = "hand-over"
    CLEAR = "clear"
    BOUNCE = "bounce"
    VOTE = "vote"
    RETURN = "return"
    APPROVE = "approve"
    REFUSE = "refuse"
    RELEASE = "release"
    TAMPER = "tamper"
    WITHDRAW = "withdraw"
    COMMENT = "comment"
    READ = "read"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow of the diagram: from a state, by an action of someone, to a state."""

    source: State
    action: Action
    by: Owner
    target: State


TRANSITIONS: tuple[Transition, ...] = (
    Transition(State.DRAFT, Action.SUBMIT, Owner.AUTHOR, State.SUBMITTED),
    Transition(State.DRAFT, Action.WITHDRAW, Owner.AUTHOR, State.WITHDRAWN),
    Transition(State.SUBMITTED, Action.HAND_OVER, Owner.SYSTEM, State.CHECKING),
    Transition(State.SUBMITTED, Action.WITHDRAW, Owner.AUTHOR, State.WITHDRAWN),
    Transition(State.SUBMITTED, Action.TAMPER, Owner.SYSTEM, State.REFUSED),
    Transition(State.CHECKING, Action.CLEAR, Owner.SYSTEM, State.IN_REVIEW),
    Transition(State.CHECKING, Action.BOUNCE, Owner.SYSTEM, State.RETURNED),
    Transition(State.CHECKING, Action.WITHDRAW, Owner.AUTHOR, State.WITHDRAWN),
    Transition(State.CHECKING, Action.TAMPER, Owner.SYSTEM, State.REFUSED),
    Transition(State.IN_REVIEW, Action.RETURN, Owner.REVIEWERS, State.RETURNED),
    Transition(State.IN_REVIEW, Action.APPROVE, Owner.REVIEWERS, State.APPROVED),
    Transition(State.IN_REVIEW, Action.REFUSE, Owner.REVIEWERS, State.REFUSED),
    Transition(State.IN_REVIEW, Action.WITHDRAW, Owner.AUTHOR, State.WITHDRAWN),
    Transition(State.IN_REVIEW, Action.TAMPER, Owner.SYSTEM, State.REFUSED),
    Transition(State.RETURNED, Action.EDIT, Owner.AUTHOR, State.DRAFT),
    Transition(State.RETURNED, Action.WITHDRAW, Owner.AUTHOR, State.WITHDRAWN),
    Transition(State.APPROVED, Action.RELEASE, Owner.SYSTEM, State.RELEASED),
    Transition(State.APPROVED, Action.TAMPER, Owner.SYSTEM, State.REFUSED),
)

_TARGETS = {(t.source, t.action): t.target for t in TRANSITIONS}

EDITABLE = frozenset({State.DRAFT, State.RETURNED})

PERMISSIONS: dict[Action, tuple[str, frozenset[State]]] = {
    Action.CREATE: ("a member of the project, in force", frozenset()),
    Action.EDIT: ("the author", EDITABLE),
    Action.ATTACH: ("the author", EDITABLE),
    Action.DETACH: ("the author", EDITABLE),
    Action.ADVISE: ("the author", EDITABLE),
    Action.SUBMIT: ("the author", EDITABLE),
    Action.WITHDRAW: ("the author", frozenset({t.source for t in TRANSITIONS if t.action is Action.WITHDRAW})),
    Action.COMMENT: ("the author, and independent reviewers", frozenset(State) - FINAL),
    Action.READ: ("members, reviewers, controllers of its datasets, auditors", frozenset(State)),
    Action.VOTE: ("an independent reviewer, once per round", frozenset({State.IN_REVIEW})),
    Action.RETURN: ("an independent reviewer", frozenset({State.IN_REVIEW})),
    Action.DOWNLOAD: ("the author", frozenset({State.RELEASED})),
}
"""Who may do what, in which states. The functions below enforce it, row by row, by test."""


class CheckState(StrEnum):
    """Whether a check of the request's files was asked for, and how it went."""

    NONE = "none"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RequestFile(Strict):
    """One file asked to be released. `sha256` is of the bytes as sent; the report names the rebuilt ones."""

    path: Annotated[str, Field(min_length=1, max_length=MAX_PATH)]
    sha256: Sha256
    size: int = Field(ge=0)
    what: Description = ""
    population: Description = ""
    report: FileReport | None = None


class CheckView(Strict):
    """The latest check. `deciding` is false for advice on a draft."""

    state: CheckState = CheckState.NONE
    deciding: bool = False
    verdict: CheckVerdict | None = None
    message: str = ""


class CommentView(Strict):
    """A comment, for everybody who reads the request."""

    author: PersonId
    at: Instant
    text: str


class VoteView(Strict):
    """A vote that is no longer blind. `content` is the hash that it was given for."""

    reviewer: PersonId
    at: Instant
    approve: bool
    content: Sha256


class ReleaseView(Strict):
    """Where the released files are."""

    id: ReleaseId
    at: Instant


class RequestView(Strict):
    """A request as one person may see it: the JSON of the airlock's API, and what pages are made from."""

    id: RequestId
    project: ProjectId
    author: PersonId
    title: str
    purpose: str
    state: State
    owner: Owner
    created: Instant
    updated: Instant
    content: Sha256
    files: tuple[RequestFile, ...] = ()
    check: CheckView = CheckView()
    comments: tuple[CommentView, ...] = ()
    votes: tuple[VoteView, ...] = ()
    release: ReleaseView | None = None


class Audience(StrEnum):
    """Who a comment is for. `REVIEWERS`: blind until the votes are in, as votes are."""

    PUBLIC = "public"
    REVIEWERS = "reviewers"


class Comment(Strict):
    """A comment as stored."""

    round: int = Field(ge=0)
    author: PersonId
    at: Instant
    text: Annotated[LongText, Field(min_length=1)]
    audience: Audience = Audience.PUBLIC


class Vote(Strict):
    """A vote as stored: for one content, in one round."""

    round: int = Field(ge=1)
    reviewer: PersonId
    at: Instant
    approve: bool
    content: Sha256


class Check(Strict):
    """The latest check as stored: the job that was handed over, and when its answer is too late."""

    state: CheckState = CheckState.NONE
    deciding: bool = False
    verdict: CheckVerdict | None = None
    message: str = ""
    job: str | None = None
    deadline: Instant | None = None
    criteria: dict[str, Any] = Field(default_factory=dict)


class Request(Strict):
    """A request as stored: everything, blind votes included. Nobody sees it but through `rules.review.view_for`."""

    id: RequestId
    project: ProjectId
    author: PersonId
    title: Title = ""
    purpose: LongText = ""
    state: State = State.DRAFT
    created: Instant
    updated: Instant
    round: int = Field(default=0, ge=0, description="how often it was submitted")
    files: tuple[RequestFile, ...] = ()
    check: Check = Check()
    comments: tuple[Comment, ...] = ()
    votes: tuple[Vote, ...] = ()
    release: ReleaseView | None = None

    @property
    def content(self) -> str:
        """What votes are about; see `content_hash`."""
        return content_hash(self.files)

    @property
    def owner(self) -> Owner:
        """Who has to act now."""
        return OWNERS[self.state]

    def file(self, path: str) -> RequestFile | None:
        """The file of that path, if it is part of the request."""
        return next((f for f in self.files if f.path == path), None)


def content_hash(files: Iterable[RequestFile]) -> str:
    """SHA-256 over the canonical JSON of the sorted `[path, sha256 as sent, sha256 rebuilt or ""]`.

    A vote names it, so that a file changed in any way, before or after its check, leaves the vote without effect.
    """
    rows = sorted([f.path, f.sha256, f.report.rebuilt.sha256 if f.report and f.report.rebuilt else ""] for f in files)
    return sha256(canonical_json(rows))


def next_state(state: State, action: Action) -> State | None:
    """The state that an action leads to, or None where the table has no such arrow."""
    return _TARGETS.get((state, action))


def moved(request: Request, action: Action, now: datetime, **changes: Any) -> Request:
    """The request after an action, with its other changes. Validates what it makes.

    Raises:
        ValueError: if the table has no such arrow. Rules are asked first, so this is a fault of the caller.
    """
    target = next_state(request.state, action)
    if target is None:
        raise ValueError(f"no way from '{request.state}' by '{action}'")
    return changed(request, now, state=target, **changes)


def changed(request: Request, now: datetime, **changes: Any) -> Request:
    """The request with some values changed and `updated` set. Validates what it makes, as `model_copy` would not."""
    values = {name: getattr(request, name) for name in Request.model_fields}
    return Request.model_validate({**values, **changes, "updated": now})


def project_of(request_id: str) -> str:
    """The project that a request's or a release's id names: `bacthub` for `bacthub-7`."""
    return request_id.rpartition("-")[0]
