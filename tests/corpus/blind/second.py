"""The second batch: other voices, other tools, written before the rules for it were looked at."""

import io
import json
from collections.abc import Iterator
from typing import Any

import docx
import numpy as np
import openpyxl
import pandas as pd

from . import pack
from .case import Case, File, leak, safe


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def leak_tables() -> Iterator[tuple[str, File]]:
    yield (
        "stata_tab",
        pack.text(
            "       sexe |      Freq.     Percent        Cum.\n------------+-----------------------------------\n"
            "      Homme |        412       50.74       50.74\n      Femme |        396       48.77       99.51\n"
            "      Autre |          4        0.49      100.00\n------------+-----------------------------------\n"
            "      Total |        812      100.00\n",
        ),
    )
    yield "sas_freq", pack.text(
        "                        The FREQ Procedure\n\n   GHM      Frequency    Percent\n   -----------------------------\n"
        "   05M09         812      66.45\n   04M05         405      33.14\n   23Z02           5       0.41\n",
    )  # fmt: skip
    yield "r_table", pack.text("> table(d$stade, d$dc)\n\n        0   1\n  I   210  14\n  II  188  22\n  III  97   6\n")
    yield (
        "r_summary",
        pack.text(
            "> summary(d$age)\n   Min. 1st Qu.  Median    Mean 3rd Qu.    Max. \n  18.00   52.00   64.00   62.41   74.00  104.00 \n"
        ),
    )
    yield (
        "gtsummary",
        pack.html(
            t(
                Characteristic=["Sex", "Female", "Male", "HIV status", "Positive"],
                **{"N = 812": ["", "412 (51%)", "400 (49%)", "", "6 (0.7%)"]},
            )
        ),
    )
    yield (
        "flow",
        pack.markdown_prose(
            "Assessed for eligibility (n = 1 240)\n\nExcluded (n = 28)\n\n- declined (n = 21)\n- other reasons (n = 7)\n\nRandomised (n = 1 212)"
        ),
    )
    yield "consort", pack.markdown_prose("1,240 patients were screened; 1,236 were randomised.")
    yield (
        "multi_index",
        pack.excel(t(Région=["Bretagne", "", "Normandie", ""], Sexe=["H", "F", "H", "F"], Cas=[120, 133, 98, 7])),
    )
    yield (
        "wide_years",
        pack.bom_csv(
            t(
                commune=["Brest", "Ouessant", "Sein"],
                **{"2019": [412, 14, 2], "2020": [398, 11, 0], "2021": [405, 19, 1]},
            )
        ),
    )
    yield "percent_head", pack.word(t(Groupe=["Cas (N = 60)", "Témoins (N = 240)"], Exposés=["5,0 %", "12,5 %"]))
    yield (
        "masked_text_sum",
        pack.word(t(Service=["A", "B", "C"], Patients=["120", "<11", "98"]), "Au total, 225 patients ont été inclus."),
    )
    yield (
        "adverse",
        pack.latex(
            t(
                event=["Nausea", "Headache", "Anaphylaxis"],
                treated=["120 (10.0)", "88 (7.3)", "2 (0.2)"],
                placebo=["98 (8.2)", "91 (7.6)", "0 (0.0)"],
            )
        ),
    )
    yield (
        "hidden_total_row",
        pack.csv(t(age=["0-17", "18-64", "65+", "Total général"], femmes=["<11", "412", "377", "795"])),
    )
    yield "negative", pack.csv(t(centre=["A", "B", "Total"], n=["confidentiel", "412", "416"]))
    yield "dots", pack.markdown(t(ward=["A", "B", "All wards"], falls=["…", "45", "49"]))
    yield "lr_table", pack.csv(t(service=["MCO", "SSR", "HAD"], nb_sejours=[1204, 512, 9]))
    yield "deaths_age", pack.parquet(t(age_classe=["<18", "18-64", "65+"], nb_deces=[3, 88, 412]))
    yield "cluster_json", ("clusters.json", json.dumps({"kmeans": {"sizes": {"0": 512, "1": 204, "2": 4}}}).encode())
    yield (
        "classification_dict",
        (
            "report.json",
            json.dumps(
                {
                    "sepsis": {"precision": 0.8, "recall": 0.7, "support": 140},
                    "kuru": {"precision": 1.0, "recall": 0.5, "support": 2},
                }
            ).encode(),
        ),
    )
    yield (
        "km_lifelines",
        pack.printed_book(
            pd.DataFrame(
                {"at_risk": [14, 12, 7, 3], "observed": [2, 4, 3, 1], "censored": [0, 1, 1, 2]},
                index=pd.Index([1.0, 4.0, 9.0, 22.0], name="event_at"),
            )
        ),
    )
    yield (
        "ols_tiny",
        pack.book_stream(
            "Dep. Variable: y   R-squared: 0.998\nNo. Observations: 6   AIC: 12.1\nDf Residuals: 2   BIC: 11.4\nDf Model: 3\n"
        ),
    )
    yield "t_test_tiny", pack.text("Welch Two Sample t-test: t = 2.1, df = 3.2, p-value = 0.12\nn1 = 3, n2 = 4\n")
    yield (
        "sum_of_two",
        pack.csv(t(labo=["A", "B"], boites=[180000, 240000], part_du_premier=["97 %", "41 %"], prescripteurs=[40, 62])),
    )
    yield "quantile_small", pack.csv(t(stat=["1%", "50%", "99%"], duree=[1, 6, 214], n=[40, 40, 40]))
    yield "two_sheets", two_sheets()
    yield (
        "range_columns",
        pack.csv(
            t(groupe=["A", "B"], n=[45, 60], age=["64 [19–101]", "61 [22–99]"], libellé=["médiane [min–max]"] * 2)
        ),
    )


