from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ecluse.rules.author import (
    seen_outside,
    user_can_advise,
    user_can_attach,
    user_can_comment_as_author,
    user_can_create,
    user_can_detach,
    user_can_edit,
    user_can_read,
    user_can_submit,
    user_can_withdraw,
    workspace_can_reach,
)
from ecluse.rules.outcome import Allowed, Reason, Refused
from ecluse.rules.paths import MAX_PATH, clash, path_in_order
from ecluse.rules.project import Tier
from ecluse.rules.request import (
    EDITABLE,
    FINAL,
    OWNERS,
    PERMISSIONS,
    TRANSITIONS,
    Action,
    Check,
    CheckState,
    LongText,
    Owner,
    RequestFile,
    RequestId,
    State,
    Title,
    changed,
    content_hash,
    moved,
    next_state,
    project_of,
)
from factories import NOW, file_report, request_at
from policies import FILES, policies


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return policies(tmp_path_factory.mktemp("policies"))


def reason(verdict):
    return verdict.reason if isinstance(verdict, Refused) else None


# the tables


def test_every_state_has_an_owner_and_a_way_in():
    assert set(OWNERS) == set(State)
    assert {t.target for t in TRANSITIONS} | {State.DRAFT} == set(State)


def test_nothing_leaves_a_final_state_and_everything_else_can_be_left():
    assert {t.source for t in TRANSITIONS} == set(State) - FINAL


def test_no_state_and_action_lead_two_ways():
    keys = [(t.source, t.action) for t in TRANSITIONS]
    assert len(set(keys)) == len(keys)


def test_only_the_owner_moves_a_request_on_apart_from_withdrawing_and_tampering():
    free = {Action.WITHDRAW, Action.TAMPER}
    for t in TRANSITIONS:
        assert t.by is OWNERS[t.source] or t.action in free


def test_a_request_reaches_release_only_through_check_and_review():
    before = {State.RELEASED: {State.APPROVED}, State.APPROVED: {State.IN_REVIEW}, State.IN_REVIEW: {State.CHECKING}}
    for state, sources in before.items():
        assert {t.source for t in TRANSITIONS if t.target is state} == sources
    assert next_state(State.APPROVED, Action.RELEASE) is State.RELEASED


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("action", list(Action))
def test_moving_follows_the_table_or_is_a_fault(state, action):
    request = request_at(state)
    target = next_state(state, action)
    if target is None:
        with pytest.raises(ValueError, match="no way"):
            moved(request, action, NOW)
    else:
        assert moved(request, action, NOW).state is target


def test_a_change_is_validated():
    later = NOW + timedelta(hours=1)
    assert changed(request_at(), later, title="New").updated == later
    with pytest.raises(ValidationError):
        changed(request_at(), NOW, title="x" * 1000)


@pytest.mark.parametrize("text", ["two\nlines", "nul\x00", "turned \u202eround"])
def test_titles_hold_nothing_that_misleads(text):
    with pytest.raises(ValidationError):
        TypeAdapter(Title).validate_python(text)


def test_longer_texts_may_have_lines():
    assert TypeAdapter(LongText).validate_python(" a\nb\t ") == "a\nb"
    with pytest.raises(ValidationError):
        TypeAdapter(LongText).validate_python("a\x1bb")


@pytest.mark.parametrize("text", ["alpha-1", "a-b-2", "a1-10"])
def test_ids_name_project_and_number(text):
    assert TypeAdapter(RequestId).validate_python(text) == text
    assert project_of(text) == text.rsplit("-", 1)[0]


@pytest.mark.parametrize("text", ["alpha", "alpha-0", "alpha-01", "-1", "Alpha-1", "alpha--1", "alpha-1\n", "../a-1"])
def test_other_ids_are_refused(text):
    with pytest.raises(ValidationError):
        TypeAdapter(RequestId).validate_python(text)


# what votes are about


def _file(path, sha="a" * 64, rebuilt=None):
    return RequestFile(path=path, sha256=sha, size=1, report=file_report(path, sha, rebuilt) if rebuilt else None)


def test_content_hash_knows_path_bytes_and_rebuilt_bytes_and_no_order():
    one, two = _file("a.csv"), _file("b.csv", "b" * 64)
    hashes = {
        content_hash([one, two]),
        content_hash([one]),
        content_hash([one, _file("c.csv", "b" * 64)]),
        content_hash([one, _file("b.csv", "c" * 64)]),
        content_hash([one, _file("b.csv", "b" * 64, "d" * 64)]),
        content_hash([one, _file("b.csv", "b" * 64, "e" * 64)]),
        content_hash([]),
    }
    assert len(hashes) == 7
    assert content_hash([one, two]) == content_hash([two, one])


