"""The review, with every case in which it has to say no: each is refused, changes nothing, and is recorded."""

import pytest

from ecluse.rules.outcome import Reason, RefusedError
from ecluse.rules.request import State
from ecluse.steps import check, release
from ecluse.steps.acting import Who
from ecluse.steps.audit import audit_problems
from factories import ADA, BEN, CON, MEM, REV, RIA, ROB
from policies import FILES


def refused(lock, reason, action, call, *, by, subject="alpha-1"):
    """The call is refused for the reason, the request is as before, and the refusal is recorded."""
    before = lock.get("alpha-1")
    with pytest.raises(RefusedError) as caught:
        call()
    assert caught.value.refused.reason is reason
    assert lock.get("alpha-1") == before
    last = lock.events()[-1]
    assert (last["action"], last["actor"], last["subject"]) == (f"refused.{action}", by, subject)
    assert last["detail"]["reason"] == reason
    assert audit_problems(lock.database) == []


def vote(lock, who, *, approve=True, content=None):
    return lock.desk.vote(who, "alpha-1", approve=approve, content=content or lock.get("alpha-1").content)


def test_two_reviewers_release_a_request(lock):
    lock.request_at(State.IN_REVIEW)
    assert vote(lock, REV).state is State.IN_REVIEW
    view = vote(lock, RIA)
    assert view.state is State.RELEASED
    assert view.release is not None
    assert view.release.id == "r-alpha-1"
    assert lock.actions()[-4:] == ["request.vote", "request.vote", "request.approve", "request.release"]
    assert [e["actor"] for e in lock.events()[-2:]] == ["ria", "ecluse:airlock"]
    assert audit_problems(lock.database) == []


def test_author_cannot_review_own_request(lock):
    lock.request_at(State.IN_REVIEW)
    refused(lock, Reason.OWN_REQUEST, "vote", lambda: vote(lock, Who("ada")), by="ada")
    refused(lock, Reason.OWN_REQUEST, "return", lambda: lock.desk.return_(Who("ada"), "alpha-1", "x"), by="ada")


def test_member_of_the_project_cannot_review(lock):
    lock.request_at(State.IN_REVIEW)
    refused(lock, Reason.MEMBER_OF_PROJECT, "vote", lambda: vote(lock, MEM), by="mem")


def test_one_vote_releases_nothing(lock):
    lock.request_at(State.IN_REVIEW)
    assert vote(lock, REV).state is State.IN_REVIEW
    refused(lock, Reason.NOT_RELEASED, "download", lambda: lock.desk.download(Who("ada"), "r-alpha-1"), by="ada")


def test_second_vote_of_the_same_reviewer_is_refused(lock):
    lock.request_at(State.IN_REVIEW)
    vote(lock, REV)
    refused(lock, Reason.ALREADY_VOTED, "vote", lambda: vote(lock, REV), by="rev")


def test_a_vote_on_a_file_that_was_changed_since_is_refused(lock):
    lock.request_at(State.IN_REVIEW)
    seen = lock.get("alpha-1").content
    lock.desk.return_(RIA, "alpha-1", "Round the counts.")
    lock.attach("alpha-1", data=b"group,n\na,125\n")
    lock.desk.submit(ADA, "alpha-1")
    lock.checker.run()
    check.collect(lock.ports, lock.clock())
    assert lock.get("alpha-1").state is State.IN_REVIEW
    refused(lock, Reason.CONTENT_CHANGED, "vote", lambda: vote(lock, REV, content=seen), by="rev")


def test_votes_of_the_round_before_do_not_count_for_a_changed_file(lock):
    lock.request_at(State.IN_REVIEW)
    vote(lock, REV)
    lock.desk.return_(RIA, "alpha-1", "Round the counts.")
    lock.attach("alpha-1", data=b"group,n\na,125\n")
    lock.desk.submit(ADA, "alpha-1")
    lock.checker.run()
    check.collect(lock.ports, lock.clock())
    assert vote(lock, RIA).state is State.IN_REVIEW, "one vote in this round"
    assert vote(lock, REV).state is State.RELEASED


def test_people_of_other_projects_are_told_that_there_is_no_request(lock):
    lock.request_at(State.IN_REVIEW)
    refused(lock, Reason.UNKNOWN_REQUEST, "vote", lambda: vote(lock, Who("ben")), by="ben")
    refused(lock, Reason.UNKNOWN_REQUEST, "read", lambda: lock.desk.view(Who("ben"), "alpha-1"), by="ben")


