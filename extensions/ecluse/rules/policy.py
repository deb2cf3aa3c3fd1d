"""The policies: who may do what with which data, as values.

Decides which policy files make sense, alone and together. Worked example: project `bacthub` grants the dataset
`snds`, table `ER_PHA_F`, column `PHA_PRS_C13`; the catalogue has that dataset, table and column, and the column's
role is neither `direct` nor `professional`; so the grant stands. A grant of a column that the catalogue does not
know is a `Problem`, and with one problem the whole set is refused.

Reading files, with line numbers, is `ecluse.store.policy_files`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from .linkage import Linkage, LinkGrant, Match
from .names import DatasetId, Identifier, ImageDigest, ImageId, PersonId, ProjectId, Strict, Threshold
from .packages import Package
from .people import Line, Person, Provider, Role

Text = Annotated[str, Field(min_length=1, max_length=4000)]


class Membership(StrEnum):
    """What a person is within one project."""

    LEAD = "lead"
    RESEARCHER = "researcher"


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


class ImageUse(StrEnum):
    """What an image is for: a workspace, one with a browser of its own, or the pane that shows that browser."""

    WORKSPACE = "workspace"
    SEALED = "sealed"
    PANE = "pane"


class Image(Strict):
    """An image that workspaces may start from."""

    reference: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._/:-]*$", max_length=200)]
    digest: ImageDigest | None = Field(default=None, description="content id; a start by any other is refused")
    gpu: bool = False
    use: ImageUse = ImageUse.WORKSPACE
    description: str = ""


class OutputRules(Strict):
    """Rules of output checking and review, `policies/rules.yaml`."""

    minimum_count: Threshold = 11
    reviewers: int = Field(default=2, ge=2, le=5, description="independent reviewers who have to agree")
    open_requests: int = Field(default=1, ge=1, le=20, description="open requests per person and project")
    max_files: int = Field(default=100, ge=1, le=1000)
    max_file_bytes: int = Field(default=16 * 1024 * 1024, ge=1024, le=1024**3)
    sent_per_day_bytes: int = Field(
        default=4 * 1024**3, ge=1024, le=1024**4, description="files that one person may send within 24 hours"
    )
    max_rows: int = Field(default=5000, ge=1, le=10_000_000, description="rows of a released table")
    check_seconds: int = Field(default=120, ge=5, le=3600, description="longest check of one request")
    minimum_dof: int = Field(default=10, ge=1, le=1000, description="residual degrees of freedom of a model")
    attack_auc: float = Field(default=0.6, ge=0.5, le=1, description="how well an attack on a model may do (AUC)")
    attack_tpr: float = Field(default=0.01, ge=0, le=1, description="share of members that an attack may find surely")
    dominance_share: float = Field(default=0.9, gt=0, le=1, description="share of a sum that the top two may hold")


@dataclass(frozen=True, slots=True)
class Problem:
    """One error in the policies. `path` is a file below the policies' folder, `key` the way to the value in it."""

    path: str
    key: tuple[str | int, ...]
    message: str
    fix: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        key = ".".join(str(k) for k in self.key)
        fix = f" → {self.fix}" if self.fix else ""
        return f"{place}: {key + ': ' if key else ''}{self.message}{fix}"


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything in force, after `problems` found none."""

    people: dict[str, Person]
    projects: dict[str, Project]
    datasets: dict[str, Dataset]
    images: dict[str, Image]
    rules: OutputRules
    linkages: dict[str, Linkage] = field(default_factory=dict)
    provider: Provider | None = None
    packages: dict[str, Package] = field(default_factory=dict)

    def minimum_count(self, project: str) -> int:
        """The strictest minimum count over the datasets that a project is granted."""
        found = self.projects.get(project)
        counts = [self.datasets[d].minimum_count or 0 for d in found.permit] if found else []
        return max([self.rules.minimum_count, *counts])

    def compared_with(self, project: str) -> list[str]:
        """Projects against whose releases those of a project are held: itself first, then those that its data name."""
        found = self.projects.get(project)
        shared = {name for name in (found.permit if found else ()) if self.datasets[name].compare_projects}
        return [project, *(p for p in sorted(self.projects) if p != project and shared & set(self.projects[p].permit))]

    def projects_of(self, person: str) -> list[Project]:
        """Projects that name the person as a member, by id."""
        return [p for _, p in sorted(self.projects.items()) if person in p.members]


def problems(policies: Policies) -> Iterator[Problem]:
    """Every error that no single file shows: names that point nowhere, grants that the catalogue forbids."""
    for project in policies.projects.values():
        path = f"projects/{project.id}.yaml"
        yield from _members(project, path, policies)
        yield from _workspace(project, path, policies)
        for name, grant in project.permit.items():
            dataset = policies.datasets.get(name)
            if dataset is None:
                yield Problem(
                    path,
                    ("permit", name),
                    f"no dataset '{name}' in the catalogue",
                    _one_of(policies.datasets),
                )
            else:
                yield from _grant(path, name, grant, dataset)
    for dataset in policies.datasets.values():
        yield from _dataset(dataset, policies)
    yield from _identities(policies)
    for name, package in policies.packages.items():
        for position, wanted in enumerate(package.projects):
            if wanted not in policies.projects:
                key = ("packages", name, "projects", position)
                yield Problem("packages/pypi.yaml", key, f"no project '{wanted}'", _one_of(policies.projects))


def _members(project: Project, path: str, policies: Policies) -> Iterator[Problem]:
    for member in project.members:
        if member not in policies.people:
            yield Problem(path, ("members", member), f"no person '{member}'", "add them to people.yaml")


def _identities(policies: Policies) -> Iterator[Problem]:
    """Two people of one identity would be one person with two names; an issuer nobody asks is a typing error."""
    seen: dict[tuple[str, str], str] = {}
    for name, person in policies.people.items():
        if person.identity is None:
            continue
        pair, key = (person.identity.issuer, person.identity.subject), ("people", name, "identity")
        if pair in seen:
            yield Problem("people.yaml", key, f"'{seen[pair]}' has the same issuer and subject", "each has their own")
        seen[pair] = name
        if policies.provider is not None and policies.provider.issuer != pair[0]:
            yield Problem(
                "people.yaml",
                (*key, "issuer"),
                f"'{pair[0]}' is not the issuer of provider.yaml",
                f"write '{policies.provider.issuer}', letter by letter",
            )


def _workspace(project: Project, path: str, policies: Policies) -> Iterator[Problem]:
    image = policies.images.get(project.workspace.image)
    if image is None:
        yield Problem(
            path,
            ("workspace", "image"),
            f"no image '{project.workspace.image}' in images.yaml",
            _one_of(policies.images),
        )
    elif project.workspace.gpus and not image.gpu:
        yield Problem(
            path,
            ("workspace", "gpus"),
            f"image '{project.workspace.image}' is not a GPU image",
            "choose an image with `gpu: true`, or ask for no GPU",
        )
    elif image.use is not image_use(project):
        kind = "sealed" if project.tier is Tier.SEALED else "not sealed"
        yield Problem(
            path,
            ("workspace", "image"),
            f"the project is {kind}, and image '{project.workspace.image}' is for use '{image.use}'",
            f"choose an image with `use: {image_use(project)}`",
        )


def image_use(project: Project) -> ImageUse:
    """The use that a project's image has to be for."""
    return ImageUse.SEALED if project.tier is Tier.SEALED else ImageUse.WORKSPACE


