"""Sums and amounts that one or two persons make up.

Decides where contributions are given. Worked example: 62 % of a ward's cost from its largest stay is refused: whoever
had the second largest knows the first within ten per cent. Costs by rank, 331,410 and 318,205, without a number of
persons beside them, are for the reviewers.

Sources: dominance of the two largest contributors as in ACRO; p-percent rule with p = 10.
"""

import math
import re
from collections.abc import Iterator

import numpy as np

from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules

from .grid import Grid
from .words import Measure, is_margin, plain

P_RATIO = 0.1
"""The rest of a sum must be worth at least this share of its largest contribution."""
_OF_HUNDRED = re.compile(r"%|\bpct\b|_pct\b|percent|pourcent")
_DOMINANCE = re.compile(
    r"(?:\b|_)top[_ -]?\d|dominan|largest|biggest|heaviest|costliest|most expensive|plus (?:gros|cher|couteu"
    r"|eleve)|contribut"
    r"|(?:\b|_)(?:premiere?s?|seconde?s?|2nd|1st|1er|2e|2eme|deuxieme|n°? ?[12]|principal|leader)(?:\b|_)"
)
_WHOLE = re.compile(r"(?:\b|_)(?:totale?s?|totaux|sum|somme)(?:\b|_)")
"""What contributions are compared with where no heading names an amount."""
_RANK = re.compile(r"rang|rank(?:ing)?|top|classement|position|#|no\.?|n°")
_OF_MANY = re.compile(r"\b(?:total\w*|sum|somme|mean|moy\w*|average|avg|median\w*|per|par|budget|depenses?)\b")
_CONTRIBUTOR = re.compile(
    r"(?:nom (?:de |du |de l'))?(?:pharmac(?:y|ie)s?|firms?|compan(?:y|ies)|entreprises?|laborato(?:ry|ries"
    r"|ires?)|suppliers?"
    r"|fournisseurs?|manufacturers?|fabricants?|prescribers?|prescripteurs?|payers?|providers?|prestataires?"
    r"|contributors?"
    r"|contributeurs?|practices?|cabinets?|surgeons?|physicians?|medecins?|insurers?|assureurs?|clini(?:c|que)s?"
    r"|etablissements?|hospitals?|hopita(?:l|ux))(?: names?)?"
)
"""Headings of those whose own amounts stand in the rows."""
_OF_ONE = re.compile(
    r"ghm|drg|ghs|diag\w*|main diagnosis|principal diagnosis|dp|dx|icd\w*|cim\w*|age|sexe?|gender|service|ward"
    r"|pathologie|los|duree\w*|length of stay|year|annee|mois|month|"
)
"""What is told of one stay beside its cost; a drug or a region beside it would be a sum of many."""
_LISTED, _EXACT = 3, 1000
"""Rows of a list by rank, and amounts from which a whole number shows more digits than anybody shares."""
_LARGEST = re.compile(
    r"top[_ -]?1\b|^(?:the )?(?:largest|biggest|plus gros(?:se)?|premiere?|dominan\w+|leader)\b|max_contribution"
)
_HALF = 1 / (2 + P_RATIO)
"""Share of the largest contributor from which the p-percent rule fails, however large the second one is."""


