"""HTTP as the mirror speaks it: GET and HEAD of plainly written paths, answers with a sentence in the status line.

pip shows its user the sentence of a status line and nothing else of a refusal, so that is where reasons go. No byte of
what a caller sends goes anywhere: a call is a path, and of the headers only `Accept` is looked at.
"""

import logging
import re
import socket
import socketserver
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import h11

log = logging.getLogger(__name__)

MAX_HEAD = 16 * 1024
PIECE = 256 * 1024
IDLE_SECONDS = 30
DRAIN_SECONDS, DRAIN_BYTES = 1.0, 1024 * 1024
CONNECTIONS, CONNECTIONS_EACH = 128, 16
_RAW = re.compile(r"/[A-Za-z0-9._~%+!/-]{0,1000}")
_PATH = re.compile(r"/(?:[A-Za-z0-9_][A-Za-z0-9._+!-]*/)*(?:[A-Za-z0-9_][A-Za-z0-9._+!-]*)?")

OK, BAD, FORBIDDEN, NOT_FOUND, NOT_ALLOWED, UNAVAILABLE = 200, 400, 403, 404, 405, 503


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its path, what kinds of answer it accepts, and the addresses at both ends of the connection."""

    path: str
    accept: str = ""
    near: str = ""
    far: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. `reason` is ASCII; `content` is bytes, or a file that is sent as it is."""

    status: int
    reason: str = ""
    content: bytes | Path = b""
    kind: str = "text/plain; charset=utf-8"
    lasting: bool = False


Handler = Callable[[Call], Answer]


def refusal(status: int, reason: str) -> Answer:
    """A refusal: the sentence in the status line for pip, and in the body for a browser or a person with curl."""
    plain = "".join(c if " " <= c <= "~" else "?" for c in reason)[:400]
    return Answer(status, plain, f"{plain}\n".encode())


def read_path(target: bytes) -> str | None:
    """The path of a request's target, or None if it is anything but plain: no query, no `..`, nothing encoded twice."""
    raw = target.decode("latin-1")
    if not _RAW.fullmatch(raw):
        return None
    path = unquote(raw)
    return path if _PATH.fullmatch(path) else None


class Conversation:
    """One connection: call after call."""

    def __init__(self, sock: socket.socket, handle: Handler, near: str, far: str) -> None:
        self._sock = sock
        self._near, self._far = near, far
        self._handle = handle
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)

    def run(self) -> None:
        """Until the caller leaves, or sends what is not understood."""
        try:
            for request in self._requests():
                self._send(self._answer(request), head=request.method == b"HEAD")
        except h11.RemoteProtocolError:
            self._last(refusal(BAD, "Not HTTP as it is spoken here."))
        except (OSError, h11.LocalProtocolError):
            return
        self._hear_out()

    def _hear_out(self) -> None:
        """Who is still sending would see a broken connection and not the answer: hear a little of it."""
        try:
            self._sock.shutdown(socket.SHUT_WR)
            self._sock.settimeout(DRAIN_SECONDS)
            left = DRAIN_BYTES
            while left > 0 and (heard := len(self._sock.recv(MAX_HEAD))):
                left -= heard
        except OSError:
            return

    def _answer(self, request: h11.Request) -> Answer:
        headers = dict(request.headers)
        if request.method not in (b"GET", b"HEAD"):
            return refusal(NOT_ALLOWED, "Packages can be read here, and nothing can be sent.")
        if headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers:
            return refusal(BAD, "A call has no body here.")
        path = read_path(request.target)
        if path is None:
            return refusal(BAD, "No such path: there is no search here, and a path has no parameters.")
        return self._handle(Call(path, headers.get(b"accept", b"").decode("latin-1"), self._near, self._far))

    def _requests(self) -> Iterator[h11.Request]:
        while True:
            event = self._next()
            if isinstance(event, h11.ConnectionClosed):
                return
            if isinstance(event, h11.Request):
                yield event
                # A body, if there is one, is not read: the connection ends with the answer.
                if not self._ended() or self._http.our_state is not h11.DONE:
                    return
                self._http.start_next_cycle()

    def _ended(self) -> bool:
        if self._http.their_state is h11.SEND_BODY:
            event = self._http.next_event()
            return isinstance(event, h11.EndOfMessage)
        return self._http.their_state is h11.DONE

    def _next(self) -> Any:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            self._http.receive_data(self._sock.recv(MAX_HEAD))

    def _send(self, answer: Answer, *, head: bool = False) -> None:
        if isinstance(answer.content, Path):
            with answer.content.open("rb") as file:
                size = answer.content.stat().st_size
                self._start(answer, size)
                while not head and (piece := file.read(PIECE)):
                    self._sock.sendall(self._http.send(h11.Data(data=piece)) or b"")
        else:
            self._start(answer, len(answer.content))
            if not head and answer.content:
                self._sock.sendall(self._http.send(h11.Data(data=answer.content)) or b"")
        self._sock.sendall(self._http.send(h11.EndOfMessage()) or b"")

    def _start(self, answer: Answer, size: int) -> None:
        headers = [
            ("content-type", answer.kind),
            ("content-length", str(size)),
            ("cache-control", "private, max-age=86400, immutable" if answer.lasting else "no-store"),
            ("x-content-type-options", "nosniff"),
        ]
        response = h11.Response(status_code=answer.status, headers=headers, reason=answer.reason.encode("ascii"))
        self._sock.sendall(self._http.send(response) or b"")

    def _last(self, answer: Answer) -> None:
        try:
            self._send(answer)
        except (OSError, h11.LocalProtocolError):
            return


class MirrorServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Listens on every network of the container. Connections are bounded, in all and for each address."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handle: Handler, context: ssl.SSLContext) -> None:
        self._handle, self._context = handle, context
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()
        super().__init__(address, socketserver.BaseRequestHandler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Talk on one connection."""
        far = client_address[0]
        with self._lock:
            if self._held.total() >= CONNECTIONS or self._held[far] >= CONNECTIONS_EACH:
                return
            self._held[far] += 1
        try:
            request.settimeout(IDLE_SECONDS)
            # Here, in the connection's own thread: one that never ends its handshake keeps nobody else waiting.
            with suppress(OSError), self._context.wrap_socket(request, server_side=True) as sealed:
                Conversation(sealed, self._handle, sealed.getsockname()[0], far).run()
        finally:
            with self._lock:
                self._held[far] -= 1

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class's signature
        """A fault of the mirror's own ends this connection and no other."""
        log.error("a connection ended by a fault", exc_info=True)  # noqa: LOG014 - the base class calls this in a handler
