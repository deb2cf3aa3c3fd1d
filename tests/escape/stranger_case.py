"""A case of the stranger: what is done at a place, and which twin it works at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from escape.attempt import Attempt, Seen
from escape.stranger_place import Place, Strangers

WHO = "stranger"
Act = Callable[[Place], Seen]

NO_EDGE, WEAK_HUB, WEAK_EDGE, NAIVE, NAIVE_CHUNKED = "no edge", "weak hub", "weak edge", "naive", "naive, chunked"
SAME = "same place"
"""The twin is the enclave itself: what protects it is given to the attacker, who tells by `place.twin`."""


@dataclass(frozen=True)
class Case:
    """One attempt."""

    name: str
    act: Act
    twin: str
    expected: str = "refused"
    elsewhere: bool = False
    """From an address of its own: what it does counts there, and nothing of others does."""


@dataclass
class Places:
    """The place of each twin, made when it is first needed."""

    strangers: Strangers
    _made: dict[str, Place] = field(default_factory=dict)

    def twin(self, kind: str) -> Place:
        """Where a case works."""
        if kind not in self._made:
            self._made[kind] = self._make(kind)
        return self._made[kind]

    def _make(self, kind: str) -> Place:
        here = self.strangers
        match kind:
            case "no edge":
                return here.no_edge
            case "weak hub":
                return here.weak_hub
            case "weak edge":
                return here.weak_edge
            case "naive" | "naive, chunked":
                return here.naive("chunked" if "chunked" in kind else "length")
            case "outside":
                address = here.world.outside.address
                ports = {str(port): address for port in (22, 25, 80, 443, 8080, 3128)}
                return Place(f"http://{address}:80", address, world=here.world, twin=True, more=ports)
            case "same place":
                one = here.real
                return Place(one.url, one.host, one.verify, one.log, world=one.world, twin=True)
        raise LookupError(kind)

    def attempts(self, cases: Iterator[Case]) -> Iterator[Attempt]:
        """Each at its twin, then at the edge."""
        for case in cases:
            yield Attempt(WHO, case.name, case.expected, partial(self._real, case), partial(self._weak, case))

    def _weak(self, case: Case) -> Seen:
        return case.act(self.twin(case.twin))

    def _real(self, case: Case) -> Seen:
        return case.act(self.strangers.elsewhere() if case.elsewhere else self.strangers.real)


def first(answer: bytes) -> str:
    """The first line of an answer, as it is told."""
    return answer.split(b"\r\n")[0].decode("latin-1")[:80] or "closed"
