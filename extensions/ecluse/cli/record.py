"""Commands on what is recorded: the audit chain, releases, the database."""

from pathlib import Path
from typing import Annotated

import typer

from .common import DATABASE, DatabaseUrl, app

audit_app = typer.Typer(no_args_is_help=True, help="The audit chain.")
release_app = typer.Typer(no_args_is_help=True, help="Released results.")
database_app = typer.Typer(no_args_is_help=True, help="The database of requests, reviews and audit.")
app.add_typer(audit_app, name="audit")
app.add_typer(release_app, name="release")
app.add_typer(database_app, name="database")


@audit_app.command("verify")
def audit_verify(database: DatabaseUrl = DATABASE) -> None:
    """Verify the audit chain against itself and every release. Exit 0 if unbroken, 1 with what is wrong."""
    from ecluse.steps.audit import audit_problems
    from ecluse.store.database import open_database

    opened = open_database(database)
    found = audit_problems(opened)
    for problem in found:
        print(problem)
    with opened.look() as transaction:
        count, last = 0, "0" * 64
        for record in transaction.events.records():
            count, last = count + 1, record["hash"]
    opened.close()
    print(f"audit: {count} events, {'broken' if found else 'unbroken'}, last hash {last}")
    raise typer.Exit(1 if found else 0)


@audit_app.command("export")
def audit_export(database: DatabaseUrl = DATABASE) -> None:
    """Write the audit events as JSON lines to standard output."""
    from ecluse.steps.audit import export_events
    from ecluse.store.database import open_database

    for line in export_events(open_database(database)):
        print(line)


@release_app.command("verify")
def release_verify(
    bundle: Annotated[Path, typer.Argument(help="the downloaded zip")],
    key: Annotated[Path, typer.Option("--key", help="public key of the enclave's releases")],
) -> None:
    """Verify a release: signature, and the hash of every file. Exit 0 if it holds, 1 with what does not."""
    from ecluse.steps.release import verify_bundle
    from ecluse.store.keys import signature_holds

    public = key.read_bytes()
    found = verify_bundle(bundle.read_bytes(), lambda signature, data: signature_holds(public, signature, data))
    for problem in found:
        print(problem)
    print(f"{bundle.name}: {'does not hold' if found else 'signature and hashes hold'}")
    raise typer.Exit(1 if found else 0)


@database_app.command("upgrade")
def database_upgrade(database: DatabaseUrl = DATABASE) -> None:
    """Bring the database to the current shape, making it if there is none."""
    from ecluse.store.database import upgrade

    upgrade(database)
    print("database: current")
