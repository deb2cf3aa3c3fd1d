"""What every command shares: the application, its options, and how an error is said."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ecluse.rules.policy import Policies

err = Console(stderr=True, highlight=False)

app = typer.Typer(name="ecluse", no_args_is_help=True, add_completion=False, help="Secure analysis of health data.")

PoliciesDir = Annotated[Path, typer.Option("--policies", envvar="ECLUSE_POLICIES", help="folder of policies")]
DATABASE = "sqlite:///build/enclave/control/ecluse.sqlite"
DatabaseUrl = Annotated[str, typer.Option("--database", envvar="ECLUSE_DATABASE", help="SQLAlchemy URL")]


class Format(StrEnum):
    """How `ecluse check` prints."""

    TEXT = "text"
    JSON = "json"


USAGE = 3


def fail(message: str, code: int = USAGE) -> typer.Exit:
    """Print an error; the caller raises what comes back."""
    err.print(f"ecluse: {message}", style="red", markup=False)
    return typer.Exit(code)


def load_policies(folder: Path) -> Policies:
    """The policies of a folder, or every error on stderr and exit 3."""
    from ecluse.store.policy_files import PoliciesInvalidError, read_policies

    try:
        return read_policies(folder)
    except PoliciesInvalidError as error:
        raise fail(f"the policies in {folder} are not valid:\n{error}") from None
