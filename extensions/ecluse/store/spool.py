"""The way to the checker and back: a folder of jobs, and one of answers, each made to appear at once by a rename.

The checker opens hostile files, so whatever lies in `results/` may have been made by one: no link is followed, no
file is longer than asked for, and the bytes that are hashed are the bytes that are kept.
"""

import os
import re
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from ecluse.rules.canonical import canonical_json
from ecluse.steps.ports import Answer, BadAnswerError, Job

from .files import open_regular

MAX_REPORT = 16 * 1024 * 1024
"""Longest `report.json` that is read."""

_ID = re.compile(r"^[0-9a-f]{32}$")
_SHA = re.compile(r"^[0-9a-f]{64}$")


class FolderSpool:
    """The spool in a folder that airlock and checker share; implements `steps.ports.Spool`."""

    def __init__(self, folder: Path) -> None:
        self._jobs, self._results = folder / "jobs", folder / "results"
        for made in (self._jobs, self._results):
            made.mkdir(parents=True, exist_ok=True)

    def new_id(self) -> str:
        """A job id that nobody can guess."""
        return secrets.token_hex(16)

    def put(self, job: Job) -> None:
        """Hand over a job: whole, or not at all."""
        name = _checked(job.job)
        draft = self._jobs / f".{name}.tmp"
        with draft.open("wb") as file:
            file.write(canonical_json(job.model_dump(mode="json")))
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o640)
        draft.rename(self._jobs / f"{name}.json")

    def take(self, job: str, limit: int) -> Answer | None:
        """The answer to a job, if there is one. Nothing of it is believed yet."""
        folder = self._results / _checked(job)
        if not folder.is_symlink() and not folder.exists():
            return None
        return Answer(
            report=_read(folder, ("report.json",), MAX_REPORT),
            rebuilt=lambda sha256: _read(folder, ("rebuilt", sha256 if _SHA.fullmatch(sha256) else ""), limit),
        )

    def drop(self, job: str) -> None:
        """Forget a job and its answer. What can't be removed is left; its id is never asked for again."""
        with suppress(FileNotFoundError):
            (self._jobs / f"{_checked(job)}.json").unlink()
        folder = self._results / job
        if not folder.is_symlink():
            shutil.rmtree(folder, ignore_errors=True)


def _checked(job: str) -> str:
    if not _ID.fullmatch(job):
        raise ValueError("not a job's id")
    return job


def _read(folder: Path, parts: tuple[str, ...], limit: int) -> bytes:
    """The bytes of a regular file below `folder`, no part of the way to it being a link."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY
    opened: list[int] = []
    try:
        opened.append(os.open(folder, flags))
        for part in parts[:-1]:
            opened.append(os.open(part, flags, dir_fd=opened[-1]))
        opened.append(open_regular(parts[-1], folder=opened[-1]))
        data = bytearray()
        while chunk := os.read(opened[-1], min(1 << 20, limit + 1 - len(data))):
            data += chunk
            if len(data) > limit:
                raise BadAnswerError(f"{'/'.join(parts)} has more than {limit} bytes")
        return bytes(data)
    except OSError as error:
        raise BadAnswerError(f"{'/'.join(parts)} can't be read: {error.strerror}") from None
    finally:
        for descriptor in opened:
            os.close(descriptor)
