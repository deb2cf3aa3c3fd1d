"""Joins one viewer with the X server inside: pixels out, keys in.

The viewer asks for an update when it has drawn the last one, so no more than one is ever on its way, and what changes
meanwhile is sent as it is then. The X server is asked again at once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from .encode import Encoder, pointer_part, size_part
from .rfb import (
    DROPPED,
    TIGHT,
    Encodings,
    Pointer,
    ProtocolError,
    Rectangle,
    Send,
    Size,
    Update,
    Wanted,
    ask_desk,
    greet_desk,
    greet_viewer,
    read_desk,
    read_viewer,
    to_desk,
)
from .screen import Screen

log = logging.getLogger(__name__)

BUFFER = 16 * 1024 * 1024
GREETING = 10.0
WAITING = 2 * DROPPED


class Bridge:
    """One viewer, from its connection to its end.

    Args:
        socket: the X server's.
        send: sends bytes to the viewer.
        title: of the screen.
        mark: the text of the watermark, at a moment.
        clock: the time.
        paste: whether text may be pasted in.
    """

    def __init__(
        self,
        socket: Path,
        send: Send,
        *,
        title: str,
        mark: Callable[[datetime], str],
        clock: Callable[[], datetime],
        paste: bool,
    ) -> None:
        self.viewer = asyncio.StreamReader(limit=BUFFER)
        self._socket, self._send = socket, send
        self._title, self._mark, self._clock, self._paste = title, mark, clock, paste
        self._encoder = Encoder()
        self._extras: list[bytes] = []
        self._wanted = False
        self._awake = asyncio.Event()
        self._shown = ""

    def feed(self, data: bytes) -> None:
        """Bytes of the viewer.

        Raises:
            ProtocolError: it sends more than the X server takes.
        """
        self.viewer.feed_data(data)
        if len(self.viewer._buffer) > WAITING:  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio tells it no other way
            raise ProtocolError("more at once than is taken")

    async def run(self) -> None:
        """Until either side ends.

        Raises:
            OSError: there is no X server.
            ProtocolError: one side sent what is not let through.
            IncompleteReadError: one side is gone.
        """
        source, target = await asyncio.open_unix_connection(str(self._socket), limit=BUFFER)
        try:
            async with asyncio.timeout(GREETING):
                size = await greet_desk(source, target)
                await greet_viewer(self.viewer, self._send, size, self._title)
            self._screen = Screen(size)
            self._remark()
            target.write(ask_desk(size, everything=True))
            await _first(self._from_desk(source, target), self._from_viewer(target), self._to_viewer())
        finally:
            target.close()

    async def _from_desk(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while True:
            message = await read_desk(source, self._screen.size)
            if not isinstance(message, Update):
                continue
            resized = False
            for part in message.parts:
                match part:
                    case Rectangle():
                        self._screen.put(part)
                    case Pointer():
                        self._extras.append(pointer_part(part))
                    case Size():
                        resized = self._resize(part) or resized
            target.write(ask_desk(self._screen.size, everything=resized))
            self._awake.set()

    def _resize(self, size: Size) -> bool:
        """Another size, or a refused wish; whether the screen has changed."""
        self._extras.append(size_part(size))
        if size.status or (size.width, size.height) == (self._screen.size.width, self._screen.size.height):
            return False
        self._screen.resize(size)
        self._shown = ""
        self._remark()
        return True

    async def _from_viewer(self, target: asyncio.StreamWriter) -> None:
        while True:
            message = await read_viewer(self.viewer, paste=self._paste)
            match message:
                case Encodings(numbers):
                    if TIGHT not in numbers:
                        raise ProtocolError("a viewer that can't read Tight")
                case Wanted(everything):
                    self._wanted = True
                    if everything:
                        self._screen.everything()
                    self._awake.set()
                case _:
                    target.write(to_desk(message))
                    await target.drain()

    async def _to_viewer(self) -> None:
        while True:
            try:
                async with asyncio.timeout(1):
                    await self._awake.wait()
            except TimeoutError:
                pass
            self._awake.clear()
            self._remark()
            if not self._wanted or not (self._extras or self._screen.dirty):
                continue
            self._wanted = False
            extras, self._extras = self._extras, []
            boxes = self._screen.changed()
            await self._send(await asyncio.to_thread(self._encoder.update, boxes, extras))

    def _remark(self) -> None:
        text = self._mark(self._clock())
        if text != self._shown:
            self._shown = text
            self._screen.mark(text)


async def _first(*works: Awaitable[None]) -> None:
    """The first to end ends all; what it raised is raised."""
    tasks = [asyncio.ensure_future(w) for w in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
