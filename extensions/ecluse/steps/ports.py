"""What the steps need of the world, as small protocols. `ecluse.store` implements them, tests fake them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from ecluse.rules.policy import Policies


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, with its time zone."""
        ...


class PolicySource(Protocol):
    """Gives the policies in force."""

    def current(self) -> Policies:
        """The last set that was valid."""
        ...


class AuditLog(Protocol):
    """Records what happened, for good."""

    def record(self, actor: str, action: str, project: str | None, subject: str, detail: Mapping[str, Any]) -> None:
        """Append one event. Raises if it could not be written: then what it tells of must not happen either."""
        ...
