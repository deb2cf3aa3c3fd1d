"""What the gate does about folders that overflow, over a fake engine."""

from pathlib import Path

import pytest

from ecluse.gate.disk import FullDisks
from ecluse.gate.wire import TurnedDownError
from ecluse.rules.disk import GIB
from ecluse.steps.gate import GateLog
from policies import policies
from unit.gate.house import House

PROJECT, HOME = "ecluse_project_alpha", "ecluse_home_alpha_ada"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(policies(tmp_path), tmp_path)


@pytest.fixture
def disks(house: House) -> FullDisks:
    log = GateLog(house.audit, house.policies, lambda: house.ticks)
    return FullDisks(house.engine, "ecluse", house.policies, house.usage, house.workspaces, log)


def test_only_this_enclaves_volumes_are_told_and_only_when_asked_in_full(house: House) -> None:
    house.engine.sizes = {PROJECT: 5, "other_project_alpha": 6, "ecluse_new": -1}
    house.usage.measure()
    asked = {"filters": '{"label": ["org.ecluse.enclave=ecluse"]}'}
    found = house.call("GET", "/volumes", asked).content
    assert found == {"Volumes": [{"Name": PROJECT, "UsageData": {"Size": 5}}]}
    for filters in ("{}", "", '{"label": ["org.ecluse.enclave=other"]}'):
        with pytest.raises(TurnedDownError):
            house.call("GET", "/volumes", {"filters": filters})


def test_what_overfills_is_ended_and_recorded(house: House, disks: FullDisks) -> None:
    identity = house.create()
    house.workspaces.start(identity)
    house.engine.sizes = {PROJECT: 19 * GIB, HOME: 1}
    disks.look()
    house.engine.sizes[PROJECT] = 21 * GIB
    disks.look()
    assert identity not in house.engine.held
    event = house.audit.events[-1]
    assert (event["action"], event["subject"], event["detail"]["reason"]) == ("workspace.end", "ada/alpha", "disk-full")
    # Started again to delete files: that goes on, until it grows.
    identity = house.create()
    house.workspaces.start(identity)
    disks.look()
    house.engine.sizes[PROJECT] = 20 * GIB + 1
    disks.look()
    assert house.engine.held[identity]["State"] == "running"
    house.engine.sizes[PROJECT] = 22 * GIB
    disks.look()
    assert identity not in house.engine.held


def test_far_too_full_starts_nothing(house: House) -> None:
    house.engine.sizes = {HOME: 41 * GIB}
    house.usage.measure()
    with pytest.raises(TurnedDownError) as turned_down:
        house.create()
    assert turned_down.value.refused.reason == "disk-full"
    assert "Your home holds 41.0 GiB" in str(turned_down.value)


def test_one_that_cant_be_ended_does_not_keep_the_others_alive(
    house: House, disks: FullDisks, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for person in ("ada", "mem"):
        plan = house.plan(person)
        made.append(house.create(house.body(plan), plan.container))
        house.workspaces.start(made[-1])
    disks.look()
    house.engine.sizes = {PROJECT: 21 * GIB}
    stop = house.engine.stop

    def fails_once(identity: str, timeout: int) -> None:
        monkeypatch.setattr(house.engine, "stop", stop)
        raise ConnectionError("busy")

    monkeypatch.setattr(house.engine, "stop", fails_once)
    disks.look()
    assert (made[0] in house.engine.held, made[1] in house.engine.held) == (True, False)
    disks.look()
    assert made[0] not in house.engine.held
