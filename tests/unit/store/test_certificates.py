"""The edge's certificates: what a browser would take, and what it would not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ecluse.store.certificates import (
    CertificateError,
    Pair,
    check_certificate,
    make_authority,
    make_certificate,
    signed_by,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
AUTHORITY = make_authority("trial", NOW)
PAIR = make_certificate(AUTHORITY, "enclave.example", NOW)


@pytest.mark.parametrize("host", ["enclave.example", "10.0.0.1", "localhost"])
def test_browser_that_trusts_the_authority_takes_the_certificate(host: str) -> None:
    made = make_certificate(AUTHORITY, host, NOW)
    assert signed_by(made, AUTHORITY.certificate, host, NOW)
    assert check_certificate(made, host, NOW) < NOW + timedelta(days=398)


def test_another_authority_another_name_or_another_time_is_not_taken() -> None:
    other = make_authority("trial", NOW)
    assert not signed_by(PAIR, other.certificate, "enclave.example", NOW)
    assert not signed_by(PAIR, AUTHORITY.certificate, "other.example", NOW)
    assert not signed_by(PAIR, AUTHORITY.certificate, "enclave.example", NOW + timedelta(days=400))


def test_authority_signs_for_no_authority_below_it() -> None:
    """A stolen key of the edge must not sign for another host."""
    rogue = make_certificate(PAIR, "other.example", NOW)
    chained = replace(rogue, certificate=rogue.certificate + PAIR.certificate)
    assert not signed_by(chained, AUTHORITY.certificate, "other.example", NOW)


@pytest.mark.parametrize(
    ("pair", "host", "now", "said"),
    [
        (PAIR, "other.example", NOW, "not for other.example"),
        (PAIR, "enclave.example", NOW + timedelta(days=400), "bring a new one"),
        (PAIR, "enclave.example", NOW - timedelta(days=1), "valid from"),
        (replace(PAIR, key=AUTHORITY.key), "enclave.example", NOW, "not the certificate's"),
        (Pair(b"x", PAIR.key), "enclave.example", NOW, "no PEM"),
        (Pair(PAIR.certificate, b"x"), "enclave.example", NOW, "no PEM"),
    ],
)
def test_certificate_that_browsers_would_refuse_is_refused_first(
    pair: Pair, host: str, now: datetime, said: str
) -> None:
    with pytest.raises(CertificateError, match=said):
        check_certificate(pair, host, now)


def test_star_covers_one_level() -> None:
    star = make_certificate(AUTHORITY, "*.enclave.example", NOW)
    check_certificate(star, "ada.enclave.example", NOW)
    for host in ("enclave.example", "a.b.enclave.example"):
        with pytest.raises(CertificateError):
            check_certificate(star, host, NOW)
