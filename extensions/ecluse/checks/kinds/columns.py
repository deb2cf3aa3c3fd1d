"""Where the columns of a table drawn with blanks part.

Decides which runs of blanks that go through all lines are gutters between columns, and which are blanks of words.

Worked example: in `sex  n` / `F   12` / `H    4` the blanks at positions 3 and 4 go through: two columns.
"""

import re

from ecluse.checks.facts import Text

from .numbers import parse_cell

TRIMS = ((0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (2, 0), (2, 2), (1, 2), (2, 1), (3, 0))
"""Lines to leave out above and below when looking for gutters, in this order."""

_WIDEST = 4000
_FEW = 2


def gutters(lines: list[str]) -> list[int]:
    """Where columns begin, without the first: the ends of runs of blanks common to all lines that part columns."""
    taken = 0
    for line in lines:
        taken |= int("".join("0" if c == " " else "1" for c in reversed(line[:_WIDEST])) or "0", 2)
    flags = bin(taken)[:1:-1]
    runs = [(m.start(), m.end()) for m in re.finditer("0+", flags) if m.start()]
    edges = [0, *(end for _, end in runs), len(flags)]
    out: list[int] = []
    for number, (start, end) in enumerate(runs):
        wide = end - start > 1
        left = out[-1] if out else 0
        right = runs[number + 1][0] if number + 1 < len(runs) else edges[-1]
        if wide or (
            len(lines) > _FEW and (_numbers(lines, left, start, end) or _words(lines, left, start, end, right))
        ):
            out.append(end)
    return out


def _numbers(lines: list[str], left: int, start: int, end: int) -> bool:
    """Whether numbers stand to the right of a narrow gutter in most lines, or a running index to its left."""
    numbers = index = 0
    for line in lines[1:]:
        right = line[end:].split(maxsplit=1)[:1]
        before = line[left:start].strip()
        numbers += bool(right) and bool(before) and not isinstance(parse_cell(right[0]), Text)
        index += before.isdecimal() and bool(right)
    return max(numbers, index) * 3 > (len(lines) - 1) * 2


def _words(lines: list[str], left: int, start: int, end: int, right: int) -> bool:
    """Whether one word stands on each side of a narrow gutter in every line: labels of two columns, not of one."""
    sides = [(line[left:start].split(), line[end:right].split()) for line in lines]
    return all(len(a) <= 1 and len(b) == 1 for a, b in sides) and all(a for a, _ in sides[1:])
