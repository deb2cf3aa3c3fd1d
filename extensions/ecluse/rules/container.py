"""The one body of a container that the engine may be asked to create, and how another body differs from it.

The hub's spawner sends this body, the gate makes it again from its own plan, and the two have to be equal. Worked
example: the spawner asks for `ada`'s workspace of `alpha`; the gate plans the same workspace, and the body it makes is
the one that came. A hub that adds `"Privileged": true` gets `["HostConfig.Privileged"]` from `differences`, and
nothing is created. What varies is only what the hub alone knows, its own variables: each by name and shape.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .canonical import canonical_json
from .workspace import PORT, MountKind, SpawnPlan

CPU_PERIOD = 100_000
"""Microseconds; the engine's own default."""

_TOKEN = r"[A-Za-z0-9_-]{20,128}"  # noqa: S105 - a shape
_PATH = r"/[A-Za-z0-9._~%/@-]{0,500}"
_FOLDER = r"/(?:[A-Za-z0-9._~-]{1,50}/){0,5}"
_ORIGIN = r"https?://[A-Za-z0-9.\[\]:-]{1,255}"
_JSON = r"[\x20-\x7e]{0,2000}"
_OPTIONAL = frozenset({"JUPYTERHUB_COOKIE_OPTIONS"})


def container_body(plan: SpawnPlan, image: str, command: Sequence[str], hub: Mapping[str, str]) -> dict[str, Any]:
    """The body of `POST /containers/create` for a plan.

    Args:
        plan: the plan.
        image: content id of the plan's image.
        command: the image's own command; the plan's arguments follow it.
        hub: the hub's own variables. The plan's win.
    """
    environment = {**hub, **plan.environment}
    return {
        "Image": image,
        "Cmd": [*command, *plan.arguments],
        "User": plan.user,
        "Env": sorted(f"{name}={value}" for name, value in environment.items()),
        "Labels": dict(plan.labels),
        "Tty": False,
        "OpenStdin": False,
        "HostConfig": _host_config(plan),
    }


def _host_config(plan: SpawnPlan) -> dict[str, Any]:
    limits = plan.limits
    return {
        "NetworkMode": plan.network,
        "Mounts": _mounts(plan),
        "Tmpfs": {"/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={limits.tmp}"},  # noqa: S108 - in the container
        "ReadonlyRootfs": plan.read_only_root,
        "Privileged": False,
        "CapDrop": list(plan.dropped),
        # No seccomp or AppArmor option: the engine's own profiles hold. `unconfined` is never written here.
        "SecurityOpt": ["no-new-privileges:true"] if plan.no_new_privileges else [],
        "IpcMode": "private",
        "Memory": limits.memory,
        "MemorySwap": limits.memory,
        "MemorySwappiness": 0,
        "CpuPeriod": CPU_PERIOD,
        "CpuQuota": int(limits.cpus * CPU_PERIOD),
        "PidsLimit": limits.pids,
        "ShmSize": limits.shared_memory,
        "Ulimits": [
            {"Name": "core", "Soft": 0, "Hard": 0},
            {"Name": "nofile", "Soft": limits.open_files, "Hard": limits.open_files},
        ],
        "Dns": list(plan.dns),
        "DnsSearch": ["."],
        # The engine's resolver never answers for what it can't forward: ask once, for a second, not for twenty.
        "DnsOptions": ["timeout:1", "attempts:1"],
        # The crash log is read before removal, so the engine must not remove by itself.
        "AutoRemove": False,
        "RestartPolicy": {"Name": "no"},
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "1"}},
        **({"DeviceRequests": [_gpus(plan.gpus)]} if plan.gpus else {}),
    }


def _gpus(count: int) -> dict[str, Any]:
    return {"Driver": "", "Count": count, "DeviceIDs": [], "Capabilities": [["gpu"]], "Options": {}}


def _mounts(plan: SpawnPlan) -> list[dict[str, Any]]:
    return [
        {
            "Type": m.kind.value,
            "Source": m.source,
            "Target": m.target,
            "ReadOnly": m.read_only,
            **(
                {"VolumeOptions": {"Labels": dict(plan.labels)}}
                if m.kind is MountKind.VOLUME
                else {"BindOptions": {"Propagation": "rprivate"}}
            ),
        }
        for m in plan.mounts
    ]


