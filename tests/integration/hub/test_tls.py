"""Between services and workspaces everything is TLS, and each is taken for itself alone."""

import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from ecluse.rules.papers import CERTIFICATE, KEY, PAPERS
from ecluse.store.certificates import Pair
from ecluse.store.papers import AUTHORITY, AUTHORITY_KEY, sign_workspace
from integration.hub.stack import Person, Stack, docker

ASK = """
import json, socket, ssl, sys
folder, trusted, asked = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
for host, port, name, how in asked:
    try:
        s = socket.create_connection((host, port), 3)
        if how != "plain":
            c = ssl.create_default_context(cafile=trusted) if how != "stranger" else ssl.create_default_context()
            if how == "own":
                c.load_cert_chain(folder + "/inside.crt", folder + "/inside.key")
            s = c.wrap_socket(s, server_hostname=name)
        s.sendall(b"GET /hub/api/ HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n")
        got = s.recv(200)
        print("answered" if got.startswith(b"HTTP/1.") else "closed")
    except OSError as e:
        print(getattr(e, "reason", None) or type(e).__name__)
"""
Asked = tuple[str, int, str, str]


def ask(container: str, folder: str, trusted: str, *asked: Asked) -> list[str]:
    """What each call brings, made in a container with its papers: `answered`, or why not."""
    done = docker("exec", container, "python3", "-c", ASK, folder, trusted, json.dumps(asked))
    return done.splitlines()


def from_workspace(stack: Stack, *asked: Asked) -> list[str]:
    return ask(stack.container("ada", "alpha"), PAPERS, f"{PAPERS}/trusted.pem", *asked)


def from_hub(stack: Stack, *asked: Asked) -> list[str]:
    own = "/srv/ecluse/secrets/hub"
    return ask(f"{stack.name}-hub", own, f"{own}/trusted.pem", *asked)


def workspaces_name(stack: Stack, person: str = "ada") -> str:
    found = stack.inspect(person, "alpha")
    assert found
    return f"{found['Id'][:12]}.{stack.name}-project-alpha"


def test_nothing_inside_answers_in_clear(stack: Stack, alpha: Person) -> None:
    ports = (("hub", 8081), ("proxy", 8000), ("proxy-api", 8001), (workspaces_name(stack), 8888))
    plain: list[Asked] = [(host, port, host, "plain") for host, port in ports]
    assert not [said for said in from_hub(stack, *plain) if said == "answered"]
    assert not [said for said in from_workspace(stack, plain[0], plain[1], plain[3]) if said == "answered"]
    over_tls: list[Asked] = [(host, port, host, "own") for host, port in ports]
    assert from_hub(stack, *over_tls) == ["answered"] * 4


def test_who_does_not_know_the_authority_takes_none_for_a_service(stack: Stack, alpha: Person) -> None:
    ports = (("hub", 8081), ("proxy", 8000), ("proxy-api", 8001))
    assert (
        from_hub(stack, *((host, port, host, "stranger") for host, port in ports)) == ["CERTIFICATE_VERIFY_FAILED"] * 3
    )


def test_hub_routes_and_workspaces_answer_to_nobody_without_a_certificate(stack: Stack, alpha: Person) -> None:
    name = workspaces_name(stack)
    nobody: list[Asked] = [("hub", 8081, "hub", "nobody"), ("proxy-api", 8001, "proxy-api", "nobody")]
    assert not [said for said in from_hub(stack, *nobody, (name, 8888, name, "nobody")) if said == "answered"]


def test_workspace_calls_the_hub_and_the_way_to_the_airlock(stack: Stack, alpha: Person) -> None:
    assert from_workspace(stack, ("hub", 8081, "hub", "own"), ("proxy", 8000, "proxy", "own")) == ["answered"] * 2


def test_neighbours_server_does_not_answer_a_workspace(stack: Stack, alpha: Person, cy: Person) -> None:
    cy.start("alpha")
    try:
        name = workspaces_name(stack, "cy")
        trusting = (
            "python3",
            "-c",
            ASK.replace("create_default_context(cafile=trusted)", "_create_unverified_context()"),
        )
        said = docker(
            "exec", stack.container("ada", "alpha"), *trusting, PAPERS, "", json.dumps([(name, 8888, name, "own")])
        )
        assert said != "answered"
        assert from_hub(stack, (name, 8888, name, "own")) == ["answered"]
    finally:
        cy.stop("alpha")


