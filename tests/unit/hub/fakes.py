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


class FakeEngine:
    """An engine that knows networks and containers, as docker's `APIClient` shows them."""

    def __init__(self, version: str = "20.10.24") -> None:
        self.version = version
        self.nets: dict[str, dict[str, Any]] = {}
        self.running: list[dict[str, Any]] = []
        self.routed: list[str] = []
        self.calls: list[str] = []

    def add(self, identity: str, **labels: str) -> None:
        self.running.append({"Id": identity, "Labels": {k.replace("__", "."): v for k, v in labels.items()}})

    async def __call__(self, method: str, *args: Any, **kwargs: Any) -> Any:
        self.calls.append(method)
        return getattr(self, f"do_{method}")(*args, **kwargs)

    def do_version(self) -> dict[str, str]:
        return {"Version": self.version}

    def do_networks(self) -> list[dict[str, Any]]:
        return list(self.nets.values())

    def do_inspect_network(self, name: str) -> dict[str, Any]:
        if name not in self.nets:
            raise api_error(404, f"network {name} not found")
        return self.nets[name]

    def do_create_network(self, name: str, **kwargs: Any) -> dict[str, str]:
        subnet = kwargs["ipam"]["Config"][0]["Subnet"]
        if subnet in self.routed:
            raise api_error(403, "Pool overlaps with other one on this address space")
        self.nets[name] = {**kwargs, "IPAM": {"Config": [{"Subnet": subnet}]}, "Containers": {}}
        return {"Id": name}

    def do_remove_network(self, name: str) -> None:
        del self.nets[name]

    def do_connect_container_to_network(self, container: str, name: str, aliases: list[str]) -> None:
        self.nets[name]["Containers"][container] = {"aliases": aliases}

    def do_disconnect_container_from_network(self, container: str, name: str, *, force: bool) -> None:
        assert force
        del self.nets[name]["Containers"][container]

    def do_containers(self, *, filters: dict[str, list[str]], **_: Any) -> list[dict[str, Any]]:
        wanted = dict(label.split("=", 1) for label in filters["label"])
        return [c for c in self.running if wanted.items() <= c["Labels"].items()]
