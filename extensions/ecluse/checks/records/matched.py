"""Tables whose columns, not rows, are persons: one column each, or who was matched with whom.

Decides from headings and values. Worked example: `cas, temoin1, temoin2` over whole numbers that never repeat names one
case and its two controls per row; `cas, temoins` over 45, 120 counts them.
"""

import math
import re

from ecluse.checks.disclosure.words import plain
from ecluse.checks.facts import Cell, Table, Text, Value

FEW_ROWS = 2
MANY_ROWS = 11
_ROLE = re.compile(
    r"(?:cas|case|temoin|control|controle|patiente?|mere|mother|pere|father|enfant|child|donneur|donor|receveur|recipient"
    r"|jumeau|twin|contact|proband|sibling|match(?:ed)?|apparie|conjoint|spouse|index)(?P<more>_?(?:id|no|num|ref)|_?\d{1,2})?"
)
_SET = re.compile(r"(?:pair|paire|set|strate|stratum|couple|matched_set|match_id|bloc|block)(?:_?(?:id|no))?")


def headed_by_persons(table: Table) -> str:
    """Why the columns are persons; nothing where they are not."""
    if _one_each(table):
        return f"its {len(table.columns)} columns are named after numbers of persons"
    return "its columns pair persons by their numbers" if _matched(table) else ""


def number_of(cell: Cell) -> float:
    """The number that a cell shows, or NaN."""
    if isinstance(cell, Value):
        return cell.number
    # Stata numbers what it lists: `1.`
    listed = isinstance(cell, Text) and cell.text.strip().rstrip(".").isdecimal()
    return float(cell.text) if listed else math.nan


def _one_each(table: Table) -> bool:
    """Columns headed by long numbers of one length, in no step, over broken numbers: values for each person."""
    heads = [h.strip() for h in table.columns if h.strip()]
    coded = all(re.fullmatch(r"\d{5,13}", h) for h in heads) and len({len(h) for h in heads}) == 1
    if len(heads) < FEW_ROWS or not coded:
        return False
    if len(heads) >= MANY_ROWS:
        return True
    numbers = [n for row in table.cells for n in map(number_of, row) if not math.isnan(n)]
    return len(numbers) > FEW_ROWS and sum(not n.is_integer() for n in numbers) * 2 > len(numbers)


def _matched(table: Table) -> bool:
    """Whether a table says who was matched with whom: one person's role above each column, whole numbers once each.

    Counts of cases and controls have a label in each row, or headings in the plural.
    """
    heads = [re.sub(r"[ -]+", "_", plain(h)) for h in table.columns]
    roles = [n for n, head in enumerate(heads) if _ROLE.fullmatch(head)]
    others = [head for n, head in enumerate(heads) if n not in roles]
    told = any((m := _ROLE.fullmatch(heads[n])) and m["more"] for n in roles)
    if len(roles) < FEW_ROWS or not all(map(_SET.fullmatch, others)) or len(table.cells) < FEW_ROWS or not told:
        return False
    columns = [[number_of(cell) for cell in table.column(n)] for n in roles]
    whole = all(not math.isnan(v) and v.is_integer() and v >= 0 for column in columns for v in column)
    return whole and all(len(set(column)) == len(column) for column in columns)
