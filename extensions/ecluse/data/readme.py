"""The README of a dataset's folder: tables, columns, code lists and pitfalls, as granted and no more."""

from collections.abc import Iterator

from ecluse.rules.extract import Action, DatasetPlan
from ecluse.rules.policy import Dataset

_WHAT = {
    Action.KEEP: "",
    Action.PERSON: "pseudonym of this project",
    Action.RECORD: "number of this project",
    Action.MONTH: "first day of its month",
    Action.YEAR: "first day of its year",
    Action.SHIFT: "moved by the same days for all dates of a person",
    Action.DEPARTMENT: "department only",
    Action.REGION: "region only",
}


def readme(dataset: Dataset, plan: DatasetPlan, rows: dict[str, int]) -> str:
    """Markdown about what lies in the folder. It names no table and no column that was not granted."""
    return "\n".join(_lines(dataset, plan, rows)) + "\n"


def _lines(dataset: Dataset, plan: DatasetPlan, rows: dict[str, int]) -> Iterator[str]:
    yield f"# {dataset.title}"
    yield ""
    yield f"{dataset.description.strip()} Producer: {dataset.producer}."
    for name, table in plan.tables.items():
        known = dataset.tables[name]
        yield from ("", f"## {name}", "", f"{known.description} {rows[name]} rows in `{name}.parquet`.", "")
        yield "| column | type | what | here |"
        yield "|---|---|---|---|"
        for column in table.columns:
            about = known.columns[column.name]
            codes = f" (codes: {about.codes})" if about.codes else ""
            yield f"| `{column.name}` | {about.type} | {about.description}{codes} | {_WHAT[column.action]} |"
    if dataset.pitfalls:
        yield from ("", "## Pitfalls", "")
        yield from (f"- {pitfall}" for pitfall in dataset.pitfalls)
