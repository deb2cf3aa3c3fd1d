"""Links as a project gets them: both records in its extract, its own pseudonyms, and nothing else in the bytes."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.data import crosswalk, extract, extract_project
from ecluse.data.manifest import Manifest
from ecluse.data.pseudonyms import ProjectKeys, pseudonym
from ecluse.data.sources import SourceError
from ecluse.rules.dataset import Dataset
from ecluse.rules.linkage import Linkage
from ecluse.rules.policy import OutputRules, Policies
from ecluse.rules.project import Project

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ROOT = bytes(range(32))
REGISTRY = Dataset.model_validate(
    {
        "id": "registry", "title": "Registry", "kind": "register", "producer": "Test",
        "tables": {"DEVICES": {"columns": {
            "DEVICE": {"type": "string", "role": "person", "kind": "implant"},
            "FITTED": {"type": "date", "role": "event-date"},
            "SERIAL": {"type": "string", "role": "direct"},
        }}},
    }
)  # fmt: skip
STAYS = Dataset.model_validate(
    {
        "id": "stays", "title": "Stays", "kind": "hospital", "producer": "Test",
        "tables": {"STAYS": {"care_date": "DAY", "person": "WHO", "columns": {
            "HOSPITAL": {"type": "integer"},
            "STAY": {"type": "string", "kind": "stay"},
            "WHO": {"type": "string", "role": "person", "kind": "nir"},
            "DAY": {"type": "date", "role": "event-date"},
        }}},
    }
)  # fmt: skip
LINKAGE = Linkage.model_validate(
    {
        "id": "pair", "title": "Devices and stays",
        "left": {"dataset": "registry", "table": "DEVICES", "id": ["DEVICE"]},
        "right": {"dataset": "stays", "table": "STAYS", "id": ["HOSPITAL", "STAY"]},
        "compare": [{"left": "FITTED", "right": "DAY", "as": "date"}],
    }
)  # fmt: skip
LINKS = [(f"CANARYDEV{n}", f"75{n % 3}|{77000 + n}", 0.90 + n / 1000) for n in range(40)]
REPORT = {
    "pairs": 40, "match_rate_left": 0.8, "match_rate_right": 0.8, "expected_precision": 0.99, "expected_recall": 0.9,
    "match_rates": [{"side": "left", "column": "YEAR", "groups": [
        {"group": "2022", "records": 50, "matched": 30, "rate": 0.6},
        {"group": "2023", "records": 50, "matched": 45, "rate": 0.9},
        {"group": "2024", "records": 9, "matched": 0, "rate": 0.0},
        {"group": "2025", "records": 20, "matched": 20, "rate": 1.0},
    ]}],
}  # fmt: skip


def project(name: str) -> Project:
    return Project.model_validate(
        {
            "id": name, "title": name, "purpose": "test", "legal_basis": "none", "starts": date(2026, 1, 1),
            "expires": date(2027, 1, 1), "members": {"ada": "lead"},
            "permit": {
                "registry": {"tables": {"DEVICES": {"columns": ["DEVICE", "FITTED"]}}},
                "stays": {
                    "period": {"from": date(2022, 1, 1), "to": date(2022, 12, 31)},
                    "tables": {"STAYS": {"columns": ["HOSPITAL", "STAY"]}},
                },
            },
            "links": {"pair": {"reason": "test"}},
        }
    )  # fmt: skip


POLICIES = Policies(
    {}, {n: project(n) for n in ("alpha", "beta")}, {"registry": REGISTRY, "stays": STAYS}, {}, OutputRules(),
    {"pair": LINKAGE},
)  # fmt: skip


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Forty devices and stays, each with its link; the stays of the last ten lie outside the permit's period."""
    sources, keys = tmp_path / "sources", tmp_path / "keys"
    for folder in ("registry", "stays", "links"):
        (sources / folder).mkdir(parents=True)
    keys.mkdir()
    (keys / "pseudonyms.key").write_bytes(ROOT)
    (keys / "pseudonyms.key").chmod(0o400)
    days = [date(2022, 1, 1) + timedelta(n) for n in range(30)] + [date(2023, 5, 1)] * 10
    devices = {"DEVICE": [f"CANARYDEV{n}" for n in range(40)], "FITTED": days, "SERIAL": ["CANARYSERIAL"] * 40}
    stays = {
        "HOSPITAL": [int(right[:3]) for _, right, _ in LINKS],
        "STAY": [f"000{77000 + n}" for n in range(40)],
        "WHO": [f"CANARYWHO{n}" for n in range(40)],
        "DAY": days,
    }
    pq.write_table(pa.table(devices), sources / "registry" / "DEVICES.parquet")
    pq.write_table(pa.table(stays), sources / "stays" / "STAYS.parquet")
    write_links(tmp_path, LINKS)
    (sources / "links" / "pair.json").write_text(json.dumps(REPORT))
    return tmp_path


def write_links(folder: Path, links: list[tuple[Any, Any, Any]]) -> None:
    left, right, chance = zip(*links, strict=True)
    columns = {"left_id": left, "right_id": right, "probability": chance, "born": ["CANARYBORN"] * len(links)}
    pq.write_table(pa.table({k: list(v) for k, v in columns.items()}), folder / "sources/links/pair.parquet")


def run(folder: Path, name: str = "alpha", days: int = 0) -> Manifest:
    now = NOW + timedelta(days)
    return extract_project(POLICIES, name, folder / "sources", folder / "extracts", folder / "keys", now)


