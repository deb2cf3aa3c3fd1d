"""Writes the reference pages that follow from code: `python docs/generate.py [--check]`.

A test runs it with --check, so that no page can fall behind the code.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import access_page
import diagrams
import typer

from ecluse.cli import app
from ecluse.rules.outcome import Reason
from ecluse.store.policy_files import schemas

HERE = Path(__file__).parent
WHERE = {
    "people": "`policies/people.yaml`",
    "provider": "`policies/provider.yaml`, where there is an identity provider",
    "images": "`policies/images.yaml`",
    "rules": "`policies/rules.yaml`",
    "dataset": "`policies/datasets/<id>.yaml`",
    "project": "`policies/projects/<id>.yaml`",
    "linkage": "`policies/linkages/<id>.yaml`",
    "packages": "`policies/packages/pypi.yaml`",
}


def policies() -> str:
    """docs/reference/policies.md."""
    parts = [
        "# The policies",
        "",
        "A folder of YAML files is the single source of who may do what with which data. `ecluse policy check DIR`",
        "lists every error at once, with file and line; unknown keys, keys given twice and aliases are errors.",
        "`ecluse policy schema --out DIR` writes JSON Schemas for editors. *This page is generated from the models.*",
    ]
    for name, schema in schemas().items():
        parts += ["", f"## {WHERE[name]}", "", *_table(schema)]
        for title, part in sorted(schema.get("$defs", {}).items()):
            parts += ["", f"### {title}", "", _first_line(part.get("description", "")), ""]
            parts += [f"One of: {', '.join(f'`{v}`' for v in part['enum'])}."] if "enum" in part else _table(part)
    return "\n".join(parts) + "\n"


def reasons() -> str:
    """docs/reference/reasons.md."""
    lines = [
        "# Reason codes",
        "",
        "Every refusal carries one of these codes: in the API of the airlock, in audit events, in exit messages.",
        "Programs read the code; the sentences beside it are for people. *This page is generated.*",
        "",
        *(f"- `{reason}`" for reason in Reason),
    ]
    return "\n".join(lines) + "\n"


def commands() -> str:
    """docs/reference/cli.md."""
    lines = [
        "# Command line",
        "",
        "Exit codes: 0 done, 1 found wrong, 3 usage or internal error; `ecluse check` exits with its verdict: 0 pass,",
        "1 review, 2 refuse. *This page is generated from the commands.*",
    ]
    for name, command in _walk("ecluse", typer.main.get_command(app)):
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        usage = " ".join(p.metavar or p.name.upper() for p in arguments)
        lines += ["", f"## `{name}{' ' + usage if usage else ''}`", "", (command.help or "").strip()]
        options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
        if options:
            lines += ["", "| option | what | default |", "|---|---|---|"]
        for option in options:
            default = "**needed**" if option.required else f"`{_plain(option.default)}`"
            lines.append(f"| `{option.opts[0]}` | {getattr(option, 'help', '') or ''} | {default} |")
    return "\n".join(lines) + "\n"


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    for part, inner in sorted(getattr(command, "commands", {}).items()):
        yield from _walk(f"{name} {part}", inner)
    if not hasattr(command, "commands"):
        yield name, command


def _table(schema: dict[str, Any]) -> list[str]:
    rows = ["| key | type | default | what |", "|---|---|---|---|"]
    required = set(schema.get("required", ()))
    for key, value in schema.get("properties", {}).items():
        default = "**needed**" if key in required else f"`{_plain(value.get('default'))}`"
        rows.append(f"| `{key}` | {_type(value)} | {default} | {value.get('description', '')} |")
    return rows


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items())
    return "–" if value in (None, "", []) else str(value).lower() if isinstance(value, bool) else str(value)


def _type(value: dict[str, Any]) -> str:
    if "$ref" in value:
        return value["$ref"].rsplit("/", 1)[-1]
    if "anyOf" in value:
        return " or ".join(_type(v) for v in value["anyOf"] if v.get("type") != "null")
    match value.get("type"):
        case "array":
            return f"list of {_type(value.get('items', {}))}"
        case "object":
            inner = value.get("additionalProperties") or next(iter(value.get("patternProperties", {}).values()), {})
            return f"map to {_type(inner)}" if isinstance(inner, dict) else "map"
        case kind:
            return str(value.get("format", kind))


def _first_line(text: str) -> str:
    return text.strip().split("\n")[0]


def review() -> str:
    """docs/explanation/review.md: written by hand, its diagram and tables made from the rules."""
    return diagrams.updated((HERE / "explanation/review.md").read_text())


PAGES = {
    "reference/access.md": access_page.access,
    "reference/policies.md": policies,
    "reference/reasons.md": reasons,
    "reference/cli.md": commands,
    "explanation/review.md": review,
}


def main() -> int:
    """Write the pages, or with --check say which are out of date."""
    stale = []
    for name, make in PAGES.items():
        page, text = HERE / name, make()
        if not page.exists() or page.read_text() != text:
            stale.append(name)
            if "--check" not in sys.argv:
                page.write_text(text)
    print("\n".join(f"{name}: {'out of date' if '--check' in sys.argv else 'written'}" for name in stale) or "current")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
