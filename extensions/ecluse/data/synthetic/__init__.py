"""Made-up sources of true shape: seeded, written block by block, so that memory does not grow with their size."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from ecluse.rules.policy import Dataset

from .claims import claims
from .hospital import stays
from .people import Block, blocks
from .studies import write_gbsg2
from .writer import TableWriter

Progress = Callable[[str], None]
PERSONS_AT_SCALE_1 = 5_000


def synthesise(
    out: Path,
    catalogue: Mapping[str, Dataset],
    scale: float = 1.0,
    seed: int = 1,
    progress: Progress = lambda _: None,
) -> dict[str, int]:
    """Write sources below `out` for the datasets of the catalogue that can be made up; rows by `dataset/table`.

    Scale 1 has 5,000 persons and about 180,000 claim lines; scale 300 has about 50 million.
    """
    persons = max(1, round(PERSONS_AT_SCALE_1 * scale))
    rows: dict[str, int] = {}
    if "snds" in catalogue:
        rows |= _write_snds(out / "snds", catalogue["snds"], persons, seed, progress)
    if "gbsg2" in catalogue:
        rows["gbsg2/GBSG2"] = write_gbsg2(out, catalogue["gbsg2"], seed)
    return rows


def _write_snds(out: Path, dataset: Dataset, persons: int, seed: int, progress: Progress) -> dict[str, int]:
    with ExitStack() as stack:
        writers = {n: stack.enter_context(TableWriter(out, n, t)) for n, t in dataset.tables.items()}
        for block in blocks(persons, seed):
            progress(f"snds: {block.first:,} of {persons:,} persons, {writers['ER_PRS_F'].rows:,} claim lines")
            for table, columns in {**_register(block), **claims(block, seed), **stays(block, seed)}.items():
                writers[table].write(columns)
        return {f"{dataset.id}/{n}": w.rows for n, w in writers.items()}


def _register(block: Block) -> dict[str, dict[str, object]]:
    of = block.psa_of
    return {
        "IR_BEN_R": {
            "BEN_NIR_PSA": block.psa,
            "BEN_RNG_GEM": block.rank,
            "BEN_NIR_ANO": block.nir[of],
            "BEN_NAI_ANN": block.birth_year[of],
            "BEN_SEX_COD": block.sex[of],
            "BEN_DCD_DTE": block.death[of],
            "BEN_RES_DPT": np.char.zfill(block.department[of], 3),
            "BEN_RES_COM": block.commune[of],
        }
    }
