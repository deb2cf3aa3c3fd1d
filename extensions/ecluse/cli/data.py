"""Commands of the data manager: sources, extracts, links."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ecluse.rules.policy import Policies

from .common import PoliciesDir, app, err, fail, load_policies

data_app = typer.Typer(no_args_is_help=True, help="Sources and extracts. Data managers only.")
app.add_typer(data_app, name="data")


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
