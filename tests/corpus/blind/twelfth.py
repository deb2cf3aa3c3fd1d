"""Twelfth batch: sentences and printed lines, written after mending for the eleventh and before scoring."""

from .case import Case, leak, safe
from .pack import PROSE, book_stream, log, text, turn

SAID = {
    "newborns": "Sur 1 000 naissances, on compte 996 enfants vivants à un mois.",
    "two_groups": "The intervention group lost 6 participants to follow-up, the control group 14.",
    "seroprevalence": "Seroprevalence was 2.6 % (95 % CI 0.9 to 6.0) among the 192 blood donors.",
    "protheses": "Cinq ans après, 88 des 91 prothèses de hanche étaient en place.",
    "elective": "The last quarter saw 13 admissions, of which 11 were elective.",
    "suicides": "Deaths: 214 (intervention) and 219 (control), of which 4 and 12 respectively were suicides.",
    "undetermined": "La cohorte compte 51,2 % d'hommes, 48,3 % de femmes et 0,5 % de personnes de sexe indéterminé (n = 812).",
    "fewer": "There were 3 fewer children in the final sample (1,117) than at baseline.",
    "needle": "Fewer than one percent of the 430 nurses (0.7 %) reported a needle injury.",
    "of_hundred": "Of every 100 admissions, one ended in death; there were 600 admissions.",
    "maternal": "En 2021, un seul établissement a déclaré des décès maternels : deux.",
    "rose": "The proportion of resistant strains among patients rose from 3/88 to 9/91.",
    "exclusions": "Excluded were: age under 18 (n = 61), no consent (n = 12), other reasons (n = 5).",
    "brother": "All patients but Mr B. and his brother were discharged home.",
    "numero": "Le patient n° 17 a été réhospitalisé pour une septicémie le 12 mai 2020.",
    "decades": "Participants' ages spanned eight decades, up to 101.",
    "fourfold": "Two-by-two table: exposed cases 12, exposed controls 31, unexposed cases 7, unexposed controls 58.",
    "referred": "The 5 % of the 120 children who failed screening were referred.",
    "gemellaire": "Une grossesse gémellaire sur les 310 suivies a été interrompue.",
    "numbered": "Readmissions within a week numbered nine.",
    "dozen": "We interviewed a dozen women, half of whom had miscarried.",
    "drivers": "Among 1,450 drivers tested, 99.6 % were negative for cocaine.",
    "per_year": "Le service reçoit 3 à 5 cas de tétanos par an.",
    "by_year": "Hospital deaths (n): 2019: 14; 2020: 22; 2021: 8.",
    "sex": "The unit admitted 78 boys and 71 girls (152 in total, sex not recorded in the others).",
    "dossier": "Il ne manquait que le dossier d'une patiente.",
    "seven_women": "We found no case in men and seven in women.",
    "hundred": "Survival at five years was 100 % (11/11) in the mutated group.",
    "salaries": "Quatre-vingt-quinze pour cent des 60 salariés ont été revus.",
    "receveurs": "Le délai entre la greffe et le décès des deux receveurs était de 11 et 34 jours.",
    "nurse": "A 34-year-old nurse of our intensive care unit tested positive on 3 March 2020.",
    "survivors": "Eleven of the 13 survivors had a normal echocardiogram.",
}  # fmt: skip

LOGS = {
    "wards": "Cases by ward: A=14 B=9 C=31\n",
    "r_print": '[1] "deceased: 7"\n[1] "alive: 412"\n',
    "abcd": "2 x 2 table: a=12 b=31 c=7 d=58\n",
    "data_table": "   sexe   N\n1:    F 512\n2:    M   6\n",
    "series": "deces\n0    812\n1      6\nName: count, dtype: int64\n",
    "stata": "(6 missing values generated)\n(4 observations deleted)\n",
    "sas": "NOTE: 7 observations with duplicate key values were deleted.\n",
    "ggplot": "Warning message:\nRemoved 5 rows containing missing values (geom_point).\n",
    "dropped": "Dropped 3 rows with NaN in age\n",
    "classes": "samples per class: [1188, 16]; in the test split: [235, 3]\n",
    "lifelines": "<lifelines.CoxPHFitter: fitted with 60 total observations, 53 right-censored observations>\n",
    "mannwhitney": "MannwhitneyuResult(statistic=31.0, pvalue=0.04), n1=9, n2=14\n",
    "fisher": "fisher_exact([[3, 41], [12, 30]]) -> odds 0.18, p 0.008\n",
    "tibble": "# A tibble: 3 x 2\n  region      n\n  <chr>   <int>\n1 Nord      412\n2 Sud       388\n3 Mayotte     7\n",
}  # fmt: skip

