"""Whose each line is: worked out once for all projects, and never believed when something is not right."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data import extract_project, index
from extract_world import World, read

NOW = datetime(2026, 6, 1, tzinfo=UTC)
EMPTY = dict.fromkeys(["DAY", "FLOW", "DOCTOR", "NOTE", "PLACE"])


def world() -> World:
    people = [{"ID": f"CANARY{n}", "RANK": 1, "ONE": f"ONE{n // 2}", "BORN": 1950} for n in range(10)]
    acts: list[dict[str, Any]] = [
        {"ID": f"CANARY{n % 12}" if n % 9 else None, "RANK": 1, "CLAIM": n, "LINE": 1, "CODE": "J01", "AMOUNT": n / 2}
        for n in range(40)
    ]
    grant = {"tables": {"ACTS": {"columns": ["ID", "CODE", "AMOUNT"]}}}
    return World({"PEOPLE": people, "ACTS": [a | EMPTY for a in acts], "DRUGS": []}, grant)


def run(folder: Path, made: World, project: str = "alpha", say: Callable[[str], None] = lambda _: None) -> int:
    at = [folder / name for name in ("sources", "extracts", "keys")]
    manifest = extract_project(made.policies("alpha", "beta"), project, *at, NOW, say)
    assert read(folder, project, "ACTS") == made.expected(project)["ACTS"]
    return manifest.quarantined["claims/ACTS"]


def entries(folder: Path) -> dict[str, int]:
    return {str(p): p.stat().st_mtime_ns for p in (folder / "sources/claims/.persons").rglob("*")}


def test_a_second_project_finds_what_the_first_worked_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world()
    made.write(tmp_path)
    first, seen = run(tmp_path, made), entries(tmp_path)
    monkeypatch.setattr(index, "number_lines", lambda *_: 1 / 0)
    monkeypatch.setattr(index, "_write_register", lambda *_: 1 / 0)
    assert run(tmp_path, made, "beta") == first == 5
    assert entries(tmp_path) == seen
    assert all(Path(p).stat().st_mode & 0o077 == 0 for p in seen if Path(p).is_dir())


@pytest.mark.parametrize("table", ["ACTS", "PEOPLE"])
def test_another_version_of_a_source_makes_it_anew(tmp_path: Path, table: str) -> None:
    made = world()
    made.write(tmp_path)
    run(tmp_path, made)
    before = {Path(p).name for p in entries(tmp_path)}
    made.tables[table] = made.tables[table][::-1][:-2]
    made.write(tmp_path)
    run(tmp_path, made)
    folders = [p.name for p in (tmp_path / "sources/claims/.persons").iterdir()]
    assert len(folders) == 2
    assert sum(name in before for name in folders) == (1 if table == "ACTS" else 0)


def test_an_id_that_leads_to_two_persons_stands_for_itself(tmp_path: Path) -> None:
    made = world()
    made.tables["PEOPLE"] += [{"ID": "CANARY4", "RANK": 1, "ONE": "ONE9", "BORN": 1950}]
    made.tables["PEOPLE"] += [{"ID": "CANARY6", "RANK": 1, "ONE": "ONE3", "BORN": 1950}]  # twice, and the same
    made.write(tmp_path)
    run(tmp_path, made)


def swap(path: Path) -> None:
    """Give the first persons' lines to others."""
    found = pq.read_table(path)
    numbers = [{0: 1, 1: 0}.get(n, n) for n in found.column("n").to_pylist()]
    pq.write_table(pa.table([pa.array(numbers, pa.int32())], schema=found.schema), path, row_group_size=4)


def reseal(path: Path) -> None:
    """Swap, and write hashes that fit under a seal that was made without the key."""
    swap(path)
    seal, text = (path.parent / index.ENTRY).read_text().splitlines()
    entry = json.loads(text)
    entry["files"][path.name] = index._sha256(path)
    (path.parent / index.ENTRY).write_text(f"{seal}\n{json.dumps(entry, sort_keys=True)}\n")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def remove(path: Path) -> None:
    path.unlink()


def elsewhere(path: Path) -> None:
    """Put a sealed entry in the place of another."""
    (path.parent / index.ENTRY).write_text((next(path.parents[1].glob("PEOPLE*")) / index.ENTRY).read_text())


@pytest.mark.parametrize("change", [swap, reseal, cut, remove, elsewhere])
def test_what_was_tampered_with_is_made_anew(tmp_path: Path, change: Callable[[Path], None]) -> None:
    made = world()
    made.opted_out = ["CANARY3"]
    made.write(tmp_path)
    run(tmp_path, made)
    change(next((tmp_path / "sources/claims/.persons").glob("ACTS*/lines.parquet")))
    said: list[str] = []
    run(tmp_path, made, "beta", said.append)
    assert said.count("persons of ACTS") == 1


def test_where_nothing_can_be_written_an_extract_makes_its_own(tmp_path: Path) -> None:
    made = world()
    made.write(tmp_path)
    (tmp_path / "sources/claims/.persons").write_text("no folder\n")
    run(tmp_path, made)
    assert not list((tmp_path / "extracts/alpha/current/").rglob(".*"))
    assert {p.name for p in (tmp_path / "extracts/alpha/current/").iterdir()} == {"claims", "manifest.json"}


def test_what_a_killed_one_left_is_removed(tmp_path: Path) -> None:
    made = world()
    left = made.write(tmp_path) / "sources/claims/.persons/.0123456789abcdef"
    left.mkdir(parents=True)
    (left / "lines.parquet").write_text("half of it")
    run(tmp_path, made)
    assert not left.exists()
    assert not list((tmp_path / "sources/claims/.persons").glob(".*"))
