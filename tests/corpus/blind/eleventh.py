"""Eleventh batch: mostly prose and what programs print, written from the rules of disclosure before the code was read."""

from . import eleventh_hidden, eleventh_logs, eleventh_prose, eleventh_safe, eleventh_safe_shown
from .case import Case

PARTS = (eleventh_prose, eleventh_logs, eleventh_hidden, eleventh_safe, eleventh_safe_shown)


def cases() -> list[Case]:
    """The cases of the batch."""
    return [case for part in PARTS for case in part.cases()]
