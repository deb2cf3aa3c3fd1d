"""The list of packages: read alone, last good one in force, and added to without harm to what is there."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecluse.rules.packages import Package, PackageRequest
from ecluse.store.package_files import (
    NotAddedError,
    PackageFolder,
    PoliciesInvalidError,
    allow_package,
    read_packages,
    read_requests,
    remove_requests,
)
from policies import policies

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LIST = '# ours\npackages:\n  seaborn: {versions: ">=0.13"}  # charts\n'


def write(folder: Path, text: str) -> Path:
    (folder / "packages").mkdir(exist_ok=True)
    file = folder / "packages/pypi.yaml"
    file.write_text(text)
    return file


def test_list_is_read_with_the_policies_and_alone(tmp_path: Path) -> None:
    found = policies(tmp_path, **{"packages/pypi.yaml": LIST})
    assert found.packages == read_packages(tmp_path) == {"seaborn": Package(versions=">=0.13")}
    assert policies(tmp_path / "without").packages == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("packages:\n  seaborn: {version: 1}\n", "packages/pypi.yaml:2: packages.seaborn.version"),
        ("packages:\n  Sea_born: {}\n", "packages/pypi.yaml:2: packages.Sea_born"),
        ("packages:\n  a: {}\n  seaborn: {versions: latest}\n", "packages/pypi.yaml:3: packages.seaborn.versions"),
        ("packages:\n  a: {}\n  a: {}\n", "packages/pypi.yaml:3: is not YAML: key 'a' is given twice"),
        (
            "packages:\n  a: {projects: [alpha, omega]}\n",
            "packages/pypi.yaml:2: packages.a.projects.1: no project 'omega'",
        ),
    ],
)
def test_error_in_the_list_has_file_and_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(PoliciesInvalidError) as caught:
        policies(tmp_path, **{"packages/pypi.yaml": text})
    (found,) = [str(p) for p in caught.value.problems]
    assert found.startswith(problem)


def test_project_whose_own_file_is_broken_is_no_second_error(tmp_path: Path) -> None:
    changes = {"packages/pypi.yaml": "packages:\n  a: {projects: [alpha]}\n", "projects/alpha.yaml": "id: alpha\n"}
    with pytest.raises(PoliciesInvalidError) as caught:
        policies(tmp_path, **changes)
    assert {p.path for p in caught.value.problems} == {"projects/alpha.yaml"}


def test_edit_takes_effect_a_bad_one_does_not_and_a_list_taken_away_allows_nothing(tmp_path: Path) -> None:
    folder = PackageFolder(tmp_path)
    assert folder.current() == {}
    write(tmp_path, LIST)
    assert set(folder.current()) == {"seaborn"}
    write(tmp_path, "packages: [\n")
    assert set(folder.current()) == {"seaborn"}
    (tmp_path / "packages/pypi.yaml").unlink()
    assert folder.current() == {}


def test_invalid_list_is_no_start(tmp_path: Path) -> None:
    write(tmp_path, "packages: 1\n")
    with pytest.raises(PoliciesInvalidError):
        PackageFolder(tmp_path)


@pytest.mark.parametrize("text", [LIST, "packages: {}\n", "# none yet\npackages: {}\n", None])
def test_package_is_added_at_the_end(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        write(tmp_path, text)
    former = read_packages(tmp_path)
    allow_package(tmp_path, "tableone", Package(versions="<1", projects=("alpha",), why="asked: it's #1"))
    allow_package(tmp_path, "plain", Package())
    assert set(read_packages(tmp_path)) == {*former, "tableone", "plain"}
    assert read_packages(tmp_path)["tableone"].why == "asked: it's #1"
    if text:
        assert (tmp_path / "packages/pypi.yaml").read_text().startswith(text.split("packages")[0])
    with pytest.raises(NotAddedError, match="in the list already"):
        allow_package(tmp_path, "plain", Package())


def test_list_written_in_another_way_is_left_alone(tmp_path: Path) -> None:
    file = write(tmp_path, "{packages: {seaborn: {}}}\n")
    with pytest.raises(NotAddedError, match=r"write there:\n  plain: \{\}"):
        allow_package(tmp_path, "plain", Package())
    assert file.read_text() == "{packages: {seaborn: {}}}\n"


def test_requests_are_read_without_links_and_nonsense(tmp_path: Path) -> None:
    (tmp_path / "alpha").mkdir()
    for hour, name in enumerate(("evil", "other")):
        request = PackageRequest(project="alpha", name=name, first=NOW, last=NOW.replace(hour=hour))
        (tmp_path / f"alpha/{name}.json").write_text(request.model_dump_json())
    (tmp_path / "alpha/bad.json").write_text("{}")
    (tmp_path / "alpha/long.json").write_text("{" * 10_000)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "evil.json").write_text("kept")
    (tmp_path / "beta").symlink_to(outside)
    (tmp_path / "alpha/link.json").symlink_to(outside / "evil.json")
    assert [r.name for r in read_requests(tmp_path)] == ["other", "evil"]
    outside.rename(tmp_path.parent / "elsewhere")
    (tmp_path / "beta").unlink()
    (tmp_path / "beta").symlink_to(tmp_path.parent / "elsewhere")
    assert remove_requests(tmp_path, "evil") == 1
    assert (tmp_path.parent / "elsewhere/evil.json").read_text() == "kept"
    assert [r.name for r in read_requests(tmp_path)] == ["other"]
