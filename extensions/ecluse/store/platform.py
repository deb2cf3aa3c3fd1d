"""The running platform as the engine and the file system tell it, for `ecluse selfcheck`."""

import stat
from collections.abc import Mapping
from pathlib import Path

import docker

from ecluse.rules.papers import CERTIFICATE
from ecluse.rules.selfcheck import Folder, Look
from ecluse.rules.users import UserMap, user_map

from .certificates import end_of
from .owners import CHECKER, CONTROL, FETCHER, GATE, MIRROR, prepared_for

FOLDERS: Mapping[str, tuple[int, int, int]] = {
    # folder: owner, group (as inside containers), mode. The control services share a group with the checker; nobody
    # else has a way in.
    "policies": (0, 0, 0o755),
    "policies/packages": (0, 0, 0o755),
    "sources": (0, 0, 0o700),
    "keys": (0, 0, 0o700),
    "extracts": (0, 0, 0o700),
    "index": (0, CONTROL, 0o750),
    "control": (CONTROL, CONTROL, 0o770),
    "gate": (GATE, CONTROL, 0o750),
    "hub": (CONTROL, CONTROL, 0o700),
    "accounts": (CONTROL, CONTROL, 0o700),
    "secrets": (0, 0, 0o755),
    "secrets/hub": (CONTROL, CONTROL, 0o700),
    "secrets/edge": (CONTROL, CONTROL, 0o700),
    "secrets/proxy": (CONTROL, CONTROL, 0o700),
    "secrets/airlock": (CONTROL, CONTROL, 0o700),
    "secrets/gate": (GATE, GATE, 0o700),
    "secrets/mirror": (MIRROR, MIRROR, 0o700),
    "quarantine": (CONTROL, CONTROL, 0o2750),
    "spool": (CONTROL, CONTROL, 0o750),
    "spool/jobs": (CONTROL, CONTROL, 0o2750),
    "spool/results": (CHECKER, CONTROL, 0o2770),
    "public": (0, 0, 0o755),
    # Keys of workspaces, each mounted into its own alone.
    "papers": (GATE, CONTROL, 0o700),
    # Mirror and fetcher share a group with each other and with nobody else.
    "places": (GATE, MIRROR, 0o2750),
    "packages": (FETCHER, MIRROR, 0o2750),
    "asked": (MIRROR, MIRROR, 0o2750),
    "asked/wanted": (MIRROR, MIRROR, 0o2750),
    "asked/requests": (MIRROR, MIRROR, 0o2700),
    "secrets/fetcher": (FETCHER, FETCHER, 0o700),
}
"""The data root: docs/reference/contracts.md."""


class EngineAwayError(Exception):
    """The engine does not answer, so nothing can be said."""


def engine_users() -> UserMap:
    """The map of users of this machine's engine.

    Raises:
        EngineAwayError: no engine answers.
        UnknownUsersError: its map can't be told.
    """
    try:
        info = docker.from_env().api.info()
    except (docker.errors.DockerException, OSError) as error:
        raise EngineAwayError(f"the Docker Engine does not answer: {error}") from None
    return user_map(info, *(_text(Path(f"/etc/{name}")) for name in ("subuid", "subgid")))


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def look_at(root: Path) -> Look:
    """Everything that the self-check judges.

    Raises:
        EngineAwayError: no engine answers.
        UnknownUsersError: it can't be told whom the files have to belong to.
    """
    users = engine_users()
    prepared = prepared_for(root) or users
    try:
        engine = docker.from_env().api
        containers = [engine.inspect_container(c["Id"]) for c in engine.containers(all=True)]
        networks = [engine.inspect_network(n["Id"]) for n in engine.networks()]
    except (docker.errors.DockerException, OSError) as error:
        raise EngineAwayError(f"the Docker Engine does not answer: {error}") from None
    return Look(
        containers=containers,
        networks=networks,
        folders=tuple(_seen(root, path) for path in _paths(root)),
        expected_folders={f: (prepared.user(u), prepared.group(g), mode) for f, (u, g, mode) in FOLDERS.items()},
        users=users,
        prepared=prepared,
        encrypted=is_encrypted(root),
        certificates={str(p.relative_to(root)): end_of(p.read_bytes()) for p in root.glob(f"secrets/*/{CERTIFICATE}")},
    )


def _paths(root: Path) -> list[Path]:
    secret = [p for part in ("secrets", "keys", "accounts") for p in (root / part).rglob("*") if p.is_file()]
    return [p for p in (root / f for f in FOLDERS) if p.is_dir()] + secret


def _seen(root: Path, path: Path) -> Folder:
    found = path.lstat()
    return Folder(str(path.relative_to(root)), found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode))


def is_encrypted(path: Path, devices: Path = Path("/sys/dev/block")) -> bool | None:
    """Whether the file system of a path lies on a dm-crypt device; None where its device can't be told.

    A volume manager between file system and dm-crypt is looked through, by the kernel's own list of what lies below.
    """
    device = path.stat().st_dev
    at = devices / f"{device >> 8 & 0xFFF}:{device & 0xFF | device >> 12 & 0xFFF00}"
    if not at.exists():
        return None
    return _crypt(at.resolve())


def _crypt(device: Path) -> bool:
    if not (device / "dm").exists() and (device / "partition").exists():
        device = device.parent
    identity = device / "dm" / "uuid"
    if identity.exists() and identity.read_text().startswith("CRYPT-"):
        return True
    below = sorted((device / "slaves").iterdir()) if (device / "slaves").exists() else []
    return bool(below) and all(_crypt(b.resolve()) for b in below)
