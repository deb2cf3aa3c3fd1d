"""A mirror and a fetcher around an upstream in memory, all in one folder."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ecluse.mirror.answers import Mirror
from ecluse.mirror.asked import Requests, Wanted
from ecluse.mirror.cache import Cache, Failure, NotFetchedError
from ecluse.mirror.fetch import Fetcher
from ecluse.mirror.places import Places
from ecluse.mirror.wire import Answer, Call
from ecluse.rules.packages import Listed, Package

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
PLACES = {
    "projects": {"10.0.0.0/27": "alpha", "10.0.0.32/27": "beta"},
    "people": {"10.0.0.5": ["alpha", "ada"], "10.0.0.6": ["alpha", "mem"]},
}
METADATA = b"Metadata-Version: 2.1\nName: x\n"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class MemoryUpstream:
    """Implements `mirror.upstream.Upstream`; remembers what it was asked."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {}
        self.asked: list[str] = []
        self.spoilt: set[str] = set()
        self.down = False

    def add(self, name: str, version: str, content: bytes | None = None) -> str:
        """A wheel; its hash."""
        bytes_ = content or f"{name} {version}".encode()
        self.files.setdefault(name, {})[f"{name.replace('-', '_')}-{version}-py3-none-any.whl"] = bytes_
        return sha(bytes_)

    def index(self, name: str) -> tuple[Listed, ...] | None:
        self.asked.append(name)
        if self.down:
            raise NotFetchedError(Failure.UPSTREAM, "down")
        if name not in self.files:
            return None
        base = f"https://index.test/{name}"
        return tuple(
            Listed(filename=f, url=f"{base}/{f}", sha256=sha(c), size=len(c), metadata=sha(METADATA))
            for f, c in self.files[name].items()
        )

    def pieces(self, url: str) -> Iterator[bytes]:
        self.asked.append(url)
        if self.down:
            raise NotFetchedError(Failure.UPSTREAM, "down")
        if url.endswith(".metadata"):
            yield METADATA
            return
        name, filename = url.split("/")[-2:]
        content = self.files[name][filename]
        yield content[:3]
        yield b"spoilt" if filename in self.spoilt else content[3:]


class House:
    """Everything of one enclave's packages. `now` moves by hand."""

    def __init__(self, root: Path, *, patience: float = 0.05) -> None:
        for part in ("packages", "asked/wanted", "asked/requests", "places"):
            (root / part).mkdir(parents=True)
        (root / "places/addresses.json").write_text(json.dumps(PLACES))
        self.root = root
        self.now = START
        self.packages: dict[str, Package] = {}
        self.upstream = MemoryUpstream()
        self.cache = Cache(root / "packages")
        self.cache.prepare()
        wanted = Wanted(root / "asked/wanted", self.cache, patience)
        requests = Requests(root / "asked/requests", lambda: self.now)
        places = Places(root / "places/addresses.json")
        self.mirror = Mirror(lambda: self.packages, self.cache, places, requests, wanted)
        self.fetcher = Fetcher(
            lambda: self.packages, self.cache, root / "asked/wanted", self.upstream, lambda: self.now,
            timedelta(minutes=30),
        )  # fmt: skip

    def get(self, path: str, *, far: str = "10.0.0.5", near: str = "10.0.0.2", json: bool = True) -> Answer:
        """What a workspace gets."""
        return self.mirror(Call(path, "application/vnd.pypi.simple.v1+json" if json else "text/html", near, far))

    def page(self, name: str, **more: str) -> list[dict[str, object]]:
        """The files of a page."""
        answer = self.get(f"/simple/{name}/", **more)  # type: ignore[arg-type]
        assert answer.status == 200
        assert isinstance(answer.content, bytes)
        files: list[dict[str, object]] = json.loads(answer.content)["files"]
        return files

    def fetch(self) -> None:
        """A round of the fetcher, and what it began, to the end."""
        self.fetcher.round()
        for future in list(self.fetcher._fetching.values()):
            future.result(timeout=10)

    def take(self, url: object, **more: str) -> Answer:
        """A file, with the fetcher's round in between: the first call leaves word that it is wanted."""
        path = str(url).replace("%2B", "+")
        first = self.get(path, **more)  # type: ignore[arg-type]
        if first.status != 503:
            return first
        self.fetch()
        return self.get(path, **more)  # type: ignore[arg-type]
