"""What `ecluse link` promises, on sets small enough for a unit test."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from ecluse.cli import app
from ecluse.data.link import LinkError, link, parse_spec, read_spec
from ecluse.data.link.assign import best_assignment
from ecluse.data.link.baselines import greedy
from ecluse.data.link.blocking import Part, choose, counted, thinned
from ecluse.data.link.codes import Habit, number_cells, parts, seen
from ecluse.data.link.columns import FORMS
from ecluse.data.link.frequencies import _value_shares, fits
from ecluse.data.link.linker import threshold
from ecluse.data.link.matching import matching_chances
from ecluse.data.link.page import page
from ecluse.data.link.prepare import open_engine
from ecluse.data.link.review import refine, review_sample
from ecluse.data.link.spec import Kind
from linked_people import BY_BIRTH, people


def test_assignment_is_globally_best_not_greedy():
    left, right = np.array([0, 0, 1]), np.array([0, 1, 0])
    chance = np.array([0.6, 0.55, 0.5])
    assert sorted(best_assignment(left, right, chance)) == [1, 2]
    frame = pd.DataFrame({"left_id": left, "right_id": right, "probability": chance})
    assert len(greedy(frame)) == 1


def test_sparse_assignment_agrees_with_dense(monkeypatch):
    random = np.random.default_rng(5)
    cells = np.unique(random.integers(0, 30, (200, 2)), axis=0)
    value = random.uniform(0.05, 1, len(cells))
    dense = value[best_assignment(cells[:, 0], cells[:, 1], value)].sum()
    monkeypatch.setattr("ecluse.data.link.assign.DENSE", 0)
    sparse = best_assignment(cells[:, 0], cells[:, 1], value)
    assert value[sparse].sum() == pytest.approx(dense)
    assert len(set(cells[sparse, 0])) == len(sparse) == len(set(cells[sparse, 1]))


def test_two_equal_candidates_share_the_chance():
    chance = matching_chances(np.array([0, 0]), np.array([0, 1]), np.array([13.0, 13.0]))
    assert chance == pytest.approx(13 / 27)


def test_chances_are_exact_on_a_path():
    # l0-r0, l1-r0, l1-r1 with odds 2, 3, 5: matchings weigh 1, 2, 3, 5 and 2·5.
    chance = matching_chances(np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([2.0, 3.0, 5.0]))
    assert chance == pytest.approx(np.array([12, 3, 15]) / 21)


def test_threshold_keeps_the_target():
    chance = np.array([1.0, 0.99, 0.9, 0.2])
    assert threshold(chance, 0.95) == 2  # few links can turn out worse than expected
    kept = threshold(np.repeat(chance, 1_000), 0.95)
    wrong = 1 - np.repeat(chance, 1_000)[:kept].mean()
    assert 0.03 < wrong < 0.85 * 0.05  # a seventh and one standard deviation are left unused
    assert threshold(chance, 1.0) == 1
    assert threshold(np.array([]), 0.9) == 0
    assert threshold(np.array([0.5]), 0.9) == 0


@pytest.mark.parametrize(
    ("kind", "raw", "normal"),
    [
        (Kind.NAME, "Élodie de la Fontaine-Müller", "ELODIE FONTAINE MULLER"),
        (Kind.NAME, "  ", None),
        (Kind.NAME, "De", "DE"),
        (Kind.DATE, "03/02/1950", "1950-02-03"),
        (Kind.DATE, "19500203", "1950-02-03"),
        (Kind.DATE, "never", None),
        (Kind.POSTCODE, "1400", "01400"),
        (Kind.IDENTIFIER, "00-12 a", "12A"),
        (Kind.CATEGORY, " été ", "ETE"),
    ],
)
def test_values_have_a_normal_form(tmp_path, kind, raw, normal):
    engine = open_engine(tmp_path, "200MB", 1)
    sql = FORMS[kind].normal.format(x='"v"')
    found = engine.execute(f"select {sql}::varchar from (select ?::varchar as v)", [raw]).fetchone()[0]
    assert found == normal


@pytest.mark.parametrize(
    ("kind", "left", "right", "label"),
    [
        (Kind.NAME, "DUPONT MARTIN", "DUPONT", "part"),
        (Kind.NAME, "BERNARD", "BERNRAD", "near"),
        (Kind.DATE, "2020-03-05", "2020-05-03", "swapped"),
        (Kind.DATE, "2020-03-05", "2020-03-03", "-2"),
        (Kind.DATE, "2020-03-05", "2020-03-07", "+2"),
        (Kind.DATE, "2020-03-05", "2021-03-05", "digit"),
        (Kind.POSTCODE, "29200", "29470", "department"),
        (Kind.NUMBER, "1950", "1951", "+1"),
        (Kind.IDENTIFIER, "12345", "12354", "near"),
    ],
)
def test_pairs_fall_in_the_level_meant(tmp_path, kind, left, right, label):
    engine = open_engine(tmp_path, "200MB", 1)
    form = FORMS[kind]
    cases = " ".join(
        f"when {level.sql.format(c='x', e='e')} then '{level.label}'" for level in form.levels if level.sql != "ELSE"
    )
    row = engine.execute(
        f"select case {cases} else 'other' end from (select ?::{form.type} as x_l, ?::{form.type} as x_r)",
        [left, right],
    ).fetchone()
    assert row[0] == label


def test_every_error_of_a_spec_is_named_at_once():
    with pytest.raises(LinkError) as caught:
        parse_spec({"left": {"id": "a"}, "compare": [{"left": "x", "right": "y", "as": "sound"}], "speed": 1}, "s.yaml")
    text = str(caught.value)
    assert "s.yaml: right" in text
    assert "s.yaml: compare.0.as" in text
    assert "s.yaml: speed" in text


@pytest.mark.parametrize("content", ["{", "- 1", "left: {id: a}"])
def test_bad_spec_files_are_refused(tmp_path, content):
    (tmp_path / "s.yaml").write_text(content)
    with pytest.raises(LinkError, match=r"s\.yaml"):
        read_spec(tmp_path / "s.yaml")


def files(folder: Path, left: str, right: str) -> tuple[Path, Path]:
    (folder / "l.csv").write_text(left)
    (folder / "r.csv").write_text(right)
    return folder / "l.csv", folder / "r.csv"


BY_NAME = {"left": {"id": "i"}, "right": {"id": "i"}, "compare": [{"left": "n", "right": "n", "as": "name"}]}


@pytest.mark.parametrize(
    ("left", "message"),
    [
        ("i,m\n1,a\n", "no column n"),
        ("i,n\n1,a\n1,b\n", "repeat an id, such as 1"),
        ("", "is empty"),
        ("i,n\n1,a\n2,b,c,d\n3\n", "told apart"),
        ("i,n\n,a\n1,b\n", "without an id"),
        ("i,n\n1,\n2,\n", "no value can be read as name"),
    ],
)
def test_bad_files_are_refused_with_column_and_file(tmp_path, left, message):
    with pytest.raises(LinkError, match=message) as caught:
        link(parse_spec(BY_NAME), *files(tmp_path, left, "i,n\n1,a\n"))
    assert "l.csv" in str(caught.value)


def test_values_that_are_no_plain_ones_are_refused(tmp_path):
    left, right = files(tmp_path, "i,n\n1,a\n", "i,n\n1,a\n")
    pd.DataFrame({"i": [1], "n": [["a"]]}).to_parquet(tmp_path / "l.parquet")
    with pytest.raises(LinkError, match=r"l\.parquet: column n: is of type VARCHAR\[\]"):
        link(parse_spec(BY_NAME), tmp_path / "l.parquet", right)
    left.write_bytes("i,n\n1,é\n".encode("latin-1"))
    with pytest.raises(LinkError, match="not in UTF-8"):
        link(parse_spec(BY_NAME), left, right)


def test_an_empty_side_gives_no_links(tmp_path):
    found = link(parse_spec(BY_NAME), *files(tmp_path, "i,n\n", "i,n\n1,a\n"))
    assert found.report["pairs"] == 0
    assert len(found.links) == 0


def test_a_bare_year_is_compared_with_a_day_by_its_year(tmp_path):
    names = [
        "ZOÉ MARTIN",
        "LUC BERNARD",
        "INÈS ROUX",
        "PAUL FAURE",
        "RÉMI LEROY",
        "ANNE MOREL",
        "JEAN GIRARD",
        "ÈVE BLANC",
    ]
    left = "i,n,d\n" + "".join(f"L{k},{name},{1930 + 5 * k}\n" for k, name in enumerate(names))
    right = "i,n,d\n" + "".join(f"R{k},{name.lower()},{1930 + 5 * k}-03-0{k + 1}\n" for k, name in enumerate(names))
    spec = {
        **BY_NAME,
        "compare": [*BY_NAME["compare"], {"left": "d", "right": "d", "as": "date"}],
        "target_precision": 0.5,
    }
    found = link(parse_spec(spec), *files(tmp_path, left, right))
    assert len(found.links) == len(names)
    assert (found.links["left_id"].str[1:] == found.links["right_id"].str[1:]).all()


def test_files_that_share_nobody_give_no_links(tmp_path):
    random = np.random.default_rng(7)
    made = []
    for side in "lr":
        frame = pd.DataFrame(
            {"i": range(300), "d": pd.to_datetime("1940-01-01") + pd.to_timedelta(random.integers(0, 18_000, 300), "D")}
        )
        frame["s"] = random.integers(1, 3, 300)
        frame.to_parquet(tmp_path / f"{side}.parquet")
        made.append(tmp_path / f"{side}.parquet")
    compare = [{"left": "d", "right": "d", "as": "date"}, {"left": "s", "right": "s", "as": "exact"}]
    assert link(parse_spec({**BY_NAME, "compare": compare}), *made).report["pairs"] == 0


def test_review_moves_the_estimate_towards_what_was_seen():
    random = np.random.default_rng(2)
    chance = np.sort(random.uniform(0.6, 1, 2_000))[::-1]
    pairs = pd.DataFrame({"left_id": range(2_000), "right_id": range(2_000), "probability": chance})
    sample = review_sample(pairs, 300)
    assert len(sample) == 300
    refined = refine(pairs, 1_000, sample[["left_id", "right_id"]].assign(same=False))
    assert refined.precision < 0.2
    assert refined.low <= refined.precision <= refined.high
    agreed = refine(pairs, 1_000, sample[["left_id", "right_id"]].assign(same=True))
    assert agreed.precision > chance[:1_000].mean()
    assert agreed.right > chance.sum() > refined.right


def test_page_escapes_and_asks_for_nothing():
    groups = [{"group": "2020", "records": 4, "matched": 3, "rate": 0.75}]
    rates = [{"side": "left", "column": "<b>", "groups": []}, {"side": "left", "column": "entity", "groups": groups}]
    made = page({"pairs": 3, "expected_precision": 0.99, "notes": ["few"], "match_rates": rates})
    assert "<b>" not in made
    assert "&lt;b&gt;" in made
    assert "http" not in made
    assert "<script" not in made
    assert "Match rate by entity" in made


def test_command_writes_links_report_and_page(tmp_path):
    names = ["ZOÉ MARTIN", "LUC BERNARD", "INÈS ROUX", "PAUL FAURE", "RÉMI LEROY", "ANNE MOREL", "JEAN GIRARD"]
    rows = "".join(f"{k},{name}\n" for k, name in enumerate(names))
    left, right = files(tmp_path, f"i,n\n{rows}", f"i,n\n{rows.lower()}8,other\n")
    (tmp_path / "spec.yaml").write_text(yaml.safe_dump({**BY_NAME, "target_precision": 0.5}))
    arguments = ["link", str(left), str(right), "--spec", str(tmp_path / "spec.yaml")]
    arguments += ["--out", str(tmp_path / "links.parquet"), "--report", str(tmp_path / "report.json")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    links = pd.read_parquet(tmp_path / "links.parquet")
    assert list(links.columns) == ["left_id", "right_id", "probability"]
    assert len(links) == len(names)
    report = json.loads((tmp_path / "report.json").read_text())
    keys = {"pairs", "match_rate_left", "match_rate_right", "expected_precision", "expected_recall", "seconds"}
    assert keys <= set(report)
    assert report["pairs"] == len(links)
    assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
    assert not list(tmp_path.glob("*.new"))


def review_arguments(folder: Path) -> list[str]:
    names = ["ZOÉ MARTIN", "LUC BERNARD", "INÈS ROUX", "PAUL FAURE", "RÉMI LEROY", "ANNE MOREL", "JEAN GIRARD"]
    rows = "".join(f"{k},{name}\n" for k, name in enumerate(names))
    left, right = files(folder, f"i,n\n{rows}", f"i,n\n{rows.lower()}8,other\n")
    (folder / "spec.yaml").write_text(yaml.safe_dump({**BY_NAME, "target_precision": 0.5}))
    arguments = ["link", str(left), str(right), "--spec", str(folder / "spec.yaml")]
    return [*arguments, "--out", str(folder / "links.parquet"), "--report", str(folder / "report.json")]


def test_command_takes_a_judged_sample_into_the_report(tmp_path):
    arguments, sheet = review_arguments(tmp_path), tmp_path / "sample.csv"
    assert CliRunner().invoke(app, [*arguments, "--review-out", str(sheet), "--review-size", "5"]).exit_code == 0
    before = json.loads((tmp_path / "report.json").read_text())
    frame = pd.read_csv(sheet, dtype=str)
    assert list(frame.columns) == ["left_id", "right_id", "left.n", "right.n", "same"]
    assert len(frame) == 5
    assert (frame["left.n"].str.lower() == frame["right.n"]).all()
    assert sheet.stat().st_mode & 0o077 == 0
    frame.assign(same=["no", "Non", "0", "no", ""]).to_csv(sheet, index=False)
    result = CliRunner().invoke(app, [*arguments, "--reviewed", str(sheet)])
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["review"]["judged"] == 4
    assert report["review"]["model_precision"] == before["expected_precision"]
    assert report["expected_precision"] < before["expected_precision"]
    assert report["review"]["precision_low"] <= report["expected_precision"] <= report["review"]["precision_high"]
    assert report["recall_between"][0] < before["recall_between"][0]
    assert report["recall_between"][0] <= report["expected_recall"] <= report["recall_between"][1]
    assert "4 pairs judged by hand" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("left_id,right_id\n0,0\n", "no column same"),
        ("left_id,right_id,same\n0,0,yes\n1,1,perhaps\n", "line 3: 'perhaps'"),
        ("left_id,right_id,same\n0,0,\n", "no pair is judged"),
        ("left_id,right_id,same\nx,y,yes\n", "none of its pairs"),
        (None, "can't be read"),
    ],
)
def test_a_sheet_that_says_nothing_is_refused(tmp_path, content, message):
    arguments, sheet = review_arguments(tmp_path), tmp_path / "sample.csv"
    if content:
        sheet.write_text(content)
    result = CliRunner().invoke(app, [*arguments, "--reviewed", str(sheet)])
    assert result.exit_code == 3
    assert message in " ".join(result.output.split())
    assert not (tmp_path / "links.parquet").exists()


def test_command_names_what_is_wrong(tmp_path):
    (tmp_path / "spec.yaml").write_text("left: 1")
    arguments = ["link", "a.csv", "b.csv", "--spec", str(tmp_path / "spec.yaml"), "--out", str(tmp_path / "o.parquet")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 3
    assert not (tmp_path / "o.parquet").exists()


def test_values_that_agree_by_chance_are_no_evidence(tmp_path):
    left, right, _ = people(tmp_path, 600, 1_500, 400)
    one = {**BY_BIRTH, "compare": [{"left": "s", "right": "s", "as": "exact"}]}
    found = link(parse_spec(one), left, right)
    assert found.report["pairs"] == 0
    assert found.report["expected_recall"] is None


def test_code_taken_by_another_is_no_new_partner():
    # left codes 0 0 0 1, right codes 0 0 0 1: left 0 with right 1 would be new, but right 1 is taken by left 1.
    left, right = np.array([0, 0, 0, 1, 1, 0]), np.array([0, 0, 0, 1, 1, 1])
    codes = number_cells(np.arange(6), left, right, np.array([0.5, 0.5]), 2)
    counts = seen(codes, np.arange(6), np.array([1.0, 1, 1, 1, 1, 0]))
    known, _, new = parts(codes, Habit(error=0.05, same=0.0, right_new=0.1), counts, np.zeros(6, dtype=bool))
    assert known[0] > 0.7
    assert known[5] == 0
    assert new[5] < new[0] * 2 < 1
    assert counts.together[3] == 1  # its own vote is left out


def test_errors_that_are_alike_are_no_habit():
    # left codes 0 to 39 go along with right codes 0 to 39, thirty links each; two links of 0 go to 1 instead.
    left = np.append(np.repeat(np.arange(40), 30), [0, 0])
    right = np.append(np.repeat(np.arange(40), 30), [1, 1])
    codes = number_cells(np.arange(len(left)), left, right, np.full(40, 1 / 40), 40)
    counts = seen(codes, np.arange(len(left)), np.ones(len(left)))
    known, _, _ = parts(codes, Habit(error=0.05, same=0.0, left_new=0.1), counts, np.zeros(len(left), dtype=bool))
    assert counts.together[-1] == 1  # each of the two sees the other
    assert known[-1] < 0.1 / counts.left[-1]
    assert known[0] > 0.9 * counts.together[0] / counts.left[0]


def test_values_that_go_together_are_known_by_their_fit(tmp_path):
    engine = open_engine(tmp_path, "200MB", 1)
    engine.execute(
        "create table lhs as select i::integer as uid, (i % 20)::varchar as c0, "
        "case when i = 7 then '3' when i = 8 then null else (i % 20)::varchar end as c1 from range(2000) t(i)"
    )
    found = fits(engine, 1, 0)
    assert found[0] == pytest.approx(np.log(20), abs=0.1)
    assert found[7] < 0  # a value not seen with this one
    assert found[8] == 0


def test_missing_values_are_expected_to_lose_links(tmp_path):
    engine = open_engine(tmp_path, "200MB", 1)
    engine.execute("create table lhs as select i::integer as uid, i::varchar as c0 from range(100) t(i)")
    engine.execute(
        "create table rhs as select i::integer as uid, if(i % 2 = 0, i::varchar, null) as c0 from range(100) t(i)"
    )
    _, covered = choose(engine, parse_spec(BY_NAME), (100, 100), 5_000)
    assert covered == pytest.approx(0.5, abs=0.1)


def test_value_seen_once_is_rarer_than_one_row(tmp_path):
    engine = open_engine(tmp_path, "200MB", 1)
    engine.execute("create table rhs as select i::integer as uid, i::varchar as c0 from range(1000) t(i)")
    engine.execute("create table used as select uid from rhs")
    assert _value_shares(engine, 0, None).max() < 0.0001


def test_pairs_of_a_large_side_are_counted_in_a_sample(tmp_path, monkeypatch):
    engine = open_engine(tmp_path, "200MB", 1)
    engine.execute("create table lhs as select i::integer as uid, (i % 10)::varchar as c0 from range(50) t(i)")
    engine.execute("create table rhs as select i::integer as uid, (i % 10)::varchar as c0 from range(20000) t(i)")
    rule = (Part(0, FORMS[Kind.EXACT].keys[0], 0.0),)
    monkeypatch.setattr("ecluse.data.link.blocking.SAMPLED_ROWS", 5_000)
    within = thinned(engine, (50, 20_000))
    assert within.left == "lhs"
    assert 4_000 < 20_000 / within.weight < 6_000
    assert counted(engine, rule, within) == pytest.approx(counted(engine, rule), rel=0.05)
