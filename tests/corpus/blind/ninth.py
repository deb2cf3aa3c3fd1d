"""Ninth batch: other designs, other programs, other layouts, written after mending for the eighth and before scoring."""

import json
from typing import Any

import numpy as np
import pandas as pd

from .case import Case, leak, safe
from .ninth_texts import LEAKS, LOGS, SAFE, SAFE_LOGS
from .pack import (
    PROSE,
    book,
    csv,
    drawn_table,
    excel,
    figure,
    french_csv,
    html,
    latex,
    log,
    markdown,
    parquet,
    text,
    turn,
    word,
    zipped,
)  # fmt: skip

rng = np.random.default_rng(909)


def leak_tables() -> list[Case]:
    ror = pd.DataFrame({"Médicament": ["A10BA02", "C09AA05", "N06AB04"], "Cas exposés": [42, 6, 18], "Cas non exposés": [1204, 1240, 1228], "ROR [IC 95 %]": ["1,8 [1,3-2,5]", "0,7 [0,3-1,6]", "1,1 [0,7-1,8]"]})  # fmt: skip
    geno = pd.DataFrame({"SNP": ["rs429358", "rs7412"], "TT": [1804, 1922], "TC": [411, 310], "CC": [37, 8]})
    cluster = pd.DataFrame({"Cluster": ["clinic 01", "clinic 02", "clinic 03"], "Randomised": [61, 58, 49], "Analysed": [57, 51, 49]})  # fmt: skip
    interview = pd.DataFrame({"Participant": ["P01", "P02", "P03", "P04"], "Age": [34, 51, 47, 62], "Job": ["baker", "teacher", "farmer", "retired"], "Quote": ["I was scared", "No one told me", "It was fine", "My wife knew"]})  # fmt: skip
    icer = pd.DataFrame(
        {"strategy": ["A", "B"], "patients": [212, 9], "mean_cost": [3120.4, 8100.9], "qaly": [0.71, 0.82]}
    )
    deliveries = pd.DataFrame({"mois": ["janv.", "févr.", "mars", "T1"], "naissances": ["41", "s.s.", "52", "101"]})
    prop = pd.DataFrame({"ville": ["Lorient", "Vannes"], "dépistés": [322, 410], "positifs (‰)": [15.5, 31.7]})
    odds = pd.DataFrame({"exposure": ["yes", "no"], "cases": [18, 44], "controls": [3, 121]})
    split = pd.DataFrame({"groupe": ["dialyse", "greffe"], "n": [96, 84], "vivants à 1 an (%)": [93.8, 97.6]})
    weekly = pd.DataFrame({"week": ["W01", "W02", "W03", "W04"], "ILI visits": [31, 27, 9, 14]})
    likert = pd.DataFrame({"Item": ["Q1", "Q2"], "Strongly disagree": ["2%", "4%"], "Disagree": ["18%", "20%"], "Agree": ["50%", "46%"], "Strongly agree": ["30%", "30%"], "N": [150, 148]})  # fmt: skip
    total = pd.DataFrame({"sex": ["F", "M", "Total"], "smokers": ["<11", "31", "38"], "others": ["88", "102", "190"]})
    wide = {"report": {"period": "2022", "units": [{"name": "NICU", "admissions": 212, "deaths": 4}, {"name": "PICU", "admissions": 180, "deaths": 12}]}}  # fmt: skip
    first, second = pd.DataFrame({"arm": ["A", "B"], "randomised": [301, 298]}), pd.DataFrame({"arm": ["A", "B"], "treated": [297, 283]})  # fmt: skip
    old = pd.DataFrame({"age": ["<50", "50-69", "70+"], "patients": [812, 1420, 990]})
    new = pd.DataFrame({"age": ["<50", "50-69", "70+"], "patients": [812, 1424, 990]})
    listing = pd.DataFrame({"SUBJID": [1001, 1002, 1003, 1007], "SEX": ["M", "F", "F", "M"], "AESTDTC": ["2021-03-04", "2021-03-19", "2021-04-02", "2021-05-11"], "AETERM": ["rash", "nausea", "rash", "stroke"]})  # fmt: skip
    return [
        leak("nine_ror", "tables", french_csv(ror)), leak("nine_genotypes", "tables", word(geno)),
        leak("nine_cluster", "tables", latex(cluster)), leak("nine_interviews", "tables", excel(interview)),
        leak("nine_icer", "tables", markdown(icer)), leak("nine_quarter", "tables", html(deliveries)),
        leak("nine_per_thousand", "tables", french_csv(prop)), leak("nine_case_control", "tables", csv(odds)),
        leak("nine_alive", "tables", excel(split)), leak("nine_weekly", "tables", book(weekly)),
        leak("nine_likert", "tables", markdown(likert)), leak("nine_masked_sum", "tables", parquet(total)),
        leak("nine_units", "tables", ("report.json", json.dumps(wide, indent=2).encode())),
        leak("nine_two_arms", "tables", zipped(("r.csv", csv(first)[1]), ("t.csv", csv(second)[1]))),
        leak("nine_released", "tables", csv(new), released=(csv(old),)), leak("nine_listing", "tables", csv(listing)),
    ]  # fmt: skip


