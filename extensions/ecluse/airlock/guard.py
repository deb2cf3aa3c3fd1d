"""What surrounds every call: headers that close the browser down, and a limit on bodies while they come in."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecluse.rules.outcome import Reason, Refused, RefusedError

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS: dict[bytes, bytes] = {
    b"content-security-policy": CSP.encode(),
    b"x-content-type-options": b"nosniff",
    b"cache-control": b"no-store",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
"""Set on every answer that does not set its own: previews are framed, and set theirs."""

MAX_BODY = 256 * 1024
"""Longest body of a call that is not a file."""


class SecurityHeaders:
    """Adds `HEADERS` to every answer, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with headers."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", []))
                names = {name.lower() for name, _ in own}
                message["headers"] = own + [(n, v) for n, v in HEADERS.items() if n not in names]
            await send(message)

        await self.app(scope, receive, guarded)


class BodyLimit:
    """Stops bodies that are too long, by what they say and by what comes. Files are measured where they are kept."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, counting."""
        if scope["type"] != "http" or (scope["method"] == "PUT" and scope["path"].endswith("/files")):
            await self.app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BODY:
                raise RefusedError(Refused(Reason.BAD_INPUT, f"The call has more than {MAX_BODY} bytes.", "Send less."))
            return message

        await self.app(scope, counted, send)
