"""Starts the gate: opens policies, database and engine, listens, and keeps the networks.

The one module of the gate that knows the store. `python -m ecluse.gate.app` serves.
"""

import logging
import os
import time
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import docker

from ecluse.rules.papers import TRUSTED
from ecluse.rules.workspace import SpawnSettings
from ecluse.steps.gate import GateLog
from ecluse.store.certificates import Pair
from ecluse.store.clock import utc_now
from ecluse.store.database import open_database
from ecluse.store.events import DatabaseAuditLog
from ecluse.store.files import write_private
from ecluse.store.papers import AUTHORITY, AUTHORITY_KEY, sign_workspace
from ecluse.store.policy_files import PolicyFolder

from .disk import FullDisks, Usage
from .ending import Endings
from .gate import Gate, every
from .networks import ProjectNetworks
from .papers import Papers
from .places import PlacesFile
from .settings import GateSettings, read_settings
from .wire import GateServer
from .workspaces import GatedWorkspaces

ENGINE_SECONDS = 60
MANY_GPUS = 8
EVERY = 2.0


def open_gate(settings: GateSettings) -> GateServer:
    """Everything, wired together and listening; `serve_forever` then answers.

    Raises:
        PoliciesInvalidError: the policies are not valid: without policies nothing passes.
        DockerException: the engine does not answer.
    """
    policies = PolicyFolder(settings.policies)
    engine = docker.APIClient(base_url=settings.engine, version="auto", timeout=ENGINE_SECONDS)
    audit = DatabaseAuditLog(open_database(settings.database), utc_now)
    log = GateLog(audit, policies, time.monotonic)
    gpus = settings.gpus
    if gpus == "auto":
        gpus = MANY_GPUS if "nvidia" in (engine.info().get("Runtimes") or {}) else 0
    spawn = SpawnSettings(
        name=settings.name, host_root=settings.host_root, gpus=gpus, idle_minutes=settings.idle_minutes
    )
    told = PlacesFile(settings.places).write
    networks = ProjectNetworks(engine, settings.name, settings.subnets, settings.subnet_bits, told)
    usage = Usage(engine, settings.name)
    workspaces = GatedWorkspaces(
        engine, policies, utc_now, spawn, networks, log, open_papers(settings), full=usage.refusal
    )
    endings = Endings(engine, settings.name, policies, utc_now, workspaces, log)
    server = GateServer(settings.socket, Gate(engine, workspaces, usage), log.refused)
    every(EVERY, networks.tend, endings.look, log.catch_up)
    full = FullDisks(engine, settings.name, policies, usage, workspaces, log)
    every(settings.measure_seconds, full.look)
    return server


def open_papers(settings: GateSettings) -> Papers:
    """What signs for workspaces. Without its authority nothing can be created, so the gate does not start.

    Raises:
        OSError: a file of the authority is missing; `deploy/enclave.py prepare` writes it.
    """
    read = {name: (settings.secrets / name).read_bytes() for name in (AUTHORITY, AUTHORITY_KEY, TRUSTED)}
    authority = Pair(read[AUTHORITY], read[AUTHORITY_KEY])

    def sign(host: str, life: timedelta) -> tuple[bytes, bytes]:
        made = sign_workspace(authority, host, utc_now(), life)
        return made.certificate, made.key

    write = partial(write_private, owner=-1, group=settings.readers, mode=0o440)
    return Papers(settings.papers, read[TRUSTED], sign, write, settings.readers)


def main(environment: Mapping[str, str] = os.environ) -> None:
    """Command line."""
    settings = read_settings(environment)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    with open_gate(settings) as server:
        logging.getLogger(__name__).info("the gate is open for workspaces of '%s'", settings.name)
        server.serve_forever()


if __name__ == "__main__":
    main()
