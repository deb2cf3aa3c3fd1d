"""Hidden channels, one per case: a file that carries a payload which no reader of its result would see.

Every case holds the payload in clear (`PAYLOAD`), or numbers that stand for persons. Seeded: the same bytes each time.
What must hold: the payload is not in the rebuilt file (however unpacked), or the file is refused.
"""

from collections.abc import Callable

PAYLOAD = "MARTIN-Jeanne-1938-Brest"
CASES: dict[str, Callable[[], tuple[str, bytes]]] = {}
ZERO_WIDTH = "".join("\u200b" if bit == "0" else "\u200c" for byte in PAYLOAD.encode() for bit in f"{byte:08b}")


def case(make: Callable[[], tuple[str, bytes]]) -> Callable[[], tuple[str, bytes]]:
    """Add a case."""
    CASES[make.__name__] = make
    return make


def all_cases() -> dict[str, Callable[[], tuple[str, bytes]]]:
    """Every case by name."""
    from . import hidden_archives, hidden_notebooks, hidden_office, hidden_pages, hidden_pictures, hidden_texts

    parts = (hidden_archives, hidden_notebooks, hidden_office, hidden_pages, hidden_pictures, hidden_texts)
    return CASES if all(parts) else {}
