"""Project networks: one internal bridge per project, without a gateway, made and removed with need.

An `internal` network of the engine still lets containers reach every port that the host listens on, through the
bridge's own address (moby/libnetwork#1151). So the bridge gets no address: `inhibit_ipv4` before Engine 28,
`gateway_mode_ipv4=isolated` from there on. The only members shared between projects are the two doors, hub and proxy.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from ipaddress import IPv4Network
from itertools import chain
from typing import Any

from docker.errors import APIError, NotFound
from docker.types import IPAMConfig, IPAMPool

from ecluse.rules.workspace import LABEL, project_network

log = logging.getLogger(__name__)

Engine = Callable[..., Awaitable[Any]]
"""Calls a method of docker's `APIClient` by name, off the event loop."""

DOORS = ("hub", "proxy")
ISOLATED_SINCE = 28
CONFLICT, FORBIDDEN = 409, 403


class NoSubnetError(Exception):
    """The pool of subnets is used up."""


def free_subnet(pool: IPv4Network, bits: int, taken: Iterable[IPv4Network]) -> IPv4Network:
    """The first subnet of `bits` in the pool that overlaps nothing taken.

    Raises:
        NoSubnetError: every subnet of the pool is taken.
    """
    busy = [t for t in taken if t.overlaps(pool)]
    for subnet in pool.subnets(new_prefix=bits):
        if not any(subnet.overlaps(t) for t in busy):
            return subnet
    raise NoSubnetError(f"no /{bits} is free in {pool}; widen ECLUSE_SUBNETS")


def bridge_options(engine_version: str) -> dict[str, str]:
    """Options that leave the bridge without an address, for an engine of this version."""
    if int(engine_version.split(".", 1)[0]) >= ISOLATED_SINCE:
        return {
            "com.docker.network.bridge.gateway_mode_ipv4": "isolated",
            "com.docker.network.bridge.gateway_mode_ipv6": "isolated",
        }
    return {"com.docker.network.bridge.inhibit_ipv4": "true"}


class ProjectNetworks:
    """The project networks of one enclave on one engine."""

    def __init__(self, engine: Engine, name: str, pool: IPv4Network, bits: int) -> None:
        self._engine = engine
        self._name = name
        self._pool = pool
        self._bits = bits
        self._starting: Counter[str] = Counter()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._creating = asyncio.Lock()
        self._options: dict[str, str] | None = None

    @asynccontextmanager
    async def reserved(self, project: str) -> AsyncIterator[str]:
        """Hold the project's network while a workspace joins it: nobody removes it meanwhile."""
        self._starting[project] += 1
        try:
            yield await self.ensure(project)
        finally:
            self._starting[project] -= 1

    async def ensure(self, project: str) -> str:
        """Make the network if it is missing, and let the doors in. Returns its name."""
        name = project_network(self._name, project)
        async with self._locks[project]:
            try:
                found = await self._engine("inspect_network", name)
            except NotFound:
                await self._create(name, project)
                found = {"Containers": {}}
            await self._admit_doors(name, set(found.get("Containers") or {}))
        return name

    async def release(self, project: str) -> None:
        """Remove the project's network once no workspace is on it or about to be."""
        name = project_network(self._name, project)
        async with self._locks[project]:
            if self._starting[project] or await self._workspaces(project):
                return
            try:
                found = await self._engine("inspect_network", name)
                for member in list(found.get("Containers") or {}):
                    await self._engine("disconnect_container_from_network", member, name, force=True)
                await self._engine("remove_network", name)
            except NotFound:
                pass
            except APIError as error:
                log.warning("network %s stays: %s", name, error.explanation)

    async def _workspaces(self, project: str) -> list[Any]:
        labels = [f"{LABEL}.enclave={self._name}", f"{LABEL}.project={project}"]
        found: list[Any] = await self._engine("containers", all=True, filters={"label": labels})
        return found

    async def _create(self, name: str, project: str) -> None:
        if self._options is None:
            self._options = bridge_options((await self._engine("version"))["Version"])
        refused: list[IPv4Network] = []
        async with self._creating:  # one at a time: two projects would be offered the same free subnet
            while True:
                subnet = free_subnet(self._pool, self._bits, chain(await self._taken(), refused))
                try:
                    await self._engine(
                        "create_network",
                        name,
                        driver="bridge",
                        options=self._options,
                        ipam=IPAMConfig(pool_configs=[IPAMPool(subnet=str(subnet))]),
                        internal=True,
                        enable_ipv6=False,
                        check_duplicate=True,
                        labels={f"{LABEL}.enclave": self._name, f"{LABEL}.project": project},
                    )
                except APIError as error:
                    # The host routes this subnet elsewhere; the engine knows, its list of networks does not show it.
                    if error.status_code != FORBIDDEN or "overlap" not in str(error.explanation).lower():
                        raise
                    refused.append(subnet)
                else:
                    log.info("made network %s on %s", name, subnet)
                    return

    async def _taken(self) -> list[IPv4Network]:
        networks = await self._engine("networks")
        configs = chain.from_iterable((n.get("IPAM") or {}).get("Config") or [] for n in networks)
        subnets = [c["Subnet"] for c in configs if c.get("Subnet") and ":" not in c["Subnet"]]
        return [IPv4Network(s, strict=False) for s in subnets]

    async def _admit_doors(self, name: str, members: set[str]) -> None:
        doors = await self.doors()
        for door in DOORS:
            identity = doors.get(door)
            if identity is None:
                raise LookupError(
                    f"no container of the enclave '{self._name}' is its {door}: label it {LABEL}.service={door}"
                )
            if identity not in members:
                try:
                    await self._engine("connect_container_to_network", identity, name, aliases=[door])
                except APIError as error:
                    if "already exists" not in str(error.explanation):
                        raise

    async def doors(self) -> dict[str, str]:
        """Ids of the containers that are this enclave's hub and proxy.

        Found by label, never by name alone: a workspace can't choose its labels.
        """
        found = await self._engine("containers", filters={"label": [f"{LABEL}.enclave={self._name}"]})
        result: dict[str, str] = {}
        for container in found:
            labels = container["Labels"]
            service = labels.get(f"{LABEL}.service") or labels.get("com.docker.compose.service")
            if service in DOORS and f"{LABEL}.project" not in labels:
                result[service] = container["Id"]
        return result
