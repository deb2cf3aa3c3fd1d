"""One way to write a value as bytes, so that two machines hash and sign the same thing.

Worked example: `{"b": 1, "a": "é"}` is always `{"a":"é","b":1}` in UTF-8, and its digest is always the same. Keys
sorted, no spaces, no NaN; times as `2026-06-01T12:00:00.000000Z`.
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any


def canonical_json(value: Any) -> bytes:
    """Canonical JSON of a value made of dicts, lists, strings, numbers, booleans and None.

    Raises:
        ValueError: for NaN and infinities, which JSON does not have.
        TypeError: for anything else that JSON does not have.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sha256(data: bytes) -> str:
    """Lower-case hex digest."""
    return hashlib.sha256(data).hexdigest()


def instant_text(at: datetime) -> str:
    """A moment with its zone, in UTC to the microsecond: one text per moment."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
