"""Local accounts: what is stored, who may read it, what a wrong password costs."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from ecluse.store.accounts import (
    AccountFile,
    AccountsInvalidError,
    WeakPasswordError,
    generate_password,
    generate_totp,
    hash_password,
    matches,
    read_accounts,
    remove_account,
    set_password,
    step_of_code,
    totp_address,
)

RIGHT = "correct-horse-battery"
NOW = datetime(2026, 6, 1, 12, 0, 10, tzinfo=UTC)


def opens(accounts: AccountFile, person: str, password: str, code: str = "", now: datetime = NOW) -> bool:
    return accounts.verify(person, password, code, now) == ""


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
        opens(AccountFile(file, second_factor=False), "ada", RIGHT)


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
    assert not opens(AccountFile(file, second_factor=False), "ada", RIGHT)


def test_changed_password_counts_at_once(file: Path) -> None:
    set_password(file, "ada", RIGHT)
    accounts = AccountFile(file, second_factor=False)
    assert opens(accounts, "ada", RIGHT)
    set_password(file, "ada", RIGHT + "-2")
    assert not opens(accounts, "ada", RIGHT)
    assert opens(accounts, "ada", RIGHT + "-2")
    assert remove_account(file, "ada")
    assert not opens(accounts, "ada", RIGHT + "-2")
    assert not remove_account(file, "ada")


def test_unknown_person_costs_as_much_as_a_wrong_password(file: Path) -> None:
    set_password(file, "ada", RIGHT)
    accounts = AccountFile(file, second_factor=False)

    def cost(person: str) -> float:
        times = []
        for _ in range(3):
            began = time.process_time()
            assert not opens(accounts, person, "wrong-wrong-wrong")
            times.append(time.process_time() - began)
        return sorted(times)[1]

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


# RFC 6238, appendix B, the rows for SHA-1, shortened to six digits; the secret is "12345678901234567890".
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert step_of_code(RFC_SECRET, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.fixture
def codes(file: Path) -> tuple[AccountFile, pyotp.TOTP]:
    secret = generate_totp()
    set_password(file, "ada", RIGHT, secret)
    return AccountFile(file, second_factor=True), pyotp.TOTP(secret)


def test_password_alone_does_not_open_an_account_with_codes(codes: tuple[AccountFile, pyotp.TOTP]) -> None:
    accounts, totp = codes
    for code in ("", "000000", "abcdef", "１２３４５６", totp.at(NOW + timedelta(minutes=5))):
        assert accounts.verify("ada", RIGHT, code, NOW) == "wrong-code"
    assert accounts.verify("ada", RIGHT + "x", totp.at(NOW), NOW) == "wrong-password"
    assert opens(accounts, "ada", RIGHT, totp.at(NOW))


def test_clock_of_a_phone_may_be_half_a_minute_off(codes: tuple[AccountFile, pyotp.TOTP]) -> None:
    accounts, totp = codes
    assert not opens(accounts, "ada", RIGHT, totp.at(NOW - timedelta(seconds=60)))
    assert opens(accounts, "ada", RIGHT, totp.at(NOW - timedelta(seconds=30)))
    assert opens(accounts, "ada", RIGHT, totp.at(NOW + timedelta(seconds=30)))


def test_code_opens_once_and_none_before_it_any_more(codes: tuple[AccountFile, pyotp.TOTP]) -> None:
    """Somebody read it over a shoulder, or from a phishing page."""
    accounts, totp = codes
    code = totp.at(NOW)
    assert opens(accounts, "ada", RIGHT, f"{code[:3]} {code[3:]}")
    assert accounts.verify("ada", RIGHT, code, NOW + timedelta(seconds=5)) == "used-code"
    assert accounts.verify("ada", RIGHT, totp.at(NOW - timedelta(seconds=30)), NOW) == "used-code"
    later = NOW + timedelta(seconds=30)
    assert opens(accounts, "ada", RIGHT, totp.at(later), later)


def test_wrong_password_does_not_use_up_a_code(codes: tuple[AccountFile, pyotp.TOTP]) -> None:
    accounts, totp = codes
    assert not opens(accounts, "ada", "not-the-password", totp.at(NOW))
    assert opens(accounts, "ada", RIGHT, totp.at(NOW))


def test_account_without_codes_opens_only_where_the_site_allows_it(file: Path) -> None:
    set_password(file, "ada", RIGHT)
    assert AccountFile(file, second_factor=True).verify("ada", RIGHT, "", NOW) == "no-second-factor"
    assert opens(AccountFile(file, second_factor=False), "ada", RIGHT)


def test_authenticator_app_is_told_person_and_enclave() -> None:
    address = totp_address(RFC_SECRET, "ada", "north")
    assert address.startswith("otpauth://totp/")
    assert "ada" in address
    assert f"secret={RFC_SECRET}" in address
