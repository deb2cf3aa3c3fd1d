"""How the engine numbers the users of containers on this machine.

With user namespaces (`dockerd --userns-remap`) a container's user n is the machine's user base + n, so that its root is
nobody outside. Worked example: `docker info` names `name=userns` and the root folder `/var/lib/docker/100000.165536`.
Users then count from 100000 and groups from 165536: what the hub (10001:10001) reads belongs to 110001:175537. Without
user namespaces both are 0, and each number means the same inside and outside.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NEEDED = 65_536
"""Numbers that the engine has to have: images hold files of `nobody`, 65534."""


class UnknownUsersError(Exception):
    """The engine's map of users can't be told, or does not do. Says why and what to do."""


@dataclass(frozen=True)
class UserMap:
    """What the machine's numbers count from. Files of root stay the machine's root's: no container owns them."""

    users: int = 0
    groups: int = 0

    @property
    def on(self) -> bool:
        """Whether users inside are others outside."""
        return self != UserMap()

    def user(self, number: int) -> int:
        """The machine's number of a container's user; root is the machine's own."""
        return number + self.users if number else 0

    def group(self, number: int) -> int:
        """The machine's number of a container's group."""
        return number + self.groups if number else 0

    def __str__(self) -> str:
        return f"users from {self.users}, groups from {self.groups}" if self.on else "no user namespaces"


def user_map(info: Mapping[str, Any], subuid: str, subgid: str) -> UserMap:
    """The engine's map.

    Args:
        info: what the engine says of itself (`GET /info`).
        subuid: text of `/etc/subuid`, from which the engine took its numbers.
        subgid: text of `/etc/subgid`.

    Raises:
        UnknownUsersError: the engine is rootless, does not say its map, or has too few numbers.
    """
    options = {o.split(",")[0].removeprefix("name=") for o in info.get("SecurityOptions") or ()}
    if "rootless" in options:
        raise UnknownUsersError(
            "the engine is rootless, which Écluse can't use: run an engine of root's with user namespaces instead, "
            "docs/how-to/map-users.md"
        )
    if "userns" not in options:
        return UserMap()
    root = str(info.get("DockerRootDir", ""))
    match = re.search(r"/([1-9]\d*)\.([1-9]\d*)$", root)
    if match is None:
        raise UnknownUsersError(
            f"the engine maps users, and its root folder '{root}' does not end in the first numbers of its map, "
            "such as /100000.100000: without them files can't be given to the services"
        )
    users, groups = int(match[1]), int(match[2])
    for file, text, first in (("/etc/subuid", subuid, users), ("/etc/subgid", subgid, groups)):
        if _count(text, first) < NEEDED:
            raise UnknownUsersError(
                f"the engine maps users from {first} on, and {file} has no line with {NEEDED} numbers from there: "
                f"write NAME:{first}:{NEEDED} there, with the name of the engine's --userns-remap, and start it again"
            )
    return UserMap(users, groups)


def _count(text: str, first: int) -> int:
    """How many numbers from `first` on one line gives: `NAME:FIRST:COUNT`."""
    found = re.findall(rf"^[^:#\n]+:{first}:(\d+)\s*$", text, re.MULTILINE)
    return max(map(int, found), default=0)
