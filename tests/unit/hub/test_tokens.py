"""ID tokens that are not what they should be prove nothing."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ecluse.hub.tokens import TokenError, key_id, nonce_of, pick_key, read_claims, verify_id_token
from ecluse.rules.people import Provider

ISSUER, CLIENT = "https://idp.example", "ecluse"
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())


def jwk(key: Any, **more: Any) -> dict[str, Any]:
    algorithm = jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    return {**algorithm.to_jwk(key.public_key(), as_dict=True), "use": "sig", "kid": "1", **more}


PUBLIC = jwk(KEY)


def claims(**change: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {"iss": ISSUER, "sub": "a-1", "aud": CLIENT, "exp": now + 60, "iat": now, "nonce": "n", "amr": ["otp"]}
    return {k: v for k, v in {**made, **change}.items() if v is not ...}


def token(key: Any = KEY, algorithm: str = "ES256", **change: Any) -> str:
    return jwt.encode(claims(**change), key, algorithm=algorithm, headers={"kid": "1"})


def verified(text: str, key: dict[str, Any] = PUBLIC, nonce: str | None = "n") -> dict[str, Any]:
    return verify_id_token(text, key, issuer=ISSUER, client_id=CLIENT, nonce=nonce)


def test_token_as_it_should_be_gives_its_claims() -> None:
    assert verified(token())["sub"] == "a-1"
    assert verified(token(aud=[CLIENT, "b"], azp=CLIENT))["sub"] == "a-1"
    assert verified(token(nonce=...), nonce=None)["sub"] == "a-1"
    assert verified(token(exp=int(time.time()) - 10))["sub"] == "a-1", "clocks differ by seconds"


def unsigned() -> str:
    return jwt.encode(claims(), None, algorithm="none", headers={"kid": "1"})


def signed_with_the_public_key() -> str:
    # The old trick: what is public is used as the secret of an HMAC.
    return jwt.encode(claims(), str(PUBLIC["x"]) * 2, algorithm="HS256", headers={"kid": "1"})


def changed_after_signing() -> str:
    head, _, signature = token().split(".")
    return ".".join([head, token(sub="m-1").split(".")[1], signature])


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda: token(OTHER), "InvalidSignatureError"),
        (changed_after_signing, "InvalidSignatureError"),
        (unsigned, "InvalidAlgorithmError"),
        (signed_with_the_public_key, "InvalidAlgorithmError"),
        (lambda: token(iss="https://other.example"), "InvalidIssuerError"),
        (lambda: token(iss=ISSUER + "/"), "InvalidIssuerError"),
        (lambda: token(aud="another"), "InvalidAudienceError"),
        (lambda: token(aud=[CLIENT, "b"]), "azp"),
        (lambda: token(azp="another"), "azp"),
        (lambda: token(exp=int(time.time()) - 60), "ExpiredSignatureError"),
        (lambda: token(iat=int(time.time()) + 600), "ImmatureSignatureError"),
        (lambda: token(exp=...), "MissingRequiredClaimError"),
        (lambda: token(sub=...), "MissingRequiredClaimError"),
        (lambda: token(nonce="another"), "nonce"),
        (lambda: token(nonce=...), "nonce"),
        (lambda: "not.a.token", "DecodeError"),
    ],
)
def test_what_is_wrong_with_a_token_is_found(made: Callable[[], str], why: str) -> None:
    with pytest.raises(TokenError, match=why):
        verified(made())


def test_key_of_another_use_or_kind_is_never_taken() -> None:
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "1"}
    assert pick_key({"keys": [secret, jwk(OTHER, use="enc"), "x", PUBLIC]}, "1") == PUBLIC
    assert pick_key({"keys": [PUBLIC]}, "2") is None
    assert pick_key({"keys": [PUBLIC]}, None) == PUBLIC
    assert pick_key({"keys": [PUBLIC, jwk(OTHER, kid="2")]}, None) is None
    assert pick_key({"keys": "x"}, None) is None
    assert key_id(token()) == "1"
    with pytest.raises(TokenError):
        key_id("x")


def test_a_key_that_names_its_algorithm_signs_with_no_other() -> None:
    key = rsa.generate_private_key(65537, 2048)
    assert verified(token(key, "PS256"), jwk(key))
    with pytest.raises(TokenError, match="InvalidAlgorithmError"):
        verified(token(key, "RS256"), jwk(key, alg="PS256"))
    with pytest.raises(TokenError, match="InvalidAlgorithmError"):
        verified(token(), jwk(key))


def test_nonce_belongs_to_its_verifier_and_does_not_tell_it() -> None:
    assert nonce_of("v") == nonce_of("v") != nonce_of("w")
    assert len(nonce_of("v")) == 43


@pytest.mark.parametrize(
    ("given", "amr", "acr", "groups"),
    [
        ({"amr": ["pwd", "otp"], "acr": "2", "groups": ["a"]}, {"pwd", "otp"}, "2", {"a"}),
        ({"amr": "otp", "acr": ["2"], "groups": "a"}, {"otp"}, "", {"a"}),
        ({"amr": [1], "acr": 2, "groups": 3}, set(), "", None),
        ({}, set(), "", None),
    ],
)
def test_claims_of_another_shape_count_as_not_there(given: Any, amr: Any, acr: str, groups: Any) -> None:
    provider = Provider.model_validate(
        {"issuer": ISSUER, "client_id": CLIENT, "second_factor": {"amr": ["otp"]}, "groups": {"roles": {"a": []}}}
    )
    found = read_claims(provider, {"iss": ISSUER, "sub": "a-1", **given}, {})
    assert (found.amr, found.acr, found.groups) == (amr, acr, groups)


def test_how_a_person_signed_in_is_told_by_the_token_alone_and_groups_are_those_of_now() -> None:
    provider = Provider.model_validate(
        {"issuer": ISSUER, "client_id": CLIENT, "second_factor": {"amr": ["otp"]}, "groups": {"roles": {"a": []}}}
    )
    token_says = {"iss": ISSUER, "sub": "a-1", "amr": ["pwd"], "groups": ["then"]}
    found = read_claims(provider, token_says, {"amr": ["otp"], "acr": "2", "groups": ["now"]})
    assert (found.amr, found.acr, found.groups) == ({"pwd"}, "", {"now"})
