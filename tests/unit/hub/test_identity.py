"""Who gets in, who is locked out, and what they may do."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tornado import web
from traitlets.config import Config

from ecluse.hub.identity import FREE_TRIES, LONGEST_LOCK, EcluseAuthenticator, Lockout
from ecluse.hub.roles import airlock_service, role_of, stock_roles
from policies import policies
from unit.hub.fakes import NOW, FakeAudit, FixedPolicies, workspaces


def check(person: str, password: str, code: str, now: Any) -> str:
    if password != "right" or person not in {"ada", "eve"}:
        return "wrong-password"
    return "wrong-code" if code == "000000" else ""


def authenticator(tmp_path: Path, audit: FakeAudit, now: Any = lambda: NOW) -> EcluseAuthenticator:
    steps = replace(workspaces(policies(tmp_path), audit), clock=now)
    c = Config()
    c.PolicyRoles.workspaces = lambda: steps
    c.EcluseAuthenticator.check_account = check
    c.Authenticator.manage_roles = True
    c.Authenticator.reset_managed_roles_on_startup = True
    return EcluseAuthenticator(config=c)


async def sign_in(door: EcluseAuthenticator, name: str, password: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = await door.get_authenticated_user(None, {"username": name, "password": password})
    return found


async def test_person_of_the_policies_gets_their_role(tmp_path: Path) -> None:
    audit = FakeAudit()
    found = await sign_in(authenticator(tmp_path, audit), "ada", "right")
    assert found
    assert found["name"] == "ada"
    assert found["admin"] is False
    assert [r["name"] for r in found["roles"]] == ["person-ada"]
    assert [(e["actor"], e["action"]) for e in audit.events] == [("ada", "session.sign-in")]


async def test_account_without_a_person_gets_nowhere(tmp_path: Path) -> None:
    assert await sign_in(authenticator(tmp_path, FakeAudit()), "eve", "right") is None


async def test_wrong_password_is_recorded_without_what_was_typed(tmp_path: Path) -> None:
    audit = FakeAudit()
    door = authenticator(tmp_path, audit)
    assert await sign_in(door, "ada", "wrong") is None
    assert await sign_in(door, "my-secret-password", "") is None
    assert [e["subject"] for e in audit.events] == ["ada", ""]
    assert "wrong" not in str([e["detail"].get("password") for e in audit.events])


async def test_wrong_code_counts_as_a_failure_and_says_no_more_than_a_wrong_password(tmp_path: Path) -> None:
    audit = FakeAudit()
    door = authenticator(tmp_path, audit)
    for _ in range(FREE_TRIES):
        asked = {"username": "ada", "password": "right", "otp": "000000"}
        assert await door.get_authenticated_user(None, asked) is None
    assert audit.events[0]["detail"] == {"reason": "wrong-code"}
    with pytest.raises(web.HTTPError):
        await sign_in(door, "ada", "right")


async def test_repeated_failures_lock_the_name_also_for_the_right_password(tmp_path: Path) -> None:
    now = [NOW]
    audit = FakeAudit()
    door = authenticator(tmp_path, audit, lambda: now[0])
    for _ in range(FREE_TRIES):
        assert await sign_in(door, "ada", "wrong") is None
    with pytest.raises(web.HTTPError) as caught:
        await sign_in(door, "ada", "right")
    assert caught.value.status_code == 429
    assert caught.value.headers["Retry-After"] == "31"
    assert audit.events[-1]["detail"] == {"reason": "locked"}
    now[0] += timedelta(seconds=31)
    assert await sign_in(door, "ada", "right")


def test_locks_double_up_to_a_quarter_of_an_hour() -> None:
    lockout = Lockout()
    waits = []
    for _ in range(FREE_TRIES + 8):
        lockout.failed("ada", NOW)
        waits.append(lockout.wait("ada", NOW).total_seconds())
    assert waits[: FREE_TRIES - 1] == [0] * (FREE_TRIES - 1)
    assert waits[FREE_TRIES - 1 : FREE_TRIES + 2] == [30, 60, 120]
    assert waits[-1] == LONGEST_LOCK.total_seconds()
    assert lockout.wait("ben", NOW) == timedelta()
    lockout.succeeded("ada")
    assert lockout.wait("ada", NOW) == timedelta()


def test_names_that_were_made_up_do_not_fill_the_memory() -> None:
    lockout = Lockout()
    for i in range(10_050):
        lockout.failed(f"n{i}", NOW)
    assert len(lockout._tries) == 10_000


async def test_person_taken_out_is_stale(tmp_path: Path) -> None:
    audit = FakeAudit()
    door = authenticator(tmp_path, audit)

    class User:
        name = "ada"

    assert await door.refresh_user(User()) is True
    steps = door._steps
    assert isinstance(steps.policies, FixedPolicies)
    found = steps.policies.policies
    people = {k: v for k, v in found.people.items() if k != "ada"}
    steps.policies.policies = replace(found, people=people)
    assert await door.refresh_user(User()) is False


async def test_roles_of_everybody_are_loaded_at_the_start(tmp_path: Path) -> None:
    roles = await authenticator(tmp_path, FakeAudit()).load_managed_roles()
    assert {(r["name"], *r["users"]) for r in roles} >= {("person-ada", "ada"), ("person-rev", "rev")}


def test_role_names_exactly_the_servers_of_the_persons_projects(tmp_path: Path) -> None:
    found = policies(tmp_path)
    scopes = set(role_of(found, "ada")["scopes"])
    assert {s for s in scopes if "server=" in s} == {"servers!server=ada/alpha", "access:servers!server=ada/alpha"}
    assert {s for s in role_of(found, "rev")["scopes"] if "server=" in s} == set()
    for person in found.people:
        for scope in role_of(found, person)["scopes"]:
            assert not scope.startswith(("admin", "tokens", "self", "shares", "list:", "inherit"))
            assert "!" in scope, "a scope without a filter reaches everybody"


def test_stock_roles_hold_no_rights() -> None:
    for role in stock_roles():
        assert "self" not in role["scopes"]
        assert not any(s.startswith(("admin", "tokens", "servers", "access")) for s in role["scopes"])


def test_airlock_asks_for_itself_alone() -> None:
    service = airlock_service("http://airlock:8082", "t" * 32, "https://enclave.example/")
    assert service["oauth_client_allowed_scopes"] == ["access:services!service=airlock"]
    assert service["oauth_redirect_uri"] == "https://enclave.example/services/airlock/oauth_callback"
