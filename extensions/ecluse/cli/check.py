"""Commands that check what would leave: files, and what a model remembers."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ecluse.rules.finding import CheckReport
from ecluse.rules.policy import OutputRules

from .common import Format, app, err, fail, load_policies

models_app = typer.Typer(no_args_is_help=True, help="Models: attacks on them before they may leave.")
app.add_typer(models_app, name="models")


@models_app.command("attack")
def models_attack(
    model: Annotated[Path, typer.Argument(help="the model's file, as it will be sent")],
    project: Annotated[str, typer.Option("--project", help="the project that sends it")],
    index: Annotated[Path, typer.Option("--index", help="the project's record index; its key signs the report")],
    scores: Annotated[Path, typer.Option("--scores", help=".npz with arrays `members` and `others`: rows × classes")],
    sacro: Annotated[Path | None, typer.Option("--sacro", help="report.json of SACRO-ML for this model")] = None,
    out: Annotated[Path, typer.Option("--out", help="the report")] = Path("model.attack.json"),
) -> None:
    """Try a model and sign the report. Scores: each row's probability of its true class first, then the others."""
    import hashlib

    import numpy as np

    from ecluse.checks.models.attack import OWN, of_sacro, own_attacks, report_of

    try:
        with np.load(scores, allow_pickle=False) as given:
            members, others = (np.atleast_2d(given[name]).astype(float) for name in ("members", "others"))
        attacks, tool = own_attacks(members, others), OWN
        if sacro is not None:
            attacks += of_sacro(json.loads(sacro.read_text()), len(members), len(others))
            tool = "SACRO-ML and ecluse built-in"
        made = report_of(hashlib.sha256(model.read_bytes()).hexdigest(), project, tool, attacks, index)
    except (OSError, KeyError, ValueError) as error:
        raise fail(f"no report: {error}") from None
    out.write_text(made.model_dump_json(indent=2) + "\n", encoding="utf-8")
    worst = max(a.auc for a in made.attacks)
    print(f"{out}: {len(made.attacks)} attacks, best AUC {worst:.2f}; send it along with {model.name}")


@app.command("check")
def check(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="files, or folders of files")],
    project: Annotated[str, typer.Option(help="project id: its thresholds count")] = "",
    policies: Annotated[Path | None, typer.Option(envvar="ECLUSE_POLICIES", help="folder of policies")] = None,
    extract: Annotated[Path | None, typer.Option(help="folder of the extract's record index")] = None,
    released: Annotated[Path | None, typer.Option(help="folder of files released before")] = None,
    rebuilt: Annotated[Path | None, typer.Option(help="folder to write rebuilt files to")] = None,
    output: Annotated[Format, typer.Option("--format", help="text or json")] = Format.TEXT,
) -> None:
    """Check files as the airlock would. Exit 0 pass, 1 review, 2 refuse, 3 usage or internal error."""
    from ecluse.checks import Context, check_files
    from ecluse.checks.report import Released

    rules = _check_rules(policies, project)
    files = _files(paths)
    earlier = [Released("released", name, file.read_bytes()) for name, file in _files([released] if released else [])]
    context = Context(project=project, record_index=extract, today=datetime.now(UTC).date())
    with err.status(f"checking {len(files)} files …"):
        report, made = check_files(files, rules, context, released=earlier)
    if rebuilt is not None:
        for file in report.files:
            if file.rebuilt is not None:
                target = rebuilt / file.rebuilt.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(made[file.rebuilt.sha256])
    print(report.model_dump_json(indent=1) if output is Format.JSON else _report_text(report))
    raise typer.Exit(report.verdict.exit_code)


def _check_rules(folder: Path | None, project: str) -> OutputRules:
    if folder is None:
        if project:
            raise fail(f"the thresholds of project '{project}' are in the policies: add --policies DIR")
        return OutputRules()
    policies = load_policies(folder)
    if project and project not in policies.projects:
        raise fail(f"no project '{project}' in {folder}; there are: {', '.join(sorted(policies.projects))}")
    return policies.rules.model_copy(update={"minimum_count": policies.minimum_count(project)})


def _files(paths: list[Path]) -> list[tuple[str, Path]]:
    """Every file named, and every file below a folder named, with the path to report it under."""
    found: list[tuple[str, Path]] = []
    for path in paths:
        if path.is_dir():
            found += [(f.relative_to(path).as_posix(), f) for f in sorted(path.rglob("*")) if f.is_file()]
        elif path.is_file():
            found.append((path.name if path.is_absolute() else path.as_posix(), path))
        else:
            raise fail(f"no file or folder '{path}'")
    if not found and paths:
        raise fail(f"no files in {', '.join(map(str, paths))}")
    return found


def _report_text(report: CheckReport) -> str:
    lines = []
    for file in report.files:
        lines.append(f"{file.path}: {file.verdict} ({file.kind})")
        for finding in file.findings:
            where = f" at {finding.where}" if finding.where else ""
            lines.append(f"  {finding.severity} {finding.rule}{where}: {finding.message}")
            if finding.fix:
                lines.append(f"    → {finding.fix}")
    return "\n".join([*lines, f"verdict: {report.verdict}"])
