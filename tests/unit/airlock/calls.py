"""A running airlock and callers of it, over HTTP, with a hub in memory and everything else real."""

import asyncio

import httpx

from ecluse.airlock.settings import BASE
from factories import TABLE

API = f"{BASE}/api/v1"
URL = "http://localhost:8000"
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


async def form(browser, path, headers=None, **values):
    return await browser.post(f"{BASE}{path}", data=values, headers=headers or {})
