import pytest

from factories import enclave


@pytest.fixture
def lock(tmp_path):
    """An airlock on real files and a real database."""
    with enclave(tmp_path) as made:
        yield made
