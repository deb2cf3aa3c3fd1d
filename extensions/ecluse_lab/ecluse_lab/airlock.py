"""The way to the airlock: one configured address, the server's own token, and errors that people can act on.

Worked example: the airlock answers `409 {"error": {"reason": "already-open", "message": …, "fix": …}}`; `call` raises
`RefusedError(409, "already-open", …)` with the same sentences. If nothing listens, it raises
`RefusedError(502, "airlock-unreachable", …)`. The token is in no message, no log line and no answer.
"""

import json
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode, urlsplit

from anyio.to_thread import run_sync
from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest, HTTPResponse
from tornado.httputil import HTTPHeaders
from tornado.iostream import StreamClosedError
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError, SimpleAsyncHTTPClient
from traitlets import Float, Int, Unicode, default
from traitlets.config import LoggingConfigurable

from .errors import RefusedError

_ANSWER_BYTES = 16 * 1024 * 1024
_CHUNK = 256 * 1024
_DONE, _REFUSED = 2, 4  # families of HTTP statuses
_PROXY = {502, 503, 504}  # what a proxy answers while the airlock is away
_ASK = "Ask the administrators, and say when it happened."


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way: what to send, how much of it, and whom to tell how far it is."""

    file: BinaryIO
    size: int
    progress: Callable[[int], Awaitable[None]]


class Airlock(LoggingConfigurable):
    """Calls of the airlock's API v1 (docs/reference/contracts.md)."""

    url = Unicode(help="Address of the airlock; by default ECLUSE_AIRLOCK_URL.").tag(config=True)
    trusted = Unicode(help="Who proves the airlock's certificate; by default JUPYTERHUB_SSL_CLIENT_CA.").tag(
        config=True
    )
    connect_seconds = Float(5.0, help="How long to wait for a connection.").tag(config=True)
    answer_seconds = Float(30.0, help="How long to wait for an answer.").tag(config=True)
    upload_seconds = Float(600.0, help="How long one file may take.").tag(config=True)
    connections = Int(8, help="Calls at the same time.").tag(config=True)

    @default("url")
    def _default_url(self) -> str:
        return os.environ.get("ECLUSE_AIRLOCK_URL", "")

    @default("trusted")
    def _default_trusted(self) -> str:
        return os.environ.get("JUPYTERHUB_SSL_CLIENT_CA", "")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # An own client: the shared one may follow a proxy from the environment or have other limits.
        self._client: AsyncHTTPClient = SimpleAsyncHTTPClient(
            force_instance=True, max_clients=self.connections, max_body_size=_ANSWER_BYTES
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def configured(self) -> bool:
        """Whether there is an address and a token."""
        try:
            self._address(())
            self._token()
        except RefusedError:
            return False
        return True

    async def call(
        self, method: str, *parts: str, query: dict[str, str] | None = None, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """One call; gives the JSON object of the answer ({} if it has none). Raises `RefusedError`."""
        content = None if body is None else json.dumps(body).encode()
        if content is None and method in {"POST", "PUT", "PATCH"}:
            content = b"{}"
        return await self._fetch(method, parts, query, seconds=self.answer_seconds, body=content)

    async def upload(self, parts: tuple[str, ...], query: dict[str, str], upload: Upload) -> dict[str, Any]:
        """PUT the bytes of a file, in pieces as they are read. Raises `RefusedError`."""

        async def produce(write: Callable[[bytes], Awaitable[None]]) -> None:
            sent = 0
            while sent < upload.size:
                piece = await run_sync(upload.file.read, min(_CHUNK, upload.size - sent))
                if not piece:
                    raise RefusedError(
                        409, "unknown-file", "The file became shorter while it was sent.", "Send it again."
                    )
                await write(piece)
                sent += len(piece)
                await upload.progress(sent)

        return await self._fetch("PUT", parts, query, seconds=self.upload_seconds, size=upload.size, producer=produce)

    def _token(self) -> str:
        token = os.environ.get("JUPYTERHUB_API_TOKEN", "")
        if not token:
            raise RefusedError(503, "airlock-unset", "This workspace has no token for the airlock.", _ASK)
        return token

    def _address(self, parts: tuple[str, ...], query: dict[str, str] | None = None) -> str:
        base = urlsplit(self.url)
        if base.scheme not in {"http", "https"} or not base.hostname or base.username or base.query or base.fragment:
            raise RefusedError(503, "airlock-unset", "This workspace has no address of an airlock.", _ASK)
        path = "/".join(quote(part, safe="") for part in ("api", "v1", *parts))
        return f"{self.url.rstrip('/')}/{path}" + (f"?{urlencode(query)}" if query else "")

    async def _fetch(
        self,
        method: str,
        parts: tuple[str, ...],
        query: dict[str, str] | None,
        *,
        seconds: float,
        body: bytes | None = None,
        size: int | None = None,
        producer: Callable[[Callable[[bytes], Awaitable[None]]], Awaitable[None]] | None = None,
    ) -> dict[str, Any]:
        headers = HTTPHeaders({"Authorization": f"Bearer {self._token()}", "Accept": "application/json"})
        headers["Content-Type"] = "application/octet-stream" if producer else "application/json"
        if size is not None:
            headers["Content-Length"] = str(size)
        request = HTTPRequest(
            self._address(parts, query),
            method=method,
            headers=headers,
            body=body,
            body_producer=producer,  # type: ignore[arg-type]  # tornado awaits it; its annotation says Future
            connect_timeout=self.connect_seconds,
            request_timeout=seconds,
            follow_redirects=False,  # the token goes to the configured address and nowhere else
            decompress_response=False,
            allow_nonstandard_methods=True,
            ca_certs=self.trusted or None,
        )
        try:
            response = await self._client.fetch(request, raise_error=False)
        except (HTTPTimeoutError, HTTPStreamClosedError, StreamClosedError, HTTPError, OSError) as error:
            raise self._unreachable(error) from None
        return _answer(response)

    def _unreachable(self, error: Exception) -> RefusedError:
        self.log.warning("The airlock can't be reached: %s", type(error).__name__)
        if isinstance(error, HTTPTimeoutError):
            return RefusedError(
                504, "airlock-timeout", "The airlock did not answer in time.", "Wait a minute, then try again."
            )
        return _away()


def _away() -> RefusedError:
    return RefusedError(
        502,
        "airlock-unreachable",
        "The airlock can't be reached.",
        "Your files are safe in the workspace. Try again in a minute; if it stays so, tell the administrators.",
    )


def _answer(response: HTTPResponse) -> dict[str, Any]:
    """The answer's JSON object; the airlock's own refusal for 4xx; a plain sentence for anything else."""
    try:
        value = json.loads(response.body) if response.body else {}
    except ValueError:
        value = None
    family = response.code // 100
    if family == _DONE and isinstance(value, dict):
        return value
    error = value.get("error") if isinstance(value, dict) else None
    if family == _REFUSED and isinstance(error, dict):
        reason, message, fix = (str(error.get(key) or "") for key in ("reason", "message", "fix"))
        raise RefusedError(response.code, reason or "refused", message or "The airlock refused this.", fix)
    if response.code in {401, 403}:
        raise RefusedError(
            403, "airlock-token", "The airlock does not accept this workspace's token.", "Restart the workspace."
        )
    if response.code in _PROXY:
        raise _away()
    raise RefusedError(502, "airlock-answer", f"The airlock could not do this (status {response.code}).", _ASK)
