"""The fourth batch: short and mixed, written after the rules were mended for the third, scored once before more mending."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from . import pack, third_parts
from .case import Case, File, leak, safe


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def made(name: str, value: object) -> File:
    return name, json.dumps(value, ensure_ascii=False, indent=1).encode()


def leaks() -> Iterator[tuple[str, File]]:
    cell, stream, result = pack.cell, pack.stream, pack.result
    yield "len", third_parts.book(cell("len(df[(df.age < 2) & (df.diag == 'E75.2')])", result({"text/plain": "3"})))
    yield "shape", third_parts.book(cell("df[df.nir_dup].shape", result({"text/plain": "(4, 42)"})))
    yield "unique", third_parts.book(cell("sg.patient_id.nunique()", result({"text/plain": "7"})))
    yield (
        "pivot",
        third_parts.book(
            cell(
                "pd.crosstab(df.service, df.bmr)",
                stream(
                    "bmr        non  oui\nservice            \nCardio    1204   31\nRéa        412   22\nGreffe     188    2\n"
                ),
            )
        ),
    )
    yield (
        "fstring",
        third_parts.book(
            cell(
                "bilan()",
                stream("Réadmis sous 48 h : 6 patients (0.01 %)\nRéadmis sous 30 j : 8774 patients (18.2 %)\n"),
            )
        ),
    )
    yield "latex_two_panel", ("t.tex", br"""\begin{table}
\caption{Complications}
\begin{tabular}{lrr}
\toprule
 & Open (n = 312) & Robot (n = 298) \\
\midrule
\multicolumn{3}{l}{\textit{Early}} \\
Bleeding & 31 (9.9) & 28 (9.4) \\
Fistula & 3 (1.0) & 11 (3.7) \\
\multicolumn{3}{l}{\textit{Late}} \\
Hernia & 41 (13.1) & 19 (6.4) \\
\bottomrule
\end{tabular}
\end{table}
""")  # fmt: skip
    yield "sas_lifetest", pack.log("""
              The LIFETEST Procedure

         Summary of the Number of Censored and Uncensored Values

                                                        Percent
 Stratum    bras          Total    Failed    Censored    Censored
       1    A               412        97         315       76.46
       2    B               409         6         403       98.53
----------------------------------------------------------------
   Total                    821       103         718       87.45
""")  # fmt: skip
    yield "stata_codebook", pack.log("""
. tab1 lot if effet_grave==1

-> tabulation of lot if effet_grave==1

        lot |      Freq.     Percent        Cum.
------------+-----------------------------------
     EM0477 |         30       57.69       57.69
     EP2163 |         21       40.38       98.08
     ER1741 |          1        1.92      100.00
------------+-----------------------------------
      Total |         52      100.00
""")  # fmt: skip
    yield "r_aggregate", pack.log("""> aggregate(id ~ etab + annee, cohorte, length)
    etab annee   id
1  CHU A  2019 1204
2   CH B  2019  411
3 CLIN C  2019    5
4  CHU A  2020 1188
""")  # fmt: skip
    yield "r_prop", pack.log("""> prop.test(x = c(3, 41), n = c(210, 980))

	2-sample test for equality of proportions

