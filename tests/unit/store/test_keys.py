import os
import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from ecluse.store.keys import SecretError, make_release_key, read_release_key, read_secret, signature_holds


@pytest.fixture
def key_file(tmp_path):
    private, public = make_release_key()
    path = tmp_path / "release.key"
    path.write_bytes(private)
    path.chmod(0o400)
    return path, public


def test_a_signature_holds_for_its_bytes_and_its_key_alone(key_file):
    path, public = key_file
    key = read_release_key(path)
    signature = key.sign(b"manifest")
    assert key.public_pem == public
    assert signature_holds(public, signature, b"manifest")
    assert not signature_holds(public, signature, b"manifest ")
    assert not signature_holds(public, signature[:-1], b"manifest")
    assert not signature_holds(make_release_key()[1], signature, b"manifest")
    assert not signature_holds(b"no key", signature, b"manifest")


def test_a_signature_by_another_kind_of_key_does_not_hold(key_file):
    rsa = generate_private_key(65537, 2048).public_key()
    pem = rsa.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert not signature_holds(pem, b"x" * 64, b"manifest")


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o420, 0o402, 0o410, 0o644, 0o777])
def test_a_secret_that_others_can_reach_is_refused(key_file, mode):
    path, _ = key_file
    path.chmod(mode)
    with pytest.raises(SecretError) as caught:
        read_release_key(path)
    assert f"{mode:04o}" in str(caught.value)
    assert f"chmod 0400 {path}" in str(caught.value)


@pytest.mark.parametrize("mode", [0o400, 0o600])
def test_a_secret_of_its_owner_is_read(tmp_path, mode):
    path = tmp_path / "secret"
    path.write_bytes(b"value\n")
    path.chmod(mode)
    assert read_secret(path) == b"value"


def test_missing_empty_linked_and_odd_secrets_are_refused(tmp_path):
    real = tmp_path / "real"
    real.write_bytes(b"value")
    real.chmod(0o400)
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "empty").touch(0o600)
    (tmp_path / "folder").mkdir(0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("missing", "link", "empty", "folder", "pipe"):
        with pytest.raises(SecretError, match=name):
            read_secret(tmp_path / name)


def test_what_is_no_release_key_is_refused_without_being_shown(tmp_path):
    path = tmp_path / "release.key"
    rsa = generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for content, said in ((b"very secret", "no private key"), (rsa, "another kind")):
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(SecretError, match=said) as caught:
            read_release_key(path)
        assert "very secret" not in str(caught.value)


def test_a_new_key_is_private(key_file):
    path, public = key_file
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert b"PRIVATE" in path.read_bytes()
    assert b"PRIVATE" not in public
