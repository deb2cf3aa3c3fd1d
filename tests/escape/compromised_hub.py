"""Somebody has taken over the hub: they speak on its socket to the gate, and have its mounts. They want the machine."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from escape.attempt import Attempt, Seen
from escape.calls import CALLS, NOTED, spare
from escape.creations import CREATIONS, Attack, create
from escape.house import API, ENGINE, House, house
from escape.mounts import MOUNTS, shell
from escape.wire import Wire

WHO = "compromised hub"


@contextmanager
def place() -> Iterator[Iterable[Attempt]]:
    """The attempts. The planned workspace passes first: a gate that refuses everything would prove nothing."""
    with house() as found:
        passes(found)
        yield attempts(found)


def attempts(found: House) -> Iterator[Attempt]:
    """All of them, each against the gate and against its twin."""
    for name, attack in CREATIONS.items():
        yield _attempt(found, f"create {name}", "refused", attack, ENGINE)
    for name, attack in CALLS.items():
        yield _attempt(found, name, "refused", attack, ENGINE)
    for name, attack in NOTED.items():
        yield _attempt(found, name, "refused", attack, found.noted)
    for name, (command, weak) in MOUNTS.items():
        real, twin = partial(shell, found, command, weak=None), partial(shell, found, command, weak=weak)
        yield Attempt(WHO, name, "not there, or read-only", real, twin)


def _attempt(found: House, name: str, expected: str, attack: Attack, weak: Wire) -> Attempt:
    def way(wire: Wire) -> Seen:
        spare(found)
        return attack(found, wire)

    return Attempt(WHO, name, expected, partial(way, found.gate), partial(way, weak))


def passes(found: House) -> None:
    """The planned workspace is created, started, seen and removed by way of the gate."""
    gate = found.gate
    identity, answer = create(found, gate, found.body())
    assert identity, f"the planned workspace was refused: {answer}"
    for method, path in (("POST", "/start"), ("GET", "/json"), ("POST", "/stop"), ("DELETE", "")):
        answered = gate.ask(method, f"{API}/containers/{found.plan.container}{path}")
        assert answered.good, f"{method} {path}: {answered}"
