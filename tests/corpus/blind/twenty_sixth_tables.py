"""Twenty-sixth batch: numbers in tables, from the plain small count to the cell that has to be computed."""

import json

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.metrics import classification_report
from sklearn.tree import DecisionTreeClassifier, export_graphviz

from . import pack
from .case import Case, File, leak, safe

rng = np.random.default_rng(2600)


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({name.replace("__", " "): values for name, values in columns.items()})


def cohort(n: int, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame({
        "sexe": draw.choice(["F", "H"], n), "age": draw.integers(19, 96, n), "duree_sejour": draw.integers(1, 40, n),
        "diagnostic": draw.choice(["I50.1", "J18.9", "N39.0", "E11.6"], n), "creatinine": draw.normal(95, 22, n).round(1),
    })  # fmt: skip


def pandas_tables() -> dict[str, File]:
    """What somebody gets who writes a result with the shortest line of pandas."""
    d = cohort(420, 1)
    crossed = pd.crosstab(d["diagnostic"], [d["sexe"], pd.cut(d["age"], [18, 25, 60, 75, 96])])
    listed = d.head(40).groupby("diagnostic")["age"].agg(list).reset_index()
    ages = d.groupby("diagnostic")["age"].agg(["count", "mean", "min", "max"]).round(1)
    wide = d.pivot_table(index="age", columns="sexe", values="creatinine", aggfunc="mean").round(1)
    tenths = d["duree_sejour"].quantile([0.001, 0.5, 0.999]).rename_axis("q").reset_index()
    scaled = ((d.select_dtypes("number") - d.mean(numeric_only=True)) / d.std(numeric_only=True)).round(3).head(60)
    blocks = scaled.sample(frac=1, random_state=1).rename(columns=dict(zip(scaled, ("f0", "f1", "f2"), strict=True)))
    return {
        "multi_columns": ("croisement.csv", crossed.to_csv(sep=";").encode()),
        "multi_html": ("croisement.html", crossed.to_html().encode()),
        "lists": ("ages.csv", listed.to_csv(index=False).encode()),
        "lists_parquet": pack.parquet(listed),
        "min_max": ("ages.tex", ages.to_latex().encode()),
        "by_year_of_age": ("creatinine.csv", wide.to_csv().encode()),
        "quantiles": pack.excel(tenths),
        "scaled": pack.csv(blocks),
        "components": pack.tsv(pd.DataFrame(rng.normal(0, 1, (80, 3)).round(4), columns=["PC1", "PC2", "PC3"])),
        "dense_rows": ("data.json", json.dumps(d.head(25)[["age", "duree_sejour", "creatinine"]].to_numpy().tolist()).encode()),
        "one_row": pack.markdown(d.sample(1, random_state=3)),
        "idxmax": pack.book_stream(d.loc[d["duree_sejour"].idxmax()].to_string()),
    }  # fmt: skip


def computed() -> dict[str, File]:
    """Tables whose small number is not written, or has another name."""
    return {
        "dominant_second": pack.csv(t(Fournisseur=["Zone A", "Zone B", "Zone C"], **{"Total (k€)": [5120, 4880, 1200], "Nb établissements": [44, 39, 16], "Premier (k€)": [210, 305, 690], "Deuxième (k€)": [190, 250, 470]})),
        "top_share": pack.excel(t(Drug__class=["Statins", "Biologics"], Companies=[31, 14], Sales=[88100, 40200], Top__2__share=["21 %", "93 %"])),
        "all_of_them": pack.word(t(Prison=["A", "B", "C"], Tested=[212, 188, 41], HCV__positive=[61, 44, 41])),
        "difference_of_ns": pack.html(t(Analysis=["All", "Without transplant"], n=[1312, 1308], OR=[1.42, 1.4])),
        "percent_and_base": pack.as_json(t(service=["Cardio", "Néphro", "Brûlés"], effectif=[812, 640, 96], taux_deces_pct=[8.5, 7.8, 3.1])),
        "mean_split": pack.csv(t(Group=["Carriers", "Non-carriers", "All"], n=["<11", "402", ""], Mean__age=[40.0, 60.0, 59.8])),
        "masked_cube": pack.csv(t(sexe=["F", "F", "F", "H", "H", "H", "Total", "Total", "Total"], classe=["18-39", "40-64", "Total"] * 3, n=["<11", "212", "220", "31", "188", "219", "39", "400", "439"])),
        "masked_by_rank": pack.markdown(t(Région=["Corse", "Bretagne", "Alsace", "Ensemble"], Cas=["*", "118", "97", "219"], **{"Part (%)": ["1,8", "53,9", "44,3", "100"]})),
        "ratio_of_sexes": pack.csv(t(Cancer=["Breast", "Thyroid"], Women=[4120, 610], **{"Women per man": [1030.0, 2.9]})),
        "observed_expected": pack.csv(t(Hospital=["A", "B"], Expected=[41.2, 5.0], SMR=[1.02, 0.8])),
        "midp": pack.latex(t(Exposure=["Low", "High"], Person__years=[20400, 1250], **{"Rate per 1000 (95% CI)": ["11.2 (9.8-12.7)", "2.4 (0.5-7.0)"]})),
        "cumulated": pack.csv(t(semaine=["S1", "S2", "S3", "S4"], cas_cumules=[112, 131, 134, 161])),
        "remaining_share": pack.as_json(t(stage=["I", "II", "III", "IV"], n_total=[320] * 4, pct=[55.0, 30.0, 14.1, 0.9])),
        "leave_one_out": pack.csv(t(excluded=["none", "patient 1", "patient 2", "patient 3"], beta=[0.412, 0.431, 0.379, 0.408])),
        "allele": pack.csv(t(variant=["c.1521_1523del", "c.3846G>A"], homozygous=[212, 1], heterozygous=[1840, 24], carriers=[2052, 25])),
        "fold_n": pack.csv(t(fold=[1, 2, 3], n_test=[812, 811, 811], n_events=[41, 38, 6], auc=[0.81, 0.79, 0.77])),
        "dof_four": pack.html(t(term=["const", "dose", "age", "sex"], coef=[1.2, 0.4, 0.02, -0.3], se=[0.9, 0.2, 0.03, 0.4], n_obs=[8, 8, 8, 8])),
        "at_risk_last": pack.tsv(t(timeline=[0, 90, 180, 270, 360], at_risk=[318, 240, 122, 41, 3], observed=[0, 22, 18, 14, 12], KM_estimate=[1.0, 0.93, 0.84, 0.71, 0.0])),
        "dates_of_events": pack.csv(t(date_deces=["2021-02-03", "2021-02-19", "2021-03-08", "2021-03-30"], commune=["Plouha", "Pontrieux", "Bégard", "Rostrenen"])),
    }  # fmt: skip


def learnt() -> dict[str, File]:
    """Trees and reports as scikit-learn writes them."""
    x, y = make_classification(600, 5, random_state=2)
    names = ["age", "imc", "crp", "hba1c", "tas"]
    tree = DecisionTreeClassifier(random_state=2).fit(x, y)
    report = classification_report([0] * 812 + [1] * 4 + [2] * 96, [0] * 812 + [1] * 4 + [2] * 96, target_names=["none", "Fabry", "amyloid"])  # fmt: skip
    inner = tree.tree_
    nodes = pd.DataFrame({"node": range(inner.node_count), "feature": inner.feature, "threshold": inner.threshold.round(2), "n_node_samples": inner.n_node_samples, "impurity": inner.impurity.round(3)})  # fmt: skip
    return {
        "dot": ("tree.dot", export_graphviz(tree, feature_names=names).encode()),
        "nodes": pack.csv(nodes),
        "report": ("report.txt", report.encode()),
    }


def matrices() -> dict[str, File]:
    """Counts in plain lists, in the forms that json.dump and numpy give."""
    return {
        "matrix_list": ("cm.json", json.dumps({"labels": ["benign", "malignant"], "confusion_matrix": [[912, 3], [22, 140]]}).encode()),
        "matrix_numpy": pack.book_stream("confusion_matrix(y_test, y_pred)\n[[912   3]\n [ 22 140]]"),
        "parallel_lists": ("weekly.json", json.dumps({"week": ["W01", "W02", "W03", "W04"], "cases": [41, 38, 2, 44]}).encode()),
        "few_ages": ("summary.json", json.dumps({"n": 5, "ages": [34, 51, 47, 62, 70]}).encode()),
        "dict_of_dates": ("admissions.json", json.dumps({"2021-03-01": 14, "2021-03-02": 1, "2021-03-03": 17}).encode()),
        "excluded": ("audit.json", json.dumps({"cohort": "cardio", "excluded_patients": ["0048213", "0051977"]}).encode()),
    }  # fmt: skip


def fine() -> dict[str, tuple[File, ...]]:
    """Safe twins."""
    d = cohort(48000, 2)
    crossed = pd.crosstab(d["diagnostic"], [d["sexe"], pd.cut(d["age"], [18, 60, 75, 96])])
    means = d.groupby("diagnostic")["duree_sejour"].agg(["count", "mean", "std"]).round(1)
    terms = t(
        term=["const", "dose", "age", "sex"],
        coef=[1.2, 0.4, 0.02, -0.3],
        se=[0.09, 0.02, 0.003, 0.04],
        n_obs=[4812] * 4,
    )
    cube = t(sexe=["F", "F", "F", "H", "H", "H", "Total", "Total", "Total"], classe=["18-39", "40-64", "Total"] * 3, n=[31, 212, 243, 44, 188, 232, 75, 400, 475])  # fmt: skip
    tested = t(Prison=["A", "B", "C"], Tested=[212, 188, 141], HCV__positive=[61, 44, 41])
    return {
        "crossed": (("croisement.csv", crossed.to_csv(sep=";").encode()),),
        "means": (("durees.tex", means.to_latex().encode()),),
        "terms": (pack.html(terms),),
        "cube": (pack.csv(cube),),
        "tested": (pack.word(tested),),
        "weekly": (("weekly.json", json.dumps({"week": ["W01", "W02", "W03"], "cases": [41, 38, 44]}).encode()),),
        "matrix": (("cm.json", json.dumps({"labels": ["benign", "malignant"], "confusion_matrix": [[912, 31], [22, 140]]}).encode()),),
    }  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    groups = {"pandas": pandas_tables(), "computed": computed(), "learnt": learnt(), "matrices": matrices()}
    found = [
        leak(f"twenty_sixth_{name}", group, file) for group, files in groups.items() for name, file in files.items()
    ]
    return found + [safe(f"twenty_sixth_{name}", "tables", *files) for name, files in fine().items()]
