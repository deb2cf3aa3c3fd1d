"""What a browser may say to this server: every argument is checked here, and unknown ones are refused.

Worked example: `read(b'{"title": " Table 1 ", "purpose": "Paper"}', {"title": LINE, "purpose": TEXT})` gives
`{"title": "Table 1", "purpose": "Paper"}`; an extra key, a number as title or an empty purpose is a refusal with
status 400 that names the argument.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import RefusedError

_REQUEST_ID = re.compile(r"[a-z](?:-?[a-z0-9]){0,29}-[0-9]{1,9}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONGEST_BODY = 64 * 1024
_LONGEST_PATH = 400


@dataclass(frozen=True, slots=True)
class Text:
    """A text argument: at most `most` characters, one line unless `lines`."""

    most: int
    lines: bool = False


LINE = Text(200)
TEXT = Text(4000, lines=True)
PATH = Text(_LONGEST_PATH)


def _bad(message: str, fix: str = "") -> RefusedError:
    return RefusedError(400, "bad-argument", message, fix)


def _text(name: str, value: object, kind: Text) -> str:
    if not isinstance(value, str):
        raise _bad(f"'{name}' has to be a text.")
    value = value.strip()
    if not value:
        raise _bad(f"'{name}' is empty.", f"Fill in '{name}'.")
    if len(value) > kind.most:
        raise _bad(f"'{name}' has {len(value)} characters; at most {kind.most} are possible.", f"Shorten '{name}'.")
    if _CONTROL.search(value) or (not kind.lines and ("\n" in value or "\r" in value)):
        raise _bad(f"'{name}' holds characters that can't be shown.", "Type the text instead of pasting it.")
    return value


def _json_object(body: bytes) -> dict[str, Any]:
    if len(body) > _LONGEST_BODY:
        raise RefusedError(413, "bad-argument", f"The call is longer than {_LONGEST_BODY} bytes.")
    try:
        value = json.loads(body)
    except ValueError as error:
        raise _bad("The call is not JSON.") from error
    if not isinstance(value, dict):
        raise _bad("The call has to be a JSON object.")
    return value


def read(body: bytes, required: Mapping[str, Text], optional: Mapping[str, Text] | None = None) -> dict[str, str]:
    """The arguments of a call, stripped. Refuses what is missing, unknown, empty, too long or not a text."""
    given = _json_object(body)
    allowed = {**required, **(optional or {})}
    if unknown := sorted(set(given) - set(allowed)):
        raise _bad(f"Unknown argument: {', '.join(repr(name[:40]) for name in unknown[:5])}.")
    if missing := sorted(set(required) - set(given)):
        raise _bad(f"Missing argument: {', '.join(missing)}.")
    return {name: _text(name, value, allowed[name]) for name, value in given.items()}


def nothing(body: bytes) -> None:
    """Refuse a body where none belongs; an empty JSON object counts as none."""
    if body and _json_object(body):
        raise _bad("This call takes no arguments.")


def request_id(value: str) -> str:
    """The id of a request, such as `bacthub-7`: it becomes part of an address, so nothing else may pass."""
    if not _REQUEST_ID.fullmatch(value):
        raise RefusedError(404, "unknown-request", "There is no such request.")
    return value


def relative_path(value: Any) -> str:
    """A workspace path as Lab writes it: relative, with '/', without '.' or '..' parts and without a drive."""
    path = _text("path", value, PATH)
    parts = path.split("/")
    if path.startswith("/") or "\\" in path or any(part in {"", ".", ".."} for part in parts):
        raise RefusedError(
            400, "bad-path", f"'{path}' is not a path of this workspace.", "Choose the file in the list."
        )
    return path
