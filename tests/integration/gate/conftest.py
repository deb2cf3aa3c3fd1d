"""One gate before the real engine for all tests of this folder."""

from collections.abc import Iterator

import pytest

from escape.house import House
from escape.house import house as open_house


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with open_house() as found:
        yield found
