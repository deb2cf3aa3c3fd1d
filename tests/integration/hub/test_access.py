"""Each row of the hub's table, tried by every caller on a real hub, with ada's server of alpha running."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from jupyterhub import apihandlers, handlers
from jupyterhub.handlers.base import BaseHandler

from access.callers import PEOPLE, Caller, Row
from access.hub import HUB
from integration.hub.stack import PASSWORD, Person, Stack

Callers = dict[Caller, Person | httpx.Client]
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def callers(stack: Stack) -> Iterator[Callers]:
    """Everybody signed in, and the tokens of services and workspaces."""
    found: Callers = {}
    with ExitStack() as open_clients:
        for caller, name in PEOPLE.items():
            found[caller] = person = Person(stack, name)
            open_clients.enter_context(person.http)
            assert person.sign_in().status_code == 200, name
        airlock = (stack.root / "secrets/hub/airlock_token").read_text()
        for caller, secret in ((Caller.WORKSPACE, "none yet"), (Caller.AIRLOCK, airlock), (Caller.STRANGER, "")):
            headers = {"Authorization": f"token {secret}"} if secret else {}
            found[caller] = open_clients.enter_context(
                httpx.Client(base_url=stack.url, timeout=30, headers=headers, verify=stack.trusted)
            )
        ada = found[Caller.SELF]
        assert isinstance(ada, Person)
        if not ada.ready("alpha"):
            ada.start("alpha")
        _enter_workspace(ada, found[Caller.WORKSPACE])
        yield found


def test_every_handler_of_the_hub_is_in_the_table() -> None:
    own = {
        (method.upper(), f"/hub{path}")
        for path, handler, *_ in [*handlers.default_handlers, *apihandlers.default_handlers]
        for method in METHODS
        if getattr(handler, method).__qualname__.split(".")[0] not in ("RequestHandler", BaseHandler.__name__)
    }
    own |= {("GET", "/hub/login"), ("POST", "/hub/login"), ("GET", "/hub/logout")}  # brought by authenticators
    assert own == {(row.method, row.path) for row in HUB}


@pytest.mark.parametrize("row", HUB, ids=lambda row: row.name)
def test_row(callers: Callers, row: Row) -> None:
    wrong = []
    ada = callers[Caller.SELF]
    assert isinstance(ada, Person)
    starts = row.method == "POST" and row.why.startswith("start")
    for caller in sorted(callers, key=lambda c: c is Caller.SELF):  # she comes last: what she may do has an effect
        client = callers[caller]
        if starts and client is ada:
            ada.stop("alpha")
        answer = _call(client, row)
        opened = answer.status_code < 400 and not (_to_sign_in(answer) and row.path != "/hub/logout")
        if opened != (caller in row.allowed):
            wrong.append(f"{caller}: {answer.status_code} {answer.headers.get('location', '')} {_text(answer)}")
    if starts:
        _enter_workspace(ada, callers[Caller.WORKSPACE])
    assert not wrong, "\n".join(wrong)


def _enter_workspace(ada: Person, client: Person | httpx.Client) -> None:
    """Wait for the workspace, and call with the token that it has now."""
    assert isinstance(client, httpx.Client)
    until = time.monotonic() + 60
    while not ada.ready("alpha"):
        assert time.monotonic() < until
        time.sleep(0.2)
    token = ada.stack.inside("ada", "alpha", "printf %s $JUPYTERHUB_API_TOKEN").stdout
    client.headers["Authorization"] = f"token {token}"


def _call(client: Person | httpx.Client, row: Row) -> httpx.Response:
    http = client.http if isinstance(client, Person) else client
    headers = {"X-XSRFToken": client.xsrf()} if isinstance(client, Person) else {}
    more: dict[str, Any] = {"json": row.send or {}} if row.method[0] == "P" else {}
    if row.path == "/hub/login" and isinstance(client, Person):
        more = {"data": {"username": client.name, "password": PASSWORD}}
    with http.stream(row.method, row.example, headers=headers, follow_redirects=False, **more) as answer:
        if "event-stream" not in answer.headers.get("content-type", ""):
            answer.read()  # a stream of progress goes on for as long as a server starts
        return answer


def _text(answer: httpx.Response) -> str:
    if not answer.is_stream_consumed:
        return ""
    title = re.search(r"<title>([^<]*)", answer.text)
    return title[1] if title else answer.text[:100]


def _to_sign_in(answer: httpx.Response) -> bool:
    return answer.status_code == 302 and "/hub/login" in answer.headers["location"]
