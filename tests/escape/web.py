"""Attempts from a browser or by plain sockets: the same call at the real address and at its twin's."""

import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from escape.attempt import Seen

Through = Callable[[httpx.Response], bool]


def good(answer: httpx.Response) -> bool:
    """Whether what was asked was done."""
    return answer.is_success


def done(answer: httpx.Response) -> bool:
    """Whether it was done: a page, or the way back from a form that was taken."""
    onward = answer.headers.get("location", "")
    return answer.is_success or (answer.status_code == httpx.codes.SEE_OTHER and "login" not in onward)


def holds(*words: str) -> Through:
    """Whether it was answered, and the answer holds one of these."""
    return lambda answer: answer.status_code < httpx.codes.BAD_REQUEST and any(w in answer.text for w in words)


@dataclass(frozen=True)
class Call:
    """One call. What names a place that differs between the real thing and a twin is filled in from `values`."""

    method: str
    path: str
    through: Through = good
    more: Mapping[str, Any] = field(default_factory=dict)

    def make(self, browser: httpx.Client, values: Mapping[str, str] = {}) -> Seen:
        """Make it."""
        more = _filled(dict(self.more), values)
        answer = browser.request(self.method, _filled(self.path, values), **more)
        return seen(answer, self.through)


def seen(answer: httpx.Response, through: Through = good) -> Seen:
    """What an answer means."""
    to = answer.headers.get("location", "")
    text = f" → {to[:60]}" if to else f" {_line(answer)}"
    return Seen(through=through(answer), what=f"{answer.status_code}{text}".strip())


def _line(answer: httpx.Response) -> str:
    if "text/html" in answer.headers.get("content-type", ""):
        return "a page"
    text = answer.text[:100]
    try:
        found = answer.json()
        found = found.get("error", found)
        text = str(found.get("message", text) if isinstance(found, dict) else found)[:100]
    except (ValueError, AttributeError):
        pass
    return "".join(c if c.isprintable() and c != "\ufffd" else " " for c in text).strip()


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for name, found in values.items():
            value = value.replace("{" + name + "}", found)
        return value
    if isinstance(value, dict):
        return {k: _filled(v, values) for k, v in value.items()}
    return value


def raw(url: str, data: bytes, trusted: ssl.SSLContext | bool = True, seconds: float = 4, name: str = "") -> bytes:
    """Send bytes as they are to an address, over TLS if it says so; everything that comes back.

    `name`: whom the certificate is for, if that is not the address.
    """
    parts = urlsplit(url)
    got = b""
    line = socket.create_connection((str(parts.hostname), int(parts.port or 80)), seconds)
    if isinstance(trusted, ssl.SSLContext) and parts.scheme == "https":
        line = trusted.wrap_socket(line, server_hostname=name or parts.hostname)
    with line:
        line.settimeout(seconds)
        try:
            line.sendall(data)
            while part := line.recv(65536):
                got += part
        except (TimeoutError, ConnectionError, ssl.SSLError):
            pass
    return got
