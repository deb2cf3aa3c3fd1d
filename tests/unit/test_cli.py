import json

import pytest

from command_line import ecluse
from policies import FILES, write_policies


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
