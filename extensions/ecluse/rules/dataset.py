"""A dataset of the catalogue: its tables, columns, code lists, and which of its ids are one person."""

from enum import StrEnum

from pydantic import Field, model_validator

from .linkage import Match
from .names import DatasetId, Identifier, PersonId, Strict, Threshold
from .people import Line


class ColumnRole(StrEnum):
    """What a column can tell about a person."""

    PERSON = "person"
    PROFESSIONAL = "professional"
    DIRECT = "direct"
    QUASI = "quasi"
    SENSITIVE = "sensitive"
    EVENT_DATE = "event-date"
    FREE_TEXT = "free-text"
    PLAIN = "plain"


class ColumnType(StrEnum):
    """Type of a column in the sources."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    YEAR = "year"
    YEARMONTH = "yearmonth"
    BOOLEAN = "boolean"


class Place(StrEnum):
    """How fine a place a column tells. A postcode starts with its department, a commune's number does not."""

    COMMUNE = "commune"
    POSTCODE = "postcode"
    DEPARTMENT = "department"
    REGION = "region"


class Column(Strict):
    """A column of the catalogue. A `kind` on any but a professional column makes it an id that is pseudonymised."""

    type: ColumnType
    role: ColumnRole = ColumnRole.PLAIN
    description: str = ""
    kind: Identifier | None = Field(
        default=None, description="kind of id, for person and professional columns: `nir`, `stay`, `rpps`, …"
    )
    through: Identifier | None = Field(
        default=None, description="column of the dataset's persons table that holds this id; default: its `id`"
    )
    place: Place | None = Field(default=None, description="how fine a place the column tells")
    codes: str | None = Field(default=None, description="name of the code list")
    nullable: bool = True

    @model_validator(mode="after")
    def _ids_have_a_kind(self) -> "Column":
        if self.role is ColumnRole.PERSON and self.kind is None:
            raise ValueError("a column of role 'person' needs `kind: NAME` (pseudonym keys are made per kind of id)")
        return self


class Parent(Strict):
    """The table whose row a row belongs to: it decides for whom, and when, where the child can't tell."""

    table: Identifier
    by: tuple[Identifier, ...] = Field(min_length=1, description="columns of the same name in both")


class Persons(Strict):
    """The table that says which source ids are one person."""

    table: Identifier
    id: Identifier = Field(description="column with the id that other tables carry")
    rank: Identifier | None = Field(default=None, description="column that completes the id (twins share one number)")
    canonical: Identifier = Field(description="column with the one id per person")
    kind: Identifier = Field(description="kind of id of the columns that are resolved through this table")
    match: Match | None = Field(default=None, description="how `ecluse data consolidate` makes the table")


class Table(Strict):
    """A table of the catalogue."""

    description: str = ""
    columns: dict[Identifier, Column] = Field(min_length=1)
    keys: tuple[Identifier, ...] = Field(default=(), description="columns that identify a row, or join it to others")
    care_date: Identifier | None = Field(default=None, description="date that a permit's period is applied to")
    flow_date: Identifier | None = Field(default=None, description="month in which the line reached the source")
    geography: Identifier | None = Field(default=None, description="column with the finest place of residence")
    person: Identifier | None = Field(default=None, description="column with the person that a row is about")
    person_rank: Identifier | None = Field(default=None, description="column that completes the person's id")
    parent: Parent | None = None


class CodeList(Strict):
    """What the codes of a code list mean."""

    title: str = ""
    source: str = Field(default="", description="where the list is kept")
    whole: bool = Field(default=True, description="whether `values` has every code of the list")
    values: dict[str, Line] = Field(default={}, description="code to meaning")


class DatasetKind(StrEnum):
    """Kind of dataset, as the register shows it."""

    CLAIMS = "claims"
    HOSPITAL = "hospital"
    DEATHS = "deaths"
    COHORT = "cohort"
    REGISTER = "register"
    WAREHOUSE = "warehouse"
    IMAGING = "imaging"
    OPEN = "open"


class Dataset(Strict):
    """One dataset of the catalogue, `policies/datasets/<id>.yaml`."""

    id: DatasetId
    title: Line
    description: str = ""
    kind: DatasetKind
    controller: PersonId | None = Field(default=None, description="the person who answers for the producer")
    producer: Line
    source: str = Field(default="", description="where the data come from")
    keywords: tuple[Line, ...] = Field(default=(), description="for the public catalogue")
    contact: str | None = Field(
        default=None, pattern=r"^[^@\s]+@[^@\s]+$", description="functional address for the public catalogue"
    )
    spatial: str = Field(
        default="FRA", pattern=r"^[A-Z]{3}$", description="country that the data cover, ISO 3166 alpha-3"
    )
    export: str = Field(default="", description="rules of the producer for results, beyond the platform's")
    agreement_needed: bool = True
    paused: bool = Field(default=False, description="stops every workspace that mounts it")
    minimum_count: Threshold | None = Field(default=None, description="overrides the platform's minimum count")
    compare_projects: bool = Field(
        default=False, description="results are also held against what other projects on this data set have released"
    )
    persons: Persons | None = None
    flow_months: int | None = Field(default=None, ge=12, le=60, description="monthly flows that a year of care needs")
    tables: dict[Identifier, Table] = Field(min_length=1)
    code_lists: dict[str, CodeList] = Field(default={}, description="code lists that columns name as their `codes`")
    codes_at: str = Field(default="", description="where code lists that are not in `code_lists` can be read")
    pitfalls: tuple[str, ...] = ()
