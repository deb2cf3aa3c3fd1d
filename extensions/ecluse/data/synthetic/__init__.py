"""Made-up sources of true shape: seeded, written block by block, so that memory does not grow with their size."""

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from ecluse.rules.dataset import Dataset, Table

from .claims import claims
from .deaths import deaths, long_term
from .devices import devices
from .hospital import stays
from .imaging import images
from .medicines import MEDICINES
from .people import Block, blocks
from .safety import safety
from .safety import truth as safety_truth
from .studies import write_gbsg2, write_lung, write_omop
from .warehouse import truth as warehouse_truth
from .warehouse import warehouse
from .writer import TableWriter

Progress = Callable[[str], None]
PERSONS_AT_SCALE_1 = 5_000
TRUTHS = "truths.json"
TRUTH_TABLES = {
    "hydro": {"TRUE_LINKS": {"DEVICE": "string", "ETA_NUM": "integer", "RSA_NUM": "integer"}},
    "bacthub": {"TRUE_PERSONS": {"IPP": "string", "HOSPITAL": "integer", "PERSON": "string"}},
}
"""What is true, `<dataset>/TRUE_….parquet`: beside the sources, in no catalogue, so in no extract."""


def synthesise(
    out: Path,
    catalogue: Mapping[str, Dataset],
    scale: float = 1.0,
    seed: int = 1,
    progress: Progress = lambda _: None,
    noise: float = 1.0,
) -> dict[str, int]:
    """Write sources below `out` for the datasets of the catalogue that can be made up; rows by `dataset/table`.

    Scale 1 has 5,000 persons and about 120,000 claim lines; scale 420 about 50 million. `noise` scales the errors of
    the pacemaker registry. `truths.json` says what is planted.
    """
    out.mkdir(parents=True, exist_ok=True)
    persons = max(1, round(PERSONS_AT_SCALE_1 * scale))
    rows: dict[str, int] = {}
    if "snds" in catalogue:
        rows |= _write_snds(out, catalogue, persons, seed, progress, noise)
    if "bacthub" in catalogue:
        rows |= _write_blocks(out, catalogue["bacthub"], warehouse(scale, seed), progress)
    if "ordei" in catalogue:
        rows |= _write_blocks(out, catalogue["ordei"], [safety(scale, seed)], progress)
    if "nhance" in catalogue:
        rows |= _write_blocks(out, catalogue["nhance"], [{"IMAGES": images(scale, seed)}], progress)
    if "medicines" in catalogue:
        rows |= _write_blocks(out, catalogue["medicines"], [{"MEDICINES": _medicines()}], progress)
    if "gbsg2" in catalogue:
        rows |= write_gbsg2(out, catalogue["gbsg2"], seed)
    if "lung" in catalogue:
        rows |= write_lung(out, catalogue["lung"], seed)
    if "omop" in catalogue:
        rows |= write_omop(out, catalogue["omop"])
    truths = {"bacthub": warehouse_truth(), "ordei": safety_truth(), "seed": seed, "scale": scale}
    (out / TRUTHS).write_text(json.dumps(truths, indent=1) + "\n")
    return rows


def _write_blocks(
    out: Path, dataset: Dataset, made: Iterable[dict[str, dict[str, Any]]], progress: Progress
) -> dict[str, int]:
    with ExitStack() as stack:
        every = _tables(dataset)
        writers = {n: stack.enter_context(TableWriter(out / dataset.id, n, t)) for n, t in every.items()}
        for tables in made:
            progress(f"{dataset.id}: {sum(w.rows for w in writers.values()):,} rows")
            for table, columns in tables.items():
                writers[table].write(columns)
        return {f"{dataset.id}/{n}": writers[n].rows for n in dataset.tables}


def _tables(dataset: Dataset) -> dict[str, Table]:
    """The dataset's tables, and those of its truth."""
    truths = {
        name: Table.model_validate({"columns": {c: {"type": kind} for c, kind in columns.items()}})
        for name, columns in TRUTH_TABLES.get(dataset.id, {}).items()
    }
    return {**dataset.tables, **truths}


def _write_snds(
    out: Path, catalogue: Mapping[str, Dataset], persons: int, seed: int, progress: Progress, noise: float
) -> dict[str, int]:
    """The SNDS, and the pacemaker registry whose devices were implanted in its stays."""
    with ExitStack() as stack:
        tables = {("snds", n): t for n, t in catalogue["snds"].tables.items()}
        if "hydro" in catalogue:
            tables |= {("hydro", n): t for n, t in _tables(catalogue["hydro"]).items()}
        writers = {key: stack.enter_context(TableWriter(out / key[0], key[1], table)) for key, table in tables.items()}
        for block in blocks(persons, seed):
            lines = writers["snds", "ER_PRS_F"].rows
            progress(f"snds: {block.first:,} of {persons:,} persons, {lines:,} claim lines")
            hospital, who = stays(block, seed)
            made = {
                **register(block),
                **long_term(block, seed),
                **claims(block, seed),
                **hospital,
                **deaths(block, seed),
            }
            for table, columns in made.items():
                writers["snds", table].write(columns)
            if "hydro" in catalogue:
                for table, columns in devices(block, hospital, who, seed, noise).items():
                    writers["hydro", table].write(columns)
        return {f"{d}/{n}": w.rows for (d, n), w in writers.items() if n in catalogue[d].tables}


def _medicines() -> dict[str, Any]:
    return {
        "CIP13": [m.cip13 for m in MEDICINES],
        "CIS": [m.cis for m in MEDICINES],
        "SUBSTANCE": [m.substance for m in MEDICINES],
        "ATC": [m.atc for m in MEDICINES],
        "LABEL": [m.label for m in MEDICINES],
    }


def register(block: Block) -> dict[str, dict[str, object]]:
    """IR_BEN_R of a block: every number of every person."""
    of = block.psa_of
    return {
        "IR_BEN_R": {
            "BEN_NIR_PSA": block.psa,
            "BEN_RNG_GEM": block.rank,
            "BEN_NIR_ANO": block.nir[of],
            "BEN_NAI_ANN": block.birth_year[of],
            "BEN_NAI_MOI": (np.datetime64("1900-01", "M") + (block.birth_month[of] - 1)).astype("datetime64[D]"),
            "BEN_SEX_COD": block.sex[of],
            "BEN_DCD_DTE": block.death[of],
            "BEN_RES_DPT": np.char.zfill(block.department[of], 3),
            "BEN_RES_COM": block.commune[of],
        }
    }
