"""Containers that a compromised hub asks for: each is the planned one with one thing more, other, or less."""

import json
from collections.abc import Callable
from typing import Any

from escape.attempt import Seen
from escape.house import API, House
from escape.wire import Wire

Attack = Callable[[House, Wire], Seen]
Change = Callable[[House, dict[str, Any]], Any]
"""Changes a body in place. What it returns is looked for in what the engine then says of the container."""


def create(house: House, way: Wire, body: Any, name: str = "") -> tuple[str, str]:
    """Ask for a container. Its id and what was answered; no id if it was refused."""
    answer = way.ask("POST", f"{API}/containers/create", body, name=name or house.plan.container)
    return (answer.json()["Id"] if answer.status == 201 else ""), str(answer)


def made(
    house: House, way: Wire, body: Any, name: str = "", find: Callable[[dict[str, Any]], bool] | None = None
) -> Seen:
    """Ask for a container, look whether it has what it should not have, and remove it."""
    identity, answer = create(house, way, body, name)
    if not identity:
        return Seen(through=False, what=answer)
    try:
        effective = find is None or find(house.inspect(identity))
        return Seen(through=effective, what="created as asked" if effective else "created, and the engine ignored it")
    finally:
        house.engine.api.remove_container(identity, force=True, v=True)


def at(found: Any, path: str) -> Any:
    """The value at a dotted path."""
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, list) else (found or {}).get(step)
    return found


def setting(path: str, value: Any, where: str = "") -> Attack:
    """Set one value of the body; the engine has to show it at the same path (or at `where`)."""

    def attack(house: House, way: Wire) -> Seen:
        body = house.body()
        *steps, last = path.split(".")
        holder = body
        for step in steps:
            holder = holder.setdefault(step, {})
        holder[last] = wanted = value(house) if callable(value) else value
        place = where or (path if path.startswith("HostConfig.") else f"Config.{path}")
        return made(house, way, body, find=lambda found: at(found, place) == wanted)

    return attack


def mount(**changes: Any) -> Attack:
    """Change the first mount, the data; or add one, if it has a target of its own."""

    def attack(house: House, way: Wire) -> Seen:
        body = house.body()
        values = {k: v(house) if callable(v) else v for k, v in changes.items()}
        mounts = body["HostConfig"]["Mounts"]
        if "Target" in values:
            mounts.append({"Type": "bind", **values})
        else:
            mounts[0] |= values

        def find(found: dict[str, Any]) -> bool:
            return any(all(m.get(k) == v for k, v in values.items()) for m in found["HostConfig"]["Mounts"])

        return made(house, way, body, find=find)

    return attack


def variable(line: str) -> Attack:
    """Add a variable, or put it in the place of the planned one."""

    def attack(house: House, way: Wire) -> Seen:
        body = house.body()
        name = line.partition("=")[0]
        body["Env"] = sorted([*(v for v in body["Env"] if not v.startswith(f"{name}=")), line])
        return made(house, way, body, find=lambda found: line in found["Config"]["Env"])

    return attack


def person(who: str, of: str) -> Attack:
    """Ask, in all correctness, for a workspace that the policies do not give."""

    def attack(house: House, way: Wire) -> Seen:
        plan = house.planned(who, of)
        return made(house, way, house.body(plan), plan.container)

    return attack


def text(change: Callable[[str], str]) -> Attack:
    """Send a body whose bytes two parsers read differently; the engine has to end up with a privileged container."""

    def attack(house: House, way: Wire) -> Seen:
        raw = change(json.dumps(house.body())).encode()
        return made(house, way, raw, find=lambda found: found["HostConfig"]["Privileged"] is True)

    return attack


def other_image(house: House, way: Wire) -> Seen:
    """The hub's image, by its id."""
    other = str(house.engine.images.get("ecluse/hub:0.1").id)
    return made(house, way, house.body(image=other), find=lambda found: found["Image"] == other)


def tagged_image(house: House, way: Wire) -> Seen:
    """A name in the place of the id: what it stands for can be changed."""
    body = {**house.body(), "Image": "ecluse/workspace:0.1"}
    return made(house, way, body, find=lambda found: found["Config"]["Image"] == "ecluse/workspace:0.1")


def bare(house: House, way: Wire) -> Seen:
    """No plan at all: an image and a command."""
    return made(house, way, {"Image": "ecluse/base:0.1", "Cmd": ["sh"]}, f"{house.name}-bare")


def other_name(house: House, way: Wire) -> Seen:
    """The planned body under another name."""
    return made(house, way, house.body(), f"{house.name}-hub2")


def dressed(house: House, way: Wire) -> Seen:
    """A workspace that calls itself a door: the gate would let it into every network."""
    body = house.body()
    body["Labels"] = {**body["Labels"], "org.ecluse.service": "proxy"}
    return made(house, way, body, find=lambda found: found["Config"]["Labels"]["org.ecluse.service"] == "proxy")


