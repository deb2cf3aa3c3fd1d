"""Models: forms without code are walked, pickles refused unread; attack reports are bound to weights and project."""

import gzip
import io
import json
import pickle
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ecluse.checks import tasks
from ecluse.checks.facts import Context
from ecluse.checks.kinds import Unreadable, delimited, detect, model, refused, trees
from ecluse.checks.limits import Limits
from ecluse.checks.models import acro, attack, attest
from ecluse.checks.models.judge import judge
from ecluse.checks.models.model import Leaf, Model, Named
from ecluse.cli import app
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules

LIMITS, RULES = Limits(), OutputRules()
WEIGHTS = "a" * 64


@pytest.fixture
def index(tmp_path: Path) -> Path:
    (tmp_path / "key").write_bytes(b"k" * 32)
    return tmp_path


def tensors(header: dict, body: bytes = b"\0" * 16, tail: bytes = b"") -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body + tail


def skops_file(content: dict, **members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("schema.json", json.dumps(content))
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


def report(index: Path, auc: float = 0.55, weights: str = WEIGHTS, project: str = "bacthub") -> attest.AttackReport:
    one = {"name": "worst-case", "members": 100, "others": 100, "auc": auc, "tpr_at_low_fpr": 0.002}
    return attack.report_of(weights, project, "test", [one], index)


@pytest.mark.parametrize("pack", [bytes, zlib.compress, gzip.compress])
def test_a_pickle_is_refused_and_never_loaded(pack, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self):
            return Path.touch, (tmp_path / "ran",)

    data = pack(pickle.dumps(Bomb()))
    with pytest.raises(Unreadable) as found:
        detect.kind_of(data, "m.joblib").read(data, LIMITS, "m.joblib")
    assert found.value.reason == "model-pickle"
    assert "skops" in found.value.fix
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["m.pt", "m.keras"])
def test_a_zip_with_a_pickle_or_keras_layers_is_refused(name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("archive/data.pkl" if name == "m.pt" else "config.json", b"x")
    with pytest.raises(Unreadable) as found:
        detect.kind_of(out.getvalue(), name).read(out.getvalue(), LIMITS, name)
    assert found.value.fix == refused.HOW_TO_SAVE


def test_safetensors_lose_metadata_and_tails() -> None:
    data = tensors({"__metadata__": {"a": "DUPONT"}, "w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}},
                   tail=b"HIDDEN")  # fmt: skip
    assert detect.kind_of(data, "x.bin") is model
    document = model.read(data, LIMITS, "w")
    made = model.rebuild(document).data
    assert b"DUPONT" not in made
    assert b"HIDDEN" not in made
    assert any(f.rule == "left-out" for f in model.findings(document, RULES, Context()))
    assert model.rebuild(model.read(made, LIMITS, "w")).data == made


@pytest.mark.parametrize(
    "about",
    [
        {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 99]},
        {"dtype": "F32", "shape": [-2, -2], "data_offsets": [0, 16]},
        {"dtype": "X9", "shape": [4], "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 16]},
        [],
    ],
)
def test_broken_safetensors_are_refused(about: object) -> None:
    with pytest.raises(Unreadable):
        model.read(tensors({"w": about}), LIMITS, "w")


@pytest.mark.parametrize(
    "node",
    [
        {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"},
        {"__class__": "dict", "__module__": "builtins", "__loader__": "EvilNode"},
        {"__class__": "dict", "__module__": "builtins", "__loader__": "JsonNode", "content": "{"},
        {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", "file": "none.npy"},
    ],
)
def test_skops_parts_that_are_not_understood_are_refused(node: dict) -> None:
    with pytest.raises(Unreadable):
        model.read(skops_file(node), LIMITS, "m.skops")


def test_an_array_with_a_pickle_inside_is_refused() -> None:
    out = io.BytesIO()
    np.save(out, np.array([{}], dtype=object), allow_pickle=True)
    node = {
        "__class__": "ndarray",
        "__module__": "numpy",
        "__loader__": "NdArrayNode",
        "type": "numpy",
        "file": "a.npy",
    }
    with pytest.raises(Unreadable, match="array"):
        model.read(skops_file(node, **{"a.npy": out.getvalue()}), LIMITS, "m.skops")


def test_a_member_that_nothing_names_does_not_go_on() -> None:
    node = {"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode", "content": {}}
    made = model.rebuild(model.read(skops_file(node, **{"x.npy": b"DUPONT"}), LIMITS, "m.skops")).data
    assert zipfile.ZipFile(io.BytesIO(made)).namelist() == ["schema.json"]


@pytest.mark.parametrize(
    ("walked", "rule"),
    [
        (Model("skops", classes=["SVC"]), "model-rows"),
        (Model("skops", arrays=[Named("_fit_X", np.zeros((30, 4)))]), "model-rows"),
        (Model("skops", arrays=[Named("oob", np.zeros(211))], rows=211), "model-rows"),
        (Model("skops", arrays=[Named("categories_", np.arange(209.0))]), "model-rows"),
        (Model("skops", leaves=[Leaf(3, "a tree"), Leaf(90, "a tree")]), "tree-leaf"),
        (Model("skops", arrays=[Named("data_min_", np.zeros(4))]), "extreme"),
        (Model("skops", texts=["word " * 20]), "model-text"),
        (Model("x", arrays=[Named("w", np.zeros(2_000_001, dtype=np.int8))]), "model-size"),
    ],
)
def test_what_a_model_gives_away(walked: Model, rule: str) -> None:
    assert rule in {f.rule for f in judge(walked, RULES, Context())}


def test_a_few_coefficients_give_nothing_away() -> None:
    walked = Model("skops", classes=["LogisticRegression"], arrays=[Named("coef_", np.zeros((1, 5)))])
    assert not list(judge(walked, RULES, Context()))


def test_a_valid_report_turns_refusal_into_review(index: Path) -> None:
    made = report(index)
    data = made.model_dump_json(indent=2).encode()
    valid = attest.verified(data, "bacthub", index)
    assert valid == made
    assert [f.severity for f in attest.findings(WEIGHTS, [made], RULES)] == [Severity.REVIEW]
    assert [f.rule for f in attest.findings(WEIGHTS, [], RULES)] == ["model-unattested"]
    assert "other weights" in attest.findings("b" * 64, [made], RULES)[0].message
    assert [f.rule for f in attest.findings(WEIGHTS, [report(index, auc=0.8)], RULES)] == ["model-attack"]


def test_a_forged_report_counts_for_nothing(index: Path, tmp_path: Path) -> None:
    plain = json.loads(report(index, auc=0.9).model_dump_json())
    plain["attacks"][0]["auc"] = 0.5
    assert attest.verified(json.dumps(plain).encode(), "bacthub", index) is None
    good = report(index).model_dump_json().encode()
    assert attest.verified(good, "hydro", index) is None
    assert attest.verified(good, "bacthub", None) is None
    other = tmp_path / "other"
    other.mkdir()
    assert attest.verified(good, "bacthub", other) is None
    (other / "key").write_bytes(b"z" * 32)
    assert attest.verified(good, "bacthub", other) is None
    assert attest.verified(b"{}", "bacthub", index) is None


def test_the_judge_binds_report_and_model(index: Path, tmp_path: Path) -> None:
    (tmp_path / "f1").mkdir()
    (tmp_path / "f1/in").write_bytes(report(index).model_dump_json().encode())
    entries = [
        {"id": "f0", "path": "m.skops", "kind": "model", "sha256": WEIGHTS},
        {"id": "f1", "path": "m.json", "kind": "attack-report", "sha256": "b" * 64},
    ]
    found = tasks._attested(tmp_path, entries, RULES, Context("bacthub", record_index=index))
    assert [f.rule for f in found["m.skops"]] == ["model-attested"]
    found = tasks._attested(tmp_path, entries, RULES, Context("hydro", record_index=index))
    assert ([f.rule for f in found["m.skops"]], [f.rule for f in found["m.json"]]) == (
        ["model-unattested"],
        ["attack-report"],
    )


def test_own_attacks_tell_an_overfitted_model_from_a_plain_one() -> None:
    random = np.random.default_rng(1)
    same = [np.clip(random.normal(0.7, 0.1, (600, 1)), 0, 1) for _ in range(2)]
    plain = attack.own_attacks(*(np.hstack([s, 1 - s]) for s in same))
    sure = np.clip(random.normal(0.97, 0.02, (600, 1)), 0, 1)
    grown = attack.own_attacks(np.hstack([sure, 1 - sure]), np.hstack([same[0], 1 - same[0]]))
    assert max(a["auc"] for a in plain) < 0.56
    assert min(a["auc"] for a in grown) > 0.9


def test_sacro_reports_are_read_as_they_are_written() -> None:
    """The form of SACRO-ML 2.0.1's report.json, shortened; its own run gave these numbers."""
    runs = {f"instance_{n}": {"AUC": a, "TPR@0.1%": 0.0233, "TPR": 0.75} for n, a in enumerate((0.8014, 0.8495))}
    dummy = {"attack_instance_logger": {"instance_0": {"AUC": 0.4813, "TPR@0.1%": 0.025}}}
    written = {
        "metadata": {"attack_name": "WorstCase attack", "sacroml_version": "2.0.1"},
        "attack_experiment_logger": {"attack_instance_logger": runs},
        "dummy_attack_experiments_logger": {"dummy_attack_metrics_experiment_0": dummy},
    }
    found = attack.of_sacro({"WorstCase attack_0055": written}, 600, 600)
    assert [(a["name"], a["auc"], a["tpr_at_low_fpr"]) for a in found] == [("WorstCase attack", 0.8255, 0.0233)]
    for other in ({}, [], {"a": {"metadata": {}}}, {"a": {"attack_experiment_logger": {"attack_instance_logger": {}}}}):
        with pytest.raises(ValueError, match="SACRO-ML"):
            attack.of_sacro(other, 1, 1)


def test_the_command_signs_what_it_found(index: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    members, others = random.random((2, 300, 2))
    np.savez(tmp_path / "s.npz", members=members, others=others)
    (tmp_path / "m.skops").write_bytes(b"weights")
    out = tmp_path / "r.json"
    arguments = [str(tmp_path / "m.skops"), "--project", "bacthub", "--index", str(index), "--scores",
                 str(tmp_path / "s.npz"), "--out", str(out)]  # fmt: skip
    assert CliRunner().invoke(app, ["models", "attack", *arguments]).exit_code == 0
    assert attest.verified(out.read_bytes(), "bacthub", index) is not None
    arguments[4] = str(tmp_path / "missing")
    assert CliRunner().invoke(app, ["models", "attack", *arguments]).exit_code == 3


def output(name: str, status: str, exception: str = "") -> dict:
    return {"uid": name, "status": status, "type": "table", "properties": {}, "exception": exception,
            "files": [{"name": f"{name}_0.csv", "sdc": {"summary": {}, "cells": {}}}]}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "verdict", "rules"),
    [
        ("pass", ("refuse", "small-count"), ["acro-disagrees"]),
        ("fail", ("pass", ""), ["acro-disagrees"]),
        ("pass", ("pass", ""), []),
        ("fail", ("refuse", "small-count"), []),
        ("pass", None, ["acro-missing"]),
    ],
)
def test_acro_is_a_hint_never_a_proof(status: str, verdict: tuple[str, str] | None, rules: list[str]) -> None:
    book = {"version": "1.0.2", "tool": {"name": "ACRO"}, "results": {"t1": output("t1", status)}}
    said = acro.claims(json.dumps(book).encode())
    assert said is not None
    found = list(acro.compare(said, {"t1_0.csv": verdict} if verdict else {}))
    assert [f.rule for f in found] == rules
    assert all("t1_0.csv" in f.message for f in found)


def test_what_acro_keeps_back_is_not_missed_and_not_released() -> None:
    name = "2ndary_risk_summary_csv-DONT_RELEASE"
    said = acro.claims(json.dumps({"results": {name: output(name, "review")}}).encode())
    assert said is not None
    assert list(acro.compare(said, {})) == []
    assert [f.rule for f in acro.compare(said, {f"{name}_0.csv": ("pass", "")})] == ["acro-disagrees"]


def test_an_exception_of_acro_is_shown() -> None:
    said = acro.claims(json.dumps({"results": {"t1": output("t1", "review", "needed for the paper")}}).encode())
    assert said is not None
    found = list(acro.compare(said, {"t1_0.csv": ("review", "percentile")}))
    assert [(f.rule, "needed for the paper" in f.message) for f in found] == [("acro-exception", True)]


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"results": {}}', b'{"results": {"a": 1}}'])
def test_other_json_is_no_result_of_acro(data: bytes) -> None:
    assert acro.claims(data) is None


LIGHT = (
    "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=0\nobjective=binary\n"
    "feature_names=age\nfeature_infos=[18:101]\ntree_sizes=100\n\nTree=0\nnum_leaves=2\nnum_cat=0\nleaf_value=0.1 0.2\n"
    'leaf_count=3 208\nshrinkage=1\n\n\nend of trees\n\npandas_categorical:[["DUPONT"]]\n'
)


def test_lightgbm_loses_extremes_and_tails_and_shows_small_leaves() -> None:
    document = model.read(LIGHT.encode(), LIMITS, "m.txt")
    made = model.rebuild(document).data.decode()
    assert "101" not in made
    assert "DUPONT" not in made
    assert "tree-leaf" in {f.rule for f in model.findings(document, RULES, Context())}
    with pytest.raises(Unreadable):
        model.read(LIGHT.replace("shrinkage", "secret note").encode(), LIMITS, "m.txt")


@pytest.mark.parametrize(("third", "rules"), [("", []), ("<11", []), ("4", ["acro-not-hidden"])])
def test_a_table_that_shows_what_acro_hid_is_named(third: str, rules: list[str]) -> None:
    claimed = output("t1", "review")
    claimed["properties"] = {"method": "crosstab", "suppressed": True}
    claimed["files"][0]["sdc"]["cells"] = {"MinimumThresholdCheck": [[2, 0]]}
    said = acro.claims(json.dumps({"results": {"t1": claimed}}).encode())
    assert said is not None
    data = f"region,n\nA,120\nB,130\nC,{third}\n".encode()
    hidden = {"t1_0.csv": acro.unseen(delimited.facts(delimited.read(data, LIMITS, "t1_0.csv")))}
    assert [f.rule for f in acro.compare(said, {"t1_0.csv": ("review", "x")}, hidden)] == rules


@pytest.mark.parametrize("size", [10, 4000])
def test_xgboost_with_many_names_first_is_a_model(size: int) -> None:
    names = [f"a_rather_long_name_of_a_variable_{n}" for n in range(size)]
    book = {"learner": {"attributes": {}, "feature_names": names, "gradient_booster": {"model": {"trees": []}}}}
    assert detect.kind_of(json.dumps(book).encode(), "model.json").NAME == "model"


def test_xgboost_parts_in_another_order_are_refused() -> None:
    book = {"note": ["x" * 100] * 1000, "learner": {"gradient_booster": {"model": {"trees": []}}}}
    with pytest.raises(Unreadable, match="XGBoost"):
        trees.read(json.dumps(book).encode(), LIMITS)
