import os
import stat

import pytest

from ecluse.rules.canonical import sha256
from ecluse.steps.ports import TamperedError, TooLargeError, keep_bytes
from ecluse.store.blobs import FileBlobs

DATA = b"group,n\na,120\n"
NAME = sha256(DATA)


@pytest.fixture
def blobs(tmp_path):
    return FileBlobs(tmp_path)


def files(folder):
    return [p for p in folder.rglob("*") if p.is_file()]


def test_bytes_lie_under_their_hash_readable_by_the_group_and_writable_by_nobody(blobs, tmp_path):
    assert keep_bytes(blobs, [DATA[:5], DATA[5:]], 100) == (NAME, len(DATA))
    path = tmp_path / NAME[:2] / NAME
    assert path.read_bytes() == DATA
    assert stat.S_IMODE(path.stat().st_mode) == 0o440
    assert blobs.read(NAME) == DATA
    assert files(tmp_path) == [path]


def test_the_same_bytes_are_kept_once(blobs, tmp_path):
    keep_bytes(blobs, [DATA], 100)
    first = (tmp_path / NAME[:2] / NAME).stat().st_ino
    assert keep_bytes(blobs, [DATA], 100) == (NAME, len(DATA))
    assert (tmp_path / NAME[:2] / NAME).stat().st_ino == first


def test_an_empty_file_is_a_file(blobs):
    name, size = keep_bytes(blobs, [], 0)
    assert (blobs.read(name), size) == (b"", 0)


def test_what_is_not_kept_is_gone(blobs, tmp_path):
    with blobs.incoming(100) as incoming:
        incoming.write(DATA)
    assert files(tmp_path) == []


def test_one_byte_too_many_is_refused_and_nothing_stays(blobs, tmp_path):
    with pytest.raises(TooLargeError):
        keep_bytes(blobs, [DATA], len(DATA) - 1)
    assert files(tmp_path) == []


def test_changed_bytes_are_noticed_on_every_reading(blobs, tmp_path):
    keep_bytes(blobs, [DATA], 100)
    path = tmp_path / NAME[:2] / NAME
    path.chmod(0o640)
    path.write_bytes(DATA.replace(b"120", b"121"))
    for _ in range(2):
        with pytest.raises(TamperedError, match="not those of its name"):
            blobs.read(NAME)


def test_changed_bytes_are_noticed_when_the_right_ones_come_again(blobs, tmp_path):
    keep_bytes(blobs, [DATA], 100)
    path = tmp_path / NAME[:2] / NAME
    path.chmod(0o640)
    path.write_bytes(b"")
    with pytest.raises(TamperedError):
        keep_bytes(blobs, [DATA], 100)


def test_missing_files_and_links_are_noticed(blobs, tmp_path):
    with pytest.raises(TamperedError, match="No such file"):
        blobs.read(NAME)
    (tmp_path / "real").write_bytes(DATA)
    (tmp_path / NAME[:2]).mkdir()
    (tmp_path / NAME[:2] / NAME).symlink_to(tmp_path / "real")
    with pytest.raises(TamperedError):
        blobs.read(NAME)
    with pytest.raises(TamperedError):
        keep_bytes(blobs, [DATA], 100)


def test_a_pipe_under_a_hash_does_not_hang_the_reader(blobs, tmp_path):
    (tmp_path / NAME[:2]).mkdir()
    os.mkfifo(tmp_path / NAME[:2] / NAME)
    with pytest.raises(TamperedError):
        blobs.read(NAME)


@pytest.mark.parametrize("name", ["", "../" * 5, NAME.upper(), NAME + "\n", NAME[:63], "é" * 64])
def test_only_hashes_become_paths(blobs, name):
    with pytest.raises(ValueError, match="not a hash"):
        blobs.read(name)


def test_what_a_crash_left_is_removed_at_the_start(tmp_path):
    FileBlobs(tmp_path)
    (tmp_path / "incoming" / "left").write_bytes(b"half")
    FileBlobs(tmp_path)
    assert files(tmp_path) == []
