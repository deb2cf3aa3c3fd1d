"""What the gate to the engine writes into the audit chain, and how much of it a flood can make it write.

Worked example: a taken-over hub asks for a privileged container ten thousand times. The first 60 refusals stand in the
chain one by one, then one every ten seconds, each with the number of those that went unrecorded before it.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ecluse.rules.outcome import Refused
from ecluse.rules.workspace import SpawnPlan

from .ports import AuditLog, PolicySource

log = logging.getLogger(__name__)

GATE = "ecluse:gate"
"""Actor of what the gate does."""

AT_ONCE, SECONDS_EACH = 60, 10.0
"""Events that a quiet gate may write at once, and the seconds after which it may write one more."""

LONGEST = 160


@dataclass
class Bucket:
    """Lets `size` through at once, and one more after each `seconds`. `ticks` is a clock that only goes forward."""

    size: int
    seconds: float
    ticks: Callable[[], float]
    _used: float = 0.0
    _at: float | None = None

    def take(self) -> bool:
        """Whether one more may pass now."""
        now = self.ticks()
        passed = 0.0 if self._at is None else now - self._at
        self._used, self._at = max(0.0, self._used - passed / self.seconds), now
        if self._used > self.size - 1:
            return False
        self._used += 1
        return True


@dataclass
class GateLog:
    """The gate's events. Starts and ends are bounded apart from refusals: a flood of these must not silence those."""

    audit: AuditLog
    policies: PolicySource
    ticks: Callable[[], float]
    unrecorded: int = 0
    _refusals: Bucket = field(init=False)
    _starts: Bucket = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._refusals = Bucket(AT_ONCE, SECONDS_EACH, self.ticks)
        self._starts = Bucket(AT_ONCE, 1.0, self.ticks)

    def creating(self, plan: SpawnPlan, image: str) -> bool:
        """Record that a workspace is about to be created; False if more were than any use explains.

        Raises:
            Exception: it could not be written; then nothing may be created.
        """
        with self._lock:
            if not self._starts.take():
                return False
        inside = {} if plan.inside is None else {"inside": plan.inside.image}
        self._record("workspace.create", plan.person, plan.project, {"image": image, **inside})
        return True

    def ended(self, person: str, project: str, why: Refused) -> None:
        """Record that the gate itself ended a workspace, because nobody else did."""
        self._record("workspace.end", person, project, {"reason": why.reason.value, "message": why.message})

    def refused(self, call: str, why: Refused) -> None:
        """Record a refusal, or count it. Never raises: what was refused stays refused, written down or not."""
        with self._lock:
            if not self._refusals.take():
                self.unrecorded += 1
                return
            left_out, self.unrecorded = self.unrecorded, 0
        self._write_refusal(printable(call), why, left_out)

    def catch_up(self) -> None:
        """Write down how many refusals went unrecorded, once there is room for an event."""
        with self._lock:
            if not self.unrecorded or not self._refusals.take():
                return
            left_out, self.unrecorded = self.unrecorded, 0
        self._write("", {"reason": "flood", "unrecorded": left_out})

    def _write_refusal(self, call: str, why: Refused, left_out: int) -> None:
        detail: dict[str, Any] = {"reason": why.reason.value, "message": printable(why.message, 600)}
        self._write(call, {**detail, "unrecorded": left_out} if left_out else detail)

    def _write(self, call: str, detail: dict[str, Any]) -> None:
        log.warning("refused: %s %s", call, detail)
        try:
            self.audit.record(GATE, "refused.gate", None, call, detail)
        except Exception:
            log.exception("a refusal could not be recorded")
            with self._lock:
                self.unrecorded += 1

    def _record(self, action: str, person: str, project: str, detail: dict[str, Any]) -> None:
        known = project if project in self.policies.current().projects else None
        self.audit.record(GATE, action, known, f"{person}/{project}", detail)


def printable(text: str, longest: int = LONGEST) -> str:
    """Printable ASCII of at most so many characters: what an attacker sends must not forge lines of a log."""
    return "".join(c if " " <= c <= "~" else "?" for c in text[:longest])
