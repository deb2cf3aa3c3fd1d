"""What an extract says about itself: `manifest.json`."""

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pyarrow.parquet as pq
from pydantic import Field

from ecluse.rules.names import Sha256, Strict

FORMAT = 1
_PIECE = 1 << 20


class SourceFile(Strict):
    """One source file as it was when the extract was made."""

    dataset: str
    table: str
    sha256: Sha256
    size: int
    rows: int


class ExtractFile(Strict):
    """One file of the extract."""

    path: str
    sha256: Sha256
    size: int
    rows: int
    columns: dict[str, str] = Field(default_factory=dict, description="name to type")


class Linked(Strict):
    """What became of a linkage's links: those of which a record is not in the extract are left out."""

    found: int
    written: int


class Manifest(Strict):
    """An extract: what is in it, what it was made from and under which plan."""

    format: int = FORMAT
    project: str
    version: str
    made: datetime
    fingerprint: Sha256 = Field(description="over plan, sources, keys and opt-outs: equal inputs, equal extract")
    epoch: int = Field(description="how often the project's pseudonyms were rotated, from 1")
    plan: tuple[str, ...] = Field(description="the plan in words")
    sources: tuple[SourceFile, ...]
    files: tuple[ExtractFile, ...]
    quarantined: dict[str, int] = Field(
        default_factory=dict, description="rows of a source left out because they can't be placed, by dataset/table"
    )
    linked: dict[str, Linked] = Field(default_factory=dict, description="links by linkage that the permit names")


class Written:
    """A Parquet file that is being written from its beginning to its end, hashed and sent to the disk meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()

    def grew(self) -> None:
        """Take in what is new. One thread at a time."""
        if self._file is None:
            self._file = self._path.open("rb")
        while piece := self._file.read(_PIECE):
            self._hash.update(piece)
        os.fdatasync(self._file.fileno())

    def entry(self) -> ExtractFile:
        """The entry of the whole file, after it reached the disk."""
        self.grew()
        if self._file is not None:
            self._file.close()
        written = pq.ParquetFile(self._path)
        return ExtractFile(
            path=f"{self._path.parent.name}/{self._path.name}",
            sha256=self._hash.hexdigest(),
            size=self._path.stat().st_size,
            rows=written.metadata.num_rows,
            columns={field.name: str(field.type) for field in written.schema_arrow},
        )
