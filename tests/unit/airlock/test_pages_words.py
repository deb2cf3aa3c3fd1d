"""The words of the pages: every state has its own, and every person is told what comes next."""

from datetime import UTC, datetime, timedelta

import pytest

from ecluse.airlock.notes import Window
from ecluse.airlock.views import STATE_WORDS, Standing, age, human_size, next_sentence, step_line, tally
from ecluse.rules.finding import CheckVerdict, FileReport, Finding, Severity
from ecluse.rules.request import OWNERS, CheckState, CheckView, RequestFile, RequestView, State

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HASH = "0" * 64
STANDINGS = {
    "author": Standing(author=True),
    "reviewer": Standing(can_vote=True, can_return=True),
    "voted": Standing(voted=True),
    "reader": Standing(),
}


def view(state: State, check: CheckState = CheckState.NONE) -> RequestView:
    return RequestView(
        id="alpha-1",
        project="alpha",
        author="ada",
        title="t",
        purpose="p",
        state=state,
        owner=OWNERS[state],
        created=NOW,
        updated=NOW,
        content=HASH,
        check=CheckView(state=check),
    )


@pytest.mark.parametrize("state", list(State))
def test_every_state_stands_once_on_the_way_under_its_own_name(state: State) -> None:
    steps = step_line(state)
    assert [s.word for s in steps if s.current] == [STATE_WORDS[state]]
    current = [s.current for s in steps].index(True)
    assert all(s.done == (n < current) for n, s in enumerate(steps))
    assert len({s.word for s in steps}) == len(steps)


@pytest.mark.parametrize("who", STANDINGS)
@pytest.mark.parametrize("state", list(State))
def test_everybody_is_told_what_comes_next_in_every_state(state: State, who: str) -> None:
    sentence = next_sentence(view(state), STANDINGS[who])
    assert sentence.endswith(".")
    assert sentence[0].isupper() or sentence[0].isdigit()


def test_only_who_may_vote_is_asked_to() -> None:
    asked = {w: "vote is asked for" in next_sentence(view(State.IN_REVIEW), s) for w, s in STANDINGS.items()}
    assert asked == {"author": False, "reviewer": True, "voted": False, "reader": False}


def test_a_draft_under_advice_says_so() -> None:
    assert "Advice" in next_sentence(view(State.DRAFT, CheckState.RUNNING), STANDINGS["author"])


@pytest.mark.parametrize(
    ("passed", "says"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(hours=47), "1 day"),
        (timedelta(days=12), "12 days"),
        (timedelta(seconds=-5), "just now"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(passed: timedelta, says: str) -> None:
    assert age(NOW - passed, NOW) == says


@pytest.mark.parametrize(
    ("size", "says"), [(0, "0 B"), (999, "999 B"), (1234, "1.2 kB"), (5_600_000, "5.6 MB"), (7 * 10**9, "7.0 GB")]
)
def test_a_size_is_told_for_people(size: int, says: str) -> None:
    assert human_size(size) == says


def test_findings_are_counted_the_worst_first() -> None:
    found = tuple(Finding(rule="r", severity=s, message="m") for s in (Severity.NOTE, Severity.REFUSE, Severity.NOTE))
    report = FileReport(path="a", kind="csv", verdict=CheckVerdict.REFUSE, sha256=HASH, findings=found)
    counted = tally([RequestFile(path="a", sha256=HASH, size=1, report=report)])
    assert counted.worst is Severity.REFUSE
    assert str(counted) == "1 to mend, 2 noted"
    assert tally([]).worst is None


@pytest.mark.parametrize(
    ("total", "page", "says"),
    [
        (0, 0, "Rows: all 0."),
        (5, 3, "Rows: all 5."),
        (25, 1, "Rows: 11 to 20 of 25; page 2 of 3."),
        (25, -1, "Rows: 1 to 10 of 25; page 1 of 3."),
    ],
)
def test_a_window_says_what_it_leaves_out(total: int, page: int, says: str) -> None:
    assert Window.of(total, 10, page).says("rows") == says
