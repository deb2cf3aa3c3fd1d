"""The API as a workspace calls it, over HTTP, with a hub in memory and everything else real."""

import asyncio
import json
import re

import httpx
import pytest

from ecluse.airlock.app import create_app
from ecluse.airlock.guard import CSP, HEADERS, MAX_BODY
from ecluse.airlock.people import COOKIE
from ecluse.airlock.settings import BASE, read_settings
from ecluse.rules.canonical import sha256
from ecluse.rules.finding import Severity
from ecluse.rules.outcome import Reason
from ecluse.rules.request import RequestView, State
from ecluse.store.keys import SecretError
from ecluse.store.policy_files import PoliciesInvalidError
from factories import TABLE, enclave, finding
from fake_hub import FakeHub
from policies import FILES

API = f"{BASE}/api/v1"
URL = "http://localhost:8000"


class Calls:
    """A running airlock and callers of it."""

    def __init__(self, lock, hub, app):
        self.lock, self.hub, self.app = lock, hub, app
        self._clients = []

    def client(self, **more):
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url=URL, **more)
        self._clients.append(client)
        return client

    def workspace(self, person="ada", project="alpha"):
        return self.client(headers={"Authorization": f"Bearer {self.hub.workspace(person, project)}"})

    async def signed_in(self, person):
        """A browser after the hub's login."""
        browser = self.client()
        self.hub.signs_in = person
        answer = await browser.get(f"{BASE}/")
        back = self.hub.visit(answer.headers["location"])
        answer = await browser.get(f"{BASE}/oauth_callback", params=back)
        assert answer.headers["location"] == f"{BASE}/"
        return browser

    async def close(self):
        for client in self._clients:
            await client.aclose()


@pytest.fixture
async def calls(tmp_path):
    with enclave(tmp_path) as lock:
        hub = FakeHub()
        app = create_app(read_settings({"ECLUSE_ROOT": str(tmp_path)}), hub=hub, clock=lock.clock)
        async with app.router.lifespan_context(app):
            made = Calls(lock, hub, app)
            yield made
            await made.close()


async def settled(ada, request_id="alpha-1"):
    """The request once its check is done: the background task has taken the answer."""
    for _ in range(200):
        found = (await ada.get(f"{API}/requests/{request_id}")).json()
        if found["check"]["state"] != "running":
            return found
        await asyncio.sleep(0.02)
    raise TimeoutError


async def drafted(ada, data=TABLE):
    assert (await ada.post(f"{API}/requests", json={"title": "Survival", "purpose": "A paper."})).status_code == 201
    params = {"path": "km.csv", "what": "table", "population": "460 adults"}
    answer = await ada.put(f"{API}/requests/alpha-1/files", params=params, content=data)
    assert answer.status_code == 200
    return answer.json()


def error(answer, status, reason):
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    said = answer.json()["error"]
    assert set(said) == {"reason", "message", "fix"}
    assert said["reason"] == reason
    assert said["message"].endswith(".")


