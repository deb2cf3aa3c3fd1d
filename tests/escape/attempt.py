"""One attempt to break out or in, and how it is judged.

Every attempt is made twice: first against a twin that is weakened on purpose, where it has to get through, then against
the real thing. What does not get through the twin is a broken attempt, and proves nothing about the real thing.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of an attempt: whether it got through, and what was seen."""

    through: bool
    what: str
    failed: bool = False
    """The attempt ended in an error of its own: nothing was learned."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: who makes it, what it is, what is expected, and the way to make it against both."""

    attacker: str
    name: str
    expected: str
    real: Callable[[], Seen]
    twin: Callable[[], Seen]


class Attacker(Protocol):
    """The place of one attacker. Entering it makes everything that the attempts touch; leaving removes all of it."""

    def __call__(self) -> AbstractContextManager[Iterable[Attempt]]:
        """The attempts, once everything stands."""
        ...


@dataclass(frozen=True, slots=True)
class Result:
    """An attempt, judged."""

    attempt: Attempt
    twin: Seen
    real: Seen | None

    @property
    def broken(self) -> bool:
        """The twin held, or the real thing gave no answer: the attempt does not work, and proves nothing."""
        return self.real is None or self.real.failed

    @property
    def held(self) -> bool:
        """It works, and did not get through the real thing."""
        return self.real is not None and not self.real.through and not self.real.failed

    def __str__(self) -> str:
        one = self.attempt
        if self.real is None:
            seen = f"BROKEN, its weakened twin held: {self.twin.what}"
        elif self.real.failed:
            seen = f"BROKEN, no answer: {self.real.what}"
        else:
            seen = f"{'held' if self.held else 'THROUGH'}: {self.real.what}"
        return f"{one.attacker} | {one.name} | expected: {one.expected} | seen: {seen}"


def judge(attempt: Attempt) -> Result:
    """Make an attempt against the twin, then against the real thing. What raises is told, not passed over."""
    twin = _make(attempt.twin)
    # An attempt whose twin held is not made against the real thing: there would be nothing to learn.
    return Result(attempt, twin, _make(attempt.real) if twin.through else None)


def _make(way: Callable[[], Seen]) -> Seen:
    try:
        return way()
    except Exception as error:
        return Seen(through=False, what=f"{type(error).__name__}: {error}"[:300], failed=True)


def last_line(results: list[Result]) -> str:
    """The suite's last line. A broken attempt is neither held nor through, so the numbers do not add up."""
    held = sum(r.held for r in results)
    through = sum(r.real is not None and r.real.through for r in results)
    return f"escape: {len(results)} attempts, {held} held, {through} through"
