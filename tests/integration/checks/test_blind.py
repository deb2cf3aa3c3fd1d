"""Every second batch of the blind corpus through the whole check."""

import pytest

from corpus.blind.batches import BATCHES, named
from corpus.blind.promises import (
    Judged,
    test_every_leak_is_caught,
    test_safe_results_pass_with_their_content,
    test_what_is_listed_as_open_is_open,
)
from corpus.blind.score import judged

__all__ = [
    "test_every_leak_is_caught",
    "test_safe_results_pass_with_their_content",
    "test_what_is_listed_as_open_is_open",
]


@pytest.fixture(scope="module", params=list(BATCHES)[0::2])
def batch(request: pytest.FixtureRequest) -> Judged:
    return list(judged(named(request.param)))


pytestmark = [
    pytest.mark.timeout(600),
    # What libraries warn of while they make the files is not under test.
    pytest.mark.filterwarnings("ignore"),
]
