"""Thirtieth batch: what a test author writes for each clause, two plain leaks and a hidden one, with common libraries.

Untouched score: 97 of 122 leaks (80 %), 20 of 21 safe results (95 %).
"""

from . import thirtieth_hidden, thirtieth_shown, thirtieth_tables, thirtieth_texts
from .case import Case

PARTS = (thirtieth_tables, thirtieth_texts, thirtieth_hidden, thirtieth_shown)


def cases() -> list[Case]:
    """The cases of the batch."""
    return [case for part in PARTS for case in part.cases()]
