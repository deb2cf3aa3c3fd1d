"""The extract and its record index are of one version, also after a crash between the two."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ecluse.checks.records.index import load_index
from ecluse.steps import extract as step
from extract_world import World

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def world() -> World:
    people = [{"ID": f"P{n}", "RANK": 1, "ONE": f"O{n}", "BORN": 1950 + n} for n in range(30)]
    return World({"PEOPLE": people, "ACTS": [], "DRUGS": []}, {"tables": {"PEOPLE": {"columns": ["ID", "BORN"]}}})


def run(folder: Path, made: World, now: datetime = NOW) -> Any:
    made.write(folder)
    at = {name: folder / name for name in ("sources", "keys", "index")}
    return step.extract_and_index(made.policies(), "alpha", out=folder / "extracts", now=now, **at)


def test_extract_and_index_are_of_one_version(tmp_path: Path) -> None:
    manifest = run(tmp_path, world())
    assert (tmp_path / "index/alpha/version").read_text() == manifest.version
    load_index(tmp_path / "index/alpha")
    assert [p.name for p in (tmp_path / "index").iterdir()] == ["alpha"]


def test_an_index_that_is_behind_is_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world()
    run(tmp_path, made)
    made.tables["PEOPLE"].pop()
    with monkeypatch.context() as patch:
        patch.setattr(step, "build_index", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run(tmp_path, made, NOW + timedelta(days=1))
    manifest = run(tmp_path, made, NOW + timedelta(days=2))
    assert (tmp_path / "index/alpha/version").read_text() == manifest.version
