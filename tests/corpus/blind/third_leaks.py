"""Third batch: notebooks, tables, reports and data files with one place that shows a person or a few."""

import json
from collections.abc import Iterator
from typing import Any

import pandas as pd

from . import pack, third_parts
from .case import File, leak


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


ROWS = t(id_patient=[104512, 104513, 104517], sexe=["H", "F", "F"], age=[71, 64, 88], diag=["I50.0", "I11.0", "I50.1"])
book = third_parts.book


def notebooks() -> Iterator[tuple[str, File, dict[str, Any]]]:
    cell, text, stream, result = pack.cell, pack.text_cell, pack.stream, pack.result
    yield "head", book(cell("df.head(3)", pack.shown(ROWS))), {}
    yield "tail_print", book(cell("print(df.sample(3))", stream(ROWS.sample(3, random_state=1).to_string()))), {}
    communes = pd.Series([812, 411, 97, 3, 1], index=["Brest", "Quimper", "Morlaix", "Ouessant", "Molène"], name="n")
    yield "value_counts", book(cell("df.commune.value_counts()", result({"text/plain": repr(communes)}))), {}
    groups = t(service=["Cardio", "Néphro", "Brûlés"], patients=[1204, 812, 3], age_moyen=[68.1, 61.4, 33.0])
    yield "groupby", book(cell("g", pack.shown(groups))), {}
    yield (
        "stderr",
        book(cell("merge()", stream("UserWarning: doublon pour Mme Jeanne LEFEBVRE (12/03/1954)\n", "stderr"))),
        {},
    )
    describe = t(
        index=["count", "mean", "std", "min", "25%", "50%", "75%", "max"],
        duree=[48213.0, 8.41, 9.2, 0.0, 3.0, 6.0, 11.0, 417.0],
    )
    yield "describe_max", book(cell("df.duree.describe()", pack.shown(describe.set_index("index")))), {}
    row = "104512;H;71;Saint-Malo"
    yield "cell_metadata", book(cell("x = 1", metadata={"trace": {"first": row}})), {"payload": [row]}
    kept = result({"text/plain": "0.8012"})
    yield "output_metadata", book(cell("auc", {**kept, "metadata": {"row": row}})), {"payload": [row]}
    yield (
        "raw_cell",
        book({"cell_type": "raw", "id": "r", "metadata": {}, "source": f"id;sexe;age;ville\n{row}\n"}),
        {"payload": [row]},
    )
    yield "comment", book(cell("# cas bizarre : M. Jean LEFEBVRE, né le 12/03/1954, à revoir\ndf = df.dropna()")), {}
    yield "assert_in_code", book(cell("exclus = df[(df.ipp == '8001234567') | (df.ipp == '8009876541')]")), {}
    collapsed = cell(
        "df.head()", stream(ROWS.to_string()), metadata={"collapsed": True, "jupyter": {"outputs_hidden": True}}
    )
    yield "collapsed", book(collapsed), {}
    hidden = cell(
        "df.head()",
        stream(ROWS.to_csv(index=False)),
        metadata={"tags": ["hide-cell"], "jupyter": {"source_hidden": True}},
    )
    yield "hide_cell", book(hidden), {}
    yield (
        "attachment",
        book({**text("![](attachment:l.txt)"), "attachments": {"l.txt": {"text/plain": row}}}),
        {"payload": [row]},
    )
    records = json.loads(ROWS.to_json(orient="records"))
    yield (
        "json_output",
        book(cell("records", result({"application/json": records, "text/plain": "<JSON object>"}))),
        {"payload": ["104513"]},
    )
    yield "n_in_markdown", book(text("### Sensibilité\n\nSans les 4 patients transplantés, l'AUC passe à 0.799.")), {}
    yield (
        "markdown_table",
        book(text("| sous-groupe | n | HR |\n|---|---|---|\n| Femmes | 23093 | 0.91 |\n| Greffés | 5 | 2.10 |\n")),
        {},
    )
    html = "<details><summary>voir</summary><table><tr><th>id</th><th>age</th><th>ddn</th></tr><tr><td>104512</td><td>71</td><td>1948-01-22</td></tr><tr><td>104513</td><td>64</td><td>1955-06-03</td></tr></table></details>"
    yield "html_details", book(cell("HTML(h)", result({"text/html": html, "text/plain": "<HTML>"}))), {}
    yield (
        "llm_prompt",
        book(
            cell(
                "print(prompt)",
                stream(
                    "Tu es un médecin. Voici un compte rendu : « Patient de 71 ans, domicilié à Saint-Malo, entré le 14/02/2019 pour dyspnée, fils médecin à Dinard, porteur d'un stimulateur posé le 03/05/2016. » Donne le code CIM-10.\n"
                ),
            )
        ),
        {},
    )
    yield (
        "llm_answer",
        book(
            cell(
                "print(answer)",
                stream(
                    "Réponse du modèle : Mme LEFEBVRE présente une insuffisance cardiaque décompensée (I50.0), sortie prévue chez sa fille à Dinard.\n"
                ),
            )
        ),
        {},
    )
    yield (
        "shap_row",
        book(
            cell(
                "print(shap_values[0])",
                stream(
                    "patient 104512\n  age = 71 (+0.412)\n  creat = 211 (+0.301)\n  dep = 35 (-0.020)\n  sexe = H (+0.011)\nf(x) = 0.912\n"
                ),
            )
        ),
        {},
    )
    yield (
        "widget",
        book(
            metadata={
                "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"state": {"value": row}}}}}
            }
        ),
        {"payload": [row]},
    )


