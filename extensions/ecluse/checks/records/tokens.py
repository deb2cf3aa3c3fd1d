"""Keyed tokens of values, the same for an extract's column and for a printed cell.

Decides which values are one and the same. Worked example: 81.35 in the extract, `81,4` in a table and `81` in a
rounded one have one token; so have the date 2021-03-04 and the text `04/03/2021`, and `Nord` and ` nord `. Column
names and positions play no part, so that renaming and reordering hide nothing.

Numbers of at least 10 count to the unit, smaller ones to one decimal: coarse enough for rounding, fine enough for
tuples of three to be one person's. Tokens are keyed: without the key the index tells nothing about values.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ecluse.checks.facts import Cell, Compound, Interval, Masked, Value

Tokens = NDArray[np.uint64]
_ISO = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T]00:00.*)?$")
_FRENCH = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
_NUMBER, _DAY, _WORD = 1, 2, 3
_BLOCK = 16_384
ABSENT = np.uint64(0)
"""Token of a missing value; tuples that hold one are left out."""


def numbers(values: NDArray[np.float64], key: bytes) -> Tokens:
    """Tokens of numbers; NaN and infinite ones are absent."""
    good = np.isfinite(values)
    clean = np.where(good, values, 0.0)
    coarse = np.where(np.abs(clean) >= 10, np.floor(clean + 0.5) * 10, np.floor(clean * 10 + 0.5))
    return np.where(good, _mix(np.clip(coarse, -9e18, 9e18).astype(np.int64).view(np.uint64), key, _NUMBER), ABSENT)


def days(values: NDArray[np.int64], present: NDArray[np.bool_], key: bytes) -> Tokens:
    """Tokens of days since 1970-01-01."""
    return np.where(present, _mix(values.view(np.uint64), key, _DAY), ABSENT)


def words(texts: list[str | None], key: bytes) -> Tokens:
    """Tokens of texts: dates and numbers that are written as texts have the tokens of what they mean."""
    return np.fromiter((_word(text, key) for text in texts), dtype=np.uint64, count=len(texts))


def of_cell(cell: Cell, key: bytes) -> np.uint64:
    """Token of a printed cell; cells of several numbers, intervals and masks have none."""
    if isinstance(cell, Value):
        return np.uint64(numbers(np.array([cell.number]), key)[0])
    return ABSENT if isinstance(cell, Interval | Masked | Compound) else np.uint64(_word(cell.text, key))


def combine(parts: list[Tokens], key: bytes) -> Tokens:
    """One hash per row of a set of columns, whatever their order; absent where a part is."""
    out = np.empty_like(parts[0])
    for block in blocks(len(out)):
        total = parts[0][block].copy()
        present = total != ABSENT
        for part in parts[1:]:
            total += part[block]
            present &= part[block] != ABSENT
        out[block] = np.where(present, _mix(total, key, 16 + len(parts), rounds=1), ABSENT)
    return out


def blocks(rows: int) -> Iterator[slice]:
    """Parts of a column that fit a processor's cache: a dozen steps on them cost what one does on the whole."""
    return (slice(start, min(start + _BLOCK, rows)) for start in range(0, rows, _BLOCK))


def _word(text: str | None, key: bytes) -> int:
    plain = " ".join(unicodedata.normalize("NFKC", text or "").casefold().split())
    if plain in ("", "nan", "none", "null", "na", "n/a", "<na>", "nat"):
        return int(ABSENT)
    day = _day(plain)
    if day is not None:
        return int(days(np.array([day]), np.array([True]), key)[0])
    try:
        number = float(plain.replace(",", "."))
    except ValueError:
        return int.from_bytes(hashlib.blake2b(plain.encode(), digest_size=8, key=key[:64]).digest(), "big") | 1
    return int(numbers(np.array([number]), key)[0])


def _day(text: str) -> int | None:
    found = _ISO.match(text)
    parts = found.groups() if found else None
    if parts is None and (found := _FRENCH.match(text)):
        parts = found.groups()[::-1]
    if parts is None:
        return None
    try:
        return (date(*(int(part) for part in parts)) - date(1970, 1, 1)).days
    except ValueError:
        return None


def _mix(values: Tokens, key: bytes, domain: int, rounds: int = 2) -> Tokens:
    """A keyed permutation of 64 bits, the finaliser of splitmix64 once or twice; never 0, which means "absent"."""
    first, second = _keys(key, domain)
    out = values ^ first
    for constant in (second, first | np.uint64(1))[:rounds]:
        out = (out ^ (out >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        out = (out ^ (out >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        out = (out ^ (out >> np.uint64(31))) + constant
    return np.where(out == ABSENT, np.uint64(1), out)


def _keys(key: bytes, domain: int) -> tuple[np.uint64, np.uint64]:
    digest = hashlib.blake2b(bytes([domain]), digest_size=16, key=key[:64]).digest()
    return np.uint64(int.from_bytes(digest[:8], "big")), np.uint64(int.from_bytes(digest[8:], "big"))