def _grant(path: str, name: str, grant: DatasetGrant, dataset: Dataset) -> Iterator[Problem]:
    for table_name, wanted in grant.tables.items():
        table = dataset.tables.get(table_name)
        if table is None:
            key = ("permit", name, "tables", table_name)
            yield Problem(path, key, f"dataset '{name}' has no table '{table_name}'", _one_of(dataset.tables))
            continue
        for position, column in enumerate(wanted.columns):
            key = ("permit", name, "tables", table_name, "columns", position)  # type: ignore[assignment]
            known = table.columns.get(column)
            if known is None:
                yield Problem(path, key, f"table '{table_name}' has no column '{column}'", "see the catalogue")
            elif known.role in (ColumnRole.DIRECT, ColumnRole.PROFESSIONAL):
                yield Problem(
                    path,
                    key,
                    f"column '{column}' is of role '{known.role}' and is never granted",
                    "take it out of the permit",
                )


def _dataset(dataset: Dataset, policies: Policies) -> Iterator[Problem]:
    path = f"datasets/{dataset.id}.yaml"
    if dataset.controller is not None:
        controller = policies.people.get(dataset.controller)
        if controller is None or Role.CONTROLLER not in controller.roles:
            yield Problem(
                path,
                ("controller",),
                f"'{dataset.controller}' is not a person of role 'controller'",
                "name one from people.yaml",
            )
    for table_name, table in dataset.tables.items():
        named = {"care_date": table.care_date, "flow_date": table.flow_date, "geography": table.geography}
        for key, column in [*named.items(), *(("keys", k) for k in table.keys)]:
            if column is not None and column not in table.columns:
                yield Problem(path, ("tables", table_name, key), f"no column '{column}' in table '{table_name}'")
    yield from _relations(dataset, path)


def _relations(dataset: Dataset, path: str) -> Iterator[Problem]:
    """Parents and the persons table: wrong ones would let rows of the wrong persons through."""
    persons = dataset.persons
    if persons is not None:
        known = dataset.tables.get(persons.table)
        wanted = [persons.id, persons.canonical, *([persons.rank] if persons.rank else [])]
        wanted += [c.through for t in dataset.tables.values() for c in t.columns.values() if c.through]
        if known is None:
            yield Problem(path, ("persons", "table"), f"no table '{persons.table}'", _one_of(dataset.tables))
        else:
            for column in sorted(set(wanted) - set(known.columns)):
                yield Problem(path, ("persons",), f"no column '{column}' in table '{persons.table}'")
    for name, table in dataset.tables.items():
        for key_name, column_name in {"person": table.person, "person_rank": table.person_rank}.items():
            if column_name is not None and column_name not in table.columns:
                yield Problem(path, ("tables", name, key_name), f"no column '{column_name}' in table '{name}'")
        yield from _ancestors(dataset, name, path)


def _ancestors(dataset: Dataset, name: str, path: str) -> Iterator[Problem]:
    seen, table = {name}, dataset.tables[name]
    key = ("tables", name, "parent")
    while (link := table.parent) is not None:
        parent = dataset.tables.get(link.table)
        if parent is None or link.table in seen:
            yield Problem(path, key, f"'{link.table}' is no table, or its own ancestor", "name another table")
            return
        for column in link.by:
            if column not in table.columns or column not in parent.columns:
                yield Problem(path, key, f"column '{column}' is not in both tables it joins")
        seen.add(link.table)
        table = parent


def _one_of(names: Iterable[str]) -> str:
    return "one of: " + (", ".join(sorted(names)) or "none yet")
