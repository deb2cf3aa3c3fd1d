"""An extract equals what a plain reading of the permit makes, and nothing else is in its bytes."""

import json
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecluse.data import extract, extract_project, lines, parts, slices
from ecluse.data.engine import locked_engine
from ecluse.data.manifest import Manifest
from ecluse.data.pseudonyms import rotate
from ecluse.data.readme import readme
from ecluse.data.sources import SourceError
from ecluse.rules.dataset import CodeList
from ecluse.rules.extract import PlanError, plan_extract
from ecluse.rules.policy import OutputRules, Policies
from ecluse.rules.project import DatasetGrant
from ecluse.store.policy_files import read_policies
from extract_world import FILTERS, World, months, read

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = st.dates(date(2022, 1, 1), date(2024, 12, 31)) | st.just(date(1600, 1, 1))
IDS = [f"CANARY{n}PSA" for n in range(8)]
ONES = [f"CANARY{n}ONE" for n in range(6)]
CODES = st.sampled_from(["J01", "J02", "C03", "N02", None])


@st.composite
def worlds(draw: Any) -> World:
    people = [
        {"ID": i, "RANK": r, "ONE": draw(st.sampled_from([*ONES, None])), "BORN": draw(st.integers(1930, 2010))}
        for i in IDS[:6]
        for r in draw(st.sampled_from([[1], [1, 2], []]))
    ]
    acts = []
    for n in range(draw(st.integers(0, 14))):
        day = draw(DAYS | st.none())
        lag = draw(st.integers(0, 12))
        acts.append(
            {
                "ID": draw(st.sampled_from([*IDS, None])), "RANK": draw(st.sampled_from([1, 2, None])),
                "CLAIM": 900100 + n // 2, "LINE": n % 2 + 1, "DAY": day,
                "FLOW": None if lag == 12 else months(day or date(2023, 1, 1), lag),
                "CODE": draw(CODES), "AMOUNT": draw(st.sampled_from([5.5, 10.0, 20.25, None])),
                "DOCTOR": f"CANARYDOC{n}", "NOTE": f"CANARYNOTE{n}",
                "PLACE": draw(st.sampled_from(["75", "2A", "971", "zz", None])),
                "TOWN": draw(st.sampled_from(["75056", "2A004", None])),
            }
        )  # fmt: skip
    drugs = [
        {
            "CLAIM": f"0{900100 + draw(st.integers(0, 8))}", "LINE": draw(st.integers(1, 2)), "DRUG": f"D{n}",
            "SEEN": draw(DAYS),
        }
        for n in range(draw(st.integers(0, 10)))
    ]  # fmt: skip
    tables: dict[str, Any] = {}
    for table, columns in {
        "ACTS": ["ID", "CLAIM", "LINE", "DAY", "CODE", "AMOUNT", "PLACE", "TOWN"],
        "DRUGS": ["CLAIM", "LINE", "DRUG", "SEEN"],
        "PEOPLE": ["ID", "ONE", "BORN"],
    }.items():
        if draw(st.booleans()):
            tables[table] = {"columns": draw(st.lists(st.sampled_from(columns), min_size=1, unique=True))}
    if not tables:
        tables["DRUGS"] = {"columns": ["DRUG"]}
    if "ACTS" in tables:
        tables["ACTS"]["rows"] = draw(st.sampled_from(list(FILTERS)))
    geography = draw(st.sampled_from(["commune", "department", "region", "none"]))
    if "ACTS" in tables and draw(st.sampled_from([True, True, True, False])):  # else most permits would be refused
        finer = {"commune": [], "none": ["PLACE", "TOWN"]}.get(geography, ["TOWN"])
        tables["ACTS"]["columns"] = [c for c in tables["ACTS"]["columns"] if c not in finer] or ["ID"]
    grant: dict[str, Any] = {
        "dates": draw(st.sampled_from(["day", "month", "year", "shifted"])),
        "geography": geography,
        "tables": tables,
    }
    if draw(st.booleans()):
        grant["period"] = {"from": date(2022, draw(st.integers(1, 12)), 5), "to": date(2023, 12, 31)}
    if draw(st.booleans()):
        grant["cohort"] = "ACTS WHERE " + draw(st.sampled_from([f for f in FILTERS if f]))
    return World(
        {"PEOPLE": people, "ACTS": acts, "DRUGS": drugs},
        grant,
        draw(st.lists(st.sampled_from([*IDS, *ONES]), max_size=2)),
    )


