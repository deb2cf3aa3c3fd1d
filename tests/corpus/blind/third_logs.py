"""Third batch: what Stata, R, SAS, Python and databases print, with one place that shows a person or a few."""

from collections.abc import Iterator

from . import pack
from .case import File

STATA_HEAD = """      name:  <unnamed>
       log:  analyse_principale.log
  log type:  text
 opened on:  14 Mar 2024, 10:22:41

. use cohorte_finale, clear
(Cohorte insuffisance cardiaque 2015-2022)

. count
  48,213

. tabulate sexe

       Sexe |      Freq.     Percent        Cum.
------------+-----------------------------------
      Homme |     25,120       52.10       52.10
      Femme |     23,093       47.90      100.00
------------+-----------------------------------
      Total |     48,213      100.00

"""
STATA_TAIL = """
. log close
 closed on:  14 Mar 2024, 10:25:02
"""
R_HEAD = """> library(survival)
> library(dplyr)
> set.seed(20240314)
> nrow(cohorte)
[1] 48213
> table(cohorte$sexe)

    F     H
23093 25120
"""
SAS_HEAD = """NOTE: SAS (r) Proprietary Software 9.4 (TS1M7)
NOTE: PROCEDURE PRINTTO used (Total process time):
      real time           0.01 seconds
NOTE: There were 48213 observations read from the data set WORK.COHORTE.
NOTE: The data set WORK.COHORTE2 has 48213 observations and 42 variables.
"""
PY_HEAD = """2024-03-14 10:22:41,120 INFO pipeline - version 2.3.1, python 3.11.8, seed 42
2024-03-14 10:22:58,001 INFO pipeline - 48213 patients loaded, 42 variables
2024-03-14 10:23:10,455 INFO train - epoch 1/3 loss=0.4312 val_auc=0.7812
2024-03-14 10:23:41,871 INFO train - epoch 2/3 loss=0.3988 val_auc=0.7951
2024-03-14 10:24:12,340 INFO train - epoch 3/3 loss=0.3875 val_auc=0.8012
"""


def stata(body: str) -> File:
    return pack.log(STATA_HEAD + body + STATA_TAIL)


def r(body: str) -> File:
    return "sortie_R.txt", (R_HEAD + body).encode()


def sas(body: str) -> File:
    return "cohorte.lst", (SAS_HEAD + body).encode()


def python(body: str) -> File:
    return pack.log(PY_HEAD + body)


