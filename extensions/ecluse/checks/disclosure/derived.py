"""Counts that other figures of the same row, or of the row above, give back.

Decides where a small number of persons can be worked out though it stands nowhere. Worked example: 86 of 88 survived,
so 2 died; a mean of 0.0133 of a 0/1 variable over 150 persons is 2 of them; a sum of 48,000 beside a mean of 16,000 is
one of 3 persons; 133 cumulative cases after 135 are 2 in that week; a mean whose standard deviation is missing is the
value of one person.
"""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ecluse.checks.facts import Compound, Interval, Text, Value
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules

from .reading import Grid, group_sizes
from .shares import column_percents
from .words import Measure, heading_n, is_margin, plain

Floats = NDArray[np.float64]
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
    r"includ|inclus|enrol|randomi|analys|complet|follow|suivi|total|eligible|assessed|observ|valid|non.?missing|treated|traite"
    r"|at risk|tested|teste|linked|apparie|sample|echantillon"
)
_INDEX = re.compile(r"\b(?:hhi|herfindahl\w*|gini|concentration)\b")
_UNITS = re.compile(
    r"\b(?:n|nb|nombre|number|no)\b.*\b(?:etablissements?|hospitals?|hopitaux|centres?|centers?|firms?|units?|contributors?"
    r"|entreprises?|laboratoires?|sites?)\b|^(?:etablissements|hospitals|hopitaux|contributors|firms)$"
)
_CUMULATIVE = re.compile(r"cumul|\bcum\b|\bcum[._]|running total")
_EVENT = re.compile(
    r"0/1|yes/no|oui/non|\b(?:deaths?|died|dead|deces|decede|mortality|events?|evenement|flag|binary|indicator"
    r"|proportion)\b"
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
        _row_shares,
        _concentrated,
        _means_of_flags,
        _sums_over_means,
        _missing_spread,
        _steps,
    ):
        yield from list(rule(grid, rules.minimum_count))[:3]


def _say(grid: Grid, row: int, column: int, rule: str, message: str, fix: str) -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.REVIEW,
        where=grid.where(row, column),
        message=message,
        fix=fix,
        place=grid.place(row, column),
    )


_ROUND = "Round the figures to a common base, merge the row with another, or leave one of the two figures out."


_RANGE = re.compile(r"min(?:imum)?\.? ?[-–—/;,aà] ?max|\brange\b|etendue|\bextremes?\b")


