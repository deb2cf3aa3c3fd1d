"""What may be created, started and touched, and what may not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docker.errors import NotFound

from ecluse.gate.calls import CALLS
from ecluse.gate.wire import TurnedDownError
from ecluse.rules.project import Tier
from policies import policies
from unit.gate.fakes import IMAGE
from unit.gate.house import House, change
from unit.hub.fakes import FakeAudit


def test_planned_workspace_is_created_recorded_and_started(house: House) -> None:
    identity = house.create()
    assert house.engine.bodies == [house.body()]
    assert "ecluse-project-alpha" in house.engine.nets
    (event,) = house.audit.events
    assert (event["actor"], event["action"], event["subject"]) == ("ecluse:gate", "workspace.create", "ada/alpha")
    assert house.call("POST", "/containers/ecluse_alpha_ada/start").status == 204
    assert house.engine.held[identity]["State"] == "running"


def test_gates_own_body_goes_to_the_engine(house: House) -> None:
    house.create(dict(reversed(house.body().items())))
    assert list(house.engine.bodies[0]) == list(house.body())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"HostConfig": {"Privileged": True}}, "HostConfig.Privileged"),
        ({"HostConfig": {"Binds": ["/:/host"]}}, "HostConfig.Binds"),
        ({"HostConfig": {"ReadonlyRootfs": 1}}, "HostConfig.ReadonlyRootfs"),
        ({"HostConfig": {"NetworkMode": "ecluse-project-beta"}}, "HostConfig.NetworkMode"),
        ({"Image": "sha256:" + "2" * 64}, "Image"),
        ({"Entrypoint": ["sh"]}, "Entrypoint"),
        ({"User": "0"}, "User"),
        ({"Cmd": ["sh"]}, "Cmd"),
        ({"NetworkingConfig": {}}, "NetworkingConfig"),
        ({"Env": None}, "Env"),
        ({"Env": ["LD_PRELOAD=/x"]}, "Env.LD_PRELOAD"),
    ],
)
def test_any_difference_is_refused_by_name(house: House, change: dict[str, Any], named: str) -> None:
    body = house.body()
    for key, value in change.items():
        if key == "Env" and value:
            body["Env"] = [*body["Env"], *value]
        else:
            body[key] = {**body[key], **value} if isinstance(value, dict) and key in body else value
    assert named in house.refusal(body)
    assert house.engine.nets == {}
    assert house.audit.events == []


def test_what_the_rules_refuse_is_not_created(house: House) -> None:
    body = house.body()
    assert house.refusal(body, name="ecluse_alpha_ben").startswith("not-as-planned: not as planned: name")
    change(house, paused=True)
    assert house.refusal(body).startswith("project-paused")
    change(house, paused=False, members={"mem": house.policies.current().projects["alpha"].members["mem"]})
    assert house.refusal(body).startswith("not-a-member")
    for labels in ({}, [], {"org.ecluse.person": "zoe", "org.ecluse.project": "alpha"}):
        assert house.refusal({**body, "Labels": labels}) == "not-as-planned: not as planned: Labels"


def test_sensitive_project_runs_alone_by_the_gates_own_view(house: House) -> None:
    change(house, "alpha", tier=Tier.SENSITIVE)
    body = house.body()
    label = {"org__ecluse__enclave": "ecluse", "org__ecluse__person": "ada", "org__ecluse__project": "beta"}
    house.engine.add("b", state="created", **label)
    assert house.refusal(body).startswith("other-project-running")
    house.engine.held["b"]["State"] = "exited"
    house.create(body)


def test_image_that_is_not_the_pinned_one_is_refused(house: House) -> None:
    found = house.policies.policies
    pinned = found.images["workspace"].model_copy(update={"digest": "sha256:" + "9" * 64})
    house.policies.policies = replace(found, images={**found.images, "workspace": pinned})
    assert house.refusal() == "not-as-planned: not as planned: Image"


def test_nothing_is_created_unrecorded(tmp_path: Path) -> None:
    class Broken(FakeAudit):
        def record(self, *_: Any) -> None:
            raise OSError("disk full")

    house = House(policies(tmp_path), tmp_path, Broken())
    assert house.refusal().startswith("not-recorded: the audit chain can't be written")
    assert house.engine.nets == {}


def test_creations_are_bounded(house: House) -> None:
    for _ in range(60):
        house.call("DELETE", f"/containers/{house.create()}", {"v": "True", "force": "True"})
    assert house.refusal().startswith("not-recorded: too many workspaces")
    house.ticks += 5
    house.create()


def test_no_network_is_told_by_its_code(house: House) -> None:
    del house.engine.held["proxy"]
    assert house.refusal().startswith("no-network: no container of the enclave 'ecluse' is its proxy")


def test_engines_own_refusal_is_passed_on_and_leaves_no_network(house: House) -> None:
    def fails(body: Any, name: str) -> Any:
        raise NotFound("no", response=None, explanation="bind source path does not exist: /srv/x")

    house.engine.create_container_from_config = fails  # type: ignore[method-assign]
    answer = house.call("POST", "/containers/create", {"name": "ecluse_alpha_ada"}, json.dumps(house.body()).encode())
    assert answer.content == {"message": "bind source path does not exist: /srv/x"}
    assert house.engine.nets == {}


def test_only_what_was_just_created_starts_and_only_once(house: House) -> None:
    labels = {"org__ecluse__enclave": "ecluse", "org__ecluse__person": "ada", "org__ecluse__project": "alpha"}
    house.engine.add("beside", state="exited", **labels)
    with pytest.raises(TurnedDownError, match="just created"):
        house.workspaces.start("beside")
    identity = house.create()
    house.workspaces.start(identity)
    house.engine.held[identity]["State"] = "exited"
    with pytest.raises(TurnedDownError, match="just created"):
        house.workspaces.start(identity)


def test_start_holds_to_the_policies_of_now(house: House) -> None:
    identity = house.create()
    spec = house.policies.current().projects["alpha"].workspace
    change(house, workspace=spec.model_copy(update={"pids": 64}))
    with pytest.raises(TurnedDownError, match="plan has changed"):
        house.workspaces.start(identity)
    change(house, workspace=spec, paused=True)
    with pytest.raises(TurnedDownError, match="paused"):
        house.workspaces.start(identity)


def test_what_is_no_workspace_is_out_of_reach(house: House) -> None:
    person = {"org__ecluse__person": "ada", "org__ecluse__project": "alpha"}
    house.engine.add("airlock", org__ecluse__enclave="ecluse", org__ecluse__service="airlock")
    house.engine.add("dressed", org__ecluse__enclave="ecluse", org__ecluse__service="gate", **person)
    house.engine.add("foreign", org__ecluse__enclave="another", **person)
    house.engine.add("stranger")
    for name in ("airlock", "dressed", "foreign", "stranger", "hub"):
        for method, path, query in (
            ("GET", "/json", {}),
            ("POST", "/start", {}),
            ("POST", "/stop", {"t": "1"}),
            ("GET", "/logs", {"tail": "5", "stdout": "1"}),
            ("DELETE", "", {"force": "True"}),
        ):
            with pytest.raises(TurnedDownError, match="no workspace of this enclave"):
                house.call(method, f"/v1.41/containers/{name}{path}", query)
    assert set(house.engine.held) == {"hub", "proxy", "airlock", "dressed", "foreign", "stranger"}


def test_own_workspaces_live_and_go_as_with_an_engine(house: House) -> None:
    identity = house.create()
    house.workspaces.start(identity)
    seen = house.call("GET", "/v1.41/containers/ecluse_alpha_ada/json").content
    assert (seen["Id"], seen["State"]["Running"]) == (identity, True)
    assert "SECRET" not in json.dumps(seen)
    assert "Pid" not in json.dumps(seen)
    query = {"tail": "5", "stdout": "1", "stderr": "1", "timestamps": "1", "follow": "0"}
    logs = house.call("GET", f"/containers/{identity}/logs", query).content
    assert logs == b"\x01\x00\x00\x00\x00\x00\x00\x0b" + f"{identity} 5 True".encode()
    assert house.call("POST", f"/containers/{identity}/stop", {"t": "4"}).status == 204
    query = {"v": "True", "link": "False", "force": "True"}
    assert house.call("DELETE", f"/containers/{identity}", query).status == 204
    assert house.engine.nets == {}
    assert house.call("GET", "/containers/ecluse_alpha_ada/json").status == 404


def test_list_shows_workspaces_of_this_enclave_alone(house: House) -> None:
    identity = house.create()
    house.engine.add("dressed", org__ecluse__enclave="ecluse", org__ecluse__person="x", org__ecluse__service="gate")
    query = {"all": "1", "filters": '{"label": ["org.ecluse.enclave=ecluse", "org.ecluse.person"]}'}
    (one,) = house.call("GET", "/containers/json", query).content
    assert one["Id"] == identity
    assert set(one) == {"Id", "Names", "Labels", "State", "Created"}
    for filters in ("{}", '{"label": ["org.ecluse.enclave=other", "org.ecluse.person"]}', '{"name": ["x"]}'):
        with pytest.raises(TurnedDownError, match="only this enclave's workspaces"):
            house.call("GET", "/containers/json", {"all": "1", "filters": filters})


def test_engine_shows_little_of_itself(house: House) -> None:
    assert house.call("GET", "/version").content == {
        "Version": "20.10.24",
        "ApiVersion": "1.41",
        "MinAPIVersion": "1.41",
    }
    assert house.call("GET", "/info").content == {"Runtimes": {}}
    house.engine.runtimes.append("nvidia")
    assert house.call("GET", "/info").content == {"Runtimes": {"nvidia": {}}}
    assert house.call("GET", "/_ping").content == "OK"
    seen = house.call("GET", "/images/ecluse/workspace:0.1/json").content
    assert seen == {"Id": IMAGE, "Config": {"Cmd": ["jupyterhub-singleuser"]}}
    with pytest.raises(TurnedDownError, match=r"not in images\.yaml"):
        house.call("GET", "/images/ecluse/hub:0.1/json")


def test_engine_that_is_away_is_a_bad_gateway(house: House) -> None:
    def fails() -> Any:
        raise ConnectionError("no socket")

    house.engine.version = fails  # type: ignore[method-assign]
    assert house.call("GET", "/version").status == 502


def test_only_the_calls_of_the_table_exist(house: House) -> None:
    assert {(c.method, c.name) for c in CALLS} == {
        ("GET", "ping"), ("GET", "version"), ("GET", "info"), ("GET", "image"), ("GET", "list"),
            ("GET", "volumes"), ("POST", "create"),
        ("GET", "inspect"), ("POST", "start"), ("POST", "stop"), ("GET", "logs"), ("DELETE", "remove"),
    }  # fmt: skip
    house.create()
    own = "/containers/ecluse_alpha_ada"
    for method, path in (
        ("POST", f"{own}/exec"), ("POST", f"{own}/attach"), ("POST", f"{own}/kill"), ("POST", f"{own}/update"),
        ("PUT", f"{own}/archive"), ("GET", f"{own}/archive"), ("GET", f"{own}/export"), ("POST", f"{own}/rename"),
        ("POST", "/commit"), ("POST", "/build"), ("POST", "/images/create"), ("POST", "/volumes/create"),
        ("POST", "/networks/create"), ("POST", "/swarm/init"), ("GET", "/plugins"), ("GET", "/events"),
        ("POST", "/v1.40/containers/create"), ("HEAD", "/_ping"), ("GET", f"{own}"), ("POST", f"{own}/json"),
    ):  # fmt: skip
        with pytest.raises(TurnedDownError, match="no such call"):
            house.call(method, path)


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("POST", "/containers/x/start", {"detachKeys": "a"}),
        ("POST", "/containers/x/stop", {"t": "600"}),
        ("POST", "/containers/x/stop", {"signal": "SIGKILL"}),
        ("GET", "/containers/x/logs", {"tail": "all"}),
        ("GET", "/containers/x/logs", {"follow": "1", "tail": "5"}),
        ("GET", "/containers/x/logs", {}),
        ("DELETE", "/containers/x", {"link": "True"}),
        ("POST", "/containers/create", {}),
        ("POST", "/containers/create", {"name": "x", "platform": "linux/arm64"}),
        ("GET", "/containers/x/json", {"size": "1"}),
    ],
)
def test_parameters_are_those_of_the_spawner(house: House, method: str, path: str, query: dict[str, str]) -> None:
    with pytest.raises(TurnedDownError, match="the parameter"):
        house.call(method, path, query)


def test_calls_without_a_body_have_none(house: House) -> None:
    with pytest.raises(TurnedDownError, match="no body"):
        house.call("POST", "/containers/x/start", body=b'{"HostConfig": {"Privileged": true}}')
