# ruff: noqa: S608 - column names are quoted by `prepare`; the rest is numbers and names made here
"""Match rates by group: by hospital, year, age, or any column that the spec names."""

from typing import Any

import duckdb
import pandas as pd

from ecluse.data.link.spec import LinkSpec

MOST_GROUPS = 40
DISTINCT = 60


def match_rates(engine: duckdb.DuckDBPyConnection, spec: LinkSpec, links: pd.DataFrame) -> list[dict[str, object]]:
    """For each group column: `side`, `column`, and rows of `group`, `records`, `matched`, `rate`.

    Dates are grouped by year, numbers of more than 60 values by tens. The largest 40 groups are given, the rest as one.
    """
    found: list[dict[str, object]] = []
    for i, group in enumerate(spec.groups):
        table = "lhs" if group.side == "left" else "rhs"
        frame = engine.execute(f"select id, g{i} as g from {table}").df()
        frame["matched"] = frame["id"].isin(links[f"{group.side}_id"])
        frame["group"] = _grouped(frame["g"])
        counts = frame.groupby("group")["matched"].agg(["size", "sum"]).reset_index()
        found.append({"side": group.side, "column": group.column, "groups": _rows(counts)})
    return found


def _grouped(values: Any) -> Any:
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.year.astype("Int64").astype("string").fillna("missing")
    if pd.api.types.is_numeric_dtype(values):
        if values.nunique() > DISTINCT:
            tens = (values // 10 * 10).astype("Int64")
            return (tens.astype("string") + "–" + (tens + 9).astype("string")).fillna("missing")
        return values.astype("string").fillna("missing")
    text = values.astype("string")
    dated = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce")
    if len(text) and dated.notna().sum() > 0.9 * text.notna().sum() > 0:  # dates that came as text
        return dated.dt.year.astype("Int64").astype("string").fillna("missing")
    return text.fillna("missing")


def _rows(counts: pd.DataFrame) -> list[dict[str, object]]:
    kept = counts.nlargest(MOST_GROUPS, "size", keep="all").head(MOST_GROUPS).sort_values("group")
    rest = counts.drop(kept.index)
    rows = [(str(g), int(n), int(m)) for g, n, m in zip(kept["group"], kept["size"], kept["sum"], strict=True)]
    if len(rest):
        rows.append((f"{len(rest)} others", int(rest["size"].sum()), int(rest["sum"].sum())))
    return [{"group": g, "records": n, "matched": m, "rate": m / n} for g, n, m in rows]
