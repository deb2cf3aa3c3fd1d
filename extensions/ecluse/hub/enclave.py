"""What the hub's parts share: one way to the engine, one source of policies."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import docker
from docker.errors import DockerException

from ecluse.steps.spawn import Workspaces

WORKERS = 4
ENGINE_SECONDS = 60
GATE_SECONDS = 20.0
"""How long the hub waits for a gate that starts together with it."""

MANY_GPUS = 8
"""The engine knows only that it has a runtime for GPUs. It refuses itself what it has not; a permit ends at 8."""


class Engine:
    """Calls docker's `APIClient` off the event loop, by way of the gate: the hub has no other way to the engine.

    DockerSpawner's own executor has one thread, so that one slow create holds up every other start.
    """

    def __init__(self, socket: Path, workers: int = WORKERS, patience: float = GATE_SECONDS) -> None:
        self._socket = socket
        self._patience = patience
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix="engine")
        self._client: docker.APIClient | None = None

    @property
    def client(self) -> docker.APIClient:
        """The client, made when first needed: the hub may start before the gate answers.

        The address is never taken from the environment.
        """
        if self._client is None:
            self._client = docker.APIClient(f"unix://{self._socket}", version="auto", timeout=ENGINE_SECONDS)
        return self._client

    def gpus(self) -> int:
        """How many GPUs the engine can hand out: as many as fit a permit if it has a runtime for them, else none.

        An engine that does not answer has none: the permit is then refused, not granted on trust.
        """
        until = time.monotonic() + self._patience
        while True:
            try:
                info = self.client.info()
                break
            except (DockerException, OSError):
                if time.monotonic() > until:
                    return 0
                time.sleep(0.2)
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
    crash_logs: Path
    problems: Callable[[], list[str]]
    """What is wrong with the last edit of the policies; empty if it is in force."""
    used: dict[str, int] = field(default_factory=dict)
    """Bytes by volume, as the gate last told."""
