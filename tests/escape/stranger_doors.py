"""Doors that ask who somebody is: the hub, workspaces and the airlock, with nothing, or with something made up."""

import base64
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import httpx

from ecluse.airlock.identity import Doors, Session
from ecluse.steps.acting import Who
from ecluse.store.clock import utc_now
from escape import desk
from escape.attempt import Attempt, Seen
from escape.desk import Stage, Switch, Try, Twins
from escape.desk_tries import fill
from escape.hub_tries import calls, make
from escape.stranger_case import SAME, WEAK_HUB, WHO, Act, Case
from escape.stranger_place import Place
from escape.web import Through, good, holds, seen
from escape.world import AIRLOCK, API, World

# -- the hub's calls, by nobody ---------------------------------------------------------------------------------------

ME = "aud"
"""Whom calls about oneself name; the weak hub has what is to be renamed, joined and removed."""
NOT_FOR_TOKENS = ("own", "semicolon", "capitals", "an administrator of the hub")
"""Parts of names of what a token of the weak hub can't do, or what is about the caller."""


def hub_attempts(found: World) -> Iterator[Attempt]:
    """What a signed-in person tries, without signing in: at the enclave, and at a hub that takes nobody for everybody."""
    real, weak, page = cache(found.browser), cache(found.weak_browser), cache(lambda: found.weak_browser("cy"))
    for name, call in calls(ME).items():
        if any(part in name for part in NOT_FOR_TOKENS):
            continue
        at_twin = partial(make, call, page if "open the page" in name else weak, found)
        at_edge = partial(make, call, real, found, other=("ben", "beta"))
        yield Attempt(WHO, f"not signed in: {name}", "refused", at_edge, at_twin)


# -- cookies and tokens that were made up -----------------------------------------------------------------------------

Forge = Callable[[str], str]


def _cut(value: str) -> str:
    return value.strip('"')[:-4] + "0000"


def _unsigned(value: str) -> str:
    return value.strip('"').rpartition("|")[0] + "|"


def _version_one(value: str) -> str:
    payload = value.strip('"').split("|")[4].split(":")[-1] if "|" in value else value
    return f"{payload}|1795920000|{'0' * 40}"


def _later(value: str) -> str:
    return re.sub(r"\|10:\d{10}\|", "|10:1999999999|", value)


def _other_name(value: str) -> str:
    return value.replace("hub-login", "session-id") if "hub-login" in value else value.replace("user-", "usex-")


FORGERIES: dict[str, Forge] = {
    "with its last signs guessed": _cut, "without its signature": _unsigned, "signed as in an older version": _version_one,
    "with a later time": _later, "of zeros": lambda _v: "0" * 64, "that is empty": lambda _v: "",
    "that says a name": lambda _v: "ben", "that says a name in JSON": lambda _v: base64.b64encode(b'{"name": "ben"}').decode(),
}  # fmt: skip


def cases() -> Iterator[Case]:
    """Cookies and tokens."""
    for door, cookie, page, words in (
        ("the hub", "jupyterhub-hub-login", "/hub/home", ("Sign out",)),
        ("the airlock", "ecluse-airlock", f"{AIRLOCK}/", ("csrf",)),
        ("a workspace", "jupyterhub-user-ben-beta", "/user/ben/beta/api/kernels", ("[",)),
    ):
        for name, forge in FORGERIES.items():
            if (door == "the airlock" and forge in (_unsigned, _version_one, _later)) or (door, name) == (
                "a workspace",
                "that says a name in JSON",
            ):
                continue  # its cookies carry no signature and no time
            yield Case(f"a cookie of {door} {name}", _cookie(cookie, page, words, forge), SAME)
    for name, headers in {
        "of zeros": {"Authorization": "token " + "0" * 32}, "as a bearer": {"Authorization": "Bearer " + "a" * 43},
        "in JSON without a signature (alg none)": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJiZW4ifQ."},
        "as a name and a password": {"Authorization": "Basic " + base64.b64encode(b"ben:ben").decode()},
        "that is empty": {"Authorization": "token"}, "that says null": {"Authorization": "token null"},
        "of a service": {"Authorization": "token airlock", "X-JupyterHub-Service": "airlock"},
    }.items():  # fmt: skip
        yield Case(f"a token at the hub {name}", _token(headers), WEAK_HUB)


def _cookie(name: str, page: str, words: tuple[str, ...], forge: Forge) -> Act:
    def act(place: Place) -> Seen:
        assert place.world is not None
        true = _cookies(place.world)[name]
        with place.client() as client:
            answer = client.get(page, headers={"Cookie": f"{name}={true if place.twin else forge(true)}"})
        return seen(answer, lambda a: a.is_success and any(w in a.text for w in words))

    return act


_kept: dict[int, dict[str, str]] = {}


