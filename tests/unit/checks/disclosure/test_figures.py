import numpy as np
import pytest

from ecluse.checks.disclosure import centiles, find, pairs
from ecluse.checks.facts import Context, Facts, Series, SeriesKind, Sign, SignKind, Table, TextNumber, Value
from ecluse.checks.kinds.layout import read_text
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules
from unit.checks.disclosure.tables import facts, table


def check(given: Table | Facts | str) -> list[Finding]:
    made = read_text(given) if isinstance(given, str) else facts(given) if isinstance(given, Table) else given
    return [f for f in find({"a": made}, OutputRules(), Context())["a"] if f.severity is not Severity.NOTE]


def rules(given: Table | Facts | str) -> set[str]:
    return {f.rule for f in check(given)}


@pytest.mark.parametrize(
    ("leak", "rule"),
    [
        (table(". age", "count 686", "mean 53.05", "std 10.12", "min 21", "25% 46", "50% 53", "max 80"), "extreme"),
        (table("région n âge_max", "Nord 120 97", "Sud 140 101"), "extreme"),
        (table("région n âge_médian", "Nord 12 61", "Sud 140 62"), "percentile"),
        (table(". cost", "count 300", "mean 53.05", "99% 80.2"), "percentile"),
        (table("région n coût_moyen", "Nord <11 812.5", "Sud 120 640.1"), "figure-of-few"),
        (table("obs residuals", "1 0.2", "2 -0.4", "3 1.1"), "residuals"),
        (table(". value", "Df_Residuals: 5", "R-squared: 0.99"), "degrees-of-freedom"),
        (table("hôpital total_cost top1_cost top2_cost", "A 1000 700 250", "B 1000 120 90"), "dominance"),
        (table("hôpital cost top2_share", "A 1000 0.95", "B 1000 0.31"), "dominance"),
        (table("pharmacie remboursements", "Port 941200.5", "Kerven 30120.2", "Halles 21877.1"), "dominance"),
        (table("Complication %_(sur_48_opérés)", "Infection 31.3", "Décès 6.3"), "percent-of-few"),
        (table("Group Mean SD CI_low CI_high", "A 12.0 4.0 11.6 12.4", "B 15.0 5.0 10.6 19.4"), "small-count"),
        (table("percentile value", "50 61", "90 88", "100 104"), "extreme"),
        (table("snp maf n", "rs1 0.0004 4120", "rs2 0.12 4120"), "percent-of-few"),
        (table("hôpital coût_total coût_du_séjour_le_plus_cher", "A 412000 401000", "B 388000 12000"), "dominance"),
        (
            table("variable Overall A", "n 420 212", "Sex_=_M_(%) 212_(50.5) 110_(51.9)", "HIV_(%) 4_(1.0) 3_(1.4)"),
            "small-count",
        ),
        (table("Group Mean SD SEM", "A 12.0 4.0 0.2", "B 15.0 5.0 2.2"), "small-count"),
        (table("groupe taille cd4_moyen", "VIH+ 3 412.3", "VIH- 812 801.2"), "small-count"),
        (table("variable n p1 median p99", "income 140 812 2104 9120"), "percentile"),
        (table("variable n percentile_1 percentile_99", "income 140 812 9120"), "percentile"),
        (table("variable n mean min max", "cost 4120 812.1 12 91204"), "extreme"),
        (table("term estimate std.error df", "dose 1.2 0.3 5"), "degrees-of-freedom"),
        (table("hôpital CA_total CA_top1 CA_top2", "A 1000 700 250"), "dominance"),
        (table("région n décès_%", "Nord 80 12.5", "Sud 64 50.0"), "percent-of-few"),
        (table(". Arm_A_(n=80) Arm_B_(n=90)", "Deaths,_% 5.0% 50.0%", "Relapse,_% 50.0% 40.0%"), "percent-of-few"),
        (
            table(
                "age person-years rate·per·1,000", "0-17 41200 0.072800", "18-64 188300 4.310000", "65+ 61240 23.510000"
            ),
            "percent-of-few",
        ),
    ],
)
def test_figures_that_give_persons_away(leak: Table, rule: str) -> None:
    assert rule in rules(leak)


