"""The versions of a project's extract: one is in force, a new one comes into force whole or not at all."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .manifest import Manifest

MANIFEST = "manifest.json"
CURRENT = "current"


def current(home: Path) -> Manifest | None:
    """What the version in force says of itself; None if there is none that can be read."""
    try:
        return Manifest.model_validate_json((home / CURRENT / MANIFEST).read_text())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


@contextmanager
def workplace(home: Path) -> Iterator[Path]:
    """A hidden folder in `home` to write a version in; gone afterwards unless it was published.

    One extract of a project at a time: a second one waits. So what lies hidden here when it begins was left by one
    that was killed. It holds values that nobody checked against a permit, and is removed first.
    """
    home.mkdir(parents=True, exist_ok=True)
    handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        for path in home.glob(".*"):
            if path.is_symlink() or path.is_file():
                path.unlink()
            else:
                shutil.rmtree(path)
        work = home / f".{secrets.token_hex(8)}"
        work.mkdir(mode=0o700)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
    finally:
        os.close(handle)


def publish(work: Path, home: Path, version: str) -> None:
    """Put the finished folder in its place, then point `current` at it; each step is one atomic rename."""
    for path in [*work.rglob("*"), work]:
        path.chmod(0o755 if path.is_dir() else 0o444)
        _sync(path)
    work.rename(home / version)
    link = home / f".{CURRENT}.{secrets.token_hex(4)}"
    link.symlink_to(version)
    link.rename(home / CURRENT)
    _sync(home)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
