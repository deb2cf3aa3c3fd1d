from functools import partial

import pytest

from ecluse.rules.outcome import Reason, RefusedError
from ecluse.rules.request import CheckState, State
from ecluse.steps.acting import Who
from ecluse.steps.ports import TooLargeError
from factories import ADA, MEM, REV, RIA, TABLE
from policies import FILES, SEALED


def refusal(call):
    with pytest.raises(RefusedError) as caught:
        call()
    return caught.value.refused.reason


def test_requests_are_numbered_per_project(lock):
    lock.set_policies(**{"rules.yaml": "open_requests: 3\n"})
    assert [lock.desk.open(ADA, "T", "P").id for _ in range(2)] == ["alpha-1", "alpha-2"]
    assert lock.desk.open(Who("ben", "beta"), "T", "P").id == "beta-1"


def test_one_open_request_at_a_time_and_the_refusal_is_recorded(lock):
    first = lock.desk.open(ADA, "T", "P").id
    assert refusal(lambda: lock.desk.open(ADA, "T", "P")) is Reason.ALREADY_OPEN
    event = lock.events()[-1]
    assert (event["action"], event["subject"], event["project"]) == ("refused.create", "alpha", "alpha")
    lock.desk.withdraw(ADA, first)
    assert lock.desk.open(ADA, "T", "P").id == "alpha-2"


def test_only_a_workspace_opens_requests(lock):
    with pytest.raises(ValueError, match="workspace"):
        lock.desk.open(Who("ada"), "T", "P")
    assert refusal(lambda: lock.desk.open(Who("ben", "alpha"), "T", "P")) is Reason.NOT_A_MEMBER
    assert refusal(lambda: lock.desk.project_requests(Who("ada"))) is Reason.UNKNOWN_PERSON


def test_a_project_sees_its_requests_newest_first_without_reports(lock):
    lock.request_at(State.RETURNED)
    assert [r.id for r in lock.desk.project_requests(Who("mem", "alpha"))] == ["alpha-1"]
    (listed,) = lock.desk.project_requests(ADA)
    assert listed.files[0].report is None
    assert lock.desk.view(ADA, "alpha-1").files[0].report is not None
    assert lock.desk.project_requests(Who("ben", "beta")) == ()


def test_a_member_who_left_sees_nothing_any_more(lock):
    lock.request_at(State.DRAFT)
    alpha = FILES["projects/alpha.yaml"].replace("{ada: lead, mem: researcher}", "{mem: lead}")
    lock.set_policies(**{"projects/alpha.yaml": alpha})
    assert lock.desk.project_requests(ADA) == ()
    assert refusal(lambda: lock.desk.view(ADA, "alpha-1")) is Reason.UNKNOWN_REQUEST


def test_attached_bytes_lie_in_the_quarantine_under_their_hash(lock):
    lock.request_at(State.DRAFT)
    (file,) = lock.get("alpha-1").files
    assert lock.blob(file.sha256).read_bytes() == TABLE
    assert (file.size, file.what, file.population) == (len(TABLE), "table", "460 adults")


def test_a_file_is_replaced_under_its_path_and_taken_out(lock):
    lock.request_at(State.DRAFT)
    lock.attach("alpha-1", data=b"other")
    assert [f.size for f in lock.get("alpha-1").files] == [5]
    lock.attach("alpha-1", "a.txt", b"more")
    assert [f.path for f in lock.get("alpha-1").files] == ["a.txt", "km.csv"]
    lock.desk.detach(ADA, "alpha-1", "km.csv")
    assert [f.path for f in lock.get("alpha-1").files] == ["a.txt"]
    assert refusal(lambda: lock.desk.detach(ADA, "alpha-1", "km.csv")) is Reason.UNKNOWN_FILE


def test_a_refused_file_is_asked_about_before_its_bytes_come(lock):
    lock.request_at(State.IN_REVIEW)
    assert refusal(lambda: lock.desk.may_attach(ADA, "alpha-1", "b.csv")) is Reason.WRONG_STATE
    assert lock.actions()[-1] == "refused.attach"


def test_what_was_sent_before_counts_for_a_day_also_when_it_was_replaced(lock):
    lock.set_policies(**{"rules.yaml": f"sent_per_day_bytes: {3 * 1024**2}\n"})
    request_id = lock.desk.open(ADA, "T", "P").id
    for _ in range(3):
        lock.attach(request_id)
    assert refusal(lambda: lock.attach(request_id)) is Reason.SENT_TOO_MUCH
    lock.clock.wait(24 * 3600)
    lock.attach(request_id)


def test_a_file_that_turns_out_too_much_leaves_nothing_behind(lock):
    lock.set_policies(**{"rules.yaml": f"sent_per_day_bytes: {2 * 1024**2}\n"})
    request_id = lock.desk.open(ADA, "T", "P").id
    with lock.desk.incoming(lock.desk.may_attach(ADA, request_id, "big.csv")) as incoming:
        incoming.write(b"x" * (2 * 1024**2 + 1))
        attach = partial(lock.desk.attach, ADA, request_id, incoming, path="big.csv", what="t", population="p")
        assert refusal(attach) is Reason.SENT_TOO_MUCH
    assert [p for p in lock.quarantine.rglob("*") if p.is_file()] == []


