"""Only GET and HEAD of plain paths get through, and a refusal's sentence stands where pip shows it."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from ecluse.mirror.wire import Answer, Call, Conversation, read_path, refusal

Talk = Callable[..., tuple[str, list[Call]]]


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    """Send bytes on a connection; the whole answer, and the calls that were decided on."""
    file = tmp_path / "file"
    file.write_bytes(b"wheel")

    def send(*parts: bytes) -> tuple[str, list[Call]]:
        ours, theirs = socket.socketpair()
        calls: list[Call] = []

        def handle(call: Call) -> Answer:
            calls.append(call)
            if call.path == "/no":
                return refusal(403, "Not allowed.\r\nX-Forged: 1 é")
            return Answer(200, content=file, lasting=True) if call.path == "/file" else Answer(200, content=b"page")

        with ours, theirs:
            for part in parts:
                ours.sendall(part)
            ours.shutdown(socket.SHUT_WR)
            Conversation(theirs, handle, "10.0.0.2", "10.0.0.5").run()
            theirs.close()
            answer = b"".join(iter(lambda: ours.recv(65536), b""))
        return answer.decode(), calls

    return send


def test_calls_are_answered_one_after_the_other(talk: Talk) -> None:
    host = b"HTTP/1.1\r\nHost: mirror\r\n"
    answer, calls = talk(
        b"GET /simple/a/ " + host + b"Accept: text/html\r\nCookie: secret\r\n\r\n",
        b"HEAD /file " + host + b"\r\nGET /file " + host + b"\r\n",
    )
    assert answer.count("HTTP/1.1 200") == 3
    assert answer.count("wheel") == 1
    assert answer.count("content-length: 5") == 2
    assert calls[0] == Call("/simple/a/", "text/html", "10.0.0.2", "10.0.0.5")


def test_refusal_is_said_in_the_status_line_and_forges_no_header(talk: Talk) -> None:
    answer, _ = talk(b"GET /no HTTP/1.1\r\nHost: mirror\r\n\r\n")
    assert answer.splitlines()[0] == "HTTP/1.1 403 Not allowed.??X-Forged: 1 ?"
    assert "no-store" in answer
    assert not [line for line in answer.splitlines() if line.startswith("X-Forged")]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST /legacy/ HTTP/1.1\r\nHost: m\r\nContent-Length: 4\r\n\r\ndata", 405),
        (b"PUT /simple/a/ HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 405),
        (b"DELETE /simple/a/ HTTP/1.1\r\nHost: m\r\n\r\n", 405),
        (b"CONNECT packages.example:443 HTTP/1.1\r\nHost: m\r\n\r\n", 405),
        (b"GET /simple/a/?q=rows HTTP/1.1\r\nHost: m\r\n\r\n", 400),
        (b"GET /simple/../a HTTP/1.1\r\nHost: m\r\n\r\n", 400),
        (b"GET /%2e%2e/a HTTP/1.1\r\nHost: m\r\n\r\n", 400),
        (b"GET /a%252e HTTP/1.1\r\nHost: m\r\n\r\n", 400),
        (b"GET http://packages.example/simple/ HTTP/1.1\r\nHost: m\r\n\r\n", 400),
        (b"GET /simple/a/ HTTP/1.1\r\nHost: m\r\nContent-Length: 4\r\n\r\ndata", 400),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: m\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
    ],
)
def test_nothing_else_is_decided_on(talk: Talk, sent: bytes, status: int) -> None:
    answer, calls = talk(sent)
    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert calls == []


def test_body_is_no_second_call(talk: Talk) -> None:
    body = b"GET /file HTTP/1.1\r\nHost: m\r\n\r\n"
    answer, calls = talk(b"POST /x HTTP/1.1\r\nHost: m\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    assert calls == []
    assert answer.count("HTTP/1.1") == 1


def test_names_of_files_come_through() -> None:
    assert (
        read_path(b"/files/ab/x_y-1.0%2Bcpu-py3-none-any.whl.metadata")
        == "/files/ab/x_y-1.0+cpu-py3-none-any.whl.metadata"
    )
    assert read_path(b"/files/ab/x-1!2.0.whl") == "/files/ab/x-1!2.0.whl"
