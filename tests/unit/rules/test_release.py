import json

import pytest

from ecluse.rules.canonical import canonical_json
from ecluse.rules.outcome import Reason, Refused
from ecluse.rules.release import (
    AuditMark,
    bundle_problems,
    can_release,
    manifest_bytes,
    manifest_for,
    release_id,
    user_can_download,
)
from ecluse.rules.request import Check, State
from factories import NOW, request_at, with_votes
from policies import FILES, policies

MARK = AuditMark(sequence=7, hash="c" * 64)
SIZES = {"b" * 64: 30}
FILES_OF = {"km.csv": ("b" * 64, 30)}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return policies(tmp_path_factory.mktemp("policies"))


def approved(**changes):
    check = Check(criteria={"minimum_count": 11, "share": 0.9})
    return with_votes(request_at(State.APPROVED, check=check, **changes), rev=True, ria=True, rob=False)


def reason(verdict):
    return verdict.reason if isinstance(verdict, Refused) else None


def test_approved_request_is_released(found):
    assert can_release(found, approved(), NOW)


def test_only_approved_requests_are_released(found):
    assert reason(can_release(found, request_at(State.IN_REVIEW), NOW)) is Reason.WRONG_STATE


def test_release_needs_votes_that_still_count(tmp_path):
    alpha = FILES["projects/alpha.yaml"].replace("{ada: lead,", "{ada: lead, rev: researcher,")
    found = policies(tmp_path, **{"projects/alpha.yaml": alpha})
    assert reason(can_release(found, approved(), NOW)) is Reason.WRONG_STATE


def test_release_waits_while_a_controller_withdraws_the_agreement(tmp_path):
    alpha = FILES["projects/alpha.yaml"].replace("    agreed: 2025-12-01\n", "")
    found = policies(tmp_path, **{"projects/alpha.yaml": alpha})
    assert reason(can_release(found, approved(), NOW)) is Reason.AGREEMENT_MISSING


def test_the_author_alone_downloads_and_only_what_is_released(found):
    released = request_at(State.RELEASED)
    assert user_can_download(found, "ada", released)
    for person in ("mem", "rev", "con", "ben", "nobody"):
        assert reason(user_can_download(found, person, released)) is Reason.NOT_THE_AUTHOR
    assert reason(user_can_download(found, "gone", request_at(State.RELEASED, author="gone"))) is Reason.NOT_THE_AUTHOR
    assert reason(user_can_download(found, "ada", approved())) is Reason.NOT_RELEASED


def test_manifest_names_files_reviewers_criteria_and_audit(found):
    manifest = manifest_for(found, approved(), SIZES, MARK, NOW)
    assert manifest.release == release_id("alpha-1") == "r-alpha-1"
    (file,) = manifest.files
    assert (file.path, file.sent, file.sha256, file.original, file.size) == ("km.csv", "km.csv", "b" * 64, "a" * 64, 30)
    assert [s.reviewer for s in manifest.reviewers] == ["rev", "ria"], "who refused did not sign"
    assert manifest.criteria == {"minimum_count": 11, "share": 0.9}
    assert manifest.audit == MARK
    assert list(bundle_problems(manifest_bytes(manifest), FILES_OF)) == []


def test_what_was_not_rebuilt_has_no_manifest(found):
    request = approved()
    (file,) = request.files
    unchecked = request.model_copy(update={"files": (file.model_copy(update={"report": None}),)})
    with pytest.raises(ValueError, match="not rebuilt"):
        manifest_for(found, unchecked, SIZES, MARK, NOW)
    refused = file.report.model_copy(update={"rebuilt": None})
    with pytest.raises(ValueError, match="not rebuilt"):
        manifest_for(
            found,
            request.model_copy(update={"files": (file.model_copy(update={"report": refused}),)}),
            SIZES,
            MARK,
            NOW,
        )


def problems(found, edit=lambda m: None, files=None):
    values = json.loads(manifest_bytes(manifest_for(found, approved(), SIZES, MARK, NOW)))
    edit(values)
    return list(bundle_problems(canonical_json(values), FILES_OF if files is None else files))


@pytest.mark.parametrize(
    ("edit", "files", "said"),
    [
        (lambda m: m.update(format=2), None, "not a manifest"),
        (lambda m: m.update(extra=1), None, "not a manifest"),
        (lambda m: m.pop("title"), None, "not a manifest"),
        (lambda m: m["files"].append(m["files"][0]), None, "names a file twice"),
        (lambda m: m["files"][0].update(path="../km.csv"), {"../km.csv": ("b" * 64, 30)}, "could not be unpacked"),
        (lambda m: None, {}, "is missing"),
        (lambda m: None, {"km.csv": ("d" * 64, 30)}, "is not the file"),
        (lambda m: None, {"km.csv": ("b" * 64, 31)}, "is not the file"),
        (lambda m: None, {**FILES_OF, "more.csv": ("b" * 64, 30)}, "'more.csv' was not released"),
        (lambda m: m["files"][0].update(original="e" * 64), None, "content hash"),
        (lambda m: m["reviewers"].append(m["reviewers"][0]), None, "a reviewer is named twice"),
        (lambda m: m["reviewers"][0].update(reviewer="ada"), None, "author is named as a reviewer"),
        (lambda m: m["reviewers"][0].update(content="f" * 64), None, "'rev' agreed to other files"),
    ],
)
def test_each_falsehood_in_a_bundle_is_named(found, edit, files, said):
    assert any(said in problem for problem in problems(found, edit, files))


def test_a_manifest_has_one_spelling(found):
    pretty = json.dumps(json.loads(manifest_bytes(manifest_for(found, approved(), SIZES, MARK, NOW))), indent=1)
    assert list(bundle_problems(pretty.encode(), FILES_OF)) == ["manifest.json is not canonical JSON"]
