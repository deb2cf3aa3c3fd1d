"""How likely is each candidate pair a true link: a channel model with one-to-one competition, trained by EM.

For a left record a and a right record b, column by column, the weight is P(b | a, true link) / P(b). What a true link
does to a value is learned: per level of the comparison, and for categories per pair of codes, so that a site's code
and its legal entity's become equivalent without being told. P(b) is the frequency of the right value itself, given the
value of the column that it goes along with most (a patient's department given the hospital): counted apart, two
columns that agree together would count the same evidence twice.

Candidates compete: in a one-to-one linkage the chance of a pair depends on every other candidate of both records.
Belief propagation for weighted matchings (Bayati, Shah and Sharma 2008; monomer–dimer form) gives the chance of each
pair; EM uses it instead of the pair's own odds.

Worked example: a stay is the only candidate of an implant, with weight 5,000,000 against prior odds of 1 in 375,000:
the odds are 13, the chance 0.93. A second stay of the same weight leaves 13 / (1 + 13 + 13) = 0.48 to each.
"""

from dataclasses import dataclass, field

import numpy as np

from ecluse.data.link.columns import FORMS
from ecluse.data.link.spec import Kind, LinkSpec

ROUNDS = 40
MESSAGES = 8
FAINT = 1e-5
FIRM = 0.6
STRICT = 6
CODES_PRIOR = 3.0
SMOOTH = 0.5
MOST_ODDS = 1e12
TINY = 1e-9
BIN_PRIOR = 30.0


@dataclass
class Column:
    """One comparison over all candidate pairs.

    `levels` int8 per pair (-1 missing); `unrelated` log chance per pair of what is seen, among unrelated pairs;
    Categories only: `left`, `right` codes per pair; `error` log chance per pair that unrelated codes disagree.
    Numbers only: `bins` month (0-11, -1 unknown) per pair: a birth year derived from an age depends on it.
    """

    levels: np.ndarray
    unrelated: np.ndarray
    guess: np.ndarray
    left: np.ndarray | None = None
    right: np.ndarray | None = None
    error: np.ndarray | None = None
    bins: np.ndarray | None = None


@dataclass
class Model:
    """What was learned, and the chance of each pair."""

    pairs: np.ndarray
    chance: np.ndarray
    levels: list[np.ndarray] = field(default_factory=list)
    links: float = 0.0


def matching_chances(left: np.ndarray, right: np.ndarray, odds: np.ndarray, rounds: int = MESSAGES) -> np.ndarray:
    """The chance of each edge in a random one-to-one matching in which a matching weighs the product of its odds.

    Exact where the graph has no cycles. Arrays of one length: row numbers, row numbers, odds.
    """
    free_right = np.ones(len(odds))
    free_left = np.ones(len(odds))
    for _ in range(rounds):
        flow = odds * free_right
        free_left = 1 / (1 + np.maximum(np.bincount(left, flow)[left] - flow, 0))
        flow = odds * free_left
        free_right = 1 / (1 + np.maximum(np.bincount(right, flow)[right] - flow, 0))
    both = odds * free_left * free_right
    return np.asarray(both / (1 + both))


