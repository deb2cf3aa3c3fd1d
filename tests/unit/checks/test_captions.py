"""Sentences are read wherever they stand: in cells, captions, drawings and comments, with signs of emphasis."""

import io
import json

import docx
import openpyxl
import pandas as pd
import pytest

from ecluse.checks.captions import captions, unmarked
from ecluse.checks.disclosure import find
from ecluse.checks.facts import Context, Facts, Place, Source
from ecluse.checks.kinds.detect import kind_of
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules

TOLD = "Trois patients du centre B sont décédés avant l'inclusion."
CALM = "Les patients du centre B sont plus âgés que ceux du centre A."
TABLE = pd.DataFrame({"service": ["Cardio", "Néphro", "Uro"], "sejours": [1204, 988, 410]})
HTML = TABLE.to_html(index=False)


def facts_of(name: str, text: str | bytes) -> Facts:
    data = text.encode() if isinstance(text, str) else text
    kind = kind_of(data, name)
    return kind.facts(kind.read(data, Limits(), name))


def rules(name: str, text: str | bytes) -> set[str]:
    found = find({"a": facts_of(name, text)}, OutputRules(), Context())["a"]
    return {f.rule for f in found if f.severity is not Severity.NOTE}


def workbook(said: str) -> bytes:
    made = openpyxl.Workbook()
    for row in [list(TABLE.columns), *TABLE.to_numpy().tolist(), [], [said]]:
        made.worksheets[0].append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


FORMS = {
    "cell.csv": lambda said: TABLE.assign(note=[said, "", ""]).to_csv(index=False),
    "foot.xlsx": workbook,
    "caption.html": lambda said: HTML.replace("<thead>", f"<caption>{said}</caption><thead>"),
    "cell.html": lambda said: HTML.replace("Cardio", said),
    "records.json": lambda said: json.dumps([{"a": 1, "note": said}, {"a": 2, "note": "ok"}]),
    "bold.md": lambda said: said.replace("patients", "**patients**"),
    "comment.py": lambda said: f"# {said}\nx = 1\n",
    "drawing.svg": lambda said: f"<svg xmlns='http://www.w3.org/2000/svg'><text x='9' y='9'>{said}</text></svg>",
}


@pytest.mark.parametrize("name", FORMS)
def test_a_sentence_is_read_wherever_it_stands(name: str) -> None:
    assert "small-count" in rules(name, FORMS[name](TOLD))
    assert rules(name, FORMS[name](CALM)) == set()


def test_ticks_and_names_of_axes_are_no_sentences() -> None:
    text = "0.8\nJan Feb Mar\nSurvival\nAge 65\n|"
    assert captions(text, "", Place()) == ()
    assert [p.source for p in captions(f"{text}\nn = 64 (dont 2 mineures)", "", Place())] == [Source.PROSE]


@pytest.mark.parametrize(
    ("marked", "bare"),
    [
        ("3 **patients** died.", "3 patients died."),
        ("`3` of *them*", "3 of them"),
        ("2 * 3, a_b, n = 4**", "2 * 3, a_b, n = 4"),
    ],
)
def test_signs_of_emphasis_are_left_out(marked: str, bare: str) -> None:
    assert unmarked(marked) == bare


COUNTED = [("Cardiologie", 120), ("Néphrologie", 98), ("Brûlés", 3)]
LISTS = {
    "list.md": "# Décès\n\n" + "".join(f"- {name} : {n}\n" for name, n in COUNTED),
    "dashes.md": "".join(f"* **{name}** – {n}\n" for name, n in COUNTED),
    "quote.md": "> | service | décès |\n> |---|---|\n" + "".join(f"> | {name} | {n} |\n" for name, n in COUNTED),
    "table.md": f"# Décès\n\n{pd.DataFrame(COUNTED, columns=['service', 'décès']).to_html(index=False)}\n",
    "definitions.html": "<dl>" + "".join(f"<dt>{name}</dt><dd>{n}</dd>" for name, n in COUNTED) + "</dl>",
    "headings.html": "<table><tr><th>service</th><th>décès</th></tr>"
    + "".join(f"<tr><th>{name}</th><th>{n}</th></tr>" for name, n in COUNTED)
    + "</table>",
    "items.tex": "\\begin{itemize}\n" + "".join(f"\\item {name} : {n}\n" for name, n in COUNTED) + "\\end{itemize}\n",
    "macro.tex": "\\newcommand{\\burns}{3}\nIl y a eu \\burns{} décès chez les brûlés.\n",
    "slashes.txt": "Décès (cardiologie/néphrologie/brûlés) : 120/98/3\n",
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_counts_is_read_in_whatever_form(name: str) -> None:
    assert "small-count" in rules(name, LISTS[name])
    assert (
        rules(
            name, LISTS[name].replace("3\n", "33\n").replace("3<", "33<").replace("3}", "33}").replace(" 3 |", " 33 |")
        )
        == set()
    )


def test_paragraphs_of_a_report_are_one_list() -> None:
    made, out = docx.Document(), io.BytesIO()
    for name, n in COUNTED:
        made.add_paragraph(f"{name} : {n}", style="List Bullet")
    made.save(out)
    assert "small-count" in rules("list.docx", out.getvalue())


def test_what_stands_beside_a_frame_in_json_is_read() -> None:
    frame = {"columns": ["a", "n"], "index": [0, 1], "data": [["x", 120], ["y", 98]]}
    assert rules("t.json", json.dumps(frame)) == set()
    found = facts_of("t.json", json.dumps({**frame, "_meta": {"debug": [["Kerdraon", "2790329155021"]]}}))
    assert any("2790329155021" in p.text for p in found.passages)
