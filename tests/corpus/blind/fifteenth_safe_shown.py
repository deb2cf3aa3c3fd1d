"""Fifteenth batch: safe figures, saved charts and notebooks."""

import base64
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import plotly.express as px
from bokeh.embed import file_html
from bokeh.plotting import figure as bokeh_figure
from bokeh.resources import INLINE
from sklearn.calibration import calibration_curve
from sklearn.metrics import classification_report, roc_curve

from .case import Case, File, safe
from .fifteenth_safe import ENGLISH, SCRIPT
from .pack import cell, figure, notebook, result, shown, stream, text_cell

rng = np.random.default_rng(1504)
TRUTH = rng.integers(0, 2, 5000)
SCORE = np.clip(0.5 + 0.25 * (TRUTH - 0.5) + rng.normal(0, 0.2, 5000), 0, 1)
YEARS = list(range(2012, 2022))
RATES = [112.1, 110.4, 109.8, 107.7, 105.2, 104.9, 101.3, 100.8, 92.4, 96.0]


def survival(ax: Any) -> None:
    for name, rate, risk in (
        ("Arm A", 0.06, "3120  2710  2204  1612  840"),
        ("Arm B", 0.045, "3080  2740  2290  1720  910"),
    ):
        ax.step(range(0, 61, 3), np.exp(-rate * np.arange(0, 61, 3) / 3), where="post", label=name)
        ax.text(0, -0.32 if name == "Arm A" else -0.40, f"{name}   {risk}", fontsize=9)
    ax.set_ylim(0, 1)
    ax.set_xlabel("Months")
    ax.set_ylabel("Survival")
    ax.legend()
    ax.figure.subplots_adjust(bottom=0.32)


def histogram(ax: Any) -> None:
    ax.hist(rng.normal(66, 9, 20000).clip(45, 88), bins=20)
    ax.set_xlabel("Age (years)")
    ax.set_ylabel("Patients")


def matrix(ax: Any) -> None:
    grid = np.array([[4102, 611], [288, 1199]])
    drawn = ax.imshow(grid, cmap="Blues")
    ax.figure.colorbar(drawn)
    for (i, j), value in np.ndenumerate(grid):
        ax.text(j, i, str(value), ha="center", va="center", color="white" if value > 2000 else "black", fontsize=14)
    ax.set_xticks([0, 1], ["no", "yes"])
    ax.set_yticks([0, 1], ["no", "yes"])


def roc(ax: Any) -> None:
    false, true, _ = roc_curve(TRUTH, np.round(SCORE, 2))
    ax.plot(false, true, label="Model (AUC = 0.81)")
    ax.plot([0, 1], [0, 1], "--", color="grey")
    ax.set_xlabel("1 - specificity")
    ax.set_ylabel("Sensitivity")
    ax.legend(loc="lower right")


def calibration(ax: Any) -> None:
    seen, mean = calibration_curve(TRUTH, SCORE, n_bins=10)
    ax.plot(mean, seen, "o-")
    ax.plot([0, 1], [0, 1], "--")
    ax.set_xlabel("Mean predicted probability")
    ax.set_ylabel("Fraction of positives")


def forest(ax: Any) -> None:
    names = ["Women", "Men", "Age < 65", "Age ≥ 65", "Diabetes", "No diabetes", "Overall"]
    ratio = np.array([0.80, 0.82, 0.76, 0.82, 0.78, 0.83, 0.81])
    ax.errorbar(ratio, range(7), xerr=0.06, fmt="s", color="black", capsize=3)
    ax.axvline(1, linestyle="--", color="grey")
    ax.set_yticks(range(7), names)
    ax.set_xlabel("Hazard ratio (95 % CI)")
    ax.invert_yaxis()
    ax.figure.subplots_adjust(left=0.25)


def trend(ax: Any) -> None:
    ax.plot(YEARS, RATES, marker="o")
    ax.set_title("Taux standardisé pour 100 000 habitants")
    ax.set_xlabel("Année")


def bars(ax: Any) -> None:
    made = ax.bar(["2018", "2019", "2020", "2021"], [12040, 12511, 9804, 11230], color="#4477aa")
    ax.bar_label(made)
    ax.set_ylabel("Séjours")


