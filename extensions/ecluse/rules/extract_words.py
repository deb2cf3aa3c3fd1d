"""A plan in words, for the controller who agrees to it.

Worked example: the plan of `bacthub` says, among others, "snds, ER_PHA_F: 11 columns: PHA_PRS_C13, …; rows that
belong to a row of ER_PRS_F that is included".
"""

from collections.abc import Iterator

from .extract import Action, DatasetPlan, Plan, TablePlan
from .links import LinkPlan, SidePlan
from .project import Geography, Precision

_DATES = {
    Precision.DAY: "dates to the day",
    Precision.MONTH: "dates by month",
    Precision.YEAR: "dates by year",
    Precision.SHIFTED: "dates moved by up to 182 days, by the same number for all dates of a person",
}
_PLACES = {
    Geography.COMMUNE: "places down to the commune",
    Geography.DEPARTMENT: "places by department",
    Geography.REGION: "places by region",
    Geography.NONE: "no places",
}


def describe(plan: Plan) -> list[str]:
    """The plan as sentences: what is written, of whom, how exact; and what never is."""
    datasets = [line for dataset in plan.datasets for line in _dataset(dataset)]
    return [
        *datasets,
        *(line for link in plan.links for line in _link(link)),
        f"Persons appear under pseudonyms that only {plan.project} has; two projects' pseudonyms can't be joined.",
        "Identifiers of professionals and direct identifiers are never written.",
        "Persons who opted out are left out, and so are rows whose person is not known.",
    ]


def _dataset(plan: DatasetPlan) -> Iterator[str]:
    yield f"{plan.dataset}: {_DATES[plan.precision]}; {_PLACES[plan.geography]}."
    if plan.cohort is not None:
        yield f"{plan.dataset}: only persons with a row of {plan.cohort.table} where {plan.cohort.where}."
    for table in plan.tables.values():
        yield f"{plan.dataset}, {table.name}: {_columns(table)}; {'; '.join(_rows(table)) or 'all rows'}."


def _link(plan: LinkPlan) -> Iterator[str]:
    left, right = _side(plan.left), _side(plan.right)
    compared = ", ".join(f"{a} with {b}" if a != b else a for a, b in plan.compared)
    yield f"{plan.linkage}: links of {left} with {right}, each with its probability; {plan.title}. Why: {plan.reason}"
    yield (
        f"{plan.linkage}: found by the data manager outside the project by comparing {compared}; only links of which "
        "both records are in this extract are written, and of the columns compared only those granted above."
    )


def _side(side: SidePlan) -> str:
    names = ", ".join(f"{c.name} (as pseudonym)" if c.kind else c.name for c in side.columns)
    return f"{side.dataset}, {side.table}: {names}"


def _columns(table: TablePlan) -> str:
    names = ", ".join(
        f"{c.name} (as pseudonym)" if c.action in (Action.PERSON, Action.RECORD) else c.name for c in table.columns
    )
    return f"{len(table.columns)} column{'s' if len(table.columns) > 1 else ''}: {names}"


def _rows(table: TablePlan) -> Iterator[str]:
    window = table.window
    if window is not None and window.care is not None:
        yield f"rows of care from {window.first} to {window.last} (by {window.care})"
    if window is not None and window.flow is not None:
        yield f"that arrived from {window.first_flow:%Y-%m} to {window.last_flow:%Y-%m} (by {window.flow})"
    if table.where is not None:
        yield f"where {table.where}"
    if table.parent is not None:
        yield f"rows that belong to a row of {table.parent} that is included"
