"""What the hub's steps record."""

from pathlib import Path

import pytest

from ecluse.rules.audit import Event, next_event
from ecluse.rules.outcome import Reason, RefusedError
from policies import policies
from unit.hub.fakes import NOW, FakeAudit, workspaces


@pytest.fixture
def audit() -> FakeAudit:
    return FakeAudit()


def test_refused_start_is_recorded_with_its_reason(tmp_path: Path, audit: FakeAudit) -> None:
    steps = workspaces(policies(tmp_path), audit)
    with pytest.raises(RefusedError) as caught:
        steps.plan("ben", "alpha")
    assert caught.value.refused.reason is Reason.NOT_A_MEMBER
    (event,) = audit.events
    assert (event["actor"], event["action"], event["project"]) == ("ben", "refused.start", "alpha")
    assert event["detail"]["reason"] == "not-a-member"


def test_project_that_is_not_one_is_named_as_subject_only(tmp_path: Path, audit: FakeAudit) -> None:
    with pytest.raises(RefusedError):
        workspaces(policies(tmp_path), audit).plan("ada", "nothing")
    assert (audit.events[0]["project"], audit.events[0]["subject"]) == (None, "ada/nothing")


def test_refusal_of_the_audit_refuses_the_refusal_too(tmp_path: Path) -> None:
    class Broken(FakeAudit):
        def record(self, *_: object) -> None:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        workspaces(policies(tmp_path), Broken()).plan("ben", "alpha")


def test_start_and_stop_say_what_and_why(tmp_path: Path, audit: FakeAudit) -> None:
    steps = workspaces(policies(tmp_path), audit)
    steps.started(steps.plan("ada", "alpha"))
    steps.stopped("ada", "alpha", "asked")
    steps.stopped("ada", "alpha", "project-paused", "Project 'alpha' is paused.")
    start, asked, paused = audit.events
    assert start["detail"]["data"] == ["/data/claims"]
    assert start["detail"]["image"] == "ecluse/workspace:0.1"
    assert (asked["actor"], paused["actor"]) == ("ada", "ecluse:hub")
    assert paused["detail"] == {"reason": "project-paused", "message": "Project 'alpha' is paused."}


def test_every_event_fits_the_chain(tmp_path: Path, audit: FakeAudit) -> None:
    steps = workspaces(policies(tmp_path), audit)
    steps.started(steps.plan("ada", "alpha"))
    steps.stopped("ada", "gone", "ended")
    steps.signed_in("ada")
    steps.sign_in_refused("ada", "wrong-password")
    steps.sign_in_refused("hunter2", "wrong-password")
    steps.policies_invalid(["projects/alpha.yaml:1: wrong"] * 30)
    for event in audit.events:
        assert isinstance(next_event(None, at=NOW, **event), Event)
    assert "hunter2" not in str(audit.events)
    assert len(audit.events[-1]["detail"]["errors"]) == 20
