"""The extract of 50 million claim lines against a bare DuckDB COPY of the same rows and columns, and against pandas."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
from _measure import Measure, alternate, measure, peak_memory

from ecluse.data import extract_project
from ecluse.data.index import FOLDER
from ecluse.data.ordered import LEVEL
from ecluse.data.pseudonyms import ProjectKeys, pseudonym
from ecluse.data.synthetic import register
from ecluse.data.synthetic.claims import claims
from ecluse.data.synthetic.people import BLOCK, blocks
from ecluse.data.synthetic.writer import TableWriter
from ecluse.rules.dataset import Dataset
from ecluse.rules.policy import OutputRules, Policies
from ecluse.rules.project import Project
from ecluse.store.policy_files import read_policies

NAMES = ("extract-50m", "extract-first", "extract-memory", "extract-vs-pandas", "extract-growth")
REPO = Path(__file__).parents[2]
ROOT = REPO / "build" / "bench-extract"
LINES = 50_000_000
LINES_PER_PERSON = 24
COLUMNS = ["BEN_NIR_PSA", "BEN_SEX_COD", "BEN_NAI_ANN", "EXE_SOI_DTD", "PRS_NAT_REF", "PRS_ACT_QTE", "PRS_PAI_MNT"]
FILTER = "DPN_QLF <> 71 AND CPL_MAJ_TOP < 2"
FROM, TO = date(2022, 1, 1), date(2024, 12, 31)
KEY = bytes(range(32))


def policies() -> Policies:
    """The shipped SNDS, and a permit over its claims: filter, period, columns, pseudonyms, months."""
    snds = read_policies(REPO / "policies").datasets["snds"]
    permit = {
        "period": {"from": FROM, "to": TO},
        "tables": {"ER_PRS_F": {"columns": COLUMNS, "rows": FILTER}},
    }
    project = Project.model_validate(
        {
            "id": "bench", "title": "Bench", "purpose": "To measure.", "legal_basis": "none", "starts": FROM,
            "expires": date(2099, 1, 1), "members": {"ada": "lead"}, "permit": {"snds": permit},
        }
    )  # fmt: skip
    return Policies({}, {"bench": project}, {"snds": snds}, {}, OutputRules())


def sources(lines: int, progress: Callable[[str], None]) -> Path:
    """Claims and register of about so many lines; kept between runs."""
    folder = ROOT / f"{lines}"
    done = folder / "done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        snds: Dataset = policies().datasets["snds"]
        at = folder / "sources" / "snds"
        with (
            TableWriter(at, "ER_PRS_F", snds.tables["ER_PRS_F"]) as written,
            TableWriter(at, "IR_BEN_R", snds.tables["IR_BEN_R"]) as known,
        ):
            for block in blocks(lines // LINES_PER_PERSON // BLOCK * BLOCK + BLOCK, 1):
                if written.rows >= lines:
                    break
                written.write(claims(block, 1)["ER_PRS_F"])
                known.write(register(block)["IR_BEN_R"])
                progress(f"{written.rows:,} of {lines:,} lines")
        (folder / "keys").mkdir()
        key = folder / "keys" / "pseudonyms.key"
        key.write_bytes(KEY)
        key.chmod(0o400)
        done.touch()
    return folder


def ours(folder: Path, *, first: bool = False) -> float:
    """Seconds of one extract in a process of its own; its peak memory goes to `PEAKS`.

    `first`: of this version of the sources, so that it has to work out whose each line is. Projects share that.
    """
    shutil.rmtree(folder / "extracts", ignore_errors=True)
    if first:
        shutil.rmtree(folder / "sources" / "snds" / FOLDER, ignore_errors=True)
    code = f"import sys; sys.path[:0] = {sys.path!r}; import extract; extract.child({str(folder)!r})"
    made = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    found = json.loads(made.stdout.splitlines()[-1])
    PEAKS.append(found["peak"])
    return float(found["seconds"])


PEAKS: list[float] = []


def child(folder: str) -> None:
    """One extract; prints seconds and the peak of resident memory in MB."""
    at = Path(folder)
    begin = time.monotonic()
    extract_project(policies(), "bench", at / "sources", at / "extracts", at / "keys", datetime.now(UTC))
    seconds = time.monotonic() - begin
    print(json.dumps({"seconds": seconds, "peak": peak_memory()}))


def bare(folder: Path) -> float:
    """Seconds of DuckDB's COPY of the same rows and columns, without pseudonyms, with the same memory and threads."""
    target = folder / "bare.parquet"
    begin = time.monotonic()
    settings = {
        "memory_limit": "1400MB",
        "threads": 2,
        "temp_directory": str(folder / "spill"),
        "preserve_insertion_order": False,
    }
    with duckdb.connect(config=settings) as connection:
        connection.execute(
            f"COPY (SELECT {', '.join(COLUMNS)} FROM '{folder}/sources/snds/ER_PRS_F.parquet' WHERE {FILTER} "
            f"AND EXE_SOI_DTD BETWEEN DATE '{FROM}' AND DATE '{TO}' "
            "AND FLX_DIS_DTD BETWEEN DATE '2022-02-01' AND DATE '2025-07-31') "
            f"TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL {LEVEL})"
        )
    seconds = time.monotonic() - begin
    target.unlink()
    return seconds


