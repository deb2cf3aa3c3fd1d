"""The services as compose has them: who holds the engine's socket, who can reach the gate, and who has a way out."""

from pathlib import Path
from typing import Any

import pytest
import yaml

COMPOSE = Path(__file__).parents[3] / "deploy" / "compose.yaml"
ENGINE = "/var/run/docker.sock"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def mounts(service: dict[str, Any]) -> dict[str, bool]:
    """Target to whether it is read-only."""
    return {v["target"]: v.get("read_only", False) for v in service.get("volumes", ())}


def test_engines_socket_is_mounted_into_the_gate_alone(services: dict[str, Any]) -> None:
    assert [n for n, s in services.items() if any(ENGINE in str(v) for v in s.get("volumes", ()))] == ["gate"]
    assert [n for n, s in services.items() if "DOCKER_GID" in str(s.get("group_add"))] == ["gate"]
    assert not [n for n, s in services.items() if "DOCKER_HOST" in str(s.get("environment"))]


def test_gates_socket_is_seen_by_the_hub_alone_and_cant_be_replaced(services: dict[str, Any]) -> None:
    held = {n: mounts(s).get("/srv/ecluse/gate") for n, s in services.items()}
    assert {n: read_only for n, read_only in held.items() if read_only is not None} == {"gate": False, "hub": True}


def test_gate_has_no_network_no_rights_and_cant_change_policies(services: dict[str, Any]) -> None:
    gate = services["gate"]
    assert gate["network_mode"] == "none"
    assert "networks" not in gate
    assert "ports" not in gate
    assert gate["read_only"] is True
    # The machine's users on an engine that maps them, where the socket has no other owner; and nobody else's.
    assert [n for n, s in services.items() if "userns_mode" in s] == ["gate"]
    assert (gate["userns_mode"], gate["user"]) == ("${ECLUSE_GATE_USERNS:-}", "${ECLUSE_GATE_USER:-10003:10001}")
    assert gate["cap_drop"] == ["ALL"]
    assert gate["security_opt"] == ["no-new-privileges:true"]
    assert mounts(gate)["/srv/ecluse/policies"] is True
    parts = {"policies", "control", "gate", "places", "papers", "secrets/gate"}
    assert set(mounts(gate)) == {ENGINE, *(f"/srv/ecluse/{part}" for part in parts)}


def test_hub_and_gate_plan_from_the_same_settings(services: dict[str, Any]) -> None:
    hub, gate = services["hub"]["environment"], services["gate"]["environment"]
    for name in ("ECLUSE_NAME", "ECLUSE_HOST_ROOT", "ECLUSE_DATABASE"):
        assert hub[name] == gate[name]
    for name in ("ECLUSE_GPUS", "ECLUSE_IDLE_MINUTES"):
        assert hub.get(name) == gate.get(name)


def test_doors_pass_nothing_on(services: dict[str, Any]) -> None:
    for door in ("hub", "proxy", "mirror", "fetcher"):
        assert services[door]["sysctls"] == {"net.ipv4.ip_forward": "0"}


def test_mirror_has_no_way_out_and_the_fetcher_no_way_in(services: dict[str, Any]) -> None:
    networks = yaml.safe_load(COMPOSE.read_text())["networks"]
    outward = {n for n, found in networks.items() if not found.get("internal")}
    assert outward == {"edge", "egress", "provider"}
    members = {n: {s for s, found in services.items() if n in found.get("networks", ())} for n in networks}
    assert (members["mirror"], members["egress"]) == ({"mirror"}, {"fetcher"})
    assert [s for s, found in services.items() if "ports" in found] == ["edge"]


def test_fetcher_sees_the_list_and_hashes_and_no_other_policy_or_request(services: dict[str, Any]) -> None:
    root = "/srv/ecluse"
    assert mounts(services["fetcher"]) == {
        f"{root}/policies/packages": True,
        f"{root}/packages": False,
        f"{root}/asked/wanted": True,
        f"{root}/secrets/fetcher": True,
    }
    assert mounts(services["mirror"]) == {
        f"{root}/policies/packages": True,
        f"{root}/places": True,
        f"{root}/packages": True,
        f"{root}/asked": False,
        f"{root}/secrets/mirror": True,
    }


def test_what_signs_for_workspaces_is_the_gates_alone_and_what_signs_for_services_is_nobodys(
    services: dict[str, Any],
) -> None:
    held = {n: set(mounts(s)) for n, s in services.items()}
    assert [n for n, targets in held.items() if "/srv/ecluse/secrets/gate" in targets] == ["gate"]
    assert [n for n, targets in held.items() if "/srv/ecluse/papers" in targets] == ["gate"]
    assert not [n for n, targets in held.items() if "/srv/ecluse/secrets" in targets]
    own = {n: [t for t in targets if t.startswith("/srv/ecluse/secrets/")] for n, targets in held.items()}
    assert all(found in ([], [f"/srv/ecluse/secrets/{name}"]) for name, found in own.items())


def test_health_checks_ask_over_tls(services: dict[str, Any]) -> None:
    asked = {n: str(services[n]["healthcheck"]["test"]) for n in ("proxy", "hub", "airlock", "mirror")}
    assert all("https://localhost:" in test and "http://" not in test for test in asked.values())
