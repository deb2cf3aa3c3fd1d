"""Arrays as Plotly and Bokeh write them: lists, or base64 of typed numbers.

Worked example: `{"dtype": "i2", "bdata": "tAS4Aw=="}` is 1204, 952.
"""

import base64
import binascii
import zlib
from typing import Any

import numpy as np

from ecluse.checks.kinds import Unreadable

_TYPES = {
    **{short: short for short in ("f8", "f4", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")},
    "float64": "f8", "float32": "f4", "int8": "i1", "int16": "i2", "int32": "i4", "uint8": "u1", "uint16": "u2",
    "uint32": "u4", "int64": "i8", "uint64": "u8", "bool": "u1",
}  # fmt: skip


_MOST = 16 << 20


def decode(kind: Any, text: Any, shape: Any = None, order: str = "<") -> list[Any]:
    """The numbers of a base64 text. Raises `Unreadable`."""
    code = _TYPES.get(str(kind))
    try:
        raw = _unpacked(base64.b64decode(str(text), validate=True))
        array = np.frombuffer(raw, dtype=f"{order}{code}")
        if isinstance(shape, str):
            shape = [int(n) for n in shape.split(",")]
        return list((array.reshape(shape) if isinstance(shape, list) and len(shape) > 1 else array).tolist())
    except (binascii.Error, ValueError, TypeError, zlib.error):
        raise Unreadable("interactive-plot", "An array of the plot can't be read.", "Save the figure as PNG.") from None


def _unpacked(raw: bytes) -> bytes:
    """Bytes, also those that Bokeh compresses, up to a bound."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    opened = zlib.decompressobj(16 + zlib.MAX_WBITS)
    made = opened.decompress(raw, _MOST)
    if not opened.eof:
        raise ValueError
    return made


def plain(value: Any) -> Any:
    """A value with every encoded array of Plotly's as lists."""
    if isinstance(value, dict):
        if "bdata" in value:
            return decode(value.get("dtype"), value["bdata"], value.get("shape"))
        return {str(k): plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value
