"""Bokeh's documents: glyphs with their columns to panels.

Worked example: `p.vbar(x=…, top=…)` over a source that also has a column `id` gives a panel of the two columns.
"""

from collections.abc import Iterator
from typing import Any

from . import arrays
from .panel import Column, Datum, Panel, datum, refused

_GLYPHS = {
    "VBar": ("bar", "x", "top"), "HBar": ("bar", "y", "right"), "Line": ("line", "x", "y"), "Step": ("line", "x", "y"),
    "VArea": ("line", "x", "y2"), "HArea": ("line", "y", "x2"), "Scatter": ("points", "x", "y"),
    "Circle": ("points", "x", "y"),
    "Rect": ("cells", "x", "y"), "Quad": ("bar", "left", "top"), "Text": ("text", "x", "y"), "Wedge": ("pie", "", ""),
    "AnnularWedge": ("pie", "", ""), "Whisker": ("points", "base", "upper"), "Segment": ("points", "x0", "y0"),
}  # fmt: skip


def is_one(value: Any) -> bool:
    """A document with roots, or several by id, or what `json_item` writes."""
    return bool(list(_documents(value)))


def _documents(value: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(value, dict):
        return
    for candidate in (value, value.get("doc"), *value.values()):
        if isinstance(candidate, dict) and isinstance(candidate.get("roots"), list) and "version" in candidate:
            yield candidate


def panels(value: Any) -> list[Panel]:
    """The panels. Raises `Unreadable` for data of persons and for glyphs that are not read."""
    objects: dict[str, dict[str, Any]] = {}
    found: list[Panel] = []
    for document in _documents(value):
        everything = list(_objects(document["roots"]))
        objects |= {str(o["id"]): o for o in everything if "id" in o}
        figures = [o for o in everything if o.get("name") == "Figure"]
        for figure in figures:
            inside = list(_objects(figure))
            title, names = _words(inside, figure)
            renderers = [o for o in inside if o.get("name") == "GlyphRenderer"]
            found += [_panel(r.get("attributes", {}), objects, title, names) for r in renderers]
        if any(o.get("name") in ("DataTable", "GraphRenderer", "CustomJS") for o in everything):
            raise refused("The plot has parts (tables, graphs, programs) that are not read.")
    if not found:
        raise refused("The plot has no part that is read.")
    return found


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield node
        for child in node.values():
            yield from _objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from _objects(child)


def _words(inside: list[dict[str, Any]], figure: dict[str, Any]) -> tuple[str, tuple[str, str]]:
    attributes = figure.get("attributes", {})
    title = next((o["attributes"].get("text") for o in inside if o.get("name") == "Title" and "attributes" in o), "")
    sides = []
    for place in (("below", "above"), ("left", "right")):
        axes = [o for side in place for o in _objects(attributes.get(side, []))]
        labels = [o.get("attributes", {}).get("axis_label") for o in axes]
        sides.append(str(datum(next((t for t in labels if isinstance(t, str)), "")) or ""))
    return str(datum(title) if isinstance(title, str) else ""), (sides[0], sides[1])


def _resolved(value: Any, objects: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if isinstance(value, dict) and "attributes" not in value and "id" in value:
        value = objects.get(str(value["id"]), {})
    return value if isinstance(value, dict) else {}


def _source(renderer: dict[str, Any], objects: dict[str, dict[str, Any]]) -> dict[str, list[Any]]:
    source = _resolved(renderer.get("data_source"), objects)
    data = source.get("attributes", {}).get("data", {})
    entries = data.get("entries", []) if isinstance(data, dict) else []
    return {str(k): _values(v) for k, v in entries}


def _values(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [" / ".join(map(str, v)) if isinstance(v, list) else v for v in value]
    if isinstance(value, dict) and value.get("type") == "ndarray":
        inner = value.get("array")
        if isinstance(inner, dict):
            order = ">" if value.get("order") == "big" else "<"
            return arrays.decode(value.get("dtype"), inner.get("data"), value.get("shape"), order)
        return _values(inner)
    raise refused("The plot has data of a form that is not read.")


def _panel(renderer: dict[str, Any], objects: dict[str, dict[str, Any]], title: str, names: tuple[str, str]) -> Panel:
    glyph = _resolved(renderer.get("glyph"), objects)
    kind = str(glyph.get("name"))
    source = _source(renderer, objects)
    held = sum(map(len, source.values()))
    if kind not in _GLYPHS:
        raise refused(f"The plot ({kind[:20]}) has {held:,} values behind it that anybody can read.")
    mark, across, up = _GLYPHS[kind]
    used = {k: f for k, f in ((k, _field(v)) for k, v in glyph.get("attributes", {}).items()) if f in source}
    size = min((len(source[f]) for f in used.values()), default=0)
    sideways = kind in ("HBar", "HArea")
    label = dict(zip((across, up), (names[1], names[0]) if sideways else names, strict=True))
    columns: dict[str, Column] = {}
    for key, field in used.items():
        if field in columns or _code(source[field]):
            continue
        role = "x" if key == across else "y" if key == up else "extra"
        name = label.get(key) or field
        values: tuple[Datum, ...] = tuple(datum(v) for v in source[field][:size])
        words = any(isinstance(v, str) for v in values)
        columns[field] = Column(name, role, values, key=role == "x" or words)
    if mark == "pie":
        columns |= _slices(source, columns)
    if not columns:
        raise refused("The plot has no data that are read.")
    return Panel("bar" if mark == "text" else mark, tuple(columns.values()), title, sideways)


def _slices(source: dict[str, list[Any]], known: dict[str, Column]) -> dict[str, Column]:
    """Names and values of slices: a pie is drawn from angles, and what they stand for is in other columns."""
    out = {}
    for key, values in source.items():
        if key not in known and not _code(values):
            words = any(isinstance(v, str) for v in values)
            role = "x" if words else "y"
            out[key] = Column(key, role, tuple(datum(v) for v in values), key=words)
    return out


def _field(value: Any) -> str:
    return str(value.get("field", "")) if isinstance(value, dict) and value.get("type") == "field" else ""


def _code(values: list[Any]) -> bool:
    """Whether values are colours."""
    return bool(values) and all(isinstance(v, str) and v.startswith("#") and len(v) in (7, 9) for v in values)
