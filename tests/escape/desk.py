"""Attempts at the airlock's pages and API: at the real one, and at a twin in which one rule is switched off.

The twin is the true application on a store of its own, behind a hub that believes everybody; the rule that an attempt
is about is patched away for that one attempt. Both hold the same requests, made by `prepare`.
"""

import json
import re
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from airlock_house import House, TrustingHub, build
from ecluse.airlock.app import create_app, open_ports
from ecluse.airlock.settings import AirlockSettings
from ecluse.rules.outcome import ALLOWED
from ecluse.rules.request import State
from ecluse.steps.acting import Who
from ecluse.steps.desk import Airlock
from ecluse.store.clock import utc_now
from escape.attempt import Attempt, Seen
from escape.cast import policy_files
from escape.world import AIRLOCK, World
from fake_hub import server_model

with warnings.catch_warnings():
    # It wants another client than the one that everything here is written for.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", UserWarning)
    from starlette.testclient import TestClient

SAFE = b"group,n\r\nyes,246\r\nno,440\r\n"
"""What is sent; rebuilt, its lines end otherwise: original and rebuilt bytes differ."""
BLIND = "a comment that nobody may see yet"
SECRET_TITLE = "Title-of-alpha"

Switch = Mapping[str, Any]
"""What is patched in the twin: a dotted name to what stands there instead."""


def allow(*names: str) -> Switch:
    """Rules that allow everything."""
    return dict.fromkeys(names, lambda *_, **__: ALLOWED)


@dataclass(frozen=True)
class Stage:
    """An airlock with the same requests: the real one or a twin."""

    browser: Callable[[str], httpx.Client]
    """A browser of a person who is signed in at the airlock; it follows no redirect."""
    workspace: Callable[[str, str], Mapping[str, str]]
    """Headers that prove a workspace of a person and a project, where the attacker has it."""
    ids: Mapping[str, str]

    def csrf(self, browser: httpx.Client) -> str:
        """The token of the forms of this session, from a page of its own."""
        found = re.search(r'name="csrf" value="([^"]+)"', browser.get(f"{AIRLOCK}/").text)
        return found[1] if found else ""


Act = Callable[[Stage], Seen]


def prepare(desk: Airlock, settle: Callable[[], None]) -> dict[str, str]:
    """The requests that everybody meets: by what they are.

    `ada`: in review, one vote and one blind comment by Rev; `mem`: in review, by a member who is a reviewer; `draft`:
    Cy's, in alpha; `released`: Ben's, in beta, by Rev and Ria; `withdrawn`: Ben's.
    """
    ids: dict[str, str] = {}
    for name, author, of in (
        ("released", "ben", "beta"),
        ("ada", "ada", "alpha"),
        ("mem", "mem", "alpha"),
        ("draft", "cy", "alpha"),
    ):
        who = Who(author, of)
        title = SECRET_TITLE if of == "alpha" else "Title-of-beta"
        view = desk.open(who, title, "For the paper")
        with desk.incoming(10**6) as incoming:
            incoming.write(SAFE if name != "mem" else SAFE.replace(b"246", b"257"))
            desk.attach(who, view.id, incoming, path="t.csv", what="women by group", population="686 women")
        if name != "draft":
            desk.submit(who, view.id)
        ids[name] = view.id
    settle()
    content = {name: desk.view(Who("rev"), number).content for name, number in ids.items()}
    for reviewer in ("rev", "ria"):
        desk.vote(Who(reviewer), ids["released"], approve=True, content=content["released"])
    desk.vote(Who("rev"), ids["ada"], approve=True, content=content["ada"], comment=BLIND)
    ids["withdrawn"] = desk.open(Who("ben", "beta"), "Title-of-beta", "For the paper").id
    desk.withdraw(Who("ben", "beta"), ids["withdrawn"])
    original, rebuilt = _hashes(desk, ids["ada"])
    original_mem, rebuilt_mem = _hashes(desk, ids["mem"])
    return {
        **ids,
        "content": content["ada"],
        "content-mem": content["mem"],
        "release": f"r-{ids['released']}",
        "original": original,
        "rebuilt": rebuilt,
        "original-mem": original_mem,
        "rebuilt-mem": rebuilt_mem,
    }


def _hashes(desk: Airlock, request: str) -> tuple[str, str]:
    """Of a request's file, as it was sent and as it was rebuilt."""
    file = desk.view(Who("rev"), request).files[0]
    assert file.report is not None
    assert file.report.rebuilt is not None
    return file.sha256, file.report.rebuilt.sha256


