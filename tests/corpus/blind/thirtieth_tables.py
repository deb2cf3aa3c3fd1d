"""Thirtieth batch: small frames as pandas saves them, each clause twice in plain sight and once as a sum to do."""

import io

import pandas as pd

from . import pack
from .case import Case, File, leak, safe


def t(**columns: list[object]) -> pd.DataFrame:
    """A frame of the columns."""
    return pd.DataFrame(columns)


def indexed(frame: pd.DataFrame, suffix: str = "csv") -> File:
    """A frame saved with its index, as `to_csv()` does without further words."""
    if suffix == "csv":
        return "tableau.csv", frame.to_csv().encode()
    out = io.BytesIO()
    frame.to_excel(out, sheet_name="Tableau 1")
    return "tableau.xlsx", out.getvalue()


STAGES = pd.DataFrame({"F": [210, 140, 60, 4], "H": [190, 151, 71, 7]}, index=pd.Index(["I", "II", "III", "IV"], name="stade"))  # fmt: skip
YEARS = t(maladie=["Gaucher", "Fabry", "Pompe", "Wilson"], **{"2019": [2, 14, 1, 23], "2020": [3, 12, 2, 25], "2021": [1, 16, 0, 22], "2022": [2, 13, 3, 28]})  # fmt: skip
ARMS = t(Event=["Death", "Stroke", "Anaphylaxis"], **{"Treated (N=188)": ["31 (16.5 %)", "22 (11.7 %)", "4 (2.1 %)"], "Placebo (N=190)": ["44 (23.2 %)", "25 (13.2 %)", "1 (0.5 %)"]})  # fmt: skip
CROSS = pd.DataFrame({"non": [812, 640, 1452], "oui": [96, 5, 101], "All": [908, 645, 1553]}, index=pd.Index(["Rennes", "Redon", "All"], name="hôpital"))  # fmt: skip
MULTI = pd.DataFrame(
    {"naissances": [412, 388, 96, 6]},
    index=pd.MultiIndex.from_tuples([("Brest", "terme"), ("Brest", "prématuré"), ("Morlaix", "terme"), ("Morlaix", "prématuré")], names=["maternité", "type"]),
)  # fmt: skip

LEAKS: dict[str, File] = {
    "unstacked": indexed(STAGES),
    "years": pack.excel(YEARS, "Nouveaux cas par année"),
    "arms": pack.html(ARMS),
    "crosstab": ("crosstab.tex", CROSS.to_latex().encode()),
    "multi_excel": indexed(MULTI, "xlsx"),
    "mean_masked": pack.csv(t(Groupe=["Chirurgie", "Médecine", "Ensemble"], Effectif=["40", "<11", "46"], **{"Durée moyenne (j)": [6.0, 14.0, 7.04]})),
    "rate_population": pack.markdown(t(canton=["Crozon", "Lorient", "Sein"], habitants=[18500, 57000, 260], **{"taux pour 1 000": [3.2, 2.9, 11.5]})),
    "percent_of_48": pack.word(t(Complication=["Infection", "Hémorragie", "Décès"], **{"% (sur 48 opérés)": ["31,3", "25,0", "6,3"]})),
    "pharmacies": pack.tsv(t(pharmacie=["Pharmacie du Port", "Pharmacie Kerven", "Pharmacie des Halles"], remboursements=[941200.5, 30120.2, 21877.1])),
    "two_payers": pack.excel(t(region=["Nord", "Ouest"], total_keur=[1200, 990], premier_etablissement=[1010, 210], deuxieme_etablissement=[140, 190])),
    "ends": pack.csv(t(variable=["age", "creatinine"], n=[35, 35], p1=[21.3, 44.0], p50=[61.0, 82.0], p99=[97.6, 611.0])),
    "interval_sd": pack.latex(t(Group=["A", "B"], Mean=[12.0, 15.0], SD=[4.0, 5.0], **{"CI low": [11.6, 10.6], "CI high": [12.4, 19.4]})),
    "two_by_two": pack.parquet(t(gene=["BRCA1", "TP53"], cases_exposed=[41, 3], cases_unexposed=[159, 197], controls_exposed=[22, 2], controls_unexposed=[378, 398])),
    "hundred": pack.book(t(unite=["Lits 1 à 38", "Lits 39 à 80"], patients=[38, 42], **{"VIH positif (%)": [100.0, 14.3]})),
    "moves": pack.printed_book(pd.DataFrame({"Domicile": [410, 31, 12], "EHPAD": [28, 190, 2], "Décès": [40, 61, 33]}, index=["Domicile", "EHPAD", "HAD"])),
    "included_analysed": pack.csv(t(centre=["Angers", "Tours", "Orléans"], inclus=[420, 388, 296], analyses=[402, 371, 293])),
    "doctor": pack.french_csv(t(médecin=["Dr Le Goff", "Dr Kerbrat", "Dr Morvan"], patients=[812, 644, 702], décès=[31, 24, 60])),
    "rows_renamed": pack.tsv(t(v1=[71, 64, 88, 59, 92], v2=["F", "H", "F", "F", "H"], v3=[29242, 22500, 35000, 56100, 44600], v4=["2021-03-04", "2021-03-09", "2021-04-01", "2021-04-17", "2021-05-02"], v5=[0, 1, 0, 0, 1])),
    "survival_columns": pack.markdown(t(temps=[0, 12, 24, 36], a_risque=[88, 52, 19, 4], survie=[1.0, 0.91, 0.84, 0.63])),
    "spelled": pack.word(t(Effet=["Nausées", "Alopécie", "Choc"], Nombre=["quarante et un", "vingt-huit", "deux"])),
    "last_five_days": pack.as_json(t(jour=["lundi", "mardi", "mercredi"], tentatives_de_suicide=[14, 3, 1])),
    "agg_french": pack.columns_json(t(departement=["29", "56", "2A"], moyenne=[61.2, 60.4, 71.9], ecart_type=[9.1, 8.8, 12.2], effectif=[412, 388, 3])),
}  # fmt: skip

CALM_MULTI = MULTI.assign(naissances=[412, 388, 96, 26])
SAFE: dict[str, File] = {
    "unstacked": indexed(STAGES + 31),
    "multi_excel": indexed(CALM_MULTI, "xlsx"),
    "arms": pack.html(t(Event=["Death", "Stroke"], **{"Treated (N=1,188)": ["131 (11.0 %)", "122 (10.3 %)"], "Placebo (N=1,190)": ["144 (12.1 %)", "125 (10.5 %)"]})),
    "rate_population": pack.markdown(t(canton=["Crozon", "Lorient"], habitants=[18500, 57000], **{"taux pour 1 000": [3.2, 2.9]})),
    "interval_sd": pack.latex(t(Group=["A", "B"], Mean=[12.0, 15.0], SD=[4.0, 5.0], **{"CI low": [11.6, 14.5], "CI high": [12.4, 15.5]})),
}  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    found = [leak(f"thirtieth_{name}", "tables", file) for name, file in LEAKS.items()]
    return found + [safe(f"thirtieth_{name}_safe", "tables", file) for name, file in SAFE.items()]
