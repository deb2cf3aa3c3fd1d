"""What every image promises, checked from inside by its `verify`: one line per promise, exit code 1 if one is broken.

Runs as the image's own user, without network, on a read-only root: it only looks.
"""

import importlib
import importlib.metadata
import os
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

LIB = Path("/usr/local/lib/ecluse")
# Sticky folders that Debian keeps world-writable; on a read-only root they are not even that.
WRITABLE = {"/tmp", "/var/tmp", "/run/lock"}
# Where a build machine's settings, package lists or certificates would have been left behind.
LEFTOVERS = (
    "/etc/pip.conf", "/root/.pip", "/root/.config", "/root/.cache", "/root/.npm", "/root/.npmrc", "/root/.netrc",
    "/root/.bash_history", "/build", "/wheels", "/tools", "/lock", "/app", "/usr/etc/npmrc", "/etc/npmrc",
    "/etc/apt/apt.conf.d/99mmdebstrap", "/etc/ssl/certs/ca-certificates.crt", "/usr/local/share/ca-certificates",
)  # fmt: skip
SECRET_NAME = re.compile(
    r"PASSW|SECRET|TOKEN|API_?KEY|CREDENTIAL|PIP_|NPM_CONFIG|_PROXY$|CERT|CA_BUNDLE", re.IGNORECASE
)
PRIVATE_KEY = re.compile(rb"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |)PRIVATE KEY-----\s+[A-Za-z0-9+/=\s]{64}")
# The engine mounts these over the image; they are none of its files.
MOUNTED = ("/proc", "/sys", "/dev", "/tmp", "/run")


def walk(top: str = "/") -> Iterator[tuple[str, os.stat_result]]:
    """Every file and folder of the image that this user can list, with its status; mounts and links not followed."""
    for folder, names, files in os.walk(top):
        names[:] = [n for n in names if os.path.join(folder, n) not in MOUNTED]
        for name in (*names, *files):
            path = os.path.join(folder, name)
            try:
                yield path, os.lstat(path)
            except OSError:
                continue


class Promises:
    """Collects promises, prints each with a tick or a cross, knows the exit code."""

    def __init__(self, image: str, *, uid: int, gid: int) -> None:
        self.image, self.uid, self.gid, self.broken, self.kept = image, uid, gid, 0, 0

    def check(self, promise: str, broken: object = None) -> None:
        """Note one promise: kept when `broken` is empty, else `broken` says what was seen."""
        if not broken:
            self.kept += 1
            print(f"✔ {promise}")
            return
        self.broken += 1
        seen = "; ".join(map(str, broken)) if isinstance(broken, list) else str(broken)
        print(f"✗ {promise}: {seen[:2000]}")

    def report(self) -> int:
        print(f"verify {self.image}: {self.kept} promises kept, {self.broken} broken")
        return 1 if self.broken else 0

    # -- every image ---------------------------------------------------------------------------------------------

    def common(self) -> None:
        """Promises of every image: user, bits, leftovers, secrets."""
        me = (os.getuid(), os.getgid())
        self.check(f"runs as {self.uid}:{self.gid}", me != (self.uid, self.gid) and f"runs as {me[0]}:{me[1]}")
        setuid, writable, keys = [], [], []
        for path, status in walk():
            if stat.S_ISLNK(status.st_mode):
                continue
            if status.st_mode & (stat.S_ISUID | stat.S_ISGID) and path not in self.setgid_folders():
                setuid.append(path)
            if status.st_mode & stat.S_IWOTH and path not in WRITABLE:
                writable.append(path)
            if stat.S_ISREG(status.st_mode) and status.st_size < 1_000_000 and holds_private_key(path):
                keys.append(path)
        self.check("no setuid or setgid program", setuid)
        self.check("nothing world-writable outside the temporary folders", writable)
        self.check("no private key", keys)
        self.check("no leftovers of the build", [p for p in LEFTOVERS if exists_with_content(p)])
        self.check("no package lists or caches", [p for p in ("/var/lib/apt/lists", "/var/cache/apt") if has_files(p)])
        self.check("no CA of the build machine", has_files("/etc/ssl/certs") and "/etc/ssl/certs is not empty")
        self.check(
            "no secret and no build setting in the environment", [n for n in os.environ if SECRET_NAME.search(n)]
        )
        self.check("Debian 12", "bookworm" not in Path("/etc/os-release").read_text() and "not Debian 12")
        self.check("tini is there", not os.access("/usr/bin/tini", os.X_OK) and "no /usr/bin/tini")

    def setgid_folders(self) -> set[str]:
        """Folders whose setgid bit is meant: what is made in them belongs to the group."""
        return set()

    # -- images with a Python environment --------------------------------------------------------------------------

    def environment(self, *own: str, pip: bool = False) -> None:
        """The environment holds exactly the lock's versions, our own distributions, and bytecode; root owns it.

        `pip`: whether it is meant to be there.
        """
        locked = dict(
            re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", (LIB / "requirements.txt").read_text(), re.MULTILINE)
        )
        wanted = {canonical(name): version for name, version in locked.items()}
        found = {canonical(d.metadata["Name"]): d.version for d in importlib.metadata.distributions()}
        missing_own = [name for name in own if canonical(name) not in found]
        self.check("our own packages are there: " + (", ".join(own) or "none"), missing_own)
        others = {name: version for name, version in found.items() if name not in {canonical(o) for o in own}}
        wrong = [
            f"{n} {others.get(n)} instead of {wanted.get(n)}"
            for n in {*others, *wanted}
            if others.get(n) != wanted.get(n)
        ]
        self.check(f"the environment is the lock: {len(wanted)} packages", wrong)
        mine = [p for p, s in walk(sys.prefix) if s.st_uid != 0 or (s.st_mode & 0o022 and not stat.S_ISLNK(s.st_mode))]
        self.check("the environment belongs to root and is not writable", mine[:20])
        bare = [str(m) for m in Path(sys.prefix).rglob("*.py") if "site-packages" in str(m) and not compiled(m)]
        self.check("modules are compiled", len(bare) > 50 and f"{len(bare)} without bytecode, {bare[0]} first")
        has_pip = (Path(sys.prefix) / "bin" / "pip").exists()
        self.check("pip" if pip else "no pip", has_pip != pip and ("not there" if pip else "it is in the environment"))

    def imports(self, *modules: str) -> None:
        """Each module can be imported."""
        for module in modules:
            self.check(f"import {module}", attempt(lambda m=module: importlib.import_module(m)))

    def runs(self, *command: str, expect: str = "") -> None:
        """A command ends well, and its output holds `expect`."""
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            self.check(" ".join(command), repr(error))
            return
        output = done.stdout + done.stderr
        self.check(
            " ".join(command), (done.returncode or expect not in output) and f"exit {done.returncode}: {output[-800:]}"
        )


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def compiled(module: Path) -> bool:
    tag = sys.implementation.cache_tag
    return (module.parent / "__pycache__" / f"{module.stem}.{tag}.pyc").exists()


def attempt(action: Callable[[], object]) -> str:
    try:
        action()
    except Exception as error:
        return repr(error)
    return ""


def holds_private_key(path: str) -> bool:
    try:
        return bool(PRIVATE_KEY.search(Path(path).read_bytes()))
    except OSError:
        return False


def has_files(folder: str) -> bool:
    """Whether a file below the folder has content; apt's empty lock files have none."""
    return any(stat.S_ISREG(status.st_mode) and status.st_size for _, status in walk(folder))


def exists_with_content(path: str) -> bool:
    try:
        return has_files(path) if Path(path).is_dir() else Path(path).exists()
    except OSError:
        return False
