"""JSON: parsed under bounds of depth and size, written anew in canonical form.

Kept: values. Dropped: the order of keys, white space, duplicate keys, digits that no double holds. Records (a list of
objects with the same keys, or pandas' `columns`/`data` forms) become tables; other numbers keep their path as context.

A specification of a chart (Plotly, Vega-Lite, Bokeh) is kept with the data that it draws and no others.

Worked example: `{"n": {"Nord": 12}}` gives the number 12 with `before == "n / Nord = "`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ecluse.checks import charts
from ecluse.checks.facts import Facts, Passage, Place, Source, TextNumber, Value
from ecluse.checks.limits import Limits
from ecluse.checks.models import boosters

from . import Rebuilt, Unreadable, markup, page
from .clean import clean
from .delimited import check_size, decode
from .grid import table_of
from .merging import facts_of_table, merge
from .numbers import find_numbers

NAME = "json"
_NODES = 1_000_000
_OF_A_FRAME = ("columns", "data", "index")
"""What pandas writes of a frame; keys beside them are no part of its table."""
_AREAS = ("Polygon", "MultiPolygon")
_DIGITS = 400
# An open string ends with the text: json refuses it there, and a reader that tried every quote again would be slow.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_NO_BRACKET = bytes(b for b in range(256) if b not in b"[]{}")


@dataclass(frozen=True, slots=True)
class Document:
    """The values, texts in canonical Unicode."""

    value: Any
    chart: charts.Chart | None = None


def sniff(head: bytes, name: str) -> bool:
    """An object or a list, where the name does not say that it is something else."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.match(rb"\[[^\[\]{},\"]{0,40}\][ \t]*[^\s\]\[{},]", start):  # `[12] auc: 0.8`, a line of a log
        return False
    if re.match(rb"\[\s*\[\s*[-+\d.eE]+\s+[-+\d.]", start):  # an array that numpy printed
        return False
    return start[:1] in (b"{", b"[") and (
        name.lower().endswith((".json", ".geojson")) or start[1:2] in b'"{[ \r\n\t0123456789-'
    )


def _depth(text: str) -> int:
    """Deepest nesting, without building anything: json's own recursion would exhaust the stack."""
    brackets = _STRING.sub("", text).encode("utf-8", "replace").translate(None, _NO_BRACKET)
    codes = np.frombuffer(brackets, dtype=np.uint8)
    steps = np.where((codes == ord("[")) | (codes == ord("{")), np.int8(1), np.int8(-1))
    return int(steps.cumsum(dtype=np.int32).max(initial=0))


def parse_json(text: str, limits: Limits) -> Any:
    """Values of a JSON text. Raises `Unreadable` where it is too deep or no JSON."""
    fix = "Save it again with json.dump."
    if text.count("[") + text.count("{") > limits.depth and _depth(text) > limits.depth:
        raise Unreadable(
            "too-deep", f"The JSON is nested deeper than {limits.depth} levels.", "Release a flatter form."
        )
    try:
        return json.loads(text.removeprefix("\ufeff"), parse_constant=lambda name: name, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise Unreadable("file-malformed", f"Not JSON: {str(error)[:200]}.", fix) from None


def _integer(text: str) -> int | float:
    return int(text) if len(text) < _DIGITS else float(text[:300])


def read(data: bytes, limits: Limits, name: str = "") -> Document:  # noqa: ARG001 - one interface
    """The values. Raises `Unreadable`."""
    nodes = 0

    def canonical(value: Any) -> Any:
        nonlocal nodes
        nodes += 1
        if nodes > _NODES:
            raise Unreadable("too-many-cells", f"The JSON has more than {_NODES:,} values.", "Release a summary.")
        if isinstance(value, dict):
            return {clean(k): canonical(v) for k, v in value.items()}
        if isinstance(value, list):
            check_size(len(value), 0, 0, limits)
            return [canonical(v) for v in value]
        return clean(value) if isinstance(value, str) else value

    parsed = parse_json(decode(data), limits)
    if boosters.is_learner(parsed):  # the parts in an order that XGBoost does not write
        raise Unreadable("model-part", "An XGBoost model whose parts are not in their order.", "Use save_model.")
    chart = charts.chart_of(parsed)
    if chart is not None:
        return Document(canonical(chart.canonical), chart)
    return Document(canonical(parsed))


def facts(document: Document) -> Facts:
    """Tables of records, numbers with their path, and every text."""
    if document.chart is not None:
        return document.chart.facts()
    tables: list[Facts] = []
    numbers: list[TextNumber] = []
    texts: list[str] = []
    for path, value in walk(document.value):
        grid = as_grid(value)
        if grid is not None:
            table = table_of(grid, where=path, header_rows=1)
            if table is not None:
                tables.append(facts_of_table(table))
        elif isinstance(value, bool) or value is None:
            texts.append(path)
        elif isinstance(value, int | float):
            shown = Value(
                float(value),
                json.dumps(value)[:80],
                len(str(value).partition(".")[2]) if isinstance(value, float) else 0,
            )
            numbers.append(TextNumber(shown, f"{path} = ", "", where=path[:200]))
        else:
            numbers.extend(find_numbers(str(value), path[:200]))
            texts.append(f"{path}: {value}")
    texts += _dictionaries(document.value)
    texts += [f"{path}: {json.dumps(pair)}" for path, pair in _points(document.value)]
    return merge(
        *tables, Facts(numbers=tuple(numbers), passages=(Passage("\n".join(texts), Source.OUTPUT, "", Place()),))
    )


def _dictionaries(value: Any) -> Iterator[str]:
    """Objects of single values, as Python prints them: they say of persons and of groups what a print says."""
    if isinstance(value, dict):
        flat = {k: v for k, v in value.items() if not isinstance(v, dict | list | bool) and v is not None}
        if len(flat) > 1 and any(isinstance(v, int | float) for v in flat.values()):
            yield repr(flat)
        elif flat and any(isinstance(v, int | float) for v in flat.values()):
            yield " ".join(flat)
        for child in value.values():
            yield from _dictionaries(child)
    elif isinstance(value, list) and as_grid(value) is None:
        for child in value:
            yield from _dictionaries(child)


def _points(value: Any, path: str = "") -> Iterator[tuple[str, list[float]]]:
    """Pairs of broken numbers, as GeoJSON writes places."""
    if isinstance(value, dict):
        if value.get("type") in _AREAS:
            return
        for key, child in value.items():
            yield from _points(child, f"{path} / {key}" if path else str(key))
    elif isinstance(value, list):
        if len(value) == 2 and all(isinstance(v, float) for v in value):  # longitude and latitude
            yield path, value
        for child in value:
            yield from _points(child, path)


def walk(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Tables and leaves below a value with their paths, depth first. The outline of an area counts nobody."""
    if isinstance(value, dict) and value.get("type") in _AREAS and isinstance(value.get("coordinates"), list):
        return
    if as_grid(value) is not None:
        yield path, value
        yield from _beside_a_frame(value, path)
    elif isinstance(value, dict):
        beside = _side_by_side(value)
        if beside:
            yield path, beside
        for key, child in value.items():
            if key not in beside:
                yield from walk(child, f"{path} / {key}" if path else str(key))
    elif isinstance(value, list):
        for number, child in enumerate(value):
            yield from walk(child, f"{path}[{number}]")
    else:
        yield path, value


def _beside_a_frame(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """What stands beside the columns and the data of a frame, where pandas writes nothing."""
    if isinstance(value, dict) and isinstance(value.get("data"), list) and isinstance(value.get("columns"), list):
        for key, child in value.items():
            if key not in _OF_A_FRAME:
                yield from walk(child, f"{path} / {key}" if path else str(key))


def as_grid(value: Any) -> list[list[str]] | None:
    """Rows of text where a value is a table: records, `columns`/`data`, columns of equal length, or a matrix."""
    if isinstance(value, list) and len(value) > 1 and all(isinstance(r, dict) for r in value):
        keys = list(dict.fromkeys(k for r in value for k in r))
        if len(keys) <= 500 and all(_flat(v) for r in value for v in r.values()):  # widest table
            return [keys, *([show(r.get(k)) for k in keys] for r in value)]
    if (
        isinstance(value, list)
        and len(value) > 1
        and all(isinstance(r, list) and len(r) == len(value[0]) > 1 for r in value)
        and all(_flat(v) for r in value for v in r)
    ):
        return [[""] * len(value[0]), *([show(v) for v in r] for r in value)]
    if isinstance(value, dict) and isinstance(value.get("data"), list) and isinstance(value.get("columns"), list):
        rows, index = value["data"], value.get("index")
        if all(isinstance(r, list) and len(r) == len(value["columns"]) and all(map(_flat, r)) for r in rows):
            names = index if isinstance(index, list) and len(index) == len(rows) else None
            body = [[*([show(names[n])] if names else []), *map(show, r)] for n, r in enumerate(rows)]
            return [[*([""] if names else []), *map(show, value["columns"])], *body]
    if (
        isinstance(value, dict)
        and len(value) > 1
        and all(isinstance(v, dict | list) and len(v) > 1 for v in value.values())
    ):
        return _columns(value)
    return None


def _side_by_side(value: dict[str, Any]) -> dict[str, list[Any]]:
    """Lists of one length among an object's values, one of them of words: columns whatever stands beside them."""
    lists = {k: v for k, v in value.items() if isinstance(v, list) and len(v) > 2 and all(map(_flat, v))}
    for first in lists.values():
        alike = {k: v for k, v in lists.items() if len(v) == len(first)}
        if len(alike) > 1 and any(isinstance(x, str) for v in alike.values() for x in v):
            return alike
    return {}


def _columns(value: dict[str, Any]) -> list[list[str]] | None:
    """Columns of equal length (lists) or with equal keys (pandas' default form)."""
    columns = list(value.values())
    if all(isinstance(c, list) and len(c) == len(columns[0]) and all(map(_flat, c)) for c in columns):
        return [list(value), *([show(c[n]) for c in columns] for n in range(len(columns[0])))]
    if all(isinstance(c, dict) and c.keys() == columns[0].keys() and all(map(_flat, c.values())) for c in columns):
        return [["", *value], *([key, *(show(c[key]) for c in columns)] for key in columns[0])]
    return None


def _flat(value: Any) -> bool:
    return not isinstance(value, dict | list)


def show(value: Any) -> str:
    """A leaf as text."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def rebuild(document: Document) -> Rebuilt:
    """Sorted keys, two blanks of indentation, UTF-8; a page where a chart's own format is not written."""
    notes = (charts.note([document.chart]),) if document.chart is not None else ()
    if document.chart is not None and document.chart.canonical is None:
        return Rebuilt(page.written(markup.Page([*charts.parts([document.chart])])), ".html", notes)
    text = json.dumps(document.value, ensure_ascii=False, indent=2, sort_keys=True)
    return Rebuilt((text + "\n").encode(), ".json", notes)
