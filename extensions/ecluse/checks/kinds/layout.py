r"""Tables drawn with characters: pandas' and R's displays, pipes, arrays, LaTeX, lists with delimiters.

Decides which lines of a text are a table, and where its columns part.

Worked example: in `        n   pct\\nNord   12  0.40\\nSud     3  0.60` two gutters of blanks run through all
lines, so there are three columns; a paragraph of prose has no such gutter, and stays prose.
"""

import itertools
import re
from dataclasses import dataclass, field

from ecluse.checks.captions import unmarked
from ecluse.checks.disclosure.numerals import whole
from ecluse.checks.disclosure.sentences import printed
from ecluse.checks.disclosure.words import Measure, measure_of
from ecluse.checks.facts import Facts, Passage, Place, Sign, SignKind, Source, Table, Text
from ecluse.checks.limits import NUMBERS

from . import latex
from .aligned import (
    COMMAND,
    LOGGED,
    MERGED,
    RULE,
    counted,
    cuts_of,
    framed,
    has_number,
    is_sentence,
    is_setting,
    mostly_numbers,
)  # fmt: skip
from .columns import gutters
from .grid import Grid, signs_of, table_of, unfolded
from .numbers import find_numbers

_SHAPE = re.compile(
    r"\[?\s*(?P<r>\d[\d ,]*)\s*(?:rows?|lignes?|obs\.? of|entries)\s*(?:x|×|,|\*|of)?"
    r"\s*(?P<c>\d+)?\s*(?:columns?|colonnes?|variables?)?\s*\]?",
    re.IGNORECASE,
)
_TAIL = re.compile(r"^(?:Name: .*|Length: \d+.*|dtype: \w+.*|Freq: .*)$")
_ARRAY = re.compile(r"(?:array\()?\[[\[\]\s\d.,eE+\-\n]*\]\)?")
_COUNTED = re.compile(r"count|effectif|patient|cas\b|cases|death|d[ée]c[èe]s|sujet|subject|size|taille", re.IGNORECASE)
_NAMES = re.compile(r"\\(?:\w{0,8}ref|label|cite\w{0,4}|[vh]space)\*?\{[^{}\n]{0,80}\}")
r"""`\ref{tab:1}`: names of places, and distances, that print no such number."""
_SAID = re.compile(r"(?:[^\W\d]{2,}[ ,]+){3,}$|[^\W\d]{2,}[^:=\n]{0,40} [^\W\d]{3,9} \d{4} $")
"""The end of a sentence, or of one that ends with a date, before the numbers of what it cites."""
_SENTENCE = re.compile(r"^\S+ \S.*(?:[A-Za-zà-ÿ]\.|;)\s*$")
"""A line above a table that ends as a sentence, or as a list of settings, does: it names no column."""
_OF_A_NUMBER = re.compile(r"\d[.,]\d{1,3} ?$")
_PER_GROUP = re.compile(r"(\n[^\n]*Obs per group:)\s*\n\s*min =\s*(\S+)\n\s*avg =\s*(\S+)\n\s*max =\s*(\S+)")
"""Stata's sizes of groups, on three lines below their name."""
_LINE_NUMBER = re.compile(r"(?m)^(\d{1,6})(?=[ !+]{2,10}\S)")
_NUMBERED_LINES = re.compile(r"(?m)(?:^\d{1,6}[ !+]{2,10}\S.{0,300}$\n?){3,}")
_LINES = 200_000
_LEGEND = 4
"""Lines with one word each, above the heading of a crosstab."""
_LONG = 200
_CELL = 40
_TYPES = frozenset(
    "--- i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 str bool cat date datetime[μs] datetime[ns] int32 int64 bigint".split()  # noqa: SIM905
    + "double varchar boolean decimal hugeint enum <int> <dbl> <chr> <date> <lgl> <fct>".split()  # noqa: SIM905
)
"""Second header lines of polars, DuckDB and tibbles."""
_FRAME = re.compile(r"^\s*\d+\s{2,}\S")
_PRINTED_BY_R = re.compile(r"(?m)(?:^(?:##|#>)(?: .*)?$\n?){2,}")
_PREFIX = re.compile(r"(?m)^(?:##|#>) ?")
"""What knitr and reprex put before the lines of an output; a lone `## Title` is a heading of Markdown."""
_NAMED = re.compile(r"(?<![\w.])(?P<key>[A-Za-z_][\w.]{0,30})(?: ?= ?|: )(?P<value>[^\s,;=()\[\]]{1,40})")
_DELIMITERS = ("\t", ";", ",", "^", "~", "¦", "§", "¬", "#", "!", "@")


