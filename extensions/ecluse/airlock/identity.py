"""Who is at the door: people by the hub's login, workspaces by their own token.

Worked example: a token whose one `access:servers` scope is `access:servers!server=ada/alpha`, and whose owner is
`ada`, is the workspace of `ada` in `alpha`; nothing that it says of itself counts. A person's token holds
`access:services!service=airlock` and no server: the one kind never passes for the other. Answers of the hub are
kept for five seconds, so a person who was removed is out at once.
"""

import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from ecluse.rules.names import PersonId, ProjectId
from ecluse.rules.outcome import Reason, Refused, RefusedError
from ecluse.steps.acting import Who
from ecluse.steps.ports import Clock

from .hub import Hub
from .settings import BASE

ASK_AGAIN = timedelta(seconds=5)
LOGIN_TIME = timedelta(minutes=10)
SESSION_TIME = timedelta(hours=12)
MEMORY = 10_000
"""Sessions, logins and answers remembered at once; the oldest go first."""

AIRLOCK_SCOPE = "access:services!service=airlock"

_SERVER = re.compile(r"^access:servers!server=([^/!=]+)/([^/!=]+)$")
_TOKEN = re.compile(r"^(?:Bearer|token) +([A-Za-z0-9._~+/=-]{8,512})$", re.IGNORECASE)
_PERSON: TypeAdapter[str] = TypeAdapter(PersonId)
_PROJECT: TypeAdapter[str] = TypeAdapter(ProjectId)

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Values by key, in the server's memory, for a time; at most `MEMORY` of them."""

    def __init__(self, keep: timedelta) -> None:
        self._keep = keep
        self._values: OrderedDict[str, tuple[datetime, Value]] = OrderedDict()

    def put(self, key: str, value: Value, now: datetime) -> None:
        """Remember a value from now on."""
        self._values[key] = (now, value)
        self._values.move_to_end(key)
        while len(self._values) > MEMORY:
            self._values.popitem(last=False)

    def get(self, key: str, now: datetime) -> Value | None:
        """The value, unless its time is over."""
        found = self._values.get(key)
        if found is None or now - found[0] >= self._keep:
            self._values.pop(key, None)
            return None
        return found[1]

    def pop(self, key: str, now: datetime) -> Value | None:
        """The value, which is forgotten."""
        found = self.get(key, now)
        self._values.pop(key, None)
        return found


@dataclass
class Session:
    """A person's session. `csrf` stands in every form of theirs."""

    person: str
    token: str = field(repr=False)
    checked: datetime
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """A login on its way: `url` for the browser, `state` for its cookie."""

    url: str
    state: str


@dataclass(frozen=True, slots=True)
class _Pending:
    verifier: str
    next_url: str


