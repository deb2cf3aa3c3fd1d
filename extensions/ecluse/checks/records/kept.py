"""The hashes that an index keeps, on disk while it is built: a share of all, sorted in the end part by part.

Decides how many are kept: at most `most`, one in `every`. Worked example: with room for 16 million, 22 million hashes
come; at the sixteenth million every odd one is dropped and `every` becomes 2, and 11 million are kept in the end.

Memory: one part, a sixteenth of what is kept. The files are as secret as the index: keyed hashes, in its own folder.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import numpy as np

from .tokens import Tokens

_PARTS = 16


class Kept:
    """At most so many hashes: one in `every`, which doubles whenever they are too many. A context manager."""

    def __init__(self, most: int, folder: Path) -> None:
        self.every, self.count, self._most = 1, 0, most
        self._temporary = TemporaryDirectory(prefix=".part", dir=folder)
        self._files = [Path(self._temporary.name, f"{n:02}") for n in range(_PARTS)]
        for file in self._files:
            file.touch()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._temporary.cleanup()

    def add(self, hashes: Tokens) -> None:
        """Keep the share of new hashes, in order, that is kept of all."""
        new = self._share(hashes)
        while self.count + len(new) > self._most:
            self.every *= 2
            self._thin()
            new = self._share(new)
        starts = np.arange(1, _PARTS, dtype=np.uint64) << np.uint64(60)
        for file, part in zip(self._files, np.split(new, np.searchsorted(new, starts)), strict=True):
            with file.open("ab") as out:
                part.tofile(out)
        self.count += len(new)

    def save(self, path: Path) -> None:
        """Write all in order, as numpy's `.npy`. numpy's `unique` hashes, and takes a hundred times as long here."""
        with path.open("wb") as out:
            about = {"descr": np.dtype(np.uint64).str, "fortran_order": False, "shape": (self.count,)}
            np.lib.format.write_array_header_1_0(out, about)
            for file in self._files:
                hashes = np.fromfile(file, dtype=np.uint64)
                hashes.sort()
                hashes.tofile(out)

    def _thin(self) -> None:
        """Drop what is no longer of the share."""
        self.count = 0
        for file in self._files:
            left = self._share(np.fromfile(file, dtype=np.uint64))
            left.tofile(file)
            self.count += len(left)

    def _share(self, hashes: Tokens) -> Tokens:
        return hashes[hashes & np.uint64(self.every - 1) == 0] if self.every > 1 else hashes
