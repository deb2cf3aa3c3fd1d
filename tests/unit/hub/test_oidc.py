"""Signing in at a provider, and staying in: what the provider says, what it keeps silent about, what it refuses."""

import io
import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from oauthenticator.oauth2 import _serialize_state
from tornado import web
from tornado.httpclient import HTTPClientError, HTTPRequest, HTTPResponse
from traitlets.config import Config

from ecluse.hub.oidc import OidcAuthenticator
from ecluse.hub.tokens import nonce_of
from ecluse.hub.watch import Watch
from ecluse.rules.outcome import Reason, Refused
from policies import FILES, policies
from unit.hub.fakes import NOW, FakeAudit, workspaces

ISSUER = "https://idp.example/realms/site"
PROVIDER = f"""\
issuer: {ISSUER}
client_id: ecluse
second_factor: {{acr: [phr], amr: [otp]}}
groups: {{roles: {{res: [researcher]}}}}
"""
PEOPLE = FILES["people.yaml"].replace("name: Ada,", f"name: Ada, identity: {{issuer: {ISSUER}, subject: a-1}},")


class FakeProvider:
    """A provider in memory, in place of the HTTP client. `up`: whether it answers at all."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.nonce = nonce_of("verifier")
        self.claims: dict[str, Any] = {"amr": ["pwd", "otp"]}
        self.info: dict[str, Any] = {"sub": "a-1", "groups": ["res"]}
        self.refuses: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {"issuer": ISSUER}
        self.lasts, self.up, self.asked = 300, True, list[str]()

    def id_token(self) -> str:
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": "a-1", "aud": "ecluse", "iat": now, "exp": now + 60, "nonce": self.nonce}
        return jwt.encode({**claims, **self.claims}, self.key, algorithm="ES256", headers={"kid": "1"})

    def answer(self, path: str, form: dict[str, list[str]]) -> Any:
        if path.endswith("/openid-configuration"):
            names = ("authorization", "token", "userinfo")
            return {f"{n}_endpoint": f"{ISSUER}/{n}" for n in names} | {"jwks_uri": f"{ISSUER}/jwks", **self.metadata}
        if path.endswith("/jwks"):
            return {"keys": [{**jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True), "kid": "1"}]}
        if path.endswith("/token"):
            made = {"access_token": f"a{len(self.asked)}", "token_type": "Bearer", "expires_in": self.lasts}
            first = form["grant_type"] == ["authorization_code"]
            return {**made, "refresh_token": "r", **({"id_token": self.id_token()} if first else {})}
        return self.info

    async def fetch(self, request: HTTPRequest, **_: Any) -> HTTPResponse:
        path = urlsplit(request.url).path
        self.asked.append(path.rpartition("/")[2])
        if not self.up:
            raise OSError("no route")
        if (code := self.refuses.get(self.asked[-1])) is not None:
            body = io.BytesIO(code.encode()) if isinstance(code, str) else io.BytesIO()
            status = 400 if isinstance(code, str) else code
            raise HTTPClientError(status, response=HTTPResponse(request, status, buffer=body))
        form = parse_qs((request.body or b"").decode())
        return HTTPResponse(request, 200, buffer=io.BytesIO(json.dumps(self.answer(path, form)).encode()))


class FakeHandler:
    """What the callback handler gives: a code, and the state of the browser's cookie."""

    def get_argument(self, _: str) -> str:
        return "code"

    def get_state_cookie(self) -> str:
        return _serialize_state({"code_verifier": "verifier"})


class FakeUser:
    """A user of the hub; `state` stands for what is encrypted."""

    name = "ada"

    def __init__(self, state: Any) -> None:
        self.encrypted_auth_state, self.spawners = state, dict[str, Any]()

    async def get_auth_state(self) -> Any:
        return self.encrypted_auth_state

    async def save_auth_state(self, state: Any) -> None:
        self.encrypted_auth_state = state


