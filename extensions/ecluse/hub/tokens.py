"""ID tokens of a provider: signature, issuer, audience, time and nonce, as OpenID Connect Core 3.1.3.7 asks.

That the token came straight from the provider over TLS would be enough for the specification. It is verified all the
same: a wrong turn of the connection, or a token meant for another client, then opens nothing.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import jwt

from ecluse.rules.people import Provider
from ecluse.rules.sign_in import Claims

ALGORITHMS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}
"""Signatures by a private key, for each type of key. With HMAC the client's own secret would sign, and `none` is no
signature: neither is there."""

LEEWAY = 30
"""Seconds that two clocks may differ."""

NEEDED = ("iss", "sub", "aud", "exp", "iat")


class TokenError(Exception):
    """The token proves nothing. The message is for the log: it names the check, and quotes nothing of the token."""


class UnknownKeyError(TokenError):
    """The key that it names is not in the provider's set, or not yet."""


def key_id(token: str) -> str | None:
    """The key that a token says it is signed with.

    Raises:
        TokenError: it is no token.
    """
    try:
        found = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise TokenError(f"no token ({type(error).__name__})") from None
    return found if isinstance(found, str) else None


def pick_key(keys: Mapping[str, Any], wanted: str | None) -> Mapping[str, Any] | None:
    """The signing key of that id in a provider's key set (RFC 7517); the only one if the token names none."""
    listed = keys.get("keys")
    found = [
        k
        for k in (listed if isinstance(listed, list) else ())
        if isinstance(k, dict) and k.get("use", "sig") == "sig" and k.get("kty") in ALGORITHMS
    ]
    if wanted is None:
        return found[0] if len(found) == 1 else None
    return next((k for k in found if k.get("kid") == wanted), None)


def verify_id_token(
    token: str, key: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str | None = None
) -> dict[str, Any]:
    """The claims of a token that is what it should be.

    Args:
        token: compact serialisation.
        key: the provider's, as its key set has it.
        issuer: its address, letter by letter.
        client_id: ours; the only audience, or the party that the token is given to.
        nonce: what our own request carried; None for a token of a refresh, which need not have it.

    Raises:
        TokenError: with the check that failed.
    """
    allowed = [a for a in ALGORITHMS.get(key.get("kty", ""), ()) if key.get("alg", a) == a]
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(dict(key)).key,
            algorithms=allowed,
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": list(NEEDED)},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise TokenError(type(error).__name__) from None
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client_id) != client_id:
        raise TokenError("given to another party (azp)")
    if nonce is not None and claims.get("nonce") != nonce:
        raise TokenError("not the answer to this browser's request (nonce)")
    return claims


def nonce_of(verifier: str) -> str:
    """The nonce beside a PKCE verifier: both belong to one browser's one attempt, and the nonce tells nothing of it."""
    digest = hashlib.sha256(b"ecluse nonce " + verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def read_claims(provider: Provider, token: Mapping[str, Any], info: Mapping[str, Any]) -> Claims:
    """What the rules need of the claims of an ID token and of userinfo.

    Only the token tells how the person signed in; userinfo is of now, so its groups count before the token's. A claim
    of a shape that the specification does not have counts as not there.
    """
    acr, groups = token.get("acr"), None
    if provider.groups:
        name = provider.groups.claim
        groups = _words(info.get(name, token.get(name)))
    return Claims(
        issuer=str(token["iss"]),
        subject=str(token["sub"]),
        acr=acr if isinstance(acr, str) else "",
        amr=frozenset(_words(token.get("amr")) or ()),
        groups=None if groups is None else frozenset(groups),
    )


def _words(value: Any) -> list[str] | None:
    """A list of strings. One string alone is one word: some providers leave the list out for a single value."""
    if isinstance(value, str):
        return [value]
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else None
