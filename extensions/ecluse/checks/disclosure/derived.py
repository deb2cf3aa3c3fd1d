"""Counts that other figures of the same row, or of the row above, give back.

Decides where a small number of persons can be worked out though it stands nowhere. Worked example: 86 of 88 survived,
so 2 died; 0.4 % below a heading `Women (N = 812)` are 3 of them. What means, sums and steps give
is in `quotients`, what other figures do in `implied` and `singles`.
"""

import itertools
import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ecluse.checks.facts import Compound, Interval, Text
from ecluse.rules.finding import Finding
from ecluse.rules.policy import OutputRules

from . import implied, quotients, singles, spreads
from .grid import Grid, group_sizes
from .quotients import ROUND, bases, doubtful
from .shares import column_percents
from .words import Measure, heading_n, is_margin, plain

Floats = NDArray[np.float64]
_AT_LEAST = re.compile(r"(?:at least (?:one|1)|(?:>=|≥) ?1|1 ?\+|au moins (?:une?|1)|any) ([a-z]{3,}?)s?\b")
LEAST_PROVEN = 4
"""Rows in which a percentage must be that of one count in another for it to prove that one is part of the other."""
FITTING = 0.9
"""Share of the rows that must fit: one may hold a slip."""
LEAST_ROWS = 2
"""Rows that show which column is the whole and which the part; one row shows no order."""
_WHOLE = re.compile(
    r"^(?:n|n total|total n|total|all|included|inclus|inclus\(?es\)?|patients|population|effectif"
    r"|effectif total|ensemble"
    r"|tested|testes|screened|depistes|exposed|exposes|invited|invites|vaccinated|vaccines|discharges|sorties"
    r"|n patients|nb patients|admissions|admitted|admis|enrolled|randomi[sz]ed|treated|traites|eligible|assessed)$"
)
_OF_THEM = re.compile(r"^(?:dont|of which|of whom|of these|including|incl\.?|parmi lesquels)\b")
_GROUP = re.compile(
    rf"{_WHOLE.pattern[:-1]}|^(?:residents?|total residents|membres|members|eleves|pupils|tested|testes)$"
)
_SAME = re.compile(
    r"includ|inclus|enrol|randomi|analys|complet|follow|suivi|total|eligible|assessed|observ|valid"
    r"|non.?missing|treated|traite"
    r"|at risk|tested|teste|linked|apparie|sample|echantillon"
)
_ANSWERED = re.compile(
    r"\b(?:responses?|reponses?|respon[ds]\w*|repon\w*|coverage|couverture|participation|quality|qualite|data)\b"
)
_SPARED = re.compile(r"\b(?:surviv\w*|survie|alive|vivants?|free|cured|gueri\w*|recover\w*|discharged)\b")
"""None of them: everybody died, or has it."""
_INDEX = re.compile(r"\b(?:hhi|herfindahl\w*|gini|concentration)\b")
_UNITS = re.compile(
    r"\b(?:n|nb|nombre|number|no)\b.*\b(?:etablissements?|hospitals?|hopitaux|centres?|centers?|firms?|units?"
    r"|contributors?"
    r"|entreprises?|laboratoires?|sites?)\b|^(?:etablissements|hospitals|hopitaux|contributors|firms)$"
)


def find(grid: Grid, rules: OutputRules) -> Iterator[Finding]:
    """Findings on one table, the first of each kind."""
    for rule in (
        _ranges,
        _labelled_bases,
        _headed_bases,
        _fractions,
        _rests,
        _full,
        _full_shares,
        _row_shares,
        _concentrated,
    ):
        yield from list(rule(grid, rules.minimum_count))[:3]
    yield from quotients.find(grid, rules.minimum_count)
    yield from implied.find(grid, rules.minimum_count)
    yield from singles.find(grid, rules.minimum_count)
    yield from spreads.find(grid, rules.minimum_count)


_RANGE = re.compile(r"min(?:imum)?\.? ?[-–—/;,aà] ?max|\brange\b|etendue|\bextremes?\b")


