"""Signing in at an identity provider, by OpenID Connect through oauthenticator's generic class.

The provider proves who somebody is and that a second factor was asked for; the rules of `sign_in` say which person of
the policies that is. `standing` asks again, for as long as somebody is signed in or has a workspace: `watch` does so
every few seconds.
"""

import asyncio
import time
from datetime import datetime
from typing import Any, cast

from oauthenticator.oauth2 import OAuthCallbackHandler, OAuthLoginHandler
from tornado import web
from tornado.httpclient import HTTPClientError

from ecluse.rules.outcome import Reason, Refused, Verdict
from ecluse.rules.people import Provider
from ecluse.rules.sign_in import SIGNED_OUT, Claims, claims_suffice, person_of, silent_too_long

from .identity import PolicyRoles
from .provider import ProviderClient, ProviderError, kept
from .tokens import TokenError, nonce_of, read_claims

RENEW_SECONDS = 60.0
"""How often at least tokens are renewed. Some providers look at the person only then."""

SILENT = "The identity provider does not answer. Try again in a minute."


class LoginHandler(OAuthLoginHandler):  # type: ignore[misc]  # oauthenticator has no types
    """Sends the browser to the provider, with a nonce and the second factor asked for."""

    _nonce = ""

    async def get(self) -> None:
        """The addresses first: they are the provider's to tell."""
        provider = await self.authenticator.ready_or_told()
        acr = sorted(provider.second_factor.acr)
        self._asked = {"acr_values": " ".join(acr)} if acr else {}
        super().get()

    def _generate_pkce_params(self) -> tuple[str, str]:
        verifier, challenge = super()._generate_pkce_params()
        self._nonce = nonce_of(verifier)
        return verifier, challenge

    def authorize_redirect(self, *args: Any, extra_params: dict[str, str], **kwargs: Any) -> None:
        """The redirect, with what oauthenticator leaves out."""
        super().authorize_redirect(*args, extra_params={**extra_params, **self._asked, "nonce": self._nonce}, **kwargs)


