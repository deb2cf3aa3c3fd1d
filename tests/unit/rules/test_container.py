"""The one body that may be created, and every way in which another differs from it."""

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.rules.container import (
    container_body,
    differences,
    environment_problems,
    hub_variables,
    read_environment,
)
from ecluse.rules.workspace import SpawnPlan
from hub_environment import IMAGE, hub_environment
from policies import policies
from unit.hub.fakes import workspaces

COMMAND = ["jupyterhub-singleuser"]


@pytest.fixture
def plan(tmp_path: Path) -> SpawnPlan:
    return workspaces(policies(tmp_path)).plan("ada", "alpha")


def test_plan_becomes_a_closed_container(plan: SpawnPlan) -> None:
    body = container_body(plan, IMAGE, COMMAND, {})
    host = body["HostConfig"]
    assert body["Image"] == IMAGE
    assert body["Cmd"] == [*COMMAND, *plan.arguments]
    assert (body["User"], body["Labels"]) == ("1000:1000", plan.labels)
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["ReadonlyRootfs"] is True
    assert host["Privileged"] is False
    assert host["Memory"] == host["MemorySwap"] == plan.limits.memory
    assert host["CpuQuota"] / host["CpuPeriod"] == plan.limits.cpus
    assert host["PidsLimit"] == plan.limits.pids
    assert host["Tmpfs"]["/tmp"].split(",")[:4] == ["rw", "exec", "nosuid", "nodev"]
    assert host["Dns"] == ["192.0.2.1"]
    assert {u["Name"]: u["Hard"] for u in host["Ulimits"]} == {"core": 0, "nofile": plan.limits.open_files}
    assert host["IpcMode"] == "private"
    for absent in ("Binds", "Devices", "DeviceRequests", "PortBindings", "CapAdd", "PidMode", "VolumesFrom", "Runtime"):
        assert absent not in host
    assert "unconfined" not in repr(body).lower()


def test_granted_data_are_mounted_read_only_and_private(plan: SpawnPlan) -> None:
    claims, project, home, papers = container_body(plan, IMAGE, COMMAND, {})["HostConfig"]["Mounts"]
    assert claims == {
        "Type": "bind",
        "Source": "/srv/root/extracts/alpha/current/claims",
        "Target": "/data/claims",
        "ReadOnly": True,
        "BindOptions": {"Propagation": "rprivate"},
    }
    assert (project["Type"], project["Source"]) == ("volume", "ecluse_project_alpha")
    assert home["VolumeOptions"] == {"Labels": plan.labels}
    assert (papers["Source"], papers["Target"]) == ("/srv/root/papers/ecluse_alpha_ada", "/run/ecluse")
    assert papers["ReadOnly"] is True


def test_gpus_are_asked_for_by_number(plan: SpawnPlan) -> None:
    with_gpus = plan.model_copy(update={"gpus": 2})
    (asked,) = container_body(with_gpus, IMAGE, COMMAND, {})["HostConfig"]["DeviceRequests"]
    assert (asked["Count"], asked["Capabilities"], asked["DeviceIDs"]) == (2, [["gpu"]], [])


def test_without_the_switch_no_privilege_is_given_up_silently(plan: SpawnPlan) -> None:
    body = container_body(plan.model_copy(update={"no_new_privileges": False}), IMAGE, COMMAND, {})
    assert body["HostConfig"]["SecurityOpt"] == []


def test_plans_variables_win_over_the_hubs(plan: SpawnPlan) -> None:
    body = container_body(plan, IMAGE, COMMAND, {"ECLUSE_PROJECT": "beta", "X": "1"})
    assert "ECLUSE_PROJECT=alpha" in body["Env"]
    assert "X=1" in body["Env"]
    assert body["Env"] == sorted(body["Env"])


def test_hubs_own_variables_are_in_order(plan: SpawnPlan) -> None:
    assert environment_problems(plan, IMAGE, hub_environment(plan)) == []
    without = hub_environment(plan)
    del without["JUPYTERHUB_COOKIE_OPTIONS"]
    assert environment_problems(plan, IMAGE, without) == []


def test_every_variable_has_a_shape_or_a_planned_value(plan: SpawnPlan) -> None:
    good = hub_environment(plan)
    for name in good:
        assert environment_problems(plan, IMAGE, {**good, name: "a\nb"}) == [f"Env.{name}"], name
        gone = {n: v for n, v in good.items() if n != name}
        expected = [] if name == "JUPYTERHUB_COOKIE_OPTIONS" else [f"Env.{name}"]
        assert environment_problems(plan, IMAGE, gone) == expected, name
    assert set(hub_variables(plan, IMAGE)) | set(plan.environment) == set(good)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LD_PRELOAD", "/project/x.so"),
        ("PYTHONSTARTUP", "/project/x.py"),
        ("JUPYTERHUB_SINGLEUSER_APP", "x.App"),
        ("JUPYTERHUB_USER", "ben"),
        ("JUPYTERHUB_SERVER_NAME", "beta"),
        ("JUPYTERHUB_SERVICE_PREFIX", "/user/ben/beta/"),
        ("JUPYTERHUB_SERVICE_URL", "http://0.0.0.0:22/user/ada/alpha/"),
        ("JUPYTERHUB_API_TOKEN", "short"),
        ("JUPYTERHUB_DISABLE_USER_CONFIG", "0"),
        ("JUPYTER_IMAGE_SPEC", "other"),
        ("MEM_LIMIT", "1"),
        ("ECLUSE_PROJECT", "beta"),
        ("ECLUSE_AIRLOCK_URL", "http://elsewhere/"),
        ("HOME", "/root"),
    ],
)
def test_strange_or_changed_variables_are_named(plan: SpawnPlan, name: str, value: str) -> None:
    assert environment_problems(plan, IMAGE, {**hub_environment(plan), name: value}) == [f"Env.{name}"]


def test_environment_is_read_strictly() -> None:
    assert read_environment(["A=1", "B=x=y"]) == {"A": "1", "B": "x=y"}
    for bad in (None, "A=1", {"A": "1"}, ["A"], [1], ["A=1", "A=2"]):
        assert read_environment(bad) is None


def test_differences_are_named_by_their_place(plan: SpawnPlan) -> None:
    planned = container_body(plan, IMAGE, COMMAND, {})
    body = copy.deepcopy(planned)
    assert differences(body, planned) == []
    body["HostConfig"]["Privileged"] = True
    body["HostConfig"]["CapAdd"] = ["SYS_ADMIN"]
    body["hostconfig"] = {}
    del body["User"]
    assert differences(body, planned) == ["HostConfig.CapAdd", "HostConfig.Privileged", "User", "hostconfig"]
    assert differences([], planned) == ["the whole body"]


def test_what_python_calls_equal_is_not_taken_for_the_same() -> None:
    assert differences({"a": 1}, {"a": True}) == ["a"]
    assert differences({"a": 1.0}, {"a": 1}) == ["a"]
    assert differences({"a": [0]}, {"a": [False]}) == ["a"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_no_difference_means_the_same_json(one: Any, other: Any) -> None:
    assert differences(one, copy.deepcopy(one)) == []
    if not differences(one, other):
        assert repr(one) == repr(other) or one == other
        assert type(one) is type(other)
