"""What anybody who is signed in may try at the hub and at others' workspaces: in a browser, at the enclave's address."""

import re
from collections.abc import Iterator
from functools import cache, partial

import httpx

from escape.attempt import Attempt, Seen
from escape.weak_hub import cookie
from escape.web import Call, Through, holds, seen
from escape.world import World

SPARE = {"ben": "rob", "rev": "ria", "adm": "con", "ria": "man", "aud": "rex"}
"""Whose default server each attacker tries to start: a twin's can be started once."""
ROWS = holds("rows-of", '"content"', '"kernels"', '"version"')


def _opened(answer: httpx.Response) -> bool:
    return answer.is_success and "login" not in str(answer.url)


def _leads_in(answer: httpx.Response) -> bool:
    return answer.is_success or answer.headers.get("location", "").startswith("/user/")


def calls(me: str, *, other: str = "ben", of: str = "beta") -> dict[str, Call]:
    """Calls of the hub's API and pages, and of others' workspaces. `me` makes them; `other` has a workspace of `of`."""
    found: dict[str, Call] = {}

    def add(name: str, method: str, path: str, through: Through | None = None, **more: object) -> None:
        found[name] = Call(method, path, through or _opened, more)

    users = "/hub/api/users"
    add("list everybody", "GET", users, holds('"name"'))
    add("list everybody who runs", "GET", f"{users}?state=active", holds('"name"'))
    add("read somebody", "GET", f"{users}/{other}", holds('"name"'))
    add("make a person", "POST", f"{users}/eve-{me}")
    add("make persons in bulk", "POST", users, json={"usernames": [f"eva-{me}"]})
    add("remove a person", "DELETE", f"{users}/dee-{me}")
    add("rename a person", "PATCH", f"{users}/dan-{me}", json={"name": f"evo-{me}"})
    add("become an administrator of the hub", "PATCH", f"{users}/{me}", json={"admin": True})
    add("make another an administrator of the hub", "PATCH", f"{users}/{other}", json={"admin": True})
    add("list groups", "GET", "/hub/api/groups", holds("["))
    add("make a group", "POST", f"/hub/api/groups/evil-{me}")
    add("join a group", "POST", f"/hub/api/groups/old-{me}/users", json={"users": [me]})
    add("write a group's properties", "PUT", f"/hub/api/groups/old-{me}/properties", json={"x": 1})
    add("remove a group", "DELETE", f"/hub/api/groups/gone-{me}")
    add("list services", "GET", "/hub/api/services", holds("airlock"))
    add("read the airlock's service", "GET", "/hub/api/services/airlock", holds("airlock"))
    add("read the routes", "GET", "/hub/api/proxy", holds("routespec"))
    add("write the routes anew", "POST", "/hub/api/proxy")
    add("read what the hub is", "GET", "/hub/api/info", holds("python"))
    add("read the metrics", "GET", "/hub/metrics", holds("jupyterhub_"))
    add("start a default server of its own", "POST", f"{users}/{me}/server")
    add("start a server of no project", "POST", f"{users}/{me}/servers/zeta")
    add("start a server in a project of others", "POST", f"{users}/{me}/servers/gamma")
    add("start another's server", "POST", f"{users}/{other}/servers/delta-{me}")
    add("start another's default server", "POST", f"{users}/{SPARE[me]}/server")
    add("start the administrator's server", "POST", f"{users}/adm/servers/eta-{me}")
    add("mint an own token", "POST", f"{users}/{me}/tokens", json={"note": "x"})
    add("mint an own token with all scopes", "POST", f"{users}/{me}/tokens", json={"scopes": ["admin:users"]})
    add(
        "mint an own token for a server",
        "POST",
        f"{users}/{me}/tokens",
        json={"scopes": [f"access:servers!server={other}/{of}"]},
    )
    add("mint a token of another", "POST", f"{users}/{other}/tokens", json={"note": "x"})
    add("list own tokens", "GET", f"{users}/{me}/tokens", holds("api_tokens"))
    add("list another's tokens", "GET", f"{users}/{other}/tokens", holds("api_tokens"))
    add("share another's server", "POST", f"/hub/api/shares/{other}/{of}", json={"user": "rob"})
    add("list what is shared of it", "GET", f"/hub/api/shares/{other}/{of}", holds("items"))
    add("make a code that opens it", "POST", f"/hub/api/share-codes/{other}/{of}")
    add("list codes that open it", "GET", f"/hub/api/share-codes/{other}/{of}", holds("items"))
    add("list what is shared with another", "GET", f"{users}/{other}/shared", holds("items"))
    add("write another's activity", "POST", f"{users}/{other}/activity", json={"last_activity": "2026-01-01T00:00:00Z"})
    add("write another's progress", "GET", f"{users}/{other}/servers/{of}/progress", holds("data:"))
    add("open the page that starts another's server", "GET", f"/hub/spawn/{other}/{of}", _leads_in)
    add("open the page of another's start", "GET", f"/hub/spawn-pending/{other}/{of}", _leads_in)
    user = f"/user/{other}/{of}"
    places = {
        "Lab": "lab", "API": "api", "status": "api/status", "files": "files/t.csv", "contents": "api/contents",
        "a file's content": "api/contents/t.csv?content=1", "kernels": "api/kernels", "sessions": "api/sessions",
        "terminals": "api/terminals", "static files": "static/x", "settings": "lab/api/settings", "exports":
        "ecluse/api/requests", "data": "ecluse/api/data", "metrics": "metrics", "events": "api/events/subscribe",
        "checkpoints": "api/contents/t.csv/checkpoints", "kernel specs": "api/kernelspecs", "tree": "lab/tree/x",
        "conversion": "nbconvert/html/a.ipynb", "view": "view/t.csv",
    }  # fmt: skip
    for name, path in places.items():
        add(f"another's workspace: {name}", "GET", f"{user}/{path}", ROWS)
    for name, (method, path) in {
        "start a kernel": ("POST", "api/kernels"), "write a file": ("PUT", "api/contents/x.py"),
        "rename a file": ("PATCH", "api/contents/t.csv"), "delete a file": ("DELETE", "api/contents/t.csv"),
        "make a request": ("POST", "ecluse/api/requests"), "shut it down": ("POST", "api/shutdown"),
        "start a terminal": ("POST", "api/terminals"), "start a session": ("POST", "api/sessions"),
    }.items():  # fmt: skip
        add(f"another's workspace: {name}", method, f"{user}/{path}", ROWS, json={})
    for name, path in {
        "with a token in the address": f"{user}/api?token=" + "a" * 32,
        "with a dot": f"{user}/./api", "from an own path": f"/user/{me}/x/../../{other}/{of}/api",
        "with an encoded letter": user.replace(other, "%" + f"{ord(other[0]):02x}" + other[1:]) + "/api",
        "with a semicolon": f"{user};x/api", "in capitals": user.replace(other, other.upper()) + "/api",
        "by the OAuth callback": f"{user}/oauth_callback?code=x&state=y",
    }.items():  # fmt: skip
        add(f"another's workspace {name}", "GET", path, ROWS)
    add("another's workspace by a websocket", "GET", f"{user}/api/kernels/x/channels", lambda a: a.status_code in (101, 200),
        headers={"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="})  # fmt: skip
    return found


