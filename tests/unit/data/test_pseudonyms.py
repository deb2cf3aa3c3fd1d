"""Pseudonyms: known answers, one per project and kind, keys that nobody else may read."""

import base64
import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.data.pseudonyms import KeysError, ProjectKeys, load_keys, pseudonym, pseudonyms, rotate, shift

ROOT = bytes(range(32))


def expand(root: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 by RFC 5869 written out, one block, no salt: independent of the library in use."""
    extracted = hmac.new(b"\0" * 32, root, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\1", hashlib.sha256).digest()


def write_key(folder: Path, value: bytes = ROOT, mode: int = 0o400) -> Path:
    path = folder / "pseudonyms.key"
    path.write_bytes(value)
    path.chmod(mode)
    return folder


def test_keys_and_pseudonyms_are_the_known_answers() -> None:
    keys = ProjectKeys("bacthub", 1, ROOT)
    by_hand = expand(ROOT, b"ecluse/pseudonym/1\0bacthub\0001\0nir")
    assert keys.key("nir") == by_hand
    digest = hmac.new(by_hand, b"NC4C89066BF03BCE8", hashlib.sha256).digest()
    assert pseudonym(keys.key("nir"), "NC4C89066BF03BCE8") == base64.b32encode(digest[:16]).decode()[:26].lower()


def test_vectors_do_not_change() -> None:
    keys = ProjectKeys("bacthub", 1, ROOT)
    assert keys.key("nir").hex() == VECTORS["key"]
    assert pseudonym(keys.key("nir"), "A") == VECTORS["A"]
    assert pseudonym(keys.key("nir"), "é") == VECTORS["é"]
    assert shift(keys.key("shift:nir"), "A") == VECTORS["shift"]


VECTORS = {
    "key": "e6639ba8b771a57382a3f912862b63c959ff354b6a97494b91d1cf5700e23915",
    "A": "gqrfs2s7ca4irjulw6bqnl54pm",
    "é": "xcqxxhiyoqn65jraidz73uqoty",
    "shift": -29,
}


def test_projects_kinds_and_epochs_share_no_key() -> None:
    made = {
        ProjectKeys(project, epoch, ROOT).key(kind)
        for project in ("alpha", "beta")
        for epoch in (1, 2)
        for kind in ("nir", "stay")
    }
    assert len(made) == 8


def test_names_that_run_together_make_different_keys() -> None:
    assert ProjectKeys("a1", 1, ROOT).key("nir") != ProjectKeys("a", 11, ROOT).key("nir")


def test_shift_is_never_zero_and_stays_within_half_a_year() -> None:
    key = ProjectKeys("alpha", 1, ROOT).key("shift:nir")
    days = [shift(key, str(n)) for n in range(5000)]
    assert min(days) == -182
    assert max(days) == 182
    assert 0 not in days


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o600, 0o444, 0o401, 0o640])
def test_a_key_that_others_could_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(KeysError, match="chmod 0400"):
        load_keys(write_key(tmp_path, mode=mode), "alpha")


@pytest.mark.parametrize("value", [b"", b"short", bytes(33)])
def test_a_key_of_another_size_is_refused(tmp_path: Path, value: bytes) -> None:
    with pytest.raises(KeysError, match="32 bytes"):
        load_keys(write_key(tmp_path, value), "alpha")


def test_a_missing_or_linked_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="can't be read"):
        load_keys(tmp_path, "alpha")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    write_key(elsewhere)
    (tmp_path / "pseudonyms.key").symlink_to(elsewhere / "pseudonyms.key")
    with pytest.raises(KeysError, match="can't be read"):
        load_keys(tmp_path, "alpha")


def test_rotation_changes_one_project_alone(tmp_path: Path) -> None:
    write_key(tmp_path)
    before = {p: load_keys(tmp_path, p).key("nir") for p in ("alpha", "beta")}
    assert rotate(tmp_path, "alpha") == 2
    assert load_keys(tmp_path, "alpha").key("nir") != before["alpha"]
    assert load_keys(tmp_path, "beta").key("nir") == before["beta"]


@pytest.mark.parametrize("text", ["[]", '{"alpha": 0}', '{"alpha": "2"}', "{"])
def test_damaged_epochs_are_refused(tmp_path: Path, text: str) -> None:
    write_key(tmp_path)
    (tmp_path / "epochs.json").write_text(text)
    with pytest.raises(KeysError, match="restore it"):
        load_keys(tmp_path, "alpha")


def test_keys_do_not_show_in_print() -> None:
    assert ROOT.hex()[:8] not in repr(ProjectKeys("alpha", 1, ROOT))
    assert str(ROOT) not in repr(ProjectKeys("alpha", 1, ROOT))


@given(st.lists(st.text(max_size=20), max_size=20))
def test_many_at_once_are_the_same_as_one_by_one(identities: list[str]) -> None:
    assert pseudonyms(ROOT, identities).to_pylist() == [pseudonym(ROOT, one) for one in identities]