def _ranges(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Cells such as `64 [19–101]` where a heading, a label or another cell says "min–max"."""
    del minimum
    texts = [
        *grid.columns,
        *grid.table.columns,
        *(c.text for row in grid.table.cells for c in row if isinstance(c, Text)),
    ]
    if not any(_RANGE.search(plain(text)) for text in texts):
        return
    for row, cells in enumerate(grid.table.cells):
        said = [*grid.labels[row], *(c.text for c in cells if isinstance(c, Text))]
        for column, cell in enumerate(cells):
            named = any(_RANGE.search(plain(text)) for text in (*said, grid.columns[column]))
            if named and isinstance(cell, Compound | Interval) and column not in grid.dimensions:
                message = f"{cell.text[:60]!r} gives the smallest and the largest value: each is one person's own."
                yield _say(grid, row, column, "extreme", message, "Give quartiles instead.")


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
                yield _say(grid, row, column, "percent-of-few", message, _ROUND)


def _headed_bases(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Percentages that only their row's label calls so, below a heading with the group's size: `Women (N = 812)`."""
    for column, size in group_sizes(grid).items():
        for row in np.flatnonzero(np.isfinite(grid.number[:, column]) & ~grid.is_count[:, column]):
            value = float(grid.number[row, column])
            if grid.row_measures[row] is not Measure.PERCENT or np.isfinite(grid.share[row, column]) or value > 100:  # noqa: PLR2004
                continue
            people, slack = value * size / 100, 0.5 * 10.0 ** -float(grid.decimals[row, column]) * size / 100
            few = min(people, size - people)
            if few + slack >= 1 and few + slack < minimum and few - slack > 0:
                message = f"{value:g} % of {size} persons tell {few:.0f} of them."
                yield _say(grid, int(row), column, "percent-of-few", message, _ROUND)


def _fractions(grid: Grid, minimum: int) -> Iterator[Finding]:
    """`86/88` in one cell."""
    for row, cells in enumerate(grid.table.cells):
        for column, cell in enumerate(cells):
            if not isinstance(cell, Compound) or "/" not in cell.text:
                continue
            found = re.match(r"\s*(\d[\d \xa0]*)\s*/\s*(\d[\d \xa0]*)(?![\d.,])", cell.text)
            if found is None:
                continue
            part, whole = (int(re.sub(r"\D", "", g)) for g in found.groups())
            if 1 <= whole - part < minimum <= part:
                message = f"{cell.text[:60]!r} leaves {whole - part} persons who are in the group and not in the part."
                yield _say(grid, row, column, "complement", message, _ROUND)


def _spaced(heading: str) -> str:
    return plain(heading).replace("_", " ")


def _full(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Small groups of which everybody has what another column counts: whoever is known to be one of them has it."""
    shown = grid.is_count & ~grid.hidden
    for whole in (c for c in grid.counts if _GROUP.match(_spaced(grid.columns[c]))):
        for part in (c for c in grid.counts if c > whole and not _SAME.search(_spaced(grid.columns[c]))):
            both = shown[:, whole] & shown[:, part]
            rest = grid.low[:, whole] - grid.low[:, part]
            if both.sum() < 2 or (rest[both] < 0).any() or not (rest[both] > 0).any():  # noqa: PLR2004
                continue
            for row in np.flatnonzero(both & (rest == 0) & (grid.low[:, whole] < 5 * minimum)):
                everybody = f"All {int(grid.low[row, whole])} of {grid.label(int(row))!r}"
                message = f"{everybody} are counted under {grid.columns[part]!r}: of each of them it is known."
                yield _say(grid, int(row), part, "whole-group", message, "Merge the row with another.")


def _row_shares(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Unnamed shares that add up to 1 across a row, beside the row's size: 0.004 of 500 persons are two."""
    base = _bases(grid)
    columns = [
        c
        for c, m in enumerate(grid.measures)
        if m in (Measure.UNKNOWN, Measure.PERCENT) and c not in grid.dimensions and not grid.is_count[:, c].all()
    ]
    if base is None or len(columns) < 2:  # noqa: PLR2004 - one share has no other to add up with
        return
    part = grid.number[:, columns]
    slack = 0.5 * 10.0 ** -grid.decimals[:, columns].max(axis=1).astype(np.float64)
    whole = np.abs(part.sum(axis=1) - 1) <= slack * len(columns) + 1e-9
    for row in np.flatnonzero(whole & (part >= 0).all(axis=1) & np.isfinite(base)):
        for at, column in enumerate(columns):
            people = part[row, at] * base[row]
            if slack[row] * base[row] < 0.75 and 0.75 < people < minimum - 0.5:  # noqa: PLR2004 - within half a person
                message = f"{part[row, at]:g} of {int(base[row])} persons are {people:.0f}."
                yield _say(grid, int(row), column, "percent-of-few", message, _ROUND)


def _concentrated(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Indices of concentration over few contributors."""
    indices = [c for c, h in enumerate(grid.columns) if _INDEX.search(_spaced(h))]
    units = [c for c, h in enumerate(grid.columns) if _UNITS.search(_spaced(h))]
    for row in range(len(grid.labels)) if indices and len(units) == 1 else ():
        if 1 <= grid.number[row, units[0]] < minimum:
            message = f"{grid.columns[indices[0]]!r} rests on {int(grid.number[row, units[0]])} contributors."
            yield _say(grid, row, indices[0], "dominance", message, "Merge the row with another, or leave it out.")


def _rests(grid: Grid, minimum: int) -> Iterator[Finding]:
    """A column of wholes beside columns of parts: the rest of a row is small."""
    shown = grid.is_count & ~grid.hidden
    wholes = [c for c in grid.counts if _WHOLE.match(_spaced(grid.columns[c]))]
    parts = [c for c in grid.counts if c not in wholes]
    # Of an "all" the columns beside it are the parts together, which `recover` looks at.
    pairs = [
        (whole, part) for whole in wholes for part in parts if grid.sure[part] or not is_margin(grid.columns[whole])
    ]
    for part in grid.counts:
        left = [c for c in grid.counts if c < part and not _OF_THEM.match(_spaced(grid.columns[c]))]
        if left and _OF_THEM.match(_spaced(grid.columns[part])):
            pairs.append((left[-1], part))
    for whole, part in dict.fromkeys(pairs):
        both = shown[:, whole] & shown[:, part]
        rest = grid.low[:, whole] - grid.low[:, part]
        if both.sum() < 2 or (rest[both] < 0).any():  # noqa: PLR2004 - one row shows no order
            continue
        for row in np.flatnonzero(both & (rest >= 1) & (rest < minimum) & (grid.low[:, part] >= minimum)):
            names = f"{grid.columns[part]!r} is {int(grid.low[row, part])} of {int(grid.low[row, whole])}"
            message = f"{grid.label(int(row))!r}: {names}, which leaves {int(rest[row])} persons."
            yield _say(grid, int(row), part, "complement", message, _ROUND)


def _bases(grid: Grid) -> Floats | None:
    """The only column that surely counts persons, row by row."""
    certain = [c for c in grid.counts if grid.sure[c]]
    if len(certain) != 1:
        return None
    shown = grid.is_count[:, certain[0]] & ~grid.hidden[:, certain[0]]
    return np.where(shown, grid.low[:, certain[0]], np.nan)


def _means_of_flags(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Means of a 0/1 variable: times n they are whole numbers."""
    base = _bases(grid)
    if base is None:
        return
    for column, measure in enumerate(grid.measures):
        mean = grid.number[:, column]
        used = np.isfinite(mean) & np.isfinite(base) & (base > 0)
        if measure is not Measure.MEAN or not used.any() or (mean[used] < 0).any() or (mean[used] > 1).any():
            continue
        slack = 0.5 * 10.0 ** -grid.decimals[:, column].astype(np.float64)
        low, high = np.ceil((mean - slack) * base - 1e-9), np.floor((mean + slack) * base + 1e-9)
        telling = bool((2 * slack * base)[used].max() < 0.7) or _EVENT.search(plain(grid.columns[column]))  # noqa: PLR2004
        if not telling or (high[used] < low[used]).any():
            continue
        for row in np.flatnonzero(used & (mean > 0) & (high >= 1) & (high < minimum)):
            message = f"A mean of {mean[row]:g} over {int(base[row])} persons is {int(high[row])} of them."
            yield _say(grid, int(row), column, "percent-of-few", message, _ROUND)


def _sums_over_means(grid: Grid, minimum: int) -> Iterator[Finding]:
    """A sum divided by its mean is the number of persons."""
    sums = [c for c, m in enumerate(grid.measures) if m is Measure.AMOUNT and c not in grid.dimensions]
    means = [c for c, m in enumerate(grid.measures) if m is Measure.MEAN]
    for total in sums:
        for column in means:
            mean, whole = grid.number[:, column], grid.number[:, total]
            slack = 0.5 * 10.0 ** -grid.decimals[:, column].astype(np.float64)
            used = np.isfinite(mean) & np.isfinite(whole) & (mean > slack) & (whole >= mean)
            if used.sum() < 2:  # noqa: PLR2004 - one row fits by chance
                continue
            low, high = whole[used] / (mean + slack)[used], whole[used] / (mean - slack)[used]
            nearest = np.round(whole[used] / mean[used])
            if ((nearest < low - 0.01) | (nearest > high + 0.01)).any():
                continue
            # Either most rows divide into whole persons, or the counts that are shown say so.
            proven = np.median(high - low) <= 0.5 or _agree(grid, np.flatnonzero(used), low, high)  # noqa: PLR2004
            for row, people, width in zip(np.flatnonzero(used), nearest, high - low, strict=True):
                if proven and width <= 0.5 and 1 <= people < minimum:  # noqa: PLR2004
                    message = f"{grid.columns[total]!r} divided by {grid.columns[column]!r} is {int(people)} persons."
                    yield _say(grid, int(row), column, "small-count", message, _ROUND)


def _agree(grid: Grid, rows: NDArray[np.int_], low: Floats, high: Floats) -> bool:
    """Whether the shown counts of one sure column lie within what sums over means allow, at least two of them."""
    base = _bases(grid)
    if base is None:
        return False
    shown = np.isfinite(base[rows])
    inside = (base[rows][shown] >= low[shown] - 0.01) & (base[rows][shown] <= high[shown] + 0.01)
    return int(shown.sum()) > 1 and bool(inside.all())


def _missing_spread(grid: Grid, minimum: int) -> Iterator[Finding]:
    """A mean without a standard deviation, where other rows have one: n is 1."""
    del minimum
    means = [c for c, m in enumerate(grid.measures) if m is Measure.MEAN]
    for column, measure in enumerate(grid.measures):
        cells = grid.table.column(column)
        if measure is not Measure.SPREAD or not means or sum(isinstance(c, Value) for c in cells) * 2 < len(cells):
            continue
        for row, cell in enumerate(cells):
            blank = isinstance(cell, Text) and cell.blank
            if blank and any(np.isfinite(grid.number[row, m]) for m in means):
                message = f"{grid.name(row, column)!r} is missing, as it is for a group of one person."
                yield _say(grid, row, column, "small-count", message, "Leave the row out, or merge it with another.")


def _steps(grid: Grid, minimum: int) -> Iterator[Finding]:
    """Cumulative counts and percentages: the difference to the row above is a count."""
    base = _bases(grid)
    for column, heading in enumerate(grid.columns):
        number = grid.number[:, column]
        if not _CUMULATIVE.search(plain(heading)) or not np.isfinite(number).all() or len(number) < 2:  # noqa: PLR2004
            continue
        step = np.abs(np.diff(number))
        if grid.is_count[:, column].all():
            people, slack = step, np.zeros_like(step)
        elif base is not None and np.isfinite(base).all() and grid.measures[column] is not Measure.COUNT:
            top = 1.0 if number.max() <= 1 else 100.0
            people = step * base[1:] / top
            slack = 10.0 ** -grid.decimals[1:, column].astype(np.float64) * base[1:] / top
        else:
            continue
        for row in np.flatnonzero((people > slack / 2) & (people + slack < minimum)):
            message = f"{grid.name(int(row) + 1, column)!r} is {people[row]:.0f} persons away from the row before."
            yield _say(grid, int(row) + 1, column, "small-count", message, _ROUND)
