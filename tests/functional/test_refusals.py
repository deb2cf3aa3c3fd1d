"""The opposite cases on the running enclave: each is refused, and the refusal is in the audit chain."""

import json
import os
import re
from collections.abc import Callable, Iterator

import httpx
import pytest
import yaml

from client import Airlock, Person, RefusedByServerError, Workspace
from ecluse.steps.audit import export_events
from ecluse.store.database import open_database

SAFE = "group,n\nyes,246\nno,440\n"
SignIn = Callable[[str], Person]


@pytest.fixture(scope="module", autouse=True)
def _two_members_who_review(enclave) -> Iterator[None]:
    """The author and another member get the reviewer's role: only their place in the project stands in the way."""
    file = enclave.root / "policies" / "people.yaml"
    before = file.read_text()
    people = yaml.safe_load(before)
    for name in ("researcher-1", "researcher-2"):
        people["people"][name]["roles"] = ["researcher", "reviewer"]
    file.write_text(yaml.safe_dump(people))
    yield
    file.write_text(before)


@pytest.fixture(scope="module")
def author(enclave) -> Iterator[Workspace]:
    """The author's running workspace."""
    with Person(enclave.url, "researcher-1", enclave.passwords()["researcher-1"], enclave.trusted) as someone:
        someone.sign_in()
        workspace = Workspace(someone, "bacthub")
        workspace.start()
        yield workspace
        workspace.stop()


@pytest.fixture
def request_id(author: Workspace) -> Iterator[str]:
    """A request in review; withdrawn at the end if it still can be."""
    for old in author.exports("GET")["requests"]:
        if old["state"] in ("draft", "returned", "in-review"):
            author.exports("POST", f"/{old['id']}/withdraw")
    number = draft(author, SAFE)
    author.exports("POST", f"/{number}/submit")
    assert author.wait_for_check(number)["state"] == "in-review"
    yield number
    if author.exports("GET", f"/{number}")["state"] in ("draft", "returned", "in-review"):
        author.exports("POST", f"/{number}/withdraw")


def draft(author: Workspace, content: str) -> str:
    author.save("table.csv", content)
    number = str(author.exports("POST", json={"title": "A table", "purpose": "For the paper"})["id"])
    author.attach(number, "table.csv", what="women by group", population="686 women")
    return number


def vote(person: Person, request: str, *, content: str | None = None) -> httpx.Response:
    """Vote by the form; where the page shows none, send what the form would."""
    airlock = Airlock(person)
    page = airlock.get(f"/requests/{request}")
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert csrf, page.text[:500]
    found = content or re.search(r'name="content" value="([0-9a-f]{64})"', page.text)
    shown = found if isinstance(found, str) else found[1] if found else "0" * 64
    url = f"{airlock.base}/requests/{request}/vote"
    data = {"csrf": csrf[1], "content": shown, "approve": "yes", "comment": ""}
    return person.http.post(url, data=data, headers={"Referer": f"{person.url}{url}"})


def recorded(enclave, action: str, actor: str) -> list[str]:
    """Reasons of the recorded refusals of an action by a person."""
    database = open_database(f"sqlite:///{enclave.root / 'control' / 'ecluse.sqlite'}")
    events = [json.loads(line) for line in export_events(database)]
    database.close()
    return [e["detail"].get("reason", "") for e in events if e["action"] == action and e["actor"] == actor]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("researcher-1", "own-request"), ("researcher-2", "member-of-project"), ("auditor-1", "not-a-reviewer")],
)
def test_only_independent_reviewers_vote(enclave, request_id, person: SignIn, name, reason):
    before = recorded(enclave, "refused.vote", name).count(reason)
    assert vote(person(name), request_id).status_code == 403
    assert recorded(enclave, "refused.vote", name).count(reason) == before + 1


def test_one_vote_each(enclave, request_id, person: SignIn):
    reviewer = person("reviewer-1")
    assert vote(reviewer, request_id).status_code == 200
    assert vote(reviewer, request_id).status_code == 409
    assert "already-voted" in recorded(enclave, "refused.vote", "reviewer-1")


def test_a_vote_for_other_content_does_not_count(enclave, request_id, person: SignIn):
    assert vote(person("reviewer-2"), request_id, content="f" * 64).status_code == 409
    assert "content-changed" in recorded(enclave, "refused.vote", "reviewer-2")


