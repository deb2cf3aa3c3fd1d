"""Where a stranger stands: at the edge's port, at addresses of their own, and at the twins of the edge.

One helper container gives the stranger more addresses than one (limits count by address), and leads, as a twin, to the
proxy without the edge. Another one is the edge's own program with a weak configuration.
"""

import ipaddress
import json
import ssl
import subprocess
from dataclasses import dataclass, field
from functools import cached_property

import httpx

from escape.outside import wait_for
from escape.stranger_naive import Naive
from escape.web import raw
from escape.world import World
from integration.hub.stack import docker
from papers import trusting

ADDRESSES = 60
NO_EDGE = 9000

RELAY = f"""
import fcntl, socket, struct, sys, threading
edge = socket.gethostbyname("edge")
mask, *addresses = sys.argv[1:]
def alias(n, address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for call, value in ((0x8916, address), (0x891C, mask)):
        fcntl.ioctl(s, call, struct.pack("16sH2x4s8x", b"eth0:%d" % n, socket.AF_INET, socket.inet_aton(value)))
    return address
def pump(a, b):
    try:
        while part := a.recv(65536):
            b.sendall(part)
    except OSError:
        pass
    try:
        b.shutdown(socket.SHUT_WR)
    except OSError:
        pass
def serve(port, target, source):
    with socket.create_server(("0.0.0.0", port), backlog=512) as server:
        while True:
            a = server.accept()[0]
            try:
                b = socket.create_connection(target, 5, source_address=source and (source, 0))
            except OSError:
                a.close()
                continue
            b.settimeout(None)
            for pair in ((a, b), (b, a)):
                threading.Thread(target=pump, args=pair, daemon=True).start()
for n, address in enumerate(addresses, 1):
    threading.Thread(target=serve, args=({NO_EDGE} + n, (edge, 8000), alias(n, address))).start()
serve({NO_EDGE}, ("proxy", 8000), None)
"""

WEAK_NGINX = """
worker_processes 1; daemon off; pid /tmp/nginx.pid; error_log stderr warn;
events { worker_connections 2048; }
http {
    access_log off;
    client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/f; uwsgi_temp_path /tmp/u;
    scgi_temp_path /tmp/s;
    server {
        listen 8000 ssl;
        ssl_certificate /weak/rsa.crt; ssl_certificate_key /weak/rsa.key;
        ssl_certificate /weak/ec.crt; ssl_certificate_key /weak/ec.key;
        ssl_dhparam /weak/dh.pem;
        ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
        ssl_ciphers ALL:COMPLEMENTOFALL:eNULL:aNULL:@SECLEVEL=0;
        ssl_ecdh_curve prime192v1:secp224r1:X25519:prime256v1;
        ssl_early_data on; ssl_session_tickets on; ssl_session_cache shared:all:1m;
        location / { return 200 "weak\\n"; }
    }
}
"""


