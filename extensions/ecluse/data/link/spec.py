"""What a linkage is asked to do: the two ids, the columns to compare and how, and the precision to keep.

    left: {id: device}
    right: {id: stay}
    compare:
      - {left: implanted, right: admitted, as: date}
      - {left: birth_year, right: birth_year, as: number}
      - {left: hospital, right: finess, as: category}
    one_to_one: true
    target_precision: 0.99

Optional: `groups: [{side: left, column: hospital}]` gives match rates by group in the report.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Column = Annotated[str, Field(min_length=1, max_length=128)]


class LinkError(Exception):
    """A linkage can't be done as asked; the message says what, where, and how to mend it."""


class Kind(StrEnum):
    """How two columns are compared."""

    EXACT = "exact"
    NAME = "name"
    TEXT = "text"
    DATE = "date"
    POSTCODE = "postcode"
    IDENTIFIER = "identifier"
    NUMBER = "number"
    CATEGORY = "category"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Side(_Strict):
    """The id column of one side."""

    id: Column


class Compare(_Strict):
    """One column of each side, and how to compare them."""

    left: Column
    right: Column
    kind: Kind = Field(alias="as")


class Group(_Strict):
    """A column to give match rates by. Dates are grouped by year, numbers and ages by tens from 120 values on."""

    side: Literal["left", "right"] = "left"
    column: Column


class LinkSpec(_Strict):
    """A whole linkage."""

    left: Side
    right: Side
    compare: tuple[Compare, ...] = Field(min_length=1, max_length=24)
    one_to_one: bool = True
    target_precision: float = Field(default=0.99, ge=0.0, le=1.0)
    groups: tuple[Group, ...] = ()

    @model_validator(mode="after")
    def _pairs_once(self) -> "LinkSpec":
        seen: set[tuple[str, str]] = set()
        for one in self.compare:
            if (one.left, one.right) in seen:
                raise ValueError(f"columns {one.left} and {one.right} are compared twice; keep one line")
            seen.add((one.left, one.right))
        return self


def parse_spec(value: object, where: str = "spec") -> LinkSpec:
    """A spec from plain values.

    Raises:
        LinkError: with every error at once, each with its place and what is expected there.
    """
    try:
        return LinkSpec.model_validate(value)
    except ValidationError as error:
        lines = [
            f"{where}: {'.'.join(map(str, e['loc'])) or 'whole'}: {e['msg']}"
            + (f" (found {e['input']!r})" if e["type"] not in {"missing", "value_error"} else "")
            for e in error.errors()
        ]
        raise LinkError("\n".join(lines)) from None


def read_spec(path: Path) -> LinkSpec:
    """The spec in a YAML file.

    Raises:
        LinkError: if the file can't be read, is not YAML, or is no spec.
    """
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LinkError(f"{path}: can't be read ({error.strerror})") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise LinkError(f"{path}: is not YAML in UTF-8: {error}") from None
    return parse_spec(value, str(path))