UNUSED_ON_TWIN = {"with a semicolon", "in capitals"}


def hub_attempts(who: str, found: World, me: str, *, other: str = "ben", of: str = "beta") -> Iterator[Attempt]:
    """Each at the enclave, and at the hub without our roles, signed in as the same person."""
    real, twin = cache(lambda: found.browser(me)), cache(lambda: found.weak_browser(me))
    for name, call in calls(me, other=other, of=of).items():
        if name.removeprefix("another's workspace ") in UNUSED_ON_TWIN:
            continue
        yield Attempt(
            who, name, "refused", partial(make, call, real, found, other=(other, of)), partial(make, call, twin, found)
        )


def make(call: Call, browser, found: World, other: tuple[str, str] | None = None) -> Seen:  # type: ignore[no-untyped-def]
    """A call with the token that a page of the hub carries, as a script of that page would make it."""
    if other:
        assert found.alpha if other[1] == "alpha" else found.beta  # it runs: there is something to open
    who: httpx.Client = browser()
    xsrf = _xsrf(who)
    headers = {"X-XSRFToken": xsrf, "Referer": f"{who.base_url}hub/home", **call.more.get("headers", {})}
    answer = who.request(call.method, call.path, **{**call.more, "headers": headers})
    return seen(answer, call.through)


def _xsrf(browser: httpx.Client) -> str:
    value = cookie(browser, "_xsrf", "/hub/")
    if not value:
        browser.get("/hub/home")
        value = cookie(browser, "_xsrf", "/hub/")
    return re.sub(r"^\"|\"$", "", value)
