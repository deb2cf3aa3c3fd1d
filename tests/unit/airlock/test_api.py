"""The API as a workspace calls it."""

from ecluse.airlock.people import COOKIE
from ecluse.rules.canonical import sha256
from ecluse.rules.outcome import Reason
from ecluse.rules.request import RequestView, State
from factories import TABLE, finding
from policies import FILES
from unit.airlock.calls import API, EVERY_CALL, drafted, error, form, settled


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
        assert (await form(browser, "/requests/alpha-1/vote", **vote)).status_code == 303
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
