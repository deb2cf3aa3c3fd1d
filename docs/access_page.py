"""docs/reference/access.md, from the tables that the tests of access read."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from access.airlock import AIRLOCK
from access.callers import EVERYBODY, SIGNED_IN, Caller
from access.hub import HUB, PROVIDER


def access() -> str:
    """docs/reference/access.md."""
    lines = [
        "# Who may call what",
        "",
        "Every route of the hub and of the airlock, seen from one researcher: `ada`, her workspace of project `alpha`,",
        "her request there. Whoever is not named is refused; the tests try every route as every caller, and fail when",
        "a route is not listed. Callers:",
        ", ".join(f"*{c}*" for c in Caller) + ".",
        "No role opens the workspace or the unreleased files of another person; administrators and data managers see",
        "nothing of a request at all. *This page is generated from the tables that the tests read.*",
    ]
    at_a_provider = "The hub, where people sign in at a provider (tried as a stranger and as the person)"
    tables = {"The hub": HUB, at_a_provider: PROVIDER, "The airlock": AIRLOCK}
    for title, rows in tables.items():
        lines += ["", f"## {title}", "", "| route | open to | |", "|---|---|---|"]
        for row in rows:
            path = (row.path if rows is AIRLOCK else row.example).replace("|", "\\|")
            lines.append(f"| `{row.method} {path}` | {_callers(row.allowed)} | {row.why} |")
    return "\n".join(lines) + "\n"


def _callers(allowed: frozenset[Caller]) -> str:
    if not allowed:
        return "nobody"
    if allowed == EVERYBODY:
        return "everybody"
    words = [] if not allowed >= SIGNED_IN else ["everybody who is signed in"]
    return ", ".join(words + [str(c) for c in Caller if c in allowed and not (words and c in SIGNED_IN)])
