import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.rules.outcome import Reason, Refused
from ecluse.rules.request import PERMISSIONS, Action, Audience, CheckView, Comment, State
from ecluse.rules.review import (
    Outcome,
    comment_audience,
    counting_votes,
    outcome,
    user_can_comment,
    user_can_return,
    user_can_review,
    user_can_vote,
    user_is_independent,
    view_for,
    votes_visible_to,
)
from factories import NOW, request_at, vote, with_votes
from policies import FILES, policies

REVIEW = request_at(State.IN_REVIEW)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return policies(tmp_path_factory.mktemp("policies"))


def reason(verdict):
    return verdict.reason if isinstance(verdict, Refused) else None


# who may review


def test_independent_reviewer_can_review(found):
    assert user_can_review(found, "rev", REVIEW, NOW)
    assert user_can_vote(found, "rev", REVIEW, REVIEW.content, NOW)
    assert user_can_return(found, "rev", REVIEW, "Round it.", NOW)


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("ada", Reason.OWN_REQUEST),
        ("mem", Reason.MEMBER_OF_PROJECT),
        ("ben", Reason.NOT_A_REVIEWER),
        ("con", Reason.NOT_A_REVIEWER),
        ("nobody", Reason.NOT_A_REVIEWER),
    ],
)
def test_nobody_else_can_review(found, person, expected):
    for verdict in (
        user_is_independent(found, person, REVIEW),
        user_can_review(found, person, REVIEW, NOW),
        user_can_vote(found, person, REVIEW, REVIEW.content, NOW),
        user_can_return(found, person, REVIEW, "Round it.", NOW),
    ):
        assert reason(verdict) is expected


def test_author_cannot_review_own_request_even_as_a_reviewer_who_left_the_project(found):
    assert reason(user_can_review(found, "rev", request_at(State.IN_REVIEW, author="rev"), NOW)) is Reason.OWN_REQUEST


def test_requests_of_a_project_that_is_gone_are_not_reviewed(found):
    gone = request_at(State.IN_REVIEW, id="gone-1", project="gone")
    assert reason(user_can_review(found, "rev", gone, NOW)) is Reason.UNKNOWN_PROJECT


def test_reviewer_whose_training_lapsed_cannot_review(tmp_path):
    people = FILES["people.yaml"].replace(
        "roles: [reviewer], trained_until: 2027", "roles: [reviewer], trained_until: 2025"
    )
    found = policies(tmp_path, **{"people.yaml": people})
    assert reason(user_can_review(found, "rev", REVIEW, NOW)) is Reason.TRAINING_LAPSED


@pytest.mark.parametrize("state", [s for s in State if s not in PERMISSIONS[Action.VOTE][1]])
def test_only_requests_in_review_are_reviewed(found, state):
    request = request_at(state)
    assert reason(user_can_vote(found, "rev", request, request.content, NOW)) is Reason.WRONG_STATE
    assert reason(user_can_return(found, "rev", request, "x", NOW)) is Reason.WRONG_STATE


def test_one_vote_per_round(found):
    voted = with_votes(REVIEW, rev=True)
    assert reason(user_can_vote(found, "rev", voted, voted.content, NOW)) is Reason.ALREADY_VOTED
    next_round = voted.model_copy(update={"round": 2})
    assert user_can_vote(found, "rev", next_round, voted.content, NOW)


def test_a_vote_names_the_content_that_the_request_has(found):
    assert reason(user_can_vote(found, "rev", REVIEW, "0" * 64, NOW)) is Reason.CONTENT_CHANGED


def test_a_return_says_why(found):
    assert reason(user_can_return(found, "rev", REVIEW, " \n", NOW)) is Reason.MISSING_DESCRIPTION


def test_author_comments_while_open_and_reviewers_while_in_review(found):
    assert user_can_comment(found, "ada", request_at(State.RETURNED), NOW)
    assert user_can_comment(found, "rev", REVIEW, NOW)
    assert reason(user_can_comment(found, "rev", request_at(State.RETURNED), NOW)) is Reason.WRONG_STATE
    assert reason(user_can_comment(found, "mem", REVIEW, NOW)) is Reason.MEMBER_OF_PROJECT
    assert comment_audience("ada", REVIEW) is Audience.PUBLIC
    assert comment_audience("rev", REVIEW) is Audience.REVIEWERS


# what votes decide


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        ({}, Outcome.OPEN),
        ({"rev": True}, Outcome.OPEN),
        ({"rev": False}, Outcome.OPEN),
        ({"rev": True, "ria": True}, Outcome.APPROVE),
        ({"rev": False, "ria": False}, Outcome.REFUSE),
        ({"rev": True, "ria": False}, Outcome.OPEN),
        ({"rev": True, "ria": False, "rob": True}, Outcome.APPROVE),
        ({"rev": True, "ria": False, "rob": False}, Outcome.REFUSE),
        ({"rev": True, "ada": True}, Outcome.OPEN),
        ({"rev": True, "mem": True}, Outcome.OPEN),
    ],
)
def test_two_independent_reviewers_have_to_agree(found, votes, expected):
    assert outcome(found, with_votes(REVIEW, **votes)) is expected


