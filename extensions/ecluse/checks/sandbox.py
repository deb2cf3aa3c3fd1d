"""Each task in its own process, with bounds on memory, time and output, and no way to break another.

A warm server process (`ecluse.checks.server`) loads all readers once and opens no hostile byte; per task it
forks a child in a session of its own that sets its limits, gives up its rights (`confine`), does the task and writes
its answer to a file of its own folder. The server says how the child ended; the caller parses the answer strictly. A
crash, a timeout or death by memory is an answer too: the file is refused with that reason.

Worked example: a child that recurses until its stack ends is `Outcome("crash", …)`; its neighbours are not touched.
"""

import contextlib
import json
import os
import select
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

from .limits import Budget

EXTRA_PATH: tuple[str, ...] = ()
"""Further folders of modules for the server; the tests put their probes there."""

PARALLEL = 2
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
    """The warm server. Use as a context manager; one call of `run` at a time.

    `confined` refuses whatever can't be read in a confined process. Without it a kernel that has no means to confine is
    used as it is: for a command line whose user could read and write everything anyway.
    """

    def __init__(self, budget: Budget | None = None, parallel: int = PARALLEL, *, confined: bool = False) -> None:
        self.budget = budget or Budget()
        self.parallel, self.confined = parallel, confined
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
            "PYTHONSAFEPATH": "1",  # without it the root folder would be one of modules, and be open to readers
            # Threads do not survive a fork, and one file gets one core.
            **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "ARROW_NUM_THREADS"), "1"),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ecluse.checks.server", str(self.parallel)],
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
        """Run tasks on a folder; an outcome per `id`, in at most `seconds` in all. Raises `SandboxError`.

        A task writes below `<folder>/<id>/` and nowhere else; beyond that and programs it reads what its `reads` names.
        """
        process = self._start()
        deadline = time.monotonic() + seconds
        for job in jobs:
            (folder / str(job["id"])).mkdir(exist_ok=True)
        message = {
            "folder": str(folder),
            "jobs": jobs,
            "seconds": seconds,
            "each": min(self.budget.seconds, seconds),
            "memory": self.budget.memory,
            "output": self.budget.output,
            "confined": self.confined,
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
        answer = json.loads(made_by_task(folder / number / "answer", _ANSWER))
    except (OSError, ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        return Outcome("crash", detail="the answer is malformed")
    return Outcome("ok", answer)


def made_by_task(path: Path, most: int) -> bytes:
    """The bytes of a file that a task has made. Raises `OSError` for anything but a regular file of at most `most`."""
    # Not a link into the quarantine, and no pipe that is waited for: the task may have been taken over.
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(opened, "rb") as file:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode) or found.st_size > most:
            raise OSError("not a regular file of that size")
        return file.read(most)