def _ranges(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Cells such as `64 [19–101]` where a heading, a label or another cell says "min–max"."""
    del minimum
    texts = [
        *grid.columns,
        *grid.table.columns,
        *(grid.table.cells[row][column].text for row, column in np.argwhere(~grid.exact)),
    ]
    if not any(_RANGE.search(plain(text)) for text in texts):
        return
    for row, cells in enumerate(grid.table.cells):
        said = [*grid.labels[row], *(c.text for c in cells if isinstance(c, Text))]
        for column, cell in enumerate(cells):
            named = any(_RANGE.search(plain(text)) for text in (*said, grid.columns[column]))
            if named and isinstance(cell, Compound | Interval) and column not in grid.dimensions:
                message = f"{cell.text[:60]!r} gives the smallest and the largest value: each is one person's own."
                yield doubtful(grid, row, column, "extreme", message, "Give quartiles instead.")


def _labelled_bases(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Percentages in rows whose label gives the group's size: `Cas (N = 60)`."""
    sizes = [heading_n(grid.label(row)) for row in range(len(grid.labels))]
    for column in range(len(grid.columns)):
        percents = column_percents(grid, column) if column not in grid.dimensions else None
        for row, size in enumerate(sizes if percents else ()):
            if percents is None or not size or not np.isfinite(percents.value[row]):
                continue
            people, slack = percents.value[row] * size / 100, percents.slack[row] * size / 100
            few = min(people, size - people)
            if few + slack >= 1 and few + slack < minimum and few - slack > 0:
                message = f"{percents.value[row]:g} % of {size} persons tell {few:.0f} of them."
                yield doubtful(grid, row, column, "percent-of-few", message, ROUND)


def _headed_bases(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Percentages that only their row's label calls so, below a heading with the group's size: `Women (N = 812)`."""
    for column, size in group_sizes(grid).items():
        for row in np.flatnonzero(np.isfinite(grid.number[:, column]) & ~grid.is_count[:, column]):
            value = float(grid.number[row, column])
            if grid.row_measures[row] is not Measure.PERCENT or np.isfinite(grid.share[row, column]) or value > 100:
                continue
            people, slack = value * size / 100, 0.5 * 10.0 ** -float(grid.decimals[row, column]) * size / 100
            few = min(people, size - people)
            if few + slack >= 1 and few + slack < minimum and few - slack > 0:
                message = f"{value:g} % of {size} persons tell {few:.0f} of them."
                yield doubtful(grid, int(row), column, "percent-of-few", message, ROUND)


def _fractions(grid: Grid, minimum: int) -> Iterator[Finding]:
    """`86/88` in one cell."""
    for row, column in np.argwhere(~grid.exact).tolist():
        cell = grid.table.cells[row][column]
        if not isinstance(cell, Compound) or "/" not in cell.text:
            continue
        found = re.match(r"\s*(\d[\d \xa0]*)\s*/\s*(\d[\d \xa0]*)(?![\d.,])", cell.text)
        if found is None:
            continue
        part, whole = (int(re.sub(r"\D", "", g)) for g in found.groups())
        if 1 <= whole - part < minimum <= part:
            message = f"{cell.text[:60]!r} leaves {whole - part} persons who are in the group and not in the part."
            yield doubtful(grid, row, column, "complement", message, ROUND)


def _spaced(heading: str) -> str:
    return plain(heading).replace("_", " ")


def _full(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Small groups of which everybody has what another column counts: whoever is known to be one of them has it."""
    shown = grid.is_count & ~grid.hidden
    for whole in (c for c in grid.counts if _GROUP.match(_spaced(grid.columns[c]))):
        for part in (c for c in grid.counts if c > whole and not _SAME.search(_spaced(grid.columns[c]))):
            both = shown[:, whole] & shown[:, part]
            rest = grid.low[:, whole] - grid.low[:, part]
            if both.sum() < LEAST_ROWS or (rest[both] < 0).any() or not (rest[both] > 0).any():
                continue
            for row in np.flatnonzero(both & (rest == 0) & (grid.low[:, whole] < 5 * minimum)):
                everybody = f"All {int(grid.low[row, whole])} of {grid.label(int(row))!r}"
                message = f"{everybody} are counted under {grid.columns[part]!r}: of each of them it is known."
                yield doubtful(grid, int(row), part, "whole-group", message, "Merge the row with another.")


def _full_shares(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Groups that are named and of which all have what a percentage is of, or none is spared."""
    base = bases(grid)
    sizes = group_sizes(grid)
    for column, heading in enumerate(grid.columns):
        size = np.full(len(grid.labels), float(sizes[column])) if column in sizes else base
        percents = column_percents(grid, column) if column not in grid.dimensions and size is not None else None
        named = _spaced(heading)
        if percents is None or size is None or _SAME.search(named) or _ANSWERED.search(named):
            continue
        none = _SPARED.search(named) is not None
        all_of = (percents.value == 100) | (none & (percents.value == 0))
        others = np.isfinite(percents.value) & ~all_of
        for row in np.flatnonzero(all_of & (size >= minimum) & (size < 5 * minimum)) if others.any() else ():
            message = (
                f"{percents.value[row]:g} % of the {int(size[row])} of {grid.label(int(row))!r}: of each it is known."
            )
            yield doubtful(grid, int(row), column, "whole-group", message, "Merge the row with another.")


def _row_shares(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Unnamed shares that add up to 1 across a row, beside the row's size: 0.004 of 500 persons are two."""
    base = bases(grid)
    columns = [
        c
        for c, m in enumerate(grid.measures)
        if m in (Measure.UNKNOWN, Measure.PERCENT) and c not in grid.dimensions and not grid.is_count[:, c].all()
    ]
    if base is None or len(columns) < 2:  # one share has no other to add up with
        return
    part = grid.number[:, columns]
    slack = 0.5 * 10.0 ** -grid.decimals[:, columns].max(axis=1).astype(np.float64)
    whole = np.abs(part.sum(axis=1) - 1) <= slack * len(columns) + 1e-9
    for row in np.flatnonzero(whole & (part >= 0).all(axis=1) & np.isfinite(base)):
        for at, column in enumerate(columns):
            people = part[row, at] * base[row]
            if slack[row] * base[row] < 0.75 and 0.75 < people < minimum - 0.5:  # within half a person
                message = f"{part[row, at]:g} of {int(base[row])} persons are {people:.0f}."
                yield doubtful(grid, int(row), column, "percent-of-few", message, ROUND)


def _concentrated(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Indices of concentration over few contributors."""
    indices = [c for c, h in enumerate(grid.columns) if _INDEX.search(_spaced(h))]
    units = [c for c, h in enumerate(grid.columns) if _UNITS.search(_spaced(h))]
    for row in range(len(grid.labels)) if indices and len(units) == 1 else ():
        if 1 <= grid.number[row, units[0]] < minimum:
            message = f"{grid.columns[indices[0]]!r} rests on {int(grid.number[row, units[0]])} contributors."
            yield doubtful(grid, row, indices[0], "dominance", message, "Merge the row with another, or leave it out.")


def _wider(headings: dict[int, str]) -> Iterator[tuple[int, int]]:
    """Columns where one heading says `at least one dose` and the other speaks of doses as well."""
    for whole, heading in headings.items():
        if found := _AT_LEAST.match(heading):
            of_it = re.compile(rf"\b{re.escape(found[1])}")
            yield from ((whole, part) for part, other in headings.items() if part != whole and of_it.search(other))


def _proven(grid: Grid, shown: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Columns of wholes and of their parts, whatever they are called: a third column gives each part in percent."""
    percents = [c for c in range(len(grid.columns)) if c not in grid.dimensions and not grid.is_count[:, c].any()]
    for percent in percents:
        value, slack = grid.number[:, percent], 0.5 * 10.0 ** -grid.decimals[:, percent].astype(np.float64) + 1e-9
        for whole, part in itertools.permutations(grid.counts, 2):
            rows = shown[:, whole] & shown[:, part] & (grid.low[:, whole] > 0)
            if rows.sum() >= LEAST_PROVEN and np.isfinite(value[rows]).all():
                share = 100 * grid.low[rows, part] / grid.low[rows, whole]
                fits = np.abs(share - value[rows]) <= slack[rows]
                if fits.mean() >= FITTING and len(np.unique(share[fits])) >= LEAST_PROVEN:
                    yield whole, part


def _rests(grid: Grid, minimum: int) -> Iterator[Finding]:
    """A column of wholes beside columns of parts: the rest of a row is small."""
    shown = grid.is_count & ~grid.hidden
    headings = {c: _spaced(grid.columns[c]) for c in grid.counts}
    wholes = [c for c, heading in headings.items() if _WHOLE.match(heading)]
    parts = [c for c in headings if c not in wholes]
    # Of an "all" the columns beside it are the parts together, which `recover` looks at.
    pairs = [
        (whole, part) for whole in wholes for part in parts if grid.sure[part] or not is_margin(grid.columns[whole])
    ]
    rest_of = [c for c, heading in headings.items() if _OF_THEM.match(heading)]
    for part in rest_of:
        left = [c for c in headings if c < part and c not in rest_of]
        pairs += [(whole, part) for whole in left[-1:]]
    pairs += _wider(headings)
    for whole, part in dict.fromkeys((*pairs, *_proven(grid, shown))):
        both = shown[:, whole] & shown[:, part]
        rest = grid.low[:, whole] - grid.low[:, part]
        if both.sum() < LEAST_ROWS or (rest[both] < 0).any():
            continue
        for row in np.flatnonzero(both & (rest >= 1) & (rest < minimum) & (grid.low[:, part] >= minimum)):
            names = f"{grid.columns[part]!r} is {int(grid.low[row, part])} of {int(grid.low[row, whole])}"
            message = f"{grid.label(int(row))!r}: {names}, which leaves {int(rest[row])} persons."
            yield doubtful(grid, int(row), part, "complement", message, ROUND)
