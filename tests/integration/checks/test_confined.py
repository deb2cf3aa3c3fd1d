"""A reader that was taken over: it computes, and reaches nothing but its own file."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecluse.checks import confine, sandbox, worker
from ecluse.checks.limits import Budget
from ecluse.checks.report import check_files
from ecluse.rules.finding import CheckVerdict
from ecluse.rules.policy import OutputRules

PROBE = """
import ctypes, os, signal, socket, threading
from ecluse.checks import tasks

def call(*args):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(*args) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def probe(folder, job):
    try:
        exec(job["code"])
    except OSError as error:
        return {"refused": type(error).__name__}
    return {"refused": ""}

tasks.TASKS["probe"] = probe
"""
SAFE = b"region,n\nNord,120\nSud,133\n"


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sandbox.Sandbox]:
    extra = tmp_path_factory.mktemp("extra")
    found = f"import sys\nsys.path.insert(0, {str(Path(sandbox.__file__).parents[2])!r})\n"
    (extra / "sitecustomize.py").write_text(found + PROBE)
    before = sandbox.EXTRA_PATH
    sandbox.EXTRA_PATH = (str(extra),)
    try:
        with sandbox.Sandbox(Budget(seconds=10), confined=True) as made:
            yield made
    finally:
        sandbox.EXTRA_PATH = before


def refused(probes: sandbox.Sandbox, folder: Path, code: str) -> str:
    (folder / "y").mkdir()
    (folder / "y" / "in").write_text("of another file")
    job = {"task": "probe", "id": "x", "code": code.replace("FOLDER", str(folder)), "reads": []}
    seen = probes.run(folder, [job], 20)["x"]
    assert seen.state == "ok", seen
    return str(seen.answer["refused"])


@pytest.mark.parametrize(
    "code",
    [
        "open('FOLDER/y/in')",
        "open('FOLDER/y/answer', 'w')",
        "open('FOLDER/new', 'w')",
        "os.listdir('FOLDER')",
        "os.unlink('FOLDER/y/in')",
        "open('FOLDER/x/a', 'w').close(); os.rename('FOLDER/x/a', 'FOLDER/y/a')",
        "os.symlink('/etc/passwd', 'FOLDER/x/answer')",
        "os.link('FOLDER/y/in', 'FOLDER/x/rebuilt')",
        "os.mkfifo('FOLDER/x/answer')",
        "os.mkdir('FOLDER/x/folder')",
        "os.truncate('FOLDER/y/in', 0)",
        "os.chmod('FOLDER/y', 0)",
        "os.utime('FOLDER/y')",
        "open('/proc/self/environ')",
        "open(f'/proc/{os.getppid()}/mem')",
        "open('/etc/passwd')",
        "open('/tmp/ecluse-left-behind', 'w')",
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
        "os.kill(0, 0)",
        "os.kill(-1, 0)",
        "signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 0)",
        "os.setsid()",
        "socket.socket()",
        "socket.socketpair()",
        "call(101, 16, os.getppid(), 0, 0)",
        "call(425, 8, None)",
        "call(29, 7, 4096, 0o1666)",
        "import fcntl; r, w = os.pipe(); fcntl.fcntl(r, fcntl.F_SETOWN, os.getppid())",
        "import resource; resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
    ],
)
def test_what_a_reader_does_not_need_is_closed(probes: sandbox.Sandbox, tmp_path: Path, code: str) -> None:
    assert refused(probes, tmp_path, code) == "PermissionError"


@pytest.mark.parametrize(
    "code",
    [
        "open('FOLDER/x/a', 'w').write('x'); os.rename('FOLDER/x/a', 'FOLDER/x/b'); os.unlink('FOLDER/x/b')",
        "import tempfile; tempfile.TemporaryFile().write(b'x')",
        "t = threading.Thread(target=print); t.start(); t.join()",
        "os.kill(os.getpid(), 0)",
        "open('/dev/urandom', 'rb').read(1); open('/dev/null', 'w').write('x')",
    ],
)
def test_what_a_reader_needs_is_open(probes: sandbox.Sandbox, tmp_path: Path, code: str) -> None:
    assert not refused(probes, tmp_path, code)


@pytest.mark.parametrize("make", [lambda p: p.symlink_to("/etc/passwd"), os.mkfifo, os.mkdir])
def test_an_answer_that_is_no_file_is_not_read(tmp_path: Path, make: object) -> None:
    make(tmp_path / "answer")  # type: ignore[operator]
    with pytest.raises(OSError, match=r".+"):
        sandbox.made_by_task(tmp_path / "answer", 10)


def test_a_rebuilt_file_that_is_too_long_refuses_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecluse.checks.report._KEPT", 40)
    made, rebuilt = check_files([("a.csv", SAFE), ("b.csv", SAFE)], OutputRules())
    assert [f.verdict for f in made.files] == [CheckVerdict.PASS, CheckVerdict.REFUSE]
    assert len(rebuilt) == 1


def test_a_checker_that_cant_confine_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(confine, "version", lambda: 0)
    assert worker.main(["--spool", str(tmp_path), "--quarantine", str(tmp_path)]) == 1
    assert "no Landlock" in capsys.readouterr().err


def test_a_file_is_not_read_where_its_process_cant_be_confined(tmp_path: Path) -> None:
    before = sandbox.EXTRA_PATH
    found = f"import sys\nsys.path.insert(0, {str(Path(sandbox.__file__).parents[2])!r})\n"
    (tmp_path / "sitecustomize.py").write_text(
        found + "from ecluse.checks import confine\nconfine.version = lambda: 0\n"
    )
    sandbox.EXTRA_PATH = (str(tmp_path),)
    try:
        for confined, expected in ((True, CheckVerdict.REFUSE), (False, CheckVerdict.PASS)):
            with sandbox.Sandbox(confined=confined) as made:
                report, _ = check_files([("a.csv", SAFE)], OutputRules(), sandbox=made)
            assert report.verdict is expected
    finally:
        sandbox.EXTRA_PATH = before
