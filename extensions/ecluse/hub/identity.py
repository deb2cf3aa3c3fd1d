"""Who is at the door: what every way to sign in shares, and local accounts, keyed on the immutable person id.

An authenticator only proves who somebody is. What they may do comes from the policies, through `roles`. Signing in at
an identity provider is `oidc`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from jupyterhub.auth import Authenticator
from tornado import web
from traitlets import Callable as CallableTrait

from ecluse.rules.policy import Policies
from ecluse.steps.spawn import Workspaces

from .roles import role_of

FREE_TRIES = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(minutes=15)
MEMORY = 10_000
"""Names remembered. Names nobody has count too, else the lock itself would tell who exists."""


class AccountCheck(Protocol):
    """Checks a password and a one-time code, in the same time whether or not the person exists."""

    def __call__(self, person: str, password: str, code: str, now: datetime) -> str:
        """Why the person does not get in; "" if they do."""
        ...


@dataclass
class _Tries:
    failed: int = 0
    locked_until: datetime | None = None


class Lockout:
    """Locks a name for longer and longer after repeated wrong passwords.

    Five tries are free; then 30 seconds, doubled with each further one up to 15 minutes. A guesser gets under a
    hundred tries a day at one name, and nobody is locked out for good.
    """

    def __init__(self) -> None:
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wait(self, name: str, now: datetime) -> timedelta:
        """How long the name is still locked; zero if it is not."""
        found = self._tries.get(name)
        if found is None or found.locked_until is None:
            return timedelta()
        return max(timedelta(), found.locked_until - now)

    def failed(self, name: str, now: datetime) -> None:
        """Count a wrong password."""
        found = self._tries.setdefault(name, _Tries())
        self._tries.move_to_end(name)
        found.failed += 1
        if found.failed >= FREE_TRIES:
            lock = FIRST_LOCK * 2 ** min(found.failed - FREE_TRIES, 10)
            found.locked_until = now + min(lock, LONGEST_LOCK)
        while len(self._tries) > MEMORY:
            self._tries.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Forget the failures of a name."""
        self._tries.pop(name, None)


class PolicyRoles(Authenticator):  # type: ignore[misc]  # jupyterhub has no types
    """What every way to sign in shares: only people of the policies, with the roles that the policies give them."""

    workspaces = CallableTrait(help="gives the `Workspaces` that know the policies and record").tag(config=True)

    beside = CallableTrait(help="what runs beside the hub for as long as it lives, given the hub").tag(config=True)
    _started: asyncio.Task[None] | None = None

    @property
    def _steps(self) -> Workspaces:
        steps: Workspaces = self.workspaces()
        return steps

    def _policies(self) -> Policies:
        return self._steps.policies.current()

    def check_allowed(self, username: str, authentication: Any = None) -> bool:  # noqa: ARG002 - jupyterhub's shape
        """Only people of the policies sign in."""
        return username in self._policies().people

    def check_blocked_users(self, username: str, authentication: Any = None) -> bool:  # noqa: ARG002 - as above
        """Nobody is blocked by a second list: taking a person out of the policies is the way."""
        return True

    async def run_post_auth_hook(self, handler: Any, auth_model: dict[str, Any]) -> dict[str, Any]:
        """Give the person their role, and record the sign-in."""
        auth_model = await super().run_post_auth_hook(handler, auth_model)
        person = auth_model["name"]
        await asyncio.to_thread(self._steps.signed_in, person)
        return {**auth_model, "admin": False, "roles": [dict(role_of(self._policies(), person))]}

    async def refresh_user(self, user: Any, handler: Any = None) -> bool:  # noqa: ARG002 - as above
        """Whether the person is still known. The reconciler keeps the roles of everybody up to date."""
        return user.name in self._policies().people

    async def load_managed_roles(self) -> list[dict[str, Any]]:
        """The role of every person, at the hub's start. The one moment at which the hub calls us with itself ready."""
        if self._started is None and self.parent is not None:
            self._started = asyncio.create_task(self.beside(self.parent))
        policies = self._policies()
        return [{**role_of(policies, person), "users": [person]} for person in sorted(policies.people)]


class EcluseAuthenticator(PolicyRoles):
    """Local accounts."""

    check_account = CallableTrait(help="says why (person, password, code, now) opens nothing").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.lockout = Lockout()

    async def authenticate(self, handler: Any, data: dict[str, str]) -> dict[str, Any] | None:  # noqa: ARG002 - as above
        """The person whose password this is, or None.

        Raises:
            web.HTTPError: 429 while the name is locked.
        """
        name, password = data.get("username", ""), data.get("password", "")
        clock: Callable[[], datetime] = self._steps.clock
        wait = self.lockout.wait(name, clock())
        if wait:
            await self._refused(name, "locked")
            raise _locked(wait)
        check: AccountCheck = self.check_account
        # In a thread: a stretch takes a tenth of a second, in which the hub would answer nobody.
        why = await asyncio.to_thread(check, name, password, data.get("otp", ""), clock())
        if not why:
            self.lockout.succeeded(name)
            return {"name": name}
        # The page says the same for each reason: which part was right is a guesser's best help.
        self.lockout.failed(name, clock())
        await self._refused(name, why)
        return None

    async def _refused(self, name: str, reason: str) -> None:
        await asyncio.to_thread(self._steps.sign_in_refused, name, reason)


def _locked(wait: timedelta) -> web.HTTPError:
    seconds = int(wait.total_seconds()) + 1
    error: Any = web.HTTPError(429, "locked")
    error.jupyterhub_message = f"Too many wrong passwords for this name. Try again in {seconds} seconds."
    error.headers = {"Retry-After": str(seconds)}
    return cast("web.HTTPError", error)
