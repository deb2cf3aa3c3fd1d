"""Thirty-fifth batch: safe prints of programs, settings and reports of emergency care and cancer registries."""

import json

import pandas as pd

from . import pack
from .case import Case, File, safe

OPTUNA = """[I 2024-02-12 10:01:22,114] A new study created in memory with name: ed-admission
[I 2024-02-12 10:01:41,902] Trial 0 finished with value: 0.8121 and parameters: {'max_depth': 6, 'learning_rate': 0.05, 'min_child_weight': 8, 'subsample': 0.8}. Best is trial 0 with value: 0.8121.
[I 2024-02-12 10:02:03,551] Trial 1 finished with value: 0.8094 and parameters: {'max_depth': 9, 'learning_rate': 0.11, 'min_child_weight': 2, 'subsample': 0.7}. Best is trial 0 with value: 0.8121.
[I 2024-02-12 10:02:20,008] Trial 2 finished with value: 0.8147 and parameters: {'max_depth': 4, 'learning_rate': 0.04, 'min_child_weight': 5, 'subsample': 0.9}. Best is trial 2 with value: 0.8147.
"""
XGB = "\n".join(
    ["Training on 212,480 visits, validating on 53,120"]
    + [f"[{n}]\ttrain-logloss:{0.52 - 0.004 * n:.5f}\tvalid-logloss:{0.53 - 0.0035 * n:.5f}" for n in range(0, 40, 5)]
    + ["Stopping. Best iteration:", "[35]\ttrain-logloss:0.38000\tvalid-logloss:0.40750", "Test AUC: 0.815 (95% CI 0.811 to 0.819)", ""]
)  # fmt: skip
TORCH = """UNet(
  (enc1): Sequential(
    (0): Conv2d(1, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (1): BatchNorm2d(32, eps=1e-05, momentum=0.1)
    (2): ReLU(inplace=True)
  )
  (pool): MaxPool2d(kernel_size=2, stride=2, padding=0)
  (head): Linear(in_features=512, out_features=3, bias=True)
)
Trainable params: 7,762,465
Non-trainable params: 0
Input size (MB): 0.25
"""
KERAS = """Model: "sequential"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 dense (Dense)               (None, 64)                1344
 dropout (Dropout)           (None, 64)                0
 dense_1 (Dense)             (None, 8)                 520
 dense_2 (Dense)             (None, 1)                 9
=================================================================
Total params: 1873 (7.32 KB)
Trainable params: 1873 (7.32 KB)
_________________________________________________________________
Epoch 1/3
830/830 [==============================] - 4s 5ms/step - loss: 0.4812 - auc: 0.7403 - val_loss: 0.4311 - val_auc: 0.7922
Epoch 2/3
830/830 [==============================] - 3s 4ms/step - loss: 0.4296 - auc: 0.7941 - val_loss: 0.4207 - val_auc: 0.8034
Epoch 3/3
830/830 [==============================] - 3s 4ms/step - loss: 0.4201 - auc: 0.8040 - val_loss: 0.4168 - val_auc: 0.8071
"""
LM = """
Call:
lm(formula = log(wait) ~ triage + hour + weekend, data = visits)

Residuals:
    Min      1Q  Median      3Q     Max
-3.2000 -0.5100  0.0300  0.5500  2.9000

Coefficients:
             Estimate Std. Error t value Pr(>|t|)
(Intercept)  4.210031   0.004512  933.07  < 2e-16 ***
triage2     -0.120443   0.005120  -23.52  < 2e-16 ***
triage3      0.310217   0.004877   63.61  < 2e-16 ***
triage4      0.402119   0.006018   66.82  < 2e-16 ***
hour         0.004100   0.000240   17.08  < 2e-16 ***
weekend      0.031200   0.003400    9.18  < 2e-16 ***
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

Residual standard error: 0.74 on 265594 degrees of freedom
Multiple R-squared:  0.0712,\tAdjusted R-squared:  0.0712
F-statistic:  4073 on 5 and 265594 DF,  p-value: < 2.2e-16
"""
COX = """Call:
coxph(formula = Surv(months, death) ~ stage + age10 + female, data = reg)

  n= 21480, number of events= 6112

           coef exp(coef) se(coef)     z      p
stageII   0.412     1.510    0.048  8.58 <2e-16
stageIII  1.004     2.729    0.045 22.31 <2e-16
stageIV   2.117     8.306    0.043 49.23 <2e-16
age10     0.281     1.324    0.011 25.55 <2e-16
female   -0.094     0.910    0.026 -3.62 0.0003

Likelihood ratio test=5210  on 5 df, p=< 2.2e-16
Concordance= 0.762  (se = 0.003 )
"""
TAB = """. tabulate triage admitted, row

           |       admitted
    triage |         0          1 |     Total
-----------+----------------------+----------
         1 |       812      3,204 |     4,016
           |     20.22      79.78 |    100.00
-----------+----------------------+----------
         2 |    21,480     18,112 |    39,592
           |     54.25      45.75 |    100.00
-----------+----------------------+----------
         3 |   132,204     31,080 |   163,284
           |     80.97      19.03 |    100.00
-----------+----------------------+----------
     Total |   154,496     52,396 |   206,892
           |     74.67      25.33 |    100.00
"""
POWER = """Sample size calculation

Assuming an admission rate of 25 % in the control group, 1,094 patients per arm give 90 % power to detect a difference of 6 points at a two-sided alpha of 5 %. Allowing for 10 % of missing outcomes, 2,431 patients will be included in 8 centres over 18 months, that is 17 inclusions per centre and month. One interim analysis (O'Brien-Fleming, alpha = 0.003) is planned after 1,215 inclusions.
"""
WORKFLOW = """name: tests
on:
  push: {branches: [main]}
  schedule: [{cron: "0 4 * * 1"}]
jobs:
  test:
    runs-on: ubuntu-22.04
    timeout-minutes: 20
    strategy:
      max-parallel: 4
      matrix:
        python: ["3.10", "3.11", "3.12"]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "${{ matrix.python }}", cache: pip}
      - run: pip install -e .[test]
      - run: pytest -n 2 --maxfail=5
"""
SESSION = """R version 4.3.2 (2023-10-31)
Platform: x86_64-pc-linux-gnu (64-bit)
Running under: Ubuntu 22.04.3 LTS

attached base packages:
[1] stats     graphics  grDevices utils     datasets  methods   base

other attached packages:
[1] survival_3.5-7  broom_1.0.5     lme4_1.1-35.1   Matrix_1.6-4
[5] dplyr_1.1.4     ggplot2_3.4.4
"""
NOTE = """---
title: Passages aux urgences 2019-2023
author: Observatoire régional des urgences
date: 2024-02-20
tags: [urgences, qualité]
version: 3
---

# Faits marquants

* **265 600** passages dans 9 services, soit 145 par jour ;
* un passage sur cinq est suivi d'une hospitalisation (19,7 %) ;
* durée médiane : 3 h 12 (1er quartile : 1 h 54 ; 3e quartile : 5 h 21) ;
* 4 passages sur 10 ont lieu entre 10 h et 16 h.

## Évolution

1. Le nombre de passages augmente de 2,1 % par an[^a].
2. Trois services dépassent 8 000 passages par an.
3. Les moins de 5 ans comptent pour 11,4 % des passages.

| Année | Passages | Hospitalisations | Taux (%) |
|:------|---------:|-----------------:|---------:|
| 2019  |   52 104 |           10 212 |     19,6 |
| 2020  |   43 880 |            9 917 |     22,6 |
| 2021  |   52 031 |           10 041 |     19,3 |
| 2022  |   57 902 |           11 002 |     19,0 |
| 2023  |   59 683 |           11 152 |     18,7 |

[^a]: Régression de Poisson ; IC 95 % : 1,8 à 2,4.

$$\\lambda_t = \\exp(\\beta_0 + \\beta_1 t)$$
"""
CARD = {"model": "ed-admission-v3", "type": "XGBClassifier", "intended_use": "planning of beds, not decisions about single patients", "data": {"period": "2019-2022", "visits": 212480, "sites": 9, "age_groups": {"0-17": 48102, "18-64": 104377, "65+": 60001}}, "metrics": {"auc": 0.815, "brier": 0.131, "calibration_slope": 1.02, "by_sex": {"F": {"n": 27002, "auc": 0.817}, "M": {"n": 26118, "auc": 0.813}}}, "threshold": 0.35, "hyperparameters": {"max_depth": 4, "n_estimators": 340, "min_child_weight": 5, "learning_rate": 0.04}, "authors": 3, "review": {"date": "2024-02-19", "reviewers": 2}}  # fmt: skip
VALUES = {"resourceType": "ValueSet", "id": "triage", "status": "active", "compose": {"include": [{"system": "https://example.org/ccmu", "concept": [{"code": "1", "display": "État stable"}, {"code": "2", "display": "État stable, acte à faire"}, {"code": "3", "display": "Aggravation possible"}, {"code": "4", "display": "Pronostic vital engagé"}, {"code": "5", "display": "Réanimation immédiate"}]}]}}  # fmt: skip
LATEX = r"""\begin{table}[ht]
\centering
\begin{threeparttable}
\caption{Visits by triage level}
\sisetup{group-separator={,}}
\begin{tabular}{l S[table-format=6.0] S S}
\toprule
 & {Visits} & {Admitted (\%)} & {OR (95\,\% CI)} \\
\midrule
\multicolumn{4}{l}{\textit{Triage}} \\
\quad 1 & 4016 & 79.8 & {11.9 (11.0--12.9)} \\
\quad 2 & 39592 & 45.7 & {3.6 (3.5--3.7)} \\
\quad 3 & 163284 & 19.0 & {1 (ref.)} \\
\multicolumn{4}{l}{\textit{Arrival}} \\
\quad Ambulance & 61204 & 41.2 & {2.4 (2.3--2.5)} \\
\quad Other & 145688 & 18.7 & {1 (ref.)} \\
\bottomrule
\end{tabular}
\begin{tablenotes}\footnotesize
\item[a] Models include 4 covariates and a random intercept for 9 sites.
\end{tablenotes}
\end{threeparttable}
\end{table}
"""
PROTOCOL = (
    "Objectif. Décrire les passages aux urgences des personnes de 75 ans et plus dans 9 services de la région.",
    "Critères d'inclusion : âge d'au moins 75 ans ; premier passage entre le 1er janvier 2019 et le 31 décembre 2023 ; résidence dans l'un des 4 départements. Critères de non-inclusion : transfert depuis un autre service ; durée de passage de plus de 72 heures.",
    "Variables : âge (3 classes), sexe, mode d'arrivée (4 modalités), CCMU (5 niveaux), diagnostic principal (22 chapitres de la CIM-10).",
    "Effectif attendu : environ 60 000 passages, dont 27 000 suivis d'une hospitalisation. Avec 5 événements pour 100 passages, la demi-largeur de l'intervalle de confiance à 95 % est de 0,2 point.",
    "Diffusion : 2 articles et 1 rapport ; aucune case de moins de 11 personnes ne sera diffusée.",
)
TIMEIT = "1.24 ms ± 31.2 µs per loop (mean ± std. dev. of 7 runs, 1,000 loops each)\n100%|██████████| 5/5 [00:12<00:00,  2.41s/it]\nFitting 5 folds for each of 8 candidates, totalling 40 fits\nCPU times: user 3.2 s, sys: 410 ms, total: 3.6 s\nWall time: 9.8 s\n"


