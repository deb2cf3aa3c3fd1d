"""Peers in an environment of their own, by hash, and one of them as a process that is asked for a run at a time."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Self

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_LOCK = HERE / "peers" / "requirements.txt"


def environment() -> Path:
    """The Python of build/bench-peers, made once per lock."""
    folder = ROOT / "build" / "bench-peers"
    done = folder / "lock.txt"
    python = folder / "bin" / "python"
    if not done.exists() or done.read_text() != _LOCK.read_text():
        uv = str(Path(sys.executable).parent / "uv")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
        install = [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "--no-deps", "-r", _LOCK]
        subprocess.run(install, check=True)
        done.write_text(_LOCK.read_text())
    return python


class Peer:
    """One peer with what it read; use as a context manager. `seconds()` is one run, as the peer's own clock has it."""

    def __init__(self, name: str, folder: Path) -> None:
        command = [str(environment()), str(HERE / "peers" / "peer.py"), name, str(folder)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def seconds(self) -> float:
        """Wall clock of one run."""
        if self._process.stdin is None:
            raise RuntimeError("the peer has no pipe")
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return float(self._answer())

    def _answer(self) -> float | str:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError(f"the peer ended with {self._process.wait()}")
        answer: float | str = json.loads(line)
        return answer
