"""Seventeenth batch: what a hostile statistician can compute, and what an inattentive researcher leaves lying about.

Untouched score: 77 of 121 leaks (64 %), 21 of 22 safe results (95 %). Corrected since: a Lorenz curve in steps of 5 % of
its patients was no leak as long as nothing said that they were twenty, odds were rounded wrongly, tallies of bars were
no cells of a Markdown table, names ran out of a picture, and what the rebuilt page lacks of an animation was not told.
"""

from . import seventeenth_drawn, seventeenth_hidden, seventeenth_safe, seventeenth_tables, seventeenth_texts
from .case import Case

PARTS = (seventeenth_tables, seventeenth_texts, seventeenth_drawn, seventeenth_hidden, seventeenth_safe)


def cases() -> list[Case]:
    """The cases of the batch."""
    return [case for part in PARTS for case in part.cases()]
