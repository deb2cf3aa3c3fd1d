"""The real enclave of the attempts: every service of compose.yaml, workspaces of two projects, and an outside.

Started once and shared by the attackers; what only some of them need is made when it is first asked for. Everything
carries the name of this run, and goes with it.
"""

import json
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import httpx

from ecluse.store.accounts import generate_totp, set_password
from escape.cast import EXTRACTS, FACTORS, policy_files, rows_of
from escape.outside import Outside, make_outside
from escape.weak_hub import WeakHub, weak_hub
from integration.hub.stack import WORKSPACE_IMAGE, docker
from listening import listener

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "deploy"))

from client import Person, Workspace  # noqa: E402 - deploy/ is no package
from enclave import Enclave  # noqa: E402

AIRLOCK = "/services/airlock"
API = f"{AIRLOCK}/api/v1/requests"
SAFE = b"group,n\nyes,246\nno,440\n"


@dataclass(frozen=True)
class Staged(Enclave):
    """An enclave with the people and projects of `cast` in the place of the demo's."""

    def _policies(self) -> None:
        for path, text in policy_files().items():
            file = self.root / "policies" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        super()._policies()

    def _accounts(self) -> None:
        """With a second factor for some; their secrets lie beside the passwords."""
        super()._accounts()
        codes, accounts = {person: generate_totp() for person in FACTORS}, self.root / "accounts/accounts.yaml"
        for person, secret in codes.items():
            set_password(accounts, person, self.passwords()[person], secret)
        self.codes_file.write_text(json.dumps(codes))

    @property
    def codes_file(self) -> Path:
        """Secrets of one-time codes, by person."""
        return self.root / "codes.json"

    def _data(self, progress: Callable[[str], None]) -> None:
        for of, dataset in EXTRACTS.items():
            folder = self.root / "extracts" / of / "v1" / dataset
            folder.mkdir(parents=True)
            (folder / "ACTS.parquet").write_text(rows_of(of))
            (self.root / "extracts" / of / "current").symlink_to("v1")
            index = self.root / "index" / of
            index.mkdir()
            (index / "secret").write_text(f"index-of-{of}")
            for path in (index, index / "secret"):
                shutil.chown(path, 0, 10001)


