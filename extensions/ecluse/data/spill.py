"""Rows set aside by part while a source is read, and read back part by part: memory holds one part and a bound."""

import os
from collections import defaultdict
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Arrays = list[NDArray[Any]]
HELD = 768 << 20
"""Bytes kept in memory: a file costs a copy on the way there and one on the way back. What comes after goes there."""
_Written = tuple[int, list[tuple[np.dtype[Any], int]]]


class Spill:
    """Plain arrays with a list of where each part's are: the first in memory, the others in a file.

    The file is removed from the folder as soon as it is open, so nothing of it is left after a crash.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        path.unlink()
        self._end = 0
        self._places: dict[int, list[_Written]] = defaultdict(list)
        self._kept: dict[int, list[Arrays]] = defaultdict(list)
        self._held = 0
        self._lock = Lock()

    def add(self, part: int, arrays: Arrays) -> None:
        """Set arrays aside, each time as many for a part, and let nobody change them. Threads may call it together."""
        size = sum(a.nbytes for a in arrays)
        with self._lock:
            keep = self._held + size <= HELD
            if keep:
                self._held += size
                self._kept[part].append(arrays)
            else:
                start, self._end = self._end, self._end + size
                self._places[part].append((start, [(a.dtype, len(a)) for a in arrays]))
        if not keep:
            self._write(arrays, start, size)

    def _write(self, arrays: Arrays, start: int, size: int) -> None:
        written = os.pwritev(self._file, _bytes(arrays), start)
        if written < size:
            rest = memoryview(b"".join(a.tobytes() for a in arrays))
            while written < size:
                written += os.pwrite(self._file, rest[written:], start + written)

    def read(self, part: int) -> Arrays:
        """Each array of a part, all that was added one after the other, in no order that means anything. Once only.

        Arrays that were added with several types come back with the narrowest that holds them all.
        """
        pieces = self._kept.pop(part, [])
        pieces += [self._read(start, shapes) for start, shapes in self._places.pop(part, [])]
        slots = list(zip(*pieces, strict=True))
        return [np.concatenate(slot, dtype=np.result_type(*{a.dtype for a in slot})) for slot in slots]

    def _read(self, start: int, shapes: list[tuple[np.dtype[Any], int]]) -> Arrays:
        made: Arrays = [np.empty(length, kind) for kind, length in shapes]
        size = sum(found.nbytes for found in made)
        seen = os.preadv(self._file, _bytes(made), start)
        if seen != size:
            raise OSError(f"{size - seen} bytes of the rows set aside are gone")
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)


def _bytes(arrays: Arrays) -> list[memoryview]:
    return [a.view(np.uint8).data for a in arrays if a.nbytes]
