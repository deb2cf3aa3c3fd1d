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
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from .values import order_by, with_neighbours

ROOT_KEY = "pseudonyms.key"
EPOCHS = "epochs.json"
KEY_BYTES = 32
PSEUDONYM_BYTES = 16
CHARACTERS = 26
ORDERED = 12
"""Characters, of five bits each, that one number has room for."""
ALPHABET = b"abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = np.array([bytes([a, b]) for a in ALPHABET for b in ALPHABET], "S2").view(np.uint16)
SHIFT_DAYS = 182
Digests = NDArray[np.uint8]
Places = tuple[NDArray[np.int32], Digests]


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

    def index_key(self) -> bytes:
        """The key of the seals on what is worked out for all projects."""
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"ecluse/index/1").derive(self._root)

    def fingerprint(self) -> str:
        """A name for these keys that tells nothing about them: it changes when the pseudonyms would."""
        return hashlib.sha256(self.key("fingerprint")).hexdigest()


def pseudonym(key: bytes, identity: str) -> str:
    """26 letters and digits: the first 128 bits of HMAC-SHA256 over the id in UTF-8, as lower-case base32."""
    digest = hmac.digest(key, identity.encode(), "sha256")[:PSEUDONYM_BYTES]
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def pseudonyms(key: bytes, identities: list[str]) -> pa.Array:
    """The pseudonyms of many ids at once, in their order; `pseudonym` says what each is."""
    return spell(digests(key, [one.encode() for one in identities]))


def digests(key: bytes, identities: list[bytes]) -> Digests:
    """The first 128 bits of HMAC-SHA256 over each id: n rows of 16 bytes."""
    keyed = HMAC(key, SHA256()).copy  # the key's part of the work is done once: less than half the time
    made = []
    for one in identities:
        tag = keyed()
        tag.update(one)
        made.append(tag.finalize())
    joined = np.frombuffer(b"".join(made), np.uint8).reshape(-1, SHA256.digest_size)
    return np.ascontiguousarray(joined[:, :PSEUDONYM_BYTES])


def spell(found: Digests) -> pa.Array:
    """Digests as `pseudonym` writes them: 13 times ten bits, each two letters, filled up with zeros."""
    high, low = (words(found, at) for at in (0, 8))
    bits = [high >> np.uint64(54 - 10 * n) for n in range(6)]
    bits.append(high << np.uint64(6) | low >> np.uint64(58))
    bits += [low >> np.uint64(48 - 10 * n) for n in range(5)]
    bits.append(low << np.uint64(2))
    tens = np.empty((len(found), len(bits)), np.uint16)
    for n, one in enumerate(bits):
        tens[:, n] = one
    letters = _PAIRS.take(tens & np.uint16(1023))
    offsets = np.arange(0, CHARACTERS * (len(found) + 1), CHARACTERS, dtype=np.int32)
    return pa.StringArray.from_buffers(len(found), pa.py_buffer(offsets), pa.py_buffer(letters))


def in_order(found: Digests) -> Places:
    """The place of each digest's pseudonym in the order of their text, and the distinct digests in that order."""
    order, sorted_top = order_by(_text_order(found) << np.uint64(64 - 5 * ORDERED))
    near = sorted_top[1:] == sorted_top[:-1]
    same = np.zeros(len(near), np.bool_)
    if near.any():  # few, but for equal digests
        tied = with_neighbours(near)
        alike = order[tied]
        texts = np.array(spell(found[alike]).to_pylist(), f"S{CHARACTERS}")
        order[tied] = alike[np.lexsort((texts, sorted_top[tied]))]
        at = np.flatnonzero(near)
        same[at] = (found[order[at + 1]] == found[order[at]]).all(axis=1)
    new = np.concatenate([np.ones(min(len(found), 1), np.bool_), ~same])
    place = np.empty(len(found), np.int32)
    place[order] = np.cumsum(new, dtype=np.int32) - 1
    return place, found.view(np.uint64).take(order[new], axis=0).view(np.uint8)


def both_in_order(one: Places, other: Places) -> Places:
    """What `in_order` gives for the digests of both, from what it gave for each."""
    for empty, whole in ((other, one), (one, other)):
        if not len(empty[1]):
            return whole
    keys, others = (_text_order(distinct) for _, distinct in (one, other))
    at = np.searchsorted(keys, others)
    if (keys[np.minimum(at, len(keys) - 1)] == others).any():  # that much is alike, or all of it
        return in_order(np.concatenate([distinct[place] for place, distinct in (one, other)]))
    of_other = (at + np.arange(len(others))).astype(np.int32)
    of_one = np.delete(np.arange(len(keys) + len(others), dtype=np.int32), of_other)
    distinct = np.empty((len(keys) + len(others), PSEUDONYM_BYTES), np.uint8)
    distinct[of_one], distinct[of_other] = one[1], other[1]
    return np.concatenate([of_one.take(one[0]), of_other.take(other[0])]), distinct


def _text_order(found: Digests) -> NDArray[np.uint64]:
    """Numbers in the order of the pseudonyms' first `ORDERED` characters."""
    # Letters come after digits in text but before them in base32: six more, modulo 32, in each group of five bits.
    first = words(found, 0) >> np.uint64(4)
    lanes = np.uint64(sum(1 << 5 * n for n in range(ORDERED)))
    top = first & lanes * np.uint64(16)
    return ((first ^ top) + lanes * np.uint64(6)) ^ top


def words(found: Digests, at: int) -> NDArray[np.uint64]:
    """Eight bytes of every digest, from byte `at`, as a number."""
    return np.ascontiguousarray(found[:, at : at + 8]).view(">u8").ravel().astype(np.uint64)


def shift(key: bytes, identity: str | bytes) -> int:
    """Days by which a person's dates move: -182 to 182 without 0, the same for all dates of the person."""
    identity = identity.encode() if isinstance(identity, str) else identity
    number = int.from_bytes(hmac.digest(key, identity, "sha256")[:8])
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
