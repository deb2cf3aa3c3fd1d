"""Commands on packages: what people asked for, and allowing it."""

from pathlib import Path
from typing import Annotated

import typer

from .common import app, fail, load_policies

packages_app = typer.Typer(no_args_is_help=True, help="Packages that workspaces may install.")
app.add_typer(packages_app, name="packages")

Root = Annotated[Path, typer.Option("--root", envvar="ECLUSE_ROOT", help="data root")]
ROOT = Path("build/enclave")


@packages_app.command("requests")
def packages_requests(root: Root = ROOT) -> None:
    """List packages that people asked for and that are not allowed, the latest first."""
    from ecluse.rules.packages import open_requests
    from ecluse.store.package_files import read_requests

    packages = load_policies(root / "policies").packages
    found = list(open_requests(read_requests(root / "asked" / "requests"), packages))
    for request in found:
        who = ", ".join(request.people) or "?"
        when = f"{request.first:%Y-%m-%d %H:%M} to {request.last:%Y-%m-%d %H:%M}"
        print(f"{request.name}: project {request.project}, by {who}, {request.count}×, {when}")
    print(f"packages: {len(found)} requests")


@packages_app.command("allow")
def packages_allow(
    name: str,
    versions: Annotated[str, typer.Option("--versions", help="versions (PEP 440); default: all")] = "",
    project: Annotated[
        list[str] | None, typer.Option("--project", help="only in this project; can be repeated")
    ] = None,
    prefetch: Annotated[bool, typer.Option("--prefetch", help="fetch its newest wheel at once")] = False,
    why: Annotated[str, typer.Option("--why", help="why it is allowed, for people")] = "",
    root: Root = ROOT,
) -> None:
    """Add a package to the list. From then on its name is asked of the upstream; the mirror has it within seconds."""
    from pydantic import ValidationError

    from ecluse.rules.packages import Package, read_name
    from ecluse.store.package_files import NotAddedError, PoliciesInvalidError, allow_package

    known = load_policies(root / "policies").projects
    normal = read_name(name)
    if normal is None:
        raise fail(f"'{name[:100]}' is not the name of a package")
    if unknown := sorted(set(project or ()) - set(known)):
        raise fail(f"no project '{unknown[0]}'; one of: {', '.join(sorted(known))}")
    try:
        package = Package(versions=versions, projects=tuple(project or ()), prefetch=prefetch, why=why)
        allow_package(root / "policies", normal, package)
    except ValidationError as error:
        raise fail("; ".join(e["msg"].removeprefix("Value error, ") for e in error.errors())) from None
    except (NotAddedError, PoliciesInvalidError, OSError) as error:
        raise fail(str(error)) from None
    print(f"{normal}: allowed")


@packages_app.command("dismiss")
def packages_dismiss(name: str, root: Root = ROOT) -> None:
    """Forget the requests for a package, of every project. Whoever asks again is recorded again."""
    from ecluse.rules.packages import read_name
    from ecluse.store.package_files import remove_requests

    normal = read_name(name)
    removed = remove_requests(root / "asked" / "requests", normal) if normal else 0
    if not removed:
        raise fail(f"nobody asked for '{name[:100]}'")
    print(f"{normal}: {removed} requests forgotten")
