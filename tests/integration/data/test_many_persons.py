"""An extract of more persons than two bytes can count, in more than one part."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data import extract_project, parts
from extract_world import World

PERSONS = 150_000


def test_each_line_keeps_its_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART", 100_000)
    empty = {"PEOPLE": [], "ACTS": [], "DRUGS": []}
    world = World(empty, {"tables": {"ACTS": {"columns": ["ID", "AMOUNT", "LINE"]}}})  # type: ignore[arg-type]
    folder = world.write(tmp_path) / "sources" / "claims"
    persons = np.random.default_rng(1).permutation(np.arange(PERSONS).repeat(2))
    schema = pq.read_schema(folder / "ACTS.parquet")
    made = {
        "ID": pa.array(persons).cast(pa.string()),
        "AMOUNT": pa.array(persons.astype(float)),
        "LINE": pa.array(persons - 70_000),
    }
    pq.write_table(
        pa.table([made.get(f.name, pa.nulls(len(persons), f.type)) for f in schema], schema=schema),
        folder / "ACTS.parquet",
    )
    at = [tmp_path / name for name in ("sources", "extracts", "keys")]
    extract_project(world.policies(), "alpha", *at, datetime(2026, 6, 1, tzinfo=UTC))
    found = pq.read_table(tmp_path / "extracts/alpha/current/claims/ACTS.parquet").to_pandas()
    assert len(found) == 2 * PERSONS
    assert found.ID.is_monotonic_increasing
    assert (found.groupby("ID").AMOUNT.nunique() == 1).all()
    assert found.groupby("ID").ngroups == found.AMOUNT.nunique() == PERSONS
    assert (found.AMOUNT == found.LINE + 70_000).all()
