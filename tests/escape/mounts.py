"""What the hub's own mounts give an attacker: a container with those of deploy/compose.yaml, and a weaker one."""

from collections.abc import Callable
from pathlib import Path

import yaml

from escape.attempt import Seen
from escape.house import House

COMPOSE = Path(__file__).parents[2] / "deploy" / "compose.yaml"
HUB = "10001:10001"


def hub_mounts(root: Path) -> list[str]:
    """The hub's volumes as compose has them, for `docker run -v`."""
    volumes = yaml.safe_load(COMPOSE.read_text())["services"]["hub"]["volumes"]
    sources = {v["target"]: (v["source"].replace("${ECLUSE_HOST_ROOT:?}", str(root)), v) for v in volumes}
    return [f"{source}:{target}:{'ro' if v.get('read_only') else 'rw'}" for target, (source, v) in sources.items()]


def shell(house: House, command: str, *, weak: Callable[[list[str]], list[str]] | None) -> Seen:
    """Run a command as the hub, with its mounts or with weakened ones; through if it ends well."""
    mounts = hub_mounts(house.stack.root)
    if weak is not None:
        mounts = weak(mounts)
    user = (
        "0:0" if weak is not None and GATE in command else HUB
    )  # its folder is the gate's own, so two things guard it
    container = house.engine.containers.create(
        "ecluse/base:0.1",
        entrypoint=["sh", "-c", command],
        user=user,
        network_mode="none",
        volumes=mounts,
        labels={"org.ecluse.enclave": house.name, "org.ecluse.escape": house.name},
    )
    try:
        container.start()
        code = container.wait()["StatusCode"]
        said = container.logs().decode("utf-8", "replace").strip().splitlines()
        return Seen(through=code == 0, what=said[-1] if said else f"exit code {code}")
    finally:
        container.remove(force=True)


def _writable(part: str) -> Callable[[list[str]], list[str]]:
    return lambda mounts: [m.removesuffix(":ro") + ":rw" if part in m else m for m in mounts]


def _extracts(mounts: list[str]) -> list[str]:
    return [*mounts, next(m for m in mounts if "/policies:" in m).replace("/policies", "/extracts")]


ENGINE_SOCKET = "/var/run/docker.sock"
GATE, MARK = "/srv/ecluse/gate", "/srv/ecluse/policies/projects/alpha.yaml"

MOUNTS: dict[str, tuple[str, Callable[[list[str]], list[str]]]] = {
    "find the engine's socket": (f"test -S {ENGINE_SOCKET}", lambda m: [*m, f"{ENGINE_SOCKET}:{ENGINE_SOCKET}"]),
    "put a socket in the gate's place": (f"touch {GATE}/new && rm {GATE}/new", _writable("/gate:")),
    "change the policies": (f"test -w {MARK} && touch {MARK}", _writable("/policies:")),
    "read extracts": ("cat /srv/ecluse/extracts/alpha/current/claims/ACTS.parquet", _extracts),
}
"""Command and the weakening under which it works. The folders belong to the hub's user here, as in no enclave."""
