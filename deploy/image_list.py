"""The images, from the base to the workspaces, and what each is made from."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
TAG = "0.1"
MADE = {"__pycache__", "node_modules", "lib", "labextension", "build", "dist", ".venv", ".mypy_cache", ".ruff_cache"}


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
