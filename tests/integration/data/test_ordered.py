"""Tables written part by part: the same rows as by the engine's sort, and nothing of the source in their bytes."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data import extract, extract_project, lines, parts, slices, spill, values
from ecluse.data.pseudonyms import both_in_order, digests, in_order, pseudonyms
from ecluse.data.sources import SourceError
from ecluse.data.values import coarsen, line_order, order_by
from ecluse.rules.extract import Action
from extract_world import World, read

NOW = datetime(2026, 6, 1, tzinfo=UTC)
COLUMNS = ["ID", "DAY", "CODE", "AMOUNT", "PLACE", "LINE"]


def world(rows: int = 300, **grant: Any) -> World:
    people = [{"ID": f"CANARY{n}", "RANK": 1 + n % 2, "ONE": f"ONE{n // 2}", "BORN": 1950 + n} for n in range(20)]
    acts = [
        {
            "ID": f"CANARY{n % 23}" if n % 11 else None, "RANK": 1 + n % 2, "CLAIM": 900100 + n, "LINE": n % 3,
            "DAY": date(1600, 1, 1) if n % 17 == 0 else date(2022, 1, 1) + timedelta(n % 400) if n % 13 else None,
            "FLOW": date(2022, 6, 1), "CODE": ["J01", "C03", None][n % 3], "AMOUNT": [1.5, -1.5, 0.0, None][n % 4],
            "DOCTOR": f"CANARYDOC{n}", "NOTE": f"CANARYNOTE{n}", "PLACE": ["75", "2A", None][n // 3 % 3],
        }
        for n in range(rows)
    ]  # fmt: skip
    made = {"dates": "shifted", "tables": {"ACTS": {"columns": COLUMNS}}} | grant
    return World({"PEOPLE": people, "ACTS": acts, "DRUGS": []}, made)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few rows are many slices and parts, some of them in memory and some in the file."""
    for module, bound, value in (
        (slices, "SLICE", 20), (parts, "PART", 30), (parts, "PART_PERSONS", 3), (lines, "PAIRS", 9),
        (spill, "HELD", 3_000),
    ):  # fmt: skip
        monkeypatch.setattr(module, bound, value)
    monkeypatch.setattr(extract, "COMPRESSION", "uncompressed")


def run(folder: Path, made: World) -> Path:
    made.write(folder)
    extract_project(made.policies(), "alpha", folder / "sources", folder / "extracts", folder / "keys", NOW)
    return folder / "extracts/alpha/current/claims/ACTS.parquet"


def test_the_rows_are_those_of_the_plain_reading(tmp_path: Path) -> None:
    made = world()
    path = run(tmp_path, made)
    assert read(tmp_path, "alpha", "ACTS") == made.expected("alpha")["ACTS"]
    assert pq.ParquetFile(path).num_row_groups > 3


def test_the_engine_and_the_parts_write_the_same_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world()
    run(tmp_path / "parts", made)
    monkeypatch.setattr(parts, "MOST_LINES", 1)  # a person with more lines than that: the engine has to sort
    run(tmp_path / "engine", made)
    assert read(tmp_path / "parts", "alpha", "ACTS") == read(tmp_path / "engine", "alpha", "ACTS")


def test_what_is_set_aside_comes_back_from_memory_and_from_the_file(tmp_path: Path) -> None:
    with spill.Spill(tmp_path / "x") as aside:
        pieces = [[np.arange(n, dtype=kind)] for n, kind in ((200, "i4"), (300, "i8"), (500, "i2"), (10, "i4"))]
        for number, piece in enumerate(pieces):
            aside.add(number % 2, piece)
        assert (aside._held, aside._end) == (200 * 4 + 500 * 2 + 10 * 4, 300 * 8)
        even, odd = aside.read(0), aside.read(1)
        assert aside.read(2) == []
    assert not list(tmp_path.iterdir())
    assert even[0].dtype == np.int32
    assert np.array_equal(even[0], np.concatenate([pieces[0][0], pieces[2][0]]))
    assert sorted(odd[0].tolist()) == sorted([*range(300), *range(10)])


