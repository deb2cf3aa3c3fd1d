"""Rows of persons in the tables of one file.

Decides how much form and index weigh. Worked example: a score of 4.5 for "rows are numbered, not named; 'age' is an
attribute of a person; categories repeat" is refused; 2 is a matter for the reviewers. A table of which 98 % of the
rows hold a tuple of the extract, and 40 % after shuffling, is refused whatever its form.
"""

from collections.abc import Iterator

from ecluse.checks.facts import Context, Facts
from ecluse.rules.finding import Finding, Severity

from . import alone, console
from .index import Score, load_index, score
from .printed import find as printed
from .structure import Form, form

REFUSED = 3.0
DOUBTFUL = 2.0
EXCESS, SURE_EXCESS = 0.1, 0.25
"""How far above chance the hit rate lies from which rows may be, and are, those of the extract."""
_FIX = "Leave the rows out and show what you learned from them: counts, means, a model, each over enough persons."


def find(facts: Facts, context: Context, forms: list[Form] | None = None) -> list[Finding]:
    """Findings on tables that show persons one per row, table by table. `forms` are theirs, where known already."""
    return [
        *_by_form(facts, forms or forms_of(facts)),
        *_by_index(facts, context),
        *printed(facts),
        *alone.find(facts),
        *console.find(facts),
    ]


def forms_of(facts: Facts) -> list[Form]:
    """The form of each table."""
    return [form(table, facts, position) for position, table in enumerate(facts.tables)]


def rows_of_persons(forms: list[Form]) -> frozenset[int]:
    """Positions of the tables that are refused as rows of persons for their form alone."""
    return frozenset(position for position, seen in enumerate(forms) if seen.score >= REFUSED)


def _by_form(facts: Facts, forms: list[Form]) -> Iterator[Finding]:
    for table, seen in zip(facts.tables, forms, strict=True):
        if seen.score >= DOUBTFUL:
            yield Finding(
                rule="row-dump",
                severity=Severity.REFUSE if seen.score >= REFUSED else Severity.REVIEW,
                where=table.where,
                message=_message(seen),
                fix=_FIX,
                place=table.place,
            )


def _message(seen: Form) -> str:
    verb = "shows" if seen.score >= REFUSED else "may show"
    return f"The table {verb} {seen.rows} persons, one per row: {'; '.join(seen.reasons[:6])}."[:2000]


def _by_index(facts: Facts, context: Context) -> Iterator[Finding]:
    if context.record_index is None or not facts.tables:
        return
    try:
        index = load_index(context.record_index)
    except (OSError, ValueError, KeyError) as broken:
        yield Finding(
            rule="record-index",
            severity=Severity.REVIEW,
            message=f"Rows could not be compared with the extract: its index cannot be read ({type(broken).__name__}).",
            fix="Ask the data manager to build the record index again.",
        )
        return
    for table in facts.tables:
        found = score(index, table)
        if found is not None and found.excess >= found.chance + EXCESS:
            sure = found.excess >= found.chance + SURE_EXCESS
            yield Finding(
                rule="extract-rows",
                severity=Severity.REFUSE if sure else Severity.REVIEW,
                where=table.where,
                message=_scores(found),
                fix=_FIX,
                place=table.place,
            )


def _scores(found: Score) -> str:
    return (
        f"{found.hits:.0%} of the {found.rows} rows hold values that occur together once in the project's extract, "
        f"{found.null:.0%} if each column is shuffled: these are rows of the extract."
    )
