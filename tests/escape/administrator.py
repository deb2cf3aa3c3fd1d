"""An administrator of the platform, by the role in the policies, wants data that are none of their business.

Root of the host holds everything, and is no attacker here: docs/explanation/threat-model.md.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from escape import desk
from escape import desk_tries as tries
from escape.attempt import Attempt
from escape.desk import Try, Twins
from escape.desk_tries import BLINDNESS, READ, get
from escape.hub_tries import hub_attempts
from escape.web import good, holds
from escape.world import AIRLOCK, World, world

WHO = "administrator"
IDS = ("ada", "mem", "draft", "released", "withdrawn")


@contextmanager
def place() -> Iterator[Iterable[Attempt]]:
    """The attempts, of Adm, who is nobody's colleague and no reviewer."""
    with world() as found:
        yield attempts(found)


def attempts(found: World) -> Iterator[Attempt]:
    """All of them."""
    real = cache(lambda: desk.real_stage(found, {}))
    yield from hub_attempts(WHO, found, "adm")
    yield from desk.attempts(WHO, list(_desk()), real, Twins(found.folder / "twins-administrator"))


def _desk() -> Iterator[Try]:
    yield from tries.reading("adm", IDS)
    yield from tries.acting("adm", ("ada", "mem"))
    yield from tries.claiming("adm", "ria")
    yield from tries.files("adm")
    yield Try(
        "read a blind comment", get("adm", f"{AIRLOCK}/requests/{{ada}}", holds(desk.BLIND)), {**READ, **BLINDNESS}
    )
    for name, path in {"of a workspace": "/api/v1/requests", "of one request": "/api/v1/requests/{ada}"}.items():
        yield Try(
            f"call the API {name} with a session", get("adm", AIRLOCK + path, good), {}, "refused", _session_is_enough
        )


def _session_is_enough(app: object) -> None:
    """An API that takes a person for a workspace."""
    from ecluse.airlock import api
    from ecluse.steps.acting import Who

    app.dependency_overrides[api._workspace] = lambda: Who("ada", "alpha")  # type: ignore[attr-defined]


__all__ = ["WHO", "place"]
