"""Each workspace has a certificate of its own, for as long as it is there."""

import json
import os
import time
from typing import Any

from ecluse.gate.papers import YOUNG
from unit.gate.house import House


def papers_of(house: House, container: str = "ecluse_alpha_ada") -> dict[str, str]:
    return {f.name: f.read_text() for f in (house.folder / container).iterdir()}


def test_workspace_has_a_certificate_for_what_was_created_and_loses_it_with_it(house: House) -> None:
    identity = house.create()
    assert papers_of(house) == {
        "inside.key": "key",
        "inside.crt": f"{identity}.ecluse-project-alpha for 13:00:00",
        "trusted.pem": "services",
    }
    house.call("DELETE", f"/containers/{identity}", {"v": "True", "force": "True"})
    assert list(house.folder.iterdir()) == []
    again = house.create()
    assert papers_of(house)["inside.crt"].startswith(f"{again}.")


def test_nothing_stays_without_its_papers(house: House) -> None:
    def fail(*_: Any) -> None:
        raise OSError("disk full")

    house.workspaces.papers._sign = fail  # type: ignore[assignment]
    asked = ("POST", "/v1.41/containers/create", {"name": "ecluse_alpha_ada"}, json.dumps(house.body()).encode())
    assert house.call(*asked).status == 502
    assert not [c for c in house.engine.held.values() if c["Name"].startswith("/ecluse_")]
    assert list(house.folder.iterdir()) == []


def test_papers_that_nobody_has_any_more_are_swept_up_once_they_are_old(house: House) -> None:
    identity = house.create()
    house.workspaces.papers.lay("ecluse_alpha_cy")
    house.endings.look()
    assert len(list(house.folder.iterdir())) == 2
    old = time.time() - YOUNG - 1
    for folder in house.folder.iterdir():
        os.utime(folder, (old, old))
    house.endings.look()
    assert [f.name for f in house.folder.iterdir()] == ["ecluse_alpha_ada"]
    del house.engine.held[identity]
    house.endings.look()
    assert list(house.folder.iterdir()) == []


def test_sealed_session_has_papers_for_its_pane_alone(sealed: House) -> None:
    pane = sealed.create()
    assert [f.name for f in sealed.folder.iterdir()] == ["ecluse_alpha_ada"]
    assert papers_of(sealed)["inside.crt"].startswith(f"{pane}.ecluse-project-alpha")
