"""The step from a wish for a workspace to a plan, and the events of the hub.

Load the policies, decide, record. Worked example: `ada` asks for `alpha`; the plan comes back, and `workspace.start`
is recorded before the address is given away. If the rules refuse, `refused.start` is recorded with the reason, and
`RefusedError` carries the sentence to the page.
"""

from collections.abc import Collection
from dataclasses import dataclass

from ecluse.rules.outcome import Refused, RefusedError
from ecluse.rules.workspace import DATA, SpawnPlan, SpawnSettings, plan_workspace

from .ports import AuditLog, Clock, PolicySource

HUB = "ecluse:hub"
"""Actor of what the hub does by itself."""


@dataclass(frozen=True)
class Workspaces:
    """Plans workspaces, and records what becomes of them and of the people at the door."""

    policies: PolicySource
    audit: AuditLog
    clock: Clock
    settings: SpawnSettings

    def plan(self, person: str, project: str, running: Collection[str] = ()) -> SpawnPlan:
        """The plan of one workspace.

        Raises:
            RefusedError: the rules refuse; the refusal is recorded.
        """
        result = plan_workspace(self.policies.current(), person, project, self.clock(), self.settings, running=running)
        if isinstance(result, Refused):
            self.refused(person, project, result)
            raise RefusedError(result)
        return result

    def refused(self, person: str, project: str, refused: Refused) -> None:
        """Record that no workspace started, and why."""
        detail = {"reason": refused.reason.value, "message": refused.message}
        known = project if project in self.policies.current().projects else None
        self.audit.record(person, "refused.start", known, f"{person}/{project}", detail)

    def started(self, plan: SpawnPlan) -> None:
        """Record a start: which image, which data, which limits; of a sealed session, those behind the pane."""
        work = plan.inside or plan
        detail = {
            "image": work.image,
            "data": [m.target for m in work.mounts if m.target.startswith(f"{DATA}/")],
            "memory": work.limits.memory,
            "cpus": str(work.limits.cpus),
            "gpus": work.gpus,
            **({"pane": plan.image} if plan.inside else {}),
        }
        self.audit.record(plan.person, "workspace.start", plan.project, f"{plan.person}/{plan.project}", detail)

    def stopped(self, person: str, project: str, reason: str, message: str = "") -> None:
        """Record a stop. `reason` is a code of `rules.outcome`, or `asked` or `ended`."""
        actor = person if reason == "asked" else HUB
        known = project if project in self.policies.current().projects else None
        self.audit.record(actor, "workspace.stop", known, f"{person}/{project}", {"reason": reason, "message": message})

    def signed_in(self, person: str) -> None:
        """Record that a person signed in."""
        self.audit.record(person, "session.sign-in", None, person, {})

    def sign_in_refused(self, tried: str, reason: str) -> None:
        """Record a refused sign-in. A name nobody has is left out: people type passwords into the wrong field."""
        subject = tried if tried in self.policies.current().people else ""
        self.audit.record(HUB, "refused.sign-in", None, subject, {"reason": reason})

    def put_out(self, person: str, why: Refused) -> None:
        """Record that a person's session and workspaces were ended because the provider no longer vouches for them."""
        self.audit.record(HUB, "session.end", None, person, {"reason": why.reason.value, "message": why.message})

    def policies_invalid(self, errors: list[str]) -> None:
        """Record that an edit of the policies is not in force, because it is not valid."""
        self.audit.record(HUB, "policies.invalid", None, "", {"errors": errors[:20], "count": len(errors)})
