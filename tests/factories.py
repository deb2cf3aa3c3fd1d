"""Things at a state, so that no test repeats the road there: an enclave on real files, requests, a hub, a checker."""

import atexit
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ecluse.rules.canonical import sha256
from ecluse.rules.finding import CheckReport, CheckVerdict, FileReport, Finding, Rebuilt, Severity
from ecluse.rules.request import Request, RequestFile, State, Vote
from ecluse.steps import check, submit
from ecluse.steps.acting import Who
from ecluse.steps.desk import Airlock
from ecluse.steps.ports import PolicySource, Ports
from ecluse.store.blobs import FileBlobs
from ecluse.store.database import SqlDatabase, open_database, upgrade
from ecluse.store.keys import ReleaseKey, make_release_key, read_release_key
from ecluse.store.policy_files import PolicyFolder
from ecluse.store.spool import FolderSpool
from policies import write_policies

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ADA, BEN = Who("ada", "alpha"), Who("ben", "beta")
"""Workspaces: the author's, and one of another project."""

REV, RIA, ROB, MEM, CON = (Who(name) for name in ("rev", "ria", "rob", "mem", "con"))
"""People at the pages: three reviewers, one who is a member of `alpha` too, and the controller of its data."""

TABLE = b"group,n\na,120\nb,340\n"


@dataclass
class FakeClock:
    """A clock that goes on only when told, and by a second at each reading."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Checker:
    """A checker that answers through the real spool: reads the job, rebuilds each file by `rebuild`."""

    spool: Path
    quarantine: Path
    rebuild: Callable[[bytes], bytes] = lambda data: data + b"# rebuilt\n"
    findings: tuple[Finding, ...] = ()
    edit: Callable[[dict[str, Any]], None] = lambda report: None
    """Spoils the report, for answers that are not to be believed."""
    edit_files: Callable[[Path], None] = lambda folder: None
    """Spoils the result folder."""

    def jobs(self) -> list[dict[str, Any]]:
        return [json.loads(p.read_bytes()) for p in sorted((self.spool / "jobs").glob("*.json"))]

    def run(self) -> int:
        """Answer every job that waits."""
        jobs = [j for j in self.jobs() if not (self.spool / "results" / j["job"]).exists()]
        for job in jobs:
            self._answer(job)
        return len(jobs)

    def _answer(self, job: dict[str, Any]) -> None:
        draft = self.spool / "results" / f".{job['job']}"
        (draft / "rebuilt").mkdir(parents=True)
        files = []
        for asked in job["files"]:
            data = (self.quarantine / asked["sha256"][:2] / asked["sha256"]).read_bytes()
            rebuilt = self.rebuild(data)
            digest = sha256(rebuilt)
            (draft / "rebuilt" / digest).write_bytes(rebuilt)
            files.append(file_report(asked["path"], asked["sha256"], digest, self.findings))
        worst = max((f.verdict for f in files), key=lambda v: v.exit_code)
        report = CheckReport(verdict=worst, files=tuple(files), criteria={"minimum_count": 11, "share": 0.9})
        values = report.model_dump(mode="json")
        self.edit(values)
        (draft / "report.json").write_text(json.dumps(values))
        self.edit_files(draft)
        draft.rename(self.spool / "results" / job["job"])


def file_report(path: str, digest: str, rebuilt: str | None, findings: tuple[Finding, ...] = ()) -> FileReport:
    """A report of one file, its verdict by its findings."""
    severities = {f.severity for f in findings}
    refused = rebuilt is None or Severity.REFUSE in severities
    verdict = CheckVerdict.REFUSE if refused else CheckVerdict.REVIEW if severities else CheckVerdict.PASS
    found = Rebuilt(path=path, sha256=rebuilt) if rebuilt else None
    return FileReport(path=path, kind="csv", verdict=verdict, sha256=digest, rebuilt=found, findings=findings)


def finding(severity: Severity = Severity.REFUSE) -> Finding:
    """A small count."""
    return Finding(rule="small-count", severity=severity, where="row 1", message="4 persons.", fix="Mask it.")


@dataclass
class Enclave:
    """An airlock on real files and a real database, with a clock and a checker in the test's hands."""

    root: Path
    clock: FakeClock
    database: SqlDatabase
    key: ReleaseKey
    public_key: bytes
    policies: PolicySource
    desk: Airlock
    checker: Checker
    ports: Ports = field(init=False)

    def __post_init__(self) -> None:
        self.ports = self.desk.ports

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    def set_policies(self, **changes: str | None) -> None:
        """Edit the policies in force."""
        write_policies(self.root / "policies", **changes)

    def get(self, request_id: str) -> Request:
        """The request as stored."""
        with self.database.look() as look:
            found = look.requests.get(request_id)
        assert found is not None
        return found

    def events(self) -> list[dict[str, Any]]:
        """The audit events."""
        with self.database.look() as look:
            return [dict(r) for r in look.events.records()]

    def actions(self) -> list[str]:
        """What happened, in order."""
        return [e["action"] for e in self.events()]

    def attach(self, request_id: str, path: str = "km.csv", data: bytes = TABLE, who: Who = ADA) -> None:
        """Attach a file, described in full."""
        limit = self.desk.may_attach(who, request_id, path, len(data))
        with self.desk.incoming(limit) as incoming:
            incoming.write(data)
            self.desk.attach(who, request_id, incoming, path=path, what="table", population="460 adults")

    def request_at(self, state: State, *, data: bytes = TABLE) -> str:
        """The id of a request by `ada` in `alpha`, brought to a state by the steps that lead there."""
        request_id = self.desk.open(ADA, "Survival", "A paper.").id
        self.attach(request_id, data=data)
        if state is State.DRAFT:
            return request_id
        if state is State.WITHDRAWN:
            self.desk.withdraw(ADA, request_id)
            return request_id
        if state is State.SUBMITTED:
            submit.submit(self.ports, ADA, request_id, self.clock())
            return request_id
        self.desk.submit(ADA, request_id)
        if state is State.CHECKING:
            return request_id
        self.checker.run()
        check.collect(self.ports, self.clock())
        self._review(state, request_id)
        assert self.get(request_id).state is state
        return request_id

    def _review(self, state: State, request_id: str) -> None:
        content = self.get(request_id).content
        if state is State.RETURNED:
            self.desk.return_(REV, request_id, "Round the counts.")
        if state in (State.REFUSED, State.RELEASED):
            for who in (REV, RIA):
                self.desk.vote(who, request_id, approve=state is State.RELEASED, content=content)
        if state is State.APPROVED:
            text = (self.root / "policies/projects/alpha.yaml").read_text()
            self.desk.vote(REV, request_id, approve=True, content=content)
            self.set_policies(**{"projects/alpha.yaml": text.replace("members:", "paused: true\nmembers:")})
            self.desk.vote(RIA, request_id, approve=True, content=content)

    def blob(self, sha256: str) -> Path:
        """Where a file of the quarantine lies."""
        return self.quarantine / sha256[:2] / sha256

    def swap(self, sha256: str, data: bytes = b"swapped") -> None:
        """Put other bytes under a name in the quarantine, as somebody with the disk in hand could."""
        path = self.blob(sha256)
        path.unlink()
        path.write_bytes(data)


