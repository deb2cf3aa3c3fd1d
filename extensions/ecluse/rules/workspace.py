"""What a workspace is started with: image, mounts, network, limits.

Decides everything about the container of one (person, project); the spawner only copies it. Worked example: `ada`
leads `alpha`, whose permit grants the dataset `claims`. The plan mounts `<root>/extracts/alpha/current/claims` on
`/data/claims` read-only, the volume `ecluse_project_alpha` on `/project`, the volume `ecluse_home_alpha_ada` on
`/home/researcher`, its own key and certificate on `/run/ecluse` read-only, and nothing else; it joins the network
`ecluse-project-alpha` and drops every capability.
If `alpha` asked for a GPU and the machine has none, the answer is `Refused(NO_GPU)` and nothing starts.

A sealed project has two containers. What the proxy leads to is the pane, which has no data; `inside` is the plan of
the workspace behind it, which has no network at all. They share a folder of sockets: pixels come out of it, keys go in.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from .names import DatasetId, PersonId, ProjectId, Strict
from .outcome import Reason, Refused
from .papers import ENVIRONMENT, PAPERS, TRUSTED, papers_folder
from .permit import user_can_work
from .policy import Image, ImageUse, Policies, image_use
from .project import Project, Tier

HOME = "/home/researcher"
PROJECT = "/project"
DATA = "/data"
RUNTIME = "/tmp/jupyter"  # noqa: S108 - inside the container, on a tmpfs of its own
PORT = 8888
USER = "1000:1000"
PANE_USER = "10004:1000"
SOCKETS = "/run/pane"
"""Where a sealed workspace and its pane meet."""
NO_NETWORK = "none"
INSIDE_AIRLOCK = "http://127.0.0.1:8082/services/airlock"
"""What a sealed workspace takes for the airlock: a forwarder of its own, which leads to the pane."""
NOWHERE = "192.0.2.1"
"""TEST-NET-1 (RFC 5737). The engine's resolver forwards what it can't answer to the container's name servers, also
from an internal network (CVE-2024-29018); one that nobody routes to turns that into silence."""

LABEL = "org.ecluse"

Name = Annotated[str, Field(pattern=r"^[a-z](?:-?[a-z0-9])*$", max_length=20)]


class SpawnSettings(Strict):
    """What a plan needs to know of the machine. `gpus` is the number that the engine can hand out."""

    name: Name = "ecluse"
    host_root: Annotated[str, Field(pattern=r"^/", max_length=500)]
    gpus: int = Field(default=0, ge=0)
    airlock_url: str = "https://proxy:8000/services/airlock"
    packages_url: str = "https://mirror:8083/simple/"
    idle_minutes: int = Field(default=60, ge=5, description="a kernel that does nothing for so long is ended")
    tmp_mib: int = Field(default=1024, ge=64)
    open_files: int = Field(default=16_384, ge=1024, description="an engine can't give more than it has itself")


class MountKind(StrEnum):
    """Kinds of mount that a plan knows. There is no other way for host content into a workspace."""

    BIND = "bind"
    VOLUME = "volume"


class Mount(Strict):
    """One mount."""

    kind: MountKind
    source: str
    target: str
    read_only: bool


class Limits(Strict):
    """Limits of the container. Memory in bytes; swap is none (memory and swap together equal memory)."""

    cpus: float
    memory: int
    pids: int
    open_files: int
    tmp: int
    shared_memory: int
    hours: float


class SpawnPlan(Strict):
    """The whole of one workspace. What is not in here, the workspace does not get."""

    project: ProjectId
    person: PersonId
    container: str
    image: str = Field(description="content id where images.yaml pins one, else the reference")
    mounts: tuple[Mount, ...]
    network: str
    user: str = USER
    limits: Limits
    gpus: int
    environment: dict[str, str]
    arguments: tuple[str, ...]
    labels: dict[str, str]
    dns: tuple[str, ...] = (NOWHERE,)
    read_only_root: bool = True
    dropped: tuple[str, ...] = ("ALL",)
    no_new_privileges: bool = True
    inside: "SpawnPlan | None" = Field(default=None, description="the workspace behind the pane of a sealed project")


def plan_workspace(
    policies: Policies,
    person: str,
    project: str,
    now: datetime,
    settings: SpawnSettings,
    *,
    running: Collection[str] = (),
) -> SpawnPlan | Refused:
    """The plan of the person's workspace in the project, or why there is none.

    `running` names the projects in which the person has a workspace already.
    """
    verdict = user_can_work(policies, person, project, now)
    if isinstance(verdict, Refused):
        return verdict
    what = policies.projects[project]
    image = policies.images.get(what.workspace.image)
    if image is None:
        return Refused(
            Reason.IMAGE_NOT_ALLOWED,
            f"Project '{project}' asks for the image '{what.workspace.image}', which is not allowed.",
            "An administrator adds it to images.yaml, or the project chooses another.",
        )
    # A refusal is false: `or` would pass over it.
    refusals = (_tier_refusal(policies, what, image, running), _gpu_refusal(what, image, settings))
    found = next((r for r in refusals if r is not None), None)
    if found is not None:
        return found
    plan = _plan(what, person, image, settings)
    pane = pane_image(policies)
    return plan if what.tier is not Tier.SEALED or pane is None else _sealed(what, plan, pane)


def pane_image(policies: Policies) -> Image | None:
    """The image of panes, if this enclave has sealed sessions."""
    return next((i for _, i in sorted(policies.images.items()) if i.use is ImageUse.PANE), None)


def project_volume(name: str, project: str) -> str:
    """Name of the volume that members of a project share, in the enclave `name`."""
    return f"{name}_project_{project}"


def home_volume(name: str, project: str, person: str) -> str:
    """Name of the volume of a person's home in a project."""
    return f"{name}_home_{project}_{person}"


