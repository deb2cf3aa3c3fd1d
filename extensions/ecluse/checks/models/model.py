"""What a model file holds, whatever its format: arrays with their names, trees, texts, classes.

Decides nothing. Worked example: a saved `KNeighborsClassifier` gives the class name and an array `_fit_X` of 300 × 4.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Named:
    """An array and the name it goes by: an attribute, a tensor, an initialiser."""

    name: str
    values: Array


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of a tree with how many training rows ended in it, as far as the file says."""

    samples: float
    where: str


@dataclass(slots=True)
class Model:
    """Everything that was understood of a model file. `rows` is how many rows it was trained on, where it says so."""

    tool: str
    classes: list[str] = field(default_factory=list)
    arrays: list[Named] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    rows: int = 0
    dropped: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return sum(int(a.values.size) for a in self.arrays)


def words(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


def numbers_of(array: Array) -> NDArray[np.float64]:
    """An array of any numeric type as doubles; empty where it holds no numbers."""
    if array.dtype.kind not in "fiub":
        return np.empty(0)
    return np.asarray(array, dtype=np.float64)
