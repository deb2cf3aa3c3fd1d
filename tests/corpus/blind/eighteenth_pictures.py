"""Eighteenth batch: safe figures as matplotlib draws them, and the reports that hold them."""

import io
from typing import Any

import docx
import matplotlib.pyplot as plt
import numpy as np
from lifelines import KaplanMeierFitter
from matplotlib.patches import FancyBboxPatch
from scipy.stats import gaussian_kde
from sklearn.metrics import precision_recall_curve

from . import pack
from .case import Case, File, safe
from .sixteenth import pages

rng = np.random.default_rng(1802)
TRUTH = rng.integers(0, 2, 6000)
SCORE = np.round(np.clip(0.5 + 0.3 * (TRUTH - 0.5) + rng.normal(0, 0.2, 6000), 0, 1), 2)


def risk_table(ax: Any) -> None:
    """Two curves in steps of three months, and the numbers at risk under the axis."""
    for at, (name, scale) in enumerate((("Fistule", 90), ("Cathéter", 55))):
        times = np.ceil(rng.exponential(scale, 5000) / 3) * 3
        fit = KaplanMeierFitter().fit(np.minimum(times, 36), times <= 36, label=name)
        fit.plot_survival_function(ax=ax, ci_show=True)
        left = [int(round((times > t).sum(), -1)) for t in range(0, 37, 12)]
        for t, n in zip(range(0, 37, 12), left, strict=True):
            ax.text(t, -0.34 - 0.09 * at, f"{n}", ha="center", fontsize=9, clip_on=False)
        ax.text(-6, -0.34 - 0.09 * at, name, ha="right", fontsize=9, clip_on=False)
    ax.text(-6, -0.25, "Sujets à risque", ha="right", fontsize=9, fontweight="bold", clip_on=False)
    ax.set(ylim=(0, 1), xlabel="Mois", ylabel="Survie", xticks=range(0, 37, 12))
    ax.figure.subplots_adjust(bottom=0.36, left=0.25)


def consort(ax: Any) -> None:
    """A flow chart with boxes and arrows."""
    ax.axis("off")
    boxes = [(0.5, 0.9, "Assessed for eligibility\n(n = 4,812)"), (0.8, 0.7, "Excluded (n = 812)\nDeclined (n = 431)\nNot eligible (n = 381)"), (0.5, 0.5, "Randomised\n(n = 4,000)"), (0.25, 0.25, "Intervention (n = 2,003)\nLost to follow-up (n = 61)"), (0.75, 0.25, "Usual care (n = 1,997)\nLost to follow-up (n = 74)"), (0.25, 0.04, "Analysed (n = 1,942)"), (0.75, 0.04, "Analysed (n = 1,923)")]  # fmt: skip
    for x, y, text in boxes:
        ax.text(
            x, y, text, ha="center", va="center", fontsize=8, bbox={"boxstyle": "round", "fc": "white", "ec": "black"}
        )
    for start, end in (((0.5, 0.84), (0.5, 0.56)), ((0.5, 0.44), (0.25, 0.32)), ((0.5, 0.44), (0.75, 0.32))):
        ax.annotate("", end, start, arrowprops={"arrowstyle": "->"})


def pyramid(ax: Any) -> None:
    bands = ["18-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80+"]
    men, women = [410, 620, 1105, 1850, 2410, 2230, 1390], [505, 760, 1150, 1690, 2180, 2390, 2240]
    ax.barh(bands, [-m for m in men], color="#4c72b0", label="Hommes")
    ax.barh(bands, women, color="#dd8452", label="Femmes")
    ax.set_xticks([-2000, -1000, 0, 1000, 2000], ["2 000", "1 000", "0", "1 000", "2 000"])
    ax.set(xlabel="Patients", ylabel="Âge (ans)", title="Cohorte au 1er janvier 2021")
    ax.legend()


def percent_stack(ax: Any) -> None:
    """A seaborn-like stacked bar of percentages with labels inside."""
    parts = {"Complete": [62, 57, 51], "Partial": [23, 26, 29], "None": [15, 17, 20]}
    under = np.zeros(3)
    for name, values in parts.items():
        made = ax.bar(
            ["2019\n(n = 2,310)", "2020\n(n = 1,988)", "2021\n(n = 2,104)"], values, bottom=under, label=name, width=0.6
        )
        ax.bar_label(made, fmt="%d%%", label_type="center", color="white", fontsize=10)
        under += values
    ax.set_ylabel("Share of patients (%)")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    ax.figure.subplots_adjust(right=0.75)


