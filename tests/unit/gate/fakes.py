"""An engine as docker's `APIClient` shows it: networks, containers and images in dicts."""

from typing import Any

from docker.errors import NotFound

from unit.hub.fakes import api_error

IMAGE = "sha256:" + "1" * 64


class FakeEngine:
    """Holds what was made; knows nothing of what may be."""

    api_version = "1.41"

    def __init__(self, version: str = "20.10.24") -> None:
        self.release = version
        self.nets: dict[str, dict[str, Any]] = {}
        self.held: dict[str, dict[str, Any]] = {}
        self.routed: list[str] = []
        self.calls: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.runtimes = ["runc"]
        self.sizes: dict[str, int] = {}

    def add(self, identity: str, *, state: str = "running", name: str = "", created: int = 0, **labels: str) -> None:
        """Something that was made beside the gate."""
        named = {k.replace("__", "."): v for k, v in labels.items()}
        self._hold(identity, name or identity, named, {"Config": {"Image": IMAGE}}, state, created)

    def _hold(self, identity: str, name: str, labels: dict[str, str], body: Any, state: str, created: int) -> None:
        self.held[identity] = {
            "Id": identity,
            "Names": [f"/{name}"],
            "Name": f"/{name}",
            "Labels": labels,
            "State": state,
            "Created": created,
            "body": body,
        }

    def version(self) -> dict[str, str]:
        return {"Version": self.release, "ApiVersion": "1.41", "KernelVersion": "secret"}

    def info(self) -> dict[str, Any]:
        return {"Runtimes": {name: {"path": "x"} for name in self.runtimes}, "Name": "host"}

    def df(self) -> dict[str, Any]:
        return {"Volumes": [{"Name": n, "UsageData": {"Size": size}} for n, size in self.sizes.items()]}

    def ping(self) -> str:
        return "OK"

    # -- networks

    def networks(self, filters: dict[str, list[str]] | None = None) -> list[dict[str, Any]]:
        return [n for n in self.nets.values() if not filters or self._labelled(n, filters)]

    def inspect_network(self, name: str) -> dict[str, Any]:
        if name not in self.nets:
            raise api_error(404, f"network {name} not found")
        return self.nets[name]

    def create_network(self, name: str, **kwargs: Any) -> dict[str, str]:
        self.calls.append("create_network")
        subnet = kwargs["ipam"]["Config"][0]["Subnet"]
        if subnet in self.routed:
            raise api_error(403, "Pool overlaps with other one on this address space")
        self.nets[name] = {
            "Name": name,
            "Driver": kwargs["driver"],
            "Internal": kwargs["internal"],
            "EnableIPv6": kwargs["enable_ipv6"],
            "Attachable": False,
            "Options": kwargs["options"],
            "Labels": kwargs["labels"],
            "IPAM": {"Config": [{"Subnet": subnet}]},
            "Containers": {},
        }
        return {"Id": name}

    def remove_network(self, name: str) -> None:
        del self.nets[name]

    def connect_container_to_network(self, container: str, name: str, aliases: list[str]) -> None:
        self.nets[name]["Containers"][container] = {"aliases": aliases}

    def disconnect_container_from_network(self, container: str, name: str, *, force: bool) -> None:
        assert force
        del self.nets[name]["Containers"][container]

    # -- containers

    def containers(self, *, all: bool = False, filters: dict[str, list[str]]) -> list[dict[str, Any]]:  # noqa: A002
        found = [c for c in self.held.values() if (all or c["State"] == "running") and self._labelled(c, filters)]
        on = {i: {n["Name"] for n in self.nets.values() if i in n["Containers"]} for i in self.held}
        return [{**c, "NetworkSettings": {"Networks": {name: {} for name in on[c["Id"]]}}} for c in found]

    @staticmethod
    def _labelled(what: dict[str, Any], filters: dict[str, list[str]]) -> bool:
        pairs = [label.partition("=") for label in filters["label"]]
        return all(what["Labels"].get(k) == v if mark else k in what["Labels"] for k, mark, v in pairs)

    def inspect_image(self, reference: str) -> dict[str, Any]:
        if reference == "ecluse/gone:0.1":
            raise api_error(404, "No such image")
        return {"Id": IMAGE, "Config": {"Cmd": ["jupyterhub-singleuser"], "Env": ["A=b"]}, "GraphDriver": {}}

    def create_container_from_config(self, body: dict[str, Any], name: str) -> dict[str, Any]:
        self.bodies.append(body)
        identity = f"id-{len(self.bodies)}"
        self._hold(identity, name, body["Labels"], body, "created", 0)
        return {"Id": identity}

    def _get(self, reference: str) -> dict[str, Any]:
        for one in self.held.values():
            if reference in (one["Id"], one["Name"].lstrip("/")):
                return one
        raise NotFound("gone", response=api_error(404, "").response, explanation=f"No such container: {reference}")

    def inspect_container(self, reference: str) -> dict[str, Any]:
        one = self._get(reference)
        return {
            "Id": one["Id"],
            "Name": one["Name"],
            "Created": "2026-06-01T12:00:00Z",
            "Image": IMAGE,
            "State": {"Status": one["State"], "Running": one["State"] == "running", "ExitCode": 0, "Pid": 4711},
            "Config": {"Image": IMAGE, "Labels": one["Labels"], "Env": ["SECRET=1"]},
            "NetworkSettings": {"Networks": {"n": {"IPAddress": "10.0.0.2", "MacAddress": "aa"}}},
        }

    def start(self, identity: str) -> None:
        self._get(identity)["State"] = "running"

    def stop(self, identity: str, timeout: int) -> None:
        self.calls.append(f"stop {timeout}")
        self._get(identity)["State"] = "exited"

    def remove_container(self, identity: str, *, v: bool, force: bool) -> None:
        del self.held[self._get(identity)["Id"]]

    def logs(self, identity: str, *, tail: int, timestamps: bool) -> bytes:
        return f"{self._get(identity)['Id']} {tail} {timestamps}".encode()
