"""Pages tell each person what they may know, and refuse the forms of everybody else, in sentences."""

import asyncio
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Cookies, Response

from airlock_house import House, build
from ecluse.airlock.settings import BASE
from ecluse.rules.finding import Finding, Place, Severity
from ecluse.steps.acting import Who

FILES = {"table2.csv": b"region,n\nNord,120\nSud,88\n", "note.txt": b"n = 208\n"}
SMALL = Finding(rule="small-count", severity=Severity.REVIEW, where="row 2", message="m", place=Place(row=1, column=1))


class Visitor:
    """A browser without a screen: keeps its cookies, follows the way to the sign-in and back."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        self.cookies = Cookies()

    def get(self, path: str, *, follow_redirects: bool = True) -> Response:
        return self._send("GET", path, {}, follow_redirects)

    def post(self, path: str, *, data: dict[str, str], follow_redirects: bool = False) -> Response:
        return self._send("POST", path, data, follow_redirects)

    def _send(self, method: str, path: str, data: dict[str, str], follow: bool) -> Response:
        async def send() -> Response:
            transport = ASGITransport(self.app, raise_app_exceptions=False)
            async with AsyncClient(transport=transport, base_url="http://testserver", cookies=self.cookies) as client:
                response = await client.request(method, path, data=data or None, follow_redirects=follow)
                self.cookies = client.cookies
                return response

        return asyncio.run(send())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = build(tmp_path / "airlock")
    yield made
    made.desk.ports.database.close()  # type: ignore[attr-defined] # the real database; its port needs no closing


def signed_in(house: House, person: str) -> Visitor:
    """A browser's session of that person, through the airlock's own sign-in."""
    house.hub.person = person
    client = Visitor(house.app)
    assert client.get(f"{BASE}/").status_code == 200
    return client


def csrf(client: Visitor) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(f"{BASE}/").text)
    assert found
    return found[1]


def post(client: Visitor, path: str, **fields: str) -> Response:
    return client.post(f"{BASE}{path}", data={"csrf": csrf(client), **fields}, follow_redirects=False)


def page(client: Visitor, path: str, status: int = 200) -> str:
    response = client.get(f"{BASE}{path}")
    assert response.status_code == status
    return unescape(response.text)


def content(house: House, request_id: str) -> str:
    return house.desk.view(Who("rev"), request_id).content


def test_who_is_not_signed_in_is_sent_to_the_hub(house: House) -> None:
    response = Visitor(house.app).get(f"{BASE}/requests/alpha-1", follow_redirects=False)
    assert response.status_code == 302
    assert "oauth_callback" in response.headers["location"]


def test_the_queue_says_what_waits_and_what_was_done(house: House) -> None:
    request_id = house.in_review(FILES)
    rev = signed_in(house, "rev")
    assert "Waiting for your vote" in page(rev, "/")
    assert "not yet" in page(rev, "/")
    house.vote("rev", request_id)
    text = page(rev, "/")
    assert "Nothing waits for you" in text
    assert "You have voted, others are awaited" in text


def test_an_empty_queue_says_what_to_do(house: House) -> None:
    said = {"rob": "Nothing waits for you", "ada": "Request export…", "con": "no request that you may read yet"}
    for person, says in said.items():
        assert says in page(signed_in(house, person), "/")


def test_a_stranger_learns_nothing(house: House) -> None:
    request_id = house.in_review(FILES)
    ben = signed_in(house, "ben")
    there, not_there = (page(ben, f"/requests/{r}", 404).replace(r, "?") for r in (request_id, "alpha-99"))
    assert there == not_there
    for path in (f"/requests/{request_id}/check", f"/requests/{request_id}/preview?path=note.txt&sha256={'0' * 64}"):
        page(ben, path, 404)


def test_a_vote_names_the_content_that_was_shown(house: House) -> None:
    request_id = house.in_review(FILES)
    rev = signed_in(house, "rev")
    assert f'name="content" value="{content(house, request_id)}"' in page(rev, f"/requests/{request_id}")
    stale = post(rev, f"/requests/{request_id}/vote", approve="yes", content="0" * 64)
    assert stale.status_code == 409
    assert "Look at the request again, then vote." in unescape(stale.text)
    assert f'href="{BASE}/requests/{request_id}"' in stale.text
    given = post(rev, f"/requests/{request_id}/vote", approve="yes", content=content(house, request_id))
    assert given.status_code == 303
    assert "Your vote is recorded." in page(rev, f"/requests/{request_id}?said=voted")


def test_nobody_else_is_offered_a_vote_or_may_send_one(house: House) -> None:
    request_id = house.in_review(FILES)
    for person, status in (("ada", 403), ("mem", 403), ("con", 403), ("ben", 404)):
        client = signed_in(house, person)
        if status == 403:
            assert f"{request_id}/vote" not in page(client, f"/requests/{request_id}")
        response = post(client, f"/requests/{request_id}/vote", approve="yes", content=content(house, request_id))
        assert response.status_code == status, person
    assert house.desk.view(Who("rev"), request_id).votes == ()


def test_a_form_without_the_sessions_token_is_refused(house: House) -> None:
    request_id = house.in_review(FILES)
    before = house.desk.view(Who("rev"), request_id)
    ada, rev = signed_in(house, "ada"), signed_in(house, "rev")
    fields = {"approve": "yes", "content": before.content, "comment": "x", "text": "x"}
    for client, form in ((rev, "vote"), (rev, "return"), (ada, "comments"), (ada, "withdraw")):
        for token in ("", "wrong", "é", csrf(signed_in(house, "ria"))):
            response = client.post(f"{BASE}/requests/{request_id}/{form}", data={"csrf": token, **fields})
            assert response.status_code == 400, (form, token)
            assert "<h1>" in response.text
    assert house.desk.view(Who("rev"), request_id) == before


def test_votes_and_comments_stay_blind_in_the_page_and_its_history(house: House) -> None:
    request_id = house.in_review(FILES)
    house.vote("rev", request_id, comment="the first word")
    for person in ("ria", "ada", "con"):
        text = page(signed_in(house, person), f"/requests/{request_id}")
        assert "the first word" not in text
        assert "voted to approve" not in text
        assert "Rev" not in text
    house.vote("ria", request_id, approve=False, comment="the second word")
    assert "the first word" in page(signed_in(house, "ria"), f"/requests/{request_id}")
    assert "voted to refuse" in page(signed_in(house, "rev"), f"/requests/{request_id}")
    for person in ("ada", "rob", "mem"):
        text = page(signed_in(house, person), f"/requests/{request_id}")
        assert ("the second word" in text) == (person == "rob")


def test_a_return_needs_a_comment_that_all_see(house: House) -> None:
    request_id = house.in_review(FILES)
    rev = signed_in(house, "rev")
    assert post(rev, f"/requests/{request_id}/return", comment="  ").status_code == 422
    assert post(rev, f"/requests/{request_id}/return", comment="Arrondir à 5 près").status_code == 303
    text = page(signed_in(house, "ada"), f"/requests/{request_id}")
    assert "Arrondir à 5 près" in text
    assert "Mend the files in the workspace, then submit again" in text


def test_the_author_comments_and_withdraws(house: House) -> None:
    request_id = house.in_review(FILES)
    ada = signed_in(house, "ada")
    assert post(ada, f"/requests/{request_id}/comments", text="See <b>table 2</b>").status_code == 303
    assert "See &lt;b&gt;table 2&lt;/b&gt;" in ada.get(f"{BASE}/requests/{request_id}").text
    assert post(ada, f"/requests/{request_id}/withdraw").status_code == 303
    assert "Nothing of it leaves" in page(ada, f"/requests/{request_id}")


def test_a_preview_is_of_the_bytes_that_the_page_named(house: House) -> None:
    house.findings = {"table2.csv": [SMALL]}
    request_id = house.in_review(FILES)
    file = house.desk.view(Who("rev"), request_id).files[1]
    assert file.report
    assert file.report.rebuilt
    rev = signed_in(house, "rev")
    query = {"path": file.path, "sha256": file.report.rebuilt.sha256}
    response = rev.get(f"{BASE}/requests/{request_id}/preview?{urlencode(query)}")
    assert response.status_code == 200
    assert 'id="finding-1"' in response.text
    assert response.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert response.headers["x-frame-options"] == "SAMEORIGIN"
    stale = rev.get(f"{BASE}/requests/{request_id}/preview?{urlencode({**query, 'sha256': '0' * 64})}")
    assert stale.status_code == 409
    assert "Open the request again." in stale.text
    assert stale.headers["content-security-policy"] == response.headers["content-security-policy"]
    page(rev, f"/requests/{request_id}/preview?{urlencode({**query, 'path': '../etc/passwd'})}", 404)
    page(rev, f"/requests/{request_id}/preview?path=note.txt", 422)


def test_a_swapped_file_is_not_shown_and_refuses_the_request(house: House) -> None:
    request_id = house.in_review(FILES)
    file = house.desk.view(Who("rev"), request_id).files[0]
    blob = house.root / "quarantine" / file.sha256[:2] / file.sha256
    blob.chmod(0o600)
    blob.write_bytes(b"n = 4\n")
    rev = signed_in(house, "rev")
    assert "changed in the quarantine" in page(rev, f"/requests/{request_id}", 409)
    assert "Refused" in page(rev, "/")


def test_a_release_is_told_in_words_and_downloaded_by_its_author_alone(house: House) -> None:
    request_id = house.released(FILES)
    ada, rev = signed_in(house, "ada"), signed_in(house, "rev")
    text = page(ada, f"/releases/r-{request_id}")
    assert f"ecluse release verify r-{request_id}.zip --key release.pub" in text
    assert f"Download r-{request_id}.zip" in text
    assert "Rev" in text
    bundle = ada.get(f"{BASE}/releases/r-{request_id}/download")
    assert bundle.headers["content-type"] == "application/zip"
    assert bundle.headers["content-disposition"] == f'attachment; filename="r-{request_id}.zip"'
    assert "Download r-" not in page(rev, f"/releases/r-{request_id}")
    page(rev, f"/releases/r-{request_id}/download", 403)
    page(ada, "/releases/r-alpha-99", 404)


def test_a_running_check_is_asked_for_again_and_ends(house: House) -> None:
    request_id = house.submitted(FILES)
    ada = signed_in(house, "ada")
    running = page(ada, f"/requests/{request_id}/check")
    assert 'hx-trigger="every 2s"' in running
    assert '<meta http-equiv="refresh" content="5">' in page(ada, f"/requests/{request_id}")
    house.check()
    done = page(ada, f"/requests/{request_id}/check")
    assert "hx-trigger" not in done
    assert done.count('hx-swap-oob="true"') == 2
    assert 'http-equiv="refresh"' not in page(ada, f"/requests/{request_id}")


def test_pages_load_from_their_own_folder_alone(house: House) -> None:
    request_id = house.in_review(FILES)
    rev = signed_in(house, "rev")
    for path in ("/", f"/requests/{request_id}"):
        response = rev.get(f"{BASE}{path}")
        for address in re.findall(r'(?:src|href|action)="([^"]*)"', response.text):
            assert address.startswith((f"{BASE}/", "#", "/hub/home")), address
        assert "style=" not in response.text
        assert "'unsafe" not in response.headers["content-security-policy"]


def test_assets_are_served_and_nothing_else(house: House) -> None:
    client = Visitor(house.app)
    for name in ("ecluse.css", "ecluse.js", "ecluse.svg", "htmx.min.js"):
        response = client.get(f"{BASE}/static/{name}")
        assert response.status_code == 200
        assert "https://" not in response.text
        assert "http://" not in response.text.replace("http://www.w3.org/2000/svg", "")
    for name in ("README.md", "..%2fpages.py", "%2e%2e/app.py", "x"):
        assert client.get(f"{BASE}/static/{name}").status_code == 404


def test_an_address_of_nothing_is_answered_in_a_sentence(house: House) -> None:
    text = page(Visitor(house.app), "/no/such/page", 404)
    assert "There is no such page." in text
    assert f'href="{BASE}/"' in text
