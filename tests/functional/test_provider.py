"""Signing in at a real identity provider (Glewlwyd, from Debian) in a real browser, with a second factor; and going.

An enclave of its own, with its door to the provider. What the provider can't be made to say, forged tokens above all,
is tested in `tests/unit/hub`.
"""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as NotShownError

from access.callers import Caller, Row
from access.hub import PROVIDER
from ecluse.hub.oidc import OidcAuthenticator
from ecluse.store.database import open_database
from glewlwyd import PASSWORD, Glewlwyd, docker
from small_enclave import PEOPLE, furnish, write_people

REPO = Path(__file__).parents[2]
BOUND = 10.0
"""Seconds from a removal at the provider to a dead session and no workspace."""


class Site:
    """An enclave and its provider."""

    def __init__(self) -> None:
        from enclave import Enclave

        url = "https://localhost:8098"
        self.enclave = Enclave("ecluse-oidc", REPO / "build" / "oidc-enclave", 8098, url, identity="oidc")
        self.enclave.clean()
        self.provider = Glewlwyd(self.enclave.root / "provider", f"{url}/hub/oauth_callback")
        self.subjects: dict[str, str] = {}
        self.pages: dict[str, Page] = {}

    def up(self) -> None:
        root = self.enclave.root
        provider = {
            "issuer": self.provider.issuer,
            "client_id": "ecluse",
            "title": "the hospital",
            "second_factor": {"amr": ["otp"]},
            "groups": {"roles": {"researchers": ["researcher"], "reviewers": ["reviewer"]}},
        }
        furnish(root, {}, {"provider.yaml": yaml.safe_dump(provider)})
        self.provider.up()
        for person in PEOPLE:
            self.provider.add(person, "reviewers" if person == "rev" else "researchers")
        (root / "secrets/hub").mkdir(parents=True)
        (root / "secrets/hub/client_secret").write_text(self.provider.client_secret)
        (root / "secrets/hub/provider-ca.pem").write_bytes(self.provider.authority.read_bytes())
        self.enclave.prepare()
        self.enclave.up()
        docker("network", "connect", "--alias", "provider.test", "ecluse-oidc-provider", self.provider.name)

    def write_people(self) -> None:
        known = {p: {"issuer": self.provider.issuer, "subject": s} for p, s in self.subjects.items()}
        write_people(self.enclave.root, known)

    def know(self, page: Page, person: str) -> None:
        """What an administrator does with the sentence that a person was shown and has sent."""
        told = page.get_by_role("alert").inner_text()
        found = re.search(r"as '([^']+)'", told)
        assert found, told
        self.subjects[person] = found[1]
        self.write_people()
        time.sleep(2.5)  # the hub reads the policies when it is asked; the reconciler every two seconds

    def events(self, action: str) -> list[dict[str, object]]:
        database = open_database(f"sqlite:///{self.enclave.root}/control/ecluse.sqlite")
        try:
            with database.look() as look:
                return [dict(e) for e in look.events.records() if e["action"] == action]
        finally:
            database.close()

    def down(self) -> None:
        self.provider.down()
        self.enclave.clean()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    made = Site()
    try:
        made.up()
        yield made
    finally:
        made.down()


def to_the_provider(page: Page, site: Site) -> None:
    page.goto(f"{site.enclave.url}/hub/login")
    page.get_by_role("link", name="Sign in with the hospital").click()
    page.wait_for_url(f"{site.provider.address}/**")
    # Glewlwyd's page loads its parts over many connections, and on a busy machine stays empty if one of them is late.
    shown = page.get_by_placeholder("Your username").or_(page.get_by_role("button", name="Continue"))
    for _ in range(3):
        try:
            shown.first.wait_for(timeout=8000)
        except NotShownError:
            page.reload()
        else:
            return


def sign_in(page: Page, site: Site, person: str, *, code: bool = True) -> None:
    """The whole way, up to the page that the hub answers with."""
    to_the_provider(page, site)
    page.get_by_placeholder("Your username").fill(person)
    page.get_by_placeholder("Your password").fill(PASSWORD)
    page.get_by_role("button", name="OK").click()
    if code:
        field = page.get_by_placeholder("Value required")
        expect(field).to_be_visible()
        assert site.enclave.url not in page.url, "the password alone led back to the enclave"
        field.fill(site.provider.codes[person].now())
        page.get_by_role("button", name="OK").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(re.compile(re.escape(site.enclave.url)))


def page_of(browser: Browser) -> Page:
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(20_000)
    return context.new_page()


