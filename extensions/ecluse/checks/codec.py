"""Facts as JSON and back, between processes that do not trust each other.

Stops a taken-over reader from sending anything but facts: no pickles, every field checked for its type.

Worked example: `Value(12.5, "12,50", 2, "%")` is `["V", 12.5, "12,50", 2, "%"]`; a list with another letter or another
length is a `ValueError`, which refuses the file. Most cells are shorter: `Text("Nord")` is `"Nord"`, and a number
written the plain way is that number, `Value(12.0, "12", 0, "")` as `12` and `Value(0.5, "0.5", 1, "")` as `0.5`.
"""

import json
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from ecluse.rules.finding import Place

from .facts import Compound, Facts, FileFacts, Interval, Masked, Text, Value

T = TypeVar("T")
_CELLS: dict[str, type] = {"V": Value, "I": Interval, "M": Masked, "T": Text, "C": Compound}
_LARGEST = 10**15
"""Whole numbers below it are told apart as `float`."""
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
        value = _maker(cast("Any", kind))(json.loads(data))
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
    if kind is Text:
        return value.text
    if kind is Value:
        return _plain_value(value)
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
        # Most of what there is are texts and values, in rows of cells.
        return [v.text if type(v) is Text else _plain_value(v) if type(v) is Value else _plain(v) for v in value]
    return str(value) if isinstance(value, StrEnum) else value


def _plain_value(value: Value) -> Any:
    """A number as it is where that says all of it: its text, its decimals, and that it has no unit."""
    number, text, decimals = value.number, value.text, value.decimals
    if not value.unit and not decimals and abs(number) < _LARGEST:
        short = int(number)
        if short == number and str(short) == text:
            return short
    elif not value.unit and repr(number) == text and len(text.partition(".")[2]) == decimals:
        return number
    return ["V", number, text, decimals, value.unit]


@lru_cache(maxsize=1 << 16)
def _whole(number: int) -> Value:
    """The value of a whole number that is written the plain way."""
    return Value(float(number), str(number))


@lru_cache(maxsize=1 << 14)
def _broken(number: float) -> Value:
    """The value of any other number that is written the plain way."""
    text = repr(number)
    return Value(number, text, len(text.partition(".")[2]))


Made: TypeAlias = Callable[[Any], Any]
"""Makes a value of the facts from lists, texts and numbers, checked against its type."""


@cache
def _maker(kind: Any) -> Made:
    """What makes values of a type: its shape is looked at once, not at every value."""
    origin = get_origin(kind)
    if origin is tuple:
        return _tuples(get_args(kind))
    if origin in (Union, types.UnionType):
        return _unions(get_args(kind))
    if kind is Place:
        return lambda value: _place(tuple(value.items()))
    if issubclass(kind, StrEnum):
        return cast("Made", kind)
    if issubclass(kind, bool | int | float | str):
        return _leaves(kind)
    return _cells((kind,)) if kind in _LETTERS else _records(kind)


@lru_cache(maxsize=1 << 14)
def _place(items: tuple[tuple[str, Any], ...]) -> Place:
    """A place, which does not change: those of rows are the same in every table."""
    return Place.model_validate(dict(items))


def _leaves(kind: type) -> Made:
    def made(value: Any) -> Any:
        if type(value) is kind:
            return value
        if kind is float and type(value) is int:
            return float(value)
        raise ValueError(f"{type(value).__name__} is not {kind.__name__}")

    return made


def _tuples(args: tuple[Any, ...]) -> Made:
    if len(args) != 2 or args[1] is not Ellipsis:  # `tuple[X, ...]` only
        raise TypeError("facts hold tuples of one type and any length")
    make = _maker(args[0])

    def made(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise ValueError("not a list")
        return tuple([make(v) for v in value])

    def row(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise ValueError("not a list")
        # Most of what there is are words and whole numbers in rows of cells.
        return tuple(
            [
                Text(v) if type(v) is str
                else _whole(v) if type(v) is int and -_LARGEST < v < _LARGEST
                else make(v)
                for v in value
            ]
        )  # fmt: skip

    return row if {Text, Value} <= set(get_args(args[0])) else made


def _unions(args: tuple[Any, ...]) -> Made:
    if any(a in _LETTERS for a in args):
        return _cells(args)
    make = _maker(next(a for a in args if a is not type(None)))
    return lambda value: None if value is None else make(value)


def _records(kind: type) -> Made:
    parts = _fields(kind)
    makes = [_maker(hint) for _, hint in parts]

    def made(value: Any) -> Any:
        if type(value) is not list or len(value) != len(makes):
            raise ValueError(f"not a {kind.__name__}")
        return kind(*[make(v) for make, v in zip(makes, value, strict=True)])

    return made


def _cells(allowed: tuple[Any, ...]) -> Made:
    records = {_LETTERS[kind]: _records(kind) for kind in allowed}

    def made(value: Any) -> Any:
        kind = type(value)
        if kind is str and "T" in records:
            return Text(value)
        if kind is int and "V" in records and abs(value) < _LARGEST:
            return _whole(value)
        if kind is float and "V" in records:
            return _broken(value)
        if kind is not list or not value or value[0] not in records:
            raise ValueError("not a cell")
        letter = value[0]
        # Most cells are texts and values: checked here, without the way through the types.
        if letter == "V" and len(value) == 5:  # letter and fields
            _, number, text, decimals, unit = value
            if type(number) is float and type(text) is str and type(decimals) is int and type(unit) is str:
                return Value(number, text, decimals, unit)
        return records[letter](value[1:])

    return made
