"""Rows set aside by part while a source is read, and read back part by part: memory holds one part, not the table."""

import os
from collections import defaultdict
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import pyarrow as pa


class Spill:
    """A file of record batches with a list of where each part's are. Removed from the folder as soon as it is open.

    So nothing of it is left after a crash.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema = schema
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        path.unlink()
        self._end = 0
        self._places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self._lock = Lock()

    def add(self, part: int, rows: pa.RecordBatch) -> None:
        """Set rows aside; threads may call this together."""
        message = rows.serialize()
        with self._lock:
            start, self._end = self._end, self._end + message.size
            self._places[part].append((start, message.size))
        view, at = memoryview(message), start
        while view:
            written = os.pwrite(self._file, view, at)
            view, at = view[written:], at + written

    def read(self, part: int) -> pa.Table:
        """All rows of a part, in no order that means anything."""
        batches = []
        for start, size in self._places.get(part, []):
            found = os.pread(self._file, size, start)
            if len(found) != size:
                raise OSError(f"{size - len(found)} bytes of the rows set aside are gone")
            batches.append(pa.ipc.read_record_batch(pa.py_buffer(found), self.schema))
        return pa.Table.from_batches(batches, self.schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)
