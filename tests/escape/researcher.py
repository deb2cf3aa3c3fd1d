"""A researcher has everything inside their own workspace, and wants out: with rows, to others' data, to the machine."""

import ipaddress
import json
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from escape import probes as runner
from escape import researcher_kernel as kernel
from escape import researcher_network as network
from escape.attempt import Attempt
from escape.outside import MARK
from escape.probes import Batch, Probe
from escape.world import World, inside, world
from integration.hub.stack import WORKSPACE_IMAGE, docker

WHO = "researcher"


@contextmanager
def place() -> Iterator[Iterable[Attempt]]:
    """The attempts, from Ada's running workspace of alpha."""
    with world() as found:
        yield attempts(found)


def attempts(found: World) -> Iterator[Attempt]:
    """All of them."""
    real = Values(found)
    for probes, width in ((network.probes(), 12), (kernel.probes(), 1)):
        here = Batch(lambda: inside(found.alpha), real.real, probes, width)
        twins = {
            kind: Batch(
                partial(enter, found, kind), partial(real.twin, kind), [p for p in probes if p.twin == kind], width
            )
            for kind in {p.twin for p in probes}
        }
        yield from runner.attempts(WHO, probes, here, twins)


class Values:
    """What the probes are told: names and addresses, the same for both wherever they can be."""

    def __init__(self, found: World, *, swapped: bool = False) -> None:
        self.world, self.swapped = found, swapped

    def real(self) -> Mapping[str, object]:
        """In Ada's workspace."""
        found, out, name = self.world, self.world.outside, self.world.name
        here, there = (found.beta, found.alpha) if self.swapped else (found.alpha, found.beta)
        theirs = f"{name}-project-{'alpha' if self.swapped else 'beta'}"
        bridges = json.loads(docker("network", "inspect", "bridge", theirs))
        return {
            "outside": out.address,
            "outside6": out.address6,
            "gateway": out.gateway,
            "docker0": first_host(bridges[0]["IPAM"]["Config"][0]["Subnet"]),
            "host": own_address(),
            "listener": self.world.listener,
            "airlock": found.address(f"{name}-airlock", f"{name}-control"),
            "proxy-api": found.address(f"{name}-proxy", f"{name}-control"),
            "edge": found.address(f"{name}-edge", f"{name}-front"),
            "other": found.address(there, theirs),
            "other_name": there,
            "their_proxy": found.address(f"{name}-proxy", theirs),
            "their_hub": found.address(f"{name}-hub", theirs),
            "other_net": bridges[1]["IPAM"]["Config"][0]["Subnet"],
            "data": "/data/claims",
            "again": "/data/claims",
            "docker_group": 0,
            "token": found.token(here),
            "hub": "https://hub:8081",
            "proxy": "https://proxy:8000",
            "sealed": True,
            "hub_host": "hub",
            "hub_host_port": 8081,
            "proxy_host": "proxy",
            "proxy_host_port": 8000,
        }

    def twin(self, kind: str) -> Mapping[str, object]:
        """In a twin."""
        found = {**self.real(), "again": "/again"}
        if kind == "weak hub":
            weak = self.world.weak
            return {
                **found,
                **IN_CLEAR,
                "token": weak.tokens["ben" if self.swapped else "ada"],
                "proxy-api": "proxy-api",
            }
        if kind == "open":  # an open forward proxy is what a door must not be
            out = self.world.outside.address
            return {**found, "hub_host": out, "hub_host_port": 3128, "proxy_host": out, "proxy_host_port": 3128}
        return found


IN_CLEAR = {"hub": "http://hub:8081", "proxy": "http://proxy:8000", "sealed": False}
"""How the weak hub and its proxy are spoken to."""