def run(folder: Path, world: World, project: str = "alpha", now: datetime = NOW) -> Manifest:
    world.write(folder)
    return extract_project(
        world.policies("alpha", "beta"), project, folder / "sources", folder / "extracts", folder / "keys", now
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.sampled_from([0, 8_000_000]), st.sampled_from([2, 3_000_000, 3_000_000]))
def test_the_extract_is_what_the_permit_says_and_holds_no_canary(world: World, dense: int, most: int) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(extract, "COMPRESSION", "uncompressed")  # so that the search sees every byte that was written
        for module, bound, value in ((slices, "SLICE", 5), (parts, "PART", 3), (parts, "PART_PERSONS", 2)):
            patch.setattr(module, bound, value)  # so that few rows are many slices and parts
        patch.setattr(lines, "PAIRS", 3)
        patch.setattr(lines, "DENSE", dense)
        patch.setattr(parts, "MOST_LINES", most)
        folder = Path(name)
        if world.refused():
            with pytest.raises(PlanError, match=r"tells a (commune|department); the permit grants"):
                run(folder, world)
            assert not (folder / "extracts").exists()
            return
        run(folder, world)
        for table, rows in world.expected("alpha").items():
            assert read(folder, "alpha", table) == rows
        for file in (folder / "extracts").rglob("*"):
            if file.is_file():
                content = file.read_bytes()
                assert b"CANARY" not in content, file
                assert b"9001" not in content or file.suffix == ".json", file
    granted = {c for g in world.grant["tables"].values() for c in g["columns"]}
    assert granted


def full(rows: int = 40) -> World:
    """A world with every column granted that may be."""
    people = [{"ID": f"CANARY{n}", "RANK": 1, "ONE": f"ONE{n // 2}", "BORN": 1950 + n} for n in range(10)]
    acts = [
        {
            "ID": f"CANARY{n % 10}", "RANK": 1, "CLAIM": n, "LINE": 1, "DAY": date(2022, 1, 1) + timedelta(n * 9),
            "FLOW": date(2022, 6, 1), "CODE": "J01", "AMOUNT": n / 2, "DOCTOR": f"CANARYDOC{n}", "NOTE": "CANARYNOTE",
            "PLACE": "75",
        }
        for n in range(rows)
    ]  # fmt: skip
    drugs = [{"CLAIM": str(n), "LINE": 1, "DRUG": f"D{n}", "SEEN": date(2022, 3, 3)} for n in range(rows)]
    grant = {
        "tables": {
            "ACTS": {"columns": ["ID", "CLAIM", "LINE", "DAY", "CODE", "AMOUNT", "PLACE"]},
            "DRUGS": {"columns": ["CLAIM", "LINE", "DRUG"]},
        }
    }
    return World({"PEOPLE": people, "ACTS": acts, "DRUGS": drugs}, grant)


def test_two_projects_cannot_be_joined(tmp_path: Path) -> None:
    world = full()
    run(tmp_path, world, "alpha")
    run(tmp_path, world, "beta")
    at = {p: f"'{tmp_path}/extracts/{p}/current/claims/ACTS.parquet'" for p in ("alpha", "beta")}
    for column in ("ID", "CLAIM"):
        joined = duckdb.sql(f"SELECT count(*) FROM {at['alpha']} a JOIN {at['beta']} b USING ({column})").fetchone()
        assert joined == (0,)
    order = [[r["AMOUNT"] for r in pq.read_table(f[1:-1]).to_pylist()] for f in at.values()]
    assert sorted(order[0]) == sorted(order[1])
    assert order[0] != order[1], "the same order would join the two row by row"


def test_the_order_of_the_source_leaves_no_trace(tmp_path: Path) -> None:
    written = []
    for turn in (1, -1):
        world = full(400)
        world = World({name: rows[::turn] for name, rows in world.tables.items()}, world.grant)
        folder = tmp_path / f"turn{turn}"
        run(folder, world)
        written.append(pq.read_table(folder / "extracts/alpha/current/claims/ACTS.parquet"))
    assert written[0].num_rows > 0
    assert written[0].equals(written[1])


def test_a_person_with_two_numbers_has_one_pseudonym(tmp_path: Path) -> None:
    run(tmp_path, full())
    found = pq.read_table(tmp_path / "extracts/alpha/current/claims/ACTS.parquet", columns=["ID"])
    assert len(set(found.column(0).to_pylist())) == 5


def test_pseudonyms_join_tables_of_one_project_whatever_the_type(tmp_path: Path) -> None:
    run(tmp_path, full())
    at = tmp_path / "extracts/alpha/current/claims"
    joined = duckdb.sql(f"SELECT count(*) FROM '{at}/ACTS.parquet' JOIN '{at}/DRUGS.parquet' USING (CLAIM, LINE)")
    assert joined.fetchone() == (40,)


