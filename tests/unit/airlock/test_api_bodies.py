"""What comes from a workspace is bounded and in order, or refused."""

import json

import pytest

from ecluse.airlock.guard import MAX_BODY
from ecluse.airlock.settings import BASE
from ecluse.rules.outcome import Reason
from ecluse.rules.request import State
from unit.airlock.calls import API, EVERY_CALL, drafted, error


async def test_a_second_open_request_is_a_conflict(calls):
    ada = calls.workspace()
    await drafted(ada)
    error(await ada.post(f"{API}/requests", json={}), 409, Reason.ALREADY_OPEN)


async def test_submitting_without_words_says_which(calls):
    ada = calls.workspace()
    await ada.post(f"{API}/requests", json={})
    await ada.put(f"{API}/requests/alpha-1/files", params={"path": "a.csv"}, content=b"n")
    answer = await ada.post(f"{API}/requests/alpha-1/submit")
    error(answer, 422, Reason.MISSING_DESCRIPTION)
    assert "title" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("../a", 422, Reason.BAD_PATH),
        (".a", 422, Reason.BAD_PATH),
        ("", 422, Reason.BAD_INPUT),
        ("x" * 201, 422, Reason.BAD_INPUT),
    ],
)
async def test_paths_that_mislead_are_refused(calls, path, status, reason):
    ada = calls.workspace()
    await ada.post(f"{API}/requests", json={})
    error(await ada.put(f"{API}/requests/alpha-1/files", params={"path": path}, content=b"n"), status, reason)


async def test_files_past_the_limit_are_refused_by_what_they_say_and_by_what_comes(calls):
    calls.lock.set_policies(**{"rules.yaml": "max_file_bytes: 1024\n"})
    ada = calls.workspace()
    await ada.post(f"{API}/requests", json={})

    async def chunks():
        for _ in range(5):
            yield b"x" * 300

    url = f"{API}/requests/alpha-1/files?path=big.csv"
    error(await ada.put(url, content=b"x" * 1025), 413, Reason.FILE_TOO_LARGE)
    error(await ada.put(url, content=chunks()), 413, Reason.FILE_TOO_LARGE)
    assert [p for p in calls.lock.quarantine.rglob("*") if p.is_file()] == []
    assert (await ada.put(url, content=b"x" * 1024)).status_code == 200


async def test_other_bodies_are_bounded(calls):
    ada = calls.workspace()
    answer = await ada.post(f"{API}/requests", content=b" " * (MAX_BODY + 1))
    assert answer.status_code in (400, 413)
    assert calls.lock.events() == []


@pytest.mark.parametrize(
    "body",
    [{"title": "x" * 201}, {"title": 1}, {"title": "a\x00b"}, {"title": "a\ud800"}, {"titel": "T"}, [], None],
)
async def test_bodies_that_are_not_in_order_are_refused_and_not_echoed(calls, body):
    ada = calls.workspace()
    answer = await ada.post(
        f"{API}/requests", content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    error(answer, 422, Reason.BAD_INPUT)
    assert "x" * 201 not in answer.text


@pytest.mark.parametrize("request_id", ["Alpha-1", "alpha", "alpha-0", "a" * 60 + "-1", "alpha-1%0A", "%2e%2e%2fx-1"])
async def test_what_is_no_id_reaches_nothing(calls, request_id):
    answer = await calls.workspace().get(f"{API}/requests/{request_id}")
    assert answer.status_code in (404, 422)
    assert calls.lock.events() == []


async def test_answers_never_hold_a_token(calls):
    calls.lock.request_at(State.DRAFT)
    secret = calls.hub.workspace("ben", "beta")
    ben = calls.client(headers={"Authorization": f"Bearer {secret}"})
    for method, path, more in EVERY_CALL:
        answer = await ben.request(method, API + path, **more)
        assert secret not in answer.text + str(answer.headers)


async def test_a_fault_of_ours_tells_nothing(calls, monkeypatch, caplog):
    def fail(*_args):
        raise RuntimeError("secret path /srv/x")

    monkeypatch.setattr("ecluse.steps.desk.Airlock.project_requests", fail)
    answer = await calls.workspace().get(f"{API}/requests")
    error(answer, 500, Reason.UNAVAILABLE)
    assert "secret" not in answer.text
    assert "secret path" in caplog.text, "the log has it"


async def test_a_refusal_whose_page_fails_is_still_that_refusal(calls):
    def fail(*_args):
        raise RuntimeError("template")

    calls.app.state.error_page = fail
    answer = await calls.client().get(f"{BASE}/nothing/<b>here")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


async def test_a_file_whose_sender_goes_away_leaves_nothing(calls):
    ada = calls.workspace()
    await ada.post(f"{API}/requests", json={})
    messages = [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}]
    sent = []

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    token = calls.hub.workspace("ada", "alpha").encode()
    scope = {
        "type": "http",
        "method": "PUT",
        "path": f"{API}/requests/alpha-1/files",
        "raw_path": b"",
        "root_path": "",
        "query_string": b"path=a.csv",
        "headers": [(b"authorization", b"Bearer " + token)],
        "http_version": "1.1",
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 8000),
    }
    await calls.app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert calls.lock.get("alpha-1").files == ()
    assert [p for p in calls.lock.quarantine.rglob("*") if p.is_file()] == []
