"""Who is where: subnets of projects and addresses of workspaces, written for the mirror of packages.

A workspace can neither choose its address nor send from another (it has no capability), and the engine tells both. So
an address proves project and person, and the mirror needs neither engine nor hub to know who asks.
"""

import json
import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ecluse.rules.workspace import LABEL

log = logging.getLogger(__name__)

Json = Mapping[str, Any]


def places(networks: Iterable[Json], containers: Iterable[Json]) -> dict[str, Any]:
    """From the engine's lists to `{"projects": {SUBNET: PROJECT}, "people": {ADDRESS: [PROJECT, PERSON]}}`."""
    projects = {}
    for network in networks:
        for config in (network.get("IPAM") or {}).get("Config") or []:
            projects[config["Subnet"]] = network["Labels"][f"{LABEL}.project"]
    people = {}
    for container in containers:
        labels = container["Labels"]
        if f"{LABEL}.person" not in labels or container.get("State") != "running":
            continue
        for endpoint in ((container.get("NetworkSettings") or {}).get("Networks") or {}).values():
            if address := endpoint.get("IPAddress"):
                people[address] = [labels[f"{LABEL}.project"], labels[f"{LABEL}.person"]]
    return {"projects": projects, "people": people}


class PlacesFile:
    """The file that the mirror reads. Without its folder nothing is written: then there is no mirror."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._written = ""

    def write(self, networks: Iterable[Json], containers: Iterable[Json]) -> None:
        """Write who is where, in one step, if it changed."""
        text = json.dumps(places(networks, containers), sort_keys=True)
        if text == self._written or not self._file.parent.is_dir():
            return
        temporary = self._file.with_name(".new")
        try:
            temporary.unlink(missing_ok=True)
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
            with os.fdopen(handle, "w") as file:
                file.write(text)
            temporary.replace(self._file)
        except OSError as error:  # the networks are tended all the same
            log.warning("the mirror is not told who is where: %s", error)
            return
        self._written = text
