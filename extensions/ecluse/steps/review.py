"""The review: votes, returns and comments, each on the policies in force at that moment."""

from datetime import datetime

from ecluse.rules.outcome import require
from ecluse.rules.request import Action, Audience, Comment, Request, Vote, changed
from ecluse.rules.review import (
    Outcome,
    comment_audience,
    outcome,
    user_can_comment,
    user_can_return,
    user_can_vote,
)

from .acting import Who, acting, verify_files
from .ports import Ports
from .release import release_approved


def vote(
    ports: Ports, who: Who, request_id: str, *, approve: bool, content: str, comment: str = "", now: datetime
) -> Request:
    """Give a vote for the content that the reviewer has seen; the last one that agrees releases.

    Raises:
        RefusedError: not an independent reviewer, voted before, other content, a swapped file, not in review.
    """
    with acting(ports, who, Action.VOTE, request_id, now) as act:
        require(user_can_vote(act.policies, who.person, act.request, content, now))
        verify_files(ports.blobs, act.request)
        given = Vote(round=act.request.round, reviewer=who.person, at=now, approve=approve, content=content)
        said = _comments(act.request, who.person, comment, comment_audience(who.person, act.request), now)
        act.save(
            Action.VOTE,
            changed(act.request, now, votes=(*act.request.votes, given), comments=said),
            approve=approve,
            round=given.round,
        )
        match outcome(act.policies, act.request):
            case Outcome.APPROVE:
                release_approved(ports, act, act.move(Action.APPROVE))
            case Outcome.REFUSE:
                act.move(Action.REFUSE)
            case Outcome.OPEN:
                pass
        return act.request


def return_request(ports: Ports, who: Who, request_id: str, comment: str, now: datetime) -> Request:
    """Send a request back to its author, saying what to mend. The next round needs new votes."""
    with acting(ports, who, Action.RETURN, request_id, now) as act:
        require(user_can_return(act.policies, who.person, act.request, comment, now))
        act.move(Action.RETURN, comments=_comments(act.request, who.person, comment, Audience.PUBLIC, now))
        return act.request


def add_comment(ports: Ports, who: Who, request_id: str, text: str, now: datetime) -> Request:
    """Say something: the author to all, a reviewer to the other reviewers."""
    with acting(ports, who, Action.COMMENT, request_id, now) as act:
        require(user_can_comment(act.policies, who.person, act.request, now))
        said = _comments(act.request, who.person, text, comment_audience(who.person, act.request), now)
        act.save(Action.COMMENT, changed(act.request, now, comments=said))
        return act.request


def _comments(request: Request, author: str, text: str, audience: Audience, now: datetime) -> tuple[Comment, ...]:
    if not text.strip():
        return request.comments
    said = Comment(round=request.round, author=author, at=now, text=text.strip(), audience=audience)
    return (*request.comments, said)
