"""What goes into the images, each part fetched by hash or made from our sources, and kept as long as its lock stands.

Packages are fetched in containers of the base image: what fits the image is decided there, and not by this machine.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from image_list import BASE, REPO, SOURCES, TAG, BuildError, Image, digest

BUILD = REPO / "build"
FETCH = REPO / "images" / "wheels"
LABEL = "org.ecluse.inputs"
# Settings of this machine that the fetching container needs to reach PyPI and npm; find-links and extra indexes are
# left out on purpose: a lock is resolved against one index.
SETTINGS = (
    "PIP_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT", "PIP_PROXY", "NPM_CONFIG_REGISTRY",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
# What is fetched belongs to who builds, also where the engine maps users; those could not share the network either.
AS_HERE = ("--network", "host", "--userns", "host")
CA_SETTINGS = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")


def run(log: Path, *command: str, env: dict[str, str] | None = None, cwd: Path = REPO) -> None:
    """Run a command with its output in the log; on failure show the log's end."""
    with log.open("a") as out:
        out.write(f"\n$ {' '.join(command)}\n")
        out.flush()
        code = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, env=env, cwd=cwd, check=False).returncode
    if code:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise BuildError(f"{command[0]} {command[1]} ended with {code}; the whole log: {log.relative_to(REPO)}\n{tail}")


def docker(*arguments: str) -> str:
    """A command of the engine; its output, or nothing when it fails."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def label_of(reference: str) -> str:
    return docker("image", "inspect", "--format", f'{{{{ index .Config.Labels "{LABEL}" }}}}', reference)


def settings() -> dict[str, str]:
    """What pip and npm need to reach their index from here, without what would change what is found there."""
    found = {name: os.environ[name] for name in SETTINGS if os.environ.get(name)}
    if "PIP_INDEX_URL" not in found:
        asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
        answer = subprocess.run(asked, capture_output=True, text=True, check=False)
        if answer.returncode == 0 and answer.stdout.strip():
            found["PIP_INDEX_URL"] = answer.stdout.strip()
    return found | {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def ca_bundle() -> Path | None:
    candidates = [os.environ.get(name) for name in CA_SETTINGS]
    for path in [*candidates, "/etc/ssl/certs/ca-certificates.crt"]:
        if path and Path(path).is_file():
            return Path(path).resolve()
    return None


def keyed(folder: Path, key: str) -> bool:
    """Whether the folder was finished for this key; else it is emptied, for a new start."""
    mark = folder.with_name(f"{folder.name}.key")
    if mark.exists() and mark.read_text() == key and folder.is_dir():
        return True
    mark.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return False


def finish(folder: Path, key: str) -> Path:
    folder.with_name(f"{folder.name}.key").write_text(key)
    return folder


def tools(log: Path) -> Path:
    """pip, setuptools and wheel, fetched by hash on this machine."""
    folder, lock = BUILD / "wheels" / "tools", FETCH / "tools.txt"
    key = digest([lock])
    if not keyed(folder, key):
        ca = ca_bundle()
        env = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")} | settings()
        env |= {"PIP_CERT": str(ca)} if ca else {}
        run(log, sys.executable, "-m", "pip", "download", "--require-hashes", "--no-deps", "--only-binary", ":all:",
            "--requirement", str(lock), "--dest", str(folder), env=env)  # fmt: skip
    return finish(folder, key)


def wheels(image: Image, log: Path) -> Path:
    """The image's locked packages as wheels, fetched by hash in a container of the base image."""
    folder = BUILD / "wheels" / image.name
    locks = [image.folder / n for n in ("requirements.txt", "package.json", "package-lock.json")]
    python = docker("run", "--rm", "--network", "none", BASE.reference, "python3", "-V")
    key = digest([*filter(Path.exists, locks), FETCH / "wheels.sh", FETCH / "tools.txt"], python)
    if keyed(folder, key):
        return folder
    cache = BUILD / "cache"
    cache.mkdir(exist_ok=True)
    ca = ca_bundle()
    env = settings() | {"HOME": "/tmp", "PIP_CACHE_DIR": "/cache/pip", "NPM_CONFIG_CACHE": "/cache/npm"}
    mounts = [f"{FETCH / 'wheels.sh'}:/wheels.sh:ro", f"{image.folder}:/lock:ro", f"{tools(log)}:/tools:ro",
              f"{folder}:/wheels", f"{cache}:/cache"]  # fmt: skip
    if ca:
        mounts.append(f"{ca}:/ca.crt:ro")
        env |= {"PIP_CERT": "/ca.crt", "NODE_EXTRA_CA_CERTS": "/ca.crt"}
    options = [x for m in mounts for x in ("-v", m)] + [x for n in env for x in ("-e", n)]
    user = f"{os.getuid()}:{os.getgid()}"
    run(log, "docker", "run", "--rm", *AS_HERE, "--user", user, "--label", "org.ecluse.build=wheels",
        *options, BASE.reference, "sh", "/wheels.sh", env=dict(os.environ) | env)  # fmt: skip
    return finish(folder, key)


