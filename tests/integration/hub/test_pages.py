"""The hub's pages in a real browser: by keyboard alone, without a barrier, and nothing from elsewhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request

from chromium import chromium
from integration.hub.stack import PASSWORD, Stack

AXE = Path(__file__).parents[2] / "functional/node_modules/axe-core/axe.min.js"
RUN = "axe.run().then(r => JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)])))"


@pytest.fixture
def page(stack: Stack) -> Iterator[Page]:
    elsewhere: list[str] = []

    def note(request: Request) -> None:
        found = urlsplit(request.url)
        if found.scheme in ("http", "https") and f"{found.scheme}://{found.netloc}" != stack.url:
            elsewhere.append(request.url)

    with chromium() as browser:
        made = browser.new_page(ignore_https_errors=True)
        made.on("request", note)
        yield made
    assert elsewhere == []


def barriers(page: Page) -> list[object]:
    """What axe-core finds. It runs from outside of the page: the pages' own policy forbids other scripts."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text()})
    asked = {"expression": RUN, "awaitPromise": True, "returnByValue": True}
    found: list[object] = json.loads(session.send("Runtime.evaluate", asked)["result"]["value"])
    return found


def test_person_works_by_keyboard_on_pages_without_barriers(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/hub/home")
    assert page.title() == "Sign in · Écluse"
    assert barriers(page) == []
    page.get_by_label("Name").fill("cy")
    page.get_by_label("Password").fill("wrong-wrong-wrong")
    page.keyboard.press("Enter")
    assert (
        page.get_by_role("alert").inner_text() == "The name, the password or the code is not right. A code opens once."
    )
    assert barriers(page) == []
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/hub/home")
    assert barriers(page) == []
    page.get_by_role("link", name="Start alpha").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#told")
    assert barriers(page) == []
    page.wait_for_url("**/user/cy/alpha/**", timeout=90_000, wait_until="commit")
    page.goto(f"{stack.url}/hub/home")
    assert page.get_by_text("running").is_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="Stop alpha").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Start alpha").wait_for(timeout=30_000)
    for path in ("/hub/nosuch", "/hub/token", "/hub/user/cy/alpha/lab", "/hub/logout"):
        page.goto(f"{stack.url}{path}")
        assert barriers(page) == [], path
