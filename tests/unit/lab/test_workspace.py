import os
from pathlib import Path

import pytest

from ecluse_lab.errors import RefusedError


def refused(workspace, path, **options):
    with pytest.raises(RefusedError) as error:
        workspace.open(path, **options)
    return error.value


def test_files_of_home_and_project_are_opened(workspace):
    (Path(workspace.home) / "a.csv").write_text("one")
    (Path(workspace.project) / "b.csv").write_text("three")
    for path, size in (("a.csv", 3), ("project/b.csv", 5)):
        file, said = workspace.open(path)
        with file:
            assert (len(file.read()), said) == (size, size)


def test_files_of_the_extract_are_refused(workspace):
    (Path(workspace.data) / "STUDY.parquet").write_text("x")
    error = refused(workspace, "data/STUDY.parquet")
    assert (error.status, error.reason) == (403, "bad-path")
    assert "extract" in error.message


def test_a_link_out_is_refused(workspace, tmp_path):
    (tmp_path / "secret").write_text("x")
    (Path(workspace.home) / "innocent.txt").symlink_to(tmp_path / "secret")
    assert refused(workspace, "innocent.txt").status == 403


def test_a_link_from_home_into_the_project_is_fine(workspace):
    (Path(workspace.project) / "b.csv").write_text("x")
    (Path(workspace.home) / "b.csv").symlink_to(Path(workspace.project) / "b.csv")
    workspace.open("b.csv")[0].close()


def test_a_folder_that_only_begins_like_the_project_is_refused(workspace, tmp_path):
    (tmp_path / "project-of-others" / "x.csv").write_text("x")
    (Path(workspace.home) / "others").symlink_to(tmp_path / "project-of-others")
    assert refused(workspace, "others/x.csv").status == 403
    assert refused(workspace, f"{tmp_path}/project-of-others/x.csv").status == 403


def test_an_extract_inside_a_root_stays_refused(workspace):
    workspace.data = f"{workspace.home}/in/here"
    Path(workspace.data).mkdir(parents=True)
    (Path(workspace.data) / "x").write_text("x")
    assert refused(workspace, "in/here/x").status == 403


def test_folders_and_pipes_are_refused_at_once(workspace):
    os.mkfifo(Path(workspace.home) / "pipe")
    (Path(workspace.home) / "folder").mkdir()
    assert "not a file" in refused(workspace, "pipe").message
    assert "not a file" in refused(workspace, "folder").message


def test_a_missing_file_is_unknown(workspace):
    assert refused(workspace, "nothing.csv").reason == "unknown-file"
    assert refused(workspace, "a\0b").reason == "unknown-file"


def test_a_file_over_the_limit_is_refused(workspace):
    (Path(workspace.home) / "a").write_bytes(b"12345")
    workspace.open("a", limit=5)[0].close()
    error = refused(workspace, "a", limit=4)
    assert (error.status, error.reason) == (413, "file-too-large")
    assert "5 bytes" in error.message


def test_refusals_leave_no_file_open(workspace):
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        refused(workspace, "data")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_links_appear_in_the_home_once(workspace):
    workspace.make_links()
    assert (Path(workspace.home) / "project").resolve() == Path(workspace.project)
    assert (Path(workspace.home) / "data").resolve() == Path(workspace.data)


def test_a_file_of_that_name_is_left_alone(workspace):
    link = Path(workspace.home) / "project"
    link.unlink()
    link.write_text("mine")
    workspace.make_links()
    assert link.read_text() == "mine"


def test_a_home_that_cannot_be_written_is_no_failure(workspace):
    workspace.home = "/proc/self"
    workspace.make_links()