CAPABILITIES = (
    "SYS_ADMIN", "SYS_CHROOT", "SYS_PTRACE", "SYS_NICE", "SYSLOG", "NET_ADMIN",
    "NET_RAW", "MKNOD", "SETUID", "SETGID", "SETFCAP", "DAC_READ_SEARCH",
)  # fmt: skip
"""All that the attempts need, one by one: a machine of a machine may lack others, and `--privileged` fails there."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "root": (
        *(
            "--user",
            "0:0",
            "-v",
            "{data}:/data/claims:ro",
            "-v",
            "{data}:/again:ro",
            "--tmpfs",
            "/mnt",
            "-v",
            "/sys:/sys",
        ),
        *("--security-opt", "seccomp=unconfined", "--security-opt", "systempaths=unconfined"),
        *("--device", "/dev/kmsg"),
        *(part for name in CAPABILITIES for part in ("--cap-add", name)),
    ),
    "writable": ("--user", "0:0", "-v", "{copy}:/data/claims"),
    "unlimited": ("--shm-size", "600m"),
    "socket": ("--user", "0:0", "-v", "/var/run/docker.sock:/var/run/docker.sock"),
    "shared": ("--user", "0:0", "--cap-add", "SYS_PTRACE", "--pid", "container:{outside}"),
}
"""How the twins of kernel and files are weaker than a workspace. None has a way out of this machine's own containers."""

NETWORKS = {"control": "{name}-control", "neighbour": "{name}-project-beta", "front": "{name}-front"}


def enter(found: World, kind: str, *, image: str = WORKSPACE_IMAGE, name: str = "") -> list[str]:
    """The command into a twin; it is made first if it is not there."""
    called = name or kind.replace(" ", "-")
    if kind == "open":
        return inside(found.twin(called, image=image, network=found.outside.network))
    if kind == "weak hub":
        return inside(found.twin(called, image=image, network=found.weak.network))
    if kind == "link-local":
        return inside(found.twin(called, image=image, network=_link_local(found)))
    if kind in NETWORKS:
        assert found.beta
        options = as_service(found) if kind == "neighbour" else ()
        return inside(found.twin(called, *options, image=image, network=NETWORKS[kind].format(name=found.name)))
    copy = found.folder / f"copy-{called}"
    if not copy.exists():
        copy.mkdir()
        (copy / "ACTS.parquet").write_text("rows")
    data = found.enclave.root / "extracts/alpha/current/claims"
    values = {"data": str(data), "copy": str(copy), "outside": found.outside.container}
    made = found.twin(called, *(o.format(**values) for o in OPTIONS[kind]), image=image)
    if kind == "writable":
        docker("exec", made, "sh", "-c", "touch /setuid && chmod 4755 /setuid")
    return inside(made)


def as_service(found: World) -> tuple[str, ...]:
    """Options of a twin that has the proxy's own key: a workspace's server answers to nobody who has none of a service."""
    own, there = f"{found.enclave.root}/secrets/proxy", "/run/ecluse"
    names = {"KEYFILE": "inside.key", "CERTFILE": "inside.crt", "CLIENT_CA": "trusted.pem"}
    told = (part for n, f in names.items() for part in ("-e", f"JUPYTERHUB_SSL_{n}={there}/{f}"))
    return ("-v", f"{own}:{there}:ro", "--user", "10001:10001", *told)


def _link_local(found: World) -> str:
    """A network without an address of the host, in which the outside has the metadata address."""
    name = f"{found.name}-link"
    if not docker("network", "ls", "-q", "--filter", f"name=^{name}$"):
        quiet = ("--internal", "-o", "com.docker.network.bridge.inhibit_ipv4=true", "--subnet", "169.254.169.0/24")
        docker("network", "create", *found.labels, *quiet, name)
        docker("network", "connect", "--ip", "169.254.169.254", name, found.outside.container)
    return name


def first_host(subnet: str) -> str:
    """The address that the host takes in a bridge."""
    return str(next(ipaddress.ip_network(subnet).hosts()))


def own_address() -> str:
    """An address of this host that is not its loopback: where it would send from, though nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(("192.0.2.1", 9))
        return str(asked.getsockname()[0])


__all__ = ["MARK", "WHO", "Probe", "place"]