def category_weight(column: Column, share: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Log weight of a pair of codes, 0 where one is missing: P(right code | left code, true link) / P(right code).

    Two ways lead to a right code: the habit of the left code, seen in the other pairs' chances (a pair's own is left
    out, else a rare code would vouch for itself), and error, which knows no habit: its weight is the share of
    disagreement among true links over that among unrelated pairs.
    """
    assert column.left is not None  # noqa: S101 # categories have codes
    assert column.right is not None  # noqa: S101
    seen = column.levels >= 0
    left, right, p = column.left[seen].astype(np.int64), column.right[seen], chance[seen]
    level = column.levels[seen]
    _, cell = np.unique(left * (int(right.max(initial=0)) + 1) + right, return_inverse=True)
    together = np.maximum(np.bincount(cell, p)[cell] - p, 0) if len(p) else p
    alone = np.maximum(np.bincount(left, p)[left] - p, 0) if len(p) else p
    same = np.where(level == 0, share[0], 0)
    habit = (together + CODES_PRIOR * same) / (alone + CODES_PRIOR) / np.exp(column.unrelated[seen])
    error = share[-1] / np.exp(column.error[seen]) if column.error is not None else np.full(len(p), share[-1])
    result = np.zeros(len(chance))
    result[seen] = np.log((1 - share[-1]) * habit + np.where(level == 0, 0, error) + TINY)
    return result


def train(
    spec: LinkSpec,
    left: np.ndarray,
    right: np.ndarray,
    columns: list[Column],
    sizes: tuple[int, int],
    covered: float,
    before_model: Model | None = None,
) -> Model:
    """Learn from the candidate pairs. `covered`: share of true links that blocking is expected to keep."""
    chances = (
        [share.copy() for share in before_model.levels] if before_model else [column.guess.copy() for column in columns]
    )
    keep = np.arange(len(left))
    links = before_model.links if before_model else 0.5 * min(sizes)
    chance = np.zeros(len(left))
    learned = False
    for turn in range(ROUNDS):
        weight = _weights(spec, columns, chances, keep, chance if learned else None)
        prior = _prior(links, sizes, one_to_one=spec.one_to_one)
        odds = np.exp(np.clip(weight + np.log(prior), -60, np.log(MOST_ODDS)))
        now = matching_chances(left[keep], right[keep], odds) if spec.one_to_one else odds / (1 + odds)
        before, chance = chance, np.zeros(len(left))
        chance[keep] = now
        links = min(max(float(now.sum()) / max(covered, 0.1), 1.0), 0.9999 * min(sizes))
        # A first guess spreads chance over many faint pairs; learned from, they would make true links look like noise.
        firm = np.where(now >= FIRM, now, 0) if turn < STRICT and before_model is None else now
        for i, column in enumerate(columns):
            chances[i] = _shares(column, keep, firm)
        if turn == 2 or before_model is not None:  # noqa: PLR2004 # codes are learned once the first links are plausible
            learned = True
        if turn > 4 and np.abs(chance - before).sum() < 0.0002 * links:  # noqa: PLR2004 # settled
            break
        if turn > 5:  # noqa: PLR2004 # what is faint by now stays faint
            keep = keep[odds > FAINT]
    return Model(pairs=keep, chance=chance, levels=chances, links=links)


def _weights(
    spec: LinkSpec, columns: list[Column], chances: list[np.ndarray], keep: np.ndarray, chance: np.ndarray | None
) -> np.ndarray:
    total = np.zeros(len(keep))
    for compare, column, share in zip(spec.compare, columns, chances, strict=True):
        part = _kept(column, keep)
        seen = part.levels >= 0
        if compare.kind is not Kind.CATEGORY:
            total[seen] += np.log(share[part.levels[seen]]) - part.unrelated[seen]
            if part.bins is not None and chance is not None:
                total += _by_month(part, share, chance[keep])
        elif chance is None:
            same, apart = part.levels == 0, part.levels > 0
            total[same] += np.log(share[0] + TINY) - part.unrelated[same]
            if part.error is not None:
                total[apart] += np.log(share[1:].sum()) - part.error[apart]
        else:
            total += category_weight(part, share, chance[keep])
    return total


def _kept(column: Column, keep: np.ndarray) -> Column:
    parts = {
        name: None if (value := getattr(column, name)) is None else value[keep]
        for name in ("left", "right", "error", "bins")
    }
    return Column(column.levels[keep], column.unrelated[keep], column.guess, **parts)


def _by_month(part: Column, share: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """What the month adds to a level's weight: log P(level | month, true link) / P(level | true link)."""
    assert part.bins is not None  # noqa: S101 # asked by the caller
    use = (part.levels >= 0) & (part.bins >= 0)
    size = len(share)
    cell = part.bins[use].astype(np.int64) * size + part.levels[use]
    counts = np.bincount(cell, chance[use], minlength=12 * size).reshape(12, size) + BIN_PRIOR * share
    given = counts / counts.sum(axis=1, keepdims=True)
    added = np.zeros(len(chance))
    added[use] = np.log(given / share).ravel()[cell]
    return added


def _shares(column: Column, keep: np.ndarray, chance: np.ndarray) -> np.ndarray:
    levels = column.levels[keep]
    seen = levels >= 0
    counts = np.bincount(levels[seen], chance[seen], minlength=len(column.guess)) + SMOOTH * column.guess
    return np.asarray(counts / counts.sum())


def _prior(links: float, sizes: tuple[int, int], *, one_to_one: bool) -> float:
    """Odds of a pair before anything is compared: matched to this record, against matched to none."""
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
