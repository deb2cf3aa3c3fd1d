"""What a member of beta tries with papers: alpha's requests at the airlock, pseudonyms of both extracts, releases."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from functools import cache, partial

from ecluse.airlock.identity import Doors
from ecluse.data.pseudonyms import ProjectKeys, pseudonym, shift
from ecluse.steps.acting import Who
from ecluse.steps.desk import Airlock
from ecluse.store.requests import SqlRequests
from escape import desk
from escape import desk_tries as tries
from escape.attempt import Attempt, Seen
from escape.desk import SECRET_TITLE, Act, Stage, Switch, Try, Twins
from escape.desk_tries import DOWNLOAD, READ, api, get
from escape.web import Through, good, holds, seen
from escape.world import AIRLOCK, API, World

THEIRS = ("ada", "mem", "draft")
TITLE = holds(SECRET_TITLE)


def attempts(who: str, found: World) -> Iterator[Attempt]:
    """All of them."""
    real = cache(lambda: desk.real_stage(found, {("ben", "beta"): found.token(found.beta)}))
    yield from desk.attempts(who, list(_tries()), real, Twins(found.folder / "twins-member"))
    for name, (join, here, weak) in JOINS.items():
        yield Attempt(who, f"pseudonyms: {name}", "nobody found", partial(_try, join, here), partial(_try, join, weak))


# -- the airlock ------------------------------------------------------------------------------------------------------


def _tries() -> Iterator[Try]:
    yield from _pages()
    yield from _by_token()
    yield from tries.claiming("ben", "ria")


def _pages() -> Iterator[Try]:
    for one in tries.reading("ben", THEIRS):
        if "release" not in one.name and "queue" not in one.name:  # those would be Ben's own
            yield one
    yield from tries.acting("ben", THEIRS)
    yield Try("find alpha's requests in the own queue", get("ben", f"{AIRLOCK}/", TITLE), READ)
    preview = f"{AIRLOCK}/requests/{{released}}/preview?path=t.csv&sha256="
    for name, digest in {"rebuilt": "{rebuilt-mem}", "original": "{original-mem}"}.items():
        # That member's file, for its number stands in no file of beta's.
        act = get("ben", preview + digest, holds("257"))
        yield Try(f"see alpha's {name} file through an own request", act, _shows_any())
    yield Try(
        "download a release of alpha that is none yet",
        get("ben", f"{AIRLOCK}/releases/r-{{ada}}/download"),
        {**READ, **DOWNLOAD, **_any_release()},
    )
    yield Try(
        "read a release of alpha that is none yet",
        get("ben", f"{AIRLOCK}/releases/r-{{ada}}", holds("Title-of")),
        {**READ, **_any_release()},
    )


def _shows_any() -> Switch:
    """A preview of whatever file has the hash, whosesoever it is."""

    def shows(desk: Airlock, who: Who, request: str, path: str, digest: str) -> object:
        report = desk.rebuilt(who, request, path)[0].report
        assert report is not None
        return report, report.rebuilt, desk.ports.blobs.read(digest)

    return {"ecluse.airlock.pages._rebuilt": shows}


def _any_release() -> Switch:
    asked = SqlRequests.release
    return {
        "ecluse.store.requests.SqlRequests.release": lambda self, release: asked(self, release) or self.releases()[0]
    }


def _taken_for(person: str) -> Switch:
    """An airlock that takes Ben's workspace for one of alpha."""

    async def workspace(_doors: Doors, _header: str) -> Who:
        return Who(person, "alpha")

    return {"ecluse.airlock.identity.Doors.workspace": workspace}


