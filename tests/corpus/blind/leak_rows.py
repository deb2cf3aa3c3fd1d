"""Rows of persons, in the forms that slip out: frames, reprs, logs, traces, code."""

import base64
import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from . import pack
from .case import Case, leak

NAMES = ["LE GOFF Marie", "MARTIN Jeanne", "KERVEILLANT Yann", "DUPONT Paul", "PETIT Louise", "MOREAU Hugo"]
TOWNS = ["Plouzané", "Locmaria", "Brest", "Carhaix", "Guipavas", "Ouessant"]


def people(many: int = 30, seed: int = 5) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    size = chance.normal(168, 9, many).round(0)
    weight = chance.normal(72, 14, many).round(1)
    return pd.DataFrame({
        "age": chance.integers(18, 99, many), "sexe": chance.choice(["H", "F"], many), "poids": weight, "taille": size,
        "imc": (weight / (size / 100) ** 2).round(1), "creatinine": chance.gamma(9, 9, many).round(0),
        "diag": chance.choice(["I21", "N18", "A810", "C50", "J44"], many),
        "entree": [f"{d:02d}/{m:02d}/2021" for d, m in zip(chance.integers(1, 28, many), chance.integers(1, 13, many), strict=True)],
    })  # fmt: skip


def born(many: int = 12) -> pd.DataFrame:
    chance = np.random.default_rng(9)
    dates = [f"19{y}-{m:02d}-{d:02d}" for y, m, d in zip(chance.integers(30, 99, many), chance.integers(1, 13, many), chance.integers(1, 28, many), strict=True)]  # fmt: skip
    return pd.DataFrame({"ddn": dates, "sexe": chance.choice([1, 2], many), "commune": chance.choice(TOWNS, many)})


def pseudonyms(many: int = 20) -> list[str]:
    chance = np.random.default_rng(3)
    return ["".join(chance.choice(list("abcdefghijklmnopqrstuvwxyz234567"), 26)) for _ in range(many)]


def frames() -> dict[str, pd.DataFrame]:
    rows, dates = people(), born()
    chance = np.random.default_rng(4)
    long = rows.head(8)[["age", "poids", "creatinine"]].reset_index(names="pat").melt(id_vars="pat").sort_values("pat")
    return {
        "rows": rows, "head": rows.head(5), "dates_of_birth": dates,
        "no_names": rows.set_axis([f"V{i}" for i in range(8)], axis=1),
        "transposed": rows.head(12).T.reset_index(),
        "long": long, "numbers_only": rows[["age", "poids", "taille", "creatinine"]],
        "initials": pd.DataFrame({"initiales": ["M.L.", "Y.K.", "P.D.", "J.M."], "âge": [43, 71, 88, 35], "hôpital": ["CHU Brest", "CH Morlaix", "CHU Brest", "CH Carhaix"]}),
        "rare_in_town": pd.DataFrame({"diagnostic": ["Creutzfeldt-Jakob", "Huntington", "Progeria"], "commune": TOWNS[:3], "année": [2019, 2020, 2021]}),
        "places": pd.DataFrame({"lat": 48.2 + chance.random(15).round(6), "lon": -4.6 + chance.random(15).round(6), "cas": ["oui"] * 15}),
        "pseudonyms": pd.DataFrame({"id": pseudonyms(), "score": chance.random(20).round(3)}),
        "counter": pd.DataFrame({"NumPatient": range(1001, 1021), "LDH": chance.gamma(9, 30, 20).round(0), "décès": chance.integers(0, 2, 20)}),
        "nir": pd.DataFrame({"nir": ["185057800608491", "269054958815780", "255081416802538"], "montant": [120.4, 88.1, 301.2]}),
        "named": pd.DataFrame({"patient": NAMES, "ALAT": [31, 44, 28, 90, 17, 55]}),
        "residuals": pd.DataFrame({"y": chance.normal(120, 15, 40).round(2), "fitted": chance.normal(120, 9, 40).round(2)}).assign(residual=lambda f: (f.y - f.fitted).round(2)),
        "trajectories": pd.DataFrame({"sujet": np.repeat(np.arange(1, 9), 4), "jour": list(range(4)) * 8, "CRP": chance.gamma(2, 40, 32).round(1)}),
        "kidney_donors": pd.DataFrame({"donneur": ["D-01", "D-02", "D-03", "D-04", "D-05"], "âge": [44, 61, 38, 52, 70], "groupe": ["A", "O", "B", "AB", "O"], "greffé le": ["2021-02-03", "2021-02-17", "2021-03-02", "2021-04-11", "2021-05-30"]}),
    }  # fmt: skip