@given(st.lists(st.tuples(st.text(min_size=1, max_size=5), st.sampled_from("ab")), unique_by=lambda t: t[0]))
def test_content_hash_is_the_same_for_every_order(pairs):
    files = [_file(path, letter * 64) for path, letter in pairs]
    assert content_hash(files) == content_hash(reversed(files))


# who may do what


def test_a_member_in_force_creates_up_to_the_limit(found):
    assert user_can_create(found, "ada", "alpha", 0, NOW)
    assert reason(user_can_create(found, "ada", "alpha", 1, NOW)) is Reason.ALREADY_OPEN
    assert reason(user_can_create(found, "ben", "alpha", 0, NOW)) is Reason.NOT_A_MEMBER
    assert reason(user_can_create(found, "ada", "alpha", 0, NOW.replace(year=2027))) is Reason.PROJECT_EXPIRED


def _attach(p, who, r):
    return user_can_attach(p, who, r, "new.csv", 10, NOW)


AUTHORS = {
    Action.EDIT: lambda p, who, r: user_can_edit(p, who, r, NOW),
    Action.ATTACH: _attach,
    Action.DETACH: lambda p, who, r: user_can_detach(p, who, r, "km.csv", NOW),
    Action.ADVISE: lambda p, who, r: user_can_advise(p, who, r, NOW),
    Action.SUBMIT: lambda p, who, r: user_can_submit(p, who, r, NOW),
    Action.WITHDRAW: user_can_withdraw,
    Action.COMMENT: lambda p, who, r: user_can_comment_as_author(p, who, r, NOW),
}


@pytest.mark.parametrize("action", list(AUTHORS))
@pytest.mark.parametrize("state", list(State))
def test_the_author_acts_in_the_states_of_the_table_and_nobody_else_does(found, action, state):
    request = request_at(state)
    verdict = AUTHORS[action](found, "ada", request)
    assert bool(verdict) is (state in PERMISSIONS[action][1])
    if not verdict:
        assert reason(verdict) is Reason.WRONG_STATE
    for other in ("mem", "ben", "rev", "con", "nobody"):
        assert reason(AUTHORS[action](found, other, request)) is Reason.NOT_THE_AUTHOR


@pytest.mark.parametrize("action", [a for a in AUTHORS if a is not Action.WITHDRAW])
def test_an_author_whose_project_is_over_only_withdraws(tmp_path, action):
    alpha = FILES["projects/alpha.yaml"].replace("expires: 2026-12-31", "expires: 2026-03-01")
    over = policies(tmp_path, **{"projects/alpha.yaml": alpha})
    assert reason(AUTHORS[action](over, "ada", request_at())) is Reason.PROJECT_EXPIRED
    assert user_can_withdraw(over, "ada", request_at())


def test_an_author_who_is_no_longer_known_withdraws_nothing(found):
    request = request_at(author="gone")
    assert reason(user_can_withdraw(found, "gone", request)) is Reason.UNKNOWN_PERSON


def test_only_existing_files_are_taken_out(found):
    assert reason(user_can_detach(found, "ada", request_at(), "none.csv", NOW)) is Reason.UNKNOWN_FILE


def test_one_check_at_a_time(found):
    running = request_at(check=Check(state=CheckState.RUNNING, job="0" * 32))
    assert reason(user_can_advise(found, "ada", running, NOW)) is Reason.WRONG_STATE


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"files": ()}, Reason.NO_FILES),
        ({"title": ""}, Reason.MISSING_DESCRIPTION),
        ({"purpose": " "}, Reason.MISSING_DESCRIPTION),
        ({"files": (_file("a.csv"),)}, Reason.MISSING_DESCRIPTION),
        ({"files": (_file("a.csv").model_copy(update={"what": "x"}),)}, Reason.MISSING_DESCRIPTION),
    ],
)
def test_submitting_needs_files_and_words(found, changes, expected):
    verdict = user_can_submit(found, "ada", request_at(**changes), NOW)
    assert reason(verdict) is expected


def test_advice_needs_files_but_no_words(found):
    assert user_can_advise(found, "ada", request_at(title="", purpose=""), NOW)
    assert reason(user_can_advise(found, "ada", request_at(files=()), NOW)) is Reason.NO_FILES


def test_files_are_bounded_in_size_and_number(tmp_path):
    found = policies(tmp_path, **{"rules.yaml": "max_files: 1\nmax_file_bytes: 2048\n"})
    request = request_at()
    assert user_can_attach(found, "ada", request, "km.csv", 2048, NOW), "a file may be replaced"
    assert reason(user_can_attach(found, "ada", request, "km.csv", 2049, NOW)) is Reason.FILE_TOO_LARGE
    assert reason(user_can_attach(found, "ada", request, "b.csv", 1, NOW)) is Reason.TOO_MANY_FILES


@pytest.mark.parametrize("path", ["KM.csv", "km.csv/more.csv"])
def test_files_that_would_overwrite_each_other_are_refused(found, path):
    assert reason(user_can_attach(found, "ada", request_at(), path, 1, NOW)) is Reason.BAD_PATH


