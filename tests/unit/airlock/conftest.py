"""A running airlock."""

import pytest

from ecluse.airlock.app import create_app
from ecluse.airlock.settings import read_settings
from factories import enclave
from fake_hub import FakeHub
from unit.airlock.calls import Calls


@pytest.fixture
async def calls(tmp_path):
    with enclave(tmp_path) as lock:
        hub = FakeHub()
        app = create_app(read_settings({"ECLUSE_ROOT": str(tmp_path)}), hub=hub, clock=lock.clock)
        async with app.router.lifespan_context(app):
            made = Calls(lock, hub, app)
            yield made
            await made.close()
