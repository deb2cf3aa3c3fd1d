"""Twentieth batch: safe results again, and ten leaks, written after mending for the eighteenth to see what it was worth.

Untouched score: 8 of 10 leaks (80 %), 34 of 44 safe results (77 %).
Corrected since: a leak that did not say whether one dose or two are other persons.
"""

from . import twentieth_safe, twentieth_shown
from .case import Case

PARTS = (twentieth_safe, twentieth_shown)


def cases() -> list[Case]:
    """The cases of the batch."""
    return [case for part in PARTS for case in part.cases()]
