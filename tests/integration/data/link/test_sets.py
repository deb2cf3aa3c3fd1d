"""Linkage on sets of known truth: FEBRL4 (fetched once) and three levels of noise."""

import sys
from pathlib import Path

import pytest

from ecluse.data.link import link, parse_spec
from ecluse.data.link.baselines import drop_one
from ecluse.data.link.hydro import NOISE, SPEC, write_hydro

REPO = Path(__file__).parents[4]
sys.path.insert(0, str(REPO / "tests" / "bench"))

from _febrl import SPEC as FEBRL_SPEC  # noqa: E402 # the path is set above
from _febrl import febrl4  # noqa: E402


def scores(links, truth):
    right = len(links.merge(truth, on=["left_id", "right_id"]))
    return right / max(len(links), 1), right / len(truth)


def test_febrl4_is_linked():
    left, right, truth = febrl4(REPO / "build" / "febrl4")
    precision, recall = scores(link(parse_spec(FEBRL_SPEC), left, right).links, truth)
    assert 2 * precision * recall / (precision + recall) >= 0.998


@pytest.mark.parametrize("noise", NOISE)
def test_reported_precision_is_true_at_every_noise(tmp_path, noise):
    left, right, truth = write_hydro(tmp_path, implants=4_000, stays=50_000, noise=noise, seed=21)
    spec = parse_spec(SPEC)
    found = link(spec, left, right, budget=4_000_000)
    precision, recall = scores(found.links, truth)
    assert abs(found.report["expected_precision"] - precision) <= 0.02
    plain = scores(drop_one(spec, left, right), truth)
    assert recall > plain[1]
    assert precision > plain[0]
