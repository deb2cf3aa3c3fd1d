"""Every control of the self-check finds its drift, and finds nothing in an enclave that runs as planned."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ecluse.rules.container import container_body
from ecluse.rules.controls import CONTROLS, SERVICES
from ecluse.rules.policy import Policies
from ecluse.rules.selfcheck import Drift, Folder, Look, drifts, warnings
from ecluse.rules.users import UserMap
from ecluse.rules.workspace import SpawnPlan, SpawnSettings, plan_workspace
from policies import SEALED, policies

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SETTINGS = SpawnSettings(host_root="/srv/root")
IMAGE = "sha256:" + "a" * 64
FOLDERS = {"keys": (0, 0, 0o700), "secrets": (0, 0, 0o755)}
Json = dict[str, Any]


@pytest.fixture
def good(tmp_path: Path) -> Policies:
    found = policies(tmp_path)
    pinned = {k: v.model_copy(update={"digest": IMAGE}) for k, v in found.images.items()}
    return Policies(found.people, found.projects, found.datasets, pinned, found.rules)


def service(name: str) -> Json:
    """A service as the engine tells of one that compose.yaml made."""
    made = SERVICES[name]
    mounts = [
        {"Type": "bind", "Source": f"/srv/root/{part}", "Destination": f"/srv/ecluse/{part}", "RW": writes}
        for part, writes in made.mounts.items()
    ]
    if made.socket:
        at = "/var/run/docker.sock"
        mounts.append({"Type": "bind", "Source": at, "Destination": at, "RW": True})
    networks = [f"ecluse-{n}" for n in made.networks] + (["ecluse-project-alpha"] if made.projects else [])
    return {
        "Id": f"id-{name}",
        "Name": f"/ecluse-{name}",
        "Image": IMAGE,
        "Config": {"User": "10001:10001", "Labels": {"org.ecluse.enclave": "ecluse", "org.ecluse.service": name}},
        "HostConfig": {
            "Privileged": False, "CapDrop": ["ALL"], "CapAdd": None, "SecurityOpt": ["no-new-privileges:true"],
            "ReadonlyRootfs": True, "PidsLimit": 64, "Memory": 2**28, "NetworkMode": "ecluse-control", "Devices": None,
        },
        "Mounts": mounts,
        "NetworkSettings": {
            "Networks": {n: {} for n in networks or ["none"]},
            "Ports": {"8000/tcp": [{"HostPort": "8000"}] if made.publishes else None},
        },
    }  # fmt: skip


def workspace(good: Policies) -> Json:
    """A workspace as the engine tells of one that was made from the plan, with the engine's own additions."""
    plan = plan_workspace(good, "ada", "alpha", NOW, SETTINGS)
    assert isinstance(plan, SpawnPlan)
    return container(plan)


def container(plan: SpawnPlan) -> Json:
    body = container_body(plan, IMAGE, ["jupyterhub-singleuser"], {})
    host = {**body["HostConfig"], "Binds": None, "Devices": None, "CgroupParent": "", "OomScoreAdj": 0}
    host["Mounts"] = [
        {**{k: v for k, v in m.items() if v is not False}, "VolumeOptions": {**m["VolumeOptions"], "NoCopy": False}}
        if "VolumeOptions" in m
        else m
        for m in host["Mounts"]
    ]
    return {
        "Id": "id-ada",
        "Name": f"/{plan.container}",
        "Image": IMAGE,
        "Config": {"User": body["User"], "Labels": body["Labels"]},
        "HostConfig": host,
        "Mounts": [
            {"Type": m.kind.value, "Source": m.source, "Destination": m.target, "RW": not m.read_only}
            for m in plan.mounts
        ],
        "NetworkSettings": {"Networks": {plan.network: {}}, "Ports": {"8888/tcp": None}},
    }


def network(name: str, members: list[str], **more: Any) -> Json:
    return {
        "Name": f"ecluse-{name}",
        "Internal": name not in ("edge", "egress", "provider"),
        "EnableIPv6": False,
        "Labels": {"org.ecluse.enclave": "ecluse"},
        "Options": {} if name in ("edge", "egress", "provider") else {"com.docker.network.bridge.inhibit_ipv4": "true"},
        "Containers": {f"id-{m}": {"Name": m} for m in members},
        **more,
    }


