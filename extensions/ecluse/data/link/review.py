"""A clerical review refines the estimates: a sample to look at, and what its answers say."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

BANDS = (0.0, 0.5, 0.8, 0.95, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Precision after a review, with a 95 % interval."""

    precision: float
    low: float
    high: float
    reviewed: int


def review_sample(links: pd.DataFrame, size: int, seed: int = 1) -> pd.DataFrame:
    """Links to check by hand: as many from each band of probability, so that the doubtful ones are seen."""
    random = np.random.default_rng(seed)
    band = _band(links["probability"].to_numpy())
    present = np.unique(band)
    chosen: list[int] = []
    for place, one in enumerate(present):
        members = np.flatnonzero(band == one)
        share = -(-(size - len(chosen)) // (len(present) - place))
        chosen += random.choice(members, size=min(share, len(members)), replace=False).tolist()
    return links.iloc[sorted(chosen)].reset_index(drop=True)


def refine(links: pd.DataFrame, answers: pd.DataFrame) -> Reviewed:
    """Precision of `links` from `answers` (`left_id`, `right_id`, `right_link` true or false), band by band.

    Each band's model probability counts as ten reviewed links, so that a band seen little is not judged by chance.
    """
    merged = links.merge(answers, on=["left_id", "right_id"], how="inner")
    band, seen = _band(links["probability"].to_numpy()), _band(merged["probability"].to_numpy())
    mean = variance = 0.0
    for one in np.unique(band):
        inside, judged = band == one, merged["right_link"].to_numpy(dtype=bool)[seen == one]
        believed = float(links["probability"].to_numpy()[inside].mean())
        yes, total = float(judged.sum()) + 10 * believed, len(judged) + 10
        share, weight = yes / total, inside.mean()
        mean += weight * share
        variance += weight**2 * share * (1 - share) / (total + 1)
    spread = 1.96 * variance**0.5
    return Reviewed(mean, max(mean - spread, 0.0), min(mean + spread, 1.0), len(merged))


def _band(probability: np.ndarray) -> np.ndarray:
    return np.clip(np.searchsorted(BANDS, probability, side="right") - 1, 0, len(BANDS) - 2)
