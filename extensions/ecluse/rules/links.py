"""Linkages held against catalogue and permits, and what a project gets of one it was granted.

Decides whether a linkage can be carried out, and whether a permit may have its links. Worked example: the permit of
`hydro` names `hydro-snds`; it grants `IMPLANTS.DEVICE` and `T_MCOaaC.ETA_NUM, RSA_NUM`, so the crosswalk has the three
columns, under the project's pseudonyms, and the probability. Without a grant of `RSA_NUM` it would be refused: a
crosswalk adds links between what was granted, and no column.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .dataset import Column, ColumnRole, ColumnType, Dataset, Table
from .filters import FilterError, parse_filter
from .linkage import Joined, Linkage, Side
from .policy import Policies
from .problems import Problem
from .project import Project

PROBABILITY = "PROBABILITY"
Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class IdColumn:
    """A column that names a record. `kind` is the kind of pseudonym; None keeps the value as it is."""

    source: str
    name: str
    type: ColumnType
    kind: str | None
    person: bool


@dataclass(frozen=True, slots=True)
class SidePlan:
    """One side of a crosswalk."""

    dataset: str
    table: str
    columns: tuple[IdColumn, ...]


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """A crosswalk that a project gets: links of which both records are in its extract."""

    linkage: str
    title: str
    reason: str
    left: SidePlan
    right: SidePlan
    compared: tuple[tuple[str, str], ...]


def link_plans(policies: Policies, project: Project) -> tuple[LinkPlan, ...]:
    """The crosswalks of a permit in which `link_problems` found nothing."""
    return tuple(
        _link_plan(policies.linkages[name], grant.reason, policies.datasets)
        for name, grant in sorted(project.links.items())
    )


def linkage_problems(linkage: Linkage, policies: Policies) -> Iterator[Problem]:
    """Errors of a linkage that need the catalogue."""
    path = f"linkages/{linkage.id}.yaml"
    if linkage.id in policies.datasets:
        yield Problem(path, ("id",), f"'{linkage.id}' is a dataset: both would be one folder of /data", "rename it")
    if linkage.left.dataset == linkage.right.dataset:
        yield Problem(path, ("right", "dataset"), "a linkage joins two datasets", "see `persons.match` of a dataset")
    known: dict[str, set[str] | None] = {}
    for key, side in {"left": linkage.left, "right": linkage.right}.items():
        dataset = policies.datasets.get(side.dataset)
        if dataset is None:
            known[key] = None
            yield Problem(path, (key, "dataset"), f"no dataset '{side.dataset}' in the catalogue")
        else:
            yield from _side_problems(path, key, side, dataset)
            known[key] = _columns(side, dataset)
    wanted = [("compare", n, k, getattr(c, k)) for n, c in enumerate(linkage.compare) for k in ("left", "right")]
    wanted += [("groups", n, g.side, g.column) for n, g in enumerate(linkage.groups)]
    for what, number, key, column in wanted:
        found = known[key]
        if found is not None and column not in found:
            yield Problem(path, (what, number), f"the {key} side has no column '{column}'")


def _side_problems(path: str, key: str, side: Side, dataset: Dataset) -> Iterator[Problem]:
    table = dataset.tables.get(side.table)
    if table is None:
        yield Problem(path, (key, "table"), f"dataset '{dataset.id}' has no table '{side.table}'")
        return
    for name in side.id:
        message = _id_problem(table.columns.get(name), dataset)
        if message:
            yield Problem(path, (key, "id"), f"column '{name}' {message}")
    yield from _filter_problems(path, (key, "rows"), side.rows, table)
    for number, joined in enumerate(side.join):
        yield from _join_problems(path, (key, "join", number), joined, table, dataset)
    plain = _columns(side, dataset) - set(side.derive)
    for name, derived in side.derive.items():
        for column in (derived.year, derived.less):
            if column not in plain:
                yield Problem(path, (key, "derive", name), f"no column '{column}' in the tables of this side")


def _join_problems(path: str, key: Key, joined: Joined, table: Table, dataset: Dataset) -> Iterator[Problem]:
    other = dataset.tables.get(joined.table)
    if other is None:
        yield Problem(path, key, f"dataset '{dataset.id}' has no table '{joined.table}'")
        return
    for column in joined.by:
        if column not in table.columns or column not in other.columns:
            yield Problem(path, (*key, "by"), f"column '{column}' is not in both tables")
    yield from _filter_problems(path, (*key, "rows"), joined.rows, other)


def _filter_problems(path: str, key: Key, text: str | None, table: Table) -> Iterator[Problem]:
    if text is None:
        return
    try:
        parse_filter(text, table.columns)
    except FilterError as error:
        yield Problem(path, key, str(error), "see docs/explanation/extracts.md")


def _id_problem(column: Column | None, dataset: Dataset) -> str | None:
    """Ids that the crosswalk could not turn into the very pseudonyms of the extract."""
    if column is None:
        return "is not in the table"
    if column.role in (ColumnRole.DIRECT, ColumnRole.PROFESSIONAL, ColumnRole.FREE_TEXT):
        return f"is of role '{column.role}' and is never granted"
    persons = dataset.persons
    if column.role is ColumnRole.PERSON and persons is not None and column.kind == persons.kind:
        through = column.through or persons.id
        if through != persons.canonical:
            return f"is one of several numbers of a person: use one through '{persons.canonical}', or a record's id"
    return None


def _columns(side: Side, dataset: Dataset) -> set[str]:
    tables = [dataset.tables[t] for t in (side.table, *(j.table for j in side.join)) if t in dataset.tables]
    return {c for t in tables for c in t.columns} | set(side.derive)


def link_problems(project: Project, policies: Policies) -> Iterator[Problem]:
    """Errors of the linkages that a permit names: each record's id has to be granted on both sides."""
    path = f"projects/{project.id}.yaml"
    for name in project.links:
        linkage = policies.linkages.get(name)
        if linkage is None:
            known = "one of: " + (", ".join(sorted(policies.linkages)) or "none yet")
            yield Problem(path, ("links", name), f"no linkage '{name}' in linkages/", known)
            continue
        for side in (linkage.left, linkage.right):
            grant = project.permit.get(side.dataset)
            granted = grant.tables.get(side.table) if grant else None
            missing = [c for c in side.id if granted is None or c not in granted.columns]
            if missing:
                what = f"{side.dataset}, {side.table}: {', '.join(missing)}"
                fix = "grant them in the permit, or take the linkage out"
                yield Problem(path, ("links", name), f"the permit does not grant what is linked ({what})", fix)


def _link_plan(linkage: Linkage, reason: str, datasets: dict[str, Dataset]) -> LinkPlan:
    both = set(linkage.left.id) & set(linkage.right.id)

    def plan(side: Side, prefix: str) -> SidePlan:
        columns = datasets[side.dataset].tables[side.table].columns
        ids = tuple(
            IdColumn(
                source=name,
                name=prefix + name if name in both else name,
                type=columns[name].type,
                kind=columns[name].kind,
                person=columns[name].role is ColumnRole.PERSON,
            )
            for name in side.id
        )
        return SidePlan(side.dataset, side.table, ids)

    left, right = plan(linkage.left, "LEFT_"), plan(linkage.right, "RIGHT_")
    compared = tuple((c.left, c.right) for c in linkage.compare)
    return LinkPlan(linkage.id, linkage.title, reason, left, right, compared)
