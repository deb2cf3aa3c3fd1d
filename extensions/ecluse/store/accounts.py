"""Local accounts: one YAML file of password hashes, for sites without an identity provider.

`accounts.yaml` has mode 0400. Each password is stretched with scrypt (RFC 7914) under its own salt; beside it stands
the secret of the person's one-time codes (TOTP, RFC 6238). An account is only a way in: who a person is and what they
may do stands in the policies.
"""

import base64
import hashlib
import hmac
import os
import secrets
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Annotated

import pyotp
import yaml
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from ecluse.rules.names import PersonId, Strict

COST, BLOCK, PARALLEL, LENGTH = 2**15, 8, 1, 32
"""32 MiB and about a tenth of a second per guess."""

MAX_PASSWORD = 1024
MIN_PASSWORD = 12
SYLLABLES = 5

STEP = timedelta(seconds=30)
DRIFT = 1
"""Steps that a phone's clock may be off, either way."""

Base32 = Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{32,64}$")]
Base64 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{16,}={0,2}$")]


class Account(Strict):
    """How to check one password."""

    salt: Base64
    hash: Base64
    cost: int = Field(default=COST, ge=2**14, le=2**20)
    block: int = Field(default=BLOCK, ge=8, le=32)
    parallel: int = Field(default=PARALLEL, ge=1, le=16)
    totp: Base32 | None = Field(default=None, description="secret of one-time codes; none: no second factor")


class Accounts(Strict):
    """Shape of `accounts.yaml`."""

    accounts: dict[PersonId, Account]


class AccountsInvalidError(Exception):
    """The file of accounts can't be trusted or read; nobody signs in with it."""


class WeakPasswordError(ValueError):
    """The password is too short or too long."""


def hash_password(password: str, totp: str | None = None) -> Account:
    """Stretch a password under a new salt."""
    salt = secrets.token_bytes(16)
    empty = Account(salt=base64.b64encode(salt).decode(), hash="A" * 44, totp=totp)
    return empty.model_copy(update={"hash": base64.b64encode(_stretch(password, empty)).decode()})


def matches(password: str, account: Account) -> bool:
    """Whether this is the account's password. Takes as long for a wrong one as for the right one."""
    return hmac.compare_digest(_stretch(password, account), base64.b64decode(account.hash))


def _stretch(password: str, account: Account) -> bytes:
    return hashlib.scrypt(
        password.encode()[:MAX_PASSWORD],
        salt=base64.b64decode(account.salt),
        n=account.cost,
        r=account.block,
        p=account.parallel,
        maxmem=256 * account.cost * account.block,
        dklen=LENGTH,
    )


def generate_password() -> str:
    """A password that can be read out: 5 groups of 4 of 32 signs without look-alikes, 100 bits."""
    signs = "abcdefghjkmnpqrstuvwxyz023456789"
    return "-".join("".join(secrets.choice(signs) for _ in range(4)) for _ in range(SYLLABLES))


def read_accounts(file: Path) -> dict[str, Account]:
    """The accounts of a file; none if there is no file.

    Raises:
        AccountsInvalidError: others than its owner can read or write it, or it is not what it should be.
    """
    try:
        with file.open(encoding="utf-8") as stream:
            mode = os.fstat(stream.fileno()).st_mode & 0o777
            text = stream.read()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise AccountsInvalidError(f"{file}: can't be read: {error}") from None
    if mode & 0o077:
        raise AccountsInvalidError(f"{file}: mode {mode:04o} lets others at the hashes → chmod 0400 {file}")
    try:
        return TypeAdapter(Accounts).validate_python(yaml.safe_load(text)).accounts
    except (yaml.YAMLError, ValidationError) as error:
        # The error of a parser quotes what it read: hashes don't belong in a log.
        raise AccountsInvalidError(f"{file}: is not a file of accounts ({type(error).__name__})") from None


def generate_totp() -> str:
    """A secret for one-time codes: 160 bits, in base 32 (RFC 4226 asks for that many)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def totp_address(secret: str, person: str, enclave: str) -> str:
    """The address that an authenticator app reads, mostly as a QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=person, issuer_name=f"Écluse {enclave}"))


def step_of_code(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step that a code belongs to, or None if it is no code of about now."""
    clean = code.replace(" ", "")
    if not (clean.isascii() and clean.isdigit()):
        return None
    codes, present = pyotp.TOTP(secret), int(now.timestamp() // STEP.total_seconds())
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(codes.generate_otp(step), clean):
            found = step
    return found


def set_password(file: Path, person: str, password: str, totp: str | None = None) -> None:
    """Set a person's password and the secret of their codes, in a new file of mode 0400 in the old one's place.

    Raises:
        WeakPasswordError: shorter than 12 or longer than 1024 bytes.
        AccountsInvalidError: the present file can't be trusted.
    """
    if not MIN_PASSWORD <= len(password.encode()) <= MAX_PASSWORD:
        raise WeakPasswordError(f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} bytes")
    accounts = Accounts(accounts={**read_accounts(file), person: hash_password(password, totp)})
    _replace(file, yaml.safe_dump(accounts.model_dump(mode="json"), sort_keys=True))


def remove_account(file: Path, person: str) -> bool:
    """Remove a person's account. False if there was none."""
    accounts = read_accounts(file)
    if person not in accounts:
        return False
    del accounts[person]
    _replace(file, yaml.safe_dump(Accounts(accounts=accounts).model_dump(mode="json"), sort_keys=True))
    return True


def _replace(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # `mkstemp` makes it 0600 from the start: no moment in which others could open it.
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".accounts-")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        if os.geteuid() == 0:  # set up by root, read by the hub's user, who owns the folder
            owner = file.parent.stat()
            os.chown(temporary, owner.st_uid, owner.st_gid)
        temporary.chmod(0o400)
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


class AccountFile:
    """The accounts in force, read again when the file changed."""

    def __init__(self, file: Path, *, second_factor: bool) -> None:
        """`second_factor`: whether an account without one-time codes is refused."""
        self._file = file
        self._second_factor = second_factor
        self._used: dict[str, int] = {}
        self._lock = Lock()
        self._nobody = hash_password(secrets.token_hex())
        self._seen: tuple[int, int, int] | None = None
        self._accounts: dict[str, Account] = {}

    def verify(self, person: str, password: str, code: str, now: datetime) -> str:
        """Why the person does not get in; "" if they do. An unknown person costs the same time as a wrong password.

        A code opens once: whoever looks over a shoulder has nothing. What was used is kept in memory, so that after a
        restart of the hub a code of the last minute would open once more.

        Raises:
            AccountsInvalidError: the file can't be trusted; nobody signs in until it is mended.
        """
        account = self._current().get(person)
        right = matches(password, account or self._nobody)
        if not right or account is None:
            return "wrong-password"
        if account.totp is None:
            return "no-second-factor" if self._second_factor else ""
        step = step_of_code(account.totp, code, now)
        if step is None:
            return "wrong-code"
        with self._lock:
            if step <= self._used.get(person, 0):
                return "used-code"
            self._used[person] = step
        return ""

    def _current(self) -> dict[str, Account]:
        try:
            stat = self._file.stat()
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        except FileNotFoundError:
            seen = None
        if seen is None or seen != self._seen:
            self._accounts = read_accounts(self._file)
            self._seen = seen
        return self._accounts
