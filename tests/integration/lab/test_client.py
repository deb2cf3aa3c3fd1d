"""The channels of a kernel, opened as the Lab opens them: again where the proxy could not reach the server."""

import contextlib
import socket
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from websockets.exceptions import InvalidMessage, InvalidStatus
from websockets.sync.client import connect

sys.path.insert(0, str(Path(__file__).parents[3] / "deploy"))

import client

UNREACHED = b"HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n"
"""What configurable-http-proxy says to a websocket when its target does not answer: no reason, so no whole message."""
BUSY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr(client, "WAITS", (0.0, 0.0))


@contextlib.contextmanager
def answering(*answers: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives these answers, one to a connection; its address and what it was asked."""
    asked: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        for answer in answers:
            with contextlib.suppress(OSError), listening.accept()[0] as connection:
                asked.append(connection.recv(65536))
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield f"ws://127.0.0.1:{listening.getsockname()[1]}", asked
        thread.join(5)


@pytest.mark.parametrize("failure", [UNREACHED, BUSY, b""])
def test_what_stands_before_the_server_may_fail_for_a_moment(failure, capsys):
    with answering(failure, failure, FORBIDDEN) as (url, asked), pytest.raises(InvalidStatus, match="403"):
        client._opened(partial(connect, url))
    assert len(asked) == 3
    assert capsys.readouterr().err.count("no channel yet: ") == 2


def test_refusal_is_not_asked_twice():
    with answering(FORBIDDEN) as (url, asked), pytest.raises(InvalidStatus, match="403"):
        client._opened(partial(connect, url))
    assert len(asked) == 1


def test_failure_that_stays_is_told():
    with answering(*[UNREACHED] * 3) as (url, asked), pytest.raises(InvalidMessage) as told:
        client._opened(partial(connect, url))
    assert len(asked) == 3
    assert "HTTP/1.1 503" in str(told.value.__cause__)
