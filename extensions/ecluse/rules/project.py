"""A project: who is in it, what its permit grants of which datasets, and what its workspaces may use."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from .linkage import LinkGrant
from .names import DatasetId, Identifier, ImageId, PersonId, ProjectId, Strict
from .people import Line

Text = Annotated[str, Field(min_length=1, max_length=4000)]


class Membership(StrEnum):
    """What a person is within one project."""

    LEAD = "lead"
    RESEARCHER = "researcher"


class Precision(StrEnum):
    """How exact the dates of an extract are."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    SHIFTED = "shifted"


class Geography(StrEnum):
    """How exact the places of an extract are."""

    COMMUNE = "commune"
    DEPARTMENT = "department"
    REGION = "region"
    NONE = "none"


class Period(Strict):
    """Dates of care that a permit covers, both days included."""

    from_: date = Field(alias="from")
    to: date

    @model_validator(mode="after")
    def _in_order(self) -> "Period":
        if self.to < self.from_:
            raise ValueError(f"the period ends ({self.to}) before it starts ({self.from_})")
        return self


class TableGrant(Strict):
    """What a permit grants of one table."""

    columns: tuple[Identifier, ...] = Field(min_length=1)
    rows: str | None = Field(default=None, description="filter over the granted table; see rules/extract.py")


class DatasetGrant(Strict):
    """What a permit grants of one dataset."""

    agreed: date | None = Field(default=None, description="day on which the controller agreed")
    period: Period | None = None
    dates: Precision = Precision.MONTH
    geography: Geography = Geography.DEPARTMENT
    cohort: str | None = Field(default=None, description="filter that selects persons; see rules/extract.py")
    tables: dict[Identifier, TableGrant] = Field(min_length=1)


class Tier(StrEnum):
    """How a workspace is closed. `sensitive`: one running project at a time per person. `sealed`: pixels only."""

    STANDARD = "standard"
    SENSITIVE = "sensitive"
    SEALED = "sealed"


class WorkspaceSpec(Strict):
    """What a project's workspaces may use."""

    image: ImageId = "workspace"
    cpus: float = Field(default=1.0, gt=0, le=64)
    memory_mib: int = Field(default=2048, ge=256, le=1_048_576)
    pids: int = Field(default=512, ge=64, le=8192)
    hours: float = Field(default=12, gt=0, le=168, description="longest session")
    terminals: bool = Field(default=False, description="a shell in the Lab, which can do what a notebook can")
    paste: bool = Field(default=False, description="sealed sessions: text may be pasted in, 64 KiB at a time")
    gpus: int = Field(default=0, ge=0, le=8)
    disk_gib: float = Field(default=20, gt=0, le=65_536, description="what /project, and each home, may hold")


class Project(Strict):
    """One project and its permit, `policies/projects/<id>.yaml`."""

    id: ProjectId
    title: Line
    purpose: Text
    legal_basis: Line
    starts: date
    expires: date
    paused: bool = False
    tier: Tier = Tier.STANDARD
    members: dict[PersonId, Membership] = Field(min_length=1)
    permit: dict[DatasetId, DatasetGrant] = Field(min_length=1)
    links: dict[DatasetId, LinkGrant] = Field(default_factory=dict, description="linkages whose links it gets")
    workspace: WorkspaceSpec = WorkspaceSpec()

    @model_validator(mode="after")
    def _in_order(self) -> "Project":
        if self.expires < self.starts:
            raise ValueError(f"the project expires ({self.expires}) before it starts ({self.starts})")
        return self