def find(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    """Findings on one table's sums and amounts."""
    yield from _dominance(grid, rules)
    yield from _ranked(grid)
    yield from _named(grid, rules)


def _dominance(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    """Sums that one or two contributors nearly make up, where their contributions are given."""
    named = {c: plain(text) for c, text in enumerate(grid.columns) if _DOMINANCE.search(plain(text))}
    if not named:
        return
    totals = [c for c, m in enumerate(grid.measures) if m is Measure.AMOUNT and c not in named]
    totals = totals or [c for c, text in enumerate(grid.columns) if _WHOLE.search(plain(text)) and c not in named]
    for row in range(len(grid.table.cells)):
        values = {c: grid.number[row, c] for c in named if np.isfinite(grid.number[row, c])}
        for column, value in values.items():
            percent = np.isfinite(grid.share[row, column]) or _OF_HUNDRED.search(named[column]) is not None
            share = value / 100 if value > 1 and percent else value
            relative = bool(re.search(r"share|part|%|pct|percent|ratio|dominan", named[column]))
            if relative and rules.dominance_share < share <= 1:
                yield _dominant(grid, row, column, f"{share:.0%} of the sum come from the largest contributors")
            elif relative and _HALF <= share <= 1 and _LARGEST.search(named[column]):
                yield _dominant(grid, row, column, f"{share:.0%} of the sum come from one contributor")
        total = max((grid.number[row, c] for c in totals if np.isfinite(grid.number[row, c])), default=math.nan)
        largest = sorted((v for v in values.values() if v > 1), reverse=True)[:2]
        if largest and np.isfinite(total) and total > 0 and sum(largest) <= total:
            top = sum(largest) / total
            rest = (total - sum(largest)) / largest[0]
            if (len(largest) > 1 and top >= rules.dominance_share) or rest < P_RATIO:
                column = next(iter(values))
                yield _dominant(grid, row, column, f"{top:.0%} of the sum come from {len(largest)} contributors")


def _ranked(grid: Grid) -> Iterator[Finding]:
    """Amounts in the order of their ranks, to the last digit, and nothing that says how many stand behind each."""
    ranks = [c for c, heading in enumerate(grid.columns) if _RANK.fullmatch(plain(heading))]
    rows = len(grid.table.cells)
    others = [c for c, m in enumerate(grid.measures) if c != ranks[0] and m is not Measure.AMOUNT] if ranks else []
    if not all(_OF_ONE.fullmatch(plain(grid.columns[c]).replace("_", " ")) for c in others):
        return
    if not ranks or rows < _LISTED or any(grid.sure) or list(grid.number[:, ranks[0]]) != list(range(1, rows + 1)):
        return
    for column, measure in enumerate(grid.measures):
        values = grid.number[:, column]
        exact = bool((values >= _EXACT).all()) and (np.diff(values) < 0).all()
        if measure is Measure.AMOUNT and exact and not _OF_MANY.search(plain(grid.columns[column]).replace("_", " ")):
            yield say(
                grid,
                0,
                column,
                "extreme",
                Severity.REVIEW,
                f"{grid.columns[column]!r} is given by rank, the largest first, and no column says of how many "
                "persons: each may be one person's own.",
                "Give the number of persons behind each amount, or classes of amounts.",
            )


def _named(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    """Amounts of contributors by name, of which one or two make up nearly the sum, and no number of persons."""
    stub = next((c for c in grid.dimensions if _CONTRIBUTOR.fullmatch(plain(grid.columns[c]).replace("_", " "))), None)
    if stub is None or any(grid.sure) or len(grid.labels) < _LISTED:
        return
    rows = [row for row in range(len(grid.labels)) if not any(map(is_margin, grid.labels[row]))]
    for column in (c for c, m in enumerate(grid.measures) if m is Measure.AMOUNT and c not in grid.dimensions):
        amounts = sorted((float(v) for row in rows if (v := grid.number[row, column]) > 0), reverse=True)
        if len(amounts) < _LISTED or amounts[0] < _EXACT:
            continue
        total = sum(amounts)
        if sum(amounts[:2]) / total > rules.dominance_share or (total - sum(amounts[:2])) / amounts[0] < P_RATIO:
            row = next(r for r in rows if grid.number[r, column] == amounts[0])
            yield _dominant(grid, row, column, f"{amounts[0] / total:.0%} of the sum come from one contributor")


def _dominant(grid: Grid, row: int, column: int, what: str) -> Finding:
    return say(
        grid,
        row,
        column,
        "dominance",
        Severity.REFUSE,
        f"{grid.label(row)!r}: {what}, so each can be estimated closely, by the other one best of all.",
        "Merge the row with another, or leave the sum out.",
    )


def say(grid: Grid, row: int, column: int, rule: str, severity: Severity, message: str, fix: str) -> Finding:
    """A finding at a cell."""
    return Finding(
        rule=rule,
        severity=severity,
        where=grid.where(row, column),
        message=message,
        fix=fix,
        place=grid.place(row, column),
    )