def test_what_is_sent_within_a_day_is_limited(tmp_path):
    found = policies(tmp_path, **{"rules.yaml": f"sent_per_day_bytes: {3 * 1024**2}\n"})
    attach = partial(user_can_attach, found, "ada", request_at(), "b.csv", 10, NOW)
    assert attach([2 * 1024**2])
    assert attach([1, 1]), "each small file counts for a mebibyte"
    for sent in ([2 * 1024**2 + 1], [1, 1, 1]):
        assert reason(attach(sent)) is Reason.SENT_TOO_MUCH


def test_a_folder_beside_a_file_of_a_longer_name_is_no_clash():
    assert not clash("a", "ab/c")
    assert not clash("a", "a")
    assert clash("a/b", "A")


# who reads


@pytest.mark.parametrize("person", ["ada", "mem", "rev", "con"])
def test_members_reviewers_and_controllers_read(found, person):
    assert user_can_read(found, person, request_at())


def test_auditors_read_and_controllers_of_other_data_do_not(tmp_path):
    people = FILES["people.yaml"] + (
        "  aud: {name: Aud, roles: [auditor], trained_until: 2027-12-31}\n"
        "  oth: {name: Oth, roles: [controller], trained_until: 2027-12-31}\n"
    )
    found = policies(tmp_path, **{"people.yaml": people})
    assert user_can_read(found, "aud", request_at())
    assert reason(user_can_read(found, "oth", request_at())) is Reason.UNKNOWN_REQUEST


def test_others_learn_what_they_would_learn_of_no_request(found):
    for person in ("ben", "nobody"):
        verdict = user_can_read(found, person, request_at())
        assert isinstance(verdict, Refused)
        assert verdict.reason is Reason.UNKNOWN_REQUEST


def test_requests_of_a_project_that_is_gone_are_read_by_reviewers_alone(found):
    request = request_at(id="gone-1", project="gone", author="ada")
    assert user_can_read(found, "rev", request)
    assert not user_can_read(found, "ada", request)


@pytest.mark.parametrize("state", State)
def test_members_of_a_sealed_project_see_outside_what_was_released_and_nothing_before(found, state):
    request = request_at(state)
    assert seen_outside(found, "ada", request)
    alpha = found.projects["alpha"].model_copy(update={"tier": Tier.SEALED})
    sealed = replace(found, projects={**found.projects, "alpha": alpha})
    for person in ("ada", "mem"):
        verdict = seen_outside(sealed, person, request)
        assert isinstance(verdict, Allowed) is (state is State.RELEASED)
        assert verdict or reason(verdict) is Reason.INSIDE_ONLY
    assert seen_outside(sealed, "rev", request)
    # An author who left the project is no member, and still the author.
    left = alpha.model_copy(update={"members": {"mem": alpha.members["mem"]}})
    assert bool(seen_outside(replace(sealed, projects={"alpha": left}), "ada", request)) is (state is State.RELEASED)
    assert seen_outside(replace(sealed, projects={}), "ada", request)


def test_a_workspace_reaches_its_own_projects_requests_alone():
    assert isinstance(workspace_can_reach("alpha", "alpha-1"), Allowed)
    for other in ("beta-1", "alpha-b-1", "a-1", "beta-999"):
        assert reason(workspace_can_reach("alpha", other)) is Reason.OTHER_PROJECT


# paths


@pytest.mark.parametrize("path", ["km.csv", "results/é/km 2.csv", "a/b/c", "C", "…", "a..b", "x" * MAX_PATH])
def test_ordinary_paths_are_in_order(path):
    assert path_in_order(path)


@pytest.mark.parametrize(
    "path",
    [
        "", "/a", "//a", "a//b", "a/", ".", "..", "../a", "a/../b", ".git/config", "a/.hidden", "C:a", "c:/a", "a\\b",
        "a\x00", "a\nb", "a\x7f", "a\u202egpj.exe", "a\u200bb", "a\xa0b", "e\u0301.csv", "a|b", "a?", "a*", 'a"', "<a>",
        "a ", "a.", "a/b ./c", " a", "a\ud800", "x" * (MAX_PATH + 1),
    ],
)  # fmt: skip
def test_paths_that_escape_hide_or_mislead_are_refused(path):
    assert reason(path_in_order(path)) is Reason.BAD_PATH


@given(st.text(max_size=30))
def test_a_path_in_order_stays_below_its_folder(path):
    if path_in_order(path):
        assert not path.startswith("/")
        assert all(part not in ("", ".", "..") for part in path.split("/"))
        assert "\\" not in path
        assert path.isprintable()


def test_editable_states_belong_to_the_author():
    assert {s for s in State if OWNERS[s] is Owner.AUTHOR} == EDITABLE
