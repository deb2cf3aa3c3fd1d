"""Fifteenth batch: ordinary material of every kind, as another team would write it, before any rule was read.

Untouched score: 69 of 71 leaks (97 %), 51 of 58 safe results (88 %).
"""

from . import fifteenth_hidden, fifteenth_leaks, fifteenth_safe, fifteenth_safe_shown
from .case import Case

PARTS = (fifteenth_hidden, fifteenth_leaks, fifteenth_safe, fifteenth_safe_shown)


def cases() -> list[Case]:
    """The cases of the batch."""
    return [case for part in PARTS for case in part.cases()]
