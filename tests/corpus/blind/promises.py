"""What the blind corpus must show: every leak caught, nearly every safe result passed with its content.

Test files take these in and say of which batches: two files, so that two workers share them.
"""

from collections.abc import Callable

import pytest

from .batches import OPEN, named
from .case import Case
from .judge import Answer
from .score import judged

Judged = list[tuple[Case, Answer, bool]]

MARKS = [
    pytest.mark.timeout(600),
    # What libraries warn of while they make the files is not under test.
    pytest.mark.filterwarnings("ignore"),
]


def batches(names: list[str]) -> Callable[..., Judged]:
    """The fixture `batch`: each of these batches through the whole check, once."""

    @pytest.fixture(scope="module", params=names, name="batch")
    def batch(request: pytest.FixtureRequest) -> Judged:
        return list(judged(named(request.param)))

    return batch


def test_every_leak_is_caught(batch: Judged) -> None:
    """A leak that is not listed as open is held, or its payload gone from what is rebuilt."""
    passed = [case.name for case, _, good in batch if case.leak and not good and case.name not in OPEN]
    assert not passed, passed


def test_what_is_listed_as_open_is_open(batch: Judged) -> None:
    """A leak that is caught leaves the list."""
    caught = [case.name for case, _, good in batch if case.leak and good and case.name in OPEN]
    assert not caught, caught


def test_safe_results_pass_with_their_content(batch: Judged) -> None:
    """At least 95 % of a batch's safe results pass, and those lose nothing."""
    results = [(case, answer, good) for case, answer, good in batch if not case.leak]
    lost = {case.name: answer.lost for case, answer, _ in results if answer.lost}
    held = {case.name: answer.why for case, answer, good in results if not good}
    assert not lost, lost
    assert len(held) <= 0.05 * len(results), held
