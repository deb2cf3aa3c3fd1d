"""The shipped catalogue: true to the SNDS, valid as HealthDCAT-AP, and its demo permits can be carried out."""

import hashlib
from datetime import date
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import DCAT, DCTERMS, Graph

from ecluse.data.dcat import Site, catalogue_graph, write_catalogue
from ecluse.data.synthetic.claims import KEYS
from ecluse.rules.dataset import ColumnRole
from ecluse.rules.extract import plan_extract
from ecluse.rules.extract_words import describe
from ecluse.store.policy_files import read_policies

REPO = Path(__file__).parents[3]
POLICIES = read_policies(REPO / "policies")
SHAPES = Graph().parse(Path(__file__).with_name("healthdcat-shapes.ttl"))
SNDS_TABLES = {
    "ER_PRS_F": 123, "ER_PHA_F": 23, "ER_ETE_F": 24, "ER_BIO_F": 14, "ER_CAM_F": 35, "IR_BEN_R": 21, "IR_IMB_R": 13,
    "T_MCOaaB": 94, "T_MCOaaC": 40, "T_MCOaaUM": 26, "T_MCOaaD": 5, "T_MCOaaA": 15, "KI_CCI_R": 49, "KI_ECD_R": 12,
}  # fmt: skip


def small() -> dict:
    """Datasets of each kind; the SNDS with two tables, for time."""
    found = dict(POLICIES.datasets)
    snds = found["snds"]
    found["snds"] = snds.model_copy(update={"tables": {t: snds.tables[t] for t in ("IR_BEN_R", "ER_PHA_F")}})
    return found


def test_the_snds_core_has_its_tables_and_columns() -> None:
    assert {t: len(table.columns) for t, table in POLICIES.datasets["snds"].tables.items()} == SNDS_TABLES


def test_the_snds_core_has_its_names_types_and_keys() -> None:
    # Computed once over the 494 columns of the published schema-snds: sorted lines `TABLE.COLUMN:type`.
    tables = POLICIES.datasets["snds"].tables
    lines = sorted(f"{t}.{c}:{column.type}" for t, table in tables.items() for c, column in table.columns.items())
    assert len(lines) == 494
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert digest == "13c2cd3cbdbbeaad71d14adc1daace1180c049ed01de32d7322b33ae956a5eb3"
    assert sorted(tables["ER_PRS_F"].keys) == sorted(KEYS)
    assert set(tables["IR_BEN_R"].keys) == {"BEN_NIR_PSA", "BEN_RNG_GEM"}
    for name in ("T_MCOaaB", "T_MCOaaC"):
        assert set(tables[name].keys) == {"ETA_NUM", "RSA_NUM"}


def test_the_nine_keys_join_claims() -> None:
    tables = POLICIES.datasets["snds"].tables
    for child in ("ER_PHA_F", "ER_ETE_F", "ER_BIO_F", "ER_CAM_F"):
        parent = tables[child].parent
        assert parent is not None
        assert (parent.table, len(parent.by)) == ("ER_PRS_F", 9)


def test_no_professional_and_no_direct_identifier_can_be_granted() -> None:
    snds = POLICIES.datasets["snds"].tables["ER_PRS_F"].columns
    roles = {snds[c].role for c in ("PFS_EXE_NUM", "PFS_PRE_NUM", "PRS_MTT_NUM", "PSP_PPS_NUM")}
    assert roles == {ColumnRole.PROFESSIONAL}


@pytest.mark.parametrize("project", sorted(POLICIES.projects))
def test_each_demo_permit_can_be_carried_out_and_said(project: str) -> None:
    plan = plan_extract(POLICIES, project)
    words = describe(plan)
    assert {d.dataset for d in plan.datasets} == set(POLICIES.projects[project].permit)
    assert len(words) > len(plan.datasets) + 3


def test_a_year_of_care_takes_eighteen_flows() -> None:
    plan = plan_extract(POLICIES, "bacthub")
    window = next(d for d in plan.datasets if d.dataset == "snds").tables["ER_PRS_F"].window
    assert window is not None
    assert (window.first_flow, window.last_flow) == (date(2022, 2, 1), date(2025, 7, 1))


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser uses it
def test_the_catalogue_is_valid_healthdcat(tmp_path: Path) -> None:
    turtle, json_ld = write_catalogue(small(), Site(), tmp_path)
    graph = Graph().parse(turtle)
    valid, _, text = validate(graph, shacl_graph=SHAPES)
    assert valid, text
    assert len(Graph().parse(json_ld)) == len(graph)


@pytest.mark.parametrize("gone", [DCTERMS.title, DCTERMS.publisher, DCAT.distribution, DCAT.keyword])
def test_the_shapes_find_what_is_missing(gone: object) -> None:
    graph = catalogue_graph({"gbsg2": POLICIES.datasets["gbsg2"]}, Site())
    graph.remove((None, gone, None))
    valid, _, _ = validate(graph, shacl_graph=SHAPES)
    assert not valid


def test_columns_that_are_never_granted_are_not_advertised() -> None:
    text = catalogue_graph({"hydro": POLICIES.datasets["hydro"]}, Site()).serialize()
    assert "IMPLANTED" in text
    assert "SERIAL" not in text
