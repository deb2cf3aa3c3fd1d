"""What the hub's pages show, and the one policy under which a browser may show them.

Style and scripts stand in the page itself and are allowed by their hash: nothing is loaded from anywhere.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from markupsafe import Markup

from ecluse.rules.disk import held_by, notes
from ecluse.rules.outcome import Refused
from ecluse.rules.permit import user_can_work
from ecluse.rules.policy import Policies
from ecluse.rules.project import Project
from ecluse.steps.spawn import Workspaces

AIRLOCK_URL = "/services/airlock/"
STYLES, SCRIPTS = ("hub.css",), ("home.js", "pending.js", "stopping.js")


@dataclass(frozen=True, slots=True)
class Card:
    """One project on a person's home page. `why_not` and `fix` say why no workspace can start."""

    project: Project
    datasets: tuple[str, ...]
    days_left: int
    why_not: str = ""
    fix: str = ""
    notes: tuple[str, ...] = ()


def cards(
    policies: Policies, person: str, now: datetime, used: Mapping[str, int] = MappingProxyType({}), enclave: str = ""
) -> list[Card]:
    """The person's projects, by id, each with what stands in the way of working in it, and which folder is full.

    `used` are bytes by volume of the enclave of that name.
    """
    found = []
    for project in policies.projects_of(person):
        verdict = user_can_work(policies, person, project.id, now)
        refused = verdict if isinstance(verdict, Refused) else None
        found.append(
            Card(
                project=project,
                datasets=tuple(policies.datasets[d].title for d in sorted(project.permit)),
                days_left=(project.expires - now.date()).days,
                # A refusal is false: ask what it is, not whether it is.
                why_not="" if refused is None else refused.message,
                fix="" if refused is None else refused.fix,
                notes=notes(project.workspace.disk_gib, held_by(used, enclave, project.id, person)),
            )
        )
    return found


def templates() -> Path:
    """Folder of the page templates."""
    return Path(str(files("ecluse.hub") / "templates"))


def template_vars(workspaces: Workspaces, used: Mapping[str, int]) -> dict[str, Any]:
    """What every template can use. Values that are callable are called with the person signed in.

    `used` are bytes by volume, which change while the hub runs.
    """

    def projects(user: Any) -> list[Card]:
        if not _is_person(user):
            return []
        policies, now = workspaces.policies.current(), workspaces.clock()
        return cards(policies, user.name, now, used, workspaces.settings.name)

    def person(user: Any) -> str:
        found = workspaces.policies.current().people.get(user.name) if _is_person(user) else None
        return found.name if found else ""

    inline: dict[str, Callable[[Any], Any] | Markup] = {
        # Our own files from the package, not input: they are meant to be markup.
        name.replace(".", "_"): Markup(asset(name))  # noqa: S704
        for name in (*STYLES, *SCRIPTS)
    }
    return {
        **inline,
        "projects": projects,
        "person_name": person,
        "airlock_url": AIRLOCK_URL,
    }


def _is_person(user: Any) -> bool:
    return user is not None and getattr(user, "kind", "user") == "user" and hasattr(user, "name")


def asset(name: str) -> str:
    """A style or script, as it stands in the page."""
    return (files("ecluse.hub") / "assets" / name).read_text(encoding="utf-8")


def content_security_policy(people: str = "") -> str:
    """The policy of every hub page. Scripts and style run only if they are exactly ours.

    `people` is the origin of people's own names: signing in ends in a workspace, and a browser asks where forms lead.
    """
    rules = {
        "default-src": "'none'",
        "script-src": _hashes(SCRIPTS),
        "style-src": _hashes(STYLES),
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": f"'self' {people}".strip(),
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hashes(names: tuple[str, ...]) -> str:
    digests = (hashlib.sha256(asset(name).encode()).digest() for name in names)
    return " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests)
