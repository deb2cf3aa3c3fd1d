"""How long a key takes until it is seen, through the pane and without it.

The real way: Chromium with noVNC, the pane, the X server, the browser inside, the Lab. A character is typed into a
console; it counts as seen when the canvas of the outer browser shows a change wider than a blinking caret. The other
way is a plain RFB client straight at the same X server's socket, without pane, encoding or browser: what the
workspace itself takes. Both type into the same console, by turns. The pane runs in this process; edge and proxy, which
only pass its bytes on, are not in the way.
"""

import socket
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from _measure import Measure, measure
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from sealed_stand import Stand, stand

NAMES = ("sealed-latency",)
KEYS = 20
LONGEST_MS = 100.0
"""A key that takes longer to be seen is felt; on a quiet machine."""
SLOWER = 2.0
"""How much longer a key may take than straight at the X server."""
CARET = 4
"""Pixels: a caret is narrower, a character wider."""
ROW = slice(755, 785)
"""Rows of the console's prompt, at 1280 × 828."""
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


class Raw:
    """A plain RFB client at the X server's socket: raw pixels, nothing in between."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self._read(12)
        self.socket.sendall(b"RFB 003.008\n")
        self._read(self._read(1)[0])
        self.socket.sendall(b"\x01")
        self._read(4)
        self.socket.sendall(b"\x01")
        self.width, self.height = struct.unpack(">HH", self._read(4))
        self._read(16)
        self._read(struct.unpack(">I", self._read(4))[0])
        self.pixels = np.zeros((self.height, self.width, 4), np.uint8)
        self.socket.sendall(struct.pack(">BxHi", 2, 1, 0))
        self.ask(everything=True)
        self.update()

    def _read(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise EOFError("the X server is gone")
            data += piece
        return bytes(data)

    def ask(self, *, everything: bool = False) -> None:
        """Ask for an update."""
        self.socket.sendall(struct.pack(">BBHHHH", 3, not everything, 0, 0, self.width, self.height))

    def key(self, character: str) -> None:
        """Press and release."""
        self.socket.sendall(b"".join(struct.pack(">BBxxI", 4, down, ord(character)) for down in (1, 0)))

    def update(self) -> None:
        """Take one update in, and ask for the next."""
        while (kind := self._read(1)[0]) != 0:
            if kind == 3:
                self._read(struct.unpack(">3xi", self._read(7))[0])
        for _ in range(struct.unpack(">xH", self._read(3))[0]):
            x, y, width, height, _ = struct.unpack(">HHHHi", self._read(12))
            given = np.frombuffer(self._read(width * height * 4), np.uint8).reshape(height, width, 4)
            self.pixels[y : y + height, x : x + width] = given
        self.ask()

    def latency(self, character: str) -> float:
        """Milliseconds until the character is in the pixels."""
        before = self.pixels[ROW, 300:1200].copy()
        began = time.perf_counter()
        self.key(character)
        while time.perf_counter() - began < 5:
            self.update()
            columns = np.flatnonzero((self.pixels[ROW, 300:1200, :3] != before[..., :3]).any(axis=(0, 2)))
            if columns.size and columns[-1] - columns[0] > CARET:
                break
        return (time.perf_counter() - began) * 1000

    def settle(self) -> None:
        """Take in what is on its way."""
        self.socket.settimeout(0.2)
        try:
            while True:
                self.update()
        except TimeoutError:
            self.socket.settimeout(10)


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


def through(page: Page, character: str) -> float:
    """Milliseconds from the key in the outer browser to the picture in it."""
    page.evaluate(WATCH, [ROW.start, ROW.stop - ROW.start, CARET])
    page.keyboard.press(character)
    return float(page.evaluate("() => window.seen"))


def run(progress: Callable[[str], None]) -> list[Measure]:
    """Keys by turns."""
    ours: list[float] = []
    theirs: list[float] = []
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
            chromium.close()
    key, plain = statistics.median(ours), statistics.median(theirs)
    straight = "plain RFB client at the X server"
    latency = measure("sealed-latency", key, "ms", straight, plain, SLOWER)
    latency["holds"] = latency["holds"] and key <= LONGEST_MS
    return [latency]
