"""The gate's settings are strict, and its own socket is where the hub looks for it."""

import re
from pathlib import Path

import pytest

from ecluse.gate.settings import read_settings
from ecluse.hub.settings import HubSettings
from ecluse.rules.settings import SettingsError

GOOD = {"ECLUSE_HOST_ROOT": "/srv/enclave", "ECLUSE_ROOT": "/srv/x", "PATH": "/bin"}


def test_settings_come_from_the_environment() -> None:
    found = read_settings({**GOOD, "ECLUSE_GPUS": "2", "ECLUSE_SUBNETS": "10.9.0.0/16"})
    assert (found.name, found.gpus, str(found.subnets)) == ("ecluse", 2, "10.9.0.0/16")
    assert found.database == "sqlite:////srv/x/control/ecluse.sqlite"
    assert found.policies == Path("/srv/x/policies")
    assert (read_settings(GOOD).gpus, read_settings(GOOD).readers) == ("auto", 1000)
    assert read_settings({**GOOD, "ECLUSE_READERS": "101000"}).readers == 101000


def test_hub_and_gate_meet_at_one_socket() -> None:
    hub = HubSettings.model_fields["root"].default
    assert read_settings(GOOD).socket == Path("/srv/x/gate/engine.sock")
    assert HubSettings.gate.fget is not None  # type: ignore[attr-defined]
    assert HubSettings.model_construct(root=hub).gate == hub / "gate" / "engine.sock"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ECLUSE_HOST_ROOT": "relative"}, "ECLUSE_HOST_ROOT"),
        ({"ECLUSE_SUBNETS": "10.0.0.1/16"}, "ECLUSE_SUBNETS"),
        ({"ECLUSE_SUBNET_BITS": "12"}, "ECLUSE_SUBNET_BITS"),
        ({"ECLUSE_SUBNETS": "10.0.0.0/28", "ECLUSE_SUBNET_BITS": "27"}, "does not fit"),
        ({"ECLUSE_NAME": "Bad Name"}, "ECLUSE_NAME"),
        ({"ECLUSE_GPUS": "some"}, "ECLUSE_GPUS"),
        ({"ECLUSE_ENGINE": "tcp://0.0.0.0:2375"}, "ECLUSE_ENGINE"),
    ],
)
def test_wrong_settings_stop_the_gate(change: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        read_settings({**GOOD, **change})
