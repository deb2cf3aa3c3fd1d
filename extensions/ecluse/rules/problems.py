"""Which policies make sense together.

Worked example: project `bacthub` grants the dataset `snds`, table `ER_PHA_F`, column `PHA_PRS_C13`; the catalogue has
that dataset, table and column, and the column's role is neither `direct` nor `professional`; so the grant stands. A
grant of a column that the catalogue does not know is a `Problem`, and with one problem the whole set is refused.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .dataset import ColumnRole, Dataset
from .people import Role
from .policy import Policies, image_use
from .project import DatasetGrant, Project, Tier


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
