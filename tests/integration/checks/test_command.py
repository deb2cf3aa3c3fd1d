"""`ecluse check` with its real sandboxes."""

import json

import pytest

from command_line import ecluse
from policies import FILES, write_policies


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "small.csv").write_text("region,n\nNord,4\nSud,50\n")
    (folder / "safe.csv").write_text("region,n\nNord,40\nSud,50\n")
    return folder


def test_check_exits_with_its_verdict(results):
    assert ecluse("check", results / "safe.csv").returncode == 0
    done = ecluse("check", results)
    assert done.returncode == 2
    assert "small-count" in done.stdout
    assert done.stdout.endswith("verdict: refuse\n")


def test_check_json_is_the_contract(results, tmp_path):
    done = ecluse("check", "--format", "json", "--rebuilt", tmp_path / "out", results)
    report = json.loads(done.stdout)
    assert {"verdict", "files"} <= set(report)
    small = next(f for f in report["files"] if f["path"] == "small.csv")
    assert set(small) == {"path", "kind", "verdict", "sha256", "rebuilt", "findings"}
    assert {"rule", "severity", "where", "message", "fix"} <= set(small["findings"][0])
    safe = next(f for f in report["files"] if f["path"] == "safe.csv")
    assert (tmp_path / "out" / safe["rebuilt"]["path"]).read_text().splitlines()[0] == "region,n"


def test_check_takes_the_projects_own_threshold(results, tmp_path):
    claims = FILES["datasets/claims.yaml"].replace("kind: claims", "kind: claims\nminimum_count: 45")
    folder = write_policies(tmp_path / "p", **{"datasets/claims.yaml": claims})
    done = ecluse("check", "--policies", folder, "--project", "alpha", results / "safe.csv")
    assert done.returncode == 2
