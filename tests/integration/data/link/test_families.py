"""Sets of several kinds, made from a seed: no crash, and figures that are as good as they say."""

import numpy as np
import pandas as pd
import pytest

from ecluse.data.link import link, parse_spec

KINDS = {
    "given": "name",
    "surname": "name",
    "born": "date",
    "sex": "exact",
    "postcode": "postcode",
    "number": "identifier",
    "ward": "category",
    "doctor": "category",
}
PERSON = ("given", "surname", "born", "sex", "postcode")


def persons(random: np.random.Generator, count: int) -> pd.DataFrame:
    """Made-up persons whose names and places are as uneven as true ones."""

    def uneven(values: list[str]) -> np.ndarray:
        share = 1 / np.arange(1, len(values) + 1) ** 0.7
        return np.array(values)[random.choice(len(values), count, p=share / share.sum())]

    parts = ["BA", "BE", "LO", "MI", "RA", "TE", "DU", "CO", "FA", "GI", "HU", "JO", "KE", "NA", "TRE", "LAN"]
    names = ["".join(random.choice(parts, 3)) for _ in range(1_500)]
    born = pd.Timestamp("1925-01-01") + pd.to_timedelta(random.integers(0, 29_000, count), "D")
    return pd.DataFrame(
        {
            "given": uneven(names[:200]),
            "surname": uneven(names),
            "born": born.strftime("%Y-%m-%d"),
            "sex": random.choice(["M", "F"], count),
            "postcode": uneven([f"{k:05d}" for k in random.choice(95_999, 500, replace=False)]),
            "number": [f"{k:012d}" for k in random.integers(10**10, 10**12, count)],
            "ward": uneven([f"W{k}" for k in range(60)]),
            "doctor": uneven([f"P{k}" for k in range(150)]),
        }
    )


def noisy(random: np.random.Generator, frame: pd.DataFrame, errors: float, missing: float) -> pd.DataFrame:
    """Another's value or one letter wrong in a share of each column, and some values missing."""
    frame = frame.copy()
    for column in KINDS:
        values = frame[column].to_numpy(dtype=object, copy=True)
        others = random.permutation(values)
        for row in np.flatnonzero(random.random(len(frame)) < errors):
            if column in {"given", "surname", "number", "postcode"} and (column == "number" or random.random() < 0.7):
                place = int(random.integers(len(values[row])))
                values[row] = values[row][:place] + random.choice(list("ABCDE12345")) + values[row][place + 1 :]
            else:
                values[row] = others[row]
        values[random.random(len(frame)) < missing] = None
        frame[column] = values
    return frame


@pytest.mark.parametrize(
    ("columns", "sizes", "errors", "missing", "times"),
    [
        (PERSON, (1_500, 5_000, 1_000), 0.2, 0.0, 1),
        (PERSON, (1_500, 5_000, 1_000), 0.1, 0.4, 1),
        (PERSON, (600, 2_000, 400), 0.1, 0.0, 3),
        (("number",), (1_000, 3_000, 700), 0.3, 0.0, 1),
        (("ward", "doctor", "sex", "born"), (1_500, 6_000, 1_200), 0.1, 0.0, 1),
        (("ward", "doctor", "sex"), (500, 1_500, 400), 0.05, 0.0, 1),
        (PERSON, (50, 50, 40), 0.1, 0.0, 1),
        (PERSON, (500, 1_500, 0), 0.1, 0.0, 1),
    ],
    ids=["noisy", "missing", "many-to-one", "identifier", "no names", "categories", "tiny", "nobody"],
)
def test_reported_precision_is_near_the_true_one(tmp_path, columns, sizes, errors, missing, times):
    random = np.random.default_rng(8)
    lefts, rights, common = sizes
    whole = persons(random, lefts + rights - common)
    left = noisy(random, whole.iloc[np.repeat(np.arange(lefts), times)], errors, 0.0)
    right = noisy(random, whole.iloc[lefts - common :], errors / 2, missing)
    left["who"], right["who"] = left.index, right.index
    left, right = left.reset_index(names="k"), right.reset_index(names="k")
    left["i"], right["i"] = left.index.astype(str), right.index.astype(str)
    left.sample(frac=1, random_state=1).to_parquet(tmp_path / "l.parquet")
    right.sample(frac=1, random_state=2).to_parquet(tmp_path / "r.parquet")
    compare = [{"left": c, "right": c, "as": KINDS[c]} for c in columns]
    spec = {"left": {"id": "i"}, "right": {"id": "i"}, "compare": compare, "one_to_one": times == 1}
    found = link(parse_spec(spec), tmp_path / "l.parquet", tmp_path / "r.parquet")
    owners = (left.set_index("i")["who"], right.set_index("i")["who"])
    links = found.links
    right_ones = owners[0].loc[links["left_id"]].to_numpy() == owners[1].loc[links["right_id"]].to_numpy()
    wrong = int((~right_ones).sum())
    assert wrong <= 0.01 * len(links) + 3 * np.sqrt(0.01 * len(links) + 1)
    if len(links) >= 200:
        assert abs(found.report["expected_precision"] - right_ones.mean()) <= 0.02
    if common > 200 and "surname" in columns:
        assert right_ones.sum() >= 0.5 * common * times
