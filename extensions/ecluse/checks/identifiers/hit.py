"""One identifier that was found.

Decides nothing. Worked example: `Hit("phone", "a telephone number", "06 12 34 56 78", 4)`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """One identifier in a text. `rule` names its kind, `what` says it to people, `text` is the run itself."""

    rule: str
    what: str
    text: str
    start: int
    strong: bool = True
