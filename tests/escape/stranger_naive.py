"""Twins for what nginx can't be configured into: a front and a back in one small server that read HTTP differently.

The front refuses closed routes as far as it understands what comes; the back reads leniently and believes everything.
What the front lets by and the back understands otherwise is what an attempt tries at the real edge.
"""

import posixpath
import re
import socket
import threading
import time
from urllib.parse import unquote, unquote_to_bytes

CLOSED = ("/user/ben/beta/api", "/hub/api/")
VERSION = b'{"version": "1.2.3"}'
FILES = {
    "/etc/passwd": b"root:x:0:0:", "/srv/ecluse/secrets/airlock/release.key": b"PRIVATE KEY", "/.git/config": b"[core]",
    "/control/ecluse.sqlite": b"SQLite format 3", "/.env": b"SECRET=1", "/etc/ecluse/nginx.conf": b"proxy_pass",
    "/nginx_status": b"Active connections", "/jupyterhub_config.py": b"configure(c)", "/.htpasswd": b"ben:$apr1$",
    "/openapi.json": b'"openapi": "3.1"', "/server-status": b"Apache Server Status", "/proc/self/environ": b"PATH=/",
    "/debug/vars": b"memstats", "/metrics": b"process_cpu_seconds", "/backup.tar.gz": b"\x1f\x8b", "/docs": b"swagger-ui",
}  # fmt: skip
"""What a careless server gives to whoever finds the way to it."""


