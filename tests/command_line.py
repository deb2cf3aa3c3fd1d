"""`ecluse …` in this process: arguments in, exit code and outputs back."""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from unittest import mock

import pytest
from rich.console import Console

from ecluse import cli
from ecluse.cli import common


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def ecluse(*arguments: object) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["ecluse", *map(str, arguments)]),
        redirect_stdout(out),
        redirect_stderr(err),
        mock.patch.object(common, "err", Console(file=err)),
        pytest.raises(SystemExit) as exit_,
    ):
        cli.main()
    return Done(int(exit_.value.code or 0), out.getvalue(), err.getvalue())
