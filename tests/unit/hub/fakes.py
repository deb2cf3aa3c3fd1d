"""Fakes of what the hub's parts reach for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests
from docker.errors import APIError, NotFound

from ecluse.rules.policy import Policies
from ecluse.rules.workspace import SpawnSettings
from ecluse.steps.spawn import Workspaces

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


class FakeAudit:
    """Keeps events in a list."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def record(self, actor: str, action: str, project: str | None, subject: str, detail: Mapping[str, Any]) -> None:
        event = {"actor": actor, "action": action, "project": project, "subject": subject, "detail": dict(detail)}
        self.events.append(event)


class FixedPolicies:
    """Policies that a test can replace."""

    def __init__(self, policies: Policies) -> None:
        self.policies = policies

    def current(self) -> Policies:
        return self.policies


def workspaces(policies: Policies, audit: FakeAudit | None = None, now: datetime = NOW) -> Workspaces:
    """The step, over fakes."""
    return Workspaces(FixedPolicies(policies), audit or FakeAudit(), lambda: now, SpawnSettings(host_root="/srv/root"))


def api_error(status: int, explanation: str) -> APIError:
    """An engine's refusal."""
    response = requests.Response()
    response.status_code = status
    kind = NotFound if status == 404 else APIError
    return kind("refused", response=response, explanation=explanation)
