"""Twenty-eighth batch: small, in forms that come next to the clauses of the twenty-sixth, with safe twins.

Untouched score: 20 of 31 leaks (65 %), 10 of 10 safe results. Corrected since: a drawing whose titles are left out.
"""

import io
import json
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

from . import pack
from .case import Case, File, leak, safe

rng = np.random.default_rng(2800)


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({name.replace("__", " "): values for name, values in columns.items()})


def sheets(few: int) -> File:
    """Two sheets as pandas writes them; the second has the small one."""
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine="openpyxl") as book:
        t(Variable=["Âge", "IMC"], Moyenne=[61.2, 27.1], ET=[14.1, 4.2]).to_excel(book, sheet_name="Desc", index=False)
        t(Motif=["Chute", "Malaise", "Brûlure"], Eff=[412, 288, few]).to_excel(book, sheet_name="Motifs", index=False)
    return "resultats.xlsx", out.getvalue()


def contact() -> File:
    made = openpyxl.Workbook()
    for row in (["Établissement", "Référent", "Contact"], ["Nord", "S. Abiven", "06 12 34 56 78"], ["Sud", "M. Tonnerre", "07 81 22 33 44"]):  # fmt: skip
        made.worksheets[0].append(row)
    out = io.BytesIO()
    made.save(out)
    return "centres.xlsx", out.getvalue()


def ticked(few: int) -> Any:
    def draw(ax: Any) -> None:
        ax.bxp(
            [{"med": m, "q1": m - 4, "q3": m + 6, "whislo": m - 8, "whishi": m + 11} for m in (41, 44, 52)],
            showfliers=False,
        )
        ax.set_xticks([1, 2, 3], ["Medicine\n(n=412)", "Surgery\n(n=388)", f"Burns\n(n={few})"])
        ax.set(ylabel="Length of stay (days)")

    return draw


def low_bars(last: int) -> Any:
    def draw(ax: Any) -> None:
        ax.barh(["Falls", "Fire", "Flood", "Storm"], [88, 61, 44, last], color="#228833")
        ax.set(xlabel="Number of deaths")

    return draw


def titled(few: int) -> File:
    """A drawing whose bars say their counts when the mouse is over them."""
    bars = "".join(f"<rect x='{40 * n}' y='{300 - v / 2}' width='30' height='{v / 2}'><title>{name}: {v} patients</title></rect>" for n, (name, v) in enumerate({"Falls": 412, "Fire": 96, "Burns": few}.items()))  # fmt: skip
    return "bars.svg", f"<svg xmlns='http://www.w3.org/2000/svg' width='200' height='320'>{bars}</svg>".encode()


def curve(n: int) -> pd.DataFrame:
    """A survival curve without its numbers: the steps say how many there were."""
    times = np.sort(rng.uniform(1, 36, 12)).round(1)
    return pd.DataFrame({"months": times, "survival": (1 - np.arange(1, 13) / n).round(4)})


SAID = {
    "share_of_small": "Nausea was reported by 4.3 % of the women who took the drug (n = 46).",
    "one_hospital": "A single hospital accounts for 94 % of the expenditure of the region.",
    "still_at_risk": "At five years, four patients were still at risk and the curve was cut there.",
    "since": "Le patient de la chambre 12, hospitalisé depuis le 12/03/2021, a été exclu.",
    "sexes": "Sex ratio (H/F) : 212/3 dans le groupe traité.",
    "jumelles": "Des jumelles de 14 ans ont été incluses à Lorient, l'une traitée, l'autre non.",
    "footnote": "Completeness was high[^1].\n\n[^1]: Three of the missing mothers had moved abroad.",
    "centile_children": "The 95th percentile of the length of stay was 41 days in the 60 children.",
    "reference_zero": "None of the 23 carriers was vaccinated.",
    "icd_list": "Codes retenus : S06 (412), T31 (88), W87 (4).",
}
FINE = {
    "share": "Nausea was reported by 14.3 % of the women who took the drug (n = 1,246).",
    "expenditure": "The ten largest hospitals account for 44 % of the expenditure of the region.",
    "codes": "Codes retenus : S06, T31 et W87 (CIM-10, version 2021).",
    "percentile": "The 95th percentile of the length of stay was 41 days in the 6,020 children.",
}
LOGS = {
    "yaml": "exclude_ids: [10234, 10877]\nseed: 42\nmodel: cox\n",
    "head_comment": "# excluded after review: 2 patients (consent withdrawn)\nward,n\nA,412\nB,388\n",
    "crosstab_text": "Predicted     0     1\nActual\n0          8120    14\n1             3   212\n",
    "r_quantile": "> quantile(d$delai, c(.05,.95))  # n = 32\n  5%  95% \n 1.2 88.4 \n",
    "ols_perfect": "                            OLS Regression Results\nDep. Variable: cost   R-squared: 0.994\nNo. Observations: 7   Df Residuals: 3\n",
}  # fmt: skip


