"""Seventeenth batch: sentences, what programs print, and identifiers that are no NIR."""

from . import pack
from .case import Case, File, leak

SAID = {
    "every_inmate": "Every one of the 14 inmates of the unit tested positive for hepatitis C.",
    "aucun_survivant": "Aucun des 13 nouveau-nés exposés n'a survécu.",
    "added_late": "In the previous report we counted 203 cases; this one adds those that were confirmed late and counts 207.",
    "registry_grew": "The registry held 1,204 patients at the end of May and 1,207 at the end of June.",
    "cinquieme": "Un cinquième des 20 patients greffés a rejeté le greffon.",
    "footballer": "One case was a 34-year-old professional footballer from Guingamp.",
    "doctor": "Le seul médecin généraliste du canton figure parmi les cas.",
    "most_expensive": "Le séjour le plus cher a coûté 412 310 €.",
    "ratio_twenty": "The male-to-female ratio was 20:1 among the 42 patients.",
    "superscript": "Adverse events occurred in ⁴ of the patients.",
    "next_day": "He died the day after admission, on 4 March 2019, from the burns that he suffered in the factory fire.",
    "both_brothers": "Both brothers carried the mutation; their mother did not.",
    "percent_and_left": "Of 160 samples, 97.5 % were negative; the remainder were positive.",
    "index_woman": "No woman other than the index case was infected.",
    "tous_fumeurs": "Les 12 patients du groupe C étaient tous séropositifs.",
}
PRINTED = {
    "least_populated": "UserWarning: The least populated class in y has only 3 members, which is less than n_splits=5.\n  warnings.warn(",
    "ggplot_removed": "Warning message:\nRemoved 4 rows containing missing values or values outside the scale range (`geom_point()`).\n",
    "r_missing": "Residual standard error: 4.12 on 4102 degrees of freedom\n  (7 observations deleted due to missingness)\nMultiple R-squared:  0.212\n",
    "stata_perfect": "note: 4.region != 0 predicts failure perfectly;\n      4.region omitted and 5 obs not used.\n",
    "stata_changes": ". replace death = 1 if id_in_registry\n(3 real changes made)\n",
    "sas_note": "NOTE: There were 4 observations read from the data set WORK.MATERNAL_DEATHS.\n",
    "sql_echo": "2024-03-04 10:11:12,412 INFO sqlalchemy.engine.Engine SELECT * FROM stays WHERE ipp = ?\n2024-03-04 10:11:12,413 INFO sqlalchemy.engine.Engine [generated in 0.00012s] ('8004512367',)\n",
    "carriage": "step 1 of 2\rpatient 2750331555014 skipped\rstep 2 of 2 done      \n",
    "unmatched": "Merge summary: both 12,310; left_only 4; right_only 1,208\n",
}  # fmt: skip
WHO = {
    "obfuscated_mail": "The patient can be reached at marie.durand [at] gmail [dot] com.",
    "street": "Domicile du cas index : 12 bis rue des Lilas, 29217 Le Conquet.",
    "plate": "Accident de Mme Durand, véhicule immatriculé AB-123-CD.",
    "gps": "Home of the index case: 48.390112, -4.486034.",
    "serial": "Pacemaker SN PJN612345S, implanted on 12/03/2019, was interrogated twice.",
    "dicom": "(0010,0010) PN [DURAND^MARIE]  # 12, 1 PatientName\n(0010,0030) DA [19480312]  # 8, 1 PatientBirthDate",
    "signature": "Adressé par le Dr Jean-Pierre Lefebvre (RPPS 10003456789) pour sa patiente Mme Germaine Kervella, née le 12 mars 1948.",
    "spelled_nir": "Son numéro de sécurité sociale : 2.75.03.31.555.014.",
    "account": "Remboursement versé sur FR76 3000 6000 0112 3456 7890 189.",
}  # fmt: skip


def trailing_blanks() -> File:
    """Lines that look alike, with bits in the blanks at their ends."""
    bits = "".join(f"{ord(c):08b}" for c in "2750331")
    lines = [f"Paragraph {i} of the protocol." + bits[i * 8 : i * 8 + 8].replace("0", " ").replace("1", "\t") for i in range(7)]  # fmt: skip
    return "protocol.txt", ("\n".join(lines) + "\n").encode()


def cases() -> list[Case]:
    """The cases of this part."""
    said = {name: pack.turn(pack.PROSE, i, 1)[0](body) for i, (name, body) in enumerate(SAID.items())}
    printed = {name: (pack.book_stream if i % 2 else pack.log)(body) for i, (name, body) in enumerate(PRINTED.items())}
    who = {name: pack.turn(pack.PROSE, i, 1)[0](body) for i, (name, body) in enumerate(WHO.items())}
    return [
        *(leak(f"seventeen_{name}", "prose", file) for name, file in said.items()),
        *(leak(f"seventeen_{name}", "logs", file, payload=["2750331555014"] if name == "carriage" else []) for name, file in printed.items()),
        *(leak(f"seventeen_{name}", "identifiers", file) for name, file in who.items()),
        leak("seventeen_trailing_blanks", "hidden", trailing_blanks(), payload=[" \t\t  ", "  \t\t"]),
    ]  # fmt: skip
