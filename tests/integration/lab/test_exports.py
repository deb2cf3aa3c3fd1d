"""The calls for exports, from this server to an airlock that keeps the contract."""

import json

import httpx
import pytest

from integration.lab.stand import LAB_TOKEN, TOKEN

ASK = {"title": "Table 1", "purpose": "For the paper."}
WHAT = {"what": "counts", "population": "686 patients"}


def lines(response):
    return [json.loads(line) for line in response.text.splitlines()]


def error(response):
    assert TOKEN not in response.text
    assert "Traceback" not in response.text
    return response.json()["error"]


@pytest.fixture
def draft(call):
    response = call("POST", "requests", ASK)
    assert response.status_code == 201
    return response.json()["id"]


def test_a_request_from_draft_to_review(call, lab, airlock, draft):
    (lab.home / "t.csv").write_text("group,n\nA,120\nB,130\n")
    sent = lines(call("POST", f"requests/{draft}/files", {"path": "t.csv", **WHAT}))
    assert sent[0] == {"sent": 0, "size": 20}
    assert sent[-1] == {"done": True, "size": 20}
    assert airlock.content[draft, "t.csv"] == (lab.home / "t.csv").read_bytes()
    assert call("POST", f"requests/{draft}/check").status_code == 202
    while (request := call("GET", f"requests/{draft}").json())["check"]["state"] == "running":
        pass
    assert request["files"][0]["report"]["verdict"] == "pass"
    assert {key: request["files"][0][key] for key in WHAT} == WHAT
    assert call("POST", f"requests/{draft}/comments", {"text": "Ready."}).status_code == 201
    assert call("PATCH", f"requests/{draft}", {"title": "Table 1b"}).status_code == 200
    assert call("POST", f"requests/{draft}/submit", {}).status_code == 202
    while (request := call("GET", f"requests/{draft}").json())["check"]["state"] == "running":
        pass
    assert (request["state"], request["title"], len(request["comments"])) == ("in-review", "Table 1b", 1)
    assert call("GET", "requests").json()["requests"][0]["id"] == draft
    assert call("POST", f"requests/{draft}/withdraw").status_code == 202


def test_a_file_is_taken_out(call, lab, airlock, draft):
    (lab.project / "a b&c.csv").write_text("x")
    call("POST", f"requests/{draft}/files", {"path": "project/a b&c.csv", **WHAT})
    assert [file["path"] for file in airlock.requests[draft]["files"]] == ["project/a b&c.csv"]
    response = call("DELETE", f"requests/{draft}/files", params={"path": "project/a b&c.csv"})
    assert response.status_code == 200
    assert airlock.requests[draft]["files"] == []


