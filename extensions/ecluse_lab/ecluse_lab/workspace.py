"""Which file on disk a workspace path names, and whether it may be read for an export.

Lab's root is the home; `project` and `data` are links in it, made at the start. Worked example: `project/table.csv`
resolves to `/project/table.csv`, which lies in the project's folder: it is opened. `notes -> /etc/passwd` resolves to
`/etc/passwd`, which lies in no root: refused, and so are `/projects-of-others/x` (a sibling with the same prefix,
the hole of CVE-2026-35397) and everything below `/data`.
"""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from traitlets import Int, Unicode
from traitlets.config import LoggingConfigurable

from .errors import RefusedError


class Workspace(LoggingConfigurable):
    """The folders of a workspace."""

    home = Unicode("/home/researcher", help="The researcher's own folder; Lab's root.").tag(config=True)
    project = Unicode("/project", help="The folder that the project's members share.").tag(config=True)
    data = Unicode("/data", help="The project's extract, read-only; nothing below it is ever served or sent.").tag(
        config=True
    )
    file_bytes = Int(
        256 * 1024 * 1024, min=1, help="Largest file that is sent to the airlock; the airlock may allow less."
    ).tag(config=True)

    def roots(self) -> tuple[Path, ...]:
        """The folders whose files may be sent or shown, resolved."""
        return tuple(Path(os.path.realpath(folder)) for folder in (self.home, self.project))

    def holds(self, real: Path) -> bool:
        """Whether a resolved path lies in a root and not in the extract. Compares parts: '/project2' is no child."""
        extract = Path(os.path.realpath(self.data))
        return not real.is_relative_to(extract) and any(
            real != root and real.is_relative_to(root) for root in self.roots()
        )

    def surrounds(self, folder: str) -> bool:
        """Whether a folder lies in a root, or is one: somebody in the workspace may have written it."""
        real = Path(os.path.realpath(folder))
        return any(real.is_relative_to(root) for root in self.roots())

    def make_links(self) -> None:
        """Make `project` and `data` appear in Lab's file browser. Leaves anything that already has that name."""
        for name, target in (("project", self.project), ("data", self.data)):
            link = Path(self.home) / name
            if os.path.lexists(link) or not Path(target).is_dir() or Path(target).resolve() == link.resolve():
                continue
            with suppress(OSError):
                link.symlink_to(target, target_is_directory=True)

    def open(self, path: str, *, limit: int | None = None) -> tuple[BinaryIO, int]:
        """Open a file for reading: a regular file inside the roots, at most `limit` bytes; gives it and its size.

        The check is made on what was opened (`/proc/self/fd`), so that a link swapped meanwhile changes nothing.
        Raises `RefusedError` in every other case.
        """
        full = Path(path) if Path(path).is_absolute() else Path(self.home) / path
        shown = path.rsplit("/", 1)[-1]
        try:
            # O_NONBLOCK: opening a pipe would otherwise wait for its writer for ever
            descriptor = os.open(full, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            raise _cannot_open(shown, error) from error
        try:
            self._must_be_ours(descriptor, shown)
            size = _size(descriptor, shown, limit)
            return os.fdopen(descriptor, "rb"), size
        except BaseException:
            os.close(descriptor)
            raise

    def _must_be_ours(self, descriptor: int, shown: str) -> None:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise RefusedError(403, "bad-path", f"'{shown}' is not a file.", "Choose single files, not folders.")
        real = Path(f"/proc/self/fd/{descriptor}").readlink()
        if real.is_relative_to(os.path.realpath(self.data)):
            raise RefusedError(
                403,
                "bad-path",
                f"'{shown}' belongs to the extract, which never leaves.",
                "Ask for results made from it: a table, a figure, a notebook.",
            )
        if not self.holds(real):
            raise RefusedError(
                403,
                "bad-path",
                f"'{shown}' lies outside your home and your project's folder.",
                "Copy the result into your home or into 'project'.",
            )


def _size(descriptor: int, shown: str, limit: int | None) -> int:
    size = os.fstat(descriptor).st_size
    if limit is not None and size > limit:
        raise RefusedError(
            413,
            "file-too-large",
            f"'{shown}' has {size} bytes; at most {limit} are possible.",
            "Make it smaller: aggregate, or drop what the result does not need.",
        )
    return size


def _cannot_open(shown: str, error: Exception) -> RefusedError:
    code = getattr(error, "errno", None)
    if code == errno.EACCES:
        return RefusedError(403, "bad-path", f"'{shown}' can't be read: permission denied.", "Change its permissions.")
    return RefusedError(
        404, "unknown-file", f"'{shown}' does not exist in this workspace.", "Save the file, then retry."
    )
