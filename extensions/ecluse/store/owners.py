"""Gives files of the data root to the services, under the numbers that the engine has for them on this machine.

Everything here takes numbers as they are inside containers. The owner of `control` tells which map a data root was
prepared for, so there is no second place where that is written.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from ecluse.rules.users import UserMap

from .files import write_private

CONTROL, CHECKER, GATE, MIRROR, FETCHER = 10001, 10002, 10003, 10005, 10006
READERS = 1000
"""The group of workspaces and panes, for which the gate writes keys."""
SERVICES = frozenset({CONTROL, CHECKER, GATE, MIRROR, FETCHER, READERS})


@dataclass(frozen=True)
class Owners:
    """Hands out files by one map."""

    map: UserMap = field(default_factory=UserMap)

    def give(self, path: Path, user: int, group: int) -> None:
        """Make a file or folder theirs."""
        os.chown(path, self.map.user(user), self.map.group(group))

    def write(self, path: Path, value: bytes, owner: int, *, mode: int = 0o400) -> None:
        """Write a file that nobody but its owner can read, not even for a moment."""
        write_private(path, value, self.map.user(owner), group=self.map.group(owner), mode=mode)


def prepared_for(root: Path) -> UserMap | None:
    """The map that a data root was prepared for; None for one that is new, or whose `control` is somebody else's."""
    try:
        found = (root / "control").stat()
    except FileNotFoundError:
        return None
    users, groups = found.st_uid - CONTROL, found.st_gid - CONTROL
    return UserMap(users, groups) if users >= 0 and groups >= 0 else None


def move_owners(root: Path, old: UserMap, new: UserMap) -> int:
    """Give every file of a service to the number that the new map has for it; gives how many.

    Modes and contents stay. It can be cut off and run again: what was moved has a number of the new map and is left
    alone, and `control`, which says that all is done, comes last.
    """
    users = {old.user(n): new.user(n) for n in SERVICES}
    groups = {old.group(n): new.group(n) for n in SERVICES}

    def move(name: str, folder: int) -> bool:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        to = users.get(found.st_uid, -1), groups.get(found.st_gid, -1)
        if to == (-1, -1):
            return False
        os.chown(name, *to, dir_fd=folder, follow_symlinks=False)
        return True

    top = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    moved = 0
    try:
        # By each folder's descriptor and never through a link: services write into some of these folders.
        for at, folders, files, here in os.fwalk(".", dir_fd=top):
            moved += sum(move(name, here) for name in (*folders, *files) if (at, name) != (".", "control"))
        return moved + move("control", top)
    finally:
        os.close(top)
