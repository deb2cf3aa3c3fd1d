"""What the mirror answers: pages of the simple API, files, and notices.

pip says "no matching distribution" of a page that is not there, whatever the answer says. So a package that can't be
had has a page all the same, with one wheel of a version that is higher than any; pip tries to fetch it, and shows its
user the sentence of the refusal. Where a version was asked for, pip shows the versions of the page, and there the
notice stands as well: `(from versions: 9999+not.allowed.here.your.request.is.recorded)`.
"""

import time
from collections.abc import Callable
from enum import StrEnum

from ecluse.rules.outcome import Refused
from ecluse.rules.packages import (
    MOST_REQUESTS,
    Index,
    Listed,
    Packages,
    offered,
    package_can_be_installed,
    read_name,
    wheel_of,
)

from .asked import Requests, Wanted
from .cache import Cache, Failure
from .places import Place, Places
from .simple import HTML, JSON, names_page, page, wants_json
from .wire import FORBIDDEN, NOT_FOUND, OK, UNAVAILABLE, Answer, Call, refusal

INDEX_SECONDS = 20.0
LOOK_SECONDS = 0.1


class Notice(StrEnum):
    """Why a package can't be had."""

    NOT_ALLOWED = "not-allowed"
    NOT_RECORDED = "not-recorded"
    NOT_FETCHED = "not-fetched"
    UNKNOWN = "unknown"
    NO_WHEEL = "no-wheel"
    NOT_KNOWN = "not-known"


NOTICES = {
    Notice.NOT_ALLOWED: (
        "not.allowed.here.your.request.is.recorded",
        "The package '{name}' is not allowed in this project. Your request is recorded: an administrator can allow it.",
    ),
    Notice.NOT_RECORDED: (
        "not.allowed.here.and.too.many.requests",
        f"The package '{{name}}' is not allowed here. {MOST_REQUESTS} requests are open: no more are recorded.",
    ),
    Notice.NOT_FETCHED: (
        "allowed.but.not.fetched.yet",
        "The package '{name}' is allowed, but was not fetched: there is no upstream, or it gives no answer.",
    ),
    Notice.UNKNOWN: (
        "allowed.but.unknown.upstream",
        "The package '{name}' is allowed, but the upstream has no package of this name.",
    ),
    Notice.NO_WHEEL: (
        "allowed.but.no.wheel.fits",
        "The package '{name}' is allowed, but there is no wheel of it in an allowed version (sources are not served).",
    ),
    Notice.NOT_KNOWN: (
        "this.workspace.is.not.known.yet",
        "The mirror of packages does not know this workspace yet. Try again in a few seconds.",
    ),
}

FAILURES = {
    Failure.HASH: (FORBIDDEN, "The upstream sent '{name}' with another hash than its index says; it was refused."),
    Failure.UPSTREAM: (NOT_FOUND, "The upstream did not send '{name}'. Try again later."),
    Failure.SPACE: (NOT_FOUND, "There is no room for '{name}': the package cache is full. Speak to an administrator."),
}


