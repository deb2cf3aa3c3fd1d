"""The fifth batch, leaks in what programs print and people write."""

from collections.abc import Iterator

from . import pack
from .case import Case, File, leak


def out(source: str, text: str) -> File:
    return pack.notebook(pack.cell(source, pack.stream(text)))


def value(source: str, text: str) -> File:
    return pack.notebook(pack.cell(source, pack.result({"text/plain": text})))


def printed() -> Iterator[tuple[str, File]]:
    yield "value_counts", value("df.diag.value_counts()", "diag\nI50      1204\nJ44       311\nE85.4       3\nName: count, dtype: int64")  # fmt: skip
    yield "counter", value("Counter(df.diag)", "Counter({'I50': 1204, 'J44': 311, 'E85.4': 3})")
    yield "confusion", out("print(confusion_matrix(y, p))", "[[4120   31]\n [   4   88]]\n")
    yield "class_report", out("print(classification_report(y, p))", "              precision    recall  f1-score   support\n\n           0       0.99      0.98      0.98      4120\n           1       0.44      0.50      0.47         8\n\n    accuracy                           0.98      4128\n")  # fmt: skip
    yield "export_tree", out("print(export_text(m, show_weights=True))", "|--- age <= 64.50\n|   |--- weights: [1204.00, 31.00] class: 0\n|--- age >  64.50\n|   |--- sexe <= 0.50\n|   |   |--- weights: [2.00, 1.00] class: 0\n|   |--- sexe >  0.50\n|   |   |--- weights: [311.00, 41.00] class: 0\n")  # fmt: skip
    yield "describe", value("df.age.describe()", "count    4120.000000\nmean       63.104000\nstd        12.230000\nmin        18.000000\n25%        54.000000\n50%        64.000000\n75%        73.000000\nmax       104.000000\nName: age, dtype: float64")  # fmt: skip
    yield "groupby_size", value("df.groupby(['ghm','mode']).size()", "ghm     mode\n05M091  domicile    12044\n        décès         211\n27C021  domicile       88\n        décès           3\ndtype: int64")  # fmt: skip
    yield "bins_array", value("np.histogram(df.los)", "(array([4120, 1204,  311,   88,   19,    2]),\n array([ 0., 10., 20., 30., 40., 50., 60.]))")  # fmt: skip
    yield "cluster_array", value("np.bincount(labels)", "array([812, 391,   3])")
    yield "transposed", value("df.sample(2).T", "                 4120        812\nsexe                1          2\nannee_naiss      1948       1971\ncommune         29232      35288\ndiag            E85.4        I50\ncout          1204.31     980.12")  # fmt: skip
    yield "polars", out("print(t)", "shape: (3, 2)\n┌────────────┬──────┐\n│ service    ┆ n    │\n│ ---        ┆ ---  │\n│ str        ┆ u32  │\n╞════════════╪══════╡\n│ Cardio     ┆ 1204 │\n│ Réa        ┆ 311  │\n│ Greffe     ┆ 6    │\n└────────────┴──────┘\n")  # fmt: skip
    yield "spark", out("t.show()", "+--------+-----+\n| service|count|\n+--------+-----+\n|  Cardio| 1204|\n|  Greffe|    5|\n+--------+-----+\n")  # fmt: skip
    yield "psql", pack.log(" service |  nb   \n---------+-------\n Cardio  |  1204\n Greffe  |     6\n(2 rows)\n")
    yield "scalar", value("df[df.traitement == 'CAR-T'].patient.nunique()", "4")
    yield "error_row", pack.notebook(pack.cell("int(v)", {"output_type": "error", "ename": "ValueError", "evalue": "could not convert '2 48 01 22 113 045 12' for patient 104512", "traceback": ["ValueError: could not convert '2 48 01 22 113 045 12' for patient 104512"]}))  # fmt: skip
    yield "dropped", pack.log("2024-03-01 10:02:11 INFO reading cohort\n2024-03-01 10:02:14 INFO 4120 patients read\n2024-03-01 10:02:14 WARNING 3 patients dropped: no date of death\n")  # fmt: skip
    yield "bad_ids", pack.log("2024-03-01 10:02:11 INFO start\n2024-03-01 10:02:14 WARNING duplicate stays for ipp=8004512345, ipp=8004599120\n")  # fmt: skip
    yield "r_survfit", pack.log("""> summary(fit, times = c(0, 12, 24, 36))
Call: survfit(formula = Surv(t, d) ~ 1, data = b)

 time n.risk n.event survival std.err lower 95% CI upper 95% CI
    0    412       0    1.000 0.00000        1.000        1.000
   12    301      88    0.771 0.02140        0.730        0.814
   24    155      71    0.560 0.02712        0.509        0.616
   36      9      41    0.312 0.03920        0.244        0.399
""")  # fmt: skip
    yield (
        "r_table",
        pack.log(
            "> table(d$sexe, d$stade)\n\n      I   II  III   IV\n  F 412  301  155   41\n  M 388  290  140    7\n"
        ),
    )
    yield "r_tibble", pack.log("# A tibble: 3 × 3\n  service     n   cout\n  <chr>   <int>  <dbl>\n1 Cardio   1204  8120.\n2 Réa       311 21044.\n3 Greffe      5 91233.\n")  # fmt: skip
    yield "r_str", pack.log("> str(d)\n'data.frame':\t4120 obs. of  4 variables:\n $ id   : int  104512 104513 104517 104520 104533\n $ sexe : int  1 2 2 1 2\n $ ddn  : Date, format: \"1948-01-22\" \"1955-06-03\" ...\n $ diag : chr  \"E85.4\" \"I50\" \"I50\" \"J44\" ...\n")  # fmt: skip
    yield "r_summary", pack.log("> summary(d$age)\n   Min. 1st Qu.  Median    Mean 3rd Qu.    Max. \n  18.00   54.00   64.00   63.10   73.00  104.00 \n")  # fmt: skip
    yield "r_head", pack.log("> head(d, 3)\n      id sexe        ddn  diag\n1 104512    1 1948-01-22 E85.4\n2 104513    2 1955-06-03   I50\n3 104517    2 1931-09-14   I50\n")  # fmt: skip
    yield "r_lm", pack.log("""> summary(lm(cout ~ age + sexe + stade + centre, d))

Coefficients:
            Estimate Std. Error t value Pr(>|t|)
(Intercept) 1204.311    88.120  13.667 7.87e-07 ***
age           12.104     1.204  10.053 8.12e-06 ***

Residual standard error: 41.2 on 8 degrees of freedom
Multiple R-squared:  0.981,	Adjusted R-squared:  0.972
""")  # fmt: skip
    yield "stata_reg", pack.log(""". regress cost age i.centre

      Source |       SS           df       MS      Number of obs   =        12
-------------+----------------------------------   F(3, 8)         =     41.20
       Model |  91204.112         3  30401.3707   Prob > F        =    0.0000
    Residual |  5903.2211         8  737.902638   R-squared       =    0.9392
""")  # fmt: skip
    yield "stata_tab", pack.log(""". tab stade deces

           |         deces
     stade |         0          1 |     Total
-----------+----------------------+----------
         I |       412         31 |       443
        II |       301         28 |       329
        IV |        88          2 |        90
-----------+----------------------+----------
     Total |       801         61 |       862
""")  # fmt: skip
    yield "sas_freq", pack.log("""
                              The FREQ Procedure

                                             Cumulative    Cumulative
    gravite    Frequency     Percent     Frequency      Percent
    -----------------------------------------------------------------
    Légère         1204       79.26          1204        79.26
    Modérée         311       20.47          1515        99.74
    Fatale            4        0.26          1519       100.00
""")  # fmt: skip
    yield "sas_means", pack.log("""
                          The MEANS Procedure
                      Analysis Variable : age

      N            Mean         Std Dev         Minimum         Maximum
    4120      63.1040000      12.2300000      18.0000000     104.0000000
""")  # fmt: skip
    yield "lifelines", out("km.event_table.tail(3)", "          removed  observed  censored  entrance  at_risk\nevent_at                                                \n34.0           12         3         9         0       41\n35.0           20         2        18         0       29\n36.0            9         1         8         0        9\n")  # fmt: skip
    yield "statsmodels", out("print(m.summary())", """                            OLS Regression Results
==============================================================================
Dep. Variable:                   cout   R-squared:                       0.981
No. Observations:                  14   AIC:                             151.2
Df Residuals:                       7   BIC:                             155.7
Df Model:                           6
==============================================================================
                 coef    std err          t      P>|t|      [0.025      0.975]
------------------------------------------------------------------------------
const       1204.3110     88.120     13.667      0.000     995.9       1412.7
==============================================================================
""")  # fmt: skip
    yield "yaml", ("result.yaml", b"cohort:\n  included: 4120\n  excluded:\n    no_consent: 3\n    under_age: 41\nmodel: cox\n")  # fmt: skip
    yield "tail_risk", pack.text("Figure 2. Overall survival.\n\nNumber at risk\nMonths      0    12    24    36    48\nArm A     412   301   155    41     4\nArm B     409   288   140    38    12\n")  # fmt: skip


