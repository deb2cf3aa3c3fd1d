"""The people's door as calls: sign in through the hub, come back with a code, sign out; and the check of forms.

Pages depend on `People.session` and, where they change something, on `People.form`.
"""

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, FastAPI, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ecluse.rules.outcome import Reason, Refused, RefusedError
from ecluse.steps.acting import Who

from .errors import answer
from .identity import LOGIN_TIME, SESSION_TIME, Doors, Session, csrf_holds
from .settings import BASE, AirlockSettings

COOKIE, STATE_COOKIE = "ecluse-airlock", "ecluse-airlock-login"
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"


class SignInNeededError(Exception):
    """Nobody is signed in; a browser that asks for a page is sent to the hub."""


class People:
    """The people's door."""

    def __init__(self, doors: Doors, settings: AirlockSettings) -> None:
        self._doors, self._settings = doors, settings
        # Where people have names of their own, a script of theirs could set cookies for the enclave's. Those of this
        # prefix a browser takes from the very host alone, and for all of its paths: no workspace answers there.
        self._prefix, self._path = ("__Host-", "/") if settings.subdomains == "yes" else ("", f"{BASE}/")

    async def session(self, request: Request) -> Session:
        """The session of who asks, for `Depends`.

        Raises:
            SignInNeededError: if there is none.
        """
        found = await self._doors.session(self._get(request, COOKIE))
        if found is None:
            raise SignInNeededError
        return found

    async def form(self, request: Request) -> Who:
        """The person who sends a form, for `Depends`: it came from one of our own pages, with its session's token.

        The token is the field `csrf` of a form, or the header `X-CSRF-Token`.

        Raises:
            SignInNeededError: if nobody is signed in.
            RefusedError: if the form is not one of ours.
        """
        session = await self.session(request)
        origin = request.headers.get("origin")
        elsewhere = origin is not None and origin != _origin(self._settings.url)
        if elsewhere or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise RefusedError(_NOT_OURS)
        given = request.headers.get(CSRF_HEADER)
        if given is None:
            given = str((await request.form()).get(CSRF_FIELD, ""))
        if not csrf_holds(session, given):
            raise RefusedError(_NOT_OURS)
        return Who(session.person)

    def sign_in(self, request: Request) -> Response:
        """Send the browser to the hub, and remember in a cookie that it was this browser."""
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        login = self._doors.start_login(wanted)
        response = RedirectResponse(login.url, 302)
        self._set(response, STATE_COOKIE, login.state, int(LOGIN_TIME.total_seconds()))
        return response

    def router(self) -> APIRouter:
        """The calls of signing in and out."""
        router = APIRouter(prefix=BASE)

        @router.get("/oauth_callback")
        async def oauth_callback(
            request: Request,
            state: Annotated[str, Query(max_length=200)] = "",
            code: Annotated[str, Query(max_length=512)] = "",
        ) -> Response:
            cookie, page = await self._doors.finish_login(self._get(request, STATE_COOKIE), state, code)
            response = RedirectResponse(page, 302)
            self._delete(response, STATE_COOKIE)
            self._set(response, COOKIE, cookie, int(SESSION_TIME.total_seconds()))
            return response

        @router.post("/logout")
        async def logout(request: Request) -> Response:
            await self.form(request)
            self._doors.forget(self._get(request, COOKIE))
            response = RedirectResponse("/hub/logout", 303)
            self._delete(response, COOKIE)
            return response

        return router

    def add_to(self, app: FastAPI) -> None:
        """Serve the door, and send people to it."""
        app.include_router(self.router())

        @app.exception_handler(SignInNeededError)
        def sign_in_needed(request: Request, _error: SignInNeededError) -> Response:
            asks_for_page = request.method == "GET" and "hx-request" not in request.headers
            return self.sign_in(request) if asks_for_page else answer(request, 401, _SIGN_IN)

    def _get(self, request: Request, name: str) -> str:
        return request.cookies.get(self._prefix + name, "")

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        secure = self._settings.secure
        response.set_cookie(
            self._prefix + name, value, seconds, path=self._path, secure=secure, httponly=True, samesite="lax"
        )

    def _delete(self, response: Response, name: str) -> None:
        response.delete_cookie(self._prefix + name, path=self._path, secure=self._settings.secure)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{quote(parts.netloc, safe=':[]')}".lower()


_SIGN_IN = Refused(Reason.NOT_SIGNED_IN, "You are not signed in.", "Open the airlock's first page to sign in.")
_NOT_OURS = Refused(
    Reason.BAD_INPUT, "The form did not come from a page of the airlock.", "Open the page again, then send it."
)
