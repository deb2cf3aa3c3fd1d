r"""Output checking: bytes in, findings and rebuilt bytes out.

Decides whether a file may leave: each is rebuilt from what is understood of it, and its facts are judged against the
policy's rules. Nothing here opens the network, and no file is opened in the caller's own process.

Worked example: `check_files([("t.csv", b"region,n\\nNord,4\\n")], OutputRules())` is `(report, rebuilt)` with
`report.verdict == "refuse"`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ecluse.rules.finding import CheckReport
from ecluse.rules.policy import OutputRules

from .facts import Context

if TYPE_CHECKING:
    from .report import Released
    from .sandbox import Sandbox


def check_files(
    files: Sequence[tuple[str, bytes | Path]],
    rules: OutputRules,
    context: Context | None = None,
    *,
    released: "Sequence[Released]" = (),
    sandbox: "Sandbox | None" = None,
) -> tuple[CheckReport, dict[str, bytes]]:
    """Check the files of one request; see `ecluse.checks.report.check_files`."""
    # Imported late: whoever only needs the facts' types should not load every reader.
    from .report import check_files as check

    return check(files, rules, context, released=released, sandbox=sandbox)


__all__ = ["Context", "check_files"]
