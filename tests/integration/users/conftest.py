"""One enclave on an engine with user namespaces for all tests of this folder."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from second_engine import SecondEngine, why_not
from small_enclave import furnish

REPO = Path(__file__).parents[3]
sys.path.insert(0, str(REPO / "deploy"))

from enclave import Enclave  # noqa: E402 - deploy/ is no package

IMAGES = ("base", "edge", "proxy", "hub", "gate", "airlock", "checker", "mirror", "workspace")


class Mapped:
    """An enclave, and the engine it runs on. Whatever asks the engine is run where that engine is the only one."""

    def __init__(self, engine: SecondEngine) -> None:
        self.engine = engine
        self.enclave = Enclave("users", engine.folder / "root", 8443, "https://localhost:8443")
        (engine.folder / "root").mkdir(mode=0o700)
        furnish(self.enclave.root, {}, {})

    def deploy(self, action: str, *, check: bool = True) -> tuple[int, str]:
        """`deploy/enclave.py ACTION` there; its exit status, and what it said."""
        command = (sys.executable, REPO / "deploy/enclave.py", action, *self._arguments())
        done = self.engine.run(*command, check=check, ECLUSE_SECOND_FACTOR="where-set")
        return done.returncode, done.stdout + done.stderr

    def _arguments(self) -> tuple[str | Path, ...]:
        made = self.enclave
        return ("--name", made.name, "--root", made.root, "--port", str(made.port), "--url", made.url)

    def owners(self) -> dict[str, tuple[int, int, int]]:
        """Owner, group and mode of everything below the data root, as this machine has them."""
        root, found = self.enclave.root, {}
        for path in root.rglob("*"):
            seen = path.lstat()
            found[str(path.relative_to(root))] = (seen.st_uid, seen.st_gid, seen.st_mode)
        return found


@pytest.fixture(scope="session")
def mapped() -> Iterator[Mapped]:
    if why := why_not():
        pytest.skip(f"no engine with user namespaces: {why}")
    engine = SecondEngine()
    try:
        engine.start([f"ecluse/{name}:0.1" for name in IMAGES])
        made = Mapped(engine)
        made.deploy("prepare")
        made.deploy("up")
        yield made
    finally:
        engine.stop()
