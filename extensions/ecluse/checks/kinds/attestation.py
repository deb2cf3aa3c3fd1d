"""Attack reports of models: numbers of a fixed form, written anew.

Worked example: a report with a field that the form does not know is refused; whether its signature holds is judged
together with the model that it is for (`ecluse.checks.models.attest`).
"""

from ecluse.checks.facts import Facts
from ecluse.checks.limits import Limits
from ecluse.checks.models import attest

from . import Rebuilt, Unreadable

NAME = "attack-report"


def sniff(head: bytes, name: str) -> bool:  # noqa: ARG001 - one interface
    """JSON that names the form."""
    return attest.is_report(head)


def read(data: bytes, limits: Limits, name: str = "") -> attest.AttackReport:  # noqa: ARG001 - one interface
    """The report. Raises `Unreadable`."""
    report = attest.parse(data)
    if report is None:
        raise Unreadable("attack-report", "Not a report as `ecluse models attack` writes it.", "Send it unchanged.")
    return report


def facts(document: attest.AttackReport) -> Facts:  # noqa: ARG001 - one interface
    """None: its numbers describe attacks, not persons."""
    return Facts()


def rebuild(document: attest.AttackReport) -> Rebuilt:
    """The report with its fields in order."""
    return Rebuilt((document.model_dump_json(indent=2) + "\n").encode(), ".json")
