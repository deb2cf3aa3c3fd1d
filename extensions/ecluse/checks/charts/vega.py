"""Vega-Lite (Altair): units of a specification to panels, and the specification again without what is not drawn.

Worked example: bars of `patients` by `region` over a data set that has a column `id` too give a panel of two columns;
the specification is kept with a data set of these two.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from .panel import Column, Datum, Panel, datum, refused

_MARKS = {
    "bar": "bar",
    "line": "line",
    "area": "line",
    "trail": "line",
    "arc": "pie",
    "rect": "cells",
    "point": "points",
    "circle": "points",
    "square": "points",
    "tick": "points",
    "text": "text",
    "rule": "points",
    "errorbar": "points",
    "errorband": "line",
}
_GROUPS = ("color", "fill", "stroke", "shape", "detail", "strokeDash", "xOffset", "yOffset", "row", "column", "facet")
_CHANNELS = (*["x", "y", "x2", "y2", "theta", "radius", "size", "text"], *_GROUPS, "opacity", "order", "label", "key")
_PARTS = ("layer", "hconcat", "vconcat", "concat")
_SCHEMA = re.compile(r"https://vega\.github\.io/schema/vega-lite/v[\d.]+\.json")
_NAME = re.compile(r"data-[0-9a-f]{32}|(?:data|source)[-_]?\d*")
_CHANNEL_KEYS = frozenset(
    [
        "field",
        "type",
        "title",
        "aggregate",
        "bin",
        "sort",
        "stack",
        "axis",
        "legend",
        "scale",
        "format",
        "timeUnit",
        "datum",
        "labelAngle",
        "zero",
        "domain",
        "order",
        "titleFontSize",
        "labelFontSize",
        "orient",
        "columns",
        "value",
        "labels",
        "ticks",
        "grid",
    ]
)
_MARK_KEYS = frozenset(
    [
        "type",
        "point",
        "color",
        "opacity",
        "filled",
        "size",
        "width",
        "interpolate",
        "strokeWidth",
        "line",
        "tooltip",
        "dx",
        "dy",
        "align",
        "baseline",
        "cornerRadius",
        "innerRadius",
        "orient",
        "extent",
    ]
)
_TOP = ("width", "height", "title")


def is_one(value: Any) -> bool:
    """A specification that names its schema."""
    return isinstance(value, dict) and "vega" in str(value.get("$schema", ""))


def panels(spec: dict[str, Any]) -> list[Panel]:
    """The panels. Raises `Unreadable` for what the reader's browser would work out from single values."""
    if not _SCHEMA.fullmatch(str(spec["$schema"])):
        raise refused("The plot is a full Vega program, which is not read.")
    found = [p for unit in _units(spec, {}) if (p := _panel(unit, spec)) is not None]
    if not found:
        raise refused("The plot has no part that is read.")
    return found


