"""How narrowly an attacker can bound each hidden count.

Decides nothing; it computes. A system holds variables (cells of tables) with bounds, and equations between them
(margins, percentages, means). For each hidden cell the answer is the exact interval that linear programming gives,
tightened to whole numbers.

Worked example: Nord is hidden, Sud 20, Total 24. The equation Nord + Sud − Total = 0 leaves Nord only 4: the mask
hides nothing. With Sud hidden as well, both lie in 0..24.

Method: bounds are propagated through single equations first, which names the equation that gives a cell away; then
each connected part becomes one model in HiGHS, solved with warm starts, two objectives per cell. A solution found for
one cell is a witness for all others, so that most cells need no solve of their own. Same attack as sdcTable's.

Persons are whole: where the relaxation leaves a cell wide enough but no witness in whole numbers says so, the same
model is solved in whole numbers. What could not be computed, in time or because its numbers are too large for the
solver, is named in `Bounds.unsure`: it must never count as hidden.
"""

import math
import os
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import cache

import highspy
import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-6
"""Slack below which two counts are one: HiGHS works to 1e-7."""

PASSES = 50
"""Rounds of propagation; each round only runs while some bound still moves by a whole person."""

LARGEST = 1e9
"""Constants beyond which the solver's tolerance is more than a person."""

SECONDS = 15.0
"""Longest time for one attack, of the process: a busy machine must not change verdicts. What is not computed by then is
unsure."""

TOGETHER = -2
"""Stands in `Bounds.by` for several equations together."""

Enough = Callable[[int, float, float], bool]
"""Whether a variable known to lie between two bounds is hidden well enough."""


class InfeasibleError(Exception):
    """No table fits all the constraints: at least one of them was misread. `equation` is the first one broken."""

    def __init__(self, equation: int | None) -> None:
        super().__init__(f"no table fits equation {equation}" if equation is not None else "no table fits")
        self.equation = equation


@dataclass(frozen=True, slots=True)
class Equation:
    """`low ≤ Σ coefficient × variable ≤ high`. `name` says it to people: "Total = Nord + Sud"."""

    indices: tuple[int, ...]
    coefficients: tuple[float, ...]
    low: float
    high: float
    name: str


@dataclass(slots=True)
class System:
    """Variables with bounds, and what ties them. All variables are counts: whole and not negative."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)

    def variable(self, low: float, high: float) -> int:
        """Add a variable; its position."""
        self.lower.append(float(low))
        self.upper.append(float(high))
        return len(self.lower) - 1

    def equation(self, indices: list[int], coefficients: list[float], low: float, high: float, name: str) -> None:
        """Tie variables together."""
        self.equations.append(Equation(tuple(indices), tuple(coefficients), low, high, name))


@dataclass(frozen=True, slots=True)
class Bounds:
    """Interval of each variable, shape `(variables,)` each; `by` is the equation that last narrowed it, −1 for none.

    `unsure` are the variables whose interval may be narrower than it says.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    by: NDArray[np.int64]
    unsure: frozenset[int] = frozenset()


def bounds(
    system: System,
    *,
    strict: bool = True,
    wanted: Collection[int] | None = None,
    enough: Enough | None = None,
    seconds: float = SECONDS,
) -> Bounds:
    """Interval of every variable in `wanted` (default: all), from all equations together.

    `enough` says which intervals need no whole-number solve of their own. Raises `InfeasibleError` where the
    constraints contradict each other; without `strict`, parts that do so only together keep what single equations say,
    and are unsure.
    """
    low, high, by = propagate(system)
    if any(max(abs(e.low), abs(e.high)) > LARGEST for e in map(_finite, system.equations)):
        return Bounds(low, high, by, frozenset(np.flatnonzero(low < high).tolist()))
    unsure: set[int] = set()
    deadline = time.process_time() + seconds
    for part in _parts(system, low, high):
        kept_low, kept_high = low.copy(), high.copy()
        try:
            unsure |= _Part(system, part, low, high, by, deadline).solve(wanted, enough)
        except InfeasibleError:
            if strict:
                raise
            low, high = kept_low, kept_high
            unsure |= {i for number in part for i in system.equations[number].indices if low[i] < high[i]}
    return Bounds(low, high, by, frozenset(unsure))


def _finite(equation: Equation) -> Equation:
    """The equation with an open end left out."""
    low = equation.low if math.isfinite(equation.low) else 0.0
    return replace(equation, low=low, high=equation.high if math.isfinite(equation.high) else 0.0)


