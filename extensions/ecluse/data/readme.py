"""The README of a dataset's folder: tables, columns, code lists and pitfalls, as granted and no more."""

from collections.abc import Iterator

from ecluse.rules.dataset import CodeList, Dataset
from ecluse.rules.extract import Action, DatasetPlan

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

SHOWN = 60
"""Values of a code list that are written out."""


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
    yield from _code_lists(dataset, plan)
    if dataset.pitfalls:
        yield from ("", "## Pitfalls", "")
        yield from (f"- {pitfall}" for pitfall in dataset.pitfalls)


def _code_lists(dataset: Dataset, plan: DatasetPlan) -> Iterator[str]:
    """The code lists of granted columns: what is known of each, and where the rest can be read."""
    used: dict[str, list[str]] = {}
    for name, table in plan.tables.items():
        for column in table.columns:
            codes = dataset.tables[name].columns[column.name].codes
            if codes:
                used.setdefault(codes, []).append(f"`{name}.{column.name}`")
    if used:
        yield from ("", "## Code lists")
    for codes, columns in sorted(used.items()):
        known = dataset.code_lists.get(codes, CodeList(whole=False))
        at = known.source or dataset.codes_at or f"ask {dataset.producer}"
        yield from ("", f"### {codes}", "")
        yield f"{f'{known.title}. ' if known.title else ''}In {', '.join(columns)}."
        shown = list(known.values.items())[:SHOWN]
        if shown:
            yield from ("", "| code | meaning |", "|---|---|")
            yield from (f"| `{code}` | {meaning} |" for code, meaning in shown)
        if not known.whole or len(shown) < len(known.values):
            yield from ("", f"The whole list: {at}.")
