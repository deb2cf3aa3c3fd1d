"""Without policies or secrets nothing starts, and one failure ends nothing."""

import asyncio

import pytest

from ecluse.airlock.app import create_app
from ecluse.airlock.settings import read_settings
from ecluse.rules.finding import Severity
from ecluse.store.keys import SecretError
from ecluse.store.policy_files import PoliciesInvalidError
from factories import enclave, finding
from fake_hub import FakeHub
from unit.airlock.calls import API, drafted, settled


def test_nothing_starts_without_policies_or_secrets(tmp_path):
    with enclave(tmp_path):
        settings = read_settings({"ECLUSE_ROOT": str(tmp_path)})
        key = tmp_path / "secrets/airlock/release.key"
        key.chmod(0o440)
        with pytest.raises(SecretError, match="0440"):
            create_app(settings, hub=FakeHub())
        key.chmod(0o400)
        (tmp_path / "secrets/airlock/hub_token").unlink()
        with pytest.raises(SecretError, match="hub_token"):
            create_app(settings)
        (tmp_path / "policies/people.yaml").unlink()
        with pytest.raises(PoliciesInvalidError):
            create_app(settings, hub=FakeHub())


async def test_one_failure_in_the_background_ends_nothing(calls, monkeypatch, caplog):
    with monkeypatch.context() as patch:
        patch.setattr("ecluse.steps.desk.check.collect", lambda *_: 1 / 0)
        for _ in range(100):
            if "it is tried again" in caplog.text:
                break
            await asyncio.sleep(0.02)
    ada = calls.workspace()
    await drafted(ada)
    calls.lock.checker.findings = (finding(Severity.REVIEW),)
    await ada.post(f"{API}/requests/alpha-1/submit")
    calls.lock.checker.run()
    assert (await settled(ada))["check"]["verdict"] == "review"
