"""Reading files that somebody else may have put there."""

import os
import stat


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