@dataclass(slots=True)
class Found:
    """What a text gave so far."""

    tables: list[Table] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


def read_text(text: str, where: str = "", place: Place | None = None, source: Source = Source.OUTPUT) -> Facts:
    """Facts of a plain text: its tables, then the numbers outside of them, and the text itself as a passage."""
    base = place or Place()
    found = Found()
    text = _PRINTED_BY_R.sub(lambda m: _PREFIX.sub("", m[0]), text) if "##" in text or "#>" in text else text
    text = _PER_GROUP.sub(r"\1 min = \2, avg = \3, max = \4\n\n\n", text) if "per group:" in text else text
    text = _unnumbered(text) if ";" in text else text
    text = unmarked(text) if source is Source.PROSE else text
    text = latex.expanded(text) if "command" in text or "\\def" in text else text
    lines = text.split("\n")[:_LINES]
    for used, grid in latex.tables(text) if "\\begin{" in text else ():
        _add(found, grid, used, where, base)
    _arrays(text, found, where, base)
    for start, end in _merged(lines, _paragraphs(lines, found)):
        _block(lines, start, end, found, where, base)
    rest = "\n".join("" if n in found.used else counted(lines, n) for n in range(len(lines)))
    rest = printed(rest)
    if "\\" in rest:  # as LaTeX prints it
        rest = _NAMES.sub("", rest.replace("\\%", "%").replace("\\,", "\u202f"))
    for number, line in enumerate(lines):
        if "row" in line or "ligne" in line or "obs" in line or "entries" in line:
            _shape(line, number, found, where, base)
    return Facts(
        tables=tuple(found.tables),
        numbers=tuple(itertools.islice(find_numbers(rest, where, base), NUMBERS + 1)),
        passages=(Passage(text, source, where, base),) if text.strip() else (),
        signs=tuple(found.signs),
    )


def _unnumbered(text: str) -> str:
    """The text without the numbers of the lines of a program, as SAS's log shows it: some end with a semicolon."""

    def bare(run: re.Match[str]) -> str:
        numbers = [int(n) for n in _LINE_NUMBER.findall(run[0])]
        counted = all(b - a == 1 for a, b in itertools.pairwise(numbers))
        code = sum(line.endswith(";") for line in run[0].splitlines())
        return _LINE_NUMBER.sub(lambda n: " " * len(n[0]), run[0]) if counted and code * 2 > len(numbers) else run[0]

    return _NUMBERED_LINES.sub(bare, text)


def _shape(line: str, number: int, found: Found, where: str, base: Place) -> None:
    match = _SHAPE.search(line)
    if match and (match["c"] or "entries" in line):
        rows = int(re.sub(r"\D", "", match["r"])[:12])
        columns = int(match["c"][:9]) if match["c"] else None
        place = base.model_copy(update={"line": number})
        found.signs.append(Sign(SignKind.SHAPE, where, place, rows=rows, columns=columns, text=match[0].strip()[:100]))
        found.used.add(number)


