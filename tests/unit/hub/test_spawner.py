"""What the spawner makes of a plan, and of an engine's refusal."""

import json
from pathlib import Path

import pytest
import requests
from docker.errors import APIError, ImageNotFound
from tornado.web import HTTPError

from ecluse.hub.spawner import EcluseSpawner, gate_reason, start_refusal
from ecluse.rules.outcome import Reason, Refused
from ecluse.rules.workspace import SpawnPlan
from policies import policies
from unit.hub.fakes import api_error, workspaces


def gate_refusal(reason: str, message: str) -> APIError:
    """A refusal as it comes from the gate."""
    response = requests.Response()
    response.status_code = 503
    response._content = json.dumps({"message": message, "reason": reason}).encode()
    return APIError("refused", response=response, explanation=message)


@pytest.fixture
def plan(tmp_path: Path) -> SpawnPlan:
    return workspaces(policies(tmp_path)).plan("ada", "alpha")


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
        (gate_refusal("no-network", "no /27 is free"), Reason.START_FAILED, "No network is free"),
        (gate_refusal("not-as-planned", "not as planned: HostConfig"), Reason.START_FAILED, "could not be started"),
        (ConnectionError("/srv/secret-path: no gate"), Reason.START_FAILED, "could not be started"),
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


def test_reason_of_a_refusal_is_read_from_its_code_alone() -> None:
    assert gate_refusal("no-network", "no-door").response is not None
    assert gate_reason(gate_refusal("no-network", "x")) == "no-network"
    assert gate_reason(api_error(500, "no-network")) == ""
    assert gate_reason(ConnectionError("no-network")) == ""


def test_a_full_folder_is_told_in_the_gates_own_words(plan: SpawnPlan) -> None:
    said = "Your home holds 41.0 GiB; 20 GiB are allowed. An administrator raises `disk_gib`."
    assert start_refusal(gate_refusal("disk-full", said), plan) == Refused(Reason.DISK_FULL, said)


async def test_a_workspace_is_not_renamed() -> None:
    with pytest.raises(HTTPError) as refused:
        await EcluseSpawner().rename("alpha", "beta")
    assert refused.value.status_code == 403
