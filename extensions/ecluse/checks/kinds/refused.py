"""Kinds that are known and never released: pickles, models without a report, whole databases, disk formats of packages.

Nothing here is opened: the magic is enough to say why, and what to send instead.

Worked example: `model.joblib` starts like a pickle; loading one runs code, so it is refused unread.
"""

import gzip
import re
import zlib

from ecluse.checks.facts import Facts
from ecluse.checks.limits import Limits

from . import Rebuilt, Unreadable

NAME = "refused"
_CSV = "Export the results as CSV, Excel or Parquet."
HOW_TO_SAVE = (
    "Save it in a form without code: skops (scikit-learn), safetensors (PyTorch), ONNX, save_model as JSON or text "
    "(XGBoost, LightGBM), and send the report of an attack on it along; or release coefficients and scores as a table."
)
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file (Keras models, pandas stores)", HOW_TO_SAVE),
    (b"\x93NUMPY", "a NumPy array", _CSV),
    (b"ARROW1", "an Arrow file", "Save it as Parquet."),
    (b"FEA1", "a Feather file", "Save it as Parquet."),
    (b"SQLite format 3\0", "a database", _CSV),
    (b"RDX", "R's own format", _CSV),
    (b"<stata_dta>", "a Stata file", _CSV),
    (b"$FL2", "an SPSS file", _CSV),
    (b"\xd0\xcf\x11\xe0", "an old Office file", "Save it as xlsx or docx."),
    (b"\x7fELF", "a program", "Programs are not results."),
    (b"MZ", "a program", "Programs are not results."),
    (b"Rar!", "an archive", "Send the files one by one."),
    (b"7z\xbc\xaf", "an archive", "Send the files one by one."),
    (b"BZh", "a compressed file", "Send it uncompressed."),
    (b"\xfd7zXZ", "a compressed file", "Send it uncompressed."),
    (b"\x28\xb5\x2f\xfd", "a compressed file", "Send it uncompressed."),
    (b"GIF8", "a GIF picture", "Save the figure as PNG."),
    (b"II*\0", "a TIFF picture", "Save the figure as PNG."),
    (b"MM\0*", "a TIFF picture", "Save the figure as PNG."),
    (b"OggS", "sound", "Only text, tables and figures are released."),
)
_PICKLE = re.compile(rb"\A(?:\x80[\x02-\x05]|\(lp0|\(dp0|c[a-z_.]+\n\w+\n)", re.DOTALL)
_NAMES = (
    ".pkl",
    ".pickle",
    ".joblib",
    ".sav",
    ".pt",
    ".pth",
    ".h5",
    ".keras",
    ".dill",
    ".pmml",
)


def sniff(head: bytes, name: str) -> bool:
    """Any of the magics, or a model's name."""
    return _what(head, name) is not None


def _what(head: bytes, name: str) -> tuple[str, str, str] | None:
    """Reason, what it is, and what to do."""
    lower = name.lower()
    if _PICKLE.match(head) or _PICKLE.match(_unpacked(head)):
        return "model-pickle", "a pickle: opening one runs code, and it may hold whole data sets", HOW_TO_SAVE
    for magic, what, fix in _MAGIC:
        if head.startswith(magic) and not (magic == b"MZ" and head.isascii()):
            return "kind-refused", what, fix
    if lower.endswith(_NAMES) or b"<PMML" in head[:4096]:
        return "model-unattested", "a model in a form that is not read here", HOW_TO_SAVE
    if head.startswith(b"\x1f\x8b"):
        return "kind-refused", "a compressed file", "Send it uncompressed."
    if head[4:8] == b"ftyp" or (head.startswith(b"RIFF") and head[8:12] in (b"WEBP", b"AVI ", b"WAVE")):
        return "kind-refused", "a film, sound or WebP picture", "Save the figure as PNG."
    return None


def _unpacked(head: bytes) -> bytes:
    """The first bytes below zlib or gzip: joblib compresses its pickles."""
    try:
        if head[:1] == b"\x78":
            return zlib.decompressobj().decompress(head, 64)
        if head[:2] == b"\x1f\x8b":
            return zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(head, 64)
    except (zlib.error, gzip.BadGzipFile):
        pass
    return b""


def read(data: bytes, limits: Limits, name: str = "") -> None:  # noqa: ARG001 - one interface
    """Refuse. Always raises `Unreadable`."""
    reason, what, fix = _what(data[:65536], name) or ("kind-unknown", "a file of a kind that is not released", _CSV)
    raise Unreadable(reason, f"This is {what}.", fix)


def facts(document: None) -> Facts:  # noqa: ARG001 - one interface
    """Nothing: it was not opened."""
    return Facts()


def rebuild(document: None) -> Rebuilt:  # noqa: ARG001 - one interface
    """Refuse."""
    raise Unreadable("kind-refused", "Nothing of this file may pass.", _CSV)
