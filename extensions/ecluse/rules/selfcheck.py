"""Whether what runs is what the policies and the controls ask for.

Takes what the engine tells of containers and networks (its own JSON, of `inspect`) and what the file system tells of
the data root, and names every drift: where, which control, what was seen, how to mend it. Worked example: somebody
publishes port 8888 of `ada`'s workspace of `alpha` by hand. Its container then differs from the plan, and the answer
holds `Drift(where="ecluse_alpha_ada", control="no published port", seen="8888/tcp on 0.0.0.0:8888", fix=…)`.

What a container may have is in `controls`; networks, files and encryption are here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .controls import ENCLAVE, PROJECT_LABEL, SERVICE, SERVICES, Drift, Json, container_drifts, labels_of
from .policy import Policies
from .users import UserMap
from .workspace import SpawnSettings

LEFT = timedelta(days=30)
"""How much of a certificate's life is too little, with nobody having renewed it."""


@dataclass(frozen=True)
class Folder:
    """A file or folder of the data root as the file system tells it. `mode` is the permission bits."""

    path: str
    owner: int
    group: int
    mode: int


@dataclass(frozen=True)
class Look:
    """What was found at one moment.

    `encrypted`: whether the data root lies on an encrypted device; None: unknown. `certificates`: the end of each.
    `users`: the engine's map; `prepared`: the one that the data root was prepared for, by which `expected_folders` are.
    """

    containers: Sequence[Json]
    networks: Sequence[Json]
    folders: Sequence[Folder] = ()
    expected_folders: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    encrypted: bool | None = None
    certificates: Mapping[str, datetime] = field(default_factory=dict)
    users: UserMap = field(default_factory=UserMap)
    prepared: UserMap = field(default_factory=UserMap)


def warnings(look: Look) -> list[Drift]:
    """What is no drift and would be better otherwise."""
    if look.users.on:
        return []
    return [
        Drift(where="engine", control="user namespaces (CIS 2.9)", seen="users inside are the same outside",
              fix='"userns-remap": "default" in /etc/docker/daemon.json: docs/how-to/map-users.md')
    ]  # fmt: skip


def drifts(look: Look, policies: Policies, settings: SpawnSettings, now: datetime, *, production: bool) -> list[Drift]:
    """Every drift of an enclave, in the order: containers, networks, users, files.

    Args:
        look: what was found.
        policies: those in force.
        settings: the enclave's, as hub and gate have them.
        now: for permits and sessions.
        production: whether an unencrypted data root is a drift.
    """
    return [
        *container_drifts(look.containers, policies, settings, now),
        *_network_drifts(look, settings),
        *_user_drifts(look),
        *_file_drifts(look, production=production),
        *_certificate_drifts(look, now),
    ]


# -- networks --------------------------------------------------------------------------------------------------------


def _network_drifts(look: Look, settings: SpawnSettings) -> Iterator[Drift]:
    prefix = f"{settings.name}-"
    ways_out = {f"{prefix}{n}" for n in ("edge", "egress", "provider")}
    for network in look.networks:
        name = str(network.get("Name", ""))
        if (network.get("Labels") or {}).get(ENCLAVE) != settings.name or not name.startswith(prefix):
            continue
        options = network.get("Options") or {}
        isolated = {
            options.get("com.docker.network.bridge.inhibit_ipv4") == "true",
            options.get("com.docker.network.bridge.gateway_mode_ipv4") == "isolated",
        }
        yield from _members(network, name, look, settings)
        if name in ways_out:
            continue
        if not network.get("Internal"):
            yield Drift(
                where=name, control="network without a way out", seen="not internal", fix="remove it, start again"
            )
        if isolated == {False}:
            yield Drift(where=name, control="network without the host", seen="the bridge has an address",
                        fix="remove it, start again: a container reaches every port of the host")  # fmt: skip
        if network.get("EnableIPv6"):
            yield Drift(where=name, control="no IPv6", seen="IPv6 is on", fix="remove the network, start again")


def _members(network: Json, name: str, look: Look, settings: SpawnSettings) -> Iterator[Drift]:
    known = {str(c.get("Id")): labels_of(c) for c in look.containers}
    project = name.removeprefix(f"{settings.name}-project-") if "-project-" in name else None
    for identity, member in (network.get("Containers") or {}).items():
        labels = known.get(str(identity), {})
        service = labels.get(SERVICE) if labels.get(ENCLAVE) == settings.name else None
        door = service in SERVICES and (
            SERVICES[service].projects
            if project
            else name.removeprefix(f"{settings.name}-") in SERVICES[service].networks
        )
        resident = labels.get(ENCLAVE) == settings.name and project and labels.get(PROJECT_LABEL) == project
        if not (door or resident):
            who = str((member or {}).get("Name") or identity)
            yield Drift(
                where=name, control="members of a network", seen=who, fix=f"docker network disconnect {name} {who}"
            )


# -- users and files -------------------------------------------------------------------------------------------------


def _user_drifts(look: Look) -> Iterator[Drift]:
    if look.prepared != look.users:
        seen = f"prepared for {look.prepared}; the engine has {look.users}"
        yield Drift(where="data root", control="owners of files", seen=seen,
                    fix="deploy/enclave.py down, prepare, up: docs/how-to/map-users.md")  # fmt: skip


def _file_drifts(look: Look, *, production: bool) -> Iterator[Drift]:
    found = {f.path: f for f in look.folders}
    for path, (owner, group, mode) in look.expected_folders.items():
        at = found.get(path)
        if at is None:
            yield Drift(where=path, control="data root", seen="not there", fix="run the set-up again")
        elif (at.owner, at.group) != (owner, group) or at.mode & ~mode:
            yield Drift(where=path, control="data root", seen=f"{at.owner}:{at.group} {at.mode:04o}",
                        fix=f"chown {owner}:{group}, chmod {mode:04o}")  # fmt: skip
    for file in found.values():
        secret = file.path.startswith(("secrets/", "keys/", "accounts/")) and file.path not in look.expected_folders
        if secret and file.mode & 0o277:
            yield Drift(where=file.path, control="secrets (CIS 4.10)", seen=f"mode {file.mode:04o}", fix="chmod 0400")
    if look.encrypted is not True and production:
        seen = "not encrypted" if look.encrypted is False else "can't be told"
        yield Drift(where="data root", control="encryption at rest", seen=seen,
                    fix="move the data root to an encrypted device: docs/how-to/run-an-enclave.md")  # fmt: skip


def _certificate_drifts(look: Look, now: datetime) -> Iterator[Drift]:
    for path, end in sorted(look.certificates.items()):
        if end - now < LEFT:
            yield Drift(where=path, control="certificate inside", seen=f"ends {end:%Y-%m-%d}",
                        fix="run deploy/enclave.py up, which renews it: docs/how-to/run-an-enclave.md")  # fmt: skip
