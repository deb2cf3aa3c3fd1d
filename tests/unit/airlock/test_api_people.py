"""People's sessions and forms, as a browser has them."""

import re

import httpx

from ecluse.airlock.app import create_app
from ecluse.airlock.people import COOKIE
from ecluse.airlock.settings import BASE, read_settings
from ecluse.rules.request import State
from factories import enclave
from fake_hub import FakeHub
from unit.airlock.calls import URL, form


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
        answer = await form(browser, "/requests/alpha-1/vote", headers, **vote, **bad)
        assert answer.status_code == 400
    assert calls.lock.get("alpha-1").votes == ()
    good = await form(browser, "/requests/alpha-1/vote", {"Origin": URL}, **vote, csrf=mine)
    assert good.status_code == 303
    assert [v.reviewer for v in calls.lock.get("alpha-1").votes] == ["rev"]


async def test_a_form_of_nobody_is_refused(calls):
    calls.lock.request_at(State.IN_REVIEW)
    answer = await form(calls.client(), "/requests/alpha-1/vote", approve="yes", content="0" * 64, csrf="x")
    assert answer.status_code == 401


async def test_logging_out_ends_the_session(calls):
    browser = await calls.signed_in("rev")
    cookie = browser.cookies[COOKIE]
    csrf = (await calls.app.state.doors.session(cookie)).csrf
    assert (await form(browser, "/logout")).status_code == 400
    assert (await form(browser, "/logout", csrf=csrf)).headers["location"] == "/hub/logout"
    assert await calls.app.state.doors.session(cookie) is None