class Door:
    """An authenticator over a fake provider, with a clock that a test can turn."""

    def __init__(self, folder: Path) -> None:
        self.audit, self.now, self.provider = FakeAudit(), NOW, FakeProvider()
        found = policies(folder, **{"people.yaml": PEOPLE, "provider.yaml": PROVIDER})
        self.steps = replace(workspaces(found, self.audit), clock=lambda: self.now)
        c = Config()
        c.PolicyRoles.workspaces = lambda: self.steps
        c.OAuthenticator.oauth_callback_url = "https://e.example/hub/oauth_callback"
        c.OAuthenticator.client_secret = "s" * 32
        c.Authenticator.manage_roles = c.Authenticator.enable_auth_state = True
        c.Authenticator.reset_managed_roles_on_startup = c.Authenticator.any_allow_config = True
        self.authenticator = OidcAuthenticator(config=c)
        self.authenticator.http_client = self.provider

    async def sign_in(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.authenticator.get_authenticated_user(FakeHandler(), None)
        return found

    async def refused(self) -> tuple[int, str]:
        with pytest.raises(web.HTTPError) as caught:
            await self.sign_in()
        return caught.value.status_code, caught.value.jupyterhub_message

    async def user(self) -> FakeUser:
        return FakeUser((await self.sign_in())["auth_state"])

    async def standing(self, user: FakeUser) -> Any:
        verdict = await self.authenticator.standing(user)
        return verdict.reason if isinstance(verdict, Refused) else True


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


async def test_person_with_a_second_factor_comes_in_with_the_role_of_the_policies(door: Door) -> None:
    found = await door.sign_in()
    assert found["name"] == "ada"
    assert found["admin"] is False
    assert [r["name"] for r in found["roles"]] == ["person-ada"]
    assert door.audit.events[-1]["action"] == "session.sign-in"
    assert "id_token" not in found["auth_state"]


@pytest.mark.parametrize(
    ("claims", "info", "status", "words", "recorded"),
    [
        ({"amr": ["pwd"]}, {}, 403, "second factor", Reason.NO_SECOND_FACTOR),
        ({"sub": "x-9"}, {"sub": "x-9"}, 403, "Send this sentence to an administrator", Reason.UNKNOWN_IDENTITY),
        ({}, {"groups": ["other"]}, 403, "No group", Reason.ROLE_NOT_CONFIRMED),
        ({}, {"sub": "m-1"}, 403, "does not prove", Reason.UNPROVEN),
        ({"nonce": "another"}, {}, 403, "does not prove", Reason.UNPROVEN),
        ({"iss": "https://other.example"}, {}, 403, "does not prove", Reason.UNPROVEN),
        ({"aud": "another"}, {}, 403, "does not prove", Reason.UNPROVEN),
        ({"exp": 1}, {}, 403, "does not prove", Reason.UNPROVEN),
    ],
)
async def test_what_is_not_enough_is_refused_with_a_sentence_and_recorded(
    door: Door, claims: Any, info: Any, status: int, words: str, recorded: Reason
) -> None:
    door.provider.claims.update(claims)
    door.provider.info.update(info)
    got, message = await door.refused()
    assert got == status
    assert words in message
    assert door.audit.events[-1]["detail"] == {"reason": recorded.value}


async def test_token_of_another_key_opens_nothing(door: Door) -> None:
    await door.authenticator.ready()
    await door.authenticator._key("1")
    door.provider.key = ec.generate_private_key(ec.SECP256R1())
    assert (await door.refused())[0] == 403


async def test_new_key_of_the_provider_is_fetched(door: Door) -> None:
    await door.sign_in()
    keys, _ = door.authenticator._keys or ({}, 0.0)
    door.authenticator._keys = ({"keys": [{**k, "kid": "old"} for k in keys["keys"]]}, time.monotonic() - 61)
    assert (await door.sign_in())["name"] == "ada"
    assert door.provider.asked.count("jwks") == 2


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "http://idp.example/token"},
        {"userinfo_endpoint": None},
    ],
)
async def test_discovery_of_another_issuer_or_in_clear_is_not_believed(door: Door, change: dict[str, Any]) -> None:
    door.provider.metadata.update(change)
    assert (await door.refused())[0] == 503
    assert "token" not in door.provider.asked


async def test_provider_that_is_away_is_told_as_such(door: Door) -> None:
    door.provider.up = False
    status, message = await door.refused()
    assert status == 503
    assert "does not answer" in message


async def test_who_is_still_known_stays_in_and_tokens_are_renewed_each_minute(door: Door) -> None:
    user = await door.user()
    assert await door.standing(user) is True
    assert door.provider.asked.count("token") == 1
    before = user.encrypted_auth_state
    user.encrypted_auth_state = {**before, "renewed": before["renewed"] - 61}
    assert await door.standing(user) is True
    assert door.provider.asked.count("token") == 2
    assert user.encrypted_auth_state["access_token"] != before["access_token"]


@pytest.mark.parametrize(
    "refuses", [{"userinfo": 401, "token": 400}, {"userinfo": 403, "token": '{"error":"invalid_grant"}'}]
)
async def test_whom_the_provider_refuses_is_out_at_once(door: Door, refuses: dict[str, Any]) -> None:
    user = await door.user()
    door.provider.refuses = refuses
    assert await door.standing(user) is Reason.SIGNED_OUT
    assert await door.authenticator.refresh_user(user) is False


async def test_whom_the_provider_refused_is_asked_after_again_only_with_new_tokens(door: Door) -> None:
    user = await door.user()
    door.provider.refuses = {"userinfo": 401, "token": 400}
    await door.standing(user)
    asked = len(door.provider.asked)
    assert await door.standing(user) is Reason.SIGNED_OUT
    assert len(door.provider.asked) == asked
    door.provider.refuses = {}
    assert await door.standing(await door.user()) is True


