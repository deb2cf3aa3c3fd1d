"""Policy files: a folder of YAML read strictly into `Policies`, with every error's file and line.

A folder holds `people.yaml`, `images.yaml`, `rules.yaml`, `datasets/<id>.yaml`,
`projects/<id>.yaml` and `linkages/<id>.yaml`; `provider.yaml` and `packages/pypi.yaml` may be missing.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from ecluse.rules.dataset import Dataset
from ecluse.rules.extract import grant_problems
from ecluse.rules.linkage import Linkage
from ecluse.rules.links import link_problems, linkage_problems
from ecluse.rules.names import ImageId, PersonId, Strict
from ecluse.rules.packages import Package, PackagesFile
from ecluse.rules.people import Person, Provider
from ecluse.rules.policy import Image, OutputRules, Policies
from ecluse.rules.problems import Problem, problems
from ecluse.rules.project import Project

log = logging.getLogger(__name__)

MAX_BYTES = 4 * 1024 * 1024
"""Longest policy file read. A longer one is a mistake, or an attempt to exhaust the hub."""

_FIXES = {
    "extra_forbidden": "remove it, or correct its spelling",
    "missing": "add it",
    "string_pattern_mismatch": "use a-z, 0-9 and single hyphens, starting with a letter",
}


class PeopleFile(Strict):
    """Shape of `people.yaml`."""

    people: dict[PersonId, Person]


class ImagesFile(Strict):
    """Shape of `images.yaml`."""

    images: dict[ImageId, Image]


FILES: dict[str, type[BaseModel]] = {
    "people": PeopleFile,
    "provider": Provider,
    "images": ImagesFile,
    "rules": OutputRules,
    "dataset": Dataset,
    "project": Project,
    "linkage": Linkage,
    "packages": PackagesFile,
}
"""Kinds of policy file and their models; `ecluse policy schema` writes a JSON Schema of each."""

PACKAGES = "packages/pypi.yaml"

FOLDERS = ("datasets", "projects", "linkages")
"""Folders of policy files, one file per id."""

Model = TypeVar("Model", bound=BaseModel)


class PoliciesInvalidError(Exception):
    """The policies can't be used. `problems` has every error found, in reading order."""

    def __init__(self, found: list[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in found))
        self.problems = found


