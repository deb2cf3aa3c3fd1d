"""Project networks: where they lie, how they are closed, when they go."""

from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecluse.gate.networks import NoNetworkError, ProjectNetworks, bridge_options, free_subnet
from unit.gate.fakes import FakeEngine

POOL = IPv4Network("10.213.0.0/24")


def made(engine: FakeEngine, bits: int = 27) -> ProjectNetworks:
    engine.add("hub-id", org__ecluse__enclave="ecluse", org__ecluse__service="hub")
    engine.add("proxy-id", org__ecluse__enclave="ecluse", org__ecluse__service="proxy")
    return ProjectNetworks(engine, "ecluse", POOL, bits)


def test_first_free_subnet_is_taken() -> None:
    assert free_subnet(POOL, 27, []) == IPv4Network("10.213.0.0/27")
    taken = [IPv4Network("10.213.0.0/27"), IPv4Network("10.213.0.64/28"), IPv4Network("172.17.0.0/16")]
    assert free_subnet(POOL, 27, taken) == IPv4Network("10.213.0.32/27")


def test_pool_can_be_used_up() -> None:
    with pytest.raises(NoNetworkError, match="widen ECLUSE_SUBNETS"):
        free_subnet(POOL, 27, [IPv4Network("10.0.0.0/8")])


@given(st.lists(st.integers(0, 7), max_size=7))
def test_free_subnet_overlaps_nothing_taken(taken: list[int]) -> None:
    used = [list(POOL.subnets(new_prefix=27))[i] for i in taken]
    found = free_subnet(POOL, 27, used)
    assert found.subnet_of(POOL)
    assert not any(found.overlaps(u) for u in used)


def test_bridge_has_no_address_on_any_engine() -> None:
    assert bridge_options("20.10.24+dfsg1") == {"com.docker.network.bridge.inhibit_ipv4": "true"}
    assert bridge_options("27.5.1") == {"com.docker.network.bridge.inhibit_ipv4": "true"}
    for version in ("28.0.0", "29.1"):
        options = bridge_options(version)
        assert options["com.docker.network.bridge.gateway_mode_ipv4"] == "isolated"
        assert options["com.docker.network.bridge.gateway_mode_ipv6"] == "isolated"


def test_network_is_internal_and_has_only_the_doors() -> None:
    engine = FakeEngine()
    name = made(engine).ensure("alpha")
    network = engine.nets[name]
    assert name == "ecluse-project-alpha"
    assert network["Internal"] is True
    assert network["EnableIPv6"] is False
    assert network["Options"] == {"com.docker.network.bridge.inhibit_ipv4": "true"}
    assert network["Containers"] == {"hub-id": {"aliases": ["hub"]}, "proxy-id": {"aliases": ["proxy"]}}


def test_network_is_made_once_and_doors_join_again() -> None:
    engine = FakeEngine()
    networks = made(engine)
    name = networks.ensure("alpha")
    del engine.nets[name]["Containers"]["proxy-id"]
    networks.ensure("alpha")
    assert engine.calls.count("create_network") == 1
    assert "proxy-id" in engine.nets[name]["Containers"]


def test_projects_get_different_subnets_also_at_once() -> None:
    engine = FakeEngine()
    networks = made(engine)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(networks.ensure, [f"p{i}" for i in range(8)]))
    subnets = {n["IPAM"]["Config"][0]["Subnet"] for n in engine.nets.values()}
    assert len(subnets) == 8


def test_subnet_that_the_host_routes_is_passed_over() -> None:
    engine = FakeEngine()
    engine.routed = ["10.213.0.0/27", "10.213.0.32/27"]
    name = made(engine).ensure("alpha")
    assert engine.nets[name]["IPAM"]["Config"][0]["Subnet"] == "10.213.0.64/27"


def test_network_goes_with_the_last_workspace() -> None:
    engine = FakeEngine()
    networks = made(engine)
    networks.ensure("alpha")
    engine.add("w", org__ecluse__enclave="ecluse", org__ecluse__project="alpha")
    networks.release("alpha")
    assert "ecluse-project-alpha" in engine.nets
    del engine.held["w"]
    networks.release("alpha")
    assert engine.nets == {}
    networks.release("alpha")


def test_network_stays_while_a_workspace_is_about_to_join() -> None:
    engine = FakeEngine()
    networks = made(engine)
    with networks.reserved("alpha") as name:
        networks.release("alpha")
        assert name in engine.nets
    networks.release("alpha")
    assert name not in engine.nets


def test_missing_door_is_an_error() -> None:
    networks = ProjectNetworks(FakeEngine(), "ecluse", POOL, 27)
    with pytest.raises(NoNetworkError, match=r"org\.ecluse\.service=hub"):
        networks.ensure("alpha")


