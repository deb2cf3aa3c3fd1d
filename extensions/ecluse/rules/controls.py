"""What a container of the enclave may have: the controls of the CIS Docker Benchmark, and its own part of the design.

Worked example: `container_drifts` of a checker that was started with a network names it: `networks`, seen
`ecluse-control instead of none`. Section numbers of the benchmark stand in `CONTROLS`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .container import container_body, differences
from .names import Strict
from .outcome import Refused
from .policy import Policies
from .workspace import LABEL, NO_NETWORK, SpawnPlan, SpawnSettings, plan_workspace

PERSON, PROJECT_LABEL, ENCLAVE, SERVICE, INSIDE = (
    f"{LABEL}.{n}" for n in ("person", "project", "enclave", "service", "inside")
)
SOCKET = "/var/run/docker.sock"
Json = Mapping[str, Any]


class Drift(Strict):
    """One difference between what runs and what should."""

    where: str
    control: str
    seen: str
    fix: str


@dataclass(frozen=True)
class Service:
    """What a service has, and nothing else. Mounts: part of the data root → whether it can write."""

    networks: frozenset[str] = frozenset()
    mounts: Mapping[str, bool] = field(default_factory=dict)
    projects: bool = False
    publishes: bool = False
    socket: bool = False  # then with the host's users too: the socket's group has no number in a map
    optional: bool = False


SERVICES = {
    "edge": Service(frozenset({"edge", "front"}), {"secrets/edge": False}, publishes=True),
    "proxy": Service(frozenset({"front", "control"}), {"secrets/proxy": False}, projects=True),
    "hub": Service(
        frozenset({"control"}),
        {
            "policies": False, "control": True, "hub": True, "accounts": False, "secrets/hub": False, "gate": False,
        },
        projects=True,
    ),
    "gate": Service(
        mounts={
            "policies": False, "control": True, "gate": True, "places": True, "papers": True, "secrets/gate": False,
        },
        socket=True,
    ),
    "mirror": Service(
        frozenset({"mirror"}),
        {"policies/packages": False, "places": False, "packages": False, "asked": True, "secrets/mirror": False},
        projects=True,
    ),
    "fetcher": Service(
        frozenset({"egress"}),
        {"policies/packages": False, "packages": True, "asked/wanted": False, "secrets/fetcher": False},
        optional=True,
    ),
    "provider-door": Service(frozenset({"provider", "control"}), optional=True),
    "airlock": Service(
        frozenset({"control"}),
        {
            "policies": False, "control": True, "quarantine": True, "spool": True, "secrets/airlock": False,
            "public": False,
        },
    ),
    "checker": Service(
        mounts={"index": False, "quarantine": False, "spool/jobs": False, "spool/results": True}
    ),
}  # fmt: skip


def container_drifts(
    containers: Sequence[Json], policies: Policies, settings: SpawnSettings, now: datetime
) -> Iterator[Drift]:
    """Every drift of the enclave's containers, given all containers as the engine's `inspect` tells them."""
    mine = [c for c in containers if labels_of(c).get(ENCLAVE) == settings.name]
    running: dict[str, list[str]] = {}
    for container in mine:
        labels = labels_of(container)
        if PERSON in labels:
            running.setdefault(labels[PERSON], []).append(labels.get(PROJECT_LABEL, ""))
    seen = {labels_of(c).get(SERVICE) for c in mine if labels_of(c).get(SERVICE)}
    for name in sorted({n for n, s in SERVICES.items() if not s.optional} - seen):
        yield Drift(where=f"{settings.name}-{name}", control="service", seen="not there", fix="start the enclave again")
    for container in mine:
        labels = labels_of(container)
        yield from _common(container, labels.get(SERVICE))
        if SERVICE in labels:
            yield from _service(container, labels[SERVICE], settings)
        elif PERSON in labels:
            others = [p for p in running[labels[PERSON]] if p != labels.get(PROJECT_LABEL)]
            yield from _workspace(container, policies, settings, now, others)
        else:
            yield _drift(container, "known container", "neither a service nor a workspace", "find out who made it")


Check = Callable[[Json, Json], str]
"""From `HostConfig` and `Config` to what is wrong; "" if nothing is."""


def _namespaces(host: Json, _: Json) -> str:
    modes = {k: str(host.get(k) or "") for k in ("NetworkMode", "PidMode", "IpcMode", "UTSMode")}
    return ", ".join(f"{k} {v}" for k, v in modes.items() if v == "host" or v.startswith("container:"))


CONTROLS: dict[str, tuple[str, Check]] = {
    "not privileged": ("5.5", lambda host, _: "privileged" if host.get("Privileged") else ""),
    "no capabilities": (
        "5.4",
        lambda host, _: "" if host.get("CapDrop") == ["ALL"] and not host.get("CapAdd")
        else f"dropped {host.get('CapDrop')}, added {host.get('CapAdd')}",
    ),
    "no new privileges": (
        "5.26",
        lambda host, _: ""
        if {"no-new-privileges:true", "no-new-privileges"} & set(host.get("SecurityOpt") or ()) else "not set",
    ),
    "seccomp and AppArmor": (
        "2.17, 5.2, 5.22",
        lambda host, _: ", ".join(o for o in host.get("SecurityOpt") or () if "unconfined" in o or "disable" in o),
    ),
    "read-only root": ("5.13", lambda host, _: "" if host.get("ReadonlyRootfs") else "writable"),
    "limit of processes": ("5.29", lambda host, _: "" if (host.get("PidsLimit") or 0) > 0 else "none"),
    "limit of memory": ("5.11", lambda host, _: "" if (host.get("Memory") or 0) > 0 else "none"),
    "no root user": (
        "4.1",
        lambda _, config: f"user '{config.get('User') or ''}'"
        if str(config.get("User") or "0").split(":")[0] in ("0", "root") else "",
    ),
    "own namespaces": ("5.10, 5.16, 5.17, 5.21", _namespaces),
    "no devices": ("5.18", lambda host, _: ", ".join(d.get("PathOnHost", "?") for d in host.get("Devices") or ())),
}  # fmt: skip


def _common(container: Json, service: str | None) -> Iterator[Drift]:
    host, config = container.get("HostConfig") or {}, container.get("Config") or {}
    for control, (number, check) in CONTROLS.items():
        if seen := check(host, config):
            yield _drift(container, f"{control} (CIS {number})", seen, "stop it, and start it as the enclave does")
    holder = service in SERVICES and SERVICES[service].socket
    if host.get("UsernsMode") == "host" and not holder:
        yield _drift(container, "the engine's users (CIS 5.31)", "UsernsMode host", "stop it: its users are the host's")
    published = {
        port: where for port, where in ((container.get("NetworkSettings") or {}).get("Ports") or {}).items() if where
    }
    if published and not (service in SERVICES and SERVICES[service].publishes):
        yield _drift(container, "no published port (CIS 5.8)", ", ".join(sorted(published)), "only the edge publishes")
    holds = any(m.get("Source", "").endswith("docker.sock") for m in container.get("Mounts") or ())
    if holds and not holder:
        yield _drift(container, "no engine's socket (CIS 5.32)", SOCKET, "stop it at once: it is root on this machine")


def _service(container: Json, name: str, settings: SpawnSettings) -> Iterator[Drift]:
    if name not in SERVICES:
        yield _drift(container, "known service", name, "find out who made it")
        return
    service = SERVICES[name]
    allowed = {f"{settings.host_root}/{part}": writes for part, writes in service.mounts.items()}
    if service.socket:
        allowed[SOCKET] = True
    yield from _mounts(container, allowed)
    wanted = {f"{settings.name}-{network}" for network in service.networks}
    found = set(_networks(container))
    if service.projects:
        found = {n for n in found if not n.startswith(f"{settings.name}-project-")}
    if found != wanted:
        seen = ", ".join(sorted(found)) or "none"
        yield _drift(
            container, "networks", f"{seen} instead of {', '.join(sorted(wanted)) or 'none'}", "start it again"
        )


def _mounts(container: Json, allowed: Mapping[str, bool]) -> Iterator[Drift]:
    for mount in container.get("Mounts") or ():
        source, writes = str(mount.get("Source", "")), bool(mount.get("RW"))
        if mount.get("Type") == "tmpfs":
            continue
        if source not in allowed:
            yield _drift(container, "mounts (CIS 5.6)", source, "stop it: it can reach what it should not")
        elif writes and not allowed[source]:
            yield _drift(container, "mounts (CIS 5.6)", f"{source} can be written", "mount it read-only")


def _workspace(
    container: Json, policies: Policies, settings: SpawnSettings, now: datetime, others: Sequence[str]
) -> Iterator[Drift]:
    labels = labels_of(container)
    person, project = labels[PERSON], labels.get(PROJECT_LABEL, "")
    plan = plan_workspace(policies, person, project, now, settings, running=others)
    if isinstance(plan, Refused):
        yield _drift(container, "permit", plan.message, "the reconciler and the gate end it; see their logs if not")
        return
    if INSIDE in labels:
        if plan.inside is None:
            yield _drift(container, "known container", "behind a pane, and the project is not sealed", "stop it")
            return
        plan = plan.inside
    body = container_body(plan, str(container.get("Image", "")), (), {})
    host = container.get("HostConfig") or {}
    for key, planned in body["HostConfig"].items():
        for place in differences(_told(host.get(key), planned), planned, key):
            yield _drift(container, "as planned", f"HostConfig.{place}", "stop it, and start it from the project page")
    for key in sorted(k for k, v in host.items() if k in EMPTY and v):
        yield _drift(container, "as planned", f"HostConfig.{key}", "stop it, and start it from the project page")
    if plan.image.startswith("sha256:") and container.get("Image") != plan.image:
        yield _drift(container, "pinned image (CIS 5.27)", str(container.get("Image")), "stop it; see images.yaml")
    yield from _workspace_mounts(container, plan)
    if set(_networks(container)) != {plan.network} - {NO_NETWORK}:
        yield _drift(container, "networks", ", ".join(sorted(_networks(container))), f"only {plan.network}")


EMPTY = frozenset(
    {
        "Binds", "CapAdd", "Devices", "DeviceCgroupRules", "ExtraHosts", "GroupAdd", "Links", "PidMode", "PortBindings",
        "PublishAllPorts", "StorageOpt", "Sysctls", "UTSMode", "UsernsMode", "VolumeDriver", "VolumesFrom", "Cgroup",
        "CgroupParent",
    }
)  # fmt: skip
"""Parts of `HostConfig` that no workspace has."""


EMPTIES: tuple[Any, ...] = (None, "", 0, {}, [])


def _told(value: Any, planned: Any) -> Any:
    """What the engine tells, without what it adds to, and with what it leaves out of, what it was given."""
    if isinstance(planned, dict) and isinstance(value, dict):
        left_out = {k: v for k, v in planned.items() if v in EMPTIES and k not in value}
        told = {k: _told(v, planned.get(k)) for k, v in value.items() if k in planned or v not in EMPTIES}
        return {**left_out, **told}
    if isinstance(planned, list) and isinstance(value, list) and len(value) == len(planned):
        return [_told(v, p) for v, p in zip(value, planned, strict=True)]
    return [] if value is None and planned == [] else value


def _workspace_mounts(container: Json, plan: SpawnPlan) -> Iterator[Drift]:
    """What is mounted in fact, beside what was asked for at the start."""
    wanted = {(m.target, m.read_only) for m in plan.mounts}
    found = {
        (str(m.get("Destination")), not m.get("RW")) for m in container.get("Mounts") or () if m["Type"] != "tmpfs"
    }
    for target, read_only in sorted(found - wanted):
        seen = target if read_only else f"{target} can be written"
        yield _drift(container, "mounts (CIS 5.6)", seen, "stop it: it can reach what it should not")
    for target, _ in sorted(wanted - found):
        yield _drift(container, "mounts (CIS 5.6)", f"{target} is not there as planned", "start it again")


# -- reading the engine's JSON ---------------------------------------------------------------------------------------


def labels_of(container: Json) -> Mapping[str, str]:
    """Labels of a container, from its `inspect`."""
    return (container.get("Config") or {}).get("Labels") or {}


def _networks(container: Json) -> Mapping[str, Any]:
    found = (container.get("NetworkSettings") or {}).get("Networks") or {}
    return {name: value for name, value in found.items() if name != "none"}


def _drift(container: Json, control: str, seen: str, fix: str) -> Drift:
    return Drift(where=str(container.get("Name", "?")).lstrip("/"), control=control, seen=seen, fix=fix)
