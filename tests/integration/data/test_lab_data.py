import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from ecluse.data.readme import readme
from ecluse.rules.extract import plan_extract
from ecluse.store.policy_files import read_policies
from ecluse_lab import data

REPO = Path(__file__).parents[3]


@pytest.fixture
def root(tmp_path, monkeypatch):
    policies = read_policies(REPO / "policies")
    plan = next(d for d in plan_extract(policies, "ordei").datasets if d.dataset == "ordei")
    folder = tmp_path / "it's data" / "ordei"
    folder.mkdir(parents=True)
    pd.DataFrame({"SUBSTANCE": ["a", "b"], "REACTION": ["x", "y"]}).to_parquet(folder / "CASES.parquet")
    pd.DataFrame({"YEAR": [2020], "PATIENTS": [12]}).to_parquet(folder / "EXPOSED.parquet")
    (folder / "README.md").write_text(readme(policies.datasets["ordei"], plan, {"CASES": 2, "EXPOSED": 1}))
    monkeypatch.setenv("ECLUSE_DATA", str(folder.parent))
    return folder.parent


def test_lists_datasets_and_tables(root):
    (root / ".hidden").mkdir()
    assert data.datasets() == ["ordei"]
    assert data.tables("ordei") == ["CASES", "EXPOSED"]


def test_describes_from_files_and_readme(root):
    seen = data.describe("ordei")
    assert seen.title.startswith("ORDEI")
    assert "reporting rate, not an incidence" in " ".join(seen.pitfalls)
    cases = seen.tables["CASES"]
    assert cases.rows == 2
    assert cases.about == "One line per case, substance and reaction."
    assert cases.codes == {"REACTION": "MedDRA"}
    assert [(c.name, c.meaning) for c in cases.columns] == [
        ("SUBSTANCE", "suspected substance"),
        ("REACTION", "declared reaction"),
    ]
    assert data.describe("ordei", "CASES") == cases
    assert "declared reaction [codes: MedDRA]" in str(cases)
    assert "Pitfalls" in str(seen)


def test_says_what_codes_mean(root):
    assert data.describe("ordei").code_lists == {"MedDRA": {}}
    path = root / "ordei" / "README.md"
    path.write_text(
        path.read_text().replace("### MedDRA", "### SEX\n\nSex.\n\n| `1` | man |\n| `2` | a | b |\n\n### X")
    )
    seen = data.describe("ordei")
    assert seen.code_lists == {"SEX": {"1": "man", "2": "a | b"}, "X": {}}
    assert "reporting rate, not an incidence" in " ".join(seen.pitfalls)


def test_describes_a_folder_without_readme(root):
    (root / "ordei" / "README.md").unlink()
    assert data.describe("ordei", "EXPOSED").rows == 1


def test_a_meaning_may_hold_the_separator(root):
    (root / "ordei" / "README.md").write_text("# T\n\n## CASES\n\n| `REACTION` | string | this | that | kept |\n")
    columns = data.describe("ordei", "CASES").columns
    assert [(c.meaning, c.here) for c in columns if c.name == "REACTION"] == [("this | that", "kept")]


def test_reads_a_table(root):
    assert data.table("ordei", "EXPOSED")["PATIENTS"].tolist() == [12]
    assert list(data.table("ordei", "CASES", columns=["REACTION"])) == ["REACTION"]


def test_connects_with_a_view_for_each_table(root):
    with data.connect() as connection:
        assert connection.sql("SELECT count(*) FROM ordei.CASES").fetchall() == [(2,)]
        assert connection.sql('SELECT "PATIENTS" FROM ordei.EXPOSED').fetchall() == [(12,)]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: data.describe("ordie"), "did you mean 'ordei'.* There are: ordei"),
        (lambda: data.describe("snds"), "no dataset 'snds'; there are: ordei"),
        (lambda: data.table("ordei", "CASE"), "did you mean 'CASES'.* There are: CASES, EXPOSED"),
        (lambda: data.table("ordei", "cases"), "did you mean 'CASES'"),
        (lambda: data.table("medicines", "CASES"), "no dataset 'medicines'"),
        (lambda: data.table("ordei", "CASES", columns=["substance"]), "did you mean 'SUBSTANCE'"),
        (lambda: data.report("ordei"), "holds no links"),
        (lambda: data.report("ordie"), "did you mean 'ordei'"),
        (lambda: data.table("ordei", "../ordei/CASES"), "no table"),
        (lambda: data.tables("../ordei"), "no dataset"),
        (lambda: data.table("ordei", "CASES", columns=["AGE"]), "there are: SUBSTANCE, REACTION"),
        (lambda: data.datasets(root="/nowhere"), "ECLUSE_DATA"),
    ],
)
def test_errors_list_what_exists(root, call, told):
    with pytest.raises(data.DataError, match=told):
        call()


def test_a_table_of_another_dataset_is_pointed_to(root):
    (root / "medicines").mkdir()
    pd.DataFrame({"CIP13": [1]}).to_parquet(root / "medicines" / "MEDICINES.parquet")
    with pytest.raises(data.DataError, match=r"no table 'MEDICINES' in ordei \(it is in medicines\)"):
        data.table("ordei", "MEDICINES")


def test_a_linkage_has_its_report(root):
    (root / "ordei" / "report.json").write_text('{"pairs": 3, "match_rates": []}')
    assert data.report("ordei") == {"pairs": 3, "match_rates": []}


def test_reads_without_writing(root):
    before = sorted(root.rglob("*"))
    data.describe("ordei")
    data.connect().sql("FROM ordei.CASES").fetchall()
    assert sorted(root.rglob("*")) == before


def test_starts_no_jupyter_and_needs_no_ecluse():
    code = (
        "import sys, ecluse_lab.data; "
        "print([m for m in sys.modules if m.split('.')[0] in ('jupyter_server', 'jupyterlab', 'tornado', 'ecluse')])"
    )
    env = os.environ | {"PYTHONPATH": str(REPO / "extensions" / "ecluse_lab")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == "[]"
