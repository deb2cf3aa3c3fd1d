"""The batches by name, and the leaks of them that are not caught yet, each with its reason."""

from . import (
    eighteenth,
    eighth,
    eleventh,
    fifteenth,
    fifth,
    fourteenth,
    fourth,
    leak_hidden,
    leak_prose,
    leak_rows,
    leak_tables,
    nineteenth,
    ninth,
    safe_reports,
    safe_tables,
    second,
    seventeenth,
    seventh,
    sixteenth,
    sixth,
    tenth,
    third,
    thirteenth,
    thirtieth,
    thirty_first,
    twelfth,
    twentieth,
    twenty_eighth,
    twenty_first,
    twenty_fourth,
    twenty_ninth,
    twenty_second,
    twenty_seventh,
    twenty_sixth,
)
from .case import Case

BATCHES = {
    "first": (leak_tables, leak_rows, leak_prose, leak_hidden, safe_tables, safe_reports),
    "second": (second,),
    "third": (third,),
    "fourth": (fourth,),
    "fifth": (fifth,),
    "sixth": (sixth,),
    "seventh": (seventh,),
    "eighth": (eighth,),
    "ninth": (ninth,),
    "tenth": (tenth,),
    "eleventh": (eleventh,),
    "twelfth": (twelfth,),
    "thirteenth": (thirteenth,),
    "fourteenth": (fourteenth,),
    "fifteenth": (fifteenth,),
    "sixteenth": (sixteenth,),
    "seventeenth": (seventeenth,),
    "eighteenth": (eighteenth,),
    "nineteenth": (nineteenth,),
    "twenty-first": (twenty_first,),
    "twentieth": (twentieth,),
    "twenty-second": (twenty_second,),
    "twenty-fourth": (twenty_fourth,),
    "twenty-sixth": (twenty_sixth,),
    "twenty-eighth": (twenty_eighth,),
    "twenty-seventh": (twenty_seventh,),
    "twenty-ninth": (twenty_ninth,),
    "thirtieth": (thirtieth,),
    "thirty-first": (thirty_first,),
}
OPEN: dict[str, str] = {}
"""Leaks that pass today. A test fails as soon as one of them is caught, so that it leaves this list."""


def named(name: str) -> list[Case]:
    """The cases of a batch."""
    return [case for part in BATCHES[name] for case in part.cases()]
