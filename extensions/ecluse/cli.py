"""The command line. Contracts: docs/reference/cli.md and design section 5; others script against them.

Exit codes: 0 done or pass, 1 found wrong (for `check`: review), 2 for `check`: refuse, 3 usage or internal error.
"""

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ecluse.rules.finding import CheckReport
from ecluse.rules.outcome import RefusedError
from ecluse.rules.policy import OutputRules, Policies

err = Console(stderr=True, highlight=False)

app = typer.Typer(name="ecluse", no_args_is_help=True, add_completion=False, help="Secure analysis of health data.")
policy_app = typer.Typer(no_args_is_help=True, help="The policies: who may do what with which data.")
data_app = typer.Typer(no_args_is_help=True, help="Sources and extracts. Data managers only.")
audit_app = typer.Typer(no_args_is_help=True, help="The audit chain.")
release_app = typer.Typer(no_args_is_help=True, help="Released results.")
models_app = typer.Typer(no_args_is_help=True, help="Models: attacks on them before they may leave.")
accounts_app = typer.Typer(no_args_is_help=True, help="Local accounts, for sites without an identity provider.")
database_app = typer.Typer(no_args_is_help=True, help="The database of requests, reviews and audit.")
for name, sub in {
    "policy": policy_app,
    "data": data_app,
    "audit": audit_app,
    "release": release_app,
    "models": models_app,
    "accounts": accounts_app,
    "database": database_app,
}.items():
    app.add_typer(sub, name=name)

PoliciesDir = Annotated[Path, typer.Option("--policies", envvar="ECLUSE_POLICIES", help="folder of policies")]
DATABASE = "sqlite:///build/enclave/control/ecluse.sqlite"
DatabaseUrl = Annotated[str, typer.Option("--database", envvar="ECLUSE_DATABASE", help="SQLAlchemy URL")]


class Format(StrEnum):
    """How `ecluse check` prints."""

    TEXT = "text"
    JSON = "json"


USAGE = 3
GPUS_UNKNOWN = 64
"""The self-check takes a GPU that runs for one that is there."""


def fail(message: str, code: int = USAGE) -> typer.Exit:
    """Print an error; the caller raises what comes back."""
    err.print(f"ecluse: {message}", style="red", markup=False)
    return typer.Exit(code)


def load_policies(folder: Path) -> Policies:
    """The policies of a folder, or every error on stderr and exit 3."""
    from ecluse.store.policy_files import PoliciesInvalidError, read_policies

    try:
        return read_policies(folder)
    except PoliciesInvalidError as error:
        raise fail(f"the policies in {folder} are not valid:\n{error}") from None


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


@data_app.command("synthesise")
def data_synthesise(
    out: Annotated[Path, typer.Option("--out", help="folder for the sources")],
    scale: Annotated[float, typer.Option(min=0.001, help="1 makes about 180,000 claim lines")] = 1.0,
    seed: Annotated[int, typer.Option(help="the same seed makes the same sources")] = 1,
    policies: PoliciesDir = Path("policies"),
) -> None:
    """Write made-up sources of true shape for the datasets of the catalogue."""
    from ecluse.data import synthesise

    with err.status("synthesising …") as status:
        rows = synthesise(out, load_policies(policies).datasets, scale, seed, status.update)
    for table, count in rows.items():
        print(f"{table}: {count} rows")


@data_app.command("extract")
def data_extract(
    project: str,
    policies: PoliciesDir = Path("build/enclave/policies"),
    sources: Annotated[Path, typer.Option(help="folder of sources")] = Path("build/enclave/sources"),
    out: Annotated[Path, typer.Option(help="folder of extracts")] = Path("build/enclave/extracts"),
    keys: Annotated[Path, typer.Option(help="folder of the pseudonym root key")] = Path("build/enclave/keys"),
    index: Annotated[Path, typer.Option(help="folder of record indexes, for the checker")] = Path(
        "build/enclave/index"
    ),
) -> None:
    """Write what a project's permit grants, under its own pseudonyms, and the index its outputs are held against."""
    from ecluse.data.pseudonyms import KeysError
    from ecluse.data.sources import SourceError
    from ecluse.rules.extract import PlanError
    from ecluse.steps.extract import extract_and_index

    read = load_policies(policies)
    if project not in read.projects:
        raise fail(f"no project '{project}' in {policies}; there are: {', '.join(sorted(read.projects))}")
    with err.status(f"extract of {project} …") as status:
        try:
            manifest = extract_and_index(
                read,
                project,
                sources=sources,
                out=out,
                keys=keys,
                index=index,
                now=datetime.now(UTC),
                progress=status.update,
            )
        except (PlanError, KeysError, SourceError) as error:
            raise fail(str(error)) from None
    for file in manifest.files:
        print(f"{file.path}: {file.rows} rows")
    print(f"{project}: version {manifest.version}")


