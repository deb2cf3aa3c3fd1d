"""A JupyterHub for `test_hub.py`: the enclave's own roles and service, no proxy, servers that never come up."""

import asyncio
import os
from pathlib import Path
from typing import Any

from jupyterhub.auth import DummyAuthenticator
from jupyterhub.proxy import Proxy
from jupyterhub.spawner import Spawner

from ecluse.hub.roles import airlock_service, role_of, stock_roles
from ecluse.store.policy_files import read_policies

FOLDER, PORT = Path(os.environ["TEST_FOLDER"]), os.environ["TEST_PORT"]
POLICIES = read_policies(FOLDER / "policies")


class NoProxy(Proxy):
    """Routes nothing: tests talk to the hub alone."""

    should_start = False

    async def add_route(self, routespec: str, target: str, data: Any) -> None:
        del routespec, target, data

    async def delete_route(self, routespec: str) -> None:
        del routespec

    async def get_all_routes(self) -> dict[str, Any]:
        return {}


class TokenSpawner(Spawner):
    """Writes the server's own token down, and goes on starting."""

    async def create_certs(self) -> dict[str, str]:
        return {}

    async def start(self) -> None:
        token = FOLDER / f"token-{self.user.name}-{self.name}"
        draft = token.with_suffix(".tmp")
        draft.write_text(self.get_env()["JUPYTERHUB_API_TOKEN"])
        draft.rename(token)
        await asyncio.sleep(600)

    async def stop(self, now: bool = False) -> None:
        del now

    async def poll(self) -> int | None:
        return None


class PolicyAuthenticator(DummyAuthenticator):
    """Anybody of the policies, with the roles that the enclave gives."""

    manage_roles = True

    async def authenticate(self, handler: Any, data: dict[str, str]) -> Any:
        del handler
        name = data["username"]
        return {"name": name, "admin": False, "roles": [role_of(POLICIES, name)]} if name in POLICIES.people else None


c = get_config()  # type: ignore[name-defined]  # noqa: F821 - JupyterHub has it there
c.JupyterHub.bind_url = f"http://127.0.0.1:{PORT}"
c.JupyterHub.hub_bind_url = f"https://127.0.0.1:{PORT}"
c.JupyterHub.internal_ssl = True
c.EcluseHub.papers = str(FOLDER / "secrets/hub")
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.spawner_class = TokenSpawner
c.JupyterHub.authenticator_class = PolicyAuthenticator
c.Authenticator.allow_all = True
c.JupyterHub.allow_named_servers = True
c.JupyterHub.db_url = f"sqlite:///{FOLDER}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(FOLDER / "cookie_secret")
c.JupyterHub.load_roles = [
    *stock_roles(),
    {"name": "boss", "scopes": ["admin:users", "admin:servers", "delete:servers"], "services": ["boss"]},
]
c.JupyterHub.services = [
    airlock_service("https://127.0.0.1:9", os.environ["TEST_TOKEN"], f"https://127.0.0.1:{PORT}"),
    {"name": "boss", "api_token": os.environ["TEST_BOSS"]},
]
