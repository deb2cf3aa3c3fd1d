"""Commands of the administrator: the self-check and local accounts."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from .common import DATABASE, DatabaseUrl, Format, PoliciesDir, app, fail, load_policies

accounts_app = typer.Typer(no_args_is_help=True, help="Local accounts, for sites without an identity provider.")
app.add_typer(accounts_app, name="accounts")

GPUS_UNKNOWN = 64
"""The self-check takes a GPU that runs for one that is there."""


@app.command()
def selfcheck(
    name: Annotated[str, typer.Option("--name", envvar="ECLUSE_NAME", help="name of the enclave")] = "ecluse",
    root: Annotated[Path, typer.Option("--root", envvar="ECLUSE_ROOT", help="data root")] = Path("build/enclave"),
    database: DatabaseUrl = DATABASE,
    production: Annotated[bool, typer.Option("--production", help="the data root has to be encrypted")] = False,
    record: Annotated[bool, typer.Option("--record", help="write drifts into the audit chain")] = False,
    output: Annotated[Format, typer.Option("--format", help="text or json")] = Format.TEXT,
) -> None:
    """Compare what runs with the policies and the container controls. Exit 1 on a drift. Needs the engine's socket."""
    from ecluse.rules.selfcheck import drifts, warnings
    from ecluse.rules.users import UnknownUsersError
    from ecluse.rules.workspace import SpawnSettings
    from ecluse.store.platform import EngineAwayError, look_at

    policies = load_policies(root / "policies")
    settings = SpawnSettings(name=name, host_root=str(root.resolve()), gpus=GPUS_UNKNOWN)
    try:
        look = look_at(root)
    except (EngineAwayError, UnknownUsersError, OSError) as error:
        raise fail(str(error)) from None
    found = drifts(look, policies, settings, datetime.now(UTC), production=production)
    # Beside the answer, which is drifts alone: a warning is no failure.
    print(f"the engine: {look.users}", file=sys.stderr)
    for warning in warnings(look):
        print(f"warning: {warning.where}: {warning.control}: {warning.seen} → {warning.fix}", file=sys.stderr)
    if output is Format.JSON:
        print(json.dumps([d.model_dump() for d in found], indent=2))
    else:
        for drift in found:
            print(f"{drift.where}: {drift.control}: {drift.seen} → {drift.fix}")
        print(f"selfcheck: {len(found)} drifts")
    if record and found:
        from ecluse.store.database import open_database
        from ecluse.store.events import DatabaseAuditLog

        opened = open_database(database)
        log = DatabaseAuditLog(opened, lambda: datetime.now(UTC))
        detail = {"count": len(found), "drifts": [d.model_dump() for d in found[:20]]}
        log.record("ecluse:selfcheck", "selfcheck.drift", None, "", detail)
        opened.close()
    raise typer.Exit(1 if found else 0)


@accounts_app.command("set")
def accounts_set(
    person: str,
    accounts: Annotated[Path, typer.Option("--accounts", help="file of accounts")] = Path(
        "build/enclave/accounts/accounts.yaml"
    ),
    policies: PoliciesDir = Path("build/enclave/policies"),
    generate: Annotated[bool, typer.Option("--generate", help="make a password and print it")] = False,
    codes: Annotated[bool, typer.Option("--codes/--no-codes", help="a second factor: codes of an app")] = True,
) -> None:
    """Give a person of the policies a password, asked for twice or made with --generate, and a secret for codes."""
    from ecluse.store.accounts import (
        WeakPasswordError,
        generate_password,
        generate_totp,
        set_password,
        totp_address,
    )

    if person not in load_policies(policies).people:
        raise fail(f"no person '{person}' in {policies}/people.yaml; add them there first")
    password = generate_password() if generate else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    secret = generate_totp() if codes else None
    try:
        set_password(accounts, person, password, secret)
    except WeakPasswordError as error:
        raise fail(str(error)) from None
    print(f"{person}: {password}" if generate else f"{person}: password set")
    if secret:
        print(f"for an authenticator app: {totp_address(secret, person, 'enclave')}")


@accounts_app.command("remove")
def accounts_remove(
    person: str,
    accounts: Annotated[Path, typer.Option("--accounts", help="file of accounts")] = Path(
        "build/enclave/accounts/accounts.yaml"
    ),
) -> None:
    """Remove a person's account."""
    from ecluse.store.accounts import remove_account

    if not remove_account(accounts, person):
        raise fail(f"no account of '{person}' in {accounts}")
    print(f"{person}: account removed")
