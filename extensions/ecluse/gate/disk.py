"""Measures what workspaces keep, and ends what goes on filling a folder that is full.

The engine walks through all volumes to measure them, so this happens in a thread of its own and not often.
"""

import json
from typing import Any

from ecluse.rules.disk import held_by, why_ends, why_no_start
from ecluse.rules.outcome import Reason, Refused
from ecluse.rules.policy import Policies
from ecluse.steps.gate import GateLog
from ecluse.steps.ports import PolicySource

from .ending import end
from .wire import FORBIDDEN, TurnedDownError
from .workspaces import ENCLAVE, OVER, PERSON, GatedWorkspaces, workspace_labels


class Usage:
    """Bytes in each volume of one enclave, as last measured."""

    def __init__(self, engine: Any, enclave: str) -> None:
        self._engine = engine
        self._enclave = enclave
        self.used: dict[str, int] = {}

    def measure(self) -> None:
        """Ask the engine. A size of -1 is one that it does not know."""
        volumes = self._engine.df().get("Volumes") or ()
        sizes = {v["Name"]: (v.get("UsageData") or {}).get("Size", -1) for v in volumes}
        self.used = {n: size for n, size in sizes.items() if n.startswith(f"{self._enclave}_") and size >= 0}

    def refusal(self, policies: Policies, person: str, project: str) -> Refused | None:
        """Why a workspace may not start."""
        limit = policies.projects[project].workspace.disk_gib
        return why_no_start(limit, held_by(self.used, self._enclave, project, person))

    def listed(self, filters: str) -> dict[str, Any]:
        """The sizes, as the engine would list volumes. `filters` has to ask for this enclave and nothing else."""
        try:
            asked = json.loads(filters)
        except ValueError:
            asked = None
        if asked != {"label": [f"{ENCLAVE}={self._enclave}"]}:
            raise TurnedDownError(FORBIDDEN, Reason.NOT_LET_THROUGH, "only this enclave's volumes can be listed")
        return {"Volumes": [{"Name": n, "UsageData": {"Size": size}} for n, size in sorted(self.used.items())]}


class FullDisks:
    """Looks at what running workspaces hold, and ends those that go on filling a full folder."""

    def __init__(
        self,
        engine: Any,
        enclave: str,
        policies: PolicySource,
        usage: Usage,
        workspaces: GatedWorkspaces,
        log: GateLog,
    ) -> None:
        self._engine = engine
        self._enclave = enclave
        self._policies = policies
        self._usage = usage
        self._workspaces = workspaces
        self._log = log
        self._at_start: dict[str, dict[str, int]] = {}

    def look(self) -> None:
        """One look. What the look before a workspace was first seen found is what it held at its start."""
        before = self._usage.used
        self._usage.measure()
        policies = self._policies.current()
        mine = {"label": [f"{ENCLAVE}={self._enclave}", PERSON]}
        seen: dict[str, dict[str, int]] = {}
        for container in self._engine.containers(all=True, filters=mine):
            own = workspace_labels(container["Labels"], self._enclave)
            if own is None or container.get("State") in OVER or own[1] not in policies.projects:
                continue
            identity, (person, project) = container["Id"], own
            held = held_by(self._usage.used, self._enclave, project, person)
            seen[identity] = self._at_start.get(identity) or held_by(before, self._enclave, project, person)
            why = why_ends(policies.projects[project].workspace.disk_gib, held, seen[identity])
            if why is not None:
                end(self._workspaces, self._log, identity, own, why)
        self._at_start = seen
