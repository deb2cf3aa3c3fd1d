"""Creates what is planned, acts on what it created, and shows of the engine what the spawner needs.

The gate plans for itself: own policies, own clock, own view of what runs. A body that the hub sends is compared with
the one that the gate makes; it is the gate's that goes to the engine.
"""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docker.errors import NotFound

from ecluse.rules.container import container_body, differences, environment_problems, read_environment
from ecluse.rules.outcome import Reason, Refused
from ecluse.rules.policy import Policies
from ecluse.rules.workspace import LABEL, SpawnPlan, SpawnSettings, plan_workspace
from ecluse.steps.gate import GateLog
from ecluse.steps.ports import Clock, PolicySource

from .inside import INSIDE, Insides
from .networks import NoNetworkError, ProjectNetworks
from .papers import Papers
from .wire import FORBIDDEN, TurnedDownError, read_json

PERSON, PROJECT, ENCLAVE, SERVICE = (f"{LABEL}.{name}" for name in ("person", "project", "enclave", "service"))
OVER = frozenset({"exited", "dead", "removing"})
UNAVAILABLE, TOO_MANY = 503, 429
SHOWN = 8
"""How many differences a refusal names."""


@dataclass
class Made:
    """A workspace that was created through the gate since it came up."""

    plan: SpawnPlan
    started: bool = False


def workspace_labels(labels: Mapping[str, str], enclave: str) -> tuple[str, str] | None:
    """Person and project of a workspace of this enclave; None for a service, another enclave's, or a stranger.

    Of a sealed session that is the pane. The workspace behind it is nothing that the hub may touch.
    """
    if labels.get(ENCLAVE) != enclave or {SERVICE, INSIDE, "com.docker.compose.service"} & set(labels):
        return None
    person, project = labels.get(PERSON), labels.get(PROJECT)
    return (person, project) if person and project else None