class Doors:
    """Both doors: sessions of people, and tokens of workspaces."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self._hub, self._clock = hub, clock
        self._sessions: Memory[Session] = Memory(SESSION_TIME)
        self._logins: Memory[_Pending] = Memory(LOGIN_TIME)
        self._workspaces: Memory[Who] = Memory(ASK_AGAIN)

    async def workspace(self, authorization: str) -> Who:
        """The workspace whose token stands in an `Authorization` header.

        Raises:
            RefusedError: `not-signed-in`, whatever is wrong with it.
            HubUnreachableError: if the hub gives no answer.
        """
        match = _TOKEN.fullmatch(authorization.strip())
        if match is None:
            raise RefusedError(_NO_WORKSPACE)
        key, now = _digest(match[1]), self._clock()
        known = self._workspaces.get(key, now)
        if known is not None:
            return known
        who = workspace_of(await self._hub.whoami(match[1]))
        if who is None:
            raise RefusedError(_NO_WORKSPACE)
        self._workspaces.put(key, who, now)
        return who

    def start_login(self, next_url: str) -> Login:
        """Begin a login that leads to `next_url`, if that is a page of ours."""
        state = secrets.token_urlsafe(32)
        verifier, challenge = self._hub.challenge()
        self._logins.put(_digest(state), _Pending(verifier, page_of_ours(next_url)), self._clock())
        return Login(self._hub.login_url(state, challenge), state)

    async def finish_login(self, cookie: str, state: str, code: str) -> tuple[str, str]:
        """End a login: the new session's cookie, and the page to go to.

        The state has to be the one in the browser's own cookie: else somebody could sign a reviewer in as
        themselves, and have them vote under another name.

        Raises:
            RefusedError: if it is not, was used, is too old, or the person may not use the airlock.
        """
        now = self._clock()
        pending = (
            self._logins.pop(_digest(state), now) if secrets.compare_digest(_digest(cookie), _digest(state)) else None
        )
        if pending is None or not code:
            raise RefusedError(_LOGIN_FAILED)
        token = await self._hub.token_for_code(code, pending.verifier)
        person = person_of(await self._hub.whoami(token))
        if person is None:
            raise RefusedError(_LOGIN_FAILED)
        cookie = secrets.token_urlsafe(32)
        self._sessions.put(_digest(cookie), Session(person, token, now), now)
        return cookie, pending.next_url

    async def session(self, cookie: str) -> Session | None:
        """The session of a cookie; None if there is none, or the hub no longer knows its token.

        Raises:
            HubUnreachableError: if the hub gives no answer.
        """
        now = self._clock()
        found = self._sessions.get(_digest(cookie), now) if cookie else None
        if found is None:
            return None
        if now - found.checked >= ASK_AGAIN:
            if person_of(await self._hub.whoami(found.token)) != found.person:
                self.forget(cookie)
                return None
            found.checked = now
        return found

    def forget(self, cookie: str) -> None:
        """End a session."""
        self._sessions.pop(_digest(cookie), self._clock())


def workspace_of(user: Mapping[str, Any] | None) -> Who | None:
    """The workspace that a token belongs to: its one server scope, which has to be its owner's own.

    A browser that opens the Lab gets a token with the same scope. It belongs to a session, a workspace's own does not.
    """
    scopes = _scopes(user)
    servers = [s for s in scopes if s.split("!")[0] == "access:servers"]
    if user is None or user.get("session_id", "unknown") is not None:
        return None
    if len(servers) != 1 or any(s.split("!")[0] == "access:services" for s in scopes):
        return None
    match = _SERVER.fullmatch(servers[0])
    if match is None or user.get("name") != match[1]:
        return None
    try:
        return Who(_PERSON.validate_python(match[1]), _PROJECT.validate_python(match[2]))
    except ValidationError:
        return None


def person_of(user: Mapping[str, Any] | None) -> str | None:
    """The person that a token of the airlock's login belongs to. A server's token is not one."""
    scopes = _scopes(user)
    if user is None or AIRLOCK_SCOPE not in scopes or any(s.split("!")[0] == "access:servers" for s in scopes):
        return None
    try:
        return _PERSON.validate_python(user.get("name"))
    except ValidationError:
        return None


def csrf_holds(session: Session, given: str) -> bool:
    """Whether a form carries its session's own token."""
    return secrets.compare_digest(session.csrf.encode(), given.encode())


def page_of_ours(url: str) -> str:
    """The address if it is a page of the airlock, else the first page: a login leads nowhere else."""
    plain = url.isascii() and url.isprintable() and "\\" not in url and "//" not in url and ".." not in url
    return url if plain and url.startswith(f"{BASE}/") else f"{BASE}/"


def _scopes(user: Mapping[str, Any] | None) -> list[str]:
    if user is None or user.get("kind") != "user":
        return []
    found = user.get("scopes")
    return [s for s in found if isinstance(s, str)] if isinstance(found, list) else []


def _digest(secret: str) -> str:
    """What is kept instead of a secret that somebody else holds."""
    return hashlib.sha256(secret.encode()).hexdigest()


_NO_WORKSPACE = Refused(
    Reason.NOT_SIGNED_IN, "This is not the token of a workspace.", "Call from inside a workspace, or restart it."
)
_LOGIN_FAILED = Refused(Reason.NOT_SIGNED_IN, "The sign-in did not work.", "Open the airlock's first page again.")
