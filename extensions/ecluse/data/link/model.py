"""How likely is each candidate pair a true link: a channel model with one-to-one competition, trained by EM.

For a left record a and a right record b, column by column, the weight is P(b | a, true link) / P(b). What a true link
does to a value is learned: per level of the comparison, and for categories per pair of codes (`codes.py`). P(b) is the
frequency of the right value itself. Columns that go along with each other (a patient's department with the hospital)
form a tree: where two records agree on the parent, the child's frequency is taken given the parent's value. Counted
apart, the two would count the same evidence twice. Where they may or may not agree, both cases are weighed. If the two
go together well in the left record, neither is likely an error (`fit`).

Candidates compete: in a one-to-one linkage the chance of a pair depends on every other candidate of both records.
`matching_chances` gives the chance of each pair; EM uses it instead of the pair's own odds.

Worked example: a stay is the only candidate of an implant, with weight 5,000,000 against prior odds of 1 in 375,000:
the odds are 13, the chance 0.93. A second stay of the same weight leaves 13 / (1 + 13 + 13) = 0.48 to each.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from ecluse.data.link.codes import Codes, Habit, Seen, fitted, parts, remembered, seen
from ecluse.data.link.columns import FORMS
from ecluse.data.link.matching import matching_chances
from ecluse.data.link.spec import LinkSpec

ROUNDS = 40
FIRST_ROUNDS = 14
"""Enough where the result only serves to choose pairs for the next pass."""
FAINT = 1e-6
SMOOTH = 0.5
MOST_ODDS = 1e12
TINY = 1e-12
BIN_PRIOR = 30.0
DOUBTFUL = 1.5
"""A link in doubt vouches for a combination of codes with less than its chance: it may be there because of it."""
SETTLE = 3
"""Turns in which only the number of links moves: the first guesses stand until the links are plausible."""
REFIT = 4
PLAUSIBLE = 0.1
"""What is fainter vouches for no combination of codes, and for nothing while the levels are still first guesses."""
STRIDE = 2.0
"""EM moves slowly where many links are in doubt: the number of links goes this much further each turn."""
SLICE = 500_000
"""Pairs weighed at a time before the first turn, to leave out the faint ones in bounded memory."""
ERRORS_PRIOR = 2.0
SURE = 0.9
MOST_WILD = 0.3
MOST_DOUBT = 0.9


@dataclass
class Column:
    """One comparison over all candidate pairs.

    `levels` int8 per pair (-1 missing); `alone` log chance per pair of what is seen, among unrelated pairs; `given` the
    same among those that agree on the column `parent`; `agree`: per level, whether the two values stand for the same.
    `fit` log P(left value | left value of the parent) / P(left value): if they go together well, neither is likely an
    error. Categories only: `codes`. Numbers only: `bins` month (0-11, -1 unknown) per pair: a birth year derived from
    an age depends on it.
    """

    levels: np.ndarray
    alone: np.ndarray
    guess: np.ndarray
    agree: np.ndarray
    parent: int | None = None
    given: np.ndarray | None = None
    fit: np.ndarray | None = None
    codes: Codes | None = None
    bins: np.ndarray | None = None


@dataclass
class Model:
    """What was learned, and the chance of each pair.

    `links`: those expected, over the share that blocking keeps; `blind`: share of true links that no
    candidate could be told for.
    """

    pairs: np.ndarray
    chance: np.ndarray
    levels: list[np.ndarray] = field(default_factory=list)
    habits: dict[int, Habit] = field(default_factory=dict)
    links: float = 0.0
    blind: float = 0.0


class Trainer:
    """EM over the candidate pairs: weights from what was learned, chances from weights, and again."""

    def __init__(self, columns: list[Column], before: Model | None) -> None:
        self.columns = columns
        self.children: dict[int | None, list[int]] = {}
        for i, column in enumerate(columns):
            self.children.setdefault(column.parent, []).append(i)
        self.levels = [share.copy() for share in before.levels] if before else [c.guess.copy() for c in columns]
        self.habits = dict(before.habits) if before else {}
        for i, column in enumerate(columns):
            if column.codes is not None and i not in self.habits:
                self.habits[i] = Habit(error=0.05, same=float(column.guess[0]))
        self.blame: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def weights(self, keep: np.ndarray, chance: np.ndarray | None) -> np.ndarray:
        """Log weight of each kept pair. `chance`: of the turn before, if there was one."""
        self.keep, self.chance = keep, chance
        total = np.zeros(len(keep))
        for i in self.children.get(None, []):
            total += self._tree(i, given=False)
        return total

    def _tree(self, i: int, *, given: bool) -> np.ndarray:
        """Log weight of a column and of those below it, where the records agree on its parent or not."""
        column = self.columns[i]
        agreed = self._below(i, given=True)
        apart = self._below(i, given=False)
        if column.codes is not None:
            return self._category(i, given=given, agreed=agreed, apart=apart)
        level = column.levels[self.keep]
        there = level >= 0
        own = np.where(there, np.log(self.levels[i] + TINY)[level] - self._unrelated(column, given=given), 0.0)
        if column.bins is not None and self.chance is not None:
            own += _by_month(column, self.keep, self.levels[i], self.chance)
        equal = np.append(column.agree, False)[level]
        own -= np.where(there & ~equal, self._fit(i, given=given), 0.0)
        return np.asarray(own + np.where(equal, agreed, apart))

    def _fit(self, i: int, *, given: bool) -> np.ndarray:
        """How much less likely an error in this column is, as it goes together with the others of its record."""
        total = np.zeros(len(self.keep))
        for j in [*self.children.get(i, []), *([i] if given else [])]:
            fit = self.columns[j].fit
            if fit is not None:
                total += fit[self.keep]
        return total

    def _below(self, i: int, *, given: bool) -> np.ndarray:
        total = np.zeros(len(self.keep))
        for child in self.children.get(i, []):
            total += self._tree(child, given=given)
        return total

    def _unrelated(self, column: Column, *, given: bool) -> np.ndarray:
        return np.asarray((column.given if given and column.given is not None else column.alone)[self.keep])

    def _category(self, i: int, *, given: bool, agreed: np.ndarray, apart: np.ndarray) -> np.ndarray:
        column, habit = self.columns[i], self.habits[i]
        assert column.codes is not None  # noqa: S101 # asked by the caller
        level = column.levels[self.keep]
        known, same, new = parts(column.codes, habit, self._seen(i, column.codes), level == 0)
        error = np.minimum(habit.error * np.exp(-self._fit(i, given=given)), MOST_DOUBT)
        right = 1 - error
        habitual = right * (known + same) * np.exp(np.clip(agreed - self._unrelated(column, given=given), -60, 60))
        other = np.exp(np.clip(apart, -60, 60))
        total = habitual + (right * new + error) * other
        if not given or column.parent is not None:
            self.blame[i] = (error * other / np.maximum(total, TINY), habitual / np.maximum(total, TINY))
        return np.where(level >= 0, np.log(total + TINY), apart)

    def _seen(self, i: int, codes: Codes) -> Seen:
        if self.chance is not None:
            return seen(codes, self.keep, np.where(self.chance >= PLAUSIBLE, self.chance**DOUBTFUL, 0))
        if self.habits[i].keys is not None:
            return remembered(codes, self.keep, self.habits[i])
        return seen(codes, self.keep, np.zeros(len(self.keep)))

    def learn(self, chance: np.ndarray, *, refit: bool) -> None:
        """Shares of levels and habits from the chances of the kept pairs."""
        for i, column in enumerate(self.columns):
            level = column.levels[self.keep]
            self.levels[i] = _shares(column, level, chance)
            if column.codes is None:
                continue
            error, habitual = self.blame[i]
            p = np.where(level >= 0, chance, 0)
            whole = float(p.sum())
            habit = self.habits[i]
            share = (float(np.dot(p, error)) + ERRORS_PRIOR * 0.05) / (whole + ERRORS_PRIOR)
            alike = float(np.dot(p * habitual, level == 0)) + ERRORS_PRIOR * float(column.guess[0])
            same = min(alike / (float(np.dot(p, 1 - error)) + ERRORS_PRIOR), 0.999)
            habit = replace(habit, error=min(max(share, 1e-4), 0.5), same=same, keys=None, sums=None)
            self.habits[i] = fitted(column.codes, habit, self.keep, chance, level == 0) if refit else habit

    def blind(self, chance: np.ndarray) -> float:
        """Share of true links that can't be told from chance because one column is altogether wrong.

        A column that carries most of the evidence shows no such errors: no link with one is ever likely. Asked of the
        sure links: would they still be likely with this value wrong? If not, such errors are taken to be as frequent
        as in the other columns.
        """
        sure = chance > SURE
        odds = np.log(chance[sure]) - np.log1p(-np.minimum(chance[sure], 1 - 1e-12))
        shown = [min(float(share[-1]), MOST_WILD) for share in self.levels]
        wild = [habit.error if (habit := self.habits.get(i)) else share for i, share in enumerate(shown)]
        total = 0.0
        for i, column in enumerate(self.columns):
            level = column.levels[self.keep][sure]
            if column.codes is not None or not (level >= 0).any() or len(wild) == 1:
                continue
            rate = float(np.mean([share for j, share in enumerate(wild) if j != i]))
            own = np.log(self.levels[i] + TINY)[level] - column.alone[self.keep][sure]
            lost = (odds - own + np.log(max(rate, TINY)))[level >= 0] < 0
            total += max(rate - wild[i], 0.0) * float(lost.mean())
        return min(total, 0.2)

    def remember(self, chance: np.ndarray) -> None:
        """Keep the links seen by combination of codes for the next round."""
        for i, habit in self.habits.items():
            codes = self.columns[i].codes
            assert codes is not None  # noqa: S101 # only categories have habits
            cell = codes.cell[self.keep]
            there = cell >= 0
            sums = np.bincount(cell[there], chance[there], minlength=len(codes.keys))
            self.habits[i] = replace(habit, keys=codes.keys, sums=sums)


def train(
    spec: LinkSpec,
    left: np.ndarray,
    right: np.ndarray,
    columns: list[Column],
    sizes: tuple[int, int],
    covered: float,
    before: Model | None = None,
    rounds: int = ROUNDS,
) -> Model:
    """Learn from the candidate pairs. `covered`: share of true links that blocking is expected to keep."""
    trainer = Trainer(columns, before)
    links = max(covered * before.links, 1.0) if before else 0.5 * min(sizes)
    keep = _worth(trainer, len(left), np.log(_prior(links, sizes, one_to_one=spec.one_to_one)))
    chance = np.zeros(len(left))
    now: np.ndarray | None = None
    for turn in range(rounds):
        weight = trainer.weights(keep, now)
        prior = np.log(_prior(links, sizes, one_to_one=spec.one_to_one))
        odds = np.exp(np.clip(weight + prior, -60, np.log(MOST_ODDS)))
        now = matching_chances(left[keep], right[keep], odds) if spec.one_to_one else odds / (1 + odds)
        last, chance = chance, np.zeros(len(left))
        chance[keep] = now
        moved = float(np.abs(chance - last).sum())
        least = PLAUSIBLE if before is None else 0.0
        links += (1.0 if before is None else STRIDE) * (float(now[now >= least].sum()) - links)
        links = min(max(links, 1.0), 0.9999 * min(sizes))
        if turn >= SETTLE or before is not None:
            trainer.learn(np.where(now >= least, now, 0), refit=turn % REFIT == 0)
        if turn > SETTLE + REFIT and moved < 0.0002 * links:
            break
        stay = odds > FAINT
        keep, now = keep[stay], now[stay]
    trainer.keep = keep
    trainer.remember(chance[keep])
    whole = min(links / max(covered, 0.1), 0.9999 * min(sizes))
    return Model(keep, chance, trainer.levels, trainer.habits, whole, trainer.blind(chance[keep]))


def _worth(trainer: Trainer, pairs: int, prior: float) -> np.ndarray:
    """The pairs that are not too faint to be weighed again."""
    kept = [np.zeros(0, dtype=np.int64)]
    for start in range(0, pairs, SLICE):
        part = np.arange(start, min(start + SLICE, pairs))
        kept.append(part[trainer.weights(part, None) + prior > np.log(FAINT)])
    return np.concatenate(kept)


def _by_month(column: Column, keep: np.ndarray, share: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """What the month adds to a level's weight: log P(level | month, true link) / P(level | true link)."""
    assert column.bins is not None  # noqa: S101 # asked by the caller
    bins, levels = column.bins[keep], column.levels[keep]
    use = (levels >= 0) & (bins >= 0)
    size = len(share)
    cell = bins[use].astype(np.int64) * size + levels[use]
    counts = np.bincount(cell, chance[use], minlength=12 * size).reshape(12, size) + BIN_PRIOR * share
    given = counts / counts.sum(axis=1, keepdims=True)
    added = np.zeros(len(keep))
    added[use] = np.log(given / share).ravel()[cell]
    return added


def _shares(column: Column, levels: np.ndarray, chance: np.ndarray) -> np.ndarray:
    there = levels >= 0
    counts = np.bincount(levels[there], chance[there], minlength=len(column.guess)) + SMOOTH * column.guess
    return np.asarray(counts / counts.sum())


def _prior(links: float, sizes: tuple[int, int], *, one_to_one: bool) -> float:
    """Odds of a pair before anything is compared: matched to this record, against matched to no candidate.

    `links`: those among the candidates. With the ones that blocking lost, too few records would be left unmatched, and
    the more links there seem to be, the more would be found.
    """
    if not one_to_one:
        return links / (float(sizes[0]) * sizes[1])
    return links / ((sizes[0] - links + 1) * (sizes[1] - links + 1))


def guesses(spec: LinkSpec) -> list[np.ndarray]:
    """First shares of true links at each level, per column."""
    found = []
    for compare in spec.compare:
        share = np.array([level.guess for level in FORMS[compare.kind].levels])
        found.append(share / share.sum())
    return found
