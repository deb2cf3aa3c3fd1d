"""What may be created, started and touched, and what may not."""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest
from docker.errors import NotFound

from ecluse.gate.calls import CALLS
from ecluse.gate.disk import Usage
from ecluse.gate.ending import GRACE_SECONDS, Endings
from ecluse.gate.gate import Gate
from ecluse.gate.networks import ProjectNetworks
from ecluse.gate.papers import YOUNG, Papers
from ecluse.gate.wire import Answer, Call, TurnedDownError
from ecluse.gate.workspaces import GatedWorkspaces
from ecluse.rules.container import container_body
from ecluse.rules.policy import Policies
from ecluse.rules.project import Tier
from ecluse.rules.workspace import SpawnPlan, SpawnSettings, plan_workspace
from ecluse.steps.gate import GateLog
from hub_environment import hub_environment
from policies import SEALED, policies
from unit.gate.fakes import IMAGE, FakeEngine
from unit.hub.fakes import NOW, FakeAudit, FixedPolicies, api_error

SETTINGS = SpawnSettings(host_root="/srv/root")


class House:
    """A gate over a fake engine, with a clock to turn. Papers are named for whom they are for, and not signed."""

    def __init__(self, found: Policies, folder: Path, audit: FakeAudit | None = None) -> None:
        self.now: datetime = NOW
        self.ticks = 0.0
        self.policies = FixedPolicies(found)
        self.audit = audit or FakeAudit()
        self.engine = FakeEngine()
        for door in ("hub", "proxy"):
            self.engine.add(door, org__ecluse__enclave="ecluse", org__ecluse__service=door)
        log = GateLog(self.audit, self.policies, lambda: self.ticks)
        networks = ProjectNetworks(self.engine, "ecluse", IPv4Network("10.213.0.0/24"), 27)
        self.usage = Usage(self.engine, "ecluse")
        self.folder = folder / "papers"
        self.folder.mkdir()
        papers = Papers(
            self.folder,
            b"services",
            lambda host, life: (f"{host} for {life}".encode(), b"key"),
            Path.write_bytes,
            os.getgid(),
        )
        self.workspaces = GatedWorkspaces(
            self.engine, self.policies, lambda: self.now, SETTINGS, networks, log, papers, full=self.usage.refusal
        )
        self.gate = Gate(self.engine, self.workspaces, self.usage)
        self.endings = Endings(
            self.engine, "ecluse", self.policies, lambda: self.now, self.workspaces, log, lambda: self.ticks
        )

    def plan(self, person: str = "ada", project: str = "alpha") -> SpawnPlan:
        made = plan_workspace(self.policies.current(), person, project, self.now, SETTINGS)
        assert isinstance(made, SpawnPlan), made
        return made

    def body(self, plan: SpawnPlan | None = None) -> dict[str, Any]:
        plan = plan or self.plan()
        return container_body(plan, IMAGE, ["jupyterhub-singleuser"], hub_environment(plan, IMAGE))

    def create(self, body: Mapping[str, Any] | None = None, name: str = "ecluse_alpha_ada") -> str:
        answer = self.call("POST", "/v1.41/containers/create", {"name": name}, json.dumps(body or self.body()).encode())
        assert answer.status == 201
        return str(answer.content["Id"])

    def call(self, method: str, path: str, query: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        return self.gate(Call(method, path, query or {}, body))

    def refusal(self, *args: Any, **kwargs: Any) -> str:
        with pytest.raises(TurnedDownError) as caught:
            self.create(*args, **kwargs)
        assert not [c for c in self.engine.held.values() if c["Name"].startswith("/ecluse_")]
        return f"{caught.value.refused.reason.value}: {caught.value.refused.message}"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(policies(tmp_path), tmp_path)


def change(house: House, project: str = "alpha", **changes: Any) -> None:
    found = house.policies.policies
    changed = found.projects[project].model_copy(update=changes)
    house.policies.policies = replace(found, projects={**found.projects, project: changed})


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


def test_what_the_hub_leaves_running_is_ended(house: House) -> None:
    identity = house.create()
    house.workspaces.start(identity)
    house.engine.held[identity]["Created"] = NOW.timestamp()
    house.endings.look()
    change(house, paused=True)
    house.endings.look()
    house.ticks += GRACE_SECONDS - 1
    house.endings.look()
    assert house.engine.held[identity]["State"] == "running"
    house.ticks += 1
    house.endings.look()
    assert identity not in house.engine.held
    event = house.audit.events[-1]
    assert (event["action"], event["subject"], event["detail"]["reason"]) == (
        "workspace.end",
        "ada/alpha",
        "project-paused",
    )


def test_one_that_cant_be_ended_does_not_keep_the_next_one_alive(house: House) -> None:
    for person in ("ada", "mem"):
        plan = house.plan(person)
        identity = house.create(house.body(plan), plan.container)
        house.workspaces.start(identity)
        house.engine.held[identity]["Created"] = NOW.timestamp()
    stop = house.engine.stop

    def fails_once(identity: str, timeout: int) -> None:
        house.engine.stop = stop  # type: ignore[method-assign]
        raise ConnectionError("busy")

    house.engine.stop = fails_once  # type: ignore[method-assign]
    change(house, paused=True)
    house.endings.look()
    house.ticks += GRACE_SECONDS
    house.endings.look()
    assert "id-1" in house.engine.held
    assert "id-2" not in house.engine.held
    house.endings.look()
    assert "id-1" not in house.engine.held


def test_session_that_is_over_is_ended_too(house: House) -> None:
    identity = house.create()
    house.workspaces.start(identity)
    house.engine.held[identity]["Created"] = NOW.timestamp()
    house.now = datetime.fromtimestamp(NOW.timestamp(), UTC) + timedelta(hours=12, minutes=1)
    house.endings.look()
    house.now += timedelta(minutes=2)
    house.endings.look()
    house.ticks += GRACE_SECONDS
    house.endings.look()
    assert house.audit.events[-1]["detail"]["reason"] == "session-over"


def test_what_is_in_order_again_is_left_alone(house: House) -> None:
    identity = house.create()
    house.workspaces.start(identity)
    house.engine.held[identity]["Created"] = NOW.timestamp()
    change(house, paused=True)
    house.endings.look()
    change(house, paused=False)
    house.ticks += GRACE_SECONDS
    house.endings.look()
    change(house, paused=True)
    house.endings.look()
    assert house.engine.held[identity]["State"] == "running"


@pytest.fixture
def sealed(tmp_path: Path) -> House:
    return House(policies(tmp_path, **SEALED), tmp_path)


def names(house: House) -> dict[str, str]:
    return {c["Name"].lstrip("/"): c["State"] for c in house.engine.held.values() if c["Name"].startswith("/ecluse_")}


def test_workspace_behind_a_pane_comes_and_goes_with_it(sealed: House) -> None:
    sealed.create()
    pane, inside = sealed.engine.bodies
    assert pane == sealed.body()
    assert pane["HostConfig"]["NetworkMode"] == "ecluse-project-alpha"
    assert [m["Target"] for m in pane["HostConfig"]["Mounts"]] == ["/run/pane", "/run/ecluse"]
    assert inside["HostConfig"]["NetworkMode"] == "none"
    assert not [v for v in inside["Env"] if v.startswith(("JUPYTERHUB_", "JPY_"))]
    assert sealed.audit.events[0]["detail"]["inside"] == "ecluse/sealed:0.1"
    assert names(sealed) == {"ecluse_alpha_ada": "created", "ecluse_alpha_ada_inside": "created"}
    sealed.call("POST", "/containers/ecluse_alpha_ada/start")
    assert names(sealed) == {"ecluse_alpha_ada": "running", "ecluse_alpha_ada_inside": "running"}
    sealed.call("POST", "/containers/ecluse_alpha_ada/stop", {"t": "4"})
    assert names(sealed) == {"ecluse_alpha_ada": "exited", "ecluse_alpha_ada_inside": "exited"}
    sealed.call("DELETE", "/containers/ecluse_alpha_ada", {"v": "True", "force": "True"})
    assert names(sealed) == {}
    assert "ecluse-project-alpha" not in sealed.engine.nets


def test_hub_has_no_hand_on_what_is_behind_a_pane(sealed: House) -> None:
    sealed.create()
    sealed.call("POST", "/containers/ecluse_alpha_ada/start")
    inside = "/containers/ecluse_alpha_ada_inside"
    logs, away = {"tail": "5"}, {"v": "True", "force": "True"}
    for method, path, query in (
        ("GET", inside + "/json", {}),
        ("POST", inside + "/start", {}),
        ("POST", inside + "/stop", {"t": "4"}),
        ("GET", inside + "/logs", logs),
        ("DELETE", inside, away),
    ):
        with pytest.raises(TurnedDownError, match="no workspace of this enclave"):
            sealed.call(method, path, query)
    listed = sealed.call(
        "GET", "/containers/json", {"filters": '{"label":["org.ecluse.enclave=ecluse","org.ecluse.person"]}'}
    )
    assert [c["Names"] for c in listed.content] == [["/ecluse_alpha_ada"]]
    plan = sealed.plan().inside
    assert plan is not None
    with pytest.raises(TurnedDownError, match="not as planned"):
        sealed.create(sealed.body(plan), plan.container)
    with pytest.raises(TurnedDownError, match="not as planned"):
        sealed.create(sealed.body(plan))


def test_pane_does_not_stay_without_what_is_behind_it(sealed: House) -> None:
    create = sealed.engine.create_container_from_config

    def fails_inside(body: dict[str, Any], name: str) -> dict[str, Any]:
        if name.endswith("_inside"):
            raise api_error(400, "bind source path does not exist")
        return create(body, name)

    sealed.engine.create_container_from_config = fails_inside  # type: ignore[method-assign]
    assert (
        sealed.call(
            "POST", "/containers/create", {"name": "ecluse_alpha_ada"}, json.dumps(sealed.body()).encode()
        ).status
        == 400
    )
    assert names(sealed) == {}
    assert "ecluse-project-alpha" not in sealed.engine.nets


def test_image_behind_a_pane_is_the_pinned_one(sealed: House) -> None:
    found = sealed.policies.policies
    images = {**found.images, "sealed": found.images["sealed"].model_copy(update={"digest": "sha256:" + "2" * 64})}
    sealed.policies.policies = replace(found, images=images)
    assert "inside.Image" in sealed.refusal()


def test_what_is_left_of_a_session_is_swept_up(sealed: House) -> None:
    pane = sealed.create()
    sealed.endings.look()
    assert len(names(sealed)) == 2
    del sealed.engine.held[pane]
    sealed.endings.look()
    assert names(sealed) == {}


def test_gate_ends_both(sealed: House) -> None:
    identity = sealed.create()
    sealed.workspaces.start(identity)
    change(sealed, paused=True)
    sealed.endings.look()
    sealed.ticks += GRACE_SECONDS
    sealed.endings.look()
    assert names(sealed) == {}


def papers_of(house: House, container: str = "ecluse_alpha_ada") -> dict[str, str]:
    return {f.name: f.read_text() for f in (house.folder / container).iterdir()}


def test_workspace_has_a_certificate_for_what_was_created_and_loses_it_with_it(house: House) -> None:
    identity = house.create()
    assert papers_of(house) == {
        "inside.key": "key",
        "inside.crt": f"{identity}.ecluse-project-alpha for 13:00:00",
        "trusted.pem": "services",
    }
    house.call("DELETE", f"/containers/{identity}", {"v": "True", "force": "True"})
    assert list(house.folder.iterdir()) == []
    again = house.create()
    assert papers_of(house)["inside.crt"].startswith(f"{again}.")


def test_nothing_stays_without_its_papers(house: House) -> None:
    def fail(*_: Any) -> None:
        raise OSError("disk full")

    house.workspaces.papers._sign = fail  # type: ignore[assignment]
    asked = ("POST", "/v1.41/containers/create", {"name": "ecluse_alpha_ada"}, json.dumps(house.body()).encode())
    assert house.call(*asked).status == 502
    assert not [c for c in house.engine.held.values() if c["Name"].startswith("/ecluse_")]
    assert list(house.folder.iterdir()) == []


def test_papers_that_nobody_has_any_more_are_swept_up_once_they_are_old(house: House) -> None:
    identity = house.create()
    house.workspaces.papers.lay("ecluse_alpha_cy")
    house.endings.look()
    assert len(list(house.folder.iterdir())) == 2
    old = time.time() - YOUNG - 1
    for folder in house.folder.iterdir():
        os.utime(folder, (old, old))
    house.endings.look()
    assert [f.name for f in house.folder.iterdir()] == ["ecluse_alpha_ada"]
    del house.engine.held[identity]
    house.endings.look()
    assert list(house.folder.iterdir()) == []


def test_sealed_session_has_papers_for_its_pane_alone(sealed: House) -> None:
    pane = sealed.create()
    assert [f.name for f in sealed.folder.iterdir()] == ["ecluse_alpha_ada"]
    assert papers_of(sealed)["inside.crt"].startswith(f"{pane}.ecluse-project-alpha")
