"""Between the services of a running enclave: nothing in clear, nobody unproven, and certificates that `up` renews."""

import json
import subprocess

import httpx
import pytest

from client import Person, Workspace

ASK = """
import json, socket, ssl, sys
for host, port, how in json.loads(sys.argv[1]):
    try:
        line = socket.create_connection((host, port), 3)
        if how == "stranger":
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
        line.sendall(b"GET / HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n")
        print(line.recv(100).split(b"\\r\\n")[0].decode() or "closed")
    except OSError as error:
        print(getattr(error, "reason", None) or type(error).__name__)
"""


def inside(enclave, service: str, *asked: tuple[str, int, str]) -> list[str]:
    """What each call from within a service brings."""
    command = ["docker", "exec", f"{enclave.name}-{service}", "python3", "-c", ASK, json.dumps(asked)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


SERVICES = [("hub", "hub", 8081), ("hub", "proxy", 8000), ("hub", "proxy-api", 8001), ("hub", "airlock", 8082),
            ("mirror", "mirror", 8083)]  # fmt: skip


@pytest.mark.parametrize(("caller", "host", "port"), SERVICES)
def test_no_service_answers_in_clear_or_to_who_does_not_know_the_authority(enclave, caller, host, port) -> None:
    plain, stranger = inside(enclave, caller, (host, port, "plain"), (host, port, "stranger"))
    assert "HTTP/" not in plain
    assert stranger == "CERTIFICATE_VERIFY_FAILED"


def fingerprint(enclave, service: str) -> str:
    """The certificate that a service shows now."""
    code = "import ssl; print(ssl.get_server_certificate(('localhost', 8000)))"
    done = subprocess.run(
        ["docker", "exec", f"{enclave.name}-{service}", "python3", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_up_renews_a_certificate_and_the_enclave_goes_on_with_it(enclave) -> None:
    before = fingerprint(enclave, "proxy")
    (enclave.root / "secrets/proxy/inside.crt").unlink()
    enclave.up()
    after = fingerprint(enclave, "proxy")
    assert "BEGIN CERTIFICATE" in after
    assert after != before
    with Person(enclave.url, "researcher-1", enclave.passwords()["researcher-1"], enclave.trusted) as someone:
        someone.sign_in()
        workspace = Workspace(someone, "bacthub")
        workspace.start()
        try:
            assert someone.http.get(f"{workspace.base}/lab").status_code == httpx.codes.OK
        finally:
            workspace.stop()
