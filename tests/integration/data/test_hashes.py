"""The hash of a source: worked out once per version of the file, and never believed when something is not right."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from ecluse.data import hashes
from ecluse.data.footers import identity
from ecluse.data.hashes import Hashes
from ecluse.data.sources import Source

KEY = bytes(32)


def source(path: Path) -> Source:
    return Source("claims", "ACTS", path, 1, path.stat().st_size, identity(path.stat()))


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that counts as old enough, and whose hash was kept."""
    monkeypatch.setattr(hashes, "SETTLED", -(10**18))
    path = tmp_path / "ACTS.parquet"
    path.write_bytes(b"first")
    assert Hashes(KEY).of(source(path)).sha256 == hashlib.sha256(b"first").hexdigest()
    return path


def note(path: Path) -> Path:
    return path.parent / ".persons" / "ACTS.sha256"


def test_a_file_is_read_once_per_version(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(hashes.hashlib, "file_digest", None)
        assert Hashes(KEY).of(source(made)).sha256 == hashlib.sha256(b"first").hexdigest()
    made.write_bytes(b"later")
    assert Hashes(KEY).of(source(made)).sha256 == hashlib.sha256(b"later").hexdigest()


def other_digest(text: str) -> str:
    return text.replace(hashlib.sha256(b"first").hexdigest(), hashlib.sha256(b"other").hexdigest())


@pytest.mark.parametrize("change", [other_digest, lambda _: "", lambda t: t[:20], lambda t: t.replace("[[", "[[1")])
def test_what_was_tampered_with_is_not_believed(made: Path, change: Callable[[str], str]) -> None:
    changed = change(note(made).read_text())
    note(made).write_text(changed)
    assert Hashes(KEY).of(source(made)).sha256 == hashlib.sha256(b"first").hexdigest()
    assert note(made).read_text() != changed


def test_another_root_key_believes_nothing(made: Path) -> None:
    forged = Hashes(bytes(31) + b"\1")
    forged._keep(note(made), source(made), "0" * 64)
    assert Hashes(KEY).of(source(made)).sha256 == hashlib.sha256(b"first").hexdigest()


def test_a_note_vouches_for_no_other_table(made: Path) -> None:
    other = Source("claims", "DRUGS", made, 1, 5, identity(made.stat()))
    text = note(made).read_text()
    note(made).with_name("DRUGS.sha256").write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hashes.hashlib, "file_digest", lambda *_: hashlib.sha256(b"read"))
        assert Hashes(KEY).of(other).sha256 == hashlib.sha256(b"read").hexdigest()


def test_of_a_file_that_was_just_written_nothing_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "ACTS.parquet"
    path.write_bytes(b"first")
    Hashes(KEY).of(source(path))
    assert not note(path).exists()


def test_where_nothing_can_be_written_it_is_worked_out_each_time(made: Path) -> None:
    note(made).unlink()
    note(made).parent.rmdir()
    note(made).parent.write_text("no folder\n")
    assert Hashes(KEY).of(source(made)).sha256 == hashlib.sha256(b"first").hexdigest()