def test_rows_are_in_the_order_of_pseudonyms(tmp_path: Path) -> None:
    names = pq.read_table(run(tmp_path, world())).column("ID").to_pylist()
    assert names == sorted(names)


def test_the_order_of_the_source_leaves_no_trace_in_any_byte(tmp_path: Path) -> None:
    made, written = world(), []
    rows = np.random.default_rng(1)
    for turn in range(3):
        tables = {n: [r[i] for i in rows.permutation(len(r))] if turn else r for n, r in made.tables.items()}
        written.append(run(tmp_path / str(turn), World(tables, made.grant)).read_bytes())
    assert written[0] == written[1] == written[2]


def test_dictionaries_and_statistics_hold_only_what_the_rows_hold(tmp_path: Path) -> None:
    made = world(dates="year", tables={"ACTS": {"columns": COLUMNS, "rows": "CODE IN ('J01')"}})
    made.opted_out = ["CANARY3"]
    path = run(tmp_path, made)
    content, file = path.read_bytes(), pq.ParquetFile(path)
    for canary in (b"CANARY", b"ONE", b"C03", b"9001", b"pandas", b"ARROW:schema"):
        assert canary not in content
    everybody = {f"ONE{n}" for n in range(10)} | {f"CANARY{n}/{r}" for n in range(23) for r in (1, 2)}
    keys = extract.load_keys(tmp_path / "keys", "alpha")
    shown = set(pq.read_table(path).column("ID").to_pylist())
    for one, name in zip(sorted(everybody), pseudonyms(keys.key("nir"), sorted(everybody)).to_pylist(), strict=True):
        assert (name.encode() in content) == (name in shown), one
    for group in range(file.num_row_groups):
        here = set(file.read_row_group(group, columns=["ID"]).column(0).to_pylist())
        for number in range(file.metadata.num_columns):
            column = file.metadata.row_group(group).column(number)
            assert column.bloom_filter_offset is None
            if column.path_in_schema == "ID":
                assert (column.statistics.min, column.statistics.max) == (min(here), max(here))
            else:
                assert not column.is_stats_set
    assert file.metadata.metadata is None
    assert file.metadata.created_by == "ecluse"


def test_shifted_days_keep_their_distances_within_a_person(tmp_path: Path) -> None:
    made = world()
    for number, row in enumerate(made.tables["ACTS"]):
        row["AMOUNT"] = float(number)
    found = pq.read_table(run(tmp_path, made)).to_pylist()
    days = {float(n): r["DAY"] for n, r in enumerate(made.tables["ACTS"])}
    moved = defaultdict(set)
    for row in found:
        before = days[row["AMOUNT"]]
        if before is None or before == date(1600, 1, 1):
            assert row["DAY"] == before
        else:
            moved[row["ID"]].add((row["DAY"] - before).days)
    assert len(moved) > 10
    assert all(len(by) == 1 and 0 < abs(next(iter(by))) <= 182 for by in moved.values())
    assert len({next(iter(by)) for by in moved.values()}) > 5


def test_text_that_is_no_utf8_is_refused_with_its_row(tmp_path: Path) -> None:
    made = world()
    path = made.write(tmp_path) / "sources/claims/ACTS.parquet"
    found = pq.read_table(path)
    for column, row in (("CODE", 37), ("ID", 52)):
        raw = pa.array([b"\xe9" if n == row else b"ok" for n in range(len(found))])
        wrong = pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())
        pq.write_table(found.set_column(found.schema.get_field_index(column), column, wrong), path)
        with pytest.raises(SourceError, match=rf"ACTS\.{column}: ACTS\.parquet, row {row + 1}: is not UTF-8"):
            extract_project(made.policies(), "alpha", *(tmp_path / n for n in ("sources", "extracts", "keys")), NOW)


