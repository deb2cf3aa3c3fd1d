"""What a check says of a file: findings, a verdict, and the rebuilt file.

Worked example: a CSV with a cell of 4 persons gives one `Finding(rule="small-count", severity=REFUSE,
where="row 3, column 'n'", …)`, and the file's verdict is the worst severity found: `refuse`.
The JSON of `ecluse check` is exactly `CheckReport`; others script against it.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from .names import Sha256, Strict

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z](?:-?[a-z0-9])*$", max_length=60)]
"""Name of a check's rule, such as `small-count`; documented in docs/reference/rules.md."""


class Severity(StrEnum):
    """How much a finding weighs."""

    NOTE = "note"
    REVIEW = "review"
    REFUSE = "refuse"


class CheckVerdict(StrEnum):
    """What a check answers for a file or a request. Exit codes of `ecluse check`: 0, 1, 2."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    REVIEW = "review"
    REFUSE = "refuse"

    @property
    def exit_code(self) -> int:
        """0 pass, 1 review, 2 refuse."""
        return list(CheckVerdict).index(self)


class Place(Strict):
    """Where in the rebuilt file a finding is, for programs: all positions count from 0, or are absent."""

    cell: int | None = Field(default=None, ge=0, description="cell of a notebook")
    output: int | None = Field(default=None, ge=0, description="output of that cell")
    sheet: str | None = Field(default=None, max_length=200)
    page: int | None = Field(default=None, ge=0)
    line: int | None = Field(default=None, ge=0)
    row: int | None = Field(default=None, ge=0, description="row of a table, header not counted")
    column: int | None = Field(default=None, ge=0)


class Finding(Strict):
    """One thing found. `message` is the attack in one sentence with its numbers; `fix` works when followed."""

    rule: RuleId
    severity: Severity
    where: str = Field(default="", max_length=300, description="for people: \"cell 4, output 1, row 'Nord'\"")
    message: str = Field(min_length=1, max_length=2000)
    fix: str = Field(default="", max_length=2000)
    place: Place | None = None


class Rebuilt(Strict):
    """The canonical file made from what was understood. Reviewers see it and it alone is released."""

    path: str = Field(min_length=1, max_length=400)
    sha256: Sha256


class FileReport(Strict):
    """The check of one file. `rebuilt` is null where nothing of it may pass."""

    path: str = Field(min_length=1, max_length=400)
    kind: str = Field(max_length=40, description="kind by content: notebook, csv, png, text, … or unknown")
    verdict: CheckVerdict
    sha256: Sha256
    rebuilt: Rebuilt | None = None
    findings: tuple[Finding, ...] = ()


class CheckReport(Strict):
    """The check of a request. `criteria` records rules, parameters and versions (SATRE 3.3.09)."""

    verdict: CheckVerdict
    files: tuple[FileReport, ...]
    criteria: dict[str, Any] = Field(default_factory=dict)


def verdict_of(findings: tuple[Finding, ...] | list[Finding], *, rebuilt: bool) -> CheckVerdict:
    """The worst severity found; a file that could not be rebuilt is refused whatever was found."""
    severities = {f.severity for f in findings}
    if not rebuilt or Severity.REFUSE in severities:
        return CheckVerdict.REFUSE
    return CheckVerdict.REVIEW if Severity.REVIEW in severities else CheckVerdict.PASS


def worst(verdicts: list[CheckVerdict]) -> CheckVerdict:
    """The worst of several verdicts; of none, refuse: a request without a checked file can't pass."""
    return max(verdicts, key=lambda v: v.exit_code, default=CheckVerdict.REFUSE)