def tables() -> Iterator[tuple[str, File]]:
    one = third_parts.table_one()
    small = pd.concat(
        [
            one,
            t(
                **{
                    one.columns[0]: ["Grossesse en cours"],
                    one.columns[1]: ["4 (0.02)"],
                    one.columns[2]: ["12 (0.05)"],
                    one.columns[3]: ["0.08"],
                }
            ),
        ]
    )
    for name, packer in (
        ("docx", pack.word),
        ("xlsx", pack.excel),
        ("latex", pack.latex),
        ("html", pack.html),
        ("csv", pack.french_csv),
    ):
        yield f"table1_{name}", packer(small)
    yield (
        "table1_percent_only",
        pack.html(
            t(
                Caractéristique=["Femme, %", "Diabète, %", "Greffe, %"],
                **{"Ensemble (N = 812)": ["47.9", "31.2", "0.4"]},
            )
        ),
    )
    yield (
        "league_deaths",
        pack.excel(
            t(FINESS=["CHU A", "CH B", "CH C"], séjours=[2210, 980, 412], décès=[112, 41, 2], ratio=[1.02, 0.98, 0.31])
        ),
    )
    yield (
        "league_stays",
        pack.csv(t(hospital=["A", "B", "C"], stays=[2210, 980, 7], mortality_pct=[5.1, 4.2, 14.3]), ";"),
    )
    yield (
        "icd",
        pack.csv(
            t(
                code=["I50.0", "I50.1", "G71.2"],
                libellé=["IC congestive", "IVG", "Myopathie congénitale"],
                effectif=[20112, 12044, 4],
            ),
            ";",
        ),
    )
    yield (
        "atc",
        pack.markdown(
            t(
                ATC=["C09AA05", "C07AB07", "L04AX02"],
                molécule=["ramipril", "bisoprolol", "thalidomide"],
                patients=[9120, 12011, 3],
            )
        ),
    )
    yield "ccam", pack.excel(t(acte=["DEQP003", "DZQM006", "DZEA002"], nb_patients=[41200, 20112, 2]))
    yield "ghm", pack.as_json(t(ghm=["05M091", "05M092", "27C021"], nb=[12044, 10211, 6]))
    yield (
        "adverse",
        pack.word(
            t(
                **{
                    "Preferred term": ["Nausea", "Headache", "Stevens-Johnson syndrome"],
                    "Arm A (N=412)": ["88 (21.4%)", "61 (14.8%)", "1 (0.2%)"],
                    "Arm B (N=409)": ["79 (19.3%)", "66 (16.1%)", "0 (0.0%)"],
                }
            )
        ),
    )
    yield "lots", pack.csv(t(lot=["EM0477", "EP2163", "ER1741"], doses=[12044, 9120, 8], effets_graves=[30, 21, 1]))
    yield (
        "rare",
        pack.excel(
            t(
                ORPHA=["ORPHA:558", "ORPHA:586", "ORPHA:44"],
                maladie=["Marfan", "Mucoviscidose", "Zellweger"],
                cas=[211, 340, 5],
            )
        ),
    )
    yield (
        "mothers",
        pack.html(t(**{"Âge de la mère": ["12", "13-14", "15-17", "18-24"], "Accouchements": [2, 14, 412, 9120]})),
    )
    yield (
        "forest",
        pack.latex(
            t(
                Subgroup=["Women", "Men", "Dialysis"],
                **{
                    "Events/N": ["412/23093", "611/25120", "3/210"],
                    "HR (95% CI)": ["0.91 (0.82-1.01)", "0.88 (0.80-0.97)", "1.40 (0.31-4.20)"],
                },
            )
        ),
    )
    yield (
        "secondary_row",
        pack.excel(
            t(
                région=["Bretagne", "Corse", "Centre"],
                oui=["412", "<11", "301"],
                non=[8120, 212, 5214],
                total=[8532, 215, 5515],
            )
        ),
    )
    yield (
        "secondary_col",
        pack.french_csv(t(Stade=["I", "II", "III", "IV", "Total"], Effectif=["<11", "4120", "3988", "2104", "10217"])),
    )
    yield (
        "secondary_percent",
        pack.html(
            t(
                Stage=["I", "II", "III", "IV"],
                n=["masked", "4120", "3988", "2104"],
                percent=["0.05", "40.32", "39.03", "20.59"],
            )
        ),
    )
    yield (
        "secondary_caption",
        pack.markdown_prose(
            "Table 2. Patients by stage (n = 10,217).\n\n| Stage | n |\n|---|---|\n| I | <11 |\n| II | 4,120 |\n| III | 3,988 |\n| IV | 2,104 |\n"
        ),
    )
    yield (
        "secondary_mean",
        pack.csv(
            t(
                groupe=["A", "B", "C"],
                n=["4120", "3988", "***"],
                somme_couts=[412000, 398800, 16000],
                cout_moyen=[100, 100, 2000],
            )
        ),
    )
    yield (
        "quantiles_n12",
        pack.csv(
            t(
                group=["A", "B"],
                n=[412, 12],
                p5=[1.2, 1.1],
                p25=[3.1, 2.8],
                p50=[6.0, 5.5],
                p75=[11.0, 9.1],
                p95=[21.0, 30.2],
            )
        ),
    )
    yield (
        "quantiles_p99",
        pack.excel(t(service=["Cardio", "Néphro"], n=[301, 288], P1=[0.2, 0.1], médiane=[6.0, 5.2], P99=[88.0, 120.4])),
    )
    yield (
        "max_cost",
        pack.french_csv(
            t(GHM=["05M09", "05K06"], séjours=[12044, 9120], moyenne=[4812.3, 6120.7], maximum=[412980.1, 98120.5])
        ),
    )
    yield (
        "dominance",
        pack.csv(
            t(
                payeur=["Régime général", "MSA", "Autres"],
                contributeurs=[4120, 812, 14],
                montant_total=[9120000.0, 1204000.0, 500000.0],
                montant_top1=[12000.0, 9000.0, 470000.0],
            )
        ),
    )
    yield (
        "incidence",
        pack.csv(
            t(territoire=["A", "B", "C"], population=[912000, 411000, 25000], incidence_pour_100000=[31.2, 28.7, 8.0])
        ),
    )
    days = [f"2020-03-{d:02d}" for d in range(1, 15)]
    yield "daily", pack.csv(t(date=days, admissions=[0, 1, 1, 0, 2, 3, 1, 5, 8, 12, 21, 30, 44, 61]))
    yield (
        "weekly_text",
        pack.log(
            "hospitalisations par semaine (S01 à S10)\nS01 14\nS02 12\nS03 3\nS04 15\nS05 21\nS06 18\nS07 1\nS08 22\nS09 31\nS10 40\n"
        ),
    )
    yield (
        "transition",
        pack.printed(
            t(
                etat=["domicile", "EHPAD", "hôpital"],
                domicile=[9120, 14, 812],
                EHPAD=[211, 301, 2],
                hôpital=[812, 97, 120],
            )
        ),
    )
    yield (
        "edges",
        pack.csv(
            t(source=["CHU A", "CH B", "CH C"], target=["CH B", "CH C", "CHU A"], patients_transferred=[412, 97, 2])
        ),
    )
    yield "enrolment", pack.markdown(t(Centre=["01", "02", "14"], Screened=[210, 180, 12], Randomised=[188, 161, 6]))
    yield (
        "calibration",
        pack.columns_json(
            t(bin=[1, 2, 3], n=[4120, 980, 3], predicted=[0.05, 0.31, 0.82], observed=[0.05, 0.30, 0.67])
        ),
    )
    yield (
        "clusters",
        pack.csv(
            t(cluster=[0, 1, 2], size=[20112, 9120, 4], age_mean=[71.2, 64.0, 19.5], crp_mean=[12.1, 44.0, 301.2])
        ),
    )
    yield (
        "medoids",
        pack.csv(
            t(
                cluster=[0, 1, 2],
                medoid_id=[48211, 1204, 30112],
                age=[71, 64, 19],
                imc=[31.2, 22.8, 17.4],
                creat=[113, 88, 301],
            )
        ),
    )
    yield (
        "difference_columns",
        pack.excel(
            t(
                Région=["Bretagne", "Centre", "Normandie"],
                **{"Tous": [8532, 5515, 6497], "dont résidents": [8530, 5401, 6120]},
            )
        ),
    )
    yield (
        "lab_prevalence",
        pack.tsv(
            t(variant=["c.35delG", "c.167delT", "c.235delC"], carriers=[412, 61, 2], AF=[0.0043, 0.0006, 0.00002])
        ),
    )
    yield (
        "pipe_csv",
        (
            "export.csv",
            b"id|sexe|ddn|cp\n104512|H|1948-01-22|35400\n104513|F|1955-06-03|29200\n104517|F|1931-09-14|22100\n",
        ),
    )
    yield (
        "caret_csv",
        (
            "export.txt",
            b"id^sexe^naissance^cp\n104512^H^22/01/1948^35400\n104513^F^03/06/1955^29200\n104517^F^14/09/1931^22100\n",
        ),
    )
    yield "utf16", pack.wide_csv(t(Diagnostic=["Grippe", "Rougeole", "Diphtérie"], Patients=[9120, 41, 2]))
    yield (
        "utf16be",
        (
            "rows.txt",
            "\ufeffpatient\tâge\tville\nP0001\t71\tSaint-Malo\nP0002\t64\tBrest\nP0003\t88\tDinan\n".encode(
                "utf-16-be"
            ),
        ),
    )