def two_sheets() -> File:
    book = openpyxl.load_workbook(io.BytesIO(pack.excel(t(région=["Nord", "Sud", "Est"], n=["120", "<11", "98"]))[1]))
    other = book.create_sheet("Total")
    other.append(["région", "n"])
    other.append(["Nord", 120])
    other.append(["Sud", 6])
    out = io.BytesIO()
    book.save(out)
    return "deux.xlsx", out.getvalue()


def leak_persons() -> Iterator[tuple[str, File]]:
    chance = np.random.default_rng(77)
    yield (
        "r_str",
        pack.text(
            '\'data.frame\':\t3 obs. of  4 variables:\n $ age    : int  43 91 55\n $ sexe   : chr  "F" "H" "F"\n $ commune: chr  "Locmaria" "Ouessant" "Brest"\n $ dp     : chr  "A810" "G20" "C50"\n'
        ),
    )
    yield (
        "r_head",
        pack.text(
            "  age sexe poids   dp\n1  43    F  61.2 A810\n2  91    H  74.0  G20\n3  55    F  58.8  C50\n4  67    H  90.1  I21\n"
        ),
    )
    yield (
        "tibble",
        pack.text(
            "# A tibble: 812 × 4\n     age sexe  commune   dp   \n   <int> <chr> <chr>     <chr>\n 1    43 F     Locmaria  A810 \n 2    91 H     Ouessant  G20  \n 3    55 F     Brest     C50  \n# … with 809 more rows\n"
        ),
    )
    yield (
        "polars",
        pack.book_stream(
            "shape: (3, 3)\n┌─────┬──────┬──────────┐\n│ age ┆ sexe ┆ commune  │\n│ --- ┆ ---  ┆ ---      │\n│ i64 ┆ str  ┆ str      │\n╞═════╪══════╪══════════╡\n│ 43  ┆ F    ┆ Locmaria │\n│ 91  ┆ H    ┆ Ouessant │\n│ 55  ┆ F    ┆ Brest    │\n└─────┴──────┴──────────┘\n"
        ),
    )
    yield (
        "spark_show",
        pack.log(
            "+---+----+--------+\n|age|sexe| commune|\n+---+----+--------+\n| 43|   F|Locmaria|\n| 91|   H|Ouessant|\n| 55|   F|   Brest|\n+---+----+--------+\nonly showing top 3 rows\n"
        ),
    )
    yield (
        "sql_result",
        pack.text(
            " num_sejour | date_entree | dp   | duree \n------------+-------------+------+-------\n   20210341 | 2021-03-12  | A810 |    41\n   20210342 | 2021-03-12  | G20  |     6\n   20210343 | 2021-03-13  | C50  |     2\n(3 rows)\n"
        ),
    )
    yield (
        "fhir",
        (
            "patient.json",
            json.dumps(
                {
                    "resourceType": "Patient",
                    "name": [{"family": "Kerveillant", "given": ["Yann"]}],
                    "birthDate": "1938-03-12",
                    "gender": "male",
                }
            ).encode(),
        ),
    )
    yield (
        "letter",
        pack.word_prose(
            "Cher confrère, j'ai revu ce jour Monsieur Kerveillant Yann, 83 ans, porteur d'une leucémie, adressé par le Dr Petit."
        ),
    )
    yield (
        "case_report",
        pack.markdown_prose(
            "We report the case of a 43-year-old plumber from Ouessant with Creutzfeldt-Jakob disease."
        ),
    )
    yield "note_clinic", pack.text("ATCD: HTA. Patient né en 1938, entré le 12/03/21, sorti le 20/03/21, décès J+3.\n")
    yield (
        "email_thread",
        pack.text(
            "De : anne.petit@chu-brest.fr\nObjet : dossier du patient\nPeux-tu vérifier le patient n° 8001234567 ?\n"
        ),
    )
    yield (
        "geojson",
        (
            "points.geojson",
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": [
                        {
                            "type": "Feature",
                            "geometry": {"type": "Point", "coordinates": [round(-4.4 - x, 5), round(48.3 + x, 5)]},
                            "properties": {"age": int(60 + 9 * x)},
                        }
                        for x in chance.random(6)
                    ],
                }
            ).encode(),
        ),
    )
    yield (
        "shap",
        pack.csv(
            pd.DataFrame(
                chance.normal(0, 0.2, (60, 4)).round(4), columns=["shap_age", "shap_bmi", "shap_crp", "shap_sex"]
            )
        ),
    )
    yield (
        "embeddings",
        pack.csv(
            pd.DataFrame(chance.normal(0, 1, (40, 3)).round(3), columns=["tsne_1", "tsne_2", "label"]).assign(
                label=lambda f: (f.label > 0).astype(int)
            )
        ),
    )
    yield (
        "propensity",
        pack.csv(
            t(
                ligne=list(range(30)),
                score_propension=list(chance.random(30).round(4)),
                traite=list(map(int, chance.integers(0, 2, 30))),
            )
        ),
    )
    yield (
        "matched_pairs",
        pack.csv(t(cas=[1041, 1187, 2033, 2410], temoin1=[88, 1902, 733, 51], temoin2=[1290, 45, 3021, 668])),
    )
    yield "dropped_ids", pack.book_stream("Doublons supprimés : [1041, 1187, 2033, 2410, 3177]\n")
    yield (
        "index_error",
        pack.log(
            "IndexError: index 17 is out of bounds; offending row: age=104, sexe=F, commune=Ouessant, duree=214\n"
        ),
    )
    yield (
        "pandas_iloc",
        pack.notebook(
            pack.cell(
                "df.iloc[17]",
                pack.result(
                    {
                        "text/plain": "age            104\nsexe             F\ncommune   Ouessant\ndp            A810\nName: 17, dtype: object"
                    }
                ),
            )
        ),
    )
    yield (
        "pandas_sample",
        pack.notebook(
            pack.cell(
                "df.sample(3)",
                pack.shown(
                    pd.DataFrame(
                        {"age": [43, 91, 55], "sexe": ["F", "H", "F"], "dp": ["A810", "G20", "C50"]},
                        index=[4120, 87, 2291],
                    )
                ),
            )
        ),
    )
    yield (
        "value_counts_names",
        pack.csv(t(medecin=["Dr Anne Petit", "Dr Paul Moreau", "Dr Louise Martin"], prescriptions=[412, 388, 905])),
    )
    yield "nia", pack.text("NIA 7850578006084 attente d'immatriculation, NIR du parent 1 85 05 78 006 084 91\n")
    yield "phone_words", pack.text("Joindre la famille : zero six... 06.12.34.56.78 (fille)\n")
    yield "address_city", pack.text("Domicile du cas index : 4 bis impasse des Goélands, 29217 Plougonvelin\n")
    yield (
        "admission_dates",
        pack.json_prose("Cas 1 admis le 3 mars 2021, cas 2 admis le 7 mars 2021 (EHPAD de Lannilis)."),
    )
    yield (
        "twins",
        pack.markdown_prose("The twins, born on 3 February 2019 at Morlaix hospital, both carried the variant."),
    )
    yield (
        "dict_of_lists",
        pack.book_stream(
            "{'age': [43, 91, 55], 'sexe': ['F', 'H', 'F'], 'commune': ['Locmaria', 'Ouessant', 'Brest']}\n"
        ),
    )
    yield (
        "nested_zip_rows",
        pack.zipped(
            ("lisez.txt", b"Tables of the paper.\n"),
            ("annexe/suivi.csv", b"sujet,visite,ldh\n1,1,310\n1,2,322\n2,1,188\n2,2,201\n3,1,245\n"),
        ),
    )
    yield (
        "svg_text_row",
        (
            "a.svg",
            b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="90"><text x="9" y="40">Mme Jeanne Martin, 06 12 34 56 78</text></svg>',
        ),
    )
    yield (
        "code_sets",
        pack.notebook(
            pack.cell("bad = {20143, 33871, 40122, 51877, 60001, 60002, 70333}\ndf = df[~df.num_patient.isin(bad)]")
        ),
    )
    yield "code_query", pack.notebook(pack.cell("df.query(\"age == 104 and commune == 'Ouessant'\")"))


