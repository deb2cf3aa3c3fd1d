"""What tables tell together with a number that stands elsewhere: a base in words, the total of another table.

Decides when two places, each safe alone, give a small count. Worked example: "base: 402 patients" above a table where
0.5 % were transferred tells two persons, be it in the same file or, where that names no group, in another one of the
request; a table by sex that adds up to 1,204 beside one by age with 1,201 tells three whose age is missing; 1,204
patients in a file and 1,201 patients without insulin in the next tell three.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ecluse.checks.facts import Facts, TextNumber, Value
from ecluse.rules.finding import Finding, Place, Severity

from .figures import numerators
from .grid import Grid, group_sizes, margin_rows
from .prose import is_group_size
from .shares import column_percents
from .words import plain

MOST_BASES = 3
"""Sizes of groups in a file beyond which none of them is taken for the base of a table."""
MOST_TABLES = 24
MOST_SAID = 8
"""Sizes of groups in the words of a request beyond which some are near a total by chance."""
_OTHERS = re.compile(r"\b(?:other|autres?|control|temoins?|released|earlier|previous|preceden\w*)")
_EVERYBODY = re.compile(
    r"\b(?:au total|in total|in all|en tout|altogether|overall|totale?|inclu\w+|enrol\w+|analy[sz]\w+|registered)\b"
)
NEAR = 0.015
"""Share of a total within which another one is that of the same persons."""
_LEAST_ROWS = 2
_ALL = re.compile(
    r"(?:n|nb|nombre|number|of|de|total|all|patients?|effectifs?|counts?|persons|personnes|people|population"
    r"|ensemble|overall|everybody|everyone|deux|les|sexes|both"
    r"|participants|sujets|randomi[sz]ed|randomises|tous|toutes|ages?|included|inclus|eligible|eligibles"
    r"|enrolled|assessed|screened|sujets|subjects|individuals|cohorte?)"
)
"""Words of a heading that counts all, of whom another heading of the same rows counts some."""


def find(grids: Mapping[str, list[Grid]], facts: Mapping[str, Facts], minimum: int) -> Iterator[tuple[str, Finding]]:
    """Findings with the path that each is about. Grids with a `request` are earlier releases."""
    sizes = {path: set(_sizes(part, minimum)) for path, part in facts.items()}
    everywhere = set().union(*sizes.values())
    for path, mine in grids.items():
        if path in facts:
            bases = sorted(sizes[path] or everywhere)
            for grid in mine if 0 < len(bases) <= MOST_BASES else ():
                yield from ((path, f) for f in _shares(grid, bases, minimum))
    together = [g for part in grids.values() for g in part]
    totals = [t for g in together if (t := _total(g)) is not None][-MOST_TABLES:]
    for path, mine in grids.items():
        for grid in mine if path in facts else ():
            yield from ((path, f) for f in _joined(grid, totals, minimum))
    for one, two in itertools.combinations(totals, 2):
        yield from _pair(one, two, minimum)
    yield from _in_words(totals, facts, minimum)


def _in_words(totals: list["_Total"], facts: Mapping[str, Facts], minimum: int) -> Iterator[tuple[str, Finding]]:
    """Tables of this request and of earlier ones beside the sizes of groups in words."""
    by_path = {
        path: [n for n in part.numbers if isinstance(n.value, Value) and is_group_size(n)]
        for path, part in facts.items()
    }
    said = [n for mine in by_path.values() for n in mine]
    if len({n.number for n in said}) > MOST_SAID:
        return
    for total in totals:
        for number in said:
            yield from _beside(total, number, minimum)
        for path, mine in by_path.items():
            yield from ((path, f) for n in mine for f in _since(total, n, minimum))


def _beside(total: "_Total", number: TextNumber, minimum: int) -> Iterator[tuple[str, Finding]]:
    """A size of the whole group in words, which a table's counts do not quite add up to: `806 patients` above 800."""
    gap = abs(int(number.number) - total.sum)
    several = total.sure and len(total.cells) >= _LEAST_ROWS and not total.grid.request
    if several and 1 <= gap < minimum and gap <= NEAR * total.sum and not _OTHERS.search(plain(number.context)):
        said = " ".join(f"{number.before[-30:]}{number.value.text}{number.after[:30]}".split())
        where, place = total.grid.where(0, total.column), total.grid.place(0, total.column)
        message = f"The counts add up to {total.sum}, and words say {said!r}: {gap} persons lack what tells them apart."
        yield total.grid.path, _remainder(where, place, message)


def _since(total: "_Total", number: TextNumber, minimum: int) -> Iterator[Finding]:
    """A size of all in words, beside a table that was released and adds up to a few fewer or more."""
    gap = abs(int(number.number) - total.sum)
    several = bool(total.grid.request) and total.sure and len(total.cells) >= _LEAST_ROWS
    everybody = _EVERYBODY.search(plain(f"{number.before} | {number.after}"))
    if several and everybody and 1 <= gap < minimum and gap <= NEAR * total.sum:
        said = " ".join(f"{number.before[-30:]}{number.value.text}{number.after[:30]}".split())
        message = (
            f"Words say {said!r}, and the counts of {total.grid.path!r}, released in {total.grid.request!r}, add up to "
            f"{total.sum}: the difference singles out {gap} persons."
        )
        yield Finding(
            rule="differencing",
            severity=Severity.REVIEW,
            where=number.where,
            message=message,
            fix="Keep the earlier figure, or round both to a common base.",
            place=number.place,
        )