def _by_token() -> Iterator[Try]:
    ada, mem, draft = (f"/{{{name}}}" for name in ("ada", "mem", "draft"))
    csv = b"group,n\nyes,246\n"
    file = "/files?path=t.csv&what=women&population=all"
    calls: dict[str, tuple[str, str, str, Through, dict[str, object]]] = {
        "list alpha's requests": ("ada", "GET", "", TITLE, {}), "list alpha's requests by a parameter": ("ada", "GET", "?project=alpha", TITLE, {}),
        "read Ada's request": ("ada", "GET", ada, TITLE, {}), "read a request of another member": ("ada", "GET", mem, TITLE, {}),
        "read a draft of alpha": ("cy", "GET", draft, TITLE, {}), "rename a draft of alpha": ("cy", "PATCH", draft, good, {"body": {"title": "Mine"}}),
        "rewrite a draft's purpose": ("cy", "PATCH", draft, good, {"body": {"purpose": "Another"}}), "put a file into a draft of alpha": (
            "cy", "PUT", draft + file.replace("t.csv", "x.csv"), good, {"content": csv}), "exchange a file of a draft of alpha": (
            "cy", "PUT", draft + file, good, {"content": csv}), "take a file out of a draft of alpha": ("cy", "DELETE", draft + "/files?path=t.csv", good, {}),
        "have a draft of alpha checked": ("cy", "POST", draft + "/check", good, {}), "submit a draft of alpha": ("cy", "POST", draft + "/submit", good, {}),
        "withdraw Ada's request": ("ada", "POST", ada + "/withdraw", good, {}), "withdraw a draft of alpha": ("cy", "POST", draft + "/withdraw", good, {}),
        "comment on Ada's request": ("ada", "POST", ada + "/comments", good, {"body": {"text": "Release it."}}), "comment on another member's request": (
            "mem", "POST", mem + "/comments", good, {"body": {"text": "Release it."}}), "read the findings about Ada's file": (
            "ada", "GET", ada, holds("findings"), {}), "read the hash of Ada's file": ("ada", "GET", ada, holds("sha256"), {}),
        "read who votes on Ada's request": ("ada", "GET", ada, holds('"state"'), {}),
    }  # fmt: skip
    for name, (as_whom, method, path, through, more) in calls.items():
        yield Try(
            f"by the workspace's token: {name}", api("ben", "beta", method, path, through, **more), _taken_for(as_whom)
        )  # type: ignore[arg-type]
    for name, headers in {
        "a header X-Project": {"X-Project": "alpha"}, "a header of a proxy": {"X-Forwarded-User": "ada"}, "a second token": {
        "X-JupyterHub-Token": "ada/alpha"}, "a cookie of the airlock": {"Cookie": "ecluse-airlock=ada"}, "a referrer of its workspace": {
        "Referer": "https://localhost/user/ada/alpha/lab"},
    }.items():  # fmt: skip
        yield Try(f"by the workspace's token and {name}: read Ada's request", _claims(headers), _taken_for("ada"))


def _claims(headers: dict[str, str]) -> Act:
    def act(stage: Stage) -> Seen:
        given = {**stage.workspace("ben", "beta"), **headers}
        return seen(stage.browser("").get(f"{API}/{stage.ids['ada']}", headers=given), TITLE)

    return act


# -- pseudonyms of two extracts ---------------------------------------------------------------------------------------

PEOPLE = [f"1{n:012}" for n in range(400)]
ROOT = hashlib.sha256(b"a root key of this test").digest()
Spell = Callable[[str], str]
Pair = tuple[Spell, Spell]
"""How two extracts name a person."""


def _pair(here: bytes, there: bytes) -> Pair:
    return partial(pseudonym, here), partial(pseudonym, there)


def _keys(project: str, kind: str = "person", epoch: int = 1) -> bytes:
    return ProjectKeys(project, epoch, ROOT).key(kind)


REAL = _pair(_keys("alpha"), _keys("beta"))
ONE_KEY = _pair(_keys("alpha"), _keys("alpha"))


def _joined(cut: Callable[[str], str]) -> Callable[[Pair], float]:
    def share(pair: Pair) -> float:
        theirs = {cut(pair[0](p)) for p in PEOPLE}
        return sum(cut(pair[1](p)) in theirs for p in PEOPLE) / len(PEOPLE)

    return share