SAYINGS = (
    "Only one of the women had a recurrence.", "Two thirds of the nine children improved.", "Hormis deux d'entre eux, les malades ont guéri.",
    "Il ne restait plus qu'un patient à 60 mois.", "Le plus jeune avait 16 ans et le plus vieux 99.", "ages 17 to 103 years",
    "No patient died except one man in Ouessant.", "Mortalité : 1,3 % (soit 2 patients).", "5/812 (0.6%) had anaphylaxis.",
    "Quatre-vingt-dix-neuf pour cent des 300 patients sont vivants.", "The maximum stay was 214 days.", "Aucune des 38 femmes n'était vaccinée.",
    "All 38 women of the village were infected.", "Three of them were pregnant women.", "dont 2 femmes et 3 enfants", "We excluded a further four individuals.",
    "the remaining 6 patients were lost", "patients (n=9)", "One death occurred in the control arm.", "Une patiente enceinte a été exposée.",
)  # fmt: skip


def safe_files() -> Iterator[tuple[str, File]]:
    yield (
        "stata_reg",
        pack.text(
            "      Source |       SS           df       MS      Number of obs   =     3,988\n-------------+----------------------------------   F(3, 3984)      =     41.22\n"
            "       Model |  4120.11         3  1373.37      Prob > F        =    0.0000\n    Residual |  132740.2     3,984   33.32      R-squared       =    0.0301\n\n"
            "         crp | Coefficient  Std. err.      t    P>|t|     [95% conf. interval]\n-------------+----------------------------------------------------------------\n"
            "         age |   .0612004   .0071204     8.60   0.000     .0472404    .0751604\n         bmi |   .1204111   .0211330     5.70   0.000     .0789780    .1618442\n       _cons |   12.40113   .9021100    13.75   0.000     10.63248    14.16978\n",
        ),
    )
    yield (
        "stata_tab",
        pack.text(
            "       sexe |      Freq.     Percent        Cum.\n------------+-----------------------------------\n      Homme |        412       50.99       50.99\n      Femme |        396       49.01      100.00\n------------+-----------------------------------\n      Total |        808      100.00\n"
        ),
    )
    yield (
        "r_lm",
        pack.text(
            "Coefficients:\n             Estimate Std. Error t value Pr(>|t|)    \n(Intercept) 12.401130   0.902110   13.75   <2e-16 ***\nage          0.061200   0.007120    8.60   <2e-16 ***\n\nResidual standard error: 5.772 on 3984 degrees of freedom\nMultiple R-squared:  0.0301,\tAdjusted R-squared:  0.0294 \nF-statistic: 41.22 on 3 and 3984 DF,  p-value: < 2.2e-16\n"
        ),
    )
    yield (
        "gtsummary",
        pack.html(
            t(
                Characteristic=["Age, median (Q1, Q3)", "Sex", "Female", "Male", "Diabetes"],
                **{
                    "Overall, N = 1 612": ["64 (55, 72)", "", "812 (50%)", "800 (50%)", "288 (18%)"],
                    "p-value": ["0.3", "0.8", "", "", "0.4"],
                },
            )
        ),
    )
    yield (
        "stargazer",
        (
            "models.tex",
            b"\\begin{table}\n\\caption{Logit models}\n\\begin{tabular}{@{\\extracolsep{5pt}}lcc}\n\\hline\n & (1) & (2) \\\\\n\\hline\nAge & 0.061$^{***}$ & 0.058$^{***}$ \\\\\n & (0.007) & (0.007) \\\\\nBMI & & 0.120$^{**}$ \\\\\n & & (0.041) \\\\\n\\hline\nObservations & 3,988 & 3,988 \\\\\nLog Likelihood & $-$2,104.311 & $-$2,098.802 \\\\\nAkaike Inf. Crit. & 4,212.622 & 4,203.604 \\\\\n\\hline\n\\end{tabular}\n\\end{table}\n",
        ),
    )
    yield (
        "meta",
        pack.csv(
            t(
                study=["CHARM", "PARADIGM", "DAPA-HF"],
                year=[2003, 2014, 2019],
                effect=[0.77, 0.80, 0.74],
                ci_low=[0.67, 0.73, 0.65],
                ci_high=[0.89, 0.87, 0.85],
                weight=["28.1 %", "40.2 %", "31.7 %"],
            )
        ),
    )
    yield (
        "calibration",
        pack.csv(
            t(
                decile=list(range(1, 11)),
                predicted=[0.02, 0.05, 0.08, 0.11, 0.15, 0.19, 0.24, 0.31, 0.42, 0.61],
                observed=[0.02, 0.05, 0.07, 0.12, 0.14, 0.2, 0.25, 0.3, 0.41, 0.63],
                n=[320] * 10,
            )
        ),
    )
    yield "roc_points", pack.csv(t(fpr=[0.0, 0.1, 0.2, 0.4, 1.0], tpr=[0.0, 0.52, 0.71, 0.88, 1.0]))
    yield (
        "thresholds",
        pack.csv(
            t(
                seuil=[0.1, 0.2, 0.3, 0.5],
                sensibilité=["94 %", "88 %", "79 %", "61 %"],
                spécificité=["41 %", "62 %", "77 %", "91 %"],
            )
        ),
    )
    yield (
        "grid_search",
        pack.csv(
            t(
                param_max_depth=[3, 4, 5, 6],
                param_lr=[0.1, 0.1, 0.05, 0.05],
                mean_test_score=[0.781, 0.79, 0.801, 0.799],
                std_test_score=[0.011, 0.009, 0.012, 0.01],
                rank_test_score=[4, 3, 1, 2],
            )
        ),
    )
    yield "missing_map", pack.csv(t(variable=["age", "imc", "crp"], **{"% manquants": ["0,0 %", "12,4 %", "31,0 %"]}))
    yield (
        "season",
        pack.csv(t(mois=["janv.", "févr.", "mars"], sejours=[1204, 1122, 1188], taux=["12,1 ‰", "11,4 ‰", "11,9 ‰"])),
    )
    yield (
        "adverse",
        pack.latex(
            t(
                event=["Nausea", "Headache", "Fatigue"],
                treated=["120 (10.0)", "88 (7.3)", "204 (17.0)"],
                placebo=["98 (8.2)", "91 (7.6)", "188 (15.7)"],
            )
        ),
    )
    yield (
        "cip",
        pack.csv(
            t(
                cip13=["3400930000000", "3400931111111", "3400932222222"],
                libelle=["DOLIPRANE 1000MG", "KARDEGIC 75MG", "LEVOTHYROX 50"],
                boites=[912544, 488120, 301422],
            )
        ),
    )
    yield (
        "ghm",
        pack.csv(
            t(
                ghm=["05M092", "04M053", "06M033"],
                libelle=[
                    "Insuffisances cardiaques, niveau 2",
                    "Pneumonies, niveau 3",
                    "Autres gastroentérites, niveau 3",
                ],
                severite=[2, 3, 3],
                sejours=[1204, 988, 455],
            )
        ),
    )
    yield (
        "dict_variables",
        pack.excel(
            t(
                variable=["ben_nir_psa", "exe_soi_dtd", "cip13"],
                format=["texte 17", "date", "texte 13"],
                definition=["pseudonyme du bénéficiaire", "date de début des soins", "code du médicament"],
            )
        ),
    )
    yield (
        "versions",
        pack.text("R version 4.3.1 (2023-06-16)\nlme4_1.1-34 survival_3.5-5 data.table_1.14.8\nlocale: fr_FR.UTF-8\n"),
    )
    yield "pip", ("requirements.txt", b"pandas==3.0.1\nnumpy==2.4.0\nlifelines==0.30.0\nscikit-learn==1.9.1\n")
    yield (
        "yaml",
        (
            "config.yaml",
            b"model:\n  name: lightgbm\n  num_leaves: 31\n  learning_rate: 0.05\nperiod: [2015-01-01, 2020-12-31]\nseeds: [1, 2, 3, 4, 5]\n",
        ),
    )
    yield (
        "licence",
        (
            "LICENSE.txt",
            b"MIT License\n\nCopyright (c) 2023 Anne Petit\n\nPermission is hereby granted, free of charge, to any person obtaining a copy of this software.\n",
        ),
    )
    yield (
        "citation",
        pack.markdown_prose(
            "Martin J, Petit A, Moreau H. Statins and outcomes. *Lancet* 2019; 393: 407–415. doi:10.1016/S0140-6736(18)31942-1"
        ),
    )
    yield (
        "authors",
        pack.word_prose(
            "Auteurs : Jeanne Martin, Paul Durand (CHU de Brest). Correspondance : voir la page de l'équipe."
        ),
    )
    yield (
        "protocol",
        pack.word_prose(
            "Critères d'inclusion : âge ≥ 18 ans, au moins 2 délivrances en 6 mois. Suivi de 5 ans. Deux centres. Analyse en intention de traiter."
        ),
    )
    yield (
        "methods_fr",
        pack.markdown_prose(
            "Les variables continues sont décrites par la médiane et l'écart interquartile, les variables qualitatives par l'effectif et le pourcentage. Un p < 0,05 était significatif. Trois modèles ont été comparés."
        ),
    )
    yield (
        "abstract",
        pack.markdown_prose(
            "**Results.** Among 91,254 patients (median age 71 years [IQR 61–80]; 46 % women), 12,402 (13.6 %) died within one year. Adjusted HR 1.12 (95 % CI 1.08–1.17)."
        ),
    )
    yield (
        "exemption",
        pack.markdown_prose(
            "Results for groups of fewer than 11 patients are not shown. One author had access to the data. The first patients were included in 2015."
        ),
    )
    yield (
        "single_centre",
        pack.markdown_prose(
            "This is a single-centre study of one cohort, with one primary outcome and two secondary outcomes, in 3 arms."
        ),
    )
    yield (
        "epochs",
        pack.book_stream(
            "Epoch 1/3\n100/100 ━━━━━━━━━━━━━━━━━━━━ 12s 98ms/step - accuracy: 0.7120 - loss: 0.5511\nEpoch 2/3\n100/100 ━━━━━━━━━━━━━━━━━━━━ 11s 95ms/step - accuracy: 0.7433 - loss: 0.5102\n"
        ),
    )
    yield (
        "torch",
        pack.book_stream(
            "Net(\n  (fc1): Linear(in_features=12, out_features=64, bias=True)\n  (act): ReLU()\n  (fc2): Linear(in_features=64, out_features=2, bias=True)\n)\ntrainable parameters: 962\n"
        ),
    )
    yield (
        "optuna",
        pack.log(
            "[I 2023-02-01 12:00:01,120] Trial 7 finished with value: 0.8012 and parameters: {'max_depth': 5, 'eta': 0.05}. Best is trial 3 with value: 0.8041.\n"
        ),
    )
    yield "slurm", pack.log("JobID 48211 NodeList node3 Elapsed 02:14:07 MaxRSS 3.4G ExitCode 0:0\n")
    yield (
        "duckdb",
        pack.book_stream(
            "┌────────┬─────────┐\n│ annee  │ sejours │\n│ int64  │  int64  │\n├────────┼─────────┤\n│   2019 │  912544 │\n│   2020 │  812001 │\n└────────┴─────────┘\n"
        ),
    )
    yield (
        "polars",
        pack.book_stream(
            "shape: (2, 3)\n┌───────────┬──────┬──────────┐\n│ region    ┆ n    ┆ mean_age │\n│ ---       ┆ ---  ┆ ---      │\n│ str       ┆ u32  ┆ f64      │\n╞═══════════╪══════╪══════════╡\n│ Bretagne  ┆ 1204 ┆ 64.2     │\n│ Normandie ┆ 952  ┆ 63.8     │\n└───────────┴──────┴──────────┘\n"
        ),
    )
    yield (
        "agg",
        pack.notebook(
            pack.cell(
                "df.groupby('sexe').agg(n=('age','size'), age=('age','mean')).round(1)",
                pack.shown(
                    pd.DataFrame({"n": [2015, 1985], "age": [64.1, 63.8]}, index=pd.Index(["F", "M"], name="sexe"))
                ),
            )
        ),
    )
    yield (
        "isna",
        pack.notebook(
            pack.cell(
                "df.isna().sum()", pack.result({"text/plain": "age       0\nsexe      0\ncrp    1204\ndtype: int64"})
            )
        ),
    )
    yield (
        "dtypes",
        pack.notebook(
            pack.cell(
                "df.dtypes",
                pack.result(
                    {
                        "text/plain": "age      int64\nsexe       str\ncrp    float64\nentree    datetime64[ns]\ndtype: object"
                    }
                ),
            )
        ),
    )
    yield (
        "columns",
        pack.notebook(
            pack.cell(
                "df.columns",
                pack.result(
                    {"text/plain": "Index(['age', 'sexe', 'commune', 'dp', 'date_entree', 'nir'], dtype='str')"}
                ),
            )
        ),
    )
    yield (
        "describe_obj",
        pack.notebook(
            pack.cell(
                "df.region.describe()",
                pack.result(
                    {
                        "text/plain": "count         4000\nunique          13\ntop       Bretagne\nfreq          1348\nName: region, dtype: object"
                    }
                ),
            )
        ),
    )
    yield (
        "p_adjust",
        pack.csv(t(gene=["TP53", "BRCA1", "EGFR"], log2FC=[1.21, -0.84, 0.12], padj=["3.1e-08", "0.0021", "0.61"])),
    )
    yield (
        "mixed_model",
        pack.text(
            "Random effects:\n Groups   Name        Variance Std.Dev.\n centre   (Intercept) 0.1204   0.3470  \n Residual             1.8812   1.3716  \nNumber of obs: 3988, groups:  centre, 12\n"
        ),
    )
    yield "icc", pack.json_prose("ICC 0.81 (95 % CI 0.77–0.85), 12 centres, 3 raters, 240 images.")
    yield (
        "deps",
        (
            "package.json",
            json.dumps({"name": "plots", "version": "1.0.2", "dependencies": {"vega": "^5.30.0"}}).encode(),
        ),
    )
    yield "report_word", report()
    yield (
        "figure_lines",
        pack.figure(
            lambda ax: [
                ax.plot(range(12), np.sin(np.arange(12) / 3) + 2, marker="o"),
                ax.set_xlabel("mois"),
                ax.set_ylabel("taux"),
            ]
        ),
    )
    yield (
        "figure_stack",
        pack.figure(
            lambda ax: [
                ax.bar(["I", "II", "III"], [210, 188, 97]),
                ax.bar(["I", "II", "III"], [44, 62, 51], bottom=[210, 188, 97]),
                ax.legend(["vivant", "décédé"]),
            ]
        ),
    )
    yield (
        "figure_box",
        pack.figure(
            lambda ax: ax.bxp(
                [{"med": 64, "q1": 55, "q3": 72, "whislo": 40, "whishi": 85, "fliers": [], "label": "n = 1204"}],
                showfliers=False,
            )
        ),
    )


def report() -> File:
    made = docx.Document()
    made.add_heading("Statistical report", 0)
    made.add_paragraph("Version 1.2, 3 March 2023. Prepared for the steering committee.")
    for text in (
        "Population: 91,254 patients from 12 centres.",
        "Primary outcome: death within 1 year (12,402; 13.6 %).",
    ):
        made.add_paragraph(text, style="List Number")
    made.add_table(1, 3).rows[0].cells[0].text = "Table 1"
    out = io.BytesIO()
    made.save(out)
    return "report.docx", out.getvalue()


def cases() -> list[Case]:
    made: list[Case] = []
    for group, each in (("table", leak_tables), ("person", leak_persons)):
        made += [leak(f"second_{name}", group, file) for name, file in each()]
    forms: Any = (pack.markdown_prose, pack.word_prose, pack.book_prose, pack.text, pack.html_prose)
    made += [leak(f"second_say{i:02d}", "prose", forms[i % 5](text)) for i, text in enumerate(SAYINGS)]
    made += [safe(f"second_{name}", "result", file) for name, file in safe_files()]
    return made
