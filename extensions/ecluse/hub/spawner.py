"""The spawner: copies a spawn plan into a container, and tells people why when it can't.

Everything that decides is in `ecluse.rules.workspace`. This class overrides DockerSpawner only where its own way
would let something else than the plan take effect, lose a crash log, or lose time.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from dockerspawner import DockerSpawner
from jupyterhub.spawner import SpawnException
from tornado.web import HTTPError
from traitlets import Callable as CallableTrait

from ecluse.rules.container import container_body
from ecluse.rules.outcome import Reason, Refused, RefusedError
from ecluse.rules.papers import host_of
from ecluse.rules.workspace import DATA, SpawnPlan

from .enclave import Enclave

STOP_SECONDS = 4
"""Time that a workspace gets to end by itself. Revocation has to be through in under ten seconds."""

LOG_LINES = 200
CRASH_LOGS = 200
PROBE_SECONDS = 0.1


def start_refusal(error: Exception, plan: SpawnPlan) -> Refused:
    """What an engine's refusal means, in a sentence for the person who asked."""
    text = str(getattr(error, "explanation", None) or error)
    if isinstance(error, ImageNotFound) or "no such image" in text.lower():
        return Refused(
            Reason.IMAGE_NOT_ALLOWED,
            f"The image of project '{plan.project}' is not on this machine.",
            "Ask an administrator to build it, or to correct its digest in images.yaml.",
        )
    for mount in (plan.inside or plan).mounts:
        # The hub can't see the extracts, so a missing one shows only in the engine's own words.
        if mount.target.startswith(f"{DATA}/") and mount.source in text and "does not exist" in text:
            dataset = mount.target.rsplit("/", 1)[-1]
            return Refused(
                Reason.EXTRACT_MISSING,
                f"The extract of dataset '{dataset}' for project '{plan.project}' is not there yet.",
                f"A data manager runs `ecluse data extract {plan.project}`.",
            )
    if "could not select device driver" in text or "nvidia" in text.lower():
        return Refused(
            Reason.NO_GPU,
            f"The permit of project '{plan.project}' has a GPU, but this machine could not hand one out.",
            "Ask an administrator for a machine with a free GPU.",
        )
    if gate_reason(error) == Reason.NO_NETWORK:
        return Refused(Reason.START_FAILED, "No network is free for another project.", "Ask an administrator.")
    if gate_reason(error) == Reason.DISK_FULL:
        return Refused(Reason.DISK_FULL, text)
    return Refused(
        Reason.START_FAILED,
        f"The workspace of project '{plan.project}' could not be started.",
        "Try again; if it fails again, ask an administrator: the reason is in the hub's log.",
    )


def gate_reason(error: Exception) -> str:
    """The reason code of a refusal by the gate; empty for any other error."""
    response = getattr(error, "response", None)
    try:
        found = response.json() if response is not None else {}
    except ValueError:
        return ""
    return str(found.get("reason", "")) if isinstance(found, dict) else ""


