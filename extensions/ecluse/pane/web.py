"""What the proxy leads to: a page, its files, and one WebSocket. Nothing else has an address.

`/lab`, `/api/contents`, `/files` and every other route of a Jupyter server answer 404: there is none behind them.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import jupyterhub
from tornado.web import Application, RequestHandler, StaticFileHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from .bridge import Bridge
from .doors import LOGIN_SECONDS, Doors
from .rfb import ProtocolError

log = logging.getLogger(__name__)

COOKIE, STATE_COOKIE = "ecluse-pane", "ecluse-pane-login"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
NOT_READY, REPLACED, SIGNED_OUT, BROKEN = 4001, 4002, 4003, 4004
"""Why a WebSocket was closed, for the page's script."""
MESSAGE = 256 * 1024
LOOK_AGAIN = 5.0


@dataclass
class Pane:
    """What all handlers share."""

    doors: Doors
    prefix: str
    socket: Path
    person: str
    project: str
    paste: bool
    secure: bool
    clock: Callable[[], datetime]
    viewer: "Viewer | None" = None

    def mark(self, now: datetime) -> str:
        """The text of the watermark."""
        return f"{self.person} · {self.project} · {now:%Y-%m-%d %H:%M} UTC"


class Handler(RequestHandler):
    """Headers and cookies that every answer has."""

    def initialize(self, pane: Pane) -> None:
        """What is shared."""
        self.pane = pane

    def set_default_headers(self) -> None:
        """Nothing from elsewhere, no framing, nothing kept."""
        headers = {
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=()",
            "Cache-Control": "no-store",
            "X-JupyterHub-Version": jupyterhub.__version__,
        }
        for name, value in headers.items():
            self.set_header(name, value)
        self.clear_header("Server")

    def write_error(self, status_code: int, **_: Any) -> None:
        """A line that reveals nothing."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish("No such page.\n" if status_code in (404, 405) else "This could not be done.\n")

    def remember(self, name: str, value: str, seconds: float | None = None) -> None:
        """Set a cookie for this pane's own addresses."""
        path, secure = self.pane.prefix, self.pane.secure
        age = None if seconds is None else int(seconds)
        self.set_cookie(name, value, path=path, httponly=True, secure=secure, samesite="Lax", max_age=age)


class Page(Handler):
    """The page around the screen."""

    async def get(self) -> None:
        """The page, or the way to the sign-in."""
        if not await self.pane.doors.open_to(self.get_cookie(COOKIE, "")):
            state, url = self.pane.doors.start_login()
            self.remember(STATE_COOKIE, state, LOGIN_SECONDS)
            self.redirect(url)
            return
        text = files("ecluse.pane").joinpath("static/pane.html").read_text(encoding="utf-8")
        for name, value in {
            "PREFIX": self.pane.prefix,
            "PROJECT": self.pane.project,
            "PASTE": "" if self.pane.paste else "hidden",
        }.items():
            text = text.replace(f"@{name}@", value)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(text)


class Callback(Handler):
    """Where the hub sends the browser back to."""

    async def get(self) -> None:
        """A session, or a 403."""
        state, code = self.get_query_argument("state", ""), self.get_query_argument("code", "")
        name = await self.pane.doors.finish_login(self.get_cookie(STATE_COOKIE, ""), state, code)
        if name is None:
            self.set_status(403)
            self.write_error(403)
            return
        self.clear_cookie(STATE_COOKIE, path=self.pane.prefix)
        self.remember(COOKIE, name)
        self.redirect(self.pane.prefix)


class Health(Handler):
    """What the hub asks to see whether the server is there."""

    def get(self) -> None:
        """The version that JupyterHub compares with its own."""
        self.finish({"version": jupyterhub.__version__})


class Nothing(Handler):
    """Every other address."""

    def prepare(self) -> None:
        """Answer 404, whatever the method."""
        self.send_error(404)


class Files(StaticFileHandler):
    """The page's own files; they hold nothing of anybody's."""

    def set_extra_headers(self, path: str) -> None:  # noqa: ARG002 - tornado's signature
        """Files of a version may be kept."""
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "max-age=3600")
        self.clear_header("Server")


class Viewer(WebSocketHandler):
    """One viewer; a new one takes the place of the last."""

    def initialize(self, pane: Pane) -> None:
        """What is shared."""
        self.pane = pane
        self._work: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """Only for the person, signed in; another site's page is turned away by its Origin."""
        if not await self.pane.doors.open_to(self.get_cookie(COOKIE, "")):
            self.send_error(403)

    def get_compression_options(self) -> None:
        """None: pixels are compressed already."""

    def open(self, *_: str) -> None:
        """Begin; the one before ends."""
        self.set_nodelay(True)
        if self.pane.viewer is not None:
            self.pane.viewer.end(REPLACED, "opened elsewhere")
        self.pane.viewer = self
        self.bridge = Bridge(
            self.pane.socket,
            self._send,
            title=self.pane.project,
            mark=self.pane.mark,
            clock=self.pane.clock,
            paste=self.pane.paste,
        )
        self._work = asyncio.ensure_future(self._run())
        self._watch = asyncio.ensure_future(self._look_again())

    async def _send(self, data: bytes) -> None:
        await self.write_message(data, binary=True)

    async def _run(self) -> None:
        try:
            await self.bridge.run()
        except ProtocolError as error:
            log.warning("a session ended: %s", error)
            self.end(BROKEN, "not let through")
        except (FileNotFoundError, ConnectionRefusedError):
            self.end(NOT_READY, "not ready")
        except (OSError, EOFError, TimeoutError, WebSocketClosedError):
            self.end(NOT_READY, "the other side is gone")

    async def _look_again(self) -> None:
        """Whoever may no longer look is cut off, also in the middle of a session."""
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            if not await self.pane.doors.open_to(self.get_cookie(COOKIE, "")):
                self.end(SIGNED_OUT, "signed out")
                return

    def on_message(self, message: str | bytes) -> None:
        """Bytes of the viewer; text is none of RFB."""
        if isinstance(message, str):
            self.end(BROKEN, "not let through")
            return
        try:
            self.bridge.feed(message)
        except ProtocolError:
            self.end(BROKEN, "too much at once")

    def end(self, code: int, reason: str) -> None:
        """Close, and say why."""
        self.close(code, reason)
        self.on_close()

    def on_close(self) -> None:
        """Stop what runs for this viewer."""
        if self.pane.viewer is self:
            self.pane.viewer = None
        for task in (self._work, getattr(self, "_watch", None)):
            if task is not None and task is not asyncio.current_task():
                task.cancel()


def application(pane: Pane, novnc: Path) -> Application:
    """All addresses."""
    own, shared = re.escape(pane.prefix), {"pane": pane}
    static = str(files("ecluse.pane").joinpath("static"))
    return Application(
        [
            (own, Page, shared),
            (own + "oauth_callback", Callback, shared),
            (own + "api", Health, shared),
            (own + "screen", Viewer, shared),
            (own + r"novnc/((?:core|vendor)/[A-Za-z0-9_./-]+\.js)", Files, {"path": str(novnc)}),
            (own + r"static/(pane\.(?:js|css))", Files, {"path": static}),
            (r".*", Nothing, shared),
        ],
        websocket_max_message_size=MESSAGE,
        websocket_ping_interval=20,
    )
