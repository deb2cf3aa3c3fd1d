"""HTTP over a Unix socket, read narrowly: what is not needed to say a plain call is refused before anybody decides.

No byte that a caller sent goes on to the engine: a call is understood here, and the gate makes calls of its own. So
smuggled headers, second requests in a body and clever paths have nothing to be smuggled into.
"""

import json
import logging
import re
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import h11

from ecluse.rules.outcome import Reason, Refused

log = logging.getLogger(__name__)

MAX_HEAD = 16 * 1024
MAX_BODY = 64 * 1024
IDLE_SECONDS = 300
DRAIN_SECONDS, DRAIN_BYTES = 1.0, 1024 * 1024
CONNECTIONS = 64
HEADERS = {b"host", b"user-agent", b"accept", b"accept-encoding", b"connection", b"content-length", b"content-type"}
_PATH = re.compile(r"(?:/[A-Za-z0-9_][A-Za-z0-9_.:@-]*)+")
_QUERY = re.compile(r"[A-Za-z0-9_.:%=&+~-]*")

NO_CONTENT, BAD, FORBIDDEN, TOO_LARGE = 204, 400, 403, 413


class TurnedDownError(Exception):
    """A call that is not let through. `status` is what the caller sees."""

    def __init__(self, status: int, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.refused = Refused(reason, message)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: path without query, parameters (each once), body as it came."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. Bytes go as they are, anything else as JSON; None is no content."""

    status: int = 200
    content: Any = None

    def encoded(self) -> tuple[bytes, bytes]:
        """Content type and bytes."""
        if isinstance(self.content, bytes):
            return b"application/vnd.docker.raw-stream", self.content
        return b"application/json", b"" if self.content is None else json.dumps(self.content).encode()


Handler = Callable[[Call], Answer]
Turned = Callable[[str, Refused], None]


def refused(message: str, status: int = BAD) -> TurnedDownError:
    """A call that is not even well-formed enough to be decided on."""
    return TurnedDownError(status, Reason.NOT_LET_THROUGH, message)


def read_head(request: h11.Request) -> Call:
    """Method, path and parameters of a request.

    Raises:
        TurnedDownError: the request is anything but plain.
    """
    names = [name for name, _ in request.headers]
    if len(set(names)) != len(names):
        raise refused("a header was given twice")
    if strange := {n for n in names if n not in HEADERS}:
        raise refused(f"header not let through: {min(strange).decode('ascii', 'replace')}")
    headers = dict(request.headers)
    if headers.get(b"connection", b"keep-alive").lower() not in (b"keep-alive", b"close"):
        raise refused("the connection is not to be upgraded")
    path, mark, query = request.target.decode("ascii", "replace").partition("?")
    if not _PATH.fullmatch(path) or not _QUERY.fullmatch(query):
        raise refused("the path is not written plainly")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=20) if query else []
    except ValueError:
        raise refused("the parameters can't be read") from None
    if len(dict(pairs)) != len(pairs) or (mark and not query):
        raise refused("a parameter was given twice, or none at all")
    return Call(request.method.decode("ascii"), path, dict(pairs))


def read_json(body: bytes) -> dict[str, Any]:
    """A JSON object, read strictly: no key twice (parsers differ on which one holds), no NaN, nothing after it.

    Raises:
        TurnedDownError: it is not that.
    """
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
        # A lone surrogate is no character, and Go reads it as another one.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise refused(f"the body is not plain JSON: {type(error).__name__}") from None
    if not isinstance(value, dict):
        raise refused("the body is not a JSON object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key was given twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


class Conversation:
    """One connection: call after call, each read whole before it is decided on."""

    def __init__(self, sock: socket.socket, handle: Handler, turned: Turned) -> None:
        self._sock = sock
        self._handle = handle
        self._turned = turned
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)

    def run(self) -> None:
        """Until the caller leaves, or sends what is not let through."""
        said = "a request that can't be read"
        try:
            for request in self._requests():
                said = f"{request.method.decode('ascii')} {request.target.decode('ascii', 'replace')}"
                call = read_head(request)
                body = self._body()
                self._send(self._handle(Call(call.method, call.path, call.query, body)))
                said = "a request that can't be read"
        except TurnedDownError as error:
            self._turned(said, error.refused)
            self._close_with(error.status, error.refused)
        except h11.RemoteProtocolError as error:
            why = Refused(Reason.NOT_LET_THROUGH, f"not HTTP as it is spoken here: {error}")
            self._turned(said, why)
            self._close_with(BAD, why)
        except OSError:
            return

    def _requests(self) -> Iterator[h11.Request]:
        while True:
            event = self._next()
            if isinstance(event, h11.Request):
                yield event
                if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                    return
                self._http.start_next_cycle()
            elif isinstance(event, h11.ConnectionClosed):
                return

    def _next(self) -> Any:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            self._http.receive_data(self._sock.recv(MAX_HEAD))

    def _body(self) -> bytes:
        body = bytearray()
        while not isinstance(event := self._next(), h11.EndOfMessage):
            if not isinstance(event, h11.Data):
                raise refused("the request broke off")
            body += event.data
            if len(body) > MAX_BODY:
                raise refused(f"the body is longer than {MAX_BODY} bytes", TOO_LARGE)
        return bytes(body)

    def _send(self, answer: Answer, *, last: bool = False) -> None:
        kind, content = answer.encoded()
        headers = [(b"content-length", str(len(content)).encode())] if content or answer.status != NO_CONTENT else []
        if content:
            headers.append((b"content-type", kind))
        if last:
            headers.append((b"connection", b"close"))
        out = [
            self._http.send(h11.Response(status_code=answer.status, headers=headers)),
            self._http.send(h11.Data(data=content)) if content else b"",
            self._http.send(h11.EndOfMessage()),
        ]
        self._sock.sendall(b"".join(part or b"" for part in out))

    def _close_with(self, status: int, why: Refused) -> None:
        content = {"message": f"refused by the gate: {why.message}", "reason": why.reason}
        try:
            self._send(Answer(status, content), last=True)
            # Who is still sending would see a broken connection and not the answer: hear a little of it out.
            self._sock.shutdown(socket.SHUT_WR)
            self._sock.settimeout(DRAIN_SECONDS)
            left = DRAIN_BYTES
            while left > 0 and (heard := len(self._sock.recv(MAX_BODY))):
                left -= heard
        except (OSError, h11.LocalProtocolError):
            return


class GateServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """Listens on a socket file that the hub's group may use."""

    daemon_threads = True
    request_queue_size = 32

    def __init__(self, file: Path, handle: Handler, turned: Turned, *, mode: int = 0o660) -> None:
        self._handle = handle
        self._turned = turned
        self._free = threading.Semaphore(CONNECTIONS)
        file.unlink(missing_ok=True)
        super().__init__(str(file), socketserver.BaseRequestHandler)
        file.chmod(mode)

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class's signature
        """Talk on one connection."""
        if not self._free.acquire(blocking=False):
            return
        try:
            request.settimeout(IDLE_SECONDS)
            Conversation(request, self._handle, self._turned).run()
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - as above
        """A fault of the gate's own ends this connection and no other."""
        log.error("a connection ended by a fault", exc_info=True)  # noqa: LOG014 - the base class calls this in a handler
