"""A running enclave of its own for the functional tests, and a real browser to visit it."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from chromium import chromium

REPO = Path(__file__).parents[2]
sys.path.insert(0, str(REPO / "deploy"))

from client import Person  # noqa: E402 - deploy/ is no package
from enclave import Enclave  # noqa: E402

# The browser of this machine does not know the trial authority; `Person` proves each certificate with it.
TRIAL = {"ignore_https_errors": True}


@pytest.fixture(scope="session")
def enclave() -> Iterator[Enclave]:
    """An enclave made from nothing, and removed at the end with all that it made (kept with ECLUSE_TEST_KEEP=1)."""
    made = Enclave("ecluse-test", REPO / "build" / "test-enclave", 8099, "https://localhost:8099", "where-set")
    keep = os.environ.get("ECLUSE_TEST_KEEP") == "1"
    if not keep:
        made.clean()
    made.prepare()
    made.up()
    yield made
    if not keep:
        made.clean()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def visit(enclave: Enclave, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """`visit("reviewer-1")` is a page of a fresh browser in which that person has signed in at the hub's own page.

    Every request that leaves the enclave's address fails the test: no page loads anything from elsewhere.
    """
    contexts: list[BrowserContext] = []
    strays: list[str] = []
    own = (enclave.url, enclave.url.replace("http", "ws", 1), "data:", "blob:")

    def sign_in(person: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 860}, accept_downloads=True, **TRIAL)
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        context.on("request", lambda r: None if r.url.startswith(own) else strays.append(r.url))
        page.goto(f"{enclave.url}/hub/login")
        page.get_by_label("Name", exact=True).fill(person)
        page.get_by_label("Password", exact=True).fill(enclave.passwords()[person])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/hub/home")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert strays == []


@pytest.fixture
def person(enclave: Enclave) -> Iterator[Callable[[str], Person]]:
    """`person("researcher-1")` is that person signed in without a browser."""
    people: list[Person] = []

    def sign_in(name: str) -> Person:
        someone = Person(enclave.url, name, enclave.passwords()[name], enclave.trusted)
        people.append(someone)
        someone.sign_in()
        return someone

    yield sign_in
    for someone in people:
        someone.http.close()
