"""The airlock as a web application: everything put together. The one module of the airlock that opens the store."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from ecluse.rules.settings import SettingsError
from ecluse.steps.desk import Airlock
from ecluse.steps.ports import Clock, Ports
from ecluse.store.blobs import FileBlobs
from ecluse.store.clock import utc_now
from ecluse.store.database import SqlDatabase, open_database, upgrade
from ecluse.store.keys import SecretError, read_release_key, read_secret
from ecluse.store.policy_files import PoliciesInvalidError, PolicyFolder
from ecluse.store.spool import FolderSpool

from .api import router as api
from .errors import add_errors
from .guard import BodyLimit, SecurityHeaders
from .hub import Hub, JupyterHub
from .identity import Doors
from .pages import add_pages
from .people import People
from .settings import BASE, AirlockSettings

log = logging.getLogger(__name__)

START_ERRORS = (SettingsError, SecretError, PoliciesInvalidError)
"""What keeps the airlock from starting, each with a message for who runs it."""

SETTLE_SECONDS = 0.25
"""How often answers of the checker are looked for."""


def create_app(settings: AirlockSettings, *, hub: Hub | None = None, clock: Clock = utc_now) -> FastAPI:
    """The airlock. `hub` and `clock` are the real ones unless a test brings its own.

    `app.state.desk` and `app.state.people` are what pages are made with.

    Raises:
        PoliciesInvalidError: without valid policies nobody may do anything, so nothing is served.
        SecretError: a secret is missing, or open to others.
    """
    doors = Doors(hub or JupyterHub(settings, read_secret(settings.secrets / "hub_token").decode()), clock)
    database, ports = open_ports(settings)
    desk, people = Airlock(ports, clock), People(doors, settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(_settle(desk))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            database.close()

    app = FastAPI(title="Airlock", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.desk, app.state.doors, app.state.people = desk, doors, people
    add_errors(app)
    app.include_router(api)
    people.add_to(app)
    add_pages(app, desk, people)

    @app.get(f"{BASE}/health")
    def health() -> dict[str, str]:
        ports.policies.current()
        with database.look() as look:
            look.requests.running()
        return {"status": "ok"}

    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    return app


def open_ports(settings: AirlockSettings) -> tuple[SqlDatabase, Ports]:
    """The real outside of the steps, and the database to close in the end."""
    policies = PolicyFolder(settings.policies)
    signer = read_release_key(settings.secrets / "release.key")
    upgrade(settings.database)
    database = open_database(settings.database)
    ports = Ports(
        database=database,
        blobs=FileBlobs(settings.quarantine),
        spool=FolderSpool(settings.spool),
        signer=signer,
        policies=policies,
    )
    return database, ports


async def _settle(desk: Airlock) -> None:
    """Move on what waits for no person, for as long as the airlock runs. One failure must not end it."""
    while True:
        try:
            await run_in_threadpool(desk.settle)
        except Exception:
            log.exception("settling checks and releases failed; it is tried again")
        await asyncio.sleep(SETTLE_SECONDS)
