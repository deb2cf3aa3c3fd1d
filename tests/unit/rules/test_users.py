"""The engine's map of users is read from what it says of itself, or nothing is guessed."""

import re
from typing import Any

import pytest

from ecluse.rules.users import UnknownUsersError, UserMap, user_map

SUBUID, SUBGID = "ann:100000:65536\ndockremap:200000:65536\n", "dockremap:300000:65536\n"
MAPPED: dict[str, Any] = {
    "SecurityOptions": ["name=seccomp,profile=default", "name=userns"],
    "DockerRootDir": "/var/lib/docker/200000.300000",
}


def test_engine_that_maps_says_from_where() -> None:
    found = user_map(MAPPED, SUBUID, SUBGID)
    assert (found.on, str(found)) == (True, "users from 200000, groups from 300000")
    assert (found.user(10001), found.group(10001)) == (210001, 310001)


def test_root_of_the_machine_stays_what_it_is() -> None:
    found = user_map(MAPPED, SUBUID, SUBGID)
    assert (found.user(0), found.group(0)) == (0, 0)


@pytest.mark.parametrize("options", [None, [], ["name=seccomp,profile=default", "name=cgroupns"]])
def test_engine_without_a_map_leaves_numbers_as_they_are(options: list[str] | None) -> None:
    found = user_map({"SecurityOptions": options, "DockerRootDir": "/var/lib/docker"}, "", "")
    assert (found.on, str(found), found.user(10001)) == (False, "no user namespaces", 10001)


@pytest.mark.parametrize(
    ("change", "subuid", "subgid", "why"),
    [
        ({"DockerRootDir": "/var/lib/docker"}, SUBUID, SUBGID, "does not end in the first numbers"),
        ({"DockerRootDir": "/var/lib/docker/0.0"}, SUBUID, SUBGID, "does not end in the first numbers"),
        ({"SecurityOptions": ["name=userns", "name=rootless"]}, SUBUID, SUBGID, "rootless"),
        ({}, "", SUBGID, "/etc/subuid has no line"),
        ({}, SUBUID, "# dockremap:300000:65536\n", "/etc/subgid has no line"),
        ({}, "dockremap:200000:10000\n", SUBGID, "NAME:200000:65536"),
        ({}, "dockremap:200001:65536\n", SUBGID, "/etc/subuid has no line"),
    ],
)
def test_map_that_cant_be_told_is_refused(change: dict[str, Any], subuid: str, subgid: str, why: str) -> None:
    with pytest.raises(UnknownUsersError, match=re.escape(why)):
        user_map({**MAPPED, **change}, subuid, subgid)


def test_maps_are_the_same_by_their_numbers() -> None:
    assert user_map(MAPPED, SUBUID, SUBGID) == UserMap(200000, 300000) != UserMap()
