"""The airlock's desk: everything that its pages and its API may do, in one place.

Worked example: `desk.vote(Who("rev"), "alpha-1", approve=True, content=view.content)` answers with the request as
`rev` may see it afterwards, or raises `RefusedError` with the reason. Nothing here decides; each method asks a step.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from ecluse.rules.author import seen_outside, user_can_edit, user_can_read, user_can_submit, user_can_withdraw
from ecluse.rules.outcome import Allowed, Reason, Refused, RefusedError, Verdict, require
from ecluse.rules.permit import person_in_force
from ecluse.rules.policy import Policies
from ecluse.rules.release import Manifest, user_can_download
from ecluse.rules.request import Action, Request, RequestFile, RequestView, State
from ecluse.rules.review import (
    user_can_comment,
    user_can_review,
    user_can_vote,
    view_for,
)

from . import check, review, submit
from .acting import Who, may_see, reachable, record_refusal, tampered
from .ports import Clock, Incoming, Ports, StoredRelease, TamperedError
from .release import Bundle, download, release_pending


@dataclass(frozen=True, slots=True)
class Queue:
    """The lists of a person's first page, without reports."""

    to_review: tuple[RequestView, ...] = ()
    """In review, and the person may vote; oldest first."""
    voted: tuple[RequestView, ...] = ()
    """In review, and the person has voted; the others are awaited."""
    own: tuple[RequestView, ...] = ()
    """Written by the person; newest first."""
    seen: tuple[RequestView, ...] = ()
    """Others that the person may read; newest first."""


@dataclass(frozen=True, slots=True)
class ReleasedView:
    """A release as a person may see it."""

    manifest: Manifest
    signature: bytes
    may_download: bool


