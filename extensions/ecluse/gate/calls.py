"""Which calls there are at all, and what may be in them. A call that is not in the table does not exist.

Worked example: `DELETE /v1.41/containers/ecluse_alpha_ada?v=True&link=False&force=True` is the call `remove` with the
container `ecluse_alpha_ada`; `POST /v1.41/containers/ecluse_alpha_ada/exec` is none, whoever asks.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .wire import FORBIDDEN, Call, refused

_CONTAINER = r"(?P<container>[A-Za-z0-9][A-Za-z0-9_.-]{0,127})"
_IMAGE = r"(?P<image>[a-z0-9][A-Za-z0-9_.:@/-]{0,250})"
_FLAG = r"0|1|true|false|True|False"
_TRUE = frozenset({"1", "true", "True"})


@dataclass(frozen=True, slots=True)
class Allowed:
    """One call: its name, method, path, and the parameters it may have with the shape of each."""

    name: str
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    body: bool = False
    versioned: bool = True


CALLS = (
    Allowed("ping", "GET", "/_ping", versioned=False),
    Allowed("version", "GET", "/version"),
    Allowed("info", "GET", "/info"),
    Allowed("image", "GET", f"/images/{_IMAGE}/json"),
    Allowed(
        "list", "GET", "/containers/json", {"limit": "-1", "all": "1", "size": "0", "trunc_cmd": "0", "filters": ".*"}
    ),
    Allowed("volumes", "GET", "/volumes", {"filters": ".*"}),
    Allowed("create", "POST", "/containers/create", {"name": _CONTAINER}, frozenset({"name"}), body=True),
    Allowed("inspect", "GET", f"/containers/{_CONTAINER}/json"),
    Allowed("start", "POST", f"/containers/{_CONTAINER}/start"),
    Allowed("stop", "POST", f"/containers/{_CONTAINER}/stop", {"t": "[0-9]|[1-5][0-9]"}),
    Allowed(
        "logs",
        "GET",
        f"/containers/{_CONTAINER}/logs",
        {"stderr": "1", "stdout": "1", "timestamps": "[01]", "follow": "0", "tail": "[1-9][0-9]{0,2}"},
        frozenset({"tail"}),
    ),
    Allowed("remove", "DELETE", f"/containers/{_CONTAINER}", {"v": _FLAG, "link": "False|false|0", "force": _FLAG}),
)


@dataclass(frozen=True, slots=True)
class Known:
    """A call of the table, with what its path names."""

    name: str
    container: str
    image: str
    call: Call

    def flag(self, name: str) -> bool:
        """A parameter as a boolean."""
        return self.call.query.get(name) in _TRUE


def find_call(call: Call, version: str) -> Known:
    """The call of the table that this is. `version` is the one version of the API that is spoken.

    Raises:
        TurnedDownError: there is none.
    """
    for allowed in CALLS:
        prefix = f"(?:/v{re.escape(version)})?" if allowed.versioned else ""
        match = re.fullmatch(prefix + allowed.path, call.path) if call.method == allowed.method else None
        if match is None:
            continue
        for name, value in call.query.items():
            if not re.fullmatch(allowed.query.get(name, r"(?!)"), value):
                raise refused(f"the parameter '{name}' is not let through as it is", FORBIDDEN)
        if missing := allowed.needs - set(call.query):
            raise refused(f"the parameter '{min(missing)}' is missing", FORBIDDEN)
        if call.body and not allowed.body:
            raise refused("this call has no body", FORBIDDEN)
        names = match.groupdict()
        return Known(allowed.name, names.get("container", ""), names.get("image", ""), call)
    raise refused(f"no such call passes the gate: {call.method} {call.path}", FORBIDDEN)
