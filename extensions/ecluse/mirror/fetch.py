"""The fetcher: keeps the indexes of the allowed packages, and fetches the files that somebody waits for.

It hears nothing of callers but hashes, and looks those up in the indexes that it fetched itself. Indexes are fetched by
the clock and for every package of the list, so the upstream doesn't see which of them is in use.
"""

import logging
import re
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from packaging.tags import Tag, sys_tags
from packaging.utils import parse_wheel_filename
from packaging.version import Version

from ecluse.rules.packages import Index, Listed, Packages, merged, offered

from .cache import Cache, Failure, NotFetchedError
from .upstream import Upstream

log = logging.getLogger(__name__)

AT_ONCE = 4
AGAIN = timedelta(minutes=1)
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Fetcher:
    """One round after the other; `round` is short, files are fetched beside it."""

    def __init__(
        self,
        packages: Callable[[], Packages],
        cache: Cache,
        wanted: Path,
        upstream: Upstream,
        now: Callable[[], datetime],
        every: timedelta,
    ) -> None:
        self._packages = packages
        self._cache = cache
        self._wanted = wanted
        self._upstream = upstream
        self._now = now
        self._every = every
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fetch")
        self._fetching: dict[str, Future[None]] = {}
        self._indexes: dict[str, Index] = {}
        self._tried: dict[str, datetime] = {}
        self._tags = frozenset(sys_tags())
        self._of: Packages | None = None
        self._sources: dict[str, str] = {}
        self._ahead: list[str] = []

    def round(self) -> None:
        """Fetch what is due: indexes one after the other, wanted files in threads."""
        self._cache.beat()
        packages = self._packages()
        for name in sorted(packages):
            if self._due(name):
                self._refresh(name)
                self._cache.beat()
                self._fetch_wanted(packages)
        self._fetch_wanted(packages)

    def run(self, pause: float = 0.2) -> None:
        """Round after round. One that fails is told of, and the next one comes."""
        while True:
            try:
                self.round()
            except Exception:
                log.exception("a round failed; the next one comes")
            time.sleep(pause)

    def _due(self, name: str) -> bool:
        now = self._now()
        if name not in self._indexes and (kept := self._cache.index(name)) is not None:
            self._indexes[name], self._of = kept, None
        if now - self._tried.get(name, now - AGAIN) < AGAIN:
            return False
        known = self._indexes.get(name)
        return known is None or now - known.fetched >= self._every

    def _refresh(self, name: str) -> None:
        now = self._tried[name] = self._now()
        try:
            files = self._upstream.index(name)
        except NotFetchedError as error:
            log.warning("not fetched: %s", error)
            return
        latest = Index(name=name, fetched=now, found=files is not None, files=files or ())
        index, changed = merged(self._indexes.get(name), latest)
        for filename in changed:
            log.error("the upstream lists %s with another hash than before; the first one is kept", filename)
        self._cache.put_index(index)
        self._indexes[name] = index
        self._of = None

    def _fetch_wanted(self, packages: Packages) -> None:
        if packages is not self._of:  # the list, or an index, is another one than at the last look
            self._look_up(packages)
        for marker in self._wanted.iterdir():
            if _SHA256.fullmatch(marker.name):
                self._fetch(marker.name)
        for sha256 in self._ahead:
            self._fetch(sha256)

    def _look_up(self, packages: Packages) -> None:
        """Every hash that may be fetched, where it is, and which are fetched ahead."""
        self._sources, self._ahead, self._of = {}, [], packages
        for name, package in packages.items():
            files = offered(self._indexes[name], package) if name in self._indexes else ()
            for file in files:
                self._sources[file.sha256] = file.url
                if file.metadata:
                    self._sources[file.metadata] = f"{file.url}.metadata"
            if package.prefetch:
                self._ahead += newest(files, self._tags)

    def _fetch(self, sha256: str) -> None:
        """Begin to fetch a file, unless it is there, on its way, or failed a moment ago."""
        self._fetching = {k: f for k, f in self._fetching.items() if not f.done()}
        if sha256 not in self._sources or sha256 in self._fetching or len(self._fetching) >= AT_ONCE:
            return
        if self._cache.path(sha256).exists() or self._cache.failure(sha256):
            return
        self._fetching[sha256] = self._pool.submit(self._take, sha256, self._sources[sha256])

    def _take(self, sha256: str, url: str) -> None:
        try:
            self._cache.put(sha256, lambda: self._upstream.pieces(url))
        except NotFetchedError as error:
            log.error("not fetched: %s: %s", url, error)  # noqa: TRY400 - the sentence says it all
            self._cache.put_failure(sha256, error.failure)
        except OSError:
            log.exception("not fetched: %s", url)
            self._cache.put_failure(sha256, Failure.SPACE)


def newest(files: tuple[Listed, ...], tags: frozenset[Tag]) -> list[str]:
    """Hashes of the newest release's wheels that fit, and of their metadata."""
    fitting: dict[Version, list[Listed]] = {}
    for file in files:
        _, version, _, theirs = parse_wheel_filename(file.filename)
        if theirs & tags and not file.yanked and not version.is_prerelease:
            fitting.setdefault(version, []).append(file)
    best = fitting[max(fitting)] if fitting else []
    return [sha256 for file in best for sha256 in (file.sha256, file.metadata) if sha256]
