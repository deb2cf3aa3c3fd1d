"""A hub in memory; implements `ecluse.airlock.hub.Hub`. tests/verification holds it to what the real one does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from ecluse.airlock.hub import HubUnreachableError

AIRLOCK_SCOPE = "access:services!service=airlock"


def server_model(person: str, project: str) -> dict[str, Any]:
    """What the hub says of the token of a workspace."""
    scopes = [f"access:servers!server={person}/{project}", f"users:activity!user={person}"]
    return {"kind": "user", "name": person, "scopes": scopes, "admin": False, "groups": [], "session_id": None}


def person_model(person: str) -> dict[str, Any]:
    """What the hub says of the token that a person's login at the airlock gave."""
    scopes = [AIRLOCK_SCOPE, f"read:users:groups!user={person}", f"read:users:name!user={person}"]
    return {"kind": "user", "name": person, "scopes": scopes, "admin": False, "groups": [], "session_id": "a browser's"}


@dataclass
class FakeHub:
    """Tokens and what they tell; logins that succeed as `signs_in`."""

    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    signs_in: str = "ada"
    down: bool = False
    asked: int = 0
    _codes: dict[str, str] = field(default_factory=dict)
    _challenges: int = 0

    def workspace(self, person: str, project: str) -> str:
        """A new token of a workspace."""
        return self._token(f"server-{person}-{project}", server_model(person, project))

    def person(self, person: str) -> str:
        """A new token of a person's login."""
        return self._token(f"person-{person}", person_model(person))

    def remove(self, person: str) -> None:
        """What a hub does when a person leaves: their tokens end."""
        self.tokens = {t: m for t, m in self.tokens.items() if m["name"] != person}

    def visit(self, login_url: str) -> dict[str, str]:
        """What a browser brings back from the hub's login page."""
        query = {k: v[0] for k, v in parse_qs(urlsplit(login_url).query).items()}
        code = f"code-{len(self._codes)}"
        self._codes[code] = query["code_challenge"]
        return {"state": query["state"], "code": code}

    async def whoami(self, token: str) -> Mapping[str, Any] | None:
        self.asked += 1
        self._up()
        return self.tokens.get(token)

    def login_url(self, state: str, challenge: str) -> str:
        return "/hub/api/oauth2/authorize?" + urlencode({"state": state, "code_challenge": challenge})

    def challenge(self) -> tuple[str, str]:
        self._challenges += 1
        return f"verifier-{self._challenges}", f"challenge-{self._challenges}"

    async def token_for_code(self, code: str, verifier: str) -> str:
        self._up()
        if self._codes.pop(code, None) != verifier.replace("verifier", "challenge"):
            raise HubUnreachableError("wrong code or verifier")
        return self.person(self.signs_in)

    def _up(self) -> None:
        if self.down:
            raise HubUnreachableError("down")

    def _token(self, token: str, model: dict[str, Any]) -> str:
        self.tokens[token] = model
        return token