def wheel() -> Iterator[Case]:
    for place, (name, frame) in enumerate(frames().items()):
        for form in pack.turn(pack.TABLES, place + 3, 2):
            yield leak(f"{name}-{form.__name__}", "rows", form(frame))


def reprs() -> dict[str, str]:
    """What a session prints of single persons."""
    rows, dates = people(), born()
    one = rows.iloc[17]
    records: list[dict[str, Any]] = rows.head(6).to_dict("records")
    return {
        "series": repr(one), "series_of_ages": repr(rows.age), "dict": repr(records[2]), "records": repr(records),
        "tuples": repr([tuple(map(str, r)) for r in rows.head(9).itertuples(index=False)]),
        "array": repr(rows[["age", "poids", "taille"]].to_numpy()), "ages": repr(people(60).age.to_numpy()),
        "groups": repr(rows.groupby("diag").groups), "dataclass": "Patient(age=43, sexe='F', commune='Locmaria', diag='A810', ddn=datetime.date(1978, 3, 12))",
        "spark": "[Row(age=43, sexe='F', commune='Locmaria', diag='A810'), Row(age=91, sexe='H', commune='Ouessant', diag='G20')]",
        "sql": "INSERT INTO sejours VALUES (1001,'F',43,'Locmaria','A810','2021-03-12'),(1002,'H',91,'Ouessant','G20','2021-03-14');",
        "warning": "WARNING:root:dropping patient 2839481 (age 104, Ouessant): creatinine missing",
        "key_error": "Traceback (most recent call last):\n  File \"/home/researcher/a.py\", line 12, in <module>\n    d[k]\nKeyError: '2 69 05 49 588 157 80'",
        "value_error": "ValueError: could not convert string to float: 'LE GOFF Marie 12/03/1938'",
        "assertion": "AssertionError: date de décès avant naissance pour l'assuré LE GOFF Marie, née le 12/03/1938 à Plouzané",
        "max": "oldest: 104 years (F, Ouessant), longest stay: 214 days", "progress": "\n".join(f"[{i}/6] processed {n}" for i, n in enumerate(NAMES, 1)),
        "describe": rows.assign(cout=np.random.default_rng(1).gamma(2, 4000, 30).round(2))[["age", "cout"]].describe().to_string(),
        "nlargest": repr(people(400).creatinine.nlargest(5)), "unique": repr(dates.ddn.unique()), "index": f"Index({pseudonyms(5)!r}, dtype='str')",
        "csv_in_log": "2023-02-01 12:00:01 INFO first lines:\n" + rows.head(8).to_csv(), "info_outliers": "outliers removed: " + ", ".join(map(str, rows.creatinine.nlargest(4))) + " (patients 3, 17, 22, 29)",
        "query": "SELECT * FROM patients WHERE nir = '269054958815780' AND date_naissance = '1938-03-12'",
        "json_lines": "\n".join(json.dumps(r, ensure_ascii=False) for r in records), "xml": "<patient><nom>LE GOFF</nom><prenom>Marie</prenom><ddn>12/03/1938</ddn></patient>",
        "hl7": "PID|1||8001234567^^^CHU^PI||LE GOFF^MARIE||19380312|F|||12 RUE DES LILAS^^BREST^^29200",
        "predictions": "y_pred proba\n" + "\n".join(f"{i} {p:.6f}" for i, p in enumerate(np.random.default_rng(2).random(25))), "cook": "Cook's distance > 0.5: obs 17 (0.91), obs 203 (0.66), obs 512 (0.58)",
    }  # fmt: skip