def writable(house: House, way: Wire) -> Seen:
    """The granted data, not read-only."""
    body = house.body()
    body["HostConfig"]["Mounts"][0]["ReadOnly"] = False
    target = body["HostConfig"]["Mounts"][0]["Target"]
    return made(
        house, way, body, find=lambda found: any(m["RW"] for m in found["Mounts"] if m["Destination"] == target)
    )


def joined(house: House, way: Wire) -> Seen:
    """In the airlock's network namespace; the engine allows no resolver of one's own there."""
    body = house.body()
    wanted = body["HostConfig"]["NetworkMode"] = f"container:{of(house, 'airlock')}"
    for key in ("Dns", "DnsSearch", "DnsOptions"):
        del body["HostConfig"][key]
    return made(house, way, body, find=lambda found: found["HostConfig"]["NetworkMode"] == wanted)


def more_memory(house: House, way: Wire) -> Seen:
    """Four times the planned memory."""
    body = house.body()
    for key in ("Memory", "MemorySwap"):
        body["HostConfig"][key] *= 4
    wanted = body["HostConfig"]["Memory"]
    return made(house, way, body, find=lambda found: found["HostConfig"]["Memory"] == wanted)


def extra_network(house: House, way: Wire) -> Seen:
    """Another network in the same call."""
    body = house.body()
    body["NetworkingConfig"] = {"EndpointsConfig": {f"{house.name}-edge": {}}}
    body["HostConfig"]["NetworkMode"] = f"{house.name}-edge"
    return made(house, way, body, find=lambda found: f"{house.name}-edge" in found["NetworkSettings"]["Networks"])


def chunked(house: House, way: Wire) -> Seen:
    """A privileged container in a body without a length."""
    body = house.body()
    body["HostConfig"]["Privileged"] = True
    data = json.dumps(body).encode()
    head = f"POST {API}/containers/create?name={house.plan.container} HTTP/1.1\r\nHost: docker\r\n"
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    got = way.raw(head.encode() + f"{len(data):x}\r\n".encode() + data + b"\r\n0\r\n\r\n")
    through = b" 201 " in got.split(b"\r\n")[0]
    if through:
        house.engine.api.remove_container(house.plan.container, force=True)
    return Seen(through=through, what=got.split(b"\r\n")[0].decode("ascii", "replace"))


def duplicate(raw: str) -> str:
    """Two host configurations, the planned one and another; the engine takes the last."""
    return raw[:-1] + ', "HostConfig": {"Privileged": true}}'


def lower_case(raw: str) -> str:
    """The engine does not mind upper and lower case in keys."""
    return raw[:-1] + ', "hostconfig": {"privileged": true}}'


def of(house: House, name: str) -> str:
    """Id of a bystander."""
    return str(house.inspect(f"{house.name}-{name}")["Id"])


