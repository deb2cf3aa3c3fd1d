"""A data root and its homes go to an engine that maps users otherwise. It runs last here: the enclave is stopped."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).parents[3]
HOME, SHARED = "users_home_alpha_ada", "users_project_alpha"
WRITTEN_ANEW = ("control/ecluse.sqlite-wal", "control/ecluse.sqlite-shm")
"""SQLite makes them when the database is opened, and removes them when it is closed."""


@pytest.fixture
def stopped(mapped) -> None:
    mapped.deploy("down")


@pytest.mark.usefixtures("stopped")
def test_data_root_goes_to_an_engine_without_a_map_and_back(mapped) -> None:
    before = mapped.owners()
    mapped.enclave.prepare()  # with this machine's own engine
    assert mapped.owners()["secrets/hub/cookie_secret"][:2] == (10001, 10001)
    code, said = mapped.deploy("up", check=False)
    assert code != 0
    assert "prepared for no user namespaces" in said
    assert "'deploy/enclave.py prepare' again" in said
    assert mapped.engine.docker("ps", "-aq") == ""
    mapped.deploy("prepare")
    after = mapped.owners()
    assert [p for p in before if after.get(p) != before[p] and p not in WRITTEN_ANEW] == []


def here(*command: str | Path) -> str:
    """A command beside this machine's own engine."""
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, check=True, env={"PATH": PATH, "ECLUSE_NAME": "users"}
    )
    return done.stdout.strip()


PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture
def cleared() -> Iterator[None]:
    yield
    subprocess.run(["docker", "volume", "rm", "--force", HOME, SHARED], capture_output=True, check=False)


@pytest.mark.usefixtures("stopped", "cleared")
def test_homes_go_to_an_engine_without_a_map(mapped) -> None:
    saved, script = mapped.engine.folder / "homes", REPO / "deploy/homes.sh"
    mapped.engine.docker("run", "--rm", "--user", "1000:1000", "-v", f"{HOME}:/v", "ecluse/base:0.1", "touch", "/v/one")
    mapped.engine.run(script, "save", saved, ECLUSE_NAME="users")
    assert {f.name for f in saved.glob("*.tar")} == {f"{HOME}.tar", f"{SHARED}.tar"}
    assert here(script, "restore", saved).startswith("✔ put back 2")
    home = Path(here("docker", "volume", "inspect", "--format", "{{.Mountpoint}}", HOME))
    assert {(p.stat().st_uid, p.stat().st_gid) for p in (home, home / "one")} == {(1000, 1000)}
    labels = here("docker", "volume", "inspect", "--format", "{{json .Labels}}", HOME)
    assert '"org.ecluse.person":"ada"' in labels
    with pytest.raises(subprocess.CalledProcessError):  # never over one that is there
        here(script, "restore", saved)
