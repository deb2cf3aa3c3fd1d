"""A gate over a fake engine."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from ecluse.gate.disk import Usage
from ecluse.gate.ending import Endings
from ecluse.gate.gate import Gate
from ecluse.gate.networks import ProjectNetworks
from ecluse.gate.papers import Papers
from ecluse.gate.wire import Answer, Call, TurnedDownError
from ecluse.gate.workspaces import GatedWorkspaces
from ecluse.rules.container import container_body
from ecluse.rules.policy import Policies
from ecluse.rules.workspace import SpawnPlan, SpawnSettings, plan_workspace
from ecluse.steps.gate import GateLog
from hub_environment import hub_environment
from unit.gate.fakes import IMAGE, FakeEngine
from unit.hub.fakes import NOW, FakeAudit, FixedPolicies

SETTINGS = SpawnSettings(host_root="/srv/root")


class House:
    """A gate over a fake engine, with a clock to turn. Papers are named for whom they are for, and not signed."""

    def __init__(self, found: Policies, folder: Path, audit: FakeAudit | None = None) -> None:
        self.now: datetime = NOW
        self.ticks = 0.0
        self.policies = FixedPolicies(found)
        self.audit = audit or FakeAudit()
        self.engine = FakeEngine()
        for door in ("hub", "proxy"):
            self.engine.add(door, org__ecluse__enclave="ecluse", org__ecluse__service=door)
        log = GateLog(self.audit, self.policies, lambda: self.ticks)
        networks = ProjectNetworks(self.engine, "ecluse", IPv4Network("10.213.0.0/24"), 27)
        self.usage = Usage(self.engine, "ecluse")
        self.folder = folder / "papers"
        self.folder.mkdir()
        papers = Papers(
            self.folder,
            b"services",
            lambda host, life: (f"{host} for {life}".encode(), b"key"),
            Path.write_bytes,
            os.getgid(),
        )
        self.workspaces = GatedWorkspaces(
            self.engine, self.policies, lambda: self.now, SETTINGS, networks, log, papers, full=self.usage.refusal
        )
        self.gate = Gate(self.engine, self.workspaces, self.usage)
        self.endings = Endings(
            self.engine, "ecluse", self.policies, lambda: self.now, self.workspaces, log, lambda: self.ticks
        )

    def plan(self, person: str = "ada", project: str = "alpha") -> SpawnPlan:
        made = plan_workspace(self.policies.current(), person, project, self.now, SETTINGS)
        assert isinstance(made, SpawnPlan), made
        return made

    def body(self, plan: SpawnPlan | None = None) -> dict[str, Any]:
        plan = plan or self.plan()
        return container_body(plan, IMAGE, ["jupyterhub-singleuser"], hub_environment(plan, IMAGE))

    def create(self, body: Mapping[str, Any] | None = None, name: str = "ecluse_alpha_ada") -> str:
        answer = self.call("POST", "/v1.41/containers/create", {"name": name}, json.dumps(body or self.body()).encode())
        assert answer.status == 201
        return str(answer.content["Id"])

    def call(self, method: str, path: str, query: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        return self.gate(Call(method, path, query or {}, body))

    def refusal(self, *args: Any, **kwargs: Any) -> str:
        with pytest.raises(TurnedDownError) as caught:
            self.create(*args, **kwargs)
        assert not [c for c in self.engine.held.values() if c["Name"].startswith("/ecluse_")]
        return f"{caught.value.refused.reason.value}: {caught.value.refused.message}"


def change(house: House, project: str = "alpha", **changes: Any) -> None:
    found = house.policies.policies
    changed = found.projects[project].model_copy(update=changes)
    house.policies.policies = replace(found, projects={**found.projects, project: changed})


def names(house: House) -> dict[str, str]:
    return {c["Name"].lstrip("/"): c["State"] for c in house.engine.held.values() if c["Name"].startswith("/ecluse_")}
