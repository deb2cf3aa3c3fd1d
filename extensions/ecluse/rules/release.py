"""What a release says of itself, who may have it, and what makes one false.

Worked example: `r-alpha-1` holds `km.csv`. Its manifest names the hash of the file, of the file as sent, the two
reviewers with the content hash that each voted for, the rules it was checked under, and the audit event that approved
it. Change one byte of the file, or of the manifest, and `bundle_problems` says which.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from .author import in_states
from .canonical import canonical_json, sha256
from .finding import CheckVerdict
from .names import Instant, PersonId, ProjectId, Sha256, Strict
from .outcome import ALLOWED, Reason, Refused, Verdict, first_refusal
from .paths import MAX_PATH, path_in_order
from .permit import user_can_work
from .policy import Policies
from .request import PERMISSIONS, Action, ReleaseId, Request, RequestId, State
from .review import Outcome, counting_votes, outcome

MANIFEST, SIGNATURE, FILES = "manifest.json", "manifest.sig", "files/"
"""Names inside a bundle."""


class ReleasedFile(Strict):
    """One file of a release. `path` is its name in the bundle, `sent` the name it was asked under."""

    path: Annotated[str, Field(min_length=1, max_length=MAX_PATH * 2)]
    sha256: Sha256
    size: int = Field(ge=0)
    sent: Annotated[str, Field(min_length=1, max_length=MAX_PATH)]
    original: Sha256
    kind: str
    verdict: CheckVerdict
    what: str
    population: str


class Signatory(Strict):
    """A reviewer who agreed, and to what."""

    reviewer: PersonId
    at: Instant
    content: Sha256


class AuditMark(Strict):
    """The audit event that approved the request: a head that outsiders can hold the chain to."""

    sequence: int = Field(ge=1)
    hash: Sha256


class Manifest(Strict):
    """`manifest.json` of a bundle."""

    format: Literal[1] = 1
    release: ReleaseId
    request: RequestId
    project: ProjectId
    title: str
    purpose: str
    author: PersonId
    released: Instant
    content: Sha256
    files: tuple[ReleasedFile, ...] = Field(min_length=1)
    reviewers: tuple[Signatory, ...] = Field(min_length=1)
    criteria: dict[str, Any]
    audit: AuditMark


def user_can_download(policies: Policies, person: str, request: Request) -> Verdict:
    """Allowed for the author of a released request who is still known. A lapsed project does not take results back."""
    if request.author != person or person not in policies.people:
        return Refused(Reason.NOT_THE_AUTHOR, "Only the author downloads a release.", "Ask the author.")
    if request.state not in PERMISSIONS[Action.DOWNLOAD][1]:
        return Refused(Reason.NOT_RELEASED, "The request is not released.", "Wait until the reviewers agree.")
    return ALLOWED


def can_release(policies: Policies, request: Request, now: datetime) -> Verdict:
    """Allowed if the request is approved, by votes that still count, and the permit of its author is in force.

    Asked again at the release itself: a controller may have withdrawn the agreement since the first vote.
    """
    undecided = Refused(
        Reason.WRONG_STATE, "The votes that still count do not approve the request.", "It needs another vote."
    )
    return first_refusal(
        in_states(request, frozenset({State.APPROVED}), "released"),
        ALLOWED if outcome(policies, request) is Outcome.APPROVE else undecided,
        user_can_work(policies, request.author, request.project, now),
    )


def manifest_for(
    policies: Policies,
    request: Request,
    sizes: Mapping[str, int],
    mark: AuditMark,
    now: datetime,
) -> Manifest:
    """The manifest of an approved request. `sizes`: bytes of each rebuilt file by its hash.

    Raises:
        ValueError: if a file has no rebuilt form, or two would have one name in the bundle. The check saw to neither.
    """
    files = []
    for file in request.files:
        if file.report is None or file.report.rebuilt is None:
            raise ValueError(f"'{file.path}' was not rebuilt")
        rebuilt = file.report.rebuilt
        files.append(
            ReleasedFile(
                path=rebuilt.path,
                sha256=rebuilt.sha256,
                size=sizes[rebuilt.sha256],
                sent=file.path,
                original=file.sha256,
                kind=file.report.kind,
                verdict=file.report.verdict,
                what=file.what,
                population=file.population,
            )
        )
    return Manifest(
        release=release_id(request.id),
        request=request.id,
        project=request.project,
        title=request.title,
        purpose=request.purpose,
        author=request.author,
        released=now,
        content=request.content,
        files=tuple(sorted(files, key=lambda f: f.path)),
        reviewers=tuple(
            Signatory(reviewer=v.reviewer, at=v.at, content=v.content)
            for v in counting_votes(policies, request)
            if v.approve
        ),
        criteria=request.check.criteria,
        audit=mark,
    )


def release_id(request_id: str) -> str:
    """`r-alpha-1` for `alpha-1`: a request is released once."""
    return f"r-{request_id}"


def manifest_bytes(manifest: Manifest) -> bytes:
    """The bytes that are signed."""
    return canonical_json(manifest.model_dump(mode="json"))


def bundle_problems(manifest: bytes, files: Mapping[str, tuple[str, int]]) -> Iterator[str]:
    """What is false in a bundle, apart from its signature: each as a sentence.

    Args:
        manifest: the bytes of `manifest.json`.
        files: hash and size of every other file of the bundle below `files/`, by path.
    """
    try:
        found = Manifest.model_validate_json(manifest)
    except ValidationError as error:
        yield f"manifest.json is not a manifest of format 1: {error.error_count()} errors"
        return
    if manifest_bytes(found) != manifest:
        # Two spellings of one manifest would be two releases with one meaning, only one of them signed.
        yield "manifest.json is not canonical JSON"
    named = {f.path: f for f in found.files}
    if len(named) != len(found.files):
        yield "manifest.json names a file twice"
    for path, file in sorted(named.items()):
        if not path_in_order(path):
            yield f"the path '{path}' could not be unpacked safely"
        if path not in files:
            yield f"'{path}' is missing"
        elif files[path] != (file.sha256, file.size):
            yield f"'{path}' is not the file that was released"
    yield from (f"'{path}' was not released" for path in sorted(files.keys() - named.keys()))
    yield from _signatory_problems(found)


def _signatory_problems(manifest: Manifest) -> Iterator[str]:
    rows = sorted([f.sent, f.original, f.sha256] for f in manifest.files)
    if sha256(canonical_json(rows)) != manifest.content:
        yield "the content hash is not that of the files"
    names = [r.reviewer for r in manifest.reviewers]
    if len(set(names)) != len(names):
        yield "a reviewer is named twice"
    if manifest.author in names:
        yield "the author is named as a reviewer"
    yield from (f"'{r.reviewer}' agreed to other files" for r in manifest.reviewers if r.content != manifest.content)
