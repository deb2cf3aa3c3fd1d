"""Attack reports: what membership-inference attacks on a model found, tied to its bytes and to its project.

A report is made inside the enclave by a data manager or an output checker (`ecluse models attack`), signed with a key
that never leaves the server: it is derived from the key of the project's record index, which workspaces do not see. A
report for other weights, for another project, or written by hand has no valid signature and counts for nothing.

Worked example: `sign({"weights": sha256, "auc": 0.56, …}, key)` → the checker finds the report beside `model.skops`
in the request, its AUC of 0.56 is below `attack_auc` (0.6), and the model goes to the reviewers instead of being
refused.
"""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from ecluse.rules.canonical import canonical_json
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.names import Sha256, Strict
from ecluse.rules.policy import OutputRules

FORMAT = "ecluse-attack-1"
_PERSON = b"attack-report"


class Attack(Strict):
    """One attack: its name, how many rows of each side it was tried on, and how well it told them apart."""

    name: str = Field(min_length=1, max_length=80)
    members: int = Field(ge=1)
    others: int = Field(ge=1)
    auc: float = Field(ge=0, le=1)
    tpr_at_low_fpr: float = Field(ge=0, le=1, description="true positives at a false positive rate of 0.1 %")


class AttackReport(Strict):
    """The report of `ecluse models attack`; `signature` is over everything else in canonical JSON."""

    format: Literal["ecluse-attack-1"]
    project: str = Field(max_length=100)
    weights: Sha256
    tool: str = Field(max_length=80, description="what ran the attacks, with its version")
    made: str = Field(max_length=40, description="date and time, UTC")
    attacks: tuple[Attack, ...] = Field(min_length=1, max_length=50)
    signature: str = Field(pattern=r"^[0-9a-f]{64}$")


def key_of(index_key: bytes) -> bytes:
    """The key of attack reports, derived from the key of a project's record index."""
    return hashlib.blake2b(_PERSON, key=index_key[:64], digest_size=32).digest()


def signature_of(report: dict[str, object], key: bytes) -> str:
    """HMAC-SHA-256 (hex) over the canonical JSON of a report without its signature."""
    body = {k: v for k, v in report.items() if k != "signature"}
    return hmac.new(key, canonical_json(body), hashlib.sha256).hexdigest()


def is_report(head: bytes) -> bool:
    """Whether bytes claim to be a report."""
    return head.lstrip()[:1] == b"{" and FORMAT.encode() in head[:4096]


def parse(data: bytes) -> AttackReport | None:
    """A report, or none where it has another form."""
    try:
        return AttackReport.model_validate_json(data)
    except ValidationError:
        return None


def verified(data: bytes, project: str, index: Path | None) -> AttackReport | None:
    """A report whose signature holds for this project, or none."""
    report = parse(data)
    if report is None or index is None or report.project != project:
        return None
    try:
        key = key_of((index / "key").read_bytes())
    except OSError:
        return None
    expected = signature_of(json.loads(report.model_dump_json()), key)
    return report if hmac.compare_digest(expected, report.signature) else None


def findings(sha256: str, reports: list[AttackReport], rules: OutputRules) -> list[Finding]:
    """What follows for a model from the valid reports of its request."""
    own = [r for r in reports if r.weights == sha256]
    if not own:
        other = "; the report in this request is for other weights" if reports else ""
        return [
            _say(
                "model-unattested",
                Severity.REFUSE,
                "A model may remember the persons it learned from, and nobody has tried it: there is no valid attack "
                f"report for these weights{other}.",
                "Ask a data manager to run `ecluse models attack` on this file, and send its report along; or release "
                "coefficients and scores as a table.",
            )
        ]
    attacks = [a for r in own for a in r.attacks]
    worst = max(attacks, key=lambda a: a.auc)
    risky = max(attacks, key=lambda a: a.tpr_at_low_fpr)
    if worst.auc > rules.attack_auc or risky.tpr_at_low_fpr > rules.attack_tpr:
        return [
            _say(
                "model-attack",
                Severity.REFUSE,
                f"The attack {worst.name!r} tells members from others with an AUC of {worst.auc:.2f} (allowed "
                f"{rules.attack_auc}), {risky.name!r} finds {risky.tpr_at_low_fpr:.1%} of the members at 0.1 % false "
                f"alarms (allowed {rules.attack_tpr:.1%}).",
                "Fit a simpler or more regular model, or with differential privacy, and have it tried again.",
            )
        ]
    return [
        _say(
            "model-attested",
            Severity.REVIEW,
            f"Tried by {', '.join(sorted({r.tool for r in own}))}: the best of {len(attacks)} attacks has an AUC of "
            f"{worst.auc:.2f}. Attacks that nobody ran may do better.",
            "Look at what the model is for, and at what its report covers.",
        )
    ]


def _say(rule: str, severity: Severity, message: str, fix: str) -> Finding:
    return Finding(rule=rule, severity=severity, message=message, fix=fix, where="model")