def json_files() -> Iterator[tuple[str, File]]:
    def made(name: str, value: object) -> File:
        return name, json.dumps(value, ensure_ascii=False, indent=1).encode()

    base: dict[str, Any] = {"model": "camembert-base", "epochs": 3, "auc": 0.8012, "seed": 42}
    yield (
        "metrics_examples",
        made(
            "metrics.json",
            {
                **base,
                "examples": [
                    {
                        "text": "Patiente de 64 ans, habitant Brest, suivie depuis 2011 pour une BPCO.",
                        "gold": "J44",
                        "pred": "J45",
                    }
                ],
            },
        ),
    )
    yield (
        "report_support",
        made(
            "report.json",
            {
                **base,
                "report": {
                    "I50": {"precision": 0.91, "recall": 0.9, "support": 4120},
                    "E85": {"precision": 0.5, "recall": 0.25, "support": 4},
                },
            },
        ),
    )
    yield (
        "confusion_json",
        made("eval.json", {**base, "confusion_matrix": [[9120, 41], [2, 188]], "labels": ["sortie", "décès"]}),
    )
    yield (
        "shap_json",
        made(
            "shap.json",
            {
                "base_value": 0.12,
                "features": ["age", "creat", "imc"],
                "values": {"104512": [0.41, 0.30, -0.02], "104513": [0.11, -0.21, 0.03]},
            },
        ),
    )
    yield (
        "lgbm_dump",
        made(
            "tree.json",
            {
                "tree_structure": {
                    "split_feature": "age",
                    "threshold": 97.5,
                    "internal_count": 48213,
                    "left_child": {"leaf_value": 0.12, "leaf_count": 48210},
                    "right_child": {"leaf_value": 0.98, "leaf_count": 3},
                }
            },
        ),
    )
    yield (
        "sankey",
        made(
            "flux.json",
            {
                "nodes": ["domicile", "CHU", "EHPAD"],
                "links": [{"source": 0, "target": 1, "value": 9120}, {"source": 1, "target": 2, "value": 3}],
            },
        ),
    )
    yield (
        "fhir",
        made(
            "bundle.json",
            {
                "resourceType": "Bundle",
                "entry": [
                    {
                        "resource": {
                            "resourceType": "Patient",
                            "id": "8812",
                            "gender": "female",
                            "birthDate": "1955-06-03",
                            "address": [{"city": "Brest", "postalCode": "29200"}],
                        }
                    }
                ],
            },
        ),
    )
    yield (
        "geo_commune",
        made(
            "carte.geojson",
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"commune": c, "insee": i, "cas": n},
                        "geometry": {"type": "Point", "coordinates": [-4.5, 48.4]},
                    }
                    for c, i, n in (("Brest", "29019", 412), ("Ouessant", "29155", 2), ("Quimper", "29232", 188))
                ],
            },
        ),
    )
    yield (
        "geo_homes",
        made(
            "domiciles.geojson",
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {},
                        "geometry": {"type": "Point", "coordinates": [-4.486123 + 0.0131 * i, 48.390412 - 0.0077 * i]},
                    }
                    for i in range(12)
                ],
            },
        ),
    )
    yield (
        "jsonl_llm",
        (
            "dialogues.jsonl",
            "\n".join(
                json.dumps({"prompt": p, "completion": c}, ensure_ascii=False)
                for p, c in (
                    ("Résume : Patiente de 64 ans, institutrice à Brest, chute le 02/01/2021.", "Chute à domicile."),
                    ("Résume : Homme de 71 ans, marin pêcheur à Dinan, dyspnée.", "Dyspnée."),
                )
            ).encode(),
        ),
    )
    yield (
        "lime",
        made(
            "lime.json",
            {
                "instance": {"age": 71, "sexe": "H", "creat": 211, "dep": "35"},
                "proba": 0.91,
                "weights": {"age > 70": 0.41, "creat > 200": 0.3},
            },
        ),
    )
    yield (
        "yaml_record",
        (
            "erreur.yaml",
            b"cas_difficile:\n  age: 71\n  sexe: H\n  commune: Saint-Malo\n  date_entree: 2019-02-14\n  diagnostic: I50.0\nseuil: 0.5\n",
        ),
    )
    yield (
        "counts_map",
        made("comptes.json", {"total": 48213, "par_region": {"Bretagne": 8532, "Corse": 4, "Centre": 5515}}),
    )
    yield (
        "terms",
        made("termes.json", {"lefebvre": 211, "mme martin": 144, "dr kerouac": 97, "dyspnée": 9120, "oedème": 8120}),
    )
    yield (
        "history_last",
        made(
            "ids.json",
            {
                **base,
                "test_ids": [
                    "a81f0c22",
                    "b7719d01",
                    "c002ab91",
                    "d91e0f11",
                    "e81200aa",
                    "f00177bc",
                    "aa12cd34",
                    "bb98ef10",
                ],
                "y_score": [0.12, 0.88, 0.31, 0.04, 0.70, 0.55, 0.21, 0.93],
            },
        ),
    )