def _cookies(found: World) -> dict[str, str]:
    """Ben's true cookies: what a forger wants to make."""
    if id(found) not in _kept:
        with found.browser("ben") as browser:
            browser.follow_redirects = True
            browser.get("/user/ben/beta/lab")
            browser.get(f"{AIRLOCK}/")
            _kept[id(found)] = {c.name: c.value or "" for c in browser.cookies.jar}
    return _kept[id(found)]


def _token(headers: dict[str, str]) -> Act:
    def act(place: Place) -> Seen:
        assert place.world is not None
        true = {"Authorization": f"token {place.world.weak.tokens['ben']}"}
        return seen(place.ask("GET", "/hub/api/user", headers=true if place.twin else headers), holds('"name"'))

    return act


# -- the airlock, by nobody -------------------------------------------------------------------------------------------


def airlock_attempts(found: World) -> Iterator[Attempt]:
    """The airlock's pages and API: at the real one, and at one that takes nobody for Ada or for a workspace of hers."""
    real = cache(lambda: desk.real_stage(found, {}))
    yield from desk.attempts(WHO, list(_tries()), real, Twins(found.folder / "twins-stranger"))


async def _anybody(_doors: object, _cookie: str) -> object:
    return Session("rev", "", utc_now())


def _workspace_of(person: str, of: str) -> Switch:
    async def anybody(_doors: object, _header: str) -> Who:
        return Who(person, of)

    return {"ecluse.airlock.identity.Doors.workspace": anybody}


PAGES: Switch = {"ecluse.airlock.identity.Doors.session": _anybody}
FORMS: Switch = {**PAGES, "ecluse.airlock.people.csrf_holds": lambda *_: True}


def _tries() -> Iterator[Try]:
    request, title = f"{AIRLOCK}/requests/{{ada}}", holds("Title-of")
    for name, (path, through) in {
        "the first page": (f"{AIRLOCK}/", holds("Sign out", "csrf")), "a request": (request, title), "a check": (
            f"{request}/check", good), "a preview": (f"{request}/preview?path=t.csv&sha256={{rebuilt}}", holds("246")),
        "a release": (f"{AIRLOCK}/releases/{{release}}", title),
    }.items():  # fmt: skip
        yield Try(f"not signed in: the airlock's page of {name}", _call("GET", path, through), PAGES)
    for action, fields in {"vote": {"approve": "yes", "content": "{content}"}, "return": {"comment": "x"},
                           "comments": {"text": "x"}}.items():  # fmt: skip
        act = _call("POST", f"{request}/{action}", _done, data={**fields, "csrf": "x"})
        switch = {**FORMS, **VOTES} if action == "vote" else FORMS
        yield Try(f"not signed in: the airlock's form to {action}", act, switch)
    draft, ada, cy = f"{API}/{{draft}}", ("ada", "alpha"), ("cy", "alpha")
    for name, (whose, method, path, more) in {
        "list requests": (ada, "GET", API, {}), "open a request": (("ben", "beta"), "POST", API, {"json": {"title": "x"}}),
        "read a request": (ada, "GET", f"{API}/{{ada}}", {}), "rename a draft": (cy, "PATCH", draft, {"json": {"title": "x"}}),
        "put a file": (cy, "PUT", f"{draft}/files?path=x.csv&what=x&population=x", {"content": b"a,b\n1,2\n"}),
        "take out a file": (cy, "DELETE", f"{draft}/files?path=t.csv", {}), "withdraw": (ada, "POST", f"{API}/{{ada}}/withdraw", {}),
        "comment": (ada, "POST", f"{API}/{{ada}}/comments", {"json": {"text": "x"}}),
    }.items():  # fmt: skip
        yield Try(f"not signed in: the airlock's API: {name}", _call(method, path, good, **more), _workspace_of(*whose))
    yield Try("come back to the airlock with a code that nobody gave", _callback, _believing(), "no session")


def _done(answer: httpx.Response) -> bool:
    return answer.is_success or (answer.status_code == 303 and "login" not in answer.headers.get("location", ""))


VOTES = desk.allow("ecluse.steps.review.user_can_vote")


def _call(method: str, path: str, through: Through, data: dict[str, str] | None = None, **more: Any) -> desk.Act:
    def act(stage: Stage) -> Seen:
        asked = {k: fill(v, stage) for k, v in (data or {}).items()}
        answer = stage.browser("").request(method, fill(path, stage), **{**more, **({"data": asked} if asked else {})})
        return seen(answer, through)

    return act


def _believing() -> Switch:
    async def finish(self: Doors, _cookie: str, _state: str, _code: str) -> tuple[str, str]:
        return "made", f"{AIRLOCK}/"

    return {"ecluse.airlock.identity.Doors.finish_login": finish}


def _callback(stage: Stage) -> Seen:
    answer = stage.browser("").get(f"{AIRLOCK}/oauth_callback?code=abcdefgh&state=abcdefgh")
    return seen(answer, lambda a: "ecluse-airlock=" in str(a.headers.get_list("set-cookie")) and a.status_code == 302)
