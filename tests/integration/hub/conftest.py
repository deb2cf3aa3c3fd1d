"""One hub for all tests of this folder; every test leaves it as it found it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.hub.stack import Person, Stack, images_present


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    if not images_present():
        pytest.fail("the images are not built: run deploy/images.sh")
    folder: Path = tmp_path_factory.mktemp("hub")
    for parent in (folder, *folder.parents):  # the services run as their own users
        if parent.owner() == "root" and str(parent).startswith(str(tmp_path_factory.getbasetemp().parent)):
            parent.chmod(0o755)
    made = Stack(folder)
    try:
        made.up()
        yield made
    finally:
        made.down()


@pytest.fixture
def ada(stack: Stack) -> Iterator[Person]:
    yield from _person(stack, "ada")


@pytest.fixture
def ben(stack: Stack) -> Iterator[Person]:
    yield from _person(stack, "ben")


@pytest.fixture
def cy(stack: Stack) -> Iterator[Person]:
    yield from _person(stack, "cy")


@pytest.fixture
def admin(stack: Stack) -> Iterator[Person]:
    yield from _person(stack, "admin")


@pytest.fixture
def alpha(stack: Stack, ada: Person) -> Person:
    """Ada, with her workspace of alpha running."""
    if not ada.ready("alpha"):
        ada.start("alpha")
    return ada


def _person(stack: Stack, name: str) -> Iterator[Person]:
    person = Person(stack, name)
    with person.http:
        assert person.sign_in().status_code == 200, stack.hub_log()
        yield person
