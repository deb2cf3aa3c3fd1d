"""The checker's loop: jobs of the spool are answered whole, once, whatever they are."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecluse.checks import worker as module
from ecluse.checks.sandbox import Sandbox
from ecluse.checks.worker import Worker, healthy, main
from ecluse.rules.finding import CheckReport, CheckVerdict
from ecluse.rules.policy import OutputRules

SAFE = "région,n\nNord,120\nSud,133\nTotal,253\n".encode()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


@pytest.fixture
def checker(sandbox: Sandbox, tmp_path: Path) -> Worker:
    (tmp_path / "spool" / "jobs").mkdir(parents=True)
    return Worker(tmp_path / "spool", tmp_path / "quarantine", None, sandbox)


def store(checker: Worker, data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    folder = checker.quarantine / digest[:2]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / digest).write_bytes(data)
    return digest


def job(checker: Worker, name: str = "job-1", **more: Any) -> dict[str, Any]:
    value = {
        "job": name,
        "project": "bacthub",
        "files": [{"path": "t.csv", "sha256": store(checker, SAFE)}],
        "seconds": 60,
        "rules": OutputRules().model_dump(mode="json"),
        "released": [],
    } | more
    (checker.jobs / f"{name}.json").write_text(json.dumps(value))
    return value


def answer(checker: Worker, name: str = "job-1") -> CheckReport:
    return CheckReport.model_validate_json((checker.results / name / "report.json").read_bytes())


def test_a_job_is_answered_with_report_and_rebuilt_files(checker: Worker) -> None:
    job(checker)
    assert checker.once() == 1
    report = answer(checker)
    assert (report.verdict, report.files[0].path) == (CheckVerdict.PASS, "t.csv")
    rebuilt = report.files[0].rebuilt
    assert rebuilt is not None
    data = (checker.results / "job-1" / "rebuilt" / rebuilt.sha256).read_bytes()
    assert hashlib.sha256(data).hexdigest() == rebuilt.sha256


def test_an_answered_job_is_not_answered_again(checker: Worker) -> None:
    job(checker)
    assert (checker.once(), checker.once()) == (1, 0)


def test_swapped_bytes_are_refused(checker: Worker) -> None:
    value = job(checker)
    digest = value["files"][0]["sha256"]
    (checker.quarantine / digest[:2] / digest).write_bytes(SAFE + b"Est,4\n")
    checker.once()
    report = answer(checker)
    assert report.verdict is CheckVerdict.REFUSE
    assert "changed" in report.files[0].findings[0].message


def test_missing_bytes_are_refused(checker: Worker) -> None:
    job(checker, files=[{"path": "t.csv", "sha256": "0" * 64}])
    checker.once()
    assert answer(checker).verdict is CheckVerdict.REFUSE


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "[]",
        "{",
        '{"job": "job-1"}',
        '{"job": "other", "project": "bacthub", "files": [], "seconds": 60, "rules": {}}',
        '{"job": "job-1", "project": "bacthub", "files": [], "seconds": 60, "rules": {"minimum_cuont": 3}}',
        '{"job": "job-1", "project": "bacthub", "files": [{"path": "x", "sha256": "../x"}], "seconds": 9, "rules": {}}',
    ],
)
def test_a_malformed_job_is_answered_with_a_refusal(checker: Worker, raw: str) -> None:
    (checker.jobs / "job-1.json").write_text(raw)
    checker.once()
    assert answer(checker).verdict is CheckVerdict.REFUSE
    job(checker, "job-2")
    checker.once()
    assert answer(checker, "job-2").verdict is CheckVerdict.PASS


def test_a_job_without_files_is_refused(checker: Worker) -> None:
    job(checker, files=[])
    checker.once()
    assert answer(checker).verdict is CheckVerdict.REFUSE


def test_a_bug_in_the_check_is_a_refusal(checker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(module, "check_files", broken)
    job(checker)
    checker.once()
    report = answer(checker)
    assert report.verdict is CheckVerdict.REFUSE
    assert report.files[0].path == "t.csv"


def test_files_that_are_no_jobs_are_left_alone(checker: Worker) -> None:
    (checker.jobs / ".job.json.part").write_text("{}")
    (checker.jobs / "..json").write_text("{}")
    assert checker.once() == 0


def test_released_files_come_from_the_quarantine(checker: Worker) -> None:
    digest = store(checker, b"\0\0\0")
    job(checker, released=[{"request": "bacthub-1", "path": "old.csv", "sha256": digest}])
    checker.once()
    assert any(f.rule == "released-unreadable" for f in answer(checker).files[0].findings)


def test_the_heartbeat_says_whether_it_runs(checker: Worker, tmp_path: Path) -> None:
    assert not healthy(tmp_path / "spool", 30, time.time())
    checker.beat()
    assert healthy(tmp_path / "spool", 30, time.time())
    assert not healthy(tmp_path / "spool", 30, time.time() + 60)
    assert main(["--spool", str(tmp_path / "spool"), "--healthy", "30"]) == 0


def test_the_program_answers_and_ends_on_sigterm(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    (spool / "jobs").mkdir(parents=True)
    (spool / "jobs" / "job-1.json").write_text("{}")
    source = str(Path(module.__file__).parents[2])
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "ecluse.checks.worker",
            "--spool",
            str(spool),
            "--quarantine",
            str(tmp_path / "quarantine"),
        ],
        env=os.environ | {"PYTHONPATH": source},
    )
    try:
        deadline = time.monotonic() + 60
        while not (spool / "results" / "job-1" / "report.json").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        process.kill()
    report = CheckReport.model_validate_json((spool / "results" / "job-1" / "report.json").read_bytes())
    assert report.verdict is CheckVerdict.REFUSE
