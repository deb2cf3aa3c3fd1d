"""Eighth batch: rows, identifiers, models, and what a container carries out of sight."""

import io
import json
import zipfile

import docx
import joblib
import numpy as np
import openpyxl
import pandas as pd
import pikepdf
import pyarrow as pa
import pyarrow.parquet as pq
import skops.io as sio
from PIL import Image, PngImagePlugin
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeRegressor

from .case import Case, leak
from .pack import book, cell, csv, figure, log, notebook, stream, text, text_cell, zipped

rng = np.random.default_rng(818)
SECRET = "1570229085217"
CALM = pd.DataFrame({"service": ["A", "B", "C"], "séjours": [412, 388, 951]})


def patients(many: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sexe": rng.choice(["F", "M"], many),
            "naissance": pd.to_datetime("1950-01-01") + pd.to_timedelta(rng.integers(0, 15000, many), unit="D"),
            "dx": rng.choice(["I21.0", "J44.1", "C50.4", "E11.9"], many),
            "creat": np.round(rng.normal(90, 20, many), 1),
        }
    )


STATA_LIST = """
. list sexe age cp dx in 1/4

     +----------------------------+
     | sexe   age      cp      dx |
     |----------------------------|
  1. |    F    37   56190   C50.4 |
  2. |    M    71   29200   I21.0 |
  3. |    F    58   22000   J44.1 |
  4. |    M    64   35000   E11.9 |
     +----------------------------+
"""

PRINT = """                    The SAS System

Obs    sexe    age    duree    issue

  1     F       37       4     domicile
  2     M       71      12     deces
  3     F       58       2     domicile
  4     F       91      22     SSR
  5     M       64       3     domicile
"""


def rows() -> list[Case]:
    lines = "\n".join(json.dumps({"sexe": s, "age": int(a), "imc": round(float(b), 1), "hba1c": round(float(c), 2)}) for s, a, b, c in zip(rng.choice(["F", "M"], 30), rng.integers(30, 90, 30), rng.normal(27, 4, 30), rng.normal(7, 1, 30), strict=True))  # fmt: skip
    scores = pd.DataFrame(
        {"id": range(120), "y_true": rng.integers(0, 2, 120), "y_score": np.round(rng.random(120), 6)}
    )
    residuals = pd.DataFrame({"fitted": np.round(rng.normal(5, 1, 80), 4), "resid": np.round(rng.normal(0, 1, 80), 4)})
    return [
        leak("eighth_head", "rows", book(patients(5))),
        leak("eighth_rows_csv", "rows", csv(patients(60))),
        leak("eighth_stata_list", "rows", log(STATA_LIST)),
        leak("eighth_proc_print", "rows", ("print.lst", PRINT.encode())),
        leak("eighth_json_lines", "rows", ("patients.jsonl", lines.encode())),
        leak("eighth_scores", "rows", csv(scores)),
        leak("eighth_residuals", "rows", csv(residuals)),
        leak("eighth_nir_log", "rows", log("WARN duplicate key 2 84 05 29 232 114 29 in table ben\n")),
        leak("eighth_phone", "rows", text("Recontacter la patiente au 06 12 48 77 03 pour la visite M6.\n")),
        leak("eighth_influence", "rows", log("Most influential observations (Cook's distance):\n  obs 412  D=0.81  age=97 creat=412\n"
                                             "  obs 17   D=0.44  age=19 creat=388\n")),
    ]  # fmt: skip


def very_hidden() -> bytes:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in [list(CALM.columns), *CALM.to_numpy().tolist()]:
        sheet.append(row)
    other = made.create_sheet("cache")
    other.sheet_state = "veryHidden"
    other["Z900"] = SECRET
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def word_property() -> bytes:
    made = docx.Document()
    made.add_paragraph("Les résultats principaux sont dans l'article.")
    made.core_properties.keywords = SECRET
    made.core_properties.comments = f"NIR {SECRET}"
    hidden = made.add_paragraph().add_run(f"patient {SECRET}")
    hidden.font.hidden = True
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def text_chunk() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", SECRET, zip=False)
    out = io.BytesIO()
    Image.new("RGB", (200, 120), "white").save(out, "PNG", pnginfo=info)
    return out.getvalue() + SECRET.encode()


def attached() -> bytes:
    _, plain = figure(lambda ax: ax.plot([0, 1, 2], [0.5, 0.7, 0.8]), "pdf")
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        pdf.attachments["rows.csv"] = SECRET.encode()
        pdf.docinfo["/Subject"] = SECRET
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def keyed() -> bytes:
    table = pa.Table.from_pandas(CALM).replace_schema_metadata({b"note": SECRET.encode()})
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def commented_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("t.csv", csv(CALM)[1])
        made.comment = SECRET.encode()
    return out.getvalue()


def out_of_sight() -> list[Case]:
    page = f"<html><body><p>Done.</p><!-- {SECRET} --><div style='display:none'>{SECRET}</div></body></html>"
    picture = figure(lambda ax: ax.plot([0, 1, 2], [0.5, 0.7, 0.8]), "svg")[1]
    picture = picture.replace(b"</svg>", f"<desc>{SECRET}</desc><text x='-900' y='9'>{SECRET}</text></svg>".encode())
    tagged = notebook({**text_cell("## Done"), "metadata": {"tags": [SECRET]}, "attachments": {"a.txt": {"text/plain": SECRET}}}, cell("1 + 1", stream("2\n")))  # fmt: skip
    source = "\\section{Results}\n% row 12: " + SECRET + "\nThe effect is shown in Figure 2.\n"
    hidden = {
        "sheet": ("t.xlsx", very_hidden()), "word": ("r.docx", word_property()), "chunk": ("f.png", text_chunk()),
        "attached": ("f.pdf", attached()), "keyed": ("t.parquet", keyed()), "zip_comment": ("t.zip", commented_zip()),
        "page": ("p.html", page.encode()), "svg": ("f.svg", picture), "book": tagged, "latex": ("r.tex", source.encode()),
    }  # fmt: skip
    return [leak(f"eighth_hidden_{name}", "hidden", file, payload=[SECRET]) for name, file in hidden.items()]


def models() -> list[Case]:
    x, y = np.round(rng.normal(60, 12, (80, 3)), 3), rng.integers(0, 2, 80)
    near = KNeighborsClassifier(3).fit(x, y)
    grown = DecisionTreeRegressor().fit(x, x[:, 0])
    dumped = io.BytesIO()
    joblib.dump(grown, dumped)
    forest = {"trees": [{"feature": "age", "threshold": 61.5, "n_node_samples": 80, "left": {"value": 0.2, "n_node_samples": 77}, "right": {"value": 1.0, "n_node_samples": 3}}]}  # fmt: skip
    return [
        leak("eighth_knn_skops", "models", ("model.skops", sio.dumps(near))),
        leak("eighth_tree_joblib", "models", ("model.joblib", dumped.getvalue())),
        leak("eighth_tree_json", "models", ("forest.json", json.dumps(forest).encode())),
        leak("eighth_zipped_pickle", "models", zipped(("m/model.pkl", dumped.getvalue()), csv(CALM))),
    ]


def cases() -> list[Case]:
    """The cases of this part."""
    return [*rows(), *out_of_sight(), *models()]
