"""The batches by name."""

from . import leak_hidden, leak_prose, leak_rows, leak_tables, safe_reports, safe_tables, second
from .case import Case

FIRST = (leak_tables, leak_rows, leak_prose, leak_hidden, safe_tables, safe_reports)
BATCHES = {"first": FIRST, "second": (second,)}


def named(name: str) -> list[Case]:
    """The cases of a batch."""
    return [case for part in BATCHES[name] for case in part.cases()]
