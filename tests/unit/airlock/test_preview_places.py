"""Findings of the real kinds stand beside the place in the rebuilt file that they are about."""

import json
import re

import pytest

from ecluse.airlock.preview import preview
from ecluse.checks.facts import Table, Value
from ecluse.checks.kinds import delimited, notebook
from ecluse.checks.limits import limits_of
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules

LIMITS = limits_of(OutputRules())


def about(tables: tuple[Table, ...], number: float) -> Finding:
    """A finding about the one cell of that number."""
    (place,) = (
        table.place_of(r, c)
        for table in tables
        for r, row in enumerate(table.cells)
        for c, cell in enumerate(row)
        if isinstance(cell, Value) and cell.number == number
    )
    return Finding(rule="small-count", severity=Severity.REVIEW, message="m", place=place)


@pytest.mark.parametrize(
    "text",
    [
        "région,n\nNord,120\nSud,4\nEst,88\n",
        "région;n\nNord;120\nSud;4\n",
        ",2019,2019\nrégion,hommes,femmes\nNord,120,88\nSud,61,4\n",
        "120,88\n61,4\n70,75\n",
        "4,88\n61,60\n70,75\n",
        "région,n\nNord,120\n\nâge,n\n<40,61\n40-60,4\n",
        '"two\nlines",n\n"a\nb",120\n"c\nd",4\n',
    ],
)
def test_the_outlined_cell_of_a_table_is_the_one_found(text: str) -> None:
    document = delimited.read(text.encode(), LIMITS)
    finding = about(delimited.facts(document).tables, 4)
    html = preview(delimited.rebuild(document).data, "csv", "t.csv", [finding])
    outlined = re.findall(r'<t[dh][^>]* class="hit review[^"]*">([^<]*)', html)
    assert [cell.strip() for cell in outlined] == ["4"]
    assert html.count('id="finding-1"') == 1


def test_the_note_stands_beside_its_output_when_others_were_left_out() -> None:
    def output(html: str, mime: str = "text/html") -> dict[str, object]:
        return {"output_type": "display_data", "metadata": {}, "data": {mime: html}}

    table = "<table><tr><th>g</th><th>n</th></tr><tr><td>a</td><td>{}</td></tr><tr><td>b</td><td>95</td></tr></table>"
    cells = [
        {"cell_type": "raw", "metadata": {}, "source": "left out"},
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "source": "show()",
            "outputs": [output("x()", "application/javascript"), output(table.format(120)), output(table.format(4))],
        },
    ]
    book = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    document = notebook.read(json.dumps(book).encode(), LIMITS)
    finding = about(notebook.facts(document).tables, 4)
    assert finding.place is not None
    html = preview(notebook.rebuild(document).data, "notebook", "n.ipynb", [finding, *document.notes])
    assert re.findall(r'<td class="hit review">([^<]*)', html) == ["4"]
    first, second = html.index("Output 1"), html.index("Output 2")
    assert first < second < html.index('id="finding-1"')
    assert finding.place.output == 1
    for number in range(2, 2 + len(document.notes)):
        assert f'id="finding-{number}"' in html
