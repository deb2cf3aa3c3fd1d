"""The airlock's calls from inside: those of the export panel pass with the pane's token, nothing else does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets, bind_unix_socket
from tornado.web import Application, RequestHandler

from ecluse.pane.relay import API, CALLS, let_through, relay


class Airlock(RequestHandler):
    seen: ClassVar[list[dict[str, Any]]] = []

    def check_xsrf_cookie(self) -> None:
        pass

    def _note(self) -> None:
        request = self.request
        self.seen.append(
            {"method": request.method, "uri": request.uri, "size": len(request.body), "headers": dict(request.headers)}
        )
        self.set_status(409 if "refuse" in request.path else 200)
        self.set_header("Set-Cookie", "a=b")
        self.finish({"id": "alpha-1"})

    get = post = put = patch = delete = _note


@pytest.fixture
async def inside(tmp_path: Path) -> Iterator[httpx.AsyncClient]:
    """The client of the workspace; what it calls, the airlock notes in `Airlock.seen`."""
    Airlock.seen.clear()
    [socket] = bind_sockets(0, "127.0.0.1")
    airlock = HTTPServer(Application([(r".*", Airlock)]), max_body_size=64 * 2**20)
    airlock.add_socket(socket)
    server = HTTPServer(relay(f"http://127.0.0.1:{socket.getsockname()[1]}/services/airlock", "token-of-the-pane"))
    server.add_socket(bind_unix_socket(str(tmp_path / "airlock.sock")))
    transport = httpx.AsyncHTTPTransport(uds=str(tmp_path / "airlock.sock"))
    async with httpx.AsyncClient(transport=transport, base_url="http://inside", timeout=20) as client:
        yield client
    for one in (server, airlock):
        one.stop()
        await one.close_all_connections()


async def test_calls_of_the_export_panel_pass_with_the_panes_token(inside: httpx.AsyncClient) -> None:
    headers = {"Authorization": "Bearer made-up", "Cookie": "x=y", "X-Forwarded-For": "1.2.3.4"}
    body = b"x" * 3_000_000
    answer = await inside.put(f"{API}/requests/alpha-1/files?path=km.csv", content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"id": "alpha-1"})
    assert "set-cookie" not in answer.headers
    [seen] = Airlock.seen
    assert (seen["method"], seen["size"]) == ("PUT", len(body))
    assert seen["uri"] == f"{API}/requests/alpha-1/files?path=km.csv"
    assert seen["headers"]["Authorization"] == "Bearer token-of-the-pane"
    assert not {"Cookie", "X-Forwarded-For"} & set(seen["headers"])
    assert (await inside.get(f"{API}/requests")).status_code == 200
    assert (await inside.post(f"{API}/requests", json={"title": "t"})).status_code == 200
    assert (await inside.post(f"{API}/requests/refuse-1/submit", json={})).status_code == 409
    assert [s["method"] for s in Airlock.seen] == ["PUT", "GET", "POST", "POST"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/services/airlock/"),
        ("GET", "/services/airlock/requests/alpha-1/preview"),
        ("GET", "/services/airlock/static/ecluse.css"),
        ("GET", "/hub/api/users"),
        ("POST", "/hub/api/users/ada/activity"),
        ("GET", f"{API}/requests/../../../hub/api"),
        ("GET", f"{API}/requests/alpha-1/files"),
        ("PUT", f"{API}/requests"),
        ("POST", f"{API}/requests/alpha-1/vote"),
        ("GET", f"{API}//requests"),
    ],
)
async def test_nothing_else_passes(inside: httpx.AsyncClient, method: str, path: str) -> None:
    assert not let_through(method, path)
    answer = await inside.request(method, path, content=b"{}" if method in ("PUT", "POST") else None)
    assert answer.status_code == 404
    assert Airlock.seen == []


async def test_airlock_that_is_away_is_a_bad_gateway(tmp_path: Path) -> None:
    server = HTTPServer(relay("http://127.0.0.1:9/services/airlock", "token"))
    server.add_socket(bind_unix_socket(str(tmp_path / "airlock.sock")))
    transport = httpx.AsyncHTTPTransport(uds=str(tmp_path / "airlock.sock"))
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
        assert (await client.get(f"{API}/requests")).status_code == 502
        assert (await client.put(f"{API}/requests/a-1/files?path=x", content=b"x" * 2_000_000)).status_code == 502
    server.stop()


def test_every_call_is_one_of_the_airlocks_api() -> None:
    from ecluse.airlock.api import router

    routes = {(m, r.path.removeprefix(API)) for r in router.routes for m in getattr(r, "methods", ())}
    ours = {(m, p.replace(r"[a-z0-9-]{1,60}", "{request_id}")) for m, p in CALLS}
    assert ours == routes
