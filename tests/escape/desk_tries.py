"""What several attackers try at the airlock: to read, to act, and to pass for somebody else."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
from starlette.staticfiles import StaticFiles

from ecluse.rules.request import Vote
from ecluse.steps.acting import Who
from escape.attempt import Seen
from escape.desk import BLIND, SECRET_TITLE, Act, Stage, Switch, Try, allow
from escape.web import Through, done, good, holds, seen
from escape.world import AIRLOCK, API

READ = allow("ecluse.steps.acting.user_can_read", "ecluse.steps.desk.user_can_read")
VOTE = allow("ecluse.steps.review.user_can_vote")
RETURN = allow("ecluse.steps.review.user_can_return")
COMMENT = allow("ecluse.steps.review.user_can_comment")
WITHDRAW = allow("ecluse.steps.submit.user_can_withdraw")
DOWNLOAD = allow("ecluse.steps.release.user_can_download", "ecluse.steps.desk.user_can_download")
CSRF: Switch = {"ecluse.airlock.people.csrf_holds": lambda *_: True}
ORIGIN: Switch = {"ecluse.airlock.people._origin": lambda _url: "http://evil.example"}
BLINDNESS: Switch = {"ecluse.rules.review.is_visible": lambda *_: True}
RULES: dict[str, Switch] = {
    "vote": {**READ, **VOTE},
    "return": {**READ, **RETURN},
    "comments": {**READ, **COMMENT},
    "withdraw": {**READ, **WITHDRAW},
}


def get(person: str, path: str, through: Through = good, **headers: str) -> Act:
    """Open a page, as somebody."""

    def act(stage: Stage) -> Seen:
        return seen(stage.browser(person).get(fill(path, stage), headers=headers), through)

    return act


def fill(text: str, stage: Stage) -> str:
    """The ids of the requests, filled in."""
    for name, value in stage.ids.items():
        text = text.replace("{" + name + "}", value)
    return text


def form(
    person: str,
    request: str,
    action: str,
    *,
    headers: dict[str, str] | None = None,
    csrf: str | None = None,
    method: str = "POST",
    **fields: str,
) -> Act:
    """Send a form of a request's page, as somebody; the token of their own session unless another is given."""

    def act(stage: Stage) -> Seen:
        browser = stage.browser(person)
        token = stage.csrf(browser) if csrf is None else csrf
        given = {"csrf": token, **{k: fill(v, stage) for k, v in fields.items()}}
        if action == "vote":
            given = {"approve": "yes", "content": stage.ids["content"], "comment": "", **given}
        url = f"{AIRLOCK}/requests/{fill(request, stage)}/{action}"
        kind: dict[str, Any] = {"params": given} if method == "GET" else {"data": given}
        return seen(browser.request(method, url, headers=headers or {}, **kind), done)

    return act


def api(
    person: str,
    of: str,
    method: str,
    path: str,
    through: Through = good,
    body: Any = None,
    content: bytes | None = None,
) -> Act:
    """Call the workspaces' API with the token of a workspace."""

    def act(stage: Stage) -> Seen:
        headers = dict(stage.workspace(person, of))
        answer = stage.browser("").request(
            method, API + fill(path, stage), headers=headers, json=body, **({"content": content} if content else {})
        )
        return seen(answer, through)

    return act


def reading(person: str, ids: tuple[str, ...]) -> Iterator[Try]:
    """Pages of requests that somebody is not to know of."""
    title = holds("Title-of")
    for name in ids:
        yield Try(f"read the page of request '{name}'", get(person, f"{AIRLOCK}/requests/{{{name}}}", title), READ)
        yield Try(
            f"read the check of request '{name}'", get(person, f"{AIRLOCK}/requests/{{{name}}}/check", good), READ
        )
    preview = f"{AIRLOCK}/requests/{{ada}}/preview?path=t.csv&sha256={{rebuilt}}"
    yield Try("read the preview of a file", get(person, preview, holds("246")), READ)
    yield Try("read the release of others", get(person, f"{AIRLOCK}/releases/{{release}}", holds("Title-of")), READ)
    yield Try(
        "download the release of others",
        get(person, f"{AIRLOCK}/releases/{{release}}/download", good),
        {**READ, **DOWNLOAD},
    )
    yield Try("find others' requests in the queue", get(person, f"{AIRLOCK}/", holds("Title-of")), READ)


def acting(person: str, ids: tuple[str, ...]) -> Iterator[Try]:
    """Forms on requests on which somebody may not act."""
    for name in ids:
        for action, fields in (
            ("vote", {}),
            ("return", {"comment": "Round to 5."}),
            ("comments", {"text": "Hello"}),
            ("withdraw", {}),
        ):
            more = {"content": "{content-mem}"} if action == "vote" and name == "mem" else {}
            act = form(person, f"{{{name}}}", action, **fields, **more)
            switch = RULES[action]
            if action == "vote" and name == "draft":  # it has no round yet, and so no vote can be of one
                switch = {**switch, "ecluse.steps.review.Vote": Vote.model_construct}
            if action == "withdraw" and name in ("released", "withdrawn"):
                continue
            if action == "return" and name in ("draft", "released", "withdrawn"):
                continue
            yield Try(f"{action} on request '{name}'", act, switch)


CLAIMS = (
    "X-Forwarded-User",
    "Remote-User",
    "X-Remote-User",
    "X-Auth-Request-User",
    "X-Ecluse-Person",
    "X-Jupyterhub-User",
)


def claiming(person: str, other: str, request: str = "{ada}") -> Iterator[Try]:
    """To pass for somebody else by what a request says of itself."""
    for header in CLAIMS:
        yield Try(
            f"vote as {other} by the header {header}",
            form(person, request, "vote", headers={header: other}),
            {},
            "refused as oneself",
            _believes(header),
        )


def _believes(header: str) -> Callable[[Any], None]:
    def change(app: Any) -> None:
        def form(request: httpx.Request) -> Who:
            return Who(request.headers.get(header, ""))

        from starlette.requests import Request

        form.__annotations__["request"] = Request
        app.dependency_overrides[app.state.people.form] = form

    return change


def serves_files(app: Any) -> None:
    """An airlock that gives out its own folders."""
    root = app.state.desk.ports.blobs._folder.parent
    app.router.routes.insert(
        0, __import__("starlette.routing", fromlist=["Mount"]).Mount(AIRLOCK, StaticFiles(directory=root))
    )


FILES = {
    "a file of the quarantine by its hash": "/quarantine/{two}/{original}",
    "the rebuilt file of the quarantine": "/quarantine/{twor}/{rebuilt}",
    "the key that signs releases": "/secrets/airlock/release.key",
    "the database": "/control/ecluse.sqlite",
    "the policies": "/policies/people.yaml",
}
SPELLINGS = {
    "": "{path}",
    ", through static files": "/static/..{path}",
    ", through static files, encoded": "/static/%2e%2e{path}",
    ", through a request": "/requests/..{path}",
    ", with a double slash": "/{path}",
}


def files(person: str) -> Iterator[Try]:
    """The airlock's own files by their address."""
    for name, path in FILES.items():
        for how, spelling in SPELLINGS.items():

            def act(stage: Stage, path: str = path, spelling: str = spelling) -> Seen:
                full = path.replace("{two}", stage.ids["original"][:2]).replace("{twor}", stage.ids["rebuilt"][:2])
                answer = stage.browser(person).get(AIRLOCK + spelling.format(path=fill(full, stage)))
                return seen(answer, good)

            yield Try(f"{name}{how}", act, {}, "not found", serves_files)


__all__ = ["API", "BLIND", "SECRET_TITLE"]