@dataclass
class Place:
    """An address at which the stranger knocks, and what stands for the same things there."""

    url: str
    host: str
    """What the Host header says."""
    verify: ssl.SSLContext | bool = True
    log: str = ""
    """Container whose log tells what arrived behind; or none."""
    naive: Naive | None = None
    world: World | None = None
    twin: bool = False
    more: dict[str, str] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """The port."""
        return int(self.url.rpartition(":")[2])

    @property
    def address(self) -> str:
        """The host's part of the address."""
        return self.url.split("//")[1].rpartition(":")[0]

    def client(self) -> httpx.Client:
        """A browser of nobody, that follows no redirect; `Host` is the enclave's."""

        def named(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = "localhost"  # whatever the address, the certificate is for it

        hooks = {"request": [named]} if self.url.startswith("https") else {}
        return httpx.Client(
            base_url=self.url, verify=self.verify, timeout=20, headers={"Host": self.host}, event_hooks=hooks
        )

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        """One call of nobody."""
        with self.client() as client:
            return client.request(method, path, **more)  # type: ignore[arg-type]

    def send(self, data: bytes, seconds: float = 4) -> bytes:
        """Bytes as they are."""
        return raw(self.url, data, self.verify, seconds, name="localhost")

    def line(
        self,
        target: str,
        *headers: str,
        method: str = "GET",
        version: str = "1.1",
        host: str | None = None,
        seconds: float = 4,
    ) -> bytes:
        """A request whose target is sent as it is written; the whole answer."""
        named = [f"Host: {self.host if host is None else host}"] if host != "" else []
        lines = [f"{method} {target} HTTP/{version}", *named, *headers, "Connection: close", "", ""]
        return self.send("\r\n".join(lines).encode("latin-1"), seconds)

    def arrived(self, mark: str) -> bool:
        """Whether a path with this mark was asked of what stands behind."""
        if self.naive is not None:
            return any(mark in path for path in self.naive.reached)
        done = subprocess.run(
            ["docker", "logs", "--since", "60s", self.log], capture_output=True, text=True, check=True
        )
        return mark in done.stdout + done.stderr


@dataclass
class Strangers:
    """The places of one run."""

    world: World
    _next: int = 0

    @cached_property
    def real(self) -> Place:
        """The edge's port."""
        enclave = self.world.enclave
        return Place(
            enclave.url, f"localhost:{enclave.port}", enclave.trusted, f"{self.world.name}-hub", world=self.world
        )

    @cached_property
    def helper(self) -> str:
        """Address of the helper container, once it listens."""
        found, name = self.world, f"{self.world.name}-strangers"
        network = ipaddress.ip_network(
            json.loads(docker("network", "inspect", f"{found.name}-edge"))[0]["IPAM"]["Config"][0]["Subnet"]
        )
        own = [str(network.broadcast_address - n) for n in range(1, ADDRESSES + 1)]
        docker(
            *("run", "-d", "--name", name, *found.labels, "--network", f"{found.name}-edge", "--user", "0:0"),
            *("--cap-add", "NET_ADMIN", "ecluse/base:0.1", "python3", "-c", RELAY, str(network.netmask), *own),
        )
        docker("network", "connect", f"{found.name}-front", name)
        address = found.address(name, f"{found.name}-edge")
        wait_for(address, NO_EDGE, name)
        return address

    def elsewhere(self) -> Place:
        """The edge, from another address than before."""
        self._next = self._next % ADDRESSES + 1
        one = self.real
        return Place(f"https://{self.helper}:{NO_EDGE + self._next}", one.host, one.verify, one.log, world=self.world)

    @cached_property
    def no_edge(self) -> Place:
        """The same enclave without its edge."""
        trusted = trusting(self.world.enclave.root)
        url, one = f"https://{self.helper}:{NO_EDGE}", self.real
        return Place(url, one.host, trusted, one.log, world=self.world, twin=True)

    @cached_property
    def weak_hub(self) -> Place:
        """The hub without our roles and identity."""
        weak = self.world.weak
        address = {s: self.world.address(f"{weak.name}-{s}", weak.network) for s in ("proxy", "hub")}
        ports = {"8001": address["proxy"], "8081": address["hub"], "9000": address["hub"]}
        host = weak.url.removeprefix("http://")
        return Place(weak.url, host, log=f"{weak.name}-hub", world=self.world, twin=True, more=ports)

    @cached_property
    def weak_edge(self) -> Place:
        """The edge's program with weak settings."""
        folder, name = self.world.folder / "weak-edge", f"{self.world.name}-weak-edge"
        folder.mkdir(exist_ok=True)
        (folder / "nginx.conf").write_text(WEAK_NGINX)
        for kind, how in {
            "rsa": ["-newkey", "rsa:2048"],
            "ec": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        }.items():
            files = ["-keyout", str(folder / f"{kind}.key"), "-out", str(folder / f"{kind}.crt")]
            openssl("req", "-x509", "-nodes", *how, *files, "-subj", "/CN=localhost")
        openssl(
            "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", str(folder / "dh.pem")
        )
        for file in folder.iterdir():
            file.chmod(0o644)
        docker(
            *("run", "-d", "--name", name, *self.world.labels, "--network", self.world.outside.network),
            *("--read-only", "--tmpfs", "/tmp", "-v", f"{folder}:/weak:ro", "ecluse/edge:0.1"),
            *("nginx", "-c", "/weak/nginx.conf"),
        )
        address = self.world.address(name, self.world.outside.network)
        wait_for(address, 8000, name)
        anybody = ssl.create_default_context()
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        return Place(f"https://{address}:8000", "localhost", anybody, twin=True)

    def naive(self, kind: str) -> Place:
        """A small server that is wrong in one way."""
        made = Naive(kind)
        self.world.undo.append(made.close)
        return Place(made.url, self.real.host, naive=made, world=self.world, twin=True)


def openssl(*arguments: str, text: str = "") -> str:
    """Run openssl; what it says."""
    done = subprocess.run(
        ["openssl", *arguments], input=text, capture_output=True, text=True, check=False, timeout=20, errors="replace"
    )
    return done.stdout + done.stderr


__all__ = ["Place", "Strangers", "openssl"]
