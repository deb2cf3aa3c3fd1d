"""Aggregate tables that give a person, or a group, away."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from . import pack
from .case import Case, File, leak


def frames() -> dict[str, pd.DataFrame]:
    """A frame per attack; each is saved in several containers."""
    made: dict[str, dict[str, list[object]]] = {
        "small_count": {"région": ["Nord", "Sud", "Ouest"], "effectif": [153, 4, 212]},
        "small_patients": {"Service": ["Cardiologie", "Réanimation", "Néphrologie"], "Nb patients": [340, 87, 7]},
        "small_deaths": {"hospital": ["A", "B", "C", "D"], "deaths": [45, 31, 2, 18], "admissions": [2040, 1811, 930, 1204]},
        "small_stays": {"GHM": ["05M09", "04M05", "23Z02"], "séjours": ["1 204", "852", "6"]},
        "thousands": {"département": ["29", "35", "56"], "cas": ["12 402", "9 851", "3"]},
        "english_thousands": {"region": ["North", "South", "West"], "N": ["12,402", "9,851", "8"]},
        "masked_total": {"region": ["North", "South", "West", "Total"], "n": ["120", "<11", "98", "222"]},
        "masked_star": {"sexe": ["Hommes", "Femmes", "Ensemble"], "décès": ["88", "*", "92"]},
        "masked_ns": {"classe d'âge": ["18-39", "40-59", "60-79", "80+", "Total"], "n": ["204", "351", "n.s.", "98", "658"]},
        "masked_blank": {"Stage": ["I", "II", "III", "IV", "All"], "patients": ["150", "", "88", "64", "305"]},
        "masked_secret": {"commune": ["Brest", "Quimper", "Morlaix", "Total"], "cas": ["45", "s", "32", "86"]},
        "masked_dash": {"CHU": ["Rennes", "Brest", "Nantes", "Total"], "greffes": ["61", "-", "75", "141"]},
        "masked_percent": {"item": ["Diabetes", "HIV", "Total"], "n": ["180", "<11", "240"], "%": ["75.0", "1.25", "100"]},
        "two_by_two": {"": ["treated", "control", "Total"], "event": ["<11", "<11", "26"], "no event": ["134", "121", "255"], "Total": ["143", "138", "281"]},
        "corner": {"": ["A", "B", "C", "Total"], "x": ["<11", "45", "52", "104"], "y": ["38", "<11", "<11", "52"], "z": ["61", "77", "49", "187"], "Total": ["106", "126", "111", "343"]},
        "percent_of_n": {"groupe": ["Traités", "Témoins"], "N": [80, 200], "% décès": ["2,5 %", "12,5 %"]},
        "proportion_of_n": {"arm": ["A", "B"], "n": [160, 240], "proportion with stroke": [0.0125, 0.1]},
        "rate": {"canton": ["A", "B", "C"], "population": [10000, 24000, 50000], "incidence p. 100 000": [30.0, 250.0, 180.0]},
        "count_percent": {"Characteristic": ["Female", "Diabetes", "Dialysis"], "n (%)": ["412 (51.5)", "160 (20.0)", "3 (0.4)"]},
        "fraction": {"Centre": ["Brest", "Quimper"], "Survivants/inclus": ["120/153", "4/88"]},
        "complement": {"Centre": ["Brest", "Quimper"], "alive / included": ["120/153", "86/88"]},
        "full_percent": {"commune": ["A", "B", "C"], "n": [45, 80, 120], "% VIH": [100.0, 12.5, 15.0]},
        "zero_cell": {"service": ["Addictologie", "Chirurgie"], "séronégatifs": [0, 188], "séropositifs": [45, 60]},
        "mean_of_flag": {"centre": ["A", "B"], "n": [150, 300], "mean death (0/1)": [0.0133, 0.12]},
        "sum_and_mean": {"GHM": ["A", "B"], "total cost": [48000.0, 9120000.0], "mean cost": [16000.0, 3040.0]},
        "std_missing": {"hospital": ["A", "B", "C"], "mean_age": [61.2, 84.0, 58.9], "std_age": [12.1, np.nan, 14.8]},
        "range_of_age": {"sexe": ["H", "F"], "n": [340, 412], "âge min": [18, 19], "âge max": [97, 104]},
        "dominance": {"GHM": ["A", "B"], "n": [40, 60], "sum cost": [1000000, 800000], "largest": [940000, 20000], "second": [30000, 19000]},
        "at_risk": {"time (months)": [0, 12, 24, 36, 48], "n at risk": [210, 140, 61, 19, 2], "S(t)": [1.0, 0.91, 0.84, 0.80, 0.40]},
        "life_table": {"event_at": [0.0, 3.0, 5.0, 9.0], "removed": [0, 1, 1, 2], "observed": [0, 1, 0, 2], "censored": [0, 0, 1, 0], "entrance": [120, 0, 0, 0], "at_risk": [120, 120, 119, 118]},
        "cumulative": {"week": [1, 2, 3, 4], "cumulative cases": [120, 133, 135, 180]},
        "cumulative_share": {"stage": ["I", "II", "III", "IV"], "cumulative %": [50.0, 97.5, 98.75, 100.0], "n total": [160, 160, 160, 160]},
        "daily": {"jour": [f"2021-03-{d:02d}" for d in range(1, 9)], "admissions": [14, 12, 1, 18, 0, 15, 22, 13]},
        "value_counts": {"age": [61, 62, 63, 101, 103], "count": [45, 51, 39, 1, 1]},
        "interval": {"région": ["Nord", "Sud"], "effectif": ["[120;130]", "[1;4]"]},
        "interval_words": {"region": ["North", "South"], "patients": ["120–130", "1 to 3"]},
        "fullwidth_digit": {"region": ["North", "South"], "patients": ["１２０", "３"]},
        "arabic_digit": {"region": ["North", "South"], "patients": ["١٢٠", "٤"]},
        "letter_digit": {"region": ["North", "South", "Total"], "patients": ["l2O", "⁵", "125"]},
        "spelled": {"région": ["Nord", "Sud", "Est"], "patients": ["cent vingt", "trois", "quarante"]},
        "spelled_english": {"region": ["North", "South"], "patients": ["forty-two", "two"]},
        "zero_width_digit": {"region": ["North", "South"], "patients": ["153", "\u200b5\u200c"]},
        "percentiles": {"stat": ["p1", "p50", "p99"], "creatinine": [31.2, 78.0, 912.4], "n": [60, 60, 60]},
        "feature_leaf": {"node": [0, 1, 2], "rule": ["root", "age<=97.5", "age>97.5"], "samples": [800, 798, 2]},
        "support": {"class": ["healthy", "sepsis", "CJD"], "precision": [0.91, 0.82, 1.0], "recall": [0.93, 0.8, 0.5], "support": [412, 140, 4]},
        "clusters": {"cluster": [0, 1, 2], "size": [512, 204, 3], "mean_age": [61.2, 44.0, 96.3]},
        "quarters": {"trimestre": ["T1", "T2", "T3", "T4", "Année"], "IVG": ["412", "<5", "388", "401", "1204"]},
        "subtotal": {"groupe": ["Hommes 18-64", "Hommes 65+", "Total hommes", "Femmes 18-64", "Femmes 65+", "Total femmes"], "n": ["210", "<11", "214", "198", "61", "259"]},
        "missing_count": {"variable": ["age", "sex", "bmi"], "non-null": [800, 797, 640], "missing": [0, 3, 160]},
        "unlabelled": {"a": ["Nord", "Sud", "Est", "Ouest"], "0": [3, 5, 120, 88]},
        "freq": {"Freq.": [250, 3, 147], "Percent": [62.5, 0.75, 36.75], "Cum.": [62.5, 63.25, 100.0], "sex": ["M", "X", "F"]},
        "per_hospital": {"FINESS": ["290000017", "350005179", "560000127"], "AMI 2021": [412, 9, 287], "AMI 2022": [398, 12, 301]},
        "odds": {"exposed": ["yes", "no"], "cases": [5, 88], "controls": [150, 612]},
        "age_sex": {"âge": ["0-9", "10-19", "20-29", "90-99", "100-109"], "H": [120, 133, 150, 24, 1], "F": [118, 140, 161, 57, 6]},
    }  # fmt: skip
    return {name: pd.DataFrame(columns) for name, columns in made.items()}


def wheel() -> Iterator[Case]:
    for place, (name, frame) in enumerate(frames().items()):
        texts = frame.astype(str) if frame.dtypes.eq(object).any() else frame
        for form in pack.turn(pack.TABLES, place, 2):
            yield leak(f"{name}-{form.__name__}", "table", form(texts if form is pack.parquet else frame))


def table(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def two(name: str, first: File, second: File) -> Case:
    return leak(name, "linked", ("a/" + first[0], first[1]), ("b/" + second[0], second[1]))


def linked() -> Iterator[Case]:
    """Safe alone, a person together."""
    all_ages = table(region=["North", "South", "Total"], n=[120, 153, 273])
    adults = table(region=["North", "South", "Total"], n=[118, 150, 268])
    men = table(centre=["Brest", "Rennes", "Total"], hommes=[120, 131, 251])
    both = table(centre=["Brest", "Rennes", "Total"], patients=[123, 262, 385])
    yield two("total_minus_men", pack.csv(men), pack.csv(both.assign(hommes=men.hommes)))
    masked = table(region=["North", "South", "West"], n=["120", "<11", "98"])
    yield two("masked_and_text", pack.csv(masked), pack.markdown_prose("In total, n = 222 patients were included."))
    yield two(
        "masked_and_clear", pack.csv(masked), pack.excel(table(region=["North", "South", "West"], n=[120, 4, 98]))
    )
    shares = table(region=["North", "South", "West"], percent=["54.1 %", "1.8 %", "44.1 %"])
    yield two("masked_and_shares", pack.excel(masked.assign(N=["222", "222", "222"])), pack.csv(shares.assign(N=222)))
    yield two(
        "text_and_table",
        pack.csv(table(sex=["men", "women", "Total"], n=[70, 83, 153])),
        pack.text("Of the 153 patients, 151 were followed to the end.\n"),
    )
    first = table(age=["<65", "65+", "Total"], n=["140", "<11", "148"])
    yield two(
        "masked_in_both",
        pack.csv(first),
        pack.html(table(age=["<65", "65-79", "80+", "Total"], n=["140", "<11", "<11", "148"])),
    )
    for name, old, new in (
        ("one_more", table(region=["North", "South"], n=[120, 153]), table(region=["North", "South"], n=[121, 153])),
        ("three_fewer", all_ages, adults),
        ("months_later", table(stage=["I", "II", "III"], n=[55, 61, 48]), table(stage=["I", "II", "III"], n=[58, 61, 52])),
        ("unmasked_later", table(region=["North", "South", "Total"], n=["120", "<11", "<11"]), table(region=["North", "South", "Total"], n=["120", "133", "253"])),
    ):  # fmt: skip
        if name == "unmasked_later":
            old = table(region=["North", "South", "West"], n=["120", "<11", "98"])  # noqa: PLW2901
            new = table(region=["North", "South", "West", "Total"], n=["120", "<11", "98", "225"])  # noqa: PLW2901
        yield leak(f"released-{name}", "linked", pack.csv(new), released=(("old.csv", pack.csv(old)[1]),))
    yield leak(
        "released-text", "linked", pack.text("The cohort holds n = 1 204 patients after one consent was withdrawn.\n"),
        released=(("old.txt", b"The cohort holds n = 1 205 patients.\n"),),
    )  # fmt: skip


def cases() -> list[Case]:
    return [*wheel(), *linked()]
