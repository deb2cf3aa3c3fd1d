"""Callers that the table knows, and one row of it.

All of the table is about one thing: `ada`, a researcher of project `alpha`, her server, her request. Each caller is
somebody who stands to it in a way of their own.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Caller(StrEnum):
    """Who calls."""

    STRANGER = "stranger"
    SELF = "the person"
    LEAD = "lead of the project"
    MEMBER = "member who reviews elsewhere"
    OTHER = "researcher of another project"
    REVIEWER = "reviewer"
    CONTROLLER = "controller of the data"
    OTHER_CONTROLLER = "another controller"
    MANAGER = "data manager"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    WORKSPACE = "the person's workspace"
    MEMBER_WORKSPACE = "a member's workspace"
    OTHER_WORKSPACE = "workspace of another project"
    AIRLOCK = "the airlock service"


PEOPLE = {
    Caller.SELF: "ada",
    Caller.LEAD: "lea",
    Caller.MEMBER: "mem",
    Caller.OTHER: "ben",
    Caller.REVIEWER: "rev",
    Caller.CONTROLLER: "con",
    Caller.OTHER_CONTROLLER: "cor",
    Caller.MANAGER: "man",
    Caller.ADMINISTRATOR: "admin",
    Caller.AUDITOR: "aud",
}
"""Ids of the people, the same in every test."""

WORKSPACES = {
    Caller.WORKSPACE: ("ada", "alpha"),
    Caller.MEMBER_WORKSPACE: ("mem", "alpha"),
    Caller.OTHER_WORKSPACE: ("ben", "beta"),
}
"""Person and project of each workspace that calls with its own token."""

SIGNED_IN = frozenset(PEOPLE)
EVERYBODY = frozenset(Caller)
NOBODY: frozenset[Caller] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """One route. `path` is its pattern in the code, `example` what a test calls; all who are not allowed are denied."""

    method: str
    path: str
    allowed: frozenset[Caller]
    example: str = ""
    why: str = ""
    send: Any = None
    """Form of a page, or body of an API."""

    @property
    def name(self) -> str:
        """For the test's name."""
        return f"{self.method} {self.example or self.path}"


def only(*callers: Caller) -> frozenset[Caller]:
    """Exactly these."""
    return frozenset(callers)
