"""The checker of the world: jobs as the airlock gives them, answers as the checker gives them, and its weak twins."""

import hashlib
import json
import secrets
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ecluse.rules.finding import CheckReport, FileReport
from ecluse.rules.policy import OutputRules
from escape.researcher import CAPABILITIES, first_host, own_address
from escape.researcher import enter as enter_twin
from escape.world import SAFE, World, inside
from integration.hub.stack import docker

CHECKER = "ecluse/checker:0.1"
AIRLOCK_USER = 10001
REQUEST = "/tmp/esc-request"


@dataclass(frozen=True)
class Answered:
    """A job's answer: reports by path, and rebuilt bytes by hash."""

    job: str
    raw: bytes
    reports: Mapping[str, FileReport]
    rebuilt: Mapping[str, bytes]

    def bytes_of(self, path: str) -> bytes:
        """What a file was rebuilt to; nothing where it was refused, as nothing of it goes on then."""
        report = self.reports[path]
        return b"" if report.rebuilt is None or report.verdict == "refuse" else self.rebuilt[report.rebuilt.sha256]


class Place:
    """The real checker, and the twins that are made of its image."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.name = f"{world.name}-checker"
        self.root = world.enclave.root

    # -- jobs ----------------------------------------------------------------------------------------------------

    def store(self, data: bytes) -> str:
        """Bytes in the quarantine, as the airlock keeps them; their hash."""
        digest = hashlib.sha256(data).hexdigest()
        file = self.root / "quarantine" / digest[:2] / digest
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        for path in (file.parent, file):
            shutil.chown(path, AIRLOCK_USER, AIRLOCK_USER)
        file.chmod(0o640)
        return digest

    def put(self, files: Sequence[tuple[str, bytes]], **more: Any) -> str:
        """A job in the spool; its name."""
        job = secrets.token_hex(16)
        rules = OutputRules().model_copy(update={"max_files": 1000, "check_seconds": 240})
        value = {
            "job": job,
            "project": "alpha",
            "files": [{"path": path, "sha256": self.store(data)} for path, data in files],
            "seconds": 240,
            "rules": rules.model_dump(mode="json"),
            **more,
        }
        draft = self.root / "spool/jobs" / f".{job}.tmp"
        draft.write_text(json.dumps(value))
        shutil.chown(draft, AIRLOCK_USER, AIRLOCK_USER)
        draft.rename(draft.with_name(f"{job}.json"))
        return job

    def answer(self, job: str, seconds: float = 240) -> Answered:
        """The answer to a job, when it has come."""
        folder = self.root / "spool/results" / job
        until = time.monotonic() + seconds
        while not folder.exists():
            if time.monotonic() > until:
                raise TimeoutError("the checker gave no answer")
            time.sleep(0.1)
        raw = (folder / "report.json").read_bytes()
        report = CheckReport.model_validate_json(raw)
        kept = {f.name: f.read_bytes() for f in (folder / "rebuilt").iterdir()}
        return Answered(job, raw, {f.path: f for f in report.files}, kept)

    def check(self, files: Sequence[tuple[str, bytes]]) -> Answered:
        """Put a job, and wait for its answer."""
        return self.answer(self.put(files))

    def harmless(self) -> bool:
        """Whether a harmless job passes now."""
        return bool(self.check([("t.csv", SAFE)]).bytes_of("t.csv"))

    @cached_property
    def before(self) -> str:
        """A job that was answered before anything was tried: of somebody else, as far as an attacker is concerned."""
        answered = self.check([("t.csv", SAFE)])
        assert answered.bytes_of("t.csv"), "the checker refuses a harmless table"
        return answered.job

    def state(self) -> tuple[str, int]:
        """Since when the checker runs, and how often it was started again."""
        found = json.loads(docker("inspect", self.name))[0]
        return str(found["State"]["StartedAt"]), int(found["RestartCount"])

    # -- values of the probes ------------------------------------------------------------------------------------

    def values(self) -> dict[str, object]:
        """Addresses, names and paths; the same in the real container and in the twins."""
        found, out, name = self.world, self.world.outside, self.world.name
        bridge = json.loads(docker("network", "inspect", "bridge"))[0]["IPAM"]["Config"][0]["Subnet"]
        digest = hashlib.sha256(SAFE).hexdigest()
        return {
            "outside": out.address,
            "outside6": out.address6,
            "gateway": out.gateway,
            "docker0": first_host(bridge),
            "host": own_address(),
            "listener": found.listener,
            "airlock": found.address(f"{name}-airlock", f"{name}-control"),
            "proxy-api": found.address(f"{name}-proxy", f"{name}-control"),
            "docker_group": 0,
            "data": "/srv/ecluse/index",
            "again": "/srv/ecluse/index",
            "given": self.before,
            "job": f"/srv/ecluse/spool/jobs/{self.before}.json",
            "stored": f"/srv/ecluse/quarantine/{digest[:2]}/{digest}",
            "request": REQUEST,
            "own": f"{REQUEST}/own",
        }

    def twin_values(self) -> dict[str, object]:
        """In a twin: the granted data of `researcher` stand for the index."""
        return {**self.values(), "data": "/data/claims", "again": "/again"}

    # -- containers ----------------------------------------------------------------------------------------------

    def worker(self) -> list[str]:
        """Into the real container, as its user."""
        return inside(self.name)

    def reader(self) -> list[str]:
        """The same, with the folder of a request in which another file is being read."""
        assert self.before
        return self._prepared(self.name)

    def _prepared(self, container: str) -> list[str]:
        made = f"mkdir -p {REQUEST}/beside {REQUEST}/own && cd {REQUEST}/beside && for f in in rebuilt0 facts0; do echo of-another > $f; done"
        docker("exec", container, "sh", "-c", made)
        return inside(container)

    def twin(self, kind: str, where: str) -> list[str]:
        """Into the twin in which a kind of probes gets through; of those that change it, each place has its own."""
        called = f"checker-{kind}-{where}" if kind == "root" else f"checker-{kind}"
        if kind == "control":
            return inside(self.world.twin(called, image=CHECKER, network=f"{self.world.name}-control"))
        if kind in ("mounted", "free"):
            weak = self.world.twin("checker-free", *self._weak(), image=CHECKER)
            docker("exec", weak, "sh", "-c", "touch /setuid && chmod 4755 /setuid")
            return self._prepared(weak)
        return enter_twin(self.world, kind, image=CHECKER, name=called)

    def _weak(self) -> list[str]:
        """Every capability that is tried, no filter of calls, and the whole data root, writable: a copy of it."""
        assert self.before
        copy = self.world.folder / "copy-of-root"
        if not copy.exists():
            _copied(self.root, copy)
        gate = self.root / "gate"
        return [
            *("--user", "0:0", "--security-opt", "seccomp=unconfined", "--security-opt", "systempaths=unconfined"),
            *(part for name in CAPABILITIES for part in ("--cap-add", name)),
            *("-v", f"{copy}:/srv/ecluse", "-v", f"{gate}:/srv/ecluse/gate"),
            *("-v", "/var/run/docker.sock:/var/run/docker.sock", "-e", "API_TOKEN=of-the-twin"),
        ]


def _copied(root: Path, copy: Path) -> None:
    """A copy of the data root without its sockets; markers stand where a trial enclave has nothing."""
    subprocess.run(["cp", "-a", str(root), str(copy)], check=True)
    (copy / "sources" / "marker").write_text("sources")


__all__ = ["CHECKER", "Answered", "Place"]
