"""The screen as the pane knows it: pixels, which of them have changed, and the watermark over them.

Worked example: one character is typed. The X server sends a rectangle of 9 × 17 pixels; `Screen.changed` answers with
the one or two tiles of 32 × 32 pixels that it lies in, marked.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .rfb import Rectangle, Size

Pixels = NDArray[np.uint32]
"""Rows × columns; each red, green << 8, blue << 16, and nothing above."""
COLOURS = 0xFFFFFF
TILE = 32
STRENGTH = 0x181818
"""Bits of each colour that the watermark turns over: seen on white and on black, and read through."""
LETTERS = 22
SLOPE = 24


@dataclass(frozen=True, slots=True)
class Box:
    """Part of a screen."""

    x: int
    y: int
    width: int
    height: int


class Screen:
    """One screen."""

    def __init__(self, size: Size) -> None:
        self.resize(size)

    def resize(self, size: Size) -> None:
        """Another size: black, and all of it changed."""
        self.size = Size(size.width, size.height)
        self._pixels: Pixels = np.zeros((size.height, size.width), np.uint32)
        self._mark: Pixels = np.zeros((size.height, size.width), np.uint32)
        self._tiles = np.ones((-(-size.height // TILE), -(-size.width // TILE)), np.bool_)

    def put(self, part: Rectangle) -> None:
        """Take a rectangle over; it lies within the screen."""
        rows, columns = slice(part.y, part.y + part.height), slice(part.x, part.x + part.width)
        given = np.frombuffer(part.pixels, "<u4").reshape(part.height, part.width)
        # The fourth byte has no meaning, so nothing may ride in it.
        np.bitwise_and(given, COLOURS, out=self._pixels[rows, columns])
        if given.size:
            right, bottom = part.x + part.width - 1, part.y + part.height - 1
            self._tiles[part.y // TILE : bottom // TILE + 1, part.x // TILE : right // TILE + 1] = True

    def mark(self, text: str) -> None:
        """Lay a watermark over everything."""
        tile = watermark(text)
        across, down = -(-self.size.width // tile.shape[1]), -(-self.size.height // tile.shape[0])
        self._mark = np.tile(tile, (down, across))[: self.size.height, : self.size.width]
        self.everything()

    def everything(self) -> None:
        """All of it has to be sent."""
        self._tiles[:] = True

    @property
    def dirty(self) -> bool:
        """Whether something has changed since it was last taken."""
        return bool(self._tiles.any())

    def changed(self) -> list[tuple[Box, Pixels]]:
        """Boxes that have changed, each with its pixels, marked."""
        boxes = list(_boxes(self._tiles, self.size))
        self._tiles[:] = False
        return [(box, self._shown(box)) for box in boxes]

    def _shown(self, box: Box) -> Pixels:
        rows, columns = slice(box.y, box.y + box.height), slice(box.x, box.x + box.width)
        shown: Pixels = self._pixels[rows, columns] ^ self._mark[rows, columns]
        return shown


def _boxes(tiles: NDArray[np.bool_], size: Size) -> Iterator[Box]:
    """Runs of tiles in a row; equal runs below each other are one box."""
    open_runs: dict[tuple[int, int], int] = {}
    for row in range(len(tiles) + 1):
        runs = _runs(tiles[row]) if row < len(tiles) else set()
        for run in [r for r in open_runs if r not in runs]:
            left, top = run[0] * TILE, open_runs.pop(run) * TILE
            right, bottom = min(run[1] * TILE, size.width), min(row * TILE, size.height)
            yield Box(left, top, right - left, bottom - top)
        for run in runs:
            open_runs.setdefault(run, row)


def _runs(row: NDArray[np.bool_]) -> set[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(row.astype(np.int8), prepend=0, append=0)).tolist()
    return set(zip(edges[::2], edges[1::2], strict=True))


def watermark(text: str) -> Pixels:
    """A tile with the text at a slope, rows × columns: `STRENGTH` where it is written, else 0."""
    font = ImageFont.load_default(LETTERS)
    left, top, right, bottom = (int(v) for v in font.getbbox(text))
    line = Image.new("L", (right - left + 48, bottom - top + 12))
    ImageDraw.Draw(line).text((24 - left, 6 - top), text, fill=255, font=font)
    sloped = np.asarray(line.rotate(SLOPE, expand=True, resample=Image.Resampling.BILINEAR))
    return np.where(sloped > 96, STRENGTH, 0).astype(np.uint32)  # noqa: PLR2004 - what counts as written
