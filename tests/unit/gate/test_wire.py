"""What is no plain call is refused before anybody decides on it."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import h11
import pytest

from ecluse.gate.health import healthy
from ecluse.gate.wire import MAX_BODY, Answer, Call, Conversation, GateServer, TurnedDownError, read_head, read_json
from ecluse.rules.outcome import Refused

Talk = Callable[..., tuple[str, list[Call], list[str]]]


@pytest.fixture
def talk() -> Talk:
    """Send bytes on a connection; the whole answer, the calls that were decided on, and what was refused."""

    def send(*parts: bytes) -> tuple[str, list[Call], list[str]]:
        ours, theirs = socket.socketpair()
        calls: list[Call] = []
        turned: list[str] = []

        def handle(call: Call) -> Answer:
            calls.append(call)
            return Answer(204) if call.path == "/nothing" else Answer(200, {"path": call.path})

        def note(said: str, why: Refused) -> None:
            turned.append(f"{said}: {why.message}")

        with ours, theirs:
            for part in parts:
                ours.sendall(part)
            ours.shutdown(socket.SHUT_WR)
            Conversation(theirs, handle, note).run()
            theirs.close()
            answer = b"".join(iter(lambda: ours.recv(65536), b""))
        return answer.decode(), calls, turned

    return send


def test_plain_calls_are_answered_one_after_the_other(talk: Talk) -> None:
    answer, calls, turned = talk(
        b"GET /version HTTP/1.1\r\nHost: x\r\n\r\nPOST /nothing?t=4 HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    assert answer.count("HTTP/1.1 200") == answer.count("HTTP/1.1 204") == 1
    assert '{"path": "/version"}' in answer
    assert [(c.method, c.path, dict(c.query)) for c in calls] == [
        ("GET", "/version", {}),
        ("POST", "/nothing", {"t": "4"}),
    ]
    assert turned == []


@pytest.mark.parametrize(
    ("request_bytes", "why"),
    [
        (b"GET /v1.41/../x HTTP/1.1\r\nHost: x\r\n\r\n", "not written plainly"),
        (b"GET //containers/json HTTP/1.1\r\nHost: x\r\n\r\n", "not written plainly"),
        (b"GET /containers%2fjson HTTP/1.1\r\nHost: x\r\n\r\n", "not written plainly"),
        (b"GET /containers/json/ HTTP/1.1\r\nHost: x\r\n\r\n", "not written plainly"),
        (b"GET /a;b HTTP/1.1\r\nHost: x\r\n\r\n", "not written plainly"),
        (b"GET http://docker/info HTTP/1.1\r\nHost: x\r\n\r\n", "not written plainly"),
        (b"GET /x?a=1&a=2 HTTP/1.1\r\nHost: x\r\n\r\n", "parameter was given twice"),
        (b"GET /x? HTTP/1.1\r\nHost: x\r\n\r\n", "or none at all"),
        (b"GET /x?a HTTP/1.1\r\nHost: x\r\n\r\n", "parameters can't be read"),
        (b"GET /x HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n", "not let through: upgrade"),
        (b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\r\n", "not to be upgraded"),
        (b"GET /x HTTP/1.1\r\nHost: x\r\nX-Registry-Auth: e30=\r\n\r\n", "header not let through: x-registry-auth"),
        (b"GET /x HTTP/1.1\r\nHost: x\r\nAccept: a\r\nAccept: b\r\n\r\n", "header was given twice"),
        (b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "transfer-encoding"),
        (b"GET /x HTTP/1.1\r\n\r\n", "not HTTP as it is spoken here"),
        (b"GET /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "not HTTP as it is"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "not written plainly"),
        (b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab", "not HTTP as it is"),
        (b"GET /" + b"a" * 40000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", "not HTTP as it is"),
        (b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n" + b"a" * 70000, f"longer than {MAX_BODY}"),
    ],
)  # fmt: skip
def test_tricks_are_refused_before_anybody_decides(talk: Talk, request_bytes: bytes, why: str) -> None:
    answer, calls, turned = talk(request_bytes)
    assert calls == []
    assert len(turned) == 1
    assert why in turned[0]
    assert answer.startswith(("HTTP/1.1 400", "HTTP/1.1 413"))
    assert '"message": "refused by the gate:' in answer
    assert "close" in answer


def test_nothing_behind_a_refused_call_is_read(talk: Talk) -> None:
    _, calls, turned = talk(b"GET /x?a HTTP/1.1\r\nHost: x\r\n\r\nGET /version HTTP/1.1\r\nHost: x\r\n\r\n")
    assert calls == []
    assert len(turned) == 1


def test_caller_may_leave_at_any_time(talk: Talk) -> None:
    assert talk() == ("", [], [])
    assert talk(b"GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0].startswith("HTTP/1.1 200")


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1, "a": 2}', b'{"a": {"b": 1, "b": 1}}', b'{"a": NaN}', b'{"a": Infinity}', b'{"a": "\\ud800"}',
        b'{"a": 1} {"b": 2}', b"[]", b"", b"\xff", b"[" * 20000, b'"x"',
    ],
)  # fmt: skip
def test_json_is_read_strictly(body: bytes) -> None:
    with pytest.raises(TurnedDownError):
        read_json(body)


def test_plain_json_is_read() -> None:
    assert read_json(b'{"a": [1, {"b": "\\u00e9"}]}') == {"a": [1, {"b": "é"}]}


def test_head_becomes_a_call() -> None:
    head = h11.Request(method="GET", target="/x?filters=%7B%22a%22%3A1%7D", headers=[("Host", "x")])
    assert read_head(head).query == {"filters": '{"a":1}'}


def test_health_is_the_answer_of_the_engine(tmp_path: Path) -> None:
    assert not healthy(tmp_path / "engine.sock")
    for status in (200, 502):
        server = GateServer(tmp_path / "engine.sock", lambda _: Answer(status, "OK"), lambda *_: None)  # noqa: B023
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            assert (tmp_path / "engine.sock").stat().st_mode & 0o777 == 0o660
            assert healthy(tmp_path / "engine.sock") is (status == 200)
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