def test_a_source_that_changes_meanwhile_is_refused(tmp_path: Path) -> None:
    made = world()
    path = made.write(tmp_path) / "sources/claims/ACTS.parquet"

    def say(what: str) -> None:
        if "parts written" in what:
            pq.write_table(pq.read_table(path).slice(1), path)

    with pytest.raises(SourceError, match="was changed while it was read"):
        extract_project(made.policies(), "alpha", *(tmp_path / n for n in ("sources", "extracts", "keys")), NOW, say)
    assert not list((tmp_path / "extracts/alpha").iterdir())


def test_places_are_in_the_order_of_the_text() -> None:
    ids = [str(n) for n in range(3000)] + ["7", "8"]
    place, distinct = in_order(digests(bytes(32), [i.encode() for i in ids]))
    names = pseudonyms(bytes(32), ids).to_pylist()
    order = sorted(set(names))
    assert [order[p] for p in place] == names
    assert len(distinct) == 3000


@pytest.mark.parametrize("cut", [0, 1, 1500, 2999, 3002])
def test_two_orders_become_the_one_of_both(cut: int) -> None:
    found = digests(bytes(32), [str(n % 3000).encode() for n in range(3002)])
    alike = found[:cut], found[cut:]  # 0 and 1 are in both, or not
    apart = found[:cut], found[cut:3000]
    for first, second in (alike, apart):
        made = both_in_order(in_order(first), in_order(second))
        for seen, wanted in zip(made, in_order(np.concatenate([first, second])), strict=True):
            assert np.array_equal(seen, wanted)


def test_pseudonyms_that_begin_alike_are_told_apart() -> None:
    alike = np.zeros((4, 16), np.uint8)
    alike[:, 15] = [3, 1, 2, 1]
    place, distinct = in_order(alike)
    assert len(distinct) == 3
    assert place[1] == place[3]
    assert len(set(place.tolist())) == 3


@pytest.mark.parametrize(("action", "unit"), [(Action.MONTH, "M"), (Action.YEAR, "Y")])
@pytest.mark.parametrize("last", ["2024-12-31", "9999-12-31"])
def test_days_are_coarsened_whatever_their_range(action: Action, unit: str, last: str) -> None:
    days = np.array(["1600-01-01", "1969-12-31", "1970-01-31", "2020-02-29", last], "datetime64[D]")
    found = coarsen(days.astype(np.int64).astype(np.int32), action, None)
    wanted = days.astype(f"datetime64[{unit}]").astype("datetime64[D]")
    assert found.astype("datetime64[D]").tolist() == wanted.tolist()


def test_lines_whose_mixes_are_equal_are_ordered_by_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "_mixed", lambda place, codes: place.astype(np.uint64) << np.uint64(48))
    numbers, place = np.arange(50_000, dtype=np.int64), np.zeros(50_000, np.uint16)
    shuffled = np.random.default_rng(1).permutation(numbers)
    first, second = (v.take(line_order(place, [v])[0]) for v in (numbers, shuffled))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 100_000])
def test_numbers_are_ordered_by_what_their_positions_leave_free(size: int) -> None:
    numbers = np.random.default_rng(3).integers(0, 1 << 64, size, np.uint64)
    numbers[size // 2 :] = numbers[: size - size // 2]  # equal ones stay in their order
    upper = numbers >> np.uint64(size.bit_length())
    order, kept = order_by(numbers.copy())
    assert np.array_equal(order, np.argsort(upper, kind="stable"))
    assert np.array_equal(kept, upper[order])


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32, np.int64])
def test_the_order_of_lines_is_the_same_however_wide_the_values_lie(kind: Any) -> None:
    numbers = np.random.default_rng(2).integers(-90, 90, 5000)
    place = (np.arange(5000) // 100).astype(np.uint16)
    assert np.array_equal(
        numbers[line_order(place, [numbers])[0]], numbers[line_order(place, [numbers.astype(kind)])[0]]
    )