def pane_volume(name: str, project: str, person: str) -> str:
    """Name of the volume in which a sealed workspace and its pane meet."""
    return f"{name}_pane_{project}_{person}"


def project_network(name: str, project: str) -> str:
    """Name of a project's network in the enclave `name`."""
    return f"{name}-project-{project}"


def project_of_network(name: str, network: str) -> str | None:
    """The project that a network of the enclave `name` belongs to, or None for any other network."""
    prefix = project_network(name, "")
    return network.removeprefix(prefix) if network.startswith(prefix) else None


def _tier_refusal(policies: Policies, project: Project, image: Image, running: Collection[str]) -> Refused | None:
    if project.tier is Tier.SEALED and pane_image(policies) is None:
        # A sealed project's data must not reach a browser as anything but pixels: never fall back to a plain start.
        return Refused(
            Reason.TIER_NOT_AVAILABLE,
            f"Project '{project.id}' is sealed, and this enclave has no sealed sessions.",
            "Ask an administrator for an enclave with sealed sessions, or for another tier.",
        )
    if image.use is not image_use(project):
        return Refused(
            Reason.IMAGE_NOT_ALLOWED,
            f"The image of project '{project.id}' is for use '{image.use}', and not for tier '{project.tier}'.",
            f"Choose an image with `use: {image_use(project)}` in the project's file.",
        )
    others = sorted(p for p in running if p != project.id)
    strict = [p for p in others if _is_sensitive(policies, p)]
    if others and (project.tier is not Tier.STANDARD or strict):
        # One person's projects share a browser origin: a page planted in one could act on the other.
        return Refused(
            Reason.OTHER_PROJECT_RUNNING,
            f"Your workspace of project '{(strict or others)[0]}' is running, and sensitive projects run alone.",
            "Stop that workspace, then start this one.",
        )
    return None


def _is_sensitive(policies: Policies, project: str) -> bool:
    found = policies.projects.get(project)
    return found is None or found.tier is not Tier.STANDARD


def _gpu_refusal(project: Project, image: Image, settings: SpawnSettings) -> Refused | None:
    wanted = project.workspace.gpus
    if wanted and not image.gpu:
        return Refused(
            Reason.IMAGE_NOT_ALLOWED,
            f"Project '{project.id}' has a GPU, but its image '{project.workspace.image}' can't use one.",
            "Choose an image with `gpu: true` in the project's file.",
        )
    if wanted > settings.gpus:
        has = "has none" if settings.gpus == 0 else f"has {settings.gpus}"
        return Refused(
            Reason.NO_GPU,
            f"The permit of project '{project.id}' asks for {wanted} GPU{'s' if wanted > 1 else ''}, "
            f"but this machine {has}.",
            "Ask an administrator for a machine with GPUs, or set `gpus: 0` in the project's file.",
        )
    return None