async def test_the_whole_way_from_a_draft_to_a_release(calls):
    ada = calls.workspace()
    view = await drafted(ada)
    assert view["files"] == [
        {
            "path": "km.csv",
            "sha256": sha256(TABLE),
            "size": len(TABLE),
            "what": "table",
            "population": "460 adults",
            "report": None,
        }
    ]
    calls.lock.checker.findings = (finding(),)
    advice = await ada.post(f"{API}/requests/alpha-1/check")
    assert (advice.status_code, advice.json()["check"]["state"]) == (202, "running")
    calls.lock.checker.run()
    found = await settled(ada)
    assert (found["state"], found["check"]["verdict"]) == ("draft", "refuse")
    assert found["files"][0]["report"]["findings"][0]["fix"] == "Mask it."

    calls.lock.checker.findings = ()
    await ada.put(
        f"{API}/requests/alpha-1/files", params={"path": "km.csv", "what": "t", "population": "p"}, content=b"n"
    )
    submitted = await ada.post(f"{API}/requests/alpha-1/submit")
    assert (submitted.status_code, submitted.json()["state"], submitted.json()["owner"]) == (202, "checking", "system")
    calls.lock.checker.run()
    assert (await settled(ada))["state"] == "in-review"

    content = calls.lock.get("alpha-1").content
    for who in ("rev", "ria"):
        browser = await calls.signed_in(who)
        csrf = (await calls.app.state.doors.session(browser.cookies[COOKIE])).csrf
        vote = {"approve": "yes", "content": content, "csrf": csrf}
        assert (await form(calls, browser, "/requests/alpha-1/vote", **vote)).status_code == 303
    released = (await ada.get(f"{API}/requests/alpha-1")).json()
    assert (released["state"], released["release"]["id"]) == ("released", "r-alpha-1")
    assert [v["reviewer"] for v in released["votes"]] == ["rev", "ria"]


async def test_request_has_exactly_the_keys_of_the_contract(calls):
    ada = calls.workspace()
    view = await drafted(ada)
    assert set(view) == set(RequestView.model_fields) == {
        "id", "project", "author", "title", "purpose", "state", "owner", "created", "updated", "content", "files",
        "check", "comments", "votes", "release",
    }  # fmt: skip
    assert set(view["check"]) == {"state", "deciding", "verdict", "message"}


async def test_a_project_lists_its_own_requests(calls):
    ada, ben = calls.workspace(), calls.workspace("ben", "beta")
    await drafted(ada)
    listed = (await ada.get(f"{API}/requests")).json()
    assert [r["id"] for r in listed["requests"]] == ["alpha-1"]
    assert (await ben.get(f"{API}/requests")).json() == {"requests": []}


async def test_drafts_are_changed_and_files_taken_out(calls):
    ada = calls.workspace()
    await drafted(ada)
    changed = await ada.patch(f"{API}/requests/alpha-1", json={"title": "Other"})
    assert (changed.json()["title"], changed.json()["purpose"]) == ("Other", "A paper.")
    gone = await ada.delete(f"{API}/requests/alpha-1/files", params={"path": "km.csv"})
    assert gone.json()["files"] == []
    error(await ada.delete(f"{API}/requests/alpha-1/files", params={"path": "km.csv"}), 404, Reason.UNKNOWN_FILE)
    back = await ada.post(f"{API}/requests/alpha-1/withdraw")
    assert (back.status_code, back.json()["state"]) == (200, "withdrawn")


async def test_comments_reach_the_request(calls):
    ada = calls.workspace()
    await drafted(ada)
    said = await ada.post(f"{API}/requests/alpha-1/comments", json={"text": "Please.\nSoon."})
    assert (said.status_code, said.json()["comments"][0]["text"]) == (201, "Please.\nSoon.")
    error(await ada.post(f"{API}/requests/alpha-1/comments", json={"text": " "}), 422, Reason.MISSING_DESCRIPTION)


# who may call


EVERY_CALL = [
    ("GET", "/requests", {}),
    ("POST", "/requests", {"json": {"title": "T", "purpose": "P"}}),
    ("GET", "/requests/alpha-1", {}),
    ("PATCH", "/requests/alpha-1", {"json": {"title": "T"}}),
    ("PUT", "/requests/alpha-1/files?path=a.csv", {"content": b"n"}),
    ("DELETE", "/requests/alpha-1/files?path=km.csv", {}),
    ("POST", "/requests/alpha-1/check", {}),
    ("POST", "/requests/alpha-1/submit", {}),
    ("POST", "/requests/alpha-1/withdraw", {}),
    ("POST", "/requests/alpha-1/comments", {"json": {"text": "Hello."}}),
]


