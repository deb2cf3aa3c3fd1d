import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest import mock

import pytest
from rich.console import Console

from ecluse import cli
from policies import FILES, write_policies


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def ecluse(*arguments: object) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["ecluse", *map(str, arguments)]),
        redirect_stdout(out),
        redirect_stderr(err),
        mock.patch.object(cli, "err", Console(file=err)),
        pytest.raises(SystemExit) as exit_,
    ):
        cli.main()
    return Done(int(exit_.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "small.csv").write_text("region,n\nNord,4\nSud,50\n")
    (folder / "safe.csv").write_text("region,n\nNord,40\nSud,50\n")
    return folder


def test_policy_check_answers_0_or_1_with_every_error(tmp_path):
    assert ecluse("policy", "check", write_policies(tmp_path / "good")).returncode == 0
    spoilt = {"rules.yaml": "minimum: 1\n", "people.yaml": FILES["people.yaml"].replace("roles", "role")}
    done = ecluse("policy", "check", write_policies(tmp_path / "bad", **spoilt))
    assert done.returncode == 1
    assert "rules.yaml:1: minimum" in done.stdout
    assert "people.yaml:2: people.ada.role" in done.stdout


def test_policy_schema_writes_one_per_kind_of_file(tmp_path):
    assert ecluse("policy", "schema", "--out", tmp_path).returncode == 0
    assert json.loads((tmp_path / "project.schema.json").read_text())["title"] == "Project"


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


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "--nonsense", "x"],
        ["check", "no-such-file.csv"],
        ["check", "--project", "alpha", "README.md"],
        ["check", "--policies", "no-such-folder", "README.md"],
        ["nonsense"],
    ],
)
def test_usage_errors_exit_with_3(arguments):
    done = ecluse(*arguments)
    assert done.returncode == 3
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_accounts_are_made_for_people_of_the_policies_only(tmp_path):
    options = ["--accounts", tmp_path / "accounts.yaml", "--policies", write_policies(tmp_path / "p"), "--generate"]
    made = ecluse("accounts", "set", "ada", *options)
    assert made.returncode == 0
    password = made.stdout.removeprefix("ada: ").strip()
    assert password not in (tmp_path / "accounts.yaml").read_text()
    assert ecluse("accounts", "set", "zoe", *options).returncode == 3
    assert ecluse("accounts", "remove", "ada", *options[:2]).returncode == 0
    assert ecluse("accounts", "remove", "ada", *options[:2]).returncode == 3


def test_audit_of_a_new_database_is_unbroken(tmp_path):
    url = f"sqlite:///{tmp_path}/e.sqlite"
    assert ecluse("database", "upgrade", "--database", url).returncode == 0
    done = ecluse("audit", "verify", "--database", url)
    assert done.returncode == 0
    assert "audit: 0 events, unbroken" in done.stdout
    assert ecluse("audit", "export", "--database", url).stdout == ""
