"""The tutorials on fresh extracts: they find what is planted, and what they show may leave."""

import json
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import nbformat
import pyarrow.parquet as pq
import pytest
from nbclient import NotebookClient

from command_line import ecluse
from ecluse.data import extract_project, synthesise
from ecluse.data.consolidate import consolidate
from ecluse.data.linkage import link_sources
from ecluse.store.policy_files import read_policies

REPO = Path(__file__).parents[3]
NOTEBOOKS = REPO / "docs" / "tutorial" / "notebooks"
SCALES = {"bacthub": 1.0, "hydro": 8.0, "ordei": 5.0}
"""Enough persons that each planted effect stands out; the planted pair of ORDEI has under 11 cases at scale 1."""


def sources_of(project, policies, folder):
    wanted = policies.projects[project].permit
    synthesise(folder, {n: d for n, d in policies.datasets.items() if n in wanted}, scale=SCALES[project], seed=11)


def run(project, folder, monkeypatch):
    policies = read_policies(REPO / "policies")
    sources_of(project, policies, folder / "sources")
    (folder / "keys").mkdir()
    (folder / "keys" / "pseudonyms.key").write_bytes(bytes(range(32)))
    (folder / "keys" / "pseudonyms.key").chmod(0o400)
    for linkage in policies.projects[project].links:
        link_sources(policies.linkages[linkage], policies.datasets, folder / "sources")
    for dataset in policies.projects[project].permit:
        if (persons := policies.datasets[dataset].persons) and persons.match:
            consolidate(policies.datasets[dataset], folder / "sources")
    made = extract_project(
        policies, project, folder / "sources", folder / "extracts", folder / "keys", datetime.now(UTC)
    )
    monkeypatch.setenv("ECLUSE_DATA", str(folder / "extracts" / project / made.version))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(REPO / "extensions" / "ecluse_lab")]))
    notebook = nbformat.read(NOTEBOOKS / f"{project}.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(folder)}})
    client.create_kernel_manager()
    client.km.transport = "ipc"
    client.km.ip = str(folder / "k")
    client.execute()
    (folder / f"{project}.ipynb").write_text(nbformat.writes(notebook))
    return notebook


def shown(notebook):
    texts = [
        o.get("text") or o.get("data", {}).get("text/plain", "")
        for cell in notebook.cells
        for o in cell.get("outputs", [])
    ]
    return "\n".join(texts)


def refusals(path, project):
    done = ecluse("check", "--policies", REPO / "policies", "--project", project, "--format", "json", path)
    report = json.loads(done.stdout)
    assert [f["path"] for f in report["files"]] == [path.name]
    return [
        f"{x['where']}: {x['message']}" for f in report["files"] for x in f["findings"] if x["severity"] == "refuse"
    ]


@pytest.fixture
def short(tmp_path_factory):
    """A folder with a short name: sockets of a kernel lie in it, and their paths are limited to 107 bytes."""
    folder = tmp_path_factory.mktemp("n")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("project", sorted(SCALES))
def test_sources_hold_no_outputs(project):
    cells = nbformat.read(NOTEBOOKS / f"{project}.ipynb", as_version=4).cells
    assert cells
    assert [c.id for c in cells if c.get("outputs") or c.get("execution_count")] == []


def test_bacthub_finds_the_planted_odds_ratio(short, monkeypatch):
    text = shown(run("bacthub", short, monkeypatch))
    print(text)
    assert "hospitals in the network: 37" in text
    assert re.search(r"^\s*2\s+\d{3}$", text, re.MULTILINE), "patients seen in two hospitals"
    ratio, low, high = (
        float(x) for x in re.search(r"^exposed\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)", text, re.MULTILINE).groups()
    )
    assert low < 3 < high
    assert low > 1.5
    assert low < ratio < high
    assert refusals(short / "bacthub.ipynb", "bacthub") == []


def test_hydro_shows_the_match_rates_and_what_follows(short, monkeypatch):
    text = shown(run("hydro", short, monkeypatch))
    print(text)
    found = pq.read_table(short / "sources/links/hydro-snds.parquet").to_pandas()
    truth = pq.read_table(short / "sources/hydro/TRUE_LINKS.parquet").to_pandas()
    right = set(zip(truth["DEVICE"], truth["ETA_NUM"].astype(str) + "|" + truth["RSA_NUM"].astype(str), strict=True))
    links = list(zip(found["left_id"], found["right_id"], strict=True))
    assert len(right & set(links)) / len(links) >= 0.97
    assert len(right & set(links)) / len(right) > 0.9
    devices = pq.read_metadata(short / "sources/hydro/IMPLANTS.parquet").num_rows
    assert f"devices linked: {len(links) / devices:.0%}" in text
    years = re.findall(r"^(20\d\d)\s+(\d+)\s+(\d+)$", text, re.MULTILINE)
    assert len(years) >= 2
    assert all(int(n) >= 22 and 80 < int(rate) <= 100 for _, n, rate in years)
    assert re.search(r"^\d0–\d9\s+\d+\s+\d+$", text, re.MULTILINE), "a match rate by age"
    assert "hospitals with 11 devices or more" in text
    assert "pseudonyms in common without the links: 0" in text
    assert refusals(short / "hydro.ipynb", "hydro") == []


def test_ordei_ranks_the_planted_signal_first(short, monkeypatch):
    text = shown(run("ordei", short, monkeypatch))
    print(text)
    signals = text[text.index("IC from") :].splitlines()[1:6]
    first = re.match(r"\s*colchicine\s+Rhabdomyolysis\s+(\d+)\s+([\d.]+)\s+([\d.]+)", signals[0])
    assert first, signals
    assert int(first[1]) >= 11
    assert float(first[3]) > 2
    assert len(signals) == 5
    assert all(float(s.split()[-5]) < float(first[2]) for s in signals[1:]), "first by PRR as well"
    assert "reporting rate per 1,000" in text
    assert refusals(short / "ordei.ipynb", "ordei") == []
