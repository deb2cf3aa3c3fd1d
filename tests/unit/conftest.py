"""Unit tests touch no network: sockets are blocked, and `test_sockets_are_blocked` proves it."""

import pytest
from hypothesis import settings
from pytest_socket import disable_socket

# No test is timed: a busy machine is no fault of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _no_sockets() -> None:
    disable_socket(allow_unix_socket=True)
