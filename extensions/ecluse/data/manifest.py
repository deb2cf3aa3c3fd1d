"""What an extract says about itself: `manifest.json`."""

import hashlib
import os
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
from pydantic import Field

from ecluse.rules.names import Sha256, Strict

FORMAT = 1


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


def written_file(path: Path) -> ExtractFile:
    """The entry of a Parquet file that was just written, after it reached the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    written = pq.ParquetFile(path)
    return ExtractFile(
        path=f"{path.parent.name}/{path.name}",
        sha256=digest,
        size=path.stat().st_size,
        rows=written.metadata.num_rows,
        columns={field.name: str(field.type) for field in written.schema_arrow},
    )