class Mirror:
    """Answers calls from workspaces. Which project it is for is told by the network that a call came over."""

    def __init__(
        self, packages: Callable[[], Packages], cache: Cache, places: Places, requests: Requests, wanted: Wanted
    ) -> None:
        self._packages = packages
        self._cache = cache
        self._places = places
        self._requests = requests
        self._wanted = wanted

    def __call__(self, call: Call) -> Answer:
        """The answer to a call."""
        parts = call.path.strip("/").split("/")
        if parts == ["health"]:
            return Answer(OK, content=b"ok\n")
        place = self._places.find(call.near, call.far)
        as_json = wants_json(call.accept)
        answer = None
        match parts:
            case ["simple", written]:
                answer = self._page(place, written, as_json=as_json)
            case ["notice", kind, written, _]:
                answer = _notice(kind, written)
            case _ if place is None:
                answer = refusal(FORBIDDEN, NOTICES[Notice.NOT_KNOWN][1])
            case ["simple"]:
                answer = self._names(place, as_json=as_json)
            case ["files", sha256, filename]:
                answer = self._file(place, sha256, filename)
        return answer or refusal(NOT_FOUND, "No such page. There is no search here; allowed packages: /simple/.")

    def _names(self, place: Place, *, as_json: bool) -> Answer:
        packages = self._packages()
        names = sorted(n for n in packages if package_can_be_installed(packages, place.project, n))
        return Answer(OK, content=names_page(names, as_json=as_json), kind=JSON if as_json else HTML)

    def _page(self, place: Place | None, written: str, *, as_json: bool) -> Answer:
        name, packages = read_name(written), self._packages()
        if name is None:
            return refusal(NOT_FOUND, "That is not the name of a package.")
        found = Notice.NOT_KNOWN if place is None else self._offered(place, name, packages)
        if isinstance(found, Notice):
            content = page(
                name, [_noticed(name, found)], lambda f: f"/notice/{found}/{name}/{f.filename}", as_json=as_json
            )
        else:
            content = page(name, found, _address, as_json=as_json)
        return Answer(OK, content=content, kind=JSON if as_json else HTML)

    def _offered(self, place: Place, name: str, packages: Packages) -> tuple[Listed, ...] | Notice:
        if isinstance(package_can_be_installed(packages, place.project, name), Refused):
            kept = self._requests.record(place, name, packages)
            return Notice.NOT_ALLOWED if kept else Notice.NOT_RECORDED
        index = self._index(name)
        if index is None:
            return Notice.NOT_FETCHED
        return offered(index, packages[name]) or (Notice.NO_WHEEL if index.found else Notice.UNKNOWN)

    def _index(self, name: str) -> Index | None:
        """What is known of an allowed package; one that was allowed a moment ago is waited for."""
        until = time.monotonic() + INDEX_SECONDS
        while (found := self._cache.index(name)) is None and self._cache.alive() and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
        return found

    def _file(self, place: Place, sha256: str, filename: str) -> Answer:
        packages, wheel = self._packages(), wheel_of(filename.removesuffix(".metadata"))
        name = wheel[0] if wheel else ""
        if isinstance(verdict := package_can_be_installed(packages, place.project, name), Refused):
            return refusal(FORBIDDEN, verdict.message)
        index = self._cache.index(name)
        files = offered(index, packages[name]) if index else ()
        # Metadata lie beside their wheel (PEP 658), so the hash in the address is the wheel's.
        found = {(f.sha256, f.filename): f.sha256 for f in files}
        found |= {(f.sha256, f"{f.filename}.metadata"): f.metadata for f in files if f.metadata}
        if (wanted := found.get((sha256, filename))) is None:
            return refusal(NOT_FOUND, "No such file of an allowed version.")
        return self._send(wanted, filename)

    def _send(self, sha256: str, filename: str) -> Answer:
        """A file that may be had, once it is there."""
        if not self._cache.path(sha256).exists() and not self._cache.alive():
            return refusal(NOT_FOUND, f"'{filename}' is allowed, but is not in the cache, and there is no upstream.")
        found = self._wanted.wait(sha256)
        if found is None:
            return refusal(UNAVAILABLE, f"'{filename}' is still being fetched. Try again in a few minutes.")
        if isinstance(found, Failure):
            status, sentence = FAILURES[found]
            return refusal(status, sentence.format(name=filename))
        return Answer(OK, content=found, kind="application/octet-stream", lasting=True)


def _address(file: Listed) -> str:
    """Where the mirror has a file: by its hash, so that it is never another one."""
    return f"/files/{file.sha256}/{file.filename.replace('+', '%2B')}"


def _noticed(name: str, notice: Notice) -> Listed:
    """The one wheel of a page that stands for a notice. It is never sent, so it has no hash."""
    wheel = f"{name.replace('-', '_')}-9999+{NOTICES[notice][0]}-py3-none-any.whl"
    return Listed(filename=wheel, url="http://mirror/", sha256="0" * 64)


def _notice(kind: str, written: str) -> Answer:
    name = read_name(written)
    if name is None or kind not in NOTICES:
        return refusal(NOT_FOUND, "No such page.")
    return refusal(FORBIDDEN, NOTICES[Notice(kind)][1].format(name=name))
