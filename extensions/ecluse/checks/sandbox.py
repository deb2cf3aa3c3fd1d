"""Each task in its own process, with bounds on memory, time and output, and no way to break another.

A warm server process (`python -m ecluse.checks.sandbox`) loads all readers once and opens no hostile byte; per task it
forks a child in a session of its own that sets its limits, does the task and writes its answer to a file. The server
says how the child ended; the caller parses the answer strictly. A crash, a timeout or death by memory is an answer
too: the file is refused with that reason.

Worked example: a child that recurses until its stack ends is `Outcome("crash", …)`; its neighbours are not touched.
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import IO, Any, Self

from .limits import Budget

EXTRA_PATH: tuple[str, ...] = ()
"""Further folders of modules for the server; the tests put their probes there."""

_PARALLEL = 2
_PRCTL_NO_NEW_PRIVS, _PRCTL_PDEATHSIG = 38, 1
_MEMORY_EXIT = 77
_COLLECT_EVERY = 50_000
_ANSWER = 64 * 1024 * 1024
_GRACE = 5.0


class SandboxError(Exception):
    """The sandbox itself can't work; whoever asked refuses."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a task ended: `ok` with its answer, or `crash`, `timeout`, `memory`."""

    state: str
    answer: dict[str, Any] = field(default_factory=dict)
    detail: str = ""


class Sandbox:
    """The warm server. Use as a context manager; one call of `run` at a time."""

    def __init__(self, budget: Budget | None = None, parallel: int = _PARALLEL) -> None:
        self.budget = budget or Budget()
        self.parallel = parallel
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the server, in a session of its own and without the caller's environment."""
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()  # a dead one leaves its pipes
        environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join((*EXTRA_PATH, str(Path(__file__).resolve().parents[2]))),
            "PYTHONDONTWRITEBYTECODE": "1",
            # Threads do not survive a fork, and one file gets one core.
            **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS"), "1"),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ecluse.checks.sandbox", str(self.parallel)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd="/",
            start_new_session=True,
            close_fds=True,
        )
        return self._process

    def close(self) -> None:
        """End the server and every child of it."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(BrokenPipeError, OSError):
            if process.stdin:
                process.stdin.close()
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()

    def run(self, folder: Path, jobs: list[dict[str, Any]], seconds: float) -> dict[str, Outcome]:
        """Run tasks on a folder; an outcome per `id`, in at most `seconds` in all. Raises `SandboxError`."""
        process = self._start()
        deadline = time.monotonic() + seconds
        message = {
            "folder": str(folder),
            "jobs": jobs,
            "seconds": seconds,
            "each": min(self.budget.seconds, seconds),
            "memory": self.budget.memory,
            "output": self.budget.output,
        }
        try:
            if process.stdin is None or process.stdout is None:
                raise SandboxError("the sandbox has no pipes")  # noqa: TRY301 - handled like every other failure
            process.stdin.write(json.dumps(message).encode() + b"\n")
            process.stdin.flush()
            states = json.loads(_line(process.stdout, deadline + _GRACE))
        except (OSError, ValueError, SandboxError) as error:
            process.kill()
            self.close()
            raise SandboxError(f"the sandbox failed: {error}") from None
        return {str(job["id"]): _outcome(folder, str(job["id"]), states) for job in jobs}


def _line(stream: IO[bytes], deadline: float) -> bytes:
    """One line of a pipe before a deadline. Raises `SandboxError`."""
    out = bytearray()
    while not out.endswith(b"\n"):
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        piece = os.read(stream.fileno(), 65536) if ready else b""
        if not piece:
            raise SandboxError("no answer in time" if not ready else "the server ended")
        out += piece
    return bytes(out)


def _outcome(folder: Path, number: str, states: dict[str, list[str]]) -> Outcome:
    """The outcome of one task; an answer that is missing, too long or no object is a crash."""
    state, detail = states.get(number, ["crash", "no answer"])
    if state != "ok":
        return Outcome(state, detail=detail)
    try:
        with (folder / f"{number}.answer").open("rb") as file:
            raw = file.read(_ANSWER + 1)
        answer = json.loads(raw) if len(raw) <= _ANSWER else None
    except (OSError, ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        return Outcome("crash", detail="the answer is malformed")
    return Outcome("ok", answer)


# --- in the server -------------------------------------------------------------------------------------------------


def serve(parallel: int) -> None:
    """Read lists of tasks from standard input until it closes."""
    from . import tasks  # the readers are loaded here, once
    from .pictures import tesseract

    tesseract.load()
    for late in ("PIL.PngImagePlugin", "PIL.JpegImagePlugin", "numpy.ma"):  # what they load at their first file
        importlib.import_module(late)
    sys.meta_path.insert(0, _NoPandas())
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page that it shares with the server
    gc.set_threshold(_COLLECT_EVERY, 20, 50)  # facts are many small objects without cycles
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin.buffer:
        states = _batch(json.loads(line), parallel, tasks.TASKS)
        sys.stdout.buffer.write(json.dumps(states).encode() + b"\n")
        sys.stdout.buffer.flush()


class _NoPandas(MetaPathFinder):
    """Pandas is not here, wherever this runs: pyarrow would load it for the first array, and half a second with it."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Refuse it. Raises `ModuleNotFoundError`."""
        if fullname == "pandas":
            raise ModuleNotFoundError(fullname)


