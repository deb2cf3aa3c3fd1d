"""Eighth batch: results as epidemiologists make them with R, Stata, SAS and Python, written before any rule was read."""

from . import eighth_hidden, eighth_pictures, eighth_prose, eighth_safe, eighth_safe_shown, eighth_tables
from .case import Case

PARTS = (eighth_prose, eighth_tables, eighth_pictures, eighth_hidden, eighth_safe, eighth_safe_shown)


def cases() -> list[Case]:
    """The cases of the batch."""
    return [case for part in PARTS for case in part.cases()]