class Naive:
    """One such server on this machine's loopback. `kind`: how its front measures a body, `length` or `chunked`."""

    def __init__(self, kind: str = "length") -> None:
        self.kind = kind
        self.reached: list[str] = []
        self._names: dict[str, int] = {}
        self._over = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._over.set()
        self._server.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                one = self._server.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._serve, args=(one,), daemon=True).start()

    def _serve(self, one: socket.socket) -> None:
        """Everything that comes within a moment is one stream; slow ones are waited for without end."""
        got = b""
        one.settimeout(None)
        try:
            while part := one.recv(1 << 20):
                got += part
                one.settimeout(0.05 if b"\n\r\n" in got or b"\n\n" in got else None)
        except OSError:
            pass
        try:
            answers, stream = self._front(got)
            while stream:
                answer, stream = self._back(stream)
                answers += answer
            one.sendall(answers)
        except OSError:
            pass
        one.close()

    # -- the front: strict about names, blind for what it does not know ---------------------------------------------

    def _front(self, data: bytes) -> tuple[bytes, bytes]:
        answers, passed = b"", b""
        while b"\r\n\r\n" in data:
            head, _, rest = data.partition(b"\r\n\r\n")
            fields = [line.partition(b": ") for line in head.split(b"\r\n")[1:]]
            named = {k.lower(): v for k, _, v in reversed(fields)}  # the first of two
            target = [*head.split(b"\r\n")[0].split(b" "), b""][1].decode("latin-1").partition("?")[0]
            if self.kind == "chunked" and named.get(b"transfer-encoding") == b"chunked":
                size = rest.find(b"0\r\n\r\n") + 5
            elif named.get(b"upgrade"):  # from here on it only pumps
                return answers, passed + data
            else:
                said = re.match(rb"\d+", named.get(b"content-length", b"0"))
                size = int(said[0]) if said else 0
            if target in CLOSED:
                answers += _answer(b"closed", status=b"403 Forbidden")
            else:
                passed += head + b"\r\n\r\n" + rest[:size]
            data = rest[size:]
        return answers, passed + data

    # -- the back: believes everything ------------------------------------------------------------------------------

    def _back(self, data: bytes) -> tuple[bytes, bytes]:
        match = re.search(rb"\r?\n\r?\n", data)
        if match is None:
            return b"", b""
        head, rest = data[: match.start()], data[match.end() :]
        head = re.sub(rb"\r?\n[ \t]+", b" ", head)  # folded lines
        first, *lines = re.split(rb"\r?\n|\r", head)
        named: dict[str, str] = {}
        for line in lines:  # the last of two; blanks, underscores and other signs do not matter
            key, _, value = line.decode("latin-1").partition(":")
            named[re.sub(r"[^a-z-]", "", key.lower().replace("_", "-"))] = value.strip(" \t\x0b\x00")
        parts = first.decode("latin-1").split() or [""]
        method, target = parts[0], parts[1] if len(parts) > 1 else "/"
        body, rest = self._body(named, rest)
        self.reached.append(target)
        return self._does(method, target, named, body, head), rest

    def _body(self, named: dict[str, str], rest: bytes) -> tuple[bytes, bytes]:
        if self.kind == "length" and "chunked" in named.get("transfer-encoding", "").lower():
            end = rest.find(b"0\r\n\r\n")
            return (rest[:end], rest[end + 5 :]) if end >= 0 else (rest, b"")
        said = re.findall(r"\d+", named.get("content-length", "0"))
        size = int(said[-1]) if said else 0
        return rest[:size], rest[size:]

    def _does(self, method: str, target: str, named: dict[str, str], body: bytes, head: bytes) -> bytes:
        path = target
        while (plain := unquote(path.replace("%c0%af", "/").replace("%u002f", "/"), "latin-1")) != path:
            path = plain
        path = re.sub(r"^https?://[^/]*", "", path).split("#")[0].split("?")[0].split("\0")[0].replace("\\", "/")
        path = posixpath.normpath("/" + re.sub(r";[^/]*", "", path).strip(" .").lower().lstrip("/"))
        if method in ("TRACE", "TRACK", "DEBUG"):
            return _answer(head, kind=b"message/http")
        if method == "CONNECT":
            return _answer(b"tunnel")
        for end, content in FILES.items():
            if path.endswith(end):
                return _answer(content)
        if path.rstrip("/").endswith(("/api", "/routes")):
            return _answer(VERSION)
        who = named.get("x-forwarded-host") or named.get("host", "")
        scheme = named.get("x-forwarded-proto") or named.get("x-scheme") or named.get("forwarded", "http")
        onward = (
            b"\r\nLocation: "
            + f"{scheme}://{who}".encode()
            + unquote_to_bytes(target).replace("嘍嘊".encode(), b"\r\n")
        )
        return self._tells(method, path, named, body) or _answer(b"welcome", more=onward + b"\r\nSet-Cookie: a=b")

    def _tells(self, method: str, path: str, named: dict[str, str], body: bytes) -> bytes:
        """A stack trace for what it can't read, and who exists."""
        if named.get("range", "").count("-") > 2:
            return _answer(b"many parts" * 40, status=b"206 Partial Content", kind=b"multipart/byteranges")
        if "\r" in unquote(path) or "嘍" in path:
            return b""
        if (
            "nosuch" in path
            or b"{bad" in body
            or method not in ("GET", "POST", "PUT", "OPTIONS", "DELETE", "HEAD", "PATCH")
        ):
            return _answer(b'Traceback (most recent call last):\n  File "/opt/app/x.py", line 3', status=b"500 Oops")
        known = next(
            (name for name in ("ben", "alpha-1") if re.search(rf"\b{name}\b", path + body.decode("latin-1"))), ""
        )
        if known and b"password" in body:
            time.sleep(0.15)
        if known:
            return _answer(b"this is there")
        return (
            _answer(b"nobody of that name", status=b"404 Not Found")
            if "nobody" in path + body.decode("latin-1")
            else b""
        )


def _answer(body: bytes, *, status: bytes = b"200 OK", kind: bytes = b"text/plain", more: bytes = b"") -> bytes:
    head = b"HTTP/1.1 " + status + b"\r\nServer: naive/1.2.3\r\nAccess-Control-Allow-Origin: *\r\nContent-Type: " + kind
    return head + more + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body


__all__ = ["FILES", "VERSION", "Naive"]
