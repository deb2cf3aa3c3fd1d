"""A workspace behind a pane comes and goes with it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ecluse.gate.ending import GRACE_SECONDS
from ecluse.gate.wire import TurnedDownError
from unit.gate.house import House, change, names
from unit.hub.fakes import api_error


def test_workspace_behind_a_pane_comes_and_goes_with_it(sealed: House) -> None:
    sealed.create()
    pane, inside = sealed.engine.bodies
    assert pane == sealed.body()
    assert pane["HostConfig"]["NetworkMode"] == "ecluse-project-alpha"
    assert [m["Target"] for m in pane["HostConfig"]["Mounts"]] == ["/run/pane", "/run/ecluse"]
    assert inside["HostConfig"]["NetworkMode"] == "none"
    assert not [v for v in inside["Env"] if v.startswith(("JUPYTERHUB_", "JPY_"))]
    assert sealed.audit.events[0]["detail"]["inside"] == "ecluse/sealed:0.1"
    assert names(sealed) == {"ecluse_alpha_ada": "created", "ecluse_alpha_ada_inside": "created"}
    sealed.call("POST", "/containers/ecluse_alpha_ada/start")
    assert names(sealed) == {"ecluse_alpha_ada": "running", "ecluse_alpha_ada_inside": "running"}
    sealed.call("POST", "/containers/ecluse_alpha_ada/stop", {"t": "4"})
    assert names(sealed) == {"ecluse_alpha_ada": "exited", "ecluse_alpha_ada_inside": "exited"}
    sealed.call("DELETE", "/containers/ecluse_alpha_ada", {"v": "True", "force": "True"})
    assert names(sealed) == {}
    assert "ecluse-project-alpha" not in sealed.engine.nets


def test_hub_has_no_hand_on_what_is_behind_a_pane(sealed: House) -> None:
    sealed.create()
    sealed.call("POST", "/containers/ecluse_alpha_ada/start")
    inside = "/containers/ecluse_alpha_ada_inside"
    logs, away = {"tail": "5"}, {"v": "True", "force": "True"}
    for method, path, query in (
        ("GET", inside + "/json", {}),
        ("POST", inside + "/start", {}),
        ("POST", inside + "/stop", {"t": "4"}),
        ("GET", inside + "/logs", logs),
        ("DELETE", inside, away),
    ):
        with pytest.raises(TurnedDownError, match="no workspace of this enclave"):
            sealed.call(method, path, query)
    listed = sealed.call(
        "GET", "/containers/json", {"filters": '{"label":["org.ecluse.enclave=ecluse","org.ecluse.person"]}'}
    )
    assert [c["Names"] for c in listed.content] == [["/ecluse_alpha_ada"]]
    plan = sealed.plan().inside
    assert plan is not None
    with pytest.raises(TurnedDownError, match="not as planned"):
        sealed.create(sealed.body(plan), plan.container)
    with pytest.raises(TurnedDownError, match="not as planned"):
        sealed.create(sealed.body(plan))


def test_pane_does_not_stay_without_what_is_behind_it(sealed: House) -> None:
    create = sealed.engine.create_container_from_config

    def fails_inside(body: dict[str, Any], name: str) -> dict[str, Any]:
        if name.endswith("_inside"):
            raise api_error(400, "bind source path does not exist")
        return create(body, name)

    sealed.engine.create_container_from_config = fails_inside  # type: ignore[method-assign]
    assert (
        sealed.call(
            "POST", "/containers/create", {"name": "ecluse_alpha_ada"}, json.dumps(sealed.body()).encode()
        ).status
        == 400
    )
    assert names(sealed) == {}
    assert "ecluse-project-alpha" not in sealed.engine.nets


def test_image_behind_a_pane_is_the_pinned_one(sealed: House) -> None:
    found = sealed.policies.policies
    images = {**found.images, "sealed": found.images["sealed"].model_copy(update={"digest": "sha256:" + "2" * 64})}
    sealed.policies.policies = replace(found, images=images)
    assert "inside.Image" in sealed.refusal()


def test_what_is_left_of_a_session_is_swept_up(sealed: House) -> None:
    pane = sealed.create()
    sealed.endings.look()
    assert len(names(sealed)) == 2
    del sealed.engine.held[pane]
    sealed.endings.look()
    assert names(sealed) == {}


def test_gate_ends_both(sealed: House) -> None:
    identity = sealed.create()
    sealed.workspaces.start(identity)
    change(sealed, paused=True)
    sealed.endings.look()
    sealed.ticks += GRACE_SECONDS
    sealed.endings.look()
    assert names(sealed) == {}
