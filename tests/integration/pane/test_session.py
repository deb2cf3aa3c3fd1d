"""A person at a sealed session: a real Chromium looks through the pane at the Lab of the real image."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from chromium import chromium
from ecluse.pane.screen import STRENGTH
from sealed_stand import Stand, stand

AXE = Path(__file__).parents[2] / "functional/node_modules/axe-core/axe.min.js"
WHITE = """() => {
  const canvas = document.querySelector("#screen canvas");
  if (!canvas || !canvas.width) return 0;
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let bright = 0;
  for (let i = 0; i < data.length; i += 4) bright += data[i] > 200 && data[i + 1] > 200 && data[i + 2] > 200;
  return bright / (data.length / 4);
}"""
"""Share of the screen that is bright: the Lab is, an empty X screen is not."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("sealed")
    with stand(folder, paste=True) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def page(session: Stand, browser: Browser) -> Iterator[Page]:
    """The pane's page, with the Lab to be seen; nothing is loaded from elsewhere, and no script fails."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    made = context.new_page()
    made.set_default_timeout(60_000)
    problems: list[str] = []
    # axe tries to evaluate text, and takes it well that the page forbids it.
    made.on("pageerror", lambda e: None if "Content Security Policy" in str(e) else problems.append(str(e)))
    own = (session.url.split("/user")[0], "data:", "blob:")
    made.on("request", lambda r: None if r.url.startswith(own) else problems.append(r.url))
    made.goto(session.url)
    until = time.monotonic() + 180
    while made.evaluate(WHITE) < 0.6:
        assert time.monotonic() < until, "the Lab is not to be seen"
        time.sleep(0.5)
    yield made
    context.close()
    assert problems == []


def comes_true(page: Page, expression: str, seconds: float = 30) -> bool:
    """Wait until an expression in the page is true. Playwright's own waiting evaluates text, which the page forbids."""
    until = time.monotonic() + seconds
    while not page.evaluate(expression):
        if time.monotonic() > until:
            return False
        page.wait_for_timeout(200)
    return True


def files(session: Stand) -> str:
    return session.inside("sh", "-c", "cd /home/researcher; ls; cat *.txt 2>/dev/null; true")


def written(session: Stand, name: str, text: str) -> bool:
    """Wait until a file of the workspace holds the text."""
    until = time.monotonic() + 40
    while time.monotonic() < until:
        if session.inside("sh", "-c", f"cat /home/researcher/{name} 2>/dev/null || true") == text:
            return True
        time.sleep(0.5)
    return False


@pytest.fixture(scope="module")
def console(session: Stand, page: Page) -> Page:
    """A console of the Lab in front, opened with the pointer and keys alone; its kernel answers."""
    until = time.monotonic() + 150
    while "ready" not in files(session):
        assert time.monotonic() < until, "no console"
        page.locator("#screen canvas").click(position={"x": 450, "y": 385})  # "Console" of the launcher
        page.wait_for_timeout(8000)
        run(page, "open('ready.txt', 'w').write('ready')")
        page.wait_for_timeout(2000)
    return page


def run(page: Page, code: str) -> None:
    """Type a line into the console, and run it."""
    page.locator("#screen canvas").click(position={"x": 760, "y": 770})
    page.keyboard.type(code, delay=15)
    page.keyboard.press("Shift+Enter")


def test_what_is_typed_runs_inside_and_its_result_is_seen(session: Stand, console: Page) -> None:
    run(console, "print('x'); open('typed.txt', 'w').write(str(6 * 7))")
    assert written(session, "typed.txt", "42")
    before = console.evaluate(WHITE)
    run(console, "from IPython.display import SVG")
    run(
        console,
        'SVG(\'<svg width="600" height="300"><rect width="600" height="300"/></svg>\')',
    )
    until = time.monotonic() + 30
    while console.evaluate(WHITE) > before - 0.08:  # a black picture of 600 × 300
        assert time.monotonic() < until
        time.sleep(0.3)


def test_watermark_lies_over_the_pixels(page: Page) -> None:
    mark = 255 ^ (STRENGTH & 255)
    count = page.evaluate(
        """(mark) => {
          const canvas = document.querySelector("#screen canvas");
          const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
          let found = 0;
          const marked = (i) => data[i] === mark && data[i + 1] === mark && data[i + 2] === mark;
          for (let i = 0; i < data.length; i += 4) found += marked(i);
          return found;
        }""",
        mark,
    )
    assert count > 2000


def test_clipboard_inside_never_comes_out(session: Stand, console: Page) -> None:
    console.evaluate("() => { window.seen = []; document.addEventListener('clipboard', (e) => seen.push(e), true); }")
    sent: list[bytes] = []
    console.on("websocket", lambda socket: socket.on("framereceived", lambda data: sent.append(bytes(data))))
    console.reload()
    console.wait_for_selector("#screen canvas")
    console.wait_for_timeout(2000)
    run(console, "'secret-in-the-clipboard'")
    console.keyboard.type("'secret-in-the-clipboard'")
    console.keyboard.press("Control+a")
    console.keyboard.press("Control+c")
    console.wait_for_timeout(2000)
    console.keyboard.press("Delete")
    assert len(sent) > 3
    assert not any(b"secret-in-the-clipboard" in data for data in sent)
    # After the handshake every message of the pane is an update: type 0.
    assert {data[0] for data in sent[4:]} == {0}


def test_text_is_pasted_in_where_the_policy_allows_it(session: Stand, console: Page) -> None:
    console.get_by_role("button", name="Paste text in").click()
    console.get_by_label("Text, at most 64 KiB").fill("open('pasted.txt', 'w').write('from outside')")
    console.get_by_role("button", name="Send").click()
    console.wait_for_timeout(500)
    console.locator("#screen canvas").click(position={"x": 760, "y": 770})
    console.keyboard.press("Control+v")
    console.wait_for_timeout(500)
    console.keyboard.press("Shift+Enter")
    assert written(session, "pasted.txt", "from outside")


def test_keyboard_leaves_the_screen_and_page_is_accessible(page: Page) -> None:
    page.locator("#screen canvas").click(position={"x": 600, "y": 5})
    page.keyboard.press("F6")
    assert page.evaluate("document.activeElement.id") == "enter"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "paste"
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).join()))")
    assert found == []


def test_screen_follows_the_window(page: Page) -> None:
    page.set_viewport_size({"width": 1000, "height": 700})
    assert comes_true(page, "document.querySelector('#screen canvas').width === 1000")
    page.set_viewport_size({"width": 1280, "height": 860})
    assert comes_true(page, "document.querySelector('#screen canvas').width === 1280")


def test_whoever_may_no_longer_look_is_cut_off(session: Stand, page: Page) -> None:
    session.hub.tokens.clear()
    assert comes_true(page, "document.querySelector('#said').textContent.includes('signed out')")
    assert httpx.get(session.url, cookies={"ecluse-pane": "x"}).status_code == 302
    session.hub.tokens.add("token-of-ada")


def test_session_ends_with_the_lab(session: Stand) -> None:
    session.inside(
        "sh",
        "-c",
        "kill $(cat /tmp/jupyter/jpserver-*.json | python -c 'import json, sys; print(json.load(sys.stdin)[\"pid\"])')",
    )
    until = time.monotonic() + 30
    from sealed_stand import docker

    while docker("inspect", "-f", "{{.State.Running}}", session.container) == "true":
        assert time.monotonic() < until
        time.sleep(0.5)
