"""Merged cells of HTML and of Word stay merged, and hide nothing."""

import io

import docx

from ecluse.checks.kinds import document, markup
from ecluse.checks.limits import limits_of
from ecluse.rules.policy import OutputRules

LIMITS = limits_of(OutputRules())
PAGE = (
    '<table><thead><tr><th></th><th colspan="2">size</th></tr><tr><th>an</th><th>F</th><th>H</th></tr></thead>'
    '<tbody><tr><th rowspan="2">2019</th><td>412</td><td>388</td></tr><tr><td>420</td><td>399</td></tr></tbody></table>'
)


def test_cells_of_a_page_stay_merged() -> None:
    made = markup.render(markup.parse(PAGE, LIMITS))
    assert made.count("size") == made.count("2019") == 1
    assert 'colspan="2"' in made
    assert 'rowspan="2"' in made
    assert markup.render(markup.parse(made, LIMITS)) == made


def test_a_header_does_not_reach_into_the_rows() -> None:
    page = '<table><thead><tr><th rowspan="9">a</th><th>n</th></tr></thead><tbody><tr><td>4</td></tr></tbody></table>'
    made = markup.render(markup.parse(page, LIMITS))
    assert "rowspan" not in made
    assert ">4<" in made


def saved(*texts: tuple[int, int, str]) -> bytes:
    report = docx.Document()
    table = report.add_table(rows=3, cols=3)
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(1, 0).merge(table.cell(2, 0))
    for row, column, text in texts:
        table.cell(row, column).text = text
    out = io.BytesIO()
    report.save(out)
    return out.getvalue()


def test_cells_of_a_report_stay_merged() -> None:
    data = saved((0, 1, "Crude"), (1, 0, "Women"), (1, 1, "412"), (2, 2, "388"))
    rebuilt = document.rebuild(document.read(data, LIMITS))
    before, after = (docx.Document(io.BytesIO(d)).tables[0] for d in (data, rebuilt.data))
    assert [[c.text for c in row.cells] for row in before.rows] == [[c.text for c in row.cells] for row in after.rows]
    assert document.rebuild(document.read(rebuilt.data, LIMITS)).data == rebuilt.data


def test_what_a_covered_cell_holds_is_gone() -> None:
    report = docx.Document(io.BytesIO(saved((1, 0, "Women"))))
    covered = report.tables[0]._tbl.tr_lst[2].tc_lst[0]  # python-docx has no public way to a covered cell
    covered.p_lst[0].add_r().text = "hidden 4"
    out = io.BytesIO()
    report.save(out)
    assert b"hidden" not in document.read(out.getvalue(), LIMITS).__repr__().encode()
