"""Real cohorts that Python packages carry, written as sources."""

from pathlib import Path

from lifelines.datasets import load_gbsg2

from ecluse.rules.policy import Dataset

from .people import identifiers
from .writer import TableWriter


def write_gbsg2(out: Path, dataset: Dataset, seed: int) -> int:
    """The 686 women of GBSG2. The study has no number of the patient; one is made up from the seed."""
    import numpy as np

    frame = load_gbsg2()
    columns = {name: frame[name].to_list() for name in frame.columns}
    with TableWriter(out / dataset.id, "GBSG2", dataset.tables["GBSG2"]) as table:
        table.write({"PATIENT": identifiers(np.arange(len(frame)), seed, 5), **columns})
        return table.rows
