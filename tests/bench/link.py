"""Linkage: FEBRL4, sets like HYDRO at three levels of noise, and ten times the stays in bounded memory.

Splink's default is cut at the threshold that serves it best, chosen with the truth in hand; ours at the one it chose.
Splink and drop-one learn no codes: they are given the stays' legal entity, which ours has to find out. On ten times the
stays the comparison is with the most that any linker can recall there (`_ideal.py`).
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from _febrl import SPEC as FEBRL_SPEC
from _febrl import febrl4
from _ideal import ideal_links
from _measure import Measure

from ecluse.data.link import Linked, link, parse_spec
from ecluse.data.link.baselines import drop_one, splink_default
from ecluse.data.link.hydro import KNOWN_SPEC, NOISE, SPEC, with_entities, write_hydro

NAMES = (
    "link-febrl4",
    "link-hydro",
    "link-hydro-low",
    "link-hydro-high",
    "link-hydro-precision",
    "link-hydro-honesty",
    "link-hydro-drop-one",
    "link-scale",
    "link-scale-recall",
    "link-scale-precision",
)
REPO = Path(__file__).parents[2]
IMPLANTS, STAYS, TENFOLD = 27_000, 375_000, 3_750_000
F1_BAR, PRECISION_BAR, HONESTY_BAR, MEMORY_BAR = 0.998, 0.99, 0.02, 2_048
OF_THE_IDEAL = 0.6
"""Splink's share of what an ideal linker recalls, on another such set: 0.50 of 0.84, as measured before."""
SEED = 11


def scores(links: pd.DataFrame, truth: pd.DataFrame) -> tuple[float, float]:
    """Precision and recall."""
    right = len(links.merge(truth, on=["left_id", "right_id"]))
    return right / max(len(links), 1), right / len(truth)


def f1(links: pd.DataFrame, truth: pd.DataFrame) -> float:
    """Harmonic mean of the two."""
    precision, recall = scores(links, truth)
    return 2 * precision * recall / max(precision + recall, 1e-9)


def best_cut(candidates: pd.DataFrame, truth: pd.DataFrame, precision: float) -> float:
    """The most recall that any threshold gives at a precision."""
    ordered = candidates.sort_values("weight", ascending=False, kind="stable")
    right = ordered.merge(truth.assign(right=1), how="left", on=["left_id", "right_id"])["right"].fillna(0).to_numpy()
    kept = np.cumsum(right) / np.arange(1, len(right) + 1) >= precision
    return float(right[: int(np.flatnonzero(kept)[-1]) + 1].sum() / len(truth)) if kept.any() else 0.0


def at_best_f1(candidates: pd.DataFrame, truth: pd.DataFrame) -> float:
    """The best F1 that any threshold gives."""
    right = (
        candidates.merge(truth.assign(right=1), how="left", on=["left_id", "right_id"])["right"].fillna(0).to_numpy()
    )
    return float((2 * np.cumsum(right) / (np.arange(1, len(right) + 1) + len(truth))).max())


def row(name: str, value: float, unit: str, against: str, other: float | None, bar: float, *, holds: bool) -> Measure:
    """A measure whose bar is on the value itself."""
    ratio = None if not other else value / other
    return Measure(name=name, value=value, unit=unit, against=against, ratio=ratio, bar=bar, holds=holds)


def febrl() -> Measure:
    """F1 on FEBRL4."""
    left, right, truth = febrl4(REPO / "build" / "febrl4")
    spec = parse_spec(FEBRL_SPEC)
    ours = f1(link(spec, left, right).links, truth)
    other = at_best_f1(splink_default(spec, left, right), truth)
    return row("link-febrl4", ours, "F1", "Splink default, best threshold", other, F1_BAR, holds=ours >= F1_BAR)


def hydro(progress: Callable[[str], None]) -> list[Measure]:
    """Recall at precision 0.99 for each noise level, the lowest precision, and the largest error of its estimate."""
    found, precisions, errors = [], [], []
    dropped = 0.0
    spec, known = parse_spec(SPEC), parse_spec(KNOWN_SPEC)
    for noise in NOISE:
        with tempfile.TemporaryDirectory() as folder:
            progress(f"HYDRO-like, {noise} noise")
            left, right, truth = write_hydro(Path(folder), implants=IMPLANTS, stays=STAYS, noise=noise, seed=SEED)
            ours: Linked = link(spec, left, right)
            precision, recall = scores(ours.links, truth)
            progress(f"Splink default, {noise} noise")
            stays = with_entities(right)
            other = best_cut(splink_default(known, left, stays), truth, PRECISION_BAR)
            dropped = f1(drop_one(known, left, stays), truth) if noise == "medium" else dropped
            middle = f1(ours.links, truth) if noise == "medium" else 0.0
        name = "link-hydro" if noise == "medium" else f"link-hydro-{noise}"
        against = "Splink default, recall at its best threshold of precision 0.99"
        holds = recall > other and precision >= PRECISION_BAR
        found.append(row(name, recall, "recall", against, other, 1.0, holds=holds))
        if noise == "medium":
            against = "drop-one, F1"
            found.append(row("link-hydro-drop-one", middle, "F1", against, dropped, 1.0, holds=middle > dropped))
        precisions.append(precision)
        errors.append(abs(float(str(ours.report["expected_precision"])) - precision))
    low, error = min(precisions), max(errors)
    found.append(row("link-hydro-precision", low, "share", "truth", None, PRECISION_BAR, holds=low >= PRECISION_BAR))
    found.append(row("link-hydro-honesty", error, "share", "truth", None, HONESTY_BAR, holds=error <= HONESTY_BAR))
    return found


CHILD = """
import json, resource, sys
from pathlib import Path
from ecluse.data.link import link, parse_spec
from ecluse.data.link.hydro import SPEC
found = link(parse_spec(SPEC), Path(sys.argv[1]), Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
found.links.to_parquet(sys.argv[3])
"""


def scale(progress: Callable[[str], None]) -> list[Measure]:
    """Peak memory of a process that links 27,000 with 3.75 M, its recall and its precision."""
    with tempfile.TemporaryDirectory() as folder:
        left, right, truth = write_hydro(Path(folder), implants=IMPLANTS, stays=TENFOLD, noise="medium", seed=SEED)
        links = Path(folder) / "links.parquet"
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(left), str(right), str(links)], check=True, capture_output=True, text=True
        )
        precision, recall = scores(pd.read_parquet(links), truth)
        progress("27,000 against 3.75 M: the ideal linker")
        ideal = best_cut(ideal_links(pd.read_parquet(left), pd.read_parquet(right), "medium"), truth, PRECISION_BAR)
    peak = float(done.stdout.splitlines()[-1])
    against = "an ideal linker, recall at its best threshold of precision 0.99"
    return [
        row("link-scale", peak, "MB", "nothing", None, MEMORY_BAR, holds=peak <= MEMORY_BAR and recall > 0),
        row("link-scale-recall", recall, "recall", against, ideal, OF_THE_IDEAL, holds=recall > OF_THE_IDEAL * ideal),
        row("link-scale-precision", precision, "share", "truth", None, PRECISION_BAR, holds=precision >= PRECISION_BAR),
    ]


def run(progress: Callable[[str], None]) -> list[Measure]:
    """All of it: about a quarter of an hour on one core."""
    progress("FEBRL4")
    found = [febrl()]
    found += hydro(progress)
    progress("27,000 against 3.75 M")
    return [*found, *scale(progress)]