async def test_expired_access_token_is_renewed_and_is_no_reason_to_go(door: Door) -> None:
    user = await door.user()
    user.encrypted_auth_state = {**user.encrypted_auth_state, "expires": 0}
    assert await door.standing(user) is True
    door.provider.refuses = {"token": 400}
    user.encrypted_auth_state = {**user.encrypted_auth_state, "expires": 0}
    assert await door.standing(user) is Reason.SIGNED_OUT


@pytest.mark.parametrize(
    "change",
    [
        {"up": False},
        {"refuses": {"userinfo": 503}},
        {"refuses": {"userinfo": 429}},
        {"refuses": {"userinfo": 401, "token": '{"error":"invalid_client"}'}},
    ],
)
async def test_silence_is_borne_for_so_long_and_then_ends_the_session(door: Door, change: dict[str, Any]) -> None:
    user = await door.user()
    for name, value in change.items():
        setattr(door.provider, name, value)
    door.now += timedelta(minutes=14)
    assert await door.standing(user) is True
    door.now += timedelta(minutes=1)
    assert await door.standing(user) is Reason.PROVIDER_SILENT


async def test_answer_after_silence_starts_the_time_anew(door: Door) -> None:
    user = await door.user()
    door.now += timedelta(minutes=14)
    assert await door.standing(user) is True
    door.provider.up = False
    door.now += timedelta(minutes=14)
    assert await door.standing(user) is True


async def test_group_taken_away_or_other_subject_ends_the_session(door: Door) -> None:
    user = await door.user()
    door.provider.info["groups"] = []
    assert await door.standing(user) is Reason.ROLE_NOT_CONFIRMED
    door.provider.info = {"sub": "m-1", "groups": ["res"]}
    assert await door.standing(user) is Reason.SIGNED_OUT


async def test_nobody_stays_without_what_the_provider_gave(door: Door) -> None:
    assert await door.standing(FakeUser(None)) is Reason.SIGNED_OUT
    user = await door.user()
    user.encrypted_auth_state = {**user.encrypted_auth_state, "refresh_token": None, "expires": 0}
    assert await door.standing(user) is Reason.SIGNED_OUT


async def test_renewed_tokens_do_not_bring_back_who_was_put_out_meanwhile(door: Door) -> None:
    user = await door.user()
    state = user.encrypted_auth_state
    renew = door.authenticator.renewed

    async def put_out_meanwhile(state: dict[str, Any]) -> dict[str, Any]:
        user.encrypted_auth_state = None
        return await renew(state)

    door.authenticator.renewed = put_out_meanwhile
    user.encrypted_auth_state = {**state, "expires": 0}
    await door.standing(user)
    assert user.encrypted_auth_state is None


class Spawner:
    """A workspace that runs."""

    ready, pending = True, None


def watch(door: Door, *users: FakeUser) -> tuple[Watch, list[tuple[str, Reason]]]:
    out: list[tuple[str, Reason]] = []

    database = SimpleNamespace(query=lambda _: list(users))
    app = SimpleNamespace(authenticator=door.authenticator, users={u: u for u in users}, db=database)

    def put_out(person: str, why: Refused) -> None:
        out.append((person, why.reason))
        for user in users:
            user.encrypted_auth_state, user.spawners = None, {}

    return Watch(app, door.steps, put_out, 3600), out


async def test_watch_puts_out_whom_the_provider_refuses_and_records_it_once(door: Door) -> None:
    user = await door.user()
    made, out = watch(door, user)
    await made.once()
    assert out == []
    door.provider.refuses = {"userinfo": 401, "token": 400}
    await made.once()
    await made.once()
    assert out == [("ada", Reason.SIGNED_OUT)]
    assert [e["action"] for e in door.audit.events].count("session.end") == 1


async def test_workspace_of_somebody_who_never_signed_in_at_the_provider_ends(door: Door) -> None:
    user = FakeUser(None)
    user.spawners = {"alpha": Spawner()}
    made, out = watch(door, user)
    await made.once()
    assert out == [("ada", Reason.SIGNED_OUT)]


async def test_after_the_session_the_tokens_are_forgotten_unless_a_workspace_runs(door: Door) -> None:
    user = await door.user()
    user.encrypted_auth_state = {**user.encrypted_auth_state, "signed_in": time.time() - 3601}
    user.spawners = {"alpha": Spawner()}
    made, out = watch(door, user)
    await made.once()
    assert user.encrypted_auth_state is not None
    user.spawners = {}
    await made.once()
    assert user.encrypted_auth_state is None
    assert out == []