@pytest.mark.parametrize(
    "safe",
    [
        table(". age", "count 686", "mean 53.05", "std 10.12", "25% 46", "50% 53", "75% 61"),
        table(". woman", "count 686", "mean 0.5", "min 0", "max 1"),
        table("région n âge_médian", "Nord 120 61", "Sud 140 62"),
        table("pharmacie remboursements", "Port 41200.5", "Kerven 30120.2", "Halles 31877.1"),
        table("Complication %_(sur_480_opérés)", "Infection 31.3", "Décès 6.3"),
        table("Group Mean SD CI_low CI_high", "A 12.0 4.0 11.6 12.4", "B 15.0 5.0 14.5 15.5"),
        table("sexe taille poids", "F 163 62", "H 176 78"),
        table("percentile value", "50 61", "75 68", "90 88"),
        table("term coef p", "age 0.12 0.0", "sexe 0.31 0.004", "dose 1.2 0.2"),
        table("snp maf n", "rs1 0.04 4120", "rs2 0.12 4120"),
        table("n_comorbidities patients", "0 412", "1 388", "2 120", "3 21"),
        table("étape durée_s", "lecture 3", "nettoyage 12", "analyse 120"),
        table("bras Mean Std_Dev Lower_Quartile Upper_Quartile", "A 7.41 1.12 6.6 8.1", "B 7.10 1.09 6.4 7.7"),
        table("région n coût_moyen", "Nord <11 .", "Sud 120 640.1"),
        table(". Df_Residuals R2", "m1 676 0.31", "m2 650 0.3"),
        table("région n décès_%", "Nord 800 12.5", "Sud 640 50.0"),
        table("région n %", "Nord 12 8.0", "Sud 138 92.0"),
        table("max_depth min_samples_leaf AUC", "3 5 0.81", "7 9 0.83", stub=0),
        table("hôpital total_cost top1_cost top2_cost", "A 1000 300 250", "B 1000 120 90"),
        table("terme VIF max_corr", "age 1.2 0.4", "sex 1.1 0.3"),
    ],
)
def test_safe_figures_pass(safe: Table) -> None:
    assert check(safe) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Only 3 patients died.", "small-count"),
        ("The subgroup (n = 3) was left out.", "small-count"),
        ("Effectif : 4", "small-count"),
        ("Nombre de décès : 7", "small-count"),
        ("3 malades sur 80 ont rechuté", "small-count"),
        ("3 of 80 patients relapsed", "small-count"),
        ("Trois patients sont décédés.", "small-count"),
        ("12.5 % of 80 patients", "percent-of-few"),
        ("number of events observed = 8", "small-count"),
        ("|--- age <= 50\n|   |--- samples = 3\n|   |--- class: 1", "tree-leaf"),
        ("|   |--- weights: [2.00, 0.00] class: 0", "small-count"),
        ("Df Residuals: 5", "degrees-of-freedom"),
        ("F = 3.1 on 5 degrees of freedom", "degrees-of-freedom"),
        ("The oldest patient was 97 years old.", "extreme"),
    ],
)
def test_small_numbers_in_text(text: str, rule: str) -> None:
    assert rule in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "p = 0.03, HR 1.4 (95 % CI 1.1-1.9), 686 patients, 299 events",
        "Cells of fewer than 11 patients are masked; at least 10 patients per cell.",
        "5 hôpitaux, 3 modèles, 10-fold cross-validation, n_clusters = 4",
        "Stage 3 cancer, grade 2 patients, type 2 diabetes, phase 3",
        "Follow-up of 5 years, 3 mois, 7 days; age 60 to 69; Table 2, Figure 3",
        "12.5 % of 8000 patients; 98 % of 686",
        "k = 5, seed 7, lr = 3, epoch 3/10 loss 0.31, 120 patients/site",
        "Seuil de 10 patients par case ; moins de 5 cas",
        "|   |--- weights: [212.00, 30.00] class: 0",
        "Df Residuals: 676, Df Model: 9, on 676 degrees of freedom",
        "1 000 patients; n = 1 234; N=686",
    ],
)
def test_other_numbers_in_text_pass(text: str) -> None:
    assert check(text) == []


def test_a_survival_curve_event_by_event_is_refused_and_a_coarse_one_passes() -> None:
    at_risk = np.arange(60, 2, -1)
    curve = np.cumprod(1 - 1 / at_risk)
    every = table("time KM·estimate", *(f"{7 * i + 3} {s:.6f}" for i, s in enumerate(curve)))
    assert rules(every) == {"survival-steps"}
    coarse = table("time KM·estimate", *(f"{12 * i} {1 - 0.07 * i:.2f}" for i in range(6)))
    assert rules(coarse) == set()
    at_risk_table = table("time at·risk", "0 686", "12 500", "24 91", "36 8")
    assert rules(at_risk_table) == {"small-count"}


def test_data_behind_plots() -> None:
    bars = Facts(series=(Series(SeriesKind.HISTOGRAM, ys=(120.0, 44.0, 3.0)),))
    assert rules(bars) == {"small-count"}
    assert rules(Facts(series=(Series(SeriesKind.HISTOGRAM, ys=(120.0, 44.0, 13.0)),))) == set()
    assert rules(Facts(series=(Series(SeriesKind.BARS, ys=(0.1, 0.4)),))) == set()
    cloud = Facts(series=(Series(SeriesKind.POINTS, xs=tuple(range(300)), ys=tuple(range(300))),))
    assert [(f.rule, f.severity) for f in check(cloud)] == [("scatter", Severity.REFUSE)]
    assert rules(Facts(series=(Series(SeriesKind.POINTS, xs=(1.0, 2.0), ys=(3.0, 4.0)),))) == set()
    marks = Facts(signs=(Sign(SignKind.MARKERS, rows=900),))
    assert [(f.rule, f.severity) for f in check(marks)] == [("scatter", Severity.REVIEW)]


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"n": 140, "income / p1": 812, "income / p99": 9120}, True),
        ({"income / n_patients": 140, "income / percentiles / 1": 812}, True),
        ({"n": 14000, "income / p1": 812}, False),
        ({"latency / p99": 812, "latency / p50": 12}, False),
        ({"n": 140, "scores / 1": 812, "scores / 2": 400}, False),
    ],
)
def test_percentiles_below_keys(keys: dict[str, int], *, told: bool) -> None:
    numbers = tuple(TextNumber(Value(n, str(n)), f"{key} = ", "") for key, n in keys.items())
    assert bool(list(centiles.find(Facts(numbers=numbers), 11))) is told


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"share": "0.013", "n": "230"}, True),
        ({"women / pct_dead": "2.2", "women / n": "92"}, True),
        ({"share": "0.13", "n": "23000"}, False),
        ({"learning_rate": "0.01", "n": "230"}, False),
        ({"share": "0.2", "n": "230"}, False),
    ],
)
def test_shares_beside_their_numbers_below_keys(keys: dict[str, str], *, told: bool) -> None:
    numbers = tuple(
        TextNumber(Value(float(n), n, len(n.partition(".")[2])), f"{key} = ", "") for key, n in keys.items()
    )
    found = [f.rule for f in pairs.find(Facts(numbers=numbers), 11)]
    assert ("percent-of-few" in found) is told
