"""Linkages of the catalogue: which records of two datasets are compared, by which columns, and how exactly.

Decides what a linkage file may say. Worked example: `hydro-snds` links the devices of `hydro` (`IMPLANTS`, id `DEVICE`)
with the stays of `snds` (`T_MCOaaC`, id `ETA_NUM` and `RSA_NUM`) that have an implantation among their acts. The
data manager carries it out once, on the sources; a project gets its links only if its permit names the linkage.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from .names import DatasetId, Identifier, Strict


class Comparison(StrEnum):
    """How two columns are compared; docs/explanation/linkage.md says what each means."""

    EXACT = "exact"
    NAME = "name"
    TEXT = "text"
    DATE = "date"
    POSTCODE = "postcode"
    IDENTIFIER = "identifier"
    NUMBER = "number"
    CATEGORY = "category"


class Compare(Strict):
    """One column of each side, and how to compare them."""

    model_config = ConfigDict(populate_by_name=True)

    left: Identifier
    right: Identifier
    kind: Comparison = Field(alias="as")


class Joined(Strict):
    """A further table of the side: its columns can be compared, and a record needs a row of it."""

    table: Identifier
    by: tuple[Identifier, ...] = Field(min_length=1, description="columns of the same name in both")
    rows: str | None = Field(default=None, description="filter over the joined table; docs/explanation/extracts.md")


class Derived(Strict):
    """The year of a date less a number of years: a birth year from an age, or an age from a birth year."""

    year: Identifier
    less: Identifier


class Side(Strict):
    """The records of one side."""

    dataset: DatasetId
    table: Identifier
    id: tuple[Identifier, ...] = Field(min_length=1, max_length=4, description="columns that name one record")
    rows: str | None = Field(default=None, description="filter over the table; docs/explanation/extracts.md")
    join: tuple[Joined, ...] = Field(default=(), max_length=4)
    derive: dict[Identifier, Derived] = Field(default_factory=dict)


class MatchGroup(Strict):
    """A column to give match rates by. Dates count by year, numbers of many values by tens."""

    side: Literal["left", "right"] = "left"
    column: Identifier


class Linkage(Strict):
    """One linkage of two datasets, `policies/linkages/<id>.yaml`."""

    id: DatasetId
    title: Annotated[str, Field(min_length=1, max_length=200)]
    left: Side
    right: Side = Field(description="the larger side, if one is")
    compare: tuple[Compare, ...] = Field(min_length=1, max_length=24)
    one_to_one: bool = True
    target_precision: float = Field(default=0.99, ge=0, le=1, description="share of the links that has to be right")
    groups: tuple[MatchGroup, ...] = ()


class LinkGrant(Strict):
    """What a permit says of a linkage (EHDS article 68: linking is declared and justified)."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class Match(Strict):
    """How the numbers of one person in several places are found: a linkage of a table with itself."""

    table: Identifier = Field(description="one row per id of the persons table, with the columns to compare")
    apart: Identifier = Field(description="place within which each number is one person: only two places are compared")
    compare: dict[Identifier, Comparison] = Field(min_length=1)
    target_precision: float = Field(default=0.99, ge=0, le=1)
