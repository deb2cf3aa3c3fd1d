"""What pages tell a stranger, and what a page of the stranger's can do in the browser of somebody who is signed in."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Origin

from escape.attempt import Seen
from escape.stranger_case import NAIVE, NO_EDGE, SAME, Act, Case
from escape.stranger_place import Place
from escape.world import AIRLOCK, World

EVIL = "https://evil.example"
LAB = "/user/ben/beta"


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _telling()
    yield from _existing()
    yield from _showing()
    yield from _leading()
    yield from _acting()
    yield from _listening()


# -- versions, paths, traces ------------------------------------------------------------------------------------------

TOLD = re.compile(
    r'(?i)\b[a-z]+/\d+\.\d|"version"|\bv?\d+\.\d+\.\d+\b|Traceback|File "/|"status": ?"OK"|Jupyter Development'
)


def _telling() -> Iterator[Case]:
    for name, path in {
        "the hub's API": "/hub/api/", "the proxy's health": "/_chp_healthz", "a script of the hub": "/hub/static/js/home.js",
    }.items():  # fmt: skip
        yield Case(f"learn a version from {name}", _tells("GET", path), NO_EDGE, "nothing told")
    for name, (method, path, more) in {
        "a page that is not there": ("GET", "/hub/nosuch", {}), "a page of the airlock that is not there": ("GET", f"{AIRLOCK}/nosuch", {}),
        "a workspace's page that is not there": ("GET", "/user/nosuch/nosuch/x", {}), "an address that is not there": ("GET", "/nosuch", {}),
        "a method that is not there": ("PROPFIND", "/hub/login", {}), "a broken body": ("POST", f"{AIRLOCK}/api/v1/requests", {
            "content": b"{bad", "headers": {"Content-Type": "application/json"}}), "a broken body at the hub": ("POST", "/hub/api/users", {
            "content": b"{bad"}), "a broken cookie": ("GET", "/hub/nosuch?x", {"headers": {"Cookie": 'jupyterhub-hub-login="2|1:0|\x01"'}}),
        "a broken id": ("GET", f"{AIRLOCK}/requests/nosuch%ff", {}), "a broken login": ("GET",
            "/hub/api/oauth2/authorize?client_id=nosuch", {}), "a number where there is none": ("GET", "/hub/error/nosuch", {}),
    }.items():  # fmt: skip
        yield Case(f"learn a trace from {name}", _tells(method, path, **more), NAIVE, "nothing told")
    yield Case("learn a version from the answer's headers", _tells("GET", f"{AIRLOCK}/nosuch"), NAIVE, "nothing told")


def _tells(method: str, path: str, **more: object) -> Act:
    def act(place: Place) -> Seen:
        answer = place.ask(method, path, **more)
        told = "\n".join([*(f"{k}: {v}" for k, v in answer.headers.items() if k != "set-cookie"), answer.text])
        found = TOLD.search(told)
        return Seen(found is not None, f"{answer.status_code} {found[0] if found else 'tells nothing'}")

    return act


def _existing() -> Iterator[Case]:
    pairs = {
        "the page of a person's workspace that does not run": ("/hub/user/{}/old/", "ben", "nobody"), "the page that starts it":
        ("/hub/spawn/{}/beta", "ben", "nobody"), "the hub's API": ("/hub/api/users/{}", "ben", "nobody"), "a share":
        ("/hub/api/shares/{}/beta", "ben", "nobody"), "a request": (AIRLOCK + "/requests/{}", "alpha-1", "nobody-1"), "a release":
        (AIRLOCK + "/releases/r-{}", "alpha-1", "nobody-1"), "the API of requests": (AIRLOCK + "/api/v1/requests/{}", "alpha-1", "nobody-1"),
    }  # fmt: skip
    for name, (path, there, not_there) in pairs.items():
        yield Case(f"learn who or what exists from {name}", _differs(path, there, not_there), NAIVE, "the same answer")


def _differs(path: str, there: str, not_there: str) -> Act:
    def act(place: Place) -> Seen:
        told = []
        for name in (there, not_there):
            answer = place.ask("GET", path.format(name))
            onward = re.sub(r"(state|code_challenge)=[^&]*", "", answer.headers.get("location", ""))
            told.append((answer.status_code, onward.replace(name, "?"), len(answer.text.replace(name, "?"))))
        return Seen(told[0] != told[1], f"{told[0][0]}, {'differs' if told[0] != told[1] else 'the same'}")

    return act


# -- in the browser of somebody who is signed in ----------------------------------------------------------------------


_browsers: dict[str, httpx.Client] = {}
_kernels: dict[str, str] = {}


def ben(found: World) -> httpx.Client:
    """Ben's browser, signed in at all three; it follows no redirect."""
    if found.name not in _browsers:
        made = found.browser("ben")
        made.follow_redirects = True
        made.get(f"{LAB}/lab")
        made.get(f"{AIRLOCK}/")
        made.follow_redirects = False
        _browsers[found.name] = made
    return _browsers[found.name]


