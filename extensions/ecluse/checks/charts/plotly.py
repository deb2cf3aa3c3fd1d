"""Plotly's figures: traces to panels, and panels to a figure with nothing else in it.

Worked example: `px.bar` of two columns gives a panel of bars; its hover template, custom data and style sheet are gone.
"""

from typing import Any

from . import arrays
from .panel import Column, Datum, Panel, datum, refused, show

_BARS = frozenset({"bar", "funnel", "waterfall"})
_PARTS = frozenset({"pie", "funnelarea", "sunburst", "treemap", "icicle"})
_FIVE = ("q1", "median", "q3", "lowerfence", "upperfence", "mean", "sd")
_MAPS = frozenset({"choropleth", "choroplethmapbox", "choroplethmap"})
_MANY = 20


def is_one(value: Any) -> bool:
    """A list of traces and a layout."""
    traces = value.get("data") if isinstance(value, dict) else None
    return (
        isinstance(traces, list)
        and bool(traces)
        and all(isinstance(t, dict) for t in traces)
        and (isinstance(value.get("layout"), dict) or all("type" in t for t in traces))
        and "mark" not in value
    )


def panels(figure: dict[str, Any]) -> list[Panel]:
    """The panels of a figure. Raises `Unreadable` for data of persons and for traces that are not read."""
    layout = _layout(figure)
    together: dict[tuple[str, str, str, bool], list[dict[str, Any]]] = {}
    for raw in figure["data"]:
        trace = arrays.plain(raw)
        mark, sideways = _mark(trace), trace.get("orientation") == "h"
        axes = (str(trace.get("xaxis", "x")), str(trace.get("yaxis", "y")))
        together.setdefault((mark, *axes, sideways), []).append(trace)
    return [p for form, traces in together.items() for p in _panels(form, traces, layout)]


def _layout(figure: dict[str, Any]) -> dict[str, Any]:
    layout = figure.get("layout")
    return layout if isinstance(layout, dict) else {}


def _mark(trace: dict[str, Any]) -> str:
    kind = str(trace.get("type", "scatter"))
    size = max((len(v) for v in trace.values() if isinstance(v, list)), default=0)
    if kind in ("scatter", "scattergl", "scatterpolar"):
        mode = str(trace.get("mode") or ("lines+markers" if size < _MANY else "lines"))
        return "line" if "lines" in mode or trace.get("fill") not in (None, "none") else "points"
    if kind == "histogram" and trace.get("histfunc") == "sum":
        return "bar"
    if kind == "box" and "median" in trace and not _raw(trace):
        return "five"
    for found, kinds in (("bar", _BARS), ("pie", _PARTS), ("map", _MAPS), ("cells", {"heatmap"})):
        if kind in kinds:
            return found
    if kind in ("table", "sankey", "indicator"):
        return kind
    held = sum(_size(v) for v in trace.values())
    raise refused(f"The plot ({kind[:30]}) is made from {held:,} values behind it that anybody can read.")


def _raw(trace: dict[str, Any]) -> bool:
    """Whether a box has a sample behind it: values of the other axis are names then."""
    value = trace.get("x" if trace.get("orientation") == "h" else "y")
    return isinstance(value, list) and len(value) > 0


def _size(value: Any) -> int:
    return sum(map(_size, value)) if isinstance(value, list) else 1 if isinstance(value, int | float | str) else 0


def _panels(form: tuple[str, str, str, bool], traces: list[dict[str, Any]], layout: dict[str, Any]) -> list[Panel]:
    """Panels of traces of one form: mark, axes, whether they lie sideways."""
    mark, x, y, sideways = form
    title = text(layout.get("title"))
    if mark in ("bar", "line", "points"):
        return [_xy(mark, traces, title, (_axis(layout, x), _axis(layout, y)), sideways=sideways)]
    made = {
        "pie": _pie,
        "map": _map,
        "cells": _cells,
        "five": _five,
        "table": _table,
        "sankey": _sankey,
        "indicator": _indicator,
    }
    return [made[mark](trace, title, layout, (x, y)) for trace in traces]


def text(value: Any) -> str:
    """A title, written as text or as an object."""
    found = value.get("text") if isinstance(value, dict) else value
    shown = datum(found) if isinstance(found, str) else ""
    return str(shown or "").replace("<br>", " ").replace("<b>", "").replace("</b>", "")


def _axis(layout: dict[str, Any], name: str) -> str:
    axis = layout.get(name[0] + "axis" + name[1:])
    return text(axis.get("title")) if isinstance(axis, dict) else ""


def _list(value: Any) -> list[Datum]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise refused("The plot has data of a form that is not read.")
    if value and all(isinstance(v, list) for v in value):  # levels of a category
        return [" / ".join(str(datum(level[n])) for level in value) for n in range(min(map(len, value)))]
    return [datum(v) for v in value]


