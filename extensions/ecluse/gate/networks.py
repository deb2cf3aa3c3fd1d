"""Project networks: one internal bridge per project, without a gateway, made and removed with need.

An `internal` network of the engine still lets containers reach every port that the host listens on, through the
bridge's own address (moby/libnetwork#1151). So the bridge gets no address: `inhibit_ipv4` before Engine 28,
`gateway_mode_ipv4=isolated` from there on. The only members shared between projects are the doors: hub, proxy, mirror.
The hub has no say in any of this: it asks for a workspace, and the gate sees to the network.
"""

import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import IPv4Network
from itertools import chain
from typing import Any

from docker.errors import APIError, NotFound
from docker.types import IPAMConfig, IPAMPool

from ecluse.rules.workspace import LABEL, project_network

log = logging.getLogger(__name__)

DOORS = ("hub", "proxy")
"""What a workspace needs to start, in every project's network."""

LATE = ("mirror",)
"""Let in by the round, beside the start: without it a workspace runs, and installs no packages."""

ISOLATED_SINCE = 28
FORBIDDEN = 403


class NoNetworkError(Exception):
    """A project has no network that workspaces may join. The message says why, and how to mend it."""


def free_subnet(pool: IPv4Network, bits: int, taken: Iterable[IPv4Network]) -> IPv4Network:
    """The first subnet of `bits` in the pool that overlaps nothing taken.

    Raises:
        NoNetworkError: every subnet of the pool is taken.
    """
    busy = [t for t in taken if t.overlaps(pool)]
    for subnet in pool.subnets(new_prefix=bits):
        if not any(subnet.overlaps(t) for t in busy):
            return subnet
    raise NoNetworkError(f"no /{bits} is free in {pool}; widen ECLUSE_SUBNETS")


def bridge_options(engine_version: str) -> dict[str, str]:
    """Options that leave the bridge without an address, for an engine of this version."""
    if int(engine_version.split(".", 1)[0]) >= ISOLATED_SINCE:
        return {
            "com.docker.network.bridge.gateway_mode_ipv4": "isolated",
            "com.docker.network.bridge.gateway_mode_ipv6": "isolated",
        }
    return {"com.docker.network.bridge.inhibit_ipv4": "true"}


def strangeness(found: Mapping[str, Any], options: Mapping[str, str], labels: Mapping[str, str]) -> list[str]:
    """What a network that is there already has other than planned. Its members must not come to harm by its name."""
    planned: dict[str, Any] = {
        "Driver": "bridge",
        "Internal": True,
        "EnableIPv6": False,
        "Attachable": False,
        "Options": dict(options),
        "Labels": dict(labels),
    }
    return [name for name, value in planned.items() if (found.get(name) or type(value)()) != value]


Told = Callable[[list[dict[str, Any]], list[dict[str, Any]]], None]
"""Takes the networks and containers of the enclave, as the engine lists them."""