# -- the real one ---------------------------------------------------------------------------------------------------


def real_stage(world: World, tokens: Mapping[tuple[str, str], str]) -> Stage:
    """The enclave's airlock. Requests are prepared at its desk, by its own steps; the real checker answers."""
    root = world.enclave.root
    settings = AirlockSettings(
        url=world.enclave.url, root=root, database=f"sqlite:///{root / 'control' / 'ecluse.sqlite'}"
    )
    database, ports = open_ports(settings)
    desk = Airlock(ports, utc_now)

    def settle() -> None:
        for path in (root / "quarantine").rglob("*"):
            shutil.chown(path, 10001, 10001)
        for path in (root / "spool/jobs").iterdir():
            shutil.chown(path, 10001, 10001)
        until = time.monotonic() + 90
        while time.monotonic() < until:
            with database.look() as look:
                if not look.requests.in_states(State.SUBMITTED, State.CHECKING):
                    return
            time.sleep(0.2)
        raise TimeoutError("the checker did not answer")

    kept = world.folder / "requests.json"
    try:
        if not kept.exists():
            kept.write_text(json.dumps(prepare(desk, settle)))
    finally:
        database.close()
    ids = dict(json.loads(kept.read_text()))
    browsers: dict[str, httpx.Client] = {}

    def browser(person: str) -> httpx.Client:
        if person not in browsers:
            browsers[person] = world.browser(person)
        return browsers[person]

    return Stage(browser, lambda p, of: {"Authorization": f"token {tokens[p, of]}"}, ids)


# -- the twin -------------------------------------------------------------------------------------------------------


class Believing(TrustingHub):
    """A hub that also believes a workspace's token: `ada/alpha` is that workspace's."""

    async def whoami(self, token: str) -> Mapping[str, Any] | None:
        """Who a token says it is."""
        return server_model(*token.split("/")) if "/" in token else await super().whoami(token)


@dataclass
class Twins:
    """The twin, made anew from a template after each attempt that may have changed it."""

    folder: Path
    _count: int = field(default=0, init=False)

    @cached_property
    def template(self) -> tuple[Path, dict[str, str]]:
        """A house with everything prepared, not served by anybody."""
        house = build(self.folder / "template")
        _cast(house.root)
        with TestClient(house.app):
            ids = prepare(house.desk, house.check)
        return house.root, ids

    @contextmanager
    def stage(self, switch: Switch, changes: Callable[[Any], None] | None = None) -> Iterator[Stage]:
        """A twin with rules switched off, and perhaps the application changed."""
        template, ids = self.template
        self._count += 1
        root = self.folder / f"twin-{self._count}"
        shutil.copytree(template, root)
        hub = Believing()
        with ExitStack() as stack:
            for name, instead in switch.items():
                stack.enter_context(patch(name, instead))
            database = f"sqlite:///{root / 'control' / 'ecluse.sqlite'}"
            app = create_app(AirlockSettings(url="http://testserver", root=root, database=database), hub=hub)
            if changes is not None:
                changes(app)
            House(root, app, hub)
            stack.enter_context(TestClient(app))  # its background task

            def browser(person: str) -> httpx.Client:
                made = TestClient(app, follow_redirects=True)
                stack.callback(made.close)
                if person:
                    hub.person = person
                    made.get(f"{AIRLOCK}/")
                made.follow_redirects = False
                return made

            yield Stage(browser, lambda p, of: {"Authorization": f"token {p}/{of}"}, ids)
        shutil.rmtree(root)


def _cast(root: Path) -> None:
    shutil.rmtree(root / "policies")
    for path, text in policy_files().items():
        file = root / "policies" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@dataclass(frozen=True)
class Try:
    """An attempt at the airlock: what to do, and what is switched off in the twin so that it works there."""

    name: str
    act: Act
    switch: Switch
    expected: str = "refused"
    changes: Callable[[Any], None] | None = None


def attempts(who: str, tries: list[Try], real: Callable[[], Stage], twins: Twins) -> Iterator[Attempt]:
    """Each against the real airlock and against its twin."""

    def against_twin(one: Try) -> Seen:
        with twins.stage(one.switch, one.changes) as stage:
            return one.act(stage)

    for one in tries:
        yield Attempt(who, one.name, one.expected, lambda one=one: one.act(real()), lambda one=one: against_twin(one))  # type: ignore[misc]
