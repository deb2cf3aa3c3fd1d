"""Persons whom others know, values that are one person's own, tests and rates of few, and what only looks alike."""

import pytest

from ecluse.checks.disclosure import asides, kin, known, own, sayings, tested, turns
from ecluse.checks.facts import Passage

MINIMUM = FREEDOM = 11 - 1


def rules(text: str) -> set[str]:
    passage = Passage(text)
    found = [
        *known.find(passage, MINIMUM),
        *kin.find(passage, MINIMUM),
        *asides.find(passage, MINIMUM),
        *sayings.find(passage, MINIMUM),
        *own.find(passage, MINIMUM),
        *turns.find(passage, MINIMUM),
        *tested.find(passage, MINIMUM, FREEDOM),
    ]
    return {f.rule for f in found}


KNOWN = {
    "person-in-text": [
        "The twins of family F3 were discordant for the phenotype.",
        "Dr. Moreau's patient with Kounis syndrome was excluded.",
        "La patiente du Dr Kerbrat a été exclue.",
        "The mayor of a small town was among the patients.",
        "Le maire de Plougastel figure parmi les patients hospitalisés.",
        "Un ancien international de rugby fait partie de la cohorte.",
        "A Syrian refugee gave birth to triplets.",
        "Une boulangère de Crozon a été intubée.",
        "Un intérimaire, puis un couvreur ; un soudeur est décédé.",
        "Des quadruplés sont nés en 2019 à Brest.",
        "Une centenaire a été opérée avec succès.",
        "« Depuis l'accident je ne dors plus » (P12, femme, 44 ans).",
        "E5, homme, 37 ans, pêcheur : je n'y retournerai pas.",
        'Participant P07 said: "I felt like nobody listened".',
        "The patient who received the donor heart in May 2021 is still alive.",
        "The transgender participant withdrew.",
        "Her husband, the pharmacist of the village, found her.",
        "Sa sœur jumelle est également atteinte.",
        "The survivors of the 2015 plane crash were interviewed.",
        "The pilot of the helicopter was among the injured.",
        "The plaintiff was treated in our unit.",
        "La patiente, institutrice à Molène, a été perdue de vue.",
        "Predicted risk for the patient in bed 12 was 0.93.",
        "A nun aged 92 was the first case.",
        "P. K., female, 44, HIV positive.",
        "Jean-Yves T. (né en 1961) a été réhospitalisé.",
        "M. Le Bihan a signé le consentement.",
        "La cadre de santé du bloc a été arrêtée six mois pour un cancer.",
    ],
    "whole-group": [
        "All residents of the Ker Heol nursing home tested positive.",
        "Tous les pensionnaires de l'EHPAD de Crozon ont été contaminés.",
        "Nobody in the village had been vaccinated.",
        "Every patient in the ward carried the outbreak strain (n = 14).",
        "The whole team of the night shift contracted scabies.",
    ],
    "dominance": [
        "Une seule clinique du Finistère pratique cette chirurgie ; sa mortalité est de 12 %.",
        "One GP prescribed 61 % of all the fentanyl in the district.",
        "Le CHU concentre 97 % des greffes de la région.",
        "Without the university hospital the regional total falls from 9.4 to 0.3 million euros.",
        "The sole provider of CAR-T in the region billed 4.2 million euros.",
    ],
    "extreme": [
        "The tallest participant measured 2.11 m.",
        "Le patient le plus lourd pesait 212 kg.",
        "The highest HbA1c recorded was 17.2 %.",
        "La glycémie la plus élevée atteignait 41 mmol/L.",
        "Excluding an outlier of 412 days, the mean stay was 6.2 days.",
        "After leaving out one stay of 412 days, the mean was 6.2 days.",
        "Length of stay: median 12 days, maximum 214 days.",
        "The earliest onset was at 3 months of age, in a boy.",
        "Âge médian 61 ans [19-98].",
        "Mean cost was 4,120 € with the outlier and 3,871 € without (n = 412).",
        "A patient on dialysis received 412 sessions.",
        "Hors un séjour de 412 jours, la moyenne est de 6,2 jours.",
        "Le dernier décès remonte au 14 avril 2021.",
    ],
    "degrees-of-freedom": [
        "The difference was not significant (t(3) = 2.9, p = 0.06).",
        "F(2, 5) = 7.1, p = 0.03",
        "t = -2.51, ddl = 5, p = 0,054",
        "r(6) = .81, p = .01",
        "The model was fitted on 12 observations with 9 covariates.",
    ],
    "percent-of-few": [
        "Incidence was 1.3 per 100,000 in a region of 230,000 inhabitants in 2022.",
        "La prévalence est de 0,4 pour 1 000 parmi 12 500 assurés.",
        "The department has 230,000 inhabitants. Incidence was 1.3 per 100,000.",
    ],
    "complement": [
        "The previous report gave 412 cases; this one has 415.",
        "The total was 1,204 in version 1 and 1,201 in version 2.",
    ],
    "small-count": [
        "There were fewer women than men (7 vs 212).",
        "Half of the patients with Fabry disease (4/8) had a stroke.",
        "One serious adverse event (cardiac arrest) was judged related to the drug.",
        "Withdrawals: 3 (consent), 2 (pregnancy), 41 (moved).",
        "A novel mutation, c.1234A>G, was found in one family.",
        "Two-year survival: 3/4.",
        "Death certificates were missing for 4 of the deceased.",
        "Trois sœurs porteuses de la mutation ont été incluses.",
        "La cohorte comprend une fratrie de trois atteinte de mucoviscidose.",
        "Les petits effectifs sont notés « s » ; pour les brûlures, s vaut 4.",
        "La valeur masquée du tableau 2 est 7.",
        "Heterochromia was noted once.",
        "Deux internes ont été hospitalisés après l'exposition.",
        "Three nurses of the ward were infected.",
        "Quelques patients (quatre) ont refusé.",
        "A few patients, four in all, were lost.",
        "Recruitment ranged from 3 to 412 patients per centre.",
        "Exclusions: no consent (6), duplicate (31), age (44).",
        "NA: 3 pour l'âge, 41 pour le poids",
        "VIH : 3 ; VHC : 41 ; VHB : 22",
        "Locked-in syndrome: 1.",
        "Sexe : F 412 / H 388 / inconnu 2",
        "Sex: 41 F / 3 H",
        "♂ 3, ♀ 41",
    ],
}


