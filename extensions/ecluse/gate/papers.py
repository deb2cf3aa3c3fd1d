"""A key and a certificate for each workspace, in a folder of the machine that is mounted into it alone.

The gate makes both: it alone knows what was created, it has no network, and its authority signs for nothing else.
Worked example: `ada`'s workspace of `alpha` is created as container `4f1d…`. `papers/ecluse_alpha_ada` then holds a
certificate for `4f1d….ecluse-project-alpha`, and hub and proxy take no other from it. It is over an hour after the
session.
"""

import os
import shutil
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from ecluse.rules.papers import CERTIFICATE, KEY, TRUSTED, host_of
from ecluse.rules.workspace import SpawnPlan

READERS = 1000
"""The group of workspaces and panes; the gate is in it, and gives its files to it."""
SPARE = timedelta(hours=1)
YOUNG = 60.0
"""Seconds in which a folder may wait for its container."""

Sign = Callable[[str, timedelta], tuple[bytes, bytes]]
"""From a host and a life to a certificate and its key, both PEM."""
Write = Callable[[Path, bytes], object]


class Papers:
    """The folders of one enclave. `trusted`: the authority of the services (PEM); `write` leaves files to `readers`."""

    def __init__(self, folder: Path, trusted: bytes, sign: Sign, write: Write, readers: int = READERS) -> None:
        self._folder, self._trusted, self._sign, self._write, self._readers = folder, trusted, sign, write, readers

    def lay(self, container: str) -> None:
        """Make the folder, so that it can be mounted. What lies in one that is there stays until `issue`."""
        folder = self._folder / container
        folder.mkdir(mode=0o750, exist_ok=True)
        os.chown(folder, -1, self._readers)
        os.utime(folder)

    def issue(self, plan: SpawnPlan, identity: str) -> None:
        """Key, certificate and whom to trust, for a container that was just created."""
        life = timedelta(hours=plan.limits.hours) + SPARE
        certificate, key = self._sign(host_of(identity, plan.network), life)
        for name, value in {KEY: key, CERTIFICATE: certificate, TRUSTED: self._trusted}.items():
            self._write(self._folder / plan.container / name, value)

    def remove(self, container: str) -> None:
        """Remove a folder, if it is there."""
        shutil.rmtree(self._folder / container, ignore_errors=True)

    def sweep(self, containers: Collection[str]) -> None:
        """Remove the folders of containers that are no longer there."""
        for folder in self._folder.iterdir():
            with suppress(FileNotFoundError):  # a call may have removed it in between
                if folder.name not in containers and time.time() - folder.stat().st_mtime > YOUNG:
                    self.remove(folder.name)