def modules(image: Image, log: Path) -> Path:
    """The image's locked npm packages beside its Python ones, fetched by hash with this machine's npm."""
    folder = BUILD / "modules" / image.name
    locks = [image.folder / n for n in ("package.json", "package-lock.json")]
    key = digest(locks)
    if keyed(folder, key):
        return folder
    for lock in locks:
        shutil.copy(lock, folder)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run(log, "npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund",
        env=dict(os.environ) | {"PATH": path}, cwd=folder)  # fmt: skip
    return finish(folder, key)


def debs(image: Image, log: Path) -> Path:
    """The packages of the image's debian.txt, and what they need beyond the base, fetched in a container of it."""
    folder, lock = BUILD / "debs" / image.name, image.folder / "debian.txt"
    key = digest([lock, FETCH / "debs.sh"], docker("image", "inspect", "--format", "{{.Id}}", BASE.reference))
    if keyed(folder, key):
        return folder
    sources = BUILD / "sources.list"
    if lines := sources_of_debian():
        sources.write_text(lines + "\n")
    elif not sources.exists():
        root_file_system(log, refresh=True)  # it writes down where it found its packages
    asked = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False).stdout
    wanted = re.findall(r"^Acquire::https?::(?:proxy|timeout|verify[\w-]*) .*;$", asked, re.IGNORECASE | re.MULTILINE)
    settings_file = BUILD / "apt.conf"
    settings_file.write_text("\n".join(wanted) + "\n")
    mounts = [f"{FETCH / 'debs.sh'}:/debs.sh:ro", f"{image.folder}:/lock:ro", f"{sources}:/sources.list:ro",
              f"{settings_file}:/etc/apt/apt.conf.d/99build:ro", f"{folder}:/debs"]  # fmt: skip
    options = []
    if ca := ca_bundle():
        mounts.append(f"{ca}:/ca.crt:ro")
        options = ["-o", "Acquire::https::CAInfo=/ca.crt"]
    run(log, "docker", "run", "--rm", *AS_HERE, "--user", "0:0", "--label", "org.ecluse.build=debs",
        *(x for m in mounts for x in ("-v", m)), "-e", f"OWNER={os.getuid()}:{os.getgid()}",
        BASE.reference, "sh", "/debs.sh", *options)  # fmt: skip
    return finish(folder, key)


def app(name: str, log: Path) -> Path:
    """One of our own distributions as a wheel, in a folder; made without network from its sources."""
    folder = BUILD / "wheels" / f"app-{name}"
    key = digest(REPO / path for path in SOURCES[name])
    if keyed(folder, key):
        return folder
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    if name == "ecluse-lab":
        run(log, "bash", "extensions/ecluse_lab/build.sh", str(folder), env=dict(os.environ) | {"PATH": path})
        if not list(folder.glob("*.whl")):
            raise BuildError(f"extensions/ecluse_lab/build.sh left no wheel in {folder.relative_to(REPO)}")
        return finish(folder, key)
    stage = BUILD / "stage" / name
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(REPO / "extensions" / "ecluse", stage / "extensions" / "ecluse",
                    ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPO / file, stage / file)
    env = dict(os.environ) | {"SOURCE_DATE_EPOCH": "1767225600", "PATH": path}
    run(log, sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), env=env, cwd=stage)
    return finish(folder, key)


def sources_of_debian() -> str:
    """This machine's own Debian 12 sources as one-line entries, empty where it is no Debian 12."""
    release = Path("/etc/os-release").read_text()
    if "VERSION_CODENAME=bookworm" not in release or "ID=debian" not in release.splitlines():
        return ""
    asked = [
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI) $(SUITE) $(RELEASE) $(COMPONENT) $(ORIGIN)",
        "Created-By: Packages",
    ]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    lines = set()
    for line in answer.splitlines():
        uri, *rest = line.split()
        if rest[-1:] == ["Debian"] and "main" in rest and rest[1].startswith("bookworm"):
            lines.add(f"deb {uri} {rest[1]} main")
    return "\n".join(sorted(lines))


def root_file_system(log: Path, *, refresh: bool) -> None:
    """Make the base root file system with mmdebstrap and load it as `ecluse/rootfs`."""
    reference, wanted = f"ecluse/rootfs:{TAG}", digest([BASE.folder / "build.sh"])
    if label_of(reference) == wanted and not refresh:
        return
    archive = BUILD / "rootfs.tar"
    env = dict(os.environ) | {"SOURCES_OUT": str(BUILD / "sources.list")}
    if sources := sources_of_debian():
        env["BASE_SOURCES"] = sources
    run(log, "bash", "-c", f"set -o pipefail; '{BASE.folder}/build.sh' > '{archive}'", env=env)
    run(log, "docker", "import", "--change", f"LABEL org.ecluse.image=rootfs {LABEL}={wanted}",
        str(archive), reference)  # fmt: skip
    archive.unlink()
