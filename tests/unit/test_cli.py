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


def test_package_that_was_asked_for_is_listed_until_it_is_allowed(tmp_path):
    write_policies(tmp_path / "policies")
    asked = tmp_path / "asked/requests/alpha"
    asked.mkdir(parents=True)
    for name in ("evil", "seaborn"):
        told = {"project": "alpha", "name": name, "people": ["ada"], "count": 3}
        (asked / f"{name}.json").write_text(
            json.dumps({**told, **dict.fromkeys(("first", "last"), "2026-06-01T12:00Z")})
        )
    listed = ecluse("packages", "requests", "--root", tmp_path).stdout
    assert "seaborn: project alpha, by ada, 3×, 2026-06-01 12:00 to 2026-06-01 12:00" in listed
    assert "packages: 2 requests" in listed
    options = ["--project", "alpha", "--root", tmp_path]
    assert ecluse("packages", "allow", "Seaborn", "--versions", ">=0.13", *options).stdout == "seaborn: allowed\n"
    assert ecluse("packages", "dismiss", "evil", "--root", tmp_path).returncode == 0
    assert ecluse("packages", "requests", "--root", tmp_path).stdout == "packages: 0 requests\n"
    for wrong in (["seaborn"], ["a b"], ["x", "--versions", "latest"], ["x", "--project", "omega"]):
        assert ecluse("packages", "allow", *wrong, "--root", tmp_path).returncode == 3
    assert ecluse("packages", "dismiss", "evil", "--root", tmp_path).returncode == 3


def test_audit_of_a_new_database_is_unbroken(tmp_path):
    url = f"sqlite:///{tmp_path}/e.sqlite"
    assert ecluse("database", "upgrade", "--database", url).returncode == 0
    done = ecluse("audit", "verify", "--database", url)
    assert done.returncode == 0
    assert "audit: 0 events, unbroken" in done.stdout
    assert ecluse("audit", "export", "--database", url).stdout == ""


def test_a_plan_is_said_in_words_without_sources(tmp_path):
    folder = write_policies(tmp_path / "p")
    done = ecluse("data", "plan", "alpha", "--policies", folder)
    assert done.returncode == 0
    assert "claims, ACTS: 3 columns: ID (as pseudonym), DAY, CODE" in done.stdout
    unknown = ecluse("data", "plan", "omega", "--policies", folder)
    assert unknown.returncode == 3
    assert "no project 'omega'" in unknown.stderr


def test_the_catalogue_is_written_in_both_forms(tmp_path):
    done = ecluse("data", "catalogue", "--out", tmp_path / "c", "--policies", write_policies(tmp_path / "p"))
    assert done.returncode == 0
    assert "dcat:Dataset" in (tmp_path / "c/catalogue.ttl").read_text()
    assert json.loads((tmp_path / "c/catalogue.jsonld").read_text())


def test_rotation_raises_the_epoch_and_needs_a_usable_root_key(tmp_path):
    options = ["--policies", write_policies(tmp_path / "p"), "--keys", tmp_path]
    refused = ecluse("data", "rotate", "alpha", *options)
    assert refused.returncode == 3
    assert not (tmp_path / "epochs.json").exists()
    key = tmp_path / "pseudonyms.key"
    key.write_bytes(bytes(32))
    key.chmod(0o400)
    assert "epoch 2" in ecluse("data", "rotate", "alpha", *options).stdout
    assert json.loads((tmp_path / "epochs.json").read_text()) == {"alpha": 2}