def test_bytes_past_the_limit_leave_nothing_behind(lock):
    lock.set_policies(**{"rules.yaml": "max_file_bytes: 1024\n"})
    request = lock.desk.open(ADA, "T", "P").id
    limit = lock.desk.may_attach(ADA, request, "big.csv")
    assert limit == 1024
    with lock.desk.incoming(limit) as incoming:
        incoming.write(b"x" * 1024)
        with pytest.raises(TooLargeError):
            incoming.write(b"x")
    assert [p for p in lock.quarantine.rglob("*") if p.is_file()] == []
    assert refusal(lambda: lock.desk.may_attach(ADA, request, "big.csv", 1025)) is Reason.FILE_TOO_LARGE


def test_a_returned_request_can_be_submitted_again_as_it_is(lock):
    lock.request_at(State.RETURNED)
    assert lock.desk.submit(ADA, "alpha-1").state is State.CHECKING
    request = lock.get("alpha-1")
    assert request.round == 2
    assert request.files[0].report is None, "the earlier check does not stand for this one"


def test_submitting_twice_is_refused(lock):
    lock.request_at(State.CHECKING)
    assert refusal(lambda: lock.desk.submit(ADA, "alpha-1")) is Reason.WRONG_STATE


def test_a_change_forgets_the_check_that_runs(lock):
    lock.request_at(State.DRAFT)
    lock.desk.advise(ADA, "alpha-1")
    assert len(lock.checker.jobs()) == 1
    lock.attach("alpha-1", data=b"other")
    assert lock.checker.jobs() == []
    assert lock.get("alpha-1").check.state is CheckState.NONE


def test_a_new_title_leaves_the_check_alone(lock):
    lock.request_at(State.DRAFT)
    lock.desk.advise(ADA, "alpha-1")
    lock.desk.describe(ADA, "alpha-1", "Another title", "Another purpose")
    request = lock.get("alpha-1")
    assert (request.title, request.purpose, request.check.state) == (
        "Another title",
        "Another purpose",
        CheckState.RUNNING,
    )


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.CHECKING, State.IN_REVIEW, State.RETURNED])
def test_the_author_takes_a_request_back_until_it_is_decided(lock, state):
    lock.request_at(state)
    assert lock.desk.withdraw(ADA, "alpha-1").state is State.WITHDRAWN
    assert lock.checker.jobs() == []


@pytest.mark.parametrize("state", [State.APPROVED, State.RELEASED, State.REFUSED, State.WITHDRAWN])
def test_what_is_decided_is_not_taken_back(lock, state):
    lock.request_at(state)
    assert refusal(lambda: lock.desk.withdraw(ADA, "alpha-1")) is Reason.WRONG_STATE


def test_the_author_speaks_to_the_reviewers_and_a_colleague_does_not(lock):
    lock.request_at(State.IN_REVIEW)
    lock.desk.comment(ADA, "alpha-1", "Counts are of women only.")
    assert [c.text for c in lock.desk.view(Who("rev"), "alpha-1").comments] == ["Counts are of women only."]
    assert refusal(lambda: lock.desk.comment(MEM, "alpha-1", "Hm.")) is Reason.MEMBER_OF_PROJECT


@pytest.mark.parametrize("subject", ["../x", "Alpha-1", "a" * 300, "", "a\nb"])
def test_what_could_be_no_request_is_refused_without_a_record(lock, subject):
    assert refusal(lambda: lock.desk.view(Who("ada"), subject)) is Reason.UNKNOWN_REQUEST
    assert lock.events() == []


def test_a_change_and_its_event_are_kept_together_or_not_at_all(lock, monkeypatch):
    lock.request_at(State.DRAFT)
    before = lock.get("alpha-1"), lock.events()

    def fail(*_args, **_kwargs):
        raise RuntimeError("no event")

    monkeypatch.setattr("ecluse.store.events.SqlEvents.append", fail)
    with pytest.raises(RuntimeError, match="no event"):
        lock.desk.describe(ADA, "alpha-1", "Changed", None)
    monkeypatch.undo()
    assert (lock.get("alpha-1"), lock.events()) == before


def test_a_sealed_request_is_followed_inside_until_it_is_released(lock):
    lock.set_policies(**SEALED)
    lock.request_at(State.IN_REVIEW)
    outside = Who("ada")
    for call in (lock.desk.view, lock.desk.withdraw):
        assert refusal(lambda call=call: call(outside, "alpha-1")) is Reason.INSIDE_ONLY
    assert refusal(lambda: lock.desk.rebuilt(outside, "alpha-1", "km.csv")) is Reason.INSIDE_ONLY
    assert lock.desk.queue(outside).own == lock.desk.queue(MEM).seen == ()
    assert lock.desk.view(ADA, "alpha-1").state is State.IN_REVIEW
    for reviewer in (REV, RIA):
        lock.desk.vote(reviewer, "alpha-1", approve=True, content=lock.get("alpha-1").content)
    assert lock.desk.view(outside, "alpha-1").state is State.RELEASED
    assert [r.id for r in lock.desk.queue(outside).own] == ["alpha-1"]
    assert lock.desk.download(outside, "r-alpha-1").data
