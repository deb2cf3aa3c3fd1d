"""What runs and may no longer, is ended."""

from datetime import UTC, datetime, timedelta

from ecluse.gate.ending import GRACE_SECONDS
from unit.gate.house import House, change
from unit.hub.fakes import NOW


def test_what_the_hub_leaves_running_is_ended(house: House) -> None:
    identity = house.create()
    house.workspaces.start(identity)
    house.engine.held[identity]["Created"] = NOW.timestamp()
    house.endings.look()
    change(house, paused=True)
    house.endings.look()
    house.ticks += GRACE_SECONDS - 1
    house.endings.look()
    assert house.engine.held[identity]["State"] == "running"
    house.ticks += 1
    house.endings.look()
    assert identity not in house.engine.held
    event = house.audit.events[-1]
    assert (event["action"], event["subject"], event["detail"]["reason"]) == (
        "workspace.end",
        "ada/alpha",
        "project-paused",
    )


def test_one_that_cant_be_ended_does_not_keep_the_next_one_alive(house: House) -> None:
    for person in ("ada", "mem"):
        plan = house.plan(person)
        identity = house.create(house.body(plan), plan.container)
        house.workspaces.start(identity)
        house.engine.held[identity]["Created"] = NOW.timestamp()
    stop = house.engine.stop

    def fails_once(identity: str, timeout: int) -> None:
        house.engine.stop = stop  # type: ignore[method-assign]
        raise ConnectionError("busy")

    house.engine.stop = fails_once  # type: ignore[method-assign]
    change(house, paused=True)
    house.endings.look()
    house.ticks += GRACE_SECONDS
    house.endings.look()
    assert "id-1" in house.engine.held
    assert "id-2" not in house.engine.held
    house.endings.look()
    assert "id-1" not in house.engine.held


def test_session_that_is_over_is_ended_too(house: House) -> None:
    identity = house.create()
    house.workspaces.start(identity)
    house.engine.held[identity]["Created"] = NOW.timestamp()
    house.now = datetime.fromtimestamp(NOW.timestamp(), UTC) + timedelta(hours=12, minutes=1)
    house.endings.look()
    house.now += timedelta(minutes=2)
    house.endings.look()
    house.ticks += GRACE_SECONDS
    house.endings.look()
    assert house.audit.events[-1]["detail"]["reason"] == "session-over"


def test_what_is_in_order_again_is_left_alone(house: House) -> None:
    identity = house.create()
    house.workspaces.start(identity)
    house.engine.held[identity]["Created"] = NOW.timestamp()
    change(house, paused=True)
    house.endings.look()
    change(house, paused=False)
    house.ticks += GRACE_SECONDS
    house.endings.look()
    change(house, paused=True)
    house.endings.look()
    assert house.engine.held[identity]["State"] == "running"
