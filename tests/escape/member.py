"""A member of another project: Ben works in beta, is signed in, has a running workspace there, and wants what is alpha's."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial

from escape import member_desk as papers
from escape import member_inside as inner
from escape import probes as runner
from escape.attempt import Attempt
from escape.hub_tries import hub_attempts
from escape.probes import Batch
from escape.researcher import IN_CLEAR, Values, as_service
from escape.world import World, inside, world
from integration.hub.stack import docker

WHO = "member of another project"
SECRET = "secret-of-alpha"


@contextmanager
def place() -> Iterator[Iterable[Attempt]]:
    """The attempts, from Ben's browser and from his running workspace of beta."""
    with world() as found:
        yield attempts(found)


def attempts(found: World) -> Iterator[Attempt]:
    """All of them. Ada's workspace of alpha runs: there is something to reach."""
    assert found.alpha
    yield from hub_attempts(WHO, found, "ben", other="ada", of="alpha")
    here = Here(found)
    for probes, who in ((inner.PROBES, "ben"), (inner.OWN, "cy")):
        real = Batch(partial(here.enter, who), here.values, probes, 12)
        twins = {
            kind: Batch(
                partial(here.enter, kind), partial(here.twin_values, kind), [p for p in probes if p.twin == kind], 12
            )
            for kind in {p.twin for p in probes}
        }
        yield from runner.attempts(WHO, probes, real, twins)
    yield from papers.attempts(WHO, found)


class Here:
    """The containers that probes go into, and what they are told."""

    def __init__(self, found: World) -> None:
        self.world = found

    def enter(self, kind: str) -> list[str]:
        """The command into Ben's workspace, Cy's of beta, or a twin."""
        found, name = self.world, self.world.name
        match kind:
            case "ben":
                return inside(found.beta)
            case "cy":
                return inside(self.cy)
            case inner.WEAK_HUB:
                return inside(found.twin("member-hub", network=found.weak.network))
            case inner.NEIGHBOUR:
                return inside(found.twin("member-net", *as_service(found), network=f"{name}-project-alpha"))
            case inner.MOUNTED:
                assert self.marked
                own = f"{found.enclave.root}/extracts/beta/current/stays:/data/stays:ro"
                return inside(found.twin("member-files", "--volumes-from", found.alpha, "-v", own))
            case inner.HOME:
                assert self.marked
                return inside(found.twin("member-home", "-v", f"{name}_home_alpha_ada:/home/researcher"))
        raise LookupError(kind)

    @cached_property
    def cy(self) -> str:
        """Cy's workspace of beta; Cy is in alpha as well."""
        return self.world.workspace("cy", "beta")

    @cached_property
    def marked(self) -> bool:
        """What Ada keeps in her home and in her project's folder, for the eyes of alpha."""
        for folder in ("/home/researcher", "/project"):
            docker(
                "exec", self.world.alpha, "sh", "-c", f"echo {SECRET} > {folder}/{SECRET}; chmod 644 {folder}/{SECRET}"
            )
        return True

    def values(self) -> Mapping[str, object]:
        """In Ben's workspace."""
        assert self.marked
        found = self.world
        mirror = found.address(f"{found.name}-mirror", f"{found.name}-project-alpha")
        swapped = Values(found, swapped=True).real()
        return {**swapped, "their_mirror": mirror, "me": "ben", "secret": SECRET, "cy_token": found.token(self.cy)}

    def twin_values(self, kind: str) -> Mapping[str, object]:
        """In a twin."""
        values = self.values()
        if kind == inner.WEAK_HUB:
            tokens = self.world.weak.tokens
            return {**values, **IN_CLEAR, "token": tokens["ben"], "cy_token": tokens["cy"]}
        return values


__all__ = ["WHO", "place"]
