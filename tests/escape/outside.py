"""The internet, as far as attempts are concerned: one container that answers on many ports, in networks of our own."""

import socket
import subprocess
import time
from dataclasses import dataclass

from escape.attempt import Seen
from integration.hub.stack import docker

MARK = "OUTSIDE-REACHED"
NAME = "outside.example"
"""The outside's name: the engine's resolver knows it in the outside's own network."""

SERVER = r"""
import socket, socketserver, struct, threading, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
MARK = b"OUTSIDE-REACHED"
SEEN = []
open("/outside-file", "w").close()

class Web(BaseHTTPRequestHandler):
    def do_GET(self):
        SEEN.append(self.path)
        if self.path.startswith("/seen/"):
            found = any(self.path[6:] in s for s in SEEN[:-1])
            body = b"yes" if found else b"no"
        elif self.path.startswith("http://"):
            self.path = "/"
            body = MARK
        else:
            body = MARK
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
    do_POST = do_PUT = do_HEAD = do_GET
    def do_CONNECT(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(MARK)
    def log_message(self, *_):
        pass

class V6(ThreadingHTTPServer):
    address_family = socket.AF_INET6

class Line(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.sendall(MARK + b"\n")

class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        data, s = self.request
        s.sendto(MARK + data, self.client_address)

class Names(socketserver.BaseRequestHandler):
    def handle(self):
        data, s = self.request
        end = 12
        while data[end]:
            end += data[end] + 1
        question = data[12:end + 5]
        SEEN.append("dns " + question.decode("ascii", "replace"))
        head = data[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
        kind = struct.unpack(">H", question[-4:-2])[0]
        value = bytes([1]) + b"!" if kind == 16 else socket.inet_aton("198.51.100.7")
        kind = 16 if kind == 16 else 1
        s.sendto(head + question[:-4] + struct.pack(">HH", kind, 1) + b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 1, len(value)) + value, self.client_address)

def serve(cls, address, handler):
    cls.allow_reuse_address = True
    threading.Thread(target=cls(address, handler).serve_forever).start()

for port in (80, 443, 3128, 8080):
    serve(V6, ("::", port), Web)
for port in (21, 22, 25, 465, 993, 1194, 4444, 6667, 8443):
    serve(socketserver.ThreadingTCPServer, ("0.0.0.0", port), Line)
for port in (123, 443, 514, 1194, 4500, 51820):
    serve(socketserver.ThreadingUDPServer, ("0.0.0.0", port), Echo)
serve(socketserver.ThreadingUDPServer, ("0.0.0.0", 53), Names)
serve(socketserver.ThreadingTCPServer, ("0.0.0.0", 53), Line)
"""


@dataclass(frozen=True)
class Outside:
    """Its container, its network, and its addresses there."""

    container: str
    network: str
    address: str
    address6: str
    gateway: str

    def has_seen(self, what: str) -> Seen:
        """Whether a word has come by: in a path or a name that was asked for."""
        code = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1/seen/{what}').read().decode())"
        told = docker("exec", self.container, "python3", "-c", code) == "yes"
        return Seen(through=told, what="it arrived outside" if told else "nothing arrived outside")


def make_outside(name: str, labels: list[str]) -> Outside:
    """An ordinary network with a way out, and the server in it."""
    network, container = f"{name}-open", f"{name}-outside"
    block = int(name[-4:], 16)
    docker("network", "create", *labels, "--ipv6", "--subnet", f"fd00:ec1:{block:x}::/64", network)
    docker(
        *(
            "run",
            "-d",
            "--name",
            container,
            *labels,
            "--network",
            network,
            "--network-alias",
            NAME,
            "--user",
            "0:0",
            "-e",
            "SECRET=of-the-outside",
        ),
        *("--sysctl", "net.ipv4.ip_unprivileged_port_start=0", "ecluse/base:0.1", "python3", "-c", SERVER),
    )
    form = f'{{{{with index .NetworkSettings.Networks "{network}"}}}}{{{{.IPAddress}}}} {{{{.GlobalIPv6Address}}}} {{{{.Gateway}}}}{{{{end}}}}'
    address, address6, gateway = docker("inspect", "-f", form, container).split()
    wait_for(address, 53, container)  # the last that it opens
    return Outside(container, network, address, address6, gateway)


def wait_for(address: str, port: int, container: str) -> None:
    """Until a container of ours listens there."""
    until = time.monotonic() + 15
    while time.monotonic() < until:
        try:
            socket.create_connection((address, port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    done = subprocess.run(["docker", "logs", container], capture_output=True, text=True, check=False)
    raise RuntimeError(f"{container} does not listen on {port}: {done.stdout}{done.stderr}")
