"""Footers of source files, each parsed once: that of a wide file with many row groups takes a tenth of a second."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq

SEVERAL = 4
"""Kept at a time: tables are read one after the other."""
Identity = tuple[int, int, int, int, int]


def identity(found: os.stat_result) -> Identity:
    """What stays the same as long as nobody writes to a file."""
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def footer(path: Path) -> pq.FileMetaData:
    """The footer of a file as it is now: one that was written to since is read again.

    Raises:
        ArrowInvalid: if it is not Parquet, or is cut short.
    """
    return _read(path, identity(path.stat()))


@lru_cache(SEVERAL)
def _read(path: Path, _: Identity) -> pq.FileMetaData:
    return pq.read_metadata(path)


@contextmanager
def kept_footers() -> Iterator[None]:
    """Let go of all of them at the end of the context: large ones take some ten megabytes."""
    try:
        yield
    finally:
        _read.cache_clear()
