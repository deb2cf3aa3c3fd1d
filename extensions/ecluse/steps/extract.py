"""The step of a data manager: write a project's extract, then the record index that the checker holds outputs against.

The index is built whenever it is not of the extract in force: a crash between the two is mended by the next run.
"""

import secrets
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ecluse.checks.records import build_index
from ecluse.data import Manifest, extract_project
from ecluse.data.pseudonyms import load_keys
from ecluse.rules.policy import Policies

VERSION = "version"


def extract_and_index(
    policies: Policies,
    project: str,
    *,
    sources: Path,
    out: Path,
    keys: Path,
    index: Path,
    now: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> Manifest:
    """The project's extract below `out` and its record index below `index`, both of one version.

    Raises what `ecluse.data.extract_project` raises.
    """
    manifest = extract_project(policies, project, sources, out, keys, now, progress)
    folder = index / project
    if _version(folder) == manifest.version:
        return manifest
    progress(f"{project}: record index")
    index.mkdir(parents=True, exist_ok=True)
    made = index / f".{project}.{secrets.token_hex(4)}"
    try:
        files = [out / project / manifest.version / file.path for file in manifest.files]
        build_index(files, load_keys(keys, project).key("record-index"), made)
        (made / VERSION).write_text(manifest.version)
        _replace(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return manifest


def _version(folder: Path) -> str | None:
    try:
        return (folder / VERSION).read_text()
    except FileNotFoundError:
        return None


def _replace(made: Path, folder: Path) -> None:
    """Put a finished folder in the place of the old one. In between there is none, and a check without one refuses."""
    old = made.with_name(made.name + ".old")
    if folder.exists():
        folder.rename(old)
    made.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
