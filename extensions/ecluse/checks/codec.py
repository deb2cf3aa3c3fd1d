"""Facts as JSON and back, between processes that do not trust each other.

Stops a taken-over reader from sending anything but facts: no pickles, every field checked for its type.

Worked example: `Value(12.0, "12", 0, "")` is `["V", 12.0, "12", 0, ""]`; a list with another letter or another length
is a `ValueError`, which refuses the file.
"""

import json
import types
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ecluse.rules.finding import Place

from .facts import Compound, Facts, FileFacts, Interval, Masked, Text, Value

T = TypeVar("T")
_CELLS: dict[str, type] = {"V": Value, "I": Interval, "M": Masked, "T": Text, "C": Compound}
_LETTERS = {kind: letter for letter, kind in _CELLS.items()}


def encode(facts: Facts) -> bytes:
    """Facts as JSON."""
    return json.dumps(_plain(facts), ensure_ascii=False, separators=(",", ":")).encode()


def decode(data: bytes) -> Facts:
    """Facts of JSON. Raises `ValueError`."""
    return _load(data, Facts)


def encode_file(found: FileFacts) -> bytes:
    """A file's facts as JSON."""
    return json.dumps(_plain(found), ensure_ascii=False, separators=(",", ":")).encode()


def decode_file(data: bytes) -> FileFacts:
    """A file's facts of JSON. Raises `ValueError`."""
    return _load(data, FileFacts)


def _load(data: bytes, kind: type[T]) -> T:
    try:
        value = _made(json.loads(data), kind)
    except (TypeError, KeyError, RecursionError, AttributeError) as error:
        raise ValueError(f"not facts: {type(error).__name__}") from None
    if not isinstance(value, kind):
        raise ValueError("not facts")  # noqa: TRY004 - one error for whatever a reader sends
    return value


@cache
def _fields(kind: Any) -> tuple[tuple[str, Any], ...]:
    hints = get_type_hints(kind)
    return tuple((f.name, hints[f.name]) for f in fields(kind))


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one line per shape of value
    """A value of the facts as lists, texts and numbers."""
    kind = type(value)
    if kind is Text:  # most of what there is are texts and values
        return ["T", value.text]
    if kind is Value:
        return ["V", value.number, value.text, value.decimals, value.unit]
    if kind is str or kind is int or kind is float or value is None:
        return value
    letter = _LETTERS.get(kind)
    if letter is not None:
        return [letter, *(_plain(getattr(value, name)) for name, _ in _fields(value.__class__))]
    if isinstance(value, Place):
        return value.model_dump(exclude_none=True)
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, name)) for name, _ in _fields(value.__class__)]
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, StrEnum) else value


def _made(value: Any, kind: Any) -> Any:  # noqa: PLR0911 - one line per shape of type
    """A value of the facts from lists, texts and numbers, checked against its type."""
    if isinstance(kind, type) and issubclass(kind, bool | int | float | str) and not issubclass(kind, StrEnum):
        return _leaf(value, kind)
    origin = get_origin(kind)
    if origin is tuple:
        return _tuple(value, get_args(kind))
    if origin in (Union, types.UnionType):
        return _union(value, get_args(kind))
    if kind is Place:
        return Place.model_validate(value)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    if kind in _LETTERS:
        return _cell(value, (kind,))
    parts = _fields(kind)
    if not isinstance(value, list) or len(value) != len(parts):
        raise ValueError(f"not a {kind.__name__}")
    return kind(**{name: _made(v, hint) for v, (name, hint) in zip(value, parts, strict=True)})


def _leaf(value: Any, kind: type) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(f"{type(value).__name__} is not {kind.__name__}")
    return value


def _tuple(value: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(args) != 2 or args[1] is not Ellipsis:  # noqa: PLR2004 - `tuple[X, ...]` only
        raise ValueError("not a list")
    return tuple(_made(v, args[0]) for v in value)


def _union(value: Any, args: tuple[Any, ...]) -> Any:
    if value is None and type(None) in args:
        return None
    if any(a in _LETTERS for a in args):
        return _cell(value, args)
    return _made(value, next(a for a in args if a is not type(None)))


def _cell(value: Any, allowed: tuple[Any, ...]) -> Any:
    kind = _CELLS[value[0]] if isinstance(value, list) and value else None
    if kind is None or kind not in allowed:
        raise ValueError("not a cell")
    # Most cells are texts and values: checked here, without the way through the types.
    if kind is Text and len(value) == 2 and type(value[1]) is str:  # noqa: PLR2004 - letter and text
        return Text(value[1])
    if kind is Value and [type(v) for v in value] == [str, float, str, int, str]:
        return Value(*value[1:])
    parts = _fields(kind)
    if len(value) != len(parts) + 1:
        raise ValueError("not a cell")
    return kind(*(_made(v, hint) for v, (_, hint) in zip(value[1:], parts, strict=True)))