def stata_logs() -> Iterator[tuple[str, File]]:
    yield (
        "stata_crosstab",
        stata(""". tabulate region deces

           |         deces
    region |         0          1 |     Total
-----------+----------------------+----------
  Bretagne |     8,120        412 |     8,532
   Centre  |     5,214        301 |     5,515
     Corse |       212          3 |       215
 Normandie |     6,120        377 |     6,497
-----------+----------------------+----------
     Total |    19,666      1,093 |    20,759
"""),
    )
    yield (
        "stata_list",
        stata(""". list id_pat age sexe dep diag in 1/4

     +---------------------------------------+
     | id_pat   age   sexe   dep       diag  |
     |---------------------------------------|
  1. | 104512    71      1    35       I500  |
  2. | 104513    64      2    29       I110  |
  3. | 104517    88      2    22       I501  |
  4. | 104522    59      1    56       I509  |
     +---------------------------------------+
"""),
    )
    yield (
        "stata_detail",
        stata(""". summarize cout, detail

                      cout
-------------------------------------------------------------
      Percentiles      Smallest
 1%        312.4          112.2
 5%        640.1          118.9
10%        911.7          121.0       Obs              48,213
25%       1812.5          124.4       Sum of wgt.      48,213

50%       3120.8                      Mean            4812.31
                        Largest       Std. dev.      6120.77
75%       5980.2         198211
90%      10211.4         212087       Variance       3.75e+07
95%      14980.0         240518       Skewness          7.812
99%      29877.1         412980       Kurtosis         112.51
"""),
    )
    yield (
        "stata_drop",
        stata(""". logistic deces i.greffe age i.sexe

note: 1.greffe != 0 predicts failure perfectly;
      1.greffe omitted and 4 obs not used.

Logistic regression                                  Number of obs =     48,209
                                                     LR chi2(2)    =    1120.44
                                                     Prob > chi2   =     0.0000
"""),
    )
    yield (
        "stata_small_reg",
        stata(""". regress delai age dose if maladie_rare == 1

      Source |       SS           df       MS      Number of obs   =         9
-------------+----------------------------------   F(2, 6)         =      4.12
       Model |  812.112415         2  406.056207   Prob > F        =    0.0748
    Residual |  591.337585         6  98.5562642   R-squared       =    0.5787
-------------+----------------------------------   Adj R-squared   =    0.4382
       Total |     1403.45         8   175.43125   Root MSE        =    9.9276
"""),
    )
    yield (
        "stata_count_if",
        stata(""". count if diag == "E752" & age < 18
  3

. count if age >= 65
  31,877
"""),
    )
    yield (
        "stata_sts",
        stata(""". sts list, at(0 12 24 36 48 60)

              Beg.                      Survivor      Std.
    Time     total     Fail             function     error     [95% conf. int.]
-------------------------------------------------------------------------------
       0         0        0               1.0000         .          .         .
      12       412       38               0.9121    0.0138     0.8811    0.9354
      24       301       29               0.8412    0.0184     0.8014    0.8736
      36       120       21               0.7610    0.0233     0.7121    0.8028
      48        14        9               0.6112    0.0501     0.5058    0.7004
      60         2        1               0.4584    0.1240     0.2164    0.6711
-------------------------------------------------------------------------------
"""),
    )
    yield (
        "stata_mean_group",
        stata(""". tabstat imc, by(centre) statistics(n mean sd)

Summary for variables: imc
Group variable: centre

  centre |         N      Mean        SD
---------+------------------------------
       A |      1210     26.41      4.88
       B |       988     27.02      5.12
       C |         2     41.30      0.42
       D |      2210     26.77      4.97
---------+------------------------------
   Total |      4410     26.73      4.97
----------------------------------------
"""),
    )