def _column(name: str, role: str, values: list[Any], *, key: bool = False) -> Column:
    return Column(name, role, tuple(datum(v) for v in values), key=key)


def _xy(mark: str, traces: list[dict[str, Any]], title: str, names: tuple[str, str], *, sideways: bool) -> Panel:
    """Traces on one pair of axes, one below the other."""
    xs: list[Datum] = []
    ys: list[Datum] = []
    groups: list[Datum] = []
    texts: list[Datum] = []
    errors: list[list[Datum]] = [[], []]
    for number, trace in enumerate(traces):
        a, b = _list(trace.get("x", trace.get("theta"))), _list(trace.get("y", trace.get("r")))
        a = a or list(range(len(b)))
        b = b or list(range(len(a)))
        size = min(len(a), len(b))
        xs += a[:size]
        ys += b[:size]
        groups += [text(trace.get("name")) or f"trace {number + 1}"] * size
        written = trace.get("text")
        said = _list(written) if isinstance(written, list) else []
        texts += said[:size] if len(said) >= size else [None] * size
        for side, key in enumerate(("array", "arrayminus")):
            spread = _errors(trace, key)
            errors[side] += spread[:size] if len(spread) >= size else [None] * size
    across, up = (ys, xs) if sideways else (xs, ys)
    name_x, name_y = (names[1], names[0]) if sideways else names
    loose = mark == "points" and not all(isinstance(v, int | float) for v in ys)
    columns = [
        Column(name_x, "x", tuple(across), key=True),
        Column(name_y, "y", tuple(up), key=loose),
    ]
    if len(traces) > 1 or (not name_y and text(traces[0].get("name"))):
        columns.append(Column("", "group", tuple(groups), key=True))
    if any(t is not None for t in texts):
        shown = [str(t) if t is not None else None for t in texts]
        columns.append(Column("text", "name", tuple(shown), key=mark == "points"))
    for side, label in enumerate(("error", "lower error")):
        if any(e is not None for e in errors[side]):
            columns.append(Column(label, "extra", tuple(errors[side])))
    return Panel(mark, tuple(columns), title, sideways)


def _errors(trace: dict[str, Any], key: str) -> list[Datum]:
    for bar in ("error_y", "error_x"):
        found = trace.get(bar)
        if isinstance(found, dict) and isinstance(found.get(key), list):
            return _list(found[key])
    return []


def _pie(trace: dict[str, Any], title: str, _: Any, __: Any) -> Panel:
    labels, values = _list(trace.get("labels")), _list(trace.get("values"))
    if not values:
        raise refused(f"The plot counts {len(labels)} single observations in the reader's browser.")
    size = min(len(labels), len(values))
    parents = _list(trace.get("parents"))
    columns = [_column("", "x", labels[:size], key=True), _column(text(trace.get("name")), "y", values[:size])]
    if len(parents) >= size and any(parents):
        columns.insert(0, _column("", "group", parents[:size], key=True))
    return Panel("pie", tuple(columns), title)


def _map(trace: dict[str, Any], title: str, layout: Any, _: Any) -> Panel:
    axis = layout.get("coloraxis") if isinstance(layout.get("coloraxis"), dict) else {}
    bar = trace.get("colorbar") or axis.get("colorbar")
    name = text(bar.get("title")) if isinstance(bar, dict) else ""
    places, values = _list(trace.get("locations")), _list(trace.get("z"))
    size = min(len(places), len(values))
    return Panel("bar", (_column("", "x", places[:size], key=True), _column(name, "y", values[:size])), title)


def _cells(trace: dict[str, Any], title: str, layout: Any, axes: tuple[str, str]) -> Panel:
    z = trace.get("z")
    if not isinstance(z, list) or not z or not all(isinstance(r, list) for r in z):
        raise refused("The plot has data of a form that is not read.")
    width = max(map(len, z))
    xs = _list(trace.get("x")) or list(range(width))
    ys = _list(trace.get("y")) or list(range(len(z)))
    rows = [(str(x), str(y), datum(v)) for y, row in zip(ys, z, strict=False) for x, v in zip(xs, row, strict=False)]
    names = [_axis(layout, axes[0]), _axis(layout, axes[1]), text(trace.get("name"))]
    roles = (("group", True), ("x", True), ("y", False))
    columns = [Column(names[i], r, tuple(row[i] for row in rows), key=k) for i, (r, k) in enumerate(roles)]
    return Panel("cells", tuple(columns), title)


