"""The airlock's client against a real JupyterHub with the enclave's own roles: what `FakeHub` stands for."""

import os
import secrets
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from jupyterhub.services.auth import HubOAuth
from tornado.httputil import url_concat

from ecluse.airlock.hub import HubUnreachableError, JupyterHub
from ecluse.airlock.identity import Doors, person_of, workspace_of
from ecluse.airlock.settings import BASE, AirlockSettings
from ecluse.rules.outcome import RefusedError
from ecluse.steps.acting import Who
from ecluse.tls import asking
from factories import FakeClock
from fake_hub import person_model, server_model
from papers import lay_papers, trusting
from policies import write_policies

HERE = Path(__file__).parent


@dataclass
class RealHub:
    """A running hub."""

    url: str
    folder: Path
    token: str
    boss: str

    def airlock(self, token: str | None = None) -> JupyterHub:
        settings = AirlockSettings(root=self.folder, url=self.url, database="unused", hub_api=f"{self.url}/hub/api")
        return JupyterHub(settings, token or self.token)

    @property
    def proxy(self) -> ssl.SSLContext:
        """A browser reaches the hub by the proxy, which shows its certificate."""
        return asking(self.folder / "secrets/proxy")

    def signed_in(self, person: str) -> httpx.Client:
        browser = httpx.Client(base_url=self.url, verify=self.proxy)
        page = browser.get("/hub/login")
        xsrf = browser.cookies.get("_xsrf", path="/hub/")
        answer = browser.post("/hub/login", data={"username": person, "password": "x", "_xsrf": xsrf})
        assert (page.status_code, answer.status_code) == (200, 302)
        return browser

    def server_token(self, browser: httpx.Client, person: str, project: str) -> str:
        headers = {"Authorization": f"token {self.boss}"}
        httpx.post(
            f"{self.url}/hub/api/users/{person}/servers/{project}", headers=headers, timeout=30, verify=self.proxy
        )
        file = self.folder / f"token-{person}-{project}"
        for _ in range(200):
            if file.exists():
                return file.read_text()
            time.sleep(0.05)
        raise TimeoutError(person)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealHub]:
    folder = tmp_path_factory.mktemp("hub")
    write_policies(folder / "policies")
    lay_papers(folder, "ecluse")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token, boss = secrets.token_hex(16), secrets.token_hex(16)
    inherited = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
    environment = inherited | {
        "TEST_FOLDER": str(folder),
        "TEST_PORT": str(port),
        "TEST_TOKEN": token,
        "TEST_BOSS": boss,
        "PYTHONPATH": os.pathsep.join([str(HERE.parents[1] / "extensions"), str(HERE.parent)]),
    }
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "ecluse.hub.app", "-f", HERE / "hub_config.py"],
        env=environment,
        cwd=folder,
        stdout=log,
        stderr=log,
    )
    found = RealHub(f"https://127.0.0.1:{port}", folder, token, boss)
    try:
        for _ in range(600):
            assert process.poll() is None, (folder / "log").read_text()[-4000:]
            try:
                if httpx.get(f"{found.url}/hub/health", timeout=1, verify=found.proxy).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield found
    finally:
        process.terminate()
        process.wait(20)
        log.close()


async def test_token_of_a_workspace_proves_person_and_project(hub):
    browser = hub.signed_in("ada")
    token = hub.server_token(browser, "ada", "alpha")
    model = await hub.airlock().whoami(token)
    assert workspace_of(model) == Who("ada", "alpha")
    assert person_of(model) is None
    assert set(server_model("ada", "alpha")["scopes"]) <= set(model["scopes"]) | {"users:activity!user=ada"}
    assert await Doors(hub.airlock(), FakeClock()).workspace(f"Bearer {token}") == Who("ada", "alpha")
    browser.close()


