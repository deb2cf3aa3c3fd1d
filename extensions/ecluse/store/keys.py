"""Secrets in files, and the Ed25519 key that signs releases."""

import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .files import open_regular

_MAX_SECRET = 64 * 1024


class SecretError(Exception):
    """A secret can't be used. Says which file and how to mend it, never what is in it."""


def read_secret(path: Path) -> bytes:
    """The bytes of a secret's file, without space at its ends.

    Raises:
        SecretError: if it is missing, empty, a link, or readable by its group or by others.
    """
    try:
        descriptor = open_regular(path)
    except OSError as error:
        raise SecretError(f"{path} can't be read: {error.strerror}. Run the set-up again.") from None
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise SecretError(f"{path} is open to others (mode {stat.S_IMODE(mode):04o}). Run: chmod 0400 {path}")
        secret = file.read(_MAX_SECRET).strip()
    if not secret:
        raise SecretError(f"{path} is empty. Run the set-up again.")
    return secret


class ReleaseKey:
    """The key that signs releases; implements `steps.ports.Signer`."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, data: bytes) -> bytes:
        """The 64 raw bytes of the signature."""
        return self._key.sign(data)

    @property
    def public_pem(self) -> bytes:
        """The public half, as published in `public/release.pub`."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def read_release_key(path: Path) -> ReleaseKey:
    """The release key from its PEM file (PKCS 8, Ed25519).

    Raises:
        SecretError: as `read_secret`, or if it holds no such key.
    """
    try:
        key = serialization.load_pem_private_key(read_secret(path), password=None)
    except (ValueError, TypeError):
        raise SecretError(f"{path} holds no private key in PEM. Run the set-up again.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SecretError(f"{path} holds a key of another kind than Ed25519. Run the set-up again.")
    return ReleaseKey(key)


def make_release_key() -> tuple[bytes, bytes]:
    """A new release key in PEM: the private half, to be written with mode 0400, and the public half.

    It is made once: a new key would make all earlier releases unverifiable.
    """
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, ReleaseKey(key).public_pem


def signature_holds(public_pem: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the signature over the bytes is by that key. False as well if either is malformed."""
    try:
        key = serialization.load_pem_public_key(public_pem)
        if not isinstance(key, Ed25519PublicKey):
            return False
        key.verify(signature, data)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