def _units(node: dict[str, Any], above: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Units with the encoding and the data that they inherit."""
    if node.get("transform") or "repeat" in node or "url" in (node.get("data") or {}):
        raise refused("The plot works its figures out from other data in the reader's browser.")
    encoding = {**above.get("encoding", {}), **(node.get("encoding") or {})}
    if isinstance(node.get("facet"), dict):
        facet = node["facet"]
        encoding |= {"facet": facet} if "field" in facet else facet
    here = {
        "encoding": encoding,
        "data": node.get("data") or above.get("data"),
        "title": node.get("title") or above.get("title"),
    }
    if "mark" in node:
        yield {**here, "mark": node["mark"]}
    parts = [p for key in _PARTS for p in node.get(key) or []]
    if isinstance(node.get("spec"), dict):
        parts.append(node["spec"])
    for part in parts:
        yield from _units(part, here)


def _rows(unit: dict[str, Any], spec: dict[str, Any]) -> list[dict[str, Any]]:
    data = unit["data"] if isinstance(unit["data"], dict) else {}
    rows = data.get("values")
    if rows is None:
        sets = spec.get("datasets")
        rows = sets.get(data.get("name")) if isinstance(sets, dict) else None
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows):
        raise refused("The data of the plot are elsewhere or of a form that is not read.")
    return rows


def _channels(encoding: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value in encoding.items():
        if name not in _CHANNELS:
            continue
        for channel in value if isinstance(value, list) else [value]:
            if isinstance(channel, dict):
                inner = channel.get("condition")
                yield name, inner if isinstance(inner, dict) and "field" in inner else channel


def _panel(unit: dict[str, Any], spec: dict[str, Any]) -> Panel | None:
    kind = str(unit["mark"].get("type") if isinstance(unit["mark"], dict) else unit["mark"])
    rows = _rows(unit, spec) if unit["data"] else []
    if kind not in _MARKS:
        raise refused(f"The plot ({kind[:20]}) is made from {len(rows)} rows behind it that anybody can read.")
    columns: dict[str, Column] = {}
    sideways = _sideways(unit["encoding"])
    for name, channel in _channels(unit["encoding"]):
        if channel.get("bin") not in (None, False, "binned") or channel.get("aggregate") in ("count", "distinct"):
            raise refused(f"The plot counts {len(rows)} single rows in the reader's browser.")
        field = _field(channel)
        if field is None or field in columns:
            continue
        columns[field] = _column(name, field, channel, rows, sideways=sideways)
    if not columns:
        return None
    made = list(columns.values())
    if not any(c.key for c in made) and len(rows) > 1:
        made = [Column(c.name, c.role, c.values, key=c.role == "x") for c in made]
    mark = _MARKS[kind]
    if mark == "text":
        mark = "cells" if sum(c.key for c in made) > 1 else "bar"
    return _sorted(Panel(mark, tuple(made), _title(unit), sideways))


def _sorted(panel: Panel) -> Panel:
    """Curves in the order of x, as they are drawn."""
    x = panel.role("x")
    if panel.mark != "line" or x is None:
        return panel
    order = sorted(range(panel.rows), key=lambda n: _rank(x.values[n]))
    columns = tuple(Column(c.name, c.role, tuple(c.values[n] for n in order), key=c.key) for c in panel.columns)
    return Panel(panel.mark, columns, panel.title, panel.sideways)


def _rank(value: Datum) -> tuple[bool, float, str]:
    return isinstance(value, str), value if isinstance(value, int | float) else 0.0, str(value)


def _field(channel: dict[str, Any]) -> str | None:
    field = channel.get("field")
    return field.replace("\\.", ".").replace("\\", "") if isinstance(field, str) else None


def _sideways(encoding: dict[str, Any]) -> bool:
    x, y = encoding.get("x"), encoding.get("y")
    words = ("nominal", "ordinal")
    return isinstance(x, dict) and isinstance(y, dict) and y.get("type") in words and x.get("type") not in words


def _column(name: str, field: str, channel: dict[str, Any], rows: list[dict[str, Any]], *, sideways: bool) -> Column:
    values = tuple(datum(r.get(field)) for r in rows)
    role = {"theta": "y", "text": "value", "order": "extra"}.get(name, "group" if name in _GROUPS else name)
    if sideways and name in ("x", "y"):
        role = "y" if name == "x" else "x"
    role = "x" if role == "label" else role if role in ("x", "y", "group") else "extra"
    label = channel.get("type") in ("nominal", "ordinal", "temporal") or any(isinstance(v, str) for v in values)
    if role == "group" and not label:
        role = "value"
    key = (label and role in ("x", "y", "group")) or role == "x"
    return Column(_name(channel, field), role, values, key=key)


def _name(channel: dict[str, Any], field: str) -> str:
    for holder in (channel, channel.get("axis"), channel.get("legend"), channel.get("header")):
        title = holder.get("title") if isinstance(holder, dict) else None
        if isinstance(title, str) and title.strip():
            return str(datum(title))
    return str(datum(field))


def _title(unit: dict[str, Any]) -> str:
    title = unit.get("title")
    found = title.get("text") if isinstance(title, dict) else title
    return str(datum(found)) if isinstance(found, str) else ""


def texts(spec: dict[str, Any]) -> list[str]:
    """Titles of all parts, and values written into marks."""
    found = [t for unit in _units(spec, {}) if (t := _title(unit))]
    return list(dict.fromkeys([t for t in (_title(spec),) if t] + found))


def canonical(spec: dict[str, Any]) -> dict[str, Any]:
    """The specification with known keys only and with the fields that are drawn."""
    used: dict[str, set[str]] = {}
    for unit in _units(spec, {}):
        fields = {f for _, c in _channels(unit["encoding"]) if (f := _field(c)) is not None}
        used.setdefault(_identity(unit["data"]), set()).update(fields)
    made = _part(spec, used)
    made["$schema"] = spec["$schema"]
    view = (spec.get("config") or {}).get("view") if isinstance(spec.get("config"), dict) else None
    if isinstance(view, dict):
        sizes = {k: view[k] for k in ("continuousWidth", "continuousHeight") if _small(view.get(k))}
        made["config"] = {"view": sizes}
    sets = spec.get("datasets")
    if isinstance(sets, dict):
        kept = {k: _pruned(rows, used[k]) for k, rows in sets.items() if k in used}
        names = {k: _safe_name(k, rows, n) for n, (k, rows) in enumerate(kept.items())}
        made["datasets"] = {names[k]: rows for k, rows in kept.items()}
        _rename(made, names)
    return made


def _identity(data: Any) -> str:
    return str(data.get("name", "")) if isinstance(data, dict) and "values" not in data else ""


def _small(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 4000  # pixels


def _safe_name(name: str, rows: list[dict[str, Any]], number: int) -> str:
    """Altair names a data set by the hash of its rows: kept where it is that, since it says nothing else."""
    text = json.dumps(rows, sort_keys=True, default=str)
    hashes = {hashlib.new(k, text.encode(), usedforsecurity=False).hexdigest()[:32] for k in ("md5", "sha256")}
    return name if name.removeprefix("data-") in hashes else f"data-{number + 1}"


def _pruned(rows: Any, fields: set[str]) -> list[dict[str, Any]]:
    kept = [{str(datum(k)): datum(v) for k, v in r.items() if k in fields} for r in rows if isinstance(r, dict)]
    return [{k: r.get(k) for k in r} for r in kept]


def _rename(node: Any, names: dict[str, str]) -> None:
    if isinstance(node, dict):
        data = node.get("data")
        if isinstance(data, dict) and data.get("name") in names:
            node["data"] = {"name": names[data["name"]]}
        for key in (*_PARTS, "spec"):
            part = node.get(key)
            for one in part if isinstance(part, list) else [part]:
                _rename(one, names)


def _part(node: dict[str, Any], used: dict[str, set[str]]) -> dict[str, Any]:
    made: dict[str, Any] = {k: node[k] for k in ("width", "height") if _small(node.get(k))}
    if isinstance(title := _title(node), str) and title:
        made["title"] = title
    if isinstance(node.get("data"), dict):
        data = node["data"]
        made["data"] = (
            {"values": _pruned(data["values"], used.get("", set()))}
            if "values" in data
            else {"name": str(data.get("name"))}
        )
    if "mark" in node:
        mark = node["mark"]
        made["mark"] = (
            {k: _scalar(v) for k, v in mark.items() if k in _MARK_KEYS and _scalar(v) is not None}
            if isinstance(mark, dict)
            else str(mark)
        )
    made |= {k: _encoding(node[k], used) for k in ("encoding", "facet") if isinstance(node.get(k), dict)}
    for key in _PARTS:
        if isinstance(node.get(key), list):
            made[key] = [_part(p, used) for p in node[key]]
    if isinstance(node.get("spec"), dict):
        made["spec"] = _part(node["spec"], used)
    return made


def _encoding(found: dict[str, Any], used: dict[str, set[str]]) -> dict[str, Any]:
    """Channels; what only a tooltip shows is gone from the data, so it is gone here too."""
    if "field" in found:
        return dict(_channel(found))
    drawn = set().union(*used.values())
    known = {k: v for k, v in found.items() if k in _CHANNELS}
    tips = found.get("tooltip")
    tips = [t for t in (tips if isinstance(tips, list) else [tips]) if isinstance(t, dict) and _field(t) in drawn]
    made = {k: _each(v) for k, v in known.items()}
    return made | ({"tooltip": [_channel(t) for t in tips]} if tips else {})


def _each(value: Any) -> Any:
    return [_channel(v) for v in value if isinstance(v, dict)] if isinstance(value, list) else _channel(value)


_WORD = re.compile(r"[A-Za-z#:_.,%~0-9-]{0,24}")


def _scalar(value: Any) -> Any:
    """A style: a short word, a truth or a small number."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return round(value, 2) if abs(value) <= 10_000 else None  # pixels, degrees
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _channel(value: Any, depth: int = 0) -> Any:
    """A channel with known keys: field and title as written, all else as styles."""
    if not isinstance(value, dict) or depth > 2:  # channel, axis, no deeper
        return {}
    made: dict[str, Any] = {}
    for key, child in value.items():
        if key not in _CHANNEL_KEYS:
            continue
        if key in ("field", "title", "datum"):
            found: Any = datum(child) if not isinstance(child, dict | list) else None
        elif isinstance(child, dict):
            found = _channel(child, depth + 1)
        elif key == "sort" and isinstance(child, list):
            found = [datum(v) for v in child]
        elif child is None and key in ("axis", "legend", "sort", "stack", "title"):
            made[key] = None
            continue
        else:
            found = _scalar(child)
        if found is not None:
            made[key] = found
    return made