class EcluseSpawner(DockerSpawner):  # type: ignore[misc]  # dockerspawner has no types
    """One workspace of one person in one project. The project is the server's name."""

    shared = CallableTrait(help="gives the `Enclave` that all workspaces share").tag(config=True)

    plan: SpawnPlan | None = None
    end_reason: Refused | None = None
    _seen = False
    _stopping = False

    @property
    def enclave(self) -> Enclave:
        """What all workspaces share."""
        enclave: Enclave = self.shared()
        return enclave

    @property
    def client(self) -> Any:
        """The enclave's client of the engine."""
        return self.enclave.engine.client

    async def docker(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call the engine, off the event loop."""
        return await self.enclave.engine(method, *args, **kwargs)

    # Nothing that a user sends takes part in a start: GHSA-hfgr-h3vc-p6c2 was an image chosen in `user_options`.

    def _default_options_form(self) -> str:
        return ""

    async def get_options_form(self) -> str:
        """No form: a start needs no choice."""
        return ""

    def options_from_form(self, formdata: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - given and ignored
        """Ignore what was sent."""
        return {}

    def options_from_query(self, arguments_dict: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002 - as above
        """Ignore what was sent."""
        return {}

    async def rename(self, old_name: str, new_name: str) -> None:  # noqa: ARG002 - whatever the names are
        """Never: a workspace's name is its project, and its rights and its data hang on it. JupyterHub 6 asks here."""
        raise HTTPError(403, "A workspace is named by its project.")

    async def pull_image(self, image: str) -> None:
        """Never pull; and create from the content id seen now, so that a re-tagged image can't slip in between."""
        found = await self.docker("inspect_image", image)
        self._command = list(found["Config"]["Cmd"] or [])
        self.image = found["Id"]

    async def create_object(self) -> Any:
        """Ask for exactly the planned container. The gate makes the same plan, and refuses any other body."""
        if self.plan is None:
            raise RuntimeError("no container without a plan")
        body = container_body(self.plan, self.image, self._command, self.get_env())
        return await self.docker("create_container_from_config", body, self.object_name)

    async def create_certs(self) -> dict[str, str]:
        """None: the gate makes them, once it knows what it created. The plan says where they lie."""
        return {}

    async def move_certs(self, paths: dict[str, str]) -> dict[str, str]:
        """None to move."""
        return paths

    def _copy(self, plan: SpawnPlan) -> None:
        self.plan = plan
        self.image = plan.image
        self.object_name = plan.container
        self.network_name = plan.network
        self.cpu_limit = plan.limits.cpus
        self.mem_limit = plan.limits.memory
        self.environment = dict(plan.environment)

    async def start(self) -> str:
        """Start the workspace as planned, and wait until it answers.

        Raises:
            SpawnException: refused, with a sentence for the person.
        """
        self.user_options = dict[str, Any]()
        person, project = self.user.name, self.name
        try:
            plan = await asyncio.to_thread(self.enclave.workspaces.plan, person, project, self._others())
        except RefusedError as error:
            raise _exception(error.refused) from None
        try:
            self._copy(plan)
            ip, port = await super().start()
        except (DockerException, OSError, LookupError) as error:
            self.log.exception("start of %s/%s failed", person, project)
            refused = start_refusal(error, plan)
            await asyncio.to_thread(self.enclave.workspaces.refused, person, project, refused)
            raise _exception(refused) from None
        self._seen = True
        await asyncio.to_thread(self.enclave.workspaces.started, plan)
        await self._answering(ip, port)
        return f"https://{host_of(self.container_id, plan.network)}:{port}"

    def _others(self) -> list[str]:
        return [n for n, s in self.user.spawners.items() if n and n != self.name and s.active]

    async def _answering(self, host: str, port: int) -> None:
        """Wait, in short steps, until the server accepts connections.

        The hub's own wait doubles its pauses up to five seconds, so that a start takes seconds longer than it has to.
        """
        until = time.monotonic() + self.http_timeout
        ticks = 0
        while time.monotonic() < until:
            try:
                _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 1)
            except OSError:
                ticks += 1
            else:
                writer.close()
                return
            if ticks % 20 == 0 and await self._exited():
                return  # the hub's own check reports it, and `post_stop` keeps the log
            await asyncio.sleep(PROBE_SECONDS)

    async def _exited(self) -> bool:
        try:
            found = await self.docker("inspect_container", self.container_id)
        except NotFound:
            return True
        return not found["State"]["Running"]

    async def get_ip_and_port(self) -> tuple[str, int]:
        """The address on the project's network; there is no other."""
        found = await self.docker("inspect_container", self.container_id)
        return found["NetworkSettings"]["Networks"][self.network_name]["IPAddress"], self.port

    async def poll(self) -> int | str | None:
        """None while it runs. An engine that can't be asked raises: 500 is not taken for 'gone'."""
        try:
            found = await self.docker("inspect_container", self.object_name)
        except NotFound:
            self.object_id = ""
            return 0
        self.object_id = found["Id"]
        if not found["State"]["Running"]:
            return f"exit code {found['State']['ExitCode']}"
        self._seen = True
        return None

    async def stop_object(self) -> None:
        """Ask it to end, then end it."""
        self._stopping = True
        try:
            await self.docker("stop", self.container_id, timeout=STOP_SECONDS)
        except NotFound:
            self.log.info("%s is gone already", self.object_name)

    async def run_post_stop_hook(self) -> None:
        """Keep the log of one that ended by itself, remove what is left."""
        if self.object_name and not self._stopping:
            await self._keep_log()
            await self._remove_leftover()
        if self._seen:
            await asyncio.to_thread(self.enclave.workspaces.stopped, self.user.name, self.name, *self._end())
        self._stopping = self._seen = False
        self.end_reason = None

    def _end(self) -> tuple[str, str]:
        if self.end_reason is not None:
            return self.end_reason.reason.value, self.end_reason.message
        return ("asked", "") if self._stopping else ("ended", "The server ended by itself.")

    async def _keep_log(self) -> None:
        try:
            text: bytes = await self.docker("logs", self.object_name, tail=LOG_LINES, timestamps=True)
        except (NotFound, APIError):
            return
        folder = self.enclave.crash_logs
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        at = self.enclave.workspaces.clock().strftime("%Y%m%dT%H%M%SZ")
        (folder / f"{at}_{self.name}_{self.user.name}.log").write_bytes(text)
        for old in sorted(folder.glob("*.log"))[:-CRASH_LOGS]:
            old.unlink(missing_ok=True)

    async def _remove_leftover(self) -> None:
        try:
            await self.docker("remove_container", self.object_name, force=True, v=True)
        except NotFound:
            pass
        except APIError as error:
            self.log.warning("could not remove %s: %s", self.object_name, error.explanation)


def _exception(refused: Refused) -> SpawnException:
    status = 503 if refused.reason is Reason.START_FAILED else 403
    message = f"{refused.message} {refused.fix}".strip()
    exception = SpawnException(message, reason=refused.reason.value, status_code=status)
    exception.jupyterhub_message = message
    return exception
