"""The quarantine: files under their own hash, written once, hashed again whenever they are read."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ecluse.steps.ports import TamperedError, TooLargeError

from .files import open_regular

_NAME = re.compile(r"^[0-9a-f]{64}$")
_FOLDER_MODE, _FILE_MODE = 0o750, 0o440


class IncomingFile:
    """A file on its way into the quarantine; implements `steps.ports.Incoming`."""

    def __init__(self, blobs: "FileBlobs", path: Path, descriptor: int, limit: int) -> None:
        self._blobs, self._path, self._descriptor, self._limit = blobs, path, descriptor, limit
        self._hash, self.size = hashlib.sha256(), 0

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self.size += len(chunk)
        if self.size > self._limit:
            raise TooLargeError(self._limit)
        self._hash.update(chunk)
        view = memoryview(chunk)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def keep(self) -> tuple[str, int]:
        """Make it last under its hash: on the disk before the name, the name before the answer."""
        name = self._hash.hexdigest()
        target = self._blobs.path(name)
        if target.exists() or target.is_symlink():
            self._blobs.read(name)  # raises if what lies there is not these bytes
            return name, self.size
        os.fchmod(self._descriptor, _FILE_MODE)
        os.fsync(self._descriptor)
        target.parent.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        self._path.rename(target)
        _sync_folder(target.parent)
        return name, self.size


class FileBlobs:
    """The quarantine in a folder: `<aa>/<sha256>`; implements `steps.ports.Blobs`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._incoming.iterdir():  # a crash while a file came in: it was never anybody's
            left.unlink()

    def path(self, sha256: str) -> Path:
        """Where the file of that hash lies.

        Raises:
            ValueError: if it is not a hash. Nothing from outside becomes a path here.
        """
        if not _NAME.fullmatch(sha256):
            raise ValueError("not a hash")
        return self._folder / sha256[:2] / sha256

    @contextmanager
    def incoming(self, limit: int) -> Iterator[IncomingFile]:
        """A place for at most `limit` new bytes; what is not kept is gone when the block ends."""
        path = self._incoming / secrets.token_hex(16)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            yield IncomingFile(self, path, descriptor, limit)
        finally:
            os.close(descriptor)
            with suppress(FileNotFoundError):
                path.unlink()

    def read(self, sha256: str) -> bytes:
        """The bytes, hashed again: who swaps a file in the quarantine changes what was reviewed."""
        path = self.path(sha256)
        try:
            descriptor = open_regular(path)
        except OSError as error:
            raise TamperedError(sha256, f"can't be opened: {error.strerror}") from None
        with os.fdopen(descriptor, "rb") as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise TamperedError(sha256, "its bytes are not those of its name")
        return data


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