def stacked(ax: Any) -> None:
    ax.barh(["PACA", "Corse", "Bretagne"], [210, 7, 160])
    for at, n in enumerate((210, 7, 160)):
        ax.text(n + 2, at, f"{n} cas", va="center")


def swarm(ax: Any) -> None:
    for at in range(2):
        ax.plot(np.full(14, at), rng.normal(120 + 10 * at, 15, 14), "o", color="purple", markersize=5)
    ax.set(xticks=[0, 1], xticklabels=["Placebo", "Drug"], ylabel="SBP (mmHg)")


def bubble(ax: Any) -> None:
    ax.scatter([1, 2, 3, 4], [2, 3, 1, 4], s=[200, 900, 300, 600], alpha=0.5)
    for x, y, n in ((1, 2, "n=21"), (2, 3, "n=94"), (3, 1, "n=3"), (4, 4, "n=60")):
        ax.text(x, y, n, ha="center")


def violin_box(ax: Any) -> None:
    made = ax.boxplot([np.append(rng.normal(5, 1, 90), [11.2, 12.0]), rng.normal(6, 1, 90)], patch_artist=True)
    for part in made["boxes"]:
        part.set_facecolor("lightblue")


def risk_table(ax: Any) -> None:
    ax.axis("off")
    rows = [["Treatment", "301", "210", "98", "22"], ["Control", "298", "190", "71", "8"]]
    ax.table(cellText=rows, colLabels=["No. at risk", "0", "12", "24", "36"], loc="center")


def few_events(ax: Any) -> None:
    ax.plot([2018, 2019, 2020, 2021], [4, 2, 5, 3], "-s")
    ax.set(ylabel="Nombre de décès", ylim=(0, 6), yticks=[0, 2, 4, 6])


def leak_pictures() -> list[Case]:
    grid = pd.DataFrame({"Grade": ["1", "2", "3"], "Toxicity A": ["40 (20%)", "12 (6%)", "3 (2%)"], "Toxicity B": ["51 (26%)", "18 (9%)", "11 (6%)"]})  # fmt: skip
    return [
        leak("nine_barh_png", "pictures", figure(stacked)), leak("nine_swarm_png", "pictures", figure(swarm)),
        leak("nine_bubble_png", "pictures", figure(bubble)), leak("nine_box_png", "pictures", figure(violin_box)),
        leak("nine_risk_png", "pictures", figure(risk_table, size=(7, 3), dpi=150)),
        leak("nine_deaths_png", "pictures", figure(few_events)), leak("nine_tox_png", "pictures", drawn_table(grid, "png")),
        leak("nine_tox_pdf", "pictures", drawn_table(grid, "pdf")), leak("nine_barh_svg", "pictures", figure(stacked, "svg")),
    ]  # fmt: skip


def love(ax: Any) -> None:
    names = ["age", "sex", "ccs", "prior stays", "region"]
    ax.plot([0.31, 0.12, 0.22, 0.18, 0.09], range(5), "o", label="before")
    ax.plot([0.02, 0.01, 0.03, 0.02, 0.01], range(5), "s", label="after")
    ax.axvline(0.1, ls="--")
    ax.set_yticks(range(5), names)
    ax.set_xlabel("Standardised mean difference")
    ax.legend()


def series(ax: Any) -> None:
    x = np.arange(48)
    ax.plot(x, 400 + 20 * np.sin(x / 4))
    ax.axvline(24, color="red")
    ax.set(xlabel="Month since January 2017", ylabel="Admissions per month", ylim=(0, 500))


def trace(ax: Any) -> None:
    for chain in range(4):
        ax.plot(rng.normal(0.2, 0.03, 200), lw=0.5, label=f"chain {chain + 1}")
    ax.set(xlabel="Iteration", ylabel="beta")
    ax.legend()