PAGES = {
    "the hub's first page": "/hub/home",
    "the airlock": f"{AIRLOCK}/",
    "a workspace": f"{LAB}/lab",
    "the sign-in page": "/hub/login",
}


def _showing() -> Iterator[Case]:
    for name, path in PAGES.items():
        yield Case(f"frame {name}", _lacks(path, _framed), NAIVE, "not framed")
        if name != "a workspace":
            yield Case(f"find {name} in a cache", _lacks(path, _kept), NAIVE, "not kept")
            yield Case(f"load something from elsewhere into {name}", _lacks(path, _loads), NAIVE, "not loaded")
        yield Case(f"read {name} from another page (CORS)", _lacks(path, _readable), NAIVE, "not readable")
        yield Case(f"have {name} open over plain HTTP once", _lacks(path, lambda h: "max-age" not in h.get("strict-transport-security", "")),
                   NAIVE, "never")  # fmt: skip
    for name, wrong in {
        "by plain HTTP": lambda c: "secure" not in c, "from another page": lambda c: not {"samesite=lax", "samesite=strict"} & set(c),
        "everywhere": lambda c: not any(p.startswith("path=/") and len(p) > len("path=/") for p in c),
    }.items():  # fmt: skip
        yield Case(f"have a cookie sent {name}", _cookies(wrong), NAIVE, "not sent")


def _lacks(path: str, bad: Callable[[httpx.Headers], bool]) -> Act:
    def act(place: Place) -> Seen:
        assert place.world is not None
        signed_in = not place.naive and "login" not in path
        headers = {"Origin": EVIL}
        answer = ben(place.world).get(path, headers=headers) if signed_in else place.ask("GET", path, headers=headers)
        if not place.naive and answer.status_code != 200:
            return Seen(through=False, what=f"{answer.status_code}: no page", failed=True)
        return Seen(bad(answer.headers), "open to it" if bad(answer.headers) else "closed by a header")

    return act


def _framed(headers: httpx.Headers) -> bool:
    policy = headers.get("content-security-policy", "")
    return "frame-ancestors 'none'" not in policy and "frame-ancestors 'self'" not in policy


def _kept(headers: httpx.Headers) -> bool:
    return "no-store" not in headers.get("cache-control", "")


def _loads(headers: httpx.Headers) -> bool:
    policy = headers.get("content-security-policy", "")
    return "default-src 'none'" not in policy or "unsafe" in policy or "http" in policy


def _readable(headers: httpx.Headers) -> bool:
    return headers.get("access-control-allow-origin", "") in ("*", EVIL, "null")


def _cookies(wrong: Callable[[list[str]], bool]) -> Act:
    def act(place: Place) -> Seen:
        answers = [place.ask("GET", p) for p in ("/hub/login", f"{AIRLOCK}/", f"{LAB}/lab", f"{LAB}/static/x")]
        given = [c.lower() for a in answers for c in a.headers.get_list("set-cookie")]
        assert given
        bad = [c for c in given if wrong(c.split("; "))]
        return Seen(bool(bad), bad[0][:60] if bad else f"none of {len(given)}")

    return act


# -- a link that leads away -------------------------------------------------------------------------------------------


def _leading() -> Iterator[Case]:
    for name, path in {
        "an address in full": f"/hub/login?next={EVIL}/", "two slashes": "/hub/login?next=//evil.example/", "a backslash":
        "/hub/login?next=/%5cevil.example/", "two backslashes": "/hub/login?next=%5c%5cevil.example/", "a slash encoded twice":
        "/hub/login?next=%252f%252fevil.example/", "a user before the name": "/hub/login?next=https://localhost@evil.example/",
        "a tab in the scheme": "/hub/login?next=ht%09tps://evil.example/", "a script": "/hub/login?next=javascript:alert(1)",
        "a line end before slashes": "/hub/login?next=/%0a/evil.example/", "our name as a part of another":
        "/hub/login?next=https://localhost.evil.example/", "the path of the first page": "//evil.example/..",
        "the airlock's login": "/hub/api/oauth2/authorize?client_id=service-airlock&response_type=code&redirect_uri=https://evil.example/",
        "a page that starts": f"/hub/spawn/ben/beta?next={EVIL}/", "the hub's forwarding": "/hub/user-redirect//evil.example/",
    }.items():  # fmt: skip
        yield Case(f"lead somebody away by {name}", _away(path), SAME, "to no other site")


