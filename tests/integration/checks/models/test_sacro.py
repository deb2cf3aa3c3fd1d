"""The whole way of a model: attacked with SACRO-ML itself, signed, sent, judged. Needs `make attacks` (6 GB) first."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from typer.testing import CliRunner

from ecluse.checks import Context, check_files
from ecluse.checks.records.index import build_index
from ecluse.cli import app
from ecluse.rules.finding import CheckVerdict
from ecluse.rules.policy import OutputRules

REPO = Path(__file__).parents[4]
PYTHON = REPO / "build/attacks/bin/python"
ROWS, SHADOWS = 3000, 10

pytestmark = [
    pytest.mark.skipif(not PYTHON.exists(), reason="SACRO-ML has an environment of its own: `make attacks` sets it up"),
    pytest.mark.timeout(900),
]


def people() -> pd.DataFrame:
    """Six measures and an outcome that follows two of them loosely."""
    rng = np.random.default_rng(5)
    made = pd.DataFrame(rng.normal(60, 12, (2 * ROWS, 6)).round(2), columns=list("abcdef"))
    return made.assign(ill=((made.a - made.b + rng.normal(0, 8, 2 * ROWS)) > 0).astype(int))


def attacked(folder: Path, model: object, *more: str) -> subprocess.CompletedProcess[str]:
    skops.io.dump(model, folder / "m.skops")
    program = [PYTHON, REPO / "deploy/attacks/attack.py", folder / "m.skops", "--members", folder / "in.parquet"]
    rest = ["--others", folder / "out.parquet", "--outcome", "ill", "--out", folder / "attacked", *more]
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore"}
    return subprocess.run(
        [*program, *rest, "--shadows", str(SHADOWS)], capture_output=True, text=True, check=False, env=quiet
    )


@pytest.mark.parametrize(
    ("kind", "expected", "rule"),
    [
        (LogisticRegression(), CheckVerdict.REVIEW, "model-attested"),
        (RandomForestClassifier(40, min_samples_leaf=1, random_state=0), CheckVerdict.REFUSE, "model-attack"),
    ],
)
def test_from_the_attack_to_the_verdict(tmp_path: Path, kind, expected: CheckVerdict, rule: str) -> None:
    table = people()
    table[:ROWS].to_parquet(tmp_path / "in.parquet")
    table[ROWS:].to_parquet(tmp_path / "out.parquet")
    build_index([tmp_path / "in.parquet"], b"k" * 32, tmp_path / "index")
    done = attacked(tmp_path, kind.fit(table[:ROWS].drop(columns="ill").to_numpy(), table[:ROWS].ill.to_numpy()))
    assert done.returncode == 0, done.stderr[-2000:]
    assert not (tmp_path / "attacked/shadow_models").exists()  # each is fitted on persons
    model, index, found = tmp_path / "m.skops", tmp_path / "index", tmp_path / "attacked"
    arguments = [model, "--project", "p", "--index", index, "--out", tmp_path / "r.json"]
    evidence = ["--scores", found / "scores.npz", "--sacro", found / "report.json"]
    signed = CliRunner().invoke(app, ["models", "attack", *map(str, [*arguments, *evidence])])
    assert signed.exit_code == 0, signed.output
    files = [(name, (tmp_path / name).read_bytes()) for name in ("m.skops", "r.json")]
    report, _ = check_files(files, OutputRules(), Context(project="p", record_index=tmp_path / "index"))
    assert report.verdict is expected, report
    assert rule in {f.rule for r in report.files for f in r.findings}, report


def test_what_is_no_model_of_known_libraries_is_not_loaded(tmp_path: Path) -> None:
    people()[:ROWS].to_csv(tmp_path / "in.parquet")
    done = attacked(tmp_path, pd.Timestamp("2026-01-01"))
    assert done.returncode == 1
    assert "is not loaded here" in done.stderr
