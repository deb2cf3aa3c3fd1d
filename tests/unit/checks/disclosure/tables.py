"""Tables for tests, from plain values: `table("region n", "Nord <11", "Sud 20", "Total 24")`."""

import math
import re

from ecluse.checks.disclosure import find
from ecluse.checks.facts import Cell, Compound, Context, Facts, Interval, Masked, Passage, Source, Table, Text, Value
from ecluse.checks.kinds.grid import table_of
from ecluse.checks.kinds.merging import facts_of_table
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules

_NUMBER = re.compile(r"^-?\d+(?:\.\d+)?%?$")


def cell(text: str) -> Cell:
    """A cell as the kinds read it, in the few forms that tests need."""
    text = text.replace("_", " ")
    if _NUMBER.match(text):
        bare = text.rstrip("%")
        return Value(float(bare), text, len(bare.partition(".")[2]), "%" if text.endswith("%") else "")
    if found := re.match(r"^([<≤>≥])(\d+)$", text):
        sign, number = found[1], float(found[2])
        if sign in "<≤":
            return Interval(-math.inf, number, text, high_open=sign == "<")
        return Interval(number, math.inf, text, low_open=sign == ">")
    if found := re.match(r"^(\d+)-(\d+)$", text):
        return Interval(float(found[1]), float(found[2]), text)
    if found := re.match(r"^(\S+) \((\S+)\)$", text):
        parts = tuple(cell(part) for part in found.groups())
        return Compound(tuple(p for p in parts if not isinstance(p, Text | Compound)), text)
    return Masked(text) if text in ("*", "x", "[c]") else Text("" if text == "." else text)


def table(heading: str, *rows: str, stub: int = 1, name: str = "", where: str = "", index: bool = False) -> Table:
    """A table of words split at spaces; `_` stands for a space, `.` for a blank."""
    columns = tuple(h.replace("_", " ").replace("·", "_") if h != "." else "" for h in heading.split())
    cells = tuple(tuple(cell(word) for word in row.split()) for row in rows)
    assert all(len(row) == len(columns) for row in cells), (columns, rows)
    return Table(columns, cells, name=name, where=where, stub=stub, index=index)


def facts(*tables: Table, text: str = "", source: Source = Source.OUTPUT) -> Facts:
    """The facts of a file with these tables, and one passage of text."""
    return Facts(tables=tables, passages=(Passage(text, source),) if text else ())


def grid(*rows: str) -> Facts:
    """A table as a CSV holds it: cells parted by bars."""
    made = table_of([[cell.strip() for cell in row.split("|")] for row in rows])
    assert isinstance(made, Table)
    return facts_of_table(made)


def rules(facts: Facts) -> set[str]:
    """The rules that find something in a file."""
    found = find({"a.txt": facts}, OutputRules(), Context())["a.txt"]
    return {f.rule for f in found if f.severity is not Severity.NOTE}