data:  c(3, 41) out of c(210, 980)
X-squared = 3.1, df = 1, p-value = 0.07829
""")  # fmt: skip
    yield (
        "fisher",
        pack.log(
            "> matrix(c(2, 31, 188, 1204), 2)\n     [,1] [,2]\n[1,]    2  188\n[2,]   31 1204\n> fisher.test(m)$p.value\n[1] 0.31\n"
        ),
    )
    yield (
        "dates_list",
        pack.text("Décès survenus en réanimation :\n- 03/02/2021\n- 17/02/2021\n- 21/03/2021\n- 30/05/2021\n"),
    )
    yield "letters", pack.text("Initiales des patients relus : J.L., M.-P.D., A.K. et R.B.\n")
    yield (
        "emoji_table",
        pack.markdown_prose("| Service | ✅ guéris | ❌ décédés |\n|---|---|---|\n| A | 412 | 31 |\n| B | 388 | 2 |\n"),
    )
    yield "json_nested", made("r.json", {"bras": {"A": {"n": 412, "deces": 31}, "B": {"n": 409, "deces": 2}}})
    yield (
        "json_list",
        made("r.json", {"sous_groupes": [{"nom": "dialyse", "patients": 210}, {"nom": "greffe", "patients": 4}]}),
    )
    yield "json_text", made("r.json", {"auc": 0.8, "notes": ["Le patient 88 est mal classé : homme, 91 ans, Quimper."]})
    yield (
        "csv_comment",
        (
            "t.csv",
            b"# source: 3 patients removed by hand (ids 104512, 104513, 104517)\nregion;n\nBretagne;8532\nCentre;5515\n",
        ),
    )
    yield "csv_total", pack.csv(t(sexe=["H", "F", "Total"], n=[25120, 23093, 48216]))
    yield (
        "wide_masked",
        pack.excel(
            t(
                age=["18-39", "40-64", "65+", "Total"],
                H=["<11", "120", "301", "428"],
                F=["14", "98", "280", "392"],
                Total=["21", "218", "581", "820"],
            )
        ),
    )
    yield (
        "percent_of_total",
        pack.word_prose(
            "L'étude a inclus 1 204 patients. Un syndrome de Lyell est apparu chez 0,2 % des 1 204 patients."
        ),
    )
    yield (
        "sentence_date",
        pack.markdown_prose("The first transplant patient was admitted on 12 March 2020 from the island of Ouessant."),
    )
    yield "oldest_fr", pack.html_prose("Les âges vont de 18 à 104 ans, la durée de séjour de 0 à 417 jours.")
    yield (
        "boxplot_stats",
        pack.csv(
            t(
                service=["A", "B"],
                whislo=[1, 2],
                q1=[3, 4],
                med=[6, 7],
                q3=[11, 12],
                whishi=[23, 24],
                fliers=["88, 112, 417", "97, 301"],
            )
        ),
    )
    yield (
        "confusion_csv",
        pack.csv(t(**{"": ["vrai I50", "vrai E85"], "prédit I50": [4120, 3], "prédit E85": [12, 41]})),
    )
    yield (
        "rules",
        pack.text(
            "SI age > 90 ET dep = 29 ET diag = E85 ALORS décès (support = 4, confiance = 1.00)\nSI age > 75 ALORS décès (support = 8112, confiance = 0.31)\n"
        ),
    )
    yield (
        "ner_examples",
        pack.text(
            "Exemples d'erreurs :\nTEXTE : Mme [Jeanne LEFEBVRE] née le 12/03/1954 vit à Saint-Malo\nATTENDU : NOM PREDIT : O\n"
        ),
    )
    yield "pmsi_ghm", pack.markdown(t(GHM=["05M091", "27C021"], Séjours=[12044, 14], Décès=[211, 3]))
    yield "cumulative", pack.csv(t(semaine=["S1", "S2", "S3", "S4"], cas_cumules=[412, 435, 437, 480]))
    yield (
        "rows_of_two",
        pack.csv(
            t(
                sexe=["H", "F", "H"],
                ddn=["1948-01-22", "1955-06-03", "1931-09-14"],
                commune=["Saint-Malo", "Brest", "Dinan"],
            )
        ),
    )


def safes() -> Iterator[tuple[str, File]]:
    cell, stream, result = pack.cell, pack.stream, pack.result
    yield "len", third_parts.book(cell("len(df[df.age >= 65])", result({"text/plain": "31877"})))
    yield (
        "columns",
        third_parts.book(
            cell("len(df.columns)", result({"text/plain": "42"})),
            cell(
                "df.dtypes", result({"text/plain": "age     float64\nsexe     object\nimc     float64\ndtype: object"})
            ),
        ),
    )
    yield (
        "crosstab",
        third_parts.book(
            cell(
                "pd.crosstab(df.nyha, df.deces)",
                stream(
                    "deces      0     1\nnyha              \n1       4120   112\n2       9120   811\n3       8011  1204\n"
                ),
            )
        ),
    )
    yield (
        "cv",
        third_parts.book(
            cell(
                "scores",
                stream(
                    "fold 1: auc=0.801 f1=0.62\nfold 2: auc=0.795 f1=0.61\nfold 3: auc=0.808 f1=0.63\nfold 4: auc=0.799 f1=0.62\nfold 5: auc=0.803 f1=0.62\n"
                ),
            )
        ),
    )
    yield (
        "params_print",
        third_parts.book(
            cell(
                "print(model)",
                stream(
                    "RandomForestClassifier(max_depth=6, min_samples_leaf=20, n_estimators=500,\n                       n_jobs=4, random_state=42)\n"
                ),
            )
        ),
    )
    yield (
        "pip",
        pack.log(
            "Collecting pandas==2.2.1\n  Downloading pandas-2.2.1-cp311-manylinux.whl (13.0 MB)\nSuccessfully installed pandas-2.2.1 numpy-1.26.4 tzdata-2024.1\n"
        ),
    )
    yield (
        "makefile",
        pack.log(
            "make: Entering directory '/home/jovyan/analyse'\n[1/4] charge\n[2/4] ajuste\n[3/4] figures\n[4/4] rapport\nmake: Leaving directory\n"
        ),
    )
    yield "latex_two_panel", ("t.tex", br"""\begin{table}
