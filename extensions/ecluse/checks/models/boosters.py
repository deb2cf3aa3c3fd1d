"""Boosted trees as text: XGBoost's JSON and LightGBM's model file.

Kept: what predicts. Dropped: attributes that users set (XGBoost), everything after LightGBM's trees (parameters,
importances, pandas categories).
"""

import json
import re
from typing import Any

import numpy as np

from ecluse.checks.kinds import Rebuilt, Unreadable
from ecluse.checks.kinds.clean import clean
from ecluse.checks.kinds.delimited import decode

from .model import Leaf, Model, Named, words

_FIX = "Save it again with save_model."
_KEY = re.compile(r"[A-Za-z_]\w*(?:=.*)?", re.ASCII)
_LEARNER = re.compile(
    rb'\{\s*(?:"version"\s*:\s*\[[\d,\s]*\]\s*,\s*)?"learner"\s*:\s*\{\s*"(?:attributes|feature_names|feature_types)"'
)
_LIGHT = words(
    "tree version num_class num_tree_per_iteration label_index max_feature_idx objective feature_names "
    "feature_infos tree_sizes Tree num_leaves num_cat split_feature split_gain threshold decision_type "
    "left_child right_child leaf_value leaf_weight leaf_count internal_value internal_weight "
    "internal_count cat_boundaries cat_threshold is_linear shrinkage average_output end"
)


def is_xgboost(head: bytes) -> bool:
    """An object with a learner; names of variables may stand before its booster, longer than the head."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    known = _LEARNER.match(start) is not None or (b'"learner"' in head and b'"gradient_booster"' in head)
    return start[:1] == b"{" and known


def is_learner(value: Any) -> bool:
    """Whether a JSON value is an XGBoost model, wherever its parts stand."""
    learner = value.get("learner") if isinstance(value, dict) else None
    return isinstance(learner, dict) and "gradient_booster" in learner


def is_lightgbm(head: bytes) -> bool:
    """A text that begins with `tree` and a version."""
    return head.startswith((b"tree\nversion=", b"tree\r\nversion="))


def read_xgboost(data: bytes) -> tuple[Model, dict[str, Any]]:
    """The model and its JSON without attributes. Raises `Unreadable`."""
    try:
        book = json.loads(decode(data))
        learner = book["learner"]
        trees = learner["gradient_booster"]["model"]["trees"]
        squared = "squared" in learner["objective"]["name"]
    except (KeyError, ValueError, TypeError, RecursionError):
        raise Unreadable("file-malformed", "Not an XGBoost model of trees.", _FIX) from None
    model = Model("XGBoost", classes=["XGBoost"])
    if learner.get("attributes"):
        model.dropped.append("attributes")
    learner["attributes"] = {}
    _every(book, model, "")
    try:
        for tree in trees:
            for left, weight in zip(tree["left_children"], tree["sum_hessian"], strict=True):
                if left == -1 and squared:  # the second derivative of a squared error is one per row
                    model.leaves.append(Leaf(float(weight), "a boosted tree"))
    except (KeyError, TypeError, ValueError):
        raise Unreadable("file-malformed", "A tree of the XGBoost model can't be read.", _FIX) from None
    return model, {"learner": learner, "version": book.get("version", [])}


def _every(node: Any, model: Model, name: str) -> None:
    if isinstance(node, dict):
        for key, child in node.items():
            model.texts.append(str(key))
            _every(child, model, str(key))
    elif isinstance(node, list):
        if node and all(isinstance(v, int | float) for v in node):
            model.arrays.append(Named(name, np.asarray(node, dtype=np.float64)))
        else:
            for child in node:
                _every(child, model, name)
    elif isinstance(node, str):
        model.texts.append(node)


def write_xgboost(book: dict[str, Any]) -> Rebuilt:
    """The model as JSON with sorted keys."""
    return Rebuilt(
        (json.dumps(book, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode(), ".json"
    )


def read_lightgbm(data: bytes) -> tuple[Model, str]:
    """The model and its trees as text. Raises `Unreadable`."""
    text, found, rest = clean(decode(data)).partition("end of trees")
    if not found:
        raise Unreadable("file-malformed", "The LightGBM model has no end of trees.", _FIX)
    model = Model("LightGBM", classes=["LightGBM"])
    if rest.strip():
        model.dropped.append("what follows the trees")
    for line in text.split("\n"):
        key, _, value = line.partition("=")
        if line and (not _KEY.fullmatch(line) or key not in _LIGHT):
            raise Unreadable("model-part", f"The LightGBM model has a line that is not understood: {key[:40]!r}.", _FIX)
        if key == "feature_infos":  # the least and greatest value of each variable: one person's own
            model.dropped.append("extremes of the variables")
            text = text.replace(line, f"feature_infos={' '.join('none' for _ in value.split())}")
            continue
        numbers = [float(v) for v in value.split() if re.fullmatch(r"-?[\d.]+(?:e[-+]?\d+)?", v)]
        if key == "leaf_count":
            model.leaves += [Leaf(n, "a boosted tree") for n in numbers]
            model.rows = max(model.rows, int(sum(numbers)))
        elif len(numbers) > 1:
            model.arrays.append(Named(key, np.asarray(numbers)))
        elif value and not numbers:
            model.texts.append(value)
    return model, f"{text.rstrip()}\n\n\nend of trees\n"
