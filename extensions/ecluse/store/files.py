"""Reading files that somebody else may have put there, and writing those that nobody else may read."""

import os
import stat
from pathlib import Path


class OddFileError(OSError):
    """What was opened is not a regular file."""

    def __init__(self) -> None:
        super().__init__(0, "not a regular file")


def open_regular(path: str | os.PathLike[str], *, folder: int | None = None) -> int:
    """A descriptor of a regular file, for reading; the caller closes it.

    Args:
        path: its path. The last part is not followed if it is a link: it would lead to bytes that change afterwards.
        folder: descriptor of the folder that a relative path is below.

    Raises:
        OSError: if it can't be opened.
        OddFileError: if it is a pipe, a folder, a device.
    """
    # Non-blocking: opening a pipe would wait for a writer that never comes.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OddFileError


def write_private(path: Path, value: bytes, owner: int, *, group: int | None = None, mode: int = 0o400) -> None:
    """Write a file in one step; it never was readable by others, not even for a moment.

    Args:
        path: where.
        value: its bytes.
        owner: the user that it belongs to; -1 leaves it with this process's.
        group: its group; the owner's of the same number unless it is said.
        mode: its mode in the end.
    """
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "wb") as file:
        file.write(value)
        os.fchown(file.fileno(), owner, owner if group is None else group)
        os.fchmod(file.fileno(), mode)
    temporary.replace(path)
