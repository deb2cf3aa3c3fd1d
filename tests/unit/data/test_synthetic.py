"""The made-up sources have the traps of the real ones, and the truths that they say are planted."""

import json
import math
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from ecluse.data import synthesise
from ecluse.data.synthetic.claims import KEYS
from ecluse.data.synthetic.warehouse import truth, warehouse
from ecluse.store.policy_files import read_policies

REPO = Path(__file__).parents[3]
DATASETS = read_policies(REPO / "policies").datasets
MADE = ("snds", "hydro", "bacthub", "ordei", "medicines")
NINE = ", ".join(KEYS)
PMSI = ("T_MCOaaB", "T_MCOaaC", "T_MCOaaA", "T_MCOaaD", "T_MCOaaUM")


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("sources")
    synthesise(folder, {n: DATASETS[n] for n in MADE}, scale=0.6, seed=3)
    connection = duckdb.connect()
    for file in folder.rglob("*.parquet"):
        connection.execute(f"CREATE VIEW {file.stem} AS FROM '{file}'")
    return connection


def one(db: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """The only row of a query; its only value, if it is one."""
    (row,) = db.execute(sql).fetchall()
    return row[0] if len(row) == 1 else row


def test_reversal_lines_undo_an_earlier_line_and_some_are_corrected(db):
    lines, undone = one(db, "SELECT count(*), count(*) FILTER (PHA_ACT_QSN < 0) FROM ER_PHA_F")
    assert 0.005 < undone / lines < 0.05
    keys = [k for k in KEYS if k != "PRS_ORD_NUM"]
    same = " AND ".join(f"a.{k} = b.{k}" for k in keys)
    pair = f"{same} AND a.PHA_ACT_QSN = -b.PHA_ACT_QSN AND a.PRS_ORD_NUM + 100 = b.PRS_ORD_NUM"
    assert one(db, f"SELECT count(*) FROM ER_PHA_F b JOIN ER_PHA_F a ON {pair} WHERE b.PHA_ACT_QSN < 0") == undone
    again = f"{same} AND a.PHA_ACT_QSN = -b.PHA_ACT_QSN AND a.PRS_ORD_NUM = b.PRS_ORD_NUM + 100"
    assert 0 < one(db, f"SELECT count(*) FROM ER_PHA_F b JOIN ER_PHA_F a ON {again} WHERE b.PHA_ACT_QSN < 0") < undone
    assert one(db, "SELECT count(*) FROM ER_PRS_F WHERE (PRS_ACT_QTE < 0) <> (PRS_PAI_MNT < 0)") == 0


def test_care_of_a_month_arrives_over_several_flows_and_eighteen_hold_nearly_all(db):
    flows = "SELECT EXE_SOI_AMD, count(DISTINCT FLX_DIS_DTD) AS n FROM ER_PRS_F GROUP BY ALL"
    assert one(db, f"SELECT median(n) FROM ({flows})") >= 4
    assert one(db, "SELECT count(*) FROM ER_PRS_F WHERE day(FLX_DIS_DTD) <> 1") == 0
    assert one(db, "SELECT count(*) FROM ER_PRS_F WHERE FLX_DIS_DTD <= EXE_SOI_DTD") == 0
    share = "avg((FLX_DIS_DTD BETWEEN DATE '2022-02-01' AND DATE '2023-{}-01')::INT)"
    of_2022 = "FROM ER_PRS_F WHERE year(EXE_SOI_DTD) = 2022"
    assert 0.98 < one(db, f"SELECT {share.format('07')} {of_2022}") < 1
    assert one(db, f"SELECT avg((year(FLX_DIS_DTD) = 2022)::INT) {of_2022}") < 0.95


def test_some_stays_up_to_2017_come_twice_under_two_finess_numbers(db):
    life = "c.NIR_ANO_17, c.EXE_SOI_DTD, c.EXE_SOI_DTF, b.GRG_GHM, b.DGN_PAL"
    twice = f"""
        SELECT year(c.EXE_SOI_DTF) AS year, count(DISTINCT c.ETA_NUM) AS hospitals, count(DISTINCT c.RSA_NUM) AS stays
        FROM T_MCOaaC c JOIN T_MCOaaB b USING (ETA_NUM, RSA_NUM) WHERE c.NIR_ANO_17 IS NOT NULL
        GROUP BY {life}, year HAVING count(*) > 1"""
    found = db.execute(f"SELECT year, count(*), min(hospitals), min(stays) FROM ({twice}) GROUP BY year").fetchall()
    assert {year for year, *_ in found} == {2016, 2017}
    assert all((hospitals, stays) == (2, 2) for _, _, hospitals, stays in found)
    assert sum(n for _, n, *_ in found) >= 20
    assert one(db, "SELECT count(*) FROM T_MCOaaC WHERE ETA_NUM >= 750600000 AND year(EXE_SOI_DTF) > 2017") == 0
    assert one(db, f"SELECT count(*) FROM ({twice.replace('WHERE', 'WHERE c.ETA_NUM < 750600000 AND')})") == 0
    acts = "SELECT count(*) FROM T_MCOaaA WHERE ETA_NUM::BIGINT >= 750600000"
    assert one(db, acts) > 0, "the second time a stay comes with its acts"


def test_pmsi_keys_are_numbers_in_two_tables_and_digits_in_three(db):
    kinds = {
        table: tuple(t for (t,) in db.execute(f"SELECT typeof(ETA_NUM) FROM {table} LIMIT 1").fetchall())
        for table in PMSI
    }
    assert kinds == {t: ("BIGINT",) if t in PMSI[:2] else ("VARCHAR",) for t in PMSI}
    for table in PMSI[2:]:
        rows = one(db, f"SELECT count(*) FROM {table}")
        joined = f"FROM {table} a JOIN T_MCOaaB b ON a.ETA_NUM::BIGINT = b.ETA_NUM AND a.RSA_NUM::BIGINT = b.RSA_NUM"
        assert one(db, f"SELECT count(*) {joined}") == rows
        assert one(db, f"SELECT count(*) {joined} WHERE a.RSA_NUM = b.RSA_NUM::VARCHAR") == 0, "zeros in front"


def test_a_person_can_have_several_numbers_and_twins_share_one(db):
    assert one(db, "SELECT max(n) FROM (SELECT count(DISTINCT BEN_NIR_PSA) n FROM IR_BEN_R GROUP BY BEN_NIR_ANO)") == 2
    several = "SELECT BEN_NIR_ANO FROM IR_BEN_R GROUP BY ALL HAVING count(DISTINCT BEN_NIR_PSA) > 1"
    persons = one(db, "SELECT count(DISTINCT BEN_NIR_ANO) FROM IR_BEN_R")
    assert 0.02 < one(db, f"SELECT count(*) FROM ({several})") / persons < 0.1
    used = f"""SELECT BEN_NIR_ANO FROM ER_PRS_F p JOIN IR_BEN_R r USING (BEN_NIR_PSA, BEN_RNG_GEM)
        WHERE BEN_NIR_ANO IN ({several}) GROUP BY ALL HAVING count(DISTINCT p.BEN_NIR_PSA) > 1"""
    assert one(db, f"SELECT count(*) FROM ({used})") > 10, "claims come under both"
    twins = "SELECT BEN_NIR_PSA FROM IR_BEN_R GROUP BY ALL HAVING count(DISTINCT BEN_NIR_ANO) > 1"
    assert one(db, f"SELECT count(*) FROM ({twins})") > 0
    ranks = f"SELECT count(DISTINCT BEN_RNG_GEM) n FROM IR_BEN_R WHERE BEN_NIR_PSA IN ({twins}) GROUP BY BEN_NIR_PSA"
    assert one(db, f"SELECT min(n) FROM ({ranks})") == 2


@pytest.mark.parametrize("table", ["IR_BEN_R", "ER_PRS_F"])
def test_most_deaths_are_1600_and_the_others_lie_in_the_period(db, table):
    died = "BEN_DCD_DTE >= DATE '2021-01-01'"
    counts = f"count(*) FILTER (BEN_DCD_DTE = DATE '1600-01-01'), count(*) FILTER ({died})"
    unknown, known = one(db, f"SELECT {counts} FROM {table}")
    assert unknown > 20 * known > 0
    assert unknown + known == one(db, f"SELECT count(*) FROM {table}")


@pytest.mark.parametrize(
    ("table", "filter_", "low", "high"),
    [
        ("ER_PRS_F", "DPN_QLF = 71 AND PRS_DPN_QLP = 71", 0.005, 0.02),
        ("ER_PRS_F", "CPL_MAJ_TOP >= 2", 0.005, 0.02),
        ("ER_ETE_F", "ETE_IND_TAA = 1", 0.1, 0.4),
        ("ER_ETE_F", "ETE_IND_TAA IS NULL", 0.3, 0.7),
        ("T_MCOaaB", "GRG_GHM LIKE '90%'", 0.003, 0.02),
        ("T_MCOaaB", "GRG_RET <> '0'", 0.005, 0.05),
        ("T_MCOaaC", "NIR_RET <> '0'", 0.003, 0.03),
        ("T_MCOaaC", "NIR_ANO_17 IS NULL", 0.001, 0.02),
        ("KI_CCI_R", "BEN_NIR_ANO IS NULL", 0.01, 0.35),
    ],
)
def test_lines_that_the_quality_filters_are_for_are_there(db, table, filter_, low, high):
    assert low < one(db, f"SELECT avg(coalesce({filter_}, false)::INT) FROM {table}") < high


def test_claims_need_all_nine_keys(db):
    assert one(db, f"SELECT count(*) - count(DISTINCT ({NINE})) FROM ER_PRS_F") == 0
    fewer = ", ".join(k for k in KEYS if k != "ORG_CLE_NUM")
    assert one(db, f"SELECT count(*) - count(DISTINCT ({fewer})) FROM ER_PRS_F") > 0
    assert one(db, f"SELECT count(*) FROM ER_PHA_F JOIN ER_PRS_F USING ({NINE})") == one(
        db, "SELECT count(*) FROM ER_PHA_F"
    )


def test_each_true_link_is_a_stay_with_an_implantation(db):
    links, right = one(
        db,
        """SELECT count(*), count(DISTINCT DEVICE) FILTER (CDC_ACT = 'DELF007') FROM TRUE_LINKS l JOIN T_MCOaaA a
        ON a.ETA_NUM::BIGINT = l.ETA_NUM AND a.RSA_NUM::BIGINT = l.RSA_NUM""",
    )
    assert links >= right == one(db, "SELECT count(*) FROM TRUE_LINKS") > 50
    assert 0 < one(db, "SELECT count(*) FROM IMPLANTS ANTI JOIN TRUE_LINKS USING (DEVICE)") < 0.2 * right


def test_a_hospital_number_is_one_person_there_and_another_elsewhere(db):
    assert one(db, "SELECT count(*) - count(DISTINCT (IPP, HOSPITAL)) FROM IDENTITY") == 0
    shared = "SELECT IPP FROM TRUE_PERSONS GROUP BY IPP HAVING count(*) > 1"
    assert one(db, f"SELECT count(*) FROM ({shared})") > 20
    alike = f"SELECT IPP FROM TRUE_PERSONS WHERE IPP IN ({shared}) GROUP BY IPP HAVING count(DISTINCT PERSON) = 1"
    assert one(db, f"SELECT count(*) FROM ({alike})") == 0
    assert one(db, "SELECT count(PERSON) FROM PATIENT_INDEX") == 0, "nothing is consolidated yet"


def test_later_hospitals_write_identities_differently(db):
    named = "(FROM TRUE_PERSONS JOIN IDENTITY USING (IPP, HOSPITAL))"
    pairs = f"FROM {named} i JOIN {named} o ON o.PERSON = i.PERSON AND o.HOSPITAL > i.HOSPITAL"
    columns = ("LAST_NAME", "FIRST_NAME", "BIRTH_DATE", "DEPARTMENT")
    differs = " OR ".join(f"i.{c} <> o.{c}" for c in columns)
    all_, different = one(db, f"SELECT count(*), count(*) FILTER ({differs}) {pairs}")
    assert 0.1 < different / all_ < 0.5


def test_the_planted_effect_of_an_antibiotic_is_there():
    """The crude odds ratio over enough isolates lies within 99.9 % of the planted one."""
    count = {(e, r): 0 for e in (0, 1) for r in (0, 1)}
    for tables in warehouse(4.0, 5):
        given = {
            int(s)
            for s, a in zip(tables["PRESCRIPTIONS"]["STAY"], tables["PRESCRIPTIONS"]["ATC"], strict=True)
            if str(a).startswith("J01MA")
        }
        lines = tables["ANTIBIOGRAMS"]
        for stay, species, atc, result in zip(
            lines["STAY"], lines["SPECIES"], lines["ATC"], lines["RESULT"], strict=True
        ):
            if species == truth()["species"] and atc == truth()["result"]:
                count[int(int(stay) in given), int(result == "R")] += 1
    ratio = math.log(count[1, 1] * count[0, 0] / count[1, 0] / count[0, 1])
    error = math.sqrt(sum(1 / n for n in count.values()))
    assert abs(ratio - math.log(truth()["odds_ratio"])) < 3.3 * error
    assert ratio > 3.3 * error


def test_the_planted_signal_is_there(db):
    share = "count(*) FILTER (REACTION = 'Rhabdomyolysis') / count(*)"
    signal = one(db, f"SELECT {share} FROM CASES WHERE SUBSTANCE = 'colchicine'")
    rest = one(db, f"SELECT {share} FROM CASES WHERE SUBSTANCE <> 'colchicine'")
    assert signal > 2 * rest
    assert one(db, "SELECT count(*) FROM EXPOSED WHERE PATIENTS < 10") == 0
    assert one(db, "SELECT count(*) FROM EXPOSED WHERE PATIENTS IS NULL") > 0


def test_equal_seeds_make_equal_sources_and_truths_are_written(tmp_path):
    wanted = {"bacthub": DATASETS["bacthub"], "ordei": DATASETS["ordei"]}
    for name, seed in {"a": 1, "b": 1, "c": 2}.items():
        synthesise(tmp_path / name, wanted, scale=0.02, seed=seed)
    a, b, c = (pq.read_table(tmp_path / n / "bacthub/STAYS.parquet") for n in "abc")
    assert a.equals(b)
    assert not a.equals(c)
    truths = json.loads((tmp_path / "a/truths.json").read_text())
    assert truths["bacthub"]["odds_ratio"] > 1
    assert truths["ordei"]["substance"] == "colchicine"
