"""What was fetched: one index per package, and files by their hash. The fetcher writes, the mirror only reads.

index/<name>.json     what the upstream listed (`rules.packages.Index`)
files/<aa>/<sha256>   a wheel or its metadata; never changed once it is there
failed/<sha256>       why a file was not fetched, one word
.heartbeat            touched by a living fetcher
"""

import hashlib
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from pydantic import ValidationError

from ecluse.rules.packages import Index

log = logging.getLogger(__name__)

ALIVE_SECONDS = 60
FAILED_SECONDS = 30
SPARE_BYTES = 1024**3


class Failure(StrEnum):
    """Why a file is not there."""

    HASH = "hash"
    UPSTREAM = "upstream"
    SPACE = "space"


class NotFetchedError(Exception):
    """A file is not taken into the cache."""

    def __init__(self, failure: Failure, message: str) -> None:
        super().__init__(message)
        self.failure = failure


class Cache:
    """The folder of fetched packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def index(self, name: str) -> Index | None:
        """What is known of a package, or None if it was never fetched."""
        try:
            return Index.model_validate_json((self.folder / "index" / f"{name}.json").read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError):
            log.warning("the index of %s can't be read", name)
            return None

    def path(self, sha256: str) -> Path:
        """Where a file is, or would be."""
        return self.folder / "files" / sha256[:2] / sha256

    def failure(self, sha256: str) -> Failure | None:
        """Why a file was not fetched a moment ago."""
        file = self.folder / "failed" / sha256
        try:
            if time.time() - file.stat().st_mtime < FAILED_SECONDS:
                return Failure(file.read_text())
        except (OSError, ValueError):
            pass
        return None

    def alive(self) -> bool:
        """Whether there is a fetcher."""
        try:
            return time.time() - (self.folder / ".heartbeat").stat().st_mtime < ALIVE_SECONDS
        except OSError:
            return False

    # -- the fetcher's part --------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Make the folders, and clear away what a fetcher that died left half done."""
        for part in ("index", "files", "failed", "new"):
            (self.folder / part).mkdir(exist_ok=True, mode=0o750)
        for left in (self.folder / "new").iterdir():
            left.unlink()

    def beat(self) -> None:
        """Say that the fetcher lives."""
        (self.folder / ".heartbeat").touch()

    def put_index(self, index: Index) -> None:
        """Replace what is known of a package."""
        with self._new() as file:
            file.write_text(index.model_dump_json())
            file.replace(self.folder / "index" / f"{index.name}.json")

    def put_failure(self, sha256: str, failure: Failure) -> None:
        """Note that a file was not fetched."""
        with self._new() as file:
            file.write_text(failure)
            file.replace(self.folder / "failed" / sha256)

    def put(self, sha256: str, pieces: Callable[[], Iterator[bytes]]) -> None:
        """Take a file in, if its bytes have the hash that it is asked for by. Nobody sees it before.

        Raises:
            NotFetchedError: the hash differs, the disk is nearly full, or the upstream gave up.
        """
        digest = hashlib.sha256()
        with self._new() as file:
            with file.open("wb") as out:
                for number, piece in enumerate(pieces()):
                    if number % 64 == 0 and shutil.disk_usage(self.folder).free < SPARE_BYTES + len(piece):
                        raise NotFetchedError(Failure.SPACE, "the disk of the package cache is nearly full")
                    digest.update(piece)
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            if digest.hexdigest() != sha256:
                raise NotFetchedError(Failure.HASH, f"the hash is {digest.hexdigest()} instead of {sha256}")
            target = self.path(sha256)
            target.parent.mkdir(exist_ok=True, mode=0o750)
            file.chmod(0o440)
            file.replace(target)
        (self.folder / "failed" / sha256).unlink(missing_ok=True)

    @contextmanager
    def _new(self) -> Iterator[Path]:
        file = self.folder / "new" / secrets.token_hex(8)
        try:
            yield file
        finally:
            file.unlink(missing_ok=True)
