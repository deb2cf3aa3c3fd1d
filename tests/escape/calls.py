"""Calls of a compromised hub that are no creation: on others, on networks, on the engine, and written in two ways."""

import io
import json
import tarfile
import time
from collections.abc import Callable

from escape.attempt import Seen
from escape.creations import Attack, create, of
from escape.house import API, ENGINE, House
from escape.wire import Answer, Wire

Path = Callable[[House], str]


def seen(answer: Answer, *, through: bool | None = None) -> Seen:
    """What an answer means: through, if it was a good one."""
    return Seen(through=answer.good if through is None else through, what=str(answer))


def call(method: str, target: str, body: object = None, **query: str) -> Attack:
    """A call that harms nothing here. `{name}` stands for the enclave, `{ben}` for Ben's running workspace."""

    def attack(house: House, way: Wire) -> Seen:
        values = {"name": house.name, "ben": f"{house.name}_beta_ben"}
        filled = json.loads(json.dumps(body).replace("{name}", house.name)) if body is not None else None
        asked = {k: v.replace("{name}", house.name) for k, v in query.items()}
        return seen(way.ask(method, API + target.format(**values), filled, None, **asked))

    return attack


def on_airlock(method: str, path: str, **query: str) -> Attack:
    """A call that ends the airlock; it is put up again."""

    def attack(house: House, way: Wire) -> Seen:
        name = f"{house.name}-airlock"
        answer = way.ask(method, f"{API}/containers/{name}{path}", None, None, **query)
        through = not house.running(name)
        if through:
            ENGINE.ask("DELETE", f"{API}/containers/{name}", force="1")
            labels = {"org.ecluse.enclave": house.name, "org.ecluse.service": "airlock"}
            house.sleeper("airlock", labels, {"SECRET": "of-the-airlock"})
        return seen(answer, through=through)

    return attack


def reads(path: str, secret: str) -> Attack:
    """A call whose answer holds what the hub must not know."""

    def attack(house: House, way: Wire) -> Seen:
        answer = way.ask("GET", API + path.format(name=house.name, ben=f"{house.name}_beta_ben"))
        return seen(answer, through=answer.good and secret.format(name=house.name).encode() in answer.body)

    return attack


def run_in(container: str) -> Attack:
    """Make and start a command in somebody's container."""

    def attack(house: House, way: Wire) -> Seen:
        name = container.format(name=house.name)
        body = {"Cmd": ["id"], "AttachStdout": True}
        made = way.ask("POST", f"{API}/containers/{name}/exec", body)
        if not made.good:
            return seen(made)
        answer = way.ask("POST", f"{API}/exec/{made.json()['Id']}/start", {"Detach": False, "Tty": False})
        return seen(answer, through=b"uid=" in answer.body)

    return attack


def attach(house: House, way: Wire) -> Seen:
    """Take the connection over, to the input and output of Ben's workspace."""
    path = f"{API}/containers/{house.name}_beta_ben/attach?stream=1&stdin=1"
    head = f"POST {path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    return _line(way.raw(head.encode()), b"101")


def attach_by_websocket(house: House, way: Wire) -> Seen:
    """The same by a websocket."""
    path = f"{API}/containers/{house.name}_beta_ben/attach/ws?stream=1"
    head = f"GET {path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    head += "Origin: http://docker\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    return _line(way.raw(head.encode()), b"101")


def session(house: House, way: Wire) -> Seen:
    """Turn the connection into the builder's own protocol."""
    head = f"POST {API}/session HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n"
    head += "X-Docker-Expose-Session-Uuid: a\r\nX-Docker-Expose-Session-Name: a\r\n\r\n"
    return _line(way.raw(head.encode()), b"101")


def _line(got: bytes, wanted: bytes) -> Seen:
    first = got.split(b"\r\n")[0]
    return Seen(through=wanted in first.split(b" ")[1:2], what=first.decode("ascii", "replace") or "closed")


def written(path: Path) -> Attack:
    """A path written so that a filter may read another one: here to the list of all containers of the machine."""

    def attack(house: House, way: Wire) -> Seen:
        head = f"GET {path(house)} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n"
        got = way.raw(head.encode())
        if got.startswith(b"HTTP/1.1 301"):  # the engine cleans a path and sends the caller there
            place = got.split(b"Location: ")[1].split(b"\r\n")[0].decode()
            got = way.raw(f"GET {place} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n".encode())
        return Seen(through=b"stranger" in got, what=got.split(b"\r\n")[0].decode("ascii", "replace"))

    return attack


