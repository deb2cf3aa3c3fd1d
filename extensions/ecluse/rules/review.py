"""Who may review, when votes are seen, and what they decide.

Worked example, with two reviewers asked for: `rev` approves `alpha-1` and `ria` refuses it. Until the second vote
neither sees the other's; now both do, `ada` does not, and the outcome is open. `rob` approves: two agree, the request
is approved, and `ada` sees all three. A vote by `ada` (the author), by `mem` (a member of the project), a second one
by `rev`, or one that names the hash of other files would have been refused, each with its own reason.
"""

from datetime import datetime
from enum import StrEnum

from .author import in_states, user_can_comment_as_author
from .outcome import ALLOWED, Reason, Refused, Verdict, first_refusal
from .people import Role
from .permit import person_in_force
from .policy import Policies
from .request import (
    PERMISSIONS,
    Action,
    Audience,
    CheckView,
    Comment,
    CommentView,
    Request,
    RequestView,
    State,
    Vote,
    VoteView,
)


class Outcome(StrEnum):
    """What the votes of a round decide."""

    OPEN = "open"
    APPROVE = "approve"
    REFUSE = "refuse"


def user_is_independent(policies: Policies, person: str, request: Request) -> Verdict:
    """Allowed for a reviewer who is neither the author nor a member of the project."""
    who, project = policies.people.get(person), policies.projects.get(request.project)
    if person == request.author:
        return Refused(
            Reason.OWN_REQUEST, "You wrote this request.", "Reviewers who are not members of the project decide on it."
        )
    if project is None:
        return Refused(Reason.UNKNOWN_PROJECT, f"No project '{request.project}' is known.", "Ask an administrator.")
    if person in project.members:
        return Refused(
            Reason.MEMBER_OF_PROJECT,
            f"You are a member of project '{request.project}'.",
            "Reviewers who are not members of the project decide on it.",
        )
    if who is None or Role.REVIEWER not in who.roles:
        return Refused(Reason.NOT_A_REVIEWER, "You are not a reviewer.", "An administrator gives the role.")
    return ALLOWED


def user_can_review(policies: Policies, person: str, request: Request, now: datetime) -> Verdict:
    """Allowed for an independent reviewer, in force, while the request is in review."""
    independent = user_is_independent(policies, person, request)
    if isinstance(independent, Refused):
        return independent
    return first_refusal(
        person_in_force(policies.people[person], now), in_states(request, PERMISSIONS[Action.VOTE][1], "reviewed")
    )


def user_can_vote(policies: Policies, person: str, request: Request, content: str, now: datetime) -> Verdict:
    """Allowed for who may review, once per round, for the content that the request has now."""
    voted = any(v.reviewer == person for v in round_votes(request))
    return first_refusal(
        user_can_review(policies, person, request, now),
        Refused(Reason.ALREADY_VOTED, "You have voted on this request.", "One vote each per round.")
        if voted
        else ALLOWED,
        ALLOWED
        if content == request.content
        else Refused(
            Reason.CONTENT_CHANGED,
            "The request's files are not those that your vote names.",
            "Look at the request again, then vote.",
        ),
    )


def user_can_return(policies: Policies, person: str, request: Request, comment: str, now: datetime) -> Verdict:
    """Allowed for who may review, with a comment that tells the author what to mend."""
    silent = Refused(Reason.MISSING_DESCRIPTION, "A return needs a comment.", "Say what the author should mend.")
    return first_refusal(user_can_review(policies, person, request, now), ALLOWED if comment.strip() else silent)


def user_can_comment(policies: Policies, person: str, request: Request, now: datetime) -> Verdict:
    """Allowed for the author while the request is open, and for who may review while it is in review."""
    if person == request.author:
        return user_can_comment_as_author(policies, person, request, now)
    return user_can_review(policies, person, request, now)


def comment_audience(person: str, request: Request) -> Audience:
    """The author speaks to all; a reviewer to the other reviewers, blind as votes are."""
    return Audience.PUBLIC if person == request.author else Audience.REVIEWERS


def round_votes(request: Request) -> tuple[Vote, ...]:
    """The votes of the current round."""
    return tuple(v for v in request.votes if v.round == request.round)


def counting_votes(policies: Policies, request: Request) -> tuple[Vote, ...]:
    """The votes that count: of this round, for this content, by people who are still independent.

    A reviewer who joined the project after voting would otherwise decide on their own results.
    """
    return tuple(
        v
        for v in round_votes(request)
        if v.content == request.content and user_is_independent(policies, v.reviewer, request)
    )


def outcome(policies: Policies, request: Request) -> Outcome:
    """The side that `rules.reviewers` people agree on, or open. With two, a disagreement is open to a third."""
    votes = counting_votes(policies, request)
    needed = policies.rules.reviewers
    if sum(v.approve for v in votes) >= needed:
        return Outcome.APPROVE
    if sum(not v.approve for v in votes) >= needed:
        return Outcome.REFUSE
    return Outcome.OPEN


def round_is_over(request: Request, number: int) -> bool:
    """Whether a round has been decided, returned or withdrawn: nothing of it is blind any more."""
    return number < request.round or request.state is not State.IN_REVIEW


def is_visible(policies: Policies, person: str, request: Request, number: int, author: str) -> bool:
    """Whether `person` may see a vote or a reviewer's comment of round `number` by `author`.

    One's own always; everybody's once the round is over; before that only when all votes asked for are in, and then
    not for the project, which could lean on a third reviewer.
    """
    if author == person or round_is_over(request, number):
        return True
    project = policies.projects.get(request.project)
    own = person == request.author or project is None or person in project.members
    return not own and len(round_votes(request)) >= policies.rules.reviewers


def votes_visible_to(policies: Policies, person: str, request: Request) -> tuple[Vote, ...]:
    """The votes that a person may see; see `is_visible`."""
    return tuple(v for v in request.votes if is_visible(policies, person, request, v.round, v.reviewer))


def comments_visible_to(policies: Policies, person: str, request: Request) -> tuple[Comment, ...]:
    """The public comments, and those of reviewers that a person may see."""
    return tuple(
        c
        for c in request.comments
        if c.audience is Audience.PUBLIC or is_visible(policies, person, request, c.round, c.author)
    )


def view_for(policies: Policies, person: str, request: Request, *, reports: bool = True) -> RequestView:
    """The request as one person may see it. Whether they may at all is `user_can_read`'s answer."""
    files = request.files if reports else tuple(f.model_copy(update={"report": None}) for f in request.files)
    check = request.check
    return RequestView(
        id=request.id,
        project=request.project,
        author=request.author,
        title=request.title,
        purpose=request.purpose,
        state=request.state,
        owner=request.owner,
        created=request.created,
        updated=request.updated,
        content=request.content,
        files=files,
        check=CheckView(state=check.state, deciding=check.deciding, verdict=check.verdict, message=check.message),
        comments=tuple(
            CommentView(author=c.author, at=c.at, text=c.text) for c in comments_visible_to(policies, person, request)
        ),
        votes=tuple(
            VoteView(reviewer=v.reviewer, at=v.at, approve=v.approve, content=v.content)
            for v in votes_visible_to(policies, person, request)
        ),
        release=request.release,
    )