def _paragraphs(lines: list[str], found: Found) -> list[tuple[int, int]]:
    """Runs of lines without a blank or a rule between, outside what is already understood."""
    out: list[tuple[int, int]] = []
    start: int | None = None
    logged = False
    for number, line in enumerate([*lines, ""]):
        ends = (
            not line.strip()
            or number in found.used
            or bool(_TAIL.match(line))
            or COMMAND.match(line) is not None
            or _SHAPE.fullmatch(line.strip()) is not None
        )
        if (LOGGED.match(line) is not None) is not logged:
            logged = not logged
            if start is not None and not ends:
                out.append((start, number))
                start = None
        if not ends and start is None:
            start = number
        if ends and start is not None:
            out.append((start, number))
            start = None
    return out


def _merged(lines: list[str], parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Paragraphs one blank line apart that are one table: a header and its body, a body and its totals."""
    out: list[tuple[int, int]] = []
    for start, end in parts:
        if out and start == out[-1][1] + 1 and not lines[start - 1].strip() and _one(lines, out[-1], (start, end)):
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def _one(lines: list[str], first: tuple[int, int], second: tuple[int, int]) -> bool:
    above, below = lines[slice(*first)], lines[slice(*second)]
    if max(len(above), len(below)) > _LONG or not has_number(below[0]) or any("|" in x for x in (*above, *below)):
        return False
    if len(above) == 1 and (has_number(above[0]) or len(above[0].split()) < 2):  # a header has labels
        return False
    cuts = len(gutters([*above, *below]))
    return cuts > 1 and cuts >= (len(gutters(above)) if len(above) > 1 else 0)


def _add(found: Found, grid: Grid, lines: range, where: str, base: Place, **known: int | bool | None) -> bool:
    """Add a grid as a table where it holds numbers."""
    if form := unfolded(grid):
        grid, known = [["", ""], *form], {"header_rows": 1, "stub": 1}
    table = table_of(grid, where=where, place=base.model_copy(update={"line": lines.start}), **known)  # type: ignore[arg-type]  # header_rows, stub and index only
    if table is None or not (any(not isinstance(c, Text) for row in table.cells for c in row) or _spelt(table)):
        return False
    found.tables.append(table)
    raw = table.index or bool(table.cells and _FRAME.match(" ".join(c.text for c in table.cells[0][:1]) + "  x"))
    found.signs.extend(signs_of(table, len(found.tables) - 1, frame=raw and table.index))
    found.used.update(lines)
    return True


def _spelt(table: Table) -> bool:
    """Whether a column of counts has its numbers in words, Roman or tallied."""
    counts = [c for c, heading in enumerate(table.columns) if measure_of(heading) is Measure.COUNT]
    return any(all(whole(cell.text) is not None for cell in table.column(c)) for c in counts)


def _block(lines: list[str], start: int, end: int, found: Found, where: str, base: Place) -> None:
    """One paragraph: pipes, delimiters or gutters."""
    block = [(n, lines[n]) for n in range(start, end) if lines[n].strip()]
    content = [(n, line) for n, line in block if not RULE.fullmatch(line)]
    if len(content) < 2:  # one line is no table
        return
    piped = [line for _, line in content if "|" in line or "│" in line]
    if len(piped) > 1 and len(piped) * 2 > len(content) and not _stata(piped) and not _barred(piped):
        grid = [[c.strip(" *`") for c in re.split(r"[|│┆]", line)] for line in framed(piped)]
        grid = [row for row in grid if not all(c.casefold() in _TYPES for c in row)]
        told = next((n for n, row in enumerate(grid) if any(row[1:])), 0)  # SAS says first what a cell holds
        told = told if told <= _LEGEND else 0
        heads = 1 if any(RULE.fullmatch(line) for _, line in block[told : told + 3]) else None
        grid = grid[told:] if heads else grid
        _add(found, grid, range(start, end), where, base, header_rows=heads)
        return
    _named(content, found, where, base)
    for delimiter in _DELIMITERS:
        counts = {line.count(delimiter) for _, line in content}
        if len(counts) == 1 and counts != {0} and (len(content) > 2 or delimiter in "\t;"):  # by chance
            grid = [[c.strip().strip('"') for c in line.split(delimiter)] for _, line in content]
            if _whole(grid) and mostly_numbers(grid) and _add(found, grid, range(start, end), where, base):
                return
    if _delimited(content, found, where, base):
        return
    if _barred(piped) and _fixed([(n, _blank(line)) for n, line in content], found, where, base):
        return
    for part in _parts([(n, line.replace("|", "  ") if _stata(piped) else line) for n, line in block]):
        _fixed(part, found, where, base)


def _whole(grid: Grid) -> bool:
    """Whether cells close the brackets that they open; a comma inside of them, `1,9 [1,7 ; 2,1]`, parts no columns."""
    parted = sum(any(c.count("[") != c.count("]") or c.count("(") != c.count(")") for c in row) for row in grid)
    return parted * 2 <= len(grid)


def _stata(piped: list[str]) -> bool:
    """Lines with one bar that parts the labels from several columns of blanks between."""
    bars = {line.count("|") + line.count("│") for line in piped}
    return bars == {1} and all(len(re.split(r"\s{2,}", line.partition("|")[2].strip())) > 1 for line in piped)


def _named(content: list[tuple[int, str]], found: Found, where: str, base: Place) -> None:
    """Lines that name their values alike, `id=7 y=0 p=0.12`, are rows of one table. The lines stay text as well."""
    run: list[tuple[int, list[str], list[str]]] = []
    for number, line in [*content, (-1, "")]:
        pairs = _NAMED.findall(line[:4000])
        keys = [key for key, _ in pairs]
        if run and keys != run[0][1]:
            if len(run) > 2:  # two lines may be alike by chance
                grid = [run[0][1], *(values for _, _, values in run)]
                used = set(found.used)
                _add(found, grid, range(run[0][0], run[-1][0] + 1), where, base, header_rows=1)
                found.used = used
            run = []
        if len(keys) > 1:
            run.append((number, keys, [value for _, value in pairs]))


def _barred(piped: list[str]) -> bool:
    """Lines with bars here and there, between which blanks part the columns: a crosstab or a list of Stata's."""
    pieces = [p.strip() for line in piped for p in re.split(r"[|│]", line) if p.strip()]
    several = sum(len(p.split()) > 1 and _numbers_only(p) for p in pieces)
    return len(piped) > 2 and several * 2 > len(piped)  # a header and two rows


def _numbers_only(text: str) -> bool:
    """Words of which most are numbers, parted by more than one blank."""
    words = text.split()
    return MERGED.search(text) is not None and sum(has_number(w) for w in words) * 2 >= len(words)


def _blank(line: str) -> str:
    return re.sub(r"[|│]", " ", line)


def _delimited(content: list[tuple[int, str]], found: Found, where: str, base: Place) -> bool:
    """Delimited rows within a paragraph: a log that prints the first lines of a file."""
    for delimiter in _DELIMITERS:
        runs: list[list[tuple[int, str]]] = [[]]
        for number, line in content:
            width = line.count(delimiter)
            if width < 2 or any(len(c) > _CELL for c in line.split(delimiter)):  # three cells make a row
                runs.append([])
            elif runs[-1] and runs[-1][-1][1].count(delimiter) != width:
                runs.append([(number, line)])
            else:
                runs[-1].append((number, line))
        run = max(runs, key=len)
        grid = [[c.strip().strip('"') for c in line.split(delimiter)] for _, line in run]
        used = range(run[0][0], run[-1][0] + 1) if run else range(0)
        alike = len(run) > 3 and _whole(grid)  # by chance
        if alike and mostly_numbers(grid) and _add(found, grid, used, where, base):
            return True
    return False


def _parts(block: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """A paragraph cut at rules; the line of words above a rule is the header of what follows."""
    out: list[list[tuple[int, str]]] = [[]]
    for number, line in block:
        if not RULE.fullmatch(line):
            out[-1].append((number, line))
        elif len(out[-1]) > 1:
            last = out[-1][-1][1]
            header = not has_number(last) and len(re.split(r"\s{2,}", last.strip())) > 1
            out.append([out[-1].pop()] if header else [])
    return [p for p in out if p]


def _fixed(part: list[tuple[int, str]], found: Found, where: str, base: Place) -> bool:
    """A table with gutters; up to three lines above or below it may be prose, such as a caption or a dtype."""
    while len(part) > 2 and _SENTENCE.search(part[0][1]):  # a heading and a row
        part = part[1:]
    texts = [line.expandtabs(8) for _, line in part]
    if _vector(texts, part, found, where, base):
        return True
    for lead, tail, grid, headed in cuts_of(texts):
        used = range(part[lead][0], part[len(texts) - tail - 1][0] + 1)
        before = set(found.used)
        if any(all(row[c : c + 2] == ["(n", "="] for row in grid) for c in range(len(grid[0]))):
            continue  # lines that are alike but for the size that each says
        if _add(found, headed, used, where, base):
            said = {part[lead + n][0] for n, row in enumerate(grid) if is_sentence(texts[lead + n], row)}
            found.used -= said - before
            return True
    return False


def _vector(texts: list[str], part: list[tuple[int, str]], found: Found, where: str, base: Place) -> bool:
    """Levels of percentiles above as many numbers: `0%  50%  100%`."""
    words = [line.split() for line in texts]
    if len(words) != 2 or len(words[0]) != len(words[1]) or len(words[0]) < 2:  # names and numbers
        return False
    levels = all(re.fullmatch(r"\d{1,3}(?:[.,]\d+)?%", w) for w in words[0])
    used = range(part[0][0], part[-1][0] + 1)
    return levels and _add(found, words, used, where, base, header_rows=1, stub=0)


def _arrays(text: str, found: Found, where: str, base: Place) -> None:
    r"""Printed arrays: `[[50  3]\\n [ 2 45]]`."""
    if "[" not in text:
        return
    for match in _ARRAY.finditer(text):
        rows = re.findall(r"\[([^\[\]]+)\]", match[0])
        grid = [re.split(r"[\s,]+", row.strip(" ,\n")) for row in rows if row.strip(" ,\n")]
        if _spread(text, match, grid) or (
            len(grid) == 1 and (_positions(grid[0]) or _cited(text, match, grid[0]) or is_setting(text, match))
        ):
            continue
        if not grid or len({len(r) for r in grid}) != 1 or sum(len(r) for r in grid) < 2:  # a number
            continue
        first = text.count("\n", 0, match.start())
        _add(found, grid, range(first, first + match[0].count("\n") + 1), where, base, header_rows=0, stub=0)


def _cited(text: str, match: re.Match[str], row: list[str]) -> bool:
    """`two earlier trials [3, 7, 12].`: numbers of a bibliography rise and stand behind the words of a sentence."""
    before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    ends = [c for part in row for c in re.split("[-–]", part)]
    short = all(c.isdecimal() and len(c) <= 3 for c in ends)  # no bibliography has thousands
    rises = short and [int(c) for c in ends] == sorted({int(c) for c in ends})
    said = _SAID.search(before[-200:]) is not None and not match[0].startswith("array")
    return rises and said and not _COUNTED.search(before[-60:])


def _spread(text: str, match: re.Match[str], grid: Grid) -> bool:
    """`6.0 [3.0, 12.0]  8.0 [4.0, 14.0]`: quartiles behind their medians."""
    beside = len(grid) == 1 or any(map(str.isdigit, re.sub(r"\[[^\[\]]*\]", "", match[0])))
    pairs = bool(grid) and all(len(row) == 2 for row in grid)  # lower and upper end
    return beside and pairs and _OF_A_NUMBER.search(text, 0, match.start()) is not None


def _positions(row: list[str]) -> bool:
    """1, 2, 3, 4: seeds, folds, levels; they count nobody."""
    return len(row) > 2 and all(c.isdecimal() and int(c[:9]) == int(row[0][:9]) + i for i, c in enumerate(row))
