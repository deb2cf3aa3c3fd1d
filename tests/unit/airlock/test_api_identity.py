from datetime import timedelta

import pytest

from ecluse.airlock.hub import HubUnreachableError
from ecluse.airlock.identity import (
    LOGIN_TIME,
    MEMORY,
    SESSION_TIME,
    Doors,
    Memory,
    csrf_holds,
    page_of_ours,
    person_of,
    workspace_of,
)
from ecluse.airlock.settings import BASE, read_settings
from ecluse.rules.outcome import Reason, RefusedError
from ecluse.rules.settings import SettingsError
from ecluse.steps.acting import Who
from factories import NOW, FakeClock
from fake_hub import FakeHub, person_model, server_model


@pytest.fixture
def hub():
    return FakeHub()


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def doors(hub, clock):
    return Doors(hub, clock)


async def refused(waiting):
    with pytest.raises(RefusedError) as caught:
        await waiting
    assert caught.value.refused.reason is Reason.NOT_SIGNED_IN


# workspaces


def test_a_server_token_proves_person_and_project():
    assert workspace_of(server_model("ada", "alpha")) == Who("ada", "alpha")


@pytest.mark.parametrize(
    "model",
    [
        None,
        {},
        person_model("ada"),
        {**server_model("ada", "alpha"), "name": "ben"},
        {**server_model("ada", "alpha"), "kind": "service"},
        {**server_model("ada", "alpha"), "session_id": "a browser's"},
        {k: v for k, v in server_model("ada", "alpha").items() if k != "session_id"},
        {**server_model("ada", "alpha"), "scopes": "access:servers!server=ada/alpha"},
        {**server_model("ada", "alpha"), "scopes": []},
        {**server_model("ada", "alpha"), "scopes": ["access:servers"]},
        {**server_model("ada", "alpha"), "scopes": ["access:servers!user=ada"]},
        {**server_model("ada", "alpha"), "scopes": ["access:servers!server=ada/"]},
        {**server_model("ada", "alpha"), "scopes": ["access:servers!server=ada/alpha/x"]},
        {**server_model("ada", "alpha"), "scopes": ["access:servers!server=ada/alpha\n"]},
        {**server_model("ada", "alpha"), "scopes": ["access:servers!server=ada/alpha!user=ada"]},
        {**server_model("ada", "alpha"), "scopes": ["access:servers!server=ada/Alpha"]},
        {**server_model("Ada", "alpha")},
        {
            **server_model("ada", "alpha"),
            "scopes": ["access:servers!server=ada/alpha", "access:servers!server=ada/beta"],
        },
        {
            **server_model("ada", "alpha"),
            "scopes": ["access:servers!server=ada/alpha", "access:services!service=airlock"],
        },
    ],
)
def test_nothing_else_passes_for_a_workspace(model):
    assert workspace_of(model) is None


def test_scopes_that_are_no_text_are_nothing():
    assert workspace_of({**server_model("ada", "alpha"), "scopes": [1, None]}) is None


async def test_workspace_is_asked_of_the_hub_and_again_after_five_seconds(doors, hub, clock):
    token = hub.workspace("ada", "alpha")
    for _ in range(3):
        assert await doors.workspace(f"Bearer {token}") == Who("ada", "alpha")
    assert hub.asked == 1
    hub.remove("ada")
    clock.wait(5)
    await refused(doors.workspace(f"token {token}"))


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YWRhOmFscGhh", "Bearer a b", "Bearer x\ny" * 9, "x" * 999]
)
async def test_other_headers_are_nobody(doors, hub, header):
    await refused(doors.workspace(header))
    assert hub.asked == 0


async def test_an_unknown_or_a_persons_token_is_nobody(doors, hub):
    await refused(doors.workspace("Bearer unknown-token"))
    await refused(doors.workspace(f"Bearer {hub.person('ada')}"))


async def test_without_a_hub_nobody_is_known(doors, hub):
    token = hub.workspace("ada", "alpha")
    hub.down = True
    with pytest.raises(HubUnreachableError):
        await doors.workspace(f"Bearer {token}")


# people


def test_a_login_token_tells_the_person():
    assert person_of(person_model("rev")) == "rev"


@pytest.mark.parametrize(
    "model",
    [
        None,
        server_model("ada", "alpha"),
        {**person_model("ada"), "kind": "service"},
        {**person_model("ada"), "scopes": []},
        {**person_model("ada"), "scopes": ["access:services"]},
        {**person_model("ada"), "scopes": ["access:services!service=other"]},
        {**person_model("ada"), "name": "Ada@example.org"},
        {**person_model("ada"), "name": None},
        {**person_model("ada"), "scopes": ["access:services!service=airlock", "access:servers!server=ada/alpha"]},
    ],
)
def test_nothing_else_passes_for_a_person(model):
    assert person_of(model) is None


async def signed_in(doors, hub, next_url=f"{BASE}/requests/alpha-1"):
    login = doors.start_login(next_url)
    back = hub.visit(login.url)
    return await doors.finish_login(login.state, back["state"], back["code"])


