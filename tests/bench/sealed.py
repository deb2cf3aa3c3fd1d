"""How long a key takes until it is seen, and how many pictures a second scrolling shows; through the pane and without.

The real way: Chromium with noVNC, the pane, the X server, the browser inside, the Lab. A character is typed into a
console; it counts as seen when the canvas of the outer browser shows a change wider than a blinking caret. The other
way is a plain RFB client straight at the same X server's socket, without pane, encoding or browser: what the
workspace itself takes. Both type into the same console, by turns. The pane runs in this process; edge and proxy, which
only pass its bytes on, are not in the way.

Pictures are counted while the wheel turns over long output in that console: those in which the canvas differs from the
one before. The plain client counts after the outer browser is gone, so that it has the machine for itself.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from _measure import Measure, measure
from _raw_rfb import CARET, ROW, WHEEL_DOWN, WHEEL_UP, Raw
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from sealed_stand import Stand, stand

NAMES = ("sealed-latency", "sealed-frames")
KEYS = 20
LONGEST_MS = 100.0
"""A key that takes longer to be seen is felt; on a quiet machine."""
SLOWER = 2.0
"""How much longer a key may take than straight at the X server."""
FEWEST = 10.0
"""Pictures a second below which scrolling is seen to jump; on a quiet machine."""
SHARE = 0.5
"""Of what the plain client sees. It has the machine for itself; here pane and outer browser share it."""
SECONDS, ROUNDS, NOTCH = 4.0, 3, 0.01
AREA = (slice(150, 550), slice(400, 1100))
"""Rows and columns of the console's output."""
WATCH = """([top, height, caret]) => {
  const canvas = document.querySelector("#screen canvas"), context = canvas.getContext("2d");
  const read = () => context.getImageData(300, top, 900, height).data;
  const before = read();
  window.seen = new Promise((done) => {
    addEventListener("keydown", () => {
      const began = performance.now();
      const look = () => {
        const now = read();
        let left = 900, right = -1;
        for (let i = 0; i < now.length; i += 4) {
          if (now[i] !== before[i]) { const x = (i / 4) % 900; left = Math.min(left, x); right = Math.max(right, x); }
        }
        if (right - left > caret) done(performance.now() - began);
        else if (performance.now() - began > 5000) done(5000);
        else requestAnimationFrame(look);
      };
      look();
    }, { capture: true, once: true });
  });
}"""
COUNT = """([left, top, width, height]) => {
  const canvas = document.querySelector("#screen canvas"), context = canvas.getContext("2d");
  const read = () => new Uint32Array(context.getImageData(left, top, width, height).data.buffer);
  const began = performance.now();
  let before = read(), count = 0, over = false;
  const look = () => {
    const now = read();
    if (now.some((pixel, i) => pixel !== before[i])) { count += 1; before = now; }
    if (!over) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  window.counted = () => { over = true; return count / ((performance.now() - began) / 1000); };
}"""


def opened(page: Page, session: Stand) -> None:
    """A console in front whose kernel answers."""
    canvas = page.locator("#screen canvas")
    until = time.monotonic() + 260
    while "ready" not in session.inside("ls", "/home/researcher"):
        if time.monotonic() > until:
            raise TimeoutError("no console in 260 s")
        canvas.click(position={"x": 450, "y": 385})
        page.wait_for_timeout(8000)
        canvas.click(position={"x": 760, "y": 770})
        page.keyboard.type("open('ready.txt', 'w').write('ready')", delay=20)
        page.keyboard.press("Shift+Enter")
        page.wait_for_timeout(2000)
    canvas.click(position={"x": 760, "y": 770})
    page.wait_for_timeout(1000)


def filled(page: Page) -> None:
    """Long output in the console."""
    page.keyboard.press("Control+A")
    page.keyboard.type("for i in range(900): print(i, chr(65 + i % 26) * (20 + i % 50))", delay=10)
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(4000)


def through(page: Page, character: str) -> float:
    """Milliseconds from the key in the outer browser to the picture in it."""
    page.evaluate(WATCH, [ROW.start, ROW.stop - ROW.start, CARET])
    page.keyboard.press(character)
    return float(page.evaluate("() => window.seen"))


def scrolled(page: Page) -> float:
    """Pictures per second in the outer browser while the wheel turns, up and down by turns of eight."""
    rows, columns = AREA
    page.mouse.move((columns.start + columns.stop) // 2, (rows.start + rows.stop) // 2)
    page.evaluate(COUNT, [columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start])
    began, turns = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        page.mouse.wheel(0, -120 if turns % 16 < 8 else 120)
        turns += 1
        time.sleep(max(0.0, began + turns * NOTCH - time.perf_counter()))
    return float(page.evaluate("() => window.counted()"))


def run(progress: Callable[[str], None]) -> list[Measure]:
    """Keys by turns; then scrolling, through the pane and without."""
    ours: list[float] = []
    theirs: list[float] = []
    frames: list[float] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        Path(folder).chmod(0o755)
        with stand(Path(folder)) as session:
            chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = chromium.new_page(viewport={"width": 1280, "height": 860})
            page.set_default_timeout(120_000)
            page.goto(session.url)
            page.wait_for_timeout(15_000)
            progress("opening a console")
            opened(page, session)
            raw = Raw(session.sockets / "screen.sock")
            for number in range(KEYS):
                progress(f"key {number + 1} of {KEYS}")
                page.wait_for_timeout(300)
                ours.append(through(page, "abcdefghij"[number % 10]))
                raw.settle()
                theirs.append(raw.latency("mnopqrstuv"[number % 10]))
            progress("scrolling")
            filled(page)
            frames += [scrolled(page) for _ in range(ROUNDS)]
            chromium.close()
            raw.settle()
            notches = [WHEEL_UP] * 8 + [WHEEL_DOWN] * 8
            plainly = [raw.frames(AREA, SECONDS, NOTCH, notches) for _ in range(ROUNDS)]
    key, plain = statistics.median(ours), statistics.median(theirs)
    straight = "plain RFB client at the X server"
    latency = measure("sealed-latency", key, "ms", straight, plain, SLOWER)
    latency["holds"] = latency["holds"] and key <= LONGEST_MS
    rate, possible = statistics.median(frames), statistics.median(plainly)
    pictures = measure("sealed-frames", rate, "1/s", straight, possible, SHARE, most=False)
    pictures["holds"] = pictures["holds"] and rate >= FEWEST
    return [latency, pictures]