def prose() -> Iterator[tuple[str, File]]:
    yield "three_patients", pack.markdown_prose("Among the 1,204 patients included, three developed Stevens-Johnson syndrome.")  # fmt: skip
    yield "only_two", pack.word_prose("The safety profile was good; only two women in the exposed group died of the disease.")  # fmt: skip
    yield "un_seul", pack.text("Un seul cas d'anaphylaxie a été observé dans la cohorte, chez un homme suivi à Quimper.\n")  # fmt: skip
    yield "all_but", pack.html_prose("All but 3 of the 1,204 patients were alive at one year.")
    yield "of_whom", pack.markdown_prose("We included 1,204 patients, of whom 1,199 completed the follow-up.")
    yield "fraction", pack.word_prose("Sensitivity was 95.8 % (23/24) and specificity 91.2 % (1,098/1,204).")
    yield "one_in", pack.latex_prose("In the cohort of 1,020 patients, one in 204 had a severe reaction.")
    yield "flow", pack.text("Stays assessed for eligibility (n = 4 213)\n  Excluded (n = 93)\n    - no linkage (n = 88)\n    - died before index date (n = 5)\nAnalysed (n = 4 120)\n")  # fmt: skip
    yield "mermaid", ("flow.md", b'# Flow chart\n\n```mermaid\ngraph TD\n  A["Screened: 4213"] --> B["Included: 4120"]\n  A --> C["Refused: 6"]\n```\n')  # fmt: skip
    yield "permille", pack.markdown_prose("Sur 2 000 séjours, la mortalité était de 2 pour mille.")
    yield "narrative", pack.text("Cas 1. Femme de 97 ans résidant à Ouessant, hospitalisée pour amylose cardiaque en mars 2021, décédée à J12.\n")  # fmt: skip
    yield "the_rest", pack.book_prose("Of 312 children, 305 were vaccinated; the others were not.")
    yield "range", pack.markdown_prose("The mean cost was 8,120 € (range 112 to 1,204,311 €).")
    yield "oldest", pack.word_prose("Le patient le plus âgé avait 104 ans et vivait dans le Finistère.")
    yield "pairs", pack.text("Cluster 4 (n=2) groups very young patients with rare metabolic disease.\n")
    yield "events", pack.html_prose("Hazard ratio 2.1 (95 % CI 0.8 to 5.4), 5 events in the exposed arm.")
    yield "born", pack.text("Mme Jeanne Le Goff, née le 12 mars 1954, est incluse à tort dans la cohorte.\n")
    yield "mail", pack.markdown_prose("Contact for the index case: jeanne.legoff (at) orange (dot) fr, 06 12 34 56 78.")
    yield "six_hundredths", pack.text("Taux de complications : 0,6 % (N = 500)\n")
    yield "quote", pack.markdown_prose("Compte rendu : « Patient de 91 ans, ancien marin-pêcheur, vit seul rue de Siam, fille infirmière, découverte d'un E85. »")  # fmt: skip


def cases() -> Iterator[Case]:
    for name, file in printed():
        yield leak(f"five-{name}", "printed", file)
    for name, file in prose():
        # A diagram's source is dropped from Markdown, which counts as caught: the first score lacked this payload.
        yield leak(f"five-{name}", "prose", file, payload=("Refused: 6",) if name == "mermaid" else ())