def tables() -> dict[str, File]:
    single_years = t(age=list(range(84, 92)), n=[41, 38, 29, 21, 14, 6, 4, 2])
    places = t(
        commune=["Hoëdic", "Plouhinec", "Lorient"], population=[112, 5210, 57100], cas_pour_1000=[17.9, 4.2, 3.9]
    )
    tex = "\\begin{longtable}{lr}\n\\toprule\nWard & Deaths \\\\\n\\midrule\nA & 41 \\\\\nB & $<11$ \\\\\nC & 58 \\\\\nTotal & 106 \\\\\n\\bottomrule\n\\end{longtable}\n"
    shares = t(stade=["I", "II", "III"], pct=[61.1, 36.1, 2.8])
    born = t(code=["A", "B", "C"], naissance=["12/03/1948", "03/05/1951", "17/11/1939"], groupe=[1, 2, 1])
    return {
        "single_years": pack.csv(single_years),
        "islands": pack.french_csv(places),
        "longtable": ("deaths.tex", tex.encode()),
        "births": pack.word(born),
        "km_steps": pack.tsv(curve(37)),
        "values": pack.parquet(pd.DataFrame({"crp": rng.lognormal(2, 1, 60).round(2), "pct": rng.lognormal(0, 1, 60).round(3)})),
        "tree_values": ("tree.json", json.dumps({"feature": ["age", "crp", None], "threshold": [61.5, 12.1, None], "value": [[412, 88], [310, 12], [3, 1]]}).encode()),
        "doctors": pack.html(t(praticien=["Dr Abiven", "Dr Tonnerre", "Dr Le Meur"], actes=[412, 388, 301])),
        "stage_shares": pack.excel(shares, title="Stades (N = 108)"),
    }  # fmt: skip


def several() -> list[Case]:
    ward = t(ward=["A", "B", "C"], deaths=[120, 98, 41])
    rounded = t(ward=["A", "B", "C"], deaths=[120, 100, 40])
    rates = t(service=["Cardio", "Uro"], deces_pct=[8.5, 2.2])
    sizes = pack.word(t(service=["Cardio", "Uro"], effectif=[812, 92]))
    return [
        leak("twenty_eighth_rates_and_sizes", "several", pack.csv(rates), sizes),
        leak("twenty_eighth_without_three", "released", pack.csv(ward.assign(deaths=[120, 95, 41])), released=(pack.excel(ward),)),
        safe("twenty_eighth_rounded_again", "released", pack.csv(rounded), released=(pack.csv(rounded),)),
    ]  # fmt: skip


def cases() -> list[Case]:
    """The cases of the batch."""
    found = [leak(f"twenty_eighth_{n}", "prose", pack.turn(pack.PROSE, i + 2, 1)[0](s)) for i, (n, s) in enumerate(SAID.items())]  # fmt: skip
    found += [safe(f"twenty_eighth_{n}_fine", "prose", pack.turn(pack.PROSE, i + 2, 1)[0](s)) for i, (n, s) in enumerate(FINE.items())]  # fmt: skip
    found += [leak(f"twenty_eighth_{n}", "logs", (pack.book_stream if i % 2 else pack.log)(s)) for i, (n, s) in enumerate(LOGS.items())]  # fmt: skip
    found += [leak(f"twenty_eighth_{n}", "tables", file) for n, file in tables().items()]
    for make, few, word in ((leak, 3, "few"), (safe, 53, "many")):
        found.append(make(f"twenty_eighth_sheets_{word}", "tables", sheets(few)))
        found.append(make(f"twenty_eighth_ticks_{word}", "pictures", pack.figure(ticked(few), dpi=150)))
        found.append(
            make(
                f"twenty_eighth_low_{word}",
                "pictures",
                pack.figure(low_bars(few), "pdf" if few < 9 else "png", dpi=150),
            )
        )
        told = {"payload": ["Burns: 3"]} if few == 3 else {}
        found.append(make(f"twenty_eighth_titled_{word}", "pictures", titled(few), **told))
    found.append(leak("twenty_eighth_contacts", "identifiers", contact()))
    found.append(safe("twenty_eighth_steps_fine", "tables", pack.tsv(t(months=[0, 12, 24, 36], survival=[1.0, 0.912, 0.843, 0.788], n_at_risk=[3712, 3100, 2204, 1204]))))  # fmt: skip
    return found + several()
