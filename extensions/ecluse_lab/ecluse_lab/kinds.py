"""Which bytes the contents API may hand to a browser: source-like text and real notebooks, by content and name.

Worked example: `fit.py` with 90 lines of code passes. `patients.csv` does not, by its name; the same file renamed
`patients.py` does not either, because 20 or more of its lines split into the same number of fields; renamed
`patients.ipynb` it does not, because it is no notebook. The reason given never quotes the file.

This raises the effort of a download; it can't prevent one, because a kernel may print what it likes.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import nbformat

SOURCES = frozenset(
    {"py", "pyi", "r", "rmd", "qmd", "sql", "sh", "jl", "do", "ado", "sas", "stan", "tex", "bib"}
    | {"md", "markdown", "rst", "txt", "json", "yaml", "yml", "toml", "cfg", "ini"}
)
NAMES = frozenset({"readme", "license", "makefile", "dockerfile", "requirements", "authors", "contributing"})
_TABLE_LINES = 20
_TABLE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown: endings of texts, endings of pictures and the like (none by default), sizes in bytes."""

    sources: frozenset[str] = SOURCES
    viewable: frozenset[str] = frozenset()
    text_bytes: int = 512 * 1024
    notebook_bytes: int = 32 * 1024 * 1024


def ending(name: str) -> str:
    """The ending of a file's name in lower case, without the dot; '' where there is none."""
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def why_not_by_name(name: str, shown: Shown) -> str:
    """Why a file of this name is not shown as text, or '' if its name is fine."""
    kind = ending(name)
    if kind in shown.sources or (not kind and PurePosixPath(name).name.lower() in NAMES):
        return ""
    return f"files that end in '.{kind}' are not shown here" if kind else "files without an ending are not shown here"


def why_not_text(data: bytes, shown: Shown) -> str:
    """Why these bytes are not shown as text, or '' if they may be."""
    if len(data) > shown.text_bytes:
        return f"it has {len(data)} bytes; texts up to {shown.text_bytes} are shown"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not a text in UTF-8"
    if "\0" in text:
        return "it is not a text"
    return "it reads like a table of data" if looks_like_table(text) else ""


def looks_like_table(text: str) -> bool:
    """Whether nearly all lines (of 20 or more) split into the same number of fields.

    A delimiter that ends a line does not count: code and JSON end their lines so. A semicolon has to occur twice in a
    line, since languages use it once to end a statement before a comment.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) < _TABLE_LINES:
        return False
    for delimiter, least in ((",", 1), ("\t", 1), (";", 2), ("|", 2)):
        counts = Counter(line.rstrip(delimiter + " ").count(delimiter) for line in lines)
        if any(n >= least and times >= _TABLE_SHARE * len(lines) for n, times in counts.items()):
            return True
    return False


def read_notebook(data: bytes, shown: Shown) -> Any:
    """The notebook in these bytes, as nbformat 4. Raises ValueError, which never quotes the bytes, if it is none."""
    if len(data) > shown.notebook_bytes:
        raise ValueError(f"it has {len(data)} bytes; notebooks up to {shown.notebook_bytes} are shown")
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("it is not a notebook: no JSON") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("nbformat"), int) or raw["nbformat"] not in (3, 4):
        raise ValueError("it is not a notebook: it does not say its format")
    problem: dict[str, Any] = {}
    try:
        notebook = nbformat.reads(data.decode("utf-8"), as_version=4, capture_validation_error=problem)
    except Exception:  # noqa: BLE001 - nbformat's errors quote the file; whatever it is, the file is no notebook
        raise ValueError("it is not a notebook") from None
    if problem:
        raise ValueError("it is not a notebook: its parts are not those of the format")
    return notebook
