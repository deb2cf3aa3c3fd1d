"""ONNX: the protobuf is walked field by field by the numbers of its public schema (onnx.proto), and written anew.

Kept: operators of the standard domains, their attributes, inputs, outputs and initialisers. Dropped: documentation
strings, metadata, names of producers, unknown fields, training information. A file that loads data from elsewhere, or
carries operators or functions of its own, is refused.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ecluse.checks.kinds import Rebuilt, Unreadable

from .model import Model, Named

Message = list[tuple[int, int, Any]]
"""Fields of a message in order: number, wire type, value (int, bytes, or a `Message`)."""
_FIX = "Export the model again to ONNX with the standard operators, in one file."
_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml"})
_DEPTH = 60
_FLOATS, _DOUBLES = 4, 10
_TYPE: dict[int, str] = {1: "<f4", 2: "u1", 3: "i1", 5: "<i2", 6: "<i4", 7: "<i8", 9: "?", 10: "<f2", 11: "<f8",
                         12: "<u4", 13: "<u8"}  # fmt: skip
_SHAPE: dict[str, dict[int, str]] = {
    "model": {1: "", 5: "", 7: "graph", 8: "opset"},
    "opset": {1: "", 2: ""},
    "graph": {1: "node", 2: "", 5: "tensor", 11: "value", 12: "value", 13: "value", 15: "sparse"},
    "node": {1: "", 2: "", 3: "", 4: "", 5: "attribute", 7: ""},
    "attribute": {1: "", 2: "", 3: "", 4: "", 5: "tensor", 6: "graph", 7: "", 8: "", 9: "", 10: "tensor", 11: "graph",
                  20: ""},
    "tensor": {1: "", 2: "", 4: "", 5: "", 6: "", 7: "", 8: "", 9: "", 10: "", 11: ""},
    "sparse": {1: "tensor", 2: "tensor", 3: ""},
    "value": {1: "", 2: "type"},
    "type": {1: "shaped", 4: "sequence", 5: "map", 8: "shaped"},
    "shaped": {1: "", 2: "dims"}, "dims": {1: "dim"}, "dim": {1: "", 2: ""},
    "sequence": {1: "type"}, "map": {1: "", 2: "type"},
}  # fmt: skip
_TEXTS = {"node": (3,), "graph": (2,), "attribute": (4, 9), "tensor": (6, 8), "value": (1,)}
_REFUSED = {("model", 20): "training information", ("model", 25): "functions of its own",
            ("tensor", 13): "data outside of the file", ("attribute", 21): "references to functions"}  # fmt: skip


def is_one(data: bytes) -> bool:
    """Whether the whole file is a message with an ONNX version, a graph and operator sets."""
    try:
        seen = {number: kind for number, kind, _ in _fields(data)}
    except ValueError:
        return False
    return seen.get(1) == 0 and seen.get(7) == 2 and seen.get(8) == 2  # wire types


def begins(head: bytes) -> bool:
    """Whether the first bytes can begin such a message: its version first, as every writer does."""
    return head[:1] == b"\x08"


def _fields(data: bytes) -> Iterator[tuple[int, int, Any]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value: Any
            value, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            value, at = data[at : at + size], at + size
        elif kind == 2:  # wire type
            size, at = _varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            raise ValueError("a wire type that is not in use")
        if at > len(data) or number == 0:
            raise ValueError("cut off")
        yield number, kind, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:  # 64 bits
            raise ValueError("cut off")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:  # last of the number
            return value, at


def read(data: bytes) -> tuple[Model, Message]:
    """The model and its canonical message. Raises `Unreadable`."""
    model = Model("ONNX")
    try:
        message = _walk(data, "model", model, 0)
    except (ValueError, KeyError) as error:
        raise Unreadable("file-malformed", f"Not an ONNX file ({str(error)[:60]}).", _FIX) from None
    return model, message


def _walk(data: bytes, shape: str, model: Model, depth: int) -> Message:
    if depth > _DEPTH:
        raise ValueError("nested too deeply")
    out: Message = []
    known = _SHAPE[shape]
    for number, kind, value in _fields(data):
        if (shape, number) in _REFUSED:
            what = _REFUSED[shape, number]
            raise Unreadable("model-part", f"The ONNX model holds {what}, which nobody can check.", _FIX)
        if number not in known:
            model.dropped.append(f"field {number} of a {shape}")
            continue
        if known[number] and kind == 2:  # a message
            out.append((number, kind, _walk(value, known[number], model, depth + 1)))
        else:
            out.append((number, kind, value))
            if number in _TEXTS.get(shape, ()) and isinstance(value, bytes):
                model.texts.append(value.decode("utf-8", "replace"))
    _take(shape, out, model)
    return sorted(out, key=lambda f: f[0])


def _take(shape: str, fields: Message, model: Model) -> None:
    """Arrays and operators of one message."""
    first = {n: v for n, _, v in reversed(fields)}
    if shape == "node":
        domain, op = bytes(first.get(7, b"")).decode(), bytes(first.get(4, b"")).decode("utf-8", "replace")
        if domain not in _DOMAINS:
            raise Unreadable("model-part", f"The ONNX model uses the foreign operator {domain[:40]}.{op[:40]}.", _FIX)
        if op and op not in model.classes:
            model.classes.append(op)
    elif shape == "attribute":
        name = bytes(first.get(1, b"")).decode("utf-8", "replace")
        floats = _packed(fields, 7, "<f4")
        if floats.size:
            model.arrays.append(Named(name, floats))
    elif shape == "tensor":
        model.arrays.append(Named(bytes(first.get(8, b"")).decode("utf-8", "replace"), _tensor(fields, first)))


def _packed(fields: Message, number: int, kind: str) -> Any:
    parts = [v for n, _, v in fields if n == number and isinstance(v, bytes)]
    return np.frombuffer(b"".join(parts), dtype=kind) if parts else np.empty(0)


def _tensor(fields: Message, first: dict[int, Any]) -> Any:
    dims: list[int] = []
    for n, _, v in fields:
        if n == 1:
            dims += [v] if isinstance(v, int) else _varints(v)
    kind = _TYPE.get(first.get(2, 0))
    if isinstance(first.get(9), bytes) and kind:
        values = np.frombuffer(first[9], dtype=kind)
    elif _FLOATS in first or _DOUBLES in first:
        values = _packed(fields, *((_FLOATS, "<f4") if _FLOATS in first else (_DOUBLES, "<f8")))
    else:
        whole: list[int] = []
        for n, _, v in fields:
            if n in (5, 7, 11):
                whole += [v] if isinstance(v, int) else _varints(v)
        values = np.array(whole, dtype=np.float64)
    size = int(np.prod(dims, dtype=np.int64)) if dims else values.size
    return values.reshape(dims) if dims and size == values.size else values


def _varints(data: bytes) -> list[int]:
    out, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        out.append(value)
    return out


def rebuild(message: Message) -> Rebuilt:
    """The message written anew, fields by number."""
    return Rebuilt(_written(message), ".onnx")


def _written(message: Message) -> bytes:
    out = bytearray()
    for number, kind, value in message:
        out += _number(number << 3 | kind)
        if kind == 0:
            out += _number(value)
        elif kind == 2:  # wire type
            body = _written(value) if isinstance(value, list) else value
            out += _number(len(body)) + body
        else:
            out += value
    return bytes(out)


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:  # seven bits a byte
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
