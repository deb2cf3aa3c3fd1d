"""Whom a provider's claims prove, and what they have to prove beside."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ecluse.rules.outcome import ALLOWED, Reason, Refused
from ecluse.rules.policy import Policies
from ecluse.rules.sign_in import Claims, claims_suffice, person_of, person_signing_in, silent_too_long
from ecluse.store.policy_files import PoliciesInvalidError
from policies import FILES, policies

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ISSUER = "https://idp.example/realms/site"
PROVIDER = f"""\
issuer: {ISSUER}
client_id: ecluse
second_factor: {{acr: [phr], amr: [otp, hwk]}}
groups: {{roles: {{res: [researcher], rev: [reviewer, auditor]}}}}
"""
PEOPLE = FILES["people.yaml"].replace("name: Ada,", f"name: Ada, identity: {{issuer: {ISSUER}, subject: a-1}},")
PEOPLE = PEOPLE.replace("name: Mem,", f"name: Mem, identity: {{issuer: {ISSUER}, subject: m-1}},")
ADA = Claims(ISSUER, "a-1", amr=frozenset({"pwd", "otp"}), groups=frozenset({"res", "other"}))


def with_provider(folder: Path, **changes: str) -> Policies:
    return policies(folder, **{"people.yaml": PEOPLE, "provider.yaml": PROVIDER, **changes})


def reason(result: Any) -> Reason | str:
    return result.reason if isinstance(result, Refused) else result


def test_subject_of_the_policies_is_that_person(tmp_path: Path) -> None:
    assert person_signing_in(with_provider(tmp_path), ADA) == "ada"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"subject": "a-2"}, Reason.UNKNOWN_IDENTITY),
        ({"subject": "ada"}, Reason.UNKNOWN_IDENTITY),
        ({"issuer": ISSUER + "/"}, Reason.UNKNOWN_IDENTITY),
        ({"amr": frozenset({"pwd"})}, Reason.NO_SECOND_FACTOR),
        ({"amr": frozenset()}, Reason.NO_SECOND_FACTOR),
        ({"amr": frozenset({"pwd"}), "acr": "phr"}, "ada"),
        ({"amr": frozenset({"pwd"}), "acr": "1"}, Reason.NO_SECOND_FACTOR),
        ({"amr": frozenset({"hwk"})}, "ada"),
        ({"groups": frozenset({"rev"})}, Reason.ROLE_NOT_CONFIRMED),
        ({"groups": frozenset()}, Reason.ROLE_NOT_CONFIRMED),
        ({"groups": None}, Reason.ROLE_NOT_CONFIRMED),
    ],
)
def test_claims_are_enough_or_refused_with_a_reason(tmp_path: Path, change: dict[str, Any], expected: Any) -> None:
    assert reason(person_signing_in(with_provider(tmp_path), replace(ADA, **change))) == expected


def test_every_role_has_to_be_confirmed(tmp_path: Path) -> None:
    found = with_provider(tmp_path)
    mem = replace(ADA, subject="m-1")
    refused = person_signing_in(found, mem)
    assert isinstance(refused, Refused)
    assert refused.reason is Reason.ROLE_NOT_CONFIRMED
    assert "reviewer" in refused.message
    assert person_signing_in(found, replace(mem, groups=frozenset({"res", "rev"}))) == "mem"


def test_without_groups_roles_are_those_of_the_policies(tmp_path: Path) -> None:
    alone = PROVIDER.partition("groups:")[0]
    assert person_signing_in(with_provider(tmp_path, **{"provider.yaml": alone}), replace(ADA, groups=None)) == "ada"


def test_unknown_subject_is_told_what_to_send(tmp_path: Path) -> None:
    refused = person_of(with_provider(tmp_path), replace(ADA, subject="x-9"))
    assert isinstance(refused, Refused)
    assert "'x-9'" in refused.message
    assert ISSUER in refused.message
    assert "Send this sentence to an administrator" in refused.fix


def test_without_a_provider_no_claims_are_enough(tmp_path: Path) -> None:
    found = policies(tmp_path, **{"people.yaml": PEOPLE})
    assert reason(person_signing_in(found, ADA)) is Reason.UNAVAILABLE


def test_identity_given_to_another_in_the_policies_ends_the_first(tmp_path: Path) -> None:
    assert reason(claims_suffice(with_provider(tmp_path), "mem", ADA)) is Reason.UNKNOWN_IDENTITY


def test_silence_of_the_provider_is_borne_for_so_long(tmp_path: Path) -> None:
    provider = with_provider(tmp_path).provider
    assert provider is not None
    assert silent_too_long(provider, NOW, NOW + timedelta(minutes=14)) is ALLOWED
    assert reason(silent_too_long(provider, NOW, NOW + timedelta(minutes=15))) is Reason.PROVIDER_SILENT


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"people.yaml": PEOPLE.replace("m-1", "a-1")}, "'ada' has the same issuer and subject"),
        ({"people.yaml": PEOPLE.replace("/site, subject: m", "/other, subject: m")}, "not the issuer of provider.yaml"),
        ({"people.yaml": PEOPLE.replace("subject: m-1", 'subject: "m 1"')}, "people.mem.identity.subject"),
        ({"provider.yaml": PROVIDER.replace("https:", "http:")}, "issuer"),
        ({"provider.yaml": PROVIDER.replace("{acr: [phr], amr: [otp, hwk]}", "{}")}, "nobody could sign in"),
        ({"provider.yaml": PROVIDER + "scopes: [profile]\n"}, "`openid`"),
        ({"provider.yaml": PROVIDER + "secret: x\n"}, "secret"),
    ],
)
def test_wrong_identities_and_providers_are_refused(tmp_path: Path, change: dict[str, str], message: str) -> None:
    with pytest.raises(PoliciesInvalidError) as caught:
        with_provider(tmp_path, **change)
    assert len(caught.value.problems) == 1
    assert message in str(caught.value)