def months_by_hour(ax: Any) -> None:
    """A heat map with a colour bar and no labels in the cells."""
    drawn = ax.imshow(rng.uniform(120, 900, (7, 24)), aspect="auto", cmap="viridis")
    ax.set_yticks(range(7), ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
    ax.set_xlabel("Hour of arrival")
    ax.figure.colorbar(drawn, label="Mean arrivals per week")


def pr_curve(ax: Any) -> None:
    precision, recall, _ = precision_recall_curve(TRUTH, SCORE)
    ax.plot(recall, precision, label="XGBoost (AP = 0.86)")
    ax.axhline(TRUTH.mean(), ls=":", color="grey", label="No skill")
    ax.set(xlabel="Recall", ylabel="Precision", xlim=(0, 1), ylim=(0.4, 1))
    ax.legend(loc="lower left")


def decision_curve(ax: Any) -> None:
    at = np.linspace(0.01, 0.5, 50)
    ax.plot(at, 0.11 - 0.1 * at - 0.05 * at**2, label="Model")
    ax.plot(at, 0.11 - at / (1 - at) * 0.4, label="Treat all")
    ax.plot(at, 0 * at, "k", label="Treat none")
    ax.set(xlabel="Threshold probability", ylabel="Net benefit", ylim=(-0.02, 0.12))
    ax.legend()


def lasso(ax: Any) -> None:
    steps = np.logspace(-4, 0, 60)
    for name, size in {"age": 0.9, "sbp": 0.5, "ldl": -0.4, "hdl": 0.2, "smoker": 0.7}.items():
        ax.plot(steps, np.sign(size) * np.maximum(abs(size) - steps, 0), label=name)
    ax.set_xscale("log")
    ax.set(xlabel=r"$\lambda$", ylabel="Coefficient")
    ax.legend()


def densities(ax: Any) -> None:
    x = np.linspace(0.6, 0.95, 200)
    for name, mean in (("Crude", 0.84), ("Adjusted", 0.77)):
        curve = gaussian_kde(rng.normal(mean, 0.03, 8000))(x)
        ax.fill_between(x, curve, alpha=0.4, label=name)
    ax.axvline(0.8, ls="--", color="k")
    ax.set(xlabel="Hazard ratio (posterior)", ylabel="Density")
    ax.legend()


def forest_with_text(ax: Any) -> None:
    """A forest plot with its numbers in columns at the side."""
    rows = [("Overall", 0.84, 0.75, 0.94, "1204/48210"), ("Age < 75", 0.80, 0.69, 0.93, "588/24310"), ("Age ≥ 75", 0.89, 0.76, 1.04, "616/23900"), ("Women", 0.86, 0.74, 0.99, "840/35193"), ("Men", 0.80, 0.66, 0.97, "364/13017")]  # fmt: skip
    for at, (name, ratio, low, high, n) in enumerate(reversed(rows)):
        ax.plot([low, high], [at, at], color="black")
        ax.plot(ratio, at, "s", color="black")
        ax.text(0.34, at, name, va="center")
        ax.text(0.50, at, n, va="center")
        ax.text(1.12, at, f"{ratio:.2f} ({low:.2f}-{high:.2f})", va="center")
    ax.text(0.34, 5, "Subgroup", weight="bold")
    ax.text(0.50, 5, "Events/N", weight="bold")
    ax.text(1.12, 5, "HR (95% CI)", weight="bold")
    ax.axvline(1, ls="--", color="grey")
    ax.set(xlim=(0.32, 1.35), ylim=(-0.6, 5.6), yticks=[], xticks=[0.7, 0.8, 0.9, 1.0])


def intervals_by_month(ax: Any) -> None:
    """An interrupted series: bars of large counts, a line at the break."""
    months = np.arange(36)
    ax.bar(months, rng.integers(2100, 3900, 36), color="#9ecae1")
    ax.axvline(14.5, color="red", ls="--")
    ax.text(15, 4050, "March 2020", color="red", fontsize=9)
    ax.set(xlabel="Months since January 2019", ylabel="Emergency visits", ylim=(0, 4400))


def panels() -> File:
    """Four panels of one figure."""
    figure, grid = plt.subplots(2, 2, figsize=(9, 7), constrained_layout=True)
    for ax, draw, letter in zip(grid.flat, (pr_curve, lasso, densities, decision_curve), "ABCD", strict=True):
        draw(ax)
        ax.set_title(letter, loc="left", fontweight="bold")
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110)
    plt.close(figure)
    return "figure2.png", out.getvalue()


