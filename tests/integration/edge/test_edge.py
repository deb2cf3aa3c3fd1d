"""The edge: what it takes, what it passes on, what it refuses. Behind it stands a stub that tells what reached it."""

import json
import os
import re
import secrets
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from ecluse.store.certificates import Pair, make_authority, make_certificate
from ecluse.store.files import write_private
from ecluse.store.papers import AUTHORITY, AUTHORITY_KEY, sign_workspace
from papers import lay_papers

LABEL = "org.ecluse.test=edge"
STUB = """
import json, os, ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Tell(BaseHTTPRequestHandler):
    def do_GET(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = json.dumps({"path": self.path, "headers": dict(self.headers), "read": len(self.rfile.read(length))})
        self.send_response(200)
        for name, value in (("Server", "Secret/1.2.3"), ("X-JupyterHub-Version", "6.1.1"), ("X-Powered-By", "x"),
                            ("Set-Cookie", "a=b; Path=/user/ada/alpha/")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())
    do_POST = do_PUT = do_GET

server = ThreadingHTTPServer(("0.0.0.0", 8000), Tell)
if os.path.exists("/papers/inside.key"):
    papers = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    papers.load_cert_chain("/papers/inside.crt", "/papers/inside.key")
    server.socket = papers.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()


@dataclass
class Edge:
    name: str
    port: int
    trusted: ssl.SSLContext
    folder: Path

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        with httpx.Client(base_url=f"https://localhost:{self.port}", verify=self.trusted, timeout=20) as client:
            return client.request(method, path, **more)  # type: ignore[arg-type]


def start_stub(name: str, papers: Path) -> None:
    """What stands for the proxy, with the key and the certificate of a folder; without them it speaks plain HTTP."""
    docker("run", "-d", "--name", f"{name}-stub", "--label", LABEL, "--network", f"{name}-front",
           "--network-alias", "proxy", "-v", f"{papers}:/papers:ro", "--user", "10001:10001",
           "ecluse/base:0.1", "python3", "-c", STUB)  # fmt: skip


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """An edge over TLS, with the hardening of compose.yaml."""
    folder, name = tmp_path_factory.mktemp("edge"), "te" + secrets.token_hex(3)
    now = datetime.now(UTC)
    authority = make_authority(name, now)
    pair = make_certificate(authority, "localhost", now)
    lay_papers(folder, name)
    own = folder / "secrets/edge"
    (own / "tls.crt").write_bytes(pair.certificate)
    (own / "tls.key").write_bytes(pair.key)
    for file in own.glob("tls.*"):
        os.chown(file, 10001, 10001)
    try:
        docker("network", "create", "--label", LABEL, f"{name}-edge")
        docker("network", "create", "--label", LABEL, "--internal", f"{name}-front")
        start_stub(name, folder / "secrets/proxy")
        docker("create", "--name", f"{name}-edge", "--label", LABEL, "--network", f"{name}-edge",
               "-p", "127.0.0.1::8000", "-e", "ECLUSE_URL=https://localhost", "-e", "ECLUSE_BODY=1m", "--read-only",
               "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true", "--tmpfs", "/tmp:size=64m,mode=1777",
               "-v", f"{own}:/srv/ecluse/secrets/edge:ro", "ecluse/edge:0.1")  # fmt: skip
        docker("network", "connect", f"{name}-front", f"{name}-edge")
        docker("start", f"{name}-edge")
        port = int(docker("port", f"{name}-edge", "8000").splitlines()[0].rsplit(":", 1)[1])
        made = Edge(name, port, ssl.create_default_context(cadata=authority.certificate.decode()), folder)
        until = time.monotonic() + 30
        while True:
            try:
                if made.ask("GET", "/").status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            assert time.monotonic() < until, docker("logs", f"{name}-edge")
            time.sleep(0.2)
        yield made
    finally:
        for container in ("edge", "stub"):
            subprocess.run(["docker", "rm", "-f", f"{name}-{container}"], capture_output=True, check=False)
        for network in ("edge", "front"):
            subprocess.run(["docker", "network", "rm", f"{name}-{network}"], capture_output=True, check=False)


def test_what_a_client_says_of_itself_does_not_get_through(edge: Edge) -> None:
    claimed = {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "http", "X-Real-IP": "10.0.0.1",
               "Forwarded": "for=10.0.0.1", "X-Scheme": "http"}  # fmt: skip
    seen = edge.ask("GET", "/hub/home", headers=claimed).json()["headers"]
    assert "10.0.0.1" not in json.dumps(seen)
    assert seen["X-Forwarded-Proto"] == "https"
    assert not {"Forwarded", "X-Scheme"} & set(seen)


def test_path_arrives_as_it_was_sent(edge: Edge) -> None:
    """A proxy that decodes `%2F` makes another path of it."""
    assert edge.ask("GET", "/hub/a%2Fb?x=%20").json()["path"] == "/hub/a%2Fb?x=%20"


def test_answers_carry_hsts_and_tell_no_versions(edge: Edge) -> None:
    answer = edge.ask("GET", "/hub/home")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers.get("server") == "nginx"
    assert not {"x-jupyterhub-version", "x-powered-by"} & set(answer.headers)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_modern_tls_is_spoken(edge: Edge, version: ssl.TLSVersion) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(("localhost", edge.port), 5) as plain, context.wrap_socket(plain) as spoken:
        cipher, _, bits = spoken.cipher() or ("", "", 0)
    assert bits >= 128
    assert "GCM" in cipher or "CHACHA20" in cipher


def test_old_tls_and_ciphers_without_forward_secrecy_are_not_spoken(edge: Edge) -> None:
    def refused(setting: str) -> bool:
        command = ["openssl", "s_client", "-connect", f"localhost:{edge.port}", *setting.split()]
        done = subprocess.run(command, input=b"", capture_output=True, check=False, timeout=20)
        return b"Cipher is (NONE)" in done.stdout

    assert not refused("-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256")  # the test itself can connect
    assert refused("-tls1_1 -cipher DEFAULT@SECLEVEL=0")
    assert refused("-tls1_2 -cipher AES128-SHA")
    assert refused("-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA")


def test_plain_http_is_sent_to_tls(edge: Edge) -> None:
    answer = httpx.get(f"http://localhost:{edge.port}/hub/home?a=1")
    assert (answer.status_code, answer.headers["location"]) == (301, "https://localhost/hub/home?a=1")


def test_another_name_is_not_served(edge: Edge) -> None:
    """DNS rebinding: a page of elsewhere whose name was made to point here."""
    answer = edge.ask("GET", "/hub/home", headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert "path" not in answer.text


def raw(edge: Edge, *lines: str) -> bytes:
    """The answer to a request that is sent as it is written."""
    with (
        socket.create_connection(("localhost", edge.port), 5) as plain,
        edge.trusted.wrap_socket(plain, server_hostname="localhost") as spoken,
    ):
        spoken.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode())
        got = b""
        while part := spoken.recv(4096):
            got += part
        return got


def test_a_name_in_the_address_does_not_cover_another_in_the_header(edge: Edge) -> None:
    assert b" 421 " in raw(edge, "GET https://localhost/hub/home HTTP/1.1", "Host: evil.example").splitlines()[0]
    for host in ("localhost", "LOCALHOST:8000", "localhost."):
        assert b" 200 " in raw(edge, "GET https://localhost/hub/home HTTP/1.1", f"Host: {host}").splitlines()[0]


def test_a_backslash_is_no_way_around_a_closed_route(edge: Edge) -> None:
    """The proxy behind reads it as a slash."""
    for path in ("/user/ada/alpha\\api", "/user/ada/alpha\\files/a.csv", "\\hub\\api\\"):
        assert b" 400 " in raw(edge, f"GET {path} HTTP/1.1", "Host: localhost").splitlines()[0]


@pytest.mark.parametrize("path", ["/hub/api/", "/hub/api", "/hub/static/js/home.js", "/hub/logo", "/_chp_healthz"])
def test_what_tells_a_version_to_anybody_is_closed(edge: Edge, path: str) -> None:
    assert edge.ask("GET", path).status_code == 403
    assert edge.ask("GET", path + "users").status_code == (403 if "static" in path else 200)


def test_a_form_of_another_site_is_not_taken(edge: Edge) -> None:
    own = f"https://localhost:{edge.port}"
    for origin in ("https://evil.example", "null", own + "1", own.replace("https", "http"), "https://localhost"):
        for method in ("POST", "PUT"):
            assert edge.ask(method, "/hub/spawn", headers={"Origin": origin}).status_code == 403, origin
        assert edge.ask("GET", "/hub/spawn", headers={"Origin": origin}).status_code == 200
    for method in ("POST", "PUT"):
        assert edge.ask(method, "/hub/spawn", headers={"Origin": own}).status_code == 200
        assert edge.ask(method, "/hub/spawn").status_code == 200


def test_cookies_of_a_workspace_go_over_tls_and_to_no_other_site(edge: Edge) -> None:
    assert (
        edge.ask("GET", "/user/ada/alpha/lab").headers["set-cookie"]
        == "a=b; Path=/user/ada/alpha/; Secure; SameSite=Lax"
    )


@pytest.mark.parametrize(
    "route", ["files/a.csv", "nbconvert/html/a.ipynb", "view/a.csv", "metrics", "files", "api", "api/"]
)
def test_download_routes_of_a_workspace_are_closed_whatever_its_server_says(edge: Edge, route: str) -> None:
    assert edge.ask("GET", f"/user/ada/alpha/{route}").status_code == 403
    assert edge.ask("GET", f"/user/ada/alpha/lab/tree/{route}").status_code == 200


@pytest.mark.parametrize(
    "path", ["/user/ada/alpha/%66iles/a.csv", "/user/ada/alpha//files/a", "/user/ada/alpha/./files/a"]
)
def test_other_spellings_of_a_download_route_are_closed_too(edge: Edge, path: str) -> None:
    with (
        socket.create_connection(("localhost", edge.port), 5) as plain,
        edge.trusted.wrap_socket(plain, server_hostname="localhost") as spoken,
    ):
        spoken.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert b" 403 " in spoken.recv(4096).splitlines()[0]


def test_body_over_the_limit_is_refused(edge: Edge) -> None:
    assert edge.ask("PUT", "/user/ada/alpha/api/contents/a", content=b"x" * 900_000).json()["read"] == 900_000
    assert edge.ask("PUT", "/user/ada/alpha/api/contents/a", content=b"x" * 1_100_000).status_code == 413


def test_web_sockets_are_passed_on(edge: Edge) -> None:
    headers = {"Connection": "Upgrade", "Upgrade": "websocket"}
    seen = edge.ask("GET", "/user/ada/alpha/api/kernels/1/channels", headers=headers).json()["headers"]
    assert seen["Upgrade"] == "websocket"
    assert seen["Connection"].lower() == "upgrade"


def test_guessing_passwords_is_slowed_down_by_address(edge: Edge) -> None:
    answers = [edge.ask("POST", "/hub/login").status_code for _ in range(40)]
    assert answers[:10] == [200] * 10
    assert answers.count(429) >= 10
    assert edge.ask("GET", "/hub/login").status_code == 200  # others can still open the page


def breath(edge: Edge, *paths: str) -> list[int]:
    """150 requests for each path, all in one breath: how many of each are slowed down."""

    def ask(path: str) -> int:
        one = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
        return raw(edge, *[one] * 149, one.rstrip()).count(b"HTTP/1.1 429 ")

    with ThreadPoolExecutor(len(paths)) as pool:
        return list(pool.map(ask, paths))


def test_one_address_cannot_keep_busy_what_answers_for_all(edge: Edge) -> None:
    assert sum(breath(edge, *["/user/ada/alpha/static/lab/main.js"] * 6)) == 0  # a Lab is hundreds of files
    pages = ("/hub/login", "/hub/home", "/services/airlock/", "//hub//home", "/%68ub/home", "/hub")
    assert min(breath(edge, *pages)) > 0
    assert edge.ask("GET", "/user/ada/alpha/lab").status_code == 200


def test_nobody_behind_it_is_a_page_that_says_so(edge: Edge) -> None:
    docker("stop", "-t", "0", f"{edge.name}-stub")
    try:
        answer = edge.ask("GET", "/hub/home")
        assert answer.status_code in (502, 504)
        assert "One moment" in answer.text
        assert "nginx" not in answer.text
    finally:
        docker("start", f"{edge.name}-stub")


@pytest.mark.parametrize("who", ["nobody", "airlock", "workspace"])
def test_what_is_not_the_proxy_is_sent_nothing(edge: Edge, who: str) -> None:
    papers = edge.folder / "secrets" / who
    if who == "nobody":
        papers.mkdir()
    if who == "workspace":  # of the right name, by the authority that signs for workspaces
        gate = edge.folder / "secrets/gate"
        authority = Pair((gate / AUTHORITY).read_bytes(), (gate / AUTHORITY_KEY).read_bytes())
        pair = sign_workspace(authority, "proxy", datetime.now(UTC), timedelta(hours=1))
        papers.mkdir()
        write_private(papers / "inside.key", pair.key, 10001)
        write_private(papers / "inside.crt", pair.certificate, 10001)
    docker("rm", "-f", f"{edge.name}-stub")
    before = log_of(f"{edge.name}-edge")
    try:
        start_stub(edge.name, papers)
        until = time.monotonic() + 30
        while not REFUSED.search(said := log_of(f"{edge.name}-edge")[len(before) :]):
            assert edge.ask("GET", "/hub/home", headers={"Cookie": "a=secret"}).status_code in (502, 504)
            assert time.monotonic() < until, said
            time.sleep(0.5)
        assert "GET /hub/home" not in log_of(f"{edge.name}-stub")
    finally:
        docker("rm", "-f", f"{edge.name}-stub")
        start_stub(edge.name, edge.folder / "secrets/proxy")
        until = time.monotonic() + 20
        while edge.ask("GET", "/hub/home").status_code != 200:
            assert time.monotonic() < until
            time.sleep(0.5)
    assert "GET /hub/home" in log_of(f"{edge.name}-stub")


REFUSED = re.compile("upstream SSL certificate|SSL_do_handshake")
"""What the edge's log says of somebody behind it who is not the proxy."""


def log_of(container: str) -> str:
    """What a container said; the stub tells what reached it."""
    done = subprocess.run(["docker", "logs", container], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://enclave.example", "Use https"),
        ("https://enclave.example", "tls.crt is missing"),
        ("https://a;b", "names no host"),
        ("http://localhost:8000", "inside.key is missing"),
    ],
)
def test_edge_does_not_start_in_clear_or_without_a_certificate(url: str, said: str) -> None:
    command = [
        "docker",
        "run",
        "--rm",
        "--network",
        "none",
        "--label",
        LABEL,
        "-e",
        f"ECLUSE_URL={url}",
        "ecluse/edge:0.1",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert said in done.stderr
