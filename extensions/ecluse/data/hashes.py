"""The SHA-256 of each source file, worked out once for each version of it and kept beside the sources.

A version is known by what the file system says of the file: device, inode, size and times of change. What is kept is
sealed under a key that comes from the root key: who can write beside the sources can't vouch for another file with it.
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from pathlib import Path

from .footers import identity
from .index import FOLDER
from .manifest import SourceFile
from .sources import Source

SETTLED = 2_000_000_000
"""Nanoseconds without a change before a hash is kept: a later write could fall into the same tick of the clock."""


@dataclass(frozen=True)
class Hashes:
    """The hashes of source files. `key` is the key of the seals."""

    key: bytes

    def of(self, source: Source) -> SourceFile:
        """What the manifest says of a file."""
        note = source.path.parent / FOLDER / f"{source.table}.sha256"
        digest = self._kept(note, source)
        if digest is None:
            quiet = time.time_ns() - max(source.seen[-2:]) > SETTLED
            with source.path.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            if quiet and identity(source.path.stat()) == source.seen:
                self._keep(note, source, digest)
        return SourceFile(dataset=source.dataset, table=source.table, sha256=digest, size=source.size, rows=source.rows)

    def _kept(self, note: Path, source: Source) -> str | None:
        """The hash of this version of the file; None if it is of another, not sealed under the key, or not there."""
        try:
            seal, text = note.read_text().splitlines()
            if not hmac.compare_digest(seal, self._seal(note, text)):
                return None
            seen, digest = json.loads(text)
        except (OSError, ValueError):
            return None
        return str(digest) if tuple(seen) == source.seen else None

    def _keep(self, note: Path, source: Source, digest: str) -> None:
        text = json.dumps([source.seen, digest])
        try:
            note.parent.mkdir(mode=0o700, exist_ok=True)
            note.write_text(f"{self._seal(note, text)}\n{text}\n")
        except OSError:  # nothing can be written beside the sources: the next extract works it out again
            return

    def _seal(self, note: Path, text: str) -> str:
        return hmac.digest(self.key, f"sha256\0{note.name}\0{text}".encode(), "sha256").hex()
