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
CODES_PRIOR = 3.0
SMOOTH = 0.5
MOST_ODDS = 1e12


@dataclass
class Column:
    """One comparison over all candidate pairs.

    `levels` int8 per pair (-1 missing); `unrelated` log chance per pair of what is seen, among unrelated pairs;
    `left`, `right` codes per pair and `frequency` per right code, for categories only.
    """

    levels: np.ndarray
    unrelated: np.ndarray
    guess: np.ndarray
    left: np.ndarray | None = None
    right: np.ndarray | None = None
    frequency: np.ndarray | None = None


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


def category_weight(column: Column, chance: np.ndarray) -> np.ndarray:
    """Log P(right code | left code, true link) per pair, from the other pairs' chances (its own is left out,
    else a rare code would vouch for itself)."""
    assert column.left is not None  # noqa: S101 # categories have codes
    assert column.right is not None  # noqa: S101
    assert column.frequency is not None  # noqa: S101
    seen = column.levels >= 0
    result = np.zeros(len(chance))
    left, right, p = column.left[seen].astype(np.int64), column.right[seen], chance[seen]
    same = column.levels[seen] == 0
    width = len(column.frequency)
    _, cell = np.unique(left * width + right, return_inverse=True)
    together = np.bincount(cell, p)[cell] - p
    alone = np.bincount(left, p)[left] - p
    agree = (float(p[same].sum()) + SMOOTH) / (float(p.sum()) + 2 * SMOOTH)
    prior = np.where(same, agree, 0) + (1 - agree) * column.frequency[right]
    # A left code without its twin on the right can't agree: then nothing but frequency speaks before the data do.
    result[seen] = np.log((np.maximum(together, 0) + CODES_PRIOR * prior) / (np.maximum(alone, 0) + CODES_PRIOR))
    return result


def train(
    spec: LinkSpec,
    left: np.ndarray,
    right: np.ndarray,
    columns: list[Column],
    sizes: tuple[int, int],
    covered: float,
) -> Model:
    """Learn from the candidate pairs. `covered`: share of true links that blocking is expected to keep."""
    chances = [column.guess.copy() for column in columns]
    keep = np.arange(len(left))
    links = 0.5 * min(sizes)
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
        for i, column in enumerate(columns):
            chances[i] = _shares(column, keep, now)
        if turn == 2:  # noqa: PLR2004 # codes are learned once the first links are plausible
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
        levels = column.levels[keep]
        seen = levels >= 0
        if compare.kind is Kind.CATEGORY and column.left is not None:
            if chance is None:
                same = seen & (levels == 0)
                total[same] += np.log(share[0]) - column.unrelated[keep][same]
                continue
            part = Column(
                levels,
                column.unrelated[keep],
                column.guess,
                column.left[keep],
                column.right[keep] if column.right is not None else None,
                column.frequency,
            )
            total += np.where(seen, category_weight(part, chance[keep]) - column.unrelated[keep], 0)
        else:
            total[seen] += np.log(share[levels[seen]]) - column.unrelated[keep][seen]
    return total


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
