"""What the spawner makes of a plan, and of an engine's refusal."""

from pathlib import Path

import pytest
from docker import APIClient
from docker.errors import ImageNotFound

from ecluse.hub.networks import NoSubnetError
from ecluse.hub.spawner import EcluseSpawner, host_config, start_refusal
from ecluse.rules.outcome import Reason
from ecluse.rules.workspace import SpawnPlan
from policies import policies
from unit.hub.fakes import api_error, workspaces


@pytest.fixture
def plan(tmp_path: Path) -> SpawnPlan:
    return workspaces(policies(tmp_path)).plan("ada", "alpha")


def test_plan_becomes_a_closed_container(plan: SpawnPlan) -> None:
    made = APIClient(version="1.41").create_host_config(**host_config(plan), mem_limit=plan.limits.memory)
    assert made["CapDrop"] == ["ALL"]
    assert made["SecurityOpt"] == ["no-new-privileges:true"]
    assert made["ReadonlyRootfs"] is True
    assert made["Memory"] == made["MemorySwap"] == plan.limits.memory
    assert made["PidsLimit"] == plan.limits.pids
    assert made["Tmpfs"]["/tmp"].split(",")[:4] == ["rw", "exec", "nosuid", "nodev"]
    assert made["Dns"] == ["192.0.2.1"]
    assert {u["Name"]: u["Hard"] for u in made["Ulimits"]} == {"core": 0, "nofile": plan.limits.open_files}
    assert made["IpcMode"] == "private"
    assert not made.get("Privileged")
    assert not made.get("AutoRemove")
    for absent in ("Binds", "Devices", "DeviceRequests", "PortBindings", "CapAdd", "PidMode", "VolumesFrom"):
        assert not made.get(absent)


def test_gpus_are_asked_for_by_number(plan: SpawnPlan) -> None:
    config = host_config(plan.model_copy(update={"gpus": 2}))
    assert dict(config["device_requests"][0])["Count"] == 2
    assert dict(config["device_requests"][0])["Capabilities"] == [["gpu"]]


def test_nothing_unconfines(plan: SpawnPlan) -> None:
    assert "unconfined" not in repr(host_config(plan)).lower()


@pytest.mark.parametrize(
    ("error", "reason", "sentence"),
    [
        (
            api_error(400, 'invalid mount config for type "bind": bind source path does not exist: '
                           "/srv/root/extracts/alpha/current/claims"),
            Reason.EXTRACT_MISSING,
            "The extract of dataset 'claims' for project 'alpha' is not there yet.",
        ),
        (
            api_error(500, 'could not select device driver "" with capabilities: [[gpu]]'),
            Reason.NO_GPU,
            "this machine could not hand one out",
        ),
        (ImageNotFound("No such image"), Reason.IMAGE_NOT_ALLOWED, "is not on this machine"),
        (api_error(404, "No such image: ecluse/workspace:0.1"), Reason.IMAGE_NOT_ALLOWED, "is not on this machine"),
        (NoSubnetError("none"), Reason.START_FAILED, "No network is free"),
        (api_error(500, "/var/lib/docker/secret-path: disk full"), Reason.START_FAILED, "could not be started"),
        (api_error(400, "bind source path does not exist: /elsewhere"), Reason.START_FAILED, "could not be started"),
    ],
)  # fmt: skip
def test_engines_refusal_becomes_a_sentence(plan: SpawnPlan, error: Exception, reason: Reason, sentence: str) -> None:
    refused = start_refusal(error, plan)
    assert refused.reason is reason
    assert sentence in refused.message
    assert refused.fix
    assert "secret-path" not in refused.message + refused.fix


def test_users_choices_are_ignored() -> None:
    assert EcluseSpawner.options_from_form(None, {"image": ["evil"]}) == {}
    assert EcluseSpawner.options_from_query(None, {"image": ["evil"]}) == {}
