# ruff: noqa: E501, PD010 - a case is a file's text in one line beside its name; unstack is what researchers write
"""What statsmodels, lifelines, scikit-learn and pandas print, as results and as leaks."""

import contextlib
import io
import warnings

import numpy as np
import pandas as pd

from .cases import Case, csv, population


def printed() -> tuple[list[Case], list[Case]]:
    """Leaks and safe results. The libraries' own warnings are theirs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _printed()


def _printed() -> tuple[list[Case], list[Case]]:
    import statsmodels.formula.api as smf
    from lifelines import CoxPHFitter, KaplanMeierFitter
    from lifelines.datasets import load_gbsg2
    from sklearn.metrics import classification_report, confusion_matrix
    from sklearn.tree import DecisionTreeClassifier, export_text

    d, big = population(3000, 5), population(40_000, 6)
    g = load_gbsg2()
    km = KaplanMeierFitter().fit(g.time, g.cens)
    cox = CoxPHFitter().fit(g[["age", "tsize", "pnodes", "time", "cens"]], "time", "cens")
    buf = io.StringIO()
    with contextlib.redirect_stdout(buf):
        cox.print_summary(style="ascii")
    ols = smf.ols("cout ~ age + C(sexe)", big).fit()
    logit = smf.logit("deces ~ age + C(sexe)", big).fit(disp=0)
    y, pred = big.deces[:2000], np.random.default_rng(0).integers(0, 2, 2000)
    tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=100).fit(big[["age", "cout"]], big.deces)
    full = DecisionTreeClassifier().fit(big[["age", "cout"]][:200], big.deces[:200])
    safe = {
        "cox summary": {"a.txt": buf.getvalue()},
        "cox csv": {"a.csv": csv(cox.summary.round(4))},
        "ols": {"a.txt": str(ols.summary())},
        "logit": {"a.txt": str(logit.summary())},
        "ols params": {"a.csv": csv(ols.params.round(3))},
        "class report": {"a.txt": classification_report(y, pred)},
        "confusion": {"a.txt": str(confusion_matrix(y, pred))},
        "tree safe": {"a.txt": export_text(tree, feature_names=["age", "cout"])},
        "value_counts print": {"a.txt": str(big.region.value_counts())},
        "groupby print": {"a.txt": str(big.groupby("region").cout.mean())},
        "describe no minmax print": {"a.txt": str(big.cout.describe(percentiles=[0.5]).drop(["min", "max"]))},
        "pct normalize": {"a.txt": str(big.stade.value_counts(normalize=True))},
        "multiindex unstack": {"a.csv": csv(big.groupby(["region", "sexe"]).size().unstack())},
        "pivot margins": {
            "a.txt": big.pivot_table(index="region", columns="stade", values="age", aggfunc="count", margins=True)
            .query("region!='Corse'")
            .to_string()
        },
        "shape info": {"a.txt": "(40000, 8)\n40000 rows loaded"},
        "dtypes": {"a.txt": str(big.dtypes)},
        "info": {
            "a.txt": "<class 'pandas.DataFrame'>\nRangeIndex: 40000 entries, 0 to 39999\nData columns (total 3 columns):\n #   Column  Non-Null Count  Dtype\n---  ------  --------------  -----\n 0   region  40000 non-null  str\n 1   sexe    40000 non-null  str\n 2   age     40000 non-null  int64\n"
        },
        "isna": {"a.txt": str(pd.Series({"age": 0, "sexe": 0, "cout": 120}))},
        "table1 csv": {
            "a.csv": "characteristic,level,overall,F,M\nn,,3000,1500,1500\nage (mean (SD)),,58.4 (23.1),58.1 (23.0),58.7 (23.3)\nstade (%),I,1200 (40.0),600 (40.0),600 (40.0)\n,II,900 (30.0),450 (30.0),450 (30.0)\n,III,900 (30.0),450 (30.0),450 (30.0)\n"
        },
        "or table": {
            "a.csv": "Variable;OR;IC 95 %;p\nÂge (par 10 ans);1,21;1,10 – 1,33;<0,001\nSexe masculin;0,98;0,80 – 1,20;0,84\n"
        },
        "ordei": {
            "a.csv": "substance,annee,sexe,cas,exposes,taux_pct\namoxicilline,2021,1,120,640120,0.0187\namoxicilline,2021,2,180,720412,0.0250\n"
        },
        "linkage": {
            "a.csv": "step,criteria,pairs,match_rate\n1,all,24100,0.893\n2,minus postcode,800,0.922\n3,minus date,420,0.938\n"
        },
        "hist bins": {"a.csv": "bin_left,bin_right,count\n0,10,120\n10,20,340\n20,30,280\n"},
        "shap": {"a.csv": "feature,mean_abs_shap,rank\nage,0.12,1\nstade,0.08,2\nsexe,0.03,3\n"},
        "cv folds": {"a.csv": "fold,n_train,n_test,auc\n1,2400,600,0.81\n2,2400,600,0.80\n3,2400,600,0.83\n"},
        "leaderboard": {"a.csv": "team,score,submissions\nalpha,0.91,12\nbeta,0.9,30\ngamma,0.88,22\n"},
        "resist rates": {
            "a.csv": "bacterie,antibiotique,souches,resistance_pct\nE. coli,amoxicilline,5400,54.1\nE. coli,ceftriaxone,5400,8.2\nS. aureus,oxacilline,2100,12.6\n"
        },
        "ddd": {"a.csv": "hopital,annee,ddj_1000jh\nH01,2020,412.1\nH01,2021,398.0\nH02,2020,380.5\n"},
        "markdown table": {"a.md": "| région | n | % |\n|---|---|---|\n| Nord | 120 | 41.4 |\n| Sud | 170 | 58.6 |\n"},
        "json-ish print": {"a.txt": "{'auc': 0.81, 'n_train': 2400, 'n_test': 600, 'best_params': {'max_depth': 3}}"},
        "interrater": {"a.txt": "Cohen kappa: 0.81 (95% CI 0.75-0.87), n = 240"},
        "weights": {"a.csv": "variable,smd_before,smd_after\nage,0.21,0.03\nsexe,0.1,0.01\n"},
        "timeline": {
            "a.txt": "2024-01-05 10:22:01 INFO loaded 3000 rows\n2024-01-05 10:22:03 INFO fold 1 done\n2024-01-05 10:22:05 INFO fold 2 done"
        },
        "psi drift": {"a.csv": "month,psi\n2020-01,0.02\n2020-02,0.03\n2020-03,0.02\n"},
        "quartile group": {"a.csv": "quartile_revenu,n,deces_pct\n1,750,12.1\n2,748,10.4\n3,752,9.9\n4,750,8.0\n"},
    }
    leak = {
        "km table": {"a.csv": csv(km.survival_function_)},
        "km events": {"a.csv": csv(km.event_table)},
        "tree full": {"a.txt": export_text(full, feature_names=["age", "cout"], show_weights=True)},
        "gbsg head": {"a.txt": g.head(10).to_string()},
        "gbsg csv": {"a.csv": csv(g, index=False)[:20000]},
        "gbsg sorted by time": {"a.csv": csv(g.sort_values("time").tail(15))},
        "series repr": {"a.txt": str(g.pnodes.value_counts())},
        "nlargest": {"a.txt": str(d.cout.nlargest(5))},
        "unique": {"a.csv": csv(d.cout.head(50))},
        "agg min": {"a.txt": str(d.groupby("region").age.agg(["min", "max", "mean"]))},
        "percent only header n": {"a.csv": "Variable,Cas (n=62)\nFumeurs,12.9%\nDiabète,45.2%\n"},
        "masked w/ pct text": {"a.csv": 'region,n,pct\nNord,<11,"4,0 %"\nSud,60,"48,0 %"\nEst,60,"48,0 %"\n'},
        "nested dict": {"a.txt": "{'Nord': 120, 'Corse': 4}"},
        "md table": {"a.md": "| région | n |\n|---|---|\n| Nord | 120 |\n| Corse | 3 |\n"},
        "cas pour Corse": {"a.md": "La Corse compte 4 cas."},
        "comma thousands": {"a.csv": 'region,patients\nNord,"1,204"\nCorse,7\n'},
        "subtotals": {
            "a.csv": "region,dep,n\nBretagne,22,<11\nBretagne,29,120\nBretagne,Total,126\nNormandie,14,90\nNormandie,50,80\nNormandie,Total,170\nTotal,,296\n"
        },
        "three-way files": {"a.csv": "sexe,n\nF,<11\nM,120\n", "b.csv": "region,n\nNord,70\nSud,57\nTotal,127\n"},
        "float counts": {"a.csv": "region,F,M\nNord,4.0,30.0\nSud,,12.0\nEst,40.0,44.0\n"},
        "shifted header": {"a.csv": "Effectifs par région,\nrégion,n\nNord,120\nCorse,5\n"},
        "group n masked pct row": {
            "a.csv": ",F,M\nNord,<11 (12.5%),35 (87.5%)\nSud,20 (50.0%),20 (50.0%)\nEst,40 (40.0%),60 (60.0%)\n"
        },
        "bar labels": {"a.txt": "Nord 120\nSud 95\nCorse 6"},
        "id col pseudonym": {
            "a.csv": "pid,score\nK7QX2MZP4TLA5WBN,0.81\nP2MX2MZP4TLA5WBQ,0.44\nZ4QX2MZP4TLA5WBR,0.67\n"
        },
        "dates": {"a.csv": "date_deces,n\n2021-03-04,1\n2021-03-09,1\n"},
        "pred rows": {
            "a.csv": csv(
                pd.DataFrame(
                    {"y_true": y[:30], "y_pred": pred[:30], "proba": np.round(np.random.default_rng(1).random(30), 3)}
                )
            )
        },
        "commune": {"a.csv": "commune,n\n35238,1200\n35001,3\n"},
        "rounded pct n": {"a.txt": "Parmi les 62 patients, 12,9 % fumaient."},
        "excluded": {"a.md": "Flow: 700 screened, 9 excluded, 691 analysed patients."},
        "mean of few": {"a.csv": "region,n,mean_cost\nNord,4,812\nSud,120,640\n"},
        "outliers": {"a.txt": "max cost: 48211.33 euros"},
    }
    return list(leak.items()), list(safe.items())
