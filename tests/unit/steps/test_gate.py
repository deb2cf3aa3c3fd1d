"""The gate's events: written, bounded, and never forged."""

from pathlib import Path
from typing import Any

import pytest

from ecluse.rules.outcome import Reason, Refused
from ecluse.steps.gate import AT_ONCE, SECONDS_EACH, GateLog, printable
from policies import policies
from unit.hub.fakes import FakeAudit, FixedPolicies

WHY = Refused(Reason.NOT_LET_THROUGH, "no such call passes the gate")


class Log(GateLog):
    """With a clock to turn."""

    def __init__(self, folder: Path, audit: FakeAudit) -> None:
        self.now = 0.0
        super().__init__(audit, FixedPolicies(policies(folder)), lambda: self.now)


@pytest.fixture
def audit() -> FakeAudit:
    return FakeAudit()


@pytest.fixture
def log(tmp_path: Path, audit: FakeAudit) -> Log:
    return Log(tmp_path, audit)


def test_refusal_is_recorded_with_its_reason(log: Log, audit: FakeAudit) -> None:
    log.refused("POST /containers/x/exec", WHY)
    (event,) = audit.events
    assert (event["actor"], event["action"]) == ("ecluse:gate", "refused.gate")
    assert event["subject"] == "POST /containers/x/exec"
    assert event["detail"] == {"reason": "not-let-through", "message": "no such call passes the gate"}


def test_flood_is_counted_and_not_written(log: Log, audit: FakeAudit) -> None:
    for _ in range(10_000):
        log.refused("POST /x", WHY)
    assert len(audit.events) == AT_ONCE
    log.now += SECONDS_EACH
    log.refused("POST /y", WHY)
    assert audit.events[-1]["detail"]["unrecorded"] == 10_000 - AT_ONCE
    assert len(audit.events) == AT_ONCE + 1


def test_end_of_a_flood_is_told_without_another_refusal(log: Log, audit: FakeAudit) -> None:
    log.catch_up()
    assert audit.events == []
    for _ in range(AT_ONCE + 5):
        log.refused("POST /x", WHY)
    log.catch_up()
    assert len(audit.events) == AT_ONCE
    log.now += SECONDS_EACH
    log.catch_up()
    assert audit.events[-1]["detail"] == {"reason": "flood", "unrecorded": 5}
    log.catch_up()
    assert len(audit.events) == AT_ONCE + 1


def test_refusal_that_cant_be_written_is_counted(tmp_path: Path) -> None:
    class Broken(FakeAudit):
        def record(self, *_: Any) -> None:
            raise OSError("disk full")

    log = Log(tmp_path, Broken())
    log.refused("POST /x", WHY)
    assert log.unrecorded == 1


def test_what_was_sent_forges_no_line(log: Log, audit: FakeAudit) -> None:
    log.refused("GET /\n2026 refused: none\x1b[2J" + "a" * 500, WHY)
    subject = audit.events[0]["subject"]
    assert "\n" not in subject
    assert "\x1b" not in subject
    assert len(subject) <= 160
    assert printable("é\t") == "??"
