"""What an extract holds: a permit and the catalogue made into a plan, column by column, as values.

Worked example: project `bacthub` is granted `ER_PHA_F` with the columns `PHA_PRS_C13` and `DCT_ORD_NUM`, dates by
month, care of 2023. The plan for the table keeps the drug code, replaces the claim number by the project's own
number, and, because the table knows neither person nor care date, takes both from its parent `ER_PRS_F`: lines whose
care lies in 2023 and whose flow lies in the 18 months from February 2023.

Nothing here reads or writes. `ecluse.data.extract` carries a plan out; `describe` says it in words to a controller.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .dataset import Column, ColumnRole, ColumnType, Dataset, Place, Table
from .filters import Filter, FilterError, parse_filter
from .links import LinkPlan, link_plans, link_problems
from .policy import Policies
from .problems import Problem
from .project import DatasetGrant, Geography, Precision, Project, TableGrant

_COHORT = re.compile(r"\s*(?P<table>[A-Za-z][A-Za-z0-9_]*)\s+WHERE\s+", re.IGNORECASE | re.ASCII)
_DATES = frozenset([ColumnType.DATE, ColumnType.DATETIME, ColumnType.YEARMONTH])
_FINENESS = {Place.COMMUNE: 3, Place.POSTCODE: 3, Place.DEPARTMENT: 2, Place.REGION: 1}
_ALLOWED_FINENESS = {Geography.COMMUNE: 3, Geography.DEPARTMENT: 2, Geography.REGION: 1, Geography.NONE: 0}


class Action(StrEnum):
    """What happens to a column's values on their way into the extract."""

    KEEP = "keep"
    PERSON = "person"
    RECORD = "record"
    MONTH = "month"
    YEAR = "year"
    SHIFT = "shift"
    DEPARTMENT = "department"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column of the extract."""

    name: str
    type: ColumnType
    action: Action
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Days of care, and months of flow where the table tells them; both ends included."""

    care: str | None
    first: date
    last: date
    flow: str | None = None
    first_flow: date | None = None
    last_flow: date | None = None


@dataclass(frozen=True, slots=True)
class PersonId:
    """Where a table names a person: the column, what completes it, and how it leads to the one id of the person.

    `through` is the column of the persons table to look the id up in; None where the id stands for itself.
    """

    column: str
    kind: str
    rank: str | None = None
    through: str | None = None


@dataclass(frozen=True, slots=True)
class TablePlan:
    """Which rows and columns of one table are written. `ancestors` go from the table's parent upwards."""

    name: str
    columns: tuple[ColumnPlan, ...]
    types: dict[str, ColumnType]
    persons: tuple[PersonId, ...]
    subject: str | None
    records: dict[str, str]
    where: str | None = None
    filtered: tuple[str, ...] = ()
    window: Window | None = None
    parent: str | None = None
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CohortPlan:
    """Persons with at least one row of `table` that the filter selects, within the permit's period."""

    table: str
    where: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonsPlan:
    """The table that says which source ids are one person."""

    table: str
    id: str
    rank: str | None
    canonical: str
    kind: str


@dataclass(frozen=True, slots=True)
class DatasetPlan:
    """What one dataset gives to an extract. `tables` are written; `support` is read to choose rows, never written."""

    dataset: str
    tables: dict[str, TablePlan]
    support: dict[str, TablePlan]
    persons: PersonsPlan | None
    cohort: CohortPlan | None
    precision: Precision
    geography: Geography


@dataclass(frozen=True, slots=True)
class Plan:
    """What a project's extract holds."""

    project: str
    datasets: tuple[DatasetPlan, ...]
    links: tuple[LinkPlan, ...] = ()


