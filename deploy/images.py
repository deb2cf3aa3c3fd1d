"""Build the images whose inputs changed; `IMAGES` below lists them, from the base to the workspaces.

With --tests also those that tests run against, and that are no part of an enclave: an identity provider.

Each image carries a hash of its inputs as a label; where it matches there is nothing to do. Builds have no network:
what they install is fetched before, by hash, in a container of the base image. Nothing comes from an image registry,
unless BASE names an image there.

    python deploy/images.py [--tests] [--refresh] [IMAGE…]     --refresh takes newer Debian packages into the base
    python deploy/images.py --check                  builds nothing; exit 1 if an image is not current
    python deploy/images.py --remove                 removes the images and the stages they were built from
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

REPO = Path(__file__).resolve().parent.parent
BUILD = REPO / "build"
FETCH = REPO / "images" / "wheels"
TAG = "0.1"
LABEL = "org.ecluse.inputs"
# Settings of this machine that the fetching container needs to reach PyPI and npm; find-links and extra indexes are
# left out on purpose: a lock is resolved against one index.
SETTINGS = (
    "PIP_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT", "PIP_PROXY", "NPM_CONFIG_REGISTRY",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip
CA_SETTINGS = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
MADE = {"__pycache__", "node_modules", "lib", "labextension", "build", "dist", ".venv", ".mypy_cache", ".ruff_cache"}
console = Console(highlight=False, soft_wrap=True)


class BuildError(Exception):
    """A step of the build failed; the message says where to read why."""


@dataclass(frozen=True)
class Image:
    """One image: what goes into its context besides `images/<name>/`."""

    name: str
    python: bool = True  # has the environment /opt/ecluse
    apps: tuple[str, ...] = ("ecluse",)
    extra: tuple[str, ...] = ()  # inputs outside images/<name>/
    locked: bool = True  # has packages of PyPI or npm
    parent: str = ""  # another of our images that it is made on, instead of the base
    place: str = "images"  # where its folder lies

    @property
    def reference(self) -> str:
        return f"ecluse/{self.name}:{TAG}"

    @property
    def folder(self) -> Path:
        return REPO / self.place / self.name


SOURCES = {
    "ecluse": ("extensions/ecluse", "pyproject.toml"),
    "ecluse-lab": ("extensions/ecluse_lab",),
}
BASE = Image("base", python=False, apps=())
IMAGES = (
    BASE,
    Image("edge", python=False, apps=(), locked=False),
    Image("proxy", python=False, apps=()),
    Image("hub", extra=("jupyterhub_config.py",)),
    Image("gate"),
    Image("airlock"),
    Image("checker"),
    Image("mirror"),
    Image("pane"),
    Image("workspace", apps=("ecluse-lab",)),
    Image("sealed", python=False, apps=(), locked=False, parent="workspace"),
)
TESTS = (Image("provider", python=False, apps=(), locked=False, place="tests"),)


# -- hashes of inputs ------------------------------------------------------------------------------------------------


def files(paths: Iterable[Path]) -> list[Path]:
    """The source files below each path, sorted; what a build leaves behind is no source."""
    found = []
    for path in paths:
        if path.is_dir():
            found += [f for f in path.rglob("*") if f.is_file() and not MADE & set(f.relative_to(path).parts)]
        elif path.exists():
            found.append(path)
        else:
            raise BuildError(f"{path.relative_to(REPO)} is missing; an image is made from it")
    return sorted(found)


def digest(paths: Iterable[Path], *more: str) -> str:
    """SHA-256 over names, executable bits and bytes of the files, and over more texts."""
    total = hashlib.sha256()
    for file in files(paths):
        total.update(f"{file.relative_to(REPO)}\0{os.access(file, os.X_OK)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    for text in more:
        total.update(f"\0{text}".encode())
    return total.hexdigest()


def inputs(image: Image, base: str) -> str:
    sources = [REPO / path for app in image.apps for path in SOURCES[app]]
    below = [inputs(i, base) for i in IMAGES if i.name == image.parent]
    return digest([image.folder, *sources, *(REPO / e for e in image.extra)], base, *below)


# -- running things --------------------------------------------------------------------------------------------------


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


# -- wheels ----------------------------------------------------------------------------------------------------------


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
    run(log, "docker", "run", "--rm", "--network", "host", "--user", user, "--label", "org.ecluse.build=wheels",
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
    run(log, "docker", "run", "--rm", "--network", "host", "--user", "0:0", "--label", "org.ecluse.build=debs",
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


# -- images ----------------------------------------------------------------------------------------------------------


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


def context(image: Image, log: Path) -> Path:
    """The folder that the engine builds from: hard links where possible, made anew each time."""
    folder = BUILD / "context" / image.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(image.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    if image is BASE:
        return folder
    if (image.folder / "debian.txt").exists():
        shutil.copytree(debs(image, log), folder / "debs", copy_function=os.link)
    if not image.locked:
        return folder
    made = wheels(image, log)
    if not image.python:
        return Path(shutil.copytree(made, folder, copy_function=os.link, symlinks=True, dirs_exist_ok=True))
    shutil.copytree(made, folder / "wheels", copy_function=os.link)
    os.link(next(tools(log).glob("pip-*.whl")), folder / "pip.whl")
    for name in image.apps:
        shutil.copytree(app(name, log), folder / "app", copy_function=os.link, dirs_exist_ok=True)
    if (image.folder / "package-lock.json").exists():
        shutil.copytree(modules(image, log) / "node_modules", folder / "node_modules", copy_function=os.link)
    for path in image.extra:
        shutil.copy(REPO / path, folder / path)
    if image.name == "workspace":
        shutil.copytree(REPO / "extensions" / "ecluse_lab" / "etc" / "jupyter", folder / "jupyter")
    return folder


def build(image: Image, wanted: str, base_argument: str, *, refresh: bool) -> None:
    log = BUILD / "log" / f"image-{image.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    network, argument = "none", BASE.reference
    if image is BASE:
        argument = base_argument or f"ecluse/rootfs:{TAG}"
        network = "host" if base_argument else "none"
        if not base_argument:
            root_file_system(log, refresh=refresh)
    folder = context(image, log)
    # The classic builder: Debian's Docker has no other, and all versions have this one.
    parents = [x for i in IMAGES if i.name == image.parent for x in ("--build-arg", f"PARENT={i.reference}")]
    run(log, "docker", "build", "--network", network, "--force-rm", "--build-arg", f"BASE={argument}", *parents,
        "--label", f"{LABEL}={wanted}", "--tag", image.reference, str(folder),
        env=dict(os.environ) | {"DOCKER_BUILDKIT": "0"})  # fmt: skip
    shutil.rmtree(folder)


def remove() -> None:
    """Remove every image and stage that this file made."""
    for _ in range(len(IMAGES) + len(TESTS) + 1):  # a stage goes once what was built on it is gone
        ids = docker("images", "--all", "--quiet", "--no-trunc", "--filter", "label=org.ecluse.image").split()
        if not ids:
            break
        docker("image", "rm", "--force", *dict.fromkeys(ids))
    console.print("[green]✔[/] images removed")


def size(image: Image) -> str:
    return f"{int(docker('image', 'inspect', '--format', '{{.Size}}', image.reference)) / 1e6:.0f} MB"


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the images whose inputs changed.")
    names = [i.name for i in (*IMAGES, *TESTS)]
    parser.add_argument("images", nargs="*", choices=[[], *names], help="only these (default: all)")
    parser.add_argument("--tests", action="store_true", help="also the images that only tests need")
    parser.add_argument("--refresh", action="store_true", help="take newer Debian packages into the base")
    parser.add_argument("--check", action="store_true", help="only tell which images are current")
    parser.add_argument("--remove", action="store_true", help="remove the images")
    arguments = parser.parse_args()
    if arguments.remove:
        remove()
        return 0
    base_argument = os.environ.get("BASE", "")
    base = digest([BASE.folder], base_argument)
    outdated = 0
    wanted_too = [i for i in TESTS if arguments.tests or i.name in arguments.images]
    for image in (*IMAGES, *wanted_too):
        if arguments.images and image.name not in arguments.images and image is not BASE:
            continue
        start = time.monotonic()
        wanted = base if image is BASE else inputs(image, base)
        current = label_of(image.reference) == wanted
        if arguments.check:
            outdated += not current
            console.print(f"{'✔' if current else '✗'} {image.reference} {'current' if current else 'outdated'}")
            continue
        fresh = current and not (arguments.refresh and image is BASE)
        if not fresh:
            with console.status(f"  {image.reference}: building; {BUILD.name}/log/image-{image.name}.log"):
                build(image, wanted, base_argument, refresh=arguments.refresh)
        word = "unchanged" if fresh else "built"
        console.print(f"[green]✔[/] {image.reference} {word}, {size(image)}  [dim]{time.monotonic() - start:.1f} s[/]")
    if arguments.check:
        return min(outdated, 1)
    ids = {i.name: docker("image", "inspect", "--format", "{{.Id}}", i.reference) for i in IMAGES}
    (BUILD / "images.json").write_text(json.dumps(ids, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BuildError as error:
        console.print(f"[red]✗[/] {error}", markup=True)
        sys.exit(1)