def _plan(project: Project, person: str, image: Image, settings: SpawnSettings) -> SpawnPlan:
    spec = project.workspace
    memory = spec.memory_mib * 1024 * 1024
    # Ids hold no underscore, so two pairs never share a name.
    container = f"{settings.name}_{project.id}_{person}"
    return SpawnPlan(
        project=project.id,
        person=person,
        container=container,
        image=image.digest or image.reference,
        mounts=(*_mounts(project, person, settings), _papers(settings, container)),
        network=project_network(settings.name, project.id),
        limits=Limits(
            cpus=spec.cpus,
            memory=memory,
            pids=spec.pids,
            open_files=settings.open_files,
            tmp=min(settings.tmp_mib * 1024 * 1024, memory // 2),
            shared_memory=max(64 * 1024 * 1024, memory // 4),
            hours=spec.hours,
        ),
        gpus=spec.gpus,
        environment={
            "HOME": HOME,
            "JUPYTER_RUNTIME_DIR": RUNTIME,
            "ECLUSE_PROJECT": project.id,
            "ECLUSE_PERSON": person,
            "ECLUSE_AIRLOCK_URL": settings.airlock_url,
            "ECLUSE_TERMINALS": "1" if spec.terminals else "0",
            **ENVIRONMENT,
            **_pip(settings.packages_url),
        },
        arguments=_arguments(settings),
        labels={
            f"{LABEL}.enclave": settings.name,
            f"{LABEL}.project": project.id,
            f"{LABEL}.person": person,
        },
    )


def _sealed(project: Project, plan: SpawnPlan, image: Image) -> SpawnPlan:
    """The pane before a workspace: all that the proxy can reach, and nothing of the data. The workspace goes inside."""
    prefix = plan.container.removesuffix(f"_{project.id}_{plan.person}")
    volume = pane_volume(prefix, project.id, plan.person)
    sockets = Mount(kind=MountKind.VOLUME, source=volume, target=SOCKETS, read_only=False)
    papers = tuple(m for m in plan.mounts if m.target == PAPERS)
    kept = {n: v for n, v in plan.environment.items() if n not in ENVIRONMENT and n != "PIP_CERT"}
    inside = plan.model_copy(
        update={
            "container": f"{plan.container}_inside",
            # Nobody reaches it and it reaches nobody: it has no name to prove.
            "mounts": (*(m for m in plan.mounts if m.target != PAPERS), sockets),
            "network": NO_NETWORK,
            "environment": {**kept, "ECLUSE_AIRLOCK_URL": INSIDE_AIRLOCK, "PIP_NO_INDEX": "1"},
            "labels": {**plan.labels, f"{LABEL}.inside": "true"},
        }
    )
    mebibyte = 1024 * 1024
    return plan.model_copy(
        update={
            "image": image.digest or image.reference,
            "mounts": (sockets, *papers),
            "user": PANE_USER,
            "limits": Limits(
                cpus=1.0,
                memory=512 * mebibyte,
                pids=64,
                open_files=1024,
                tmp=64 * mebibyte,
                shared_memory=64 * mebibyte,
                hours=plan.limits.hours,
            ),
            "gpus": 0,
            "environment": {
                "HOME": "/tmp",  # noqa: S108 - inside the container
                "ECLUSE_PROJECT": project.id,
                "ECLUSE_PERSON": plan.person,
                "ECLUSE_AIRLOCK_URL": plan.environment["ECLUSE_AIRLOCK_URL"],
                "ECLUSE_PASTE": "1" if project.workspace.paste else "0",
                **ENVIRONMENT,
            },
            "arguments": (),
            "inside": inside,
        }
    )


def _pip(url: str) -> dict[str, str]:
    """Settings of pip: the mirror is the one index. It may take minutes over a large file that nobody had before."""
    return {
        "PIP_INDEX_URL": url,
        "PIP_CERT": f"{PAPERS}/{TRUSTED}",
        "PIP_DEFAULT_TIMEOUT": "300",
        "PIP_ONLY_BINARY": ":all:",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }


def _mounts(project: Project, person: str, settings: SpawnSettings) -> tuple[Mount, ...]:
    extract = f"{settings.host_root.rstrip('/')}/extracts/{project.id}/current"
    data = [_data_mount(extract, dataset) for dataset in sorted(project.permit)]
    shared = Mount(
        kind=MountKind.VOLUME,
        source=project_volume(settings.name, project.id),
        target=PROJECT,
        read_only=False,
    )
    private = Mount(
        kind=MountKind.VOLUME,
        source=home_volume(settings.name, project.id, person),
        target=HOME,
        read_only=False,
    )
    return (*data, shared, private)


def _papers(settings: SpawnSettings, container: str) -> Mount:
    source = papers_folder(settings.host_root, container)
    return Mount(kind=MountKind.BIND, source=source, target=PAPERS, read_only=True)


def _data_mount(extract: str, dataset: DatasetId) -> Mount:
    return Mount(kind=MountKind.BIND, source=f"{extract}/{dataset}", target=f"{DATA}/{dataset}", read_only=True)


def _arguments(settings: SpawnSettings) -> tuple[str, ...]:
    """Options of the Jupyter server.

    Kernels listen on sockets of the file system (`ipc`): on TCP every other process of the network could try them.
    Idleness is judged here, where it is known whether a kernel is busy: a silent computation of hours is not idle.
    The server ends once its last idle kernel is gone; the session's length is enforced from outside.
    """
    seconds = settings.idle_minutes * 60
    return (
        "--KernelManager.transport=ipc",
        f"--MappingKernelManager.cull_idle_timeout={seconds}",
        "--MappingKernelManager.cull_interval=60",
        "--MappingKernelManager.cull_connected=True",
        "--MappingKernelManager.cull_busy=False",
        f"--TerminalManager.cull_inactive_timeout={seconds}",
        f"--ServerApp.shutdown_no_activity_timeout={seconds}",
    )
