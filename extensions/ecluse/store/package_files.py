"""The list of packages that may be installed: read alone, by services that see no other policy, and added to."""

import logging
import os
import secrets
from pathlib import Path
from threading import Lock
from typing import Any

import yaml
from pydantic import ValidationError

from ecluse.rules.packages import Package, PackageRequest, Packages, PackagesFile

from .policy_files import PACKAGES, PoliciesInvalidError, Reading, fingerprint

__all__ = [
    "NotAddedError", "PackageFolder", "PoliciesInvalidError", "allow_package", "read_packages", "read_requests",
    "remove_requests",
]  # fmt: skip

log = logging.getLogger(__name__)

MAX_REQUEST = 8192


class NotAddedError(Exception):
    """The package was not added. The message says why, and what to write by hand."""


def read_packages(folder: Path) -> Packages:
    """The list in a folder of policies, read without the rest of it.

    Raises:
        PoliciesInvalidError: with every error found.
    """
    reading = Reading(folder)
    found = reading.read_packages()
    if reading.found:
        raise PoliciesInvalidError(reading.found)
    return found


class PackageFolder:
    """The packages allowed now. A bad edit leaves the former list in force; a list taken away allows nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reading = Lock()
        self._seen = fingerprint(folder / "packages")
        self._packages = read_packages(folder)

    def current(self) -> Packages:
        """The list in force, read again if a file changed."""
        with self._reading:
            seen = fingerprint(self._folder / "packages")
            if seen != self._seen:
                self._seen = seen
                try:
                    self._packages = read_packages(self._folder)
                except PoliciesInvalidError as error:
                    log.error("list of packages invalid; the last good one stays in force:\n%s", error)  # noqa: TRY400
            return self._packages


def allow_package(folder: Path, name: str, package: Package) -> None:
    """Add a package at the end of the list; comments and order of the others stay.

    Raises:
        PoliciesInvalidError: the list is not valid as it is.
        NotAddedError: it is there already, or the file is written in a way that can't be added to.
    """
    former = read_packages(folder)
    if name in former:
        raise NotAddedError(f"'{name}' is in the list already; change it in {folder / PACKAGES}")
    file = folder / PACKAGES
    text = file.read_text() if file.exists() else "packages: {}\n"
    told: dict[str, Any] = package.model_dump(mode="json", exclude_defaults=True)
    inside = yaml.safe_dump(told, sort_keys=False).splitlines() if told else []
    entry = "\n".join([f"  {name}:" + ("" if inside else " {}"), *(f"    {line}" for line in inside)])
    if not former:
        text = text.replace("packages: {}", "packages:")
    added = f"{text.rstrip()}\n{entry}\n"
    try:
        holds = PackagesFile.model_validate(yaml.safe_load(added)).packages == {**former, name: package}
    except (yaml.YAMLError, ValidationError):
        holds = False
    if not holds:
        raise NotAddedError(f"{file} is not a plain list that can be added to; write there:\n{entry}")
    _replace(file, added)


def _replace(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{secrets.token_hex(8)}")
    temporary.write_text(text)
    temporary.chmod(0o644)
    if file.exists():
        owner = file.stat()
        os.chown(temporary, owner.st_uid, owner.st_gid)
    temporary.replace(file)


def read_requests(folder: Path) -> list[PackageRequest]:
    """Requests for packages, the latest first; `folder` is `asked/requests` of the data root."""
    found = []
    for file in _plain(folder, "*"):
        try:
            found.append(PackageRequest.model_validate_json(file.read_bytes()))
        except (OSError, ValidationError):
            log.warning("%s is no request for a package", file)
    return sorted(found, key=lambda r: r.last, reverse=True)


def remove_requests(folder: Path, name: str) -> int:
    """Remove every project's request for a package. How many there were."""
    found = _plain(folder, name)
    for file in found:
        file.unlink()
    return len(found)


def _plain(folder: Path, name: str) -> list[Path]:
    """Files of requests, without links: the folder belongs to a service that faces people."""
    found = folder.glob(f"*/{name}.json")
    return [f for f in found if not f.is_symlink() and not f.parent.is_symlink() and f.stat().st_size <= MAX_REQUEST]