class GatedWorkspaces:
    """What the hub may do with workspaces. `engine` is docker's `APIClient`, or something that behaves like one."""

    def __init__(
        self,
        engine: Any,
        policies: PolicySource,
        clock: Clock,
        settings: SpawnSettings,
        networks: ProjectNetworks,
        log: GateLog,
        papers: Papers,
        full: Callable[[Policies, str, str], Refused | None] = lambda *_: None,
    ) -> None:
        self._engine = engine
        self._policies = policies
        self._clock = clock
        self._settings = settings
        self._networks = networks
        self._log = log
        self.papers = papers
        self.insides = Insides(engine, settings.name)
        self._full = full
        self._made: dict[str, Made] = {}
        self._people: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    # -- create and start ------------------------------------------------------------------------------------

    def create(self, name: str, raw: bytes) -> dict[str, Any]:
        """Create the workspace that is planned for the body's person and project, if the body is the planned one.

        Raises:
            TurnedDownError: it is not, there is no plan, no network, or no way to record it.
        """
        body = read_json(raw)
        labels = body.get("Labels")
        person, project = (labels.get(PERSON), labels.get(PROJECT)) if isinstance(labels, dict) else (None, None)
        if not isinstance(person, str) or not isinstance(project, str) or person not in self._policies.current().people:
            raise _not_planned(["Labels"])
        # One at a time per person: two sensitive projects asked for at once would not see each other.
        with self._people[person]:
            plan = self._plan(person, project)
            planned = self._planned_body(plan, name, body)
            inside = None if plan.inside is None else self._inside_body(plan.inside)
            try:
                with self._networks.reserved(project):
                    self._record(plan, planned["Image"])
                    self.papers.lay(name)
                    made: dict[str, Any] = self._engine.create_container_from_config(planned, name)
                    self._complete(plan, inside, made["Id"])
                    self._made[made["Id"]] = Made(plan)
            except NoNetworkError as error:
                raise TurnedDownError(UNAVAILABLE, Reason.NO_NETWORK, str(error)) from None
            except BaseException:
                self._networks.release(project)
                raise
        return {"Id": made["Id"], "Warnings": []}

    def _plan(self, person: str, project: str) -> SpawnPlan:
        running = self._running(person, but=project)
        policies, now = self._policies.current(), self._clock()
        plan = plan_workspace(policies, person, project, now, self._settings, running=running)
        if isinstance(plan, Refused):
            raise TurnedDownError(FORBIDDEN, plan.reason, plan.message)
        full = self._full(policies, person, project)
        if full is not None:
            raise TurnedDownError(FORBIDDEN, full.reason, f"{full.message} {full.fix}")
        return plan

    def _running(self, person: str, *, but: str) -> list[str]:
        mine = [f"{ENCLAVE}={self._settings.name}", f"{PERSON}={person}"]
        found = self._engine.containers(all=True, filters={"label": mine})
        projects = {c["Labels"].get(PROJECT, "") for c in found if c.get("State") not in OVER}
        return sorted(projects - {but})

    def _planned_body(self, plan: SpawnPlan, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if name != plan.container:
            raise _not_planned(["name"])
        found = self._engine.inspect_image(plan.image)
        image: str = found["Id"]
        if plan.image.startswith("sha256:") and image != plan.image:
            raise _not_planned(["Image"])
        environment = read_environment(body.get("Env"))
        if environment is None:
            raise _not_planned(["Env"])
        hub = {n: v for n, v in environment.items() if n not in plan.environment}
        planned = container_body(plan, image, found["Config"].get("Cmd") or [], hub)
        # The variables are told by name; compared as one list they would only show as "Env".
        if problems := [*environment_problems(plan, image, environment), *differences(dict(body), planned)]:
            raise _not_planned(problems)
        return planned

    def _inside_body(self, plan: SpawnPlan) -> dict[str, Any]:
        """The body of the workspace behind a pane: the gate's alone, the hub has no part in it."""
        found = self._engine.inspect_image(plan.image)
        if plan.image.startswith("sha256:") and found["Id"] != plan.image:
            raise _not_planned(["inside.Image"])
        return container_body(plan, found["Id"], found["Config"].get("Cmd") or [], {})

    def _complete(self, plan: SpawnPlan, inside: dict[str, Any] | None, identity: str) -> None:
        """What a container needs before it can start: its papers, and of a sealed session the workspace behind it."""
        try:
            self.papers.issue(plan, identity)
            if plan.inside is not None and inside is not None:
                self.insides.create(plan.inside, inside)
        except BaseException:
            self._engine.remove_container(identity, v=True, force=True)
            self.papers.remove(plan.container)
            raise

    def _record(self, plan: SpawnPlan, image: str) -> None:
        try:
            room = self._log.creating(plan, image)
        except Exception:  # noqa: BLE001 - whatever it is that keeps the record from being written
            message = "the audit chain can't be written, so nothing is created"
            raise TurnedDownError(UNAVAILABLE, Reason.NOT_RECORDED, message) from None
        if not room:
            raise TurnedDownError(TOO_MANY, Reason.NOT_RECORDED, "too many workspaces were created in a short time")

    def start(self, reference: str) -> None:
        """Start what was created a moment ago, once, if it would still be created as it was.

        An ended workspace is not started again: its data, image and limits may be those of an old plan.
        """
        identity, person, project = self._own(reference)
        with self._people[person]:
            made = self._made.get(identity)
            if made is None or made.started:
                message = "only what was just created can be started, and once"
                raise TurnedDownError(FORBIDDEN, Reason.NOT_AS_PLANNED, message)
            if self._plan(person, project) != made.plan:
                raise TurnedDownError(FORBIDDEN, Reason.NOT_AS_PLANNED, "the plan has changed since it was created")
            self.insides.start(person, project)
            self._engine.start(identity)
            made.started = True

    # -- the rest of its life --------------------------------------------------------------------------------

    def stop(self, reference: str, seconds: int) -> None:
        """Stop a workspace."""
        identity, person, project = self._own(reference)
        self._engine.stop(identity, timeout=seconds)
        self.insides.stop(person, project, seconds)

    def remove(self, reference: str, *, volumes: bool, force: bool) -> None:
        """Remove a workspace, and its network if it was the last one on it. Named volumes stay."""
        found, person, project = self._found(reference)
        identity = found["Id"]
        self.insides.remove(person, project)
        self._engine.remove_container(identity, v=volumes, force=force)
        self.papers.remove(found["Name"].lstrip("/"))
        self._made.pop(identity, None)
        self._networks.release(project)

    def logs(self, reference: str, *, tail: int, timestamps: bool) -> bytes:
        """The last lines, in the engine's framing: one frame of standard output."""
        identity, _, _ = self._own(reference)
        text: bytes = self._engine.logs(identity, tail=tail, timestamps=timestamps)
        return b"\x01\x00\x00\x00" + len(text).to_bytes(4, "big") + text if text else b""

    def inspect(self, reference: str) -> dict[str, Any]:
        """A workspace as the spawner needs it: no environment, no paths of the host."""
        found, _, _ = self._found(reference)
        state, config = found["State"], found["Config"]
        networks = found["NetworkSettings"]["Networks"] or {}
        return {
            "Id": found["Id"],
            "Name": found["Name"],
            "Created": found["Created"],
            "Image": found["Image"],
            "State": {
                k: state.get(k) for k in ("Status", "Running", "ExitCode", "OOMKilled", "StartedAt", "FinishedAt")
            },
            "Config": {"Image": config["Image"], "Labels": config["Labels"], "Tty": False},
            "NetworkSettings": {"Networks": {n: {"IPAddress": v.get("IPAddress", "")} for n, v in networks.items()}},
        }

    def containers(self, filters: str) -> list[dict[str, Any]]:
        """All workspaces of the enclave. `filters` has to ask for them and for nothing else."""
        name = self._settings.name
        if read_json(filters.encode()) != {"label": [f"{ENCLAVE}={name}", PERSON]}:
            raise TurnedDownError(FORBIDDEN, Reason.NOT_LET_THROUGH, "only this enclave's workspaces can be listed")
        found = self._engine.containers(all=True, filters=json.loads(filters))
        shown = ("Id", "Names", "Labels", "State", "Created")
        return [{k: c.get(k) for k in shown} for c in found if workspace_labels(c["Labels"], name)]

    def image(self, reference: str) -> dict[str, Any]:
        """Id and command of an image that some project may use."""
        images = self._policies.current().images.values()
        if reference not in {i.digest or i.reference for i in images}:
            raise TurnedDownError(FORBIDDEN, Reason.IMAGE_NOT_ALLOWED, "that image is not in images.yaml")
        found = self._engine.inspect_image(reference)
        return {"Id": found["Id"], "Config": {"Cmd": found["Config"].get("Cmd")}}

    def _own(self, reference: str) -> tuple[str, str, str]:
        """Id, person and project of the workspace of that name or id. Raises as `_found` does."""
        found, person, project = self._found(reference)
        return found["Id"], person, project

    def _found(self, reference: str) -> tuple[dict[str, Any], str, str]:
        """What the engine says of the workspace of that name or id, its person and project.

        Raises:
            TurnedDownError: it is something else.
            NotFound: there is nothing of that name.
        """
        found = self._engine.inspect_container(reference)
        own = workspace_labels(found["Config"]["Labels"] or {}, self._settings.name)
        if own is None:
            raise TurnedDownError(FORBIDDEN, Reason.NOT_A_WORKSPACE, f"'{reference}' is no workspace of this enclave")
        return found, *own

    def end(self, identity: str, person: str, project: str) -> None:
        """End a workspace, for the gate itself."""
        try:
            self._engine.stop(identity, timeout=4)
            self.insides.remove(person, project)
            self._engine.remove_container(identity, v=True, force=True)
        except NotFound:
            pass
        self._made.pop(identity, None)


def _not_planned(where: Sequence[str]) -> TurnedDownError:
    more = f" and {len(where) - SHOWN} more" if len(where) > SHOWN else ""
    return TurnedDownError(FORBIDDEN, Reason.NOT_AS_PLANNED, f"not as planned: {', '.join(where[:SHOWN])}{more}")
