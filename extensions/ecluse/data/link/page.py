"""The report as a page that needs nothing else: no script, no request, plots drawn as SVG."""

import html
from typing import Any

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;
background:#fff}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}
dl{display:grid;grid-template-columns:max-content auto;gap:.3rem 1.5rem}
dd{margin:0;font-variant-numeric:tabular-nums}
svg{width:100%;height:auto}text{font:12px system-ui,sans-serif;fill:#1b1f24}
.bar{fill:#2b6ca3}.back{fill:#e7ecf1}p.note{color:#4a5560}
"""
WIDTH, ROW, LABEL, BAR = 720, 22, 170, 400
NAMES = {
    "pairs": "Links",
    "match_rate_left": "Left records linked",
    "match_rate_right": "Right records linked",
    "expected_precision": "Expected precision (links that are right)",
    "expected_recall": "Expected recall (true links found)",
    "seconds": "Seconds",
}


def page(report: dict[str, Any], title: str = "Linkage report") -> str:
    """The page for a report of `link`."""
    parts = [f"<h1>{html.escape(title)}</h1>", _figures(report)]
    parts.append(f"<p class=note>{_source(report.get('review'))} {_recall(report)}</p>")
    parts += [f"<p class=note>{html.escape(note)}</p>" for note in report.get("notes", [])]
    if report.get("probabilities"):
        parts += ["<h2>Links by probability</h2>", _bars(report["probabilities"], share=False)]
    for group in report.get("match_rates", []):
        heading = f"Match rate by {group['column']} ({group['side']})"
        parts += [f"<h2>{html.escape(heading)}</h2>", _bars(group["groups"], share=True)]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _source(review: dict[str, Any] | None) -> str:
    if review is None:
        return (
            "Precision and recall are estimates from the model, not counts: check a sample by hand where a decision "
            "hangs on them."
        )
    low, high = review["precision_low"], review["precision_high"]
    return (
        f"Precision and recall are estimates from the model and {review['judged']:,} pairs judged by hand; "
        f"the precision lies between {low:.1%} and {high:.1%} (95 % interval)."
    )


def _recall(report: dict[str, Any]) -> str:
    between = report.get("recall_between")
    told = "Recall is of true links between these two files."
    if between is None:
        return told
    low, high = between
    return (
        f"{told} How many of them show no trace can't be counted: it lies between {low:.1%} (if each record of the "
        f"smaller file has a partner) and {high:.1%} (if every true link is among the candidates)."
    )


def _figures(report: dict[str, Any]) -> str:
    rows = []
    for key, name in NAMES.items():
        value = report.get(key)
        if value is None:
            shown = "not known"
        elif key in {"pairs", "seconds"}:
            shown = f"{value:,.0f}"
        else:
            shown = f"{value:.1%}"
        rows.append(f"<dt>{name}</dt><dd>{shown}</dd>")
    return f"<dl>{''.join(rows)}</dl>"


def _bars(rows: list[dict[str, Any]], *, share: bool) -> str:
    most = max((row["records"] for row in rows), default=1) or 1
    drawn = []
    for i, row in enumerate(rows):
        y = i * ROW
        part = row["rate"] if share else row["records"] / most
        text = f"{row['rate']:.0%} of {row['records']:,}" if share else f"{row['records']:,}"
        drawn.append(
            f'<text x="{LABEL - 8}" y="{y + 15}" text-anchor="end">{html.escape(str(row["group"])[:24])}</text>'
            f'<rect class="back" x="{LABEL}" y="{y + 3}" width="{BAR}" height="{ROW - 7}"/>'
            f'<rect class="bar" x="{LABEL}" y="{y + 3}" width="{BAR * part:.1f}" height="{ROW - 7}"/>'
            f'<text x="{LABEL + BAR + 8}" y="{y + 15}">{text}</text>'
        )
    label = "; ".join(
        f"{row['group']}: {row['rate']:.0%}" if share else f"{row['group']}: {row['records']}" for row in rows
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {max(len(rows), 1) * ROW}" role="img" aria-label="{html.escape(label)}">'
        f"{''.join(drawn)}</svg>"
    )
