"""Unit tests touch no network: sockets are blocked, and `test_sockets_are_blocked` proves it."""

import pytest
from pytest_socket import disable_socket


@pytest.fixture(autouse=True)
def _no_sockets() -> None:
    disable_socket(allow_unix_socket=True)