def read_environment(values: object) -> dict[str, str] | None:
    """A body's `Env` as a mapping, or None if it is not a list of different `NAME=value`."""
    if not isinstance(values, list) or not all(isinstance(v, str) and "=" in v for v in values):
        return None
    found = dict(v.split("=", 1) for v in values)
    return found if len(found) == len(values) else None


def hub_variables(plan: SpawnPlan, image: str) -> dict[str, str]:
    """The hub's own variables: name to the regular expression that the whole value matches."""
    person, project = re.escape(plan.person), re.escape(plan.project)
    prefix = rf"{_FOLDER}user/{person}/{project}/"
    return {
        "JUPYTERHUB_API_TOKEN": _TOKEN,
        "JPY_API_TOKEN": _TOKEN,
        "JUPYTERHUB_CLIENT_ID": rf"jupyterhub-user-{person}-{project}",
        "JUPYTERHUB_COOKIE_OPTIONS": _JSON,
        "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED": "[01]",
        "JUPYTERHUB_HOST": rf"(?:{_ORIGIN})?",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": rf"(?:{_ORIGIN})?{prefix}oauth_callback",
        "JUPYTERHUB_OAUTH_SCOPES": _JSON,
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": _JSON,
        "JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES": _JSON,
        "JUPYTERHUB_USER": person,
        "JUPYTERHUB_SERVER_NAME": project,
        "JUPYTERHUB_API_URL": rf"{_ORIGIN}{_PATH}",
        "JUPYTERHUB_ACTIVITY_URL": rf"{_ORIGIN}{_FOLDER}users/{person}/activity",
        "JUPYTERHUB_BASE_URL": _PATH,
        "JUPYTERHUB_SERVICE_PREFIX": prefix,
        "JUPYTERHUB_SERVICE_URL": rf"https://[0-9A-Za-z.\[\]:]{{0,60}}:{PORT}{prefix}",
        "JUPYTERHUB_PUBLIC_URL": rf"(?:{_ORIGIN}{prefix})?",
        "JUPYTERHUB_PUBLIC_HUB_URL": rf"(?:{_ORIGIN}{_PATH})?",
        "JUPYTERHUB_DEFAULT_URL": _PATH,
        "JUPYTERHUB_DISABLE_USER_CONFIG": "1",
        "JUPYTER_IMAGE_SPEC": re.escape(image),
        "MEM_LIMIT": re.escape(str(plan.limits.memory)),
        "CPU_LIMIT": re.escape(str(float(plan.limits.cpus))),
    }


def environment_problems(plan: SpawnPlan, image: str, environment: Mapping[str, str]) -> list[str]:
    """Names of variables that may not be there, are missing, or have another value than planned. Never values."""
    shapes = hub_variables(plan, image)
    strange = [n for n in environment if n not in shapes and n not in plan.environment]
    missing = [n for n in {**shapes, **plan.environment} if n not in environment and n not in _OPTIONAL]
    wrong = [n for n, v in environment.items() if n in plan.environment and v != plan.environment[n]]
    shaped = [n for n, v in environment.items() if n in shapes and not re.fullmatch(shapes[n], v)]
    return [f"Env.{name}" for name in sorted({*strange, *missing, *wrong, *shaped})]


def differences(body: object, planned: object, where: str = "") -> list[str]:
    """Places at which a JSON value differs from the planned one, in order; empty if they are the same JSON.

    `1`, `1.0` and `true` differ: what compares equal in Python need not mean the same to the engine.
    """
    return list(_differences(body, planned, where))


def _differences(body: object, planned: object, where: str) -> Iterator[str]:
    if isinstance(body, dict) and isinstance(planned, dict):
        for key in sorted({*body, *planned}):
            here = f"{where}.{key}" if where else key
            if key in body and key in planned:
                yield from _differences(body[key], planned[key], here)
            else:
                yield here
    elif canonical_json(body) != canonical_json(planned):
        yield where or "the whole body"
