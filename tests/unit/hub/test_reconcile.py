"""What ends, and why."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ecluse.hub.reconcile import Running, endings, strays
from ecluse.rules.policy import Policies
from policies import policies

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA = Running("ada", "alpha", NOW - timedelta(hours=1))


@pytest.fixture
def good(tmp_path: Path) -> Policies:
    return policies(tmp_path)


def reasons(found: Policies, *running: Running, now: datetime = NOW) -> list[tuple[str, str]]:
    return [(e.person, e.why.reason.value) for e in endings(found, running, now)]


def with_project(found: Policies, **changes: Any) -> Policies:
    return replace(found, projects={**found.projects, "alpha": found.projects["alpha"].model_copy(update=changes)})


def test_what_is_allowed_goes_on(good: Policies) -> None:
    assert reasons(good, ADA, Running("ben", "beta", None)) == []


def test_one_ending_leaves_the_others_alone(good: Policies) -> None:
    assert reasons(good, ADA, Running("ben", "alpha", NOW)) == [("ben", "not-a-member")]


def test_every_lapse_ends_it(good: Policies) -> None:
    person = good.people["ada"]
    claims = good.datasets["claims"]
    lapsed = {
        "not-a-member": with_project(good, members={"mem": "lead"}),
        "project-paused": with_project(good, paused=True),
        "project-expired": with_project(good, expires=date(2026, 5, 31)),
        "dataset-paused": replace(good, datasets={"claims": claims.model_copy(update={"paused": True})}),
        "unknown-person": replace(good, people={}),
        "training-lapsed": replace(
            good, people={"ada": person.model_copy(update={"trained_until": date(2026, 5, 31)})}
        ),
        "terms-not-accepted": replace(good, people={"ada": person.model_copy(update={"terms_accepted": None})}),
    }
    for reason, found in lapsed.items():
        assert reasons(found, ADA) == [("ada", reason)]
    gone = replace(good, projects={})
    assert reasons(gone, ADA) == [("ada", "not-a-member")]


def test_session_is_over_after_its_hours(good: Policies) -> None:
    hours = timedelta(hours=good.projects["alpha"].workspace.hours)
    assert reasons(good, Running("ada", "alpha", NOW - hours + timedelta(seconds=1))) == []
    assert reasons(good, Running("ada", "alpha", NOW - hours)) == [("ada", "session-over")]
    assert reasons(good, Running("ada", "alpha", None)) == []


def test_strays_are_those_without_a_known_name() -> None:
    mine, other = {"Names": ["/ecluse_alpha_ada"]}, {"Names": ["/ecluse_alpha_ben"]}
    assert strays([mine, other], {"ecluse_alpha_ada"}) == [other]
    assert strays([mine], set()) == [mine]
