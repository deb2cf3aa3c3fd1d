"""Which packages a workspace may install, what of them is offered, and what is kept of a request for another.

Worked example: `pypi.yaml` allows `seaborn` in versions `>=0.13`. `pip install Seaborn` asks for `seaborn`; offered are
the wheels of 0.13 and later that the upstream lists with a hash. `pip install evil` is `Refused(PACKAGE_NOT_ALLOWED)`,
and that project `alpha` asked for `evil` is kept, once, with a count. Names outside the list go no further than that:
the upstream is only ever asked for names that stand in the list.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidName, InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from pydantic import Field, StringConstraints, field_validator

from .names import Instant, PersonId, ProjectId, Sha256, Strict
from .outcome import ALLOWED, Reason, Refused, Verdict

LONGEST = 100
MOST_REQUESTS = 50
MOST_PEOPLE = 20
MOST_COUNTED = 9999
EACH = timedelta(minutes=1)

PackageName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:-?[a-z0-9])*$", min_length=1, max_length=LONGEST)]
"""A name of PyPI in its normal form (PEP 503): lower case, single hyphens."""

WheelName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9._+!-]*[A-Za-z0-9])?\.whl$", max_length=250)
]
"""Name of a wheel's file, without any sign that could lead elsewhere."""


class Package(Strict):
    """One package that may be installed."""

    versions: str = Field(default="", max_length=200, description="versions (PEP 440), `>=1.2,<2`; empty: all")
    hashes: tuple[Sha256, ...] = Field(default=(), description="only files with these SHA-256; empty: all")
    projects: tuple[ProjectId, ...] = Field(default=(), description="only in these projects; empty: in all")
    prefetch: bool = Field(
        default=False, description="fetch the newest fitting wheel at once, so that nobody sees when it is first used"
    )
    why: str = Field(default="", max_length=400, description="why it is allowed; for people")

    @field_validator("versions")
    @classmethod
    def _versions_are_a_specifier(cls, value: str) -> str:
        try:
            SpecifierSet(value)
        except InvalidSpecifier:
            raise ValueError(f"'{value}' is no version specifier; write for example '>=1.2,<2' or '==1.4.1'") from None
        return value


class PackagesFile(Strict):
    """Packages of PyPI that workspaces may install, `policies/packages/pypi.yaml`. Without the file: none."""

    packages: dict[PackageName, Package] = Field(default_factory=dict)


Packages = Mapping[str, Package]


class Listed(Strict):
    """A wheel as the upstream's index lists it. `metadata` is the hash of its METADATA file (PEP 658)."""

    filename: WheelName
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+$", max_length=2000)]
    sha256: Sha256
    size: int | None = Field(default=None, ge=0)
    requires_python: str | None = Field(default=None, max_length=200)
    yanked: str | bool = False
    metadata: Sha256 | None = None


class Index(Strict):
    """What the upstream listed for a package. `found` is False where it has no such package."""

    name: PackageName
    fetched: Instant
    found: bool = True
    files: tuple[Listed, ...] = ()


class PackageRequest(Strict):
    """That people of a project asked for a package that is not allowed."""

    project: ProjectId
    name: PackageName
    people: tuple[PersonId, ...] = Field(default=(), max_length=MOST_PEOPLE)
    first: Instant
    last: Instant
    count: int = Field(default=1, ge=1, le=MOST_COUNTED)


def read_name(text: str) -> str | None:
    """A name as somebody wrote it, in its normal form; None if it is none or longer than 100 characters."""
    if not 0 < len(text) <= LONGEST:
        return None
    try:
        return canonicalize_name(text, validate=True)
    except InvalidName:
        return None


def package_can_be_installed(packages: Packages, project: str, name: str) -> Verdict:
    """Whether workspaces of the project may install the package. Sentences are ASCII: they travel in a status line."""
    package = packages.get(name)
    if package is not None and (not package.projects or project in package.projects):
        return ALLOWED
    return Refused(
        Reason.PACKAGE_NOT_ALLOWED,
        f"The package '{name}' is not allowed in this project.",
        "An administrator can allow it.",
    )


def offered(index: Index, package: Package) -> tuple[Listed, ...]:
    """The files of an index that the policy lets through: wheels of this package, in an allowed version."""
    allowed = SpecifierSet(package.versions)
    return tuple(
        f
        for f in index.files
        if (found := wheel_of(f.filename)) is not None
        and found[0] == index.name
        and (not package.hashes or f.sha256 in package.hashes)
        # Whether a version before its release is wanted is pip's question; here it is whether it is allowed.
        and allowed.contains(found[1], prereleases=True)
    )


def wheel_of(filename: str) -> tuple[str, str] | None:
    """Name and version of a wheel by its file's name, or None."""
    try:
        name, version, _, _ = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return None
    return name, str(version)


def merged(former: Index | None, latest: Index) -> tuple[Index, tuple[str, ...]]:
    """The latest index, with files as they were first seen, and the names of files that the upstream has changed.

    A released file never changes. One that has another hash than before was exchanged, by the upstream or on the way.
    """
    known = {f.filename: f for f in former.files} if former else {}
    changed = tuple(f.filename for f in latest.files if known.get(f.filename, f).sha256 != f.sha256)
    files = tuple(known[f.filename] if f.filename in changed else f for f in latest.files)
    return latest.model_copy(update={"files": files}), changed


def asked(former: PackageRequest | None, project: str, name: str, person: str | None, now: Instant) -> PackageRequest:
    """The request after somebody asked (again): one per project and name, counted at most once a minute."""
    if former is None:
        people = (person,) if person else ()
        return PackageRequest(project=project, name=name, people=people, first=now, last=now)
    new = (person,) if person and person not in former.people and len(former.people) < MOST_PEOPLE else ()
    if not new and now - former.last < EACH:
        return former
    count = min(former.count + 1, MOST_COUNTED)
    return former.model_copy(update={"people": (*former.people, *new), "last": max(now, former.last), "count": count})


def open_requests(requests: Iterable[PackageRequest], packages: Packages) -> Iterator[PackageRequest]:
    """Those that have not been granted since."""
    return (r for r in requests if not package_can_be_installed(packages, r.project, r.name))