class PlanError(Exception):
    """The permit can't be carried out. `problems` has every error found."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in found))
        self.problems = found


def plan_extract(policies: Policies, project: str) -> Plan:
    """The plan of a project's extract.

    Raises:
        PlanError: with every filter that is none, every place finer than granted, and every unknown name.
    """
    permit = policies.projects[project]
    found = [*grant_problems(permit, policies.datasets), *link_problems(permit, policies)]
    if found:
        raise PlanError(found)
    return Plan(
        project,
        tuple(_dataset_plan(policies.datasets[name], grant) for name, grant in sorted(permit.permit.items())),
        link_plans(policies, permit),
    )


def grant_problems(project: Project, datasets: dict[str, Dataset]) -> Iterator[Problem]:
    """Errors of a permit that need the catalogue: filters, cohorts and places."""
    path = f"projects/{project.id}.yaml"
    for name, grant in project.permit.items():
        dataset = datasets.get(name)
        if dataset is None:
            continue  # `policy.problems` says so already
        if grant.cohort is not None:
            try:
                _cohort(dataset, grant.cohort)
            except FilterError as error:
                yield Problem(path, ("permit", name, "cohort"), str(error), "write: TABLE WHERE filter")
        for table_name, wanted in grant.tables.items():
            if table_name in dataset.tables:
                key = ("permit", name, "tables", table_name)
                yield from _table_problems(path, key, dataset.tables[table_name], wanted, grant)


def _table_problems(
    path: str, key: tuple[str, ...], table: Table, wanted: TableGrant, grant: DatasetGrant
) -> Iterator[Problem]:
    if wanted.rows is not None:
        try:
            parse_filter(wanted.rows, table.columns)
        except FilterError as error:
            yield Problem(path, (*key, "rows"), str(error), "see docs/explanation/extracts.md")
    for position, column in enumerate(wanted.columns):
        known = table.columns.get(column)
        message = _column_problem(known, grant) if known else None
        if message:
            yield Problem(path, (*key, "columns", position), f"column '{column}' {message}")


def _column_problem(column: Column, grant: DatasetGrant) -> str | None:
    if column.role in (ColumnRole.DIRECT, ColumnRole.PROFESSIONAL):
        return f"is of role '{column.role}' and is never granted"
    allowed = _ALLOWED_FINENESS[grant.geography]
    if column.place is None or _FINENESS[column.place] <= allowed:
        return None
    if column.place is Place.COMMUNE or allowed == 0:
        return f"tells a {column.place}; the permit grants {grant.geography}"
    return None


def _cohort(dataset: Dataset, text: str) -> CohortPlan:
    found = _COHORT.match(text)
    if found is None:
        raise FilterError("a cohort starts with TABLE WHERE", 1)
    table = dataset.tables.get(found["table"])
    if table is None:
        raise FilterError(f"no table '{found['table']}' in dataset '{dataset.id}'", 1)
    where = parse_filter(text[found.end() :], table.columns)
    return CohortPlan(found["table"], where.sql, tuple(sorted(where.columns)))


def _dataset_plan(dataset: Dataset, grant: DatasetGrant) -> DatasetPlan:
    cohort = _cohort(dataset, grant.cohort) if grant.cohort is not None else None
    read = {cohort.table: cohort.columns} if cohort else {}
    tables = {name: _table_plan(dataset, name, grant, read) for name in sorted(grant.tables)}
    needed = set(tables) | ({cohort.table} if cohort else set())
    support: dict[str, TablePlan] = {}
    while missing := {
        parent.table
        for name in needed
        if (parent := dataset.tables[name].parent) is not None and parent.table not in needed
    }:
        needed |= missing
    for name in sorted(needed - set(tables)):
        support[name] = _table_plan(dataset, name, grant, read)
    p = dataset.persons
    persons = PersonsPlan(p.table, p.id, p.rank, p.canonical, p.kind) if p else None
    return DatasetPlan(dataset.id, tables, support, persons, cohort, grant.dates, grant.geography)


def _table_plan(dataset: Dataset, name: str, grant: DatasetGrant, read: dict[str, tuple[str, ...]]) -> TablePlan:
    table, wanted = dataset.tables[name], grant.tables.get(name)
    where: Filter | None = parse_filter(wanted.rows, table.columns) if wanted and wanted.rows else None
    columns = tuple(_column_plan(c, table.columns[c], grant) for c in wanted.columns) if wanted else ()
    return TablePlan(
        name=name,
        columns=columns,
        types={c: column.type for c, column in table.columns.items()},
        persons=tuple(_person_ids(dataset, table)),
        subject=_subject(dataset, table),
        records={
            c: column.kind
            for c, column in table.columns.items()
            if column.kind and column.role not in (ColumnRole.PERSON, ColumnRole.PROFESSIONAL)
        },
        where=where.sql if where else None,
        filtered=tuple(sorted({*(where.columns if where else ()), *read.get(name, ())})),
        window=_window(dataset, table, grant),
        parent=table.parent.table if table.parent else None,
        by=table.parent.by if table.parent else (),
    )


def _person_ids(dataset: Dataset, table: Table) -> Iterator[PersonId]:
    for name, column in table.columns.items():
        if column.role is ColumnRole.PERSON and column.kind is not None:
            resolved = dataset.persons is not None and column.kind == dataset.persons.kind
            through = (column.through or dataset.persons.id) if resolved and dataset.persons else None
            by_number = dataset.persons is not None and through == dataset.persons.id
            yield PersonId(name, column.kind, table.person_rank if by_number else None, through)


def _subject(dataset: Dataset, table: Table) -> str | None:
    if table.person is not None:
        return table.person
    ids = list(_person_ids(dataset, table))
    return ids[0].column if ids else None


def _column_plan(name: str, column: Column, grant: DatasetGrant) -> ColumnPlan:
    action = Action.KEEP
    if column.role is ColumnRole.PERSON:
        action = Action.PERSON
    elif column.kind is not None:
        action = Action.RECORD
    elif column.type in _DATES and column.role in (ColumnRole.EVENT_DATE, ColumnRole.QUASI):
        action = {
            Precision.DAY: Action.KEEP,
            Precision.MONTH: Action.KEEP if column.type is ColumnType.YEARMONTH else Action.MONTH,
            Precision.YEAR: Action.YEAR,
            Precision.SHIFTED: Action.SHIFT,
        }[grant.dates]
    elif column.place is not None and _FINENESS[column.place] > _ALLOWED_FINENESS[grant.geography]:
        action = Action.DEPARTMENT if grant.geography is Geography.DEPARTMENT else Action.REGION
    return ColumnPlan(name, column.type, action, column.place)


def _window(dataset: Dataset, table: Table, grant: DatasetGrant) -> Window | None:
    if grant.period is None:
        return None
    care, flow = table.care_date, table.flow_date
    if care is None and flow is None:
        return None
    first, last = grant.period.from_, grant.period.to
    if flow is None or dataset.flow_months is None:
        return Window(care, first, last)
    # Care of a month reaches the source in the month after at the earliest; a year of it needs `flow_months` flows.
    return Window(care, first, last, flow, _month(first, 1), _month(last, 1 + dataset.flow_months - 12))


def _month(day: date, later: int) -> date:
    months = day.year * 12 + day.month - 1 + later
    return date(months // 12, months % 12 + 1, 1)
