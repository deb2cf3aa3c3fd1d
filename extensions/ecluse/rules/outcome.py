"""What a rule answers: allowed, or refused with a reason code.

Worked example: an author votes on their own request. `rules.review` answers
`Refused(Reason.OWN_REQUEST, "You wrote this request.", "Two reviewers who are not members decide on it.")`.
Programs read the code, people read the sentences; nobody parses text.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Reason(StrEnum):
    """Why something was refused. One code per rule; each is documented and tested."""

    # calls
    NOT_SIGNED_IN = "not-signed-in"
    BAD_INPUT = "bad-input"
    UNAVAILABLE = "unavailable"
    # signing in
    UNKNOWN_IDENTITY = "unknown-identity"
    NO_SECOND_FACTOR = "no-second-factor"
    ROLE_NOT_CONFIRMED = "role-not-confirmed"
    UNPROVEN = "unproven"
    SIGNED_OUT = "signed-out"
    PROVIDER_SILENT = "provider-silent"
    # people and projects
    UNKNOWN_PERSON = "unknown-person"
    UNKNOWN_PROJECT = "unknown-project"
    NOT_A_MEMBER = "not-a-member"
    PROJECT_NOT_STARTED = "project-not-started"
    PROJECT_EXPIRED = "project-expired"
    PROJECT_PAUSED = "project-paused"
    DATASET_PAUSED = "dataset-paused"
    AGREEMENT_MISSING = "agreement-missing"
    TRAINING_LAPSED = "training-lapsed"
    TERMS_NOT_ACCEPTED = "terms-not-accepted"
    MISSING_ROLE = "missing-role"
    POLICIES_INVALID = "policies-invalid"
    # workspaces
    IMAGE_NOT_ALLOWED = "image-not-allowed"
    EXTRACT_MISSING = "extract-missing"
    NO_GPU = "no-gpu"
    TIER_NOT_AVAILABLE = "tier-not-available"
    OTHER_PROJECT_RUNNING = "other-project-running"
    SESSION_OVER = "session-over"
    START_FAILED = "start-failed"
    # the gate to the engine
    NOT_LET_THROUGH = "not-let-through"
    NOT_AS_PLANNED = "not-as-planned"
    NOT_A_WORKSPACE = "not-a-workspace"
    NO_NETWORK = "no-network"
    NOT_RECORDED = "not-recorded"
    # packages
    PACKAGE_NOT_ALLOWED = "package-not-allowed"
    # requests
    UNKNOWN_REQUEST = "unknown-request"
    UNKNOWN_FILE = "unknown-file"
    OTHER_PROJECT = "other-project"
    INSIDE_ONLY = "inside-only"
    NOT_THE_AUTHOR = "not-the-author"
    WRONG_STATE = "wrong-state"
    ALREADY_OPEN = "already-open"
    NO_FILES = "no-files"
    TOO_MANY_FILES = "too-many-files"
    SENT_TOO_MUCH = "sent-too-much"
    DISK_FULL = "disk-full"
    FILE_TOO_LARGE = "file-too-large"
    BAD_PATH = "bad-path"
    MISSING_DESCRIPTION = "missing-description"
    CHECK_REFUSED = "check-refused"
    CHECK_FAILED = "check-failed"
    TAMPERED = "tampered"
    # reviews
    OWN_REQUEST = "own-request"
    MEMBER_OF_PROJECT = "member-of-project"
    NOT_A_REVIEWER = "not-a-reviewer"
    ALREADY_VOTED = "already-voted"
    CONTENT_CHANGED = "content-changed"
    # releases
    NOT_RELEASED = "not-released"
    BAD_SIGNATURE = "bad-signature"


@dataclass(frozen=True, slots=True)
class Allowed:
    """The rule has no objection."""

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Refused:
    """The rule objects. `message` says what, `fix` how to mend it; both are for people."""

    reason: Reason
    message: str
    fix: str = ""

    def __bool__(self) -> bool:
        return False


Verdict: TypeAlias = Allowed | Refused
ALLOWED = Allowed()


class RefusedError(Exception):
    """A step stopped because a rule refused. Carries the verdict; the shell turns it into a status or an exit code."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"{refused.reason}: {refused.message}")
        self.refused = refused


def require(verdict: Verdict) -> None:
    """Raise `RefusedError` unless the verdict is `Allowed`."""
    if isinstance(verdict, Refused):
        raise RefusedError(verdict)


def first_refusal(*verdicts: Verdict) -> Verdict:
    """The first refusal of several, or `ALLOWED`. The order is the order in which people should mend things."""
    return next((v for v in verdicts if isinstance(v, Refused)), ALLOWED)