def test_a_large_file_arrives_whole_and_tells_how_far_it_is(call, lab, airlock, draft):
    data = bytes(range(256)) * 6000
    (lab.home / "large.bin").write_bytes(data)
    sent = lines(call("POST", f"requests/{draft}/files", {"path": "large.bin", **WHAT}))
    steps = [line["sent"] for line in sent if "sent" in line]
    assert steps == sorted(set(steps))
    assert len(steps) > 3
    assert airlock.content[draft, "large.bin"] == data


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("../project-of-others/secret.txt", 400, "bad-path"),
        ("/etc/passwd", 400, "bad-path"),
        ("link.txt", 403, "bad-path"),
        ("data/STUDY.parquet", 403, "bad-path"),
        ("project", 403, "bad-path"),
        ("missing.csv", 404, "unknown-file"),
        ("huge.bin", 413, "file-too-large"),
    ],
)
def test_other_files_are_not_sent(call, lab, airlock, draft, path, status, reason):
    (lab.outside / "secret.txt").write_text("SECRET")
    (lab.data / "STUDY.parquet").write_text("SECRET")
    (lab.home / "link.txt").unlink(missing_ok=True)
    (lab.home / "link.txt").symlink_to(lab.outside / "secret.txt")
    (lab.home / "huge.bin").write_bytes(b"x" * 2_000_001)
    response = call("POST", f"requests/{draft}/files", {"path": path, **WHAT})
    assert response.status_code == status
    assert error(response)["reason"] == reason
    assert airlock.requests[draft]["files"] == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "requests", {"title": "a"}),
        ("POST", "requests", {**ASK, "project": "hydro"}),
        ("POST", "requests", {**ASK, "title": ["a"]}),
        ("POST", "requests?project=hydro", ASK),
        ("PATCH", "requests/bacthub-1", {"state": "released"}),
        ("POST", "requests/bacthub-1/files", {"path": "t.csv"}),
        ("POST", "requests/bacthub-1/submit", {"force": True}),
        ("POST", "requests/bacthub-1/comments", {"text": ""}),
        ("DELETE", "requests/bacthub-1/files", None),
        ("DELETE", "requests/bacthub-1/files?path=a&path=b", None),
        ("DELETE", "requests/bacthub-1/files?path=..%2Fa", None),
    ],
)
def test_wrong_arguments_never_reach_the_airlock(call, airlock, method, path, body):
    response = call(method, path, body)
    assert response.status_code == 400
    assert error(response)["reason"] in {"bad-argument", "bad-path"}
    assert airlock.seen == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "requests/..%2F..%2Fhub"),
        ("GET", "requests/bacthub-1%3Fx"),
        ("GET", "requests/BACTHUB-1"),
        ("POST", "requests/bacthub-1/approve"),
        ("POST", "requests/bacthub-1/check/x"),
    ],
)
def test_other_addresses_never_reach_the_airlock(call, airlock, method, path):
    assert call(method, path).status_code == 404
    assert airlock.seen == []


def test_the_airlock_sees_the_servers_own_token_and_never_the_browsers(call, airlock):
    assert call("GET", "requests").status_code == 200
    [(method, path, headers)] = airlock.seen
    assert (method, path) == ("GET", "/services/airlock/api/v1/requests")
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert LAB_TOKEN not in json.dumps(headers)


def test_refusals_of_the_airlock_come_through(call, draft):
    response = call("POST", "requests", ASK)
    assert response.status_code == 409
    assert error(response) == {
        "reason": "already-open",
        "message": "You have an open request.",
        "fix": "Add the files to it, or withdraw it.",
    }


def test_a_refusal_while_a_file_is_sent_comes_through(call, lab, draft):
    (lab.home / "t.csv").write_text("x")
    response = call("POST", "requests/bacthub-99/files", {"path": "t.csv", **WHAT})
    assert lines(response)[-1]["error"]["reason"] == "unknown-request"


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ((500, b'{"detail": "inner"}'), "airlock-answer"),
        ((200, b"<html>"), "airlock-answer"),
        ((302, b""), "airlock-answer"),
        ((403, b"no"), "airlock-token"),
    ],
)
def test_a_broken_airlock_is_told_plainly(call, airlock, broken, reason):
    airlock.broken = broken
    response = call("GET", "requests")
    assert error(response)["reason"] == reason
    assert "inner" not in response.text
    assert len(airlock.seen) == 1  # a redirect is not followed: it would carry the token elsewhere


def test_a_slow_airlock_is_told_plainly(call, airlock):
    airlock.slow = 3
    response = call("GET", "requests")
    assert response.status_code == 504
    assert error(response)["reason"] == "airlock-timeout"


def test_answers_are_not_cached(call):
    assert call("GET", "requests").headers["Cache-Control"] == "no-store"


def test_another_page_cannot_call_with_the_persons_cookie(http, lab):
    """A request by cookie without the XSRF token is refused: a page elsewhere can't ask for an export."""
    http.get("lab", params={"token": LAB_TOKEN})
    with httpx.Client(base_url=lab.url, cookies=http.cookies, trust_env=False) as stranger:
        assert stranger.get("ecluse/api/info").status_code == 200
        response = stranger.post("ecluse/api/requests", json=ASK)
    assert response.status_code == 403