async def test_token_of_a_browser_in_a_workspace_is_not_the_workspaces(hub):
    browser = hub.signed_in("ada")
    server = hub.server_token(browser, "ada", "alpha")
    own = hub.folder / "secrets/airlock"  # any certificate that the hub takes
    jupyter = HubOAuth(
        api_url=f"{hub.url}/hub/api", api_token=server, base_url="/user/ada/alpha/", hub_prefix="/hub/",
        oauth_client_id="jupyterhub-user-ada-alpha", oauth_redirect_uri="/user/ada/alpha/oauth_callback",
        keyfile=f"{own}/inside.key", certfile=f"{own}/inside.crt", client_ca=f"{own}/trusted.pem",
    )  # fmt: skip
    verifier, challenge, method = jupyter.generate_pkce_code_challenge()
    query = {"state": "any", "code_challenge": challenge, "code_challenge_method": method}
    answer = browser.get(url_concat(jupyter.login_url, query))
    code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
    token = await jupyter.token_for_code(code, code_verifier=verifier, sync=False)
    model = await hub.airlock().whoami(token)
    assert "access:servers!server=ada/alpha" in model["scopes"]
    assert workspace_of(model) is None
    assert person_of(model) is None
    browser.close()


async def login(hub, browser, doors):
    started = doors.start_login(f"{BASE}/")
    answer = browser.get(started.url)
    assert answer.status_code == 302, answer.text[-500:]
    target = urlsplit(answer.headers["location"])
    assert target.path == f"{BASE}/oauth_callback"
    query = {k: v[0] for k, v in parse_qs(target.query).items()}
    return await doors.finish_login(started.state, query["state"], query["code"])


async def test_a_login_gives_a_session_until_the_hub_forgets_the_person(hub):
    clock = FakeClock()
    doors = Doors(hub.airlock(), clock)
    browser = hub.signed_in("rev")
    cookie, page = await login(hub, browser, doors)
    session = await doors.session(cookie)
    assert (session.person, page) == ("rev", f"{BASE}/")
    model = await hub.airlock().whoami(session.token)
    assert workspace_of(model) is None
    assert set(person_model("rev")["scopes"]) >= {s for s in model["scopes"] if s.startswith("access:")}
    headers = {"Authorization": f"token {hub.boss}"}
    assert httpx.delete(f"{hub.url}/hub/api/users/rev", headers=headers, verify=hub.proxy).status_code == 204
    clock.wait(5)
    assert await doors.session(cookie) is None
    browser.close()


async def test_signing_out_of_the_hub_ends_the_session(hub):
    clock = FakeClock()
    doors = Doors(hub.airlock(), clock)
    browser = hub.signed_in("ria")
    cookie, _ = await login(hub, browser, doors)
    browser.get("/hub/logout")
    clock.wait(5)
    assert await doors.session(cookie) is None
    browser.close()


async def test_a_code_needs_the_verifier_of_its_own_login(hub):
    doors = Doors(hub.airlock(), FakeClock())
    browser = hub.signed_in("rob")
    mine, other = doors.start_login(f"{BASE}/"), doors.start_login(f"{BASE}/")
    code = parse_qs(urlsplit(browser.get(mine.url).headers["location"]).query)["code"][0]
    with pytest.raises(HubUnreachableError):
        await doors.finish_login(other.state, other.state, code)
    browser.close()


async def test_unknown_tokens_and_a_hub_that_is_away(hub):
    assert await hub.airlock().whoami("unknown-token") is None
    with pytest.raises(RefusedError):
        await Doors(hub.airlock(), FakeClock()).workspace("Bearer unknown-token")
    nowhere = "https://127.0.0.1:9/hub/api"
    away = AirlockSettings(root=hub.folder, url=hub.url, database="unused", hub_api=nowhere)
    with pytest.raises(HubUnreachableError):
        await JupyterHub(away, hub.token).whoami("unknown-token")


async def test_hub_and_airlock_know_each_other_by_their_certificates(hub, tmp_path):
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{hub.url}/hub/health", timeout=5, verify=trusting(hub.folder))
    # The airlock, in turn, takes nobody for the hub whose certificate is of another authority.
    lay_papers(tmp_path, "other")
    settings = AirlockSettings(root=tmp_path, url=hub.url, database="unused", hub_api=f"{hub.url}/hub/api")
    with pytest.raises(HubUnreachableError):
        await JupyterHub(settings, hub.token).whoami("unknown-token")
