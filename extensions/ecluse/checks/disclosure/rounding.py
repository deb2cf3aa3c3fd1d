"""Counts that are rounded, and what a rounded count says.

Decides which base a table is rounded to. Worked example: "arrondi à 5" under a table of 20, 35, 60 makes its 20 stand
for 18 to 22; without a word, thirteen different counts that are all multiples of five are proof enough, three are
not: then the table is read as exact, and its findings say what to write.

A table that is wrongly held to be rounded would hide less than we think, so chance must be ruled out, and of several
bases that fit the smallest is taken that chance does not explain better.
"""

import math
import re
from collections.abc import Iterable
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from .words import plain

BASES = (3, 5, 10, 20, 25, 50, 100, 500, 1000)
PROOF_BITS = 30.0
"""How surprising it must be that all counts are multiples of a base that nobody declares."""
_DECLARED = re.compile(
    r"(?:arrondi\w*|round(?:ed|ing)?|multiples? (?:of|de)|base)[^.,;\d]{0,40}?\b(\d{1,4})\b"
    r"(?!\s*(?:decimal|chiffre|digit|significa|place|%|pct|apres))"
)


class Blur(Enum):
    """How a rounding may be read, sharpest first."""

    NEAREST = "nearest"
    """To the nearest multiple, halves to either side left out: what all conventions have in common."""
    EITHER = "either"
    """To the nearest multiple, halves to either side."""
    RANDOM = "random"
    """To one of the two neighbouring multiples, as random and controlled rounding do."""

    def interval(self, shown: float, base: int) -> tuple[float, float]:
        """Least and most persons that a count of `shown`, rounded to `base`, stands for."""
        half = {Blur.NEAREST: (base - 1) // 2, Blur.EITHER: base // 2, Blur.RANDOM: base - 1}[self]
        return max(shown - half, 0.0), shown + half


def declared(texts: Iterable[str]) -> frozenset[int]:
    """Bases that words name: "rounded to the nearest 5", "effectifs arrondis à 10"."""
    found = (match for text in texts for match in _DECLARED.finditer(plain(text)))
    return frozenset(int(match[1]) for match in found) & frozenset(BASES)


def base_of(shown: NDArray[np.float64], bases: frozenset[int]) -> int:
    """The base that shown counts are rounded to, of those declared or by proof; 1 for none."""
    values = np.unique(shown[shown > 0])
    if not len(values) or values.max() > 2**53:
        return 1
    common = math.gcd(*(int(value) for value in values))
    named = [base for base in bases if common % base == 0]
    if named:
        return min(named)
    best = 1
    for base in BASES:
        fits = common % base == 0 and (best == 1 or base % best == 0)
        if fits and len(values) * math.log2(base / best) >= PROOF_BITS:
            best = base
    return best