H = "HostConfig."
CREATIONS: dict[str, Attack] = {
    "a privileged container": setting(H + "Privileged", True),
    "the host's root as a bind": setting(H + "Binds", ["/:/host"]),
    "the host's root as a mount": mount(Source="/", Target="/host"),
    "the engine's socket as a mount": mount(Source="/var/run/docker.sock", Target="/docker.sock"),
    "the gate's socket as a mount": mount(Source=lambda h: f"{h.stack.root}/gate", Target="/gate"),
    "all extracts as a mount": mount(Source=lambda h: f"{h.stack.root}/extracts", Target="/data/all", ReadOnly=True),
    "the keys of all workspaces": mount(Source=lambda h: f"{h.stack.root}/papers", Target="/keys", ReadOnly=True),
    "another project's data": mount(Source=lambda h: f"{h.stack.root}/extracts/beta/current/stays"),
    "its data writable": writable,
    "a mount that carries mounts back to the host": mount(BindOptions={"Propagation": "rshared"}),
    "another person's home": mount(Type="volume", Source=lambda h: f"{h.name}_home_beta_ben", Target="/home/ben"),
    "a volume that binds the host": mount(
        Type="volume",
        Source=lambda h: f"{h.name}_evil",
        Target="/host",
        VolumeOptions={"DriverConfig": {"Name": "local", "Options": {"type": "none", "o": "bind", "device": "/"}}},
    ),
    "an anonymous volume": setting("Volumes", {"/x": {}}),
    "the host's network": setting(H + "NetworkMode", "host"),
    "the default bridge": setting(H + "NetworkMode", "bridge"),
    "another project's network": setting(H + "NetworkMode", lambda h: f"{h.name}-project-beta"),
    "the airlock's network namespace": joined,
    "the edge's network beside": extra_network,
    "the host's processes": setting(H + "PidMode", "host"),
    "the airlock's processes": setting(H + "PidMode", lambda h: f"container:{of(h, 'airlock')}"),
    "the host's shared memory": setting(H + "IpcMode", "host"),
    "the host's name": setting(H + "UTSMode", "host"),
    "the host's users": setting(H + "UsernsMode", "host"),
    "the host's cgroups": setting(H + "CgroupnsMode", "host"),
    "a cgroup of its own choice": setting(H + "CgroupParent", "/evil"),
    "every capability": setting(H + "CapAdd", ["ALL"]),
    "one capability": setting(H + "CapAdd", ["NET_ADMIN"]),
    "no capability dropped": setting(H + "CapDrop", ["MKNOD"]),
    "a device of the host": setting(
        H + "Devices", [{"PathOnHost": "/dev/kmsg", "PathInContainer": "/dev/kmsg", "CgroupPermissions": "rwm"}]
    ),
    "a rule for all devices": setting(H + "DeviceCgroupRules", ["a *:* rwm"]),
    "a GPU that is not in the permit": setting(
        H + "DeviceRequests",
        [{"Driver": "", "Count": -1, "DeviceIDs": None, "Capabilities": [["gpu"]], "Options": None}],
    ),
    "no system call filter": setting(H + "SecurityOpt", ["no-new-privileges:true", "seccomp=unconfined"]),
    "no AppArmor": setting(H + "SecurityOpt", ["no-new-privileges:true", "apparmor=unconfined"]),
    "new privileges": setting(H + "SecurityOpt", ["label=disable"]),
    "an open /proc": setting(H + "MaskedPaths", []),
    "a writable /proc": setting(H + "ReadonlyPaths", []),
    "a writable root": setting(H + "ReadonlyRootfs", False),
    "another runtime": setting(H + "Runtime", "io.containerd.runtime.v1.linux"),
    "forwarding inside": setting(H + "Sysctls", {"net.ipv4.ip_forward": "1"}),
    "a published port": setting(H + "PortBindings", {"8888/tcp": [{"HostIp": "127.0.0.1", "HostPort": "0"}]}),
    "a name that points elsewhere": setting(H + "ExtraHosts", ["hub:192.0.2.7"]),
    "the airlock's volumes": setting(H + "VolumesFrom", lambda h: [f"{h.name}-airlock"]),
    "a restart policy": setting(H + "RestartPolicy", {"Name": "always", "MaximumRetryCount": 0}),
    "its log to a syslog server": setting(
        H + "LogConfig", {"Type": "syslog", "Config": {"syslog-address": "udp://127.0.0.1:1514"}}
    ),
    "its log to a GELF server": setting(
        H + "LogConfig", {"Type": "gelf", "Config": {"gelf-address": "udp://127.0.0.1:12201"}}
    ),
    "an unbounded log": setting(H + "LogConfig", {"Type": "json-file", "Config": {"max-size": "100g"}}),
    "a memory disk over the data": setting(H + "Tmpfs", {"/data": "rw,exec,suid,dev"}),
    "a health check that runs a command": setting(
        "Healthcheck", {"Test": ["CMD-SHELL", "id"], "Interval": 1_000_000_000}, "Config.Healthcheck"
    ),
    "another init": setting(H + "Init", True),
    "removal before its log is read": setting(H + "AutoRemove", True),
    "the socket's group": setting(H + "GroupAdd", ["0"]),
    "more open files": setting(H + "Ulimits", [{"Name": "core", "Hard": -1, "Soft": -1}]),
    "more memory": more_memory,
    "no limit of processes": setting(H + "PidsLimit", 4_000_000),
    "all of the CPU": setting(H + "CpuQuota", 200_000),
    "never to be killed for memory": setting(H + "OomScoreAdj", -1000),
    "the host's shared memory size": setting(H + "ShmSize", 8 * 1024**3),
    "a resolver of its own": setting(H + "Dns", ["198.51.100.53"]),
    "user 0": setting("User", "0:0"),
    "another program": setting("Entrypoint", ["/bin/sh", "-c", "id"]),
    "another command": setting("Cmd", ["sh", "-c", "id"]),
    "another folder to start in": setting("WorkingDir", "/"),
    "a terminal to attach to": setting("Tty", True),
    "LD_PRELOAD": variable("LD_PRELOAD=/project/x.so"),
    "PYTHONSTARTUP": variable("PYTHONSTARTUP=/project/x.py"),
    "another Jupyter application": variable("JUPYTERHUB_SINGLEUSER_APP=x.App"),
    "another airlock": variable("ECLUSE_AIRLOCK_URL=https://198.51.100.1/"),
    "another project in its variables": variable("ECLUSE_PROJECT=beta"),
    "user files that configure the server": variable("JUPYTERHUB_DISABLE_USER_CONFIG=0"),
    "another image by id": other_image,
    "an image by tag": tagged_image,
    "a container without a plan": bare,
    "another name": other_name,
    "a workspace dressed as a door": dressed,
    "a project that the person is no member of": person("cy", "beta"),
    "a project that is over": person("ada", "old"),
    "a sealed project as a plain one": person("ada", "pixels"),
    "a sensitive project beside another": person("ben", "guarded"),
    "a workspace for a reviewer": person("rev", "alpha"),
    "one key twice": text(duplicate),
    "a key in lower case": text(lower_case),
    "a body without a length": chunked,
}
