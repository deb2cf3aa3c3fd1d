# ruff: noqa: E501, PD010 - a case is a file's text in one line beside its name; unstack is what researchers write
"""Leaks and safe results as researchers make them with pandas, statsmodels and lifelines, from one seeded population.

Each case is a name and files: `.csv` and `.tsv` are read as tables, everything else as printed text.
"""

import numpy as np
import pandas as pd

Case = tuple[str, dict[str, str]]
REGIONS = ["Bretagne", "Corse", "Grand Est", "Normandie", "Occitanie"]


def population(size: int = 3000, seed: int = 1) -> pd.DataFrame:
    """Made-up patients; nobody's data."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "region": random.choice(REGIONS, size, p=[0.3, 0.02, 0.25, 0.2, 0.23]),
            "sexe": random.choice(["F", "M"], size),
            "age": random.integers(18, 99, size),
            "stade": random.choice(["I", "II", "III", "IV"], size, p=[0.4, 0.3, 0.25, 0.05]),
            "cout": np.round(random.gamma(2, 900, size), 2),
            "time": random.integers(20, 2600, size),
            "deces": random.integers(0, 2, size),
        }
    )
    frame["classe_age"] = pd.cut(frame["age"], [17, 39, 59, 79, 120], labels=["18-39", "40-59", "60-79", "80+"]).astype(
        str
    )
    return frame


def small(seed: int) -> pd.DataFrame:
    """A population in which some groups are small."""
    frame = population(700, seed)
    return frame[~((frame["region"] == "Corse") & (frame.index % 3 > 0))]


def csv(frame: pd.DataFrame | pd.Series, **options: object) -> str:
    return str(frame.to_csv(**options))


def _mask(counts: pd.DataFrame | pd.Series, minimum: int = 11) -> pd.DataFrame:
    frame = counts.to_frame("n") if isinstance(counts, pd.Series) else counts
    return frame.astype(object).where(~((frame > 0) & (frame < minimum)), f"<{minimum}")


def leaks() -> list[Case]:
    """Every one of these has to be found."""
    return [*_counts(), *_rows(), *_recoverable(), *_figures(), *_texts(), *_identifiers()]


def _counts() -> list[Case]:
    out: list[Case] = []
    for seed in range(4):
        d = small(seed)
        out += [
            (f"value counts {seed}", {"a.csv": csv(d["region"].value_counts())}),
            (f"crosstab {seed}", {"a.csv": csv(pd.crosstab(d["region"], d["stade"]))}),
            (f"crosstab with margins {seed}", {"a.csv": csv(pd.crosstab(d["region"], d["sexe"], margins=True))}),
            (f"printed crosstab {seed}", {"a.txt": pd.crosstab(d["region"], d["stade"]).to_string()}),
            (f"groupby size {seed}", {"a.csv": csv(d.groupby(["region", "stade"]).size().reset_index(name="n"))}),
            (
                f"groupby agg {seed}",
                {"a.csv": csv(d.groupby(["region", "stade"])["cout"].agg(["count", "mean", "std"]).round(1))},
            ),
            (
                f"pivot {seed}",
                {"a.csv": csv(d.pivot_table(index="region", columns=["sexe", "stade"], values="age", aggfunc="count"))},
            ),
        ]
    return [
        *out,
        ("semicolons", {"a.csv": "Région;Effectif;Pourcentage\nNord;1 204;92,3 %\nCorse;7;0,5 %\nSud;94;7,2 %\n"}),
        ("n and percent in a cell", {"a.csv": "Variable,Total (N=204)\nFemmes,120 (58.8%)\nStade IV,4 (2.0%)\n"}),
        ("confusion matrix", {"a.csv": ",pred 0,pred 1\nvrai 0,512,8\nvrai 1,14,133\n"}),
        ("confusion array", {"a.txt": "[[512   8]\n [ 14 133]]"}),
        ("adverse events", {"a.csv": "Event,Arm A,Arm B\nNausea,40,33\nWeight loss,4,16\nHeart rate increased,12,13\n"}),
        ("long by age", {"a.csv": "classe_age,sexe,nb_patients\n18-39,F,120\n18-39,M,9\n40-59,F,88\n40-59,M,92\n"}),
        ("tsv of deaths", {"a.tsv": "hôpital\tdécès\nA\t12\nB\t2\nC\t41\n"}),
        ("wide years", {"a.csv": "region,2019,2020,2021\nNord,120,130,8\nSud,90,77,81\n"}),
        ("numbers at risk", {"a.csv": "time,at_risk,observed\n0,686,12\n12,512,40\n24,200,33\n36,6,14\n"}),
        ("threshold five", {"a.csv": "region,n\nNord,<5\nSud,120\nEst,88\n"}),
        ("classification report", {"a.csv": "class,precision,recall,f1-score,support\n0,0.91,0.88,0.9,130\n1,0.5,0.6,0.55,5\n"}),
    ]  # fmt: skip


def _rows() -> list[Case]:
    d = population()
    ids = d.assign(patient_id=[f"{(i * 7919) % 10**6:06d}" for i in range(len(d))])
    dates = d.assign(date_entree=(pd.Timestamp("2020-01-03") + pd.to_timedelta(d["time"], "D")).dt.strftime("%Y-%m-%d"))
    return [
        ("head", {"a.txt": d.head().to_string()}),
        ("head as csv", {"a.csv": csv(d.head(20))}),
        ("head without index", {"a.csv": csv(d.head(20), index=False)}),
        ("sample of two columns", {"a.csv": csv(d.sample(8, random_state=1)[["age", "sexe", "stade"]])}),
        ("ids", {"a.csv": csv(ids.head(30)[["patient_id", "age", "cout"]], index=False)}),
        ("dates", {"a.csv": csv(dates.head(12)[["date_entree", "sexe", "age"]], index=False)}),
        ("long display", {"a.txt": repr(d)}),
        ("residuals", {"a.csv": csv(pd.DataFrame({"fitted": d["age"] / 2, "residual": d["cout"] - 3}).head(40))}),
        ("flags", {"a.csv": csv(d.assign(diabete=d["deces"], hta=1 - d["deces"])[["age", "diabete", "hta"]].head(15))}),
        ("claims", {"a.csv": "BEN_NIR_PSA,EXE_SOI_DTD,PRS_NAT_REF,PRS_ACT_QTE\n"
                    "a91f3c55d2e1b0774,2021-03-04,1111,1\nb82f3c55d2e1b0771,2021-03-09,3313,2\n"
                    "c73a3c55d2e1b0779,2021-04-01,1111,1\n"}),
    ]  # fmt: skip


def _recoverable() -> list[Case]:
    out: list[Case] = []
    for seed in range(4):
        d = small(seed)
        table = pd.crosstab(d["region"], d["stade"], margins=True)
        out.append((f"masked with margins {seed}", {"a.csv": csv(_mask(table))}))
        shares = d["region"].value_counts()
        both = _mask(shares)
        both["pct"] = (100 * shares / shares.sum()).round(2)
        out.append((f"masked beside percentages {seed}", {"a.csv": csv(both)}))
        two = pd.crosstab(d["region"], d["sexe"])
        regions = d["region"].value_counts()
        if regions.min() >= 11 and (two < 11).to_numpy().any():
            out.append((f"masked, totals in another file {seed}", {"a.csv": csv(_mask(two)), "b.csv": csv(regions)}))
    return [
        *out,
        ("one mask", {"a.csv": "region,n\nNord,<11\nSud,20\nTotal,24\n"}),
        ("two masks, small together", {"a.csv": "region,n\nNord,<11\nSud,<11\nEst,90\nTotal,97\n"}),
        ("blank for small", {"a.csv": "region,n\nNord,\nSud,20\nEst,55\nEnsemble,79\n"}),
        ("star for small", {"a.csv": "region,F,M,Total\nNord,*,30,36\nSud,20,41,61\nTotal,26,71,97\n"}),
        ("unlabelled total", {"a.csv": "region,a,b,c\nx,<11,302,417\ny,251,310,409\nz,223,331,190\n,479,943,1016\n"}),
        ("percent in the cell", {"a.csv": "region,n (%)\nNord,<11 (3.2%)\nSud,60 (48.0%)\nEst,61 (48.8%)\n"}),
        ("total in another file", {"a.csv": "region,n\nNord,<11\nSud,120\nEst,93\n", "b.csv": "region,n\nSud,120\nEst,93\nTotal,219\n"}),
        ("two files differ by few", {"a.csv": "region,n\nNord,120\nSud,206\nEst,310\n", "b.csv": "region,n\nNord,118\nSud,206\nEst,307\n"}),
    ]  # fmt: skip


def _figures() -> list[Case]:
    d = population()
    return [
        ("describe", {"a.csv": csv(d[["age", "cout"]].describe())}),
        ("describe, printed", {"a.txt": d[["age", "cout"]].describe().to_string()}),
        ("describe, turned", {"a.csv": csv(d[["age", "cout"]].describe().T)}),
        ("min and max by region", {"a.csv": csv(d.groupby("region")["cout"].agg(["count", "min", "max"]))}),
        ("mean of a masked row", {"a.csv": "region,n,cout_moyen\nNord,<11,812.5\nSud,120,640.1\nEst,99,602.2\n"}),
        ("dominance", {"a.csv": "hopital,cout_total,top1,top2\nA,1000000,700000,250000\nB,900000,90000,80000\n"}),
        ("rate of few", {"a.csv": "region,n,deces_pct\nNord,80,12.5\nSud,64,50.0\n"}),
        ("percentile of few", {"a.csv": "region,n,age_median,p95\nNord,40,61,88\nSud,640,62,87\n"}),
        ("dof", {"a.txt": "Dep. Variable: y   Df Residuals: 4   R-squared: 0.97"}),
    ]


def _texts() -> list[Case]:
    texts = {
        "three died": "Among them, 3 patients died during follow-up.",
        "n equals": "The subgroup with mutation (n = 4) was too small.",
        "french": "Sept malades ont été exclus.",
        "french digits": "Au total 5 décès ont été observés en Corse.",
        "of": "Relapse was seen in 6 of 80 patients.",
        "percent of": "12.5 % of 80 patients relapsed.",
        "events": "number of observations = 84, number of events observed = 7",
        "effectif": "Effectif du sous-groupe : 8 patients",
        "tree": "|--- age <= 50.50\n|   |--- weights: [2.00, 0.00] class: 0\n|--- age >  50.50\n|   |--- weights: [90.00, 41.00] class: 1",
        "oldest": "The oldest patient was 97 years old.",
    }  # fmt: skip
    return [(f"text: {name}", {"a.txt": text}) for name, text in texts.items()]


def _identifiers() -> list[Case]:
    texts = {
        "nir": "Assuré 2 69 05 49 588 157 80",
        "phone": "Rappeler le 06 12 34 56 78",
        "birth": "Mme L., née le 12/03/1950",
        "name": "Monsieur Lefebvre est sorti",
        "record": "IPP 8001234567",
        "address": "12 rue des Lilas, 35000 Rennes",
        "iban": "FR76 3000 6000 0112 3456 7890 189",
    }
    return [
        *((f"identifier: {name}", {"a.txt": text}) for name, text in texts.items()),
        ("identifier: names", {"a.csv": "nom,n\nDupont,120\nLefebvre,90\nMoreau,40\nGirard,55\n"}),
        ("identifier: keys", {"a.csv": "k,n\na91f3c55d2e1b077,20\nb81f3c55d2e1b077,30\nc91f3c55d2e1b071,40\n"}),
    ]


def safe() -> list[Case]:
    """These should pass untouched."""
    d = population(40_000, 2)
    counts = pd.crosstab(d["region"], d["sexe"], margins=True)
    by = d.groupby("region")
    month = pd.DataFrame(
        {"mois": pd.date_range("2020-01-01", periods=24, freq="MS").strftime("%Y-%m"), "n": range(200, 224)}
    )
    return [
        ("counts", {"a.csv": csv(d["region"].value_counts())}),
        ("counts and percent", {"a.csv": csv(pd.DataFrame({"n": by.size(), "%": (100 * by.size() / len(d)).round(1)}))}),
        ("crosstab", {"a.csv": csv(counts)}),
        ("printed crosstab", {"a.txt": counts.to_string()}),
        ("row percentages", {"a.csv": csv(pd.crosstab(d["region"], d["stade"], normalize="index").round(3))}),
        ("means", {"a.csv": csv(by["cout"].agg(["count", "mean", "std"]).round(2))}),
        ("median and quartiles", {"a.csv": csv(by["cout"].quantile([0.25, 0.5, 0.75]).unstack().round(1))}),
        ("several labels", {"a.csv": csv(d.groupby(["region", "sexe", "classe_age"]).size().reset_index(name="n")[lambda f: f["n"] > 10])}),
        ("months", {"a.csv": csv(month, index=False)}),
        ("coefficients", {"a.csv": "term,coef,std err,z,P>|z|,[0.025,0.975]\nage,0.02,0.005,4,0.000,0.01,0.03\nsexe[T.M],0.3,0.1,3,0.003,0.1,0.5\n"}),
        ("hazard ratios", {"a.csv": "variable,HR,IC95 inf,IC95 sup,p\nâge,1.02,1.01,1.03,<0.001\nstade III,2,1,4,0.04\n"}),
        ("odds ratios in cells", {"a.csv": "variable,OR (95% CI),p\nage,1.20 (0.81–1.77),0.35\nsex,2.1 (1.1-4.0),0.02\n"}),
        ("models", {"a.csv": "modele,AUC,F1,accuracy\nrf,0.91,0.8,0.88\nlogit,0.87,0.74,0.85\nxgb,0.92,0.81,0.88\n"}),
        ("grid search", {"a.csv": "max_depth,min_samples_leaf,mean_test_score,rank\n3,20,0.81,2\n5,20,0.83,1\n7,50,0.80,3\n"}),
        ("training log", {"a.csv": "epoch,loss,val_loss\n1,0.61,0.62\n2,0.52,0.55\n3,0.47,0.51\n4,0.44,0.5\n"}),
        ("training print", {"a.txt": "Epoch 3/10 loss 0.41 val 0.44\nEpoch 4/10 loss 0.39 val 0.43\nseed 7, lr 0.001, batch 32"}),
        ("importances", {"a.csv": "feature,importance\nage,0.41\nstade,0.22\ncout,0.2\nsexe,0.03\n"}),
        ("coarse survival", {"a.csv": "mois,survie,IC inf,IC sup\n0,1.0,1.0,1.0\n12,0.93,0.91,0.95\n24,0.84,0.81,0.87\n36,0.77,0.73,0.8\n"}),
        ("numbers at risk", {"a.csv": "time,at_risk,events\n0,686,0\n12,512,40\n24,310,33\n36,98,14\n"}),
        ("standardised rates", {"a.csv": "region,taux pour 100 000,IC inf,IC sup\nNord,8,6,10\nSud,9,7,11\n"}),
        ("masked well", {"a.csv": "region,F,M,Total\nNord,<11,*,35\nSud,*,*,62\nEst,40,44,84\nTotal,76,105,181\n"}),
        ("masked without totals", {"a.csv": "region,n\nNord,<11\nSud,120\nEst,93\n"}),
        ("masked with figures", {"a.csv": "region,n,cout_moyen\nNord,<11,\nSud,120,640.1\nEst,99,602.2\n"}),
        ("rounded to ten", {"a.csv": "region,n\nNord,120\nSud,230\nEst,90\nTotal,440\n"}),
        ("characteristics", {"a.csv": 'Variable,Total (N=686),Bras A (N=346),Bras B (N=340)\n"Âge, moyenne (ET)",53.1 (10.1),53.4 (9.9),52.7 (10.2)\n"Femmes, n (%)",386 (56.3%),196 (56.6%),190 (55.9%)\n"Grade III, n (%)",161 (23.5%),80 (23.1%),81 (23.8%)\n'}),
        ("french numbers", {"a.csv": "Région;Effectif;Pourcentage;Âge moyen\nNord;1 204;86,3 %;61,2\nSud;191;13,7 %;60,8\n"}),
        ("prose", {"a.md": "We included 686 patients (299 events, 43.6 %). HR 1.4 (95 % CI 1.1–1.8), p = 0.008. Table 2 gives 5 models; follow-up 4 years."}),
        ("prose in french", {"a.md": "Parmi 12 345 patients, 43,6 % avaient plus de 65 ans (p < 0,001) ; suivi médian de 4 ans dans 37 hôpitaux. Les effectifs inférieurs à 11 sont masqués."}),
        ("method", {"a.md": "Cells of fewer than 11 patients were masked. We used 10-fold cross-validation, 3 features, n_estimators = 100 and grade 3 tumours only."}),
        ("versions", {"a.txt": "pandas 3.1.1, numpy 2.4.6, Python 3.11.2, seed 42\nrun took 3.2 s on 2 cores"}),
        ("correlations", {"a.csv": csv(d[["age", "cout", "time"]].corr().round(3))}),
        ("tests", {"a.csv": "variable,test,statistic,dof,p\nsexe,chi2,4,1,0.04\nstade,chi2,9,3,0.03\nage,t,2.1,684,0.036\n"}),
        ("ols", {"a.txt": "No. Observations: 3000  Df Residuals: 2994  Df Model: 5  R-squared: 0.31  AIC: 812"}),
        ("codes", {"a.csv": "atc,libelle,boites,patients\nJ01CA04,amoxicilline,120345,64012\nJ01FA09,clarithromycine,20111,12000\n"}),
        ("departments", {"a.csv": "dep,n\n01,1200\n02,930\n2A,88\n2B,91\n75,5030\n"}),
        ("hospitals", {"a.csv": "centre,patients,mediane_duree\nCHU Rennes,812,6\nCHU Brest,640,7\nAP-HP,2204,6\n"}),
        ("clusters", {"a.csv": "cluster,n,age_moyen,cout_moyen\n0,310,61,812\n1,120,44,640\n2,95,71,1203\n"}),
        ("weekly", {"a.csv": "annee,semaine,n\n2020,1,120\n2020,2,140\n2020,3,131\n2020,4,119\n"}),
        ("p-values only", {"a.csv": "variable,p\nage,0.03\nsexe,0.4\nstade,0.001\n"}),
        ("roc points", {"a.csv": "threshold,tpr,fpr\n0.9,0.1,0.01\n0.5,0.7,0.2\n0.1,0.95,0.6\n"}),
        ("calibration", {"a.csv": "decile,n,predicted,observed\n1,300,0.05,0.04\n2,300,0.11,0.12\n3,300,0.2,0.19\n"}),
        ("two years", {"a.csv": "region,2019,2020\nNord,1201,1320\nSud,880,930\n", "b.csv": "region,2021,2022\nNord,1405,1500\nSud,902,960\n"}),
        ("unrelated tables", {"a.csv": "region,n\nNord,320\nSud,211\nEst,110\n", "b.csv": "region,n\nNord,118\nSud,240\nEst,307\n"}),
    ]  # fmt: skip
