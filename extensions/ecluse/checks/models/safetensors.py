"""safetensors: a header of names, types and shapes, then bytes. Read and written by its own short specification.

Kept: the tensors, sorted by name. Dropped: `__metadata__`, gaps, bytes after the end, the order of the file.
"""

import json
import struct
from typing import Any

import numpy as np

from ecluse.checks.kinds import Rebuilt, Unreadable

from .model import Model, Named

_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_MOST_HEADER = 8_000_000
_NAME = 300
_FIX = "Save it again with safetensors' save_file."

Tensors = dict[str, tuple[str, list[int], bytes]]


def is_one(head: bytes) -> bool:
    """Whether the first bytes are a header's length and its begin."""
    return (
        len(head) > 10 and head[8:9] == b"{" and 2 <= struct.unpack("<Q", head[:8])[0] <= _MOST_HEADER
    )  # the format's own bounds


def read(data: bytes) -> tuple[Model, Tensors]:
    """The model and its tensors. Raises `Unreadable`."""
    size = struct.unpack("<Q", data[:8])[0]
    try:
        header: dict[str, Any] = json.loads(data[8 : 8 + size])
        body = memoryview(data)[8 + size :]
        model = Model("safetensors")
        tensors: Tensors = {}
        spans: list[tuple[int, int]] = []
        for name, about in header.items():
            if name == "__metadata__":
                model.dropped.append("metadata")
                continue
            (start, end), shape, kind = about["data_offsets"], [int(n) for n in about["shape"]], about["dtype"]
            count = int(np.prod(shape, dtype=np.int64)) if shape else 1
            if not 0 <= start <= end <= len(body) or (end - start) != count * np.dtype(_TYPES[kind]).itemsize:
                raise ValueError("a tensor lies outside the file")  # noqa: TRY301 - one refusal for all
            tensors[name] = (kind, shape, bytes(body[start:end]))
            spans.append((start, end))
            model.texts.append(name)
            model.arrays.append(Named(name, _values(kind, tensors[name][2]).reshape(shape)))
    except (KeyError, TypeError, ValueError, RecursionError, OverflowError) as error:
        raise Unreadable("file-malformed", f"Not a safetensors file ({type(error).__name__}).", _FIX) from None
    if sum(b - a for a, b in spans) != len(body):
        model.dropped.append("bytes that belong to no tensor, or to several")
    return model, tensors


def _values(kind: str, raw: bytes) -> Any:
    values = np.frombuffer(raw, dtype=_TYPES[kind])
    return (values.astype("<u4") << 16).view("<f4") if kind == "BF16" else values


def rebuild(tensors: Tensors) -> Rebuilt:
    """The tensors by name, without gaps."""
    header: dict[str, Any] = {}
    body = bytearray()
    for name in sorted(tensors):
        kind, shape, raw = tensors[name]
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return Rebuilt(struct.pack("<Q", len(text)) + text + bytes(body), ".safetensors")
