"""What holds for every test."""

from pathlib import Path

import pytest
from hypothesis import settings

# No test is timed: a busy machine is no fault of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

HERE = Path(__file__).parent
APART = {"escape", "images"}
"""Tests that attack and those that build share nothing with the others but the engine: a worker of their own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two groups for `--dist loadgroup`, so that what a folder's tests prepare is prepared once."""
    for item in items:
        apart = item.path.relative_to(HERE).parts[0] in APART
        item.add_marker(pytest.mark.xdist_group("apart" if apart else "together"))
