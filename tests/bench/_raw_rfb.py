"""A plain RFB client at the X server's socket: raw pixels, nothing in between."""

import select
import socket
import struct
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

CARET = 4
"""Pixels: a caret is narrower, a character wider."""
ROW = slice(755, 785)
"""Rows of the console's prompt, at 1280 × 828."""
WHEEL_UP, WHEEL_DOWN = 8, 16


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

    def wheel(self, x: int, y: int, button: int) -> None:
        """Turn the wheel by one notch."""
        self.socket.sendall(b"".join(struct.pack(">BBHH", 5, mask, x, y) for mask in (button, 0)))

    def frames(self, area: tuple[slice, slice], seconds: float, every: float, notches: Sequence[int]) -> float:
        """Pictures per second that differ within `area`, while the wheel turns by a notch `every` so many seconds."""
        x, y = (area[1].start + area[1].stop) // 2, (area[0].start + area[0].stop) // 2
        began = turned = time.perf_counter()
        count, turns = 0, 0
        before = self.pixels[area].copy()
        while (now := time.perf_counter()) - began < seconds:
            if now >= turned:
                self.wheel(x, y, notches[turns % len(notches)])
                turned, turns = turned + every, turns + 1
            if not select.select([self.socket], [], [], max(0.0, turned - time.perf_counter()))[0]:
                continue
            self.update()
            if (self.pixels[area][..., :3] != before[..., :3]).any():
                count += 1
                before = self.pixels[area].copy()
        return count / (time.perf_counter() - began)

    def settle(self) -> None:
        """Take in what is on its way."""
        self.socket.settimeout(0.2)
        try:
            while True:
                self.update()
        except TimeoutError:
            self.socket.settimeout(10)
