"""What the mirror is told of who is where."""

import json
from pathlib import Path
from typing import Any

from ecluse.gate.places import PlacesFile, places

NETWORKS = [
    {"Labels": {"org.ecluse.project": "alpha"}, "IPAM": {"Config": [{"Subnet": "10.213.0.0/27"}]}},
    {"Labels": {"org.ecluse.project": "beta"}, "IPAM": {"Config": None}},
]


def container(address: str, state: str = "running", **labels: str) -> dict[str, Any]:
    named = {f"org.ecluse.{k}": v for k, v in labels.items()}
    return {"Labels": named, "State": state, "NetworkSettings": {"Networks": {"n": {"IPAddress": address}}}}


CONTAINERS = [
    container("10.213.0.5", project="alpha", person="ada"),
    container("10.213.0.6", "exited", project="alpha", person="ben"),
    container("", project="alpha", person="cy"),
    container("10.213.0.2", service="proxy"),
]
TOLD = {"projects": {"10.213.0.0/27": "alpha"}, "people": {"10.213.0.5": ["alpha", "ada"]}}


def test_running_workspaces_are_told_by_address_and_projects_by_subnet() -> None:
    assert places(NETWORKS, CONTAINERS) == TOLD


def test_file_is_written_when_something_changed(tmp_path: Path) -> None:
    file = PlacesFile(tmp_path / "addresses.json")
    file.write(NETWORKS, CONTAINERS)
    assert json.loads((tmp_path / "addresses.json").read_text()) == TOLD
    assert (tmp_path / "addresses.json").stat().st_mode & 0o777 == 0o640
    (tmp_path / "addresses.json").unlink()
    file.write(NETWORKS, CONTAINERS)
    assert not (tmp_path / "addresses.json").exists()
    file.write(NETWORKS, [])
    assert json.loads((tmp_path / "addresses.json").read_text())["people"] == {}


def test_networks_are_tended_without_a_mirror(tmp_path: Path) -> None:
    PlacesFile(tmp_path / "nowhere" / "addresses.json").write(NETWORKS, CONTAINERS)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".new").mkdir()
    PlacesFile(tmp_path / "addresses.json").write(NETWORKS, CONTAINERS)
    assert not (tmp_path / "addresses.json").exists()
