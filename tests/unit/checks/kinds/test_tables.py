"""The same table, in every form that researchers save it, gives the same facts."""

import io

import openpyxl
import pandas as pd
import pytest

from ecluse.checks.facts import Facts, Masked, SignKind, Table, Text, Value
from ecluse.checks.kinds import markup
from ecluse.checks.kinds.delimited import neutralise
from ecluse.checks.kinds.detect import kind_of
from ecluse.checks.kinds.grid import table_of
from ecluse.checks.limits import Limits

FRAME = pd.DataFrame({"région": ["Nord", "Sud", "Total"], "n": [120, 133, 253], "part": [47.4, 52.6, 100.0]})
NUMBERS = [120, 47.4, 133, 52.6, 253, 100]


def facts_of(data: bytes | str, name: str) -> Facts:
    data = data.encode() if isinstance(data, str) else data
    kind = kind_of(data, name)
    return kind.facts(kind.read(data, Limits(), name))


def excel(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_excel(out, index=False)
    return out.getvalue()


def parquet(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return out.getvalue()


PIPES = "| région | n | part |\n|:--|--:|--:|\n| Nord | 120 | 47.4 |\n| Sud | 133 | 52.6 |\n| Total | 253 | 100.0 |\n"
FORMS = {
    "t.csv": FRAME.to_csv(index=False),
    "semicolon.csv": FRAME.to_csv(index=False, sep=";", decimal=","),
    "latin.csv": FRAME.to_csv(index=False, sep=";").encode("cp1252"),
    "utf16.csv": FRAME.to_csv(index=False).encode("utf-16"),
    "t.tsv": FRAME.to_csv(index=False, sep="\t"),
    "t.xlsx": excel(FRAME),
    "t.parquet": parquet(FRAME),
    "t.html": "<html>" + FRAME.to_html(index=False) + "</html>",
    "t.md": "# Table\n\n" + PIPES,
    "t.tex": "\\begin{tabular}{lrr}\n\\toprule\nrégion & n & part \\\\\n\\midrule\nNord & 120 & 47.4 \\\\\n"
    "Sud & 133 & 52.6 \\\\\nTotal & 253 & 100.0 \\\\\n\\bottomrule\n\\end{tabular}\n",
    "t.txt": FRAME.to_string(index=False),
    "records.json": FRAME.to_json(orient="records", force_ascii=False),
    "split.json": FRAME.to_json(orient="split", index=False, force_ascii=False),
    "columns.json": FRAME.to_json(force_ascii=False),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_table_is_read_from_every_form(name: str) -> None:
    facts = facts_of(FORMS[name], name)
    assert len(facts.tables) == 1
    table = facts.tables[0]
    numbers = [c.number for row in table.cells for c in row if isinstance(c, Value)]
    numbers = [n for n in numbers if n not in (0, 1, 2)]  # an index that a form adds
    assert numbers == pytest.approx(NUMBERS)
    assert table.columns[-2:] == ("n", "part")
    words = [c.text for row in table.cells for c in row if isinstance(c, Text)]
    assert words == ["Nord", "Sud", "Total"]


@pytest.mark.parametrize("name", [n for n in FORMS if n.endswith((".csv", ".tsv", ".xlsx", ".parquet"))])
def test_a_rebuilt_table_equals_the_original(name: str) -> None:
    data = FORMS[name] if isinstance(FORMS[name], bytes) else FORMS[name].encode()
    kind = kind_of(data, name)
    rebuilt = kind.rebuild(kind.read(data, Limits(), name))
    if rebuilt.extension == ".csv":
        again = pd.read_csv(io.BytesIO(rebuilt.data), decimal="," if name == "semicolon.csv" else ".")
    elif rebuilt.extension == ".xlsx":
        again = pd.read_excel(io.BytesIO(rebuilt.data))
    else:
        again = pd.read_parquet(io.BytesIO(rebuilt.data))
    pd.testing.assert_frame_equal(again, FRAME, check_dtype=False)


def test_a_title_above_two_columns_is_no_header() -> None:
    made = table_of([["Stades (N = 108)", ""], ["stade", "pct"], ["I", "61.1"], ["II", "36.1"]])
    assert made is not None
    assert made.columns == ("Stades (N = 108) / stade", "Stades (N = 108) / pct")
    assert len(made.cells) == 2


def test_labels_are_the_stub() -> None:
    table = facts_of("région,sexe,n\nNord,F,20\nNord,H,30\n", "t.csv").tables[0]
    assert (table.stub, table.columns, table.rows) == (2, ("région", "sexe", "n"), ("Nord / F", "Nord / H"))


def test_bands_are_labels_and_masks_are_cells() -> None:
    table = facts_of("age,n\n<30,*\n30-39,12\n70+,40\n", "t.csv").tables[0]
    assert table.stub == 1
    assert table.rows == ("<30", "30-39", "70+")
    assert table.cells[0][1] == Masked("*")


def test_masked_first_column_is_no_label() -> None:
    table = facts_of("n,m\n<11,20\n<11,30\n", "t.csv").tables[0]
    assert table.stub == 0


def test_years_in_a_header_are_labels() -> None:
    table = facts_of("région,2019,2020,2021\nNord,12,14,20\nSud,22,24,30\n", "t.csv").tables[0]
    assert table.columns == ("région", "2019", "2020", "2021")
    assert table.shape == (2, 4)


def test_two_header_rows_are_joined() -> None:
    frame = pd.DataFrame({("n", "F"): [20, 30], ("n", "H"): [40, 50]}, index=pd.Index(["Nord", "Sud"], name="région"))
    table = facts_of(f"<html>{frame.to_html()}</html>", "t.html").tables[0]
    assert table.columns[1:] == ("n / F", "n / H")
    assert table.rows == ("Nord", "Sud")


def test_a_csv_without_header_keeps_its_first_row() -> None:
    table = facts_of("12,13\n14,15\n16,17\n", "t.csv").tables[0]
    assert not table.header
    assert table.shape == (3, 2)


def test_two_blocks_are_two_tables() -> None:
    facts = facts_of("a,n\nx,12\n\nb,m\ny,40\nz,50\n", "t.csv")
    assert [t.columns for t in facts.tables] == [("a", "n"), ("b", "m")]


def test_a_raw_frame_shows_its_signs() -> None:
    frame = pd.DataFrame({"age": range(40, 130), "grade": ["I", "II", "III"] * 30})
    kinds = {s.kind for s in facts_of(f"<html>{frame._repr_html_()}</html>", "t.html").signs}
    assert {SignKind.FRAME, SignKind.RUNNING_INDEX} <= kinds
    text = facts_of(repr(frame), "t.txt")
    assert {SignKind.RUNNING_INDEX, SignKind.SHAPE, SignKind.TRUNCATED} <= {s.kind for s in text.signs}
    assert any(s.rows == 90 and s.columns == 2 for s in text.signs)


def test_printed_arrays_are_tables() -> None:
    table = facts_of("confusion:\n[[50  3]\n [ 2 45]]\n", "t.txt").tables[0]
    assert [[c.number for c in row] for row in table.cells if all(isinstance(c, Value) for c in row)] == [
        [50, 3],
        [2, 45],
    ]


def test_prose_is_no_table() -> None:
    text = "We included 153 patients of 37 hospitals.\nThe median age was 64 years.\nIn all, 12 died within 30 days.\n"
    facts = facts_of(text, "t.txt")
    assert facts.tables == ()
    assert [n.number for n in facts.numbers] == [153, 37, 64, 12, 30]


def test_a_series_is_a_table() -> None:
    text = pd.Series([120, 133, 4], index=pd.Index(["Nord", "Sud", "Est"], name="région"), name="n").to_string()
    table = facts_of(text, "t.txt").tables[0]
    assert [c.number for row in table.cells for c in row if isinstance(c, Value)][-3:] == [120, 133, 4]


def test_r_frames_are_tables() -> None:
    text = "       region   n  pct\n1        Nord 120 0.47\n2 Ile de Fran   4 0.53\n"
    table = facts_of(text, "out.txt").tables[0]
    assert [c.number for row in table.cells for c in row if isinstance(c, Value)] == [1, 120, 0.47, 2, 4, 0.53]


def test_excel_percentages_are_read_as_seen() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["région", "part"])
    sheet.append(["Nord", 0.453])
    sheet["B2"].number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)
    cell = facts_of(out.getvalue(), "t.xlsx").tables[0].cells[0][1]
    assert cell == Value(45.3, "45.3 %", 1, "%")


def test_numbers_in_words_of_a_table_are_found() -> None:
    facts = facts_of("groupe,résultat\nA,4 patients\nB,153 patients\n", "t.csv")
    assert [n.number for n in facts.numbers] == [4, 153]
    assert "résultat" in facts.numbers[0].before


def test_an_empty_grid_is_no_table() -> None:
    assert table_of([["", ""], [""]]) is None


def test_place_and_label_of_a_cell() -> None:
    table = facts_of("région,n\nNord,12\nSud,4\n", "t.csv").tables[0]
    assert isinstance(table, Table)
    assert table.where_of(1, 1) == "row 'Sud', column 'n'"
    assert (table.place_of(1, 1).row, table.place_of(1, 1).column) == (1, 1)


def test_a_header_above_a_blank_line_belongs_to_its_table() -> None:
    text = (
        "              precision    recall   support\n\n"
        "           0       0.85      0.90      1200\n           1       0.80      0.71       700\n\n"
        "    accuracy                           1900\n   macro avg       0.83      0.81      1900\n"
    )
    facts = facts_of(text, "t.txt")
    assert len(facts.tables) == 1
    assert facts.tables[0].columns[1:] == ("precision", "recall", "support")
    assert [row[-1].text for row in facts.tables[0].cells] == ["1200", "700", "1900", "1900"]


def test_the_listing_of_a_frames_columns_is_indexed() -> None:
    frame = pd.DataFrame({"age": [1, 2], "sex": ["F", "H"], "death": [True, False], "stays": [1, 2], "x": [0.5, 1]})
    out = io.StringIO()
    frame.info(buf=out)
    table = next(t for t in facts_of(out.getvalue(), "t.txt").tables if t.index)
    assert [row[0].text for row in table.cells] == ["0", "1", "2", "3", "4"]


def test_one_letter_columns_part() -> None:
    frame = pd.DataFrame(
        {"age": [45, 50, 61, 70], "sex": list("FHFH"), "region": ["Nord", "Sud", "Est", "Ouest"], "n": [3, 5, 6, 8]}
    )
    table = facts_of(frame.to_string(), "t.txt").tables[0]
    assert table.columns == ("", "age", "sex", "region", "n")


def test_a_caption_above_a_table_is_no_row() -> None:
    table = facts_of("Table 2. Patients by region\nregion   n\nNord   120\nSud    133\n", "t.txt").tables[0]
    assert table.columns == ("region", "n")


def test_what_an_element_hides_itself_is_left_out() -> None:
    page = markup.parse(
        "<p>Done.</p><div style='DISPLAY : none'>secret</div><p hidden>too</p><p>n <b hidden>3</b></p>", Limits()
    )
    assert markup.render(page).count("secret") == 0
    assert "too" not in markup.render(page)
    assert "Done." in markup.render(page)


DESCRIBED = ("|age|age|age|age|los|los|los|los", "|count|mean|25%|50%|count|mean|25%|50%", "hospital||||||||")


@pytest.mark.parametrize("left_out", ["", "..."])
def test_levels_of_percentiles_are_names_of_columns(left_out: str) -> None:
    rows = [line.split("|") for line in (*DESCRIBED, "CHU A|9579|71.7|63.6|71.8|9579|10.2|6.0|9.0")]
    made = table_of([[*row, left_out] for row in rows])
    assert made is not None
    assert made.columns[:4] == ("hospital", "age / count", "age / mean", "age / 25%")
    assert len(made.cells) == 1


@pytest.mark.parametrize(
    ("cell", "runs"),
    [
        ("-log2(p)", False),
        ("-2 log L", False),
        ("- Women (n = 50)", False),
        ("-16154.", False),
        ("=1+1", True),
        ("+A1", True),
        ("-log(A1)", True),
        ("-cmd|'/C calc'!A0", True),
        ("-HYPERLINK(x)", True),
        ("@SUM(1)", True),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell: str, runs: bool) -> None:
    assert neutralise(cell) == ("'" + cell if runs else cell)


def rebuilt(data: bytes, name: str) -> bytes:
    kind = kind_of(data, name)
    made: bytes = kind.rebuild(kind.read(data, Limits(), name)).data
    return made


LEVELS = pd.DataFrame({"Variable": ["Sexe", "  Femmes", "    Hommes"], "n": [412, 200, 212]})


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_levels_keep_their_indentation(form: str) -> None:
    read = {"csv": pd.read_csv, "xlsx": pd.read_excel, "parquet": pd.read_parquet}[form]
    data = {"csv": LEVELS.to_csv(index=False).encode(), "xlsx": excel(LEVELS), "parquet": parquet(LEVELS)}[form]
    assert read(io.BytesIO(rebuilt(data, f"t.{form}"))).equals(LEVELS)


def test_indentation_carries_no_numbers() -> None:
    made = rebuilt(("Variable,n\n" + " " * 40 + "Femmes,   412\n").encode(), "t.csv")
    assert made.decode() == "Variable,n\n" + " " * 8 + "Femmes,412\n"


def test_months_of_a_workbook_stay_dates() -> None:
    months = pd.DataFrame({"mois": pd.date_range("2019-01-01", periods=3, freq="MS"), "n": [412, 388, 401]})
    out = io.BytesIO()
    months.to_excel(out, index=False, sheet_name="Taux d'incidence")
    shown = pd.read_excel(io.BytesIO(rebuilt(out.getvalue(), "t.xlsx")), sheet_name=None)
    assert list(shown) == ["Taux d'incidence"]
    assert shown["Taux d'incidence"].equals(months)


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("t.md", "|    |   n |\n|:---|----:|\n| a  | 412 |\n| b  | 388 |\n", "text"),
        ("t.csv", "|   n |\n| 412 |\n| 388 |\n", "csv"),
        ("t.txt", "[[4187  400]\n [ 301  112]]\n", "text"),
        ("t.json", "[[4187, 400],\n [301, 112]]\n", "json"),
    ],
)
def test_a_text_is_of_the_kind_that_it_is_written_in(name: str, text: str, kind: str) -> None:
    assert kind == kind_of(text.encode(), name).NAME
