"""The place of the compromised hub: a real gate before the real engine, with bystanders that it must not touch.

The hub and the proxy are stand-ins that only sleep: the attacker is whoever speaks on the hub's socket. Everything
carries the name of this run, and goes with it.
"""

import copy
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docker

from ecluse.gate.papers import READERS
from ecluse.rules.container import container_body
from ecluse.rules.workspace import SpawnPlan, SpawnSettings, plan_workspace
from ecluse.store.platform import GATE
from ecluse.store.policy_files import read_policies
from escape.wire import Wire, noting
from hub_environment import hub_environment
from integration.hub.stack import WORKSPACE_IMAGE, Stack, project
from integration.hub.stack import docker as run_docker

ENGINE = Wire(Path("/var/run/docker.sock"))
BASE = "ecluse/base:0.1"
API = "/v1.41"


class House:
    """What the attempts find."""

    def __init__(self, stack: Stack, noted: Wire) -> None:
        self.stack = stack
        self.name = stack.name
        self.engine = docker.from_env()
        self.gate = Wire(stack.root / "gate/engine.sock")
        self.noted = noted
        found = self.engine.images.get(WORKSPACE_IMAGE)
        self.image, self.command = str(found.id), list(found.attrs["Config"]["Cmd"])
        self.plan = self.planned("ada", "alpha")
        self.until = time.monotonic()

    def planned(self, person: str, of: str) -> SpawnPlan:
        """The plan that the person would have if they were a member, and the project ran and were no special one."""
        policies = read_policies(self.stack.root / "policies")
        one = policies.projects[of].model_copy(
            update={
                "members": policies.projects["alpha"].members | {person: policies.projects["alpha"].members["cy"]},
                "expires": policies.projects["alpha"].expires,
                "tier": policies.projects["alpha"].tier,
                "workspace": policies.projects["alpha"].workspace,
                "paused": False,
            }
        )
        people = {
            **policies.people,
            person: policies.people[person].model_copy(update={"roles": policies.people["ada"].roles}),
        }
        doctored = replace(policies, projects={**policies.projects, of: one}, people=people)
        settings = SpawnSettings(name=self.name, host_root=str(self.stack.root))
        made = plan_workspace(doctored, person, of, datetime.now(UTC), settings)
        assert isinstance(made, SpawnPlan), made
        return made

    def body(self, plan: SpawnPlan | None = None, image: str = "") -> dict[str, Any]:
        """The body of `POST /containers/create` that the hub sends."""
        plan, image = plan or self.plan, image or self.image
        # The engine itself makes no folder for a mount, and the gate removes those that nobody has.
        papers = self.stack.root / "papers" / plan.container
        papers.mkdir(exist_ok=True)
        os.chown(papers, GATE, READERS)
        return copy.deepcopy(container_body(plan, image, self.command, hub_environment(plan, image)))

    def stand_up(self) -> None:
        """Make the bystanders: doors, airlock, somebody else's workspace, another enclave's, a stranger."""
        mine = {"org.ecluse.enclave": self.name}
        for service in ("hub", "proxy", "airlock"):
            self.sleeper(service, {**mine, "org.ecluse.service": service}, {"SECRET": "of-the-" + service})
        self.sleeper("stranger", {}, {})
        other = {"org.ecluse.enclave": f"{self.name}x", "org.ecluse.person": "ada", "org.ecluse.project": "alpha"}
        self.sleeper("foreign", other, {})
        workspace = {**mine, "org.ecluse.person": "ben", "org.ecluse.project": "beta"}
        self.sleeper("", workspace, {}, name=f"{self.name}_beta_ben")
        # Nobody of that name is a member: the hub should have ended the first one; nobody looks after the second.
        for enclave in (self.name, f"{self.name}x"):
            labels = {"org.ecluse.enclave": enclave, "org.ecluse.person": "cy", "org.ecluse.project": "beta"}
            self.sleeper("", labels, {}, name=f"{enclave}-forgotten")
        self.until = time.monotonic() + 30
        self.engine.volumes.create(f"{self.name}_home_beta_ben", labels=workspace)
        self.engine.networks.create(f"{self.name}-edge", labels=mine)
        self.engine.networks.create(f"{self.name}-project-beta", internal=True, labels=mine)

    def sleeper(self, service: str, labels: dict[str, str], environment: dict[str, str], *, name: str = "") -> None:
        """A container that does nothing."""
        self.engine.containers.run(
            BASE,
            entrypoint=["sleep", "3600"],
            name=name or f"{self.name}-{service}",
            labels={**labels, "org.ecluse.escape": self.name},
            environment=environment,
            network_mode="none" if service not in ("hub", "proxy") else None,
            network=f"{self.name}-control" if service in ("hub", "proxy") else None,
            detach=True,
        )

    def inspect(self, reference: str) -> dict[str, Any]:
        """What the engine says of a container."""
        return dict(self.engine.api.inspect_container(reference))

    def running(self, reference: str) -> bool:
        """Whether a container runs."""
        found = self.engine.containers.list(all=True, filters={"name": f"^{reference}$"})
        return bool(found) and found[0].status == "running"

    def wait_for_gate(self) -> None:
        """Until the gate answers."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                if self.gate.ask("GET", "/_ping").good:
                    return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"the gate of {self.name} does not answer")

    def clear(self) -> None:
        """Remove what the attempts left: everything of this name and of the other enclave's."""
        for label in (f"org.ecluse.escape={self.name}", f"org.ecluse.enclave={self.name}x"):
            for container in self.engine.containers.list(all=True, filters={"label": label}):
                container.remove(force=True, v=True)
        self.stack.down()
        for network in self.engine.networks.list():
            if str(network.name).startswith(f"{self.name}"):
                network.remove()
        for image in self.engine.images.list(name=f"{self.name}*"):
            for tag in image.tags:
                if tag.startswith(self.name):  # the image itself may be one of everybody's
                    self.engine.images.remove(tag)
        for volume in self.engine.volumes.list():
            if str(volume.name).startswith(f"{self.name}"):
                volume.remove()


