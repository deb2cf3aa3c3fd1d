"""All disclosure rules over all files of a request.

Decides nothing itself: it reads the tables once, asks each rule, and sorts the findings by file. Worked example: two
CSVs with one small count each give `{"a.csv": [Finding], "b.csv": [Finding]}`.
"""

from collections.abc import Iterator, Mapping

from ecluse.checks.facts import Context, Facts
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules

from . import counts, curves, difference, figures, prose, recover
from .reading import Grid, read


def find(facts_by_file: Mapping[str, Facts], rules: OutputRules, context: Context) -> dict[str, list[Finding]]:
    """Findings by path, in the order of the places. `rules.minimum_count` is the project's strictest."""
    grids = {path: _grids(path, facts, rules) for path, facts in facts_by_file.items()}
    found: dict[str, list[Finding]] = {path: [] for path in facts_by_file}
    for path, facts in facts_by_file.items():
        found[path] += _too_long(facts, rules)
        for grid in grids[path]:
            found[path] += _of_table(grid, rules)
        found[path] += prose.find(facts, rules)
        found[path] += curves.of_plots(facts, rules)
    together = [grid for path in facts_by_file for grid in grids[path]]
    for file in context.released:
        together += _grids(file.path, file.facts, rules, file.request or "an earlier request")
    fixes = {number: _fix(rules) for number in range(len(together))}
    for path, finding in recover.findings(together, rules.minimum_count, fixes):
        found[path].append(finding)
    for path, finding in difference.find(together, rules.minimum_count):
        found[path].append(finding)
    return found


def _grids(path: str, facts: Facts, rules: OutputRules, request: str = "") -> list[Grid]:
    return [read(table, path, request) for table in facts.tables if len(table.cells) <= rules.max_rows]


def _of_table(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    yield from counts.find(grid, rules.minimum_count, _fix(rules))
    yield from figures.find(grid, rules)
    yield from curves.of_table(grid, rules)


def _fix(rules: OutputRules) -> str:
    return (
        f"Show counts of 1 to {rules.minimum_count - 1} as '<{rules.minimum_count}', and mask a second cell of the "
        "same row and column, or the total, so that subtraction gives nothing back; or merge categories."
    )


def _too_long(facts: Facts, rules: OutputRules) -> Iterator[Finding]:
    for table in facts.tables:
        if len(table.cells) > rules.max_rows:
            yield Finding(
                rule="too-many-rows",
                severity=Severity.REFUSE,
                where=table.where,
                message=f"A table of {len(table.cells):,} rows; at most {rules.max_rows:,} are looked at.",
                fix="Aggregate the table, or ask for its parts that you need.",
                place=table.place,
            )
