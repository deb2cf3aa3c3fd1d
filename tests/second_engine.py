"""A second engine beside this machine's, with user namespaces, that leaves nothing behind.

It runs in mount, network and process namespaces of its own: it has the usual paths and addresses without meeting the
first engine's, and whatever it started ends with its first process. What runs in there is started by `run`; a test's
own connections go there within `network`.
"""

import ctypes
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = 8 * 2**20
"""KiB of free memory with which images and volumes are kept there: a disk takes longer, to remove them as well."""
USERS, GROUPS = 200_000, 300_000
"""What users and groups count from: not the same, so that one taken for the other is seen."""

START = f"""
set -e
mount -t tmpfs tmpfs "$1/etc"
mkdir "$1/etc/upper" "$1/etc/work"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/etc/upper,workdir=$1/etc/work" /etc
echo daemon:{USERS}:65536 >/etc/subuid
echo daemon:{GROUPS}:65536 >/etc/subgid
mount --bind "$1/run" /run
ip link set lo up
[ "$3" = disk ] || mount -t tmpfs -o mode=755 tmpfs "$1/data"
exec dockerd --userns-remap=daemon:daemon --data-root "$1/data" --cgroup-parent "/$2" >"$1/dockerd.log" 2>&1
"""


def why_not() -> str:
    """Why no such engine can run here; "" if it can."""
    if os.getuid() != 0:
        return "only root starts an engine with user namespaces"
    if missing := [name for name in ("dockerd", "unshare", "nsenter", "setpriv", "ip") if shutil.which(name) is None]:
        return f"not on this machine: {', '.join(missing)}"
    made = subprocess.run(["unshare", "--user", "--map-root-user", "true"], capture_output=True, text=True, check=False)
    return f"the kernel makes no user namespace: {made.stderr.strip()}" if made.returncode else ""


class SecondEngine:
    """Started by `start`, ended by `stop`."""

    def __init__(self) -> None:
        # Not below pytest's folder, which root alone can walk through; the mapped root is nobody here.
        self.folder = Path(tempfile.mkdtemp(prefix="ecluse-users-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        for name in ("run", "data", "etc"):
            (self.folder / name).mkdir()
        self.pid = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, images: list[str], *, seconds: float = 60) -> None:
        """Start it, wait until it answers, and give it copies of the first engine's images."""
        namespaces = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
        # It ends with this process also where nobody has the time to end it.
        command = ["setpriv", "--pdeathsig", "KILL", *namespaces, "bash", "-c", START, "start"]
        place = "memory" if _free() >= MEMORY else "disk"
        self._process = subprocess.Popen([*command, str(self.folder), self.folder.name, place])
        until = time.monotonic() + seconds
        while not self._answers():
            if time.monotonic() > until or self._process.poll() is not None:
                log = self.folder / "dockerd.log"
                raise RuntimeError("no second engine: " + (log.read_text()[-3000:] if log.exists() else "no log"))
            time.sleep(0.2)
        with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as saved:
            subprocess.run([*self._inside(), "docker", "load", "--quiet"], stdin=saved.stdout, check=True)

    def _answers(self) -> bool:
        found = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self.pid = int(found[0]) if found else 0
        asked = subprocess.run([*self._inside(), "docker", "info"], capture_output=True, check=False)
        return bool(found) and asked.returncode == 0

    def _inside(self) -> list[str]:
        return ["nsenter", "--target", str(self.pid), "--mount", "--net", "--pid", "env", "--unset=DOCKER_HOST"]

    def run(self, *command: str | Path, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command there, with absolute paths."""
        variables = [f"{name}={value}" for name, value in environment.items()]
        done = subprocess.run(
            [*self._inside(), *variables, *map(str, command)], capture_output=True, text=True, check=False, timeout=120
        )
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done

    def docker(self, *arguments: str) -> str:
        """What its `docker` says."""
        return self.run("docker", *arguments).stdout.strip()

    @contextmanager
    def network(self) -> Iterator[None]:
        """Within, connections of this thread are made in the engine's network."""
        places = Path("/proc/thread-self/ns/net"), Path(f"/proc/{self.pid}/ns/net")
        with places[0].open("rb") as mine, places[1].open("rb") as theirs:
            _enter(theirs.fileno())
            try:
                yield
            finally:
                _enter(mine.fileno())

    def stop(self) -> None:
        """End it with everything that it started, and remove what it left."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        for groups in Path("/sys/fs/cgroup").glob(f"**/{self.folder.name}"):
            _remove_groups(groups)
        shutil.rmtree(self.folder)


def _free() -> int:
    """Free memory in KiB."""
    told = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return int(told["MemAvailable"].split()[0])


def _remove_groups(top: Path, *, seconds: float = 60) -> None:
    """Remove a control group with those below it, once the processes that were killed have left it."""
    until = time.monotonic() + seconds
    for folder in sorted((top, *(f for f in top.rglob("*") if f.is_dir())), reverse=True):
        while True:
            try:
                folder.rmdir()
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)


def _enter(namespace: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.setns(namespace, 0x40000000):  # CLONE_NEWNET
        raise OSError(ctypes.get_errno(), "setns")
