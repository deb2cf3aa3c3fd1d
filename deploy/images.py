"""Build the images whose inputs changed; `image_list.py` names them, from the base to the workspaces.

With --tests also those that tests run against, and that are no part of an enclave: an identity provider.

Each image carries a hash of its inputs as a label; where it matches there is nothing to do. Builds have no network:
what they install is fetched before, by hash, in a container of the base image. Nothing comes from an image registry,
unless BASE names an image there.

    python deploy/images.py [--tests] [--refresh] [IMAGE…]     --refresh takes newer Debian packages into the base
    python deploy/images.py --check                  builds nothing; exit 1 if an image is not current
    python deploy/images.py --remove                 removes the images and the stages they were built from
"""

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path

from rich.console import Console

from image_list import BASE, IMAGES, REPO, TAG, TESTS, BuildError, Image, digest, inputs
from image_parts import BUILD, LABEL, app, debs, docker, label_of, modules, root_file_system, run, tools, wheels

console = Console(highlight=False, soft_wrap=True)


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
