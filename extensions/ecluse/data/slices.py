"""Slices of a source read, and the values of their included lines set aside by part."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ecluse.rules.extract import Action

from .columns import Column
from .footers import footer
from .lines import read_numbers
from .parts import Parts
from .persons import Subjects
from .spill import Arrays, Spill

SLICE = 600_000
"""Lines: more cost memory, fewer are cut into pieces that are too small for each to be worth its while."""


def slices(metadata: pq.FileMetaData) -> Iterator[tuple[range, int, int]]:
    """Row groups of about `SLICE` rows together, with their first row and their number of rows."""
    first, row, rows = 0, 0, 0
    for group in range(metadata.num_row_groups):
        rows += metadata.row_group(group).num_rows
        if rows >= SLICE or group == metadata.num_row_groups - 1:
            yield range(first, group + 1), row, rows
            first, row, rows = group + 1, row + rows, 0


class Reader:
    """Reads slices of a source; each thread has its own. `included` has a bit for each line; None: all are."""

    def __init__(
        self,
        source: Path,
        columns: list[Column],
        subjects: Subjects,
        parts: Parts,
        included: NDArray[np.uint8] | None,
    ) -> None:
        self._columns, self._parts, self._included = columns, parts, included
        self.nulls: set[str] = set()
        texts = [c.name for c in columns if c.text]
        self._file = pq.ParquetFile(source, metadata=footer(source), read_dictionary=texts)
        self._numbers = subjects.lines.open()
        shifted = any(c.action is Action.SHIFT for c in columns)
        self._shifts = np.append(subjects.of(subjects.ids.shift), 0).astype(np.int16) if shifted else None

    def _lines(self, first: int, rows: int) -> NDArray[np.intp]:
        """The included lines of a slice, from 0."""
        if self._included is None:
            return np.arange(rows)
        skip = first % 8
        bits = np.unpackbits(self._included[first // 8 : (first + rows + 7) // 8], count=skip + rows)
        return np.flatnonzero(bits[skip:])

    def read(self, groups: range, first: int, rows: int, spill: Spill) -> None:
        """Set a slice's included lines aside, by part.

        Raises:
            OSError: if the index has not the lines of the source.
        """
        lines = self._lines(first, rows)
        numbers = read_numbers(self._numbers, list(groups))
        if len(numbers) != rows:
            raise OSError(f"the index has {len(numbers)} lines of {rows} of the source")
        numbers = numbers.take(lines)
        part = self._parts.of.take(numbers, mode="wrap")
        sizes = np.bincount(part, minlength=len(self._parts.first) + 1)[:-1]
        order = np.argsort(part, kind="stable")[: sizes.sum()]  # without those who are not chosen
        lines, numbers = lines.take(order), numbers.take(order)
        here = np.flatnonzero(sizes)
        ends = np.cumsum(sizes[here]).tolist()
        local = self._parts.local.take(numbers, mode="wrap")
        shifts = None if self._shifts is None else self._shifts.take(numbers, mode="wrap")
        pieces: list[Arrays] = [[local[a:b]] for a, b in zip([0, *ends], ends, strict=False)]
        for column in self._columns:
            found = self._file.read_row_groups(list(groups), columns=[column.name], use_threads=False).column(0)
            for piece, arrays in zip(pieces, column.flatten(found, lines, shifts, ends), strict=True):
                piece.extend(arrays)
                if column.nullable and arrays[-1].any():
                    self.nulls.add(column.name)
        for number, piece in zip(here.tolist(), pieces, strict=True):
            spill.add(number, piece)