def test_workspaces_key_lies_where_it_alone_reads_it_and_goes_with_it(stack: Stack, alpha: Person, cy: Person) -> None:
    seen = stack.inside("ada", "alpha", f"stat -c '%n %a' {PAPERS}/*; touch {PAPERS}/x 2>&1; ls /srv 2>&1")
    assert seen.stdout.splitlines()[:3] == [f"{PAPERS}/{f} 440" for f in ("inside.crt", "inside.key", "trusted.pem")]
    assert "Read-only file system" in seen.stdout
    cy.start("alpha")
    folder = stack.root / "papers" / stack.container("cy", "alpha")
    assert (folder / KEY).read_bytes() != (stack.root / "papers" / stack.container("ada", "alpha") / KEY).read_bytes()
    cy.stop("alpha")
    assert not folder.exists()


POSE = """
import json, ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Pose(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"posed")
c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
c.load_cert_chain("/papers/inside.crt", "/papers/inside.key")
server = ThreadingHTTPServer(("0.0.0.0", 8888), Pose)
server.socket = c.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
ROUTE = """
import json, sys, urllib.request as u
from pathlib import Path
from ecluse.tls import asking
own = Path("/srv/ecluse/secrets/hub")
token = (own / "proxy_token").read_text().strip()
path, target = sys.argv[1:]
r = u.Request("https://proxy-api:8001/api/routes" + path, json.dumps({"target": target}).encode(),
              {"Authorization": "token " + token}, method="POST")
opener = u.build_opener(u.ProxyHandler({}), u.HTTPSHandler(context=asking(own)))
print(opener.open(r, timeout=5).status)
"""


@pytest.fixture
def posing(stack: Stack) -> Iterator[str]:
    """A container on the control network, with papers that a test puts into its folder before it starts."""
    name = f"{stack.name}-posing"
    folder = stack.root / "posing"
    folder.mkdir()
    docker("create", "--name", name, "--label", f"org.ecluse.enclave={stack.name}", "--network",
           f"{stack.name}-control", "-v", f"{folder}:/papers:ro", "ecluse/base:0.1", "python3", "-c", POSE)  # fmt: skip
    try:
        yield name
    finally:
        docker("rm", "-f", name)
        shutil.rmtree(folder)


@pytest.mark.parametrize(("names", "answered"), [("own", True), ("another workspace's", False), ("a service's", False)])
def test_proxy_takes_each_workspace_for_itself_alone(
    stack: Stack, alpha: Person, posing: str, names: str, answered: bool
) -> None:
    host = f"{json.loads(docker('inspect', posing))[0]['Id'][:12]}.{stack.name}-control"
    folder, gate = stack.root / "posing", stack.root / "secrets/gate"
    if names == "a service's":  # what is taken for a service is not taken for a workspace
        for file in (KEY, CERTIFICATE):
            (folder / file).write_bytes((stack.root / "secrets/airlock" / file).read_bytes())
    else:
        authority = Pair((gate / AUTHORITY).read_bytes(), (gate / AUTHORITY_KEY).read_bytes())
        signed = host if names == "own" else workspaces_name(stack)
        pair = sign_workspace(authority, signed, datetime.now(UTC), timedelta(hours=1))
        (folder / KEY).write_bytes(pair.key)
        (folder / CERTIFICATE).write_bytes(pair.certificate)
    for file in folder.iterdir():
        file.chmod(0o644)
    docker("start", posing)
    time.sleep(1)
    path = f"/posing-{names.split(maxsplit=1)[0]}"
    routed = docker("exec", "-e", "PYTHONPATH=/opt/source", f"{stack.name}-hub", "python", "-c", ROUTE, path,
                    f"https://{host}:8888")  # fmt: skip
    assert routed == "201"
    answer = alpha.http.get(f"{path}/x")
    assert (answer.text == "posed") is answered, answer.text
    assert answered or answer.status_code == 503
