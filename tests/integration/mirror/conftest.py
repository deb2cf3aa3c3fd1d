"""A hub, a gate, a mirror and a fetcher, an index that stands for the internet, and one running workspace."""

import json
import os
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.hub.stack import PASSWORD, REPOSITORY, Stack, docker, images_present

sys.path.insert(0, str(REPOSITORY / "deploy"))

from client import Person, Workspace

MIRROR_IMAGE = os.environ.get("ECLUSE_MIRROR_IMAGE", "ecluse/mirror:0.1")
HERE = Path(__file__).parent


def wheel(folder: Path, name: str, version: str, *, needs: str = "", body: str = "") -> Path:
    """A wheel of one module, made here: `import NAME`, with `NAME.version`."""
    module = name.replace("-", "_")
    (folder / name).mkdir(parents=True, exist_ok=True)
    file = folder / name / f"{module}-{version}-py3-none-any.whl"
    info = f"{module}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += f"Requires-Dist: {needs}\n" if needs else ""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{module}.py", f"version = {version!r}\n{body}")
        archive.writestr(f"{info}/METADATA", metadata)
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", f"{module}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    file.with_name(f"{file.name}.metadata").write_text(metadata)
    return file


class Market(Stack):
    """A stack with packages."""

    def prepare(self) -> None:
        """What a stack has, and the folders of mirror and fetcher, owned by those who write them."""
        super().prepare()
        self.gate_mounts["places"] = "rw"
        owners = {
            "places": (10003, 0o2750), "packages": (10006, 0o2750), "asked": (10005, 0o2750),
            "asked/wanted": (10005, 0o2750), "asked/requests": (10005, 0o2700), "secrets/fetcher": (10006, 0o700),
        }  # fmt: skip
        for part, (uid, mode) in owners.items():
            (self.root / part).mkdir()
            os.chown(self.root / part, uid, 10005)
            (self.root / part).chmod(mode)
        self.write("policies/packages/pypi.yaml", LIST)

    def start_market(self, index: Path) -> None:
        """The index, and the two services with the mounts and networks of compose.yaml."""
        label = ("--label", f"org.ecluse.enclave={self.name}")
        for number, network in enumerate(("mirror", "egress"), 1):
            closed = ("--internal", "-o", "com.docker.network.bridge.inhibit_ipv4=true")
            docker("network", "create", *label, *closed, "--subnet", self.beside(number), f"{self.name}-{network}")
        python = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp")
        docker(
            *("run", "-d", "--name", f"{self.name}-index", *label, *python, "--network", f"{self.name}-egress"),
            *("--network-alias", "upstream", "-v", f"{index}:/index:ro", "-v", f"{HERE}/index.py:/index.py:ro"),
            *(MIRROR_IMAGE, "python3", "/index.py", "/index", "8000"),
        )
        source = ("-v", f"{REPOSITORY}/extensions:/opt/source:ro", "-e", "PYTHONPATH=/opt/source", "--workdir", "/tmp")
        closed = (*label, *python, *source, "--sysctl", "net.ipv4.ip_forward=0", "-e", "PYTHONDONTWRITEBYTECODE=1")
        docker(
            *("run", "-d", "--name", f"{self.name}-mirror", *closed, "--label", "org.ecluse.service=mirror"),
            *("--network", f"{self.name}-mirror", "-e", "ECLUSE_PACKAGES_PATIENCE=20"),
            *self._mounts(
                {"policies/packages": "ro", "places": "ro", "packages": "ro", "asked": "rw", "secrets/mirror": "ro"}
            ),
            MIRROR_IMAGE,
        )
        docker(
            *("run", "-d", "--name", f"{self.name}-fetcher", *closed, "--label", "org.ecluse.service=fetcher"),
            *("--user", "10006:10005", "--network", f"{self.name}-egress"),
            *("-e", "ECLUSE_PACKAGES_UPSTREAM=http://upstream:8000/simple"),
            *self._mounts({"policies/packages": "ro", "packages": "rw", "asked/wanted": "ro", "secrets/fetcher": "ro"}),
            *(MIRROR_IMAGE, "python", "-m", "ecluse.mirror.app", "fetch"),
        )

    def pip(self, *arguments: str) -> tuple[int, str]:
        """What a researcher sees of `pip` in Ada's workspace: exit code and output."""
        done = self.inside("ada", "alpha", f"pip {' '.join(arguments)} 2>&1")
        return done.returncode, done.stdout

    def heard(self) -> list[dict[str, Any]]:
        """Everything that the index was asked."""
        return [json.loads(line) for line in docker("logs", f"{self.name}-index").splitlines()]


LIST = """\
packages:
  tool: {versions: ">=1,<2"}
  needy: {}
  spoilt: {}
  of-beta: {projects: [beta]}
"""


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    for version in ("1.0", "1.1", "2.0"):
        wheel(folder, "tool", version)
    wheel(folder, "needy", "1.0", needs="not-there")
    wheel(folder, "granted-later", "1.0")
    wheel(folder, "of-beta", "1.0")
    wheel(folder, "evil", "1.0", body="raise SystemExit('it ran')")
    bad = wheel(folder, "spoilt", "1.0")
    (folder / "spoilt/hashes.json").write_text(json.dumps({bad.name: "a" * 64}))
    return folder


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[Market]:
    if not images_present() or not docker("images", "-q", MIRROR_IMAGE):
        pytest.fail("the images are not built: run deploy/images.sh")
    folder = tmp_path_factory.mktemp("market")
    for parent in (folder, index, *folder.parents):  # the services run as their own users
        if str(parent).startswith(str(tmp_path_factory.getbasetemp().parent)):
            parent.chmod(0o755)
    made = Market(folder)
    try:
        made.up()
        made.start_market(index)
        yield made
    finally:
        made.down()


@pytest.fixture(scope="session")
def ada(market: Market) -> Iterator[Workspace]:
    """Ada's workspace of alpha, running, and with the mirror in its network."""
    with Person(market.url, "ada", PASSWORD, market.trusted) as person:
        person.sign_in()
        workspace = Workspace(person, "alpha")
        workspace.start()
        until = time.monotonic() + 20
        while market.inside(
            "ada", "alpha", "python -c \"import socket; socket.create_connection(('mirror', 8083), 1)\""
        ).returncode:
            assert time.monotonic() < until, docker("logs", f"{market.name}-gate", check=False)
        yield workspace