def losses(ax: Any) -> None:
    ax.plot(range(1, 31), 0.7 * np.exp(-np.arange(30) / 9) + 0.2, label="train")
    ax.plot(range(1, 31), 0.7 * np.exp(-np.arange(30) / 9) + 0.24, label="validation")
    ax.set_xlabel("Epoch")
    ax.set_ylabel("Loss")
    ax.legend()


def importances(ax: Any) -> None:
    ax.barh(["ald", "sexe", "creatinine", "sejours", "charlson", "age"], [0.07, 0.081, 0.142, 0.174, 0.221, 0.312])
    ax.set_xlabel("Importance (gain)")
    ax.figure.subplots_adjust(left=0.2)


def pie(ax: Any) -> None:
    ax.pie([4120, 2210, 1390, 890], labels=["Home", "Rehabilitation", "Other hospital", "Death"], autopct="%1.0f%%")


def pictures() -> list[Case]:
    drawn = {"survival": survival, "histogram": histogram, "matrix": matrix, "roc": roc, "forest": forest, "trend": trend, "bars": bars, "losses": losses, "importances": importances, "pie": pie}  # fmt: skip
    out = [safe(f"fifteen_{name}_png", "pictures", figure(draw)) for name, draw in drawn.items()]
    return [
        *out,
        safe("fifteen_calibration_pdf", "pictures", figure(calibration, "pdf")),
        safe("fifteen_forest_svg", "pictures", figure(forest, "svg")),
        safe("fifteen_trend_svg", "pictures", figure(trend, "svg")),
        safe("fifteen_bars_jpg", "pictures", figure(bars, "jpg", dpi=150)),
        safe("fifteen_roc_pdf", "pictures", figure(roc, "pdf")),
    ]


def bokeh_page() -> File:
    plot = bokeh_figure(title="Rate per 100 000", x_axis_label="Year")
    plot.line(YEARS, RATES)
    return "rate.html", file_html(plot, INLINE, "rate").encode()


def pages() -> list[Case]:
    frame = pd.DataFrame({"year": YEARS, "rate": RATES})
    by_group = pd.DataFrame({"group": ["18-49", "50-64", "65-79", "80+"], "patients": [1204, 3310, 5120, 2044]})
    line = px.line(frame, x="year", y="rate", title="Rate per 100 000")
    return [
        safe("fifteen_plotly", "pages", ("rate.html", line.to_html(include_plotlyjs="cdn").encode())),
        safe("fifteen_altair", "pages", ("groups.html", alt.Chart(by_group).mark_bar().encode(x="group:N", y="patients:Q").to_html().encode())),
        safe("fifteen_bokeh", "pages", bokeh_page()),
    ]  # fmt: skip


def books() -> list[Case]:
    report = classification_report(TRUTH, SCORE > 0.5, digits=3)
    image = base64.b64encode(figure(roc)[1]).decode()
    epochs = "".join(f"epoch {i:02d} | train_loss {0.6 - 0.02 * i:.4f} | val_auc {0.75 + 0.005 * i:.4f}\n" for i in range(1, 11))  # fmt: skip
    code = [cell(part) for part in SCRIPT.split("\n\n\n")]
    by_year = pd.DataFrame({"patients": [1204, 1310, 1288], "deaths": [112, 131, 120]}, index=pd.Index([2019, 2020, 2021], name="year"))  # fmt: skip
    return [
        safe("fifteen_code_book", "notebooks", notebook(text_cell("# Analysis\n\nCode of the main analysis, version 1.2."), *code)),
        safe("fifteen_model_book", "notebooks", notebook(text_cell("## Model"), cell("train()", stream(epochs)), cell("print(report)", stream(report)), cell("roc_auc_score(y, p)", result({"text/plain": "np.float64(0.8124)"})))),
        safe("fifteen_table_book", "notebooks", notebook(cell("import pandas as pd\ntable_one(df)", shown(ENGLISH)), cell("df.groupby('year').agg(patients=('id', 'size'), deaths=('death', 'sum'))", shown(by_year)))),
        safe("fifteen_figure_book", "notebooks", notebook(cell("plot_roc(y, p)", result({"text/plain": "<Figure size 600x400 with 1 Axes>", "image/png": image})))),
    ]  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    return [*pictures(), *pages(), *books()]
