"""An update for the viewer: boxes in Tight's basic compression, without loss, so that text stays sharp.

Tight is described in the community's RFB specification (rfbproto, "Tight Encoding"): a byte of control, then pixels of
three bytes, or a palette and numbers in it, through one zlib stream that lasts as long as the connection. Pages of text
have fewer than 256 colours: with a palette a viewer has a third to unpack.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from .rfb import CURSOR, DESKTOP_SIZE, TIGHT, Pointer, Size
from .screen import COLOURS, Box, Pixels

WIDEST = 2048
"""Tight's rectangles have at most so many columns."""
MOST = 512 * 1024
"""Pixels of one rectangle: its length has to fit in 22 bits."""
PLAIN = 12
"""Fewer bytes than these are sent as they are."""
FILTERED, BY_PALETTE = b"\x40", b"\x01"
FEWEST, MOST_COLOURS = 3, 256
"""Colours of a palette: one of two would be sent in bits."""
SAMPLE = 61
"""One of so many pixels tells whether a search for all colours is worth it."""


class Palette:
    """The colours of the boxes before, which are mostly those of the next."""

    def __init__(self) -> None:
        self.colours: Pixels = np.zeros(FEWEST, np.uint32)
        self._numbers = np.zeros(COLOURS + 1, np.uint8)

    def numbers(self, pixels: Pixels) -> NDArray[np.uint8] | None:
        """The number of each pixel's colour in `colours`, which may become others; None if there are too many."""
        found = self._numbers[pixels]
        if (self.colours[found] == pixels).all():
            return found
        if len(np.unique(pixels.ravel()[::SAMPLE])) > MOST_COLOURS or len(new := np.unique(pixels)) > MOST_COLOURS:
            return None
        self._numbers[self.colours] = 0
        self._numbers[new] = np.arange(len(new), dtype=np.uint8)
        self.colours = np.pad(new, (0, max(0, FEWEST - len(new))), mode="edge")
        return self._numbers[pixels]


class Encoder:
    """Keeps the zlib stream and the palette of one connection."""

    def __init__(self) -> None:
        self._zlib = zlib.compressobj(1)
        self._palette = Palette()

    def update(self, boxes: Iterable[tuple[Box, Pixels]], extras: Iterable[bytes] = ()) -> bytes:
        """One update: sizes and pointers first, as they are, then the boxes."""
        parts = [*extras, *(self._rectangle(*piece) for box in boxes for piece in _pieces(*box))]
        return struct.pack(">BxH", 0, len(parts)) + b"".join(parts)

    def _rectangle(self, box: Box, pixels: Pixels) -> bytes:
        head = struct.pack(">HHHHi", box.x, box.y, box.width, box.height, TIGHT)
        numbers = self._palette.numbers(pixels)
        if numbers is None:
            return head + b"\x00" + self._packed(_triples(pixels))
        colours = self._palette.colours
        filtered = FILTERED + BY_PALETTE + bytes([len(colours) - 1]) + _triples(colours)
        return head + filtered + self._packed(numbers.tobytes())

    def _packed(self, raw: bytes) -> bytes:
        if len(raw) < PLAIN:
            return raw
        packed = self._zlib.compress(raw) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
        return _length(len(packed)) + packed


def _triples(pixels: Pixels) -> bytes:
    """Three bytes for each pixel."""
    return pixels.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()


def _pieces(box: Box, pixels: Pixels) -> Iterator[tuple[Box, Pixels]]:
    for left in range(0, box.width, WIDEST):
        width = min(WIDEST, box.width - left)
        step = MOST // width
        for top in range(0, box.height, step):
            height = min(step, box.height - top)
            part = pixels[top : top + height, left : left + width]
            yield Box(box.x + left, box.y + top, width, height), part


def _length(count: int) -> bytes:
    """Tight's compact length: seven bits, seven bits, eight bits."""
    if count < 1 << 7:
        return bytes([count])
    if count < 1 << 14:
        return bytes([count & 0x7F | 0x80, count >> 7])
    return bytes([count & 0x7F | 0x80, count >> 7 & 0x7F | 0x80, count >> 14])


def size_part(size: Size) -> bytes:
    """The size of the screen, as part of an update."""
    head = struct.pack(">HHHHi", size.reason, size.status, size.width, size.height, DESKTOP_SIZE)
    return head + struct.pack(">B3xIHHHHI", 1, 0, 0, 0, size.width, size.height, 0)


def pointer_part(pointer: Pointer) -> bytes:
    """The shape of the pointer, as part of an update."""
    head = struct.pack(">HHHHi", pointer.x, pointer.y, pointer.width, pointer.height, CURSOR)
    return head + pointer.pixels + pointer.mask