def at_home(browser: Browser, site: Site, person: str) -> Page:
    """The page of somebody who is in: signed in once, for a code opens once. Who is not known yet is made known."""
    if person not in site.pages:
        page = page_of(browser)
        sign_in(page, site, person)
        if person not in site.subjects:
            site.know(page, person)
            to_the_provider(page, site)
            page.get_by_role("button", name="Continue").click()
        page.wait_for_url("**/hub/home")
        site.pages[person] = page
    return site.pages[person]


def test_password_and_code_at_the_provider_open_the_hub_for_whom_it_knows(site: Site, browser: Browser) -> None:
    page = page_of(browser)
    sign_in(page, site, "ada")
    expect(page.get_by_role("heading", name="Not signed in")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text(site.provider.issuer)
    expect(page.get_by_role("alert")).to_contain_text("Send this sentence to an administrator")
    assert site.events("session.sign-in") == []
    assert site.events("refused.sign-in")[-1]["detail"] == {"reason": "unknown-identity"}

    site.know(page, "ada")
    to_the_provider(page, site)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/hub/home")
    expect(page.get_by_role("heading", name="Alpha")).to_be_visible()
    assert [e["actor"] for e in site.events("session.sign-in")] == ["ada"]
    site.pages["ada"] = page


def test_without_a_second_factor_the_hub_refuses_whom_the_provider_lets_through(site: Site, browser: Browser) -> None:
    page = page_of(browser)
    site.provider.ask_for_codes(wanted=False)
    try:
        sign_in(page, site, "ada", code=False)
    finally:
        site.provider.ask_for_codes()
    expect(page.get_by_role("alert")).to_contain_text("second factor")
    page.goto(f"{site.enclave.url}/hub/home")
    expect(page.get_by_role("link", name="Sign in with the hospital")).to_be_visible()
    page.context.close()


def test_role_that_no_group_confirms_keeps_a_person_out(site: Site, browser: Browser) -> None:
    page = page_of(browser)
    sign_in(page, site, "aud")
    site.know(page, "aud")
    to_the_provider(page, site)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("confirms your role: auditor")
    page.context.close()


def test_every_handler_that_a_provider_brings_is_in_the_table() -> None:
    brought = {f"/hub{path}" for path, _ in OidcAuthenticator().get_handlers(None)}
    assert brought - {"/hub/logout"} == {row.path for row in PROVIDER} - {"/hub/login"}


@pytest.mark.parametrize("row", PROVIDER, ids=lambda row: row.name)
def test_row(site: Site, browser: Browser, row: Row) -> None:
    stranger, ada = page_of(browser), at_home(browser, site, "ada")
    for caller, page in ((Caller.STRANGER, stranger), (Caller.SELF, ada)):
        page.goto(f"{site.enclave.url}/hub/login")
        token = next(
            c["value"] for c in page.context.cookies(f"{site.enclave.url}/hub/") if c["name"].endswith("_xsrf")
        )
        form = {"_xsrf": token, "username": "ada", "password": PASSWORD} if row.method == "POST" else None
        url = f"{site.enclave.url}{row.example}"
        answer = page.request.fetch(url, method=row.method, form=form, max_redirects=0)
        told = (row.name, caller, answer.status, answer.headers.get("location", ""))
        assert (answer.status < 400) == (caller in row.allowed), told
        if row.path == "/hub/oauth_login":
            assert answer.headers["location"].startswith(f"{site.provider.address}/"), told
    stranger.context.close()


def start(page: Page, site: Site, person: str) -> None:
    """Start the workspace and wait until it runs. The Lab is left again: drawing it is not what is measured."""
    page.goto(f"{site.enclave.url}/hub/spawn/{person}/alpha")
    page.wait_for_url(f"**/user/{person}/alpha/**", timeout=120_000, wait_until="commit")
    page.wait_for_url("**/lab**", timeout=60_000, wait_until="commit")
    page.goto(f"{site.enclave.url}/hub/home")


def runs(person: str) -> bool:
    return bool(docker("ps", "-q", "--filter", f"name=^ecluse-oidc_alpha_{person}$"))


def gone_after(page: Page, site: Site, person: str, began: float) -> tuple[float, float]:
    """Seconds until the browser's session is dead, and until no container of the workspace runs."""
    dead = stopped = 0.0
    while not (dead and stopped):
        now = time.monotonic() - began
        assert now < 60, f"still in after {now:.0f} s: session {dead or 'alive'}, workspace {stopped or 'runs'}"
        if not dead:
            answer = page.request.get(f"{site.enclave.url}/hub/home", max_redirects=0)
            dead = now if answer.status in (302, 403) else 0.0
        if not stopped and not runs(person):
            stopped = time.monotonic() - began
        time.sleep(0.1)
    return dead, stopped


def test_who_is_removed_at_the_provider_is_out_and_their_workspace_stops(site: Site, browser: Browser) -> None:
    people, took = ("ada", "ben", "cy"), []
    for person in people:
        page = at_home(browser, site, person)
        start(page, site, person)
        page.goto(f"{site.enclave.url}/services/airlock/")
        open_before = [f"/user/{person}/alpha/api/status", "/services/airlock/"]
        assert runs(person)
        assert [page.request.get(site.enclave.url + p, max_redirects=0).status for p in open_before] == [200, 200]
        began = time.monotonic()
        site.provider.remove(person)
        took.append(gone_after(page, site, person, began))
        # The airlock remembers what the hub said for five seconds; on a quick machine that is what lasts longest.
        while 200 in [page.request.get(site.enclave.url + p, max_redirects=0).status for p in open_before]:
            assert time.monotonic() - began < BOUND
            time.sleep(0.2)
    print("removed at the provider → dead session, stopped workspace (s):", [(f"{d:.1f}", f"{s:.1f}") for d, s in took])
    assert max(max(pair) for pair in took) < BOUND
    ends = {str(e["subject"]): e["detail"] for e in site.events("session.end")}
    assert {ends[p]["reason"] for p in people} == {"signed-out"}  # type: ignore[index]
    until = time.monotonic() + 15  # the hub writes it down once the engine has removed the container
    while not {str(e["subject"]) for e in site.events("workspace.stop")} >= {f"{p}/alpha" for p in people}:
        assert time.monotonic() < until, "a stop that is not recorded"
        time.sleep(0.5)


def test_who_loses_the_group_that_confirms_their_role_is_out(site: Site, browser: Browser) -> None:
    page = at_home(browser, site, "rev")
    site.provider.put_into("rev", "others")
    until = time.monotonic() + BOUND
    while page.request.get(f"{site.enclave.url}/hub/home", max_redirects=0).status == 200:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert site.events("session.end")[-1]["detail"]["reason"] == "role-not-confirmed"  # type: ignore[index]


def inside_hub(code: str) -> str:
    done = subprocess.run(
        ["docker", "exec", "ecluse-oidc-hub", "python", "-c", code], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def test_the_door_leads_to_the_provider_and_nowhere_else(site: Site) -> None:
    reach = (
        "import socket\n"
        "def way(host, port):\n"
        "    try: socket.create_connection((host, port), 3).close(); return 'open'\n"
        "    except OSError: return 'closed'\n"
    )
    assert inside_hub(reach + "print(way('way-to-provider', 4593))") == "open"
    assert inside_hub(reach + "print(way('way-to-provider', 443), way('way-to-provider', 8000))") == "closed closed"
    address = docker("inspect", "-f", '{{(index .NetworkSettings.Networks "bridge").IPAddress}}', site.provider.name)
    assert inside_hub(reach + f"print(way('{address}', 4593))") == "closed"
    assert docker("inspect", "-f", "{{.NetworkSettings.Ports}}", "ecluse-oidc-provider-door").count("127.0.0.1") == 0


def test_secrets_and_tokens_are_readable_nowhere(site: Site, browser: Browser) -> None:
    settings = docker("inspect", "-f", "{{.Config.Env}}", "ecluse-oidc-hub")
    key = (site.enclave.root / "secrets/hub/crypt_key").read_text().strip()
    assert site.provider.client_secret not in settings
    assert key not in settings
    stored = (site.enclave.root / "hub/jupyterhub.sqlite").read_bytes()
    assert b"refresh_token" not in stored
    logs = subprocess.run(["docker", "logs", "ecluse-oidc-hub"], capture_output=True, text=True, check=True)
    told = logs.stdout + logs.stderr
    assert site.provider.client_secret not in told
    assert "/hub/oauth_callback" in told
    assert not re.search(r"eyJ|code=\w", told), "a token or a code in the log"
    for file in ("client_secret", "crypt_key", "provider-ca.pem"):
        assert (site.enclave.root / "secrets/hub" / file).stat().st_mode & 0o777 == 0o400


def test_a_callback_that_nobody_asked_for_opens_nothing(site: Site) -> None:
    with httpx.Client(base_url=site.enclave.url, verify=site.enclave.trusted) as http:
        answer = http.get("/hub/oauth_callback", params={"code": "stolen", "state": "e30="})
        assert answer.status_code == 400
        told = http.get("/hub/oauth_callback", params={"error": "access_denied", "error_description": "<b>x</b>"})
        assert told.status_code == 403
        assert "did not sign you in" in told.text
        assert "<b>x" not in told.text
