"""Figures as researchers make them, safe and leaking, seeded. Each is a function of a generator that returns a PNG."""

import io
from collections.abc import Callable

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

Rng = np.random.Generator
Drawer = Callable[[Rng], None]
STYLES = ("default", "seaborn-v0_8-whitegrid", "seaborn-v0_8-darkgrid", "ggplot", "bmh", "seaborn-v0_8-ticks")
DPIS = (100, 110, 120, 150, 200, 300)
SAFE: list[Drawer] = []
LEAKING: list[Drawer] = []


def safe(draw: Drawer) -> Drawer:
    SAFE.append(draw)
    return draw


def leaking(draw: Drawer) -> Drawer:
    LEAKING.append(draw)
    return draw


def png(draw: Drawer, seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    out = io.BytesIO()
    with plt.style.context(STYLES[seed % len(STYLES)]):
        draw(rng)
        plt.gcf().savefig(out, dpi=DPIS[(seed * 7 + 3) % len(DPIS)], bbox_inches="tight")
        plt.close("all")
    return out.getvalue()


# -- safe ----------------------------------------------------------------------------------------------------------


@safe
def histogram(rng: Rng) -> None:
    plt.hist(rng.normal(62, 9, 4000), bins=24, color="steelblue")
    plt.xlabel("Âge (années)")
    plt.ylabel("Nombre de patients")


@safe
def survival(rng: Rng) -> None:
    x = np.linspace(0, 60, 13)
    for arm, rate in (("Arm A (n = 412)", 40), ("Arm B (n = 398)", 55)):
        plt.step(x, np.exp(-x / rate), where="post", label=arm)
    plt.legend()
    plt.text(3, 0.2, "log-rank p = 0.003\nHR 0.72 (0.58–0.89)")
    plt.xlabel("Months since inclusion")
    plt.ylabel("Survival probability")
    plt.ylim(0, 1.05)


@safe
def forest(rng: Rng) -> None:
    names = ["Age (per 10 y)", "Sex: male", "Diabetes", "Smoking", "Stage III"]
    odds = np.array([1.42, 1.12, 1.85, 1.33, 2.4])
    plt.errorbar(odds, range(5), xerr=[odds * 0.2, odds * 0.3], fmt="s", color="k")
    plt.yticks(range(5), names)
    plt.axvline(1, ls="--", color="grey")
    for i, o in enumerate(odds):
        plt.text(4.2, i, f"{o:.2f} ({o * 0.8:.2f}–{o * 1.3:.2f})", va="center")
    plt.xlim(0.3, 7)
    plt.xlabel("Odds ratio (95 % CI)")


@safe
def correlations(rng: Rng) -> None:
    names = ["age", "BMI", "SBP", "LDL", "HbA1c"]
    m = np.corrcoef(rng.normal(size=(5, 300)) + rng.normal(size=300))
    plt.imshow(m, cmap="coolwarm", vmin=-1, vmax=1)
    plt.colorbar()
    plt.xticks(range(5), names)
    plt.yticks(range(5), names)
    for i in range(5):
        for j in range(5):
            plt.text(j, i, f"{m[i, j]:.2f}", ha="center", va="center")


@safe
def big_bars(rng: Rng) -> None:
    names, values = ["Nord", "Sud", "Est", "Ouest"], rng.integers(120, 900, 4)
    bars = plt.bar(names, values)
    plt.bar_label(bars)
    plt.ylabel("Effectif")
    plt.title("Séjours par région, 2022")


@safe
def percent_bars(rng: Rng) -> None:
    bars = plt.bar(["Q1", "Q2", "Q3", "Q4"], [4, 7, 12, 3])
    plt.bar_label(bars, fmt="%d %%")
    plt.ylabel("Prévalence (%)")


@safe
def roc(rng: Rng) -> None:
    x = np.linspace(0, 1, 200)
    plt.plot(x, x**0.3, label="Model 1, AUC = 0.83 (0.80–0.86)")
    plt.plot(x, x**0.5, label="Model 2, AUC = 0.74 (0.70–0.77)")
    plt.plot([0, 1], [0, 1], "k--")
    plt.legend(loc="lower right")
    plt.xlabel("1 − specificity")
    plt.ylabel("Sensitivity")


@safe
def calibration(rng: Rng) -> None:
    x = np.linspace(0.05, 0.95, 10)
    plt.plot(x, x + rng.normal(0, 0.02, 10), "o-")
    plt.plot([0, 1], [0, 1], ":")
    plt.xlabel("Predicted probability")
    plt.ylabel("Observed fraction")
    plt.title("Calibration, 10 groups of 500 patients")


@safe
def time_series(rng: Rng) -> None:
    years = np.arange(2012, 2024)
    plt.plot(years, rng.integers(4000, 6000, 12), marker="o")
    plt.xlabel("Year")
    plt.ylabel("Admissions per year")


@safe
def categories_as_numbers(rng: Rng) -> None:
    plt.bar([1, 2, 3, 4, 5], rng.integers(100, 400, 5))
    plt.xlabel("ASA class")
    plt.ylabel("Number of patients")
    plt.xticks([1, 2, 3, 4, 5])


@safe
def panels(rng: Rng) -> None:
    _, axes = plt.subplots(2, 3, figsize=(10, 6), sharey=True)
    for n, ax in enumerate(axes.flat):
        ax.hist(rng.normal(size=900), bins=12)
        ax.set_title(f"({'abcdef'[n]}) Group {n + 1}")
    axes[0, 0].set_ylabel("Count")
    axes[1, 0].set_ylabel("Count")


@safe
def log_axis(rng: Rng) -> None:
    x = np.logspace(0, 4, 30)
    plt.loglog(x, 5000 / x)
    plt.xlabel("Dose (mg)")
    plt.ylabel("Response")


@safe
def stacked_shares(rng: Rng) -> None:
    shares = rng.dirichlet([8, 5, 3], 4) * 100
    bottom = np.zeros(4)
    for k, name in enumerate(("Low", "Middle", "High")):
        bars = plt.bar(["2019", "2020", "2021", "2022"], shares[:, k], bottom=bottom, label=name)
        plt.bar_label(bars, fmt="%.0f%%", label_type="center")
        bottom += shares[:, k]
    plt.legend()
    plt.ylabel("Share of stays (%)")


@safe
def pie(rng: Rng) -> None:
    plt.pie([45, 30, 15, 10], labels=["Home", "Transfer", "Rehab", "Other"], autopct="%1.1f%%")
    plt.title("Mode of discharge (n = 1 840)")


@safe
def boxes(rng: Rng) -> None:
    plt.boxplot([rng.normal(m, 3, 400) for m in (10, 12, 15)], showfliers=False)
    plt.xticks([1, 2, 3], ["Low", "Middle", "High"])
    plt.ylabel("Length of stay (days)")


@safe
def mean_labels(rng: Rng) -> None:
    bars = plt.bar(["Surgery", "Medicine", "Obstetrics"], [6, 9, 4])
    plt.bar_label(bars)
    plt.ylabel("Mean length of stay (days)")


@safe
def importance(rng: Rng) -> None:
    names = [f"feature_{n}" for n in range(12)]
    plt.barh(names, np.sort(rng.random(12)))
    plt.xlabel("Mean |SHAP|")


@safe
def density(rng: Rng) -> None:
    x = np.linspace(-4, 4, 200)
    plt.fill_between(x, np.exp(-(x**2) / 2), alpha=0.4)
    plt.title("Propensity score, logit scale")
    plt.xlabel("Score")


@safe
def confusion_large(rng: Rng) -> None:
    m = np.array([[812, 64], [91, 433]])
    plt.imshow(m, cmap="Blues")
    for i in range(2):
        for j in range(2):
            plt.text(j, i, str(m[i, j]), ha="center", color="white" if m[i, j] > 400 else "black")
    plt.xlabel("Predicted label")
    plt.ylabel("True label")
    plt.xticks([0, 1])
    plt.yticks([0, 1])
    plt.colorbar()


@safe
def risk_table_large(rng: Rng) -> None:
    x = np.arange(0, 61, 12)
    plt.step(x, np.exp(-x / 50), where="post")
    plt.ylabel("Survival")
    plt.xlabel("Months")
    plt.xticks(x)
    for k, n in enumerate((412, 350, 288, 201, 133, 64)):
        plt.text(x[k], -0.32, str(n), ha="center")
    plt.text(-14, -0.32, "At risk")
    plt.ylim(0, 1)


@safe
def hexbin(rng: Rng) -> None:
    plt.hexbin(rng.normal(size=20000), rng.normal(size=20000), gridsize=25, cmap="viridis")
    plt.colorbar(label="Patients (log scale)")
    plt.xlabel("PC 1")
    plt.ylabel("PC 2")


@safe
def dates(rng: Rng) -> None:
    days = np.datetime64("2020-01-01") + np.arange(0, 700, 7)
    plt.plot(days, 200 + np.cumsum(rng.normal(0, 5, 100)))
    plt.gcf().autofmt_xdate()
    plt.ylabel("Weekly visits")


@safe
def learning_curve(rng: Rng) -> None:
    epochs = np.arange(1, 51)
    plt.plot(epochs, np.exp(-epochs / 15), label="train")
    plt.plot(epochs, np.exp(-epochs / 17) + 0.05, label="validation")
    plt.legend()
    plt.xlabel("Epoch")
    plt.ylabel("Loss")


@safe
def flow_chart(rng: Rng) -> None:
    plt.axis("off")
    for y, text in ((0.9, "Assessed (n = 1 250)"), (0.6, "Randomised (n = 810)"), (0.3, "Analysed (n = 790)")):
        plt.text(0.5, y, text, ha="center", bbox={"boxstyle": "square", "fc": "w"})


@safe
def table_figure(rng: Rng) -> None:
    plt.axis("off")
    cells = [["Age, mean (SD)", "62.1 (9.4)"], ["Women, n (%)", "412 (48.2)"], ["BMI, mean (SD)", "27.3 (4.1)"]]
    plt.table(cellText=cells, colLabels=["Characteristic", "Total (n = 855)"], loc="center")


@safe
def violin(rng: Rng) -> None:
    plt.violinplot([rng.normal(m, 1, 500) for m in range(4)])
    plt.ylabel("log10(CRP)")
    plt.xlabel("Cluster")


@safe
def dose_levels(rng: Rng) -> None:
    for dose in (1, 2, 5, 10):
        plt.plot(np.linspace(0, 24, 50), dose * np.exp(-np.linspace(0, 24, 50) / 6), label=f"{dose} mg")
    plt.legend(title="Dose")
    plt.xlabel("Time (h)")
    plt.ylabel("Concentration (mg/L)")


@safe
def grouped(rng: Rng) -> None:
    x = np.arange(4)
    plt.bar(x - 0.2, rng.integers(200, 500, 4), 0.4, label="Men")
    plt.bar(x + 0.2, rng.integers(200, 500, 4), 0.4, label="Women")
    plt.xticks(x, ["18–39", "40–59", "60–79", "80+"])
    plt.legend()
    plt.ylabel("Number of cases")


@safe
def rates(rng: Rng) -> None:
    bars = plt.barh(["Bretagne", "Corse", "Île-de-France"], [8, 5, 9])
    plt.bar_label(bars)
    plt.xlabel("Taux pour 100 000 habitants")


@safe
def coefficients(rng: Rng) -> None:
    plt.plot(rng.normal(0, 1, 8), range(8), "o")
    plt.yticks(range(8), [f"x{n}" for n in range(8)])
    plt.axvline(0)
    plt.title("n = 2 341, R² = 0.41, p < 0.001")


@safe
def map_grid(rng: Rng) -> None:
    plt.imshow(rng.random((20, 30)), cmap="magma", extent=(0, 30, 0, 20))
    plt.colorbar(label="Incidence (per 1 000)")
    plt.title("Incidence par maille de 10 km")


@safe
def elbow(rng: Rng) -> None:
    plt.plot(range(1, 11), 100 / np.arange(1, 11), "o-")
    plt.xlabel("Number of clusters k")
    plt.ylabel("Inertia")


@safe
def dark_background(rng: Rng) -> None:
    with plt.style.context("dark_background"):
        plt.figure()
        plt.plot(rng.normal(size=100).cumsum())
        plt.xlabel("Day")
        plt.ylabel("Index (base 100)")
        plt.title("Activity, standardised")


@safe
def masked_labels(rng: Rng) -> None:
    bars = plt.bar(["A", "B", "C", "D"], [45, 5, 88, 31])
    plt.bar_label(bars, labels=["45", "<11", "88", "31"])
    plt.ylabel("Patients")


# -- leaking -------------------------------------------------------------------------------------------------------

SMALL = (2, 3, 4, 5, 6, 7, 8, 9)


def _small(rng: Rng) -> int:
    return int(rng.choice(SMALL))


@leaking
def small_bars(rng: Rng) -> None:
    bars = plt.bar(["Nord", "Sud", "Est", "Ouest"], [120, _small(rng), 45, 77])
    plt.bar_label(bars)
    plt.ylabel("Nombre de patients")


@leaking
def small_bars_across(rng: Rng) -> None:
    bars = plt.barh(["Stage I", "Stage II", "Stage III"], [210, 48, _small(rng)])
    plt.bar_label(bars, padding=3)
    plt.xlabel("Number of patients")


@leaking
def small_inside_bars(rng: Rng) -> None:
    bars = plt.bar(["A", "B", "C"], [14, _small(rng), 18], color="navy")
    plt.bar_label(bars, label_type="center", color="white")
    plt.ylabel("Count")


@leaking
def small_heat_map(rng: Rng) -> None:
    m = rng.integers(1, 60, (4, 4))
    plt.imshow(m, cmap="Blues")
    plt.colorbar(label="Patients")
    for i in range(4):
        for j in range(4):
            plt.text(j, i, str(m[i, j]), ha="center", va="center", color="white" if m[i, j] > 35 else "black")


@leaking
def small_confusion(rng: Rng) -> None:
    m = np.array([[312, _small(rng)], [_small(rng), 88]])
    plt.imshow(m, cmap="viridis")
    for i in range(2):
        for j in range(2):
            plt.text(j, i, str(m[i, j]), ha="center", color="white" if m[i, j] < 160 else "black")
    plt.xlabel("Predicted label")
    plt.ylabel("True label")
    plt.xticks([0, 1])
    plt.yticks([0, 1])


@leaking
def legend_n(rng: Rng) -> None:
    for group, n in (("Treated", 145), ("Rare variant", _small(rng))):
        plt.plot(rng.normal(size=30).cumsum(), label=f"{group} (n = {n})")
    plt.legend()


@leaking
def title_n(rng: Rng) -> None:
    plt.hist(rng.normal(size=100), bins=8)
    plt.title(f"Carriers, n={_small(rng)}")


@leaking
def text_patients(rng: Rng) -> None:
    plt.ylim(-4, 6)
    plt.plot(rng.random(30))
    plt.text(0.3, 0.9, f"{_small(rng)} patients died", transform=plt.gca().transAxes)


@leaking
def deces(rng: Rng) -> None:
    plt.ylim(-4, 6)
    plt.plot(rng.random(20))
    plt.annotate(f"{_small(rng)} décès", (10, 0.5), xytext=(3, 3), arrowprops={"arrowstyle": "->"})


@leaking
def risk_table(rng: Rng) -> None:
    x = np.arange(0, 61, 12)
    plt.step(x, np.exp(-x / 20), where="post")
    plt.ylabel("Survival")
    plt.xticks(x)
    for k, n in enumerate((112, 70, 38, 21, 13, _small(rng))):
        plt.text(x[k], -0.3, str(n), ha="center")
    plt.text(-14, -0.3, "No. at risk")
    plt.ylim(0, 1)


@leaking
def nir_title(rng: Rng) -> None:
    plt.plot(rng.random(20))
    plt.title("Trajectoire de 1 84 12 76 451 089 46")


@leaking
def ipp_label(rng: Rng) -> None:
    plt.plot(rng.random(20), label="IPP 8001234567")
    plt.legend()


@leaking
def names_on_axis(rng: Rng) -> None:
    plt.barh(["M. Jean DUPONT", "Mme Claire MARTIN", "M. Paul DURAND"], rng.random(3))
    plt.xlabel("Créatinine")


@leaking
def birth_date(rng: Rng) -> None:
    plt.plot(rng.random(20))
    plt.title("Patient né le 04/03/1951")


@leaking
def e_mail(rng: Rng) -> None:
    plt.plot(rng.random(20))
    plt.xlabel("jean.dupont@orange.fr")


@leaking
def phone(rng: Rng) -> None:
    plt.plot(rng.random(20))
    plt.title("Tél. 06 12 34 56 78")


@leaking
def flow_small(rng: Rng) -> None:
    plt.axis("off")
    for y, text in ((0.9, "Assessed (n = 250)"), (0.6, f"Excluded (n = {_small(rng)})"), (0.3, "Analysed (n = 210)")):
        plt.text(0.5, y, text, ha="center", bbox={"boxstyle": "square", "fc": "w"})


@leaking
def table_small(rng: Rng) -> None:
    plt.axis("off")
    cells = [["Women", "412"], ["Men", "388"], ["Pregnant", str(_small(rng))], ["Lost", "31"]]
    plt.table(cellText=cells, colLabels=["Group", "n"], loc="center")


@leaking
def table_small_percent(rng: Rng) -> None:
    plt.axis("off")
    k = _small(rng)
    cells = [["Women, n (%)", "412 (48.2)"], ["Cancer, n (%)", f"{k} ({k / 8.5:.1f}%)"], ["Men, n (%)", "443 (51.8)"]]
    plt.table(cellText=cells, colLabels=["Characteristic", "Total, n (%)"], loc="center")


@leaking
def turned_identifier(rng: Rng) -> None:
    plt.plot(rng.random(20))
    plt.ylabel("NIR 2 91 07 2A 004 112 46")


@leaking
def turned_names(rng: Rng) -> None:
    plt.bar(["M. Jean DUPONT", "Mme Claire MARTIN", "M. Paul DURAND"], rng.random(3))
    plt.xticks(rotation=90)


@leaking
def tree(rng: Rng) -> None:
    plt.axis("off")
    plt.text(0.5, 0.9, "age <= 62.5\nsamples = 812", ha="center", bbox={"fc": "w"})
    plt.text(0.2, 0.4, f"gini = 0.0\nsamples = {_small(rng)}", ha="center", bbox={"fc": "w"})
    plt.text(0.8, 0.4, "gini = 0.31\nsamples = 807", ha="center", bbox={"fc": "w"})


@leaking
def sankey_like(rng: Rng) -> None:
    plt.axis("off")
    plt.text(0.2, 0.5, f"Ward A → ICU: {_small(rng)} patients", bbox={"fc": "lightblue"})
    plt.text(0.2, 0.3, "Ward B → ICU: 58 patients", bbox={"fc": "lightblue"})


@leaking
def stacked_small(rng: Rng) -> None:
    low, high = np.array([30, 41, 25]), np.array([_small(rng), 12, _small(rng)])
    plt.bar_label(plt.bar(["2019", "2020", "2021"], low, label="0"), label_type="center")
    plt.bar_label(plt.bar(["2019", "2020", "2021"], high, bottom=low, label="1"), label_type="center")
    plt.ylabel("Effectif")


@leaking
def dark_small(rng: Rng) -> None:
    with plt.style.context("dark_background"):
        plt.figure()
        bars = plt.bar(["A", "B", "C"], [60, _small(rng), 45])
        plt.bar_label(bars)
        plt.ylabel("Number of deaths")


@leaking
def pale_text(rng: Rng) -> None:
    plt.ylim(-4, 6)
    plt.plot(rng.random(20), color="w")
    plt.text(5, 3, f"n = {_small(rng)}", color="#bbbbbb", fontsize=14)


@leaking
def coloured_text(rng: Rng) -> None:
    plt.ylim(-4, 6)
    plt.plot(rng.random(20))
    plt.text(5, 3, f"n = {_small(rng)} patients", color="orange", fontsize=12)


@leaking
def forest_counts(rng: Rng) -> None:
    plt.errorbar([1.2, 1.5, 0.8], range(3), xerr=0.2, fmt="s")
    plt.yticks(range(3), ["Young", "Old", "Carriers"])
    for i, n in enumerate((210, 185, _small(rng))):
        plt.text(2.2, i, f"n = {n}", va="center")
    plt.xlim(0, 3)


@leaking
def pie_counts(rng: Rng) -> None:
    counts = [150, 60, _small(rng)]
    plt.pie(counts, labels=[f"{name}, n={n}" for name, n in zip(("Home", "Transfer", "Death"), counts, strict=True)])


@leaking
def iban(rng: Rng) -> None:
    plt.plot(rng.random(20))
    plt.title("IBAN FR76 3000 6000 0112 3456 7890 189")


@leaking
def histogram_labels(rng: Rng) -> None:
    counts, _, bars = plt.hist(rng.normal(50, 10, 160), bins=10)
    plt.bar_label(bars, labels=[str(int(c)) if c else "" for c in counts])
    plt.ylabel("Effectif")


@leaking
def annotated_seaborn(rng: Rng) -> None:
    m = np.array([[40, 7], [22, 15], [31, 4]])
    plt.pcolormesh(m, cmap="rocket" if "rocket" in mpl.colormaps else "inferno", edgecolors="w")
    for i in range(3):
        for j in range(2):
            plt.text(j + 0.5, i + 0.5, str(m[i, j]), ha="center", va="center", color="w" if m[i, j] < 25 else ".15")
    plt.title("Nombre de cas par service et sexe")
