"""The reconciler: what runs is held against the policies every two seconds, and what is no longer allowed ends.

Decides with `user_can_work` and the session's length; nothing here is decided by who is signed in. A bad edit of the
policies changes nothing that runs: the last good set stays in force, and the log and the audit chain say so.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jupyterhub import orm

from ecluse.rules.outcome import Reason, Refused
from ecluse.rules.permit import user_can_work
from ecluse.rules.policy import Policies
from ecluse.rules.workspace import LABEL

from .enclave import Enclave
from .roles import role_name, role_of

log = logging.getLogger(__name__)

EVERY = 2.0
SWEEP_EVERY = 15
"""Rounds between two looks for workspaces that the hub does not know."""
ASK_EVERY = 5
"""Rounds between two questions to the gate about full folders."""


@dataclass(frozen=True, slots=True)
class Running:
    """A workspace that runs, and since when."""

    person: str
    project: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Ending:
    """A workspace that has to end, and why."""

    person: str
    project: str
    why: Refused


def endings(policies: Policies, running: Iterable[Running], now: datetime) -> list[Ending]:
    """Every running workspace that the policies no longer allow, or whose session is over."""
    found = []
    for one in running:
        verdict = user_can_work(policies, one.person, one.project, now)
        why = verdict if isinstance(verdict, Refused) else _over(policies, one, now)
        if why is not None:
            found.append(Ending(one.person, one.project, why))
    return found


def _over(policies: Policies, one: Running, now: datetime) -> Refused | None:
    hours = policies.projects[one.project].workspace.hours
    if one.since is None or now < one.since + timedelta(hours=hours):
        return None
    return Refused(
        Reason.SESSION_OVER,
        f"The session was over after {hours:g} hours.",
        "Start the workspace again; files in /project and at home are kept.",
    )


class Reconciler:
    """Holds one hub to the policies. `app` is the running `JupyterHub`."""

    def __init__(self, app: Any, enclave: Enclave) -> None:
        self._app = app
        self._enclave = enclave
        self._seen: Policies | None = None
        self._problems: list[str] = []
        self._stopping: set[asyncio.Task[None]] = set()
        self._round = 0

    async def run(self) -> None:
        """Go round for as long as the hub lives, from the moment it is up."""
        await self._app._start_future  # noqa: SLF001 - the hub has no other sign of being up
        while True:
            try:
                await self.once()
            except Exception:
                log.exception("a round of the reconciler failed; the next one comes")
            await asyncio.sleep(EVERY)

    async def once(self) -> None:
        """One round: roles, then endings, then what the hub does not know."""
        workspaces = self._enclave.workspaces
        policies = workspaces.policies.current()
        await self._tell_problems()
        if policies is not self._seen:
            self._renew_people(policies)
            self._seen = policies
        for ending in endings(policies, self._running(), workspaces.clock()):
            self._end(ending)
        if self._round % SWEEP_EVERY == 0:
            await self._sweep()
        if self._round % ASK_EVERY == 0:
            await self._ask_for_usage()
        self._round += 1

    async def _tell_problems(self) -> None:
        problems = self._enclave.problems()
        if problems and problems != self._problems:
            log.error("the policies are not valid; the last good ones stay in force:\n%s", "\n".join(problems))
            await asyncio.to_thread(self._enclave.workspaces.policies_invalid, problems)
        self._problems = problems

    def _renew_people(self, policies: Policies) -> None:
        """New roles for everybody who has signed in before; those who are gone lose cookies and tokens as well."""
        for orm_user in list(self._app.db.query(orm.User)):
            user = self._app.users[orm_user]
            role = role_of(policies, user.name)
            if user.name in policies.people:
                present = next((r for r in orm_user.roles if r.name == role_name(user.name)), None)
                if len(orm_user.roles) == 1 and present is not None and set(present.scopes) == set(role["scopes"]):
                    continue
                user.sync_roles([dict(role)])
            else:
                user.sync_roles([])
                self._sign_out(orm_user)

    def put_out(self, person: str, why: Refused) -> None:
        """End a person's cookies and tokens, and every workspace that runs for them."""
        orm_user = orm.User.find(self._app.db, person)
        if orm_user is not None:
            self._sign_out(orm_user)
        for one in self._running():
            if one.person == person:
                self._end(Ending(person, one.project, why))

    def _sign_out(self, orm_user: Any) -> None:
        orm_user.cookie_id = orm.new_token()
        orm_user.encrypted_auth_state = None
        for token in list(orm_user.api_tokens):
            self._app.db.delete(token)
        self._app.db.commit()

    def _running(self) -> list[Running]:
        found = []
        for user in self._app.users.values():
            for name, spawner in user.spawners.items():
                if spawner.ready and not spawner.pending:
                    started = spawner.orm_spawner.started
                    since = started.replace(tzinfo=self._enclave.workspaces.clock().tzinfo) if started else None
                    found.append(Running(user.name, name, since))
        return found

    def _end(self, ending: Ending) -> None:
        user = self._app.users[ending.person]
        spawner = user.spawners[ending.project]
        spawner._stop_pending = True  # noqa: SLF001 - set before the first await, as the hub's own handler does
        spawner.end_reason = ending.why
        task = asyncio.create_task(self._stop(user, spawner, ending))
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

    async def _stop(self, user: Any, spawner: Any, ending: Ending) -> None:
        log.warning("ending %s/%s: %s", ending.person, ending.project, ending.why.message)
        try:
            # First the way in, then the workspace: an open browser is cut off at once.
            await self._app.proxy.delete_user(user, ending.project)
            await user.stop(ending.project)
        except Exception:
            log.exception("could not end %s/%s; the next round tries again", ending.person, ending.project)
        finally:
            spawner._stop_pending = False  # noqa: SLF001 - as above

    async def _sweep(self) -> None:
        """A workspace that the hub knows nothing of, such as one from before its database was lost, ends."""
        workspaces = self._enclave.workspaces
        mine = {"label": [f"{LABEL}.enclave={workspaces.settings.name}", f"{LABEL}.person"]}
        found = await self._enclave.engine("containers", all=True, filters=mine)
        # Asked after the engine: one that started in between is known by now.
        known = {s.object_name for u in self._app.users.values() for s in u.spawners.values() if s.active}
        for stray in strays(found, known):
            log.warning("ending a workspace that the hub does not know: %s", stray["Names"])
            await self._enclave.engine("remove_container", stray["Id"], force=True, v=True)
            labels = stray["Labels"]
            person, project = labels[f"{LABEL}.person"], labels.get(f"{LABEL}.project", "")
            await asyncio.to_thread(workspaces.stopped, person, project, "unknown-to-the-hub")

    async def _ask_for_usage(self) -> None:
        """What the workspaces keep, for the notes on people's pages. The gate measures, and ends what overfills."""
        mine = {"label": [f"{LABEL}.enclave={self._enclave.workspaces.settings.name}"]}
        found = await self._enclave.engine("volumes", filters=mine)
        self._enclave.used.clear()
        self._enclave.used.update({v["Name"]: v["UsageData"]["Size"] for v in found["Volumes"]})


def strays(containers: Iterable[dict[str, Any]], known: Collection[str]) -> list[dict[str, Any]]:
    """Those containers that carry none of the known names. The engine writes names with a slash in front."""
    return [c for c in containers if not {n.lstrip("/") for n in c["Names"]} & set(known)]