def test_a_workspace_of_another_project_reaches_nothing(lock):
    lock.request_at(State.DRAFT)
    for action, call in {
        "read": lambda: lock.desk.view(BEN, "alpha-1"),
        "edit": lambda: lock.desk.describe(BEN, "alpha-1", "Mine", None),
        "attach": lambda: lock.attach("alpha-1", who=BEN),
        "detach": lambda: lock.desk.detach(BEN, "alpha-1", "km.csv"),
        "advise": lambda: lock.desk.advise(BEN, "alpha-1"),
        "submit": lambda: lock.desk.submit(BEN, "alpha-1"),
        "withdraw": lambda: lock.desk.withdraw(BEN, "alpha-1"),
        "comment": lambda: lock.desk.comment(BEN, "alpha-1", "Hello."),
    }.items():
        refused(lock, Reason.OTHER_PROJECT, action, call, by="ben")


def test_the_author_in_the_workspace_of_another_project_reaches_nothing(lock):
    lock.request_at(State.DRAFT)
    elsewhere = Who("ada", "beta")
    refused(lock, Reason.OTHER_PROJECT, "submit", lambda: lock.desk.submit(elsewhere, "alpha-1"), by="ada")


def test_a_colleague_changes_nothing_of_the_authors(lock):
    lock.request_at(State.DRAFT)
    colleague = Who("mem", "alpha")
    assert lock.desk.view(colleague, "alpha-1").id == "alpha-1"
    refused(lock, Reason.NOT_THE_AUTHOR, "submit", lambda: lock.desk.submit(colleague, "alpha-1"), by="mem")


@pytest.mark.parametrize("which", ["original", "rebuilt"])
def test_a_file_swapped_in_quarantine_refuses_the_request(lock, which):
    lock.request_at(State.IN_REVIEW)
    vote(lock, REV)
    (file,) = lock.get("alpha-1").files
    sha256 = file.sha256 if which == "original" else file.report.rebuilt.sha256
    lock.swap(sha256)
    with pytest.raises(RefusedError) as caught:
        vote(lock, RIA)
    assert caught.value.refused.reason is Reason.TAMPERED
    request = lock.get("alpha-1")
    assert request.state is State.REFUSED
    assert [v.reviewer for v in request.votes] == ["rev"], "the vote on other bytes is not one"
    assert lock.actions()[-2:] == ["quarantine.tampered", "request.tamper"]
    assert lock.events()[-2]["detail"] == {
        "sha256": sha256,
        "problem": "its bytes are not those of its name",
        "seen_by": "ria",
    }
    with pytest.raises(RefusedError):
        lock.desk.download(Who("ada"), "r-alpha-1")
    assert audit_problems(lock.database) == []


def test_a_file_that_is_gone_or_a_link_refuses_the_request(lock):
    lock.request_at(State.IN_REVIEW)
    (file,) = lock.get("alpha-1").files
    path = lock.blob(file.report.rebuilt.sha256)
    copy = path.with_name("copy")
    path.rename(copy)
    path.symlink_to(copy)
    with pytest.raises(RefusedError) as caught:
        lock.desk.rebuilt(REV, "alpha-1", "km.csv")
    assert caught.value.refused.reason is Reason.TAMPERED
    assert lock.get("alpha-1").state is State.REFUSED


def test_reviewers_see_the_rebuilt_file_and_never_the_original(lock):
    lock.request_at(State.IN_REVIEW)
    file, data = lock.desk.rebuilt(REV, "alpha-1", "km.csv")
    assert data.endswith(b"# rebuilt\n")
    assert file.sha256 != file.report.rebuilt.sha256
    with pytest.raises(RefusedError) as caught:
        lock.desk.rebuilt(REV, "alpha-1", "other.csv")
    assert caught.value.refused.reason is Reason.UNKNOWN_FILE


def test_a_third_vote_decides_a_disagreement(lock):
    lock.request_at(State.IN_REVIEW)
    vote(lock, REV)
    assert vote(lock, RIA, approve=False).state is State.IN_REVIEW
    assert vote(lock, ROB, approve=False).state is State.REFUSED
    assert lock.actions()[-1] == "request.refuse"


