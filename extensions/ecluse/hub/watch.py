"""The watch: asks the identity provider every few seconds after everybody who is signed in or has a workspace.

JupyterHub asks only when a browser does. A person who was removed at the provider, and whose browser is closed, would
go on computing; and the session of the hub lasts for hours. So the hub asks by itself, and puts out whom the provider
no longer vouches for.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from jupyterhub import orm

from ecluse.rules.outcome import Refused, Verdict
from ecluse.steps.spawn import Workspaces

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Questions under way at one time: a site's provider serves others too."""


class Vouches(Protocol):
    """Who can say whether a person is still known at the provider."""

    async def standing(self, user: Any) -> Verdict:
        """Allowed, or why not; asked now."""
        ...


class Watch:
    """Holds one hub to its provider. `app` is the running `JupyterHub`."""

    def __init__(
        self,
        app: Any,
        workspaces: Workspaces,
        put_out: Callable[[str, Refused], None],
        session_seconds: float,
    ) -> None:
        self._app = app
        self._workspaces = workspaces
        self._put_out = put_out
        self._session_seconds = session_seconds
        self._few = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Go round for as long as the hub lives, from the moment it is up."""
        await self._app._start_future  # noqa: SLF001 - the hub has no other sign of being up
        while True:
            began = time.monotonic()
            try:
                await self.once()
            except Exception:
                log.exception("a round of the watch failed; the next one comes")
            provider = self._workspaces.policies.current().provider
            every = 1 if provider is None else provider.ask_seconds
            await asyncio.sleep(max(0.2, began + every - time.monotonic()))

    async def once(self) -> None:
        """One round."""
        users = [self._app.users[u] for u in self._app.db.query(orm.User)]
        asked = [u for u in users if u.encrypted_auth_state is not None or _works(u)]
        for user, result in zip(
            asked, await asyncio.gather(*map(self._look, asked), return_exceptions=True), strict=True
        ):
            if isinstance(result, BaseException):
                log.error("could not ask after %s", user.name, exc_info=result)

    async def _look(self, user: Any) -> None:
        async with self._few:
            door: Vouches = self._app.authenticator
            verdict = await door.standing(user)
        if isinstance(verdict, Refused):
            if user.encrypted_auth_state is None and not _works(user):
                return  # signed out while the provider was asked
            log.warning("putting out %s: %s", user.name, verdict.message)
            self._put_out(user.name, verdict)
            await asyncio.to_thread(self._workspaces.put_out, user.name, verdict)
        elif not _works(user):
            await self._forget(user)

    async def _forget(self, user: Any) -> None:
        """Cookies end with the session; without a workspace there is nothing left to ask for."""
        state = await user.get_auth_state()
        if state and time.time() > state["signed_in"] + self._session_seconds:
            await user.save_auth_state(None)


def _works(user: Any) -> bool:
    """Whether a workspace of the person runs, and is not being started or stopped."""
    return any(s.ready and not s.pending for s in user.spawners.values())
