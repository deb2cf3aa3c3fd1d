"""Commands on the policies."""

import json
from pathlib import Path
from typing import Annotated

import typer

from .common import app

policy_app = typer.Typer(no_args_is_help=True, help="The policies: who may do what with which data.")
app.add_typer(policy_app, name="policy")


@policy_app.command("check")
def policy_check(folder: Annotated[Path, typer.Argument(metavar="DIR")] = Path("policies")) -> None:
    """Check a folder of policies. Exit 0 if valid, 1 with every error listed."""
    from ecluse.store.policy_files import PoliciesInvalidError, read_policies

    try:
        found = read_policies(folder)
    except PoliciesInvalidError as error:
        for problem in error.problems:
            print(problem)
        print(f"{folder}: {len(error.problems)} error{'s' if len(error.problems) > 1 else ''}")
        raise typer.Exit(1) from None
    print(
        f"{folder}: valid: {len(found.people)} people, {len(found.projects)} projects, "
        f"{len(found.datasets)} datasets, {len(found.images)} images"
    )


@policy_app.command("schema")
def policy_schema(out: Annotated[Path, typer.Option("--out", help="folder for the schemas")]) -> None:
    """Write a JSON Schema of each kind of policy file, for editors."""
    from ecluse.store.policy_files import schemas

    out.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        (out / f"{name}.schema.json").write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        print(out / f"{name}.schema.json")