async def test_login_leads_to_a_session_and_to_the_page_asked_for(doors, hub):
    cookie, page = await signed_in(doors, hub)
    assert page == f"{BASE}/requests/alpha-1"
    session = await doors.session(cookie)
    assert session.person == "ada"
    assert csrf_holds(session, session.csrf)
    assert not csrf_holds(session, session.csrf[:-1])
    assert "person-ada" not in repr(session)
    assert session.csrf not in repr(session)


async def test_a_login_begun_in_another_browser_is_refused(doors, hub):
    login = doors.start_login(f"{BASE}/")
    back = hub.visit(login.url)
    await refused(doors.finish_login("", back["state"], back["code"]))
    await refused(doors.finish_login(doors.start_login(f"{BASE}/").state, back["state"], back["code"]))


async def test_a_login_works_once(doors, hub):
    login = doors.start_login(f"{BASE}/")
    back = hub.visit(login.url)
    await doors.finish_login(login.state, back["state"], back["code"])
    await refused(doors.finish_login(login.state, back["state"], back["code"]))


async def test_a_login_that_takes_too_long_is_refused(doors, hub, clock):
    login = doors.start_login(f"{BASE}/")
    back = hub.visit(login.url)
    clock.wait(LOGIN_TIME.total_seconds())
    await refused(doors.finish_login(login.state, back["state"], back["code"]))


async def test_a_login_without_a_code_or_of_nobody_is_refused(doors, hub):
    login = doors.start_login(f"{BASE}/")
    await refused(doors.finish_login(login.state, login.state, ""))
    hub.signs_in = "Nobody At All"
    login = doors.start_login(f"{BASE}/")
    back = hub.visit(login.url)
    await refused(doors.finish_login(login.state, back["state"], back["code"]))


async def test_the_code_of_another_login_is_refused(doors, hub):
    mine, theirs = doors.start_login(f"{BASE}/"), doors.start_login(f"{BASE}/")
    back = hub.visit(theirs.url)
    with pytest.raises(HubUnreachableError):
        await doors.finish_login(mine.state, mine.state, back["code"])


async def test_a_removed_person_is_out_within_five_seconds(doors, hub, clock):
    cookie, _ = await signed_in(doors, hub)
    hub.remove("ada")
    clock.wait(4)
    assert await doors.session(cookie) is None
    hub.person("ada")
    assert await doors.session(cookie) is None, "and stays out until the next login"


async def test_a_session_whose_token_tells_of_somebody_else_ends(doors, hub, clock):
    cookie, _ = await signed_in(doors, hub)
    hub.tokens["person-ada"] = person_model("rev")
    clock.wait(5)
    assert await doors.session(cookie) is None


async def test_the_hub_is_asked_once_in_five_seconds(doors, hub, clock):
    cookie, _ = await signed_in(doors, hub)
    asked = hub.asked
    await doors.session(cookie)
    assert hub.asked == asked
    clock.wait(5)
    await doors.session(cookie)
    await doors.session(cookie)
    assert hub.asked == asked + 1


async def test_sessions_end_by_time_and_by_logging_out(doors, hub, clock):
    cookie, _ = await signed_in(doors, hub)
    doors.forget(cookie)
    assert await doors.session(cookie) is None
    cookie, _ = await signed_in(doors, hub)
    clock.wait(SESSION_TIME.total_seconds())
    assert await doors.session(cookie) is None
    for nothing in ("", "unknown"):
        assert await doors.session(nothing) is None


@pytest.mark.parametrize("url", [f"{BASE}/", f"{BASE}/requests/a-1?x=1"])
def test_pages_of_ours_are_led_to(url):
    assert page_of_ours(url) == url


@pytest.mark.parametrize(
    "url",
    ["", "/", "https://evil.example/", "//evil.example/", f"{BASE}//evil", f"{BASE}/../hub", "/services/airlock-evil/",
     f"{BASE}/\\evil", f"{BASE}/a\nb", f"{BASE}/é", f"javascript:{BASE}/"],
)  # fmt: skip
def test_a_login_leads_nowhere_else(url):
    assert page_of_ours(url) == f"{BASE}/"


def test_memory_is_bounded_and_forgets_the_oldest():
    memory = Memory(timedelta(hours=1))
    for n in range(MEMORY + 1):
        memory.put(str(n), n, NOW)
    assert memory.get("0", NOW) is None
    assert memory.get(str(MEMORY), NOW) == MEMORY
    assert memory.pop("1", NOW) == 1
    assert memory.pop("1", NOW) is None


# settings


def test_settings_have_defaults_for_the_container():
    settings = read_settings({})
    assert settings.database == "sqlite:////srv/ecluse/control/ecluse.sqlite"
    assert str(settings.secrets) == "/srv/ecluse/secrets/airlock"
    assert not settings.secure


def test_settings_come_from_the_environment():
    settings = read_settings({"ECLUSE_URL": "https://enclave.example/", "ECLUSE_ROOT": "/x", "OTHER": "1"})
    assert settings.secure
    assert settings.url == "https://enclave.example"
    assert settings.database == "sqlite:////x/control/ecluse.sqlite"


def test_wrong_settings_are_all_named():
    with pytest.raises(SettingsError) as caught:
        read_settings({"ECLUSE_URL": "ftp://x", "ECLUSE_HUB_API": "nowhere"})
    assert "ECLUSE_URL" in str(caught.value)
    assert "ECLUSE_HUB_API" in str(caught.value)