def r_logs() -> Iterator[tuple[str, File]]:
    yield (
        "r_table",
        r("""> with(cohorte, table(nyha, issue))
     issue
nyha  décès sortie transfert
  I       2   4120       310
  II    112   9120       811
  III   420   8011      1204
  IV    612   2100       980
"""),
    )
    yield (
        "r_str",
        r("""> str(cohorte)
'data.frame':	48213 obs. of  5 variables:
 $ nir_anon : chr  "a81f0c22" "b7719d01" "c002ab91" "d91e0f11" ...
 $ ddn      : Date, format: "1944-03-12" "1951-11-30" "1938-07-02" ...
 $ sexe     : Factor w/ 2 levels "F","H": 2 1 1 2 2 1 2 2 1 2 ...
 $ imc      : num  31.2 22.8 27.4 24.9 ...
 $ dep      : chr  "35" "29" "22" "56" ...
"""),
    )
    yield (
        "r_summary_max",
        r("""> summary(cohorte$duree_sejour)
   Min. 1st Qu.  Median    Mean 3rd Qu.    Max.
   0.00    3.00    6.00    8.41   11.00  417.00
"""),
    )
    yield (
        "r_head",
        r("""> head(cohorte)
# A tibble: 6 × 5
  id_patient sexe    age diag  date_entree
       <int> <chr> <dbl> <chr> <date>
1     104512 H        71 I50.0 2019-02-14
2     104513 F        64 I11.0 2019-02-14
3     104517 F        88 I50.1 2019-02-15
4     104522 H        59 I50.9 2019-02-17
5     104530 H        77 I50.0 2019-02-17
6     104531 F        81 I50.0 2019-02-18
"""),
    )
    yield (
        "r_glimpse",
        r("""> glimpse(cohorte)
Rows: 48,213
Columns: 5
$ id_patient  <int> 104512, 104513, 104517, 104522, 104530, 104531
$ sexe        <chr> "H", "F", "F", "H", "H", "F"
$ age         <dbl> 71, 64, 88, 59, 77, 81
$ diag        <chr> "I50.0", "I11.0", "I50.1", "I50.9", "I50.0", "I50.0"
$ commune     <chr> "Saint-Malo", "Brest", "Dinan", "Vannes", "Lorient", "Quimper"
"""),
    )
    yield (
        "r_survfit",
        r("""> summary(survfit(Surv(temps, deces) ~ 1, data = sous_groupe))
Call: survfit(formula = Surv(temps, deces) ~ 1, data = sous_groupe)

 time n.risk n.event survival std.err lower 95% CI upper 95% CI
   12     14       1    0.929  0.0688        0.803        1.000
   31     13       1    0.857  0.0935        0.692        1.000
   45     12       2    0.714  0.1207        0.513        0.995
  118      6       1    0.595  0.1444        0.370        0.957
  204      3       1    0.397  0.1852        0.159        0.991
"""),
    )
    yield (
        "r_at_risk",
        r("""> ggsurvplot(fit, risk.table = TRUE)$table$data
Number at risk by time
             0    6   12   18   24   30
bras=A     412  388  301  210   88   11
bras=B     409  380  288  177   52    3
"""),
    )
    yield (
        "r_glm_tiny",
        r("""> summary(glm(rechute ~ age + dose, family = binomial, data = nourrissons))

Coefficients:
            Estimate Std. Error z value Pr(>|z|)
(Intercept) -1.20411    0.98120  -1.227   0.2198
age          0.03122    0.01841   1.696   0.0899 .
dose         0.44120    0.30110   1.465   0.1429

    Null deviance: 15.158  on 11  degrees of freedom
Residual deviance: 11.020  on  9  degrees of freedom
AIC: 17.02
"""),
    )
    yield (
        "r_cox_events",
        r("""> summary(coxph(Surv(t, evt) ~ traitement, data = sg))
  n= 18, number of events= 3

                 coef exp(coef) se(coef)     z Pr(>|z|)
traitementB   -0.8110    0.4444   1.2247 -0.66    0.508

Concordance= 0.601  (se = 0.151 )
"""),
    )
    yield (
        "r_lmer_groups",
        r("""> summary(lmer(creat ~ temps + (1 | patient), data = suivi))
Random effects:
 Groups   Name        Variance Std.Dev.
 patient  (Intercept) 112.41   10.602
 Residual              40.12    6.334
Number of obs: 31, groups:  patient, 5

Fixed effects:
            Estimate Std. Error t value
(Intercept)  88.4120     5.1021  17.328
temps         1.2011     0.2140   5.613
"""),
    )
    yield (
        "r_quantile",
        r("""> quantile(cohorte$montant, c(0, .01, .5, .99, 1))
       0%        1%       50%       99%      100%
    12.10     98.40   3120.80  29877.10 412980.00
"""),
    )
    yield (
        "r_dput",
        r("""> dput(head(cohorte, 3))
structure(list(id = c(104512L, 104513L, 104517L), sexe = c("H",
"F", "F"), age = c(71, 64, 88), diag = c("I50.0", "I11.0", "I50.1"
), entree = c("2019-02-14", "2019-02-14", "2019-02-15")), row.names = c(NA,
3L), class = "data.frame")
"""),
    )
    yield (
        "r_rpart",
        r("""> print(arbre)
n= 48213

node), split, n, loss, yval, (yprob)
      * denotes terminal node

 1) root 48213 6120 0 (0.873 0.127)
   2) age< 74.5 30112 1810 0 (0.940 0.060) *
   3) age>=74.5 18101 4310 0 (0.762 0.238)
     6) creat< 412.5 18097 4306 0 (0.762 0.238) *
     7) creat>=412.5 4 0 1 (0.000 1.000) *
"""),
    )
    yield (
        "r_xtabs_ftable",
        r("""> ftable(xtabs(~ sexe + tranche + suicide, data = cohorte))
             suicide   Non   Oui
sexe tranche
F    15-24            3120    12
     25-44            7812     4
     45-64            8120    21
H    15-24            3011    19
     25-44            8012    37
     45-64            9120    41
"""),
    )
    yield (
        "r_influence",
        r("""> influencePlot(modele)
        StudRes         Hat       CookD
1204   4.112041 0.002114120 0.012044120
8812  -3.998120 0.001822011 0.010112001
20411  0.812011 0.081120441 0.021144001
"""),
    )


