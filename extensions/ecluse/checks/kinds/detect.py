"""Which kind a file is, by content; what no kind claims is refused.

Order decides: kinds that are never released and containers by their magic first, then texts from the strictest to the
loosest. A name only breaks ties between kinds of text, and never makes a binary file a text.
"""

from types import ModuleType

from . import (
    Unreadable,
    archive,
    attestation,
    columnar,
    delimited,
    document,
    excel,
    model,
    notebook,
    page,
    pdf,
    plain,
    raster,
    refused,
    trees,
    vector,
)

_BINARY: tuple[ModuleType, ...] = (raster, pdf, columnar)
_OFFICE: tuple[ModuleType, ...] = (excel, document)
_TEXTS: tuple[ModuleType, ...] = (attestation, notebook, trees, vector, page, delimited, plain)
KINDS: tuple[ModuleType, ...] = (model, refused, *_BINARY, *_OFFICE, archive, *_TEXTS)
"""All kinds."""

_HEAD = 65536


def kind_of(data: bytes, name: str) -> ModuleType:
    """The module of the kind. Raises `Unreadable` for what none understands."""
    if not data.strip():
        raise Unreadable("file-empty", "The file is empty.", "Leave it out of the request.")
    head = data[:_HEAD]
    for kind in (model, refused, *_BINARY):
        if kind.sniff(head, name):
            return kind
    if archive.sniff(head, name):
        names = archive.names(data)
        return next((k for k in (*_OFFICE, model) if k.claims(names)), None) or _zip(names)
    for kind in _TEXTS:
        if kind.sniff(head, name):
            return kind
    if plain.is_text(head):
        return plain
    raise Unreadable(
        "kind-unknown",
        "This kind of file is not understood, so nothing of it may pass.",
        "Save tables as CSV, Excel or Parquet, figures as PNG, text as Markdown, work as a notebook.",
    )


def _zip(names: frozenset[str]) -> ModuleType:
    """A plain archive, unless its members say that it is a model."""
    model = any(
        n.endswith(("data.pkl", ".pkl", "schema.json", "config.json", ".npy", "model.weights.h5")) for n in names
    )
    if model and not any(n.endswith((".csv", ".ipynb", ".png", ".xlsx")) for n in names):
        raise Unreadable(
            "model-unattested",
            "This is a model or arrays in a zip (PyTorch, Keras or NumPy), which can hold code or anything else.",
            refused.HOW_TO_SAVE,
        )
    return archive
