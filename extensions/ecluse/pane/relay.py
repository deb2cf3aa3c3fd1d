"""The airlock, for the workspace inside: it has no network and no token, so its calls pass here, each by name.

Worked example: `PUT /services/airlock/api/v1/requests/alpha-1/files?path=km.csv` on the socket goes on to the airlock
with the session's own token; `GET /hub/api/users` gets a 404, and so does every page of the airlock.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.web import Application, RequestHandler, stream_request_body

API = "/services/airlock/api/v1"
_REQUEST = r"/requests/[a-z0-9-]{1,60}"
CALLS: tuple[tuple[str, str], ...] = (
    ("GET", r"/requests"),
    ("POST", r"/requests"),
    ("GET", _REQUEST),
    ("PATCH", _REQUEST),
    ("PUT", _REQUEST + "/files"),
    ("DELETE", _REQUEST + "/files"),
    ("POST", _REQUEST + "/check"),
    ("POST", _REQUEST + "/submit"),
    ("POST", _REQUEST + "/withdraw"),
    ("POST", _REQUEST + "/comments"),
)
"""What the workspace's own export panel calls, and nothing else."""
ANSWER = 16 * 1024 * 1024
LARGEST = 1024 * 1024 * 1024
SECONDS = 600.0
PIECES = 8
BAD_GATEWAY = 502


def let_through(method: str, path: str) -> bool:
    """Whether a call goes on to the airlock."""
    return any(method == m and re.fullmatch(re.escape(API) + p, path) for m, p in CALLS)


@stream_request_body
class Relay(RequestHandler):
    """One call. Bodies go on piece by piece: a file may be larger than this process."""

    SUPPORTED_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

    def initialize(self, airlock: str, token: str, trusted: Path | None, client: AsyncHTTPClient) -> None:
        """Where the airlock is, with what the session proves itself, and who proves the airlock's."""
        self._airlock, self._token, self._trusted, self._client = airlock.rstrip("/"), token, trusted, client
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue(PIECES)

    def check_xsrf_cookie(self) -> None:
        """No browser comes here."""

    def prepare(self) -> None:
        """Begin the call onwards as soon as the head is there."""
        if not let_through(str(self.request.method), self.request.path):
            self.set_status(404)
            self.finish({"error": {"reason": "not-let-through", "message": "No such call passes the pane.", "fix": ""}})
            return
        self._onwards = asyncio.ensure_future(self._client.fetch(self._request(), raise_error=False))

    async def data_received(self, chunk: bytes) -> None:
        """A piece of the body."""
        waiting = asyncio.ensure_future(self._pieces.put(chunk))
        await asyncio.wait((waiting, self._onwards), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    def _request(self) -> HTTPRequest:
        given = self.request.headers
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        for name in ("Content-Type", "Content-Length"):
            if name in given:
                headers[name] = given[name]
        query = f"?{self.request.query}" if self.request.query else ""
        return HTTPRequest(
            self._airlock.removesuffix("/services/airlock") + self.request.path + query,
            method=str(self.request.method),
            headers=headers,
            body_producer=self._produce if "Content-Length" in given else None,  # type: ignore[arg-type]  # it is awaited
            request_timeout=SECONDS,
            ca_certs=None if self._trusted is None else str(self._trusted),
            follow_redirects=False,
            decompress_response=False,
            allow_nonstandard_methods=True,
        )

    async def _produce(self, write: Callable[[bytes], Awaitable[None]]) -> None:
        while (piece := await self._pieces.get()) is not None:
            await write(piece)

    async def _answer(self, *_: Any) -> None:
        if not self._onwards.done():
            end = asyncio.ensure_future(self._pieces.put(None))
            await asyncio.wait((end, self._onwards), return_when=asyncio.FIRST_COMPLETED)
        try:
            found = await self._onwards
        except (OSError, Exception):  # noqa: BLE001 - whatever it was, the airlock gave no answer
            self.set_status(BAD_GATEWAY)
            self.finish({})
            return
        self.set_status(found.code)
        self.set_header("Content-Type", found.headers.get("Content-Type", "application/json"))
        self.finish(found.body or b"")

    get = post = put = patch = delete = _answer


def relay(airlock: str, token: str, trusted: Path | None = None) -> Application:
    """The calls as an application, to be served on the socket that the workspace sees. `trusted`: authorities (PEM)."""
    client = SimpleAsyncHTTPClient(force_instance=True, max_clients=8, max_body_size=ANSWER)
    return Application([(r".*", Relay, {"airlock": airlock, "token": token, "trusted": trusted, "client": client})])