@pytest.mark.parametrize(("text", "rule"), [(text, rule) for rule, texts in KNOWN.items() for text in texts])
def test_few_who_are_known_are_found(text: str, rule: str) -> None:
    assert rule in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "Twins were followed from birth; triplets and higher-order births were excluded.",
        "The SLC family 2 transporters were studied; gene family F2 is described elsewhere.",
        "We thank the mayor of Brest for lending the room. The judge decided that the data may be used.",
        "A student of the programme extracted the data; an engineer developed the software.",
        "The driver node was treated as a constant; un pilote a été mené auprès de 120 participants.",
        "The patient was seated. If the patient died, the date was taken from the register.",
        "All pupils of the class were tested for hearing; every prison is offered screening for tuberculosis.",
        "M1 (male, 60-69 years) is the reference profile; group A (women, 65 and over).",
        "The patients of Dr. Watson's book are fictitious; Dr. Martin's method was used.",
        "The only hospital data used are those of 4,120,000 stays.",
        "A single centre provided the external validation set (n = 1,204; AUC 0.81).",
        "The longest mean stay was 12.4 days in geriatrics; the highest dose was 40 mg.",
        "Le taux le plus élevé est observé en 2020 (12,4 %).",
        "Outliers (more than 3 SD from the mean) were winsorised; values > 300 mg/L are extreme values.",
        "A stay of 3 days or more was counted as long; one stay is one line.",
        "The last case report form was signed on 3 March 2023; the last wave ended on 11 May 2020.",
        "F(3, 505) = 7.1, p = 0.001; chi2(4) = 12.1, p = 0.02; t(212) = 2.9, p = .004",
        "R(2) = 0.81 is the test error of model 2.",
        "Incidence was 13 per 100,000 in a region of 2.3 million inhabitants in 2022.",
        "The prevalence was 3 per 1,000 in a population of 1,204,000.",
        "Les taux sont exprimés pour 100 000 habitants (population de 320 000 habitants).",
        "Response: 12/25 items; NYHA 3/4 was more frequent; 3/4 of the variance.",
        "Blood pressure was measured twice; the event was observed twice a week; it was noted once in the protocol.",
        "The value of the threshold is 5; smaller cells are masked.",
        "Charlson weights: diabetes: 1; AIDS: 6; cancer: 2.",
        "stroke: 1 if the code I63 is present, 0 otherwise",
        "Sex ratio M:F = 1.2:1; F 412 / M 388",
        "Each woman and her husband were invited; his or her consent was asked.",
        "The patient, if able, was weighed; the patient, the nurse and the family were informed.",
        "Two nurses were trained; three physicians measured the infected wounds; 412 nurses were vaccinated.",
        "Survivors of stroke were followed for a year (n = 1,204).",
        "Every patient (n = 412) was weighed; no participants were excluded (n = 1,204).",
        "The gene was found in one of the four databases.",
        "The longest mean stay was 12 days; la durée moyenne de séjour la plus longue est de 12 jours.",
        "The report of 2021 counted 4,120 cases and that of 2022 counted 4,123.",
        "The previous version had 412 pages; this one has 415.",
        "The university hospital treats 41 % of patients.",
        "Without the hospital effect the variance falls from 0.9 to 0.8.",
        "One adverse event form was completed per visit; one complication is defined as any deviation.",
        "Median age was 61 [48-73] years; patients were older in group B (61 vs 64 years).",
        "Data set work.t1 has 12 observations and 4 variables.",
        "The validation used 120 patients and 12 predictors.",
        "The number of visits ranged from 3 to 12 by protocol; ages ranged from 18 to 80 by design.",
        "Reasons for exclusion: no consent (61), duplicate (31), age (44).",
        "Brothers were matched when possible; siblings were kept together.",
        "4 of the treated areas were rural; trois des hôpitaux traités ont été fusionnés.",
    ],
)
def test_what_only_looks_like_somebody_passes(text: str) -> None:
    assert rules(text) == set()
