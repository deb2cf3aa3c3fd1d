"""skops files: the schema is walked, arrays are read without pickle, and no type that it names is imported.

Kept: nodes of known loaders whose types come from scikit-learn, numpy, scipy or Python itself, their arrays and
parameters. Dropped: comments and times of the zip, members that the schema does not name, memory addresses as ids.
"""

import io
import json
from typing import Any

import numpy as np

from ecluse.checks.kinds import Rebuilt, Unreadable, archive
from ecluse.checks.kinds.delimited import decode
from ecluse.checks.limits import Limits

from .model import Leaf, Model, Named

_LOADERS = frozenset(
    {"ObjectNode", "DictNode", "ListNode", "TupleNode", "SetNode", "NdArrayNode", "JsonNode", "TypeNode", "TreeNode",
     "SliceNode", "BytesNode", "BytearrayNode", "DatetimeNode", "DefaultDictNode", "OrderedDictNode",
     "SparseMatrixNode", "BunchNode",
     "MaskedArrayNode", "RandomStateNode", "RandomGeneratorNode", "LossNode", "PartialNode", "MethodNode",
     "FunctionNode", "CachedNode", "ReduceNode", "UFuncNode", "SGDNode", "DTypeNode"}
)  # fmt: skip
_MODULES = ("sklearn", "numpy", "scipy", "builtins", "collections", "functools", "datetime", "skops")
_FIX = "Save the fitted estimator alone with skops.io.dump."
_DEPTH = 400
_MEMBERS = 20_000
_HEADER = 65_536


def read(data: bytes, limits: Limits) -> tuple[Model, dict[str, Any], dict[str, bytes]]:
    """The model, its schema and its members. Raises `Unreadable`."""
    members = archive.members(data, limits, most=_MEMBERS)
    try:
        schema = json.loads(decode(members["schema.json"]))
    except (KeyError, ValueError, RecursionError):
        raise Unreadable("file-malformed", "The skops file has no schema that can be read.", _FIX) from None
    model = Model("skops")
    walker = _Walker(members, model)
    if not isinstance(schema, dict):
        raise Unreadable("file-malformed", "The schema of the skops file is no object.", _FIX)
    walker.walk(schema, "", 0)
    extra = set(members) - walker.used - {"schema.json"}
    if extra:
        model.dropped.append(f"{len(extra)} members that the schema does not name")
    return model, schema, members


