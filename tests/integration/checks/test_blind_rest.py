"""The other batches of the blind corpus through the whole check."""

from corpus.blind.batches import BATCHES
from corpus.blind.promises import (
    MARKS,
    batches,
    test_every_leak_is_caught,
    test_safe_results_pass_with_their_content,
    test_what_is_listed_as_open_is_open,
)

__all__ = [
    "test_every_leak_is_caught",
    "test_safe_results_pass_with_their_content",
    "test_what_is_listed_as_open_is_open",
]

pytestmark = MARKS
batch = batches(list(BATCHES)[1::2])
