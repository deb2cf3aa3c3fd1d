"""Freed memory kept for the next slice: to give it back and take it again has the kernel clear every page."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

_TRIM, _MMAP = -1, -3
"""M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of mallopt(3)."""
_DEFAULT = 128 << 10
_LARGEST = 32 << 20
"""The most that glibc takes for M_MMAP_THRESHOLD on 64 bits."""


@contextmanager
def kept_memory() -> Iterator[None]:
    """Let numpy and Arrow reuse freed blocks of up to 32 MiB until the end of the context; without glibc, nothing."""
    library = _library()
    if library is None:
        yield
        return
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    library.mallopt(_MMAP, _LARGEST)
    library.mallopt(_TRIM, 1 << 30)
    try:
        yield
    finally:
        pa.set_memory_pool(before)
        library.mallopt(_MMAP, _DEFAULT)
        library.mallopt(_TRIM, _DEFAULT)
        library.malloc_trim(0)


def give_back() -> None:
    """Give back what is kept: between two steps of which the second needs other blocks than the first."""
    library = _library()
    if library is not None:
        library.malloc_trim(0)


def _library() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") else None