class _Walker:
    def __init__(self, members: dict[str, bytes], model: Model) -> None:
        self.members, self.model, self.used = members, model, set[str]()

    def walk(self, node: Any, name: str, depth: int) -> None:
        """Take in one node and what is below it."""
        if depth > _DEPTH:
            raise Unreadable("too-deep", "The schema is nested too deeply.", _FIX)
        if isinstance(node, list):
            for child in node:
                self.walk(child, name, depth + 1)
        elif isinstance(node, dict):
            if "__loader__" in node:
                self._check(node)
                if self._leaf(node, name):
                    return
            for key, child in node.items():
                if key not in ("__class__", "__module__", "__loader__", "__id__"):
                    self.walk(child, name if key in ("content", "attrs", "type", "key_types") else key, depth + 1)
        elif isinstance(node, str) and node and name not in ("file", "is_json", "_skops_version"):
            self.model.texts.append(node)

    def _check(self, node: dict[str, Any]) -> None:
        loader, module, name = (str(node.get(k, "")) for k in ("__loader__", "__module__", "__class__"))
        if loader not in _LOADERS or module.split(".")[0] not in _MODULES:
            raise Unreadable(
                "model-part",
                f"The model holds a part that is not understood: {module[:60]}.{name[:60]} ({loader[:40]}).",
                "Save a model of scikit-learn's own types.",
            )
        if module.startswith("sklearn") and name not in self.model.classes:
            self.model.classes.append(name)

    def _leaf(self, node: dict[str, Any], name: str) -> bool:
        """Arrays and parameters; whether nothing is to be looked at below."""
        if "file" in node:
            self._array(str(node["file"]), name)
            return True
        if node["__loader__"] == "JsonNode":
            self._parameter(node.get("content"), name)
            return True
        return False

    def _parameter(self, content: Any, name: str) -> None:
        try:
            value = json.loads(content)
        except (TypeError, ValueError, RecursionError):
            raise Unreadable("file-malformed", "A parameter of the model can't be read.", _FIX) from None
        if isinstance(value, str):
            self.model.texts.append(value)
        elif isinstance(value, int) and not isinstance(value, bool) and name == "n_samples_fit_":
            self.model.rows = max(self.model.rows, value)
        elif isinstance(value, list | dict):
            raise Unreadable("file-malformed", "A parameter of the model is no plain value.", _FIX)

    def _array(self, file: str, name: str) -> None:
        self.used.add(file)
        try:
            raw = self.members[file]
            if file.endswith(".npz"):
                with np.load(io.BytesIO(raw), allow_pickle=False, max_header_size=_HEADER) as parts:
                    found = [(f"{name}.{key}", parts[key]) for key in parts.files]
            else:
                found = [(name, np.load(io.BytesIO(raw), allow_pickle=False, max_header_size=_HEADER))]
        except (KeyError, ValueError, OSError, EOFError, SyntaxError, TypeError):
            raise Unreadable("file-malformed", f"An array of the model can't be read ({name[:60]}).", _FIX) from None
        for key, values in found:
            if values.dtype.names and "n_node_samples" in values.dtype.names:
                self._tree(values)
            elif values.dtype.kind in "US":
                self.model.texts += [str(v) for v in values.ravel().tolist()]
            if values.dtype.names:
                self.model.arrays += [Named(f"{key}.{n}", values[n]) for n in values.dtype.names]
            elif values.dtype.kind in "fiubc":
                self.model.arrays.append(Named(key, values))

    def _tree(self, nodes: Any) -> None:
        samples = nodes["n_node_samples"]
        if len(samples):
            self.model.rows = max(self.model.rows, int(samples[0]))
        leaves = nodes["left_child"] < 0
        self.model.leaves += [Leaf(float(n), "a tree") for n in samples[leaves].tolist()]


def rebuild(schema: dict[str, Any], members: dict[str, bytes]) -> Rebuilt:
    """A fresh skops file: arrays numbered in order, ids counted, nothing else in the zip."""
    files: dict[str, str] = {}
    ids: dict[Any, int] = {}

    def fresh(node: Any) -> Any:
        if isinstance(node, list):
            return [fresh(v) for v in node]
        if not isinstance(node, dict):
            return node
        out: dict[str, Any] = {}
        for key, value in node.items():
            if key == "__id__":
                out[key] = ids.setdefault(value, len(ids) + 1)
            elif key == "file" and "__loader__" in node:
                suffix = ".npz" if str(value).endswith(".npz") else ".npy"
                out[key] = files.setdefault(str(value), f"{len(files) + 1}{suffix}")
            else:
                out[key] = fresh(value)
        return out

    text = json.dumps(fresh(schema), ensure_ascii=False, indent=1)
    made = {"schema.json": text.encode(), **{new: _again(members[old]) for old, new in files.items()}}
    return Rebuilt(archive.write(made), ".skops")


def _again(raw: bytes) -> bytes:
    """An array written anew: no bytes before, between or after its values."""
    loaded = np.load(io.BytesIO(raw), allow_pickle=False, max_header_size=_HEADER)
    if isinstance(loaded, np.ndarray):
        return _saved(loaded)
    with loaded as parts:
        return archive.write({f"{k}.npy": _saved(parts[k]) for k in sorted(parts.files)})


def _saved(values: Any) -> bytes:
    out = io.BytesIO()
    if values.dtype.names:  # what lies between the fields of a record is nobody's, and could be anybody's
        plain = np.zeros(values.shape, dtype=values.dtype)
        for name in values.dtype.names:
            plain[name] = values[name]
        values = plain
    np.save(out, values, allow_pickle=False)
    return out.getvalue()