async def test_nobody_calls_without_the_token_of_a_workspace(calls):
    calls.lock.request_at(State.DRAFT)
    before = calls.lock.get("alpha-1")
    browser = await calls.signed_in("ada")
    persons = calls.client(headers={"Authorization": f"Bearer {calls.hub.person('ada')}"})
    for caller in (calls.client(), browser, persons, calls.client(headers={"Authorization": "Bearer guessed-token"})):
        for method, path, more in EVERY_CALL:
            error(await caller.request(method, API + path, **more), 401, Reason.NOT_SIGNED_IN)
    assert calls.lock.get("alpha-1") == before


async def test_a_workspace_of_another_project_is_refused_and_recorded(calls):
    calls.lock.request_at(State.DRAFT)
    before = calls.lock.get("alpha-1")
    ben = calls.workspace("ben", "beta")
    for method, path, more in EVERY_CALL[2:]:
        for known_or_not in ("alpha-1", "alpha-9"):
            answer = await ben.request(method, API + path.replace("alpha-1", known_or_not), **more)
            error(answer, 403, Reason.OTHER_PROJECT)
            event = calls.lock.events()[-1]
            assert (event["actor"], event["subject"]) == ("ben", known_or_not)
            assert event["detail"]["reason"] == "other-project"
            assert event["action"].startswith("refused.")
    assert calls.lock.get("alpha-1") == before


async def test_a_workspace_whose_person_left_the_project_is_refused(calls):
    calls.lock.request_at(State.DRAFT)
    alpha = FILES["projects/alpha.yaml"].replace("{ada: lead, mem: researcher}", "{mem: lead}")
    calls.lock.set_policies(**{"projects/alpha.yaml": alpha})
    ada = calls.workspace()
    error(await ada.post(f"{API}/requests", json={}), 403, Reason.NOT_A_MEMBER)
    error(await ada.post(f"{API}/requests/alpha-1/submit"), 404, Reason.UNKNOWN_REQUEST)


async def test_without_a_hub_nothing_is_served(calls):
    ada = calls.workspace()
    calls.hub.down = True
    error(await ada.get(f"{API}/requests"), 503, Reason.UNAVAILABLE)


# what may come


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


# what surrounds answers


@pytest.mark.parametrize(
    "path", [f"{API}/requests", f"{BASE}/health", f"{BASE}/nothing/here", "/elsewhere", f"{BASE}/"]
)
async def test_every_answer_closes_the_browser_down(calls, path):
    answer = await calls.client().get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name.decode()] == value.decode()
    assert "default-src 'none'" in CSP
    assert "unsafe" not in CSP
    assert "server" not in answer.headers


async def test_health_tells_only_that_it_is_well(calls):
    assert (await calls.client().get(f"{BASE}/health")).json() == {"status": "ok"}


async def test_there_is_no_documentation_of_the_api_to_browse(calls):
    for path in ("/docs", "/openapi.json", "/redoc", f"{BASE}/docs", f"{BASE}/openapi.json"):
        assert (await calls.client().get(path)).status_code == 404


# people


async def test_who_is_not_signed_in_is_sent_to_the_hub(calls):
    answer = await calls.client().get(f"{BASE}/requests/alpha-1?said=voted")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/hub/api/oauth2/authorize?")
    cookie = answer.headers["set-cookie"]
    assert re.search(r"HttpOnly.*Path=/services/airlock/; SameSite=lax", cookie)


async def test_the_session_cookie_is_closed_and_random(calls):
    browser = await calls.signed_in("rev")
    other = await calls.signed_in("rev")
    assert browser.cookies[COOKIE] != other.cookies[COOKIE]
    assert len(browser.cookies[COOKIE]) >= 43
    assert "rev" not in browser.cookies[COOKIE]


async def test_cookies_are_for_tls_alone_where_there_is_tls(tmp_path):
    with enclave(tmp_path) as lock:
        settings = read_settings({"ECLUSE_ROOT": str(tmp_path), "ECLUSE_URL": "https://enclave.example"})
        app = create_app(settings, hub=FakeHub(), clock=lock.clock)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://enclave.example") as client:
            assert "Secure" in (await client.get(f"{BASE}/")).headers["set-cookie"]


