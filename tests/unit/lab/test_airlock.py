import json
from types import SimpleNamespace

import pytest

from ecluse_lab.airlock import Airlock, _answer
from ecluse_lab.errors import RefusedError

SECRET = "s3cret-token"


@pytest.fixture
def airlock(monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", SECRET)
    monkeypatch.setenv("ECLUSE_AIRLOCK_URL", "http://proxy:8000/services/airlock")
    made = Airlock()
    yield made
    made.close()


def answer(code, value):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return _answer(SimpleNamespace(code=code, body=body))


def refused(code, value):
    with pytest.raises(RefusedError) as error:
        answer(code, value)
    return error.value


def test_the_address_is_the_configured_one(airlock):
    assert airlock.configured()
    assert airlock._address(("requests", "bacthub-7", "files"), {"path": "a b&c.csv"}) == (
        "http://proxy:8000/services/airlock/api/v1/requests/bacthub-7/files?path=a+b%26c.csv"
    )


def test_a_part_cannot_change_the_address(airlock):
    assert airlock._address(("requests", "../../hub/api?x=#")).endswith("/requests/..%2F..%2Fhub%2Fapi%3Fx%3D%23")


@pytest.mark.parametrize(
    "url", ["", "proxy", "ftp://proxy/", "http://", "http://user:word@proxy/", "http://proxy/?a=b"]
)
def test_without_a_proper_address_nothing_is_sent(airlock, url):
    airlock.url = url
    assert not airlock.configured()
    with pytest.raises(RefusedError) as error:
        airlock._address(())
    assert (error.value.status, error.value.reason) == (503, "airlock-unset")


async def test_without_a_token_nothing_is_sent(airlock, monkeypatch):
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN")
    assert not airlock.configured()
    with pytest.raises(RefusedError) as error:
        await airlock.call("GET", "requests")
    assert error.value.reason == "airlock-unset"


def test_answers_are_passed_on():
    assert answer(200, {"requests": []}) == {"requests": []}
    assert answer(204, b"") == {}


def test_refusals_are_passed_on():
    error = refused(409, {"error": {"reason": "already-open", "message": "You have one.", "fix": "Add to it."}})
    assert (error.status, error.reason, error.message, error.fix) == (
        409,
        "already-open",
        "You have one.",
        "Add to it.",
    )


@pytest.mark.parametrize(
    ("code", "value", "status", "reason"),
    [
        (400, {"error": {}}, 400, "refused"),
        (401, b"<html>", 403, "airlock-token"),
        (403, {"message": "Forbidden"}, 403, "airlock-token"),
        (503, b"<html>", 502, "airlock-unreachable"),
        (302, b"", 502, "airlock-answer"),
        (404, b"<html>", 502, "airlock-answer"),
        (500, {"error": {"reason": "x", "message": "inner detail"}}, 502, "airlock-answer"),
        (200, [], 502, "airlock-answer"),
        (200, b"<html>", 502, "airlock-answer"),
    ],
)
def test_other_answers_are_told_plainly(code, value, status, reason):
    error = refused(code, value)
    assert (error.status, error.reason) == (status, reason)
    assert "inner detail" not in error.message


def test_long_refusals_are_cut():
    error = refused(400, {"error": {"reason": "r" * 9000, "message": "m" * 9000, "fix": "f" * 9000}})
    assert (len(error.reason), len(error.message), len(error.fix)) == (100, 2000, 2000)
