"""Local accounts: what is stored, who may read it, what a wrong password costs."""

import os
import time
from pathlib import Path

import pytest

from ecluse.store.accounts import (
    AccountFile,
    AccountsInvalidError,
    WeakPasswordError,
    generate_password,
    hash_password,
    matches,
    read_accounts,
    remove_account,
    set_password,
)

RIGHT = "correct-horse-battery"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "accounts" / "accounts.yaml"


def test_password_is_stored_stretched_and_salted(file: Path) -> None:
    set_password(file, "ada", RIGHT)
    set_password(file, "ben", RIGHT)
    text = file.read_text()
    assert RIGHT not in text
    found = read_accounts(file)
    assert found["ada"].hash != found["ben"].hash
    assert found["ada"].salt != found["ben"].salt
    assert matches(RIGHT, found["ada"])
    assert not matches(RIGHT + "x", found["ada"])


def test_file_is_for_its_owner_alone(file: Path) -> None:
    set_password(file, "ada", RIGHT)
    assert file.stat().st_mode & 0o777 == 0o400
    assert [f.name for f in file.parent.iterdir()] == ["accounts.yaml"]


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o666])
def test_file_that_others_can_read_is_refused(file: Path, mode: int) -> None:
    set_password(file, "ada", RIGHT)
    file.chmod(mode)
    with pytest.raises(AccountsInvalidError, match="chmod 0400"):
        AccountFile(file).verify("ada", RIGHT)


def test_broken_file_is_refused_without_quoting_it(file: Path) -> None:
    file.parent.mkdir()
    for text in ("accounts: {ada: {salt: SECRETSECRETSECRET}}", "accounts: [", "", "accounts: {}\nmore: 1\n"):
        file.unlink(missing_ok=True)
        file.write_text(text)
        file.chmod(0o400)
        with pytest.raises(AccountsInvalidError) as caught:
            read_accounts(file)
        assert "SECRET" not in str(caught.value)


def test_no_file_means_no_accounts(file: Path) -> None:
    assert read_accounts(file) == {}
    assert AccountFile(file).verify("ada", RIGHT) is False


def test_changed_password_counts_at_once(file: Path) -> None:
    set_password(file, "ada", RIGHT)
    accounts = AccountFile(file)
    assert accounts.verify("ada", RIGHT)
    set_password(file, "ada", RIGHT + "-2")
    assert not accounts.verify("ada", RIGHT)
    assert accounts.verify("ada", RIGHT + "-2")
    assert remove_account(file, "ada")
    assert not accounts.verify("ada", RIGHT + "-2")
    assert not remove_account(file, "ada")


def test_unknown_person_costs_as_much_as_a_wrong_password(file: Path) -> None:
    set_password(file, "ada", RIGHT)
    accounts = AccountFile(file)

    def cost(person: str) -> float:
        times = []
        for _ in range(5):
            began = time.process_time()
            assert not accounts.verify(person, "wrong-wrong-wrong")
            times.append(time.process_time() - began)
        return sorted(times)[2]

    known, unknown = cost("ada"), cost("nobody")
    assert 0.5 < known / unknown < 2


@pytest.mark.parametrize("password", ["", "short", "x" * 11, "x" * 1025])
def test_weak_passwords_are_refused(file: Path, password: str) -> None:
    with pytest.raises(WeakPasswordError, match="12 to 1024"):
        set_password(file, "ada", password)
    assert not file.exists()


def test_names_are_person_ids(file: Path) -> None:
    with pytest.raises(ValueError, match="pattern"):
        set_password(file, "Ada Lovelace", RIGHT)


def test_failed_write_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_password(file, "ada", RIGHT)

    def broken(descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="disk full"):
        set_password(file, "ada", RIGHT + "-2")
    assert matches(RIGHT, read_accounts(file)["ada"])
    assert [f.name for f in file.parent.iterdir()] == ["accounts.yaml"]


def test_generated_passwords_are_strong_and_differ() -> None:
    made = {generate_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(p) == 24 and matches(p, hash_password(p)) for p in list(made)[:1])
