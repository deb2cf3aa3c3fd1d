"""Categories whose codes need not be the same on both sides: what a left code goes along with is learned.

A site's number and its legal entity's never agree as text, yet the one implies the other. Of a true link with codes
a and b, P(b | a) has four parts:

- error, which knows no habit: P(b), with the share `error`;
- known: b was seen with a in other likely links; a record's own votes are left out, else a rare code would vouch for
  itself, and errors that happen to be alike count little;
- same: a code not seen often enough may still mean what it means on the other side, with the share `same`;
- new: a goes along with a code not seen with it before. Codes that are taken by others are unlikely to be that one.

`left_new` and `right_new` say how ready a code is to go along with another one that it was not seen with; they are the
ones under which the links seen so far are likeliest, each left out in turn.

Worked example: entity E has 10 other links, 9 of them with site S. With `left_new` 0.5 and no error, P(S | E) is
9 / 10.5 = 0.86 where S makes up 0.1 % of the stays: a weight of 860.
"""

from dataclasses import dataclass, replace

import numpy as np

GRID = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)
LIKELY = 0.05
TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of every candidate pair: numbers from 0, -1 where missing.

    `cell` numbers the combinations that occur, `keys` says which (left code × right codes + right code); `share` is
    P(right code), by code; `own` numbers
    the combinations of each left record.
    """

    left: np.ndarray
    right: np.ndarray
    cell: np.ndarray
    own: np.ndarray
    keys: np.ndarray
    share: np.ndarray
    lefts: int


@dataclass(frozen=True, slots=True)
class Habit:
    """What was learned of a category; `keys` and `sums`: links seen by combination of codes."""

    error: float
    same: float
    left_new: float = 0.5
    right_new: float = 0.5
    keys: np.ndarray | None = None
    sums: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Per pair, the links seen of its codes together and of each alone, and P(right code).

    `by_right`: links seen of each right code.
    """

    together: np.ndarray
    left: np.ndarray
    right: np.ndarray
    by_right: np.ndarray
    share: np.ndarray


def number_cells(row: np.ndarray, left: np.ndarray, right: np.ndarray, share: np.ndarray, lefts: int) -> Codes:
    """Codes with the combinations numbered. `row`: left record of each pair."""
    there = (left >= 0) & (right >= 0)
    key = np.where(there, left.astype(np.int64) * len(share) + right, -1)
    keys, cell = np.unique(key, return_inverse=True)
    if len(keys) and keys[0] < 0:
        keys, cell = keys[1:], cell - 1
    own = np.unique(row.astype(np.int64) * (len(keys) + 1) + cell, return_inverse=True)[1]
    narrow = [part.astype(np.int32) for part in (left, right, cell, own)]
    return Codes(narrow[0], narrow[1], narrow[2], narrow[3], keys, share, lefts)


def seen(codes: Codes, keep: np.ndarray, chance: np.ndarray) -> Seen:
    """Links seen in other records: a record's own candidates don't vouch for each other."""
    cell, left, right = codes.cell[keep], codes.left[keep], codes.right[keep]
    p = np.where(cell >= 0, chance, 0)
    by_cell = np.bincount(np.maximum(cell, 0), p, minlength=max(len(codes.keys), 1))
    by_left = np.bincount(np.maximum(left, 0), p, minlength=max(codes.lefts, 1))
    by_right = np.bincount(np.maximum(right, 0), p, minlength=max(len(codes.share), 1))
    own = np.bincount(codes.own[keep], p)[codes.own[keep]]
    return Seen(
        np.maximum(by_cell[cell] - own, 0),
        np.maximum(by_left[left] - own, 0),
        np.maximum(by_right[right] - own, 0),
        by_right,
        _share(codes, keep),
    )


def _share(codes: Codes, keep: np.ndarray) -> np.ndarray:
    return np.asarray(np.append(codes.share, 1.0)[codes.right[keep]])


def remembered(codes: Codes, keep: np.ndarray, habit: Habit) -> Seen:
    """The same from the round before, which looked at other pairs."""
    assert habit.keys is not None  # noqa: S101 # asked by the caller
    assert habit.sums is not None  # noqa: S101
    place = np.clip(np.searchsorted(habit.keys, codes.keys), 0, max(len(habit.keys) - 1, 0))
    known = np.where(habit.keys[place] == codes.keys, habit.sums[place], 0.0) if len(habit.keys) else codes.keys * 0.0
    by_left = np.bincount(habit.keys // len(codes.share), habit.sums, minlength=max(codes.lefts, 1))
    by_right = np.bincount(habit.keys % len(codes.share), habit.sums, minlength=max(len(codes.share), 1))
    cell = codes.cell[keep]
    together = np.append(known, 0.0)[cell]
    return Seen(together, by_left[codes.left[keep]], by_right[codes.right[keep]], by_right, _share(codes, keep))


def parts(codes: Codes, habit: Habit, counts: Seen, equal: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of P(right code | left code, true link): known, same, and the weight (over P(right code)) of new; no error."""
    whole = counts.left + habit.left_new
    unknown = habit.left_new / whole
    free = float(np.dot(codes.share, habit.right_new / (counts.by_right[: len(codes.share)] + habit.right_new)))
    taken = habit.right_new / (counts.right + habit.right_new) / max(free, TINY)
    known = counts.together / whole * _habitual(habit, counts, whole, free)
    return known, np.where(equal, habit.same * unknown, 0.0), (1 - habit.same) * unknown * taken


def _habitual(habit: Habit, counts: Seen, whole: np.ndarray, free: float) -> np.ndarray:
    """Chance that the links seen of a combination are a habit and not errors that happen to be alike.

    The first link of a habit has to be a new combination, which is unlikely where the right code is taken; each later
    one is likelier under the habit than under error. Without this, two wrong links of one combination would vouch for
    each other.
    """
    others = np.maximum(counts.right - counts.together, 0)
    first = np.log((1 - habit.same) * habit.left_new / whole + TINY)
    first += np.log(habit.right_new / (others + habit.right_new) / max(free, TINY)) - np.log(habit.error + TINY)
    later = np.maximum(counts.together - 1, 0) * np.maximum(-np.log(habit.error * counts.share * whole + TINY), 0)
    return np.asarray(1 / (1 + np.exp(-np.clip(first + later, -60, 60))))


def fitted(codes: Codes, habit: Habit, keep: np.ndarray, chance: np.ndarray, equal: np.ndarray) -> Habit:
    """The habit with the readiness for new combinations under which the likely links are likeliest."""
    likely = (chance > LIKELY) & (codes.cell[keep] >= 0)
    counts = seen(codes, keep, chance)
    share = counts.share[likely]
    some = Seen(counts.together[likely], counts.left[likely], counts.right[likely], counts.by_right, share)
    p, same = chance[likely], equal[likely]

    def likelihood(one: Habit) -> float:
        known, alike, new = parts(codes, one, some, same)
        return float(np.dot(p, np.log((1 - one.error) * ((known + alike) / share + new) + one.error + TINY)))

    for name in ("right_new", "left_new", "right_new", "left_new"):
        tried = [
            replace(habit, right_new=value) if name == "right_new" else replace(habit, left_new=value) for value in GRID
        ]
        habit = max(tried, key=likelihood)
    return habit