def test_votes_and_comments_are_blind_until_both_are_in(lock):
    lock.request_at(State.IN_REVIEW)
    content = lock.get("alpha-1").content
    lock.desk.vote(REV, "alpha-1", approve=False, content=content, comment="Row 2 tells who it is.")
    for who in (RIA, ADA, CON):
        view = lock.desk.view(who, "alpha-1")
        assert (view.votes, view.comments) == ((), ())
    lock.desk.vote(RIA, "alpha-1", approve=False, content=content)
    view = lock.desk.view(ADA, "alpha-1")
    assert [v.reviewer for v in view.votes] == ["rev", "ria"]
    assert [c.text for c in view.comments] == ["Row 2 tells who it is."]


def test_a_return_reaches_the_author_with_its_comment(lock):
    lock.request_at(State.IN_REVIEW)
    lock.desk.return_(REV, "alpha-1", "Round the counts.")
    view = lock.desk.view(ADA, "alpha-1")
    assert (view.state, [c.text for c in view.comments]) == (State.RETURNED, ["Round the counts."])
    lock.desk.describe(ADA, "alpha-1", "Survival, rounded", None)
    assert lock.get("alpha-1").state is State.DRAFT


def test_a_silent_return_is_refused(lock):
    lock.request_at(State.IN_REVIEW)
    refused(lock, Reason.MISSING_DESCRIPTION, "return", lambda: lock.desk.return_(REV, "alpha-1", "  "), by="rev")


def test_a_reviewer_removed_between_two_votes_decides_nothing(lock):
    lock.request_at(State.IN_REVIEW)
    vote(lock, REV)
    people = FILES["people.yaml"].replace("rev: {name: Rev, roles: [reviewer]", "rev: {name: Rev, roles: [researcher]")
    lock.set_policies(**{"people.yaml": people})
    assert vote(lock, RIA).state is State.IN_REVIEW
    assert vote(lock, ROB).state is State.RELEASED


def test_what_is_approved_while_the_project_is_paused_is_released_when_it_goes_on(lock):
    lock.request_at(State.APPROVED)
    assert release.release_pending(lock.ports, lock.clock()) == 0
    refused(lock, Reason.NOT_RELEASED, "download", lambda: lock.desk.download(Who("ada"), "r-alpha-1"), by="ada")
    lock.set_policies(**{"projects/alpha.yaml": FILES["projects/alpha.yaml"]})
    assert lock.desk.settle() == 1
    assert lock.get("alpha-1").state is State.RELEASED
    assert audit_problems(lock.database) == [], "the manifest names the event that approved it"


def test_a_swapped_file_stops_a_release_that_waits(lock):
    lock.request_at(State.APPROVED)
    lock.swap(lock.get("alpha-1").files[0].report.rebuilt.sha256)
    lock.set_policies(**{"projects/alpha.yaml": FILES["projects/alpha.yaml"]})
    assert lock.desk.settle() == 0
    assert lock.get("alpha-1").state is State.REFUSED


def test_queue_shows_each_person_what_is_theirs(lock):
    lock.request_at(State.IN_REVIEW)
    ids = lambda views: [v.id for v in views]  # noqa: E731 - a name for one line
    assert ids(lock.desk.queue(REV).to_review) == ["alpha-1"]
    assert ids(lock.desk.queue(Who("ada")).own) == ["alpha-1"]
    for who in (Who("ada"), MEM, CON):
        assert lock.desk.queue(who).to_review == ()
    assert ids(lock.desk.queue(MEM).seen) == ids(lock.desk.queue(CON).seen) == ["alpha-1"]
    assert lock.desk.queue(Who("ben")) == lock.desk.queue(Who("nobody"))
    vote(lock, REV)
    queue = lock.desk.queue(REV)
    assert (ids(queue.to_review), ids(queue.voted)) == ([], ["alpha-1"])


def test_buttons_follow_the_rules(lock):
    lock.request_at(State.IN_REVIEW)
    allowed = lambda who: {a.value for a, v in lock.desk.may(who, "alpha-1").items() if v}  # noqa: E731 - as above
    assert allowed(REV) == {"vote", "return", "comment"}
    assert allowed(Who("ada")) == {"withdraw", "comment"}
    assert allowed(MEM) == set()
