"""The real checker behind the real airlock's steps: what `factories.Checker` stands for in unit tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ecluse.checks.sandbox import Sandbox
from ecluse.checks.worker import Worker
from ecluse.rules.finding import CheckVerdict
from ecluse.rules.request import CheckState, State
from ecluse.steps import check
from factories import ADA, Enclave, enclave


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[Enclave]:
    with enclave(tmp_path) as made:
        yield made


def real(lock: Enclave, sandbox: Sandbox) -> Callable[[], int]:
    worker = Worker(lock.root / "spool", lock.quarantine, None, sandbox)
    return worker.once


def fake(lock: Enclave, _sandbox: Sandbox) -> Callable[[], int]:
    return lock.checker.run


@pytest.mark.parametrize("checker", [real, fake])
def test_an_answer_of_either_checker_is_taken(
    lock: Enclave, sandbox: Sandbox, checker: Callable[..., Callable[[], int]]
):
    lock.request_at(State.CHECKING)
    run = checker(lock, sandbox)
    assert run() == 1
    assert check.collect(lock.ports, lock.clock()) == 1
    request = lock.get("alpha-1")
    assert (request.state, request.check.state) == (State.IN_REVIEW, CheckState.DONE)
    rebuilt = request.files[0].report.rebuilt
    assert lock.ports.blobs.read(rebuilt.sha256)
    assert request.check.criteria
    assert [p.name for p in (lock.root / "spool/results").iterdir() if not p.name.startswith(".")] == []
    assert run() == 0, "the job is done"


def test_the_real_checker_finds_a_small_count_and_the_request_comes_back(lock: Enclave, sandbox: Sandbox):
    lock.request_at(State.DRAFT)
    lock.attach("alpha-1", data=b"region,patients\nNord,4\nSud,240\n")
    lock.desk.submit(ADA, "alpha-1")
    real(lock, sandbox)()
    check.collect(lock.ports, lock.clock())
    request = lock.get("alpha-1")
    assert (request.state, request.check.verdict) == (State.RETURNED, CheckVerdict.REFUSE)
    assert "small-count" in {f.rule for f in request.files[0].report.findings}


def test_the_real_checker_says_what_is_no_file_it_knows(lock: Enclave, sandbox: Sandbox):
    lock.request_at(State.DRAFT)
    lock.attach("alpha-1", "model.pkl", b"\x80\x04K\x01.")
    lock.desk.submit(ADA, "alpha-1")
    real(lock, sandbox)()
    check.collect(lock.ports, lock.clock())
    files = {f.path: f for f in lock.get("alpha-1").files}
    assert files["model.pkl"].report.verdict is CheckVerdict.REFUSE
    assert files["model.pkl"].report.rebuilt is None
    assert lock.get("alpha-1").state is State.RETURNED


def test_a_file_swapped_under_the_real_checker_is_refused(lock: Enclave, sandbox: Sandbox):
    lock.request_at(State.CHECKING)
    lock.swap(lock.get("alpha-1").files[0].sha256)
    real(lock, sandbox)()
    check.collect(lock.ports, lock.clock())
    assert lock.get("alpha-1").state is State.REFUSED
    assert lock.actions()[-2:] == ["quarantine.tampered", "request.tamper"]
