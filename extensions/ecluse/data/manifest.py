"""What an extract says about itself: `manifest.json`."""

from datetime import datetime

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
