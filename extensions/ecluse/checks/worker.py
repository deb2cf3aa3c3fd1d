"""The checker's loop over the spool: jobs in, reports and rebuilt files out. No network, no engine, no database.

A job is `jobs/<job>.json`; its answer is the folder `results/<job>/` with `report.json` and `rebuilt/<sha256>`, made
beside and renamed when it is whole. The bytes come from the quarantine by hash and are hashed again here: a file that
was swapped is refused. A job that can't be read is answered too, with a refusal.

Worked example: `python -m ecluse.checks.worker --spool /srv/ecluse/spool --quarantine /srv/ecluse/quarantine`.
"""

import argparse
import contextlib
import hashlib
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from pydantic import Field, ValidationError

from ecluse.rules.finding import CheckReport, CheckVerdict, FileReport
from ecluse.rules.names import ProjectId, Sha256, Strict
from ecluse.rules.policy import OutputRules

from .confine import missing
from .criteria import criteria
from .facts import Context
from .refusals import refusal
from .report import Released, check_files
from .sandbox import Sandbox

_JOB = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_JOB_BYTES = 4 * 1024 * 1024
_NO_HASH = "0" * 64


class JobFile(Strict):
    """One file of a job."""

    path: str = Field(min_length=1, max_length=400)
    sha256: Sha256


class ReleasedFile(Strict):
    """One file that the project has released before; `sha256` is of the released (rebuilt) bytes."""

    request: str = Field(max_length=100)
    path: str = Field(min_length=1, max_length=400)
    sha256: Sha256


class Job(Strict):
    """A job of the spool, as contracts.md has it."""

    job: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$")
    project: ProjectId
    files: tuple[JobFile, ...] = Field(max_length=1000)
    seconds: float = Field(gt=0, le=3600)
    rules: OutputRules
    released: tuple[ReleasedFile, ...] = Field(default=(), max_length=10_000)


class MissingBytesError(Exception):
    """The quarantine has no such bytes, or others."""


class Worker:
    """One checker. `index` is the folder of record indexes by project, where there is one."""

    def __init__(self, spool: Path, quarantine: Path, index: Path | None, sandbox: Sandbox) -> None:
        self.jobs, self.results = spool / "jobs", spool / "results"
        self.heartbeat = spool / "results" / ".heartbeat"
        self.quarantine, self.index, self.sandbox = quarantine, index, sandbox
        self.stopping = False

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """Stop after the job in hand."""
        self.stopping = True

    def loop(self, pause: float) -> None:
        """Answer jobs until stopped."""
        while not self.stopping:
            self.beat()
            if not self.once():
                time.sleep(pause)

    def beat(self) -> None:
        """Say that the loop runs: the health check looks at the age of this file."""
        self.results.mkdir(parents=True, exist_ok=True)
        self.heartbeat.touch()

    def once(self) -> int:
        """Answer every job that waits, oldest first; how many were answered."""
        answered = 0
        for path in self._waiting():
            if self.stopping:
                break
            self._answer(path)
            self.beat()
            answered += 1
        return answered

    def _waiting(self) -> list[Path]:
        """Jobs without an answer."""
        found: list[tuple[float, Path]] = []
        for path in self.jobs.glob("*.json"):
            with contextlib.suppress(OSError):
                if _JOB.fullmatch(path.stem) and not (self.results / path.stem).exists():
                    found.append((path.stat().st_mtime, path))
        return [path for _, path in sorted(found)]

    def _answer(self, path: Path) -> None:
        """Write the answer of one job, whatever the job is."""
        rebuilt: dict[str, bytes] = {}
        job: Job | None = None
        try:
            job = self._read(path)
            report, rebuilt = self._check(job)
        except (ValidationError, ValueError, OSError) as error:
            report = _failed(job, f"The job can't be read ({type(error).__name__}).")
        except MissingBytesError as error:
            report = _failed(job, str(error))
        except Exception as error:  # noqa: BLE001 - one bad job must not stop the checker; the answer is a refusal
            report = _failed(job, f"The check failed ({type(error).__name__}).")
        self._write(path.stem, report, rebuilt)

    def _read(self, path: Path) -> Job:
        with path.open("rb") as stream:
            raw = stream.read(_JOB_BYTES + 1)
        if len(raw) > _JOB_BYTES:
            raise ValueError("the job is too long")
        job = Job.model_validate_json(raw)
        if job.job != path.stem:
            raise ValueError("the job has another name than its file")
        return job

    def _check(self, job: Job) -> tuple[CheckReport, dict[str, bytes]]:
        files: list[tuple[str, bytes | Path]] = [(f.path, self._bytes(f.sha256)) for f in job.files]
        released = [Released(r.request, r.path, self._bytes(r.sha256)) for r in job.released]
        index = self.index / job.project if self.index is not None else None
        rules = job.rules.model_copy(update={"check_seconds": max(5, int(min(job.seconds, job.rules.check_seconds)))})
        context = Context(project=job.project, record_index=index if index is not None and index.is_dir() else None)
        return check_files(files, rules, context, released=released, sandbox=self.sandbox)

    def _bytes(self, sha256: str) -> bytes:
        """Bytes of the quarantine, if they are what their name says."""
        try:
            data = (self.quarantine / sha256[:2] / sha256).read_bytes()
        except OSError:
            raise MissingBytesError(f"The quarantine has no file {sha256[:12]}….") from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise MissingBytesError(f"File {sha256[:12]}… of the quarantine is not what was sent: it was changed.")
        return data

    def _write(self, name: str, report: CheckReport, rebuilt: dict[str, bytes]) -> None:
        """Write an answer beside its place and rename it: a reader sees all of it or nothing."""
        self.results.mkdir(parents=True, exist_ok=True)
        part = self.results / f".{name}.part"
        shutil.rmtree(part, ignore_errors=True)
        (part / "rebuilt").mkdir(parents=True)
        for sha256, data in rebuilt.items():
            (part / "rebuilt" / sha256).write_bytes(data)
        (part / "report.json").write_text(report.model_dump_json(), encoding="utf-8")
        for path in (part, part / "rebuilt"):
            path.chmod(0o770)
        try:
            part.rename(self.results / name)
        except OSError:
            shutil.rmtree(part, ignore_errors=True)  # somebody answered before