def sas_logs() -> Iterator[tuple[str, File]]:
    yield (
        "sas_freq",
        sas("""
                     The FREQ Procedure

                                        Cumulative    Cumulative
   GHM       Frequency     Percent       Frequency      Percent
   -------------------------------------------------------------
   05M091       12044       41.22           12044        41.22
   05M092       10211       34.94           22255        76.16
   05M093        6961       23.82           29216        99.98
   27C021           6        0.02           29222       100.00
"""),
    )
    yield (
        "sas_means",
        sas("""
                     The MEANS Procedure

               Analysis Variable : cout Coût du séjour

   etab        N Obs       N            Mean         Std Dev
   ----------------------------------------------------------
   CHU A        2210    2210      4812.3100000    3120.1000000
   CH B          980     980      4120.7700000    2988.4000000
   CLIN C          3       3     28110.0000000     412.2000000
   ----------------------------------------------------------
"""),
    )
    yield (
        "sas_print",
        sas("""
                     The SAS System

    Obs    NUMPAT     SEXE    AGE    DP       DTENT

      1    0104512     1       71    I500     14FEB2019
      2    0104513     2       64    I110     14FEB2019
      3    0104517     2       88    I501     15FEB2019
"""),
    )
    yield (
        "sas_log_where",
        sas("""
NOTE: There were 6 observations read from the data set WORK.COHORTE.
      WHERE (cas_confirme=1) and (age<2);
NOTE: The data set WORK.BEBES has 6 observations and 42 variables.
"""),
    )
    yield (
        "sas_extremes",
        sas("""
                     The UNIVARIATE Procedure
                     Variable:  DUREE

                  Extreme Observations

         ----Lowest----        ----Highest---

         Value      Obs        Value      Obs

             0     2044          211    30112
             0     8120          244     1204
             0     9911          417    40120
"""),
    )
    yield (
        "sas_2x2",
        sas("""
           Table of exposition by malformation

           exposition     malformation

           Frequency|Non     |Oui     |  Total
           ---------+--------+--------+
           Non      |  30112 |    211 |  30323
           ---------+--------+--------+
           Oui      |    412 |      2 |    414
           ---------+--------+--------+
           Total       30524      213    30737
"""),
    )
    yield (
        "sas_put",
        sas("""
NUMPAT=0104512 SEXE=1 AGE=71 DP=I500 DTENT=14FEB2019 _ERROR_=1 _N_=8812
NOTE: Missing values were generated as a result of performing an operation on missing values.
"""),
    )


