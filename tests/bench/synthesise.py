"""The memory that made-up sources of the size of 50 million claim lines take to write."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from _measure import Measure, measure, peak_memory

from ecluse.data import synthesise
from ecluse.store.policy_files import read_policies

NAMES = ("synthesise-memory",)
REPO = Path(__file__).parents[2]
SCALE = 420
"""Of `synthesise`: about 50 million claim lines."""


def child(folder: str) -> None:
    """Make every source up; prints the peak of resident memory in MB."""
    synthesise(Path(folder), read_policies(REPO / "policies").datasets, SCALE)
    print(peak_memory())


def run(progress: Callable[[str], None]) -> list[Measure]:
    """One run in a process of its own: about 15 minutes on two quiet cores, and 5 GB of disk while it lasts."""
    progress("50 M claim lines and everything beside them")
    folder = REPO / "build" / "bench-synthesise"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        code = f"import sys; sys.path[:0] = {sys.path!r}; import synthesise; synthesise.child({str(folder)!r})"
        made = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [measure("synthesise-memory", float(made.stdout.splitlines()[-1]), "MB", "2 GB", 2000, 1.0)]
