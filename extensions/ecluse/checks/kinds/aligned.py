"""Tables drawn with blanks, cut into columns, and what stands around them.

Decides where a paragraph that holds a table is cut. Worked example: above `nyha  décès sortie` a line `issue` covers
the gutter between two columns, so that `I       2` would be one cell; without that line all cells are whole, so the
table begins below it.
"""

import re
from collections.abc import Iterator

from ecluse.checks.disclosure.words import Measure, measure_of
from ecluse.checks.facts import Masked, Text

from .columns import TRIMS, gutters
from .grid import Grid
from .numbers import parse_cell

RULE = re.compile(r"[\s\-=+|:_─━═┼┬┴├┤┌┐└┘│╞╪╡╒╤╕╘╧╛*]{3,}")
COMMAND = re.compile(r"^(?:> ?|>>> |\. (?=[a-z])|In \[\d*\]: |\w+[=-][>#*] )(?=\S)")
"""A command that the program repeats above its answer: R, Python, Stata, IPython, a database."""
LOGGED = re.compile(
    r"^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S* .{0,30}?\b(?:INFO|DEBUG|WARN(?:ING)?|ERROR|CRITICAL)\b"
    r"|(?:NOTE|WARNING|ERROR|INFO): )"
)
"""A message of a log: what is printed between two of them is another thing."""
MERGED = re.compile(r"\S\s{2,}\S")
_LONE = re.compile(r"^\s*(?:\[1\]\s*)?(\d{1,3}(?:,\d{3})*|\d+)\s*$")
_COUNTING = re.compile(r"\bcount\b|\bnrow\(|\blen\(|\blength\(|n_distinct|nunique|\bsum\(", re.IGNORECASE)
_WORDS = 4
_SETTINGS = (Measure.TIME, Measure.AGE, Measure.YEAR, Measure.DATE, Measure.AMOUNT, Measure.MODEL, Measure.PERCENTILE)
_PARAMETER = re.compile(r"(?:^|[\s{(,])['\"]?([A-Za-z]\w{0,60})['\"]?\s?[:=]\s?$")
_SPACE = re.compile(r"\bparam_(?:grid|distributions|space)\b['\"]?\s?[=:]\s?\{[^{}]{0,2000}\Z")
"""What a search over parameters tries is open at the end: `param_grid={'C': [1, 10], 'max_depth': `."""
_TRIED = 2000
"""Lines up to which other cuts of a paragraph are tried."""


def cuts_of(texts: list[str]) -> Iterator[tuple[int, int, Grid, Grid]]:
    """Ways to cut lines into a table, the best first: lines left out above and below, cells, cells with their heading.

    A caption or a spanning header that covers a gutter merges two columns: of the cuts, that with whole cells is taken.
    """
    made: list[tuple[int, int, Grid, list[int]]] = []
    for order, (lead, tail) in enumerate(TRIMS):
        lines = texts[lead : len(texts) - tail]
        if len(lines) < 2:  # one line has no gutters
            continue
        cuts = gutters(lines)
        grid = [[line[a:b].strip() for a, b in zip([0, *cuts], [*cuts, None], strict=True)] for line in lines]
        if not cuts or not mostly_numbers(grid):
            continue
        merged = sum(MERGED.search(c) is not None or _two_numbers(c) for row in grid for c in row)
        made.append((merged, order, grid, cuts))
        if not merged or len(lines) > _TRIED:
            break
    # Fewer lines have fewer merged cells anyway: another cut must be much better than the first.
    better = [m for m in made[1:] if m[0] * 3 < made[0][0]]
    for _, order, grid, cuts in (*sorted(better, key=lambda m: m[:2]), *made[:1]):
        lead, tail = TRIMS[order]
        heads = [_head(line, cuts) for line in texts[:lead][-2:]] if order else []
        yield lead, tail, grid, _joined(_under(grid, heads))


def is_sentence(line: str, row: list[str]) -> bool:
    """Whether a line says something besides its figures: a message of a log, several words, `label: value`."""
    said = any(len(c.split()) > _WORDS or c.endswith((":", " =")) or c == "=" for c in row)
    return LOGGED.match(line) is not None or said


def _head(line: str, cuts: list[int]) -> list[str]:
    """The words of a heading by the columns that they end above: numbers stand to the right, and so do their names."""
    out = [""] * (len(cuts) + 1)
    for word in re.finditer(r"\S+(?: \d{1,3}(?:[.,]\d+)?%)?", line):  # `lower 95%` is one name
        column = sum(word.end() > cut for cut in cuts)
        out[column] = f"{out[column]} {word[0]}".strip()
    return out


def _under(grid: Grid, heads: list[list[str]]) -> Grid:
    """The grid below the heading that was cut off; what its last line leaves blank stands in the line above."""
    named = all(grid[0]) and not any(map(has_number, grid[0]))
    if not heads or named:
        return grid
    head = [below or above for above, below in zip(heads[0], heads[-1], strict=True)]
    labels = [h for h in head[1:] if h]
    return [head, *grid] if len(labels) * 2 > len(head) - 1 and not all(map(has_number, labels)) else grid


def _two_numbers(cell: str) -> bool:
    """`8 0 1`: several whole numbers in what should be one cell. `1 204` is one, and so is `12 (3.4)`."""
    words = cell.split()
    return len(words) > 1 and all(w.isdecimal() for w in words) and any(len(w) != 3 for w in words[1:])