def _failed(job: Job | None, message: str) -> CheckReport:
    """A report that refuses every file of a job that could not be checked."""
    found = refusal("check-failed", message, "Send the request again; if it fails again, ask an administrator.")
    files = job.files if job is not None else ()
    rules = job.rules if job is not None else OutputRules()
    reports = tuple(
        FileReport(path=f.path, kind="unknown", verdict=CheckVerdict.REFUSE, sha256=f.sha256, findings=(found,))
        for f in files
    ) or (FileReport(path="?", kind="unknown", verdict=CheckVerdict.REFUSE, sha256=_NO_HASH, findings=(found,)),)
    record = criteria(rules, Context(project=job.project if job is not None else ""))
    return CheckReport(verdict=CheckVerdict.REFUSE, files=reports, criteria=record)


def healthy(spool: Path, seconds: float, now: float) -> bool:
    """Whether the loop showed itself within the last `seconds`."""
    try:
        return now - (spool / "results" / ".heartbeat").stat().st_mtime <= seconds
    except OSError:
        return False


def main(arguments: list[str] | None = None) -> int:
    """Run the checker. Exit 0 when stopped, 1 where readers can't be confined; with `--healthy`, 1 if no loop runs."""
    parser = argparse.ArgumentParser(prog="python -m ecluse.checks.worker", description="Answer check jobs of a spool.")
    parser.add_argument("--spool", type=Path, required=True, help="folder with jobs/ and results/")
    parser.add_argument("--quarantine", type=Path, help="folder of files by hash, read only")
    parser.add_argument("--index", type=Path, help="folder of record indexes by project (default: beside the spool)")
    parser.add_argument("--once", action="store_true", help="answer what waits, then end")
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between looks at the spool")
    parser.add_argument("--healthy", type=float, metavar="SECONDS", help="only say whether a checker runs")
    given = parser.parse_args(arguments)
    if given.healthy is not None:
        return 0 if healthy(given.spool, given.healthy, time.time()) else 1
    if given.quarantine is None:
        parser.error("--quarantine is required")
    if lacks := missing():
        sys.stderr.write(f"The checker does not start: {lacks}; a hostile file could not be confined.\n")
        return 1
    os.umask(0o007)
    with Sandbox(confined=True) as sandbox:
        worker = Worker(given.spool, given.quarantine, given.index or given.spool.parent / "index", sandbox)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, worker.stop)
        worker.beat()
        if given.once:
            worker.once()
        else:
            worker.loop(given.pause)
    return 0


if __name__ == "__main__":
    sys.exit(main())