@cache
def _template() -> Path:
    """An empty database in the current shape, made once: a copy is faster than the migrations."""
    folder = Path(tempfile.mkdtemp(prefix="ecluse-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    upgrade(f"sqlite:///{folder}/empty.sqlite")
    return folder / "empty.sqlite"


@contextmanager
def enclave(root: Path, url: str | None = None, **changes: str | None) -> Iterator[Enclave]:
    """A fresh enclave below `root`; `changes` spoils its policies, `url` names another database."""
    write_policies(root / "policies", **changes)
    secrets = root / "secrets" / "airlock"
    secrets.mkdir(parents=True)
    private, public = make_release_key()
    for name, secret in (("release.key", private), ("hub_token", b"hub-token-of-the-airlock")):
        (secrets / name).write_bytes(secret)
        (secrets / name).chmod(0o400)
    (root / "control").mkdir()
    own = url is None
    url = url or f"sqlite:///{root}/control/ecluse.sqlite"
    if own:
        shutil.copy(_template(), root / "control/ecluse.sqlite")
    else:
        upgrade(url)
    database, clock = open_database(url), FakeClock()
    key, folder = read_release_key(secrets / "release.key"), PolicyFolder(root / "policies")
    ports = Ports(
        database=database,
        blobs=FileBlobs(root / "quarantine"),
        spool=FolderSpool(root / "spool"),
        signer=key,
        policies=folder,
    )
    checker = Checker(root / "spool", root / "quarantine")
    try:
        yield Enclave(root, clock, database, key, public, folder, Airlock(ports, clock), checker)
    finally:
        database.close()


def request_at(state: State = State.DRAFT, **changes: Any) -> Request:
    """A request value of `ada` in `alpha` in a state, for rules: one described file, checked where it has to be."""
    checked = state not in (State.DRAFT, State.SUBMITTED, State.CHECKING)
    report = file_report("km.csv", "a" * 64, "b" * 64) if checked else None
    values: dict[str, Any] = {
        "id": "alpha-1",
        "project": "alpha",
        "author": "ada",
        "title": "Survival",
        "purpose": "A paper.",
        "state": state,
        "created": NOW,
        "updated": NOW,
        "round": 0 if state is State.DRAFT else 1,
        "files": (
            RequestFile(path="km.csv", sha256="a" * 64, size=20, what="table", population="460 adults", report=report),
        ),
    }
    return Request.model_validate({**values, **changes})


def vote(reviewer: str, request: Request, *, approve: bool = True, **changes: Any) -> Vote:
    """A vote in the request's round for its content."""
    values = {"round": request.round, "reviewer": reviewer, "at": NOW, "approve": approve, "content": request.content}
    return Vote.model_validate({**values, **changes})


def with_votes(request: Request, **votes: bool) -> Request:
    """The request with votes, by reviewer."""
    return request.model_copy(update={"votes": tuple(vote(n, request, approve=a) for n, a in votes.items())})
