"""Packages in a real workspace: what pip installs, what it says of the rest, and what the outside hears of it."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from integration.hub.stack import docker
from integration.mirror.conftest import LIST, Market, Workspace

pytestmark = pytest.mark.usefixtures("ada")

LOOK = "import importlib, {0}; print({0}.__file__, {0}.version)"
CALL = """python - <<'END'
import http.client, ssl, sys
trusted = ssl.create_default_context(cafile="/run/ecluse/trusted.pem")
c = http.client.HTTPSConnection("mirror", 8083, timeout=10, context=trusted)
c.request({0!r}, {1!r}, {2!r})
a = c.getresponse()
print(a.status, a.reason)
END"""


def run(workspace: Workspace, *cells: str) -> list[str]:
    """Run cells in one kernel; what each printed."""
    notebook = {
        "cells": [{"cell_type": "code", "source": c, "metadata": {}, "outputs": []} for c in cells],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip
    done = workspace.run_notebook("packages.ipynb", notebook)
    return ["".join("".join(o.get("text", "")) for o in c["outputs"]) for c in done["cells"]]


def test_allowed_package_is_installed_from_a_notebook_and_imported_in_its_kernel(ada: Workspace) -> None:
    installed, seen = run(ada, "%pip install tool", LOOK.format("tool"))
    assert "Successfully installed tool-1.1" in installed
    assert seen.split() == ["/home/researcher/.local/lib/python3.11/site-packages/tool.py", "1.1"]


def test_only_allowed_versions_are_there(market: Market) -> None:
    code, said = market.pip("install", "tool==2.0")
    assert code == 1
    assert re.search(r"from versions: 1\.0, 1\.1\)", said), said


def test_other_package_is_refused_with_a_sentence_and_recorded(market: Market) -> None:
    code, said = market.pip("install", "evil")
    assert code == 1
    assert "The package 'evil' is not allowed in this project. Your request is recorded" in said
    code, said = market.pip("install", "'evil<2'")
    assert code == 1
    assert "(from versions: 9999+not.allowed.here.your.request.is.recorded)" in said
    told = json.loads((market.root / "asked/requests/alpha/evil.json").read_text())
    assert (told["project"], told["name"], told["people"]) == ("alpha", "evil", ["ada"])


def test_dependency_that_is_not_allowed_is_named(market: Market) -> None:
    code, said = market.pip("install", "needy")
    assert code == 1
    assert "The package 'not-there' is not allowed in this project." in said


def test_package_of_another_project_is_refused(market: Market) -> None:
    code, said = market.pip("install", "of-beta")
    assert code == 1
    assert "The package 'of-beta' is not allowed in this project." in said


def test_file_with_another_hash_than_its_index_says_is_refused_and_not_kept(market: Market) -> None:
    code, said = market.pip("install", "spoilt")
    assert code == 1
    assert (
        "The upstream sent 'spoilt-1.0-py3-none-any.whl' with another hash than its index says; it was refused." in said
    )
    assert not (market.root / "packages/files/aa").exists()


def test_request_is_granted_by_an_edit_within_seconds(market: Market) -> None:
    code, _ = market.pip("install", "granted-later")
    assert code == 1
    listed = ecluse("packages", "requests", "--root", market.root)
    assert "granted-later: project alpha, by ada, 1×" in listed
    ecluse("packages", "allow", "granted-later", "--why", "asked for", "--root", market.root)
    began = time.monotonic()
    code, said = market.pip("install", "granted-later")
    assert "Successfully installed granted-later-1.0" in said
    assert time.monotonic() - began < 10
    assert "granted-later" not in ecluse("packages", "requests", "--root", market.root)
    market.write("policies/packages/pypi.yaml", LIST)
    code, said = market.pip("download", "granted-later", "--no-cache-dir", "-d", "/tmp/x")
    assert code == 1
    assert "not allowed" in said


def ecluse(*arguments: object) -> str:
    command = [Path(sys.executable).with_name("ecluse"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/simple/tool/", "rows", 405),
        ("POST", "/legacy/", "rows", 405),
        ("GET", "/search/", None, 404),
        ("GET", "/simple/?q=rows", None, 400),
        ("GET", "http://upstream:8000/simple/evil/", None, 400),
        ("CONNECT", "upstream:8000", None, 405),
        ("GET", f"/files/{'a' * 64}/evil-1.0-py3-none-any.whl", None, 403),
    ],
)
def test_nothing_can_be_sent_or_searched(market: Market, method: str, path: str, body: str | None, status: int) -> None:
    done = market.inside("ada", "alpha", CALL.format(method, path, body))
    assert done.stdout.startswith(f"{status} "), done.stdout + done.stderr


def test_upstream_hears_names_of_the_list_and_nothing_that_a_researcher_wrote(market: Market) -> None:
    market.inside("ada", "alpha", "PIP_USER_AGENT_USER_DATA=rows-of-data pip install tool evil-with-rows-1234 2>&1")
    market.inside("ada", "alpha", "pip install --no-cache-dir --force-reinstall --no-deps tool==1.0 2>&1")
    heard = market.heard()
    lines = {h["line"] for h in heard}
    assert "GET /tool/tool-1.0-py3-none-any.whl HTTP/1.1" in lines
    paths = {line.split()[1] for line in lines}
    names = {"tool", "needy", "spoilt", "of-beta", "granted-later"}
    indexes = {f"/simple/{name}/" for name in names}
    assert {p for p in paths if p.startswith("/simple/")} <= indexes
    files = {p.split("/")[1] for p in paths if not p.startswith("/simple/")}
    assert files <= names
    assert {line.split()[0] for line in lines} == {"GET"}
    said = {(k.lower(), v) for h in heard for k, v in h["headers"].items()}
    assert {k for k, _ in said} == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert {v for k, v in said if k == "user-agent"} == {"ecluse-mirror"}
    assert "rows" not in json.dumps(heard)


def test_mirror_has_no_way_out_and_passes_nothing_on(market: Market) -> None:
    mirror = json.loads(docker("inspect", f"{market.name}-mirror"))[0]
    assert set(mirror["NetworkSettings"]["Networks"]) == {f"{market.name}-mirror", f"{market.name}-project-alpha"}
    for switch in ("net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"):
        seen = docker("exec", f"{market.name}-mirror", "sh", "-c", f"cat /proc/sys/{switch} 2>/dev/null || echo 0")
        assert seen == "0"
    upstream = json.loads(docker("inspect", f"{market.name}-index"))[0]["NetworkSettings"]["Networks"]
    address = upstream[f"{market.name}-egress"]["IPAddress"]
    reach = "import socket,sys; socket.create_connection((sys.argv[1], 8000), 2); print('reached')"
    for inside in (f"{market.name}-mirror", market.container("ada", "alpha")):
        for name in (address, "upstream"):
            done = subprocess.run(
                ["docker", "exec", inside, "python3", "-c", reach, name], capture_output=True, text=True, check=False
            )
            assert "reached" not in done.stdout
    # The proof that the attempt is sound: the fetcher reaches it.
    assert docker("exec", f"{market.name}-fetcher", "python3", "-c", reach, address) == "reached"


def test_fetcher_is_in_no_projects_network_and_sees_no_other_policy(market: Market) -> None:
    fetcher = json.loads(docker("inspect", f"{market.name}-fetcher"))[0]
    assert set(fetcher["NetworkSettings"]["Networks"]) == {f"{market.name}-egress"}
    seen = docker(
        "exec", f"{market.name}-fetcher", "sh", "-c", "cd /srv/ecluse; ls policies asked secrets 2>&1; ls -a asked/*"
    )
    assert "people.yaml" not in seen
    assert "requests" not in seen


def test_what_is_installed_runs_in_kernels_and_not_in_the_server(ada: Workspace, market: Market) -> None:
    note = "import sys; print(sys.argv[0], file=open('/tmp/ran', 'a'))"
    place = "/home/researcher/.local/lib/python3.11/site-packages/usercustomize.py"
    assert market.inside("ada", "alpha", f'echo "{note}" > {place}').returncode == 0
    ada.stop()
    ada.start()
    assert market.inside("ada", "alpha", "cat /tmp/ran").stdout == ""
    run(ada, "1")
    assert market.inside("ada", "alpha", "cat /tmp/ran").stdout != ""