class _Unreadable(Exception):  # noqa: N818 - carries a Problem to the one place that collects them
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Reading:
    """One reading of a folder: collects problems while it goes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: list[Problem] = []
        self.nodes: dict[str, yaml.Node] = {}

    def read(self, path: str, model: type[Model]) -> Model | None:
        """One file, or None after its problems were noted."""
        try:
            node, value = _load(self.folder, path)
        except _Unreadable as error:
            self.found.append(error.problem)
            return None
        self.nodes[path] = node
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for item in error.errors():
                key = tuple(k for k in item["loc"] if k != "[key]")
                message = item["msg"].removeprefix("Value error, ")
                self.found.append(Problem(path, key, message, _FIXES.get(item["type"], ""), _line(node, key)))
            return None

    def read_all(self, folder: str, model: type[Model]) -> dict[str, Model]:
        """The valid files of a folder, by id."""
        result: dict[str, Model] = {}
        for file in sorted((self.folder / folder).glob("*.yaml")):
            path = f"{folder}/{file.name}"
            one = self.read(path, model)
            if one is None:
                continue
            name = str(getattr(one, "id"))  # noqa: B009 - dataset and project files both have an id
            if name != file.stem:
                line = _line(self.nodes[path], ("id",))
                self.found.append(Problem(path, ("id",), f"id '{name}' in a file called '{file.name}'", "", line))
            result[name] = one
        return result

    def read_packages(self) -> dict[str, Package]:
        """Packages that may be installed: without the file, none."""
        found = self.read(PACKAGES, PackagesFile) if (self.folder / PACKAGES).exists() else None
        return dict(found.packages) if found else {}

    def strays(self) -> Iterator[Problem]:
        """Files that nobody reads: a rule in a misnamed file must not be silently without effect."""
        known = {"people.yaml", "images.yaml", "rules.yaml", "provider.yaml", PACKAGES}
        for file in sorted(self.folder.rglob("*")):
            path = file.relative_to(self.folder)
            if file.is_dir() or file.name == "README.md" or any(part.startswith(".") for part in path.parts):
                continue
            in_place = len(path.parts) == 2 and path.parts[0] in FOLDERS and path.suffix == ".yaml"  # noqa: PLR2004
            if str(path) not in known and not in_place:
                yield Problem(str(path), (), "no policy file of this name is read", "rename or remove it")


def read_policies(folder: Path) -> Policies:
    """Read and cross-check a folder of policies.

    Raises:
        PoliciesInvalidError: with every error found, each with its file, line and way to mend it.
    """
    reading = Reading(folder)
    people = reading.read("people.yaml", PeopleFile)
    images = reading.read("images.yaml", ImagesFile)
    rules = reading.read("rules.yaml", OutputRules)
    provider = reading.read("provider.yaml", Provider) if (folder / "provider.yaml").exists() else None
    datasets = reading.read_all("datasets", Dataset)
    projects = reading.read_all("projects", Project)
    linkages = reading.read_all("linkages", Linkage)
    packages = reading.read_packages()
    reading.found.extend(reading.strays())
    policies = Policies(
        people=dict(people.people) if people else {},
        projects=projects,
        datasets=datasets,
        images=dict(images.images) if images else {},
        rules=rules or OutputRules(),
        linkages=linkages,
        provider=provider,
        packages=packages,
    )
    broken = {p.path for p in reading.found}
    for problem in _cross_check(policies):
        # A name that is missing only because its own file is broken would be a false second error.
        if not _follows_from(problem, broken):
            node = reading.nodes.get(problem.path)
            reading.found.append(replace(problem, line=_line(node, problem.key) if node else None))
    if reading.found:
        raise PoliciesInvalidError(reading.found)
    return policies


def _cross_check(policies: Policies) -> list[Problem]:
    """Errors between files. What both checks say of one place is said once."""
    found = list(problems(policies))
    said = {(p.path, p.key) for p in found}
    permits = (grant_problems(project, policies.datasets) for project in policies.projects.values())
    linkages = (linkage_problems(linkage, policies) for linkage in policies.linkages.values())
    links = (link_problems(project, policies) for project in policies.projects.values())
    every = chain.from_iterable(chain(permits, linkages, links))
    return [*found, *(p for p in every if (p.path, p.key) not in said)]


def _follows_from(problem: Problem, broken: set[str]) -> bool:
    match problem.key:
        case ("members", _) | ("controller",):
            return "people.yaml" in broken
        case ("workspace", _):
            return "images.yaml" in broken
        case ("permit", dataset):
            return f"datasets/{dataset}.yaml" in broken
        case ("links", linkage):
            return f"linkages/{linkage}.yaml" in broken
        case ("packages", _, "projects", _):
            return any(path.startswith("projects/") for path in broken)
        case _:
            return False


class PolicyFolder:
    """The policies in force: the last set that was valid.

    A bad edit leaves the former set in force; `problems` then says what is wrong. The first reading has to succeed:
    there is nothing to fall back to, and no policy is a refusal.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reading = Lock()
        self._seen = fingerprint(folder)
        self._policies = read_policies(folder)
        self.problems: list[Problem] = []

    def current(self) -> Policies:
        """The policies in force, read again if a file changed."""
        # Whoever asks while another reads waits for what is read: the old policies might still allow what is over.
        with self._reading:
            seen = fingerprint(self._folder)
            if seen != self._seen:
                self._seen = seen
                try:
                    self._policies, self.problems = read_policies(self._folder), []
                except PoliciesInvalidError as error:
                    self.problems = error.problems
                    log.error("policies invalid; the last good ones stay in force:\n%s", error)  # noqa: TRY400
            return self._policies


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema of each kind of policy file, for editors."""
    return {name: TypeAdapter(model).json_schema() for name, model in FILES.items()}


def fingerprint(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """What changes when a file of the folder does."""
    found = []
    for file in sorted(folder.rglob("*")):
        try:
            stat = file.stat()
        except FileNotFoundError:  # replaced while we looked: the next look sees it
            continue
        found.append((str(file), stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(found)


def _load(folder: Path, path: str) -> tuple[yaml.Node, Any]:
    file = folder / path
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        raise _Unreadable(
            Problem(path, (), "the file is missing", "write it; see docs/reference/policies.md")
        ) from None
    except OSError as error:
        raise _Unreadable(Problem(path, (), f"can't be read: {error.strerror}")) from None
    if len(raw) > MAX_BYTES:
        raise _Unreadable(Problem(path, (), f"{len(raw)} bytes; at most {MAX_BYTES} are read"))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _Unreadable(Problem(path, (), "is not UTF-8", "save it as UTF-8", line)) from None
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        if node is None:
            raise _Unreadable(Problem(path, (), "the file is empty", "write it; see docs/reference/policies.md"))
        _refuse_traps(node, set())
        return node, yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None  # type: ignore[assignment]
        raise _Unreadable(Problem(path, (), f"is not YAML: {error.problem}", "", line)) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _Unreadable(Problem(path, (), f"is not YAML: {error}")) from None


def _refuse_traps(node: yaml.Node, seen: set[int]) -> None:
    """Two of YAML's traps: a key given twice (the last would win), and aliases (which can grow without bound)."""
    if id(node) in seen:
        raise yaml.MarkedYAMLError(problem="aliases are not allowed", problem_mark=node.start_mark)
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        names: set[str] = set()
        for key, value in node.value:
            if key.value in names:
                raise yaml.MarkedYAMLError(problem=f"key '{key.value}' is given twice", problem_mark=key.start_mark)
            names.add(key.value)
            _refuse_traps(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_traps(item, seen)


def _line(node: yaml.Node | None, key: tuple[str | int, ...]) -> int | None:
    """Line (from 1) of the value at `key`, or of the nearest thing above it that exists."""
    if node is None:
        return None
    line = int(node.start_mark.line) + 1
    for step in key:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for name, value in node.value:
                if name.value == str(step):
                    line, found = int(name.start_mark.line) + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
            line = int(found.start_mark.line) + 1
        if found is None:
            return line
        node = found
    return line