def test_files_under_review_cannot_be_changed(enclave, author: Workspace, request_id):
    author.save("table.csv", SAFE.replace("440", "441"))
    with pytest.raises(RefusedByServerError) as caught:
        author.attach(request_id, "table.csv", what="women by group", population="686 women")
    assert caught.value.reason == "wrong-state"
    assert "wrong-state" in recorded(enclave, "refused.attach", "researcher-1")


def test_a_changed_file_needs_new_votes(author: Workspace, request_id, person: SignIn):
    first = author.exports("GET", f"/{request_id}")["content"]
    assert vote(person("reviewer-1"), request_id).status_code == 200
    sent_back = Airlock(person("reviewer-2")).submit(f"/requests/{request_id}", "/return", comment="Round to 5.")
    assert sent_back.status_code == 200
    author.save("table.csv", SAFE.replace("246", "200"))
    author.attach(request_id, "table.csv", what="women by group", population="686 women")
    author.exports("POST", f"/{request_id}/submit")
    again = author.wait_for_check(request_id)
    assert again["content"] != first
    assert vote(person("reviewer-2"), request_id, content=first).status_code == 409
    assert vote(person("reviewer-2"), request_id).status_code == 200
    assert author.exports("GET", f"/{request_id}")["state"] == "in-review", "the vote of the first round is void"
    assert vote(person("reviewer-1"), request_id).status_code == 200
    assert author.exports("GET", f"/{request_id}")["state"] == "released"


def test_a_request_of_another_project_is_out_of_reach(enclave, author: Workspace, request_id, person: SignIn):
    other = Workspace(person("researcher-3"), "hydro")
    other.start()
    try:
        with pytest.raises(RefusedByServerError) as caught:
            other.exports("GET", f"/{request_id}")
        assert caught.value.status in (403, 404)
        with pytest.raises(RefusedByServerError):
            other.exports("POST", f"/{request_id}/withdraw")
        assert all(r["project"] == "hydro" for r in other.exports("GET")["requests"])
    finally:
        other.stop()
    assert recorded(enclave, "refused.withdraw", "researcher-3")
    assert author.exports("GET", f"/{request_id}")["state"] == "in-review"


def test_a_file_swapped_in_quarantine_is_found(enclave, author: Workspace, request_id, person: SignIn):
    rebuilt = author.exports("GET", f"/{request_id}")["files"][0]["report"]["rebuilt"]["sha256"]
    blob = enclave.root / "quarantine" / rebuilt[:2] / rebuilt
    owner = blob.stat()
    blob.unlink()
    blob.write_text("group,n\nyes,246\nno,441\n")
    os.chown(blob, owner.st_uid, owner.st_gid)
    blob.chmod(owner.st_mode & 0o777)
    shown = Airlock(person("reviewer-1")).get(f"/requests/{request_id}")
    assert shown.status_code == 409
    assert 'name="approve"' not in shown.text
    assert author.exports("GET", f"/{request_id}")["state"] == "refused"
    database = open_database(f"sqlite:///{enclave.root / 'control' / 'ecluse.sqlite'}")
    told = [json.loads(line)["action"] for line in export_events(database)]
    database.close()
    assert "quarantine.tampered" in told
    blob.unlink()


def test_small_counts_do_not_reach_a_reviewer(author: Workspace):
    for old in author.exports("GET")["requests"]:
        if old["state"] in ("draft", "returned", "in-review"):
            author.exports("POST", f"/{old['id']}/withdraw")
    number = draft(author, "group,n\nyes,4\nno,440\n")
    author.exports("POST", f"/{number}/submit")
    found = author.wait_for_check(number)
    assert found["state"] == "returned"
    assert {f["rule"] for f in found["files"][0]["report"]["findings"]} == {"small-count"}
    author.exports("POST", f"/{number}/withdraw")


def test_a_stranger_and_a_wrong_password_stay_outside(enclave):
    with (
        Person(enclave.url, "researcher-1", "not the password", enclave.trusted) as someone,
        pytest.raises(RefusedByServerError),
    ):
        someone.sign_in()
    answer = httpx.get(
        f"{enclave.url}/services/airlock/api/v1/requests",
        headers={"Authorization": "Bearer x" * 4},
        verify=enclave.trusted,
    )
    assert answer.status_code == 401
    assert (
        httpx.get(f"{enclave.url}/services/airlock/", follow_redirects=True, verify=enclave.trusted).url.path
        == "/hub/login"
    )
