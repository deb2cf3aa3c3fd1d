"""All disclosure rules over all files of a request.

Decides nothing itself: it reads the tables once, asks each rule, and sorts the findings by file. Worked example: two
CSVs with one small count each give `{"a.csv": [Finding], "b.csv": [Finding]}`.
"""

from collections.abc import Iterator, Mapping

from ecluse.checks.facts import Context, Facts, Source
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules

from . import (
    asides,
    bands,
    beside,
    centiles,
    counts,
    curves,
    derived,
    difference,
    elsewhere,
    few,
    figures,
    fractions,
    gaps,
    groups,
    kin,
    known,
    labelled,
    own,
    pairs,
    phrases,
    prose,
    recover,
    remainder,
    rounding,
    shortened,
    stories,
    tested,
    turns,
)  # fmt: skip
from .grid import Grid
from .protect import protect
from .reading import read
from .rounded import rounded

SAID = frozenset({Source.PROSE, Source.OUTPUT, Source.PICTURE})
"""Passages that are sentences, and not words of a table or of a file."""
WORKED_OUT, WORKED_OUT_CELLS = 10, 300
"""Tables of a request, and counts of a table, for which a safe version is worked out."""
WORKED_OUT_SECONDS = 3.0
"""Longest search for one of them."""
ROUNDED_SECONDS = 1.0
"""Longest trial of rounded versions of one."""


def find(
    facts_by_file: Mapping[str, Facts],
    rules: OutputRules,
    context: Context,
    rows: Mapping[str, frozenset[int]] | None = None,
) -> dict[str, list[Finding]]:
    """Findings by path, in the order of the places. `rules.minimum_count` is the project's strictest.

    `rows` are the positions, by path, of tables that are refused as rows of persons already: what stands in their
    cells describes persons and counts nobody, so that nothing more is said of them.
    """
    rows = rows or {}
    grids = {path: _grids(path, facts, rules, rows.get(path, frozenset())) for path, facts in facts_by_file.items()}
    found: dict[str, list[Finding]] = {path: [] for path in facts_by_file}
    fixes = _Fixes(rules)
    for path, facts in facts_by_file.items():
        found[path] += _too_long(facts, rules)
        for grid in grids[path]:
            found[path] += _of_table(grid, rules, fixes)
        found[path] += prose.find(facts, rules)
        found[path] += labelled.find(facts, rules.minimum_count)
        found[path] += gaps.find(facts, rules.minimum_count)
        found[path] += centiles.find(facts, rules.minimum_count)
        found[path] += pairs.find(facts, rules.minimum_count)
        found[path] += beside.of_words(facts, grids[path], rules.minimum_count)
        found[path] += beside.of_fractions(facts, grids[path], rules.minimum_count)
        for passage in (p for p in facts.passages if p.source in SAID):
            found[path] += shortened.find(passage, rules.minimum_count)
            found[path] += few.find(passage, rules.minimum_count)
            found[path] += fractions.find(passage, rules.minimum_count)
            found[path] += phrases.find(passage, rules.minimum_count)
            found[path] += groups.find(passage, rules.minimum_count)
            found[path] += stories.find(passage, rules.minimum_count)
            found[path] += asides.find(passage, rules.minimum_count)
            found[path] += known.find(passage, rules.minimum_count)
            found[path] += kin.find(passage, rules.minimum_count)
            found[path] += own.find(passage, rules.minimum_count)
            found[path] += turns.find(passage, rules.minimum_count)
            found[path] += tested.find(passage, rules.minimum_count, rules.minimum_dof)
        for earlier in context.released:
            found[path] += prose.released(facts, earlier.facts, rules.minimum_count)
        found[path] += curves.of_plots(facts, rules)
    together = [grid for path in facts_by_file for grid in grids[path]]
    before: list[Grid] = []
    for file in context.released:
        before += _grids(file.path, file.facts, rules, request=file.request or "an earlier request")
    together += before
    numbers = [(path, number) for path, facts in facts_by_file.items() for number in facts.numbers]
    numbers += [(file.path, number) for file in context.released for number in file.facts.numbers]
    for path, finding in recover.findings(together, rules.minimum_count, fixes.of, numbers):
        found[path].append(finding)
    for rule in (difference, bands, remainder):
        for path, finding in rule.find(together, rules.minimum_count):
            found[path].append(finding)
    for path, finding in elsewhere.find({**grids, "": before}, facts_by_file, rules.minimum_count):
        found[path].append(finding)
    return found


def _grids(
    path: str, facts: Facts, rules: OutputRules, rows: frozenset[int] = frozenset(), request: str = ""
) -> list[Grid]:
    """The tables to judge, each once: a notebook's output holds its table as HTML and as text."""
    found: list[Grid] = []
    bases = rounding.declared(p.text for p in facts.passages if p.source is not Source.CODE)
    seen: set[tuple[object, ...]] = set()
    for position, table in enumerate(facts.tables):
        if len(table.cells) > rules.max_rows or position in rows:
            continue
        key = (table.where, table.columns, table.stub, tuple(c.text for row in table.cells for c in row))
        if key not in seen:
            seen.add(key)
            found.append(read(table, path, request, bases))
    return found


def _of_table(grid: Grid, rules: OutputRules, fixes: "_Fixes") -> Iterator[Finding]:
    yield from counts.find(grid, rules.minimum_count, fixes.of)
    yield from figures.find(grid, rules)
    yield from derived.find(grid, rules)
    yield from curves.of_table(grid, rules)


class _Fixes:
    """What would mend each table: a safe version where one is found, the general rule otherwise.

    Only the first tables of a request are worked out, so that a request full of leaks is refused as fast as others.
    """

    def __init__(self, rules: OutputRules) -> None:
        self._rules = rules
        self._known: dict[int, str] = {}

    def of(self, grid: Grid) -> str:
        """The fix for a table, worked out once."""
        if id(grid) not in self._known:
            self._known[id(grid)] = self._safe_version(grid) or self._general()
        return self._known[id(grid)]

    def _safe_version(self, grid: Grid) -> str:
        if len(self._known) >= WORKED_OUT or grid.is_count.sum() > WORKED_OUT_CELLS:
            return ""
        bases = frozenset({grid.base}) - {1}
        found = protect(grid.table, self._rules.minimum_count, bases, seconds=WORKED_OUT_SECONDS)
        if found is None:
            return ""
        least = self._rules.minimum_count
        other = rounded(grid.table, least, found.loss(grid), ROUNDED_SECONDS) if found.others else None
        return f"{found.sentence(grid, least)} {other.sentence(least) if other else ''}".strip()[:2000]

    def _general(self) -> str:
        minimum = self._rules.minimum_count
        return (
            f"Show counts of 1 to {minimum - 1} as '<{minimum}', and mask a second cell of the same row and column, or "
            "the total, so that subtraction gives nothing back; or merge categories."
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
