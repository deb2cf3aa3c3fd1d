"""Sentences that give a person away, in French and English."""

from collections.abc import Iterator

from . import pack
from .case import Case, leak

COUNTS = (
    "A total of n = 3 patients died.", "A single patient was readmitted.", "Un seul patient a été transféré.",
    "Tous les patients sauf un ont survécu.", "All but two of the patients were discharged.",
    "Only two women were HIV positive.", "On compte trois décès chez les moins de 18 ans.",
    "Stroke occurred in 2 of 80 patients (2.5 %).", "Parmi les 80 patients, 2,5 % ont fait un AVC.",
    "Of the 153 patients included, 150 completed follow-up.", "None of the 45 patients survived.",
    "Les 45 patients du service sont tous séropositifs.", "The oldest patient was 104 years old.",
    "Le patient le plus âgé avait 104 ans.", "Age ranged from 18 to 104 years.", "Âge : étendue 18–104 ans.",
    "décès : 3", "Deaths: 4 (1.2 %)", "Excluded (n=2): withdrew consent.", "Deux cas sur quatre-vingts ont récidivé.",
    "Half of the six patients in Ouessant relapsed.", "Fewer than three patients, but not zero, were transplanted.",
    "1 patiente a accouché pendant l'étude.", "4 femmes enceintes ont été exposées.", "Il y avait 1 (un) décès.",
    "The longest ICU stay lasted 214 days.", "Le coût maximal d'un séjour est de 184 213,17 €.",
    "n = ３ patients", "n = ⁴ patients", "n\u200b = \u200b5 patients", "Thrее раtients wеrе rеаdmittеd.",
    "The last patient left on day 412.", "Patient n° 17 had a creatinine of 912 µmol/l.",
    "One in 40 of the 80 patients had a stroke.", "Seuls 2,5 % (N = 80) ont été greffés.", "Zwei: 2/143 patients in group B.",
    "We lost 5 patients to follow-up.", "There were five suicides among the staff.", "Le sous-groupe compte moins de 5 patients : 4.",
    "Subgroup: 97 % of 102 patients responded; the other 3 did not.",
)  # fmt: skip
PERSONS = (
    "Un homme de 43 ans, plombier à Locmaria, seul cas de maladie de Creutzfeldt-Jakob.", "She was born on 12/03/1938 in Brest.",
    "Patiente née le 12 mars 1938, hospitalisée à Brest.", "Rappeler le patient au 06 12 34 56 78.", "Contact: marie.legoff38@orange.fr",
    "NIR : 2 69 05 49 588 157 80", "Sécu 1850578006084 91", "Mme Marie Le Goff a consenti.", "M. Jean Kerveillant est décédé le 3 mai 2021.",
    "IPP 8001234567, chambre 312", "Adresse : 12 rue des Lilas, 29200 Brest", "IBAN FR76 3000 6000 0112 3456 7890 189",
    "Prescripteur RPPS 10003456787", "Domicile : 48.390394, -4.486076", "Patient MLG, 43 ans, CHU de Brest, admis le 12/03/2021.",
    "INS 269054958815780 OID 1.2.250.1.213.1.4.8", "Corse : NIR 1 85 05 2A 006 084 36", "born 1938-03-12, female, Plouzané, MELAS syndrome",
    "La jeune Louise P., 4 ans, de Guipavas, a reçu une greffe de cœur le 12/03/2021.", "tel +33 6 12 34 56 78 (daughter of the patient)",
)  # fmt: skip


def cases() -> list[Case]:
    def each() -> Iterator[Case]:
        for group, lines in (("prose", COUNTS), ("identifier", PERSONS)):
            for place, line in enumerate(lines):
                for form in pack.turn(pack.PROSE, place, 1 if place % 3 else 2):
                    yield leak(f"{group}{place:02d}-{form.__name__}", group, form(line))

    return list(each())