def test_pseudonyms_stay_until_they_are_rotated(tmp_path: Path) -> None:
    world = full()
    first = run(tmp_path, world)
    before = set(column(tmp_path, "ID"))
    world.tables["ACTS"] = world.tables["ACTS"][1:]
    second = run(tmp_path, world, now=NOW + timedelta(days=1))
    assert second.version != first.version
    assert set(column(tmp_path, "ID")) == before
    rotate(tmp_path / "keys", "alpha")
    assert run(tmp_path, world, now=NOW + timedelta(days=2)).epoch == 2
    assert not set(column(tmp_path, "ID")) & before


def column(folder: Path, name: str, table: str = "ACTS") -> list[Any]:
    found = pq.read_table(folder / "extracts/alpha/current/claims" / f"{table}.parquet")
    return list(found.column(name).to_pylist())


def test_nothing_changed_writes_nothing(tmp_path: Path) -> None:
    world = full()
    first = run(tmp_path, world)
    seen = {p: p.stat().st_mtime_ns for p in (tmp_path / "extracts").rglob("*")}
    assert run(tmp_path, world, now=NOW + timedelta(days=9)) == first
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "extracts").rglob("*")} == seen


def test_a_crash_leaves_the_old_version_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = full()
    first = run(tmp_path, world)
    world.tables["ACTS"] = world.tables["ACTS"][1:]
    monkeypatch.setattr(extract, "readme", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(tmp_path, world, now=NOW + timedelta(days=1))
    home = tmp_path / "extracts" / "alpha"
    assert [p.name for p in home.iterdir() if not p.is_symlink()] == [first.version]
    assert json.loads((home / "current" / "manifest.json").read_text())["version"] == first.version


def test_opted_out_persons_are_left_out_under_all_their_numbers(tmp_path: Path) -> None:
    world = full()
    world.opted_out = ["CANARY0"]  # the same person as CANARY1
    run(tmp_path, world)
    assert len(column(tmp_path, "ID")) == 32
    assert len(column(tmp_path, "DRUG", "DRUGS")) == 32


def test_rows_that_cannot_be_placed_are_counted(tmp_path: Path) -> None:
    world = full()
    world.tables["ACTS"][0]["ID"] = None
    world.tables["DRUGS"].append({"CLAIM": "777", "LINE": 1, "DRUG": "D", "SEEN": None})
    manifest = run(tmp_path, world)
    assert manifest.quarantined == {"claims/ACTS": 1, "claims/DRUGS": 1}
    assert {f.path: f.rows for f in manifest.files} == {"claims/ACTS.parquet": 39, "claims/DRUGS.parquet": 39}


def test_the_manifest_says_what_is_there(tmp_path: Path) -> None:
    manifest = run(tmp_path, full())
    for file in manifest.files:
        path = tmp_path / "extracts/alpha" / manifest.version / file.path
        assert path.stat().st_size == file.size
        assert path.stat().st_mode & 0o777 == 0o444
        assert list(file.columns) == pq.read_schema(path).names
    assert any("claims, ACTS: 7 columns" in line for line in manifest.plan)
    assert not [line for line in manifest.plan if "DOCTOR" in line]


def test_the_readme_names_what_was_granted(tmp_path: Path) -> None:
    run(tmp_path, full())
    text = (tmp_path / "extracts/alpha/current/claims/README.md").read_text()
    assert "## ACTS" in text
    assert "`AMOUNT`" in text
    assert "DOCTOR" not in text


def test_the_readme_says_what_the_codes_of_granted_columns_mean() -> None:
    dataset = read_policies(Path(__file__).parents[3] / "policies").datasets["snds"]
    permit = {"tables": {"ER_PRS_F": {"columns": ["BEN_NIR_PSA", "BEN_SEX_COD", "PRS_NAT_REF", "BEN_CDI_NIR"]}}}
    policies = full().policies()
    project = policies.projects["alpha"].model_copy(update={"permit": {"snds": DatasetGrant.model_validate(permit)}})
    plan = plan_extract(Policies({}, {"alpha": project}, {"snds": dataset}, {}, OutputRules()), "alpha")
    text = readme(dataset, plan.datasets[0], {"ER_PRS_F": 7})
    lists = text.split("## Code lists")[1].split("## Pitfalls")[0]
    parts = {part.split()[0]: part for part in lists.split("### ")[1:]}
    assert set(parts) == {"IR_SEX_V", "IR_NAT_V", "IR_NIR_V"}
    assert "| `2` | woman |" in parts["IR_SEX_V"]
    assert "The whole list" not in parts["IR_SEX_V"]
    assert "| `3211` | laboratory test (B) |" in parts["IR_NAT_V"]
    assert "The whole list: https://documentation-snds" in parts["IR_NAT_V"]
    assert "The whole list: https://documentation-snds" in parts["IR_NIR_V"]


def test_of_a_long_code_list_a_part_is_shown() -> None:
    world = full()
    dataset = world.policies().datasets["claims"]
    acts = dataset.tables["ACTS"]
    column = acts.columns["CODE"].model_copy(update={"codes": "LIST"})
    table = acts.model_copy(update={"columns": {**acts.columns, "CODE": column}})
    codes = CodeList(title="Acts", source="the book", values={str(n): f"act {n}" for n in range(99)})
    dataset = dataset.model_copy(
        update={"tables": {**dataset.tables, "ACTS": table}, "code_lists": {"LIST": codes, "OTHER": codes}}
    )
    plan = plan_extract(world.policies(), "alpha")
    text = readme(dataset, plan.datasets[0], {"ACTS": 1, "DRUGS": 1})
    assert "| `59` | act 59 |" in text
    assert "| `60` |" not in text
    assert "The whole list: the book." in text
    assert "OTHER" not in text


def spoil(world: World, folder: Path, table: str, change: Any) -> None:
    path = world.write(folder) / "sources/claims" / f"{table}.parquet"
    found = pq.read_table(path)
    pq.write_table(change(found), path)


def again(folder: Path, world: World) -> None:
    extract_project(world.policies(), "alpha", folder / "sources", folder / "extracts", folder / "keys", NOW)


def test_a_missing_column_is_refused(tmp_path: Path) -> None:
    world = full()
    spoil(world, tmp_path, "ACTS", lambda t: t.drop_columns(["CODE"]))
    with pytest.raises(SourceError, match=r"ACTS\.CODE: ACTS\.parquet: the column is missing"):
        again(tmp_path, world)


def test_a_wrong_type_is_refused_with_its_first_bad_row(tmp_path: Path) -> None:
    world = full()
    words = pa.array(["1.5"] * 17 + ["CANARY"] + ["2"] * 22)
    spoil(world, tmp_path, "ACTS", lambda t: t.set_column(t.schema.get_field_index("AMOUNT"), "AMOUNT", words))
    with pytest.raises(SourceError, match=r"ACTS\.AMOUNT: ACTS\.parquet, row 18: is string, not number") as caught:
        again(tmp_path, world)
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize("cut", [0, 3, 500, -20])
def test_a_file_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    world = full()
    path = world.write(tmp_path) / "sources/claims/ACTS.parquet"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(SourceError, match=r"ACTS: ACTS\.parquet: is not Parquet, or is cut short"):
        again(tmp_path, world)


def test_bytes_that_are_no_text_are_refused_with_their_row(tmp_path: Path) -> None:
    world = full()
    raw = pa.array([b"ok"] * 21 + [b"\xe9t\xe9"] + [b"ok"] * 18)
    wrong = pa.Array.from_buffers(pa.string(), 40, raw.buffers())
    spoil(world, tmp_path, "ACTS", lambda t: t.set_column(t.schema.get_field_index("CODE"), "CODE", wrong))
    with pytest.raises(SourceError, match=r"ACTS\.CODE: ACTS\.parquet, row 22: is not UTF-8"):
        again(tmp_path, world)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    world = full()
    (world.write(tmp_path) / "sources/claims/DRUGS.parquet").unlink()
    with pytest.raises(SourceError, match=r"DRUGS: DRUGS\.parquet: the file is missing"):
        again(tmp_path, world)


def test_the_engine_is_locked(tmp_path: Path) -> None:
    allowed, other = tmp_path / "allowed", tmp_path / "other"
    allowed.mkdir()
    other.mkdir()
    (other / "x.csv").write_text("a\n1\n")
    with locked_engine([allowed], tmp_path / "work") as connection:
        for attempt in (
            f"FROM read_csv('{other}/x.csv')",
            f"COPY (SELECT 1) TO '{other}/y.csv'",
            f"FROM read_csv('{allowed}/../other/x.csv')",
            f"ATTACH '{other}/z.db'",
            "SET enable_external_access = true",
            "SET allowed_directories = ['/']",
            "SET lock_configuration = false",
            "INSTALL httpfs",
            "FROM read_text('/etc/passwd')",
        ):
            for one in (connection, connection.cursor()):
                with pytest.raises(duckdb.Error):
                    one.execute(attempt)
    assert sorted(p.name for p in other.iterdir()) == ["x.csv"]
