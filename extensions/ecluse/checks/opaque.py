"""Text and code that stay in the rebuilt file, yet no reviewer can read: encoded blocks, and data written into code.

Decides nothing about persons; it sends to review what could carry a data set past every other rule.

Worked example: `blob = "iVBORw0KGgo…"` with 400 base64 characters is `encoded-data`; a list of 60 numbers in a cell of
code is `data-in-code`, a list of 80 ICD codes is not.
"""

import ast
import base64
import re
from collections import Counter
from collections.abc import Iterator

from ecluse.rules.finding import Finding, Place, Severity

from .facts import Facts

_RUN = re.compile(r"[A-Za-z0-9+/=_-]{40,}")
_TOKEN = re.compile(r"(?<![\w+/=.-])[A-Za-z0-9+/]{14,400}={0,2}(?![\w+/=.-])")
_HEXADECIMAL = 24
"""Digits from which a text may be written in them; shorter ones are readable by chance."""
_DISPLAYS = ast.List | ast.Tuple | ast.Set | ast.Dict | ast.Call
_LONG, _TOTAL = 120, 400
_NUMBERS, _TEXTS, _TEXT = 50, 20, 12
_LINES = 10
_PICKED = re.compile(
    r"(?=.*(?:isin|drop|query|\bin\b))(?=.*(?:patient|sejour|subject|sujet|\bnir|\bipp|ben_|num_|_id\b|\.id\b))",
    re.DOTALL | re.IGNORECASE,
)
_LIST = re.compile(r"[\[({]((?:\s*-?\d[\d.eE+-]*\s*,){50,})")


def find(facts: Facts) -> list[Finding]:
    """Findings on encoded blocks in any text, and on data in code."""
    found = [f for p in facts.passages if (f := _encoded(p.text, p.where, p.place)) is not None]
    return [*found, *(f for c in facts.code for f in _written(c.text, c.where, c.place))]


def _mixed(run: str) -> bool:
    """Whether a run looks encoded: letters of both cases and digits, or hexadecimal digits only."""
    hexadecimal = bool(re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", run)) and len(set(run)) > 8  # of 16
    kinds = (
        any(c.islower() for c in run),
        any(c.isupper() for c in run),
        sum(c.isdigit() for c in run) > len(run) / 30,
    )
    return hexadecimal or (all(kinds) and len(set(run)) > 16)  # few signs repeat in rules and bars


def _spelt(token: str) -> str:
    """A short run that is a readable text in base64 or in hexadecimal digits; empty where it is none."""
    hexadecimal = len(token) >= _HEXADECIMAL and not len(token) % 2 and re.fullmatch(r"[0-9a-fA-F]+", token)
    mixed = any(c.isdigit() or c == "=" for c in token) and any(c.isupper() for c in token)
    if not hexadecimal and (not mixed or len(token) % 4 or not any(c.islower() for c in token)):
        return ""
    try:
        said = (bytes.fromhex(token) if hexadecimal else base64.b64decode(token, validate=True)).decode()
    except ValueError:
        return ""
    readable = said.isprintable() or all(c.isprintable() or c in "\n\r\t" for c in said)
    return said if readable and sum(c.isalnum() or c in " ,;.-" for c in said) * 10 >= 9 * len(said) else ""


def _encoded(text: str, where: str, place: Place) -> Finding | None:
    runs = [r for r in _RUN.findall(text) if _mixed(r)]
    total = sum(map(len, runs))
    hidden = next(filter(None, map(_spelt, _TOKEN.findall(text))), "")
    if max(map(len, runs), default=0) < _LONG and total < _TOTAL and not hidden:
        return None
    total = total or len(hidden)
    return Finding(
        rule="encoded-data",
        severity=Severity.REVIEW,
        where=where,
        place=place,
        message=f"{total:,} characters that look encoded (base64 or hexadecimal): nobody can read what they hold.",
        fix="Remove the block; show figures as outputs and tables as tables.",
    )


def _written(code: str, where: str, place: Place) -> Iterator[Finding]:
    """Long lists of numbers, or of long texts, in code."""
    try:
        nodes = list(ast.walk(ast.parse(code)))
        lists = [_elements(n) for n in nodes if isinstance(n, _DISPLAYS)]
        strings = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        lists, strings = [], [code]
    numbers = max((sum(isinstance(v, int | float) for v in values) for values in lists), default=0)
    texts = max((sum(isinstance(v, str) and len(v) >= _TEXT for v in values) for values in lists), default=0)
    # Numbers in a text, to be split again: the same list in another dress.
    numbers = max([numbers, *(len(re.findall(r"\d[\d.]*", m[1])) for s in strings for m in _LIST.finditer(f"[{s},"))])
    if _PICKED.search(code) and any(_numbers_of_persons(values) for values in lists):
        texts = max(texts, _TEXTS)
    lines = _repeated(code)
    if any(map(_packed, strings)):
        yield Finding(
            rule="encoded-data",
            severity=Severity.REVIEW,
            where=where,
            place=place,
            message="A text in the code looks encoded: nobody can read what it holds.",
            fix="Remove the block; read data from a file that stays inside.",
        )
    if lines >= _LINES:
        numbers = max(numbers, lines)
    if numbers >= _NUMBERS or texts >= _TEXTS or lines >= _LINES:
        yield Finding(
            rule="data-in-code",
            severity=Severity.REVIEW,
            where=where,
            place=place,
            message=f"A list of {max(numbers, texts)} values is written into the code: it may be data of persons.",
            fix="Read the values from a file that stays inside, and remove the list.",
        )


def _numbers_of_persons(values: list[object]) -> bool:
    """Three or more whole numbers of four digits and more, no years: persons or stays named one by one."""
    whole = {v for v in values if isinstance(v, int) and v > 2100}  # years
    return len(whole) > 2 and len(whole) == len(values)  # three are a list


def _repeated(code: str) -> int:
    """How often a line comes again with nothing but other digits and quoted words, or as a row of delimited values."""
    shapes = Counter(
        re.sub(r"\d+", "0", re.sub(r"'[^']*'|\"[^\"]*\"", "''", line)).strip() for line in code.splitlines()
    )
    alike = max((n for shape, n in shapes.items() if "0" in shape or "''" in shape), default=0)
    run = best = 0
    last = 0
    for line in code.splitlines():
        width = max(line.count(","), line.count(";"), line.count("\t"))
        row = width > 1 and width == last and any(c.isdigit() for c in line) and not re.search(r"[=(){}]", line)
        run = run + 1 if row else 0
        best, last = max(best, run), width
    return max(alike, best + 1 if best else 0)


def _packed(text: str) -> bool:
    """A long text without a blank and of very many different signs: an encoding that is not base64."""
    return len(text) >= _LONG and not re.search(r"\s|^https?:", text) and len(set(text)) > 40  # of 85


def _elements(node: ast.List | ast.Tuple | ast.Set | ast.Dict | ast.Call) -> list[object]:
    """Constants of a display or a call, one level of nested displays included; a minus sign does not hide a number."""
    if isinstance(node, ast.Dict):
        parts = [*node.keys, *node.values]
    else:
        parts = [*(node.args if isinstance(node, ast.Call) else node.elts)]
    found: list[object] = []
    for part in parts:
        inner = part.operand if isinstance(part, ast.UnaryOp) else part
        if isinstance(inner, ast.Constant) and not isinstance(inner.value, bool):
            found.append(inner.value)
        elif isinstance(inner, ast.List | ast.Tuple | ast.Set):
            found += [e.value for e in inner.elts if isinstance(e, ast.Constant) and not isinstance(e.value, bool)]
    return found
