import json
import stat
from pathlib import Path

import pytest

from ecluse.rules.policy import OutputRules
from ecluse.steps.ports import BadAnswerError, Job, JobFile
from ecluse.store.spool import FolderSpool


@pytest.fixture
def spool(tmp_path):
    return FolderSpool(tmp_path)


def job(name):
    return Job(
        job=name, project="alpha", files=(JobFile(path="é.csv", sha256="a" * 64),), seconds=9, rules=OutputRules()
    )


def answer(tmp_path, name, rebuilt=b"rebuilt"):
    folder = tmp_path / "results" / name
    (folder / "rebuilt").mkdir(parents=True)
    (folder / "report.json").write_bytes(b"{}")
    (folder / "rebuilt" / ("b" * 64)).write_bytes(rebuilt)
    return folder


def test_a_job_appears_whole_and_readable_by_the_checker(spool, tmp_path):
    name = spool.new_id()
    spool.put(job(name))
    (file,) = (tmp_path / "jobs").iterdir()
    assert file.name == f"{name}.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert Job.model_validate(json.loads(file.read_bytes())) == job(name)


def test_ids_are_not_guessed(spool):
    assert len({spool.new_id() for _ in range(100)}) == 100


def test_an_answer_is_there_or_not(spool, tmp_path):
    name = spool.new_id()
    assert spool.take(name, 100) is None
    answer(tmp_path, name)
    found = spool.take(name, 100)
    assert found.report == b"{}"
    assert found.rebuilt("b" * 64) == b"rebuilt"


@pytest.mark.parametrize("name", ["../../etc/passwd", "B" * 64, "c" * 64, ""])
def test_only_hashes_that_came_are_read(spool, tmp_path, name):
    job_id = spool.new_id()
    answer(tmp_path, job_id)
    with pytest.raises(BadAnswerError):
        spool.take(job_id, 100).rebuilt(name)


def test_no_file_is_longer_than_asked_for(spool, tmp_path):
    name = spool.new_id()
    answer(tmp_path, name, b"x" * 101)
    with pytest.raises(BadAnswerError, match="more than 100 bytes"):
        spool.take(name, 100).rebuilt("b" * 64)


def test_a_report_longer_than_any_is_not_read(spool, tmp_path, monkeypatch):
    monkeypatch.setattr("ecluse.store.spool.MAX_REPORT", 1)
    name = spool.new_id()
    answer(tmp_path, name)
    with pytest.raises(BadAnswerError, match="more than 1 bytes"):
        spool.take(name, 100)


def test_a_dropped_job_is_gone_with_its_answer(spool, tmp_path):
    name = spool.new_id()
    spool.put(job(name))
    answer(tmp_path, name)
    spool.drop(name)
    spool.drop(name)
    assert spool.take(name, 100) is None
    assert list((tmp_path / "jobs").iterdir()) == []


def test_dropping_a_link_leaves_what_it_leads_to(spool, tmp_path):
    name = spool.new_id()
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").touch()
    (tmp_path / "results" / name).symlink_to(tmp_path / "kept")
    spool.drop(name)
    assert (tmp_path / "kept/file").exists()
    with pytest.raises(BadAnswerError):
        spool.take(name, 100)


@pytest.mark.parametrize("name", ["", "..", "A" * 32, "0" * 31, "0" * 32 + "\n", "0/" * 16])
def test_only_ids_of_jobs_become_paths(spool, name):
    for call in (lambda: spool.take(name, 1), lambda: spool.drop(name), lambda: spool.put(job(name))):
        with pytest.raises(ValueError, match="not a job's id"):
            call()


def test_no_descriptor_stays_open(spool, tmp_path):
    name = spool.new_id()
    answer(tmp_path, name)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        spool.take(name, 100).rebuilt("b" * 64)
        with pytest.raises(BadAnswerError):
            spool.take(name, 1).rebuilt("b" * 64)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
