r"""Tables of LaTeX: rows end with `\\`, cells with `&`.

Worked example: `A & 12 \\` within a `tabular` is a row of two cells; a caption in a `longtable` is none.
"""

import re
from collections.abc import Iterator

from .grid import Grid

_TABULAR = re.compile(
    r"\\begin\{(tabular[xy]?|longtable|xltabular|tabu|tblr|longtblr|supertabular|NiceTabular|array)\*?\}(.*?)\\end\{\1\*?\}",
    re.DOTALL,
)
_CAPTION = re.compile(r"\\caption\*?\{(?:[^{}]|\{[^{}]*\}){0,400}\}(?:\\label\{[^{}]*\})?\s*(?:\\\\)?")


_MACRO = re.compile(r"\\(?:(?:re)?newcommand|providecommand|def|gdef)\*?\{?\\([A-Za-z]{1,40})\}?\{([^{}\\\n]{1,60})\}")
"""Definitions without arguments."""


def tables(text: str) -> Iterator[tuple[range, Grid]]:
    """The tables of a text, each with its lines."""
    for match in _TABULAR.finditer(text):
        body = re.sub(r"^(\[[^\]]*\])?(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})+", "", match[2].lstrip(), count=1)
        body = _CAPTION.sub("", body)
        grid: Grid = []
        for row in re.split(r"\\\\(?:\[[^\]]*\])?|\\tabularnewline", body):
            cells: list[str] = []
            for cell in re.split(r"(?<!\\)&", row):
                span = re.search(r"\\multicolumn\{(\d{1,3})\}", cell)
                cells.append(_plain(cell))
                cells.extend([""] * (min(int(span[1]), 100) - 1 if span else 0))
            if any(cells):
                grid.append(cells)
        first = text.count("\n", 0, match.start())
        yield range(first, first + match[0].count("\n") + 1), grid


def expanded(text: str) -> str:
    r"""A text with the macros that stand for a few words: `\newcommand{\nburns}{3}` and then `\nburns{} deaths`."""
    for name, value in dict(_MACRO.findall(text)).items():
        text = re.sub(rf"\\{name}(?![A-Za-z])(?:\{{\}})?", value, text)  # no value holds a backslash
    return text


def _plain(cell: str) -> str:
    """What a LaTeX cell shows, near enough to read its number."""
    cell = re.sub(r"(?<!\\)%.*", "", cell)
    cell = re.sub(
        r"\\multicolumn\{[^{}]*\}\{[^{}]*\}|\\multirow\{[^{}]*\}\{[^{}]*\}|\\(?:c?midrule|cline)(?:\([^)]*\))?\{[^{}]*\}",
        "",
        cell,
    )
    cell = re.sub(r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot)\b", "", cell)
    cell = cell.replace(r"\%", "%").replace(r"\&", "&").replace(r"\_", "_").replace("\\,", " ").replace("~", " ")
    cell = (
        cell.replace(r"\leq", "≤").replace(r"\le", "≤").replace(r"\geq", "≥").replace(r"\pm", "±").replace("{,}", ",")
    )
    cell = re.sub(r"\\[A-Za-z]+\*?", "", cell)
    return re.sub(r"[{}$]", "", cell).strip()