\caption{Complications}
\begin{tabular}{lrr}
\toprule
 & Open (n = 3120) & Robot (n = 2980) \\
\midrule
\multicolumn{3}{l}{\textit{Early}} \\
Bleeding & 310 (9.9) & 280 (9.4) \\
Fistula & 31 (1.0) & 110 (3.7) \\
\bottomrule
\end{tabular}
\end{table}
""")  # fmt: skip
    yield "r_tests", pack.log("""> t.test(imc ~ bras, data = cohorte)

	Welch Two Sample t-test

data:  imc by bras
t = -1.2041, df = 48201, p-value = 0.2286
alternative hypothesis: true difference in means is not equal to 0
95 percent confidence interval:
 -0.1412  0.0337
sample estimates:
mean in group A mean in group B
       26.71204        26.76578
""")  # fmt: skip
    yield (
        "r_chisq",
        pack.log(
            "> chisq.test(tab)\n\n\tPearson's Chi-squared test\n\ndata:  tab\nX-squared = 112.04, df = 6, p-value < 2.2e-16\n"
        ),
    )
    yield "phreg", pack.log("""
                    The PHREG Procedure

             Summary of the Number of Event and Censored Values

                                              Percent
             Total       Event    Censored    Censored

             48213        6120       42093       87.31

             Parameter    Standard                                Hazard
 Parameter DF  Estimate       Error  Chi-Square  Pr > ChiSq        Ratio

 age        1   0.05110     0.00120   1813.4010      <.0001        1.052
 sexe       1   0.12040     0.02580     21.7781      <.0001        1.128
