"""An enclave on an engine with user namespaces: it works whole, and nobody in a container is anybody on the machine."""

import json
import sys
from pathlib import Path

import pytest

from second_engine import GROUPS, USERS

REPO = Path(__file__).parents[3]
NAME = "users"
WORKSPACE = "users_alpha_ada"
TABLE = "group,n\nwomen,120\nmen,340\n"
READ = "import pandas\nprint(pandas.read_parquet('/data/claims/ACTS.parquet')['CODE'].tolist())"
WRITE = """\
from pathlib import Path
Path.home().joinpath("mine").write_text("kept")
print(Path("/proc/self/uid_map").read_text())
"""


@pytest.fixture(scope="module")
def ada(mapped):
    from client import Person, Workspace

    enclave = mapped.enclave
    with (
        mapped.engine.network(),
        Person(enclave.url, "ada", enclave.passwords()["ada"], enclave.trusted) as someone,
    ):
        someone.sign_in()
        workspace = Workspace(someone, "alpha")
        workspace.start()
        yield workspace
        workspace.stop()


def numbers(mapped, container: str) -> set[tuple[int, int]]:
    """User and group of each process of a container, as the machine has them."""
    lines = mapped.engine.docker("top", container, "-eo", "pid,uid,gid").splitlines()[1:]
    return {(int(uid), int(gid)) for _, uid, gid in map(str.split, lines)}


def test_workspace_reads_its_data_and_writes_its_home(mapped, ada) -> None:
    cells = [{"cell_type": "code", "source": s, "metadata": {}, "outputs": []} for s in (READ, WRITE)]
    ran = ada.run_notebook("a.ipynb", {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    data, users = (c["outputs"][0]["text"] for c in ran["cells"])
    assert data.strip() == "['a', 'b']"
    assert users.split() == ["0", str(USERS), "65536"]
    home = mapped.engine.docker("volume", "inspect", "--format", "{{.Mountpoint}}", f"{NAME}_home_alpha_ada")
    assert mapped.engine.run("stat", "-c", "%u:%g", f"{home}/mine").stdout.strip() == f"{USERS + 1000}:{GROUPS + 1000}"


@pytest.mark.usefixtures("ada")
def test_no_process_of_a_container_is_anybody_on_the_machine(mapped) -> None:
    running = mapped.engine.docker("ps", "--format", "{{.Names}}").split()
    found = {name: numbers(mapped, name) for name in running}
    assert found[WORKSPACE] == {(USERS + 1000, GROUPS + 1000)}
    # The gate keeps the machine's numbers, and is the user that the map would have made of it.
    assert found[f"{NAME}-gate"] == {(USERS + 10003, GROUPS + 10001)}
    assert set(found) == {WORKSPACE} | {
        f"{NAME}-{service}" for service in ("edge", "proxy", "hub", "gate", "airlock", "checker", "mirror")
    }
    assert all(uid >= USERS and gid >= GROUPS for of in found.values() for uid, gid in of)


def test_root_of_a_container_cant_read_what_roots_of_the_machine_is(mapped) -> None:
    keys, image = f"{mapped.enclave.root}/sources:/s:ro", "ecluse/base:0.1"
    tried = mapped.engine.run("docker", "run", "--rm", "--user", "0:0", "-v", keys, image, "ls", "/s", check=False)
    assert (tried.returncode != 0, "Permission denied" in tried.stderr) == (True, True)
    weak = mapped.engine.docker("run", "--rm", "--userns", "host", "--user", "0:0", "-v", keys, image, "ls", "/s")
    assert weak == "claims"


def test_request_goes_through_airlock_and_checker(mapped, ada) -> None:
    ada.save("table.csv", TABLE)
    request = ada.exports("POST", json={"title": "Sizes", "purpose": "To test."})["id"]
    ada.attach(request, "table.csv", what="number of persons by group", population="all")
    ada.exports("POST", f"/{request}/check")
    found = ada.wait_for_check(request)
    assert (found["check"]["state"], [f["path"] for f in found["files"]]) == ("done", ["table.csv"])
    owners = mapped.owners()
    kept = [o[:2] for path, o in owners.items() if path.startswith("quarantine/")]
    assert kept
    assert set(kept) == {(USERS + 10001, GROUPS + 10001)}
    key = owners[f"papers/{WORKSPACE}/inside.key"]
    assert (key[:2], oct(key[2])[-3:]) == ((USERS + 10003, GROUPS + 1000), "440")


def selfcheck(mapped) -> tuple[int, list[dict[str, str]], str]:
    command = (Path(sys.executable).with_name("ecluse"), "selfcheck", "--name", NAME, "--root", mapped.enclave.root)
    done = mapped.engine.run(*command, "--format", "json", check=False)
    return done.returncode, json.loads(done.stdout), done.stderr


@pytest.mark.usefixtures("ada")
def test_self_check_says_that_users_are_mapped_and_has_nothing_to_say_else(mapped) -> None:
    code, found, said = selfcheck(mapped)
    assert (code, found) == (0, [])
    assert f"users from {USERS}, groups from {GROUPS}" in said
    assert "warning" not in said


@pytest.mark.usefixtures("ada")
def test_self_check_finds_a_container_with_the_machines_users(mapped) -> None:
    labels = ("--label", f"org.ecluse.enclave={NAME}", "--label", "org.ecluse.service=airlock")
    rogue = ("run", "-d", "--name", "users-rogue", "--userns", "host", *labels, "ecluse/base:0.1", "sleep", "600")
    mapped.engine.docker(*rogue)
    try:
        code, found, _ = selfcheck(mapped)
    finally:
        mapped.engine.docker("rm", "-f", "users-rogue")
    assert code == 1
    assert "the engine's users (CIS 5.31)" in {d["control"] for d in found if d["where"] == "users-rogue"}