class ProjectNetworks:
    """The project networks of one enclave on one engine. Safe to use from several threads."""

    def __init__(self, engine: Any, name: str, pool: IPv4Network, bits: int, told: Told | None = None) -> None:
        self._engine = engine
        self._told = told
        self._name = name
        self._pool = pool
        self._bits = bits
        self._starting: Counter[str] = Counter()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._creating = threading.Lock()
        self._options: dict[str, str] | None = None

    @contextmanager
    def reserved(self, project: str) -> Iterator[str]:
        """Hold the project's network while a workspace is made for it: nobody removes it meanwhile."""
        with self._locks[project]:
            self._starting[project] += 1
        try:
            yield self.ensure(project)
        finally:
            with self._locks[project]:
                self._starting[project] -= 1

    def ensure(self, project: str) -> str:
        """Make the network if it is missing, and let the doors in. Returns its name.

        Raises:
            NoNetworkError: it can't be made, is not as planned, or a door is missing.
        """
        name = project_network(self._name, project)
        with self._locks[project]:
            try:
                found = self._engine.inspect_network(name)
            except NotFound:
                self._create(name, project)
                found = {"Containers": {}}
            else:
                if strange := strangeness(found, self._bridge(), self._labels(project)):
                    raise NoNetworkError(f"the network {name} is not as planned: {', '.join(strange)}; remove it")
            self._admit_doors(name, set(found.get("Containers") or {}))
        return name

    def release(self, project: str) -> None:
        """Remove the project's network once no workspace is on it or about to be."""
        name = project_network(self._name, project)
        with self._locks[project]:
            if self._starting[project] or self._workspaces(project):
                return
            try:
                found = self._engine.inspect_network(name)
                for member in list(found.get("Containers") or {}):
                    self._engine.disconnect_container_from_network(member, name, force=True)
                self._engine.remove_network(name)
            except NotFound:
                pass
            except APIError as error:
                log.warning("network %s stays: %s", name, error.explanation)

    def tend(self) -> None:
        """Let in doors that were replaced, and remove networks that nobody is on: for what happened beside the gate."""
        found = self._engine.containers(all=True, filters={"label": [f"{LABEL}.enclave={self._name}"]})
        active = {c["Labels"].get(f"{LABEL}.project") for c in found}
        at = {d: set((c.get("NetworkSettings") or {}).get("Networks") or {}) for d, c in self._doors(found).items()}
        mine = {"label": [f"{LABEL}.enclave={self._name}", f"{LABEL}.project"]}
        networks = self._engine.networks(filters=mine)
        if self._told:
            self._told(networks, found)
        for network in networks:
            project = network["Labels"][f"{LABEL}.project"]
            if project not in active:
                self.release(project)
            elif any(network["Name"] not in at.get(door, set()) for door in DOORS):
                try:
                    self.ensure(project)
                except (NoNetworkError, APIError) as error:  # one project's trouble is not the next one's
                    log.warning("the network of project %s has no doors: %s", project, error)
            else:
                self._admit_late(network["Name"], project, at)

    def _bridge(self) -> dict[str, str]:
        if self._options is None:
            self._options = bridge_options(self._engine.version()["Version"])
        return self._options

    def _labels(self, project: str) -> dict[str, str]:
        return {f"{LABEL}.enclave": self._name, f"{LABEL}.project": project}

    def _workspaces(self, project: str) -> list[Any]:
        labels = [f"{name}={value}" for name, value in self._labels(project).items()]
        found: list[Any] = self._engine.containers(all=True, filters={"label": labels})
        return found

    def _create(self, name: str, project: str) -> None:
        refused: list[IPv4Network] = []
        with self._creating:  # one at a time: two projects would be offered the same free subnet
            while True:
                subnet = free_subnet(self._pool, self._bits, chain(self._taken(), refused))
                try:
                    self._engine.create_network(
                        name,
                        driver="bridge",
                        options=self._bridge(),
                        ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet))]),
                        internal=True,
                        enable_ipv6=False,
                        check_duplicate=True,
                        labels=self._labels(project),
                    )
                except APIError as error:
                    # The host routes this subnet elsewhere; the engine knows, its list of networks does not show it.
                    if error.status_code != FORBIDDEN or "overlap" not in str(error.explanation).lower():
                        raise
                    refused.append(subnet)
                else:
                    log.info("made network %s on %s", name, subnet)
                    return

    def _taken(self) -> list[IPv4Network]:
        configs = chain.from_iterable((n.get("IPAM") or {}).get("Config") or [] for n in self._engine.networks())
        subnets = [c["Subnet"] for c in configs if c.get("Subnet") and ":" not in c["Subnet"]]
        return [IPv4Network(s, strict=False) for s in subnets]

    def _admit_doors(self, name: str, members: set[str]) -> None:
        doors = self.doors()
        for door in DOORS:
            identity = doors.get(door)
            if identity is None:
                raise NoNetworkError(
                    f"no container of the enclave '{self._name}' is its {door}: label it {LABEL}.service={door}"
                )
            if identity not in members:
                try:
                    self._engine.connect_container_to_network(identity, name, aliases=[door])
                except APIError as error:
                    if "already exists" not in str(error.explanation):
                        raise

    def _admit_late(self, name: str, project: str, at: Mapping[str, set[str]]) -> None:
        """Let in the doors that no start waits for. `at` has the networks of those that run."""
        missing = [door for door in LATE if door in at and name not in at[door]]
        if not missing:
            return
        with self._locks[project]:  # not while the network is taken away
            doors = self.doors()
            for door in missing:
                try:
                    self._engine.connect_container_to_network(doors[door], name, aliases=[door])
                except (KeyError, APIError) as error:
                    log.warning("the network of project %s has no %s yet: %s", project, door, error)

    def doors(self) -> dict[str, str]:
        """Ids of the containers that are this enclave's doors.

        Found by label, never by name alone: a workspace can't choose its labels.
        """
        found = self._engine.containers(filters={"label": [f"{LABEL}.enclave={self._name}"]})
        return {door: container["Id"] for door, container in self._doors(found).items()}

    def _doors(self, containers: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        result: dict[str, dict[str, Any]] = {}
        for container in containers:
            labels = container["Labels"]
            service = labels.get(f"{LABEL}.service") or labels.get("com.docker.compose.service")
            if (
                service in (*DOORS, *LATE)
                and f"{LABEL}.project" not in labels
                and container.get("State", "running") == "running"
            ):
                result[service] = container
        return result
