"""What callers ask for: requests for packages that are not allowed, and hashes that they wait for.

Both are bounded: a project leaves at most so many requests, and only files that an index lists can be wanted. So this
folder neither fills the disk nor carries more out of a project than a few names, which administrators alone see.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from ecluse.rules.packages import MOST_REQUESTS, PackageRequest, Packages, asked, open_requests

from .cache import Cache, Failure
from .places import Place

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.1


class Requests:
    """The folder of requests: `<project>/<name>.json`."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now
        self._lock = threading.Lock()

    def record(self, place: Place, name: str, packages: Packages) -> bool:
        """Keep that somebody asked; False if the project has asked for so many that this is not kept."""
        folder = self._folder / place.project
        file = folder / f"{name}.json"
        try:
            with self._lock:
                folder.mkdir(exist_ok=True, mode=0o700)
                former = _read(file)
                if former is None and self._full(folder, packages):
                    return False
                latest = asked(former, place.project, name, place.person, self._now())
                if latest != former:
                    temporary = folder / f".{secrets.token_hex(8)}"
                    temporary.write_text(latest.model_dump_json())
                    temporary.replace(file)
        except OSError:
            log.exception("a request for a package could not be recorded")
            return False
        return True

    def _full(self, folder: Path, packages: Packages) -> bool:
        """Whether a project has no room; requests that were granted since make some."""
        files = list(folder.glob("*.json"))
        if len(files) < MOST_REQUESTS:
            return False
        known = {f: r for f in files if (r := _read(f)) is not None}
        still_open = {r.name for r in open_requests(known.values(), packages)}
        for file in files:
            if file.stem not in still_open:
                file.unlink()
        return len(still_open) >= MOST_REQUESTS


class Wanted:
    """The folder of hashes that callers wait for, each an empty file; the fetcher looks at it."""

    def __init__(self, folder: Path, cache: Cache, patience: float) -> None:
        self._folder = folder
        self._cache = cache
        self._patience = patience

    def wait(self, sha256: str) -> Path | Failure | None:
        """The file, once it is there; why there is none; or None if it takes longer than a caller waits."""
        file, marker = self._cache.path(sha256), self._folder / sha256
        if file.exists():
            return file
        marker.touch()
        until = time.monotonic() + self._patience
        while time.monotonic() < until:
            if file.exists() or (failure := self._cache.failure(sha256)):
                marker.unlink(missing_ok=True)
                return file if file.exists() else failure
            time.sleep(LOOK_SECONDS)
        return None  # the marker stays: what is on its way is fetched to the end

    def clear(self) -> None:
        """Forget what nobody waits for any more."""
        for marker in self._folder.iterdir():
            marker.unlink()


def _read(file: Path) -> PackageRequest | None:
    try:
        return PackageRequest.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return None
