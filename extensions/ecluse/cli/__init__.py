"""The command line. Contracts: docs/reference/cli.md and design section 5; others script against them.

Exit codes: 0 done or pass, 1 found wrong (for `check`: review), 2 for `check`: refuse, 3 usage or internal error.
"""

import typer

from ecluse.rules.outcome import RefusedError

from . import check, data, packages, platform, policy, record
from .common import USAGE, app, fail

__all__ = ["app", "check", "data", "main", "packages", "platform", "policy", "record"]


def main() -> None:
    """Entry point. Usage errors exit with 3, because 2 means `refuse` here; a rule's refusal is a sentence."""
    usage_error = typer.BadParameter.__base__  # typer shows the class of all usage errors only as this one's parent
    usage_error.exit_code = USAGE  # type: ignore[union-attr]
    try:
        app()
    except RefusedError as error:
        raise SystemExit(fail(f"{error.refused.message} {error.refused.fix}").exit_code) from None
