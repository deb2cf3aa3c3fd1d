"""The gate as it stands: through the client that the hub uses, when policies or the record fail, and under a flood."""

import time
from ipaddress import IPv4Network
from pathlib import Path

import docker
import pytest
from docker.errors import APIError, NotFound

from ecluse.hub.enclave import Engine
from ecluse.rules.audit import first_break
from escape.creations import create
from escape.house import API, House
from integration.hub.stack import docker as run_docker


@pytest.fixture
def client(house: House) -> docker.APIClient:
    """The hub's own way to the engine."""
    return Engine(house.gate.file).client


def test_spawners_client_takes_the_gate_for_an_engine(house: House, client: docker.APIClient) -> None:
    made = client.create_container_from_config(house.body(), house.plan.container)
    client.start(made["Id"])
    seen = client.inspect_container(house.plan.container)
    assert seen["State"]["Running"]
    assert list(seen["NetworkSettings"]["Networks"]) == [house.plan.network]
    labels = [f"org.ecluse.enclave={house.name}", "org.ecluse.person"]
    assert made["Id"] in {c["Id"] for c in client.containers(all=True, filters={"label": labels})}
    deadline = time.monotonic() + 20
    while not (text := client.logs(made["Id"], tail=200, timestamps=True)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert text
    client.stop(made["Id"], timeout=1)
    client.remove_container(made["Id"], v=True, force=True)
    with pytest.raises(NotFound):
        client.inspect_container(house.plan.container)
    assert client.inspect_image("ecluse/workspace:0.1")["Id"] == house.image
    assert Engine(house.gate.file).gpus() == 0


def test_project_network_is_closed_and_goes_with_the_last_workspace(house: House, client: docker.APIClient) -> None:
    identity = client.create_container_from_config(house.body(), house.plan.container)["Id"]
    network = house.engine.api.inspect_network(house.plan.network)
    assert network["Internal"] is True
    assert network["EnableIPv6"] is False
    assert network["Options"] == {"com.docker.network.bridge.inhibit_ipv4": "true"}
    subnet = IPv4Network(network["IPAM"]["Config"][0]["Subnet"])
    assert subnet.subnet_of(IPv4Network(house.stack.pool))
    members = {c["Name"] for c in network["Containers"].values()}
    assert members == {f"{house.name}-hub", f"{house.name}-proxy"}
    client.remove_container(identity, v=True, force=True)
    assert house.engine.networks.list(names=[house.plan.network]) == []


def test_refusal_is_an_error_with_its_reason(house: House, client: docker.APIClient) -> None:
    body = house.body()
    body["HostConfig"]["Privileged"] = True
    with pytest.raises(APIError, match=r"refused by the gate: not as planned: HostConfig\.Privileged") as caught:
        client.create_container_from_config(body, house.plan.container)
    assert caught.value.response is not None
    assert caught.value.response.json()["reason"] == "not-as-planned"
    with pytest.raises(APIError, match="no such call passes the gate"):
        client.exec_create(f"{house.name}-airlock", "id")
    # Longer than the gate reads: the caller still hears why, and not that the connection broke.
    with pytest.raises(APIError, match="the body is longer than 65536 bytes"):
        client.put_archive(f"{house.name}-airlock", "/", b"\0" * 300_000)


def test_refusals_stand_in_the_chain_and_a_flood_is_bounded(house: House) -> None:
    before = len(house.stack.events())
    for _ in range(400):
        assert house.gate.ask("POST", f"{API}/containers/{house.name}-airlock/exec", {}).status == 403
    events = house.stack.events()
    mine = [e for e in events[before:] if e["action"] == "refused.gate"]
    assert 0 < len(mine) <= 80
    assert mine[0]["actor"] == "ecluse:gate"
    assert mine[0]["detail"]["reason"] == "not-let-through"
    assert first_break(events) is None
    deadline = time.monotonic() + 40
    while not any(e["detail"].get("unrecorded", 0) > 100 for e in house.stack.events()[before:]):
        assert time.monotonic() < deadline
        time.sleep(1)


def test_creation_is_recorded_by_the_gate_itself(house: House, client: docker.APIClient) -> None:
    identity = client.create_container_from_config(house.body(), house.plan.container)["Id"]
    client.remove_container(identity, v=True, force=True)
    (event, *_) = [e for e in reversed(house.stack.events()) if e["action"] == "workspace.create"]
    assert (event["actor"], event["project"], event["subject"]) == ("ecluse:gate", "alpha", "ada/alpha")
    assert event["detail"] == {"image": house.image}


def test_nothing_is_created_while_the_chain_cant_be_written(house: House) -> None:
    database = house.stack.root / "control/ecluse.sqlite"
    away = database.with_suffix(".away")
    run_docker("restart", "-t", "1", f"{house.name}-gate")
    house.wait_for_gate()
    database.rename(away)
    try:
        answer = house.gate.ask("POST", f"{API}/containers/create", house.body(), name=house.plan.container)
        assert (answer.status, answer.json()["reason"]) == (503, "not-recorded")
        assert house.engine.containers.list(all=True, filters={"name": f"^{house.plan.container}$"}) == []
        assert house.gate.ask("POST", f"{API}/volumes/create", {}).status == 403
    finally:
        database.unlink(missing_ok=True)
        away.rename(database)
        run_docker("restart", "-t", "1", f"{house.name}-gate")
        house.wait_for_gate()


def test_edit_of_the_policies_counts_at_the_next_call(house: House) -> None:
    file = "policies/projects/alpha.yaml"
    text = (house.stack.root / file).read_text()
    body = house.body()
    try:
        house.stack.write(file, text + "paused: true\n")
        answer = house.gate.ask("POST", f"{API}/containers/create", body, name=house.plan.container)
        assert answer.json()["reason"] == "project-paused"
    finally:
        house.stack.write(file, text)
    identity, answered = create(house, house.gate, body)
    assert identity, answered
    house.gate.ask("DELETE", f"{API}/containers/{identity}", force="True", v="True", link="False")


@pytest.mark.parametrize("spoilt", ["people: [", None])
def test_gate_does_not_open_without_valid_policies(house: House, tmp_path: Path, spoilt: str | None) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(0o755)
    if spoilt:
        (folder / "people.yaml").write_text(spoilt)
    done = house.engine.containers.create(
        "ecluse/gate:0.1",
        network_mode="none",
        group_add=[str(Path("/var/run/docker.sock").stat().st_gid)],
        environment={"ECLUSE_HOST_ROOT": "/x", "ECLUSE_NAME": house.name},
        volumes=[f"{folder}:/srv/ecluse/policies:ro", "/var/run/docker.sock:/var/run/docker.sock"],
        labels={"org.ecluse.escape": house.name},
    )
    try:
        done.start()
        assert done.wait(timeout=60)["StatusCode"] != 0
        assert "people.yaml" in done.logs().decode()
    finally:
        done.remove(force=True)


def test_gate_is_healthy_and_holds_no_network(house: House) -> None:
    found = house.inspect(f"{house.name}-gate")
    assert found["HostConfig"]["NetworkMode"] == "none"
    command = ("exec", f"{house.name}-gate", "python", "-m", "ecluse.gate.health")
    assert run_docker(*command) == ""
    status = run_docker("exec", f"{house.name}-gate", "cat", "/proc/1/status")
    assert "CapEff:\t0000000000000000" in status