@data_app.command("consolidate")
def data_consolidate(
    dataset: Annotated[str, typer.Argument(help="id of a dataset that says how: `persons.match`")],
    policies: PoliciesDir = Path("build/enclave/policies"),
    sources: Annotated[Path, typer.Option(help="folder of sources")] = Path("build/enclave/sources"),
    memory: Annotated[str, typer.Option(help="what the engine may hold before it spills to disk")] = "2GB",
) -> None:
    """Find which numbers of a dataset are one person, and write its persons table. Projects see one pseudonym each."""
    from ecluse.data.consolidate import ConsolidationError, consolidate
    from ecluse.data.link import LinkError
    from ecluse.data.sources import SourceError

    read = load_policies(policies)
    if dataset not in read.datasets:
        raise fail(f"no dataset '{dataset}' in {policies}; there are: {', '.join(sorted(read.datasets))}")
    with err.status(f"consolidating {dataset} …") as status:
        try:
            found = consolidate(read.datasets[dataset], sources, memory=memory, progress=status.update)
        except (ConsolidationError, LinkError, SourceError) as error:
            raise fail(str(error)) from None
    print(f"{dataset}: {found['numbers']} numbers are {found['persons']} persons")


@data_app.command("link")
def data_link(
    linkage: Annotated[str, typer.Argument(help="id of a linkage of the policies")],
    policies: PoliciesDir = Path("build/enclave/policies"),
    sources: Annotated[Path, typer.Option(help="folder of sources")] = Path("build/enclave/sources"),
    memory: Annotated[str, typer.Option(help="what the engine may hold before it spills to disk")] = "2GB",
) -> None:
    """Carry out a linkage of two datasets: the links and a report, for the projects whose permit names it."""
    from ecluse.data.link import LinkError
    from ecluse.data.linkage import link_sources
    from ecluse.data.sources import SourceError

    read = load_policies(policies)
    if linkage not in read.linkages:
        known = ", ".join(sorted(read.linkages)) or "none"
        raise fail(f"no linkage '{linkage}' in {policies}/linkages; there are: {known}")
    with err.status(f"linking {linkage} …") as status:
        try:
            found = link_sources(read.linkages[linkage], read.datasets, sources, memory=memory, progress=status.update)
        except (LinkError, SourceError) as error:
            raise fail(str(error)) from None
    print(f"{linkage}: {found['pairs']} links, {float(str(found['match_rate_left'])):.1%} of the left records")


@data_app.command("plan")
def data_plan(project: str, policies: PoliciesDir = Path("build/enclave/policies")) -> None:
    """Say in words what a project's extract would hold. Reads no source and writes nothing."""
    from ecluse.rules.extract import PlanError, plan_extract
    from ecluse.rules.extract_words import describe

    try:
        plan = plan_extract(_with_project(policies, project), project)
    except PlanError as error:
        raise fail(str(error)) from None
    for line in describe(plan):
        print(line)


@data_app.command("catalogue")
def data_catalogue(
    out: Annotated[Path, typer.Option("--out", help="folder for catalogue.ttl and catalogue.jsonld")],
    policies: PoliciesDir = Path("policies"),
) -> None:
    """Write the catalogue as HealthDCAT-AP, in Turtle and JSON-LD."""
    from ecluse.data.dcat import Site, write_catalogue

    for file in write_catalogue(load_policies(policies).datasets, Site(), out):
        print(file)


