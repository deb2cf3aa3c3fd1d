"""What a real workspace is, seen from the engine and from inside."""

import json
import socket
import time
from collections.abc import Iterator

import pytest

import listening
from integration.hub.stack import Person, Stack, docker

FORKS = """
import os, time
made = 0
try:
    for _ in range(400):
        if os.fork() == 0:
            time.sleep(3)
            os._exit(0)
        made += 1
except OSError:
    print("stopped", made)
"""

LISTENING = r"""cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == "0A" {split($2, a, ":"); print a[length(a)]}' | sort -u"""


@pytest.fixture
def listener() -> Iterator[int]:
    """A port on which this host listens on all its addresses."""
    with listening.listener() as port:
        yield port


def reach(stack: Stack, address: str, port: int) -> str:
    code = f"import socket; socket.create_connection(({address!r}, {port}), 2); print('reached')"
    done = stack.inside("ada", "alpha", f'python3 -c "{code}"')
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_only_granted_data_are_mounted(stack: Stack, alpha: Person) -> None:
    found = stack.inspect("ada", "alpha")
    assert found
    mounts = {m["Destination"]: (m["Type"], m.get("Name") or m["Source"], m["RW"]) for m in found["Mounts"]}
    assert mounts == {
        "/data/claims": ("bind", f"{stack.root}/extracts/alpha/current/claims", False),
        "/project": ("volume", f"{stack.name}_project_alpha", True),
        "/home/researcher": ("volume", f"{stack.name}_home_alpha_ada", True),
        "/run/ecluse": ("bind", f"{stack.root}/papers/{stack.name}_alpha_ada", False),
    }
    assert stack.inside("ada", "alpha", "ls /data; cat /data/claims/ACTS.parquet").stdout == "claims\nrows of alpha"


def test_granted_data_cant_be_changed(stack: Stack, alpha: Person) -> None:
    for command in (
        "touch /data/claims/x",
        "rm -f /data/claims/ACTS.parquet",
        "mkdir /data/y",
        "touch /opt/x",
        "touch /x",
    ):
        done = stack.inside("ada", "alpha", command)
        assert done.returncode != 0, command
        assert "Read-only file system" in done.stderr or "Permission denied" in done.stderr
    for command in ("touch /home/researcher/x", "touch /project/x", "touch /tmp/x"):
        assert stack.inside("ada", "alpha", command).returncode == 0, command


