"""Rows of persons in the tables of one file.

Decides how much form weighs. Worked example: a score of 4.5 for "rows are numbered, not named; 'age' is an attribute
of a person; categories repeat" is refused; 2 is a matter for the reviewers.
"""

from collections.abc import Iterator

from ecluse.checks.facts import Context, Facts
from ecluse.rules.finding import Finding, Severity

from .structure import Form, form

REFUSED = 3.0
DOUBTFUL = 2.0
_FIX = "Leave the rows out and show what you learned from them: counts, means, a model, each over enough persons."


def find(facts: Facts, context: Context) -> list[Finding]:
    """Findings on tables that show persons one per row, table by table."""
    del context
    return list(_by_form(facts))


def _by_form(facts: Facts) -> Iterator[Finding]:
    for position, table in enumerate(facts.tables):
        seen = form(table, facts, position)
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
