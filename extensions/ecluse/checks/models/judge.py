"""What a walked model gives away: kept training rows, small leaves, texts, and too much room for a payload.

Decides from arrays and names. Worked example: a fitted `KNeighborsClassifier` holds `_fit_X`, 300 rows of 4 values:
the training data themselves, refused. A logistic regression's five coefficients hold no row.

The list of estimators is measured: every estimator of scikit-learn 1.9 fitted on one table, and its arrays searched
for the table's rows (tests/integration/checks/models).
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from ecluse.checks.facts import Context, Table, Value
from ecluse.checks.records.find import EXCESS
from ecluse.checks.records.index import load_index, score
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules

from .model import Model, Named, numbers_of, words

KEEPERS = words(
    "KNeighborsClassifier KNeighborsRegressor KNeighborsTransformer RadiusNeighborsClassifier "
    "RadiusNeighborsRegressor RadiusNeighborsTransformer NearestNeighbors LocalOutlierFactor KNNImputer "
    "KernelDensity SVC NuSVC SVR NuSVR OneClassSVM GaussianProcessClassifier GaussianProcessRegressor "
    "KernelRidge KernelPCA LabelPropagation LabelSpreading Isomap LocallyLinearEmbedding MeanShift DBSCAN "
    "HDBSCAN OPTICS AffinityPropagation SpectralClustering SpectralEmbedding TSNE MDS "
    "AgglomerativeClustering FeatureAgglomeration IsotonicRegression QuantileTransformer "
    "NeighborhoodComponentsAnalysis Nystroem BallTree KDTree KDTree64 BallTree64 KDTree32 BallTree32 "
    "SVMClassifier SVMRegressor CDist"
)
"""Classes that keep rows, values or one figure per person of what they were fitted on."""
_ROWS = words(
    "_fit_X X_train_ y_train_ _y support_vectors_ X_fit_ X_ y_ quantiles_ embedding_ labels_ "
    "X_thresholds_ y_thresholds_ x_thresholds_ _X_fit core_sample_indices_ components_indices_ "
    "row_labels_ training_data_ data transduction_ label_distributions_ negative_outlier_factor_ "
    "oob_prediction_ oob_decision_function_ cluster_centers_indices_ dual_coef_ dual_coef X_offsets_ "
    "loss_curve_x children_ distances_"
)
_VALUES = frozenset({"categories_", "bin_edges_", "classes_"})
_EXTREMES = words("data_min_ data_max_ data_range_ max_abs_ min_ max_")
_FEW_ROWS, _MANY, _MOST_VALUES, _WORDS = 20, 100, 2_000_000, 80
_COLUMNS = 10
_SAVE = "Release its coefficients or scores as a table, or choose a model that keeps no rows."


def judge(model: Model, rules: OutputRules, context: Context) -> Iterator[Finding]:
    """Findings on what the file holds. Whether the model may leave at all is decided by its report (`attest`)."""
    yield from _keepers(model)
    yield from _rows(model, context)
    yield from _leaves(model, rules.minimum_count)
    yield from _texts(model)
    for name in sorted({a.name for a in model.arrays} & _EXTREMES):
        yield _say("extreme", Severity.REVIEW, f"{name!r} holds each variable's extreme: one person's own value.",
                   "Scale with fixed bounds, or by mean and standard deviation.")  # fmt: skip
    if model.size > _MOST_VALUES:
        yield _say("model-size", Severity.REVIEW, f"The model holds {model.size:,} numbers: room for records, which "
                   "no check can tell from weights.", "Release a smaller model.")  # fmt: skip
    if model.dropped:
        counted = Counter(model.dropped).most_common(8)
        yield _say("left-out", Severity.NOTE, f"Left out of the rebuilt model: {', '.join(k for k, _ in counted)}.", "")


def _keepers(model: Model) -> Iterator[Finding]:
    for name in sorted(set(model.classes) & KEEPERS):
        yield _say("model-rows", Severity.REFUSE, f"{name} keeps the rows that it was fitted on, or one value of each: "
                   "whoever has the file has them.", _SAVE)  # fmt: skip


def _rows(model: Model, context: Context) -> Iterator[Finding]:
    index = None
    if context.record_index is not None:
        try:
            index = load_index(context.record_index)
        except (OSError, ValueError, KeyError):
            yield _say("record-index", Severity.REVIEW, "The model could not be compared with the extract.", "")
    for array in model.arrays:
        shape = array.values.shape
        named = array.name.split(".")[-1] in _ROWS
        trained = model.rows >= _FEW_ROWS and model.rows in shape
        single = array.name in _VALUES and array.values.ndim == 1 and array.values.size > _MANY
        if (named or trained or single) and array.values.size >= _FEW_ROWS:
            why = "one entry for each of the rows that it was fitted on" if trained else "values of training rows"
            message = f"The array {array.name[:60]!r} ({' × '.join(map(str, shape))}) holds {why}."
            yield _say("model-rows", Severity.REFUSE, message, _SAVE)
        elif index is not None and _of_extract(array, index):
            message = f"The array {array.name[:60]!r} ({' × '.join(map(str, shape))}) holds rows of the extract."
            yield _say("extract-rows", Severity.REFUSE, message, _SAVE)


def _of_extract(array: Named, index: object) -> bool:
    """Whether an array's rows (or columns) are rows of the extract, against the shuffled null."""
    values = numbers_of(array.values)
    if values.ndim > 2:  # a stack of matrices is looked at as one
        values = values.reshape(-1, values.shape[-1])
    if values.ndim != 2:  # rows and columns
        return False
    for plane in (values, values.T):
        if len(plane) >= 2 and plane.shape[1] >= 3:  # what the index needs
            cells = tuple(tuple(Value(float(v), repr(float(v))) for v in row[:_COLUMNS]) for row in plane[:1000])
            found = score(index, Table(("",) * len(cells[0]), cells))  # type: ignore[arg-type]
            if found is not None and found.excess >= found.chance + EXCESS:
                return True
    return False


def _leaves(model: Model, minimum: int) -> Iterator[Finding]:
    small = [leaf for leaf in model.leaves if 0 < leaf.samples < minimum]
    if small:
        least = min(leaf.samples for leaf in small)
        message = (
            f"{len(small):,} of {len(model.leaves):,} leaves stand on 1 to {minimum - 1} persons (the smallest on "
            f"{least:g}): the path to such a leaf describes them, its value is theirs."
        )
        fix = f"Fit it again with min_samples_leaf={minimum} (LightGBM: min_data_in_leaf; XGBoost: min_child_weight)."
        yield _say("tree-leaf", Severity.REFUSE, message, fix)


def _texts(model: Model) -> Iterator[Finding]:
    long = [t for t in model.texts if len(t) > _WORDS or len(t.split()) > 12]  # words of a name
    if long:
        yield _say("model-text", Severity.REVIEW, f"The model holds {len(long)} texts that are no names: "
                   f"'{' '.join(long[0].split())[:60]}…'.", "Take free text out of the model.")  # fmt: skip


def _say(rule: str, severity: Severity, message: str, fix: str) -> Finding:
    return Finding(rule=rule, severity=severity, message=message[:2000], fix=fix, where="model")


def texts_as_passages(model: Model) -> str:
    """Texts of a model, once each, a line each, for the rules on identifiers."""
    return "\n".join(np.unique(np.array(model.texts or [""], dtype=str)).tolist())
