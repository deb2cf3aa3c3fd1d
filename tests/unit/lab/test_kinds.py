import json

import nbformat
import pytest

from ecluse_lab.kinds import Shown, looks_like_table, read_notebook, why_not_by_name, why_not_text

SHOWN = Shown()
CSV = "person,age,sex\n" + "".join(f"p{n},{40 + n},F\n" for n in range(40))
CODE = "\n".join(
    ["import pandas as pd", "", "def fit(frame, by):", '    """Fit."""', "    x, y = frame[by], frame['n']"]
    + [f"    step_{n} = x.sum() + {n}" for n in range(30)]
    + ["    return step_1, y, x"]
)
NOTEBOOK = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print(1)")]))


@pytest.mark.parametrize("name", ["fit.py", "Fit.R", "q.sql", "README", "a/Makefile", "notes.md", "conf.yaml"])
def test_names_of_sources_are_shown(name):
    assert why_not_by_name(name, SHOWN) == ""


@pytest.mark.parametrize(
    "name",
    [
        "x.csv",
        "x.CSV",
        "x.parquet",
        "x.xlsx",
        "x.zip",
        "x.png",
        "x.pdf",
        "x.pkl",
        "x.html",
        "x.svg",
        "x.rds",
        "x.dta",
        "x.feather",
        "x.ipynb",
        "x",
        "data.py.csv",
    ],
)
def test_names_of_data_are_not_shown(name):
    assert why_not_by_name(name, SHOWN)


def test_code_is_shown():
    assert why_not_text(CODE.encode(), SHOWN) == ""


def test_json_and_sql_that_end_lines_with_commas_are_shown():
    assert not looks_like_table(json.dumps({f"key{n}": n for n in range(50)}, indent=1))
    assert not looks_like_table("SELECT\n" + "".join(f"  column_{n},\n" for n in range(50)) + "FROM t")
    assert not looks_like_table("\n".join(f"x{n} <- {n}; # one" for n in range(50)))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_renamed_table_is_not_shown(delimiter):
    assert "table" in why_not_text(CSV.replace(",", delimiter).encode(), SHOWN)


def test_a_table_of_two_columns_is_not_shown():
    assert looks_like_table("\n".join(f"{n},{n * n}" for n in range(30)))


def test_a_short_list_is_shown():
    assert not looks_like_table("\n".join(f"{n},{n * n}" for n in range(10)))


def test_bytes_that_are_no_text_are_not_shown():
    assert "UTF-8" in why_not_text(b"PAR1\xff\xfe", SHOWN)
    assert "not a text" in why_not_text(b"a\0b", SHOWN)


def test_long_texts_are_not_shown():
    assert why_not_text(b"x" * SHOWN.text_bytes, SHOWN) == ""
    assert "bytes" in why_not_text(b"x" * (SHOWN.text_bytes + 1), SHOWN)


def test_a_notebook_is_read():
    assert read_notebook(NOTEBOOK.encode(), SHOWN).cells[0].source == "print(1)"


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(),
        json.dumps([{"person": "SECRET", "age": 40}]).encode(),
        json.dumps({"nbformat": 4, "rows": ["SECRET"]}).encode(),
        json.dumps({"nbformat": "4", "cells": [], "SECRET": 1}).encode(),
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ["SECRET"]}).encode(),
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [], "SECRET": 1}).encode(),
        json.dumps({"nbformat": 3, "worksheets": "SECRET"}).encode(),
        b"[" * 100_000,
        b"\xff\xfe",
        b"",
    ],
)
def test_what_is_no_notebook_is_refused_and_not_quoted(data):
    with pytest.raises(ValueError, match="it is not a notebook") as error:
        read_notebook(data, SHOWN)
    assert "SECRET" not in str(error.value)
    assert "p1" not in str(error.value)


def test_a_large_notebook_is_refused():
    with pytest.raises(ValueError, match="notebooks up to"):
        read_notebook(NOTEBOOK.encode(), Shown(notebook_bytes=10))
