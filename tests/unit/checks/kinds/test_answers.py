"""What a notebook's code asks and its output answers; and models that no reader opens."""

import pytest

from ecluse.checks.facts import Value
from ecluse.checks.kinds import Unreadable, markup, plain, refused
from ecluse.checks.kinds.aligned import answer
from ecluse.checks.kinds.grid import table_of
from ecluse.checks.kinds.numbers import parse_cell
from ecluse.checks.limits import Limits


@pytest.mark.parametrize(
    ("source", "shown", "said"),
    [
        ("d = load()\nn_dead", "3", "n_dead = 3"),
        ("print(n_dead)", "3\n", "n_dead = 3"),
        ("len(patients)", "3", "n = 3"),
        ("d[d.age > 90].shape", "(3, 12)", "n = 3"),
        ("model.score(x, y)", "0.31", ""),
        ("d.columns.size", "3", ""),
    ],
)
def test_a_number_goes_by_the_name_that_was_asked_for(source: str, shown: str, said: str) -> None:
    assert answer(source, shown) == said


@pytest.mark.parametrize(
    ("name", "head"), [("m.pmml", b"<?xml?><x/>"), ("m.xml", b'<?xml version="1.0"?>\n<PMML version="4.4">')]
)
def test_pmml_is_refused_unread(name: str, head: bytes) -> None:
    assert refused.sniff(head, name)
    with pytest.raises(Unreadable) as caught:
        refused.read(head, Limits(), name)
    assert caught.value.reason == "model-unattested"


@pytest.mark.parametrize("text", ["4[^1]", "4 [a]", "4^a", "4 (a)", "4*[^1]", "4†", "4 a"])
def test_a_notes_mark_is_no_part_of_a_number(text: str) -> None:
    cell = parse_cell(text)
    assert isinstance(cell, Value)
    assert cell.number == 4


@pytest.mark.parametrize("text", ["4a", "2A", "4 h", "4 d", "4 (95)", "4 (n)"])
def test_codes_and_units_are_no_notes(text: str) -> None:
    assert not isinstance(parse_cell(text), Value)


def test_a_raised_mark_stands_apart_and_a_power_does_not() -> None:
    page = markup.parse(
        "<table><tr><th>n</th><th>m<sup>2</sup></th></tr><tr><td>97<sup>a</sup></td><td>10<sup>3</sup></td></tr></table>",
        Limits(),
    )
    assert [c for row in page.tables[0].grid for c in row] == ["n", "m2", "97 a", "103"]


def test_blocks_stay_apart_where_their_text_is_marked_up() -> None:
    page = markup.parse("<p>One</p><p><b>Two</b> three</p><pre><code>a</code></pre><pre><code>b</code></pre>", Limits())
    assert [p.text for p in page.parts] == ["One", "Two three", "a", "b"]


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([["dx", "town", "year"], ["Progeria", "Brest", "2019"], ["Kuru", "Sein", "2020"]], ("dx", "town", "year")),
        ([["who", "born", "died"], ["A", "1918", "1919"], ["B", "1920", "2001"]], ("who", "born", "died")),
        (
            [["", "Stays", ""], ["region", "2019", "2020"], ["Nord", "412", "388"]],
            (" / region", "Stays / 2019", "Stays / 2020"),
        ),
    ],
)
def test_a_row_with_a_year_is_no_header(rows: list[list[str]], columns: tuple[str, ...]) -> None:
    table = table_of(rows)
    assert table is not None
    assert tuple(c.strip(" /") for c in table.columns) == tuple(c.strip(" /") for c in columns)


def test_smcl_and_xml_are_read_as_they_are_seen() -> None:
    assert plain.shown("{smcl}\n{txt}  fire {c |}{res}   4{hline 3}") == "\n  fire |   4---"
    assert plain.shown("<r><deaths unit='n'>4</deaths></r>") == "<r>deaths = 4\n</r>"
    assert plain.shown('<r deaths="4"></r>') == "<r deaths = 4></r>"
    assert plain.shown("a < b and </b>") == "a < b and </b>"
