"""The medicines of the made-up world: CIP13 code, substance, ATC class, CIS number and how often they are dispensed."""

from dataclasses import dataclass

import numpy as np

_SUBSTANCES = {
    "amoxicillin": ("J01CA04", 8), "amoxicillin and clavulanic acid": ("J01CR02", 6), "azithromycin": ("J01FA10", 3),
    "clarithromycin": ("J01FA09", 2), "pristinamycin": ("J01FG01", 2), "doxycycline": ("J01AA02", 1),
    "cefpodoxime": ("J01DD13", 1), "cefuroxime": ("J01DC02", 1), "ofloxacin": ("J01MA01", 1),
    "ciprofloxacin": ("J01MA02", 1), "levofloxacin": ("J01MA12", 1), "fosfomycin": ("J01XX01", 2),
    "nitrofurantoin": ("J01XE01", 1), "sulfamethoxazole and trimethoprim": ("J01EE01", 1),
    "paracetamol": ("N02BE01", 40), "ibuprofen": ("M01AE01", 10), "tramadol": ("N02AX02", 5),
    "omeprazole": ("A02BC01", 12), "esomeprazole": ("A02BC05", 9), "metformin": ("A10BA02", 9),
    "gliclazide": ("A10BB09", 3), "insulin glargine": ("A10AE04", 3), "atorvastatin": ("C10AA05", 9),
    "rosuvastatin": ("C10AA07", 6), "amlodipine": ("C08CA01", 7), "ramipril": ("C09AA05", 7),
    "candesartan": ("C09CA06", 5), "bisoprolol": ("C07AB07", 8), "furosemide": ("C03CA01", 5),
    "spironolactone": ("C03DA01", 2), "acetylsalicylic acid": ("B01AC06", 8), "clopidogrel": ("B01AC04", 3),
    "apixaban": ("B01AF02", 5), "warfarin": ("B01AA03", 1), "levothyroxine": ("H03AA01", 8),
    "prednisolone": ("H02AB06", 4), "salbutamol": ("R03AC02", 5), "cetirizine": ("R06AE07", 5),
    "sertraline": ("N06AB06", 3), "escitalopram": ("N06AB10", 4), "alprazolam": ("N05BA12", 4),
    "zopiclone": ("N05CF01", 3), "pregabalin": ("N03AX16", 3), "valproic acid": ("N03AG01", 1),
    "methotrexate": ("L04AX03", 1), "allopurinol": ("M04AA01", 2), "colchicine": ("M04AC01", 1),
    "macrogol": ("A06AD65", 4), "domperidone": ("A03FA03", 3), "tamsulosin": ("G04CA02", 3),
}  # fmt: skip
PACKS = 2


@dataclass(frozen=True)
class Medicine:
    """One pack as sold. Codes have the true shape and check digit, in a range that is not in use."""

    cip13: int
    cis: int
    substance: str
    atc: str
    label: str
    weight: float


def _cip13(number: int) -> int:
    body = f"340093{number:06d}"
    total = sum(int(d) * (3 if i % 2 else 1) for i, d in enumerate(body))
    return int(body) * 10 + -total % 10


MEDICINES: tuple[Medicine, ...] = tuple(
    Medicine(
        cip13=_cip13(900_000 + 10 * n + pack),
        cis=69_000_000 + n,
        substance=substance,
        atc=atc,
        label=f"{substance.upper()}, {'box of 14' if pack else 'box of 28'}",
        weight=weight / (1 + pack),
    )
    for n, (substance, (atc, weight)) in enumerate(_SUBSTANCES.items())
    for pack in range(PACKS)
)
CIP13 = np.array([m.cip13 for m in MEDICINES], dtype=np.int64)
WEIGHTS = np.array([m.weight for m in MEDICINES]) / sum(m.weight for m in MEDICINES)
IS_ANTIBIOTIC = np.array([m.atc.startswith("J01") for m in MEDICINES])
