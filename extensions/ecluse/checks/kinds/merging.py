"""Facts of several parts as those of one file, and of a table that is already understood.

Decides nothing: it keeps what points at a table pointing there. Worked example: a report of two tables and a chart has
one list of tables; a sign on the chart's first table is one on the third.
"""

from collections.abc import Iterator
from dataclasses import replace

from ecluse.checks.facts import Facts, Sign, Table, Text, TextNumber

from .grid import passages_of, signs_of
from .numbers import find_numbers


def merge(*parts: Facts) -> Facts:
    """Facts of several parts as one; signs keep pointing at their tables."""
    tables: list[Table] = []
    signs: list[Sign] = []
    for part in parts:
        for sign in part.signs:
            moved = None if sign.table is None else sign.table + len(tables)
            signs.append(Sign(sign.kind, sign.where, sign.place, sign.rows, sign.columns, moved, sign.text))
        tables.extend(part.tables)
    return Facts(
        tables=tuple(tables),
        numbers=tuple(n for p in parts for n in p.numbers),
        passages=tuple(x for p in parts for x in p.passages),
        series=tuple(s for p in parts for s in p.series),
        code=tuple(c for p in parts for c in p.code),
        signs=tuple(signs),
    )


def facts_of_table(table: Table, *, frame: bool = False) -> Facts:
    """Facts of one table that is already understood."""
    return Facts(
        tables=(table,),
        numbers=tuple(numbers_in(table)),
        passages=tuple(passages_of(table)),
        signs=tuple(signs_of(table, 0, frame=frame)),
    )


def numbers_in(table: Table) -> Iterator[TextNumber]:
    """Numbers within a table's words (`12 patients`), with their labels as context, and within its headings."""
    for heading in dict.fromkeys(table.columns):
        if any(c.isdigit() for c in heading) and len(heading.split()) > 1:
            yield from find_numbers(heading, table.where, table.place)
    for row, cells in enumerate(table.cells):
        for column, cell in enumerate(cells):
            if isinstance(cell, Text) and any(c.isdigit() for c in cell.text):
                for number in find_numbers(cell.text):
                    before = f"{table.columns[column]} {number.before}".strip() + " "
                    yield replace(
                        number,
                        before=before[-60:],
                        where=table.where_of(row, column),
                        place=table.place_of(row, column),
                    )
