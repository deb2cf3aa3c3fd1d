"""One measure in the shape of build/bench.json, and alternating runs."""

import re
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict


class Measure(TypedDict):
    """`ratio` is `value` over what `against` took in the same run; `bar` what it has to keep."""

    name: str
    value: float
    unit: str
    against: str
    ratio: float | None
    bar: float
    holds: bool


def measure(
    name: str, value: float, unit: str, against: str, other: float, bar: float, *, most: bool = True
) -> Measure:
    """A measure whose ratio is at most the bar (or with `most=False` at least)."""
    ratio = value / other
    return Measure(
        name=name,
        value=value,
        unit=unit,
        against=against,
        ratio=ratio,
        bar=bar,
        holds=ratio <= bar if most else ratio >= bar,
    )


def alternate(one: Callable[[], float], other: Callable[[], float], runs: int = 5) -> tuple[float, float]:
    """Medians of two timings whose runs take turns, so that a busy machine slows both."""
    ones, others = [], []
    for _ in range(runs):
        ones.append(one())
        others.append(other())
    return statistics.median(ones), statistics.median(others)


def peak_memory() -> float:
    """Peak resident memory of this process in MB. `ru_maxrss` would not do: a child begins with its parent's."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is None:
        raise OSError("no VmHWM in /proc/self/status")
    return int(found[1]) / 1024