@pytest.fixture
def seen(good: Policies) -> Look:
    stranger = {"Id": "id-x", "Name": "/other", "Config": {"Labels": None}, "HostConfig": {"Privileged": True}}
    return Look(
        containers=[*(service(n) for n in SERVICES), workspace(good), stranger],
        networks=[
            network("edge", ["edge"]),
            network("front", ["edge", "proxy"]),
            network("control", ["proxy", "hub", "airlock", "provider-door"]),
            network("provider", ["provider-door"]),
            network("mirror", ["mirror"]),
            network("egress", ["fetcher"]),
            network("project-alpha", ["proxy", "hub", "mirror", "ada"]),
            {"Name": "bridge", "Internal": False},
        ],
        folders=(Folder("keys", 0, 0, 0o700), Folder("secrets", 0, 0, 0o755), Folder("secrets/hub/a", 0, 0, 0o400)),
        expected_folders=FOLDERS,
        encrypted=True,
    )


def found(look: Look, good: Policies, *, production: bool = True) -> list[Drift]:
    return drifts(look, good, SETTINGS, NOW, production=production)


def test_enclave_as_planned_has_no_drift(seen: Look, good: Policies) -> None:
    for container in seen.containers[:-1]:
        container["Mounts"].append({"Type": "tmpfs", "Source": "", "Destination": "/tmp", "RW": True})
    assert found(seen, good) == []


def test_an_enclave_without_a_provider_has_no_door_to_it(seen: Look, good: Policies) -> None:
    without = [c for c in seen.containers if c["Id"] != "id-provider-door"]
    assert found(replace(seen, containers=without, networks=[]), good) == []


@pytest.mark.parametrize("name", ["edge", "provider"])
def test_a_stranger_in_a_network_with_a_way_out_is_found(seen: Look, good: Policies, name: str) -> None:
    door = {"edge": "edge", "provider": "provider-door"}[name]
    networks = [network(name, [door, "hub"])]
    assert [(d.where, d.seen) for d in found(replace(seen, networks=networks), good)] == [(f"ecluse-{name}", "hub")]


Spoil = Callable[[dict[str, Json]], object]


def host(name: str, **changes: Any) -> Spoil:
    return lambda containers: containers[name]["HostConfig"].update(changes)


def mounted(name: str, **mount: Any) -> Spoil:
    return lambda containers: containers[name]["Mounts"].append({"Type": "bind", "RW": True, **mount})


@pytest.mark.parametrize(
    ("spoil", "where", "control"),
    [
        (host("checker", Privileged=True), "ecluse-checker", "not privileged"),
        (host("hub", CapDrop=["ALL"], CapAdd=["NET_ADMIN"]), "ecluse-hub", "no capabilities"),
        (host("hub", CapDrop=None), "ecluse-hub", "no capabilities"),
        (host("hub", SecurityOpt=None), "ecluse-hub", "no new privileges"),
        (
            host("hub", SecurityOpt=["no-new-privileges", "seccomp=unconfined"]),
            "ecluse-hub",
            "seccomp and AppArmor",
        ),
        (host("airlock", ReadonlyRootfs=False), "ecluse-airlock", "read-only root"),
        (host("airlock", PidsLimit=None), "ecluse-airlock", "limit of processes"),
        (host("airlock", Memory=0), "ecluse-airlock", "limit of memory"),
        (lambda c: c["proxy"]["Config"].update(User="0:0"), "ecluse-proxy", "no root user"),
        (lambda c: c["proxy"]["Config"].update(User=""), "ecluse-proxy", "no root user"),
        (host("proxy", PidMode="host"), "ecluse-proxy", "own namespaces"),
        (host("hub", UsernsMode="host"), "ecluse-hub", "the engine's users"),
        (host("ada", UsernsMode="host"), "ecluse_alpha_ada", "the engine's users"),
        (host("checker", NetworkMode="container:abc"), "ecluse-checker", "own namespaces"),
        (host("checker", Devices=[{"PathOnHost": "/dev/sda"}]), "ecluse-checker", "no devices"),
        (
            lambda c: c["airlock"]["NetworkSettings"]["Ports"].update({"8082/tcp": [{"HostPort": "8082"}]}),
            "ecluse-airlock",
            "no published port",
        ),
        (mounted("hub", Source="/run/docker.sock", Destination="/s"), "ecluse-hub", "no engine's socket"),
        (mounted("airlock", Source="/srv/root/extracts", Destination="/x"), "ecluse-airlock", "mounts"),
        (lambda c: c["checker"]["Mounts"][0].update(RW=True), "ecluse-checker", "mounts"),
        (
            lambda c: c["checker"]["NetworkSettings"].update(Networks={"ecluse-control": {}}),
            "ecluse-checker",
            "networks",
        ),
        (lambda c: c["edge"]["Config"]["Labels"].update({"org.ecluse.service": "odd"}), "ecluse-edge", "known service"),
        (lambda c: c["edge"]["Config"]["Labels"].pop("org.ecluse.service"), "ecluse-edge", "known container"),
        (host("ada", Memory=2**40), "ecluse_alpha_ada", "as planned"),
        (host("ada", Binds=["/:/host"]), "ecluse_alpha_ada", "as planned"),
        (host("ada", Dns=["8.8.8.8"]), "ecluse_alpha_ada", "as planned"),
        (mounted("ada", Source="/srv/root/sources", Destination="/s"), "ecluse_alpha_ada", "mounts"),
        (lambda c: c["ada"]["Mounts"][0].update(RW=True), "ecluse_alpha_ada", "mounts"),
        (lambda c: c["ada"]["Mounts"].pop(), "ecluse_alpha_ada", "mounts"),
        (lambda c: c["ada"].update(Image="sha256:" + "b" * 64), "ecluse_alpha_ada", "pinned image"),
        (
            lambda c: c["ada"]["NetworkSettings"]["Networks"].update({"bridge": {}}),
            "ecluse_alpha_ada",
            "networks",
        ),
        (lambda c: c["ada"]["Config"]["Labels"].update({"org.ecluse.person": "ben"}), "ecluse_alpha_ada", "permit"),
    ],
)
def test_each_drift_of_a_container_is_found(seen: Look, good: Policies, spoil: Spoil, where: str, control: str) -> None:
    containers = copy.deepcopy(list(seen.containers))
    spoil({str(c["Id"]).removeprefix("id-"): c for c in containers})
    seeded = Look(containers, seen.networks, seen.folders, FOLDERS, encrypted=True)
    assert control in {d.control.split(" (")[0] for d in found(seeded, good) if d.where == where}


