"""Which lines of a table are sums of other lines.

Decides by labels ("Total", "Ensemble", "All") and, where words are silent, by arithmetic. Worked example: rows Nord 12,
Sud 20, Total 32 give `Sum(target=2, members=(0, 1))`; without the label, a row that equals the sum of the rows above
it in two columns of three-digit counts gives the same, because chance would hardly do that; in one column of small
counts chance would, and nothing is claimed.

Hidden cells never speak against a sum as long as some value of theirs fits. All functions work on rows; columns are
the transposed table's rows.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

LARGE = 1e12
"""Stands for "no upper bound" in sums."""

WINDOW = 120
"""Longest block of lines that is tried as the parts of an unlabelled sum, in tables longer than that."""

FEW_WRONG = 3
"""Lines that must be possible for each on which a labelled total is wrong."""

PROOF_BITS = 8.0
"""How much more surprising than the number of sums tried an unlabelled sum must be."""


SMALL, SUPPOSED, PAIR = 10, 0.05, 2
"""What a mask stands for at most, its share of a line up to which that line is supposed to be the total of the others,
and how many others must be shown."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Line `target` is the sum of `members`, on the crossing lines `along`. `labelled`: words say so too."""

    target: int
    members: tuple[int, ...]
    along: tuple[int, ...]
    labelled: bool


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines to search: intervals of counts `(lines, crossing)`, NaN-free where `known`; labels that name totals."""

    low: Floats
    high: Floats
    known: Mask
    margin: Mask

    @property
    def exact(self) -> Mask:
        """Cells whose count is shown."""
        exact: Mask = self.known & (self.low == self.high)
        return exact


def lines(low: Floats, high: Floats, known: Mask, margin: Mask) -> Lines:
    """Prepare intervals for sums: unknown cells become 0, open ends `LARGE`."""
    clean_low = np.where(known, low, 0.0)
    clean_high = np.where(known, np.minimum(high, LARGE), 0.0)
    return Lines(clean_low, clean_high, known, margin)


def find(data: Lines) -> tuple[list[Sum], list[int]]:
    """All sums, and the labelled totals that are the sum of nothing (positions)."""
    found: list[Sum] = []
    orphans: list[int] = []
    for target in np.flatnonzero(data.margin):
        best = _labelled(data, int(target))
        if best is None:
            orphans.append(int(target))
        else:
            found.append(best)
    taken = {s.target for s in found}
    found += [s for s in _by_arithmetic(data) if s.target not in taken]
    return found, orphans


def check(data: Lines, target: int, members: tuple[int, ...]) -> tuple[tuple[int, ...], float, int]:
    """Crossing lines on which the sum is possible, its proof in bits, and on how many shown lines it is wrong."""
    block = list(members)
    known = data.known[target] & data.known[block].all(axis=0)
    low, high = data.low[block].sum(axis=0), np.minimum(data.high[block].sum(axis=0), LARGE)
    fits = known & (low <= data.high[target] + 1e-6) & (high >= data.low[target] - 1e-6)
    shown: Mask = known & data.exact[target] & data.exact[block].all(axis=0)
    proof: Mask = shown & fits & ((data.low[block] > 0).sum(axis=0) > 1)
    bits = float(np.log2(1 + _distinct(data.low[target][proof])).sum())
    return tuple(int(k) for k in np.flatnonzero(fits)), bits, int((shown & ~fits).sum())


def supposed(data: Lines) -> list[Sum]:
    """The first or the last line, where it would be the total of all others if the hidden cells are as small as masks.

    No label says so and too little is shown to prove it: 120 + masked + 201 = 326 is chance in one table of a hundred.
    """
    if data.margin.any():
        return []
    usable = [int(n) for n in np.flatnonzero(data.known.any(axis=1))]
    found: list[Sum] = []
    for target in {usable[0], usable[-1]} if len(usable) > FEW_WRONG else ():
        members = [n for n in usable if n != target]
        known = data.known[[target, *members]].all(axis=0)
        shown = data.exact[members]
        rest = data.low[target] - np.where(shown, data.low[members], 0.0).sum(axis=0)
        hidden = (data.known[members] & ~shown).sum(axis=0)
        many = (shown & (data.low[members] > 0)).sum(axis=0)
        share = np.where(many > PAIR, 2 * SUPPOSED, SUPPOSED)  # more than two lines hardly ever stay below another one
        fits = (rest >= 0) & (rest <= SMALL * hidden) & (rest <= share * data.low[target])
        asked = known & data.exact[target]
        enough = many >= PAIR
        if (asked & (hidden > 0)).any() and bool((fits & enough)[asked].all()):
            along = tuple(int(k) for k in np.flatnonzero(asked & (hidden > 0)))
            found.append(Sum(target, tuple(members), along, labelled=False))
    return found


def _distinct(values: Floats) -> Floats:
    """Repeated columns prove a thing once."""
    return np.unique(values)


def _labelled(data: Lines, target: int) -> Sum | None:
    """The sum that a label announces: the first reading that is wrong nowhere, proven ones first."""
    best: tuple[bool, float, Sum] | None = None
    for members in _readings(data, target):
        along, bits, wrong = check(data, target, members)
        right = bits > 0
        # A total that is wrong on one shown line (distinct patients, say) still binds the lines where it is right, and
        # one wrong corner must not blind the check for all lines that hide something.
        if not along or (wrong and not right and wrong * FEW_WRONG > len(along)):
            continue
        if best is None or (right, bits) > best[:2]:
            best = (right, bits, Sum(target, members, along, labelled=True))
    return best[2] if best else None


def _readings(data: Lines, target: int) -> list[tuple[int, ...]]:
    """What a total at this line may be the total of, likeliest first."""
    plain = [i for i in range(len(data.margin)) if not data.margin[i] and data.known[i].any()]
    margins = [int(i) for i in np.flatnonzero(data.margin) if i != target]
    before = max((m for m in margins if m < target), default=-1)
    after = min((m for m in margins if m > target), default=len(data.margin))
    candidates = [
        [i for i in plain if before < i < target],
        plain,
        [i for i in plain if target < i < after],
        [m for m in margins if m < target],
        [m for m in margins if m > target],
        margins,
    ]
    unique: list[tuple[int, ...]] = []
    for members in map(tuple, candidates):
        if len(members) > 1 and members not in unique:
            unique.append(members)
    return unique


def _by_arithmetic(data: Lines) -> list[Sum]:
    """Lines that equal a run of lines beside them too well for chance."""
    count = len(data.margin)
    usable = int(data.known.any(axis=1).sum())
    need = PROOF_BITS + math.log2(max(2 * min(count, WINDOW) * count, 2))
    found: list[Sum] = []
    for target in range(count):
        if not bool((data.exact[target] & (data.low[target] > 0)).any()):
            continue
        best: tuple[float, int, Sum] | None = None
        for members in _runs(data, target):
            along, bits, wrong = check(data, target, members)
            if wrong or len(along) < int((data.known[target] & data.known[list(members)].all(axis=0)).sum()):
                continue
            covers_rest = len(members) == usable - 1
            if bits >= (PROOF_BITS if covers_rest else need) and (best is None or (bits, len(members)) > best[:2]):
                best = (bits, len(members), Sum(target, members, along, labelled=False))
        if best:
            found.append(best[2])
    return found


def _runs(data: Lines, target: int) -> list[tuple[int, ...]]:
    """Runs of at least two lines that end just before the target or begin just after it, and may sum up to it."""
    out: list[tuple[int, ...]] = []
    top = np.where(data.exact[target], data.low[target], LARGE)
    for step in (-1, 1):
        members: list[int] = []
        low, high = np.zeros(data.low.shape[1]), np.zeros(data.low.shape[1])
        at = target + step
        while 0 <= at < len(data.margin) and len(members) < WINDOW:
            if data.known[at].any():
                members.append(at)
                low += data.low[at]
                high += data.high[at]
                if (low > top + 1e-6).any():
                    break
                if len(members) > 1 and (high >= np.where(data.known[target], data.low[target], 0.0) - 1e-6).all():
                    out.append(tuple(sorted(members)))
            at += step
    return out