def cases() -> list[Case]:
    """The texts of the batch."""
    files: dict[str, File] = {
        "optuna": ("optuna.log", OPTUNA.encode()), "xgb": ("train.log", XGB.encode()), "torch": pack.text(TORCH), "keras": pack.log(KERAS), "lm": ("lm.txt", LM.replace("    Min      1Q  Median      3Q     Max\n-3.2000 -0.5100  0.0300  0.5500  2.9000\n", "     1Q  Median      3Q\n-0.5100  0.0300  0.5500\n").encode()), "cox": ("cox.txt", COX.encode()), "tab": ("tab.log", TAB.encode()), "power": ("power.md", POWER.encode()),
        "workflow": ("tests.yml", WORKFLOW.encode()), "session": ("session.txt", SESSION.encode()), "note": ("note.md", NOTE.encode()), "card": ("model_card.json", json.dumps(CARD, indent=2, ensure_ascii=False).encode()), "values": ("valueset.json", json.dumps(VALUES, ensure_ascii=False).encode()), "latex": ("triage.tex", LATEX.encode()), "protocol": pack.word(pd.DataFrame(), *PROTOCOL), "timeit": pack.notebook(pack.cell("%timeit f()\nfit()", pack.stream(TIMEIT))),
    }  # fmt: skip
    return [safe(f"thirty_five_{name}", "texts", file) for name, file in files.items()]