def _sizes(facts: Facts, minimum: int) -> Iterator[int]:
    for number in facts.numbers:
        if isinstance(number.value, Value) and is_group_size(number) and number.number >= 2 * minimum:
            yield int(number.number)


def _shares(grid: Grid, bases: list[int], minimum: int) -> Iterator[Finding]:
    """Percentages of a table without any base of its own."""
    if any(grid.sure[c] for c in grid.counts) or group_sizes(grid):
        return
    for column in range(len(grid.columns)):
        percents = column_percents(grid, column) if column not in grid.dimensions else None
        if percents is None or grid.is_count[:, column].any():
            continue
        usable = np.isfinite(percents.value) & (percents.value > 0)
        for base in bases:
            fine = usable.sum() >= _LEAST_ROWS and float((percents.slack[usable] * base / 100).max()) < 0.5
            found = list(numerators(grid, column, percents, np.full(len(grid.table.cells), float(base)), minimum))
            if fine and found:
                yield from found[:3]
                break


def _joined(grid: Grid, totals: list["_Total"], minimum: int) -> Iterator[Finding]:
    """Percentages of a table without bases, whose rows another table counts under the same labels."""
    if any(grid.sure[c] for c in grid.counts) or group_sizes(grid):
        return
    columns = [c for c in range(len(grid.columns)) if c not in grid.dimensions and not grid.is_count[:, c].any()]
    percents = {c: p for c in columns if (p := column_percents(grid, c)) is not None}
    for total in totals if percents else ():
        base = np.array([float(total.cells.get(label, np.nan)) for label in grid.labels])
        known = np.isfinite(base)
        if total.grid is grid or known.sum() < _LEAST_ROWS or known.sum() * 2 < len(base):
            continue
        for column, percent in percents.items():
            found = list(numerators(grid, column, percent, base, minimum))
            if found:
                yield from found[:3]
                return


@dataclass(frozen=True, slots=True)
class _Total:
    """A table of one column of counts, all shown: what they count, by which labels, and their sum."""

    grid: Grid
    column: int
    words: frozenset[str]
    cells: dict[tuple[str, ...], int]
    sure: bool

    @property
    def sum(self) -> int:
        return sum(self.cells.values())


def _total(grid: Grid) -> _Total | None:
    if grid.base > 1 or len(grid.counts) != 1:
        return None
    column = grid.counts[0]
    rows = [int(r) for r in np.flatnonzero(grid.is_count[:, column] & ~margin_rows(grid))]
    labels = [grid.labels[r] for r in rows]
    if not rows or grid.hidden[:, column].any() or len(set(labels)) < len(labels) or not all(map(any, labels)):
        return None
    words = frozenset(plain(grid.columns[column]).replace("_", " ").split())
    return _Total(
        grid,
        column,
        words,
        {lab: int(grid.low[r, column]) for lab, r in zip(labels, rows, strict=True)},
        grid.sure[column],
    )


def _pair(one: _Total, two: _Total, minimum: int) -> Iterator[tuple[str, Finding]]:
    if one.grid.request and two.grid.request:
        return
    if not set(one.cells) & set(two.cells):
        gap = abs(one.sum - two.sum)
        several = max(len(one.cells), len(two.cells)) >= _LEAST_ROWS
        if (
            several
            and one.sure
            and two.sure
            and one.words == two.words
            and 1 <= gap < minimum
            and gap <= NEAR * max(one.sum, two.sum)
        ):
            said = f"the counts add up to {one.sum} in one table and to {two.sum} in another"
            yield from _finding(one, two, 0, f"{said}: the {gap} persons between them lack what tells them apart")
        return
    whole, part = (one, two) if one.sum >= two.sum else (two, one)
    if set(whole.cells) != set(part.cells) or whole.words == part.words:
        return
    everybody = all(map(_ALL.fullmatch, whole.words))
    of_all = everybody and len(whole.cells) >= _LEAST_ROWS
    if not of_all and not (whole.sure and part.sure and whole.words < part.words):
        return
    gaps = {label: whole.cells[label] - part.cells[label] for label in whole.cells}
    if min(gaps.values()) < 0:
        return
    for row, (label, gap) in enumerate(gaps.items()):
        if 1 <= gap < minimum <= part.cells[label]:
            said = f"{' / '.join(label)!r}: {part.cells[label]} of {whole.cells[label]}"
            yield from _finding(part, whole, row, f"{said} leaves {gap} persons")
            return


def _finding(mine: _Total, other: _Total, row: int, said: str) -> Iterator[tuple[str, Finding]]:
    """Placed in this request."""
    at, beside = (other, mine) if mine.grid.request else (mine, other)
    released = f", released in {beside.grid.request!r}" if beside.grid.request else ""
    row = min(row, len(at.grid.labels) - 1)
    where, place = at.grid.where(row, at.column), at.grid.place(row, at.column)
    yield at.grid.path, _remainder(where, place, f"Together with {beside.grid.path!r}{released}, {said}.")


def _remainder(where: str, place: Place, message: str) -> Finding:
    fix = "Show one of the two only, give the missing ones a group of their own, or round both."
    return Finding(rule="remainder", severity=Severity.REVIEW, where=where, message=message, fix=fix, place=place)
