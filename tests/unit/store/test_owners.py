"""Files of a data root move to the numbers of another map of users, whole, and never through a link."""

import os
from pathlib import Path

import pytest

from ecluse.rules.users import UserMap
from ecluse.store.owners import CHECKER, CONTROL, FETCHER, MIRROR, READERS, Owners, move_owners, prepared_for

AS_INSIDE, MAPPED = UserMap(), UserMap(200_000, 300_000)
pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
FILES = {
    "control/ecluse.sqlite": (CONTROL, CONTROL, 0o660),
    "spool/results/1.json": (CHECKER, CONTROL, 0o640),
    "packages/six/six.whl": (FETCHER, MIRROR, 0o440),
    "papers/a/inside.key": (10003, READERS, 0o440),
    "index/alpha.idx": (0, CONTROL, 0o640),
    "sources/claims.parquet": (0, 0, 0o600),
    "notes": (1234, 1234, 0o600),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root of an engine without user namespaces."""
    made = tmp_path / "root"
    for name, (user, group, mode) in FILES.items():
        file = made / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
        os.chown(file, user, group)
        file.chmod(mode)
    os.chown(made / "control", CONTROL, CONTROL)
    os.chown(made / "spool/results", CHECKER, CONTROL)
    (made / "spool/results").chmod(0o2770)
    return made


def seen(root: Path) -> dict[str, tuple[int, int, int]]:
    found = {name: (root / name).stat() for name in FILES}
    return {name: (s.st_uid, s.st_gid, s.st_mode & 0o7777) for name, s in found.items()}


def test_services_files_move_and_everybody_elses_stay(root: Path) -> None:
    assert prepared_for(root) == AS_INSIDE
    assert move_owners(root, AS_INSIDE, MAPPED) == 7  # five of the files, and two folders
    assert prepared_for(root) == MAPPED
    moved = {n: (MAPPED.user(u), MAPPED.group(g), mode) for n, (u, g, mode) in FILES.items()}
    assert seen(root) == {**moved, "notes": FILES["notes"]}
    assert (root / "spool/results").stat().st_mode & 0o7777 == 0o2770
    assert all((root / name).read_text() == name for name in FILES)


def test_what_moved_moves_back(root: Path) -> None:
    move_owners(root, AS_INSIDE, MAPPED)
    move_owners(root, MAPPED, AS_INSIDE)
    assert (prepared_for(root), seen(root)) == (AS_INSIDE, FILES)


def test_a_move_that_was_cut_off_is_finished(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.chown, []

    def cut(*arguments: object, **more: object) -> None:
        calls.append(arguments)
        if len(calls) > 3:
            raise OSError
        real(*arguments, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(os, "chown", cut)
        with pytest.raises(OSError):
            move_owners(root, AS_INSIDE, MAPPED)
    assert prepared_for(root) == AS_INSIDE
    assert move_owners(root, AS_INSIDE, MAPPED) == 4
    assert prepared_for(root) == MAPPED


def test_a_link_that_a_service_left_leads_nowhere(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("of the machine's own")
    for path in (outside, outside / "file"):
        os.chown(path, CHECKER, CONTROL)
    (root / "spool/results/link").symlink_to(outside)
    (root / "spool/results/file").symlink_to(outside / "file")
    move_owners(root, AS_INSIDE, MAPPED)
    assert {(p.stat().st_uid, p.stat().st_gid) for p in (outside, outside / "file")} == {(CHECKER, CONTROL)}


def test_a_new_root_and_a_foreign_one_are_prepared_for_nothing(root: Path, tmp_path: Path) -> None:
    assert prepared_for(tmp_path / "new") is None
    os.chown(root / "control", 0, 0)
    assert prepared_for(root) is None


def test_private_file_belongs_to_the_mapped_service(tmp_path: Path) -> None:
    Owners(MAPPED).write(tmp_path / "key", b"k", CONTROL)
    found = (tmp_path / "key").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (210001, 310001, 0o400)
