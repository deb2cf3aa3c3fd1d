"""A case, and the two lists that the modules beside this one fill."""

from collections.abc import Iterable
from dataclasses import dataclass

File = tuple[str, bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """A request. `payload`: a leak is also caught when none of these texts is left in the rebuilt file.

    Without a payload the leak is in the numbers themselves, so only a verdict of review or refuse catches it.
    """

    name: str
    group: str
    files: tuple[File, ...]
    leak: bool
    payload: tuple[str, ...] = ()
    released: tuple[File, ...] = ()
    pseudonyms: frozenset[str] = frozenset()


def leak(name: str, group: str, *files: File, payload: Iterable[str] = (), **more: object) -> Case:
    """A request that must be caught."""
    return Case(name, group, files, leak=True, payload=tuple(payload), **more)  # type: ignore[arg-type]


def safe(name: str, group: str, *files: File, **more: object) -> Case:
    """A request that must pass with its content kept."""
    return Case(name, group, files, leak=False, **more)  # type: ignore[arg-type]