async def test_a_callback_without_its_login_is_refused(calls):
    answer = await calls.client().get(f"{BASE}/oauth_callback", params={"state": "x", "code": "y"})
    assert answer.status_code == 401
    assert COOKIE not in answer.cookies


async def form(calls, browser, path, headers=None, **values):
    return await browser.post(f"{BASE}{path}", data=values, headers=headers or {})


async def test_forms_need_the_token_of_their_own_session(calls):
    calls.lock.request_at(State.IN_REVIEW)
    content = calls.lock.get("alpha-1").content
    browser, other = await calls.signed_in("rev"), await calls.signed_in("ria")
    doors = calls.app.state.doors
    mine = (await doors.session(browser.cookies[COOKIE])).csrf
    theirs = (await doors.session(other.cookies[COOKIE])).csrf
    vote = {"approve": "yes", "content": content}
    for bad, headers in (
        ({}, None),
        ({"csrf": theirs}, None),
        ({"csrf": ""}, None),
        ({"csrf": mine}, {"Origin": "https://evil.example"}),
        ({"csrf": mine}, {"Origin": "null"}),
        ({"csrf": mine}, {"Sec-Fetch-Site": "cross-site"}),
    ):
        answer = await form(calls, browser, "/requests/alpha-1/vote", headers, **vote, **bad)
        assert answer.status_code == 400
    assert calls.lock.get("alpha-1").votes == ()
    good = await form(calls, browser, "/requests/alpha-1/vote", {"Origin": URL}, **vote, csrf=mine)
    assert good.status_code == 303
    assert [v.reviewer for v in calls.lock.get("alpha-1").votes] == ["rev"]


async def test_a_form_of_nobody_is_refused(calls):
    calls.lock.request_at(State.IN_REVIEW)
    answer = await form(calls, calls.client(), "/requests/alpha-1/vote", approve="yes", content="0" * 64, csrf="x")
    assert answer.status_code == 401


async def test_logging_out_ends_the_session(calls):
    browser = await calls.signed_in("rev")
    cookie = browser.cookies[COOKIE]
    csrf = (await calls.app.state.doors.session(cookie)).csrf
    assert (await form(calls, browser, "/logout")).status_code == 400
    assert (await form(calls, browser, "/logout", csrf=csrf)).headers["location"] == "/hub/logout"
    assert await calls.app.state.doors.session(cookie) is None


# starting


def test_nothing_starts_without_policies_or_secrets(tmp_path):
    with enclave(tmp_path):
        settings = read_settings({"ECLUSE_ROOT": str(tmp_path)})
        key = tmp_path / "secrets/airlock/release.key"
        key.chmod(0o440)
        with pytest.raises(SecretError, match="0440"):
            create_app(settings, hub=FakeHub())
        key.chmod(0o400)
        (tmp_path / "secrets/airlock/hub_token").unlink()
        with pytest.raises(SecretError, match="hub_token"):
            create_app(settings)
        (tmp_path / "policies/people.yaml").unlink()
        with pytest.raises(PoliciesInvalidError):
            create_app(settings, hub=FakeHub())


async def test_one_failure_in_the_background_ends_nothing(calls, monkeypatch, caplog):
    with monkeypatch.context() as patch:
        patch.setattr("ecluse.steps.desk.check.collect", lambda *_: 1 / 0)
        for _ in range(100):
            if "it is tried again" in caplog.text:
                break
            await asyncio.sleep(0.02)
    ada = calls.workspace()
    await drafted(ada)
    calls.lock.checker.findings = (finding(Severity.REVIEW),)
    await ada.post(f"{API}/requests/alpha-1/submit")
    calls.lock.checker.run()
    assert (await settled(ada))["check"]["verdict"] == "review"
