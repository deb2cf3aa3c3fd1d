"""The self-check on the running enclave: nothing to say of it as it is, and every drift that is seeded is found."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from client import Workspace

REPO = Path(__file__).parents[2]
NAME, ROOT = "ecluse-test", REPO / "build" / "test-enclave"
ROGUE = "ecluse-test-rogue"


def docker(*arguments: str) -> None:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def ask(*more: str) -> subprocess.CompletedProcess[str]:
    command = [
        Path(sys.executable).with_name("ecluse"),
        "selfcheck",
        "--name",
        NAME,
        "--root",
        ROOT,
        "--format",
        "json",
    ]
    done = subprocess.run([*command, *more], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return done


def selfcheck(*more: str) -> tuple[int, list[dict[str, str]]]:
    done = ask(*more)
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def running(enclave) -> Iterator[None]:
    """A workspace runs beside the services."""
    from client import Person

    with Person(enclave.url, "researcher-1", enclave.passwords()["researcher-1"], enclave.trusted) as someone:
        someone.sign_in()
        workspace = Workspace(someone, "bacthub")
        workspace.start()
        yield
        workspace.stop()


@pytest.mark.usefixtures("running")
def test_running_enclave_has_no_drift() -> None:
    assert selfcheck() == (0, [])


@pytest.mark.usefixtures("running")
def test_engine_without_user_namespaces_is_warned_of() -> None:
    info = subprocess.run(
        ["docker", "info", "--format", "{{.SecurityOptions}}"], capture_output=True, text=True, check=True
    )
    said = ask().stderr
    assert ("warning: engine: user namespaces" in said) is ("name=userns" not in info.stdout)
    assert ("the engine: no user namespaces" in said) is ("name=userns" not in info.stdout)


@pytest.fixture
def remove() -> Iterator[None]:
    yield
    subprocess.run(["docker", "rm", "-f", ROGUE], capture_output=True, check=False)


LABELS = ("--label", f"org.ecluse.enclave={NAME}")
AS_SERVICE = (*LABELS, "--label", "org.ecluse.service=airlock")
SLEEP = ("ecluse/base:0.1", "sleep", "600")


@pytest.mark.usefixtures("running", "remove")
@pytest.mark.parametrize(
    ("options", "control"),
    [
        ((*AS_SERVICE, "--privileged"), "not privileged"),
        ((*AS_SERVICE, "-p", "127.0.0.1::8082"), "no published port"),
        ((*AS_SERVICE, "-v", "/etc:/host:ro"), "mounts"),
        ((*AS_SERVICE, "-v", "/var/run/docker.sock:/s"), "no engine's socket"),
        ((*AS_SERVICE, "--pid", "host"), "own namespaces"),
        ((*AS_SERVICE, "--userns", "host"), "the engine's users"),
        (LABELS, "known container"),
    ],
)
def test_seeded_drift_is_found(options: tuple[str, ...], control: str) -> None:
    docker("run", "-d", "--name", ROGUE, *options, *SLEEP)
    code, found = selfcheck()
    assert code == 1
    assert control in {d["control"].split(" (")[0] for d in found if d["where"] == ROGUE}


@pytest.mark.usefixtures("running", "remove")
def test_stranger_in_a_projects_network_is_found() -> None:
    docker("run", "-d", "--name", ROGUE, "--network", f"{NAME}-project-bacthub", *SLEEP)
    _, found = selfcheck()
    assert [(d["where"], d["control"], d["seen"]) for d in found] == [
        (f"{NAME}-project-bacthub", "members of a network", ROGUE)
    ]


@pytest.mark.usefixtures("running")
def test_open_secret_and_an_unencrypted_disk_are_found_and_recorded(enclave) -> None:
    secret = enclave.root / "secrets" / "airlock" / "release.key"
    secret.chmod(0o444)
    try:
        database = f"sqlite:///{enclave.root}/control/ecluse.sqlite"
        code, found = selfcheck("--production", "--record", "--database", database)
    finally:
        secret.chmod(0o400)
    assert code == 1
    assert {d["control"].split(" (")[0] for d in found} == {"secrets", "encryption at rest"}
    told = subprocess.run(
        [Path(sys.executable).with_name("ecluse"), "audit", "export", "--database", database],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "selfcheck.drift" in told