class CallbackHandler(OAuthCallbackHandler):  # type: ignore[misc]  # as above
    """Takes the browser back."""

    def check_error(self) -> None:
        """The provider's own refusal, in a sentence. What it says itself is not shown: it comes with the address."""
        if self.get_argument("error", ""):
            raise _told(403, "The identity provider did not sign you in. Try again, or ask those who run it.")

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Without the address, which tornado would write down with the code in it."""
        if isinstance(value, web.HTTPError):
            self.log.warning("%d on the way back from the provider: %s", value.status_code, value.log_message)
        else:
            self.log.error("failed on the way back from the provider", exc_info=(typ, value, tb))


class OidcAuthenticator(PolicyRoles, ProviderClient):
    """People of one identity provider."""

    login_handler = LoginHandler
    callback_handler = CallbackHandler

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._asking: dict[str, asyncio.Lock] = {}
        self._heard: dict[str, datetime] = {}
        self._refused_for: dict[str, Any] = {}

    async def ready_or_told(self) -> Provider:
        """The same for a person at the door: a page instead of an error."""
        try:
            return await self.ready()
        except ProviderError as error:
            self.log.warning("the identity provider can't be used: %s", error)
            raise _told(503, SILENT) from None

    def provider(self) -> Provider:
        """The provider that the policies name."""
        provider = self._policies().provider
        if provider is None:
            raise ProviderError("policies/provider.yaml is missing")
        return provider

    # -- signing in --------------------------------------------------------------------------------------------

    async def authenticate(self, handler: Any, data: Any = None, **_: Any) -> dict[str, Any]:
        """The person whom the provider signed in for this browser.

        Raises:
            web.HTTPError: 403 or 503, with a sentence for the person.
        """
        provider = await self.ready_or_told()
        try:
            claims, state = await self._proven(provider, handler, data)
        except ProviderError as error:
            self.log.warning("the identity provider can't be used: %s", error)
            raise _told(503, SILENT) from None
        except (TokenError, HTTPClientError) as error:
            why = str(error) if isinstance(error, TokenError) else f"status {error.code}"
            self.log.warning("a sign-in proves nothing: %s", why)
            await self._refused("", Reason.UNPROVEN)
            raise _told(403, "The identity provider's answer does not prove who you are. Try again.") from None
        policies = self._policies()
        person = person_of(policies, claims)
        verdict = person if isinstance(person, Refused) else claims_suffice(policies, person, claims)
        if isinstance(verdict, Refused):
            await self._refused("" if isinstance(person, Refused) else person, verdict.reason)
            raise _told(403, f"{verdict.message} {verdict.fix}")
        assert isinstance(person, str)  # noqa: S101 - a refusal was raised
        self._heard[person] = self._steps.clock()
        return {"name": person, "auth_state": state}

    async def _proven(self, provider: Provider, handler: Any, data: Any) -> tuple[Claims, dict[str, Any]]:
        asked = self.build_access_tokens_request_params(handler, data)
        asked.pop("data", None)
        tokens = await self.answer(self.get_token_info(handler, asked))
        told = await self.verified(tokens, nonce_of(asked["code_verifier"]))
        claims = read_claims(provider, told, await self.info(tokens["access_token"], told["sub"]))
        state = {
            "issuer": claims.issuer,
            "subject": claims.subject,
            "acr": claims.acr,
            "amr": sorted(claims.amr),
            "groups": None if claims.groups is None else sorted(claims.groups),
            "signed_in": time.time(),
            **kept(tokens, {}),
        }
        return claims, state

    async def _refused(self, tried: str, reason: Reason) -> None:
        await asyncio.to_thread(self._steps.sign_in_refused, tried, reason.value)

    # -- staying in --------------------------------------------------------------------------------------------

    async def refresh_user(self, user: Any, handler: Any = None, **_: Any) -> bool:
        """Whether the person is still known here and there. Asked before each start, and at most a minute later."""
        if not await PolicyRoles.refresh_user(self, user, handler):
            return False
        return bool(await self.standing(user))

    async def standing(self, user: Any) -> Verdict:
        """Whether the provider still vouches for a person, asked now; one question at a time for each.

        What goes wrong on our side or on the way counts as silence, and silence is borne for as long as the policies
        allow and no longer.
        """
        async with self._asking.setdefault(user.name, asyncio.Lock()):
            state = await user.get_auth_state()
            # Whom the provider has refused is not asked after again with the same tokens: that would only take time.
            if not state or self._refused_for.get(user.name) == user.encrypted_auth_state:
                return SIGNED_OUT
            now = self._steps.clock()
            heard = self._heard.setdefault(user.name, now)
            try:
                verdict = await self._asked(user, dict(state))
            except (TokenError, HTTPClientError) as error:
                self.log.warning("the provider no longer vouches for %s: %s", user.name, error)
                self._refused_for[user.name] = user.encrypted_auth_state
                return SIGNED_OUT
            except Exception as error:  # noqa: BLE001 - see above: whatever it is, it ends in time
                self.log.warning("the provider says nothing of %s: %s", user.name, error)
                provider = self._policies().provider
                return SIGNED_OUT if provider is None else silent_too_long(provider, heard, now)
            self._heard[user.name] = now
            return verdict

    async def _asked(self, user: Any, state: dict[str, Any]) -> Verdict:
        provider = await self.ready()
        if provider.issuer != state["issuer"]:
            return SIGNED_OUT
        now, fresh = time.time(), False
        if now - state["renewed"] >= RENEW_SECONDS or now >= state["expires"]:
            state, fresh = await self._renew(user, state), True
        try:
            info = await self.info(state["access_token"], state["subject"])
        except HTTPClientError:
            if fresh:
                raise
            state = await self._renew(user, state)
            info = await self.info(state["access_token"], state["subject"])
        told = {"iss": state["issuer"], "sub": state["subject"], "acr": state["acr"], "amr": state["amr"]}
        if provider.groups and state["groups"] is not None:
            told[provider.groups.claim] = state["groups"]
        return claims_suffice(self._policies(), user.name, read_claims(provider, told, info))

    async def _renew(self, user: Any, state: dict[str, Any]) -> dict[str, Any]:
        """Renew, and keep at once: many providers take a refresh token only once."""
        before = user.encrypted_auth_state
        renewed = await self.renewed(state)
        if user.encrypted_auth_state == before:  # else the person has been put out, or has signed in anew meanwhile
            await user.save_auth_state(renewed)
        return renewed


def _told(status: int, message: str) -> web.HTTPError:
    error: Any = web.HTTPError(status, "sign-in")
    error.jupyterhub_message = message
    error.heading = "Not signed in"
    return cast("web.HTTPError", error)
