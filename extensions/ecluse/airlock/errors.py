"""Refusals and faults as answers: JSON for workspaces, a page for people, and nothing in either that was not meant.

Worked example: `RefusedError(Refused(ALREADY_VOTED, …))` is a 409 with the reason, message and fix. A fault of our
own is a 500 that says so and nothing more; what happened is in the log.
"""

import html
import logging
from collections.abc import Callable
from typing import TypeAlias

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from ecluse.rules.outcome import Reason, Refused, RefusedError

from .hub import HubUnreachableError
from .settings import BASE

log = logging.getLogger(__name__)

ErrorPage: TypeAlias = Callable[[Request, int, Refused], Response]
"""How a refusal looks to a person. `app.state.error_page` holds the one in use."""

STATUS: dict[Reason, int] = {
    Reason.NOT_SIGNED_IN: 401,
    Reason.BAD_INPUT: 400,
    Reason.UNAVAILABLE: 503,
    Reason.UNKNOWN_REQUEST: 404,
    Reason.UNKNOWN_FILE: 404,
    Reason.NOT_RELEASED: 404,
    Reason.WRONG_STATE: 409,
    Reason.ALREADY_OPEN: 409,
    Reason.ALREADY_VOTED: 409,
    Reason.CONTENT_CHANGED: 409,
    Reason.TAMPERED: 409,
    Reason.FILE_TOO_LARGE: 413,
    Reason.NO_FILES: 422,
    Reason.TOO_MANY_FILES: 422,
    Reason.SENT_TOO_MUCH: 429,
    Reason.BAD_PATH: 422,
    Reason.MISSING_DESCRIPTION: 422,
}
"""Status of each reason; 403 for the others."""

_FAULT = Refused(
    Reason.UNAVAILABLE, "The airlock could not do this.", "Try again; if it stays so, tell an administrator."
)
_NO_HUB = Refused(Reason.UNAVAILABLE, "Nobody can be recognised just now.", "Try again in a minute.")
_NO_PAGE = Refused(Reason.BAD_INPUT, "There is no such page.", "Go to the first page.")


def add_errors(app: FastAPI) -> None:
    """Answer every exception."""
    app.state.error_page = plain_page

    @app.exception_handler(RefusedError)
    def refused(request: Request, error: RefusedError) -> Response:
        return answer(request, STATUS.get(error.refused.reason, 403), error.refused)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> Response:
        # Names of fields and what is wrong with them; never what was sent.
        said = "; ".join(f"{'.'.join(str(p) for p in e['loc'][1:]) or 'body'}: {e['msg']}" for e in error.errors())
        return answer(
            request, 422, Refused(Reason.BAD_INPUT, f"The call is not in order: {said[:1000]}.", "Correct it.")
        )

    @app.exception_handler(HubUnreachableError)
    def alone(request: Request, error: HubUnreachableError) -> Response:
        log.warning("the hub gave no answer: %s", error)
        return answer(request, 503, _NO_HUB)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> Response:
        refusal = _NO_PAGE if error.status_code in (404, 405) else _FAULT
        return answer(request, error.status_code, refusal)

    @app.exception_handler(Exception)
    def fault(request: Request, error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return answer(request, 500, _FAULT)


def answer(request: Request, status: int, refused: Refused) -> Response:
    """The refusal in the caller's own language: JSON below `api/`, else a page."""
    if request.url.path.startswith(f"{BASE}/api/"):
        said = {"reason": refused.reason.value, "message": refused.message, "fix": refused.fix}
        return JSONResponse({"error": said}, status)
    page: ErrorPage = request.app.state.error_page
    try:
        return page(request, status, refused)
    except Exception:
        log.exception("the page of a refusal failed; a plain one is shown")
        return plain_page(request, status, refused)


def plain_page(_request: Request, status: int, refused: Refused) -> Response:
    """A page that needs nothing else to work."""
    lines = "".join(f"<p>{html.escape(text)}</p>" for text in (refused.message, refused.fix) if text)
    body = f'<!doctype html><html lang="en"><title>Airlock</title>{lines}<p><a href="{BASE}/">Airlock</a></p></html>'
    return HTMLResponse(body, status)
