"""The second container of a sealed session: the workspace behind the pane. The hub never names it, or sees it.

It comes and goes with its pane. One whose pane is gone is removed at the next look.
"""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from docker.errors import NotFound

from ecluse.rules.workspace import LABEL, SpawnPlan

log = logging.getLogger(__name__)

INSIDE = f"{LABEL}.inside"


class Insides:
    """The workspaces behind panes of one enclave."""

    def __init__(self, engine: Any, enclave: str) -> None:
        self._engine = engine
        self._enclave = enclave

    def create(self, plan: SpawnPlan, body: Mapping[str, Any]) -> None:
        """Create it; one that was left over from a session before is removed."""
        self.remove(plan.person, plan.project)
        self._engine.create_container_from_config(dict(body), plan.container)

    def start(self, person: str, project: str) -> None:
        """Start it, before its pane."""
        for identity in self._of(person, project):
            self._engine.start(identity)

    def stop(self, person: str, project: str, seconds: int) -> None:
        """Stop it, after its pane: nobody looks any more."""
        for identity in self._of(person, project):
            self._engine.stop(identity, timeout=seconds)

    def remove(self, person: str, project: str) -> None:
        """Remove it, before its pane. Named volumes stay."""
        for identity in self._of(person, project):
            self._remove(identity)

    def sweep(self, containers: Iterable[Mapping[str, Any]]) -> None:
        """Remove those of the listed containers whose pane is not among them. A pane is made before its inside."""
        found = [(c, _own(c["Labels"])) for c in containers]
        panes = {own for c, own in found if INSIDE not in c["Labels"]}
        for container, own in found:
            if INSIDE in container["Labels"] and own not in panes:
                log.warning("removing a workspace whose pane is gone: %s/%s", *own)
                self._remove(container["Id"])

    def _remove(self, identity: str) -> None:
        with suppress(NotFound):
            self._engine.remove_container(identity, v=True, force=True)

    def _of(self, person: str, project: str) -> list[str]:
        values = {"enclave": self._enclave, "person": person, "project": project, "inside": "true"}
        labels = [f"{LABEL}.{name}={value}" for name, value in values.items()]
        return [c["Id"] for c in self._engine.containers(all=True, filters={"label": labels})]


def _own(labels: Mapping[str, str]) -> tuple[str, str]:
    return labels.get(f"{LABEL}.person", ""), labels.get(f"{LABEL}.project", "")
