"""Two small files of made-up persons, of whom some are the same, for tests of the linkage."""

from pathlib import Path

import numpy as np
import pandas as pd


def people(folder: Path, lefts: int, rights: int, common: int, seed: int = 1) -> tuple[Path, Path, pd.DataFrame]:
    """Two files of made-up persons of whom some are the same; one in ten of each column is in error."""
    random = np.random.default_rng(seed)
    count = lefts + rights - common
    whole = pd.DataFrame(
        {
            "i": range(count),
            "n": [f"{'BCDFGLMNPRST'[k % 12]}{'AEIOU'[k % 5]}{chr(65 + k % 26)}{k % 97}" for k in range(count)],
            "d": pd.to_datetime("1930-01-01") + pd.to_timedelta(random.integers(0, 27_000, count), "D"),
            "s": random.integers(1, 3, count),
            "p": [f"{k:02d}000" for k in random.integers(1, 96, count)],
        }
    )
    left, right = whole.head(lefts).copy(), whole.tail(rights).copy()
    wrong = random.random(lefts) < 0.1
    left.loc[wrong, "p"] = [f"{k:02d}000" for k in random.integers(1, 96, int(wrong.sum()))]
    left.sample(frac=1, random_state=seed).to_parquet(folder / "l.parquet")
    right.sample(frac=1, random_state=seed).to_parquet(folder / "r.parquet")
    same = whole["i"].iloc[lefts - common : lefts].astype(str)
    return folder / "l.parquet", folder / "r.parquet", pd.DataFrame({"left_id": same, "right_id": same})


BY_BIRTH = {
    "left": {"id": "i"},
    "right": {"id": "i"},
    "compare": [
        {"left": "d", "right": "d", "as": "date"},
        {"left": "s", "right": "s", "as": "exact"},
        {"left": "p", "right": "p", "as": "postcode"},
    ],
}