def test_the_number_of_reviewers_is_the_policys(tmp_path):
    found = policies(tmp_path, **{"rules.yaml": "reviewers: 3\n"})
    assert outcome(found, with_votes(REVIEW, rev=True, ria=True)) is Outcome.OPEN
    assert outcome(found, with_votes(REVIEW, rev=True, ria=True, rob=True)) is Outcome.APPROVE


def test_votes_of_another_round_or_for_other_content_do_not_count(found):
    old = vote("rev", REVIEW, round=9)
    other = vote("ria", REVIEW, content="0" * 64)
    request = REVIEW.model_copy(update={"votes": (old, other, vote("rob", REVIEW))})
    assert [v.reviewer for v in counting_votes(found, request)] == ["rob"]


def test_the_vote_of_a_reviewer_who_joined_the_project_no_longer_counts(tmp_path):
    alpha = FILES["projects/alpha.yaml"].replace("{ada: lead,", "{ada: lead, rev: researcher,")
    found = policies(tmp_path, **{"projects/alpha.yaml": alpha})
    assert outcome(found, with_votes(REVIEW, rev=True, ria=True)) is Outcome.OPEN


def test_one_side_alone_can_win(tmp_path_factory):
    found = policies(tmp_path_factory.mktemp("p"))

    @given(st.dictionaries(st.sampled_from(["rev", "ria", "rob", "ada", "mem", "con"]), st.booleans()))
    def holds(votes):
        request = with_votes(REVIEW, **votes)
        counted = {n: a for n, a in votes.items() if n in ("rev", "ria", "rob")}
        result = outcome(found, request)
        if result is Outcome.APPROVE:
            assert sum(counted.values()) >= 2
        if result is Outcome.REFUSE:
            assert sum(not a for a in counted.values()) >= 2
        if len(counted) == 3:
            assert result is not Outcome.OPEN

    holds()


# what is blind


def seen(found, person, request):
    return {v.reviewer for v in votes_visible_to(found, person, request)}


def test_votes_are_blind_until_all_are_in(found):
    one = with_votes(REVIEW, rev=True)
    assert seen(found, "rev", one) == {"rev"}
    for person in ("ria", "rob", "ada", "mem", "con"):
        assert seen(found, person, one) == set()


def test_a_third_reviewer_and_the_controller_see_a_disagreement_and_the_project_does_not(found):
    two = with_votes(REVIEW, rev=True, ria=False)
    for person in ("rev", "ria", "rob", "con"):
        assert seen(found, person, two) == {"rev", "ria"}
    for person in ("ada", "mem"):
        assert seen(found, person, two) == set()


@pytest.mark.parametrize("state", [State.RELEASED, State.REFUSED, State.RETURNED, State.APPROVED, State.WITHDRAWN])
def test_everybody_who_reads_sees_the_votes_of_a_round_that_is_over(found, state):
    over = with_votes(request_at(state), rev=True)
    assert seen(found, "ada", over) == {"rev"}


def test_earlier_rounds_are_open_while_the_next_is_blind(found):
    again = request_at(State.IN_REVIEW, round=2)
    request = again.model_copy(update={"votes": (vote("rev", again, round=1), vote("ria", again, round=2))})
    assert seen(found, "ada", request) == {"rev"}


def test_votes_on_a_project_that_is_gone_stay_blind(found):
    gone = with_votes(request_at(State.IN_REVIEW, id="gone-1", project="gone"), rev=True, ria=True)
    assert seen(found, "rob", gone) == set()


def test_view_shows_what_is_visible_and_no_more(found):
    said = (
        Comment(round=1, author="ada", at=NOW, text="Please."),
        Comment(round=1, author="rev", at=NOW, text="Row 3?", audience=Audience.REVIEWERS),
    )
    request = with_votes(request_at(State.IN_REVIEW, comments=said), rev=True)
    blind, own = view_for(found, "ada", request), view_for(found, "rev", request)
    assert [c.text for c in blind.comments] == ["Please."]
    assert blind.votes == ()
    assert [c.text for c in own.comments] == ["Please.", "Row 3?"]
    assert [v.reviewer for v in own.votes] == ["rev"]
    assert (own.content, own.owner) == (request.content, "reviewers")
    assert own.check == CheckView()
    assert own.files[0].report is not None
    assert view_for(found, "rev", request, reports=False).files[0].report is None