def test_process_has_no_privileges(stack: Stack, alpha: Person) -> None:
    status = stack.inside("ada", "alpha", "cat /proc/1/status").stdout
    lines = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {lines[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (lines["NoNewPrivs"], lines["Seccomp"]) == ("1", "2")
    assert set(lines["Uid"].split()) == {"1000"}


def test_limits_are_those_of_the_plan(stack: Stack, alpha: Person) -> None:
    found = stack.inspect("ada", "alpha")
    assert found
    host = found["HostConfig"]
    memory = 1024 * 1024 * 1024
    assert (host["Memory"], host["MemorySwap"], host["PidsLimit"]) == (memory, memory, 256)
    assert host["CpuQuota"] / host["CpuPeriod"] == 1.5
    assert host["ReadonlyRootfs"] is True
    assert host["Privileged"] is False
    assert host["CapDrop"] == ["ALL"]
    assert host["CapAdd"] in (None, [])
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Devices"] in (None, [])
    assert host["NetworkMode"] == f"{stack.name}-project-alpha"
    assert (host["PidMode"], host["UTSMode"], host["IpcMode"]) == ("", "", "private")
    assert found["Config"]["User"] == "1000:1000"
    assert not any(found["NetworkSettings"]["Ports"].values())
    assert stack.inside("ada", "alpha", "ulimit -c").stdout == "0\n"


def test_workspace_that_overfills_its_project_ends_and_says_why(stack: Stack, ben: Person) -> None:
    file = stack.root / "policies/projects/beta.yaml"
    before = file.read_text()
    stack.write("policies/projects/beta.yaml", before.replace("memory_mib: 1024", "disk_gib: 0.1, memory_mib: 1024"))
    try:
        ben.start("beta")
        done = stack.inside("ben", "beta", "head -c 180M /dev/zero > /project/filler")
        assert done.returncode == 0, done.stderr
        until = time.monotonic() + 60
        while stack.inspect("ben", "beta") is not None:
            assert time.monotonic() < until
            time.sleep(0.5)
        ends = [e for e in stack.events() if e["action"] == "workspace.end" and e["subject"] == "ben/beta"]
        assert ends[-1]["detail"]["reason"] == "disk-full"
        until = time.monotonic() + 60
        while "/project holds 0.2 of 0.1 GiB" not in ben.http.get("/hub/home").text:
            assert time.monotonic() < until
            time.sleep(1)
        while ben.ready("beta"):  # the hub looks every five seconds
            assert time.monotonic() < until
            time.sleep(0.5)
        ben.start("beta")
        assert stack.inside("ben", "beta", "rm /project/filler").returncode == 0
    finally:
        stack.write("policies/projects/beta.yaml", before)
        ben.stop("beta")


def test_terminals_are_there_where_the_policy_allows_them(stack: Stack, alpha: Person, ben: Person) -> None:
    def answers(person: Person, workspace: str) -> list[int]:
        assert person.http.get(f"{workspace}/lab").status_code == 200  # signs in at the server
        return [person.http.get(f"{workspace}/api/{what}").status_code for what in ("contents", "terminals")]

    file = stack.root / "policies/projects/beta.yaml"
    before = file.read_text()
    stack.write("policies/projects/beta.yaml", before.replace("memory_mib: 1024", "terminals: true, memory_mib: 1024"))
    try:
        ben.start("beta")
        assert answers(ben, "/user/ben/beta") == [200, 200]
        assert answers(alpha, "/user/ada/alpha") == [200, 404]
    finally:
        stack.write("policies/projects/beta.yaml", before)
        ben.stop("beta")


def test_processes_are_limited(stack: Stack, alpha: Person) -> None:
    done = stack.inside("ada", "alpha", f"python3 -c '{FORKS}'")
    assert "stopped" in done.stdout, done.stderr


def test_host_and_outside_are_out_of_reach(stack: Stack, alpha: Person, listener: int) -> None:
    network = json.loads(docker("network", "inspect", f"{stack.name}-project-alpha"))[0]
    assert network["Internal"] is True
    assert network["EnableIPv6"] is False
    bridges = json.loads(docker("network", "inspect", "bridge", f"{stack.name}-edge", f"{stack.name}-project-alpha"))
    gateways = [c["Gateway"] for b in bridges for c in b["IPAM"]["Config"] if "Gateway" in c]
    own = [i for i in socket.gethostbyname_ex(socket.gethostname())[2] if not i.startswith("127.")]
    for address in {*gateways, *own, "169.254.169.254", "198.51.100.1"}:
        assert "reached" not in reach(stack, address, listener), address


def test_listener_of_that_test_can_be_reached_at_all(stack: Stack, alpha: Person, listener: int) -> None:
    # The proof that the attempts above are sound: from an ordinary network the same listener answers.
    gateway = json.loads(docker("network", "inspect", f"{stack.name}-edge"))[0]["IPAM"]["Config"][0]["Gateway"]
    code = f"import socket; socket.create_connection(({gateway!r}, {listener}), 2); print('reached')"
    image = (stack.inspect("ada", "alpha") or {})["Image"]
    label = f"org.ecluse.enclave={stack.name}"
    got = docker("run", "--rm", "--label", label, "--network", f"{stack.name}-edge", "--entrypoint", "", image,
                 "python3", "-c", code)  # fmt: skip
    assert got == "reached"


def test_doors_are_open_and_their_api_is_not(stack: Stack, alpha: Person) -> None:
    assert reach(stack, "hub", 8081) == "reached"
    assert reach(stack, "proxy", 8000) == "reached"
    assert reach(stack, "proxy", 8001) != "reached"
    assert reach(stack, "proxy-api", 8001) != "reached"
    assert reach(stack, "example.org", 80) != "reached"


def test_doors_keep_their_own_way_out(stack: Stack, alpha: Person) -> None:
    # A door that joined a project network must not be routed through it.
    edge = json.loads(docker("network", "inspect", f"{stack.name}-edge"))[0]["IPAM"]["Config"][0]["Gateway"]
    routes = docker("exec", f"{stack.name}-proxy", "cat", "/proc/net/route").splitlines()[1:]
    default = [r.split()[2] for r in routes if r.split()[1] == "00000000"]
    assert default == ["".join(f"{int(part):02X}" for part in reversed(edge.split(".")))]


def test_kernels_listen_on_no_port(stack: Stack, alpha: Person) -> None:
    alpha.open("alpha")
    xsrf = next(c.value for c in alpha.http.cookies.jar if c.name == "_xsrf" and c.path == "/user/ada/alpha/")
    made = alpha.http.post("/user/ada/alpha/api/kernels", headers={"X-XSRFToken": xsrf or ""}, json={})
    assert made.status_code == 201, made.text
    ports = {int(p, 16) for p in stack.inside("ada", "alpha", LISTENING).stdout.split()}
    dns = {p for p in ports if p > 30000}  # the engine's own resolver, on 127.0.0.11
    assert ports - dns == {8888}
    assert len(dns) <= 1
    assert "ipc" in stack.inside("ada", "alpha", "cat /tmp/jupyter/kernel-*.json").stdout


def test_environment_is_that_of_the_plan(stack: Stack, alpha: Person) -> None:
    env = dict(line.split("=", 1) for line in (stack.inspect("ada", "alpha") or {})["Config"]["Env"])
    assert env["ECLUSE_PROJECT"] == "alpha"
    assert env["ECLUSE_PERSON"] == "ada"
    assert env["ECLUSE_AIRLOCK_URL"] == "https://proxy:8000/services/airlock"
    secret = {k for k in env if "TOKEN" in k or "SECRET" in k or "PASSWORD" in k}
    assert secret == {"JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"} & set(env)


def test_image_cant_be_chosen(stack: Stack, cy: Person) -> None:
    done = cy.api("POST", "/users/cy/servers/alpha", json={"image": "ecluse/checker:0.1", "cmd": ["sh"]})
    assert done.status_code in (201, 202), done.text
    found = stack.inspect("cy", "alpha")
    assert found
    assert found["Image"] == docker("inspect", "-f", "{{.Id}}", "ecluse/workspace:0.1")
    cy.stop("alpha")


def test_gpu_permit_without_gpu_says_so(stack: Stack, ada: Person) -> None:
    done = ada.api("POST", "/users/ada/servers/gamma")
    assert done.status_code == 403
    assert "asks for 1 GPU, but this machine has none" in done.json()["message"]
    page = ada.http.get("/hub/spawn/ada/gamma")
    while "Starting your workspace" in page.text:  # what a page shows while the answer takes longer than a second
        page = ada.http.get("/hub/spawn-pending/ada/gamma")
    assert page.status_code == 403
    assert "asks for 1 GPU, but this machine has none" in page.text
    assert any(e["action"] == "refused.start" and e["detail"]["reason"] == "no-gpu" for e in stack.events())


def test_missing_extract_says_so(stack: Stack, ada: Person) -> None:
    done = ada.api("POST", "/users/ada/servers/delta")
    assert done.status_code == 403
    assert "The extract of dataset 'stays' for project 'delta' is not there yet." in done.json()["message"]
    assert stack.inspect("ada", "delta") is None
    assert docker("network", "ls", "-q", "--filter", f"name={stack.name}-project-delta") == ""


def test_doors_pass_no_packets_on(stack: Stack, alpha: Person) -> None:
    for door in ("hub", "proxy"):
        for switch in ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"):
            seen = docker("exec", f"{stack.name}-{door}", "sh", "-c", f"cat /proc/sys/{switch} 2>/dev/null || echo 0")
            assert seen == "0", f"{door}: {switch}"


def test_hub_has_no_way_to_the_engine_but_the_gate(stack: Stack, alpha: Person) -> None:
    hub = json.loads(docker("inspect", f"{stack.name}-hub"))[0]
    assert not [m for m in hub["Mounts"] if "docker.sock" in m["Source"]]
    assert (
        docker("exec", f"{stack.name}-hub", "sh", "-c", "ls /var/run/docker.sock /run/docker.sock 2>/dev/null; true")
        == ""
    )
    assert not [e for e in stack.events() if e["action"] == "refused.gate"], "the hub asked for what is not let through"