def second_in_one(first: bytes) -> Attack:
    """A second call behind or inside the first one, for a filter that looks at the first alone."""

    def attack(house: House, way: Wire) -> Seen:
        hidden = f"GET {API}/containers/json?all=1 HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n".encode()
        got = way.raw(first.replace(b"LENGTH", str(5 + len(hidden)).encode()) + hidden)
        answers = [line for line in got.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
        return Seen(through=b"stranger" in got, what=" then ".join(a.decode() for a in answers) or "closed")

    return attack


def archive_put(house: House, way: Wire) -> Seen:
    """Write a file into Ben's workspace."""
    answer = way.ask("PUT", f"{API}/containers/{house.name}_beta_ben/archive", _tar("x", b"evil"), None, path="/tmp")
    return seen(answer)


def build(house: House, way: Wire) -> Seen:
    """Build an image that is then called as a project's is."""
    data = _tar("Dockerfile", b"FROM scratch\nLABEL a=b\n")
    kind = {"Content-Type": "application/x-tar"}
    answer = way.ask("POST", f"{API}/build", data, kind, t=f"{house.name}-built:1", networkmode="none")
    return seen(answer, through=_image_made(house, f"{house.name}-built:1"))


def tag(house: House, way: Wire) -> Seen:
    """Let a name stand for another image."""
    answer = way.ask("POST", f"{API}/images/ecluse/base:0.1/tag", repo=f"{house.name}-tagged", tag="1")
    return seen(answer, through=_image_made(house, f"{house.name}-tagged:1"))


def load(house: House, way: Wire) -> Seen:
    """Import a file system as an image."""
    data, kind = _tar("x", b"evil"), {"Content-Type": "application/x-tar"}
    answer = way.ask("POST", f"{API}/images/create", data, kind, fromSrc="-", repo=f"{house.name}-loaded", tag="1")
    return seen(answer, through=_image_made(house, f"{house.name}-loaded:1"))


def rename(house: House, way: Wire) -> Seen:
    """Call a stranger's container something else."""
    answer = way.ask("POST", f"{API}/containers/{house.name}-stranger/rename", name=f"{house.name}-renamed")
    if answer.good:
        ENGINE.ask("POST", f"{API}/containers/{house.name}-renamed/rename", name=f"{house.name}-stranger")
    return seen(answer)


def _image_made(house: House, reference: str) -> bool:
    """Whether the image is there now; it is removed again, so that the next try finds none."""
    found = bool(house.engine.images.list(name=reference))
    if found:
        house.engine.images.remove(reference)
    return found


def _tar(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def restart_old(house: House, way: Wire) -> Seen:
    """Start a workspace again that had ended: with the data and limits of its own time."""
    name = f"{house.name}_alpha_ada"
    body = house.body()
    body["Entrypoint"], body["Cmd"] = ["true"], []
    body["HostConfig"]["NetworkMode"] = "none"
    for key in ("Dns", "DnsSearch", "DnsOptions"):
        del body["HostConfig"][key]
    identity, answer = create(house, ENGINE, body, name)
    assert identity, answer
    try:
        house.engine.api.start(identity)
        house.engine.api.wait(identity)
        return seen(way.ask("POST", f"{API}/containers/{name}/start"))
    finally:
        house.engine.api.remove_container(identity, force=True)


def keep_running(house: House, way: Wire) -> Seen:
    """Keep a workspace running that nobody may have any more: the hub just does not end it."""
    name = f"{house.name}-forgotten" if way is house.gate else f"{house.name}x-forgotten"
    time.sleep(max(0.0, house.until - time.monotonic()))
    through = house.running(name)
    return Seen(through=through, what="it still runs" if through else "ended, by the gate itself")


BEN = "/containers/{ben}"
AIRLOCK = "/containers/{name}-airlock"
CALLS: dict[str, Attack] = {
    "run a command in Ben's workspace": run_in("{name}_beta_ben"),
    "run a command in the airlock": run_in("{name}-airlock"),
    "attach to Ben's workspace": attach,
    "attach by websocket": attach_by_websocket,
    "a session of the builder": session,
    "stop the airlock": on_airlock("POST", "/stop", t="0"),
    "kill the airlock": on_airlock("POST", "/kill"),
    "remove the airlock": on_airlock("DELETE", "", force="True", v="True", link="False"),
    "read the airlock's environment": reads(AIRLOCK + "/json", "of-the-airlock"),
    "read the airlock's log": call(
        "GET", AIRLOCK + "/logs", stdout="1", stderr="1", timestamps="0", follow="0", tail="5"
    ),
    "read the airlock's processes": reads(AIRLOCK + "/top", "sleep"),
    "read Ben's workspace's environment": reads(BEN + "/json", '"Env"'),
    "stop a stranger's container": call("POST", "/containers/{name}-stranger/stop", t="0"),
    "remove another enclave's workspace": call("POST", "/containers/{name}-foreign/stop", t="0"),
    "pause Ben's workspace": call("POST", BEN + "/pause"),
    "take a file out of Ben's workspace": call("GET", BEN + "/archive", path="/etc/hostname"),
    "put a file into Ben's workspace": archive_put,
    "read Ben's changes": call("GET", BEN + "/changes"),
    "make an image of Ben's workspace": call("POST", "/commit", {}, container="{name}_beta_ben", repo="{name}-copy"),
    "rename a stranger's container": rename,
    "raise a limit while it runs": call("POST", BEN + "/update", {"Memory": 2**31, "MemorySwap": -1}),
    "list every container of the machine": reads("/containers/json", "{name}-stranger"),
    "remove containers in bulk": call("POST", "/containers/prune", filters='{"label":["org.ecluse.none={name}"]}'),
    "start an ended workspace again": restart_old,
    "keep running what is no longer allowed": keep_running,
    "connect a stranger to a project": call(
        "POST", "/networks/{name}-project-beta/connect", {"Container": "{name}-proxy"}
    ),
    "connect a door to the edge": call("POST", "/networks/{name}-edge/connect", {"Container": "{name}-hub"}),
    "make a network with a gateway": call("POST", "/networks/create", {"Name": "{name}-project-open"}),
    "list networks": reads("/networks", "{name}-edge"),
    "remove another project's network": call("DELETE", "/networks/{name}-project-gone"),
    "remove networks in bulk": call("POST", "/networks/prune", filters='{"label":["org.ecluse.none={name}"]}'),
    "make a volume that binds the host": call(
        "POST",
        "/volumes/create",
        {"Name": "{name}_evil2", "Driver": "local", "DriverOpts": {"type": "none", "o": "bind", "device": "/"}},
    ),
    "read where homes lie": reads("/volumes/{name}_home_beta_ben", "Mountpoint"),
    "remove a home": call("DELETE", "/volumes/{name}_home_beta_gone"),
    "remove volumes in bulk": call("POST", "/volumes/prune", filters='{"label":["org.ecluse.none={name}"]}'),
    "list images": reads("/images/json", "sha256"),
    "read the airlock's image": reads("/images/ecluse/airlock:0.1/json", "sha256"),
    "build an image": build,
    "name an image anew": tag,
    "load an image": load,
    "remove an image": call("DELETE", "/images/{name}-spare:1"),
    "watch what happens": call("GET", "/events", since="0", until="1"),
    "read the whole machine": reads("/info", "DockerRootDir"),
    "list plugins": call("GET", "/plugins"),
    "a path that climbs": written(lambda _: f"{API}/containers/x/../json?all=1"),
    "a path with an encoded slash": written(lambda _: f"{API}/containers%2Fjson?all=1"),
    "a path with a double slash": written(lambda _: f"/{API}/containers/json?all=1"),
    "a whole address as path": written(lambda _: f"http://docker{API}/containers/json?all=1"),
    "another version of the API": written(lambda _: "/v1.24/containers/json?all=1"),
    "a second call behind the first": second_in_one(b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"),
    "a second call in two lengths": second_in_one(
        b"GET /_ping HTTP/1.1\r\nHost: docker\r\nContent-Length: LENGTH\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
}

NOTED: dict[str, Attack] = {
    "make a swarm": call("POST", "/swarm/init", {"ListenAddr": "0.0.0.0:2377"}),
    "make a service": call("POST", "/services/create", {"Name": "x"}),
    "make a secret": call("POST", "/secrets/create", {"Name": "x", "Data": "eA=="}),
    "make a configuration": call("POST", "/configs/create", {"Name": "x", "Data": "eA=="}),
    "list nodes": call("GET", "/nodes"),
    "install a plugin": call("POST", "/plugins/pull", [], remote="x", name="x"),
    "pull an image": call("POST", "/images/create", fromImage="x", tag="1"),
    "push an image": call("POST", "/images/x/push"),
    "search a registry": call("GET", "/images/search", term="x"),
    "sign in to a registry": call("POST", "/auth", {"username": "x", "password": "x"}),
    "remove images in bulk": call("POST", "/images/prune"),
    "remove the builder's cache": call("POST", "/build/prune"),
    "measure the disk": call("GET", "/system/df"),
}
"""Made against a gate without a table whose engine only notes calls: they would change an engine that others use."""


def spare(house: House) -> None:
    """Things that an attempt may remove: made anew before each try of it."""
    house.engine.images.get("ecluse/base:0.1").tag(f"{house.name}-spare", "1")
    if not house.engine.networks.list(names=[f"^{house.name}-project-gone$"]):
        house.engine.networks.create(f"{house.name}-project-gone", internal=True)
    house.engine.volumes.create(f"{house.name}_home_beta_gone")
    for name in ("stranger", "foreign"):
        house.engine.containers.get(f"{house.name}-{name}").start()
    ben = house.engine.containers.get(f"{house.name}_beta_ben")
    if ben.status == "paused":
        ben.unpause()


__all__ = ["CALLS", "NOTED", "of", "spare"]
