"""Shares in words of a group whose size a table of the same file gives, and tables of shares without any size.

Decides when a share and a size that stand apart tell few persons. Worked example: "hepatitis occurred in 1.4 % of the
drug arm" below a table with the row "Drug, 212" are three; a crosstab of shares that add up to 1 down its columns, of
`len(d)` 1204, tells fewer than eleven wherever a share is below 0.009, whatever the sizes of its columns.
"""

import re
from collections.abc import Iterator

import numpy as np

from ecluse.checks.facts import Facts, Source, Value
from ecluse.rules.finding import Finding, Severity

from .explained import Counted, quantities
from .grid import Grid, group_sizes, margin_rows
from .people import is_change
from .sentences import around, finding, is_row, lines, sentences
from .words import is_margin, plain

LARGEST = 3000
MOST_LINES = 2000
"""Lines of a file's words that are held against its tables."""
_COMMON = frozenset(
    {"of", "in", "the", "de", "des", "la", "le", "les", "n", "a", "and", "et", "to", "than", "or", "ou"}
)
_CLAUSE = re.compile(r"[,;.(]| and | et |\d")
_SHARE = re.compile(r"%|cent", re.IGNORECASE)
_SHORTEST = 3
_HALF = 0.5
_LEAST = 2
_DOWN, _ACROSS = 0, 1


def of_words(facts: Facts, grids: list[Grid], minimum: int) -> Iterator[Finding]:
    """Shares in sentences that name one row or column of a table with a size."""
    spoken = [p for p in facts.passages if p.source in (Source.PROSE, Source.OUTPUT) and _SHARE.search(p.text)]
    sizes = _sizes(grids, minimum) if spoken else {}
    for passage in spoken if sizes else ():
        for _, line in zip(range(MOST_LINES), lines(passage), strict=False):
            for sentence in sentences(line) if "%" in line or "cent" in line else ():
                found = quantities(sentence)
                if any(q.counted is Counted.PERSONS for q in found) or is_row(sentence):
                    continue
                for q in found:
                    size = _told(sizes, _CLAUSE.split(sentence[q.end :])[0]) or _told(sizes, sentence)
                    people = q.value * size / 100
                    few = min(people, size - people)
                    if (
                        q.counted is Counted.SHARE
                        and _HALF <= few < minimum - _HALF
                        and q.decimals
                        and not is_change(sentence, q.start, q.end)
                    ):
                        said = around(sentence, q.start, q.end, 40)
                        yield finding(
                            passage, "percent-of-few", f"{q.value:g} % of {size} persons tell {few:.0f}: '{said}'."
                        )


def _told(sizes: dict[frozenset[str], int], text: str) -> int:
    """The size of the one group that words name; 0 where they name none or several."""
    words = frozenset(re.findall(r"[^\W_]+", text))
    groups = {size for label, size in sizes.items() if label <= words}
    return groups.pop() if len(groups) == 1 else 0


def _sizes(grids: list[Grid], minimum: int) -> dict[frozenset[str], int]:
    """Sizes of groups by the words of their label; labels of two sizes name none."""
    found: dict[frozenset[str], int] = {}
    twice: set[frozenset[str]] = set()
    for grid in grids:
        named = [(re.sub(r"\(.*", "", grid.columns[c]), n) for c, n in group_sizes(grid).items()]
        sure = [c for c in grid.counts if grid.sure[c]]
        for row in range(len(grid.labels)) if len(sure) == 1 else ():
            shown = grid.is_count[row, sure[0]] and not grid.hidden[row, sure[0]]
            if shown and not any(map(is_margin, grid.labels[row])):
                named.append((" ".join(grid.labels[row]), int(grid.low[row, sure[0]])))
        for text, size in named:
            label = frozenset(re.findall(r"[^\W_]+", plain(text))) - _COMMON
            if not label or max(map(len, label)) < _SHORTEST or not 2 * minimum <= size <= LARGEST:
                continue
            if found.setdefault(label, size) != size:
                twice.add(label)
    return {label: size for label, size in found.items() if label not in twice}


def lone_sizes(facts: Facts) -> Iterator[int]:
    """Whole numbers that stand alone in an output, as `len(d)` prints them."""
    for passage in facts.passages:
        if passage.source is Source.OUTPUT and re.fullmatch(r"\s*\d{2,7}\s*", passage.text):
            yield int(passage.text)


def of_fractions(facts: Facts, grids: list[Grid], minimum: int) -> Iterator[Finding]:
    """Crosstabs of shares of one, in a file that gives only the size of all."""
    given = set(lone_sizes(facts)) | {int(n.number) for n in facts.numbers if _is_size(n.before, n.value)}
    if len(given) != 1 or max(given) < 2 * minimum:
        return
    size = max(given)
    for grid in grids:
        columns = [c for c in range(len(grid.columns)) if c not in grid.dimensions]
        rows = ~margin_rows(grid)
        kept = [c for c in columns if not is_margin(grid.columns[c])]
        values = grid.number[np.ix_(rows, np.array(kept))] if kept else np.empty((0, 0))
        if values.size < 2 * _LEAST or not np.isfinite(values).all() or (values < 0).any() or (values > 1).any():
            continue
        slack = 0.5 * 10.0 ** -float(grid.decimals[np.ix_(rows, np.array(kept))].max())
        whole = any(
            (abs(sums - 1) <= slack * n + 1e-9).all()
            for sums, n in (
                (values.sum(axis=_DOWN), values.shape[0]), (values.sum(axis=_ACROSS), values.shape[1]),
                (np.array([values.sum()]), values.size),
            )
        )  # fmt: skip
        few = np.argwhere((values > 0) & (values * size < minimum - _HALF))
        if whole and len(few):
            row, column = int(np.flatnonzero(rows)[few[0][0]]), kept[int(few[0][1])]
            message = f"{values[tuple(few[0])]:g} of at most {size} persons are fewer than {minimum}."
            yield Finding(
                rule="percent-of-few",
                severity=Severity.REVIEW,
                where=grid.where(row, column),
                message=message,
                fix="Merge small categories, or leave the share out.",
                place=grid.place(row, column),
            )


def _is_size(before: str, value: object) -> bool:
    named = re.search(r"(?:^|[\s(])[nN] ?= ?$", before) is not None
    return named and isinstance(value, Value) and float(value.number).is_integer()