def propagate(system: System) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Bounds that single equations give, repeated until they stand. Raises `InfeasibleError`."""
    low = np.ceil(np.asarray(system.lower, dtype=np.float64) - TOLERANCE)
    high = np.floor(np.asarray(system.upper, dtype=np.float64) + TOLERANCE)
    by = np.full(len(low), -1, dtype=np.int64)
    prepared = [(np.asarray(e.indices, dtype=np.int64), np.asarray(e.coefficients), e) for e in system.equations]
    for _ in range(PASSES):
        changed = False
        for number, (indices, coefficients, equation) in enumerate(prepared):
            changed |= _tighten(number, indices, coefficients, equation, low, high, by)
        if not changed:
            break
    return low, high, by


def _tighten(
    number: int,
    indices: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    equation: Equation,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    by: NDArray[np.int64],
) -> bool:
    """Narrow the variables of one equation by what the others leave; whether one moved."""
    positive = coefficients > 0
    least = np.where(positive, coefficients * low[indices], coefficients * high[indices])
    most = np.where(positive, coefficients * high[indices], coefficients * low[indices])
    slack = TOLERANCE * max(1.0, float(np.abs(coefficients).max()))
    if least.sum() > equation.high + slack or most.sum() < equation.low - slack:
        raise InfeasibleError(number)
    # An infinite bound of one variable must not drown what the others say about it.
    rest_least, rest_most = _others(least), _others(most)
    first, second = (equation.low - rest_most) / coefficients, (equation.high - rest_least) / coefficients
    fresh_low = np.ceil(np.minimum(first, second) - TOLERANCE)
    fresh_high = np.floor(np.maximum(first, second) + TOLERANCE)
    up, down = fresh_low > low[indices], fresh_high < high[indices]
    if not (up.any() or down.any()):
        return False
    low[indices[up]] = fresh_low[up]
    high[indices[down]] = fresh_high[down]
    by[indices[up | down]] = number
    if (low[indices] > high[indices]).any():
        raise InfeasibleError(number)
    return True


def _others(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each position the sum of all the other values, right where some are infinite."""
    infinite = np.isinf(values)
    finite = float(values[~infinite].sum())
    count = int(infinite.sum())
    if not count:
        return finite - values
    sign = math.copysign(math.inf, float(values[infinite][0]))
    out = np.full(values.shape, sign)
    if count == 1:
        out[infinite] = finite
    return out