@dataclass(frozen=True, slots=True)
class Airlock:
    """The desk. Times come from the clock, one per call; policies are asked anew by every step."""

    ports: Ports
    clock: Clock

    # for people and workspaces

    def view(self, who: Who, request_id: str) -> RequestView:
        """A request as `who` may see it, with reports. Raises `RefusedError`, recorded, if they may not."""
        return self._seen(who, self._read(who, request_id))

    def may(self, who: Who, request_id: str) -> dict[Action, Verdict]:
        """What `who` could do to the request now, and why not: for buttons. Each action asks again when it is done."""
        request, now = self._read(who, request_id), self.clock()
        policies = self.ports.policies.current()
        return {
            Action.EDIT: user_can_edit(policies, who.person, request, now),
            Action.SUBMIT: user_can_submit(policies, who.person, request, now),
            Action.WITHDRAW: user_can_withdraw(policies, who.person, request),
            Action.COMMENT: user_can_comment(policies, who.person, request, now),
            Action.VOTE: user_can_vote(policies, who.person, request, request.content, now),
            Action.RETURN: user_can_review(policies, who.person, request, now),
            Action.DOWNLOAD: user_can_download(policies, who.person, request),
        }

    def rebuilt(self, who: Who, request_id: str, path: str) -> tuple[RequestFile, bytes]:
        """A file of a request and its rebuilt bytes, hashed again: what reviewers look at, never the original.

        Args:
            who: the person.
            request_id: the request.
            path: the path of the file as it was sent.
        """
        request = self._read(who, request_id)
        file = request.file(path)
        if file is None or file.report is None or file.report.rebuilt is None:
            raise RefusedError(
                Refused(Reason.UNKNOWN_FILE, "There is nothing to show of this file.", "See the findings of its check.")
            )
        try:
            return file, self.ports.blobs.read(file.report.rebuilt.sha256)
        except TamperedError as error:
            raise tampered(self.ports, who.person, request_id, error, self.clock()) from None

    def comment(self, who: Who, request_id: str, text: str) -> RequestView:
        """Say something: the author to all, a reviewer to the other reviewers."""
        return self._seen(who, review.add_comment(self.ports, who, request_id, text, self.clock()))

    def withdraw(self, who: Who, request_id: str) -> RequestView:
        """Take a request back, for good."""
        return self._seen(who, submit.withdraw(self.ports, who, request_id, self.clock()))

    # for people

    def queue(self, who: Who) -> Queue:
        """What waits for a person, what is theirs, and what else they may read."""
        policies, now = self.ports.policies.current(), self.clock()
        with self.ports.database.look() as look:
            waiting = look.requests.in_states(State.IN_REVIEW)
            own = [r for r in look.requests.of_author(who.person) if seen_outside(policies, who.person, r)]
            readable = [r for r in look.requests.recent() if may_see(policies, who, r)]
        mine = [r for r in waiting if user_can_review(policies, who.person, r, now)]
        votable = [r for r in mine if user_can_vote(policies, who.person, r, r.content, now)]
        listed = {r.id for r in (*own, *mine)}
        return Queue(
            to_review=self._list(policies, who, votable),
            voted=self._list(policies, who, (r for r in mine if r not in votable)),
            own=self._list(policies, who, own),
            seen=self._list(policies, who, (r for r in readable if r.id not in listed)),
        )

    def vote(self, who: Who, request_id: str, *, approve: bool, content: str, comment: str = "") -> RequestView:
        """Give a vote for the content that was shown; the last one that agrees releases."""
        given = review.vote(
            self.ports, who, request_id, approve=approve, content=content, comment=comment, now=self.clock()
        )
        return self._seen(who, given)

    def return_(self, who: Who, request_id: str, comment: str) -> RequestView:
        """Send a request back to its author, saying what to mend."""
        return self._seen(who, review.return_request(self.ports, who, request_id, comment, self.clock()))

    def releases(self, who: Who) -> tuple[ReleasedView, ...]:
        """The releases that a person may see, newest first."""
        policies = self.ports.policies.current()
        with self.ports.database.look() as look:
            found = [(r, look.requests.get(r.request)) for r in look.requests.releases()]
        return tuple(
            _released(policies, who, stored, request)
            for stored, request in found
            if request is not None and may_see(policies, who, request)
        )

    def release(self, who: Who, release_id: str) -> ReleasedView:
        """One release, for those who may read its request."""
        request = self._read(who, release_id.removeprefix("r-"))
        with self.ports.database.look() as look:
            stored = look.requests.release(release_id)
        if stored is None:
            raise RefusedError(Refused(Reason.NOT_RELEASED, "The request is not released.", "Wait for the reviewers."))
        return _released(self.ports.policies.current(), who, stored, request)

    def download(self, who: Who, release_id: str) -> Bundle:
        """The bundle, for the author; each download is recorded."""
        return download(self.ports, who, release_id, self.clock())

    # for workspaces

    def project_requests(self, who: Who) -> tuple[RequestView, ...]:
        """The requests of the workspace's project, newest first, without reports."""
        policies, now = self.ports.policies.current(), self.clock()
        person = policies.people.get(who.person)
        if who.project is None or person is None or not person_in_force(person, now):
            raise RefusedError(Refused(Reason.UNKNOWN_PERSON, "You are not known here.", "Ask an administrator."))
        with self.ports.database.look() as look:
            found = look.requests.of_project(who.project)
        return self._list(policies, who, (r for r in found if user_can_read(policies, who.person, r)))

    def open(self, who: Who, title: str, purpose: str) -> RequestView:
        """A new draft."""
        return self._seen(who, submit.open_request(self.ports, who, title, purpose, self.clock()))

    def describe(self, who: Who, request_id: str, title: str | None, purpose: str | None) -> RequestView:
        """Change the title, the purpose, or both."""
        return self._seen(who, submit.describe(self.ports, who, request_id, title, purpose, self.clock()))

    def may_attach(self, who: Who, request_id: str, path: str, size: int = 0) -> int:
        """Ask before the bytes come; the most bytes that the file may have."""
        return submit.may_attach(self.ports, who, request_id, path, size, self.clock())

    def incoming(self, limit: int) -> AbstractContextManager[Incoming]:
        """A place for the bytes of a file."""
        return self.ports.blobs.incoming(limit)

    def attach(
        self, who: Who, request_id: str, incoming: Incoming, *, path: str, what: str, population: str
    ) -> RequestView:
        """Add or replace a file; its bytes have come in."""
        request = submit.attach(
            self.ports, who, request_id, incoming, path=path, what=what, population=population, now=self.clock()
        )
        return self._seen(who, request)

    def detach(self, who: Who, request_id: str, path: str) -> RequestView:
        """Take a file out of a draft."""
        return self._seen(who, submit.detach(self.ports, who, request_id, path, self.clock()))

    def advise(self, who: Who, request_id: str) -> RequestView:
        """Ask for advice on the files of a draft."""
        return self._seen(who, check.advise(self.ports, who, request_id, self.clock()))

    def submit(self, who: Who, request_id: str) -> RequestView:
        """Submit, and hand over to the deciding check."""
        submit.submit(self.ports, who, request_id, self.clock())
        check.hand_over(self.ports, request_id, self.clock())
        return self.view(who, request_id)

    # for the background task

    def settle(self) -> int:
        """Move on what waits for no person: hand over, take answers, end late checks, release. How many moved."""
        now = self.clock()
        with self.ports.database.look() as look:
            submitted = [r.id for r in look.requests.in_states(State.SUBMITTED)]
        for request_id in submitted:
            check.hand_over(self.ports, request_id, now)
        return len(submitted) + check.collect(self.ports, now) + release_pending(self.ports, now)

    def _read(self, who: Who, request_id: str) -> Request:
        policies = self.ports.policies.current()
        with self.ports.database.look() as look:
            request = look.requests.get(request_id)
        verdict = reachable(policies, who, request, request_id)
        if isinstance(verdict, Refused):
            record_refusal(self.ports, who, Action.READ, request_id, verdict, self.clock())
        require(verdict)
        if request is None:
            raise LookupError(request_id)  # `reachable` has refused
        return request

    def _seen(self, who: Who, request: Request) -> RequestView:
        return view_for(self.ports.policies.current(), who.person, request)

    def _list(self, policies: Policies, who: Who, found: Iterable[Request]) -> tuple[RequestView, ...]:
        return tuple(view_for(policies, who.person, r, reports=False) for r in found)


def _released(policies: Policies, who: Who, stored: StoredRelease, request: Request) -> ReleasedView:
    return ReleasedView(
        manifest=Manifest.model_validate_json(stored.manifest),
        signature=stored.signature,
        may_download=isinstance(user_can_download(policies, who.person, request), Allowed),
    )