@dataclass
class World:
    """The enclave, and what stands around it."""

    folder: Path
    name: str = field(default_factory=lambda: "esc" + secrets.token_hex(3))
    _people: dict[str, Person] = field(default_factory=dict)
    _twins: dict[str, str] = field(default_factory=dict)
    undo: list[Callable[[], object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        port = _free_port()
        self.enclave = Staged(self.name, self.folder / "root", port, f"https://localhost:{port}", "where-set")
        self.labels = ["--label", f"org.ecluse.escape={self.name}"]

    def up(self) -> None:
        """Start the enclave."""
        self.enclave.prepare()
        try:
            self.enclave.up(seconds=180)
        except TimeoutError as error:
            told = [subprocess.run(["docker", "logs", "--tail", "15", f"{self.name}-{s}"], capture_output=True, text=True, check=False)
                    for s in ("hub", "airlock", "gate", "edge")]  # fmt: skip
            raise TimeoutError(f"{error}\n" + "\n".join(t.stdout + t.stderr for t in told)) from None

    def down(self) -> None:
        """Remove everything that was made."""
        for someone in self._people.values():
            someone.http.close()
        label = f"label=org.ecluse.escape={self.name}"
        if found := docker("ps", "-aq", "--filter", label).split():  # before the networks that they stand in
            docker("rm", "-f", "-v", *found)
        for step in reversed(self.undo):
            step()
        self.enclave.down()
        for volume in docker("volume", "ls", "-q", "--filter", f"name=^{self.name}_").split():
            docker("volume", "rm", volume)
        for network in docker("network", "ls", "-q", "--filter", label).split():
            docker("network", "rm", network)

    # -- people and workspaces -----------------------------------------------------------------------------------

    def person(self, name: str) -> Person:
        """Somebody who is signed in."""
        if name not in self._people:
            made = Person(self.enclave.url, name, self.enclave.passwords()[name], self.enclave.trusted)
            made.sign_in()
            self._people[name] = made
        return self._people[name]

    def browser(self, name: str = "") -> httpx.Client:
        """A browser that follows no redirect, with the cookies of somebody, or of nobody."""
        made = httpx.Client(base_url=self.enclave.url, verify=self.enclave.trusted, timeout=30)
        if name:
            self.person(name).http.get(f"{AIRLOCK}/")
            made.cookies = httpx.Cookies(self.person(name).http.cookies)
        self.undo.append(made.close)
        return made

    @cached_property
    def alpha(self) -> str:
        """Container of Ada's workspace of alpha, running."""
        return self.workspace("ada", "alpha")

    @cached_property
    def beta(self) -> str:
        """Container of Ben's workspace of beta, running."""
        return self.workspace("ben", "beta")

    def workspace(self, person: str, of: str) -> str:
        """Container of somebody's workspace, started."""
        Workspace(self.person(person), of).start()
        return f"{self.name}_{of}_{person}"

    def token(self, container: str) -> str:
        """The token of a workspace's server: whoever is inside has it."""
        return docker("exec", container, "sh", "-c", "echo $JUPYTERHUB_API_TOKEN")

    def address(self, container: str, network: str) -> str:
        """A container's address in a network."""
        return docker(
            "inspect",
            "-f",
            f'{{{{with index .NetworkSettings.Networks "{network}"}}}}{{{{.IPAddress}}}}{{{{end}}}}',
            container,
        )

    # -- around it -----------------------------------------------------------------------------------------------

    @cached_property
    def outside(self) -> Outside:
        """The internet."""
        return make_outside(self.name, self.labels)

    @cached_property
    def listener(self) -> int:
        """A port on which this host listens on all its addresses."""
        manager = listener()
        port = manager.__enter__()
        self.undo.append(lambda: manager.__exit__(None, None, None))
        return port

    def weak_browser(self, name: str = "") -> httpx.Client:
        """A browser at the hub's twin: of somebody, or of a door that vouches for everybody."""
        made = self.weak.browser(name) if name else self.weak.vouched()
        self.undo.append(made.close)
        return made

    @cached_property
    def weak(self) -> WeakHub:
        """The twin of the hub."""
        manager = weak_hub(self.folder)
        found = manager.__enter__()
        self.undo.append(lambda: manager.__exit__(None, None, None))
        return found

    def twin(self, kind: str, *options: str, image: str = WORKSPACE_IMAGE, network: str = "none") -> str:
        """A sleeping container with the options that weaken it."""
        if kind not in self._twins:
            name = f"{self.name}-twin-{kind}"
            docker(
                *("run", "-d", "--name", name, *self.labels, "--network", network, *options),
                *("--entrypoint", "sleep", image, "3600"),
            )
            self._twins[kind] = name
        return self._twins[kind]


def inside(container: str, *options: str) -> list[str]:
    """The command that runs Python in a container, as its user."""
    return ["docker", "exec", "-i", *options, container, "python3"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_standing: list[World] = []


@contextmanager
def standing() -> Iterator[None]:
    """Within this, all attackers share one world; it is made by the first that asks, and removed at the end."""
    _standing.clear()
    _shared.append(True)
    try:
        yield
    finally:
        _shared.pop()
        while _standing:
            _remove(_standing.pop())


_shared: list[bool] = []


@contextmanager
def world() -> Iterator[World]:
    """A world; the shared one within `standing`."""
    if _standing:
        yield _standing[0]
        return
    folder = Path(tempfile.mkdtemp(prefix="ecluse-world-"))
    folder.chmod(0o755)
    made = World(folder)
    keep = False
    try:
        made.up()
        keep = bool(_shared)
        if keep:
            _standing.append(made)
        yield made
    finally:
        if not keep:
            _remove(made)


def _remove(made: World) -> None:
    try:
        made.down()
    finally:
        shutil.rmtree(made.folder)


__all__ = ["AIRLOCK", "API", "SAFE", "World", "inside", "standing", "world"]
