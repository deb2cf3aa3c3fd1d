"""Keys and certificates of the services inside an enclave: who has which, whom each trusts, when they are made anew.

Two authorities sign. That of the services is used by `write_papers` and by nothing that runs; that of the workspaces is
the gate's. So nothing that a workspace can get hold of is taken for a service. Worked example: `write_papers(root,
"ecluse", now)` leaves `secrets/hub/inside.key` and `inside.crt`, for the name `hub`, and `trusted.pem`; the proxy asks
`https://hub:8081` and takes no other certificate. Called again it does nothing until a third of a certificate's life is
left, or something is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from ecluse.rules.papers import CERTIFICATE, KEY, TRUSTED

from .certificates import CertificateError, Pair, check_certificate, is_due, make_authority, make_certificate, signed_by
from .owners import CONTROL, GATE, MIRROR, Owners

AUTHORITY_KEY, AUTHORITY = "workspaces.key", "workspaces.pem"
"""The gate's own authority, in its folder."""
Write = Callable[..., None]
"""`Owners.write` for one owner: `(path, value)`, and `mode` by name."""
ROOT = 0
HERE = ("localhost", "127.0.0.1")
"""For health checks, which ask from inside the container."""


@dataclass(frozen=True)
class Bearer:
    """One service: its user, the names that it is called by, and what it has of the authority of workspaces."""

    owner: int
    names: tuple[str, ...]
    trusts_workspaces: bool = False  # they are among those it trusts: it is called by them, and calls them
    knows_workspaces: bool = False  # in a file of its own: it trusts them where it calls one, and nowhere else


BEARERS: Mapping[str, Bearer] = {
    "edge": Bearer(CONTROL, ("edge",)),
    "proxy": Bearer(CONTROL, ("proxy", "proxy-api", *HERE), knows_workspaces=True),
    "hub": Bearer(CONTROL, ("hub", *HERE), trusts_workspaces=True),
    "airlock": Bearer(CONTROL, ("airlock", *HERE)),
    "mirror": Bearer(MIRROR, ("mirror", *HERE)),
}


_AS_INSIDE = Owners()


def write_papers(root: Path, enclave: str, now: datetime, owners: Owners = _AS_INSIDE) -> tuple[str, ...]:
    """Make what is missing or due below the data root; gives the services whose files are new, to be started again."""
    keys = root / "secrets/services.key", root / "public/services.pem"
    services = _authority(*keys, partial(owners.write, owner=ROOT), enclave, "services", now, mode=0o444)
    gate = root / "secrets/gate"
    write = partial(owners.write, owner=GATE)
    workspaces = _authority(gate / AUTHORITY_KEY, gate / AUTHORITY, write, enclave, "workspaces", now)
    changed = []
    for name, bearer in BEARERS.items():
        if _bear(root / "secrets" / name, bearer, partial(owners.write, owner=bearer.owner), services, workspaces, now):
            changed.append(name)
    if _write(gate / TRUSTED, services.certificate, write):
        changed.append("gate")
    return tuple(changed)


def sign_workspace(authority: Pair, host: str, now: datetime, life: timedelta) -> Pair:
    """Key and certificate of one workspace, by the gate's authority."""
    return make_certificate(authority, host, now, life=life, calls=True)


def _authority(
    key: Path, certificate: Path, write: Write, enclave: str, what: str, now: datetime, mode: int = 0o400
) -> Pair:
    if not (key.exists() and certificate.exists()) or is_due(certificate.read_bytes(), now):
        made = make_authority(enclave, now, what)
        write(key, made.key)
        write(certificate, made.certificate, mode=mode)
    return Pair(certificate.read_bytes(), key.read_bytes())


def _bear(folder: Path, bearer: Bearer, write: Write, services: Pair, workspaces: Pair, now: datetime) -> bool:
    """Whether something was written."""
    trusted = services.certificate + (workspaces.certificate if bearer.trusts_workspaces else b"")
    changed = _write(folder / TRUSTED, trusted, write)
    if bearer.knows_workspaces:
        changed |= _write(folder / AUTHORITY, workspaces.certificate, write)
    files = folder / CERTIFICATE, folder / KEY
    if all(f.exists() for f in files) and _stands(Pair(*(f.read_bytes() for f in files)), bearer, services, now):
        return changed
    pair = make_certificate(services, bearer.names[0], now, *bearer.names[1:], calls=True)
    for file, value in zip(files, (pair.certificate, pair.key), strict=True):
        write(file, value)
    return True


def _stands(pair: Pair, bearer: Bearer, services: Pair, now: datetime) -> bool:
    try:
        for name in bearer.names:
            check_certificate(pair, name, now)
    except CertificateError:
        return False
    return not is_due(pair.certificate, now) and signed_by(pair, services.certificate, bearer.names[0], now)


def _write(file: Path, value: bytes, write: Write) -> bool:
    if file.exists() and file.read_bytes() == value:
        return False
    write(file, value)
    return True