@data_app.command("rotate")
def data_rotate(
    project: str,
    policies: PoliciesDir = Path("build/enclave/policies"),
    keys: Annotated[Path, typer.Option(help="folder of the pseudonym root key")] = Path("build/enclave/keys"),
) -> None:
    """Give a project new pseudonyms from its next extract on: they can't be joined with its former ones."""
    from ecluse.data.pseudonyms import KeysError, load_keys, rotate

    _with_project(policies, project)
    try:
        load_keys(keys, project)  # no epoch is raised beside a root key that can't be used
        epoch = rotate(keys, project)
    except (KeysError, OSError) as error:
        raise fail(str(error)) from None
    print(f"{project}: epoch {epoch}, from the next extract on")


def _with_project(folder: Path, project: str) -> Policies:
    read = load_policies(folder)
    if project not in read.projects:
        raise fail(f"no project '{project}' in {folder}; there are: {', '.join(sorted(read.projects))}")
    return read


@app.command("link")
def link(
    left: Annotated[Path, typer.Argument(help="Parquet or CSV")],
    right: Annotated[Path, typer.Argument(help="Parquet or CSV; the larger side, if one is")],
    spec: Annotated[Path, typer.Option("--spec", help="what to compare: docs/explanation/linkage.md")],
    out: Annotated[Path, typer.Option("--out", help="Parquet of left_id, right_id, probability")],
    report: Annotated[Path | None, typer.Option("--report", help="figures as JSON; a page beside it as .html")] = None,
    review_out: Annotated[
        Path | None, typer.Option("--review-out", help="CSV of pairs to judge by hand: fill in its column `same`")
    ] = None,
    review_size: Annotated[int, typer.Option("--review-size", min=1, help="pairs to judge")] = 300,
    reviewed: Annotated[
        Path | None, typer.Option("--reviewed", help="that CSV with answers: they refine the report")
    ] = None,
    memory: Annotated[str, typer.Option(help="what the engine may hold before it spills to disk")] = "1GB",
) -> None:
    """Link the records of two files that stand for one person or stay. Exit 0, or 3 with what is wrong."""
    from ecluse.data.link import LinkError, link_files

    with err.status("linking …") as status:
        try:
            found = link_files(
                left,
                right,
                spec,
                out,
                report,
                review_out=review_out,
                review_size=review_size,
                reviewed=reviewed,
                memory=memory,
                progress=status.update,
            )
        except LinkError as error:
            raise fail(str(error)) from None
    rate = float(str(found["match_rate_left"]))
    print(f"{out}: {found['pairs']} links, {rate:.1%} of the left records")
    if review_out is not None:
        print(f"{review_out}: pairs to judge, with identifying columns; write yes or no in column same")


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


@audit_app.command("verify")
def audit_verify(database: DatabaseUrl = DATABASE) -> None:
    """Verify the audit chain against itself and every release. Exit 0 if unbroken, 1 with what is wrong."""
    from ecluse.steps.audit import audit_problems
    from ecluse.store.database import open_database

    opened = open_database(database)
    found = audit_problems(opened)
    for problem in found:
        print(problem)
    with opened.look() as transaction:
        count, last = 0, "0" * 64
        for record in transaction.events.records():
            count, last = count + 1, record["hash"]
    opened.close()
    print(f"audit: {count} events, {'broken' if found else 'unbroken'}, last hash {last}")
    raise typer.Exit(1 if found else 0)


@audit_app.command("export")
def audit_export(database: DatabaseUrl = DATABASE) -> None:
    """Write the audit events as JSON lines to standard output."""
    from ecluse.steps.audit import export_events
    from ecluse.store.database import open_database

    for line in export_events(open_database(database)):
        print(line)


@release_app.command("verify")
def release_verify(
    bundle: Annotated[Path, typer.Argument(help="the downloaded zip")],
    key: Annotated[Path, typer.Option("--key", help="public key of the enclave's releases")],
) -> None:
    """Verify a release: signature, and the hash of every file. Exit 0 if it holds, 1 with what does not."""
    from ecluse.steps.release import verify_bundle
    from ecluse.store.keys import signature_holds

    public = key.read_bytes()
    found = verify_bundle(bundle.read_bytes(), lambda signature, data: signature_holds(public, signature, data))
    for problem in found:
        print(problem)
    print(f"{bundle.name}: {'does not hold' if found else 'signature and hashes hold'}")
    raise typer.Exit(1 if found else 0)


