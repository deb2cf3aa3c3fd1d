"""A stranger has the address of the enclave and nothing else: no account, no way but the edge's port."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain

from escape import stranger_doors as doors
from escape import stranger_floods as floods
from escape import stranger_pages as pages
from escape import stranger_sign_in as sign_in
from escape import stranger_tls, stranger_wire
from escape.attempt import Attempt
from escape.stranger_case import NAIVE, WHO, Places
from escape.stranger_place import Strangers
from escape.world import World, world


@contextmanager
def place() -> Iterator[Iterable[Attempt]]:
    """The attempts, from outside."""
    with world() as found:
        yield attempts(found)


def attempts(found: World) -> Iterator[Attempt]:
    """All of them. Ben's workspace runs: there is something to find."""
    assert found.beta
    places = Places(Strangers(found))
    for slow in (places.strangers.real, places.twin(NAIVE)):
        floods.begin(slow)
    cases = chain(stranger_tls.cases(), stranger_wire.cases(), doors.cases(), pages.cases())
    yield from places.attempts(cases)
    yield from doors.hub_attempts(found)
    yield from doors.airlock_attempts(found)
    yield from places.attempts(chain(sign_in.cases(), floods.cases()))


__all__ = ["WHO", "place"]