def in_pandas(folder: Path) -> float:
    """Seconds of the same extract as one writes it in pandas: pseudonyms row by row, dates by month, sorted."""
    begin = time.monotonic()
    at = folder / "sources" / "snds"
    people = pd.read_parquet(at / "IR_BEN_R.parquet", columns=["BEN_NIR_PSA", "BEN_RNG_GEM", "BEN_NIR_ANO"])
    frame = pd.read_parquet(
        at / "ER_PRS_F.parquet", columns=[*COLUMNS, "BEN_RNG_GEM", "DPN_QLF", "CPL_MAJ_TOP", "FLX_DIS_DTD"]
    )
    day, flow = pd.to_datetime(frame["EXE_SOI_DTD"]), pd.to_datetime(frame["FLX_DIS_DTD"])
    frame["EXE_SOI_DTD"] = day.dt.to_period("M").dt.to_timestamp()
    keep = (frame["DPN_QLF"] != 71) & (frame["CPL_MAJ_TOP"] < 2)
    keep &= day.between(pd.Timestamp(FROM), pd.Timestamp(TO)) & flow.between("2022-02-01", "2025-07-31")
    frame = frame[keep].merge(people, on=["BEN_NIR_PSA", "BEN_RNG_GEM"])
    key = ProjectKeys("bench", 1, KEY).key("nir")
    frame["BEN_NIR_PSA"] = frame["BEN_NIR_ANO"].map(lambda one: pseudonym(key, one))
    frame[COLUMNS].sort_values(COLUMNS).to_parquet(folder / "pandas.parquet", compression="zstd")
    return time.monotonic() - begin


def run(progress: Callable[[str], None]) -> list[Measure]:
    """One first extract, three alternating runs at 50 M lines, five at 5 M: about 10 minutes on two quiet cores."""
    progress("sources")
    small, large = sources(LINES // 10, progress), sources(LINES, progress)
    progress("50 M lines: extract and bare COPY")
    first = ours(large, first=True)
    fifty, copy = alternate(lambda: ours(large), lambda: bare(large), 3)
    peak = max(PEAKS)
    progress("5 M lines: extract and pandas")
    ours(small)
    five, frames = alternate(lambda: ours(small), lambda: in_pandas(small), 5)
    rows = {
        n: pq.ParquetFile(f / "sources/snds/ER_PRS_F.parquet").metadata.num_rows for n, f in ((5, small), (50, large))
    }
    return [
        measure("extract-50m", fifty, "s", "bare DuckDB COPY, same rows and columns", copy, 1.5),
        measure("extract-first", first, "s", "the same COPY; once per version of the sources", copy, 2.5),
        measure("extract-memory", peak, "MB", "2 GB", 2000, 1.0),
        measure("extract-vs-pandas", frames, "s", "extract of the same 5 M lines", five, 10, most=False),
        measure("extract-growth", fifty / rows[50] * 1e6, "s/M", "5 M lines, per line", five / rows[5] * 1e6, 1.1),
    ]
