"""A gate over a fake engine, plain and with sealed sessions."""

from pathlib import Path

import pytest

from policies import SEALED, policies
from unit.gate.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(policies(tmp_path), tmp_path)


@pytest.fixture
def sealed(tmp_path: Path) -> House:
    return House(policies(tmp_path, **SEALED), tmp_path)