def test_each_control_has_its_section_of_the_benchmark() -> None:
    assert all(number[0].isdigit() for number, _ in CONTROLS.values())


def test_missing_service_is_a_drift(seen: Look, good: Policies) -> None:
    rest = [c for c in seen.containers if c["Id"] != "id-checker"]
    seeded = Look(rest, seen.networks, seen.folders, FOLDERS, encrypted=True)
    assert [d.where for d in found(seeded, good)] == ["ecluse-checker"]


def test_fetcher_is_missed_by_nobody_and_the_mirror_is(seen: Look, good: Policies) -> None:
    rest = [c for c in seen.containers if c["Id"] not in ("id-fetcher", "id-mirror")]
    seeded = Look(rest, (), seen.folders, FOLDERS, encrypted=True)
    assert [d.where for d in found(seeded, good)] == ["ecluse-mirror"]


@pytest.mark.parametrize(
    ("spoiled", "control"),
    [
        (network("project-alpha", ["hub", "proxy", "ada"], Internal=False), "network without a way out"),
        (network("project-alpha", [], Options={}), "network without the host"),
        (network("control", ["hub"], EnableIPv6=True), "no IPv6"),
        (network("project-beta", ["ada"]), "members of a network"),
        (network("project-alpha", ["airlock"]), "members of a network"),
        (network("control", ["edge"]), "members of a network"),
        (network("front", ["x"]), "members of a network"),
        (network("control", ["ada"]), "members of a network"),
        (network("egress", ["mirror"]), "members of a network"),
        (network("mirror", ["fetcher"]), "members of a network"),
        (network("project-alpha", ["fetcher"]), "members of a network"),
    ],
)
def test_each_drift_of_a_network_is_found(seen: Look, good: Policies, spoiled: Json, control: str) -> None:
    seeded = Look(seen.containers, [spoiled], seen.folders, FOLDERS, encrypted=True)
    assert [d.control for d in found(seeded, good)] == [control]


def test_newer_engines_isolate_by_another_option(seen: Look, good: Policies) -> None:
    newer = network("control", [], Options={"com.docker.network.bridge.gateway_mode_ipv4": "isolated"})
    assert found(Look(seen.containers, [newer], seen.folders, FOLDERS, encrypted=True), good) == []


