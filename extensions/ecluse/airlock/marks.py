"""Outlines the cells of a table in an output that findings are about."""

import re
from collections.abc import Sequence

from markupsafe import Markup

from .notes import Note, worst_of

_TAG = re.compile(r"<(table|thead|/thead|tr|td|th)( (?:colspan|rowspan)=\"\d{1,3}\"){0,2}>")


def mark_cells(html: Markup, notes: Sequence[Note]) -> Markup:
    """Sanitised HTML with the cells named by the notes' row and column outlined.

    Only where there is exactly one table and no cell spans others: else a position could mean another cell, and an
    outline of the wrong number is worse than none. `html` has to come from `render.clean`: its tags carry no other
    attributes than spans, so that adding to a tag can't open another.
    """
    wanted = {(n.place.row, n.place.column) for n in notes if n.place.row is not None and n.place.column is not None}
    if not wanted or html.count("<table>") != 1 or "span=" in html:
        return html
    row = column = -1
    parts: list[Markup] = []
    end, in_head = 0, False
    has_head = "<thead>" in html
    for tag in _TAG.finditer(html):
        name = tag.group(1)
        if name in ("thead", "/thead"):
            in_head = name == "thead"
        elif name == "tr":
            row, column = (row if in_head else row + 1), -1
        elif name in ("td", "th") and not in_head:
            column += 1
            here = (row if has_head else row - 1, column)
            if here in wanted:
                worst = worst_of([n for n in notes if (n.place.row, n.place.column) == here])
                parts += [html[end : tag.end() - 1], Markup(' class="hit {}">').format(worst)]
                end = tag.end()
    return Markup("").join([*parts, html[end:]])