def links(folder: Path, name: str = "alpha") -> list[dict[str, Any]]:
    found = pq.read_table(folder / "extracts" / name / "current/pair/LINKS.parquet")
    return list(found.to_pylist())


def test_the_links_are_those_whose_two_records_are_in_the_extract(world: Path) -> None:
    manifest = run(world)
    keys = ProjectKeys("alpha", 1, ROOT)
    wanted = {
        (pseudonym(keys.key("implant"), f"CANARYDEV{n}"), 750 + n % 3, pseudonym(keys.key("stay"), str(77000 + n)))
        for n in range(30)
    }
    assert {(r["DEVICE"], r["HOSPITAL"], r["STAY"]) for r in links(world)} == wanted
    assert {r["PROBABILITY"] for r in links(world)} == {0.90, 0.91, 0.92}
    assert (manifest.linked["pair"].found, manifest.linked["pair"].written) == (40, 30)
    assert "pair/LINKS.parquet" in [f.path for f in manifest.files]
    assert ("pair", "LINKS", 40) in [(s.dataset, s.table, s.rows) for s in manifest.sources]


def test_the_links_join_the_tables_of_the_extract(world: Path) -> None:
    run(world)
    at = world / "extracts/alpha/current"
    joined = duckdb.sql(
        f"SELECT count(*) FROM '{at}/pair/LINKS.parquet' JOIN '{at}/registry/DEVICES.parquet' USING (DEVICE) "
        f"JOIN '{at}/stays/STAYS.parquet' USING (HOSPITAL, STAY)"
    )
    assert joined.fetchone() == (30,)


def test_no_source_id_and_no_identifying_column_is_in_its_bytes(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (crosswalk, extract):
        monkeypatch.setattr(module, "COMPRESSION", "uncompressed")
    run(world)
    found = [f for f in (world / "extracts").rglob("*") if f.is_file()]
    assert any(f.name == "LINKS.parquet" for f in found)
    for file in found:
        assert b"CANARY" not in file.read_bytes(), file
        assert b"770" not in file.read_bytes() or file.name == "manifest.json", file


@pytest.mark.parametrize(("dataset", "who"), [("registry", "CANARYDEV3"), ("stays", "CANARYWHO3")])
def test_an_opt_out_on_either_side_takes_the_link_away(world: Path, dataset: str, who: str) -> None:
    run(world)
    before = links(world)
    (world / "sources" / dataset / "opt-outs.txt").write_text(who + "\n")
    run(world, days=1)
    gone = pseudonym(ProjectKeys("alpha", 1, ROOT).key("implant"), "CANARYDEV3")
    assert [r for r in before if r["DEVICE"] != gone] == links(world)
    assert len(links(world)) == 29


def test_two_projects_links_share_no_pseudonym_and_no_order(world: Path) -> None:
    run(world, "alpha")
    run(world, "beta")
    alpha, beta = links(world, "alpha"), links(world, "beta")
    for column in ("DEVICE", "STAY"):
        assert not {r[column] for r in alpha} & {r[column] for r in beta}
    assert [r["HOSPITAL"] for r in alpha] != [r["HOSPITAL"] for r in beta]


def test_new_links_make_a_new_version_and_the_same_ones_none(world: Path) -> None:
    first = run(world)
    assert run(world, days=1) == first
    write_links(world, LINKS[:10])
    assert run(world, days=2).version != first.version
    assert len(links(world)) == 10


def test_the_report_goes_along_without_counts_that_tell(world: Path) -> None:
    run(world)
    folder = world / "extracts/alpha/current/pair"
    report = json.loads((folder / "report.json").read_text())
    rates = {r["group"]: (r["records"], r["rate"]) for r in report["match_rates"][0]["groups"]}
    assert rates == {"2022": (50, 0.6), "2023": (None, None), "2024": (None, None), "2025": (20, 1.0)}
    text = (folder / "README.md").read_text()
    assert "precision 99.0%, recall 90.0%" in text
    assert "30 rows in `LINKS.parquet`" in text


def test_links_without_a_report_say_so(world: Path) -> None:
    (world / "sources/links/pair.json").unlink()
    run(world)
    assert "precision not known" in (world / "extracts/alpha/current/pair/README.md").read_text()


def test_links_that_were_not_made_yet_are_asked_for(world: Path) -> None:
    (world / "sources/links/pair.parquet").unlink()
    with pytest.raises(SourceError, match=r"not linked yet: run `ecluse data link pair`"):
        run(world)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: p.write_bytes(p.read_bytes()[:40]), "is not Parquet, or is cut short"),
        (lambda p: pq.write_table(pq.read_table(p).drop_columns(["right_id"]), p), r"LINKS\.right_id: .* missing"),
        (lambda p: pq.write_table(pa.table({"left_id": [1], "right_id": ["a|b"], "probability": [1.0]}), p), "left_id"),
        (
            lambda p: pq.write_table(pa.table({"left_id": ["a"], "right_id": ["a"], "probability": [1.0]}), p),
            r"LINKS\.right_id: pair\.parquet, row 1: the id has not the 2 parts",
        ),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_links_is_refused(world: Path, spoil: Any, message: str) -> None:
    spoil(world / "sources/links/pair.parquet")
    with pytest.raises(SourceError, match=message):
        run(world)
    assert not list((world / "extracts/alpha").glob("*/")) or not (world / "extracts/alpha/current").exists()