PLAIN = {
    "registries": "The three Dutch registries contributed 4,120, 3,907 and 5,011 patients.",
    "drugs": "En moyenne, chaque patient avait 2 comorbidités et prenait 5 médicaments (4 102 patients).",
    "screening": "Two reviewers screened 4,812 abstracts, a third arbitrated; 31 studies from 9 countries were kept.",
    "approval": "The study was approved on 3 April 2019 (number 2019/04-7) and amended twice.",
    "charlson": "Un score de Charlson d'au moins 3 multipliait le risque par 2,4 (IC à 95 % 2,1-2,7).",
    "matching": "Each case was matched to up to 4 controls by age (within 2 years) and sex: 6,120 cases and 24,310 controls.",
    "bootstrap": "Cluster bootstrap with 1,000 draws, 5 % trimming, a tolerance of 1e-6 and at most 9 iterations.",
    "smokers": "One in three of the 9,410 respondents (33.1 %) smoked; one in ten drank daily.",
    "causes": "Table 2 shows the five leading causes of the 12,405 stays; the first two make up 41 %.",
    "beds": "Hospitals with fewer than 10 beds were excluded (3 hospitals), as were two that closed in 2018.",
    "waves": "The first wave lasted 9 weeks and the second one 14, with 4,812 and 7,204 admissions.",
    "sexes": "Les deux sexes étaient également représentés (50,1 % d'hommes parmi 8 204 sujets).",
    "kinetics": "Half-life was 8 hours in a model with 2 compartments (1,204 patients, 3,611 samples, clearance 4.1 L/h).",
    "items": "Version 2 of the questionnaire has 36 items in 8 dimensions, each scored from 0 to 100.",
    "accuracy": "At a threshold of 7 points sensitivity was 88 % and specificity 91 % in 4,120 patients.",
    "thanks": "We thank three anonymous reviewers, the 62 participating practices and our two patient partners.",
    "mortality": "Mortality at days 7, 28 and 90 was 3.1, 8.2 and 12.4 % in 5,204 patients.",
    "bmi": "A one-unit increase in body mass index went with a 2 % higher risk (HR 1.02, 1.01 to 1.03).",
    "mixed": "Le modèle comporte 2 effets aléatoires et 7 effets fixes ; 4 chaînes, aucune transition divergente.",
    "qaly": "Le coût par QALY passe de 21 400 à 18 900 € en 3 ans, avec une actualisation de 4 %.",
    "per_thousand": "Falls per 1,000 admissions went from 2 in 2015 to 3 in 2019 (48,210 admissions a year).",
    "stays": "The median number of earlier stays was 2 (IQR 1 to 4) in 11,020 patients.",
    "stations": "Exposure is the 7-day mean of the 210 stations, at lags of 0 to 6 days.",
    "arms": "Baseline was balanced: 601 patients in the first arm and 598 in the second, with 12.1 and 12.4 % diabetics.",
    "losses": "Of the 4,102 patients, 3,911 (95.3 %) were seen at one year and 3,790 (92.4 %) at two.",
    "policy": "La réforme du 1er juillet 2017 a concerné 3 des 13 régions, puis les dix autres en 2018.",
    "validation": "Dix dossiers par centre ont été relus par deux médecins ; la concordance était de 94 % (kappa 0,88).",
    "ageing": "By 2040 the share of people over 80 will have doubled; one household in five will be of a person alone.",
    "protocol": "Blood was drawn at weeks 0, 4 and 12 (3 tubes, 5 mL each) and stored for up to 2 years at -80 degrees.",
    "ventilation": "Duration of ventilation fell by 2 days (9 to 7) among 2,204 patients after the bundle of 5 measures.",
}  # fmt: skip

PRINTED = {
    "stata": "(1,204 missing values generated)\n(2,310 observations deleted)\n",
    "sas": "NOTE: There were 48210 observations read from the data set WORK.COHORT.\nNOTE: The data set has 7 variables.\n",
    "ggplot": "Warning message:\nRemoved 210 rows containing missing values (geom_point).\n",
    "tqdm": "100%|##########| 5/5 [00:03<00:00,  1.62it/s]\n",
    "pytest": "collected 9 items\n\ntest_cohort.py .........  [100%]\n9 passed in 3.21s\n",
    "early": "Best epoch: 7, best val_auc: 0.8123, stopped after 9 epochs\n",
    "git": "commit 3fa4c1e\nDate: Mon Mar 7 10:12:00 2022\n    Fix 2 joins and 1 typo in Table 4 (see #31)\n",
    "layers": "Linear(in_features=37, out_features=8, bias=True)\nDropout(p=0.2)\nTotal params: 305\n",
    "cox": "<lifelines.CoxPHFitter: fitted with 6000 total observations, 4821 right-censored observations>\n",
    "glmer": "Number of obs: 16204, groups:  centre, 31\nconvergence code: 0, 2 negative eigenvalues\n",
}  # fmt: skip


def cases() -> list[Case]:
    """The cases of the batch."""
    out = [leak(f"twelve_{name}", "prose", turn(PROSE, at + 1, 1)[0](said)) for at, (name, said) in enumerate(SAID.items())]  # fmt: skip
    out += [leak(f"twelve_{name}", "printed", (log, book_stream, text)[at % 3](said)) for at, (name, said) in enumerate(LOGS.items())]  # fmt: skip
    out += [safe(f"twelve_plain_{name}", "prose", turn(PROSE, at + 4, 1)[0](said)) for at, (name, said) in enumerate(PLAIN.items())]  # fmt: skip
    return out + [safe(f"twelve_plain_{name}", "printed", (book_stream, text, log)[at % 3](said)) for at, (name, said) in enumerate(PRINTED.items())]  # fmt: skip