def box(ax: Any) -> None:
    """A box plot of quartiles and whiskers at the 5th and 95th percentile of thousands; no outliers."""
    at = [{"med": m, "q1": m - 6, "q3": m + 7, "whislo": m - 14, "whishi": m + 15, "label": f"{g}\n(n = {n})"} for m, g, n in ((48, "Drug A", "2,310"), (52, "Drug B", "2,288"), (57, "Placebo", "2,301"))]  # fmt: skip
    ax.bxp(at, showfliers=False)
    ax.set(ylabel="Pain score at week 6")


def strategy(ax: Any) -> None:
    """A drawing of the study, without data."""
    ax.set(xlim=(0, 10), ylim=(0, 3))
    ax.axis("off")
    for x, width, text, colour in (
        (0.2, 3, "Washout\n365 days", "#dddddd"),
        (3.4, 1.6, "Index\ndate", "#ffd27f"),
        (5.2, 4.5, "Follow-up: up to 5 years", "#c7e9c0"),
    ):
        ax.add_patch(FancyBboxPatch((x, 1), width, 1, boxstyle="round,pad=0.05", fc=colour))
        ax.text(x + width / 2, 1.5, text, ha="center", va="center")


def report() -> File:
    """A Word report of a page: headings, a list, a table with its caption, a figure."""
    made = docx.Document()
    made.core_properties.author = "Registry"
    made.add_heading("Révision des prothèses de hanche à 5 ans", 0)
    made.add_paragraph("Version 1.2 du 14 mars 2023 – document de travail")
    made.add_heading("1. Population", 1)
    made.add_paragraph("Sur 52 310 poses enregistrées, 4 100 ont été exclues ; l'analyse porte sur 48 210 patients.")
    for item in ("moins de 18 ans : 1 204 ;", "résidence à l'étranger : 388 ;", "implant antérieur : 2 508."):
        made.add_paragraph(item, style="List Bullet")
    made.add_heading("2. Résultats", 1)
    made.add_paragraph("Tableau 1 – Révisions par mode de fixation", style="Caption")
    table = made.add_table(rows=1, cols=4, style="Table Grid")
    for where, text in zip(
        table.rows[0].cells, ("Fixation", "Patients", "Révisions, n (%)", "RR ajusté [IC 95 %]"), strict=True
    ):
        where.text = text
    for row in (
        ("Ciment", "29 980", "690 (2,3)", "0,84 [0,75 – 0,94]"),
        ("Sans ciment", "18 230", "514 (2,8)", "1 (réf.)"),
        ("Ensemble", "48 210", "1 204 (2,5)", "–"),
    ):
        for where, text in zip(table.add_row().cells, row, strict=True):
            where.text = text
    made.add_paragraph("Lecture : 2,3 % des 29 980 patients avec ciment ont eu une révision dans les 5 ans.")
    made.add_picture(io.BytesIO(pack.figure(forest_with_text, size=(8, 4))[1]))
    made.add_paragraph("Figure 1 – Rapports de risque par sous-groupe.", style="Caption")
    out = io.BytesIO()
    made.save(out)
    return "rapport.docx", out.getvalue()


def cases() -> list[Case]:
    """The cases of this part."""
    drawn = {"risk_table": risk_table, "pyramid": pyramid, "percent_stack": percent_stack, "heat": months_by_hour, "pr": pr_curve, "decision": decision_curve, "lasso": lasso, "densities": densities, "its": intervals_by_month, "box": box, "strategy": strategy}  # fmt: skip
    made = {f"{name}_png": pack.figure(draw) for name, draw in drawn.items()}
    made |= {"consort_png": pack.figure(consort, size=(8, 7)), "consort_svg": pack.figure(consort, "svg", size=(8, 7)), "forest_pdf": pack.figure(forest_with_text, "pdf", size=(8, 4)), "forest_png": pack.figure(forest_with_text, size=(8, 4)), "pyramid_jpg": pack.figure(pyramid, "jpg"), "percent_svg": pack.figure(percent_stack, "svg"), "panels_png": panels(), "book_pdf": pages(lasso, intervals_by_month, box), "report": report()}  # fmt: skip
    return [safe(f"eighteen_{name}", "pictures", file) for name, file in made.items()]
