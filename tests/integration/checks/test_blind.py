"""The blind corpus through the whole check: every leak caught, nearly every safe result passed with its content."""

import pytest

from corpus.blind.batches import BATCHES, OPEN, named
from corpus.blind.case import Case
from corpus.blind.judge import Answer
from corpus.blind.score import judged

Judged = list[tuple[Case, Answer, bool]]


@pytest.fixture(scope="module", params=list(BATCHES))
def batch(request: pytest.FixtureRequest) -> Judged:
    return list(judged(named(request.param)))


pytestmark = [
    pytest.mark.timeout(600),
    # What libraries warn of while they make the files is not under test.
    pytest.mark.filterwarnings("ignore"),
]


def test_every_leak_is_caught(batch: Judged) -> None:
    passed = [case.name for case, _, good in batch if case.leak and not good and case.name not in OPEN]
    assert not passed


def test_what_is_listed_as_open_is_open(batch: Judged) -> None:
    caught = [case.name for case, _, good in batch if case.leak and good and case.name in OPEN]
    assert not caught


def test_safe_results_pass_with_their_content(batch: Judged) -> None:
    results = [(case, answer, good) for case, answer, good in batch if not case.leak]
    lost = {case.name: answer.lost for case, answer, _ in results if answer.lost}
    held = {case.name: answer.why for case, answer, good in results if not good}
    assert not lost
    assert len(held) <= 0.05 * len(results), held