""")  # fmt: skip
    yield (
        "aggregate",
        pack.log(
            "> aggregate(id ~ etab + annee, cohorte, length)\n    etab annee   id\n1  CHU A  2019 1204\n2   CH B  2019  411\n3 CLIN C  2019   55\n4  CHU A  2020 1188\n"
        ),
    )
    yield (
        "margins",
        pack.excel(
            t(
                age=["18-39", "40-64", "65+", "Total"],
                H=[27, 120, 301, 448],
                F=[14, 98, 280, 392],
                Total=[41, 218, 581, 840],
            )
        ),
    )
    yield (
        "schedule",
        pack.markdown(
            t(
                Visite=["V0", "V1", "V2", "V3"],
                Semaine=[0, 4, 12, 24],
                Questionnaires=[3, 2, 2, 4],
                ECG=["x", "", "x", "x"],
            )
        ),
    )
    yield (
        "scale",
        pack.markdown(
            t(Item=["Dyspnée", "Oedèmes", "Fatigue"], Cotation=["0 à 3", "0 à 4", "0 à 10"], Poids=[2, 1, 1])
        ),
    )
    yield (
        "charlson",
        pack.csv(
            t(
                comorbidité=["Infarctus", "Démence", "Tumeur métastatique", "SIDA"],
                points=[1, 1, 6, 6],
                codes=["I21", "F00", "C77", "B20"],
            )
        ),
    )
    yield (
        "stages",
        pack.html(
            t(
                Stade=["I", "II", "III", "IV"],
                n=[4120, 3988, 2104, 811],
                **{"Survie à 5 ans (%)": [92.1, 81.4, 55.0, 12.3]},
            )
        ),
    )
    yield (
        "json_config",
        made(
            "c.json",
            {
                "name": "icc",
                "version": 3,
                "steps": ["load", "fit", "report"],
                "n_jobs": 4,
                "cv": 5,
                "grid": {"max_depth": [2, 4, 6], "eta": [0.1, 0.05, 0.01]},
            },
        ),
    )
    yield (
        "json_auc",
        made(
            "a.json",
            {"folds": [1, 2, 3, 4, 5], "auc": [0.801, 0.795, 0.808, 0.799, 0.803], "n": [9642, 9643, 9643, 9642, 9643]},
        ),
    )
    yield (
        "json_features",
        made("f.json", {"features": ["age", "creat", "imc", "nyha"], "importance": [0.41, 0.3, 0.04, 0.22]}),
    )
    yield "json_coef", made("k.json", {"intercept": -6.72, "coef": {"age": 0.0499, "sexe": 0.1378, "imc": -0.012}})
    yield (
        "abstract",
        pack.word_prose(
            "Background. Heart failure affects 1 to 2 % of adults. Methods. We used 3 national databases from 2015 to 2022 and 5 imputations. Results. Of 48,213 patients (mean age 71.2 years), 6,120 (12.7%) died. In NYHA IV the hazard ratio was 2.41 (95% CI 2.28-2.55). Conclusion. Two of the four hypotheses were confirmed."
        ),
    )
    yield (
        "french",
        pack.latex_prose(
            "Parmi 48 213 patients, 23 093 (47,9 %) étaient des femmes. La durée médiane était de 6 jours [3 ; 11]. Trois modèles ont été comparés ; le modèle 2 avait l'AIC le plus bas (différence de 12)."
        ),
    )
    yield (
        "limits",
        pack.markdown_prose(
            "Les effectifs inférieurs à 11 sont masqués. Les âges sont donnés par classes de 10 ans, les dates au mois près. Le seuil de 5 % a été retenu, avec 2 degrés de liberté."
        ),
    )
    yield (
        "meeting",
        pack.text(
            "Compte rendu du 12 mars 2024\n1. Point sur les données (version 3)\n2. Trois figures à refaire, dont 2 pour le 28 mars\n3. Prochaine réunion dans 2 semaines, salle 4\n"
        ),
    )
    yield (
        "todo",
        pack.markdown_prose(
            "- [x] 1. Relire les 4 tableaux\n- [ ] 2. Ajouter 2 références\n- [ ] 3. Figure 5 en couleur\n"
        ),
    )
    yield (
        "weekly",
        pack.csv(
            t(
                semaine=["2021-S01", "2021-S02", "2021-S03", "2021-S04"],
                admissions=[812, 790, 845, 801],
                moyenne_mobile_4s=[805.2, 801.7, 810.0, 812.0],
            )
        ),
    )
    yield (
        "costs",
        pack.excel(
            t(
                poste=["Hôpital", "Médicaments", "Transports"],
                **{"Montant (M€)": [412.3, 188.0, 31.2], "Part (%)": [65.3, 29.8, 4.9]},
            )
        ),
    )
    yield (
        "ranks",
        pack.csv(
            t(méthode=["logit", "forêt", "boosting"], rang_auc=[3, 2, 1], rang_brier=[2, 3, 1], temps_min=[1, 4, 9])
        ),
    )
    yield (
        "yaml_dict",
        (
            "dico.yaml",
            b"age:\n  type: numeric\n  unit: years\n  classes: [18, 30, 40, 50]\nsexe:\n  type: category\n  levels: {1: H, 2: F}\n",
        ),
    )


def cases() -> list[Case]:
    bad = [leak(f"fourth_{name}", "mixed", file) for name, file in leaks()]
    good: list[Any] = [safe(f"fourth_safe_{name}", "mixed", file) for name, file in safes()]
    return bad + good