def _policies(stack: Stack) -> None:
    ada = "{ada: lead, cy: researcher}"
    old = project("old", ada, dataset="stays").replace("expires: 2099-12-31", "expires: 2026-01-31")
    stack.write("policies/projects/old.yaml", old)
    images = (stack.root / "policies/images.yaml").read_text()
    uses = (
        '  sealed: {reference: "ecluse/sealed:0.1", use: sealed}\n  pane: {reference: "ecluse/pane:0.1", use: pane}\n'
    )
    stack.write("policies/images.yaml", images + uses)
    pixels = project("pixels", ada, dataset="stays", tier="sealed", workspace="{image: sealed}")
    stack.write("policies/projects/pixels.yaml", pixels)
    stack.write("policies/projects/guarded.yaml", project("guarded", "{ada: lead, ben: researcher}", tier="sensitive"))
    for name in ("old", "pixels", "guarded"):
        dataset = "claims" if name == "guarded" else "stays"
        stack.write(f"extracts/{name}/v1/{dataset}/ACTS.parquet", f"rows of {name}")
        (stack.root / f"extracts/{name}/current").symlink_to("v1")


@contextmanager
def house() -> Iterator[House]:
    """Everything made; removed at the end, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="ecluse-escape-"))
    folder.chmod(0o755)
    stack = Stack(folder)
    with noting(folder) as noted:
        made = None
        try:
            stack.prepare()
            _policies(stack)
            label = f"org.ecluse.enclave={stack.name}"
            run_docker("network", "create", "--internal", "--label", label, f"{stack.name}-control")
            made = House(stack, noted)
            made.stand_up()
            stack.start_gate()
            made.wait_for_gate()
            yield made
        finally:
            if made is not None:
                made.clear()
            stack.down()
            shutil.rmtree(folder)
