"""Models in forms that hold no code: skops, safetensors, ONNX, XGBoost's JSON, LightGBM's text; and attack reports.

Kept: arrays and structure that predict, written anew. Dropped: metadata, documentation, names of tools, members and
bytes that nothing refers to. No type that a file names is imported, and no array is read with pickle.

Worked example: a skops file of a logistic regression becomes a skops file that predicts the same; the check refuses it
all the same until an attack report says that somebody tried it (`ecluse.checks.models.attest`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ecluse.checks.facts import Context, Facts, Passage, Source
from ecluse.checks.limits import Limits
from ecluse.checks.models import attest, boosters, onnx, safetensors, skops
from ecluse.checks.models.judge import judge, texts_as_passages
from ecluse.checks.models.model import Model
from ecluse.rules.finding import Finding
from ecluse.rules.policy import OutputRules

from . import Rebuilt, Unreadable

NAME = "model"


@dataclass(frozen=True, slots=True)
class Document:
    """The model, and how it is written anew."""

    model: Model
    write: Callable[[], Rebuilt]


def claims(names: frozenset[str]) -> bool:
    """Whether a zip with these members is a skops file."""
    return "schema.json" in names and all(n == "schema.json" or n.endswith((".npy", ".npz")) for n in names)


def sniff(head: bytes, name: str) -> bool:
    """A safetensors header, a booster's text, or the name of an ONNX file."""
    return (
        safetensors.is_one(head)
        or boosters.is_xgboost(head)
        or boosters.is_lightgbm(head)
        or (name.lower().endswith(".onnx") and onnx.begins(head))
    )


_PRINTED, _SAMPLE = 0.97, 65536


def read(data: bytes, limits: Limits, name: str = "") -> Document:
    """The model. Raises `Unreadable`, also where an array's bytes are plain text: weights are not."""
    document = _read(data, limits, name)
    for array in document.model.arrays:
        raw = np.frombuffer(array.values.tobytes()[:_SAMPLE], dtype=np.uint8)
        if raw.size >= 16 and ((raw >= 32) & (raw < 127)).mean() > _PRINTED:  # printable ASCII
            raise Unreadable("model-part", f"The array {array.name[:60]!r} is a text, not numbers.", "Take it out.")
    return document


def _read(data: bytes, limits: Limits, name: str) -> Document:
    if data.startswith(b"PK\x03\x04"):
        model, schema, members = skops.read(data, limits)
        return Document(model, lambda: skops.rebuild(schema, members))
    if boosters.is_xgboost(data[:65536]):
        model, book = boosters.read_xgboost(data)
        return Document(model, lambda: boosters.write_xgboost(book))
    if boosters.is_lightgbm(data):
        model, text = boosters.read_lightgbm(data)
        return Document(model, lambda: Rebuilt(text.encode(), ".txt"))
    if safetensors.is_one(data):
        model, tensors = safetensors.read(data)
        return Document(model, lambda: safetensors.rebuild(tensors))
    if name.lower().endswith(".onnx") or onnx.is_one(data):
        model, message = onnx.read(data)
        return Document(model, lambda: onnx.rebuild(message))
    raise Unreadable("file-malformed", "Not a model that can be read.", "Save it again.")


def facts(document: Document) -> Facts:
    """Names and texts of the model: identifiers may stand in them."""
    text = texts_as_passages(document.model)
    return Facts(passages=(Passage(text, Source.CELLS, "names in the model"),) if text.strip() else ())


def findings(document: Document, rules: OutputRules, context: Context) -> list[Finding]:
    """What the file gives away by itself."""
    return list(judge(document.model, rules, context))


def rebuild(document: Document) -> Rebuilt:
    """The same model with nothing else in its file."""
    return document.write()


__all__ = ["NAME", "Document", "attest", "claims", "facts", "findings", "read", "rebuild", "sniff"]
