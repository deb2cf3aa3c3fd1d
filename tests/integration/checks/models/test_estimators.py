"""Every estimator of scikit-learn, fitted and saved with skops: rows kept are named, rebuilt files predict alike."""

import warnings
from pathlib import Path

import numpy as np
import onnx
import onnx.helper as oh
import pytest
import skops.io
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import load, save
from sklearn.utils import all_estimators

from ecluse.checks.facts import Context
from ecluse.checks.kinds import Unreadable, model
from ecluse.checks.limits import Limits
from ecluse.rules.policy import OutputRules

LIMITS = Limits(bytes=64 * 1024 * 1024)
RNG = np.random.default_rng(4)
X = np.abs(RNG.normal(size=(211, 5))).round(4) + 1
CLASSES = (X[:, 0] + RNG.normal(size=211) * 0.3 > 1.8).astype(int)
Y = X[:, 0] * 2 + RNG.normal(size=211)
SHARE = 0.5
SLOW = {"TSNE", "GaussianProcessClassifier", "HDBSCAN", "MDS", "ClassicalMDS"}


def fitted():
    for name, kind in all_estimators():
        if name in SLOW:
            continue
        try:
            estimator = kind()
            try:
                estimator.fit(X[:, :1] if name == "IsotonicRegression" else X, CLASSES)
            except ValueError:
                estimator.fit(X, Y)
            data = skops.io.dumps(estimator)
        except Exception:
            continue  # needs other input, or skops can't save it
        yield name, estimator, data


def kept(walked) -> list[str]:
    """Arrays of which half are values of the table, by comparison with the table itself."""
    known = set(np.concatenate([X.ravel(), Y]).round(6).tolist())
    return [
        a.name
        for a in walked.arrays
        if a.values.dtype.kind == "f"
        and a.values.size >= 50
        and np.mean([v in known for v in a.values.ravel().astype(float).round(6).tolist()]) > SHARE
    ]


def test_estimators_of_scikit_learn() -> None:
    missed, unread, differ, tried = [], [], [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, estimator, data in fitted():
            tried += 1
            try:
                document = model.read(data, LIMITS, f"{name}.skops")
            except Unreadable as error:
                unread.append((name, error.message))
                continue
            found = model.findings(document, OutputRules(), Context())
            if kept(document.model) and not any(f.severity == "refuse" for f in found):
                missed.append((name, kept(document.model)))
            rebuilt = model.rebuild(document).data
            assert model.rebuild(model.read(rebuilt, LIMITS, name)).data == rebuilt, name
            again = skops.io.loads(rebuilt, trusted=skops.io.get_untrusted_types(data=rebuilt))
            for method in ("predict", "transform"):
                if hasattr(estimator, method) and name != "IsotonicRegression":
                    try:
                        before = getattr(estimator, method)(X)
                    except Exception:
                        continue
                    same = np.allclose(
                        before.toarray() if hasattr(before, "toarray") else np.asarray(before, dtype=float),
                        _dense(getattr(again, method)(X)),
                        equal_nan=True,
                    )
                    differ += [] if same else [name]
    assert tried > 140
    assert not missed
    assert not unread
    assert not differ


def _dense(values):
    return values.toarray() if hasattr(values, "toarray") else np.asarray(values, dtype=float)


def test_safetensors_load_again_without_metadata() -> None:
    tensors = {"b": RNG.normal(size=(3, 2)).astype("f4"), "a": np.arange(4)}
    data = save(tensors, metadata={"note": "DUPONT"}) + b""
    made = model.rebuild(model.read(data, LIMITS, "w.safetensors")).data
    again = load(made)
    assert b"DUPONT" not in made
    assert {k: v.tolist() for k, v in again.items()} == {k: v.tolist() for k, v in tensors.items()}


def test_onnx_predicts_the_same_without_what_it_carried(tmp_path: Path) -> None:
    weights = RNG.normal(size=(5, 2)).astype(np.float32)
    graph = oh.make_graph(
        [oh.make_node("MatMul", ["x", "w"], ["y"], doc_string="secret DUPONT")],
        "g",
        [oh.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [None, 5])],
        [oh.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [None, 2])],
        [numpy_helper.from_array(weights, "w")],
        doc_string="DUPONT",
    )
    book = oh.make_model(graph, producer_name="DUPONT", opset_imports=[oh.make_opsetid("", 18)])
    book.ir_version = 9
    oh.set_model_props(book, {"note": "DUPONT"})
    made = model.rebuild(model.read(book.SerializeToString(), LIMITS, "m.onnx")).data
    assert b"DUPONT" not in made
    x = RNG.normal(size=(7, 5)).astype(np.float32)
    outputs = [
        ReferenceEvaluator(onnx.load_from_string(b)).run(None, {"x": x})[0] for b in (made, book.SerializeToString())
    ]
    assert np.array_equal(*outputs)
    onnx.checker.check_model(onnx.load_from_string(made))


def test_foreign_operators_and_outside_data_are_refused() -> None:
    graph = oh.make_graph([oh.make_node("Run", ["x"], ["y"], domain="evil")], "g", [], [])
    with pytest.raises(Unreadable, match="foreign operator"):
        model.read(oh.make_model(graph).SerializeToString(), LIMITS, "m.onnx")


def test_padding_of_tree_nodes_holds_nothing() -> None:
    from sklearn.tree import DecisionTreeClassifier

    data = skops.io.dumps(DecisionTreeClassifier(min_samples_leaf=40).fit(X, CLASSES))
    document = model.read(data, LIMITS, "t.skops")
    assert not [f for f in model.findings(document, OutputRules(), Context()) if f.rule == "tree-leaf"]
    assert model.rebuild(document).data == model.rebuild(model.read(model.rebuild(document).data, LIMITS, "t")).data
