"""Thrift's compact protocol, as much of it as the page headers and the footer of Parquet need.

A value is the code of its type and its bytes.
"""

from collections.abc import Mapping, Sequence

Value = tuple[int, bytes]
_TRUE, _FALSE, _I8, _I16, _I32, _I64, _BINARY, _LIST, _STRUCT = 1, 2, 3, 4, 5, 6, 8, 9, 12
_SHORT = 15
"""Lists of fewer values, and steps of at most so many between two fields, have a place in the first byte."""


def varint(number: int) -> bytes:
    """A number from 0 on in groups of seven bits, the lowest first."""
    made = bytearray()
    while number >= 1 << 7:
        made.append(number & 127 | 128)
        number >>= 7
    made.append(number)
    return bytes(made)


def _zigzag(number: int) -> bytes:
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def i8(number: int) -> Value:
    """A number of 8 bits."""
    return _I8, number.to_bytes(1, "little", signed=True)


def i16(number: int) -> Value:
    """A number of 16 bits."""
    return _I16, _zigzag(number)


def i32(number: int) -> Value:
    """A number of 32 bits."""
    return _I32, _zigzag(number)


def i64(number: int) -> Value:
    """A number of 64 bits."""
    return _I64, _zigzag(number)


def binary(content: bytes | str) -> Value:
    """Bytes, or text in UTF-8."""
    content = content.encode() if isinstance(content, str) else content
    return _BINARY, varint(len(content)) + content


def boolean(*, value: bool) -> Value:
    """True or false, as a field of a struct."""
    return (_TRUE if value else _FALSE), b""


def listed(values: Sequence[Value]) -> Value:
    """A list of values of one type; one without any is taken as of structs."""
    kind, size = values[0][0] if values else _STRUCT, len(values)
    head = bytes([size << 4 | kind]) if size < _SHORT else bytes([_SHORT << 4 | kind]) + varint(size)
    return _LIST, head + b"".join(content for _, content in values)


def struct(fields: Mapping[int, Value | None]) -> Value:
    """Fields by number, in the order of their numbers; those that are None are left out."""
    made, last = [], 0
    for number, value in fields.items():
        if value is not None:
            kind, content = value
            step = number - last
            made.append(bytes([step << 4 | kind]) if step <= _SHORT else bytes([kind]) + _zigzag(number))
            made.append(content)
            last = number
    return _STRUCT, b"".join(made) + b"\0"