def _away(path: str) -> Act:
    """As a browser reads it: tabs and line ends vanish, a backslash is a slash. The twin sends where it is told."""

    def act(place: Place) -> Seen:
        assert place.world is not None
        if place.twin:
            asked = httpx.URL("https://localhost" + path).params
            onward = asked.get("next") or asked.get("redirect_uri") or path.removeprefix("/hub/user-redirect")
            answer = f"302, to {onward}"
        else:
            got = ben(place.world).get(place.world.enclave.url + path)
            onward, answer = got.headers.get("location", ""), str(got.status_code)
        read = re.sub(r"[\t\r\n]", "", onward).replace("\\", "/")
        target = urlsplit(urljoin(place.world.enclave.url + "/hub/", read.replace("%2f", "/").replace("%2F", "/")))
        away = target.netloc != urlsplit(place.world.enclave.url).netloc or target.scheme == "javascript"
        return Seen(away, f"{answer} {onward[:60]}".strip())

    return act


# -- a page of elsewhere that acts ------------------------------------------------------------------------------------

CROSS = {"Origin": EVIL, "Referer": f"{EVIL}/page", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}


def _acting() -> Iterator[Case]:
    lab = f"{LAB}/api"
    for name, (method, path, body, kind) in {
        "start a kernel": ("POST", f"{lab}/kernels", '{"name": "python3"}', "text/plain"), "write a file": (
            "PUT", f"{lab}/contents/x.txt", '{"type": "file", "format": "text", "content": "x"}', "application/json"),
        "remove a file": ("DELETE", f"{lab}/contents/nosuch.txt", "", ""), "open a session": (
            "POST", f"{lab}/sessions", '{"path": "x", "name": "x", "type": "console", "kernel": {"name": "python3"}}', "text/plain"),
        "start a workspace": ("POST", "/hub/api/users/ben/servers/beta", "", ""), "start a workspace by the page's form": (
            "POST", "/hub/spawn/ben/beta", "", "application/x-www-form-urlencoded"),
        "grant the airlock's login": ("POST", "/hub/api/oauth2/authorize?client_id=service-airlock&response_type=code", "scopes=x",
            "application/x-www-form-urlencoded"),
    }.items():  # fmt: skip
        yield Case(f"from another page: {name}", _crosses(method, path, body, kind), SAME)


def _crosses(method: str, path: str, body: str, kind: str) -> Act:
    """With all cookies, as a browser without same-site rules sends them. The twin has the token of the right page."""

    def act(place: Place) -> Seen:
        assert place.world is not None
        browser = ben(place.world)
        url = place.world.enclave.url
        headers = {"Content-Type": kind} if kind else {}
        if place.twin:
            headers |= {
                "X-XSRFToken": _token(browser, path),
                "Referer": f"{url}{LAB if path.startswith(LAB) else '/hub'}/home",
            }
        else:
            headers |= CROSS
        answer = browser.request(method, path, content=body, headers=headers)
        # What was let in and then failed on what it asked for was let in all the same.
        refused = answer.status_code in (401, 403) or "login" in answer.headers.get("location", "")
        return Seen(not refused, str(answer.status_code))

    return act


def _token(browser: httpx.Client, path: str) -> str:
    found = [c for c in browser.cookies.jar if c.name == "_xsrf" and path.startswith(c.path)]
    return (max(found, key=lambda c: len(c.path)).value or "").strip('"') if found else ""


def _listening() -> Iterator[Case]:
    for name, path in {
        "events": f"{LAB}/api/events/subscribe", "a kernel": f"{LAB}/api/kernels/{{kernel}}/channels",
    }.items():  # fmt: skip
        for how, origin in {"with another origin": EVIL, "with no origin but null": "null", "with our name as a part of another": (
                "https://localhost.evil.example"), "with our name and another scheme": "http://localhost"}.items():  # fmt: skip
            yield Case(f"a websocket to {name} {how}", _socket(path, origin), SAME)


def _kernel(found: World) -> str:
    if found.name not in _kernels:
        browser = ben(found)
        headers = {"X-XSRFToken": _token(browser, f"{LAB}/")}
        answer = browser.post(f"{LAB}/api/kernels", json={"name": "python3"}, headers=headers)
        _kernels[found.name] = str(answer.raise_for_status().json()["id"])
    return _kernels[found.name]


def _socket(path: str, origin: str) -> Act:
    def act(place: Place) -> Seen:
        assert place.world is not None
        browser, url = ben(place.world), place.world.enclave.url
        target = path.format(kernel=_kernel(place.world))
        if place.twin:
            target += f"?_xsrf={_token(browser, f'{LAB}/')}"
        cookies = browser.build_request("GET", f"{LAB}/api/kernels").headers["cookie"]
        try:
            with connect(url.replace("https", "wss") + target, additional_headers={"Cookie": cookies}, ssl=place.world.enclave.trusted,  # type: ignore[arg-type]
                         origin=Origin(url if place.twin else origin), open_timeout=20):  # fmt: skip
                return Seen(through=True, what="open")
        except WebSocketException as error:
            return Seen(through=False, what=str(error)[:80])

    return act