def _five(trace: dict[str, Any], title: str, layout: Any, axes: tuple[str, str]) -> Panel:
    found = [(k, _list(trace[k])) for k in _FIVE if isinstance(trace.get(k), list)]
    size = min(len(v) for _, v in found)
    names = _list(trace.get("x") or trace.get("y")) or [text(trace.get("name")) or f"box {n + 1}" for n in range(size)]
    name = _axis(layout, axes[1])
    columns = [_column(f"{name} {k}".strip(), "y" if k == "median" else "extra", v[:size]) for k, v in found]
    return Panel("bar", (_column("", "x", (names + [""] * size)[:size], key=True), *columns), title)


def _table(trace: dict[str, Any], title: str, _: Any, __: Any) -> Panel:
    heads = _list((trace.get("header") or {}).get("values"))
    cells = [_list(c) for c in (trace.get("cells") or {}).get("values") or []]
    size = min(map(len, cells), default=0)
    if not size or len(heads) < len(cells):
        raise refused("The table of the plot is not read.")
    pairs = enumerate(zip(heads, cells, strict=False))
    columns = [_column(str(h), "extra" if n else "x", c[:size], key=n == 0) for n, (h, c) in pairs]
    return Panel("table", tuple(columns), title)


def _sankey(trace: dict[str, Any], title: str, _: Any, __: Any) -> Panel:
    labels = _list((trace.get("node") or {}).get("label"))
    link = trace.get("link") or {}
    ends = [[labels[int(n)] for n in _list(link.get(k)) if isinstance(n, int)] for k in ("source", "target")]
    values = _list(link.get("value"))
    if not values or not len(ends[0]) == len(ends[1]) == len(values):
        raise refused("The flows of the plot are not read.")
    ways = [f"{a} → {b}" for a, b in zip(*ends, strict=True)]
    return Panel("bar", (_column("", "x", ways, key=True), _column("", "y", values)), title)


def _indicator(trace: dict[str, Any], title: str, _: Any, __: Any) -> Panel:
    name = text(trace.get("title")) or "value"
    return Panel("pie", (_column("", "x", [name], key=True), _column("", "y", [trace.get("value")])), title)


def texts(figure: dict[str, Any]) -> list[str]:
    """Words of the layout: titles and annotations."""
    layout = _layout(figure)
    notes = layout.get("annotations")
    written = [text(n.get("text")) for n in notes if isinstance(n, dict)] if isinstance(notes, list) else []
    return [t for t in (text(layout.get("title")), *written) if t]


def canonical(panels: list[Panel], said: list[str]) -> dict[str, Any]:
    """A figure of Plotly's written from panels: it can hold nothing that their tables do not."""
    title = next((p.title for p in panels if p.title), "")
    axes = [(p.role("x"), p.role("y"), p.sideways) for p in panels if p.mark in ("bar", "line", "points")]
    layout: dict[str, Any] = {"title": {"text": title}} if title else {}
    if axes:
        x, y, sideways = axes[0]
        names = [c.name if c else "" for c in ((y, x) if sideways else (x, y))]
        layout |= {f"{a}axis": {"title": {"text": n}} for a, n in zip("xy", names, strict=True) if n}
    notes = [s for s in said if s != title]
    layout |= (
        {
            "annotations": [
                {"text": s, "showarrow": False, "xref": "paper", "yref": "paper", "x": 0, "y": -0.2 - n / 10}
                for n, s in enumerate(notes)
            ]
        }
        if notes
        else {}
    )
    return {"data": [t for p in panels for t in _traces(p)], "layout": layout}


def _traces(panel: Panel) -> list[dict[str, Any]]:
    group, x, y = panel.role("group"), panel.role("x"), panel.role("y")
    plain = all(c.role in ("group", "x", "y") for c in panel.columns)
    if x is None or y is None or not plain or panel.mark in ("table", "cells"):
        columns = panel.columns
        heads, cells = [c.name for c in columns], [list(c.values) for c in columns]
        return [{"type": "table", "header": {"values": heads}, "cells": {"values": cells}}]
    if panel.mark == "pie" and group is None:
        return [{"type": "pie", "labels": list(x.values), "values": list(y.values)}]
    made = []
    for name in dict.fromkeys(group.values if group else (None,)):
        rows = [n for n in range(panel.rows) if group is None or group.values[n] == name]
        across, up = [x.values[n] for n in rows], [y.values[n] for n in rows]
        trace: dict[str, Any] = (
            {"type": "bar"}
            if panel.mark in ("bar", "pie")
            else {"type": "scatter", "mode": "lines" if panel.mark == "line" else "markers"}
        )
        trace |= {"x": up, "y": across, "orientation": "h"} if panel.sideways else {"x": across, "y": up}
        made.append(trace | ({"name": show(name)} if name is not None else {}))
    return made