def grouped(ax: Any) -> None:
    for at, values in enumerate(((1204, 980), (1310, 1102))):
        ax.bar_label(ax.bar(np.arange(2) + 0.4 * at, values, 0.4))
    ax.set_ylabel("Stays")


def tornado(ax: Any) -> None:
    ax.barh(["Cost of drug", "Utility", "Discount"], [12000, -8000, 3000])
    ax.set_xlabel("ICER (€/QALY)")


def percentiles(ax: Any) -> None:
    ax.bxp(
        [{"med": 6, "q1": 4, "q3": 9, "whislo": 2, "whishi": 14, "label": g} for g in ("2018", "2019")],
        showfliers=False,
    )
    ax.set_ylabel("Stay (days), P5 to P95")


def safe_shown() -> list[Case]:
    did = pd.DataFrame({"term": ["post", "treated", "post × treated"], "coef": [-0.021, 0.104, -0.038], "se": [0.009, 0.02, 0.011], "p": [0.02, 0.0, 0.001]})  # fmt: skip
    post = pd.DataFrame({"param": ["b_Intercept", "b_age", "sigma"], "Estimate": [1.21, 0.05, 0.88], "l-95% CI": [1.1, 0.04, 0.85], "u-95% CI": [1.32, 0.06, 0.91], "Rhat": [1.0, 1.0, 1.0], "Bulk_ESS": [3120, 2988, 4102]})  # fmt: skip
    codes = pd.DataFrame({"ATC": ["A10BA02", "C09AA05"], "DDD": [2, 2.5], "unité": ["g", "mg"], "voie": ["O", "O"]})
    weights = pd.DataFrame({"condition": ["MI", "CHF", "Dementia", "AIDS"], "Charlson weight": [1, 1, 1, 6]})
    site = pd.DataFrame(
        {"centre": ["01", "02", "03"], "inclusions": [210, 188, 341], "durée médiane (mois)": [11, 9, 14]}
    )
    safe_ror = pd.DataFrame({"Médicament": ["A10BA02", "C09AA05"], "Cas exposés": [420, 166], "ROR": [1.8, 0.7], "IC bas": [1.6, 0.6], "IC haut": [2.0, 0.8]})  # fmt: skip
    quarters = pd.DataFrame({"trimestre": ["T1", "T2", "T3", "T4"], "séjours": [12040, 11870, 10990, 12510], "DMS": [5.1, 5.0, 5.3, 5.2]})  # fmt: skip
    checklist = pd.DataFrame({"STROBE item": [1, 2, 3, 4, 5], "Topic": ["Title", "Background", "Objectives", "Design", "Setting"], "Page": [1, 3, 3, 4, 5]})  # fmt: skip
    search = pd.DataFrame({"hidden layers": [1, 2, 3], "dropout": [0.1, 0.2, 0.2], "val_auc": [0.79, 0.81, 0.8], "epochs": [9, 7, 6]})  # fmt: skip
    pictures = {"love": love, "series": series, "trace": trace, "grouped": grouped, "tornado": tornado, "percentiles": percentiles}  # fmt: skip
    return [
        safe("nine_did", "tables", latex(did)), safe("nine_brms", "tables", csv(post)), safe("nine_atc", "tables", french_csv(codes)),
        safe("nine_charlson", "tables", markdown(weights)), safe("nine_site", "tables", word(site)),
        safe("nine_safe_ror", "tables", excel(safe_ror)), safe("nine_quarters", "tables", html(quarters)),
        safe("nine_strobe", "tables", excel(checklist)), safe("nine_search", "tables", book(search)),
        *(safe(f"nine_{name}_png", "pictures", figure(draw)) for name, draw in pictures.items()),
        safe("nine_love_pdf", "pictures", figure(love, "pdf")), safe("nine_did_png", "pictures", drawn_table(did.astype(str), "png")),
    ]  # fmt: skip


def cases() -> list[Case]:
    """The cases of the batch."""
    out = [leak(f"nine_{name}", "prose", turn(PROSE, at, 1)[0](said)) for at, (name, said) in enumerate(LEAKS.items())]
    out += [leak(f"nine_{name}", "logs", log(said)) for name, said in LOGS.items()]
    out += [
        safe(f"nine_{name}", "prose", turn(PROSE, at + 3, 1)[0](said)) for at, (name, said) in enumerate(SAFE.items())
    ]
    out += [safe(f"nine_{name}", "logs", text(said)) for name, said in SAFE_LOGS.items()]
    return [*out, *leak_tables(), *leak_pictures(), *safe_shown()]
