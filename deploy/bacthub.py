"""The study of BACTHUB from made-up hospitals to its figure, in one command: `make bacthub`.

50,000 patients of 37 hospitals over five years: made up, consolidated across hospitals without a common number,
extracted for the project, and analysed by the tutorial's notebook. What came out is held against what was planted.
"""

import argparse
import json
import os
import re
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import nbformat
from nbclient import NotebookClient
from rich.console import Console

from ecluse.data import extract_project, synthesise
from ecluse.data.consolidate import consolidate
from ecluse.rules.policy import Policies
from ecluse.store.policy_files import read_policies

REPO = Path(__file__).resolve().parents[1]
PROJECT = "bacthub"
NOTEBOOK = REPO / "docs" / "tutorial" / "notebooks" / "bacthub.ipynb"
FULL = 10.0
"""The scale at which there are 50,000 patients."""
console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    """Run every step; 0 if the notebook's interval holds the planted odds ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=FULL, help="10 makes 50,000 patients")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=REPO / "build" / "bacthub")
    asked = parser.parse_args()
    shutil.rmtree(asked.out, ignore_errors=True)
    sources = asked.out / "sources"
    policies = read_policies(REPO / "policies")
    wanted = {n: policies.datasets[n] for n in policies.projects[PROJECT].permit}
    step("sources made up", lambda say: made_up(synthesise(sources, wanted, asked.scale, asked.seed, say)))
    step("patients consolidated across hospitals", lambda say: consolidated(policies, sources, say))
    step("extract written", lambda say: extracted(policies, asked.out, say))
    odds: list[float] = []
    step("notebook run", lambda say: analysed(asked.out, odds, say))
    planted = float(json.loads((sources / "truths.json").read_text())["bacthub"]["odds_ratio"])
    holds = odds[1] <= planted <= odds[2]
    console.print(f"bacthub: planted odds ratio {planted:g} {'lies' if holds else 'does not lie'} in the interval")
    return 0 if holds else 1


def step(title: str, action: Callable[[Callable[[str], None]], str]) -> None:
    """One step with its progress, its time and what it found."""
    start = time.monotonic()
    with console.status(f"  {title} …") as status:
        found = action(lambda what: status.update(f"  {what}"))
    console.print(f"[green]✓[/] {title}  [dim]{time.monotonic() - start:.1f} s[/]")
    console.print("\n".join(f"    {line}" for line in found.splitlines()), markup=False)


def made_up(rows: dict[str, int]) -> str:
    """The size of the warehouse."""
    return ", ".join(f"{table.split('/')[1]} {n:,}" for table, n in rows.items() if table.startswith(PROJECT))


def consolidated(policies: Policies, sources: Path, say: Callable[[str], None]) -> str:
    """Consolidate; the pairs found, against the true ones that the generator wrote down."""
    report = consolidate(policies.datasets[PROJECT], sources, progress=say)
    found, true = (f"'{sources / PROJECT / name}.parquet'" for name in ("PATIENT_INDEX", "TRUE_PERSONS"))
    both = f"SELECT f.PERSON AS made, t.PERSON AS real FROM {found} f JOIN {true} t USING (IPP, HOSPITAL)"

    def pairs(columns: str) -> int:
        groups = f"SELECT count(*) AS n FROM ({both}) GROUP BY {columns}"
        row = duckdb.sql(f"SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM ({groups})").fetchone()
        return int(row[0]) if row else 0

    right, made, real = pairs("made, real"), pairs("made"), pairs("real")
    patients = duckdb.sql(f"SELECT count(DISTINCT real) FROM ({both})").fetchone() or (0,)
    return (
        f"{patients[0]:,} true patients under {report['numbers']:,} numbers; {report['persons']:,} persons found\n"
        f"pairs of numbers across hospitals: precision {right / max(made, 1):.4f}, recall {right / max(real, 1):.4f} "
        f"({right:,} right of {made:,} found and {real:,} true)\n"
        f"the linkage's own estimate: precision {report['expected_precision']:.4f}, "
        f"recall {report['expected_recall']:.4f}"
    )


def extracted(policies: Policies, out: Path, say: Callable[[str], None]) -> str:
    """Write the project's extract under a key made here."""
    keys = out / "keys"
    keys.mkdir()
    (keys / "pseudonyms.key").write_bytes(secrets.token_bytes(32))
    (keys / "pseudonyms.key").chmod(0o400)
    made = extract_project(policies, PROJECT, out / "sources", out / "extracts", keys, datetime.now(UTC), say)
    return f"version {made.version}: {len(made.files)} files, {sum(f.rows for f in made.files):,} rows"


def analysed(out: Path, odds: list[float], say: Callable[[str], None]) -> str:
    """Run the tutorial's notebook on the extract; `odds` gets the ratio and its interval."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    paths = [str(REPO / "extensions" / "ecluse_lab"), os.environ.get("PYTHONPATH", "")]
    os.environ |= {"ECLUSE_DATA": str(out / "extracts" / PROJECT / "current"), "PYTHONPATH": os.pathsep.join(paths)}
    client = NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": str(out)}},
        on_cell_start=lambda cell, cell_index: say(f"cell {cell_index + 1} of {len(notebook.cells)}"),  # noqa: ARG005
    )
    kernel = client.create_kernel_manager()
    kernel.transport = "ipc"  # no port of this machine for the kernel
    with tempfile.TemporaryDirectory(prefix="k") as sockets:  # a short name: a socket's path has 107 bytes at most
        kernel.ip = str(Path(sockets) / "k")
        client.execute()
    (out / NOTEBOOK.name).write_text(nbformat.writes(notebook))
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]
    found = re.search(r"^exposed\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)", "\n".join(texts), re.MULTILINE)
    if found is None:
        raise SystemExit(f"no odds ratio in {out / NOTEBOOK.name}: look there")
    odds.extend(float(x) for x in found.groups())
    text = f"odds ratio {odds[0]} (95 % interval {odds[1]} to {odds[2]})"
    return f"{text}; the notebook with its outputs: {out / NOTEBOOK.name}"


if __name__ == "__main__":
    sys.exit(main())