def _same_order(pair: Pair) -> float:
    ranks = [sorted(PEOPLE, key=spell) for spell in pair]
    return sum(a == b for a, b in zip(*ranks, strict=True)) / len(PEOPLE)


def _same_distance(pair: Pair) -> float:
    """The share of people whose two names lie as far apart as those of one person who is known in both."""

    def number(name: str) -> int:
        return int.from_bytes(base64.b32decode(name.upper() + "======"))

    apart = [number(pair[0](p)) ^ number(pair[1](p)) for p in PEOPLE]
    return apart.count(apart[0]) / len(PEOPLE) if apart.count(apart[0]) > 1 else 0


def _found_by(guess: Spell) -> Callable[[Pair], float]:
    """The share of people whom somebody finds that knows their id, and no key."""
    return lambda pair: sum(pair[0](p) == guess(p) for p in PEOPLE) / len(PEOPLE)


def _unkeyed(person: str) -> str:
    return base64.b32encode(hashlib.sha256(person.encode()).digest()[:16]).decode().rstrip("=").lower()


def _added(person: str, mask: int = 0) -> str:
    number = int.from_bytes(hashlib.sha256(person.encode()).digest()[:16]) ^ mask
    return base64.b32encode(number.to_bytes(16)).decode().rstrip("=").lower()


def _small_keys(pair: Pair) -> float:
    """Whether a key among few explains one person who is known."""
    tried = (n.to_bytes(32) for n in range(3000))
    return float(any(pseudonym(key, PEOPLE[0]) == pair[0](PEOPLE[0]) for key in tried))


def _shifts(pair: Pair) -> float:
    return sum(pair[0](p) == pair[1](p) for p in PEOPLE) / len(PEOPLE)


def _shift(project: str) -> Spell:
    return lambda person: str(shift(_keys(project, "shift"), person))


_FINGERPRINT = ProjectKeys("alpha", 1, ROOT).fingerprint().encode()
JOINS: dict[str, tuple[Callable[[Pair], float], Pair, Pair]] = {
    "join two extracts": (_joined(str), REAL, ONE_KEY),
    "join two extracts by first letters": (_joined(lambda n: n[:6]), REAL, ONE_KEY),
    "join two extracts by last letters": (_joined(lambda n: n[-6:]), REAL, ONE_KEY),
    "join two extracts by their order": (_same_order, REAL, ONE_KEY),
    "join two extracts by a distance": (_same_distance, REAL, (_added, partial(_added, mask=12345))),
    "join two extracts by how dates moved": (_shifts, (_shift("alpha"), _shift("beta")), (_shift("alpha"), _shift("alpha"))),
    "join two kinds of id": (_joined(str), _pair(_keys("alpha"), _keys("alpha", "provider")), ONE_KEY),
    "join an extract with one of before a rotation": (_joined(str), _pair(_keys("alpha"), _keys("alpha", epoch=2)), ONE_KEY),
    "find a person by the hash of their id": (_found_by(_unkeyed), REAL, (_unkeyed, _unkeyed)),
    "find a person by the project's name as the key": (
        _found_by(partial(pseudonym, b"alpha")), REAL, _pair(b"alpha", b"beta")),
    "find a person by the keys' fingerprint as the key": (
        _found_by(partial(pseudonym, _FINGERPRINT)), REAL, _pair(_FINGERPRINT, _FINGERPRINT)),
    "find the key among few": (_small_keys, REAL, _pair((1234).to_bytes(32), (1234).to_bytes(32))),
}  # fmt: skip
"""How it is tried, on pseudonyms as they are, and on those made in a weaker way."""
MUCH = 0.1
"""From this share on: chance gives far less, also for the 364 ways to move a date."""


def _try(join: Callable[[Pair], float], pair: Pair) -> Seen:
    share = join(pair)
    return Seen(share >= MUCH, f"{share:.1%}")
