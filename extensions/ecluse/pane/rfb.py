"""RFB (RFC 6143) by an allow-list: what is not named here ends the connection.

Both sides are hostile: the researcher controls the X server inside, and the browser outside. From inside only raw
rectangles, the shape of the pointer and the size of the screen are taken, each within bounds; text of the clipboard
is read and thrown away. From outside only keys, the pointer, requests for updates, a size, and, where the policy
allows it, text to paste. What goes on is written anew from the values that were read, never the bytes themselves.

Worked example: the X server sends `03 000000 00000005 "12345"` (its clipboard). `read_desk` answers `Ignored()`.
It sends a rectangle in encoding 7: `ProtocolError("encoding 7")`.
"""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

VERSION = b"RFB 003.008\n"
RAW, TIGHT, CURSOR, DESKTOP_SIZE = 0, 7, -239, -308
LARGEST = 3840, 2400
"""Most pixels of a screen, across and down."""
SMALLEST = 320, 200
MOST_PIXELS = 4 * LARGEST[0] * LARGEST[1]
"""Most pixels of one update: rectangles may overlap."""
POINTER = 64
"""Most pixels of the pointer's shape, across and down."""
TEXT = 64 * 1024
"""Most bytes of text that are pasted in at once."""
DROPPED = 1024 * 1024
"""Most bytes of text that are read to be thrown away."""
LONGEST_NAME = 1024
FORMAT = struct.pack(">BBBBHHHBBB3x", 32, 24, 0, 1, 255, 255, 255, 0, 8, 16)
"""32 bits a pixel in memory order red, green, blue, nothing: the one format that is spoken to either side."""
_NONE = 1


class ProtocolError(Exception):
    """The other side sent something that is not let through. The connection ends."""


@dataclass(frozen=True, slots=True)
class Rectangle:
    """Pixels, 4 bytes each, row by row."""

    x: int
    y: int
    width: int
    height: int
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Pointer:
    """Shape of the pointer: pixels of 4 bytes, and a bitmap of those that show, rows padded to bytes."""

    x: int
    y: int
    width: int
    height: int
    pixels: bytes
    mask: bytes


@dataclass(frozen=True, slots=True)
class Size:
    """Size of the screen. `status` is the answer to who asked for it: 0 done, else refused."""

    width: int
    height: int
    reason: int = 0
    status: int = 0


