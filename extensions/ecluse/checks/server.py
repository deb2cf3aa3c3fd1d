"""The warm server of the sandbox: loads all readers once, then forks a child per task and says how each ended.

It opens no hostile byte itself: it warms up on samples of its own, and what is told to it comes from
`sandbox.Sandbox`, over its standard input.

Worked example: a line `{"folder": …, "jobs": [{"id": "f0", "task": "read", …}], …}` is answered by
`{"f0": ["ok", ""]}`, and `<folder>/f0/answer` is there.
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

from .confine import ConfinementError, confine
from .sandbox import PARALLEL, made_by_task

_PRCTL_PDEATHSIG = 1
_MEMORY_EXIT, _UNCONFINED_EXIT = 77, 78
_COLLECT_EVERY = 50_000


def serve(parallel: int) -> None:
    """Read lists of tasks from standard input until it closes."""
    from . import tasks  # the readers are loaded here, once
    from .pictures import tesseract

    tesseract.load()
    for late in ("PIL.PngImagePlugin", "PIL.JpegImagePlugin", "numpy.ma"):  # what they load at their first file
        importlib.import_module(late)
    sys.meta_path.insert(0, _NoPandas())
    tasks.warm()
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
        _reap(Path(message["folder"]), running, states)
    return states


def _reap(folder: Path, running: dict[int, tuple[str, float]], states: dict[str, list[str]]) -> None:
    """Take in children that ended, end those that are over their time."""
    ended = False
    for pid, (number, limit) in list(running.items()):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            states[number] = _state(status)
            _tell(folder / number)
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
    if code == _UNCONFINED_EXIT:
        return ["crash", "its process could not be confined"]
    return ["ok", ""] if code == 0 else ["crash", f"exit status {code}"]


def _tell(own: Path) -> None:
    """What a child says of its error, in the log: one short line, whoever wrote it."""
    with contextlib.suppress(OSError):
        said = made_by_task(own / "error", 200).decode("ascii", "replace")
        sys.stderr.write(f"check {own.name}: {''.join(c if c.isprintable() else '?' for c in said)}\n")


def _child(message: dict[str, Any], job: dict[str, Any], tasks: dict[str, Any]) -> None:
    """Do one task within its limits, and end. Never returns."""
    code = 1
    folder = Path(message["folder"])
    own = folder / str(job["id"])
    try:
        os.setsid()
        _limit(message)
        try:
            confine(own, job.get("reads", ()))
        except ConfinementError:
            code = _UNCONFINED_EXIT
            if message["confined"]:
                raise
        code = 1
        tempfile.tempdir = str(own)
        answer = tasks[job["task"]](folder, job)
        temporary = own / "part"
        temporary.write_text(json.dumps(answer), encoding="utf-8")
        temporary.rename(own / "answer")
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
            (own / "error").write_text(f"{type(error).__name__} at {at}"[:200], encoding="ascii", errors="replace")
    finally:
        os._exit(code)


def _limit(message: dict[str, Any]) -> None:
    """Limits of a child: memory, processor time, size of files, no core; no pipes; it dies with the server."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
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

    ctypes.CDLL(None).prctl(_PRCTL_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


if __name__ == "__main__":
    serve(int(sys.argv[1]) if len(sys.argv) > 1 else PARALLEL)
