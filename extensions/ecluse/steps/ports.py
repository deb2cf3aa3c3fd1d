"""What the steps need of the outside, as small protocols. `ecluse.store` makes them real, tests fake them.

A step gets `Ports` and `now`; it never opens a file or a database itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ecluse.rules.audit import Event
from ecluse.rules.names import Sha256, Strict
from ecluse.rules.policy import OutputRules, Policies
from ecluse.rules.release import AuditMark
from ecluse.rules.request import Request, State


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, with its time zone."""
        ...


class PolicySource(Protocol):
    """Gives the policies in force. Asked once per decision, so that an edit takes effect at the next one."""

    def current(self) -> Policies:
        """The last set that was valid."""
        ...


class AuditLog(Protocol):
    """Records what happened, for good, where there is no other change to share a transaction with."""

    def record(self, actor: str, action: str, project: str | None, subject: str, detail: Mapping[str, Any]) -> None:
        """Append one event. Raises if it could not be written: then what it tells of must not happen either."""
        ...


class TamperedError(Exception):
    """Stored bytes are not those of their name. Whoever reads them refuses the request and records it."""

    def __init__(self, sha256: str, problem: str) -> None:
        super().__init__(f"quarantine file {sha256}: {problem}")
        self.sha256 = sha256
        self.problem = problem


class TooLargeError(Exception):
    """More bytes came than were allowed; none of them is kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class BadAnswerError(Exception):
    """The checker's answer can't be used as it is. The message is for the log, not for people outside."""


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """A release as stored: the exact bytes that were signed, and the signature over them."""

    id: str
    request: str
    at: datetime
    manifest: bytes
    signature: bytes


class JobFile(Strict):
    """A file to be checked."""

    path: str
    sha256: Sha256


class Earlier(Strict):
    """A file that the project has released before: new ones are held against it."""

    request: str
    path: str
    sha256: Sha256


class Job(Strict):
    """What the checker is asked; the JSON of `spool/jobs/<job>.json`."""

    job: str
    project: str
    files: tuple[JobFile, ...]
    seconds: int
    rules: OutputRules
    released: tuple[Earlier, ...] = ()


class Requests(Protocol):
    """The requests, within a transaction.

    Only `get` gives a whole request. Lists leave the findings of reports out, so what is listed is never saved.
    """

    def get(self, request_id: str) -> Request | None:
        """The request of that id, or None."""

    def add(self, project: str, author: str, title: str, purpose: str, now: datetime) -> Request:
        """A new draft, with the project's next number."""

    def save(self, request: Request) -> None:
        """Write a changed request. Votes and comments are only ever added to."""

    def of_project(self, project: str) -> list[Request]:
        """The project's requests, newest first."""

    def of_author(self, author: str) -> list[Request]:
        """A person's requests, newest first."""

    def recent(self, limit: int = 200) -> list[Request]:
        """The requests changed last, of all projects."""

    def in_states(self, *states: State) -> list[Request]:
        """The requests in one of the states, oldest change first."""

    def running(self) -> list[Request]:
        """The requests with a running check, oldest deadline first."""

    def add_release(self, release: StoredRelease) -> None:
        """Store a release; it is never changed."""

    def release(self, release_id: str) -> StoredRelease | None:
        """The release of that id, or None."""

    def releases(self) -> list[StoredRelease]:
        """All releases, newest first."""


class Events(Protocol):
    """The audit events, within a transaction."""

    def append(
        self,
        *,
        at: datetime,
        actor: str,
        action: str,
        project: str | None = None,
        subject: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> AuditMark:
        """Add the next event of the chain and return its place in it."""

    def records(self, after: int = 0) -> Iterator[Mapping[str, Any]]:
        """The events as JSON values, in order, from the one after sequence `after`; read as they are needed."""

    def about(self, subject: str) -> list[Event]:
        """The events about one subject, in order."""


class Transaction(Protocol):
    """One change, all or nothing."""

    @property
    def requests(self) -> Requests:
        """The requests as this transaction sees them."""

    @property
    def events(self) -> Events:
        """The audit events as this transaction sees them."""


class Database(Protocol):
    """Where requests and events last. One writer at a time, over all processes."""

    def change(self) -> AbstractContextManager[Transaction]:
        """A transaction that writes: kept when the block ends, undone when it raises."""

    def look(self) -> AbstractContextManager[Transaction]:
        """A transaction that only reads."""


class Incoming(Protocol):
    """A file on its way into the quarantine."""

    @property
    def size(self) -> int:
        """Bytes that came so far."""

    def write(self, chunk: bytes) -> None:
        """Take the next bytes. Raises `TooLargeError` at the limit."""

    def keep(self) -> tuple[str, int]:
        """Make it last; its hash and size. Raises `TamperedError` if other bytes lie under that name."""


class Blobs(Protocol):
    """The quarantine: files under their hash, never changed."""

    def incoming(self, limit: int) -> AbstractContextManager[Incoming]:
        """A place for at most `limit` new bytes; what is not kept is gone when the block ends."""

    def read(self, sha256: str) -> bytes:
        """The bytes, hashed again on every reading. Raises `TamperedError` if they are not those of the name."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What lies in the result folder of a job, read but not believed."""

    report: bytes
    rebuilt: Callable[[str], bytes]
    """The bytes of `rebuilt/<sha256>`; raises `BadAnswerError`. The caller hashes them."""


class Spool(Protocol):
    """The way to the checker and back."""

    def new_id(self) -> str:
        """A job id that nobody can guess."""

    def put(self, job: Job) -> None:
        """Hand over a job."""

    def take(self, job: str, limit: int) -> Answer | None:
        """The answer to a job, if there is one; no file of it longer than `limit`. Raises `BadAnswerError`."""

    def drop(self, job: str) -> None:
        """Forget a job and its answer. What can't be removed is left; it is never read again."""


class Signer(Protocol):
    """The key of releases."""

    def sign(self, data: bytes) -> bytes:
        """The raw signature over the bytes."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a step may reach."""

    database: Database
    blobs: Blobs
    spool: Spool
    signer: Signer
    policies: PolicySource


def keep_bytes(blobs: Blobs, chunks: Iterable[bytes], limit: int) -> tuple[str, int]:
    """Put bytes into the quarantine; their hash and size. Raises as `Incoming` does."""
    with blobs.incoming(limit) as incoming:
        for chunk in chunks:
            incoming.write(chunk)
        return incoming.keep()
