"""An update for the viewer: boxes in Tight's basic compression, without loss, so that text stays sharp.

Tight is described in the community's RFB specification (rfbproto, "Tight Encoding"): a byte of control, then pixels of
three bytes through one zlib stream that lasts as long as the connection.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator

from .rfb import CURSOR, DESKTOP_SIZE, TIGHT, Pointer, Size
from .screen import Box, Pixels

WIDEST = 2048
"""Tight's rectangles have at most so many columns."""
MOST = 512 * 1024
"""Pixels of one rectangle: its length has to fit in 22 bits."""
PLAIN = 12
"""Fewer bytes than these are sent as they are."""


class Encoder:
    """Keeps the zlib stream of one connection."""

    def __init__(self) -> None:
        self._zlib = zlib.compressobj(1)

    def update(self, boxes: Iterable[tuple[Box, Pixels]], extras: Iterable[bytes] = ()) -> bytes:
        """One update: sizes and pointers first, as they are, then the boxes."""
        parts = [*extras, *(self._rectangle(*piece) for box in boxes for piece in _pieces(*box))]
        return struct.pack(">BxH", 0, len(parts)) + b"".join(parts)

    def _rectangle(self, box: Box, pixels: Pixels) -> bytes:
        head = struct.pack(">HHHHi", box.x, box.y, box.width, box.height, TIGHT)
        raw = pixels.tobytes()
        if len(raw) < PLAIN:
            return head + b"\x00" + raw
        packed = self._zlib.compress(raw) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
        return head + b"\x00" + _length(len(packed)) + packed


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
