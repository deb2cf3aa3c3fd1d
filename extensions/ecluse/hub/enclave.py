"""What the hub's parts share: one engine, one set of networks, one source of policies."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import docker
from docker.errors import DockerException
from docker.utils import kwargs_from_env

from ecluse.steps.spawn import Workspaces

from .networks import ProjectNetworks

WORKERS = 4
ENGINE_SECONDS = 60
MANY_GPUS = 8
"""The engine knows only that it has a runtime for GPUs. It refuses itself what it has not; a permit ends at 8."""


class Engine:
    """Calls docker's `APIClient` off the event loop.

    DockerSpawner's own executor has one thread, so that one slow create holds up every other start.
    """

    def __init__(self, workers: int = WORKERS) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="engine")
        self._client: docker.APIClient | None = None

    @property
    def client(self) -> docker.APIClient:
        """The client, made when first needed: the hub starts before the engine answers."""
        if self._client is None:
            self._client = docker.APIClient(version="auto", timeout=ENGINE_SECONDS, **kwargs_from_env())
        return self._client

    def gpus(self) -> int:
        """How many GPUs the engine can hand out: as many as fit a permit if it has a runtime for them, else none.

        An engine that does not answer has none: the permit is then refused, not granted on trust.
        """
        try:
            info = self.client.info()
        except (DockerException, OSError):
            return 0
        return MANY_GPUS if "nvidia" in (info.get("Runtimes") or {}) else 0

    async def __call__(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method of the client by name."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, partial(self._call, method, args, kwargs))

    def _call(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return getattr(self.client, method)(*args, **kwargs)


@dataclass(frozen=True)
class Enclave:
    """One enclave, as the hub sees it."""

    workspaces: Workspaces
    engine: Engine
    networks: ProjectNetworks
    crash_logs: Path
    problems: Callable[[], list[str]]
    """What is wrong with the last edit of the policies; empty if it is in force."""