def _batch(message: dict[str, Any], parallel: int, tasks: dict[str, Any]) -> dict[str, list[str]]:
    """Fork a child per task, a few at a time; how each ended."""
    states: dict[str, list[str]] = {}
    waiting = list(message["jobs"])
    running: dict[int, tuple[str, float]] = {}
    end = time.monotonic() + message["seconds"]
    while waiting or running:
        while waiting and len(running) < parallel and time.monotonic() < end:
            job = waiting.pop(0)
            pid = os.fork()
            if pid == 0:
                _child(message, job, tasks)
            running[pid] = (str(job["id"]), min(end, time.monotonic() + message["each"]))
        if time.monotonic() >= end:
            states.update({str(job["id"]): ["timeout", "the request's time was over"] for job in waiting})
            waiting = []
        _reap(running, states)
    return states


def _reap(running: dict[int, tuple[str, float]], states: dict[str, list[str]]) -> None:
    """Take in children that ended, end those that are over their time."""
    ended = False
    for pid, (number, limit) in list(running.items()):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            states[number] = _state(status)
        elif time.monotonic() > limit:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            states[number] = ["timeout", "it took too long"]
        else:
            continue
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)  # whatever it forked goes with it
        del running[pid]
        ended = True
    if running and not ended:
        time.sleep(0.002)


def _state(status: int) -> list[str]:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number in (signal.SIGXCPU, signal.SIGALRM):
            return ["timeout", "it took too long"]
        return ["memory", "it was killed"] if number == signal.SIGKILL else ["crash", signal.Signals(number).name]
    code = os.waitstatus_to_exitcode(status)
    if code == _MEMORY_EXIT:
        return ["memory", "it used too much memory"]
    return ["ok", ""] if code == 0 else ["crash", f"exit status {code}"]


def _child(message: dict[str, Any], job: dict[str, Any], tasks: dict[str, Any]) -> None:
    """Do one task within its limits, and end. Never returns."""
    code = 1
    try:
        os.setsid()
        _confine(message)
        folder = Path(message["folder"])
        answer = tasks[job["task"]](folder, job)
        temporary = folder / f"{job['id']}.part"
        temporary.write_text(json.dumps(answer), encoding="utf-8")
        temporary.rename(folder / f"{job['id']}.answer")
        code = 0
    except MemoryError:
        code = _MEMORY_EXIT
    except BaseException as error:  # noqa: BLE001 - whatever a hostile file raises ends here, as a crash
        with contextlib.suppress(OSError):
            # Kind of error and place in our own code only: the message may quote the data.
            place = error.__traceback__
            while place is not None and place.tb_next is not None:
                place = place.tb_next
            at = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
            os.write(2, f"check {job.get('id')}: {type(error).__name__} at {at}\n".encode())
    finally:
        os._exit(code)


def _confine(message: dict[str, Any]) -> None:
    """Limits of a child: memory, processor time, size of files, no core; no pipes; it dies with the server."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.closerange(3, 256)
    seconds = max(1, int(message["each"]) + 1)
    for name, value in (
        (resource.RLIMIT_AS, message["memory"]),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, message["output"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 128),
    ):
        resource.setrlimit(name, (value, value))
    os.nice(5)
    import ctypes

    libc = ctypes.CDLL(None)
    libc.prctl(_PRCTL_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PRCTL_NO_NEW_PRIVS, 1, 0, 0, 0)


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else _PARALLEL)