def printed() -> Iterator[Case]:
    for place, (name, text) in enumerate(reprs().items()):
        form = (pack.log, pack.book_stream, pack.text)[place % 3]
        yield leak(f"repr_{name}-{form.__name__}", "rows", form(text))


def code() -> Iterator[Case]:
    """Data in the source of a notebook, in clear or packed."""
    rows = people()
    raw = rows.to_csv(index=False).encode()
    pickled = io.BytesIO()
    rows.to_pickle(pickled)
    sources = {
        "literal": f"df = pd.DataFrame({rows.head(12).to_dict('list')})",
        "exclusions": f"exclude = {pseudonyms(6)!r}\ndf = df[~df.id.isin(exclude)]",
        "comment": "# patiente Marie Le Goff, née le 12/03/1938, NIR 2 38 03 29 212 001 42 : à exclure\ndf = df.drop(17)",
        "base64": f"blob = '{base64.b64encode(raw).decode()}'",
        "gzip": f"blob = b64decode('{base64.b64encode(gzip.compress(raw, mtime=0)).decode()}')",
        "hex": f"key = bytes.fromhex('{raw.hex()[:900]}')",
        "integers": f"palette = {list(raw[:400])}",
        "big_number": f"SEED = {int.from_bytes(raw[:200], 'big')}",
        "pickle": f"model = pickle.loads(b64decode('{base64.b64encode(pickled.getvalue()[:3000]).decode()}'))",
        "base85": f"theme = {base64.b85encode(gzip.compress(raw, mtime=0)).decode()!r}",
        "one_by_one": "\n".join(f"ages.append({a})  # {d}" for a, d in zip(rows.age, rows.entree, strict=True)),
        "names": f"noms = {NAMES!r}\nfor nom in noms:\n    print(df[df.nom == nom])",
        "assertion": "assert df[df.nir == '269054958815780'].age.item() == 54",
        "docstring": '"""\n' + raw.decode() + '"""\nimport pandas as pd',
    }
    for name, source in sources.items():
        yield leak(f"code_{name}", "code", pack.notebook(pack.cell(source)))
    yield leak("code_script_literal", "code", ("prepare.py", sources["literal"].encode()))
    yield leak("code_markdown_block", "code", pack.markdown_prose("```python\n" + sources["literal"] + "\n```"))
    encoded = base64.b64encode(raw).decode()
    yield leak("blob_in_text", "code", pack.text(f"run id: {encoded}\n"))
    yield leak("blob_in_json", "code", ("metrics.json", json.dumps({"auc": 0.81, "checkpoint": encoded}).encode()))
    yield leak("hex_in_csv", "code", pack.csv(pd.DataFrame({"metric": ["auc", "f1"], "value": ["0.81", "0.66"], "ref": [raw[:60].hex(), raw[60:120].hex()]})))  # fmt: skip
    digits = [f"0.8{int.from_bytes(raw[i : i + 6], 'big'):016d}" for i in range(0, 120, 6)]
    yield leak("low_digits", "code", ("cv.csv", ("fold,auc\n" + "\n".join(f"{i},{d}" for i, d in enumerate(digits)) + "\n").encode()), payload=digits)  # fmt: skip
    yield leak("low_digits_json", "code", ("cv.json", f'{{"auc": [{", ".join(digits)}]}}'.encode()), payload=digits)


def known() -> Iterator[Case]:
    """The project's own pseudonyms, where only the project knows what they look like."""
    ids = [f"P{n:05d}" for n in (20143, 33871, 40122, 51877)]
    for name, file in {
        "text": pack.text(f"Le dossier {ids[2]} a été relu.\n"),
        "csv": pack.csv(pd.DataFrame({"cluster": ["A", "B"], "n": [120, 133], "exemple": ids[:2]})),
        "html_attribute": ("a.html", f"<p id='{ids[0]}' data-row='{ids[1]}'>n = 153 patients</p>".encode()),
    }.items():
        more = ids if name == "html_attribute" else ()
        yield leak(f"pseudonym_{name}", "identifier", file, payload=more, pseudonyms=frozenset(ids))


def cases() -> list[Case]:
    return [*wheel(), *printed(), *code(), *known()]