def test_workspace_is_never_taken_for_a_door() -> None:
    engine = FakeEngine()
    networks = made(engine)
    engine.add("w", org__ecluse__enclave="ecluse", org__ecluse__service="proxy", org__ecluse__project="alpha")
    engine.add("other", org__ecluse__enclave="another", org__ecluse__service="hub")
    assert networks.doors() == {"hub": "hub-id", "proxy": "proxy-id"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"Internal": False}, "Internal"),
        ({"EnableIPv6": True}, "EnableIPv6"),
        ({"Options": {}}, "Options"),
        ({"Driver": "macvlan"}, "Driver"),
        ({"Attachable": True}, "Attachable"),
        ({"Labels": {"org.ecluse.enclave": "ecluse", "org.ecluse.project": "beta"}}, "Labels"),
    ],
)
def test_network_that_is_not_as_planned_is_not_joined(change: dict[str, object], named: str) -> None:
    engine = FakeEngine()
    networks = made(engine)
    engine.nets[networks.ensure("alpha")] |= {**change, "Containers": {}}
    with pytest.raises(NoNetworkError, match=f"not as planned: {named}"):
        networks.ensure("alpha")
    assert engine.nets["ecluse-project-alpha"]["Containers"] == {}


def test_round_lets_replaced_doors_in_and_takes_empty_networks_away() -> None:
    engine = FakeEngine("29.1.0")
    networks = made(engine)
    engine.add("w", org__ecluse__enclave="ecluse", org__ecluse__project="alpha", org__ecluse__person="ada")
    networks.ensure("alpha")
    networks.ensure("beta")
    del engine.held["hub-id"]
    del engine.nets["ecluse-project-alpha"]["Containers"]["hub-id"]
    engine.add("hub-new", org__ecluse__enclave="ecluse", org__ecluse__service="hub")
    networks.tend()
    assert set(engine.nets) == {"ecluse-project-alpha"}
    assert engine.nets["ecluse-project-alpha"]["Containers"]["hub-new"] == {"aliases": ["hub"]}
    assert engine.nets["ecluse-project-alpha"]["Options"]["com.docker.network.bridge.gateway_mode_ipv4"] == "isolated"


def test_mirror_comes_with_the_round_and_no_start_waits_for_it() -> None:
    engine = FakeEngine()
    networks = made(engine)
    engine.add("mirror-id", org__ecluse__enclave="ecluse", org__ecluse__service="mirror")
    engine.add("w", org__ecluse__enclave="ecluse", org__ecluse__project="alpha", org__ecluse__person="ada")
    name = networks.ensure("alpha")
    assert set(engine.nets[name]["Containers"]) == {"hub-id", "proxy-id"}
    networks.tend()
    assert engine.nets[name]["Containers"]["mirror-id"] == {"aliases": ["mirror"]}
    before = dict(engine.nets[name]["Containers"])
    networks.tend()
    assert engine.nets[name]["Containers"] == before


def test_workspace_is_never_taken_for_the_mirror() -> None:
    engine = FakeEngine()
    networks = made(engine)
    labels = {"org__ecluse__enclave": "ecluse", "org__ecluse__project": "alpha", "org__ecluse__person": "ada"}
    engine.add("w", org__ecluse__service="mirror", **labels)
    name = networks.ensure("alpha")
    networks.tend()
    assert set(engine.nets[name]["Containers"]) == {"hub-id", "proxy-id"}


def test_round_tells_who_is_where() -> None:
    engine = FakeEngine()
    told: list[tuple[list[str], list[str]]] = []
    networks = ProjectNetworks(
        engine, "ecluse", POOL, 27, lambda n, c: told.append(([x["Name"] for x in n], [x["Id"] for x in c]))
    )
    made(engine)
    engine.add("w", org__ecluse__enclave="ecluse", org__ecluse__project="alpha", org__ecluse__person="ada")
    networks.ensure("alpha")
    networks.tend()
    assert told == [(["ecluse-project-alpha"], ["hub-id", "proxy-id", "w"])]


def test_one_projects_trouble_is_not_the_next_ones() -> None:
    engine = FakeEngine()
    networks = made(engine)
    for project in ("alpha", "beta"):
        engine.add(project, org__ecluse__enclave="ecluse", org__ecluse__project=project, org__ecluse__person="ada")
        engine.nets[networks.ensure(project)]["Containers"] = {}
    engine.nets["ecluse-project-alpha"]["Internal"] = False
    networks.tend()
    assert engine.nets["ecluse-project-alpha"]["Containers"] == {}
    assert set(engine.nets["ecluse-project-beta"]["Containers"]) == {"hub-id", "proxy-id"}


def test_door_that_does_not_run_is_no_door() -> None:
    engine = FakeEngine()
    engine.add("hub-id", state="exited", org__ecluse__enclave="ecluse", org__ecluse__service="hub")
    assert ProjectNetworks(engine, "ecluse", POOL, 27).doors() == {}
