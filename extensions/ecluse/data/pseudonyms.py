"""Pseudonyms: HMAC-SHA256 under a key of the project's own for each kind of id.

The keys come from one root key by HKDF-SHA256 (RFC 5869), so that two projects' pseudonyms of one person share
nothing, and the root key alone has to be kept. Rotation raises a project's epoch: every key of it changes.
"""

import base64
import hashlib
import hmac
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ROOT_KEY = "pseudonyms.key"
EPOCHS = "epochs.json"
KEY_BYTES = 32
PSEUDONYM_BYTES = 16
CHARACTERS = 26
ALPHABET = b"abcdefghijklmnopqrstuvwxyz234567"
SHIFT_DAYS = 182


class KeysError(Exception):
    """The keys can't be used; the message says which file and how to mend it."""


@dataclass(frozen=True, slots=True)
class ProjectKeys:
    """The keys of one project. `repr` shows none of them."""

    project: str
    epoch: int
    _root: bytes

    def __repr__(self) -> str:
        return f"ProjectKeys({self.project!r}, epoch={self.epoch})"

    def key(self, kind: str) -> bytes:
        """The project's key for one kind of id: HKDF-SHA256, no salt, info names version, project, epoch and kind."""
        info = f"ecluse/pseudonym/1\0{self.project}\0{self.epoch}\0{kind}".encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self._root)

    def fingerprint(self) -> str:
        """A name for these keys that tells nothing about them: it changes when the pseudonyms would."""
        return hashlib.sha256(self.key("fingerprint")).hexdigest()


def pseudonym(key: bytes, identity: str) -> str:
    """26 letters and digits: the first 128 bits of HMAC-SHA256 over the id in UTF-8, as lower-case base32."""
    digest = hmac.digest(key, identity.encode(), "sha256")[:PSEUDONYM_BYTES]
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def pseudonyms(key: bytes, identities: list[str]) -> pa.Array:
    """The pseudonyms of many ids at once, in their order; `pseudonym` says what each is."""
    digest = hmac.digest
    joined = b"".join([digest(key, one.encode(), "sha256")[:PSEUDONYM_BYTES] for one in identities])
    bits = np.unpackbits(np.frombuffer(joined, np.uint8).reshape(-1, PSEUDONYM_BYTES), axis=1)
    padded = np.pad(bits, ((0, 0), (0, CHARACTERS * 5 - bits.shape[1]))).reshape(-1, CHARACTERS, 5)
    letters = np.frombuffer(ALPHABET, np.uint8)[padded @ np.array([16, 8, 4, 2, 1], np.uint8)]
    return pa.array(np.ascontiguousarray(letters).view(f"S{CHARACTERS}").ravel()).cast(pa.string())


def shift(key: bytes, identity: str) -> int:
    """Days by which a person's dates move: -182 to 182 without 0, the same for all dates of the person."""
    number = int.from_bytes(hmac.digest(key, identity.encode(), "sha256")[:8])
    days = number % (2 * SHIFT_DAYS) - SHIFT_DAYS
    return days if days < 0 else days + 1


def load_keys(folder: Path, project: str) -> ProjectKeys:
    """The project's keys from `pseudonyms.key` (32 bytes, mode 0400) and `epochs.json` in `folder`.

    Raises:
        KeysError: if the root key is missing, of another size, or readable by anybody but its owner.
    """
    path = folder / ROOT_KEY
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise KeysError(f"{path}: can't be read ({error.strerror}); make it with 32 random bytes, mode 0400") from None
    with os.fdopen(handle, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o377:
            raise KeysError(f"{path}: mode {mode:04o}; nobody but the owner may read it: chmod 0400 {path}")
        root = file.read(KEY_BYTES + 1)
    if len(root) != KEY_BYTES:
        raise KeysError(f"{path}: not {KEY_BYTES} bytes; a shortened key is a guessable one: restore it from backup")
    return ProjectKeys(project, _epochs(folder).get(project, 1), root)


def rotate(folder: Path, project: str) -> int:
    """Give the project new pseudonyms from its next extract on; returns the new epoch."""
    epochs = _epochs(folder)
    epochs[project] = epochs.get(project, 1) + 1
    temporary = folder / (EPOCHS + ".new")
    temporary.write_text(json.dumps(epochs, indent=1, sort_keys=True) + "\n")
    temporary.replace(folder / EPOCHS)
    return epochs[project]


def _epochs(folder: Path) -> dict[str, int]:
    path = folder / EPOCHS
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise KeysError(f"{path}: is not JSON ({error}); restore it from backup") from None
    if not isinstance(found, dict) or not all(isinstance(v, int) and v >= 1 for v in found.values()):
        raise KeysError(f"{path}: not a map of project to epoch (1, 2, …); restore it from backup")
    return found
