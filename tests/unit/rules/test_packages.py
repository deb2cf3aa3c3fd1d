"""Which packages may be installed, what of them is offered, and what is kept of a request for another."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ecluse.rules.outcome import Reason, Refused
from ecluse.rules.packages import (
    MOST_COUNTED,
    MOST_PEOPLE,
    Index,
    Listed,
    Package,
    PackageRequest,
    PackagesFile,
    asked,
    merged,
    offered,
    open_requests,
    package_can_be_installed,
    read_name,
    wheel_of,
)

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PACKAGES = {"seaborn": Package(versions=">=0.13"), "tableone": Package(projects=("alpha",))}


def wheel(version: str, *, name: str = "seaborn", sha256: str = "a" * 64) -> Listed:
    filename = f"{name}-{version}-py3-none-any.whl"
    return Listed(filename=filename, url=f"https://index.test/{filename}", sha256=sha256)


def index(*files: Listed) -> Index:
    return Index(name="seaborn", fetched=NOW, files=files)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Seaborn", "seaborn"),
        ("zope.interface", "zope-interface"),
        ("a__b", "a-b"),
        ("x" * 100, "x" * 100),
        ("x" * 101, None),
        ("", None),
        ("-a", None),
        ("a b", None),
        ("a/../b", None),
        ("é", None),
        ("a\n", None),
    ],
)
def test_names_are_read_in_their_normal_form(written: str, name: str | None) -> None:
    assert read_name(written) == name


@given(st.text(max_size=120))
def test_name_that_is_read_is_a_name_of_the_list(written: str) -> None:
    name = read_name(written)
    if name is not None:
        assert PackagesFile.model_validate({"packages": {name: {}}}).packages
        assert read_name(name) == name


@pytest.mark.parametrize(
    ("project", "name", "allowed"),
    [
        ("alpha", "seaborn", True),
        ("beta", "seaborn", True),
        ("alpha", "tableone", True),
        ("beta", "tableone", False),
        ("alpha", "evil", False),
    ],
)
def test_package_is_allowed_by_the_list_and_for_its_projects(project: str, name: str, allowed: bool) -> None:
    verdict = package_can_be_installed(PACKAGES, project, name)
    assert bool(verdict) is allowed
    if isinstance(verdict, Refused):
        assert verdict.reason is Reason.PACKAGE_NOT_ALLOWED
        assert name in verdict.message


def test_nothing_is_allowed_without_a_list() -> None:
    assert not package_can_be_installed(PackagesFile().packages, "alpha", "seaborn")


@pytest.mark.parametrize("versions", ["latest", ">=", "1.2", "=>1"])
def test_versions_have_to_be_a_specifier(versions: str) -> None:
    with pytest.raises(ValidationError, match="no version specifier"):
        Package(versions=versions)


def test_only_allowed_versions_are_offered() -> None:
    found = offered(index(wheel("0.12.2"), wheel("0.13.0"), wheel("1.0rc1")), PACKAGES["seaborn"])
    assert [f.filename.split("-")[1] for f in found] == ["0.13.0", "1.0rc1"]


def test_wheel_of_another_package_is_not_offered() -> None:
    odd = Listed(filename="odd.whl", url="https://index.test/odd.whl", sha256="a" * 64)
    assert offered(index(wheel("0.13.0", name="evil"), odd), PACKAGES["seaborn"]) == ()


def test_hashes_bind_the_list_to_files() -> None:
    bound = Package(hashes=("b" * 64,))
    found = offered(index(wheel("1.0"), wheel("2.0", sha256="b" * 64)), bound)
    assert [f.sha256 for f in found] == ["b" * 64]


def test_wheels_are_known_by_their_names() -> None:
    assert wheel_of("zope.interface-1.0-py3-none-any.whl") == ("zope-interface", "1.0")
    assert wheel_of("x.tar.gz") is None


@pytest.mark.parametrize("url", ["ftp://a/x.whl", "https://a/x.whl?token=1", "https://a/ x.whl", "/x.whl"])
def test_address_of_a_file_is_plain(url: str) -> None:
    with pytest.raises(ValidationError):
        Listed(filename="x-1-py3-none-any.whl", url=url, sha256="a" * 64)


def test_file_that_the_upstream_exchanges_stays_as_it_was_first_seen() -> None:
    first = index(wheel("1.0"), wheel("1.1"))
    latest = index(wheel("1.0", sha256="b" * 64), wheel("1.2"))
    found, changed = merged(first, latest)
    assert changed == ("seaborn-1.0-py3-none-any.whl",)
    assert [(f.filename.split("-")[1], f.sha256[0]) for f in found.files] == [("1.0", "a"), ("1.2", "a")]
    assert merged(None, latest) == (latest, ())


def test_request_is_one_per_project_and_name_and_counted_once_a_minute() -> None:
    first = asked(None, "alpha", "evil", "ada", NOW)
    assert asked(first, "alpha", "evil", "ada", NOW + timedelta(seconds=59)) == first
    second = asked(first, "alpha", "evil", "ada", NOW + timedelta(minutes=1))
    assert (second.count, second.people, second.first) == (2, ("ada",), NOW)
    third = asked(second, "alpha", "evil", "mem", NOW + timedelta(minutes=1))
    assert (third.count, third.people) == (3, ("ada", "mem"))
    assert asked(None, "alpha", "evil", None, NOW).people == ()


def test_request_does_not_grow_without_bound() -> None:
    people = tuple(f"p{i}" for i in range(MOST_PEOPLE))
    full = PackageRequest(project="alpha", name="evil", people=people, first=NOW, last=NOW, count=MOST_COUNTED)
    later = asked(full, "alpha", "evil", "one-more", NOW + timedelta(hours=1))
    assert (later.count, later.people) == (MOST_COUNTED, people)


def test_request_that_was_granted_is_no_longer_open() -> None:
    requests = [asked(None, "beta", name, None, NOW) for name in ("seaborn", "tableone", "evil")]
    assert [r.name for r in open_requests(requests, PACKAGES)] == ["tableone", "evil"]
