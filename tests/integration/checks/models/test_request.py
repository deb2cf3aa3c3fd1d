"""A model's way through a whole check: refused alone, reviewed with its report, refused with another's."""

import io
import json
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from ecluse.checks import Context, check_files
from ecluse.checks.models.attack import report_of
from ecluse.checks.records.index import build_index
from ecluse.rules.canonical import sha256
from ecluse.rules.finding import CheckVerdict
from ecluse.rules.policy import OutputRules

RNG = np.random.default_rng(3)
TABLE = pd.DataFrame(RNG.normal(60, 12, (400, 6)).round(2), columns=list("abcdef"))
LABEL = (TABLE.a > 60).astype(int)
ATTACK = {"name": "worst-case", "members": 200, "others": 200, "auc": 0.54, "tpr_at_low_fpr": 0.0}


def fitted(kind) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return skops.io.dumps(kind.fit(TABLE.to_numpy(), LABEL.to_numpy()))


def verdict(files: list[tuple[str, bytes]], index: Path) -> tuple[CheckVerdict, set[str]]:
    report, _ = check_files(files, OutputRules(), Context(project="bacthub", record_index=index))
    return report.verdict, {f.rule for r in report.files for f in r.findings}


def test_a_model_needs_its_own_report(tmp_path: Path) -> None:
    TABLE.to_parquet(tmp_path / "t.parquet")
    index = tmp_path / "index"
    build_index([tmp_path / "t.parquet"], b"k" * 32, index)
    plain, keeper = fitted(LogisticRegression(max_iter=5000)), fitted(KNeighborsClassifier())
    own = report_of(sha256(plain), "bacthub", "test", [ATTACK], index).model_dump_json().encode()
    assert verdict([("m.skops", plain)], index) == (CheckVerdict.REFUSE, {"model-unattested"})
    assert verdict([("m.skops", plain), ("m.json", own)], index) == (CheckVerdict.REVIEW, {"model-attested"})
    assert verdict([("k.skops", keeper), ("m.json", own)], index)[0] is CheckVerdict.REFUSE
    forged = own.replace(b"0.54", b"0.51")
    assert verdict([("m.skops", plain), ("m.json", forged)], index) == (
        CheckVerdict.REFUSE,
        {"model-unattested", "attack-report"},
    )


def test_rows_of_the_extract_are_found_in_any_array(tmp_path: Path) -> None:
    from safetensors.numpy import save

    TABLE.to_parquet(tmp_path / "t.parquet")
    build_index([tmp_path / "t.parquet"], b"k" * 32, tmp_path / "index")
    rows = save({"layer.weight": TABLE.sample(60, random_state=1).to_numpy()[:, ::-1].copy()})
    weights = save({"layer.weight": RNG.normal(size=(60, 6))})
    assert "extract-rows" in verdict([("w.safetensors", rows)], tmp_path / "index")[1]
    assert "extract-rows" not in verdict([("w.safetensors", weights)], tmp_path / "index")[1]


def test_acro_and_check_are_compared(tmp_path: Path) -> None:
    file = {"name": "t1_0.csv", "sdc": {"summary": {}, "cells": {}}}
    output = {"uid": "t1", "status": "pass", "type": "table", "properties": {"method": "crosstab"}, "files": [file]}
    book = json.dumps({"version": "1.0.2", "tool": {"name": "ACRO"}, "results": {"t1": output}}).encode()
    table = b"region,n\nNord,4\nSud,90\n"
    report, _ = check_files([("t1_0.csv", table), ("results.json", book)], OutputRules())
    said = [f.message for r in report.files for f in r.findings if f.rule == "acro-disagrees"]
    assert len(said) == 1
    assert "'pass'" in said[0]
    assert "small-count" in said[0]


def acro_folder(**changed: bytes) -> dict[str, bytes]:
    """What acro 1.0.2 wrote for a crosstab, its results shortened; `changed` after it had hashed them."""
    name = "output_0_0.csv"
    file = {"name": name, "sdc": {"summary": {"MinimumThresholdCheck": 0}, "cells": {"MinimumThresholdCheck": []}}}
    output = {
        "uid": "output_0",
        "status": "pass",
        "type": "table",
        "properties": {"method": "crosstab", "mitigation": "none"},
        "files": [file],
        "outcome": {},
        "command": "a.crosstab(d.region,d.sex)",
        "summary": "",
        "exception": "",
    }
    book = {
        "version": "1.0.2",
        "tool": {"@type": "SoftwareApplication", "name": "ACRO"},
        "results": {"output_0": output},
    }
    made = {
        name: b"region,F,M\nEst,176,151\nNord,130,157\nSud,142,144\n",
        "results.json": json.dumps(book, indent=4).encode(),
    }
    sums = {f"checksums/{n}.txt": sha256(data).encode() for n, data in made.items()}
    return {f"outputs/{n}": data for n, data in {**made, **sums, **changed}.items()}


def of_checksums(files: dict[str, bytes]) -> tuple[CheckVerdict, list[str]]:
    report, _ = check_files(list(files.items()), OutputRules())
    return report.verdict, [f.message for r in report.files for f in r.findings if f.rule == "acro-checksum"]


def zipped(files: dict[str, bytes]) -> dict[str, bytes]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    return {"results.zip": out.getvalue()}


@pytest.mark.parametrize("packed", [dict, zipped])
def test_files_of_acro_are_held_against_its_checksums(packed) -> None:
    assert of_checksums(packed(acro_folder())) == (CheckVerdict.PASS, [])
    other = {"output_0_0.csv": b"region,F,M\nEst,176,151\nNord,130,157\nSud,142,145\n"}
    verdict, said = of_checksums(packed(acro_folder(**other)))
    assert verdict is CheckVerdict.REVIEW
    assert said == ["output_0_0.csv differs from its checksum: it is not the file that ACRO wrote."]
    flat = {n.rpartition("/")[2]: d for n, d in acro_folder(**other).items()}
    assert of_checksums(packed(flat)) == (verdict, said)
    without = {n: d for n, d in acro_folder().items() if n != "outputs/checksums/output_0_0.csv.txt"}
    assert of_checksums(packed(without))[1] == [
        "ACRO's checksums have no entry for output_0_0.csv: it was not in ACRO's folder."
    ]
    alone = {n: d for n, d in acro_folder().items() if "checksums" not in n}
    verdict, said = of_checksums(packed(alone))
    assert (verdict, len(said)) == (CheckVerdict.PASS, 1)  # a note
    stray = acro_folder(**{"checksums/other.csv.txt": b"ab" * 32})
    verdict, said = of_checksums(packed(stray))
    assert (verdict, len(said)) == (CheckVerdict.REVIEW, 1)
    assert "other.csv" in said[0]