def python_logs() -> Iterator[tuple[str, File]]:
    yield (
        "py_errors",
        python("""2024-03-14 10:24:20,001 INFO eval - worst errors on the test set:
2024-03-14 10:24:20,002 INFO eval - sample 1203: age=83 sex=F dep=48 creat=211 pred=0.91 true=0
2024-03-14 10:24:20,003 INFO eval - sample 4410: age=29 sex=M dep=05 creat=88 pred=0.04 true=1
2024-03-14 10:24:20,004 INFO eval - sample 8121: age=97 sex=F dep=23 creat=301 pred=0.12 true=1
"""),
    )
    yield (
        "py_predictions",
        python("""predictions:
id=a81f0c22 y=0 p=0.1211
id=b7719d01 y=1 p=0.8812
id=c002ab91 y=0 p=0.3104
id=d91e0f11 y=0 p=0.0412
id=e81200aa y=1 p=0.7019
"""),
    )
    yield (
        "py_crosstab",
        python("""deces          0     1    All
stade
I           4120     2   4122
II          3988    41   4029
III         2104   212   2316
All        10212   255  10467
"""),
    )
    yield (
        "py_debug_nir",
        python("""2024-03-14 10:24:21,120 WARNING fusion - identifiant rejeté : 1840775115001 (clé absente), ligne 20411
2024-03-14 10:24:21,120 WARNING fusion - identifiant rejeté : 2 91 03 29 019 044, ligne 20977
"""),
    )
    yield (
        "py_valueerror",
        python("""Traceback (most recent call last):
  File "prep.py", line 44, in <module>
    cohorte["age"] = cohorte["age"].astype(float)
ValueError: could not convert string to float: 'LEFEBVRE Jeanne née le 12/03/1954'
"""),
    )
    yield (
        "py_exclusion",
        python("""2024-03-14 10:24:21 INFO flow - avant exclusion des mineurs : 48213 patients
2024-03-14 10:24:21 INFO flow - après exclusion des mineurs : 48206 patients
"""),
    )
    yield (
        "py_counter",
        python("""Counter({'I50.0': 20112, 'I50.1': 12044, 'I50.9': 9120, 'I11.0': 6935, 'E85.4': 2})
"""),
    )
    yield (
        "py_knn",
        python("""query: 10 nearest neighbours (euclidean, standardised)
  rank 1  idx 1220  dist 0.021  age 54  imc 31.4  creat 113  dep 29  diag I50.0
  rank 2  idx 8814  dist 0.034  age 53  imc 31.0  creat 118  dep 35  diag I50.0
  rank 3  idx 4402  dist 0.040  age 55  imc 32.1  creat 109  dep 29  diag I11.0
"""),
    )
    yield (
        "py_dicts",
        python("""[{'age': 71, 'sexe': 'H', 'diag': 'I50.0', 'dep': '35'}, {'age': 64, 'sexe': 'F', 'diag': 'I11.0', 'dep': '29'}, {'age': 88, 'sexe': 'F', 'diag': 'I50.1', 'dep': '22'}]
"""),
    )
    yield (
        "py_iloc",
        python("""id_patient          104512
sexe                     H
age                     71
date_naissance  1948-01-22
commune         Saint-Malo
diag                 I50.0
Name: 0, dtype: object
"""),
    )
    yield (
        "psql_rows",
        (
            "requete.txt",
            b"""omop=> select gender_source_value, year_of_birth, zip, count(*) from person group by 1,2,3 order by 4 limit 4;
 gender_source_value | year_of_birth |  zip  | count
---------------------+---------------+-------+-------
 F                   |          1921 | 29217 |     1
 M                   |          1924 | 29242 |     1
 F                   |          1926 | 29253 |     2
 M                   |          1930 | 29259 |     2
(4 rows)

omop=> select count(*) from person;
 count
-------
 48213
(1 row)
""",
        ),
    )
    yield (
        "psql_count",
        (
            "requete.txt",
            b"""omop=> select count(distinct person_id) from condition_occurrence where condition_concept_id = 4120002;
 count
-------
     7
(1 row)
""",
        ),
    )
    yield (
        "sql_insert",
        (
            "charge.sql",
            b"""-- reprise des lignes en erreur
CREATE TABLE IF NOT EXISTS reprise (id integer, sexe char(1), ddn date, diag text);
INSERT INTO reprise VALUES (104512, 'H', '1948-01-22', 'I50.0');
INSERT INTO reprise VALUES (104513, 'F', '1955-06-03', 'I11.0');
""",
        ),
    )
    yield (
        "tree_text",
        python("""|--- age <= 74.50
|   |--- creat <= 180.20
|   |   |--- weights: [28110.00, 1710.00] class: 0
|   |--- creat >  180.20
|   |   |--- weights: [192.00, 100.00] class: 0
|--- age >  74.50
|   |--- imc <= 14.10
|   |   |--- weights: [0.00, 3.00] class: 1
|   |--- imc >  14.10
|   |   |--- weights: [13791.00, 4307.00] class: 0
"""),
    )
    yield (
        "confusion_print",
        python("""confusion matrix (rows: truth, columns: prediction)
[[9120    3]
 [  41  188]]
"""),
    )
    yield (
        "support_print",
        python("""              precision    recall  f1-score   support

         ICM      0.912     0.931     0.921      4120
         CMD      0.871     0.802     0.835      1204
    Amylose       0.500     0.250     0.333         4

    accuracy                          0.901      5328
   macro avg      0.761     0.661     0.696      5328
weighted avg      0.902     0.901     0.901      5328
"""),
    )


def leaks() -> Iterator[tuple[str, str, File]]:
    for group, each in (("stata", stata_logs), ("r", r_logs), ("sas", sas_logs), ("python", python_logs)):
        for name, file in each():
            yield name, group, file
