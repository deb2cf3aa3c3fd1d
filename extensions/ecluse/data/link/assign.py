"""The one-to-one links that are best together: the assignment that maximises the expected number of right links.

Greedy picks take the best pair first and can leave two others worse off; each connected group of candidates is solved
as a whole instead (Hungarian method in the Jonker–Volgenant form of scipy).
"""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

LEAST = 0.005
DENSE = 1_500_000


def best_assignment(left: np.ndarray, right: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """Positions of the chosen pairs; each left and each right row at most once."""
    use = np.flatnonzero(chance >= LEAST)
    if not len(use):
        return use
    rows, a = np.unique(left[use], return_inverse=True)
    others, b = np.unique(right[use], return_inverse=True)
    graph = coo_matrix((np.ones(len(use)), (a, b + len(rows))), shape=(len(rows) + len(others),) * 2)
    group = connected_components(graph, directed=False)[1][a]
    order = np.argsort(group, kind="stable")
    cuts = np.flatnonzero(np.diff(group[order])) + 1
    chosen: list[np.ndarray] = []
    for part in np.split(order, cuts):
        if len(part) == 1:
            chosen.append(part)
        else:
            chosen.append(part[_solve(a[part], b[part], chance[use[part]])])
    return np.asarray(use[np.concatenate(chosen)])


def _solve(a: np.ndarray, b: np.ndarray, value: np.ndarray) -> np.ndarray:
    rows, i = np.unique(a, return_inverse=True)
    others, j = np.unique(b, return_inverse=True)
    if len(rows) * len(others) > DENSE:
        return _sparse(i, j, value, len(rows), len(others))
    gain = np.zeros((len(rows), len(others)))
    place = np.full(gain.shape, -1, dtype=np.int64)
    gain[i, j] = value
    place[i, j] = np.arange(len(value))
    r, c = linear_sum_assignment(gain, maximize=True)
    found = place[r, c]
    return np.asarray(found[found >= 0])


def _sparse(i: np.ndarray, j: np.ndarray, value: np.ndarray, rows: int, others: int) -> np.ndarray:
    """The same for a group too large for a dense table: each row may also take a worthless spare."""
    spare = 1e-9
    costs = coo_matrix(
        (
            np.concatenate([-value, np.full(rows, -spare)]),
            (np.concatenate([i, np.arange(rows)]), np.concatenate([j, others + np.arange(rows)])),
        ),
        shape=(rows, others + rows),
    ).tocsr()
    r, c = min_weight_full_bipartite_matching(costs)
    place = {(int(x), int(y)): k for k, (x, y) in enumerate(zip(i, j, strict=True))}
    found = [place[int(x), int(y)] for x, y in zip(r, c, strict=True) if y < others]
    return np.array(found, dtype=np.int64)
