"""Ninth batch: its sentences and logs."""

LEAKS = {
    "withdrawals": "Recruitment closed in May. Withdrawals were few (two before and five after randomisation).",
    "twins": "Les six paires de jumeaux ont été analysées séparément des 4 102 enfants uniques.",
    "kept": "We kept 1,996 of the 2,001 questionnaires returned by the nurses.",
    "ppv": "The alert had a positive predictive value of 87.5 %, that is 7 true alerts out of 8.",
    "spread": "The outbreak began with three staff and spread to nine residents of the same floor.",
    "deces_pct": "La létalité était de 1,1 % chez les 540 patients ventilés.",
    "interview": "One midwife, who had worked for 31 years in the only maternity ward of the island, said she had seen it before.",
    "mutation": "The variant was carried by 1 in 150 of the 900 newborns screened.",
    "subgroup": "In the subgroup of pregnant women (n=14), all but one delivered at term.",
    "double": "Exposed children had twice as many fractures (8 against 4).",
    "perdus": "À 24 mois, 3 % des 212 inclus étaient perdus de vue.",
    "rest": "Consent was obtained from 498 families; the remaining families (n = 7) were not contacted again.",
    "suicide": "Il y a eu un suicide au cours du suivi, quatre jours après l'arrêt du traitement.",
    "sensitive": "Hepatitis B was diagnosed in ten prisoners and syphilis in three.",
    "age_max": "Patients were aged 18 to 104 years.",
}  # fmt: skip

LOGS = {
    "spss": """CROSSTABS
                    outcome * ward Crosstabulation
Count
                         ward
                     A      B      C    Total
outcome   cured    112     98     87      297
          died       9     12      4       25
Total              121    110     91      322
""",
    "epi": """Frequency of SERO
SERO       Freq   Percent   Cum.
+          13      2.1%     2.1%
-         598     97.2%    99.3%
?           4      0.7%   100.0%
Total     615    100.0%   100.0%
""",
    "julia": """julia> combine(groupby(df, :region), nrow)
3×2 DataFrame
 Row │ region    nrow
     │ String    Int64
─────┼─────────────────
   1 │ Nord        412
   2 │ Sud         388
   3 │ Mayotte       7
""",
    "survfit": """Call: survfit(formula = Surv(t, d) ~ arm, data = d)

        n events median 0.95LCL 0.95UCL
arm=A 150      9     NA      41      NA
arm=B 148     31     38      33      45
""",
    "sqlcount": """postgres=> select sexe, count(*) from pat where dx='E84' group by 1;
 sexe | count
------+-------
 F    |   102
 M    |     6
(2 rows)
""",
    "dropna": """INFO rows: 18204
INFO after merge with deaths: 18201
INFO done in 3.2 s
""",
    "rst": """Results
=======

+----------+--------+---------+
| Centre   | Cases  | Deaths  |
+==========+========+=========+
| Brest    | 204    | 31      |
+----------+--------+---------+
| Quimper  | 96     | 5       |
+----------+--------+---------+
""",
    "named": "dossier: PRIGENT Yannick, IPP 0084412907, sorti le 04/02/2021\n",
}  # fmt: skip

SAFE = {
    "its": "We used an interrupted time series with 48 monthly points, 24 on each side of the reform of January 2019; the "
    "level fell by 3.1 % (95 % CI 1.2 to 5.0) and the slope did not change (p = 0.44).",
    "bayes": "Four chains of 2,000 iterations were run with brms 2.20; all R-hat were below 1.01 and no divergent transition occurred.",
    "economie": "L'ICER était de 21 400 €/QALY ; dans 8 % des 1 000 simulations la stratégie était dominée. Le taux d'actualisation "
    "était de 2,5 % et l'horizon de 10 ans.",
    "matching": "Each of the 6,120 exposed patients was matched to two unexposed patients within 5 years of age; standardised "
    "differences were below 0.1 for all but one covariate.",
    "genetic": "After quality control (call rate above 98 %, HWE p > 1e-6), 612,401 variants in 8,204 persons remained; two loci on "
    "chromosomes 2 and 9 passed 5e-8.",
    "qualitatif": "Trois thèmes principaux sont ressortis ; deux chercheurs ont codé les entretiens, avec un kappa de 0,81.",
    "cluster_trial": "The trial had 3 arms and 31 clusters of about 200 patients; the intraclass correlation was 0.03 and analyses "
    "used 28 degrees of freedom.",
    "vaccine": "Two doses were given 21 days apart to 21,720 participants; efficacy was 94.6 % (89.9 to 97.3) from 7 days after dose 2.",
    "map": "La carte 4 distingue cinq classes de taux standardisés ; 12 des 96 départements dépassent 150 pour 100 000 habitants.",
    "ethics": "The committee (reference 2020-09-11, opinion no. 7) approved the protocol; 3 amendments followed.",
    "icd": "Codes I60 to I64 (ICD-10) and three procedure codes defined stroke; the algorithm has a PPV of 88 % in 4 validation studies.",
    "supp": "See supplementary tables 4 to 9 and the two appendices; Figure 3 shows the six pre-specified subgroups of 48,210 patients.",
}  # fmt: skip

SAFE_LOGS = {
    "stan": """Inference for Stan model: anon_model.
4 chains, each with iter=2000; warmup=1000; thin=1;
         mean se_mean   sd  2.5%   50% 97.5% n_eff Rhat
alpha    1.21    0.00 0.05  1.11  1.21  1.31  3120    1
beta     0.05    0.00 0.01  0.03  0.05  0.07  2988    1
""",
    "sklearn_pipe": """Pipeline(steps=[('scale', StandardScaler()), ('clf', HistGradientBoostingClassifier(max_depth=4, max_iter=200))])
Fitting 5 folds for each of 12 candidates, totalling 60 fits
Best: 0.8121 with {'clf__max_depth': 4, 'clf__learning_rate': 0.05}
""",
    "nlme": """Linear mixed-effects model fit by REML
  Data: d
     AIC      BIC    logLik
  88120.4  88168.1 -44054.2

Random effects:
 Formula: ~1 | centre
        (Intercept) Residual
StdDev:       0.412    3.881

Number of Observations: 16204
Number of Groups: 31
""",
    "make": """[1/6] clean data
[2/6] link tables
[3/6] build cohort (48210 rows)
[4/6] fit 3 models
[5/6] draw 8 figures
[6/6] write 4 tables
done in 7 min 12 s
""",
    "cox_r": """  n= 48210, number of events= 6342

          coef exp(coef) se(coef)      z Pr(>|z|)
age   0.047812  1.048973 0.001211 39.481   <2e-16 ***
male  0.181122  1.198561 0.026011  6.963 3.32e-12 ***

Concordance= 0.712  (se = 0.003 )
Likelihood ratio test= 1820.4  on 2 df,   p=<2e-16
""",
}  # fmt: skip
