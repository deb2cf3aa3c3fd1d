"""The chance of each pair where candidates compete: belief propagation for weighted matchings.

Monomer-dimer form of Bayati, Shah and Sharma (2008).
"""

import numpy as np

MESSAGES = 10


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
