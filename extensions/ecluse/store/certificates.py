"""Certificates: authorities of one's own, for trials and for the services inside, and a look at those that are brought.

Worked example: `make_authority("ecluse")` gives a certificate that an administrator adds to the browsers of a trial;
`make_certificate(authority, "enclave.example", now)` gives the edge's own. In production both come from elsewhere, and
`check_certificate` says before the start what browsers would say after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

AUTHORITY_DAYS = 3650
CERTIFICATE_DAYS = 397
"""Browsers refuse more than 398 days."""

SLACK = timedelta(minutes=5)
"""Clocks differ: a certificate of this second would not be valid yet for a browser that is a little behind."""

SHA256 = hashes.SHA256()


class CertificateError(Exception):
    """A certificate can't be used. Says why, and how to mend it."""


@dataclass(frozen=True)
class Pair:
    """A certificate (PEM, with its chain) and its private key (PEM, PKCS 8)."""

    certificate: bytes
    key: bytes


def make_authority(name: str, now: datetime, what: str = "trial authority") -> Pair:
    """A certificate authority that signs for one enclave and nothing below it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} {what}")])
    made = (
        _builder(subject, subject, key.public_key(), now, timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(sign=True), critical=True)
        .sign(key, SHA256)
    )
    return Pair(_pem(made), _key_pem(key))


def make_certificate(
    authority: Pair,
    host: str,
    now: datetime,
    *others: str,
    life: timedelta = timedelta(days=CERTIFICATE_DAYS),
    calls: bool = False,
) -> Pair:
    """A certificate for a host name or an address, and for others, signed by the authority.

    With `calls` its holder can also show it to a server that asks for one.
    """
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, *([ExtendedKeyUsageOID.CLIENT_AUTH] if calls else [])]
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    signer = _load_key(authority.key)
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        _builder(x509.Name([]), issuer.subject, key.public_key(), now, life)
        .add_extension(x509.SubjectAlternativeName([_name(h) for h in (host, *others)]), critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(sign=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(_public(issuer)), critical=False)
        .sign(signer, SHA256)
    )
    return Pair(_pem(made), _key_pem(key))


def check_certificate(pair: Pair, host: str, now: datetime) -> datetime:
    """The end of a certificate's time, if the edge can serve `host` with it now.

    Raises:
        CertificateError: unreadable, for another name, not yet or no longer valid, or not the key's.
    """
    try:
        chain = x509.load_pem_x509_certificates(pair.certificate)
        key = _load_key(pair.key)
    except (ValueError, TypeError):
        raise CertificateError("the certificate or its key is no PEM, or the key has a password") from None
    leaf = chain[0]
    if leaf.public_key() != key.public_key():
        raise CertificateError("the key is not the certificate's; the first certificate of the file is the edge's own")
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        raise CertificateError(
            f"the certificate is valid from {leaf.not_valid_before_utc:%Y-%m-%d} to "
            f"{leaf.not_valid_after_utc:%Y-%m-%d}, and today is {now:%Y-%m-%d}; bring a new one"
        )
    names = _names(leaf)
    if not any(_covers(name, host) for name in names):
        raise CertificateError(f"the certificate is for {', '.join(names) or 'no name'}, not for {host}")
    return leaf.not_valid_after_utc


def signed_by(pair: Pair, authority: bytes, host: str, now: datetime) -> bool:
    """Whether a browser that trusts the authority (PEM) would take the certificate for `host`, as RFC 5280 has it."""
    chain = x509.load_pem_x509_certificates(pair.certificate)
    verifier = PolicyBuilder().store(Store(x509.load_pem_x509_certificates(authority))).time(now)
    try:
        verifier.build_server_verifier(_name(host)).verify(chain[0], chain[1:])
    except VerificationError:
        return False
    return True


def end_of(certificate: bytes) -> datetime:
    """When a certificate (PEM) ends."""
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc


def is_due(certificate: bytes, now: datetime) -> bool:
    """Whether less than a third of a certificate's life (PEM) is left."""
    found = x509.load_pem_x509_certificate(certificate)
    begin, end = found.not_valid_before_utc, found.not_valid_after_utc
    return (end - now) * 3 < end - begin


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SLACK)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign,
        crl_sign=sign,
        encipher_only=False,
        decipher_only=False,
    )


def _name(host: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _names(leaf: x509.Certificate) -> Sequence[str]:
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in found]


def _covers(name: str, host: str) -> bool:
    if name.startswith("*."):
        return host.partition(".")[2].lower() == name[2:].lower()
    return host.lower() == name.lower()


def _load_key(pem: bytes) -> CertificateIssuerPrivateKeyTypes:
    key: CertificateIssuerPrivateKeyTypes = serialization.load_pem_private_key(pem, None)  # type: ignore[assignment]
    return key


def _public(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise CertificateError("the authority's key is not on a curve; make the authority again")
    return key


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