def _parts(system: System, low: NDArray[np.float64], high: NDArray[np.float64]) -> list[list[int]]:
    """Equations grouped by shared open variables: each group is a problem of its own."""
    open_ = low < high
    parent = list(range(len(low)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    live: list[tuple[int, int]] = []
    for number, equation in enumerate(system.equations):
        members = [i for i in equation.indices if open_[i]]
        if len(members) < 2:  # one open variable: propagation already said all
            continue
        for other in members[1:]:
            parent[root(other)] = root(members[0])
        live.append((number, members[0]))
    groups: dict[int, list[int]] = {}
    for number, member in live:
        groups.setdefault(root(member), []).append(number)
    return list(groups.values())


class _Part:
    """One connected part of a system: its model, and what its witnesses have shown so far."""

    def __init__(
        self,
        system: System,
        part: list[int],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        by: NDArray[np.int64],
        deadline: float,
    ) -> None:
        self.variables = sorted({i for number in part for i in system.equations[number].indices if low[i] < high[i]})
        self.model = _model(system, part, self.variables, low, high)
        self.low, self.high, self.by, self.deadline = low, high, by, deadline
        self.seen: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self.whole: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self.lost = False
        """Whether the last solve gave no answer."""

    def solve(self, wanted: Collection[int] | None, enough: Enough | None) -> set[int]:
        """Narrow the wanted variables; those that stayed unsure. Raises `InfeasibleError`."""
        if self._witness() is None:
            if not self.lost:
                raise InfeasibleError(None)
            return set(self.variables)
        asked = [(p, v) for p, v in enumerate(self.variables) if wanted is None or v in wanted]
        unsure = {v for p, v in asked if not (self._end(p, v, 1.0) and self._end(p, v, -1.0))}
        place = np.asarray(self.variables)
        if (self.low[place] > self.high[place]).any():
            raise InfeasibleError(None)
        return unsure | (self._in_whole(asked, enough) if enough else set())

    def _end(self, position: int, variable: int, sense: float) -> bool:
        """Find the least (`sense` 1) or the most (−1) of one variable; whether it could be found."""
        limit, at = (self.low, 0) if sense > 0 else (self.high, 1)
        if self.seen and abs(self.seen[at][position] - limit[variable]) <= TOLERANCE:
            return True  # a table that reaches the bound is known: nothing to gain
        found = self._witness(position, sense)
        if found is None:
            return not self.lost  # unbounded on this side: nothing ties it
        value = found[position]
        whole = math.ceil(value - TOLERANCE) if sense > 0 else math.floor(value + TOLERANCE)
        if (whole > limit[variable]) if sense > 0 else (whole < limit[variable]):
            limit[variable] = whole
            self.by[variable] = TOGETHER
        return True

    def _in_whole(self, asked: list[tuple[int, int]], enough: Enough) -> set[int]:
        """Solve in whole numbers where only fractions of persons leave a variable wide enough."""
        unsure: set[int] = set()
        integral = False
        for position, variable in asked:
            if not enough(variable, self.low[variable], self.high[variable]):
                continue  # broken already
            if self.whole and enough(variable, self.whole[0][position], self.whole[1][position]):
                continue
            if not integral:
                count = len(self.variables)
                kinds = np.full(count, highspy.HighsVarType.kInteger)
                self.model.changeColsIntegrality(count, np.arange(count, dtype=np.int32), kinds)
                integral = True
            self.seen = None
            if not (self._end(position, variable, 1.0) and self._end(position, variable, -1.0)):
                unsure.add(variable)
        return unsure

    def _witness(self, position: int = -1, sense: float = 1.0) -> NDArray[np.float64] | None:
        """One optimal point, or none: no table fits, the objective has no end, or (`lost`) there is no answer."""
        left = self.deadline - time.process_time()
        self.lost = left <= 0
        if self.lost:
            return None
        # HiGHS counts the time of all runs of a model together, by the clock on the wall.
        self.model.setOptionValue("time_limit", self.model.getRunTime() + 2 * left)
        if position >= 0:
            self.model.changeColCost(position, sense)
        self.model.run()
        status = self.model.getModelStatus()
        found = np.array(self.model.getSolution().col_value)
        if position >= 0:
            self.model.changeColCost(position, 0.0)  # forgets the status
        if status != highspy.HighsModelStatus.kOptimal:
            ends = (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible)
            self.lost = status not in (*ends, highspy.HighsModelStatus.kInfeasible) or (
                position >= 0 and status == highspy.HighsModelStatus.kInfeasible
            )
            return None
        self.seen = _wider(self.seen, found)
        rounded = np.round(found)
        if np.abs(found - rounded).max() <= TOLERANCE:
            self.whole = _wider(self.whole, rounded)
        return found


def _wider(
    seen: tuple[NDArray[np.float64], NDArray[np.float64]] | None, found: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Least and most of each variable over the points seen so far."""
    if seen is None:
        return found.copy(), found.copy()
    return np.minimum(seen[0], found), np.maximum(seen[1], found)


@cache
def _silence() -> None:
    """Make the first model with standard output closed: HiGHS prints a banner there, amid the report's JSON."""
    saved, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()  # type: ignore[no-untyped-call] # highspy is typed in parts
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(nowhere)


def _model(
    system: System,
    part: list[int],
    variables: list[int],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> highspy.Highs:
    _silence()
    model = highspy.Highs()  # type: ignore[no-untyped-call] # highspy is typed in parts
    for option, value in (("output_flag", False), ("threads", 1), ("presolve", "off"), ("solver", "simplex")):
        model.setOptionValue(option, value)
    at = {variable: position for position, variable in enumerate(variables)}
    # HiGHS takes 1e30 and above for infinite.
    model.addVars(len(variables), low[variables], np.where(np.isinf(high[variables]), 1e30, high[variables]))
    starts: list[int] = []
    indices: list[int] = []
    values: list[float] = []
    lows: list[float] = []
    highs: list[float] = []
    for number in part:
        equation = system.equations[number]
        constant = 0.0
        starts.append(len(indices))
        for variable, coefficient in zip(equation.indices, equation.coefficients, strict=True):
            if variable in at:
                indices.append(at[variable])
                values.append(coefficient)
            else:
                constant += coefficient * low[variable]
        lows.append(equation.low - constant)
        highs.append(equation.high - constant)
    model.addRows(
        len(starts),
        np.maximum(lows, -1e30),
        np.minimum(highs, 1e30),
        len(indices),
        np.asarray(starts, dtype=np.int32),
        np.asarray(indices, dtype=np.int32),
        np.asarray(values, dtype=np.float64),
    )
    return model
