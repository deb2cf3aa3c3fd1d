"""The airlock's pages on loopback, with the real store, and visitors with real browsers."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from airlock_house import House, build

FOLDER = Path(__file__).parents[1]
BASE = "/services/airlock"

Visit = Callable[..., Page]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[House, str]]:
    """An airlock of its own for each test, and its address."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    house = build(tmp_path / "airlock", origin)
    server = uvicorn.Server(uvicorn.Config(house.app, host="127.0.0.1", port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    assert server.started
    yield house, f"{origin}{BASE}"
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def house(served: tuple[House, str]) -> House:
    return served[0]


@pytest.fixture
def url(served: tuple[House, str]) -> str:
    return served[1]


@pytest.fixture
def visit(served: tuple[House, str], browser: Browser) -> Iterator[Visit]:
    """`visit("rev", "/requests/alpha-1")`: a page of a fresh browser in which that person is signed in.

    Every request to another origin fails the test: no page loads anything from elsewhere.
    """
    house, url = served
    origin = urlsplit(url).netloc
    contexts: list[BrowserContext] = []
    strays: list[str] = []
    dialogs: list[str] = []

    def go(person: str, path: str = "/", **options: object) -> Page:
        house.hub.person = person
        context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        context.on(
            "request",
            lambda r: strays.append(r.url) if urlsplit(r.url).netloc not in (origin, "") else None,
        )
        page = context.new_page()
        page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
        page.goto(f"{url}/")
        if path != "/":
            page.goto(f"{url}{path}")
        return page

    yield go
    for context in contexts:
        context.close()
    assert strays == []
    assert dialogs == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, from the locked npm package."""
    script = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
    if not script.exists():
        npm = Path(sys.executable).parent / "npm"
        subprocess.run([npm, "ci"], cwd=FOLDER, check=True, capture_output=True, timeout=120)
    return script.read_text(encoding="utf-8")


@pytest.fixture
def violations(axe: str) -> Callable[[Page], list[str]]:
    """What axe-core finds wrong with a page, one line per rule and element."""

    def look(page: Page) -> list[str]:
        page.evaluate(axe)
        found = page.evaluate(
            """async () => (await axe.run(document, {iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a',
            'wcag21aa', 'wcag22aa', 'best-practice']})).violations.flatMap(v => v.nodes.map(n =>
            `${v.id}: ${n.html.slice(0, 160)} (${(n.any[0] || n.all[0] || n.none[0] || {}).message || ''})`))"""
        )
        assert isinstance(found, list)
        return [str(line) for line in found]

    return look