@database_app.command("upgrade")
def database_upgrade(database: DatabaseUrl = DATABASE) -> None:
    """Bring the database to the current shape, making it if there is none."""
    from ecluse.store.database import upgrade

    upgrade(database)
    print("database: current")


@app.command()
def selfcheck(
    name: Annotated[str, typer.Option("--name", envvar="ECLUSE_NAME", help="name of the enclave")] = "ecluse",
    root: Annotated[Path, typer.Option("--root", envvar="ECLUSE_ROOT", help="data root")] = Path("build/enclave"),
    database: DatabaseUrl = DATABASE,
    production: Annotated[bool, typer.Option("--production", help="the data root has to be encrypted")] = False,
    record: Annotated[bool, typer.Option("--record", help="write drifts into the audit chain")] = False,
    output: Annotated[Format, typer.Option("--format", help="text or json")] = Format.TEXT,
) -> None:
    """Compare what runs with the policies and the container controls. Exit 1 on a drift. Needs the engine's socket."""
    from ecluse.rules.selfcheck import drifts
    from ecluse.rules.workspace import SpawnSettings
    from ecluse.store.platform import EngineAwayError, look_at

    policies = load_policies(root / "policies")
    settings = SpawnSettings(name=name, host_root=str(root.resolve()), gpus=GPUS_UNKNOWN)
    try:
        found = drifts(look_at(root), policies, settings, datetime.now(UTC), production=production)
    except (EngineAwayError, OSError) as error:
        raise fail(str(error)) from None
    if output is Format.JSON:
        print(json.dumps([d.model_dump() for d in found], indent=2))
    else:
        for drift in found:
            print(f"{drift.where}: {drift.control}: {drift.seen} → {drift.fix}")
        print(f"selfcheck: {len(found)} drifts")
    if record and found:
        from ecluse.store.database import open_database
        from ecluse.store.events import DatabaseAuditLog

        opened = open_database(database)
        log = DatabaseAuditLog(opened, lambda: datetime.now(UTC))
        detail = {"count": len(found), "drifts": [d.model_dump() for d in found[:20]]}
        log.record("ecluse:selfcheck", "selfcheck.drift", None, "", detail)
        opened.close()
    raise typer.Exit(1 if found else 0)


@accounts_app.command("set")
def accounts_set(
    person: str,
    accounts: Annotated[Path, typer.Option("--accounts", help="file of accounts")] = Path(
        "build/enclave/accounts/accounts.yaml"
    ),
    policies: PoliciesDir = Path("build/enclave/policies"),
    generate: Annotated[bool, typer.Option("--generate", help="make a password and print it")] = False,
    codes: Annotated[bool, typer.Option("--codes/--no-codes", help="a second factor: codes of an app")] = True,
) -> None:
    """Give a person of the policies a password, asked for twice or made with --generate, and a secret for codes."""
    from ecluse.store.accounts import (
        WeakPasswordError,
        generate_password,
        generate_totp,
        set_password,
        totp_address,
    )

    if person not in load_policies(policies).people:
        raise fail(f"no person '{person}' in {policies}/people.yaml; add them there first")
    password = generate_password() if generate else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    secret = generate_totp() if codes else None
    try:
        set_password(accounts, person, password, secret)
    except WeakPasswordError as error:
        raise fail(str(error)) from None
    print(f"{person}: {password}" if generate else f"{person}: password set")
    if secret:
        print(f"for an authenticator app: {totp_address(secret, person, 'enclave')}")


@accounts_app.command("remove")
def accounts_remove(
    person: str,
    accounts: Annotated[Path, typer.Option("--accounts", help="file of accounts")] = Path(
        "build/enclave/accounts/accounts.yaml"
    ),
) -> None:
    """Remove a person's account."""
    from ecluse.store.accounts import remove_account

    if not remove_account(accounts, person):
        raise fail(f"no account of '{person}' in {accounts}")
    print(f"{person}: account removed")


def main() -> None:
    """Entry point. Usage errors exit with 3, because 2 means `refuse` here; a rule's refusal is a sentence."""
    usage_error = typer.BadParameter.__base__  # typer shows the class of all usage errors only as this one's parent
    usage_error.exit_code = USAGE  # type: ignore[union-attr]
    try:
        app()
    except RefusedError as error:
        raise SystemExit(fail(f"{error.refused.message} {error.refused.fix}").exit_code) from None
