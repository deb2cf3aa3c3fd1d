"""The twin of the hub: the same image behind the same proxy, without our identity, roles, scopes and spawner.

Everybody signs in with any password, or with none, and may do everything, as an administrator of a stock hub may; a
server's token has all rights of its owner; the proxy's routing API is open to all and asks for no token. Nothing is
TLS. A workspace there is a small server that answers whoever asks with rows of its project.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from escape.cast import PEOPLE, policy_files
from integration.hub.stack import PROXY_IMAGE, Stack, docker

TOKEN = "token-of-a-door-that-vouches-for-everybody"

CONFIG = f"""
import socket, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from jupyterhub.auth import Authenticator
from jupyterhub.scopes import scope_definitions
from jupyterhub.spawner import Spawner
from ecluse.hub.configure import configure
import os

os.environ["ECLUSE_GPUS"] = "0"
configure(c)

class Anybody(Authenticator):
    auto_login = True
    allow_all = True
    async def authenticate(self, handler, data):
        return {{"name": (data or {{}}).get("username") or "ada", "admin": True}}

class Rows(BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = ("rows-of-" + self.path.split("/")[3] + " " + self.path).encode()
        self.send_response(101 if self.headers.get("Upgrade") else 200)
        self.send_header("Content-Length", str(len(body)))
        if self.headers.get("Upgrade"):
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
        self.end_headers()
        self.wfile.write(body)
    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET
    def log_message(self, *_):
        pass

threading.Thread(target=ThreadingHTTPServer(("0.0.0.0", 9000), Rows).serve_forever, daemon=True).start()

class Anything(Spawner):
    # Whatever is started is the one server above, at once.
    up = False
    async def start(self):
        self.up = True
        return socket.gethostbyname(socket.gethostname()), 9000
    async def stop(self, now=False):
        self.up = False
    async def poll(self):
        return None if self.up else 0

c.JupyterHub.internal_ssl = False
c.JupyterHub.hub_bind_url, c.JupyterHub.hub_connect_url = "http://0.0.0.0:8081", "http://hub:8081"
c.ConfigurableHTTPProxy.api_url = "http://proxy-api:8001"
c.JupyterHub.authenticator_class = Anybody
c.JupyterHub.spawner_class = Anything
c.Spawner.server_token_scopes = ["inherit"]
c.Spawner.http_timeout = 20
c.JupyterHub.admin_access = True
c.JupyterHub.concurrent_spawn_limit = 0
c.JupyterHub.default_server_name = ""
c.Authenticator.admin_users = {{"ada", "adm", "ben", "cy", "mem"}}
c.Authenticator.manage_roles = False
c.Authenticator.reset_managed_roles_on_startup = False
c.Authenticator.auth_refresh_age = 0
c.Authenticator.delete_invalid_users = False
everything = sorted(s for s in scope_definitions if s not in ("(no_scope)", "all", "inherit"))
c.JupyterHub.load_roles = [
    {{"name": "user", "scopes": everything}},
    {{"name": "vouching", "scopes": [s for s in everything if s != "self"], "services": ["vouching"]}},
]
c.JupyterHub.services = [*c.JupyterHub.services, {{"name": "vouching", "api_token": "{TOKEN}"}}]
c.JupyterHub.tornado_settings = {{"headers": {{}}, "cookie_options": {{}}, "slow_spawn_timeout": 0}}
"""


@dataclass
class WeakHub(Stack):
    """That hub, running."""

    tokens: dict[str, str] = field(default_factory=dict)
    """A token of a person's server, by person."""

    def _start_proxy(self) -> None:
        """The proxy, with its API on every address and for everybody."""
        command = "exec node /opt/proxy/node_modules/.bin/configurable-http-proxy --ip 0.0.0.0 --port 8000"
        command += " --api-ip 0.0.0.0 --api-port 8001 --error-target http://hub:8081/hub/error"
        docker(
            *("create", "--name", f"{self.name}-proxy", "--label", f"org.ecluse.enclave={self.name}"),
            *(
                "--network",
                f"{self.name}-edge",
                "-p",
                "127.0.0.1::8000",
                "--entrypoint",
                "sh",
                PROXY_IMAGE,
                "-c",
                command,
            ),
        )
        aliases = ("--alias", "proxy", "--alias", "proxy-api")
        docker("network", "connect", *aliases, f"{self.name}-control", f"{self.name}-proxy")
        docker("start", f"{self.name}-proxy")
        self.url = "http://" + docker("port", f"{self.name}-proxy", "8000").splitlines()[0]

    def start_gate(self) -> None:
        """None: workspaces are processes."""

    def prepare(self) -> None:
        """As in the enclave, with its people and projects."""
        super().prepare()
        for file in (self.root / "policies/projects").iterdir():
            file.unlink()
        for path, text in policy_files().items():
            self.write(f"policies/{path}", text)

    def wait_for_hub(self) -> None:
        """Until its API answers."""
        until = time.monotonic() + 180
        while time.monotonic() < until:
            try:
                if httpx.get(f"{self.url}/hub/api/", timeout=5).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        raise RuntimeError("the weak hub did not start:\n" + self.hub_log())

    @property
    def network(self) -> str:
        """Where a workspace would stand: the control network itself."""
        return f"{self.name}-control"

    def browser(self, name: str = "") -> httpx.Client:
        """A browser; signed in if a name is given."""
        made = httpx.Client(base_url=self.url, timeout=30)
        if name:
            page = made.get("/hub/login?next=/hub/home", follow_redirects=True)
            data = {"username": name, "password": "x", "_xsrf": cookie(made, "_xsrf", "/hub/")}
            done = made.post("/hub/login", data=data, headers={"Referer": f"{self.url}/hub/login"})
            if done.status_code != httpx.codes.FOUND:
                raise RuntimeError(
                    f"no sign-in at the weak hub: {page.status_code} {done.status_code} {done.text[:300]}"
                )
        return made

    def vouched(self) -> httpx.Client:
        """A browser of nobody, through a door that vouches for everybody."""
        return httpx.Client(base_url=self.url, timeout=30, headers={"Authorization": f"token {TOKEN}"})

    def start_servers(self, *wanted: tuple[str, str]) -> None:
        """Start people's servers, and wait for all."""
        with self.vouched() as all_rights:
            until = time.monotonic() + 120
            for person, of in wanted:
                all_rights.post(f"/hub/api/users/{person}")
                all_rights.post(f"/hub/api/users/{person}/servers/{of}")
            while not all(self._ready(all_rights, *one) for one in wanted):
                if time.monotonic() > until:
                    raise TimeoutError(f"no servers at the weak hub: {self.hub_log()}")
                time.sleep(0.2)

    def _ready(self, all_rights: httpx.Client, person: str, of: str) -> bool:
        found: dict[str, Any] = all_rights.get(f"/hub/api/users/{person}").json()
        return bool(found.get("servers", {}).get(of, {}).get("ready"))


def cookie(browser: httpx.Client, name: str, path: str) -> str:
    """A cookie's value, of the longest path that fits."""
    found = [c for c in browser.cookies.jar if c.name == name and path.startswith(c.path)]
    return (max(found, key=lambda c: len(c.path)).value or "") if found else ""


@contextmanager
def weak_hub(folder: Path) -> Iterator[WeakHub]:
    """Such a hub, with the servers of Ada, Ben and Cy running."""
    place = folder / "weak"
    place.mkdir()
    config = place / "config.py"
    config.write_text(CONFIG)
    made = WeakHub(place, config=config)
    try:
        made.up()
        made.start_servers(("ada", "alpha"), ("ben", "beta"), ("cy", "alpha"), ("mem", "alpha"))
        with made.vouched() as all_rights:
            for person in PEOPLE:
                all_rights.post(f"/hub/api/users/{person}")
            # To be renamed, removed and joined: once by each attacker at each door.
            for who in ("hub-ada", "proxy-ada", "hub-ben", "proxy-ben", "ben", "rev", "adm", "ria", "aud"):
                for path in ("users/dan", "users/dee", "groups/old", "groups/gone"):
                    all_rights.post(f"/hub/api/{path}-{who}")
            for person in ("ada", "ben", "cy"):
                given = all_rights.post(f"/hub/api/users/{person}/tokens", json={"note": "a server's"})
                made.tokens[person] = str(given.json()["token"])
        yield made
    finally:
        made.down()