@pytest.mark.parametrize(
    ("folder", "where"),
    [
        (Folder("keys", 0, 0, 0o750), "keys"),
        (Folder("keys", 1000, 0, 0o700), "keys"),
        (Folder("secrets/hub/a", 0, 0, 0o440), "secrets/hub/a"),
        (Folder("secrets/hub/a", 0, 0, 0o600), "secrets/hub/a"),
        (Folder("keys/pseudonyms.key", 0, 0, 0o404), "keys/pseudonyms.key"),
    ],
)
def test_each_drift_of_a_file_is_found(seen: Look, good: Policies, folder: Folder, where: str) -> None:
    rest = tuple(f for f in seen.folders if f.path != folder.path)
    seeded = Look(seen.containers, seen.networks, (*rest, folder), FOLDERS, encrypted=True)
    assert [d.where for d in found(seeded, good)] == [where]


def test_missing_folder_is_a_drift(seen: Look, good: Policies) -> None:
    seeded = Look(seen.containers, seen.networks, seen.folders[1:], FOLDERS, encrypted=True)
    assert [(d.where, d.seen) for d in found(seeded, good)] == [("keys", "not there")]


@pytest.mark.parametrize(("encrypted", "said"), [(False, "not encrypted"), (None, "can't be told")])
def test_production_asks_for_encryption_and_doubt_is_no(
    seen: Look, good: Policies, encrypted: bool | None, said: str
) -> None:
    seeded = Look(seen.containers, seen.networks, seen.folders, FOLDERS, encrypted=encrypted)
    assert [d.seen for d in found(seeded, good)] == [said]
    assert found(seeded, good, production=False) == []


@pytest.fixture
def pane_and_inside(tmp_path: Path) -> tuple[Policies, list[Json]]:
    found = policies(tmp_path / "sealed", **SEALED)
    plan = plan_workspace(found, "ada", "alpha", NOW, SETTINGS)
    assert isinstance(plan, SpawnPlan)
    assert plan.inside is not None
    return found, [*(service(n) for n in SERVICES), container(plan), container(plan.inside)]


def test_pane_and_what_is_behind_it_are_as_planned(pane_and_inside: tuple[Policies, list[Json]]) -> None:
    sealed, containers = pane_and_inside
    assert found(Look(containers, [], (), {}, encrypted=True), sealed) == []


def test_workspace_behind_a_pane_has_no_network(pane_and_inside: tuple[Policies, list[Json]]) -> None:
    sealed, containers = pane_and_inside
    containers[-1]["NetworkSettings"]["Networks"] = {"ecluse-project-alpha": {}}
    seeded = Look(containers, [], (), {}, encrypted=True)
    assert [(d.where, d.control) for d in found(seeded, sealed)] == [("ecluse_alpha_ada_inside", "networks")]


def test_nothing_is_behind_a_plain_workspace(seen: Look, good: Policies) -> None:
    odd = workspace(good)
    odd["Config"]["Labels"]["org.ecluse.inside"] = "true"
    seeded = Look([*seen.containers, odd], seen.networks, seen.folders, FOLDERS, encrypted=True)
    assert [d.control for d in found(seeded, good)] == ["known container"]


def test_certificate_that_nobody_renewed_is_told_a_month_before_it_ends(good: Policies, seen: Look) -> None:
    ends = {"secrets/hub/inside.crt": NOW + timedelta(days=29), "secrets/edge/inside.crt": NOW + timedelta(days=31)}
    told = found(replace(seen, certificates=ends), good)
    assert [(d.where, d.control, d.seen) for d in told] == [
        ("secrets/hub/inside.crt", "certificate inside", "ends 2026-06-30")
    ]


MAPPED = UserMap(100_000, 100_000)


def test_gate_alone_may_have_the_machines_users(seen: Look, good: Policies) -> None:
    gate = next(c for c in seen.containers if c["Id"] == "id-gate")
    gate["HostConfig"]["UsernsMode"] = "host"
    assert found(replace(seen, users=MAPPED, prepared=MAPPED), good) == []


def test_engine_without_user_namespaces_is_a_warning_and_no_drift(seen: Look, good: Policies) -> None:
    assert [(w.where, w.fix.split(":")[0]) for w in warnings(seen)] == [("engine", '"userns-remap"')]
    assert found(seen, good) == []
    assert warnings(replace(seen, users=MAPPED, prepared=MAPPED)) == []


def test_data_root_of_an_engine_with_other_users_is_one_drift(seen: Look, good: Policies) -> None:
    told = found(replace(seen, users=MAPPED), good)
    assert [(d.where, d.seen) for d in told] == [
        ("data root", "prepared for no user namespaces; the engine has users from 100000, groups from 100000")
    ]