def _joined(grid: Grid) -> Grid:
    """The grid, with pandas' second header line (the index's name) folded into the first, and repeated names above."""
    alike = [c for c in range(len(grid[0])) if len({row[c] for row in grid}) == 1]
    names = [c for c in alike if re.fullmatch(r"[^\W\d]\w*", grid[0][c])]
    if len(grid) > 2 and len(names) > 1 and not any(c + 1 in names for c in names):  # rows alike
        kept = [c for c in range(len(grid[0])) if c not in names]
        return [[grid[0][c - 1] if c - 1 in names else "" for c in kept], *([row[c] for c in kept] for row in grid)]
    if len(grid) > 2 and grid[1][0] and not any(grid[1][1:]) and not grid[0][0]:  # header and body
        return [[grid[1][0], *grid[0][1:]], *grid[2:]]
    return grid


def counted(lines: list[str], number: int) -> str:
    """A line; a number that stands alone below a command that counts, or below `count` and a rule, says so."""
    lone = _LONE.match(lines[number])
    above = [line for line in lines[max(number - 3, 0) : number] if line.strip()] if lone else []
    if lone is None or not above:
        return lines[number]
    headed = len(above) > 1 and RULE.fullmatch(above[-1]) and measure_of(above[-2].strip()) is Measure.COUNT
    asked = COMMAND.match(above[-1]) is not None and _COUNTING.search(above[-1]) is not None
    return f"n = {lone[1]}" if headed or asked else lines[number]


def has_number(line: str) -> bool:
    """Whether one of a line's words is a number."""
    return any(not isinstance(parse_cell(w), Text | Masked) for w in line.split())


def mostly_numbers(grid: Grid) -> bool:
    """At least half of the rows after the first have a number."""
    body = grid[1:] or grid
    return sum(any(not isinstance(parse_cell(c), Text) for c in row) for row in body) * 2 >= len(body)


_FILTERED = re.compile(r"[=<>!]=|[<>]|\bisin\(|\.query\(|\.loc\b|between\(|isna\(|notna\(|dup\w*\b", re.IGNORECASE)
_HOLDERS = re.compile(
    r"\b(?:df|data|cohorte?|patients?|sujets?|subjects?|sejours?|stays?|pop\w*|sous_groupe|subgroup|sg)\w*\b",
    re.IGNORECASE,
)
_SIZE = re.compile(
    r"^(?:print\()?(?:len\((?P<of>.+)\)|(?P<shaped>.+)\.shape(?:\[0\])?|(?P<rest>.+?)(?:\.count|\.sum|\.nunique)\(\))\)?;?$"
)
_VARIABLE = re.compile(r"^(?:print\()?([A-Za-z]\w{0,39})\)?;?$")
_ANSWER = re.compile(r"^\(?(\d{1,9})(?:, \d{1,4}\))?$")


def answer(source: str, shown: str) -> str:
    """`n = 3` where the last line of code asks how many rows or persons there are, and the output is that number.

    Where it is a name alone, the number goes by that name: `n_dead = 3`.
    """
    told = _ANSWER.match(shown.strip())
    lines = [line.strip() for line in source.splitlines() if line.strip() and not line.strip().startswith("#")]
    if told and lines and (name := _VARIABLE.match(lines[-1])):
        return f"{name[1]} = {told[1]}"
    asked = _SIZE.match(lines[-1]) if told and lines and len(lines[-1]) < 400 else None
    if told is None or asked is None:
        return ""
    of = asked["of"] or asked["shaped"] or asked["rest"]
    persons = _FILTERED.search(of) or (_HOLDERS.search(of) and not re.search(r"\bcolumns\b|\.dtypes|select_dtypes", of))
    return f"n = {told[1]}" if persons else ""


def framed(piped: list[str]) -> list[str]:
    """Lines without their outer bars. One that begins further right than the others has no label: SAS prints such."""
    margin = min(len(line) - len(line.lstrip()) for line in piped)
    barred = sum(line[margin : margin + 1] in "|│" for line in piped)
    cut = [line[margin:].rstrip() for line in piped]
    if barred == len(cut) or any(line[:1].strip() == "" and not line.lstrip().startswith(("|", "│")) for line in cut):
        return [line.strip().strip("|│") for line in piped]
    return [line.rstrip("|│") if line[:1] not in "|│" else line.strip("|│") for line in cut]


def is_setting(text: str, match: re.Match[str]) -> bool:
    """Whether a list of numbers is one of choices, which count nobody.

    The name of a list of times, ages or amounts says so, `landmarks_months = [3, 6, 12]`; so does that of a parameter
    of a model's step, `{'model__C': [1, 10]}`, or of a search, `param_grid={'C': [1, 10]}`.
    """
    line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    step = _PARAMETER.search(line[-80:])
    tried = step is not None and ("__" in step[1] or _SPACE.search(text, 0, match.start()) is not None)
    if step and tried and measure_of(step[1]) is not Measure.COUNT:
        return True
    named = re.fullmatch(r"\s*['\"]?([A-Za-z_][\w .-]{0,40}?)['\"]?\s*[=:]\s*", line)
    return named is not None and measure_of(named[1].replace("_", " ")) in _SETTINGS
