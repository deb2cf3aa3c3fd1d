"""The clock of the machine."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now, in UTC. The one place where the services ask the time."""
    return datetime.now(UTC)