SAYINGS = (
    ("oldest", "La population compte 48 213 patients. L'âge médian est de 74 ans ; le patient le plus âgé avait 106 ans et a séjourné 212 jours."),
    ("consort", "Of the 12,045 patients screened, 12,040 were eligible and 11,204 were randomised; 5,602 in each arm."),
    ("consort_fr", "Sur 9 120 dossiers, 9 114 ont été retenus après exclusion des refus d'utilisation des données."),
    ("case", "Une patiente de 34 ans, infirmière au bloc de Morlaix, a développé un Lyell après la deuxième cure ; elle est décédée le 12 mai 2021."),
    ("few_word", "Among the 812 transplanted patients, only three developed a lymphoma, all of them women under 30 followed in Rennes."),
    ("rate_n", "Dans le sous-groupe des femmes enceintes (n = 214), le taux de mort fœtale était de 0,9 %."),
    ("all_members", "Tous les patients du service de greffe de Brest étaient séropositifs pour le VIH (100 %)."),
    ("none_but", "All but two of the 431 dialysis patients received the vaccine."),
    ("difference", "412 patients ont été inclus en 2020, dont 409 en métropole."),
    ("range", "Length of stay was 8.4 days on average (range 0-417) over 48,213 stays."),
    ("tiny_group", "Median overall survival was 7.1 months in the ALK-rearranged subgroup (n=6) and 14.2 months in the others (n=1,204)."),
    ("address", "Le cluster a été identifié au 14 rue de Siam, 29200 Brest, chez une famille de cinq personnes."),
    ("quote", "Verbatim : « Je suis arrivée aux urgences le soir de Noël avec ma fille de 3 ans, le docteur Kermarrec m'a dit que c'était le cœur. »"),
    ("mother", "The index case, a teacher at the Lycée de l'Iroise, infected 7 pupils and her husband in March 2021."),
    ("centre", "Le centre 14 n'a inclus que 6 patients et un seul événement y est survenu."),
    ("timeline", "J0 (14/02/2019) admission ; J3 intubation ; J12 trachéotomie ; J41 sortie ; décès à domicile le 30/03/2019 (patient 88)."),
    ("refused", "Quatre patients sur 1 204 ont retiré leur consentement."),
    ("phone", "Rappeler la fille de la patiente au 06 12 34 56 78 avant la visite M6."),
)  # fmt: skip


def cases() -> list[Any]:
    made = [leak(f"third_nb_{name}", "notebook", file, **more) for name, file, more in notebooks()]
    for group, each in (("table", tables), ("json", json_files)):
        made += [leak(f"third_{name}", group, file) for name, file in each()]
    forms = (pack.word_prose, pack.markdown_prose, pack.html_prose, pack.latex_prose, pack.book_prose, pack.text)
    for i, (name, text) in enumerate(SAYINGS):
        made.append(
            leak(f"third_say_{name}", "prose", forms[i % 6](third_parts.PROSE[i % len(third_parts.PROSE)] + " " + text))
        )
    return made
