"""`make bacthub` at a twentieth of its size: hospitals linked without a common number, and the planted effect found."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from command_line import ecluse
from ecluse.data import extract_project, synthesise
from ecluse.store.policy_files import read_policies

REPO = Path(__file__).parents[3]


def test_one_command_goes_from_hospitals_to_the_planted_effect(tmp_path):
    command = [sys.executable, REPO / "deploy/bacthub.py", "--scale", "0.5", "--out", tmp_path / "bacthub"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    print(done.stdout, done.stderr)
    assert done.returncode == 0
    assert "2,500 true patients under" in done.stdout
    precision, recall = (float(x) for x in re.search(r"precision ([\d.]+), recall ([\d.]+) \(", done.stdout).groups())
    assert precision >= 0.98
    assert recall >= 0.95
    assert re.search(r"odds ratio [\d.]+ \(95 % interval [\d.]+ to [\d.]+\)", done.stdout)
    assert "planted odds ratio 3 lies in the interval" in done.stdout


def test_the_consolidated_table_is_what_extracts_resolve_persons_through(tmp_path):
    policies = read_policies(REPO / "policies")
    sources = tmp_path / "sources"
    permit = policies.projects["bacthub"].permit
    synthesise(sources, {n: policies.datasets[n] for n in permit}, scale=0.2, seed=4)
    keys = tmp_path / "keys"
    keys.mkdir()
    (keys / "pseudonyms.key").write_bytes(bytes(32))
    (keys / "pseudonyms.key").chmod(0o400)

    def persons():
        made = extract_project(policies, "bacthub", sources, tmp_path / "out", keys, datetime.now(UTC))
        at = tmp_path / "out/bacthub" / made.version / "bacthub/IDENTITY.parquet"
        return duckdb.sql(f"SELECT count(*), count(DISTINCT IPP) FROM '{at}'").fetchone()

    numbers, alone = persons()
    assert numbers == alone
    done = ecluse("data", "consolidate", "bacthub", "--policies", REPO / "policies", "--sources", sources)
    assert done.returncode == 0, done.stderr
    found = int(re.search(r"(\d+) numbers are (\d+) persons", done.stdout)[2])
    assert persons() == (numbers, found)
    assert found < numbers
    again = ecluse("data", "consolidate", "snds", "--policies", REPO / "policies", "--sources", sources)
    assert (again.returncode, "no `persons.match`" in again.stderr) == (3, True)
