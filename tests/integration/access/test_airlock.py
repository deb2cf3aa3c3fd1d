"""Each row of the airlock's table, tried by every caller on the real application; the hub is one in memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from access.airlock import AIRLOCK, AirlockRow
from access.callers import PEOPLE, WORKSPACES, Caller
from ecluse.airlock.app import create_app
from ecluse.airlock.people import COOKIE
from ecluse.airlock.settings import BASE, read_settings
from factories import Enclave, enclave
from fake_hub import FakeHub
from policies import FILES

ROLES = {
    **dict.fromkeys(("ada", "lea", "ben"), "researcher"),
    "mem": "researcher, reviewer",
    **dict.fromkeys(("rev", "ria"), "reviewer"),
    **dict.fromkeys(("con", "cor"), "controller"),
    "man": "data-manager",
    "admin": "administrator",
    "aud": "auditor",
}
PERSON = "  {0}: {{name: {0}, roles: [{1}], trained_until: 2027-12-31, terms_accepted: 2026-01-01}}\n"
CLAIMS = FILES["datasets/claims.yaml"]
CHANGES = {
    "people.yaml": "people:\n" + "".join(PERSON.format(*item) for item in ROLES.items()),
    "datasets/stays.yaml": CLAIMS.replace("id: claims", "id: stays").replace("controller: con", "controller: cor"),
    "projects/alpha.yaml": FILES["projects/alpha.yaml"].replace(
        "{ada: lead, mem: researcher}", "{lea: lead, ada: researcher, mem: researcher}"
    ),
    "projects/beta.yaml": FILES["projects/beta.yaml"].replace("  claims:", "  stays:"),
}


class World:
    """A running airlock with ada's request in it."""

    def __init__(self, lock: Enclave, hub: FakeHub, app: FastAPI) -> None:
        self.lock, self.hub, self.app = lock, hub, app

    async def call(self, row: AirlockRow, caller: Caller, request_id: str) -> httpx.Response:
        """Call a route about ada's request."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            csrf = await self._enter(client, caller)
            path = (row.example or row.path).format(request_id=request_id, release_id=f"r-{request_id}")
            more = self._body(row, request_id, csrf)
            return await client.request(row.method, path, **more)

    async def _enter(self, client: httpx.AsyncClient, caller: Caller) -> str:
        if caller in WORKSPACES:
            client.headers["Authorization"] = f"Bearer {self.hub.workspace(*WORKSPACES[caller])}"
        elif caller is Caller.AIRLOCK:
            client.headers["Authorization"] = "Bearer hub-token-of-the-airlock"
        elif caller in PEOPLE:
            self.hub.signs_in = PEOPLE[caller]
            answer = await client.get(f"{BASE}/")
            back = self.hub.visit(answer.headers["location"])
            await client.get(f"{BASE}/oauth_callback", params=back)
            session = await self.app.state.doors.session(client.cookies[COOKIE])
            return str(session.csrf)
        return ""

    def _body(self, row: AirlockRow, request_id: str, csrf: str) -> dict[str, Any]:
        if row.path.endswith("/files"):
            params = {"path": "km.csv", "what": "table", "population": "460 adults"}
            return {"params": params, **({"content": row.send} if row.send else {})}
        if row.path.endswith("/preview"):
            file = self.lock.get(request_id).file("km.csv")
            assert file is not None
            assert file.report is not None
            assert file.report.rebuilt is not None
            return {"params": {"path": "km.csv", "sha256": file.report.rebuilt.sha256}}
        if "/api/" in row.path:
            return {"json": row.send} if row.send else {}
        if row.method == "POST":
            return {"data": {**row.send, "content": self.lock.get(request_id).content, "csrf": csrf}}
        return {}


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A fresh one."""
    with enclave(folder, **CHANGES) as lock:
        hub = FakeHub()
        app = create_app(read_settings({"ECLUSE_ROOT": str(folder)}), hub=hub, clock=lock.clock)
        yield World(lock, hub, app)


def test_every_route_of_the_airlock_is_in_the_table(tmp_path: Path) -> None:
    with enclave(tmp_path):
        app = create_app(read_settings({"ECLUSE_ROOT": str(tmp_path)}), hub=FakeHub())
    routes = list(iter_route_contexts(app.routes))
    assert all(isinstance(r.original_route, APIRoute) for r in routes)
    served = {(method, r.path) for r in routes for method in set(r.methods or ()) - {"HEAD"}}
    assert served == {(row.method, row.path) for row in AIRLOCK}


@pytest.mark.parametrize("row", AIRLOCK, ids=lambda row: row.name)
async def test_row(tmp_path: Path, row: AirlockRow) -> None:
    with world(tmp_path / "denied") as shared:
        request_id = shared.lock.request_at(row.state)
        before = shared.lock.get(request_id)
        for caller in [c for c in Caller if c not in row.allowed]:
            denied(await shared.call(row, caller, request_id), caller)
        assert shared.lock.get(request_id) == before
    callers = [c for c in Caller if c in row.allowed]
    for group in [callers] if row.method == "GET" else [[c] for c in callers]:
        with world(tmp_path / f"for {group[:1]}") as own:
            request_id = own.lock.request_at(row.state)
            for caller in group:
                allowed(await own.call(row, caller, request_id), caller)


def denied(answer: httpx.Response, caller: Caller) -> None:
    """Refused, or sent to sign in, with nothing of the request."""
    to_sign_in = answer.status_code == 302 and "authorize" in answer.headers["location"]
    assert to_sign_in or answer.status_code in (401, 403, 404), (caller, answer.status_code, answer.text)
    assert "460 adults" not in answer.text


def allowed(answer: httpx.Response, caller: Caller) -> None:
    """Done, and not by being sent to sign in."""
    assert answer.status_code < 400, (caller, answer.status_code, answer.text)
    assert "authorize" not in answer.headers.get("location", "")
