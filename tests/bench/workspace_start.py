"""The start of a workspace against a bare DockerSpawner start of the same image, from click to ready."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import docker
import httpx
from _measure import Measure, alternate, measure

from client import Person, Workspace
from enclave import REPO, Enclave

NAMES = ("workspace-start", "workspace-memory")
IMAGE, HUB, PROXY = "ecluse/workspace:0.1", "ecluse/hub:0.1", "ecluse/proxy:0.1"
NETWORK, PORT = "ecluse-bench-bare", 8198
RUNS = 5
STOCK = """\
export CONFIGPROXY_AUTH_TOKEN=$(cat /srv/ecluse/secrets/proxy/token)
exec node /opt/proxy/node_modules/.bin/configurable-http-proxy --ip 0.0.0.0 --port 8000 --api-ip 0.0.0.0 --api-port 8001
"""
"""A stock proxy, without TLS."""


@contextmanager
def bare_hub(folder: Path) -> Iterator[str]:
    """A stock hub, proxy and DockerSpawner in containers of our images; its address."""
    engine = docker.from_env()
    token = secrets.token_hex(32)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "token").write_text(token)
    labels = {"org.ecluse.enclave": "ecluse-bench-bare"}
    with ExitStack() as stack:
        for old in engine.containers.list(all=True, filters={"name": "^ecluse-bench-bare"}):
            old.remove(force=True)
        for left in engine.networks.list(names=[NETWORK]):
            left.remove()
        network = engine.networks.create(NETWORK, driver="bridge", labels=labels)
        stack.callback(network.remove)
        proxy = engine.containers.create(
            PROXY,
            command=["sh", "-c", STOCK],
            name="ecluse-bench-bare-proxy",
            ports={"8000/tcp": ("127.0.0.1", PORT)},
            labels=labels,
            volumes={str(folder / "token"): {"bind": "/srv/ecluse/secrets/proxy/token", "mode": "ro"}},
        )
        stack.callback(lambda: proxy.remove(force=True))
        network.connect(proxy, aliases=["proxy-api"])
        proxy.start()
        hub = engine.containers.create(
            HUB,
            command=["jupyterhub", "-f", "/bare.py"],
            name="ecluse-bench-bare-hub",
            labels=labels,
            working_dir="/tmp",
            group_add=[str(Path("/var/run/docker.sock").stat().st_gid)],
            environment={"BARE_PROXY_TOKEN": token, "BARE_IMAGE": IMAGE, "BARE_NETWORK": NETWORK},
            volumes={
                str(REPO / "tests/bench/_bare_hub.py"): {"bind": "/bare.py", "mode": "ro"},
                "/var/run/docker.sock": {"bind": "/var/run/docker.sock", "mode": "rw"},
            },
        )
        stack.callback(lambda: hub.remove(force=True))
        network.connect(hub, aliases=["bare-hub"])
        hub.start()
        url = f"http://localhost:{PORT}"
        wait_for(f"{url}/hub/api/")
        try:
            yield url
        except Exception as error:
            error.add_note(hub.logs(tail=40).decode())
            raise
        for left in engine.containers.list(all=True, filters={"name": "^ecluse-bench-bare-[^hp]"}):
            left.remove(force=True)


def wait_for(url: str, seconds: float = 60) -> None:
    """Wait until an address answers."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if httpx.get(url, timeout=2).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer")


def started(workspace: Workspace) -> float:
    """Seconds from asking for a start until the hub calls the server ready; stopped again afterwards."""
    begin = time.monotonic()
    workspace.request_start()
    while True:
        model = workspace.person.hub("GET", f"/users/{workspace.person.name}").json()
        if model["servers"].get(workspace.project, {}).get("ready"):
            break
        if time.monotonic() - begin > 90:
            raise TimeoutError("no start in 90 s")
        time.sleep(0.05)
    seconds = time.monotonic() - begin
    workspace.stop()
    return seconds


def memory(container: str) -> float:
    """Working set of a container in MB: usage less the file cache."""
    stats = docker.from_env().containers.get(container).stats(stream=False)["memory_stats"]
    return (stats["usage"] - stats["stats"].get("total_inactive_file", stats["stats"].get("inactive_file", 0))) / 1e6


def run(progress: Callable[[str], None]) -> list[Measure]:
    """Five alternating starts of each."""
    enclave = Enclave("ecluse-bench", REPO / "build" / "bench-enclave", 8199)
    enclave.clean()
    enclave.prepare(progress)
    try:
        enclave.up()
        with bare_hub(REPO / "build" / "bench-bare") as url:
            ours = Workspace(
                Person(enclave.url, "researcher-1", enclave.passwords()["researcher-1"], enclave.trusted), "bacthub"
            )
            bare = Workspace(Person(url, "researcher-1", "any"), "bacthub")
            ours.person.sign_in()
            bare.person.sign_in()
            progress("warming up")
            started(ours), started(bare)
            progress(f"{RUNS} starts of each")
            one, other = alternate(lambda: started(ours), lambda: started(bare), RUNS)
            ours.start()
            bare.start()
            used = memory("ecluse-bench_bacthub_researcher-1"), memory("ecluse-bench-bare-workspace-bacthub")
    finally:
        enclave.clean()
    return [
        measure("workspace-start", one, "s", "bare DockerSpawner, same image", other, 1.15),
        measure("workspace-memory", used[0], "MB", "bare DockerSpawner, same image", used[1], 1.15),
    ]
