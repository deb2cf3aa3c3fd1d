"""The airlock's rows. `example` is left out: a test fills `{request_id}` and `{release_id}` with ada's request."""

from dataclasses import dataclass
from typing import Any

from ecluse.rules.request import State

from .callers import EVERYBODY, SIGNED_IN, Caller, Row, only

AUTHOR = Caller.SELF
READERS = only(Caller.SELF, Caller.LEAD, Caller.MEMBER, Caller.REVIEWER, Caller.CONTROLLER, Caller.AUDITOR)
"""Who may read a request: its project, reviewers, controllers of its data, auditors."""
OF_PROJECT = only(Caller.WORKSPACE, Caller.MEMBER_WORKSPACE)
OF_AUTHOR = only(Caller.WORKSPACE)


@dataclass(frozen=True, slots=True)
class AirlockRow(Row):
    """A row with what a call needs so that nothing but the caller decides."""

    state: State = State.DRAFT
    """State of ada's request."""


def _api(method: str, path: str, allowed: frozenset[Caller], **more: Any) -> AirlockRow:
    return AirlockRow(method, f"/services/airlock/api/v1{path}", allowed, **more)


def _page(method: str, path: str, allowed: frozenset[Caller], **more: Any) -> AirlockRow:
    return AirlockRow(method, f"/services/airlock{path}", allowed, **more)


FILE = "/requests/{request_id}/files"
COMMENT = {"text": "Why?"}

AIRLOCK = (
    _api("GET", "/requests", only(*OF_PROJECT, Caller.OTHER_WORKSPACE), why="those of the workspace's own project"),
    _api("POST", "/requests", only(*OF_PROJECT, Caller.OTHER_WORKSPACE), send={"title": "New"}, state=State.WITHDRAWN),
    _api("GET", "/requests/{request_id}", OF_PROJECT),
    _api("PATCH", "/requests/{request_id}", OF_AUTHOR, send={"title": "New"}),
    _api("PUT", FILE, OF_AUTHOR, send=b"group,n\na,120\n"),
    _api("DELETE", FILE, OF_AUTHOR),
    _api("POST", "/requests/{request_id}/check", OF_AUTHOR),
    _api("POST", "/requests/{request_id}/submit", OF_AUTHOR),
    _api("POST", "/requests/{request_id}/withdraw", OF_AUTHOR),
    _api("POST", "/requests/{request_id}/comments", OF_AUTHOR, send=COMMENT),
    _page("GET", "/", SIGNED_IN, why="each sees the own lists"),
    _page("GET", "/requests/{request_id}", READERS, state=State.IN_REVIEW),
    _page("GET", "/requests/{request_id}/check", READERS, state=State.IN_REVIEW),
    _page("GET", "/requests/{request_id}/preview", READERS, state=State.IN_REVIEW, why="the rebuilt file only"),
    _page("POST", "/requests/{request_id}/vote", only(Caller.REVIEWER), state=State.IN_REVIEW, send={"approve": "yes"}),
    _page(
        "POST", "/requests/{request_id}/return", only(Caller.REVIEWER), state=State.IN_REVIEW, send={"comment": "No"}
    ),
    _page(
        "POST", "/requests/{request_id}/comments", only(AUTHOR, Caller.REVIEWER), state=State.IN_REVIEW, send=COMMENT
    ),
    _page("POST", "/requests/{request_id}/withdraw", only(AUTHOR), state=State.IN_REVIEW, send={}),
    _page("GET", "/releases/{release_id}", READERS, state=State.RELEASED),
    _page("GET", "/releases/{release_id}/download", only(AUTHOR), state=State.RELEASED),
    _page("POST", "/logout", SIGNED_IN, send={}),
    _page("GET", "/oauth_callback", frozenset(), why="a login that this browser did not begin ends nowhere"),
    _page("GET", "/static/{name}", EVERYBODY, example="/services/airlock/static/ecluse.css", why="our own style sheet"),
    _page("GET", "/health", EVERYBODY, why="says `ok`, of nobody"),
)
