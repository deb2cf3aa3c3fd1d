"""What a linkage keeps to on small sets of known truth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ecluse.data.link import link, parse_spec
from ecluse.data.link.baselines import drop_one
from ecluse.data.link.hydro import NOISE, SPEC, write_hydro
from ecluse.data.link.page import page
from linked_people import BY_BIRTH, people


@pytest.fixture(scope="module")
def hydro(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hydro")
    return write_hydro(folder, implants=500, stays=3_000, noise="low", seed=3)


@pytest.fixture(scope="module")
def linked(hydro):
    return link(parse_spec(SPEC), hydro[0], hydro[1], budget=150_000)


def scored(links, truth):
    right = len(links.merge(truth, on=["left_id", "right_id"]))
    return right / max(len(links), 1), right / len(truth)


def test_links_keep_the_precision_asked_for(hydro, linked):
    precision, recall = scored(linked.links, hydro[2])
    assert precision >= 0.98
    assert recall >= 0.8


def test_report_is_honest_about_precision(hydro, linked):
    precision, _ = scored(linked.links, hydro[2])
    assert abs(linked.report["expected_precision"] - precision) <= 0.02


def test_true_recall_lies_where_the_report_says_though_the_telling_column_errs(tmp_path):
    wrong_dates = replace(NOISE["medium"], date=0.3)
    left, right, truth = write_hydro(tmp_path, implants=1_000, stays=8_000, noise=wrong_dates, seed=4)
    found = link(parse_spec(SPEC), left, right, budget=300_000)
    low, high = found.report["recall_between"]
    recall = scored(found.links, truth)[1]
    assert low <= recall <= high
    assert low <= found.report["expected_recall"] <= high
    assert high - low < 0.4
    text = page(found.report)
    assert f"{low:.1%}" in text
    assert f"{high:.1%}" in text


def test_more_links_found_than_by_dropping_one(hydro, linked):
    precision, recall = scored(drop_one(parse_spec(SPEC), hydro[0], hydro[1]), hydro[2])
    ours = scored(linked.links, hydro[2])
    assert ours[0] > precision
    assert ours[1] > recall


def test_each_record_is_linked_at_most_once(linked):
    assert linked.links["left_id"].is_unique
    assert linked.links["right_id"].is_unique


def test_same_seed_gives_same_links(hydro, linked):
    again = link(parse_spec(SPEC), hydro[0], hydro[1], budget=150_000)
    pd.testing.assert_frame_equal(
        again.links[["left_id", "right_id"]].sort_values("left_id", ignore_index=True),
        linked.links[["left_id", "right_id"]].sort_values("left_id", ignore_index=True),
    )


def test_match_rates_count_every_record(linked):
    for group in linked.report["match_rates"]:
        assert sum(row["records"] for row in group["groups"]) == 500
        assert sum(row["matched"] for row in group["groups"]) == linked.report["pairs"]


def test_sites_are_learned_to_belong_to_their_entity(hydro):
    def recall(columns: set[str]) -> float:
        compare = [c for c in SPEC["compare"] if c["left"] in columns]
        spec = parse_spec({**SPEC, "compare": compare, "groups": [], "target_precision": 0.9})
        return scored(link(spec, hydro[0], hydro[1], budget=150_000).links, hydro[2])[1]

    missed = 1 - recall({"implanted", "birth_year", "entity"})
    assert missed < 2 / 3 * (1 - recall({"implanted", "birth_year"}))


@pytest.mark.parametrize("common", [300, 600])
def test_estimates_hold_when_half_or_all_have_a_match(tmp_path, common):
    left, right, truth = people(tmp_path, 600, 1_500, common)
    found = link(parse_spec(BY_BIRTH), left, right)
    precision, recall = scored(found.links, truth)
    assert precision >= 0.98
    assert recall >= 0.85
    assert abs(found.report["expected_precision"] - precision) <= 0.02


def test_many_to_many_may_link_a_record_twice(tmp_path):
    random = np.random.default_rng(4)
    born = pd.to_datetime("1930-01-01") + pd.to_timedelta(random.integers(0, 27_000, 300), "D")
    sides = pd.DataFrame({"i": range(300), "d": born, "s": random.integers(1, 3, 300), "p": "29200"})
    sides["p"] = [f"{k:05d}" for k in random.integers(1_000, 96_000, 300)]
    twice = pd.concat([sides, sides.assign(i=sides["i"] + 1_000)])
    sides.to_parquet(tmp_path / "l.parquet")
    twice.to_parquet(tmp_path / "r.parquet")
    spec = parse_spec({**BY_BIRTH, "one_to_one": False})
    found = link(spec, tmp_path / "l.parquet", tmp_path / "r.parquet")
    assert found.links["left_id"].duplicated().any()
    assert found.report["recall_between"] is None
    right = found.links["left_id"].astype(int) == found.links["right_id"].astype(int) % 1_000
    assert right.mean() >= 0.98
    assert right.sum() >= 0.9 * len(twice)


def test_two_files_without_common_persons_give_hardly_a_link(tmp_path):
    left, right, _ = people(tmp_path, 600, 1_500, 0)
    found = link(parse_spec(BY_BIRTH), left, right)
    assert found.report["pairs"] <= 3
