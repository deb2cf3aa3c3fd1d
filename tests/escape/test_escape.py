"""The escape suite as a test: every attempt is sound, and every one is held."""

from collections.abc import Iterator

import pytest

from escape.attackers import ATTACKERS
from escape.attempt import Attempt, Result, Seen, judge, last_line
from escape.world import standing

FLOOR = {
    "compromised hub": 120,
    "reviewer": 120,
    "administrator": 120,
    "researcher": 120,
    "hostile file": 300,
    "stranger": 120,
    "member of another project": 120,
}
"""Fewest attempts of each attacker: none may be lost unseen."""


def attempt(*, real: bool, twin: bool) -> Attempt:
    return Attempt("who", "what", "refused", lambda: Seen(real, "r"), lambda: Seen(twin, "t"))


def test_broken_attempt_counts_as_nothing() -> None:
    results = [judge(attempt(real=r, twin=t)) for r, t in ((False, True), (True, True), (False, False))]
    assert [(r.held, r.broken) for r in results] == [(True, False), (False, False), (False, True)]
    assert last_line(results) == "escape: 3 attempts, 1 held, 1 through"
    assert str(results[0]) == "who | what | expected: refused | seen: held: r"
    assert "BROKEN" in str(results[2])


def test_attempt_that_raises_is_told() -> None:
    def fails() -> Seen:
        raise OSError("no socket")

    result = judge(Attempt("who", "what", "refused", fails, lambda: Seen(True, "t")))
    assert result.broken
    assert not result.held
    assert "OSError: no socket" in str(result)
    assert judge(Attempt("who", "what", "refused", lambda: Seen(False, ""), fails)).broken


@pytest.fixture(scope="module", autouse=True)
def _one_world() -> Iterator[None]:
    """One enclave for all attackers."""
    with standing():
        yield


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ATTACKERS)
def test_every_attempt_is_held(name: str) -> None:
    with ATTACKERS[name]() as attempts:
        results: list[Result] = [judge(a) for a in attempts]
    assert [str(r) for r in results if not r.held] == []
    assert len({r.attempt.name for r in results}) == len(results) >= FLOOR[name]