@dataclass(frozen=True, slots=True)
class Update:
    """One update from inside, in order."""

    parts: tuple[Rectangle | Pointer | Size, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """Read, and goes no further."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key goes down or up."""

    symbol: int
    down: bool


@dataclass(frozen=True, slots=True)
class Move:
    """Where the pointer is, and which buttons are held."""

    x: int
    y: int
    buttons: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """The viewer is ready for an update: of what has changed, or of everything."""

    everything: bool


@dataclass(frozen=True, slots=True)
class Paste:
    """Text from outside, Latin-1."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Encodings:
    """What the viewer can read."""

    numbers: frozenset[int]


Send = Callable[[bytes], Awaitable[None]]
FromDesk = Update | Ignored
FromViewer = Key | Move | Wanted | Paste | Encodings | Size | Ignored


async def _unpack(source: asyncio.StreamReader, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, await source.readexactly(struct.calcsize(layout)))


def size_in_bounds(width: int, height: int) -> bool:
    """Whether a screen may have this size."""
    return SMALLEST[0] <= width <= LARGEST[0] and SMALLEST[1] <= height <= LARGEST[1]


# -- the desk: the X server inside -----------------------------------------------------------------------------------


async def greet_desk(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> Size:
    """The handshake with the X server; the size of its screen.

    Raises:
        ProtocolError: it speaks another version, wants a password, or has a screen out of bounds.
    """
    if await source.readexactly(len(VERSION)) != VERSION:
        raise ProtocolError("another version of RFB")
    target.write(VERSION)
    kinds = await source.readexactly((await source.readexactly(1))[0])
    if _NONE not in kinds:
        raise ProtocolError("the X server wants a password")
    target.write(bytes([_NONE]))
    if await source.readexactly(4) != bytes(4):
        raise ProtocolError("the X server refused")
    target.write(b"\x01")
    width, height = await _unpack(source, ">HH16x")
    (length,) = await _unpack(source, ">I")
    if length > LONGEST_NAME or not size_in_bounds(width, height):
        raise ProtocolError("the screen is out of bounds")
    await source.readexactly(length)  # its name is the researcher's to choose: it goes no further
    target.write(b"\x00\x00\x00\x00" + FORMAT)
    target.write(struct.pack(">BxHiii", 2, 3, RAW, CURSOR, DESKTOP_SIZE))
    return Size(width, height)


async def read_desk(source: asyncio.StreamReader, size: Size) -> FromDesk:
    """The next message from inside. `size` is that of the screen as it is now.

    Raises:
        ProtocolError: it is none that is let through.
        IncompleteReadError: the X server is gone.
    """
    kind = (await source.readexactly(1))[0]
    match kind:
        case 0:
            return await _update(source, size)
        case 2:
            return Ignored()  # the bell
        case 3:
            return await _drop_text(source)
    raise ProtocolError(f"message {kind}")


async def _update(source: asyncio.StreamReader, size: Size) -> Update:
    (count,) = await _unpack(source, ">xH")
    parts: list[Rectangle | Pointer | Size] = []
    left = MOST_PIXELS
    for _ in range(count):
        x, y, width, height, encoding = await _unpack(source, ">HHHHi")
        left -= width * height
        if left < 0:
            raise ProtocolError("an update of more pixels than screens have")
        match encoding:
            case 0:
                if x + width > size.width or y + height > size.height:
                    raise ProtocolError("a rectangle outside the screen")
                parts.append(Rectangle(x, y, width, height, await source.readexactly(width * height * 4)))
            case -239:
                parts.append(await _pointer(source, x, y, width, height))
            case -308:
                size = await _size(source, Size(width, height, reason=x, status=y))
                parts.append(size)
            case _:
                raise ProtocolError(f"encoding {encoding}")
    return Update(tuple(parts))


async def _pointer(source: asyncio.StreamReader, x: int, y: int, width: int, height: int) -> Pointer:
    if width > POINTER or height > POINTER or x > width or y > height:
        raise ProtocolError("a pointer out of bounds")
    pixels = await source.readexactly(width * height * 4)
    return Pointer(x, y, width, height, pixels, await source.readexactly((width + 7) // 8 * height))


async def _size(source: asyncio.StreamReader, size: Size) -> Size:
    (screens,) = await _unpack(source, ">B3x")
    await source.readexactly(screens * 16)
    if not size_in_bounds(size.width, size.height):
        raise ProtocolError("the screen is out of bounds")
    return size


async def _drop_text(source: asyncio.StreamReader) -> Ignored:
    (length,) = await _unpack(source, ">3xi")
    if not 0 <= length <= DROPPED:
        raise ProtocolError("more text than is read")
    await source.readexactly(length)
    return Ignored()


def to_desk(message: FromViewer) -> bytes:
    """What a viewer's message is for the X server; nothing for what stays at the pane."""
    match message:
        case Key(symbol, down):
            return struct.pack(">BBxxI", 4, down, symbol)
        case Move(x, y, buttons):
            return struct.pack(">BBHH", 5, buttons, x, y)
        case Paste(text):
            return struct.pack(">B3xI", 6, len(text)) + text
        case Size(width, height):
            return struct.pack(">BxHHBxIHHHHI", 251, width, height, 1, 0, 0, 0, width, height, 0)
        case _:
            return b""


def ask_desk(size: Size, *, everything: bool) -> bytes:
    """A request for an update of the whole screen."""
    return struct.pack(">BBHHHH", 3, not everything, 0, 0, size.width, size.height)


# -- the viewer: noVNC in the browser --------------------------------------------------------------------------------


async def greet_viewer(source: asyncio.StreamReader, send: Send, size: Size, title: str) -> None:
    """The handshake with the browser. Who they are was settled before, by the hub.

    Raises:
        ProtocolError: it speaks another version, or asks for something else.
    """
    await send(VERSION)
    if await source.readexactly(len(VERSION)) != VERSION:
        raise ProtocolError("another version of RFB")
    await send(bytes([1, _NONE]))
    if await source.readexactly(1) != bytes([_NONE]):
        raise ProtocolError("another kind of security")
    await send(bytes(4))
    await source.readexactly(1)
    name = title.encode()
    await send(struct.pack(">HH", size.width, size.height) + FORMAT + struct.pack(">I", len(name)) + name)


async def read_viewer(source: asyncio.StreamReader, *, paste: bool) -> FromViewer:  # noqa: PLR0911 - a table
    """The next message from outside. `paste`: whether the policy lets text in.

    Raises:
        ProtocolError: it is none that is let through.
        IncompleteReadError: the viewer is gone.
    """
    kind = (await source.readexactly(1))[0]
    match kind:
        case 0:
            return _same_format(await source.readexactly(19))
        case 2:
            (count,) = await _unpack(source, ">xH")
            if count > 256:  # noqa: PLR2004 - noVNC sends about 30
                raise ProtocolError("more encodings than there are")
            return Encodings(frozenset(await _unpack(source, f">{count}i")))
        case 3:
            return Wanted(everything=not (await _unpack(source, ">B8x"))[0])
        case 4:
            down, symbol = await _unpack(source, ">BxxI")
            return Key(symbol, down=bool(down))
        case 5:
            buttons, x, y = await _unpack(source, ">BHH")
            return Move(x, y, buttons)
        case 6:
            return await _paste(source, paste=paste)
        case 251:
            return await _wish(source)
    raise ProtocolError(f"message {kind}")


def _same_format(given: bytes) -> Ignored:
    if given[3:] != FORMAT:
        raise ProtocolError("another pixel format")
    return Ignored()


async def _paste(source: asyncio.StreamReader, *, paste: bool) -> Paste | Ignored:
    (length,) = await _unpack(source, ">3xi")
    if not 0 <= length <= DROPPED:
        raise ProtocolError("more text than is read")
    text = await source.readexactly(length)
    return Paste(text) if paste and length <= TEXT else Ignored()


async def _wish(source: asyncio.StreamReader) -> Size | Ignored:
    width, height, screens = await _unpack(source, ">xHHBx")
    await source.readexactly(screens * 16)
    return Size(width, height) if size_in_bounds(width, height) else Ignored()
