from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecluse.checks import records
from ecluse.checks.facts import Cell, Context, Facts, Table, Text, Value
from ecluse.checks.records.index import load_index, score
from ecluse.rules.finding import Severity

KEY = b"0123456789abcdef" * 2


@pytest.fixture(scope="module")
def extract() -> pd.DataFrame:
    random = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "age": random.integers(18, 95, 3000),
            "sexe": random.choice(["F", "M"], 3000),
            "dep": random.choice([f"{i:02d}" for i in range(1, 96)], 3000),
            "jour": pd.Timestamp("2019-01-01") + pd.to_timedelta(random.integers(0, 1400, 3000), "D"),
            "atc": random.choice([f"J01{c}{d}" for c in "ABCDEF" for d in range(8)], 3000),
            "montant": np.round(random.gamma(2, 30, 3000), 2),
        }
    )


@pytest.fixture(scope="module")
def index(extract: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    extract.to_parquet(folder / "T.parquet")
    assert records.build_index([folder / "T.parquet"], KEY, folder / "index") > 10_000
    return folder / "index"


def as_table(frame: pd.DataFrame) -> Table:
    def cell(value: object) -> Cell:
        return Value(float(value), str(value)) if isinstance(value, int | float) else Text(str(value)[:10])

    rows = tuple(tuple(cell(v) for v in row) for row in frame.astype(object).itertuples(index=False))
    return Table(tuple(map(str, frame.columns)), rows)


def verdict(index: Path, frame: pd.DataFrame) -> Severity | None:
    found = records.find(Facts(tables=(as_table(frame),)), Context(record_index=index))
    return next((f.severity for f in found if f.rule == "extract-rows"), None)


def test_true_rows_are_found_under_disguise(index: Path, extract: pd.DataFrame) -> None:
    rows = extract.sample(200, random_state=1)
    assert verdict(index, rows) is Severity.REFUSE
    assert verdict(index, rows.head(8)) is Severity.REFUSE
    renamed = rows[["atc", "jour", "age", "dep"]].set_axis(list("wxyz"), axis=1)
    assert verdict(index, renamed) is Severity.REFUSE
    assert verdict(index, rows.assign(age=rows["age"] + 1)) is Severity.REFUSE
    assert verdict(index, rows.assign(montant=rows["montant"].round(1))) is Severity.REFUSE
    french = rows.assign(jour=rows["jour"].dt.strftime("%d/%m/%Y"), dep=rows["dep"].str.lower())
    assert verdict(index, french) is Severity.REFUSE


def test_aggregates_and_synthetic_rows_pass(index: Path, extract: pd.DataFrame) -> None:
    random = np.random.default_rng(9)
    synthetic = extract.apply(lambda c: random.permutation(c.to_numpy())).head(200)
    assert verdict(index, synthetic) is None
    groups = extract.groupby(["dep", "sexe"]).agg(n=("age", "size"), age=("age", "mean"), m=("montant", "mean"))
    assert verdict(index, groups.reset_index().round(1)) is None


def test_the_index_holds_no_values_and_needs_its_key(index: Path, extract: pd.DataFrame, tmp_path: Path) -> None:
    loaded = load_index(index)
    assert loaded.hashes.dtype == np.uint64
    assert (np.diff(loaded.hashes.astype(object)) >= 0).all()
    other = type(loaded)(loaded.hashes, b"another key of at least 16 bytes", loaded.every)
    seen = score(other, as_table(extract.head(100)))
    assert seen is not None
    assert seen.hits == 0
    with pytest.raises(ValueError, match="16 bytes"):
        records.build_index([], b"short", tmp_path)


def test_a_missing_index_is_said(tmp_path: Path) -> None:
    found = records.find(
        Facts(tables=(as_table(pd.DataFrame({"a": [1, 2]})),)), Context(record_index=tmp_path / "none")
    )
    assert [(f.rule, f.severity) for f in found] == [("record-index", Severity.REVIEW)]


def test_too_many_hashes_are_thinned_to_a_share_of_all(
    index: Path, extract: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = load_index(index).hashes
    monkeypatch.setattr("ecluse.checks.records.index.KEYS", len(whole) // 3)
    extract.to_parquet(tmp_path / "T.parquet")
    records.build_index([tmp_path / "T.parquet"], KEY, tmp_path / "thin")
    thin = load_index(tmp_path / "thin")
    assert thin.every == 4
    assert (thin.hashes == whole[whole % np.uint64(4) == 0]).all()
    assert verdict(tmp_path / "thin", extract.sample(200, random_state=1)) is Severity.REFUSE
