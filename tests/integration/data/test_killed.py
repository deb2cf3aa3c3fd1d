"""An extract that is killed at any moment leaves the version in force as it was, and the next one cleans up."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ecluse.data.versions import current
from extract_world import World

TESTS = Path(__file__).parents[2]
CODE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
sys.path[:0] = [sys.argv[2], sys.argv[2] + "/integration/data"]
import test_killed
from ecluse.data import extract_project
folder = Path(sys.argv[1])
def say(what):
    print(what, flush=True)
    if sys.argv[3] in what:
        print("here", flush=True)
        sys.stdin.read(1)
made = test_killed.world(200)
extract_project(
    made.policies(), "alpha", folder / "sources", folder / "extracts", folder / "keys", datetime.now(UTC), say
)
"""


def world(rows: int) -> World:
    people = [{"ID": f"CANARY{n}", "RANK": 1, "ONE": f"ONE{n}", "BORN": 1950} for n in range(50)]
    acts: list[dict[str, Any]] = [
        {"ID": f"CANARY{n % 50}", "RANK": 1, "CLAIM": n, "LINE": 1, "CODE": "J01", "AMOUNT": n / 2} for n in range(rows)
    ]
    empty = dict.fromkeys(["DAY", "FLOW", "DOCTOR", "NOTE", "PLACE"])
    drugs = [{"CLAIM": str(n), "LINE": 1, "DRUG": "D", "SEEN": None} for n in range(rows)]
    grant = {"tables": {"ACTS": {"columns": ["ID", "CODE", "AMOUNT"]}, "DRUGS": {"columns": ["CLAIM", "DRUG"]}}}
    return World({"PEOPLE": people, "ACTS": [a | empty for a in acts], "DRUGS": drugs}, grant)


def run(folder: Path, moment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CODE, str(folder), str(TESTS), moment],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def finish(folder: Path) -> list[str]:
    said, _ = run(folder, "never").communicate(timeout=60)
    return said.splitlines()


@pytest.mark.parametrize("moment", ["persons", "persons of ACTS", "ACTS", "lines read", "parts written", "DRUGS"])
def test_killed_at_any_moment_leaves_the_old_version(tmp_path: Path, moment: str) -> None:
    world(100).write(tmp_path)
    finish(tmp_path)
    home = tmp_path / "extracts" / "alpha"
    first = current(home)
    assert first is not None
    seen = {p: p.read_bytes() for p in home.rglob("*") if p.is_file()}
    world(200).write(tmp_path)
    with run(tmp_path, moment) as killed:
        assert killed.stdout is not None
        while killed.stdout.readline().strip() != "here":
            assert killed.poll() is None
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait(timeout=60)
    assert current(home) == first
    assert {p: p.read_bytes() for p in (home / first.version).rglob("*") if p.is_file()}.items() <= seen.items()
    assert (home / "current").readlink() == Path(first.version)
    finish(tmp_path)
    second = current(home)
    assert second is not None
    assert second.version != first.version
    assert sorted(p.name for p in home.iterdir()) == sorted([first.version, second.version, "current"])
    assert pq.read_metadata(home / "current/claims/ACTS.parquet").num_rows == 200


def test_killed_at_random_moments_leaves_a_whole_version(tmp_path: Path) -> None:
    world(100).write(tmp_path)
    begin = time.monotonic()
    finish(tmp_path)
    whole = time.monotonic() - begin
    home = tmp_path / "extracts" / "alpha"
    for turn in range(8):
        world(101 + turn).write(tmp_path)
        with run(tmp_path, "never") as killed:
            time.sleep(whole * (0.3 + 0.7 * turn / 7))
            killed.kill()
            killed.wait(timeout=60)
        found = current(home)
        assert found is not None
        for file in found.files:
            assert pq.read_metadata(home / "current" / file.path).num_rows == file.rows
            assert (home / "current" / file.path).stat().st_size == file.size
    finish(tmp_path)
    assert not list(home.glob(".*"))


def test_two_extracts_of_a_project_wait_for_each_other(tmp_path: Path) -> None:
    world(100).write(tmp_path)
    with run(tmp_path, "ACTS") as first:
        assert first.stdout is not None
        while first.stdout.readline().strip() != "here":
            assert first.poll() is None
        second = run(tmp_path, "never")
        time.sleep(2)
        assert second.poll() is None
        first.communicate("x", timeout=60)
        second.communicate(timeout=60)
    home = tmp_path / "extracts" / "alpha"
    assert second.returncode == 0
    assert len([p for p in home.iterdir() if not p.is_symlink()]) == 1
