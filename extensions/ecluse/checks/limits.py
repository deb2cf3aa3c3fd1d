"""Bounds on what a check may read and spend.

Worked example: a policy with `max_rows: 5000` gives `Limits(rows=5000)`; a CSV whose 5,001st row begins is refused
there, without reading on, and its process would die at 2 GiB of memory or 60 s of processor time in any case.
"""

from dataclasses import dataclass

from ecluse.rules.policy import OutputRules

MIB = 1024 * 1024
NUMBERS = 100_000
"""Numbers in running text that a file may show; no reader keeps more of a text."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one file, from the policy. Readers stop at them before they spend memory."""

    bytes: int = 16 * MIB
    rows: int = 5000
    columns: int = 500
    cells: int = 500_000
    pixels: int = 25_000_000
    depth: int = 40
    members: int = 100
    text: int = 8 * MIB


@dataclass(frozen=True, slots=True)
class Budget:
    """What one process of a check may spend: seconds of wall clock and of processor, bytes of memory and of output."""

    seconds: float = 60.0
    memory: int = 3072 * MIB
    output: int = 256 * MIB


def limits_of(rules: OutputRules) -> Limits:
    """The bounds of a file under the policy's rules."""
    return Limits(bytes=rules.max_file_bytes, rows=rules.max_rows)
