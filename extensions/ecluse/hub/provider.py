"""The way to an identity provider: addresses from its own discovery document, keys from its key set, answers judged.

An answer is one of three: it says something of the person, it refuses the person (`HTTPClientError`), or it is no
answer (`ProviderError`): silence, an error of ours or of the moment.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

import certifi
from oauthenticator.generic import GenericOAuthenticator
from tornado import web
from tornado.httpclient import HTTPClientError
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from traitlets import Unicode, default

from ecluse.rules.people import Provider

from .tokens import TokenError, UnknownKeyError, key_id, pick_key, verify_id_token

ANSWER_SECONDS = 10.0
METADATA_SECONDS = 600.0
KEYS_SECONDS = 60.0
"""How often at most keys are fetched anew because a token names one that is not known."""

LASTS_SECONDS = 60.0
"""How long an access token of which the provider does not say so is used."""

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
OURS = frozenset({"invalid_client", "unauthorized_client", "temporarily_unavailable", "server_error", "slow_down"})
"""Errors of a token endpoint (RFC 6749, 5.2) that say nothing of the person."""

NOT_OF_THE_PERSON = frozenset({408, 425, 429})
BASIC = "client_secret_basic"


class ProviderError(Exception):
    """The provider gives no usable answer. Nothing is known of anybody then."""


class ProviderClient(GenericOAuthenticator):  # type: ignore[misc]  # oauthenticator has no types
    """Speaks to one provider. `provider` says which."""

    door = Unicode(help="name of the relay that leads to the provider; empty: the provider itself").tag(config=True)
    authority = Unicode(help="file of certificates that prove the provider; empty: public authorities").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._found: tuple[Provider, Mapping[str, Any], float] | None = None
        self._keys: tuple[Mapping[str, Any], float] | None = None

    def provider(self) -> Provider:
        """The provider that is asked.

        Raises:
            ProviderError: there is none.
        """
        raise NotImplementedError

    @default("http_client")
    def _client(self) -> SimpleAsyncHTTPClient:
        host = self.provider().issuer.split("/")[2].partition(":")[0]
        mapping = {host: self.door} if self.door else None
        return SimpleAsyncHTTPClient(force_instance=True, max_clients=20, hostname_mapping=mapping)

    async def httpfetch(self, url: str, *args: Any, **kwargs: Any) -> Any:
        """Over TLS proven for the provider's own name, also where a relay stands between."""
        if not url.startswith("https://"):
            raise ProviderError(f"not https: {url}")
        settled = {
            "ca_certs": self.authority or certifi.where(),
            "follow_redirects": False,
            "connect_timeout": ANSWER_SECONDS,
            "request_timeout": ANSWER_SECONDS,
        }
        return await super().httpfetch(url, *args, **kwargs, **settled)

    async def ready(self) -> Provider:
        """The provider of the policies, its addresses known.

        Raises:
            ProviderError: it gives no discovery document that is its own (OpenID Connect Discovery 4.3).
        """
        provider = self.provider()
        if self._found and self._found[0] == provider and time.monotonic() - self._found[2] < METADATA_SECONDS:
            return provider
        url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = await self.answer(self.httpfetch(url, "reading the discovery document", method="GET"))
        if found.get("issuer") != provider.issuer:
            raise ProviderError("the discovery document is of another issuer")
        missing = [n for n in ENDPOINTS if not str(found.get(n, "")).startswith("https://")]
        if missing:
            raise ProviderError(f"the discovery document has no https address as {', '.join(missing)}")
        if self._found and self._found[0].issuer != provider.issuer:
            self._keys, self.http_client = None, self._client()
        self.authorize_url, self.token_url = found["authorization_endpoint"], found["token_endpoint"]
        self.userdata_url, self.client_id = found["userinfo_endpoint"], provider.client_id
        self.scope = list(provider.scopes)
        # RFC 6749, 2.3.1: every server knows this one; the form is for those that say so.
        self.basic_auth = BASIC in found.get("token_endpoint_auth_methods_supported", [BASIC])
        self._found = (provider, found, time.monotonic())
        return provider

    async def answer(self, asked: Any) -> dict[str, Any]:
        """A JSON object, or `ProviderError`. An answer that refuses the person comes through as `HTTPClientError`."""
        try:
            found = await asked
        except HTTPClientError as error:
            if _refuses(error):
                raise
            raise ProviderError(f"status {error.code}") from None
        except (OSError, ValueError, web.HTTPError) as error:
            raise ProviderError(type(error).__name__) from None
        if not isinstance(found, dict):
            raise ProviderError("the answer is no JSON object")
        return found

    async def _key(self, wanted: str | None) -> Mapping[str, Any]:
        """The key a token names. The set is read again for one that is not known, so that providers can change keys."""
        now = time.monotonic()
        found = pick_key(self._keys[0], wanted) if self._keys else None
        if found is None and (self._keys is None or now - self._keys[1] > KEYS_SECONDS):
            assert self._found is not None  # noqa: S101 - `ready` comes first
            url = self._found[1]["jwks_uri"]
            self._keys = (await self.answer(self.httpfetch(url, "reading the key set", method="GET")), now)
            found = pick_key(self._keys[0], wanted)
        if found is None:
            raise UnknownKeyError("signed with a key that the provider does not list")
        return found

    async def verified(self, tokens: Mapping[str, Any], nonce: str | None) -> dict[str, Any]:
        """The claims of the ID token in a token answer.

        Raises:
            TokenError: there is none, or it proves nothing.
        """
        provider, token = self.provider(), tokens.get("id_token")
        if not isinstance(token, str):
            raise TokenError("there is no ID token")
        key = await self._key(key_id(token))
        return verify_id_token(token, key, issuer=provider.issuer, client_id=provider.client_id, nonce=nonce)

    async def info(self, access: str, subject: str) -> dict[str, Any]:
        """Userinfo of the same person. For another it would be no answer at all (OpenID Connect Core, 5.3.2)."""
        found = await self.answer(self.token_to_user({"access_token": access, "token_type": "Bearer"}))
        if found.get("sub") != subject:
            raise TokenError("userinfo is of another subject")
        return found

    async def renewed(self, state: dict[str, Any]) -> dict[str, Any]:
        """The state with new tokens.

        Raises:
            HTTPClientError: the provider refuses.
            TokenError: there is nothing to renew with, or the new token is of somebody else.
        """
        if not state["refresh_token"]:
            raise TokenError("the provider gave no refresh token, and its access token is over")
        asked = self.build_refresh_token_request_params(state["refresh_token"])
        tokens = await self.answer(self.get_token_info(None, asked))
        if "id_token" in tokens:
            try:
                told = await self.verified(tokens, None)
            except UnknownKeyError:
                # Its keys changed since they were read, and are read again soon: no reason to end anything.
                raise ProviderError("the renewed token is signed with a key that is not known yet") from None
            if told["sub"] != state["subject"]:
                raise TokenError("the renewed token is of another subject")
        return {**state, **kept(tokens, state)}


def kept(tokens: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a token answer, encrypted in the hub's database; the ID token is not needed again."""
    now = time.time()
    try:
        lasts = float(tokens.get("expires_in", LASTS_SECONDS))
    except (TypeError, ValueError):
        lasts = LASTS_SECONDS
    return {
        "access_token": tokens["access_token"],
        # A provider may keep the old one in force and not repeat it (RFC 6749, section 6).
        "refresh_token": tokens.get("refresh_token") or before.get("refresh_token"),
        "expires": now + lasts - 5,
        "renewed": now,
    }


def _refuses(error: HTTPClientError) -> bool:
    """Whether an answer refuses the person, and not us or this moment."""
    if not 400 <= error.code < 500 or error.code in NOT_OF_THE_PERSON:  # noqa: PLR2004 - HTTP's own classes
        return False
    try:
        told = json.loads(error.response.body) if error.response else None
    except ValueError:
        told = None
    return not (isinstance(told, dict) and told.get("error") in OURS)
