"""Who looks through the pane: the one person whose session it is, by the hub's login.

The hub's token stays here, in memory, and the browser gets a name for it. JupyterHub's own servers put it into a
cookie, where its holder can read it; with it they could speak to the airlock as the workspace, from outside.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tornado.httputil import url_concat

ASK_AGAIN = 5.0
LOGIN_SECONDS = 600.0
MEMORY = 100
"""Sessions and logins at once; the oldest go first."""


class Hub(Protocol):
    """What is asked of the hub: JupyterHub's `HubOAuth`, or something that behaves like it."""

    login_url: str

    def generate_pkce_code_challenge(self) -> tuple[str, str, str]:
        """A verifier, its challenge, and the method."""

    async def token_for_code(self, code: str, *, code_verifier: str, sync: bool) -> str:
        """The token for a code."""

    async def user_for_token(self, token: str, use_cache: bool, *, sync: bool) -> Mapping[str, Any] | None:
        """The owner of a token."""


@dataclass
class Session:
    """One browser of the person."""

    token: str
    checked: float


class Doors:
    """Logins and sessions of the one person that this pane is for."""

    def __init__(self, hub: Hub, person: str, project: str, ticks: Callable[[], float] = time.monotonic) -> None:
        self._hub, self._person, self._ticks = hub, person, ticks
        self._scope = f"access:servers!server={person}/{project}"
        self._logins: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def start_login(self) -> tuple[str, str]:
        """A state for the browser's cookie, and where to send it."""
        state = secrets.token_urlsafe(32)
        verifier, challenge, _ = self._hub.generate_pkce_code_challenge()
        _keep(self._logins, state, (verifier, self._ticks()))
        query = {"state": state, "code_challenge": challenge, "code_challenge_method": "S256"}
        return state, str(url_concat(self._hub.login_url, query))

    async def finish_login(self, cookie: str, state: str, code: str) -> str | None:
        """The name of a new session, or None: the state is not this browser's, or it is somebody else."""
        verifier, began = self._logins.pop(state, ("", 0.0))
        late = self._ticks() - began > LOGIN_SECONDS
        if not verifier or late or not code or not secrets.compare_digest(cookie.encode(), state.encode()):
            return None
        token = await self._hub.token_for_code(code, code_verifier=verifier, sync=False)
        if not await self._is_ours(token):
            return None
        name = secrets.token_urlsafe(32)
        _keep(self._sessions, name, Session(token, self._ticks()))
        return name

    async def open_to(self, name: str) -> bool:
        """Whether this is a session, and the hub still stands by it."""
        session = self._sessions.get(name) if name else None
        if session is None:
            return False
        if self._ticks() - session.checked >= ASK_AGAIN:
            if not await self._is_ours(session.token):
                self._sessions.pop(name, None)
                return False
            session.checked = self._ticks()
        return True

    async def _is_ours(self, token: str) -> bool:
        found = await self._hub.user_for_token(token, use_cache=False, sync=False)
        if not found or found.get("name") != self._person:
            return False
        return self._scope in (found.get("scopes") or ())


def _keep(memory: OrderedDict[str, Any], key: str, value: Any) -> None:
    memory[key] = value
    while len(memory) > MEMORY:
        memory.popitem(last=False)
