"""The fifth batch, leaks in tables: written from the literature of disclosure control, before any look at the rules."""

import json
from collections.abc import Iterator

import pandas as pd

from . import pack
from .case import Case, File, leak


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def made(value: object, name: str = "result.json") -> File:
    return name, json.dumps(value, ensure_ascii=False, indent=1).encode()


def one() -> Iterator[tuple[str, File]]:
    yield "table_one", pack.csv(t(**{
        "Variable": ["Age, mean (SD)", "Female, n (%)", "Dialysis, n (%)", "Transplant, n (%)"],
        "Exposed (n=1188)": ["63.1 (12.2)", "602 (50.7)", "41 (3.5)", "4 (0.3)"],
        "Unexposed (n=4752)": ["62.8 (12.0)", "2391 (50.3)", "160 (3.4)", "23 (0.5)"],
    }))  # fmt: skip
    yield "gtsummary", ("t.html", b"""<html><body><table><thead><tr><th>Characteristic</th><th>Drug A, N = 412<sup>1</sup></th>
<th>Drug B, N = 398<sup>1</sup></th><th>p-value<sup>2</sup></th></tr></thead><tbody>
<tr><td>Sex</td><td></td><td></td><td>0.4</td></tr><tr><td>&nbsp;&nbsp;F</td><td>210 (51%)</td><td>190 (48%)</td><td></td></tr>
<tr><td>&nbsp;&nbsp;M</td><td>202 (49%)</td><td>208 (52%)</td><td></td></tr>
<tr><td>Suicide attempt</td><td>6 (1.5%)</td><td>2 (0.5%)</td><td>0.2</td></tr></tbody></table>
<p><sup>1</sup>n (%)</p><p><sup>2</sup>Fisher's exact test</p></body></html>""")  # fmt: skip
    yield "rates", pack.excel(t(Age=["0-17", "18-64", "65+"], Cases=[3, 211, 904], PY=[88120.5, 412300.1, 190211.7], Rate=[3.4, 51.2, 475.3]))  # fmt: skip
    yield "rate_and_person_years", pack.csv(t(age=["0-17", "18-64", "65+"], person_years=[100000, 412300, 190211], rate_per_100000_py=[4.0, 51.2, 475.3]))  # fmt: skip
    yield "share_of_head", pack.markdown(t(**{"Event": ["Bleeding", "Stroke", "Anaphylaxis"], "A (n = 240)": ["12.9 %", "9.2 %", "1.3 %"], "B (n = 251)": ["11.6 %", "8.8 %", "6.0 %"]}))  # fmt: skip
    yield "full_group", pack.excel(t(Centre=["Foyer des Pins", "EHPAD Armor"], Residents=[14, 61], HIV_positive=[14, 12]))  # fmt: skip
    yield "two_by_two", pack.csv(t(drug=["X", "Y"], event=["heart block", "rash"], a=[3, 140], b=[411, 980], c=[1204, 802], d=[98120, 74001], ROR=[0.6, 13.2]))  # fmt: skip
    yield "masked_with_share", pack.excel(t(Lot=["EM0477", "EP2163", "ER1741", "Total"], n=["812", "682", "<11", "1500"], pct=["54.1", "45.5", "0.4", "100"]))  # fmt: skip
    yield "masked_with_rate", pack.csv(t(commune=["Brest", "Dinan", "Ouessant"], population=[139342, 11004, 830], cas=["1204", "88", "<11"], taux_pour_1000=[8.64, 8.0, 3.61]))  # fmt: skip
    yield "masked_one_month", pack.html(t(ATC=["N02A", "N05B", "N06A", "Total"], Jan=["120", "88", "s", "215"], Feb=["131", "90", "14", "235"]))  # fmt: skip
    yield "dominance", pack.csv(t(region=["Bretagne", "Corse"], n_hospitals=[18, 12], spend_keur=[91204, 8812], top1_share=[0.21, 0.93]))  # fmt: skip
    yield "two_largest", pack.excel(t(Spécialité=["Cardio", "Greffe"], Établissements=[88, 14], Dépense=[1204000, 318000], Premier=[31000, 171000], Second=[30500, 139000]))  # fmt: skip
    yield "cost_small_n", pack.word(t(Strategy=["Usual", "CAR-T"], N=[412, 3], Mean_cost=["12 204 €", "331 410 €"]), "Costs by strategy.")  # fmt: skip
    yield "cost_max", pack.latex(t(Group=["A", "B"], N=[412, 388], Mean=[12204.1, 11873.4], Max=[1204311, 980112]))
    yield (
        "ninety_ninth",
        pack.csv(t(ward=["ICU", "Surgery"], n=[200, 240], p1=[0.5, 1.0], median=[6, 5], p99=[212, 187])),
    )
    yield "median_of_seven", pack.markdown(t(Sous_groupe=["Tous", "Greffés"], n=[1204, 7], médiane_jours=[5, 31]))
    yield "forest_rows", pack.csv(t(subgroup=["All", "Age<40", "Age>=40"], events_treated=["88/602", "3/41", "85/561"], events_control=["101/598", "5/39", "96/559"], HR=[0.86, 0.57, 0.88]))  # fmt: skip
    yield "sites", pack.tsv(t(site=["Brest", "Rennes", "Vannes"], enrolled=[412, 388, 6], randomised=[400, 371, 6]))
    yield "upset", pack.csv(t(combination=["HTA", "HTA&DT2", "HTA&DT2&IRC", "DT2&SEP"], size=[12044, 4120, 311, 2]))
    yield "transitions", pack.csv(t(**{"from": ["Stable", "Relapse", "Dead"], "Stable": [4120, 88, 0], "Relapse": [312, 41, 0], "Dead": [19, 4, 140]}))  # fmt: skip
    yield "transition_shares", pack.excel(t(État=["Stable", "Rechute"], N=[4451, 500], vers_Stable=[0.926, 0.952], vers_Rechute=[0.070, 0.044], vers_Décès=[0.004, 0.004]))  # fmt: skip
    yield (
        "sequences",
        pack.tsv(t(sequence=["A-A-A", "A-B-B", "B-C-A-C"], Freq=[4120, 311, 1], Percent=[92.9, 7.0, 0.02])),
    )
    yield "days", pack.csv(t(date=["2021-03-01", "2021-03-02", "2021-03-03", "2021-03-04"], deaths=[2, 0, 1, 3]))
    yield "transfers", pack.csv(t(origin=["CHU Brest", "CH Morlaix", "CH Quimper"], destination=["CHU Rennes", "CHU Brest", "CHU Nantes"], transfers=[41, 212, 2]))  # fmt: skip
    yield "item_sets", pack.csv(t(itemsets=["{HTA}", "{HTA, DT2}", "{SEP, DT2}"], support=[0.412, 0.2011, 0.0002], n_transactions=[20000] * 3))  # fmt: skip
    yield "bins", pack.csv(t(bin=["0.0-0.2", "0.2-0.4", "0.4-0.6", "0.6-0.8", "0.8-1.0"], mean_predicted=[0.08, 0.29, 0.48, 0.7, 0.91], observed=[0.07, 0.31, 0.5, 0.67, 1.0], count=[4120, 311, 88, 12, 4]))  # fmt: skip
    yield "report_dict", made({"0": {"precision": 0.98, "recall": 0.97, "f1-score": 0.97, "support": 4120.0}, "1": {"precision": 0.4, "recall": 0.5, "f1-score": 0.44, "support": 6.0}, "accuracy": 0.97})  # fmt: skip
    yield "fold_events", made({"cox": {"n": 412, "n_events": 5, "hr": 2.1, "ci": [0.8, 5.4], "p": 0.12}})
    yield "leaves", made({"tree": {"feature": "age", "threshold": 64.5, "left": {"value": [1204, 31], "n": 1235}, "right": {"value": [2, 1], "n": 3}}})  # fmt: skip
    yield "clusters", made({"k": 3, "inertia": 1204.4, "sizes": [812, 391, 3], "centers": [[0.1, 0.2], [0.5, 0.6], [3.1, 2.2]]})  # fmt: skip
    yield "curve_steps", pack.csv(t(time_days=[0, 3, 11, 12, 19, 27, 33, 48, 51, 60], survival=[1.0, 0.9958, 0.9917, 0.9875, 0.9833, 0.9791, 0.975, 0.9708, 0.9666, 0.9625]))  # fmt: skip
    yield "risk_tail", pack.excel(t(Months=[0, 12, 24, 36, 48], Surv_A=[1, 0.91, 0.84, 0.8, 0.71], Number_at_risk_A=[412, 301, 155, 41, 3]))  # fmt: skip
    yield "complement", pack.csv(t(departement=["22", "29", "35"], patients=[1204, 3110, 2877], dont_vaccinés=[1199, 2870, 2501]))  # fmt: skip
    yield "acro", made({"version": "0.4.8", "results": {"output_0": {"status": "fail", "summary": "fail; threshold: 2 cells may need suppressing;", "output": ["t.csv"]}}}, "results.json")  # fmt: skip
    yield "small_head", pack.csv(t(service=["A", "B"], effectif_femmes=[120, 9], effectif_hommes=[133, 88]))
    yield "percent_no_head", pack.word(t(Issue=["Guéri", "Décédé", "Transféré"], Part=["97,0 %", "2,5 %", "0,5 %"]), "Répartition de l'issue, base : 402 patients.")  # fmt: skip
    yield "mean_of_binary", pack.csv(t(group=["A", "B"], n=[250, 310], mean_death=[0.012, 0.084], sd=[0.109, 0.277]))
    yield "group_extremes", pack.parquet(t(service=["A", "B", "C"], n=[412, 310, 288], age_mean=[63.1, 62.2, 61.0], age_min=[18, 19, 18], age_max=[99, 103, 97]))  # fmt: skip
    yield "hhi", pack.csv(t(secteur=["Scanner", "TEP"], nb_établissements=[41, 3], HHI=[812, 4120]))
    yield "genetic", pack.tsv(t(rsid=["rs334", "rs429358", "rs113993960"], AF=[0.012, 0.141, 0.0004], AC=[96, 1128, 3], AN=[8000, 8000, 8000]))  # fmt: skip
    yield "geo", ("map.geojson", json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"commune": "Ouessant", "cas": 4}, "geometry": {"type": "Point", "coordinates": [-5.1, 48.5]}},
        {"type": "Feature", "properties": {"commune": "Brest", "cas": 1204}, "geometry": {"type": "Point", "coordinates": [-4.5, 48.4]}},
    ]}).encode())  # fmt: skip


