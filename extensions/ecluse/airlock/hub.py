"""Asking the hub who somebody is: the port, and JupyterHub's own client behind it."""

from collections.abc import Mapping
from typing import Any, Protocol

from jupyterhub.services.auth import HubOAuth
from tornado.httputil import url_concat
from tornado.web import HTTPError

from ecluse.rules.papers import CERTIFICATE, KEY, TRUSTED

from .settings import BASE, AirlockSettings

CLIENT = "service-airlock"
"""The airlock's OAuth client id: the hub makes it from the service's name."""


class HubUnreachableError(Exception):
    """The hub gave no answer, so nobody is known. Never a reason to go on."""


class Hub(Protocol):
    """What the airlock asks of the hub."""

    async def whoami(self, token: str) -> Mapping[str, Any] | None:
        """The owner of a token, its kind and scopes, asked anew each time; None if the token is not valid.

        Raises:
            HubUnreachableError: if the hub gives no answer.
        """

    def login_url(self, state: str, challenge: str) -> str:
        """Where to send a browser to sign in; it comes back with `state` and a code."""

    def challenge(self) -> tuple[str, str]:
        """A PKCE verifier and its challenge."""

    async def token_for_code(self, code: str, verifier: str) -> str:
        """The token for the code that a browser came back with.

        Raises:
            HubUnreachableError: if the hub gives none.
        """


class JupyterHub:
    """The real hub; implements `Hub` with JupyterHub's own client."""

    def __init__(self, settings: AirlockSettings, token: str) -> None:
        self._auth = HubOAuth(
            api_url=settings.hub_api,
            api_token=token,
            base_url=f"{BASE}/",
            hub_prefix="/hub/",
            oauth_client_id=CLIENT,
            oauth_redirect_uri=f"{settings.url}{BASE}/oauth_callback",
            keyfile=str(settings.secrets / KEY),
            certfile=str(settings.secrets / CERTIFICATE),
            client_ca=str(settings.secrets / TRUSTED),
        )

    async def whoami(self, token: str) -> Mapping[str, Any] | None:
        """The owner of a token. The client's own cache would keep a removed person in for five minutes: not used."""
        try:
            found = await self._auth.user_for_token(token, use_cache=False, sync=False)
        except (HTTPError, ValueError) as error:
            raise HubUnreachableError(type(error).__name__) from None
        return found if isinstance(found, dict) else None

    def login_url(self, state: str, challenge: str) -> str:
        """The hub's page, reached by the browser on the same host."""
        query = {"state": state, "code_challenge": challenge, "code_challenge_method": "S256"}
        return str(url_concat(self._auth.login_url, query))

    def challenge(self) -> tuple[str, str]:
        """A PKCE verifier and its challenge."""
        verifier, challenge, _ = self._auth.generate_pkce_code_challenge()
        return verifier, challenge

    async def token_for_code(self, code: str, verifier: str) -> str:
        """The token for a code."""
        try:
            return str(await self._auth.token_for_code(code, code_verifier=verifier, sync=False))
        except (HTTPError, ValueError, KeyError, TypeError) as error:
            raise HubUnreachableError(type(error).__name__) from None
