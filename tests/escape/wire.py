"""A socket file to speak HTTP to: the engine's, the gate's, or one that only notes what it is asked."""

import http.client
import json
import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class _Connection(http.client.HTTPConnection):
    def __init__(self, file: Path) -> None:
        super().__init__("docker", timeout=60)
        self._file = str(file)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self._file)


@dataclass(frozen=True)
class Answer:
    """A status and a body."""

    status: int
    body: bytes

    @property
    def good(self) -> bool:
        """Whether what was asked was done; 101 is a connection taken over."""
        return self.status < 300

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body or b"null")

    def __str__(self) -> str:
        try:
            text = str(self.json()["message"])
        except (ValueError, KeyError, TypeError):
            text = self.body[:60].decode("ascii", "replace")
        return f"{self.status} {text.strip()[:140]}".replace("\n", " ")


@dataclass(frozen=True)
class Wire:
    """One socket file."""

    file: Path

    def ask(
        self, method: str, target: str, body: Any = None, headers: Mapping[str, str] | None = None, **query: str
    ) -> Answer:
        """Make a call; one redirection of the engine's is followed, as a client would."""
        from urllib.parse import urlencode

        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if data is not None else {}
        target += f"?{urlencode(query)}" if query else ""
        for _ in range(2):
            connection = _Connection(self.file)
            try:
                connection.request(method, target, data, {**kind, **(headers or {})})
                answer = connection.getresponse()
                target = answer.headers.get("Location", "")
                content = b"" if answer.status == 101 else answer.read()
                if answer.status not in (301, 307, 308):
                    return Answer(answer.status, content)
            finally:
                connection.close()
        return Answer(answer.status, content)

    def raw(self, data: bytes) -> bytes:
        """Send bytes as they are; everything that comes back."""
        with socket.socket(socket.AF_UNIX) as caller:
            caller.settimeout(10)
            caller.connect(str(self.file))
            caller.sendall(data)
            caller.shutdown(socket.SHUT_WR)
            got = b""
            try:
                while part := caller.recv(65536):
                    got += part
            except (TimeoutError, ConnectionResetError):
                pass
            return got


@dataclass
class Noting:
    """Stands for an engine behind a gate without a table: does nothing, answers 200 to whatever reaches it.

    For what must not be done to an engine that others use (a swarm, a plugin, a pull): the attempt is sound if the call
    reaches the engine's side as it was meant.
    """

    reached: list[str] = field(default_factory=list)


@contextmanager
def noting(folder: Path) -> Iterator[Wire]:
    """Such an engine, listening."""
    noted = Noting()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline().decode("ascii", "replace").strip()
            length = 0
            while header := self.rfile.readline().strip().lower():
                if header.startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            self.rfile.read(length)
            noted.reached.append(line)
            text = json.dumps({"message": f"reached the engine: {line}"}).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n"
            self.wfile.write(head.encode() + text)

    class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True

    file = folder / "noting.sock"
    with Server(str(file), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Wire(file)
        server.shutdown()
        thread.join()