def several() -> Iterator[Case]:
    by_sex = pack.csv(t(sexe=["H", "F"], n=[602, 602]))
    by_age = ("age.csv", b"age,n\n18-39,201\n40-64,499\n65+,501\n")
    yield leak("five-two_totals", "several", by_sex, by_age)
    whole = ("all.csv", b"departement,patients\n22,1204\n29,3110\n35,2877\n")
    part = ("insulin.csv", b"departement,patients sans insuline\n22,1201\n29,2870\n35,2501\n")
    yield leak("five-subset_of_file", "several", whole, part)
    yield leak(
        "five-sheet_and_text", "several",
        pack.excel(t(Âge=["18-39", "40-64", "65+"], n=["<11", "310", "888"])),
        pack.markdown_prose("L'étude porte sur 1 204 patients, tous âges confondus."),
    )  # fmt: skip
    yield leak("five-released_one_more", "several", pack.csv(t(region=["Bretagne", "Centre"], n=[1207, 811])), released=(pack.csv(t(region=["Bretagne", "Centre"], n=[1204, 811])),))  # fmt: skip
    yield leak("five-released_total", "several", pack.markdown(t(Groupe=["Traités", "Non traités"], N=["412", "<11"])), released=(pack.markdown_prose("Au total, 416 patients ont été inclus dans la cohorte (traités et non traités)."),))  # fmt: skip
    yield leak("five-released_masked", "several", pack.csv(t(age=["0-17", "18-64", "65+"], n=[14, 310, 888])), released=(pack.csv(t(age=["0-17", "18-64", "65+"], n=["<11", 309, 880])),))  # fmt: skip


def cases() -> Iterator[Case]:
    for name, file in one():
        yield leak(f"five-{name}", "table", file)
    yield from several()
